"""A fault of a seal that a step tells unasked needs its incident, under the fifth rules: both verifiers say so."""

from itertools import product
from typing import Any

import pytest

from chain_of_custody.ledger import Change
from chain_of_custody.seal_rules import seal_breaches
from chain_of_custody.seals import WITHOUT_NUMBER, SealCondition, seal_is_asked
from chain_of_custody.transitions import TRANSITIONS
from chain_of_custody.vocabulary import Transition
from tests.chain_of_custody.chains import CASE
from tests.chain_of_custody.test_rules import OTTO, SUSI, Custody
from tests.second_verifier.seals import seal_is_untold
from tests.second_verifier.test_acts_agreement import lines_of
from tests.second_verifier.test_forged_hands import named
from tests.second_verifier.test_seal_agreement import INCIDENT, SEAL, explained, raised
from tests.second_verifier.test_written_agreement import changed, fifth, of_exhibit

KINDS = {
    SealCondition.BROKEN: "seal broken",
    SealCondition.MISSING: "seal missing",
    SealCondition.UNSEALED: "seal missing",
    SealCondition.DIFFERS: "seal differs",
    SealCondition.NEW: "seal differs",
}
UNASKED = [one for one in TRANSITIONS if not seal_is_asked(one) and one.from_state is not None]
TOLD = ("seal broken", 4)


def telling(condition: SealCondition | str, number: str = SEAL) -> dict[str, Any]:
    told = {"seal_before": SEAL, "seal_check": str(condition)}
    return told if condition in WITHOUT_NUMBER else {**told, "seal_number": number}


def is_fault(taken: Transition, condition: SealCondition, number: str, is_told: bool) -> bool:
    """Whether a step has to raise an incident, said once more."""
    if taken.event == "seize" or taken.from_state in ("IMAGED", "UNDER_EXAM"):
        return False
    if condition is SealCondition.NEW:
        return not (taken.event == "store" or (is_told and taken.event in ("move", "return_to_store")))
    return condition in KINDS or (number != SEAL and condition not in WITHOUT_NUMBER)


def judged(taken: Transition, facts: dict[str, Any], number: str, is_told: bool, *beside: Change) -> tuple[bool, bool]:
    """Whether the rule of each verifier names a step; the number of the seal that it tells is written."""
    case = Custody()
    before = {"state": taken.from_state, "seal_number": SEAL, "number": "LH/01", "type": taken.only_type or "computer"}
    case.row = dict(before)
    new = {"seal_number": number} if "seal_number" in facts else {}
    entry = case.put(f"custody.{taken.event}", (OTTO, "actor"), facts=facts, beside=beside, **new)
    (line,) = lines_of([entry])
    assert line.body is not None
    first = list(seal_breaches(entry.content, before, (), TOLD if is_told else None))
    return bool(first), seal_is_untold(line.body, {CASE: dict(before)}, set(), {CASE: TOLD} if is_told else {})


@pytest.mark.req("REQ-12", "REQ-68")
@pytest.mark.parametrize("taken", UNASKED, ids=lambda one: f"{one.event}-{one.from_state}-{one.only_type}")
def test_every_step_by_every_condition_is_judged_alike(taken: Transition) -> None:
    for condition, number, is_told in product(SealCondition, (SEAL, "777"), (False, True)):
        facts = telling(condition, number)
        if condition is SealCondition.NOT_CHECKED:
            bare = taken.event != "seize" and taken.from_state not in ("IMAGED", "UNDER_EXAM")
            assert judged(taken, facts, number, is_told) == (bare, bare), (condition, number, is_told)
            assert judged(taken, facts, number, is_told, explained("Hidden")) == (False, False)
            continue
        wrong = is_fault(taken, condition, number, is_told)
        assert judged(taken, facts, number, is_told) == (wrong, wrong), (condition, number, is_told)
        kind = KINDS.get(condition, "seal differs")
        assert judged(taken, facts, number, is_told, raised(kind)) == (False, False), (condition, number, is_told)
        again = {**facts, "seal_incident_entry": TOLD[1]}
        known = is_told and condition is SealCondition.BROKEN and number == SEAL
        assert judged(taken, again, number, is_told) == ((wrong and not known,) * 2), (condition, number, is_told)
    assert judged(taken, {"seal_check": "fine"}, SEAL, False) == (False, False), "words of older programs say nothing"


def sealed(rules: int = 5, *, is_out: bool = False) -> Custody:
    """What is on the shelf under a seal, or was checked out so."""
    case = fifth(rules)
    changed(case, "exhibit.correct", OTTO, of_exhibit(seal_number=(None, SEAL)))
    case.row["seal_number"] = SEAL
    if is_out:
        case.step("check_out", "CHECKED_OUT", (OTTO, "actor"))
    return case


def take(case: Custody, event: str, facts: dict[str, Any], *beside: Change, **new: Any) -> None:
    to = {"move": "STORED", "return_to_store": "STORED"}.get(event, "CHECKED_OUT")
    told = {"event": event, "from_state": case.row["state"], "to_state": to, **case.stated, **facts}
    by = ((OTTO, "giver"), (SUSI, "receiver")) if event == "hand_over" else ((OTTO, "actor"),)
    more = {"holder_id": SUSI.person, "holder": SUSI.name} if event == "hand_over" else {}
    case.put(f"custody.{event}", *by, facts=told, beside=beside, **{"state": to, **more, **new})  # type: ignore[arg-type]


@pytest.mark.req("REQ-12", "REQ-68")
@pytest.mark.parametrize("event", ["move", "check_out", "return_to_store", "hand_over"])
@pytest.mark.parametrize("condition", [*KINDS, SealCondition.NOT_CHECKED])
def test_a_fault_that_is_told_unasked_is_named_without_what_explains_it(event: str, condition: SealCondition) -> None:
    is_out = event in ("return_to_store", "hand_over")
    facts = telling(condition)
    bare, older, told = sealed(is_out=is_out), sealed(4, is_out=is_out), sealed(is_out=is_out)
    take(bare, event, facts)
    assert any("seal" in what for what in named(bare))
    take(older, event, facts)
    assert named(older) == [], "ledgers of before are judged by the rules of before"
    beside = explained("Hidden") if condition is SealCondition.NOT_CHECKED else raised(KINDS[condition])
    take(told, event, facts, beside)
    assert named(told) == []


@pytest.mark.req("REQ-12", "REQ-68")
@pytest.mark.parametrize(("received", "found"), [(SealCondition.BROKEN, 0), (SealCondition.INTACT, 1)])
def test_a_new_seal_is_put_on_the_shelf_where_the_old_one_is_told_to_be_broken(
    received: SealCondition, found: int
) -> None:
    case = sealed()
    take(case, "move", telling(received), *([raised("seal broken")] if not found else []))
    take(case, "move", telling(SealCondition.NEW, "8"), seal_number="8")
    assert bool(named(case)) == bool(found)


@pytest.mark.req("REQ-12", "REQ-20", "REQ-68")
@pytest.mark.parametrize(
    ("pairs", "is_told"),
    [({"remarks": ["", "Dim light"]}, True), ({"seal_check": ["broken or opened", "intact, number agrees"]}, False)],
)
def test_a_correction_of_something_else_leaves_the_fault_of_the_seal_told(pairs: dict[str, Any], is_told: bool) -> None:
    case = sealed()
    take(case, "move", telling(SealCondition.BROKEN), raised("seal broken"))
    step = case.entries[-1]
    sequence = step.content.sequence
    assert any(one.id == INCIDENT for one in step.content.changes)
    facts = {"corrects": sequence, "corrects_digest": step.digest.hex(), "corrected": pairs}
    changed(case, "exhibit.correct_step", OTTO, **facts)
    take(case, "check_out", {**telling(SealCondition.BROKEN), "seal_incident_entry": sequence})
    assert ["raises no incident" in one for one in named(case)] == ([] if is_told else [True])
