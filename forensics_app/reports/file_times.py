"""The times of one file as a table: as stored, in UTC and in the zone of the report, with source, basis, resolution."""

from __future__ import annotations

from collections.abc import Sequence

from forensics_app.model.dossier import FileTime
from forensics_app.reports.book import Book
from forensics_app.reports.lines import Piece
from forensics_app.reports.table import CELL, CELL_BOLD, CELL_QUIET, Column, Table
from forensics_app.reports.words import say


def draw_times(book: Book, times: Sequence[FileTime], reference: str) -> None:
    """A row for each time; all of its digits, and what is known of its zone.

    Args:
        book: Where it is drawn.
        times: Of the file; that there are none is said.
        reference: How the text cites the file.
    """
    if not times:
        book.sheet.paragraph(say("Times: none stored."), after_pt=4.0)
        return
    book.sheet.skip(6.0)
    zone = book.clock.zone_name
    zoneless = any(time.basis == "local" for time in times)
    reading = say("In UTC (stamps without a zone read as {zone})", zone=book.clock.local_rule)
    columns = (
        Column("Time; source, basis, resolution", 94.0, CELL),
        Column("As stored", 122.0, CELL),
        Column(reading if zoneless else "In UTC", 124.0, CELL),
        Column(say("In {zone}", zone=zone), 142.0, CELL),
    )
    table = Table(book.sheet, columns, name=say("Times of {reference}", reference=reference))
    for time in times:
        printed = book.clock.file_time(time)
        origin = f"{printed.source}, {printed.basis}, {printed.resolution}"
        label = [Piece(printed.label, CELL_BOLD), Piece(origin, CELL_QUIET)]
        table.row((label, printed.stored, printed.utc, printed.zoned))
    table.finish()
