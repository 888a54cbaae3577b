"""Rows of notes into records."""

from __future__ import annotations

from uuid import UUID

from forensics_app.db.mapping import Row, moment, of_table
from forensics_app.model.case import CaseId
from forensics_app.model.exhibit import ExhibitId
from forensics_app.model.note import Note, NoteId
from forensics_app.model.person import PersonId


@of_table("note")
def note_of(row: Row) -> Note:
    """A note; ``author``, ``exhibit`` and ``addendum_number`` are of the rows that it points at."""
    return Note(
        id=NoteId(UUID(row["id"])),
        case_id=CaseId(UUID(row["case_id"])),
        number=row["number"],
        exhibit_id=ExhibitId(UUID(row["exhibit_id"])) if row["exhibit_id"] else None,
        exhibit=row["exhibit"] or "",
        addendum_to=row["addendum_number"],
        text=row["text"],
        author_id=PersonId(UUID(row["author_id"])),
        author=row["author"],
        told_at=moment(row["told_at"]),
        recorded_at=moment(row["recorded_at"]),
    )
