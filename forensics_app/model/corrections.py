"""Corrections: which entry corrects which, and what each says; one answer for screens, commands and reports."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from chain_of_custody.telling_rules import ALWAYS, OF_A_SEIZURE, WHERE_TOLD
from forensics_app.model.custody import CustodyEvent, Event, time_told

OF_EXHIBIT: Final = "exhibit.correct"
OF_PARTICULARS: Final = "exhibit.particulars"
OF_STEP: Final = "exhibit.correct_step"
EXHIBIT_CORRECTABLE: Final = (
    "type", "description", "make", "model", "serial", "condition", "seal_number", "seized_at", "seized_place",
    "seized_by", "seizure_witness",
)  # fmt: skip
"""Columns of an exhibit that a correction may change; its number, parent, holder and state never."""
STEP_ALWAYS: Final = ALWAYS
STEP_WHERE_TOLD: Final = WHERE_TOLD
SEIZURE_WHERE_TOLD: Final = OF_A_SEIZURE

BY_THE_SEIZURE: Final = {
    "seized_at": ("occurred_at",),
    "seized_place": ("place",),
    "seized_by": ("seizing_officer", "officer"),
    "seizure_witness": SEIZURE_WHERE_TOLD,
}
"""Columns of an exhibit that its seizure told, by what they are called there; they are corrected with that step."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Corrected:
    """One value that an entry corrects: as it was recorded, and as it is to be read."""

    name: str
    before: str
    after: str


def corrections_in(event: CustodyEvent) -> tuple[Corrected, ...]:
    """What an entry corrects; nothing where it is no correction."""
    if event.action == OF_EXHIBIT:
        return tuple(
            Corrected(name=one.column, before=str(one.before or ""), after=str(one.after or ""))
            for one in event.changes
        )
    told = event.facts.get("corrected") if event.action == OF_STEP else None
    if not isinstance(told, Mapping):
        return ()
    pairs = ((name, pair) for name, pair in told.items() if isinstance(pair, list | tuple) and len(pair) == 2)
    return tuple(Corrected(name=name, before=str(old or ""), after=str(new or "")) for name, (old, new) in pairs)


def corrects(event: CustodyEvent) -> int | None:
    """The step that an entry corrects, by number; None where it corrects no step."""
    number = event.facts.get("corrects") if event.action == OF_STEP else None
    return number if isinstance(number, int) else None


def step_correctable(event: CustodyEvent) -> tuple[str, ...]:
    """What can be corrected of an entry, by name; nothing where it is no step of custody."""
    if not event.is_step:
        return ()
    of_it = (*STEP_WHERE_TOLD, *(SEIZURE_WHERE_TOLD if event.fact("event") == Event.SEIZE else ()))
    return (*STEP_ALWAYS, *(name for name in of_it if event.fact(name)))


def told_by_seizure(events: Iterable[CustodyEvent]) -> tuple[int, tuple[str, ...]]:
    """The newest seizure of an exhibit, by number, and the columns that are corrected with it; 0 and none without one.

    Args:
        events: The entries about the exhibit, oldest first.
    """
    newest = next((one for one in reversed([*events]) if one.is_step and one.fact("event") == Event.SEIZE), None)
    if newest is None:
        return 0, ()
    can = step_correctable(newest)
    return newest.sequence, tuple(
        column for column, names in BY_THE_SEIZURE.items() if any(one in can for one in names)
    )


def told_now(events: Iterable[CustodyEvent], sequence: int) -> dict[str, str]:
    """What is told of a step with every correction of it, by name.

    Args:
        events: The entries about one exhibit, oldest first.
        sequence: Number of the step.
    """
    told: dict[str, str] = {}
    for event in events:
        if event.sequence == sequence:
            told = {name: event.fact(name) for name in event.facts}
        elif corrects(event) == sequence:
            told |= {one.name: one.after for one in corrections_in(event)}
    return told


def times_corrected(events: Iterable[CustodyEvent]) -> dict[int, datetime]:
    """When the steps happened whose time was corrected, by number; what is no time corrects none."""
    found: dict[int, datetime] = {}
    for event in events:
        for one in corrections_in(event):
            at = time_told(one.after) if one.name == "occurred_at" else None
            if at is not None and (step := corrects(event)) is not None:
                found[step] = at
    return found


def entry_corrected(later: Mapping[int, int], event: CustodyEvent) -> int | None:
    """The entry that ``event`` corrects, by number: the step that it names, else the newest; None where it is none.

    Args:
        later: What :func:`corrected_by` found.
        event: An entry.
    """
    return corrects(event) or max((old for old, new in later.items() if new == event.sequence), default=None)


def corrected_by(events: Iterable[CustodyEvent]) -> dict[int, int]:
    """For each entry that holds a value no longer true, the number of the newest entry that corrects it.

    A correction of an exhibit corrects the entry that wrote the column last; one of a step names the step, and also
    stands in for an earlier correction of the same value.

    Args:
        events: The entries about one thing, oldest first.
    """
    written: dict[tuple[str, str, str], int] = {}
    found: dict[int, int] = {}
    for event in events:
        for change in event.changes:
            place = (change.table, change.row_id, change.column)
            if event.action in (OF_EXHIBIT, OF_PARTICULARS) and place in written:
                found[written[place]] = event.sequence
            written[place] = event.sequence
        if (step := corrects(event)) is not None:
            found[step] = event.sequence
            for one in corrections_in(event):
                told = ("step", str(step), one.name)
                if told in written:
                    found[written[told]] = event.sequence
                written[told] = event.sequence
    return found
