"""What is told of a seal where nobody asks for it: the laboratory raises what both verifiers demand (REQ-12)."""

from __future__ import annotations

from pathlib import Path

import pytest

from forensics_app.model.case import Case
from forensics_app.model.exhibit import Exhibit
from tests.builders import SIGNED_FORM, Bench
from tests.forensics_app.services.end_of_custody import RECEIVING, SENDING
from tests.forensics_app.services.test_possession import is_in_order, step

OUT = {"purpose": "Imaging", "expected_return": "2026-11-24T17:00:00+01:00"}
SHELF = {"shelf": "A-07-3"}
HANDED = {"purpose": "Second opinion", "place": "Desk 2"}
COURT = {"court": "Regional court", "hearing": "4 Ks 7/26"}
STORED = (("store", SHELF),)
TAKEN = (*STORED, ("check_out", OUT))
WAYS: dict[str, tuple[tuple[str, dict[str, str]], ...]] = {
    "store": (("store", SHELF),),
    "refuse": (("refuse", {"reason": "Not asked for"}),),
    "move": (*STORED, ("move", {"shelf": "B-01"})),
    "check_out": TAKEN,
    "check_out at once": (("check_out", OUT),),
    "return_to_store": (*TAKEN, ("return_to_store", SHELF)),
    "hand_over": (*TAKEN, ("hand_over", HANDED)),
    "go_to_court": (*TAKEN, ("go_to_court", COURT)),
    "back from court": (*TAKEN, ("go_to_court", COURT), ("return_to_store", SHELF)),
    "report_lost": (*STORED, ("transfer_out", SENDING), ("report_lost", {"reason": "It did not arrive"})),
}
"""Ways from the reception to a step that is not asked about the seal, which is the last one."""
ANSWERS = {
    "intact": ("0048812", 0),
    "broken": ("0048812", 1),
    "missing": ("", 1),
    "differs": ("0048813", 1),
    "not-checked": ("", 0),
    "new": ("0048899", 1),
    "unsealed": ("", 1),
}


def received(bench: Bench, case: Case, number: str, **told: str) -> Exhibit:
    exhibit = bench.exhibit(case, number)
    fields = {**RECEIVING, **told}
    bench.lab.custody.perform(
        bench.custodian, bench.request(exhibit, "receive", fields=fields, outside_party="Sgt. Duarte")
    )
    return bench.lab.exhibits.get(exhibit.id)


def take(bench: Bench, exhibit: Exhibit, event: str, told: dict[str, str]) -> None:
    people = (bench.custodian, bench.examiner) if event == "hand_over" else (bench.custodian,)
    # `step` fills in what is told of a seal at a hand-over
    fields = {"seal_number": "", "seal_check": ""} | told if event == "hand_over" else told
    papers = {"papers": SIGNED_FORM} if event == "transfer_out" else {}
    step(bench, bench.lab.exhibits.get(exhibit.id), event, *people, told=fields, **papers)


def incidents(bench: Bench, exhibit: Exhibit) -> list[str]:
    return [one.kind.value for one in bench.lab.incidents.of_exhibit(exhibit.id) if one.kind.value.startswith("seal")]


@pytest.mark.req("REQ-12", "REQ-68")
@pytest.mark.parametrize("answer", ANSWERS)
def test_every_step_with_this_answer_is_in_order(bench: Bench, tmp_path: Path, answer: str) -> None:
    number, count = ANSWERS[answer]
    told = {"seal_check": answer, "seal_number": number, "seal_remarks": "The light failed"}
    case, exhibits = bench.case(), {}
    for place, (name, (*before, (last, fields))) in enumerate(WAYS.items()):
        exhibits[name] = exhibit = received(bench, case, f"LH/{place:02}")
        for event, filled_in in before:
            take(bench, exhibit, event, filled_in)
        take(bench, exhibit, last, {**fields, **told})
    found = {name: len(incidents(bench, one)) for name, one in exhibits.items()}
    assert found == dict.fromkeys(WAYS, count) | ({"store": 0} if answer == "new" else {})
    is_in_order(bench, exhibits["move"], tmp_path)


@pytest.mark.req("REQ-12", "REQ-68")
def test_a_seal_that_is_told_broken_at_every_step_is_one_incident(bench: Bench, tmp_path: Path) -> None:
    broken = {"seal_check": "broken", "seal_number": "0048812"}
    exhibit = received(bench, bench.case(), "LH/01", **broken)
    for event, fields in (*WAYS["move"], ("check_out", OUT), ("return_to_store", SHELF), *WAYS["back from court"][1:]):
        take(bench, exhibit, event, {**fields, **broken})
    assert incidents(bench, exhibit) == ["seal broken"]
    is_in_order(bench, exhibit, tmp_path)


@pytest.mark.req("REQ-12", "REQ-68")
def test_a_new_seal_put_on_at_a_move_after_a_broken_receipt_is_no_second_incident(bench: Bench, tmp_path: Path) -> None:
    exhibit = received(bench, bench.case(), "LH/01", seal_check="broken")
    take(bench, exhibit, "store", SHELF)
    take(bench, exhibit, "move", {"shelf": "B-01", "seal_check": "new", "seal_number": "0048899"})
    assert incidents(bench, exhibit) == ["seal broken"]
    assert bench.lab.exhibits.get(exhibit.id).seal_number == "0048899"
    is_in_order(bench, exhibit, tmp_path)


@pytest.mark.req("REQ-12", "REQ-20", "REQ-68")
def test_a_corrected_remark_does_not_make_the_same_broken_seal_another_incident(bench: Bench, tmp_path: Path) -> None:
    exhibit = received(bench, bench.case(), "LH/01", seal_check="broken")
    take(bench, exhibit, "store", SHELF)
    last = bench.lab.custody.history(exhibit.id)[-1].sequence
    bench.lab.custody.correct(bench.custodian, exhibit.id, last, {"remarks": "By the door"}, "I left it out")
    take(bench, exhibit, "check_out", {**OUT, "seal_check": "broken", "seal_number": "0048812"})
    assert incidents(bench, exhibit) == ["seal broken"]
    is_in_order(bench, exhibit, tmp_path)
