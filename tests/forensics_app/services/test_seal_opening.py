"""The seal is asked for when what is sealed is opened: to be imaged, or to take a part out of it (REQ-12)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest

from chain_of_custody.ledger import Subject
from forensics_app.db.tables import EXHIBIT
from forensics_app.errors import RefusedError
from forensics_app.model.acquisition import AcquisitionRequest, FolderRequest
from forensics_app.model.custody import CustodyEvent
from forensics_app.model.exhibit import Exhibit, ExhibitType, NewDerived, State
from forensics_app.model.image import IntakeRequest, WriteBlocker
from forensics_app.model.incident import IncidentKind, SealSeen
from forensics_app.services.record import Writer, case_chain
from tests.builders import Bench
from tests.forensics_app.services.end_of_custody import stored
from tests.forensics_app.services.test_possession import step

OUT = {"purpose": "Imaging", "expected_return": "2026-11-24T17:00:00+01:00"}
BLOCKER = WriteBlocker(device="Tableau T8u")
WHOLE = SealSeen(condition="intact")
FAULTS = [
    (SealSeen(condition="broken", remarks="Cut at the hinge"), IncidentKind.SEAL_BROKEN, "0048812"),
    (SealSeen(condition="missing"), IncidentKind.SEAL_MISSING, "0048812"),
    (SealSeen(condition="differs", number="0048821"), IncidentKind.SEAL_DIFFERS, "0048821"),
    (SealSeen(condition="new", number="0048999"), IncidentKind.SEAL_DIFFERS, "0048999"),
]


@pytest.fixture
def disk(tmp_path: Path) -> Path:
    path = tmp_path / "disk.img"
    path.write_bytes(bytes(64 * 512))
    return path


def checked_out(bench: Bench) -> Exhibit:
    exhibit = stored(bench, bench.case())
    step(bench, exhibit, "check_out", bench.custodian, bench.examiner, told=OUT)
    return bench.lab.exhibits.get(exhibit.id)


def intake(exhibit: Exhibit, disk: Path, seal: SealSeen | None = None) -> IntakeRequest:
    return IntakeRequest(exhibit_id=exhibit.id, paths=(disk,), write_blocker=BLOCKER, seal=seal)


def last(bench: Bench, exhibit: Exhibit) -> CustodyEvent:
    return bench.lab.custody.history(exhibit.id)[-1]


def seal_of(event: CustodyEvent) -> tuple[str, ...]:
    return tuple(event.fact(name) for name in ("seal_before", "seal_number", "seal_check"))


@pytest.mark.req("REQ-12", "REQ-17")
def test_a_sealed_exhibit_is_not_imaged_before_its_seal_is_told(bench: Bench, disk: Path) -> None:
    exhibit = checked_out(bench)
    with pytest.raises(RefusedError, match=r"LH/01 is recorded as sealed with 0048812.*condition"):
        bench.lab.intake.take_in(bench.examiner, intake(exhibit, disk))
    assert last(bench, exhibit).action == "custody.refused"
    asked = AcquisitionRequest(
        exhibit_id=exhibit.id, source=disk, target=disk.with_name("image"), write_blocker=BLOCKER
    )
    folders = FolderRequest(
        exhibit_id=exhibit.id, folders=(disk.parent,), target=disk.with_name("c.zip"), write_blocker=BLOCKER
    )
    with pytest.raises(RefusedError, match="0048812"):
        bench.lab.acquisitions.acquire(bench.examiner, asked)
    with pytest.raises(RefusedError, match="0048812"):
        bench.lab.acquisitions.take_in_folders(bench.examiner, folders)
    assert [path.name for path in disk.parent.iterdir() if path.is_file()] == ["disk.img"]
    assert bench.lab.intake.list(exhibit.case_id) == ()
    image = bench.lab.intake.take_in(bench.examiner, intake(exhibit, disk, WHOLE))
    event = last(bench, exhibit)
    assert (event.action, *seal_of(event)) == ("image.intake", "0048812", "0048812", "intact, number agrees")
    assert bench.lab.incidents.open() == ()
    (item,) = bench.lab.custody_forms.gather(exhibit.case_id, exhibit.id).items
    printed = item.events[-1]
    assert (printed.seal_before, printed.seal, printed.seal_check) == seal_of(event)
    assert (printed.to_state, printed.is_step) == ("IMAGED", True), "it has the lines of every step (REQ-21)"
    bench.lab.intake.take_in(bench.examiner, intake(exhibit, disk))
    with pytest.raises(RefusedError, match="its seal is not opened by this act"):
        bench.lab.intake.take_in(bench.examiner, intake(exhibit, disk, WHOLE))
    assert image.number == "LH/01-I1"
    assert bench.lab.verification.verify().ok


@pytest.mark.req("REQ-12")
@pytest.mark.parametrize(("seen", "kind", "after"), FAULTS, ids=lambda one: getattr(one, "condition", ""))
def test_a_seal_that_is_not_as_recorded_is_an_incident_of_the_intake(
    bench: Bench, disk: Path, seen: SealSeen, kind: IncidentKind, after: str
) -> None:
    exhibit = checked_out(bench)
    bench.lab.intake.take_in(bench.examiner, intake(exhibit, disk, seen))
    (incident,) = bench.lab.incidents.open()
    event = last(bench, exhibit)
    assert (incident.kind, incident.exhibit_id, incident.what) == (kind, exhibit.id, event.fact("incident"))
    assert {one.table for one in event.changes} >= {"incident", "image", "exhibit"}
    assert bench.lab.exhibits.get(exhibit.id).seal_number == after
    assert bench.lab.verification.verify().ok


def test_an_acquisition_tells_the_seal_that_was_read_before_it(bench: Bench, disk: Path) -> None:
    exhibit = checked_out(bench)
    seen = SealSeen(condition="not-checked", remarks="Hidden in the bay")
    asked = AcquisitionRequest(
        exhibit_id=exhibit.id, source=disk, target=disk.with_name("image"), write_blocker=BLOCKER, seal=seen
    )
    bench.lab.acquisitions.acquire(bench.examiner, asked)
    event = last(bench, exhibit)
    assert (event.fact("seal_check"), event.fact("seal_remarks")) == ("not checked", "Hidden in the bay")
    assert "0048812 of LH/01 was not checked at this step: image" in event.fact("deviation")
    assert bench.lab.verification.verify().ok


def test_what_is_not_opened_here_is_taken_in_without_a_question(bench: Bench, disk: Path) -> None:
    exhibit = bench.exhibit(bench.case())
    bench.lab.intake.take_in(bench.examiner, intake(exhibit, disk))
    event = last(bench, exhibit)
    assert (event.action, *seal_of(event)) == ("image.intake", "", "", "")
    assert bench.lab.exhibits.get(exhibit.id).state is State.SEIZED
    assert bench.lab.verification.verify().ok


def part(exhibit: Exhibit, seal: SealSeen | None = None, number: str = "LH/01.1") -> NewDerived:
    return NewDerived(
        parent_id=exhibit.id, number=number, type=ExhibitType.STORAGE, description="Drive", tool="Screwdriver",
        no_photo_reason="In this test", seal=seal,
    )  # fmt: skip


@pytest.mark.req("REQ-12")
def test_taking_a_part_out_of_what_is_sealed_begins_its_examination_with_its_seal(bench: Bench) -> None:
    exhibit = checked_out(bench)
    with pytest.raises(RefusedError, match="LH/01 is recorded as sealed with 0048812"):
        bench.lab.exhibits.derive(bench.examiner, part(exhibit))
    assert last(bench, exhibit).action == "custody.refused"
    bench.lab.exhibits.derive(bench.examiner, part(exhibit, SealSeen(condition="differs", number="0048821")))
    event = last(bench, exhibit)
    assert (event.action, *seal_of(event)) == (
        "custody.begin_examination", "0048812", "0048821", "number differs",
    )  # fmt: skip
    (incident,) = bench.lab.incidents.open()
    assert (incident.kind, incident.what) == (IncidentKind.SEAL_DIFFERS, event.fact("incident"))
    whole = bench.lab.exhibits.get(exhibit.id)
    assert (whole.state, whole.seal_number, whole.holder) == (State.UNDER_EXAM, "0048821", "Ana Kovač")
    bench.lab.exhibits.derive(bench.examiner, part(exhibit, number="LH/01.2"))
    assert bench.lab.verification.verify().ok


@pytest.mark.req("REQ-12")
@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({}, "does not tell how the seal 0048812"),
        ({"seal_check": "fine"}, "does not tell how the seal 0048812"),
        ({"seal_check": "intact, number agrees"}, "does not tell how"),
        ({"seal_check": "broken or opened", "seal_number": "0048812"}, "raises no incident"),
        ({"seal_check": "missing"}, "raises no incident"),
        ({"seal_check": "not checked"}, "does not explain why"),
        ({"seal_check": "intact, number agrees", "seal_number": "0048812", "seal_before": "1"}, "another number"),
    ],
)
def test_the_writer_itself_refuses_an_opening_without_its_seal(bench: Bench, facts: dict[str, str], words: str) -> None:
    exhibit = checked_out(bench)
    told = {"event": "begin_examination", "from_state": "CHECKED_OUT", "to_state": "UNDER_EXAM", "custody_rules": 5}
    told |= {"seal_before": "0048812", **facts}
    with bench.lab.custody.db.writing() as connection:
        writer = Writer(connection, bench.clock())
        writer.update(EXHIBIT, UUID(str(exhibit.id)), {"state": "UNDER_EXAM"})
        subject, case = Subject(kind="exhibit", id=str(exhibit.id), label="LH/01"), bench.lab.cases.get(exhibit.case_id)
        with pytest.raises(RefusedError, match=words):
            writer.append(case_chain(case), "custody.begin_examination", subject, told, [("actor", bench.examiner)])
        connection.rollback()
    assert bench.lab.exhibits.get(exhibit.id) == exhibit


@pytest.mark.req("REQ-24", "REQ-32")
def test_an_image_of_what_nobody_has_checked_out_says_where_and_by_whom_it_was_made(bench: Bench, disk: Path) -> None:
    exhibit = bench.exhibit(bench.case())
    told = "At the scene, by Insp. Haas, before it was sealed"
    bench.lab.intake.take_in(bench.examiner, replace(intake(exhibit, disk), made=f" {told} "))
    event = last(bench, exhibit)
    assert (event.action, event.fact("event"), event.fact("image_made")) == ("image.intake", "", told)
    assert bench.lab.exhibits.get(exhibit.id).state is State.SEIZED, "no seal was opened"
    bench.lab.intake.take_in(bench.examiner, intake(exhibit, disk))
    untold = "Not said where and by whom; LH/01 was seized, sealed with 0048812, and not checked out"
    assert last(bench, exhibit).fact("image_made") == untold
    assert bench.lab.verification.verify().ok


@pytest.mark.req("REQ-09")
def test_an_image_gets_a_number_that_looks_like_none_of_its_case(bench: Bench, disk: Path) -> None:
    case = bench.case()
    exhibit = bench.exhibit(case)
    bench.exhibit(case, "LH/01-i1")
    assert bench.lab.intake.take_in(bench.examiner, intake(exhibit, disk)).number == "LH/01-I2"


def test_an_image_that_is_made_here_needs_no_such_words(bench: Bench, disk: Path) -> None:
    exhibit = checked_out(bench)
    bench.lab.intake.take_in(bench.examiner, intake(exhibit, disk, WHOLE))
    assert last(bench, exhibit).fact("image_made") == ""
