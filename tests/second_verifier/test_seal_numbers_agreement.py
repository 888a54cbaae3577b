"""Another number in the place of that of a recorded seal, and words that explain nothing, under the fifth rules."""

from collections.abc import Callable
from typing import Any

import pytest

from chain_of_custody.ledger import Change
from tests.chain_of_custody.chains import CASE, OTHER_CASE
from tests.chain_of_custody.test_possession_rules import BRANDT, FORM, seized, third
from tests.chain_of_custody.test_rules import EMMA, OTTO, Custody
from tests.second_verifier.on_the_way import begun
from tests.second_verifier.test_forged_hands import is_named_by_both_since_the_fifth, is_named_by_neither, named
from tests.second_verifier.test_seal_agreement import INCIDENT, INTACT, SEAL, explained, opened, out, raised
from tests.second_verifier.test_written_agreement import changed, fifth, of_exhibit

NEW = "0049000"
RENEWED = {"seal_number": NEW, "seal_check": "new seal applied"}
OTHER_SEAL = {"seal_before": SEAL, "seal_number": NEW, "seal_check": "number differs"}
Acts = Callable[[Custody], object]


def sealed(case: Custody, number: str = SEAL) -> Custody:
    changed(case, "exhibit.correct", OTTO, of_exhibit(seal_number=(None, number)))
    case.row["seal_number"] = number
    return case


def received(rules: int) -> Custody:
    """What Otto received, under a seal."""
    case = third(seized(), **FORM, giver=BRANDT)
    case.step("receive", "RECEIVED", (OTTO, "receiver"), holder_id=OTTO.person)
    case.stated = {"custody_rules": rules}
    return sealed(case)


def under_exam(rules: int) -> Custody:
    case = out(rules)
    opened(case, INTACT)
    return case


def replaced(case: Custody, *beside: Change, **pairs: Any) -> None:
    changed(case, "exhibit.correct", OTTO, of_exhibit(seal_number=(SEAL, NEW), **pairs), *beside)


def found_other(case: Custody) -> None:
    """The examination begins, and another number is read on the seal."""
    opened(case, OTHER_SEAL, raised("seal differs"), seal_number=NEW)


def read_again(case: Custody, *, number: int = 0, digest: str = "", pair: object = (NEW, SEAL), to: str = SEAL) -> None:
    """What was told of the seal is corrected, and with it the number that is recorded."""
    step = case.entries[number - 1]
    told = {"seal_number": [*pair] if isinstance(pair, tuple) else pair}
    facts = {"corrects": step.content.sequence, "corrects_digest": digest or step.digest.hex(), "corrected": told}
    changed(case, "exhibit.correct_step", OTTO, of_exhibit(seal_number=(NEW, to)), **facts)


def given_away(case: Custody, check: str, number: str = NEW) -> None:
    told = {"seal_check": check, "seal_number": number}
    case.step("hand_over", "UNDER_EXAM", (OTTO, "giver"), (EMMA, "receiver"), told=told, holder_id=EMMA.person,
              seal_number=NEW)  # fmt: skip


def on_the_shelf(rules: int) -> Custody:
    return sealed(fifth(rules))


RIGHT: dict[str, tuple[Callable[[int], Custody], Acts]] = {
    "a correction with its incident": (on_the_shelf, lambda case: replaced(case, raised("seal differs"))),
    "another kind of incident": (on_the_shelf, lambda case: replaced(case, raised("other"))),
    "before it is seized": (lambda rules: sealed(begun(rules)), replaced),
    "the same number": (
        on_the_shelf, lambda case: changed(case, "exhibit.correct", OTTO, of_exhibit(seal_number=(SEAL, SEAL)))
    ),
    "sealed anew on the way to the shelf": (
        received, lambda case: case.step("store", "STORED", (OTTO, "actor"), told=RENEWED, seal_number=NEW)
    ),
    "sealed anew on the way back, as it was told to be broken": (
        out,
        lambda case: [
            changed(case, "incident.raise", OTTO, raised("seal broken")),
            case.step("return_to_store", "STORED", (OTTO, "actor"), told=RENEWED, seal_number=NEW),
        ],
    ),
    "sealed anew by who opened it": (under_exam, lambda case: given_away(case, "new seal applied")),
    "a slip of the pen, corrected": (out, lambda case: [found_other(case), read_again(case)]),
    "checked out with another number, and an incident": (
        on_the_shelf,
        lambda case: case.put(
            "custody.check_out", (OTTO, "actor"), beside=(raised("seal differs"),), state="CHECKED_OUT",
            facts={
                "event": "check_out", "from_state": "STORED", "to_state": "CHECKED_OUT", "seal_number": NEW,
                **case.stated,
            },
            seal_number=NEW,
        ),
    ),
}  # fmt: skip
WRONG: dict[str, tuple[Callable[[int], Custody], Acts]] = {
    "a correction": (on_the_shelf, replaced),
    "sealed anew on the way back, though nobody told that it was opened": (
        out, lambda case: case.step("return_to_store", "STORED", (OTTO, "actor"), told=RENEWED, seal_number=NEW)
    ),
    "one of something else, too": (on_the_shelf, lambda case: replaced(case, serial=(None, "A1"))),
    "a correction, with blanks for a number": (
        on_the_shelf, lambda case: changed(case, "exhibit.correct", OTTO, of_exhibit(seal_number=(SEAL, " ")))
    ),
    "with an incident that was there": (
        on_the_shelf,
        lambda case: [
            changed(case, "incident.raise", OTTO, raised("seal differs")),
            replaced(case, Change(table="incident", id=INCIDENT, set={"exhibit_id": (CASE, CASE)})),
        ],
    ),
    "checked out with another number": (
        on_the_shelf,
        lambda case: case.step("check_out", "CHECKED_OUT", (OTTO, "actor"), told=RENEWED, seal_number=NEW),
    ),
    "moved with another number": (
        on_the_shelf, lambda case: case.step("move", "STORED", (OTTO, "actor"), told=RENEWED, seal_number=NEW)
    ),
    "stored with another number": (
        received,
        lambda case: case.step(
            "store", "STORED", (OTTO, "actor"), told={**INTACT, "seal_number": NEW}, seal_number=NEW
        ),
    ),
    "stored with a new one, and yet another is recorded": (
        received, lambda case: case.step("store", "STORED", (OTTO, "actor"), told=RENEWED, seal_number="0049001")
    ),
    "another number after it was opened, not said to be new": (
        under_exam, lambda case: given_away(case, "intact, number agrees")
    ),
    "a new one told after it was opened, and another recorded": (
        under_exam, lambda case: given_away(case, "new seal applied", "0049001")
    ),
    "a slip of the pen that was none": (
        out, lambda case: [found_other(case), read_again(case, pair=(NEW, "0049002"), to="0049002")]
    ),
    "a slip that does not tell what is recorded": (
        out, lambda case: [found_other(case), read_again(case, pair=(NEW, "0049002"))]
    ),
    "a slip that is no pair": (out, lambda case: [found_other(case), read_again(case, pair=SEAL)]),
    "a slip in a step of before": (
        out, lambda case: [found_other(case), read_again(case, number=len(case.entries) - 1)]
    ),
    "a recorded seal taken away by the correction of a step": (
        out, lambda case: [found_other(case), read_again(case, to="")]
    ),
}  # fmt: skip


@pytest.mark.req("REQ-12", "REQ-68")
@pytest.mark.parametrize("name", RIGHT)
def test_another_number_that_is_told_is_named_by_neither(name: str) -> None:
    is_named_by_neither(*RIGHT[name])


@pytest.mark.req("REQ-12", "REQ-68")
@pytest.mark.parametrize("name", WRONG)
def test_another_number_that_is_not_is_named_by_both_and_was_not_before(name: str) -> None:
    is_named_by_both_since_the_fifth("of the seal of", *WRONG[name])


NO_WORDS = (
    "", " ", ".", "x", "ab", "?!…—", "\u200b\u200b\u200b", "\u3164\u3164\u3164", "\u115f\u1160\uffa0", "a b", "₂₂₂",
    "\u0301\u0301\u0301", "☠☠☠", 7, 12345, True, None,
)  # fmt: skip
WORDS = ("lid", "Q12", "a b c", "007", "封印破", "٣٤٥", "αβγ.", "\u3164abc", "ʰʰʰ", "x\u0301y\u0301z\u0301")


def not_looked_at(case: Custody, reason: object) -> None:
    row = Change(table="deviation", id=explained("").id, set={"reason": (None, reason)})  # type: ignore[dict-item]
    opened(case, {"seal_before": SEAL, "seal_check": "not checked"}, row)


def broken(case: Custody, what: object) -> None:
    opened(case, {**INTACT, "seal_check": "broken or opened"}, raised("seal broken", what=what))


def raised_by_hand(case: Custody, what: object) -> None:
    changed(case, "incident.raise", OTTO, raised("other", what=what))


@pytest.mark.req("REQ-12", "REQ-22", "REQ-68")
@pytest.mark.parametrize("told", [not_looked_at, broken, raised_by_hand])
def test_what_holds_no_three_letters_or_digits_explains_nothing(told: Callable[[Custody, object], None]) -> None:
    for words in NO_WORDS:
        case, older = out(), out(4)
        told(case, words)
        assert any("explains nothing" in what for what in named(case)), words
        told(older, words)
        assert named(older) == [], "ledgers of before are judged by the rules of before"
    for words in WORDS:
        case = out()
        told(case, words)
        assert named(case) == [], words


@pytest.mark.req("REQ-22", "REQ-68")
def test_a_deviation_and_an_incident_without_their_column_explain_nothing() -> None:
    row = {"raised_by": (None, OTTO.person), "case_id": (None, CASE), "exhibit_id": (None, CASE)}
    for action, change in (
        ("incident.raise", Change(table="incident", id=INCIDENT, set=row)),
        ("case.deviation", Change(table="deviation", id=INCIDENT, set={"case_id": (None, CASE)})),
    ):
        case = fifth(5)
        changed(case, action, OTTO, change, about=("case", CASE))
        assert any("explains nothing" in what for what in named(case))


@pytest.mark.req("REQ-12", "REQ-68")
def test_an_incident_of_another_exhibit_tells_nothing_of_this_one() -> None:
    case = on_the_shelf(5)
    row = {
        "state": "IDENTIFIED", "holder_id": OTTO.person, "number": "LH/02", "case_id": CASE, "type": "computer",
        "holder": OTTO.name,
    }  # fmt: skip
    other = Change(table="exhibit", id=OTHER_CASE, set={name: (None, value) for name, value in row.items()})
    changed(case, "exhibit.add", OTTO, other, about=("exhibit", OTHER_CASE), **case.stated)
    assert named(case) == []
    replaced(case, raised("seal differs", exhibit_id=OTHER_CASE))
    assert any("of the seal of" in what for what in named(case))
