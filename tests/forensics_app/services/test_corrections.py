"""Corrections of exhibits and of steps: by a new entry, and what of the present state follows."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from forensics_app.errors import NotFoundError, PermissionRefusedError, RefusedError
from forensics_app.model.corrections import corrected_by, step_correctable, told_now
from forensics_app.model.custody import CustodyEvent
from forensics_app.model.exhibit import Exhibit, ExhibitType, NewExhibit
from forensics_app.model.image import IntakeRequest, WriteBlocker
from forensics_app.model.incident import IncidentKind, SealSeen
from forensics_app.model.scene import Deviation
from tests.builders import NOON, Bench
from tests.forensics_app.services.end_of_custody import stored
from tests.forensics_app.services.test_custody import RECEIVING, TAKING, checked_out, received
from tests.forensics_app.services.test_possession import is_in_order

DATABASES = ("sqlite", "postgresql")


def step_of(bench: Bench, exhibit: Exhibit, event: str) -> CustodyEvent:
    """The newest step of an exhibit that is called ``event``."""
    return next(one for one in reversed(bench.lab.custody.history(exhibit.id)) if one.action == f"custody.{event}")


def correct(bench: Bench, exhibit: Exhibit, event: str, /, **right: str) -> CustodyEvent:
    number = step_of(bench, exhibit, event).sequence
    return bench.lab.custody.correct(bench.custodian, exhibit.id, number, right, "Written down wrongly")


@pytest.mark.req("REQ-20")
def test_seal_type_and_seizure_of_an_exhibit_are_corrected_and_the_record_verifies(bench: Bench) -> None:
    exhibit = bench.exhibit(bench.case())
    at = NOON - timedelta(days=2)
    right = {"seal_number": "0048822", "type": "storage medium"}
    bench.lab.exhibits.correct(bench.custodian, exhibit.id, right, "Label read again")
    correct(bench, exhibit, "seize", occurred_at=at.isoformat(), place="Pier 4")
    after = bench.lab.exhibits.get(exhibit.id)
    assert (after.seal_number, after.type, after.seized_at) == ("0048822", ExhibitType.STORAGE, at)
    assert (after.seized_place, after.place) == ("Pier 4", "Pier 4"), "it still lies where it was seized"
    assert after.holder == exhibit.holder
    assert bench.lab.verification.verify().ok


@pytest.mark.parametrize(
    ("right", "why"),
    [
        ({"seal_number": " "}, "cannot be emptied"),
        ({"type": "image"}, "by taking it in"),
        ({"type": "teapot"}, "no type of exhibit"),
        ({"seizure_witness": "Insp. Wolf"}, "told this: seizure witness"),
        ({"holder": "Somebody"}, "cannot be corrected"),
        ({"number": "LH/02"}, "cannot be corrected"),
        ({"make": "Lenovo"}, "Nothing differs"),
    ],
)
def test_a_correction_of_an_exhibit_that_cannot_be_is_refused(bench: Bench, right: dict[str, str], why: str) -> None:
    exhibit = bench.exhibit(bench.case())
    with pytest.raises(RefusedError, match=why):
        bench.lab.exhibits.correct(bench.custodian, exhibit.id, right, "to see")
    assert bench.lab.exhibits.get(exhibit.id) == exhibit


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("seized_by", "Sgt. Other"),
        ("seized_at", "2026-11-18T07:10:00+01:00"),
        ("seized_place", "Pier 4"),
        ("seizure_witness", "Insp. Wolf"),
    ],
)
@pytest.mark.req("REQ-20")
def test_what_the_seizure_told_is_corrected_with_that_step_alone(bench: Bench, column: str, value: str) -> None:
    exhibit = bench.exhibit(bench.case())
    number = step_of(bench, exhibit, "seize").sequence
    with pytest.raises(RefusedError, match=f"entry {number} of the custody record, told this: ") as refused:
        bench.lab.exhibits.correct(bench.custodian, exhibit.id, {column: value}, "A slip of the pen")
    assert refused.value.then == f"Correct entry {number} in the custody record."
    told = {"seized_by": "officer", "seized_at": "occurred_at", "seized_place": "place", "seizure_witness": "witness"}[
        column
    ]
    correct(bench, exhibit, "seize", **{told: value})
    after = bench.lab.exhibits.get(exhibit.id)
    assert {"seized_by": after.holder, "seized_place": after.place}.get(column, value) == value
    if column != "seized_at":
        assert getattr(after, column) == value
    assert bench.lab.verification.verify().ok


@pytest.mark.parametrize(
    ("right", "why"),
    [
        ({"occurred_at": "2026-11-18 07:10"}, "no time with its offset"),
        ({"occurred_at": "2199-01-01T00:00:00+00:00"}, "has not come yet"),
        ({"officer": "Insp. Haas"}, "two different people"),
        ({"witness": "Duarte, Sgt."}, "two different people"),
        ({"witness": " "}, "cannot be emptied"),
        ({"witness": "Tomasz Lis"}, "would be the witness of the seizure"),
    ],
)
def test_a_correction_of_a_seizure_that_cannot_be_is_refused(bench: Bench, right: dict[str, str], why: str) -> None:
    exhibit = bench.exhibit(bench.case())
    with pytest.raises(RefusedError, match=why):
        correct(bench, exhibit, "seize", **right)
    assert bench.lab.exhibits.get(exhibit.id) == exhibit


def test_a_seizure_that_is_not_recorded_yet_is_corrected_with_the_exhibit(bench: Bench) -> None:
    new = NewExhibit(
        case_id=bench.case().id, number="LH/07", type=ExhibitType.PAPER, description="Seed words", place="Safe",
        no_photo_reason="Secret",
    )  # fmt: skip
    exhibit = bench.lab.exhibits.add(bench.custodian, new)
    after = bench.lab.exhibits.correct(bench.custodian, exhibit.id, {"seized_place": "Pier 4"}, "Told later")
    assert after.seized_place == "Pier 4"


@pytest.mark.req("REQ-20")
def test_a_step_is_corrected_by_an_entry_with_who_when_why_and_both_values(bench: Bench) -> None:
    exhibit = stored(bench, bench.case(), "LH/01")
    step = step_of(bench, exhibit, "store")
    entry = correct(bench, exhibit, "store", shelf="B-02", remarks="second row")
    assert (entry.facts["corrects"], entry.facts["corrects_digest"]) == (step.sequence, step.digest.hex())
    assert entry.facts["corrected"] == {"shelf": [step.fact("shelf"), "B-02"], "remarks": ["", "second row"]}
    assert (entry.actor, entry.reason, entry.is_step) == ("Tomasz Lis", "Written down wrongly", False)
    history = bench.lab.custody.history(exhibit.id)
    assert step in history, "the old entry stays as it was"
    assert corrected_by(history)[step.sequence] == entry.sequence
    assert bench.lab.exhibits.get(exhibit.id).place == "B-02"
    assert bench.lab.verification.verify().ok


def test_a_second_correction_stands_in_for_the_first(bench: Bench) -> None:
    exhibit = stored(bench, bench.case(), "LH/01")
    first = correct(bench, exhibit, "store", shelf="B-02")
    second = correct(bench, exhibit, "store", shelf="B-03")
    history, step = bench.lab.custody.history(exhibit.id), step_of(bench, exhibit, "store").sequence
    assert corrected_by(history) == {step: second.sequence, first.sequence: second.sequence}
    assert told_now(history, step)["shelf"] == bench.lab.exhibits.get(exhibit.id).place == "B-03"
    with pytest.raises(RefusedError, match="itself a correction"):
        bench.lab.custody.correct(bench.custodian, exhibit.id, first.sequence, {"shelf": "X"}, "to see")


def test_a_place_that_a_later_step_told_again_stays_where_it_is(bench: Bench) -> None:
    exhibit = checked_out(bench)
    correct(bench, exhibit, "store", shelf="B-02")
    correct(bench, exhibit, "receive", seal_number="0048812 B", condition="Dented")
    after = bench.lab.exhibits.get(exhibit.id)
    assert (after.place, after.condition) == ("Bench 2", "Dented"), "no later step told the condition"
    assert bench.lab.verification.verify().ok


@pytest.mark.req("REQ-20")
def test_a_shelf_of_what_was_imaged_since_is_corrected_where_it_lies(bench: Bench, tmp_path: Path) -> None:
    exhibit = stored(bench, bench.case(), "LH/01")
    out = {name: told for name, told in TAKING.items() if name != "place"}
    bench.lab.custody.hand_over(bench.custodian, bench.examiner, bench.request(exhibit, "check_out", fields=out))
    (tmp_path / "disk.img").write_bytes(bytes(64 * 512))
    blocker, seen = WriteBlocker(device="Tableau T8u"), SealSeen(condition="intact")
    asked = IntakeRequest(exhibit_id=exhibit.id, paths=(tmp_path / "disk.img",), write_blocker=blocker, seal=seen)
    bench.lab.intake.take_in(bench.examiner, asked)
    correct(bench, exhibit, "store", shelf="B-02")
    assert bench.lab.exhibits.get(exhibit.id).place == "B-02", "the image has a place of its own, which says nothing"
    correct(bench, exhibit, "check_out", place="Bench 2")
    correct(bench, exhibit, "store", shelf="B-03")
    assert bench.lab.exhibits.get(exhibit.id).place == "Bench 2", "it was taken there later"
    is_in_order(bench, exhibit, tmp_path)


@pytest.mark.req("REQ-20")
def test_a_place_of_a_step_is_corrected_after_that_of_one_before_it(bench: Bench, tmp_path: Path) -> None:
    exhibit = stored(bench, bench.case(), "LH/01")
    out = {name: told for name, told in TAKING.items() if name != "place"}
    bench.lab.custody.hand_over(bench.custodian, bench.examiner, bench.request(exhibit, "check_out", fields=out))
    correct(bench, exhibit, "store", shelf="B-02")
    correct(bench, exhibit, "check_out", place="Bench 2")
    assert bench.lab.exhibits.get(exhibit.id).place == "Bench 2"
    is_in_order(bench, exhibit, tmp_path)


@pytest.mark.req("REQ-20")
@pytest.mark.parametrize("nobody", [".", "12"])
def test_officer_and_witness_of_a_seizure_are_not_corrected_to_nobody(bench: Bench, nobody: str) -> None:
    exhibit = received(bench)
    for name in ("officer", "witness"):
        with pytest.raises(RefusedError, match="names nobody"):
            correct(bench, exhibit, "seize", **{name: nobody})


def test_the_time_of_the_seizure_follows_the_step_that_told_it(bench: Bench) -> None:
    exhibit = received(bench)
    correct(bench, exhibit, "seize", occurred_at="2026-11-17T09:00:00+01:00")
    after = bench.lab.exhibits.get(exhibit.id)
    assert after.seized_at is not None
    assert after.seized_at.isoformat() == "2026-11-17T09:00:00+01:00"


def test_a_due_time_is_corrected_and_must_have_its_offset(bench: Bench) -> None:
    exhibit = checked_out(bench)
    with pytest.raises(RefusedError, match="no time with its offset"):
        correct(bench, exhibit, "check_out", expected_return="2026-11-25 17:00")
    correct(bench, exhibit, "check_out", expected_return="2026-11-25T17:00:00+01:00")
    after = bench.lab.exhibits.get(exhibit.id)
    assert after.expected_back is not None
    assert after.expected_back.isoformat() == "2026-11-25T17:00:00+01:00"


def test_what_else_a_step_with_a_due_time_told_is_corrected_and_the_due_time_stays(bench: Bench) -> None:
    exhibit = checked_out(bench)
    due_at = bench.lab.exhibits.get(exhibit.id).expected_back
    assert due_at is not None
    correct(bench, exhibit, "check_out", remarks="To workstation 2")
    earlier = step_of(bench, exhibit, "check_out").occurred_at - timedelta(seconds=1)
    correct(bench, exhibit, "check_out", occurred_at=earlier.isoformat())
    assert bench.lab.exhibits.get(exhibit.id).expected_back == due_at
    assert bench.lab.verification.verify().ok


@pytest.mark.req("REQ-12")
def test_a_seal_that_turns_out_to_have_been_broken_raises_the_incident_once(bench: Bench) -> None:
    exhibit = received(bench)
    assert bench.lab.incidents.of_exhibit(exhibit.id) == ()
    with pytest.raises(RefusedError, match="'broken at one corner' is no condition of a seal"):
        correct(bench, exhibit, "receive", seal_check="broken at one corner")
    entry = correct(bench, exhibit, "receive", seal_check="broken")
    (incident,) = bench.lab.incidents.of_exhibit(exhibit.id)
    assert incident.what == entry.fact("incident")
    correct(bench, exhibit, "receive", remarks="the photograph shows it")
    assert bench.lab.incidents.of_exhibit(exhibit.id) == (incident,)
    assert bench.lab.verification.verify().ok


@pytest.mark.req("REQ-20")
def test_parties_signatures_and_what_is_no_step_are_never_corrected(bench: Bench) -> None:
    exhibit = checked_out(bench)
    for name in ("giver", "receiver", "witness", "event", "to_state", "seal_before", "incident", "due"):
        assert name not in step_correctable(step_of(bench, exhibit, "check_out"))
        with pytest.raises(RefusedError, match="cannot be corrected"):
            correct(bench, exhibit, "check_out", **{name: "Somebody else"})
    registered = bench.lab.custody.history(exhibit.id)[0]
    with pytest.raises(RefusedError, match="no step of custody"):
        bench.lab.custody.correct(bench.custodian, exhibit.id, registered.sequence, {"place": "x"}, "to see")
    with pytest.raises(NotFoundError, match="no entry 999"):
        bench.lab.custody.correct(bench.custodian, exhibit.id, 999, {"place": "x"}, "to see")
    with pytest.raises(RefusedError, match="needs a reason"):
        bench.lab.custody.correct(bench.custodian, exhibit.id, registered.sequence, {"place": "x"}, " ")
    with pytest.raises(PermissionRefusedError):
        bench.lab.custody.correct(bench.admin, exhibit.id, registered.sequence, {"place": "x"}, "to see")


@pytest.mark.req("REQ-20", "REQ-21")
def test_report_and_form_strike_the_corrected_step_and_print_both_values(bench: Bench) -> None:
    case = bench.case()
    exhibit = bench.exhibit(case)
    bench.lab.custody.perform(
        bench.custodian, bench.request(exhibit, "receive", fields=RECEIVING, outside_party="Sgt. Duarte")
    )
    entry = correct(bench, exhibit, "receive", place="Loading bay")
    (item,) = bench.lab.custody_forms.gather(case.id).items
    step = next(one for one in item.events if one.sequence == entry.facts["corrects"])
    assert (step.corrected_by, step.place, step.is_step) == (entry.sequence, "Reception", True)
    last = item.events[-1]
    assert (last.corrects, last.is_step) == (step.sequence, False)
    assert "Place was “Reception”, is “Loading bay”" in last.remarks
    assert "Reason: Written down wrongly" in last.remarks


def test_a_report_tells_the_seconds_of_a_corrected_time(bench: Bench) -> None:
    exhibit = received(bench)
    told = step_of(bench, exhibit, "receive").occurred_at
    assert told is not None
    correct(bench, exhibit, "receive", occurred_at=(told - timedelta(seconds=2)).isoformat())
    (item,) = bench.lab.custody_forms.gather(exhibit.case_id).items
    before, after = (f"{at:%Y-%m-%d %H:%M:%S} +00:00" for at in (told, told - timedelta(seconds=2)))
    assert f"Occurred at was “{before}”, is “{after}”" in item.events[-1].remarks


@pytest.mark.req("REQ-12")
def test_a_correction_of_the_number_of_a_seal_silences_no_incident(bench: Bench) -> None:
    exhibit = bench.exhibit(bench.case())
    bench.lab.exhibits.correct(bench.custodian, exhibit.id, {"seal_number": "0048899"}, "Label read again")
    (incident,) = bench.lab.incidents.of_exhibit(exhibit.id)
    told = "The seal of LH/01 was recorded as 0048812; the record was corrected to 0048899."
    assert (incident.kind, incident.what) == (IncidentKind.SEAL_DIFFERS, told)
    assert bench.lab.custody.history(exhibit.id)[-1].fact("incident") == told
    correct(bench, exhibit, "seize", seal_number="0048877")
    assert bench.lab.exhibits.get(exhibit.id).seal_number == "0048899", "what was written later stays"
    assert bench.lab.incidents.of_exhibit(exhibit.id) == (incident,)
    assert bench.lab.verification.verify().ok


@pytest.mark.req("REQ-12")
def test_the_number_of_the_seal_that_a_seizure_put_on_is_corrected_with_an_incident(bench: Bench) -> None:
    exhibit = bench.exhibit(bench.case())
    correct(bench, exhibit, "seize", seal_number="0048899")
    (incident,) = bench.lab.incidents.of_exhibit(exhibit.id)
    assert "recorded as 0048812; the record was corrected to 0048899" in incident.what
    assert bench.lab.verification.verify().ok


@pytest.mark.req("REQ-13")
def test_a_step_that_is_told_earlier_than_one_before_it_is_a_deviation(bench: Bench) -> None:
    exhibit = received(bench)
    at = bench.clock() - timedelta(hours=3)
    store = replace(bench.request(exhibit, "store", fields={"shelf": "A-07-3"}), occurred_at=at)
    entry = bench.lab.custody.perform(bench.custodian, replace(store, remarks="Clock of the tablet"))
    (told,) = deviations(bench, exhibit)
    assert told.what == entry.fact("deviation")
    assert told.what.startswith("LH/01: store is told to have happened at 2026-11-20 09:00 +00:00, before receive at")
    assert (told.principle, told.reason) == ("principle-2", "Clock of the tablet")
    move = replace(bench.request(exhibit, "move", fields={"shelf": "A-08"}), occurred_at=bench.clock())
    assert bench.lab.custody.perform(bench.custodian, move).fact("deviation") == ""
    assert bench.lab.verification.verify().ok


@pytest.mark.req("REQ-13")
def test_a_time_that_is_corrected_out_of_its_order_is_a_deviation(bench: Bench) -> None:
    exhibit = stored(bench, bench.case(), "LH/01")
    early = (bench.clock() - timedelta(days=1)).isoformat()
    entry = correct(bench, exhibit, "receive", occurred_at=early)
    assert entry.fact("deviation") == "", "the seizure lies before it"
    entry = correct(bench, exhibit, "receive", occurred_at=(bench.clock() - timedelta(days=9)).isoformat())
    assert "receive is told to have happened at" in entry.fact("deviation")
    late = correct(bench, exhibit, "receive", occurred_at=(bench.clock() + timedelta(minutes=4)).isoformat())
    assert "store is told to have happened at" in late.fact("deviation")
    assert [one.reason for one in deviations(bench, exhibit)] == ["Written down wrongly"] * 2
    assert bench.lab.verification.verify().ok


def deviations(bench: Bench, exhibit: Exhibit) -> list[Deviation]:
    return [one for view in bench.lab.principles.of_case(exhibit.case_id) for one in view.deviations]
