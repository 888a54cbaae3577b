"""Corrections of who seized an exhibit, the only ones that change who is told to have it (third rules).

The officer who seized it is known by name alone until they hand it over; so a slip of the pen in their name is another
person. Whoever corrects it is not the one whom they put there, and a supervisor decides about the deviation.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from chain_of_custody.body import Change, Content
from chain_of_custody.canonical import Json
from chain_of_custody.hand_rules import one_person
from chain_of_custody.vocabulary import State

CORRECT_STEP: Final = "exhibit.correct_step"
SEIZE: Final = "custody.seize"
OFFICER: Final = ("seizing_officer", "officer")
"""The facts of a seizure that name who seized it, the first that is there."""
_HOLDER: Final = "holder"


def corrects_officer(content: Content, change: Change, row: Mapping[str, Json], seized: int | None) -> bool:
    """Whether a change of who is told to have an exhibit is the correction of the officer who seized it.

    Args:
        content: the entry.
        change: of the exhibit.
        row: its columns before.
        seized: the number of the seizure that was the last to tell who has it; None where another entry was.
    """
    if content.action != CORRECT_STEP or content.object.id != change.id or content.facts.get("corrects") != seized:
        return False
    if seized is None or row.get("state") != State.SEIZED or row.get("holder_id") is not None:
        return False
    told = content.facts.get("corrected")
    pairs = [told.get(name) for name in OFFICER] if isinstance(told, Mapping) else []
    pair = next((one for one in pairs if one is not None), None)
    had, has_it = row.get(_HOLDER), change.after.get(_HOLDER)
    if not isinstance(pair, list | tuple) or len(pair) != 2:
        return False
    if type(had) is not str or type(has_it) is not str or type(pair[0]) is not str or pair[1] != has_it:
        return False
    is_own = any(one_person(has_it, slot.name) for slot in content.signers)
    return one_person(had, pair[0]) and not is_own and _is_decided_about(content)


def _is_decided_about(content: Content) -> bool:
    """Whether the entry makes its reason a deviation."""
    pairs = (change.set.get("reason", (None, None)) for change in content.changes if change.table == "deviation")
    return bool(content.reason) and any(old is None and new == content.reason for old, new in pairs)
