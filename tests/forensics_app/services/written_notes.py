"""Notes of an examiner."""

from __future__ import annotations

from datetime import datetime

from forensics_app.model.exhibit import Exhibit
from forensics_app.model.note import NewNote, Note
from tests.builders import Bench

TOLD_AT = datetime.fromisoformat("2026-11-20T11:05:00+04:00")


def write_note(bench: Bench, exhibit: Exhibit) -> Note:
    """A note about ``exhibit``."""
    new = NewNote(
        case_id=exhibit.case_id, text="Battery removed before imaging.", told_at=TOLD_AT, exhibit_id=exhibit.id
    )
    return bench.lab.notes.add(bench.examiner, new)


def write_notes(bench: Bench, exhibit: Exhibit) -> tuple[Note, Note]:
    """A note about ``exhibit`` and an addendum to it by somebody else."""
    first = write_note(bench, exhibit)
    more = NewNote(
        case_id=exhibit.case_id, text="It was at 40 %, not noted then.", told_at=bench.clock(), addendum_to=first.id
    )
    return first, bench.lab.notes.add(bench.custodian, more)
