"""Corrections of steps under the fifth rules, in time, in the columns and of who seized it: both verifiers agree."""

from collections.abc import Callable
from typing import Any

import pytest

from chain_of_custody.ledger import Change
from tests.chain_of_custody.chains import LAB
from tests.chain_of_custody.test_possession_rules import BRANDT
from tests.chain_of_custody.test_rules import OTTO, Custody
from tests.second_verifier.on_the_way import of
from tests.second_verifier.test_forged_hands import is_named_by_both_since_the_fifth, is_named_by_neither, named
from tests.second_verifier.test_told_agreement import at_hand, moved
from tests.second_verifier.test_written_agreement import changed, fifth, of_exhibit

DEVIATION = f"{LAB[:-6]}990003"
WHY = "Misread"
HAND_IN = "2026-11-18T12:00:00+01:00"
SEIZED = "2026-11-18T09:00:00+01:00"
Act = Callable[[Custody], object]
Start = Callable[[int], Custody]


def corrected(
    case: Custody, number: int, pairs: dict[str, Any], columns: dict[str, Any] | None = None, *, explained: bool = False
) -> None:
    """Otto corrects a step, with what it writes of the exhibit, and as a deviation or not."""
    facts = {"corrects": number, "corrects_digest": case.entries[number - 1].digest.hex(), "corrected": pairs}
    written = {name: (case.row.get(name), new) for name, new in (columns or {}).items()}
    changes = [of_exhibit(**written)] if written else []
    if explained:
        row = {"reason": (None, WHY), "author_id": (None, OTTO.person)}
        changes.append(Change(table="deviation", id=DEVIATION, set=row))
    case.row.update(columns or {})
    case.add("exhibit.correct_step", (OTTO, "actor"), facts=facts, changes=tuple(changes), reason=WHY)


def in_hand(rules: int) -> Custody:
    """What Brandt seized at nine and Otto stored at twelve."""
    case = at_hand(rules)
    told = {"giver": BRANDT, "form_sha256": "2c" * 32, "occurred_at": "2026-11-18T11:00:30+01:00"}
    case.step("receive", "RECEIVED", (OTTO, "receiver"), told=told, **of(OTTO))
    case.step("store", "STORED", (OTTO, "actor"), told={"shelf": "A-07", "occurred_at": HAND_IN})
    return case


def at(number: int, was: str, now: str, *, explained: bool = False, **columns: Any) -> Act:
    return lambda case: corrected(case, number, {"occurred_at": [was, now]}, columns, explained=explained)


def one_by_one(*acts: Act) -> Act:
    return lambda case: [act(case) for act in acts]


def officer(name: str, *, explained: bool) -> Act:
    pairs = {"seizing_officer": [BRANDT, name]}
    return lambda case: corrected(case, 2, pairs, {"seized_by": name}, explained=explained)


def witness(name: str) -> Act:
    return lambda case: corrected(case, 2, {"witness": ["Nora Reiter", name]}, {"seizure_witness": name})


def moved_untold(case: Custody) -> None:
    case.step("move", "STORED", (OTTO, "actor"))


def shelf(was: str, now: str, **columns: Any) -> Act:
    return lambda case: corrected(case, 4, {"shelf": [was, now]}, columns)


RECEIVED = "2026-11-18T11:00:30+01:00"
BEFORE_ALL = "2019-11-18T11:00:00+01:00"
RIGHT: dict[str, tuple[Start, Act]] = {
    "a time between its neighbours": (in_hand, at(3, RECEIVED, "2026-11-18T10:00:00+01:00")),
    "one in the minute of the next step": (in_hand, at(3, RECEIVED, "2026-11-18T11:00:59.5+00:00")),
    "one that is out of order, explained": (in_hand, at(3, RECEIVED, BEFORE_ALL, explained=True)),
    "one of a step beside one that tells no time": (fifth, at(4, "", BEFORE_ALL)),
    "one after the neighbour was corrected": (
        in_hand,
        one_by_one(
            at(4, HAND_IN, "2026-11-18T15:00:00+01:00"),
            at(3, RECEIVED, "2026-11-18T14:00:00+01:00"),
        ),
    ),
    "another officer, explained": (in_hand, officer("Ilse Brandl", explained=True)),
    "another witness": (in_hand, witness("Nora Reuter")),
    "a shelf where it lies no more": (
        fifth, one_by_one(lambda case: moved(case, shelf="B-1", place="B-1"), shelf("A-07", "A-08"))
    ),
    "a shelf that the record has already": (
        fifth,
        one_by_one(
            moved_untold,
            shelf("A-07", "A-08", place="A-08"),
            lambda case: corrected(case, 5, {"place": ["", "A-08"]}),
        ),
    ),
    "a place of a later step, after a shelf of one before it": (
        fifth,
        one_by_one(
            moved_untold,
            shelf("A-07", "A-08", place="A-08"),
            lambda case: corrected(case, 5, {"place": ["", "Lobby"]}, {"place": "Lobby"}),
        ),
    ),
}  # fmt: skip
WRONG: dict[str, tuple[str, Start, Act]] = {
    "a time before that of an earlier step": (
        "out of the order of time of entry 2", in_hand, at(3, RECEIVED, BEFORE_ALL)
    ),
    "a time after that of a later step": (
        "out of the order of time of entry 4", in_hand, at(3, RECEIVED, "2026-11-18T12:01:00+01:00")
    ),
    "one that is earlier by its offset alone": (
        "out of the order of time of entry 2", in_hand, at(3, RECEIVED, "2026-11-18T11:00:00+14:00")
    ),
    "one after the neighbour was corrected": (
        "out of the order of time of entry 3",
        in_hand,
        one_by_one(
            at(3, RECEIVED, "2026-11-18T11:59:00+01:00"),
            at(4, HAND_IN, "2026-11-18T11:30:00+01:00"),
        ),
    ),
    "another officer, not explained": (
        "makes no deviation of it", in_hand, officer("Ilse Brandl", explained=False)
    ),
    "a shelf that stays": ("corrects what is told of place of LH/01, and does not write", fifth, shelf("A-07", "A-08")),
    "the place of the seizure that stays": (
        "corrects what is told of seized_place of LH/01",
        at_hand,
        lambda case: corrected(case, 2, {"place": ["Harbour Lane 7", "Pier 2"]}, {"place": "Pier 2"}),
    ),
    "the time of the seizure that stays": (
        "corrects what is told of seized_at of LH/01", at_hand, at(2, SEIZED, "2026-11-18T10:00:00+01:00")
    ),
    "a condition that stays": (
        "corrects what is told of condition of LH/01",
        lambda rules: in_condition(fifth(rules)),
        lambda case: corrected(case, 5, {"condition": ["Dented", "Whole"]}),
    ),
    **{
        f"the witness {name!r}": ("takes the witness of the seizure out of the record", in_hand, witness(name))
        for name in ("", "  ", ".", "12")
    },
    "the officer '.'": ("takes the seizing officer of the seizure out", in_hand, officer(".", explained=True)),
}  # fmt: skip


def in_condition(case: Custody) -> Custody:
    told = {"shelf": "B-1", "condition": "Dented"}
    case.step("move", "STORED", (OTTO, "actor"), told=told, place="B-1", condition="Dented")
    return case


@pytest.mark.req("REQ-13", "REQ-20", "REQ-68")
@pytest.mark.parametrize("name", RIGHT)
def test_a_correction_that_tells_what_it_does_is_named_by_neither(name: str) -> None:
    is_named_by_neither(*RIGHT[name])


@pytest.mark.req("REQ-13", "REQ-20", "REQ-68")
@pytest.mark.parametrize("name", WRONG)
def test_one_that_does_not_is_named_by_both_and_was_not_before(name: str) -> None:
    is_named_by_both_since_the_fifth(*WRONG[name])


PAPERS = ("form_sha256", "receipt_sha256", "signature_sha256")
ELSEWHERE: dict[str, Act] = {
    **{
        f"{action} with {fact}": (
            lambda case, action=action, fact=fact: case.add(action, (OTTO, "actor"), facts={fact: "3b" * 32})
        )
        for action in ("note.read", "custody.refused", "transfer.other", "lab.verify")
        for fact in PAPERS
    },
    "a correction with a form": lambda case: changed(
        case, "exhibit.correct", OTTO, of_exhibit(serial=(None, "A1")), form_sha256="3b" * 32
    ),
    "a digest that is none": lambda case: case.add("note.read", (OTTO, "actor"), facts={"form_sha256": 7}),
}


@pytest.mark.req("REQ-20", "REQ-68")
@pytest.mark.parametrize("name", ELSEWHERE)
def test_a_signed_paper_that_no_step_tells_is_named_by_both_and_was_not_before(name: str) -> None:
    is_named_by_both_since_the_fifth("tells of a signed paper", fifth, ELSEWHERE[name])


@pytest.mark.parametrize("nothing", [None, ""])
def test_no_signed_paper_is_told_by_an_empty_fact(nothing: str | None) -> None:
    case = fifth(5)
    case.add("note.read", (OTTO, "actor"), facts=dict.fromkeys(PAPERS, nothing))
    assert named(case) == []
