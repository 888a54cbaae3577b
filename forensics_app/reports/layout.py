"""The page of a report: its frame, its type sizes, and the flow of headings, paragraphs and properties down it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from forensics_app.reports.fonts import Face, visible
from forensics_app.reports.lines import Piece, Style, clip, shortened, wrap, wrapped
from forensics_app.reports.pen import PAGE_HEIGHT_PT, PAGE_WIDTH_PT, Pen
from forensics_app.reports.teller import Teller
from forensics_app.reports.words import say

LEFT_PT = 62.0
RIGHT_PT = PAGE_WIDTH_PT - 51.0
WIDTH_PT = RIGHT_PT - LEFT_PT
TOP_PT = PAGE_HEIGHT_PT - 76.0
BOTTOM_PT = 74.0

BODY = Style(Face.REGULAR, 9.0, 13.0)
BODY_BOLD = Style(Face.BOLD, 9.0, 13.0)
LABEL = Style(Face.REGULAR, 8.0, 11.5, 0.35)
VALUE = Style(Face.REGULAR, 8.5, 11.5)
NAME = Style(Face.REGULAR, 8.5, 11.5, keeps_spaces=True)
ABSENT = Style(Face.ITALIC, 8.5, 11.5, 0.35)
CODE = Style(Face.MONO, 7.8, 11.5, keeps_spaces=True)
TITLE_1 = Style(Face.BOLD, 14.0, 19.0)
TITLE_2 = Style(Face.BOLD, 10.5, 15.0)
TITLE_3 = Style(Face.BOLD, 8.5, 12.0)
OVERLINE = Style(Face.BOLD, 6.3, 10.0, 0.35)
RUNNING = Style(Face.REGULAR, 7.2, 10.0, 0.25)
RUNNING_SMALL = Style(Face.REGULAR, 6.2, 10.0, 0.25)
RUNNING_BOLD = Style(Face.BOLD, 7.2, 10.0)

NOT_SUPPLIED = "not supplied"
TOTAL_PAGES = "total-pages"
LABEL_WIDTH_PT = 122.0


class Marks(NamedTuple):
    """What stands on every page: where the paper belongs, which zone its times have, and whether it is issued."""

    laboratory: str
    identity: str
    zone: str
    status: str


class Entry(NamedTuple):
    """A heading as the table of contents lists it."""

    key: str
    number: str
    title: str
    level: int
    page: int


Value = str | Piece | Sequence[Piece] | None


class Sheet:
    """Fills pages from the top down and begins a new one where something no longer fits.

    Attributes:
        teller: Who is told what would be drawn; None where it is drawn.
    """

    teller: Teller | None = None

    def __init__(self, pen: Pen, marks: Marks) -> None:
        """Begin on the first page; `y_pt` is the top of the free space."""
        self.pen = pen
        self.marks = marks
        self.page = 1
        self.y_pt = TOP_PT
        self.entries: list[Entry] = []

    def need(self, height_pt: float) -> bool:
        """Begin a new page unless so much space is left; True when it did."""
        if self.y_pt - height_pt >= BOTTOM_PT or self.y_pt == TOP_PT:
            return False
        self.new_page()
        return True

    def new_page(self) -> None:
        """Finish this page with its head and foot."""
        self._frame()
        self.pen.end_page()
        self.page += 1
        self.y_pt = TOP_PT

    def finish(self) -> None:
        """Finish the last page and set the number of pages everywhere."""
        self._frame()
        self.pen.end_page()
        self.pen.begin_stamp(TOTAL_PAGES)
        self.pen.text(0, 0, str(self.page), RUNNING_BOLD)
        self.pen.end_stamp()

    def skip(self, height_pt: float) -> None:
        """Leave space, but none at the top of a page."""
        if self.y_pt != TOP_PT:
            self.y_pt -= height_pt

    def heading(
        self, number: str, title: str, *, level: int = 1, room_pt: float = 60.0, lines_max: int | None = None
    ) -> None:
        """A numbered heading that stays with at least `room_pt` of what follows and enters contents and outline.

        One of more than `lines_max` lines ends with an ellipsis.
        """
        style = TITLE_1 if level == 1 else TITLE_2
        self.skip(26.0 if level == 1 else 16.0)
        indent = 30.0
        lines = shortened(wrap(title, style, WIDTH_PT - indent), style, WIDTH_PT - indent, lines_max)
        self.need(len(lines) * style.leading_pt + room_pt)
        key = f"part-{number}"
        self.entries.append(Entry(key, number, title, level, self.page))
        self.pen.bookmark(key, f"{number}  {visible(clip(title, style, WIDTH_PT))}", level - 1, self.y_pt + 6.0)
        if level == 1 and self.y_pt != TOP_PT:
            self.pen.rule(LEFT_PT, self.y_pt, WIDTH_PT, weight_pt=0.8)
            self.y_pt -= 6.0
        self.pen.text(LEFT_PT, self.y_pt - style.size_pt, number, style)
        for line in lines:
            self.y_pt -= style.leading_pt
            self.pen.text(LEFT_PT + indent, self.y_pt + style.leading_pt - style.size_pt, line, style)
        self.y_pt -= 4.0 if level == 1 else 2.0

    def subtitle(self, title: str, *, room_pt: float = 40.0) -> None:
        """An unnumbered heading inside a part."""
        self.skip(9.0)
        self.need(TITLE_3.leading_pt + room_pt)
        self.paragraph(say(title), TITLE_3)
        self.y_pt -= 1.0

    def paragraph(self, text: str, style: Style = BODY, *, indent_pt: float = 0.0, after_pt: float = 0.0) -> None:
        """Text over the whole width, broken over pages where needed."""
        for line in wrap(text, style, WIDTH_PT - indent_pt):
            self.need(style.leading_pt)
            self.pen.text(LEFT_PT + indent_pt, self.y_pt - style.size_pt, line, style)
            self.y_pt -= style.leading_pt
        self.y_pt -= after_pt

    def items(self, texts: Sequence[str], *, numbered: bool = False) -> None:
        """A list with dashes or numbers."""
        for position, text in enumerate(texts, start=1):
            self.need(BODY.leading_pt)
            self.pen.text(LEFT_PT, self.y_pt - BODY.size_pt, f"{position}." if numbered else "\N{EN DASH}", BODY)
            self.paragraph(text, indent_pt=18.0, after_pt=3.0)

    def properties(
        self,
        rows: Sequence[tuple[str, Value]],
        *,
        width_pt: float = WIDTH_PT,
        label_width_pt: float = LABEL_WIDTH_PT,
        labels_are_found: bool = False,
    ) -> None:
        """Label and value with a hairline below each; a value of None is printed as not supplied.

        Labels are the program's own, in the language of the report, unless they were found in the evidence.
        """
        value_width = width_pt - label_width_pt
        for label, value in rows:
            drawn = wrapped(pieces(value), value_width)
            labels = wrap(label if labels_are_found else say(label), LABEL, label_width_pt - 8.0)
            self.need(min(max(len(drawn), len(labels)), 4) * VALUE.leading_pt + 4.0)
            for position in range(max(len(drawn), len(labels))):
                self.need(VALUE.leading_pt)
                if position < len(labels):
                    self.pen.text(LEFT_PT, self.y_pt - 9.0, labels[position], LABEL)
                if position < len(drawn):
                    self.pen.text(LEFT_PT + label_width_pt, self.y_pt - 9.0, *drawn[position][:2])
                self.y_pt -= VALUE.leading_pt
            self.pen.rule(LEFT_PT, self.y_pt - 0.5, width_pt, weight_pt=0.25, grey=0.75)
            self.y_pt -= 2.5

    def _frame(self) -> None:
        pen, marks = self.pen, self.marks
        head, foot = PAGE_HEIGHT_PT - 46.0, 50.0
        identity = clip(marks.identity, RUNNING_BOLD, WIDTH_PT * 0.6)
        taken = RUNNING_BOLD.width_pt(identity)
        pen.text(LEFT_PT, head, clip(marks.laboratory, RUNNING, WIDTH_PT - taken - 20.0), RUNNING)
        pen.text_right(RIGHT_PT, head, identity, RUNNING_BOLD)
        pen.rule(LEFT_PT, head - 6.0, WIDTH_PT, grey=0.5)
        pen.rule(LEFT_PT, foot + 12.0, WIDTH_PT, grey=0.5)
        page = say("Page {page} of", page=self.page) + " "
        pen.text(LEFT_PT, foot, page, RUNNING_BOLD)
        pen.stamp(TOTAL_PAGES, LEFT_PT + RUNNING_BOLD.width_pt(page), foot)
        room_pt = WIDTH_PT - RUNNING_BOLD.width_pt(page + "0000") - 8.0
        style = RUNNING if RUNNING.width_pt(marks.zone) <= room_pt else RUNNING_SMALL
        pen.text_right(RIGHT_PT, foot, clip(marks.zone, style, room_pt), style)
        pen.text(LEFT_PT, foot - 10.0, marks.status, RUNNING_BOLD)
        pen.text_right(RIGHT_PT, foot - 10.0, identity, RUNNING)


def pieces(value: Value) -> Sequence[Piece]:
    """The value as pieces; None says so."""
    if value is None:
        return (Piece(say(NOT_SUPPLIED), ABSENT),)
    if isinstance(value, Piece):
        return (value,)
    if isinstance(value, str):
        return (Piece(value, VALUE),)
    return value
