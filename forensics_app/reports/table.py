"""Tables drawn row by row: repeated heads, rows that break over pages, and a closing line, for any number of rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from forensics_app.reports.fonts import Face
from forensics_app.reports.layout import BOTTOM_PT, LEFT_PT, Piece, Sheet
from forensics_app.reports.lines import Line, Style, wrap

HEAD = Style(Face.BOLD, 7.0, 9.5)
CELL = Style(Face.REGULAR, 7.4, 9.6)
CELL_BOLD = Style(Face.BOLD, 7.4, 9.6)
CELL_QUIET = Style(Face.REGULAR, 7.0, 9.6, 0.35)
CELL_NAME = Style(Face.REGULAR, 7.4, 9.6, keeps_spaces=True)
CELL_MONO = Style(Face.MONO, 6.8, 9.6)
CONTINUED = Style(Face.ITALIC, 7.0, 9.6, 0.25)

_GAP_PT = 8.0
_PAD_PT = 2.6


class Column(NamedTuple):
    """One column; its width includes the gap to the next one."""

    title: str
    width_pt: float
    style: Style = CELL
    is_figure: bool = False


Cell = str | Piece | Sequence[Piece]


class Table:
    """Draws its head at once, then a row per call; nothing of earlier rows is kept."""

    def __init__(self, sheet: Sheet, columns: Sequence[Column], *, name: str, room_pt: float = 30.0) -> None:
        """Draw the head.

        Args:
            sheet: Where to draw.
            columns: From left to right, together no wider than the page.
            name: What the table is about, repeated with "continued" on every further page.
            room_pt: Height of rows that must fit below the head.
        """
        self._sheet = sheet
        self._columns = columns
        self._name = name
        self._width_pt = sum(column.width_pt for column in columns)
        self._titles = [wrap(column.title, HEAD, column.width_pt - _GAP_PT) for column in columns]
        if sheet.need(self._head_height_pt + room_pt):
            sheet.paragraph(name, CONTINUED)
        self._head()

    def row(self, cells: Sequence[Cell]) -> None:
        """Draw one row; it moves to the next page whole where it can, and breaks where it is taller than a page."""
        columns = [self._lines(cell, column) for cell, column in zip(cells, self._columns, strict=True)]
        sheet = self._sheet
        height = max(map(len, columns)) * CELL.leading_pt + 2 * _PAD_PT
        if sheet.y_pt - height < BOTTOM_PT:
            self._next_page()
        sheet.y_pt -= _PAD_PT
        while sheet.y_pt - max(map(len, columns)) * CELL.leading_pt < BOTTOM_PT:
            fitting = int((sheet.y_pt - BOTTOM_PT) / CELL.leading_pt)
            self._draw([lines[:fitting] for lines in columns])
            columns = [lines[fitting:] for lines in columns]
            self._next_page()
            sheet.y_pt -= _PAD_PT
        self._draw(columns)
        sheet.y_pt -= _PAD_PT
        sheet.pen.rule(LEFT_PT, sheet.y_pt, self._width_pt, weight_pt=0.25, grey=0.75)

    def finish(self, last: str | None = None) -> None:
        """Close the table, with a line that says that nothing follows where `last` is given."""
        sheet = self._sheet
        if last is not None:
            sheet.need(CELL.leading_pt + 4.0)
            sheet.pen.text(LEFT_PT, sheet.y_pt - CELL.size_pt - 2.0, last, CONTINUED)
            sheet.y_pt -= CELL.leading_pt + 3.0
        sheet.pen.rule(LEFT_PT, sheet.y_pt, self._width_pt, weight_pt=0.6)
        sheet.y_pt -= 8.0

    @property
    def _head_height_pt(self) -> float:
        return max(map(len, self._titles)) * HEAD.leading_pt + 4.5

    def _head(self) -> None:
        sheet, pen = self._sheet, self._sheet.pen
        height = self._head_height_pt
        pen.ground(LEFT_PT, sheet.y_pt - height, self._width_pt, height, grey=0.94)
        pen.rule(LEFT_PT, sheet.y_pt, self._width_pt, weight_pt=0.6)
        x = LEFT_PT
        for column, title in zip(self._columns, self._titles, strict=True):
            for position, line in enumerate(title):
                y = sheet.y_pt - 9.2 - position * HEAD.leading_pt
                if column.is_figure:
                    pen.text_right(x + column.width_pt - _GAP_PT, y, line, HEAD)
                else:
                    pen.text(x + (3.0 if x == LEFT_PT else 0.0), y, line, HEAD)
            x += column.width_pt
        sheet.y_pt -= height
        pen.rule(LEFT_PT, sheet.y_pt, self._width_pt, weight_pt=0.4, grey=0.5)

    def _next_page(self) -> None:
        self._sheet.new_page()
        self._sheet.paragraph(f"{self._name}, continued", CONTINUED)
        self._head()

    def _lines(self, cell: Cell, column: Column) -> list[Line]:
        width = column.width_pt - _GAP_PT
        if isinstance(cell, str):
            return [Line(line, column.style) for line in wrap(cell, column.style, width)]
        if isinstance(cell, Piece):
            cell = (cell,)
        return [Line(line, style, struck) for text, style, struck in cell for line in wrap(text, style, width)]

    def _draw(self, columns: Sequence[Sequence[Line]]) -> None:
        sheet = self._sheet
        x = LEFT_PT
        for column, lines in zip(self._columns, columns, strict=True):
            right = x + column.width_pt - _GAP_PT
            start = x + (3.0 if x == LEFT_PT else 0.0)
            sheet.pen.column(lines, start, right if column.is_figure else None, sheet.y_pt, CELL.leading_pt)
            x += column.width_pt
        sheet.y_pt -= max(map(len, columns)) * CELL.leading_pt
