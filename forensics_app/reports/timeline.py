"""How the times of files spread over time: a figure, and the same in numbers."""

from __future__ import annotations

from forensics_app.model.dossier import TimelineFigure
from forensics_app.reports.book import Book
from forensics_app.reports.layout import BODY, LABEL, LEFT_PT, RIGHT_PT, WIDTH_PT
from forensics_app.reports.table import CELL, CELL_BOLD, Column, Table
from forensics_app.reports.values import number
from forensics_app.reports.words import as_told, say

_HEIGHT_PT = 150.0
_GUTTER_PT = 44.0


def draw_timeline(book: Book) -> None:
    """Draw the figure, what it counts and what not, and the bars in numbers."""
    figure = book.dossier.timeline
    if figure is None:
        book.absent("no timeline was made of the catalogues as they are now")
        return
    words = say(
        "{total} times of files of {images}, counted by spans of {unit} by the calendar of {zone}. Every kind of time "
        "is counted: created, modified, accessed, changed and what else a file system keeps; one file has several.",
        total=number(figure.total),
        images=", ".join(figure.images),
        unit=say(figure.unit),
        zone=figure.zone,
    )
    book.sheet.paragraph(words, BODY, after_pt=8.0)
    if figure.bars:
        _draw_bars(book, figure)
        _draw_numbers(book, figure)
    if figure.left_out:
        book.sheet.subtitle("Not counted")
        book.sheet.items(list(map(as_told, figure.left_out)))


def _draw_bars(book: Book, figure: TimelineFigure) -> None:
    sheet, pen = book.sheet, book.sheet.pen
    sheet.need(_HEIGHT_PT + 30.0)
    most = max(1, max(bar.count for bar in figure.bars))
    left_pt, foot_pt = LEFT_PT + _GUTTER_PT, sheet.y_pt - _HEIGHT_PT
    step_pt = (WIDTH_PT - _GUTTER_PT) / len(figure.bars)
    for share in (0.5, 1.0):
        y_pt = foot_pt + share * (_HEIGHT_PT - 12.0)
        pen.rule(left_pt, y_pt, WIDTH_PT - _GUTTER_PT, weight_pt=0.25, grey=0.75)
        if most * share == int(most * share):
            pen.text_right(left_pt - 5.0, y_pt - 3.0, number(int(most * share)), LABEL)
    for at, bar in enumerate(figure.bars):
        if bar.count:
            height_pt = max(0.8, bar.count / most * (_HEIGHT_PT - 12.0))
            pen.ground(left_pt + at * step_pt, foot_pt, max(0.6, step_pt - 0.6), height_pt, grey=0.35)
    pen.rule(left_pt, foot_pt, WIDTH_PT - _GUTTER_PT, weight_pt=0.6)
    pen.text(left_pt, foot_pt - 10.0, f"{figure.bars[0].begin:%Y-%m-%d}", LABEL)
    pen.text_right(
        RIGHT_PT, foot_pt - 10.0, say("last span from {day}", day=f"{figure.bars[-1].begin:%Y-%m-%d}"), LABEL
    )
    sheet.y_pt = foot_pt - 22.0


def _draw_numbers(book: Book, figure: TimelineFigure) -> None:
    table = Table(
        book.sheet,
        (Column("Span from", 150.0, CELL_BOLD), Column("Times of files", 100.0, CELL, is_figure=True)),
        name=say("Times of files"),
    )
    filled = [bar for bar in figure.bars if bar.count]
    for bar in filled:
        table.row((book.clock.both(bar.begin), number(bar.count)))
    table.finish(say("Last item: {count}.", count=number(len(filled))))
