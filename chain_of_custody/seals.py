"""Seals: at which steps number and condition are asked, and when what is found is not what is recorded."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from chain_of_custody.vocabulary import Event, State, Transition

ASKED: Final = ("seal_number", "seal_check")
"""The number that is read on the seal, or that of the new one, and its condition."""
OPENED: Final = frozenset((State.IMAGED, State.UNDER_EXAM))
"""States in which the laboratory itself has opened what was sealed."""
_PACKED_SENT_OR_OPENED: Final = frozenset(
    (
        Event.DISPATCH,
        Event.TRANSFER_OUT,
        Event.SEND_BACK,
        Event.RECEIVE,
        Event.ACCEPT_REFUSED,
        Event.IMAGE,
        Event.BEGIN_EXAMINATION,
        Event.TAKE_OVER,
    )
)


class SealCondition(StrEnum):
    """How a seal is found; every step and audit that tells of one tells one of these, and remarks beside it."""

    INTACT = "intact, number agrees"
    BROKEN = "broken or opened"
    MISSING = "missing"
    DIFFERS = "number differs"
    NOT_CHECKED = "not checked"
    NEW = "new seal applied"
    UNSEALED = "not sealed"


_SHORT: Final = {
    "intact": SealCondition.INTACT,
    "broken": SealCondition.BROKEN,
    "opened": SealCondition.BROKEN,
    "no seal": SealCondition.MISSING,
    "differs": SealCondition.DIFFERS,
    "not-checked": SealCondition.NOT_CHECKED,
    "new": SealCondition.NEW,
    "new seal": SealCondition.NEW,
    "unsealed": SealCondition.UNSEALED,
}
WITHOUT_NUMBER: Final = frozenset((SealCondition.MISSING, SealCondition.NOT_CHECKED, SealCondition.UNSEALED))
"""Conditions in which there is no number to be read."""
_ON_THE_SHELF: Final = frozenset((Event.RETURN_TO_STORE, Event.MOVE))


class SealFault(StrEnum):
    """What is wrong with a seal."""

    BROKEN = "seal broken"
    MISSING = "seal missing"
    DIFFERENT = "seal differs"


@dataclass(frozen=True, slots=True, kw_only=True)
class SealFinding:
    """A fault with the sentence that tells it."""

    fault: SealFault
    sentence: str


def seal_condition(told: str) -> SealCondition | None:
    """Return the condition that is told, by its whole name or a short one; None for any other words."""
    said = " ".join(told.casefold().split())
    return next((one for one in SealCondition if one.value == said), None) or _SHORT.get(said)


def seal_is_asked(transition: Transition) -> bool:
    """Whether number and condition of a sealed exhibit's seal must be told: at packing, receiving, opening, resealing.

    At the seizure the machine itself asks for the number of the seal that is put on.
    """
    resealed = transition.event is Event.RETURN_TO_STORE and transition.from_state in OPENED
    return resealed or transition.event in _PACKED_SENT_OR_OPENED


def seal_finding(
    transition: Transition, recorded: str, number: str, check: str, remarks: str = "", *, is_fault_told: bool = False
) -> SealFinding | None:
    """Hold what was found against what is recorded.

    A step out of a state in which the laboratory itself opened the exhibit has nothing to compare but, where no seal
    is asked, a number that nobody says is that of a new one; of a seal that is said to be new see `is_sealed_anew`.

    Args:
        transition: the step.
        recorded: number of the seal as recorded before; empty where there was none.
        number: number as read now, or of the new seal; empty where it was not told.
        check: condition, as `seal_condition` reads it. Entries of older programs hold other words; of these only the
            numbers are compared.
        remarks: what else was said of the seal.
        is_fault_told: whether the recorded seal is told to be broken or missing already.
    """
    is_new = seal_condition(check) is SealCondition.NEW and is_sealed_anew(
        transition.event, transition.from_state, is_fault_told=is_fault_told
    )
    if transition.event is Event.SEIZE:
        return None
    if transition.from_state in OPENED:
        nobody_asked = not is_new and not seal_is_asked(transition)
        return fault_of(recorded, number, "", remarks) if nobody_asked else None
    return fault_of(recorded, number, check, remarks, may_be_new=is_new)


def is_sealed_anew(event: str, state: object, *, is_fault_told: bool = False) -> bool:
    """Whether a new seal that a step tells of is no fault.

    It is none of what was opened here by the record, or is put on the shelf as it was received; nor of what comes back
    to the shelf or is moved on it, if its seal was told to be broken or missing. Otherwise somebody opened what nobody
    tells of.
    """
    return state in OPENED or event == Event.STORE or (event in _ON_THE_SHELF and is_fault_told)


def fault_of(
    recorded: str, number: str, check: str, remarks: str = "", *, may_be_new: bool = False
) -> SealFinding | None:
    """Hold what was found of a seal against what is recorded, whatever the step; the arguments are the same.

    `may_be_new` says that a new seal is no fault.
    """
    condition, more = seal_condition(check), f": {remarks}" if remarks else ""
    if condition is SealCondition.BROKEN:
        sentence = f"The seal {recorded or number} was found broken or opened{more}."
        return SealFinding(fault=SealFault.BROKEN, sentence=sentence)
    if recorded and condition in (SealCondition.MISSING, SealCondition.UNSEALED):
        return SealFinding(fault=SealFault.MISSING, sentence=f"The seal {recorded} was found missing{more}.")
    if recorded and number and number != recorded and not may_be_new:
        sentence = f"The seal was recorded as {recorded} and found as {number}{more}."
        return SealFinding(fault=SealFault.DIFFERENT, sentence=sentence)
    if recorded and condition is SealCondition.DIFFERS:
        sentence = f"The seal {recorded} was found with another number{more}."
        return SealFinding(fault=SealFault.DIFFERENT, sentence=sentence)
    if recorded and condition is SealCondition.NEW and not may_be_new:
        return SealFinding(fault=SealFault.DIFFERENT, sentence=f"The seal {recorded} was found replaced{more}.")
    return None
