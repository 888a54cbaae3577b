"""What is seen where somebody signed digitally: a page as large as the field."""

from __future__ import annotations

import io
from datetime import datetime

from forensics_app.reports.closing import SIGNED_HEIGHT_PT, SIGNED_WIDTH_PT
from forensics_app.reports.fonts import Face
from forensics_app.reports.lines import Style, clip
from forensics_app.reports.pen import Pen

_NAME = Style(Face.BOLD, 8.0, 9.5)
_REST = Style(Face.REGULAR, 6.4, 7.6)
_BAR_PT = 2.0


def signed_block(name: str, certificate: str, issuer: str, at: datetime) -> bytes:
    """Draw it.

    Args:
        name: Who signed.
        certificate: SHA-256 of their certificate, in hexadecimal digits.
        issuer: Who certified them.
        at: When, aware; printed in UTC.
    """
    out = io.BytesIO()
    pen = Pen(out, title="Signature", author=name, subject="", made_at=at, size_pt=(SIGNED_WIDTH_PT, SIGNED_HEIGHT_PT))
    room = SIGNED_WIDTH_PT - 8.0
    pen.ground(0.0, 1.0, _BAR_PT, SIGNED_HEIGHT_PT - 2.0, grey=0.0)
    lines = (
        (f"Digitally signed by {name}", _NAME),
        (f"{at:%Y-%m-%d %H:%M:%S} UTC by the clock of the laboratory's computer", _REST),
        (f"certified by {issuer}", _REST),
        (f"certificate SHA-256 {certificate[:32]}…", _REST),
    )
    baseline = SIGNED_HEIGHT_PT - 1.0
    for text, style in lines:
        baseline -= style.leading_pt - 0.6
        pen.text(6.0, baseline, clip(text, style, room), style)
    pen.end_page()
    pen.finish()
    return out.getvalue()
