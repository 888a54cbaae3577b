"""What may happen to an exhibit, and whether everything that it needs is there."""

from __future__ import annotations

from collections.abc import Mapping

from chain_of_custody.errors import GateError, IllegalStepError, SamePersonError
from chain_of_custody.names import same_name
from chain_of_custody.transitions import TRANSITIONS as TRANSITIONS
from chain_of_custody.vocabulary import AT_HAND as AT_HAND
from chain_of_custody.vocabulary import EXPORT as EXPORT
from chain_of_custody.vocabulary import LABORATORY_MEDIUM as LABORATORY_MEDIUM
from chain_of_custody.vocabulary import TERMINAL as TERMINAL
from chain_of_custody.vocabulary import Event as Event
from chain_of_custody.vocabulary import Gate as Gate
from chain_of_custody.vocabulary import State as State
from chain_of_custody.vocabulary import Transition as Transition


def allowed(state: State | None, exhibit_type: str = "") -> tuple[Transition, ...]:
    """Return the transitions that are possible in a state.

    Args:
        state: the state that the exhibit is in; None asks for those that bring one into being.
        exhibit_type: the type of the exhibit; some transitions are only for one.
    """
    return _from(state, exhibit_type)


def arrow(state: object, event: str, exhibit_type: object = "") -> Transition | None:
    """Return the transition that an event makes; None where it is not possible.

    State and type may be whatever a ledger holds in the place of them.
    """
    return next((one for one in _from(state, exhibit_type) if one.event == event), None)


def step(state: State | None, event: Event, fields: Mapping[str, object], exhibit_type: str = "") -> Transition:
    """Return the transition that an event makes, after checking that it is possible and complete.

    Args:
        state: the state that the exhibit is in; None before it is registered.
        event: what happens.
        fields: what was filled in, by field name; people as ids. None, blank texts and empty lists count as not
            filled in; false and 0 are answers.
        exhibit_type: the type of the exhibit.

    Raises:
        IllegalStepError: the event is not possible in this state.
        GateError: fields are not filled in.
        SamePersonError: one person stands where two are needed.
    """
    transition = arrow(state, event, exhibit_type)
    if transition is None:
        raise IllegalStepError(state, event, tuple(one.event for one in allowed(state, exhibit_type)))
    missing = tuple(gate for gate in transition.gates if not _is_filled(fields.get(gate.field)))
    if missing:
        raise GateError(event, tuple(gate.field for gate in missing), tuple(gate.sentence for gate in missing))
    for first, second in transition.different_people:
        if fields[first] == fields[second] or _are_one(fields[first], fields[second]):
            raise SamePersonError(event, first, second)
    return transition


def _from(state: object, exhibit_type: object) -> tuple[Transition, ...]:
    return tuple(one for one in TRANSITIONS if one.from_state == state and one.only_type in ("", exhibit_type))


def _are_one(first: object, second: object) -> bool:
    return isinstance(first, str) and isinstance(second, str) and same_name(first, second)


def _is_filled(value: object) -> bool:
    if isinstance(value, str):
        return bool(value.strip())
    if isinstance(value, list | tuple | set | frozenset | dict):
        return bool(value)
    return value is not None
