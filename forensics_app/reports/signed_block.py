"""What is seen where somebody signed digitally: a page as large as the field."""

from __future__ import annotations

import io
from datetime import datetime

from forensics_app.model.dossier_paper import Stationery
from forensics_app.reports.closing import SIGNED_HEIGHT_PT, SIGNED_WIDTH_PT
from forensics_app.reports.fonts import Face
from forensics_app.reports.lines import Style, clip
from forensics_app.reports.pen import Pen
from forensics_app.reports.wording import words_of
from forensics_app.reports.words import say, speaking

_NAME = Style(Face.BOLD, 8.0, 9.5)
_REST = Style(Face.REGULAR, 6.4, 7.6)
_BAR_PT = 2.0
_CLOCK = "{time} UTC by the clock of the laboratory's computer"


def signed_block(name: str, certificate: str, issuer: str, at: datetime, stationery: Stationery) -> bytes:
    """Draw it.

    Args:
        name: Who signed.
        certificate: SHA-256 of their certificate, in hexadecimal digits.
        issuer: Who certified them.
        at: When, aware; printed in UTC.
        stationery: The language of its words, with the laboratory's own.
    """
    with speaking(words_of(stationery)):
        return _drawn(name, certificate, issuer, at, stationery.language)


def _drawn(name: str, certificate: str, issuer: str, at: datetime, language: str) -> bytes:
    out = io.BytesIO()
    pen = Pen(
        out, title=say("Signature"), author=name, subject="", made_at=at,
        size_pt=(SIGNED_WIDTH_PT, SIGNED_HEIGHT_PT), language=language,
    )  # fmt: skip
    room = SIGNED_WIDTH_PT - 8.0
    pen.ground(0.0, 1.0, _BAR_PT, SIGNED_HEIGHT_PT - 2.0, grey=0.0)
    lines = (
        (say("Digitally signed by {name}", name=name), _NAME),
        (say(_CLOCK, time=f"{at:%Y-%m-%d %H:%M:%S}"), _REST),
        (say("certified by {issuer}", issuer=issuer), _REST),
        (say("certificate SHA-256 {digits}…", digits=certificate[:32]), _REST),
    )
    baseline = SIGNED_HEIGHT_PT - 1.0
    for text, style in lines:
        baseline -= style.leading_pt - 0.6
        pen.text(6.0, baseline, clip(text, style, room), style)
    pen.end_page()
    pen.finish()
    return out.getvalue()
