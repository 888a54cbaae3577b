"""Seals: what is asked when, and what is a fault."""

import pytest

from chain_of_custody.seals import SealCondition, SealFault, seal_condition, seal_finding, seal_is_asked
from chain_of_custody.states import TRANSITIONS
from chain_of_custody.vocabulary import Event, State, Transition

RECORDED = "0048812"


def arrow(event: Event, from_state: State) -> Transition:
    return next(one for one in TRANSITIONS if (one.event, one.from_state) == (event, from_state))


RECEIVE = arrow(Event.RECEIVE, State.SEIZED)


@pytest.mark.req("REQ-12")
@pytest.mark.parametrize(
    ("event", "from_state"),
    [
        (Event.DISPATCH, State.SEIZED),
        (Event.DISPATCH, State.STORED),
        (Event.TRANSFER_OUT, State.STORED),
        (Event.RECEIVE, State.SEIZED),
        (Event.RECEIVE, State.IN_TRANSIT),
        (Event.BEGIN_EXAMINATION, State.CHECKED_OUT),
        (Event.RETURN_TO_STORE, State.UNDER_EXAM),
        (Event.RETURN_TO_STORE, State.IMAGED),
    ],
)
def test_the_seal_is_asked_at_packing_receiving_opening_and_resealing(event: Event, from_state: State) -> None:
    assert seal_is_asked(arrow(event, from_state))


def test_at_the_seizure_the_machine_asks_for_the_number() -> None:
    assert "seal_number" in {gate.field for gate in arrow(Event.SEIZE, State.IDENTIFIED).gates}


@pytest.mark.req("REQ-12")
@pytest.mark.parametrize(
    ("number", "check", "fault"),
    [
        (RECORDED, "intact, number agrees", None),
        (RECORDED, "INTACT", None),
        (RECORDED, "not checked", None),
        ("", "not-checked", None),
        ("", "x", None),
        ("0048813", "intact", SealFault.DIFFERENT),
        ("0048813", "new seal applied", SealFault.DIFFERENT),
        (RECORDED, "number differs", SealFault.DIFFERENT),
        ("0048813", "differs", SealFault.DIFFERENT),
        ("0048813", "ripped open by hand", SealFault.DIFFERENT),
        (RECORDED, "new seal applied", SealFault.DIFFERENT),
        ("", "not sealed", SealFault.MISSING),
        (RECORDED, " Broken  or opened ", SealFault.BROKEN),
        ("0048813", "broken", SealFault.BROKEN),
        (RECORDED, "opened", SealFault.BROKEN),
        ("", "no seal", SealFault.MISSING),
        ("", "missing", SealFault.MISSING),
    ],
)
def test_what_is_found_at_the_reception_is_held_against_what_is_recorded(
    number: str, check: str, fault: SealFault | None
) -> None:
    found = seal_finding(RECEIVE, RECORDED, number, check)
    assert (found.fault if found else None) is fault


def test_what_was_never_sealed_has_no_seal_to_miss() -> None:
    assert seal_finding(RECEIVE, "", "", "no seal") is None
    assert seal_finding(RECEIVE, "", "0048812", "new seal applied") is None


@pytest.mark.parametrize("words", ["ripped open", "compromised", "cracked", "unsealed?", "intact!", "", "not intact"])
def test_other_words_are_no_condition(words: str) -> None:
    assert seal_condition(words) is None


def test_every_condition_is_read_by_its_whole_name() -> None:
    assert [seal_condition(one.upper()) for one in SealCondition] == list(SealCondition)


@pytest.mark.parametrize("from_state", [State.UNDER_EXAM, State.IMAGED])
def test_a_new_seal_after_the_laboratory_opened_it_is_no_fault(from_state: State) -> None:
    assert seal_finding(arrow(Event.RETURN_TO_STORE, from_state), RECORDED, "0048999", "new seal") is None


def test_another_seal_on_what_was_not_opened_is_a_fault_unless_the_old_one_is_told_to_be_broken() -> None:
    back = arrow(Event.RETURN_TO_STORE, State.CHECKED_OUT)
    assert seal_finding(back, RECORDED, "0048999", "new seal applied", is_fault_told=True) is None
    replaced = seal_finding(back, RECORDED, "0048999", "new seal applied")
    assert replaced is not None
    assert replaced.fault is SealFault.DIFFERENT
    assert seal_finding(arrow(Event.STORE, State.RECEIVED), RECORDED, "0048999", "new seal applied") is None
    found = seal_finding(back, RECORDED, "0048999", "intact")
    assert found is not None
    assert found.sentence == "The seal was recorded as 0048812 and found as 0048999."
