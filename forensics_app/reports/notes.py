"""Contemporaneous notes of the case, word by word (REQ-36)."""

from __future__ import annotations

from forensics_app.model.dossier import Note
from forensics_app.reports.book import Book
from forensics_app.reports.lines import Piece
from forensics_app.reports.table import CELL, CELL_BOLD, CELL_QUIET, Column, Table
from forensics_app.reports.values import number
from forensics_app.reports.words import say


def draw_notes(book: Book) -> None:
    """Every note in the order of recording."""
    notes = book.dossier.notes
    if not notes:
        book.absent("no notes")
        return
    columns = (
        Column("No.", 30.0, CELL, is_figure=True),
        Column("Written by; tells of; recorded", 142.0, CELL),
        Column("Note", 310.0, CELL),
    )
    table = Table(book.sheet, columns, name=say("Notes"))
    for note in notes:
        table.row((number(note.number), _origin(book, note), note.text))
    table.finish(say("Last item: {count}.", count=number(len(notes))))


def _origin(book: Book, note: Note) -> list[Piece]:
    rows = [Piece(note.author, CELL_BOLD), Piece(book.clock.both(note.told_at), CELL)]
    rows.append(Piece(say("recorded {time}", time=book.clock.both(note.recorded_at)), CELL_QUIET))
    if note.about:
        rows.append(Piece(say("about {exhibit}", exhibit=note.about), CELL_QUIET))
    if note.addendum_to is not None:
        rows.append(Piece(say("addendum to note {note}", note=number(note.addendum_to)), CELL_QUIET))
    return rows
