"""The machine of the custody guidance, driven at random."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chain_of_custody.errors import GateError, IllegalStepError, SamePersonError
from chain_of_custody.states import (
    LABORATORY_MEDIUM,
    TERMINAL,
    TRANSITIONS,
    Event,
    State,
    Transition,
    allowed,
    step,
)

S = State
GUIDANCE = {
    S.IDENTIFIED: {S.SEIZED, S.IMAGED_ON_SCENE, S.LEFT_IN_PLACE},
    S.SEIZED: {S.IN_TRANSIT, S.RECEIVED},
    S.IN_TRANSIT: {S.RECEIVED, S.LOST_INCIDENT},
    S.RECEIVED: {S.STORED, S.CHECKED_OUT, S.REFUSED},
    S.STORED: {S.CHECKED_OUT, S.IN_TRANSIT, S.DISPOSAL_PENDING},
    S.CHECKED_OUT: {S.IMAGED, S.UNDER_EXAM, S.STORED, S.IN_COURT},
    S.IMAGED: {S.STORED},
    S.UNDER_EXAM: {S.STORED},
    S.IN_COURT: {S.STORED, S.RETAINED_BY_COURT},
    S.TRANSFERRED: {S.RECEIVED, S.RETURN_IN},
    S.DISPOSAL_PENDING: {S.RETURNED, S.DESTROYED, S.FORFEITED, S.ARCHIVED},
}
ADDED = {
    (None, S.IDENTIFIED),
    (None, S.SEIZED),
    (None, S.UNDER_EXAM),
    (S.IDENTIFIED, S.STORED),
    (S.STORED, S.STORED),
    (S.STORED, S.TRANSFERRED),
    (S.RECEIVED, S.RETURN_IN),
    (S.RETURN_IN, S.RECEIVED),
    (S.LOST_INCIDENT, S.RECEIVED),
    (S.REFUSED, S.RECEIVED),
    (S.REFUSED, S.TRANSFERRED),
    (S.TRANSFERRED, S.RECEIVED),
    (S.TRANSFERRED, S.LOST_INCIDENT),
    (S.RETURN_IN, S.LOST_INCIDENT),
    (S.IDENTIFIED, S.IDENTIFIED),
    (S.TRANSFERRED, S.TRANSFERRED),
    (S.RETURN_IN, S.RETURN_IN),
    (S.DISPOSAL_PENDING, S.STORED),
    *((one, one) for one in (S.SEIZED, S.IN_TRANSIT, S.RECEIVED, S.REFUSED, S.CHECKED_OUT)),
    *((one, one) for one in (S.IMAGED, S.UNDER_EXAM, S.IN_COURT)),
}
GATES = {
    S.IDENTIFIED: {"authority", "location", "photos"},
    S.SEIZED: {"exhibit_number", "seal_number", "seizing_officer", "witness"},
    S.IN_TRANSIT: {"carrier", "departed_at"},
    S.STORED: {"shelf"},
    S.CHECKED_OUT: {"purpose", "expected_return"},
    S.IMAGED: {"hash_pair", "write_blocker"},
    S.IN_COURT: {"court", "hearing"},
}
EVENTS = st.sampled_from(list(Event))
TYPES = st.sampled_from(["", "computer", LABORATORY_MEDIUM])


def filled(transition: Transition) -> dict[str, object]:
    return {gate.field: f"{gate.field} is given" for gate in transition.gates}


@pytest.mark.req("REQ-17")
def test_the_arrows_are_those_of_the_guidance() -> None:
    arrows: dict[State, set[State]] = {}
    for one in TRANSITIONS:
        if not one.added:
            assert one.from_state is not None
            arrows.setdefault(one.from_state, set()).add(one.to_state)
    assert arrows == GUIDANCE


@pytest.mark.req("REQ-17")
def test_the_arrows_that_were_added_are_these_and_no_others() -> None:
    assert {(one.from_state, one.to_state) for one in TRANSITIONS if one.added} == ADDED


@pytest.mark.req("REQ-17")
def test_a_state_and_an_event_lead_to_one_place() -> None:
    pairs = [(one.from_state, one.event) for one in TRANSITIONS]
    assert len(set(pairs)) == len(pairs)


def test_nothing_leads_out_of_a_terminal_state() -> None:
    assert {S.RETURNED, S.DESTROYED, S.FORFEITED, S.RETAINED_BY_COURT} == TERMINAL
    assert all(allowed(state) == () for state in TERMINAL)


def test_every_state_can_be_reached() -> None:
    assert {one.to_state for one in TRANSITIONS} == set(State)
    assert {one.event for one in TRANSITIONS} == set(Event)


@pytest.mark.parametrize("state", GATES)
def test_what_the_guidance_asks_for_a_state_is_asked_on_the_way_into_it(state: State) -> None:
    ways = [one for one in TRANSITIONS if one.to_state == state and one.from_state not in (state, S.DISPOSAL_PENDING)]
    for way in ways:
        assert GATES[state] <= {gate.field for gate in way.gates}


@pytest.mark.req("REQ-12", "REQ-18")
def test_whoever_receives_checks_seal_and_condition_and_both_sign() -> None:
    for one in TRANSITIONS:
        if one.event == Event.RECEIVE:
            assert {"seal_check", "condition", "giver", "receiver", "purpose", "place"} <= {g.field for g in one.gates}
            assert one.signatures == ("giver", "receiver")


def test_an_exhibit_goes_back_from_work_with_its_hashes_and_a_new_seal() -> None:
    imaged = {gate.field for one in TRANSITIONS if S.IMAGED in (one.from_state, one.to_state) for gate in one.gates}
    examined = {gate.field for one in TRANSITIONS if one.from_state == S.UNDER_EXAM for gate in one.gates}
    assert {"hash_pair", "write_blocker", "seal_number"} <= imaged
    assert {"hash_pair", "seal_number"} <= examined


@pytest.mark.req("REQ-23")
def test_a_disposal_asks_for_hold_authority_method_approval_and_witness() -> None:
    for one in TRANSITIONS:
        if one.from_state == S.DISPOSAL_PENDING and not one.added:
            fields = {gate.field for gate in one.gates}
            assert {"legal_hold_check", "authority", "method", "approved_by", "witness"} <= fields


@pytest.mark.req("REQ-19")
@pytest.mark.parametrize("transition", [one for one in TRANSITIONS if one.different_people], ids=str)
def test_two_roles_that_need_two_people_are_not_one_person(transition: Transition) -> None:
    for first, second in transition.different_people:
        with pytest.raises(SamePersonError) as caught:
            step(transition.from_state, transition.event, filled(transition) | {first: "ada", second: "ada"})
        assert (caught.value.first, caught.value.second) == (first, second)


@pytest.mark.req("REQ-19")
def test_every_change_of_hands_and_every_disposal_needs_two_people() -> None:
    for one in TRANSITIONS:
        fields = {gate.field for gate in one.gates}
        if {"giver", "receiver"} <= fields:
            assert ("giver", "receiver") in one.different_people
        if "approved_by" in fields:
            assert ("approved_by", "proposed_by") in one.different_people


@pytest.mark.req("REQ-17")
@given(st.sampled_from([None, *State]), EVENTS, TYPES)
def test_an_event_is_possible_exactly_where_the_table_has_it(state: State | None, event: Event, kind: str) -> None:
    possible = {one.event: one for one in allowed(state, kind)}
    if event in possible:
        assert step(state, event, filled(possible[event]), kind) is possible[event]
        return
    with pytest.raises(IllegalStepError) as caught:
        step(state, event, {}, kind)
    assert (caught.value.state, caught.value.event) == (state, event)
    assert set(caught.value.allowed) == set(possible)


@pytest.mark.req("REQ-17")
@given(st.lists(EVENTS, max_size=40), TYPES)
def test_a_random_life_stays_on_the_arrows(events: list[Event], kind: str) -> None:
    state: State | None = None
    for event in events:
        possible = {one.event: one for one in allowed(state, kind)}
        if event in possible:
            reached = step(state, event, filled(possible[event]), kind).to_state
            assert (
                state is None or reached == state or reached in GUIDANCE.get(state, set()) or (state, reached) in ADDED
            )
            state = reached
        else:
            with pytest.raises(IllegalStepError):
                step(state, event, {}, kind)


@pytest.mark.req("REQ-17")
def test_only_a_medium_of_the_laboratory_goes_onto_the_shelf_without_having_been_seized() -> None:
    assert step(S.IDENTIFIED, Event.STORE, {"shelf": "A-07"}, LABORATORY_MEDIUM).to_state == S.STORED
    assert [one for one in TRANSITIONS if one.only_type] == [
        one for one in TRANSITIONS if (one.from_state, one.event) == (S.IDENTIFIED, Event.STORE)
    ]
    for kind in ("", "computer", "storage medium"):
        with pytest.raises(IllegalStepError, match="possible is: seize, image on scene, leave in place"):
            step(S.IDENTIFIED, Event.STORE, {"shelf": "A-07"}, kind)


@given(st.sampled_from(TRANSITIONS), st.data())
def test_every_field_that_is_not_filled_in_is_named(transition: Transition, data: st.DataObject) -> None:
    fields = filled(transition)
    missing = data.draw(st.sets(st.sampled_from(sorted(fields)), min_size=1))
    for field in missing:
        fields[field] = data.draw(st.sampled_from([None, "", "  ", [], (), {}]))
    with pytest.raises(GateError) as caught:
        step(transition.from_state, transition.event, fields, transition.only_type)
    assert set(caught.value.missing) == missing
    assert len(caught.value.sentences) == len(missing)


def test_false_and_nought_are_answers() -> None:
    transition = next(one for one in TRANSITIONS if one.event == Event.RECEIVE)
    fields = filled(transition) | {"seal_check": False, "condition": 0}
    assert step(transition.from_state, transition.event, fields) is transition


def test_an_illegal_step_says_what_is_possible() -> None:
    with pytest.raises(IllegalStepError, match="in the state LEFT IN PLACE; possible is: nothing"):
        step(S.LEFT_IN_PLACE, Event.SEIZE, {})
    with pytest.raises(IllegalStepError, match="not registered; possible is: identify"):
        step(None, Event.STORE, {})
