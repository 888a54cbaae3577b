"""Contemporaneous notes: written once, with who and when; added to, never changed."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import update

from forensics_app.db.tables import NOTE
from forensics_app.errors import NotFoundError, PermissionRefusedError, RefusedError
from forensics_app.model.note import LONGEST_NOTE_CHARACTERS, NewNote, NoteId
from tests.builders import Bench
from tests.forensics_app.services.written_notes import TOLD_AT, write_notes

DATABASES = ("sqlite", "postgresql")


@pytest.mark.req("REQ-36")
def test_a_note_keeps_its_words_its_author_the_time_told_with_its_offset_and_the_time_recorded(bench: Bench) -> None:
    exhibit = bench.exhibit(bench.case())
    first, second = write_notes(bench, exhibit)
    assert (first.number, first.author, first.exhibit, first.addendum_to) == (1, "Ana Kovač", "LH/01", None)
    assert (first.told_at, first.told_at.utcoffset()) == (TOLD_AT, timedelta(hours=4))
    assert first.recorded_at > first.told_at
    assert (second.number, second.author, second.exhibit, second.addendum_to) == (2, "Tomasz Lis", "LH/01", 1)
    assert bench.lab.notes.list(exhibit.case_id) == (first, second)
    entry = bench.lab.custody.history(exhibit.id)[-2]
    assert (entry.action, entry.occurred_at, entry.fact("note")) == ("note.add", TOLD_AT, "1")
    assert {change.column: change.after for change in entry.changes}["text"] == first.text
    assert bench.lab.verification.verify().ok


@pytest.mark.req("REQ-36")
def test_a_note_that_was_changed_in_the_database_is_named(bench: Bench) -> None:
    first, second = write_notes(bench, bench.exhibit(bench.case()))
    with bench.lab.database.writing() as connection:
        connection.execute(update(NOTE).where(NOTE.c.id == str(first.id)).values(text="Nothing was seen."))
        connection.execute(update(NOTE).where(NOTE.c.id == str(second.id)).values(addendum_to=None))
    changed, torn_off = sorted(bench.lab.verification.verify().row_findings, key=lambda words: "addendum" in words)
    assert changed.startswith(f"text of note {first.id} is")
    assert torn_off.startswith(f"addendum_to of note {second.id} is null")


def test_notes_about_the_case_and_about_an_exhibit_are_told_apart(bench: Bench) -> None:
    case = bench.case()
    exhibit = bench.exhibit(case)
    write_notes(bench, exhibit)
    whole = bench.lab.notes.add(bench.supervisor, NewNote(case_id=case.id, text="Prosecutor called.", told_at=TOLD_AT))
    assert [note.number for note in bench.lab.notes.list(case.id)] == [1, 2, 3]
    assert whole not in bench.lab.notes.list(case.id, exhibit.id)
    assert (whole.exhibit_id, whole.exhibit) == (None, "")
    assert bench.lab.notes.numbered(case.id, 3) == whole
    with pytest.raises(NotFoundError, match="no note 4"):
        bench.lab.notes.numbered(case.id, 4)


def test_what_cannot_stand_as_a_note_is_refused_and_nothing_is_written(bench: Bench) -> None:
    case, other = bench.case(), bench.case("2026-0200")
    exhibit, elsewhere = bench.exhibit(case), bench.exhibit(other)
    first, _ = write_notes(bench, exhibit)
    before = len(bench.lab.custody.case_history(case.id))
    for said, change in (
        ("needs words", {"text": " \n"}),
        ("characters", {"text": "x" * (LONGEST_NOTE_CHARACTERS + 1)}),
        ("not come yet", {"told_at": bench.clock() + timedelta(days=1)}),
        ("belongs to another case", {"exhibit_id": elsewhere.id}),
        ("belongs to another case", {"addendum_to": write_notes(bench, elsewhere)[0].id}),
        ("about something else", {"addendum_to": first.id, "exhibit_id": elsewhere.id}),
    ):
        told: dict[str, object] = {"case_id": case.id, "text": "Seen.", "told_at": TOLD_AT} | change
        with pytest.raises(RefusedError, match=said):
            bench.lab.notes.add(bench.examiner, NewNote(**told))  # type: ignore[arg-type]
    with pytest.raises(NotFoundError):
        bench.lab.notes.add(
            bench.examiner, NewNote(case_id=case.id, text="Seen.", told_at=TOLD_AT, addendum_to=NoteId(uuid4()))
        )
    assert len(bench.lab.custody.case_history(case.id)) == before


def test_who_only_reads_writes_no_note(bench: Bench) -> None:
    new = NewNote(case_id=bench.case().id, text="Seen.", told_at=TOLD_AT)
    for person in (bench.admin_as_auditor(), bench.admin):
        with pytest.raises(PermissionRefusedError):
            bench.lab.notes.add(person, new)


def test_a_closed_case_still_takes_a_note(bench: Bench) -> None:
    case = bench.case()
    bench.lab.cases.close(bench.supervisor, case.id, "Judgment final")
    new = NewNote(case_id=case.id, text="Media returned by the court.", told_at=TOLD_AT)
    assert bench.lab.notes.add(bench.examiner, new).number == 1
