"""A report told instead of drawn: the same parts, in the same words, for formats that have no pages.

Every part of a report draws on a :class:`~forensics_app.reports.layout.Sheet`. On a :class:`ToldSheet` nothing is
drawn: what would be is told to a :class:`~forensics_app.reports.layout.Teller`, which writes it as HTML or for a word
processor. So no format says more or less than the paper, and a part that is added to the paper is in all of them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from forensics_app.model.attachment import Attachment
from forensics_app.reports.fonts import visible
from forensics_app.reports.layout import (
    BODY,
    LABEL,
    LABEL_WIDTH_PT,
    TITLE_2,
    TITLE_3,
    TOP_PT,
    WIDTH_PT,
    Marks,
    Sheet,
    Value,
    pieces,
)
from forensics_app.reports.lines import Piece, Style, clip
from forensics_app.reports.pen import Lines, Pen
from forensics_app.reports.teller import Teller
from forensics_app.reports.words import say

_NUMERAL = re.compile(r"\d{1,4}\.")


def shown(piece: Piece) -> list[str]:
    """The lines of a text with every character that paper would print by its code point so written."""
    lines = [piece.text] if piece.style.keeps_spaces else piece.text.split("\n")
    return [line if line.isascii() and line.isprintable() else visible(line) for line in lines]


class ToldSheet(Sheet):
    """A sheet without an end, on which nothing is drawn."""

    def __init__(self, teller: Teller, marks: Marks) -> None:
        """Tell everything to ``teller``."""
        self._pen = _ToldPen(teller)
        super().__init__(self._pen, marks)
        self.teller = teller

    def need(self, height_pt: float) -> bool:
        """There is always room."""
        del height_pt
        self.y_pt = TOP_PT
        return False

    def new_page(self) -> None:
        """There are no pages."""

    def finish(self) -> None:
        """There is no last page."""

    def skip(self, height_pt: float) -> None:
        """There is no space to leave."""

    def heading(
        self, number: str, title: str, *, level: int = 1, room_pt: float = 60.0, lines_max: int | None = None
    ) -> None:
        """Tell a numbered heading; one that is told in full below it is cut about where paper cuts it."""
        del room_pt
        told = title if lines_max is None else clip(title, TITLE_2, lines_max * WIDTH_PT)
        self._teller.heading(number, told, level)

    def subtitle(self, title: str, *, room_pt: float = 40.0) -> None:
        """Tell an unnumbered heading."""
        del room_pt
        self._teller.paragraph([Piece(say(title), TITLE_3)])

    def paragraph(self, text: str, style: Style = BODY, *, indent_pt: float = 0.0, after_pt: float = 0.0) -> None:
        """Tell a paragraph."""
        del indent_pt, after_pt
        self._teller.paragraph([Piece(self._pen.numeral() + text, style)])

    def items(self, texts: Sequence[str], *, numbered: bool = False) -> None:
        """Tell a list."""
        for position, text in enumerate(texts, start=1):
            mark = f"{position}." if numbered else "\N{EN DASH}"
            self._teller.paragraph([Piece(f"{mark} {text}", BODY)])

    def properties(
        self,
        rows: Sequence[tuple[str, Value]],
        *,
        width_pt: float = WIDTH_PT,
        label_width_pt: float = LABEL_WIDTH_PT,
        labels_are_found: bool = False,
    ) -> None:
        """Tell labels and values."""
        del width_pt, label_width_pt
        told = [(Piece(label if labels_are_found else say(label), LABEL), pieces(value)) for label, value in rows]
        self._teller.properties(told)

    @property
    def _teller(self) -> Teller:
        return self._pen.teller


class _ToldPen(Pen):
    """Tells what parts draw by coordinates: words and pictures; rules, boxes and links have nothing to tell."""

    def __init__(self, teller: Teller) -> None:
        self.teller = teller
        self._numeral = ""

    def numeral(self) -> str:
        """The number that was drawn before the paragraph that comes, with a space behind it."""
        numeral, self._numeral = self._numeral, ""
        return numeral

    def text(self, x_pt: float, y_pt: float, text: str, style: Style) -> None:
        """Tell a line, or keep the number of a step."""
        del x_pt, y_pt
        if _NUMERAL.fullmatch(text):
            self._numeral = f"{text} "
        elif text:
            self.teller.paragraph([Piece(text, style)])

    def text_right(self, right_pt: float, y_pt: float, text: str, style: Style) -> None:
        """What stands at the right edge refers to the page."""

    def column(
        self, lines: Sequence[Piece], x_pt: float, right_pt: float | None, top_pt: float, leading_pt: float
    ) -> None:
        """Tell lines below one another."""
        del x_pt, right_pt, top_pt, leading_pt
        if lines:
            self.teller.paragraph(list(lines))

    def columns(self, columns: Sequence[Lines], top_pt: float, leading_pt: float) -> None:
        for x_pt, right_pt, lines in columns:
            self.column(lines, x_pt, right_pt, top_pt, leading_pt)

    def overline(self, x_pt: float, y_pt: float, words: str, style: Style) -> None:
        """Tell a short label."""
        del x_pt, y_pt, style
        self.teller.paragraph([Piece(say(words), TITLE_3)])

    def picture(
        self,
        jpeg: bytes,
        pixels: tuple[int, int],
        components: int,
        place_pt: tuple[float, float, float, float],
        words: str,
    ) -> None:
        """Tell a picture."""
        del components
        self.teller.picture(jpeg, pixels, place_pt[2:], words)

    def rule(self, x_pt: float, y_pt: float, width_pt: float, *, weight_pt: float = 0.4, grey: float = 0.0) -> None:
        """Nothing."""

    def box(self, x_pt: float, y_pt: float, width_pt: float, height_pt: float, *, grey: float = 0.6) -> None:
        """Nothing."""

    def ground(self, x_pt: float, y_pt: float, width_pt: float, height_pt: float, *, grey: float) -> None:
        """Nothing."""

    def stamp(self, name: str, x_pt: float, y_pt: float) -> None:
        """Nothing."""

    def bookmark(self, key: str, title: str, level: int, top_pt: float) -> None:
        """Nothing."""

    def signature_field(self, name: str, x_pt: float, y_pt: float, width_pt: float, height_pt: float) -> None:
        """Nothing: nobody signs a copy."""

    def begin_stamp(self, name: str) -> None:
        """Nothing."""

    def end_stamp(self) -> None:
        """Nothing."""

    def end_page(self) -> None:
        """Nothing."""

    def finish(self, attachments: Sequence[Attachment] = ()) -> None:
        """Nothing."""

    def link(self, key: str, x_pt: float, y_pt: float, width_pt: float, height_pt: float) -> None:
        """Nothing."""
