"""How a seal was found, under the fifth rules: both verifiers demand that it is told where it is opened or renewed."""

from itertools import product
from typing import Any

import pytest

from chain_of_custody.ledger import Change
from tests.chain_of_custody.chains import CASE, LAB, OTHER_CASE
from tests.chain_of_custody.test_rules import OTTO, SUSI, Custody
from tests.second_verifier.test_forged_hands import named
from tests.second_verifier.test_written_agreement import changed, fifth, of_exhibit

SEAL = "0048812"
INTACT = {"seal_before": SEAL, "seal_number": SEAL, "seal_check": "intact, number agrees"}
IMAGED = {"event": "image", "from_state": "CHECKED_OUT", "to_state": "IMAGED"}
INCIDENT, DEVIATION = f"{LAB[:-6]}990001", f"{LAB[:-6]}990002"


def out(rules: int = 5) -> Custody:
    """What Otto has checked out, under a seal."""
    case = fifth(rules)
    changed(case, "exhibit.correct", OTTO, of_exhibit(seal_number=(None, SEAL)))
    case.row["seal_number"] = SEAL
    case.step("check_out", "CHECKED_OUT", (OTTO, "actor"))
    return case


def raised(kind: str, **more: Any) -> Change:
    row = {
        "raised_by": OTTO.person,
        "case_id": CASE,
        "exhibit_id": CASE,
        "kind": kind,
        "what": "Not as recorded",
        **more,
    }
    return Change(table="incident", id=INCIDENT, set={name: (None, value) for name, value in row.items()})


def explained(reason: str) -> Change:
    return Change(table="deviation", id=DEVIATION, set={"reason": (None, reason)})


def opened(case: Custody, facts: dict[str, Any], *beside: Change, image: bool = False, **new: Any) -> None:
    if image:
        columns = {"state": "IMAGED", **new}
        case.put("image.intake", (OTTO, "actor"), facts={**IMAGED, **facts}, beside=beside, **columns)
    else:
        told = {"event": "begin_examination", "from_state": "CHECKED_OUT", "to_state": "UNDER_EXAM", **case.stated}
        columns = {"state": "UNDER_EXAM", **new}
        case.put("custody.begin_examination", (OTTO, "actor"), facts={**told, **facts}, beside=beside, **columns)


RIGHT: dict[str, tuple[dict[str, Any], tuple[Change, ...], dict[str, Any]]] = {
    "a whole one": (INTACT, (), {}),
    "a broken one": ({**INTACT, "seal_check": "broken or opened"}, (raised("seal broken"),), {}),
    "none": ({"seal_before": SEAL, "seal_check": "missing"}, (raised("seal missing"),), {}),
    "another number": (
        {**INTACT, "seal_number": "7", "seal_check": "number differs"}, (raised("seal differs"),), {"seal_number": "7"}
    ),
    "not looked at": ({"seal_before": SEAL, "seal_check": "not checked"}, (explained("Hidden"),), {}),
}  # fmt: skip
WRONG: dict[str, tuple[dict[str, Any], tuple[Change, ...], dict[str, Any]]] = {
    "nothing": ({}, (), {}),
    "other words": ({**INTACT, "seal_check": "fine"}, (), {}),
    "a short word": ({**INTACT, "seal_check": "intact"}, (), {}),
    "no word": ({**INTACT, "seal_check": ["broken or opened"]}, (), {}),
    "no word but a member": ({**INTACT, "seal_check": {"broken or opened": True}}, (), {}),
    "no number": ({"seal_before": SEAL, "seal_check": "intact, number agrees"}, (), {}),
    "a number that is none": ({**INTACT, "seal_number": 48812}, (), {}),
    "another number before": ({**INTACT, "seal_before": "0048811"}, (), {}),
    "another number recorded": (INTACT, (), {"seal_number": "9"}),
    "one that is read and not recorded": ({**INTACT, "seal_number": "7"}, (raised("seal differs"),), {}),
    "a broken one without an incident": ({**INTACT, "seal_check": "broken or opened"}, (), {}),
    "a broken one with another incident": ({**INTACT, "seal_check": "broken or opened"}, (raised("other"),), {}),
    "a broken one with that of another exhibit": (
        {**INTACT, "seal_check": "broken or opened"}, (raised("seal broken", exhibit_id=OTHER_CASE),), {}
    ),
    "a new one before it is opened": ({**INTACT, "seal_check": "new seal applied"}, (), {}),
    "not looked at, and not why": ({"seal_before": SEAL, "seal_check": "not checked"}, (explained(""),), {}),
}  # fmt: skip


@pytest.mark.req("REQ-12", "REQ-68")
@pytest.mark.parametrize(("name", "image"), [*product(RIGHT, (False, True))])
def test_an_opening_that_tells_its_seal_is_named_by_neither(name: str, image: bool) -> None:
    facts, beside, new = RIGHT[name]
    case = out()
    opened(case, facts, *beside, image=image, **new)
    assert named(case) == []


@pytest.mark.req("REQ-12", "REQ-68")
@pytest.mark.parametrize(("name", "image"), [*product(WRONG, (False, True))])
def test_an_opening_that_does_not_is_named_by_both_and_was_not_before(name: str, image: bool) -> None:
    facts, beside, new = WRONG[name]
    case = out()
    opened(case, facts, *beside, image=image, **new)
    assert any("seal" in what for what in named(case))
    older = out(rules=4)
    opened(older, facts, *beside, image=image, **new)
    assert named(older) == [], "ledgers of before are judged by the rules of before"


@pytest.mark.req("REQ-12", "REQ-68")
def test_what_was_opened_here_is_sealed_anew_without_an_incident_and_not_without_telling_it() -> None:
    for facts, found in (({**INTACT, "seal_number": "8", "seal_check": "new seal applied"}, 0), ({}, 1)):
        case = out()
        opened(case, INTACT)
        case.step("return_to_store", "STORED", (OTTO, "actor"), told=facts, seal_number=facts.get("seal_number", SEAL))
        assert len(named(case)) == found


@pytest.mark.req("REQ-12", "REQ-68")
@pytest.mark.parametrize(("sealed", "rules", "found"), [(True, 5, 1), (True, 4, 0), (False, 5, 0)])
def test_no_part_is_taken_out_of_what_lies_sealed(sealed: bool, rules: int, found: int) -> None:
    case = out(rules) if sealed else fifth(rules)
    if not sealed:
        case.step("check_out", "CHECKED_OUT", (OTTO, "actor"))
    row = {
        "state": "UNDER_EXAM", "holder_id": OTTO.person, "number": "LH/01.1", "case_id": CASE, "parent_id": CASE,
        "type": "storage medium", "holder": OTTO.name,
    }  # fmt: skip
    part = Change(table="exhibit", id=OTHER_CASE, set={name: (None, value) for name, value in row.items()})
    changed(case, "exhibit.derive", OTTO, part, about=("exhibit", OTHER_CASE))
    assert len(named(case)) == found


@pytest.mark.req("REQ-19", "REQ-68")
@pytest.mark.parametrize(("rules", "found"), [(5, 1), (4, 0)])
def test_who_offered_does_not_decide_about_the_deviation_of_the_acceptance(rules: int, found: int) -> None:
    case = fifth(rules)
    case.step("check_out", "CHECKED_OUT", (OTTO, "actor"))
    case.step("hand_over", "CHECKED_OUT", (OTTO, "giver"), (SUSI, "receiver"), holder_id=SUSI.person)
    offered = {
        "exhibit_id": CASE, "event": "hand_over", "from_state": "CHECKED_OUT", "giver_id": SUSI.person,
        "receiver_id": OTTO.person,
    }  # fmt: skip
    made = case.add(
        "transfer.offer", (SUSI, "giver"), facts={"offered": "hand_over"},
        changes=(Change(table="transfer_offer", id=OTHER_CASE, set={n: (None, one) for n, one in offered.items()}),),
    )  # fmt: skip
    told = {"offer": made.digest.hex(), "event": "hand_over", "from_state": "CHECKED_OUT", "to_state": "CHECKED_OUT"}
    mine = {"holder_id": OTTO.person, "holder": OTTO.name, "state": "CHECKED_OUT"}
    row = {"reason": (None, "It was at noon"), "author_id": (None, OTTO.person)}
    beside = (Change(table="deviation", id=DEVIATION, set=row),)
    case.put("custody.hand_over", (OTTO, "receiver"), facts={**told, **case.stated}, beside=beside, **mine)
    decision = {
        "approved": 1, "decided_by": SUSI.person, "case_id": CASE, "comment": "Fine", "kind": "deviation",
        "matter": f"deviation:{DEVIATION}",
    }  # fmt: skip
    change = Change(table="decision", id=INCIDENT, set={name: (None, value) for name, value in decision.items()})
    changed(case, "desk.approve", SUSI, change, about=("decision", INCIDENT))
    assert len(named(case)) == found


@pytest.mark.req("REQ-12", "REQ-68")
@pytest.mark.parametrize("rules", [4, 5])
@pytest.mark.parametrize("sealed", [True, False])
def test_no_image_of_what_lies_sealed_comes_in_beside_the_step_that_opens_it(rules: int, sealed: bool) -> None:
    case = out(rules) if sealed else fifth(rules)
    if not sealed:
        case.step("check_out", "CHECKED_OUT", (OTTO, "actor"))
    row = {
        "state": "STORED", "number": "LH/01-I1", "case_id": CASE, "parent_id": CASE, "type": "image",
        "holder_id": OTTO.person, "holder": OTTO.name,
    }  # fmt: skip
    part = Change(table="exhibit", id=OTHER_CASE, set={name: (None, value) for name, value in row.items()})
    changed(case, "image.intake", OTTO, part)
    assert any("seal" in what for what in named(case)) == (sealed and rules == 5)


@pytest.mark.req("REQ-12", "REQ-68")
@pytest.mark.parametrize("rules", [4, 5])
@pytest.mark.parametrize("number", [None, "", 7, True])
def test_a_recorded_seal_is_not_taken_out_of_the_record(rules: int, number: object) -> None:
    corrected, stepped = out(rules), out(rules)
    changed(corrected, "exhibit.correct", OTTO, of_exhibit(seal_number=(SEAL, number)))
    stepped.step("return_to_store", "STORED", (OTTO, "actor"), seal_number=number)
    for case in (corrected, stepped):
        assert any("of the seal of" in what for what in named(case)) == (rules == 5)
