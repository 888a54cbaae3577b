"""Storage media of the laboratory itself: custody like an exhibit's, blank before each use."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from chain_of_custody.command import main
from forensics_app.db.tables import EXHIBIT
from forensics_app.errors import NotFoundError, PermissionRefusedError, RefusedError
from forensics_app.model.audit import FindingKind, NewAudit
from forensics_app.model.case import CaseStatus
from forensics_app.model.disposal import NewHold
from forensics_app.model.exhibit import ExhibitType, NewExhibit, State
from forensics_app.model.medium import Medium, MediumUse, NewMedium, NewWipe, Standing
from forensics_app.services.exhibits import exhibit_subject
from forensics_app.services.record import Writer, case_chain
from tests.builders import NOON, Bench

DATABASES = ("sqlite", "postgresql")
DRIVE = NewMedium(
    number="WD-01", use=MediumUse.WORKING, make="Samsung", model="870 EVO", serial="S6PUNX0T",
    size_bytes=2_000_398_934_016, place="Bench 2",
)  # fmt: skip
WIPE = NewWipe(
    method="overwritten once with zeros", tool="nwipe 0.36", is_blank=True, check="read whole, every byte is zero",
    wiped_at=NOON, blank_sha256=bytes(range(32)),
)  # fmt: skip
TAKING = {"purpose": "Working copies", "expected_return": "2026-11-24T17:00:00+01:00", "place": "Bench 2"}


def registered(bench: Bench, number: str = "WD-01") -> Medium:
    return bench.lab.media.register(bench.custodian, replace(DRIVE, number=number))


def step(bench: Bench, medium: Medium, event: str, **fields: str) -> None:
    bench.lab.custody.perform(bench.custodian, bench.request(medium.exhibit, event, fields=fields))


def blank(bench: Bench, number: str = "WD-01") -> Medium:
    return bench.lab.media.wipe(bench.custodian, registered(bench, number).id, WIPE)


def test_the_first_medium_opens_the_case_of_the_laboratory_and_the_next_lie_in_it(bench: Bench) -> None:
    bench.case("LAB")
    first, second = registered(bench), registered(bench, "WD-02")
    case = bench.lab.cases.get(bench.lab.media.case_id)
    assert (case.number, case.status) == ("LAB-2", CaseStatus.OPEN)
    assert (case.lead_examiner_id, case.supervisor_id) == (bench.examiner.person.id, bench.supervisor.person.id)
    assert first.exhibit.case_id == second.exhibit.case_id == case.id
    assert (first.exhibit.type, first.use, first.size_bytes) == (
        ExhibitType.MEDIUM, MediumUse.WORKING, 2_000_398_934_016,
    )  # fmt: skip
    assert [one.exhibit.number for one in bench.lab.media.list()] == ["WD-01", "WD-02"]
    assert dict(bench.lab.exhibits.particulars(first.id).facts) == {
        "Use": "working drive", "Size in bytes": "2000398934016",
    }  # fmt: skip
    assert bench.lab.verification.verify().ok


def test_a_medium_is_registered_with_everything_that_tells_it_from_others(bench: Bench) -> None:
    for lacking in ({"serial": " "}, {"make": ""}, {"place": ""}, {"number": ""}):
        with pytest.raises(RefusedError, match="make, model, serial number"):
            bench.lab.media.register(bench.custodian, replace(DRIVE, **lacking))  # type: ignore[arg-type]
    with pytest.raises(RefusedError, match="size in bytes, not 0"):
        bench.lab.media.register(bench.custodian, replace(DRIVE, size_bytes=0))
    with pytest.raises(PermissionRefusedError):
        bench.lab.media.register(bench.supervisor, DRIVE)
    assert bench.lab.cases.list() == (), "what was refused opens no case"
    registered(bench)
    with pytest.raises(RefusedError, match="'WD-01' is already in use"):
        registered(bench)
    with pytest.raises(NotFoundError, match="no medium 'WD-09'"):
        bench.lab.media.numbered("WD-09")


def test_media_and_exhibits_of_cases_do_not_mix(bench: Bench) -> None:
    case, medium = bench.case(), registered(bench)
    new = NewExhibit(case_id=case.id, number="LH/01", type=ExhibitType.MEDIUM, description="Disk", place="Desk")
    with pytest.raises(RefusedError, match="register of their own"):
        bench.lab.exhibits.add(bench.custodian, new)
    with pytest.raises(RefusedError, match="holds the laboratory's own media"):
        bench.lab.exhibits.add(bench.custodian, replace(new, case_id=medium.exhibit.case_id, type=ExhibitType.STORAGE))
    exhibit = bench.exhibit(case)
    for one, kind in ((medium.exhibit, "storage medium"), (exhibit, "laboratory medium")):
        with pytest.raises(RefusedError, match="cannot be corrected: media have a case of their own"):
            bench.lab.exhibits.correct(bench.custodian, one.id, {"type": kind}, "mistaken")
    with pytest.raises(RefusedError, match="it stays open"):
        bench.lab.cases.close(bench.supervisor, medium.exhibit.case_id, "done")
    with pytest.raises(RefusedError, match="is no medium of the laboratory"):
        bench.lab.media.wipe(bench.custodian, exhibit.id, WIPE)


@pytest.mark.req("REQ-17")
def test_custody_of_a_medium_goes_over_the_same_machine(bench: Bench) -> None:
    medium = registered(bench)
    assert {one.event.value for one in bench.lab.custody.possible(medium.id)} == {"store"}
    with pytest.raises(RefusedError, match="belongs to the laboratory: nobody seizes it"):
        step(bench, medium, "leave_in_place", reason="too heavy")
    step(bench, medium, "store", shelf="A-07")
    step(bench, medium, "check_out", **TAKING)
    step(bench, medium, "return_to_store", shelf="A-07")
    seized = bench.exhibit(bench.case())
    with pytest.raises(RefusedError, match="store is not possible"):
        bench.lab.custody.perform(bench.custodian, bench.request(seized, "store", fields={"shelf": "A-07"}))
    assert bench.lab.exhibits.get(medium.id).state is State.STORED
    gaps = [gap.what for view in bench.lab.principles.of_case(medium.exhibit.case_id) for gap in view.gaps]
    assert not [what for what in gaps if "seal" in what], "nobody seals what the laboratory works with"
    assert bench.lab.verification.verify().ok


def test_a_medium_is_assigned_only_when_it_was_wiped_and_verified_since_its_last_use(bench: Bench) -> None:
    media, case = bench.lab.media, bench.case()
    medium = registered(bench)
    with pytest.raises(RefusedError, match="not wiped and verified since its last use"):
        media.assign(bench.examiner, medium.id, case.id, "Working copies")
    failed = replace(WIPE, is_blank=False, check="sector 812 holds data")
    assert media.wipe(bench.custodian, medium.id, failed).standing is Standing.NOT_BLANK
    with pytest.raises(RefusedError, match="found that WD-01 is not blank"):
        media.assign(bench.examiner, medium.id, case.id, "Working copies")
    wiped = media.wipe(bench.custodian, medium.id, WIPE)
    assert (wiped.standing, wiped.wipe and wiped.wipe.blank_sha256) == (Standing.READY, bytes(range(32)))
    with pytest.raises(RefusedError, match="what the medium is for"):
        media.assign(bench.examiner, medium.id, case.id, " ")
    assigned = media.assign(bench.examiner, medium.id, case.id, "Working copies")
    assert assigned.assignment is not None
    assert (assigned.standing, assigned.assignment.case_number) == (Standing.ASSIGNED, "2026-0147")
    with pytest.raises(RefusedError, match="assigned to case 2026-0147 already"):
        media.assign(bench.examiner, medium.id, case.id, "Again")
    with pytest.raises(RefusedError, match="may be needed there"):
        media.wipe(bench.custodian, medium.id, WIPE)
    back = media.take_back(bench.examiner, medium.id, "Copies are archived")
    assert (back.standing, back.assignment) == (Standing.NOT_WIPED, None)
    with pytest.raises(RefusedError, match="is assigned to no case"):
        media.take_back(bench.examiner, medium.id)
    with pytest.raises(RefusedError, match="since its last use"):
        media.assign(bench.examiner, medium.id, case.id, "Working copies")
    acts = [(one.action, one.fact("event"), one.fact("medium")) for one in bench.lab.custody.case_history(case.id)]
    assert acts[1:] == [("case.medium", "assigned", "WD-01"), ("case.medium", "returned", "WD-01")]
    assert media.numbered(" WD-01 ") == media.list()[0]
    assert bench.lab.verification.verify().ok


def test_a_medium_that_left_the_laboratory_has_to_be_wiped_again(bench: Bench) -> None:
    medium = blank(bench)
    step(bench, medium, "store", shelf="A-07")
    assert bench.lab.media.numbered("WD-01").standing is Standing.READY
    step(bench, medium, "dispatch", carrier="Courier 7", departed_at="2026-11-20T13:00+01:00")
    assert bench.lab.media.numbered("WD-01").standing is Standing.GONE
    with pytest.raises(RefusedError, match="IN TRANSIT: it is not in the laboratory"):
        bench.lab.media.assign(bench.examiner, medium.id, bench.case().id, "Transport")
    receiving = {"place": "Reception", "purpose": "Back", "seal_check": "not sealed", "condition": "Undamaged"}
    request = bench.request(medium.exhibit, "receive", fields=receiving, outside_party="Courier 7")
    bench.lab.custody.perform(bench.custodian, request)
    assert bench.lab.media.numbered("WD-01").standing is Standing.NOT_WIPED


def test_who_records_a_wipe_has_the_medium_in_hand_and_says_how_it_was_checked(bench: Bench) -> None:
    media, medium = bench.lab.media, registered(bench)
    with pytest.raises(RefusedError, match="Ana Kovač does not have it in hand"):
        media.wipe(bench.examiner, medium.id, WIPE)
    for lacking in ({"check": " "}, {"method": ""}, {"tool": ""}):
        with pytest.raises(RefusedError, match="how it was checked"):
            media.wipe(bench.custodian, medium.id, replace(WIPE, **lacking))  # type: ignore[arg-type]
    with pytest.raises(RefusedError, match="has 64 hexadecimal digits"):
        media.wipe(bench.custodian, medium.id, replace(WIPE, blank_sha256=b"short"))
    with pytest.raises(RefusedError, match="has not come yet"):
        media.wipe(bench.custodian, medium.id, replace(WIPE, wiped_at=NOON + timedelta(days=2)))
    with pytest.raises(PermissionRefusedError):
        media.wipe(bench.supervisor, medium.id, WIPE)
    step(bench, medium, "store", shelf="A-07")
    with pytest.raises(RefusedError, match="is STORED, held by Tomasz Lis, place A-07"):
        media.wipe(bench.custodian, medium.id, WIPE)


def test_a_medium_is_not_wiped_while_a_hold_keeps_what_it_was_used_for(bench: Bench) -> None:
    media, case = bench.lab.media, bench.case()
    medium = blank(bench)
    media.assign(bench.examiner, medium.id, case.id, "Working copies")
    media.take_back(bench.examiner, medium.id)
    hold = bench.lab.holds.place(
        bench.examiner, NewHold(case_id=case.id, exhibit_id=None, authority="Court", reason="Appeal")
    )
    with pytest.raises(RefusedError, match="used last for case 2026-0147, which is under a legal hold"):
        media.wipe(bench.custodian, medium.id, WIPE)
    bench.lab.holds.lift(bench.supervisor, hold.id, "Court", "Dismissed")
    own = NewHold(case_id=medium.exhibit.case_id, exhibit_id=medium.id, authority="Court", reason="Appeal")
    bench.lab.holds.place(bench.examiner, own)
    with pytest.raises(RefusedError, match="WD-01 is under a legal hold"):
        media.wipe(bench.custodian, medium.id, WIPE)
    assert bench.lab.verification.verify().ok


def test_room_audits_and_labels_know_media_too(bench: Bench) -> None:
    here, missing = registered(bench), registered(bench, "WD-02")
    for one in (here, missing):
        step(bench, one, "store", shelf="A-07")
    (label,) = bench.lab.labels.of_case(here.exhibit.case_id, [here.id])
    assert "WD-01" in label.told.text
    audit = bench.lab.audits.record(
        bench.custodian, NewAudit(place="A-07", began_at=bench.clock(), scanned=(label.told.text,))
    )
    assert (audit.expected, audit.found) == (2, 1)
    assert [(one.kind, one.label) for one in audit.findings] == [(FindingKind.MISSING, "WD-02")]


def test_a_seized_exhibit_that_somebody_calls_a_medium_of_the_laboratory_is_found_by_both_verifications(
    bench: Bench, tmp_path: Path
) -> None:
    case = bench.case()
    exhibit = bench.exhibit(case)
    with bench.lab.database.writing() as connection:
        writer = Writer(connection, bench.clock())
        writer.update(EXHIBIT, exhibit.id, {"type": "laboratory medium"})
        by, about = [("actor", bench.custodian)], exhibit_subject(exhibit)
        writer.append(case_chain(case), "exhibit.correct", about, {}, by, "A slip of the pen")
    report = bench.lab.verification.verify()
    assert [one for chain in report.chains for one in chain.not_allowed] == [
        "Entry 4: exhibit.correct changes whether LH/01 is a medium of the laboratory."
    ]
    folder = bench.lab.custody.export(case.id, tmp_path / "out", bench.custodian)
    assert main(["verify", str(folder.path)]) == 1
