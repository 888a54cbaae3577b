"""Seals: at which steps number and condition are asked, and when what is found is not what is recorded."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from chain_of_custody.vocabulary import Event, State, Transition

ASKED: Final = ("seal_number", "seal_check")
"""The number that is read on the seal, or that of the new one, and its condition."""
OPENED: Final = frozenset((State.IMAGED, State.UNDER_EXAM))
"""States in which the laboratory itself has opened what was sealed."""
_PACKED_SENT_OR_OPENED: Final = frozenset((Event.DISPATCH, Event.TRANSFER_OUT, Event.RECEIVE, Event.BEGIN_EXAMINATION))
_RESEALING: Final = frozenset((Event.RETURN_TO_STORE, Event.STORE))
_BROKEN: Final = re.compile(r"\b(broken|damaged|torn|cut|opened|tampered|not intact)\b")
_MISSING: Final = re.compile(r"\b(no seal|missing|without a seal)\b")
_DIFFERENT: Final = re.compile(r"\b(differs?|different|not agree|other number)\b")
_NEW: Final = re.compile(r"\bnew seal\b")


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


def seal_is_asked(transition: Transition) -> bool:
    """Whether number and condition of a sealed exhibit's seal must be told: at packing, receiving, opening, resealing.

    At the seizure the machine itself asks for the number of the seal that is put on.
    """
    resealed = transition.event is Event.RETURN_TO_STORE and transition.from_state in OPENED
    return resealed or transition.event in _PACKED_SENT_OR_OPENED


def seal_finding(transition: Transition, recorded: str, number: str, check: str) -> SealFinding | None:
    """Hold what was found against what is recorded.

    A step out of a state in which the laboratory itself opened the exhibit has nothing to compare, and a seal that is
    said to be new is none of somebody else when the exhibit is put on a shelf.

    Args:
        transition: the step.
        recorded: number of the seal as recorded before; empty where there was none.
        number: number as read now, or of the new seal; empty where it was not told.
        check: condition in words; words that speak of damage count even in a sentence that denies it, as a person
            who decides without need costs less than a fault that nobody sees.
    """
    if transition.event is Event.SEIZE or transition.from_state in OPENED:
        return None
    said = check.casefold()
    if _BROKEN.search(said):
        return SealFinding(fault=SealFault.BROKEN, sentence=f"The seal {recorded or number} was found: {check}.")
    if recorded and _MISSING.search(said):
        return SealFinding(fault=SealFault.MISSING, sentence=f"The seal {recorded} was found: {check}.")
    resealed = transition.event in _RESEALING and _NEW.search(said) is not None
    if recorded and number and number != recorded and not resealed:
        return SealFinding(
            fault=SealFault.DIFFERENT, sentence=f"The seal was recorded as {recorded} and found as {number}."
        )
    if recorded and _DIFFERENT.search(said):
        return SealFinding(fault=SealFault.DIFFERENT, sentence=f"The seal {recorded} was found: {check}.")
    return None
