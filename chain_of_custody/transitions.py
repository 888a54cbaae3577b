"""The table of states as data: which event leads where, and what it asks for.

Arrows and gates are those of the state machine in the custody guidance; a gate stands at the event through which the
thing becomes known. `Transition.added` marks what the guidance leaves open and a laboratory needs: how an exhibit comes
into being, a change of holder or shelf without a change of state, the way into TRANSFERRED, out of RETURN_IN, out of
LOST_INCIDENT where it is found, out of REFUSED (back to the sender, or accepted after all), out of TRANSFERRED where it
comes back or is lost and nobody ever signed for it, out of RETURN_IN where it is lost, out of the hands of somebody
whose key ended, back from a disposal that was not approved, and onto the shelf for a medium of the laboratory, which
nobody seized.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from chain_of_custody.body import SignerRole
from chain_of_custody.vocabulary import LABORATORY_MEDIUM, Event, Gate, State, Transition

_SENTENCES: Final = {
    "agency": "Name the agency that receives it.",
    "approved_by": "Name the supervisor who approved it.",
    "authority": "State the authority under which this is done.",
    "carried_out_by": "Name the person who carries it out.",
    "carrier": "Name who carries it.",
    "condition": "Describe the condition in which it arrived.",
    "court": "Name the court.",
    "departed_at": "State when it departs.",
    "exhibit_number": "Give the exhibit number.",
    "expected_return": "State when it is expected back.",
    "giver": "Name the person who hands it over.",
    "hash_pair": "Give the digest of the source and the digest of the copy, or state why there is none.",
    "hearing": "Give the reference of the hearing.",
    "legal_hold_check": "State the result of the check for legal holds.",
    "location": "State where it was found.",
    "method": "State the method of disposal.",
    "parent": "Name the exhibit from which it was made.",
    "photos": "Attach at least one photograph, or state why there is none.",
    "place": "State the place.",
    "proposed_by": "Name the person who proposes the disposal.",
    "purpose": "State the purpose.",
    "reason": "State the reason.",
    "receipt": "Attach the signed receipt.",
    "receiver": "Name the person who receives it.",
    "seal_check": "State the result of the check of the seal.",
    "seal_number": "Give the number of the seal.",
    "seizing_officer": "Name the officer who seized it.",
    "shelf": "Give the code of the shelf.",
    "unsigned_reason": "State why who held it cannot sign.",
    "tool": "Name the tool with which it was made.",
    "witness": "Name the witness.",
    "write_blocker": "Name the write blocker, or state why there was none.",
}

_ACTOR: Final[tuple[SignerRole, ...]] = ("actor",)
_WITNESSED: Final[tuple[SignerRole, ...]] = ("actor", "witness")
_TWO_SIDED: Final[tuple[SignerRole, ...]] = ("giver", "receiver")
_IN_THEIR_STEAD: Final[tuple[SignerRole, ...]] = ("actor", "receiver")
_GIVER_IS_NOT_RECEIVER: Final = (("giver", "receiver"),)
_OFFICER_IS_NOT_WITNESS: Final = (("seizing_officer", "witness"),)
_NOBODY_APPROVES_THEIR_OWN: Final = (
    ("approved_by", "proposed_by"),
    ("approved_by", "carried_out_by"),
    ("witness", "carried_out_by"),
)

_IDENTIFYING: Final = "authority location photos"
_SEIZING: Final = "exhibit_number seal_number seizing_officer witness"
_SENDING: Final = "carrier departed_at"
_HANDING_OVER: Final = "giver receiver purpose place seal_check"
_RECEIVING: Final = f"{_HANDING_OVER} condition"
_TAKING_OVER: Final = "receiver place seal_check unsigned_reason"
_TAKING_OUT: Final = "purpose expected_return"
_IMAGING: Final = "hash_pair write_blocker"
_DISPOSING: Final = "approved_by proposed_by carried_out_by legal_hold_check authority method witness"


def _gates(fields: str) -> tuple[Gate, ...]:
    return tuple(Gate(field=field, sentence=_SENTENCES[field]) for field in fields.split())


def _arrow(
    event: Event,
    from_state: State | None,
    to_state: State,
    fields: str,
    signatures: tuple[SignerRole, ...] = _ACTOR,
    different_people: tuple[tuple[str, str], ...] = (),
    *,
    added: bool = False,
    only_type: str = "",
    since_rules: int = 1,
) -> Transition:
    return Transition(
        event=event,
        from_state=from_state,
        to_state=to_state,
        gates=_gates(fields),
        signatures=signatures,
        different_people=different_people,
        added=added,
        only_type=only_type,
        since_rules=since_rules,
    )


def _receive(from_state: State, more: str = "", *, added: bool = False, since_rules: int = 1) -> Transition:
    return _arrow(
        Event.RECEIVE,
        from_state,
        State.RECEIVED,
        f"{_RECEIVING} {more}",
        _TWO_SIDED,
        _GIVER_IS_NOT_RECEIVER,
        added=added,
        since_rules=since_rules,
    )


def _dispose(event: Event, to_state: State) -> Transition:
    return _arrow(event, State.DISPOSAL_PENDING, to_state, _DISPOSING, _WITNESSED, _NOBODY_APPROVES_THEIR_OWN)


def _hand_over(state: State) -> Transition:
    return _arrow(Event.HAND_OVER, state, state, _HANDING_OVER, _TWO_SIDED, _GIVER_IS_NOT_RECEIVER, added=True)


def _at_the_scene() -> Iterable[Transition]:
    seizing = f"{_IDENTIFYING} {_SEIZING}"
    yield _arrow(Event.IDENTIFY, None, State.IDENTIFIED, _IDENTIFYING, added=True)
    yield _arrow(Event.REGISTER_SEIZED, None, State.SEIZED, seizing, _ACTOR, _OFFICER_IS_NOT_WITNESS, added=True)
    yield _arrow(Event.DERIVE, None, State.UNDER_EXAM, "exhibit_number parent tool", added=True)
    yield _arrow(Event.SEIZE, State.IDENTIFIED, State.SEIZED, _SEIZING, _ACTOR, _OFFICER_IS_NOT_WITNESS)
    yield _arrow(Event.IMAGE_ON_SCENE, State.IDENTIFIED, State.IMAGED_ON_SCENE, _IMAGING)
    yield _arrow(Event.LEAVE_IN_PLACE, State.IDENTIFIED, State.LEFT_IN_PLACE, "reason")


def _on_the_way() -> Iterable[Transition]:
    yield _arrow(Event.DISPATCH, State.SEIZED, State.IN_TRANSIT, _SENDING)
    yield _receive(State.SEIZED)
    yield _receive(State.IN_TRANSIT)
    yield _arrow(Event.REPORT_LOST, State.IN_TRANSIT, State.LOST_INCIDENT, "reason")
    yield _receive(State.LOST_INCIDENT, added=True)
    yield _arrow(Event.STORE, State.RECEIVED, State.STORED, "shelf")
    yield _arrow(Event.STORE, State.IDENTIFIED, State.STORED, "shelf", added=True, only_type=LABORATORY_MEDIUM)
    yield _arrow(Event.CHECK_OUT, State.RECEIVED, State.CHECKED_OUT, _TAKING_OUT)
    yield _arrow(Event.REFUSE, State.RECEIVED, State.REFUSED, "reason")
    yield _arrow(Event.SEND_BACK, State.REFUSED, State.TRANSFERRED, f"agency reason {_SENDING}", added=True)
    yield _arrow(Event.ACCEPT_REFUSED, State.REFUSED, State.RECEIVED, "reason condition seal_check", added=True)


def _in_the_laboratory() -> Iterable[Transition]:
    yield _arrow(Event.CHECK_OUT, State.STORED, State.CHECKED_OUT, _TAKING_OUT)
    yield _arrow(Event.DISPATCH, State.STORED, State.IN_TRANSIT, _SENDING)
    yield _arrow(Event.MOVE, State.STORED, State.STORED, "shelf", added=True)
    yield _arrow(Event.IMAGE, State.CHECKED_OUT, State.IMAGED, _IMAGING)
    yield _arrow(Event.BEGIN_EXAMINATION, State.CHECKED_OUT, State.UNDER_EXAM, "write_blocker")
    yield _arrow(Event.RETURN_TO_STORE, State.CHECKED_OUT, State.STORED, "shelf")
    yield _arrow(Event.RETURN_TO_STORE, State.IMAGED, State.STORED, "seal_number shelf")
    yield _arrow(Event.RETURN_TO_STORE, State.UNDER_EXAM, State.STORED, "hash_pair seal_number shelf")


def _outside() -> Iterable[Transition]:
    yield _arrow(Event.GO_TO_COURT, State.CHECKED_OUT, State.IN_COURT, "court hearing")
    yield _arrow(Event.RETURN_TO_STORE, State.IN_COURT, State.STORED, "shelf")
    yield _arrow(Event.RETAIN_BY_COURT, State.IN_COURT, State.RETAINED_BY_COURT, "court hearing")
    yield _arrow(
        Event.TRANSFER_OUT, State.STORED, State.TRANSFERRED, f"agency authority seal_number {_SENDING}", added=True
    )
    yield _arrow(Event.CONFIRM_RECEIPT, State.TRANSFERRED, State.RECEIVED, "receipt")
    yield _arrow(Event.CALL_BACK, State.TRANSFERRED, State.RETURN_IN, "receipt reason")
    yield _arrow(Event.CALL_BACK, State.RECEIVED, State.RETURN_IN, "reason", added=True)
    yield _receive(State.RETURN_IN, added=True)
    yield _receive(State.TRANSFERRED, "reason", added=True, since_rules=3)
    for state in (State.TRANSFERRED, State.RETURN_IN):
        yield _arrow(Event.REPORT_LOST, state, State.LOST_INCIDENT, "reason", added=True, since_rules=3)


def _at_the_end() -> Iterable[Transition]:
    proposing = "proposed_by legal_hold_check authority method"
    yield _arrow(Event.PROPOSE_DISPOSAL, State.STORED, State.DISPOSAL_PENDING, proposing)
    yield _arrow(Event.REJECT_DISPOSAL, State.DISPOSAL_PENDING, State.STORED, "reason shelf", added=True)
    yield _dispose(Event.RETURN_TO_OWNER, State.RETURNED)
    yield _dispose(Event.DESTROY, State.DESTROYED)
    yield _dispose(Event.FORFEIT, State.FORFEITED)
    yield _dispose(Event.ARCHIVE, State.ARCHIVED)


def _take_over(state: State) -> Transition:
    return _arrow(Event.TAKE_OVER, state, state, _TAKING_OVER, _IN_THEIR_STEAD, added=True, since_rules=3)


_HELD_BY_A_PERSON: Final = (
    State.SEIZED,
    State.IN_TRANSIT,
    State.RECEIVED,
    State.REFUSED,
    State.CHECKED_OUT,
    State.IMAGED,
    State.UNDER_EXAM,
    State.IN_COURT,
)
_HELD_BY_ITS_CARRIER: Final = (State.TRANSFERRED, State.RETURN_IN)

TRANSITIONS: Final = (
    *_at_the_scene(),
    *_on_the_way(),
    *_in_the_laboratory(),
    *_outside(),
    *_at_the_end(),
    *(_hand_over(state) for state in _HELD_BY_A_PERSON),
    *(_take_over(state) for state in (State.IDENTIFIED, *_HELD_BY_A_PERSON, *_HELD_BY_ITS_CARRIER)),
)
"""Every event that is possible in every state; for one state and one event there is at most one."""
