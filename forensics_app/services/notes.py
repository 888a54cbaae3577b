"""Contemporaneous notes of a case: written once, never changed, added to by addenda (REQ-36)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, Select, func, select

from chain_of_custody.ledger import Json
from forensics_app.db.engine import Database
from forensics_app.db.mapping import Values, time_text, told_text
from forensics_app.db.mapping_note import note_of
from forensics_app.db.rows import readable, record_or_none, record_with
from forensics_app.db.tables import EXHIBIT, NOTE, PERSON
from forensics_app.errors import NotFoundError, RefusedError
from forensics_app.model.case import CaseId
from forensics_app.model.exhibit import ExhibitId
from forensics_app.model.lab import LabInfo
from forensics_app.model.note import LONGEST_NOTE_CHARACTERS, NewNote, Note, NoteId
from forensics_app.model.person import Role, SignedIn
from forensics_app.services.cases import case_subject, case_with
from forensics_app.services.exhibits import exhibit_subject, exhibit_with
from forensics_app.services.permissions import require
from forensics_app.services.record import Writer, case_chain
from forensics_app.services.told_times import check_told


@dataclass(frozen=True, slots=True, kw_only=True)
class Notes:
    """Use cases about notes. A closed case takes notes too: what was forgotten is still told, with its own time."""

    db: Database
    lab: LabInfo
    now: Callable[[], datetime]

    def list(self, case_id: CaseId, exhibit_id: ExhibitId | None = None) -> tuple[Note, ...]:
        """The notes of a case in the order of recording.

        Args:
            case_id: The case.
            exhibit_id: Only those about this exhibit or image; None for all.
        """
        with self.db.reading() as connection:
            notes = notes_of(connection, case_id)
        return tuple(note for note in notes if exhibit_id in (None, note.exhibit_id))

    def numbered(self, case_id: CaseId, number: int) -> Note:
        """The note of a case with this number.

        Raises:
            NotFoundError: There is none.
        """
        with self.db.reading() as connection:
            query = _notes().where(NOTE.c.case_id == str(case_id), NOTE.c.number == number)
            note = record_or_none(connection, query, note_of)
        if note is None:
            raise NotFoundError(f"There is no note {number} in this case.")
        return note

    def add(self, actor: SignedIn, new: NewNote) -> Note:
        """Write a note, or an addendum to one.

        Raises:
            PermissionRefusedError: The actor is neither examiner, exhibits officer nor supervisor.
            RefusedError: It says nothing or is too long, tells of a time that has not come, or the exhibit or the note
                that it adds to belongs elsewhere.
        """
        require(actor, "write a note", Role.EXAMINER, Role.EXHIBITS_OFFICER, Role.SUPERVISOR)
        now = self.now()
        _check_words(new, now)
        with self.db.writing() as connection:
            case = case_with(connection, new.case_id)
            exhibit_id, first = new.exhibit_id, None
            if new.addendum_to is not None:
                first = _note_with(connection, new.addendum_to)
                exhibit_id = _same_thing(first, new)
            subject, facts = case_subject(case), dict[str, Json]()
            if exhibit_id is not None:
                exhibit = exhibit_with(connection, exhibit_id)
                if exhibit.case_id != case.id:
                    raise RefusedError(f"The exhibit {exhibit.number} belongs to another case.")
                subject = exhibit_subject(exhibit)
            note_id = NoteId(uuid4())
            values = _values(connection, actor, new, note_id, exhibit_id, now)
            facts |= {"note": values["number"], "occurred_at": values["told_at"]}
            if first is not None:
                facts["addendum_to"] = first.number
            writer = Writer(connection, now)
            writer.insert(NOTE, values)
            action = "note.add" if first is None else "note.addendum"
            writer.append(case_chain(case), action, subject, facts, [("actor", actor)])
            return _note_with(connection, note_id)


def notes_of(connection: Connection, case_id: CaseId) -> tuple[Note, ...]:
    """The notes of a case in the order of recording."""
    return readable(connection, _notes().where(NOTE.c.case_id == str(case_id)).order_by(NOTE.c.number), note_of)


def _check_words(new: NewNote, now: datetime) -> None:
    words = new.text.strip()
    if not words:
        raise RefusedError("A note needs words.")
    if len(words) > LONGEST_NOTE_CHARACTERS:
        raise RefusedError(
            f"The note has {len(words):,} characters; the longest has {LONGEST_NOTE_CHARACTERS:,}.",
            then="Write it as a note and addenda to it.",
        )
    check_told("What the note tells of", new.told_at, now)


def _same_thing(first: Note, new: NewNote) -> ExhibitId | None:
    """What an addendum is about: the same as its note."""
    if first.case_id != new.case_id:
        raise RefusedError("The note that this adds to belongs to another case.")
    if new.exhibit_id not in (None, first.exhibit_id):
        raise RefusedError(f"Note {first.number} is about something else; an addendum is about the same thing.")
    return first.exhibit_id


def _values(
    connection: Connection,
    actor: SignedIn,
    new: NewNote,
    note_id: NoteId,
    exhibit_id: ExhibitId | None,
    now: datetime,
) -> Values:
    newest = select(func.coalesce(func.max(NOTE.c.number), 0)).where(NOTE.c.case_id == str(new.case_id))
    return {
        "id": str(note_id),
        "case_id": str(new.case_id),
        "number": connection.execute(newest).scalar_one() + 1,
        "exhibit_id": None if exhibit_id is None else str(exhibit_id),
        "addendum_to": None if new.addendum_to is None else str(new.addendum_to),
        "text": new.text.strip(),
        "author_id": str(actor.person.id),
        "told_at": told_text(new.told_at),
        "recorded_at": time_text(now),
    }


def _note_with(connection: Connection, note_id: NoteId) -> Note:
    query = _notes().where(NOTE.c.id == str(note_id))
    return record_with(connection, query, note_of, f"note with the id {note_id}")


def _notes() -> Select[Any]:
    first = NOTE.alias("first")
    columns = (
        PERSON.c.name.label("author"),
        EXHIBIT.c.number.label("exhibit"),
        first.c.number.label("addendum_number"),
    )
    return (
        select(NOTE, *columns)
        .join(PERSON, PERSON.c.id == NOTE.c.author_id)
        .outerjoin(EXHIBIT, EXHIBIT.c.id == NOTE.c.exhibit_id)
        .outerjoin(first, first.c.id == NOTE.c.addendum_to)
    )
