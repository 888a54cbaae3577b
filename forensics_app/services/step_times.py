"""Whether the times that are told of an exhibit's steps follow each other as the steps were recorded (REQ-13)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import Connection

from chain_of_custody.errors import CustodyError
from chain_of_custody.ledger import Entry
from forensics_app.db.ledger import entries_about
from forensics_app.model.corrections import times_corrected
from forensics_app.model.custody import CustodyEvent
from forensics_app.model.exhibit import ExhibitId
from forensics_app.services.history import event_of

Told = tuple[CustodyEvent, datetime]
"""A step, and when it happened as it is told now."""


def told_earlier(connection: Connection, exhibit_id: ExhibitId, number: str, event: str, at: datetime) -> str:
    """A sentence where a step that is recorded now is told to be earlier than one before it; else empty.

    Times are told to the minute, so those of one minute follow each other.
    """
    before = [one for one in _told(connection, exhibit_id) if _minute(one[1]) > _minute(at)]
    return _sentence(number, event, at, max(before, key=lambda one: one[1])) if before else ""


def told_out_of_order(events: Sequence[CustodyEvent], number: str, sequence: int, at: datetime) -> str:
    """The same of a step whose time is corrected to `at`, held against the steps before and after it."""
    steps = [one for one in _steps(events) if one[0].sequence != sequence]
    earlier = [one for one in steps if one[0].sequence < sequence and _minute(one[1]) > _minute(at)]
    later = [one for one in steps if one[0].sequence > sequence and _minute(one[1]) < _minute(at)]
    event = next(one.fact("event") for one in events if one.sequence == sequence)
    if earlier:
        return _sentence(number, event, at, max(earlier, key=lambda one: one[1]))
    if later:
        other, when = min(later, key=lambda one: one[1])
        return _sentence(number, other.fact("event"), when, (_named(events, sequence), at))
    return ""


def _told(connection: Connection, exhibit_id: ExhibitId) -> list[Told]:
    return _steps([*_readable(entries_about(connection, [str(exhibit_id)]))])


def _readable(entries: Iterable[Entry]) -> Iterable[CustodyEvent]:
    for entry in entries:
        try:
            yield event_of(entry)
        except CustodyError:
            continue  # verification names it


def _steps(events: Sequence[CustodyEvent]) -> list[Told]:
    corrected = times_corrected(events)
    told = ((one, corrected.get(one.sequence, one.occurred_at)) for one in events if one.is_step)
    return [(one, at) for one, at in told if at is not None and at.utcoffset() is not None]


def _named(events: Sequence[CustodyEvent], sequence: int) -> CustodyEvent:
    return next(one for one in events if one.sequence == sequence)


def _sentence(number: str, event: str, at: datetime, before: Told) -> str:
    other, when = before
    return (
        f"{number}: {_words(event)} is told to have happened at {_time(at)}, before {_words(other.fact('event'))} at "
        f"{_time(when)}, which was recorded earlier (entry {other.sequence})."
    )


def _words(event: str) -> str:
    return event.replace("_", " ")


def _minute(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)


def _time(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} {at.isoformat()[-6:]}"
