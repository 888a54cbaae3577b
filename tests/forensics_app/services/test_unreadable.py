"""What somebody's own program signed and this one cannot read: it is named, and ends neither case nor desk."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import Table

from chain_of_custody.ledger import Json, Subject
from chain_of_custody.rule_sets import STATED
from forensics_app.db.mapping import Values, time_text
from forensics_app.db.tables import CASE, EXHIBIT, INCIDENT, TRANSFER_OFFER
from forensics_app.model.desk import MatterKind
from forensics_app.model.exhibit import Exhibit, ExhibitType
from forensics_app.model.person import SignedIn
from forensics_app.model.report import ReportRequest
from forensics_app.services.erased import ERASURES_ID
from forensics_app.services.exhibits import exhibit_subject
from forensics_app.services.record import case_chain
from forensics_app.services.retention import RETENTION_ID
from forensics_app.services.unreadable import READERS
from tests.builders import Bench, UnjudgedWriter
from tests.forensics_app.services.end_of_custody import stored

Beside = tuple[Table, Values]


def written(
    bench: Bench, exhibit: Exhibit, action: str, facts: dict[str, Json], row: Values | None = None,
    *, beside: Beside | None = None, by: SignedIn | None = None,
) -> int:  # fmt: skip
    """An entry as a program of somebody's own signs it; its number."""
    with bench.lab.database.writing() as connection:
        writer = UnjudgedWriter(connection, bench.clock())
        if row:
            writer.update(EXHIBIT, exhibit.id, row)
        if beside:
            writer.insert(*beside)
        chain, subject = case_chain(bench.lab.cases.get(exhibit.case_id)), exhibit_subject(exhibit)
        signers = [("actor", by or bench.custodian)]
        return writer.append(chain, action, subject, facts, signers, "A slip").content.sequence  # type: ignore[arg-type]


def moved(bench: Bench, exhibit: Exhibit, occurred_at: Json, row: Values | None = None) -> int:
    told: dict[str, Json] = {"event": "move", "from_state": "STORED", "to_state": "STORED", "shelf": "B-1"}
    return written(bench, exhibit, "custody.move", {**told, STATED: 4, "occurred_at": occurred_at}, row)


def incident(bench: Bench, exhibit: Exhibit, **other: str) -> Beside:
    row: Values = {
        "id": str(uuid4()), "case_id": str(exhibit.case_id), "exhibit_id": str(exhibit.id), "kind": "other",
        "what": "The bag was torn", "raised_at": time_text(bench.clock()), "raised_by": str(bench.custodian.person.id),
        "decision": "", "decided_by": None, "decided_at": None,
    }  # fmt: skip
    return INCIDENT, {**row, **other}


def read_all(bench: Bench, exhibit: Exhibit) -> None:
    """Everything of a case and of the desk is read; then the next step of the exhibit is taken."""
    lab, case_id = bench.lab, exhibit.case_id
    assert [one.id for one in lab.exhibits.list(case_id)] == [exhibit.id]
    assert lab.cases.list()
    assert lab.custody.history(exhibit.id)
    assert lab.custody.case_history(case_id)
    assert lab.custody_forms.pdf(case_id, exhibit.id).startswith(b"%PDF")
    lab.incidents.open(), lab.incidents.list(case_id), lab.offers.open()
    lab.principles.of_case(case_id)
    lab.desk.waiting()
    draft = lab.drafts.begin(bench.examiner, ReportRequest(case_id=case_id, zone="UTC"))
    lab.drafts.submit(bench.examiner, draft.id)
    step = next(one for one in reversed(lab.custody.history(exhibit.id)) if one.is_step)
    lab.custody.correct(bench.custodian, exhibit.id, step.sequence, {"remarks": "x y"}, "A slip of the pen")
    lab.custody.perform(bench.custodian, bench.request(lab.exhibits.get(exhibit.id), "move", fields={"shelf": "C-1"}))


def named(bench: Bench, words: str) -> None:
    """Verification names it; it is a finding."""
    report = bench.lab.verification.verify()
    told = [*report.row_findings, *(one for chain in report.chains for one in chain.findings)]
    assert not report.ok
    assert any(words in one for one in told), told


def on_the_desk(bench: Bench, words: str, entry: int) -> None:
    (matter,) = [one for one in bench.lab.desk.waiting() if one.kind is MatterKind.UNREADABLE]
    assert words in matter.what
    assert f"Entry {entry} wrote it so" in matter.what
    assert "signed by" in matter.what
    assert matter.actors


@pytest.mark.parametrize("told", ["yesterday", "2026-11-20T12:00:00", 7])
@pytest.mark.req("REQ-13")
def test_a_told_time_that_is_none_is_shown_as_told_and_named(bench: Bench, told: Json) -> None:
    exhibit = stored(bench, bench.case())
    number = moved(bench, exhibit, told)
    (event,) = [one for one in bench.lab.custody.history(exhibit.id) if one.sequence == number]
    assert event.occurred_at is None
    assert event.unread_time == str(told)
    named(bench, f"Entry {number} (custody.move): the time it tells, {told}, cannot be read")
    read_all(bench, exhibit)


def test_an_entry_of_an_auditor_does_not_end_the_case(bench: Bench) -> None:
    exhibit = stored(bench, bench.case())
    number = written(bench, exhibit, "note.read", {"occurred_at": "soon"}, by=bench.admin_as_auditor())
    named(bench, f"Entry {number} (note.read)")
    read_all(bench, exhibit)


def test_a_time_corrected_to_none_is_named_and_the_next_step_is_taken(bench: Bench) -> None:
    exhibit = stored(bench, bench.case())
    step = bench.lab.custody.history(exhibit.id)[-1]
    facts: dict[str, Json] = {
        "corrects": step.sequence, "corrects_digest": step.digest.hex(),
        "corrected": {"occurred_at": [step.fact("occurred_at"), "yesterday"]},
    }  # fmt: skip
    number = written(bench, exhibit, "exhibit.correct_step", facts)
    named(bench, f"Entry {number} (exhibit.correct_step): the time it tells, yesterday")
    read_all(bench, exhibit)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("expected_back", "2026-11-24T17:00:00"), ("expected_back", "soon"), ("seized_at", "soon"),
        ("state_since", "never"), ("type", "spaceship"),
    ],
)  # fmt: skip
def test_an_exhibit_of_which_something_cannot_be_read_is_there_and_says_so(
    bench: Bench, column: str, value: str
) -> None:
    exhibit = stored(bench, bench.case())
    number = moved(bench, exhibit, bench.clock().isoformat(), {column: value})
    (told,) = bench.lab.exhibits.get(exhibit.id).unread
    assert column in told
    assert value in told
    named(bench, f"({exhibit.number}) holds what cannot be read: {column} is {value!r}")
    on_the_desk(bench, f"{column} is {value!r}", number)
    gaps = [gap.what for view in bench.lab.principles.of_case(exhibit.case_id) for gap in view.gaps]
    assert any(f"{column} is {value!r}" in gap for gap in gaps)
    read_all(bench, exhibit)


def test_a_type_that_is_none_is_corrected_and_the_desk_is_clear_again(bench: Bench) -> None:
    exhibit = stored(bench, bench.case())
    moved(bench, exhibit, bench.clock().isoformat(), {"type": "spaceship"})
    bench.lab.exhibits.correct(bench.custodian, exhibit.id, {"type": "computer"}, "It is a laptop")
    now = bench.lab.exhibits.get(exhibit.id)
    assert (now.type, now.unread) == (ExhibitType.COMPUTER, ())
    assert not [one for one in bench.lab.desk.waiting() if one.kind is MatterKind.UNREADABLE]


@pytest.mark.parametrize(("column", "value"), [("kind", "spaceship"), ("raised_at", "soon"), ("decided_at", "later")])
def test_an_incident_that_cannot_be_read_is_one_matter_of_the_desk(bench: Bench, column: str, value: str) -> None:
    exhibit = stored(bench, bench.case())
    beside = incident(bench, exhibit, **{column: value})
    number = written(bench, exhibit, "incident.raise", {"incident": "The bag was torn"}, beside=beside)
    named(bench, f"The row {beside[1]['id']} of incident")
    on_the_desk(bench, "of incident holds what the program never wrote", number)
    assert bench.lab.incidents.open() == ()
    read_all(bench, exhibit)


def test_an_offer_due_at_no_time_ends_no_desk(bench: Bench) -> None:
    exhibit = stored(bench, bench.case())
    row: Values = {
        "id": str(uuid4()), "case_id": str(exhibit.case_id), "exhibit_id": str(exhibit.id), "event": "check_out",
        "from_state": "STORED", "giver_id": str(bench.custodian.person.id), "reason": "",
        "receiver_id": str(bench.examiner.person.id), "fields": "{}", "remarks": "", "due": "2026-11-24T17:00:00",
        "state": "withdrawn", "offered_at": time_text(bench.clock()), "answered_at": None,
    }  # fmt: skip
    number = written(bench, exhibit, "exhibit.offer", {}, beside=(TRANSFER_OFFER, row))
    named(bench, f"The row {row['id']} of transfer_offer")
    on_the_desk(bench, "of transfer_offer", number)
    read_all(bench, exhibit)


def test_a_legal_basis_that_cannot_be_read_counts_as_none_and_is_named(bench: Bench) -> None:
    exhibit = stored(bench, bench.case())
    case = bench.lab.cases.get(exhibit.case_id)
    with bench.lab.database.writing() as connection:
        writer = UnjudgedWriter(connection, bench.clock())
        writer.update(CASE, case.id, {"basis_expires_on": "never"})
        writer.append(case_chain(case), "case.legal_basis", exhibit_subject(exhibit), {}, [("actor", bench.examiner)])
    (kept,) = bench.lab.cases.list()
    assert kept.legal_basis is None
    assert "legal basis" in kept.unread[0]
    named(bench, f"of case_file ({case.number}) holds what cannot be read: its legal basis")
    assert next(one.kind for one in bench.lab.desk.waiting()) is MatterKind.UNREADABLE


def test_a_period_and_an_erasure_that_cannot_be_read_are_named_and_end_no_desk(bench: Bench) -> None:
    exhibit = stored(bench, bench.case())
    kept = bench.lab.retentions.set(bench.supervisor, exhibit.case_id, date(2030, 1, 1), "Law 7, section 3")
    case = bench.lab.cases.get(exhibit.case_id)
    with bench.lab.database.writing() as connection:
        writer = UnjudgedWriter(connection, bench.clock())
        for action, subject_id, facts in (
            ("retention.set", RETENTION_ID, {"keep_until": "for ever", "basis": "None", "before": None}),
            ("erasure.propose", ERASURES_ID, {"erasure": "all of it", "what": ["everything"]}),
        ):
            subject = Subject(kind="retention", id=subject_id, label=case.number)
            writer.append(case_chain(case), action, subject, facts, [("actor", bench.supervisor)], "A reason")
    named(bench, "(retention.set): until when the case is kept cannot be read as a day")
    named(bench, "(erasure.propose): which files it means to have erased cannot be read")
    assert bench.lab.retentions.of(case.id) == kept
    assert bench.lab.erasing.waiting() == ()
    read_all(bench, exhibit)


def test_nothing_of_an_honest_lab_is_named(bench: Bench, tmp_path: Path) -> None:
    exhibit = stored(bench, bench.case())
    bench.lab.incidents.report(bench.examiner, exhibit.id, "The bag was wet")
    read_all(bench, exhibit)
    assert bench.lab.verification.verify().ok
    assert not [one for one in bench.lab.desk.waiting() if one.kind is MatterKind.UNREADABLE]


def test_every_table_of_the_record_has_its_reader() -> None:
    from forensics_app.db.tables import PROJECTED

    assert PROJECTED.keys() - READERS.keys() == {"paper", "sealed_key"}
