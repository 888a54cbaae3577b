"""Decisions of the supervisor's desk, forged: by whoever did it, by nobody who may, twice, or about nothing."""

from typing import Any

import pytest

from chain_of_custody.ledger import Change, breaches
from chain_of_custody.rule_sets import Begun
from tests.chain_of_custody.chains import CASE, LAB, OTHER_CASE, Chain
from tests.chain_of_custody.test_rules import EMMA, LAW, OTTO, RING, SUSI, By, Custody

ROW = "00000000-0000-4000-8000-0000000000d1"
SECOND = "00000000-0000-4000-8000-0000000000d2"
DEVIATION = f"deviation:{ROW}"
TOOL = f"tool:{CASE}:avml 0.14:ab"


def new_row(chain: Chain, action: str, by: By, table: str, row: dict[str, Any], key: str = ROW) -> None:
    change = Change(table=table, id=key, set={name: (None, value) for name, value in row.items()})
    chain.add(action, by, changes=(change,))


def decide(chain: Chain, by: By = (SUSI, "actor"), action: str = "desk.approve", key: str = ROW, **other: Any) -> None:
    row = {"kind": "deviation", "matter": DEVIATION, "approved": int(action == "desk.approve"), "comment": "Well noted"}
    row |= {"decided_by": by[0].person, "case_id": None if chain.kind == "lab" else chain.chain, **other}
    new_row(chain, action, by, "decision", row, key)


def deviated(by: By = (EMMA, "actor")) -> Custody:
    case = Custody()
    new_row(case, "case.deviation", by, "deviation", {"author_id": by[0].person})
    return case


def captured(*people: Any) -> Custody:
    case = Custody()
    for number, person in enumerate(people):
        row = {"tool": "avml", "tool_version": "0.14", "tool_sha256": "ab"}
        new_row(case, "scene.capture", (person, "actor"), "capture", row, f"{ROW[:-1]}{number}")
    return case


@pytest.mark.req("REQ-19")
@pytest.mark.parametrize("action", ["desk.approve", "desk.return"])
def test_what_a_supervisor_decides_about_somebody_elses_act_is_allowed(action: str) -> None:
    case = deviated()
    decide(case, action=action)
    assert case.found() == []


@pytest.mark.req("REQ-19")
def test_a_decision_about_ones_own_act_is_named() -> None:
    case = deviated((SUSI, "actor"))
    decide(case)
    assert case.found() == [f"Entry 2: Susi Supervisor decides about their own act: {DEVIATION}."]
    lent = Custody()
    new_row(lent, "case.deviation", (EMMA, "actor"), "deviation", {"author_id": SUSI.person})
    decide(lent)
    assert lent.found() == [f"Entry 2: Susi Supervisor decides about their own act: {DEVIATION}."]


@pytest.mark.req("REQ-19", "REQ-38")
def test_a_decision_by_somebody_who_is_no_supervisor_is_named() -> None:
    case = deviated()
    decide(case, (OTTO, "actor"))
    assert case.found() == ["Entry 2: Otto Officer signs desk.approve and did not hold the role for it then."]


@pytest.mark.req("REQ-19")
def test_a_second_decision_is_named_and_a_changed_one() -> None:
    case = deviated()
    decide(case)
    decide(case, action="desk.return", key=SECOND)
    new_row(case, "desk.return", (SUSI, "actor"), "decision", {"approved": 0})
    new_row(case, "note.add", (SUSI, "actor"), "decision", {"approved": 0})
    assert case.found() == [
        "Entry 3: desk.return decides again about what was decided before.",
        "Entry 4: desk.return changes a decision that was made before.",
        "Entry 5: note.add makes or changes a decision of the desk, which only desk.approve and desk.return make.",
    ]


@pytest.mark.req("REQ-19")
@pytest.mark.parametrize(
    "other",
    [
        {"matter": f"deviation:{SECOND}"},
        {"kind": "report", "matter": f"report:{ROW}"},
        {"kind": "report"},
        {"kind": "overdue", "matter": f"overdue:{ROW}"},
        {"kind": 1},
        {"matter": True},
        {"kind": "failed verification", "matter": "verification:1"},
    ],
    ids=str,
)
def test_a_decision_about_what_did_not_wait_is_named(other: dict[str, Any]) -> None:
    case = deviated()
    decide(case, **other)
    assert case.found() == ["Entry 2: desk.approve decides about something that did not wait for a decision."]


@pytest.mark.req("REQ-19")
@pytest.mark.parametrize(
    "other",
    [{"approved": 0}, {"approved": True}, {"decided_by": OTTO.person}, {"case_id": OTHER_CASE}, {"comment": ""}],
    ids=str,
)
def test_a_decision_that_states_something_else_than_its_entry_is_named(other: dict[str, Any]) -> None:
    case = deviated()
    decide(case, **other)
    said = "Entry 2: desk.approve states another result, person or case than its own, or gives no comment."
    assert case.found() == [said]


@pytest.mark.req("REQ-19")
def test_an_approval_without_a_decision_and_one_that_others_sign_are_named() -> None:
    case = deviated()
    case.add("desk.approve", (SUSI, "actor"))
    assert case.found() == ["Entry 2: desk.approve holds 0 decisions, not one."]
    pair = deviated()
    decide(pair, (SUSI, "giver"))
    assert pair.found() == ["Entry 2: desk.approve needs the signature of who decides, and no other."]


@pytest.mark.req("REQ-19", "REQ-34")
def test_a_tool_is_decided_about_by_somebody_if_another_person_used_it_too() -> None:
    about = {"kind": "unvalidated tool", "matter": TOOL}
    for people, found in (
        ((EMMA,), []),
        ((EMMA, SUSI), []),
        ((SUSI, SUSI), [f"Entry 3: Susi Supervisor decides about their own act: {TOOL}."]),
        ((), ["Entry 1: desk.approve decides about something that did not wait for a decision."]),
    ):
        case = captured(*people)
        decide(case, key=SECOND, **about)
        assert case.found() == found


@pytest.mark.req("REQ-19", "REQ-34")
@pytest.mark.parametrize(("tool", "told"), [("guymager 0.8.13", "guymager 0.8.13"), ("dd", "dd ")])
def test_the_tool_of_an_image_is_named_as_its_row_names_it(tool: str, told: str) -> None:
    for person, is_own in ((EMMA, False), (SUSI, True)):
        case = Custody()
        new_row(case, "image.check", (person, "actor"), "image", {"tool": tool})
        decide(case, kind="unvalidated tool", matter=f"tool:{CASE}:{told}:")
        assert len(case.found()) == is_own


@pytest.mark.req("REQ-19")
def test_a_verification_is_decided_about_on_the_lab_chain_by_another_person() -> None:
    for person, is_own in ((EMMA, False), (SUSI, True)):
        lab = Chain(LAB, "lab", entries=[*LAW.entries], at=LAW.at)
        number = lab.add("lab.verify", (person, "actor"), facts={"ok": False}).content.sequence
        decide(lab, kind="failed verification", matter=f"verification:{number}")
        assert len(breaches(lab.entries, RING, Begun())) == is_own


@pytest.mark.req("REQ-22")
def test_a_finding_of_a_room_audit_is_decided_about_on_the_lab_chain_by_another_person() -> None:
    for person, is_own in ((OTTO, False), (SUSI, True)):
        lab = Chain(LAB, "lab", entries=[*LAW.entries], at=LAW.at)
        new_row(lab, "room.audit", (person, "actor"), "audit_finding", {"kind": "missing"})
        decide(lab, key=SECOND, kind="audit finding", matter=f"audit_finding:{ROW}")
        assert len(breaches(lab.entries, RING, Begun())) == is_own
