"""Tables drawn row by row: repeated heads, rows that break over pages, and a closing line, for any number of rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from forensics_app.reports.fonts import Face
from forensics_app.reports.layout import BOTTOM_PT, LEFT_PT, TOP_PT, Sheet
from forensics_app.reports.lines import Piece, Style, wrap, wrapped
from forensics_app.reports.pen import Lines
from forensics_app.reports.words import say

HEAD = Style(Face.BOLD, 7.0, 9.5)
CELL = Style(Face.REGULAR, 7.4, 9.6)
CELL_BOLD = Style(Face.BOLD, 7.4, 9.6)
CELL_QUIET = Style(Face.REGULAR, 7.0, 9.6, 0.35)
CELL_NAME = Style(Face.REGULAR, 7.4, 9.6, keeps_spaces=True)
CELL_MONO = Style(Face.MONO, 6.8, 9.6)
CELL_MONO_QUIET = Style(Face.MONO, 6.0, 9.6, 0.35)
CONTINUED = Style(Face.ITALIC, 7.0, 9.6, 0.25)

_GAP_PT = 8.0
_PAD_PT = 2.6
_INDENT_PT = 3.0
_CLOSING_PT = CELL.leading_pt + 4.0
"""Height of the line that closes a table; every row leaves room for it, so that it never stands on a page alone."""

_BEGUN_PT = 5 * CELL.leading_pt
"""So much of a row that is broken over pages stands with the head."""

_EMPTY_MOST_PT: float = (TOP_PT - BOTTOM_PT) / 4
"""So much of a page may stay empty for a row that moves to the next one whole; else the row breaks."""


class Column(NamedTuple):
    """One column; its width includes the gap to the next one."""

    title: str
    width_pt: float
    style: Style = CELL
    is_figure: bool = False


Cell = str | Piece | Sequence[Piece]


class _Place(NamedTuple):
    """Where a column's text goes."""

    start_pt: float
    right_pt: float | None
    width_pt: float
    style: Style


class Table:
    """Draws its head and a row per call; nothing of earlier rows is kept."""

    def __init__(self, sheet: Sheet, columns: Sequence[Column], *, name: str, room_pt: float = 30.0) -> None:
        """Begin the table; its head is drawn with the first row, so that none is left alone at the foot of a page.

        Args:
            sheet: Where to draw.
            columns: From left to right, together no wider than the page.
            name: What the table is about, repeated with "continued" on every further page.
            room_pt: Height of rows that must fit below the head; the first row where that is taller.
        """
        self._sheet = sheet
        self._columns = columns
        self._name = name
        self._width_pt = sum(column.width_pt for column in columns)
        self._places = _places(columns)
        self._titles = _titles(columns)
        self._head_height_pt = _head_pt(self._titles)
        self._most_pt = TOP_PT - BOTTOM_PT - self._head_height_pt - CONTINUED.leading_pt
        if sheet.teller is not None:
            titles, figures = [say(one.title) for one in columns], [one.is_figure for one in columns]
            sheet.teller.table(name, titles, figures, [one.width_pt for one in columns])
            return
        self._room_pt = room_pt
        self._is_begun = False

    def row(self, cells: Sequence[Cell], *, above: Sequence[Piece] = (), below: Sequence[Piece] = ()) -> None:
        """Draw one row; it moves to the next page whole, and breaks where a quarter of this page would stay empty.

        Args:
            cells: One for every column.
            above: Drawn over the cells from the second column to the right edge, beside the first cell.
            below: Drawn under the cells in the same width.
        """
        if self._sheet.teller is not None:
            told = [_pieces(cell, column.style) for cell, column in zip(cells, self._columns, strict=True)]
            self._sheet.teller.row(told, above, below)
            return
        slots = [self._slot(cell, place) for cell, place in zip(cells, self._places, strict=True)]
        bands = [slots]
        if above:
            bands.insert(0, [slots.pop(0), self._span(above)])
        if below:
            bands.append([self._span(below)])
        sheet = self._sheet
        depths = [max([len(lines) for _, _, lines in band]) for band in bands]
        height_pt = sum(depths) * CELL.leading_pt + 2 * _PAD_PT + _CLOSING_PT
        left_pt = sheet.y_pt - BOTTOM_PT - (0.0 if self._is_begun else self._head_height_pt)
        if height_pt > left_pt and (left_pt > _EMPTY_MOST_PT or height_pt > self._most_pt):
            height_pt = _BEGUN_PT
        if not self._is_begun:
            self._begin(max(self._room_pt, height_pt))
        elif sheet.y_pt - height_pt < BOTTOM_PT:
            self._next_page()
        sheet.y_pt -= _PAD_PT
        for band, depth in zip(bands, depths, strict=True):
            self._draw(band, depth)
        sheet.y_pt -= _PAD_PT
        sheet.pen.rule(LEFT_PT, sheet.y_pt, self._width_pt, weight_pt=0.25, grey=0.75)

    def finish(self, last: str | None = None) -> None:
        """Close the table, with a line that says that nothing follows where `last` is given."""
        sheet = self._sheet
        if sheet.teller is not None:
            sheet.teller.end_table(last)
            return
        if not self._is_begun:
            self._begin(self._room_pt)
        if last is not None:
            sheet.need(_CLOSING_PT)
            sheet.pen.text(LEFT_PT, sheet.y_pt - CELL.size_pt - 2.0, last, CONTINUED)
            sheet.y_pt -= CELL.leading_pt + 3.0
        sheet.pen.rule(LEFT_PT, sheet.y_pt, self._width_pt, weight_pt=0.6)
        sheet.y_pt -= 8.0

    def _begin(self, room_pt: float) -> None:
        self._is_begun = True
        if self._sheet.need(self._head_height_pt + room_pt):
            self._sheet.paragraph(self._name, CONTINUED)
        self._head()

    def _head(self) -> None:
        sheet, pen = self._sheet, self._sheet.pen
        height = self._head_height_pt
        pen.ground(LEFT_PT, sheet.y_pt - height, self._width_pt, height, grey=0.94)
        pen.rule(LEFT_PT, sheet.y_pt, self._width_pt, weight_pt=0.6)
        for place, title in zip(self._places, self._titles, strict=True):
            lines = [Piece(line, HEAD) for line in title]
            pen.column(lines, place.start_pt, place.right_pt, sheet.y_pt - 2.2, HEAD.leading_pt)
        sheet.y_pt -= height
        pen.rule(LEFT_PT, sheet.y_pt, self._width_pt, weight_pt=0.4, grey=0.5)

    def _next_page(self) -> None:
        self._sheet.new_page()
        self._sheet.paragraph(say("{name}, continued", name=self._name), CONTINUED)
        self._head()

    def _slot(self, cell: Cell, place: _Place) -> Lines:
        start, right, width, style = place
        return start, right, wrapped((Piece(cell, style),) if isinstance(cell, str) else _pieces(cell, style), width)

    def _span(self, pieces: Sequence[Piece]) -> Lines:
        start = self._places[1].start_pt
        return start, None, wrapped(pieces, LEFT_PT + self._width_pt - start)

    def _draw(self, band: Sequence[Lines], depth: int) -> None:
        sheet = self._sheet
        done = 0
        while sheet.y_pt - (depth - done) * CELL.leading_pt < BOTTOM_PT:
            fitting = int((sheet.y_pt - BOTTOM_PT) / CELL.leading_pt)
            self._draw_lines(band, done, done + fitting)
            done += fitting
            self._next_page()
            sheet.y_pt -= _PAD_PT
        if done:
            self._draw_lines(band, done, depth)
            return
        sheet.pen.columns(band, sheet.y_pt, CELL.leading_pt)
        sheet.y_pt -= depth * CELL.leading_pt

    def _draw_lines(self, band: Sequence[Lines], first: int, end: int) -> None:
        sheet = self._sheet
        drawn = [(start, right, lines[first:end]) for start, right, lines in band]
        sheet.pen.columns(drawn, sheet.y_pt, CELL.leading_pt)
        sheet.y_pt -= (end - first) * CELL.leading_pt


def begun_pt(columns: Sequence[Column], cells: Sequence[Cell]) -> float:
    """Height in points of a head with its first row, or its beginning: what a heading keeps below it on its page."""
    depth = max(
        len(wrapped(_pieces(cell, column.style), place.width_pt))
        for cell, column, place in zip(cells, columns, _places(columns), strict=True)
    )
    height_pt = depth * CELL.leading_pt + 2 * _PAD_PT + _CLOSING_PT
    return _head_pt(_titles(columns)) + min(height_pt, _EMPTY_MOST_PT)


def _titles(columns: Sequence[Column]) -> list[Sequence[str]]:
    return [wrap(say(column.title), HEAD, column.width_pt - _GAP_PT) for column in columns]


def _head_pt(titles: Sequence[Sequence[str]]) -> float:
    return max(map(len, titles)) * HEAD.leading_pt + 4.5


def _pieces(cell: Cell, style: Style) -> Sequence[Piece]:
    if isinstance(cell, str):
        return (Piece(cell, style),)
    return (cell,) if isinstance(cell, Piece) else cell


def _places(columns: Sequence[Column]) -> list[_Place]:
    places = []
    left = LEFT_PT
    for column in columns:
        right = left + column.width_pt - _GAP_PT
        start = left + (_INDENT_PT if left == LEFT_PT else 0.0)
        places.append(_Place(start, right if column.is_figure else None, right - start, column.style))
        left += column.width_pt
    return places
