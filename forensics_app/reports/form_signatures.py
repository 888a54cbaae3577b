"""The signatures of people without a key on the custody form, as they drew them on the screen."""

from __future__ import annotations

from collections.abc import Sequence

from forensics_app.model.custody_form import FormSignature
from forensics_app.reports.layout import CODE, LEFT_PT, WIDTH_PT, Sheet, Value
from forensics_app.reports.lines import Piece
from forensics_app.reports.pictures import draw_picture
from forensics_app.reports.values import digest_lines, number
from forensics_app.reports.words import say

_HEIGHT_PT, _WIDTH_PT = 60.0, 186.0


def draw_signatures(sheet: Sheet, signatures: Sequence[FormSignature]) -> None:
    """The signatures of people without a key, each beside who signed and the digest that its entry states."""
    for position, one in enumerate(signatures):
        if position == 0:
            sheet.subtitle("Signed on the screen by people without a key", room_pt=_HEIGHT_PT + 20.0)
        sheet.need(_HEIGHT_PT + 10.0)
        top, left = sheet.y_pt, LEFT_PT + WIDTH_PT - _WIDTH_PT
        who = one.who or say("not named")
        draw_picture(sheet.pen, one.jpeg, one.absent or None, left, top, _WIDTH_PT, _HEIGHT_PT, words=who)
        words: list[tuple[str, Value]] = [
            ("Signed by", who),
            ("For", say("entry {entry} of the record", entry=number(one.sequence))),
            ("SHA-256 of its file", tuple(Piece(digits, CODE) for digits in digest_lines(one.sha256, 4))),
        ]
        sheet.properties(words, width_pt=WIDTH_PT - _WIDTH_PT - 12.0, label_width_pt=86.0)
        sheet.y_pt = min(sheet.y_pt, top - _HEIGHT_PT) - 8.0
