"""Whether who opened, packed or took in what is sealed tells how the seal was found (fifth rules).

A seal that nobody is asked about when it is broken open proves nothing. See ``ledger-format.md``, section 7,
*Seals*.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from typing import Final

from chain_of_custody.body import Change, Content
from chain_of_custody.canonical import Json
from chain_of_custody.correction_rules import CORRECT_STEP
from chain_of_custody.possession_rules import INTAKE
from chain_of_custody.reasons import is_explained
from chain_of_custody.seal_faults import TOLD_BEFORE
from chain_of_custody.seals import (
    OPENED,
    WITHOUT_NUMBER,
    SealCondition,
    SealFinding,
    is_sealed_anew,
    seal_finding,
    seal_is_asked,
)
from chain_of_custody.states import arrow
from chain_of_custody.step_rules import told_step
from chain_of_custody.vocabulary import IMAGE, Event, State

_DERIVE: Final = "exhibit.derive"
_INCIDENT: Final = "incident"
_SEAL: Final = "seal_number"


def seal_breaches(
    content: Content, row: Mapping[str, Json], known: Container[str], fault_told: tuple[str, int] | None = None
) -> Iterator[str]:
    """Say what a step does not tell of the seal that is on an exhibit.

    Args:
        content: the entry.
        row: the columns of the exhibit before it.
        known: ids of the incidents that were there before it.
        fault_told: the fault of the seal that was told before, and the entry that raised an incident about it.
    """
    event = told_step(content)
    taken = None if event is None else arrow(row.get("state"), event, row.get("type"))
    recorded = row.get(_SEAL)
    if event is not None and row:
        yield from _written_breaches(content, row)
    if taken is None or type(recorded) is not str or not recorded:
        return
    told = {name: value for name, value in content.facts.items() if type(value) is str}
    check, number = told.get("seal_check", ""), told.get(_SEAL, "")
    condition = next((one for one in SealCondition if one.value == check), None)
    label = content.object.label
    is_asked = seal_is_asked(taken)
    if not is_asked and (condition is None or event == Event.SEIZE or row.get("state") in OPENED):
        return
    if is_asked and (condition is None or not (number or condition in WITHOUT_NUMBER)):
        yield f"{content.action} does not tell how the seal {recorded} of {label} was found, and which number it bore."
        return
    if is_asked and told.get("seal_before") != recorded:
        yield f"{content.action} states another number as that of the seal of {label} before than {recorded}."
    if condition is SealCondition.NOT_CHECKED:
        if not is_explained(content):
            yield f"{content.action} does not explain why the seal of {label} was not checked."
        return
    fault = seal_finding(taken, recorded, number, check, is_fault_told=fault_told is not None)
    if fault is not None and number in ("", recorded) and _is_told_before(content, fault, fault_told):
        return
    of_it = {"exhibit_id": content.object.id, "kind": None if fault is None else fault.fault.value}
    incidents = (one.after for one in content.changes if one.table == _INCIDENT and one.id not in known)
    if fault is not None and not any(of_it.items() <= one.items() for one in incidents):
        yield f"{content.action} raises no incident though the seal of {label} was not as recorded: {fault.fault}."


def _written_breaches(content: Content, row: Mapping[str, Json]) -> Iterator[str]:
    """Say whether a step, whatever it is, leaves another number of the seal than the one that it tells, if any."""
    number, was = content.facts.get(_SEAL), row.get(_SEAL)
    told = number if type(number) is str and number else was
    changed = [change.set for change in content.changes if (change.table, change.id) == ("exhibit", content.object.id)]
    now = next((pair[1] for one in changed for name, pair in one.items() if name == _SEAL), was)
    if now != told and (now, told) not in ((None, ""), ("", None)):
        label = content.object.label
        yield f"{content.action} records another number of the seal of {label} than the one that it tells."


def _is_told_before(content: Content, fault: SealFinding, fault_told: tuple[str, int] | None) -> bool:
    """Whether an entry names the one that raised an incident about the fault of the seal that it finds again."""
    named = content.facts.get(TOLD_BEFORE)
    return type(named) is int and fault_told == (fault.fault.value, named)


def opening_breaches(content: Content, exhibits: Mapping[str, Mapping[str, Json]]) -> Iterator[str]:
    """Say whether a part is taken out of what lies sealed, or it is imaged, without its seal being told.

    Its examination begins before a part is taken out; an image of it is a step of its own, which tells the seal.
    """
    if content.action not in (_DERIVE, INTAKE):
        return
    for change in content.changes:
        parent = str(change.after.get("parent_id"))
        whole = exhibits.get(parent) if change.table == "exhibit" else None
        if not (whole and whole.get("type") != IMAGE and whole.get("state") == State.CHECKED_OUT and whole.get(_SEAL)):
            continue
        if content.action == _DERIVE:
            yield f"{content.action} takes a part out of {whole.get('number')}, whose seal nobody opened."
        elif told_step(content) != Event.IMAGE or content.object.id != parent:
            yield f"{content.action} brings in an image of {whole.get('number')}, whose seal nobody opened."


def number_breaches(content: Content, change: Change, row: Mapping[str, Json]) -> Iterator[str]:
    """Say whether the number of a seal is none, or one that was recorded is taken away.

    Args:
        content: the entry.
        change: what it writes of an exhibit.
        row: the columns of that exhibit before it.
    """
    if _SEAL not in change.set:
        return
    number, label = change.after[_SEAL], content.object.label
    if number is not None and type(number) is not str:
        yield f"{content.action} records a number of the seal of {label} that is no text."
    if row.get(_SEAL) and not number and row.get("state") != State.IDENTIFIED:
        yield f"{content.action} takes the number {row.get(_SEAL)} of the seal of {label} out of the record."


def replaced_breaches(
    content: Content,
    change: Change,
    row: Mapping[str, Json],
    known: Container[str],
    before: Json,
    *,
    is_fault_told: bool,
) -> Iterator[str]:
    """Say whether another number takes the place of that of a recorded seal, and nothing tells of it.

    Args:
        content: the entry.
        change: what it writes of an exhibit.
        row: the columns of that exhibit before it.
        known: ids of the incidents that were there before it.
        before: the number that the step which the entry corrects states as the one before it; None where it is none.
        is_fault_told: whether the recorded seal is told to be broken or missing already.
    """
    was, now = row.get(_SEAL), change.after.get(_SEAL)
    if type(was) is not str or type(now) is not str or not was or not now or was == now:
        return
    if row.get("state") == State.IDENTIFIED or _tells_new_seal(content, change, row, now, is_fault_told):
        return
    if content.action == CORRECT_STEP and now == before and _corrected(content) == (was, now):
        return
    made = [one for one in content.changes if one.table == _INCIDENT and one.id not in known]
    is_incident = any(one.after.get("exhibit_id") == change.id for one in made)
    is_about = (content.object.kind, content.object.id) == ("exhibit", change.id)
    if not is_incident and not (is_about and is_explained(content)):
        yield f"{content.action} puts {now} in the place of the number {was} of the seal of {row.get('number')}."


def _tells_new_seal(content: Content, change: Change, row: Mapping[str, Json], now: str, is_fault_told: bool) -> bool:
    """Whether a step tells of the seal that the laboratory puts on what it opened, or what goes onto the shelf."""
    event = told_step(content)
    if event is None or content.object.id != change.id or content.facts.get(_SEAL) != now:
        return False
    state = row.get("state")
    taken = arrow(state, event, row.get("type"))
    if taken is not None and seal_is_asked(taken) and state in OPENED:
        return True
    is_new = content.facts.get("seal_check") == SealCondition.NEW
    return is_new and is_sealed_anew(event, state, is_fault_told=is_fault_told)


def _corrected(content: Content) -> tuple[Json, ...]:
    """What the correction of a step states of the number of the seal: as it was told, and as it is to be read."""
    told = content.facts.get("corrected")
    pair = told.get(_SEAL) if isinstance(told, Mapping) else None
    return tuple(pair) if isinstance(pair, list | tuple) else ()
