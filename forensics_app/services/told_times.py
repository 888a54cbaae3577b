"""Times that people tell: none that has not come yet, none in which nothing of this could have happened or be due."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from forensics_app.errors import RefusedError
from forensics_app.model.custody import YEARS

TOLERANCE = timedelta(minutes=5)
"""How far the clock by which a time was told may run ahead of the clock of this computer."""
EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
LONGEST_DUE = timedelta(days=36_525)
"""How long after a step something can be due: 100 years."""
_LIKE = "Write it like 2026-11-24T17:00:00+01:00."


def read_told(what: str, text: str) -> datetime:
    """A time as somebody typed it, in ISO 8601 with its offset.

    Args:
        what: What it is the time of, as it begins a sentence.
        text: As typed.

    Raises:
        RefusedError: It is no time, or has no offset.
    """
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        at = None
    if at is None or at.utcoffset() is None:
        raise RefusedError(f"{what} is {text!r}; that is no time with its offset.", then=_LIKE)
    if at.year not in YEARS:
        raise RefusedError(f"{what} is {text!r}; nothing of this is in the year {at.year}.", then="Look at the date.")
    return at


def read_due(what: str, text: str, after: datetime) -> datetime:
    """A time until which something is due, as somebody typed it.

    Args:
        what: What it is the time of, as it begins a sentence.
        text: As typed.
        after: When the step happened, or was asked for, after which it is due.

    Raises:
        RefusedError: It is no time with its offset, does not come after the step, or more than 100 years after it.
    """
    at = read_told(what, text)
    if at <= after:
        raise RefusedError(f"{what} lies before the step itself.", then="Choose a later time.")
    if at - after > LONGEST_DUE:
        raise RefusedError(
            f"{what} is {text!r}, more than 100 years after the step; nobody would ever be told that it is late.",
            then="Where no day is known, write the one on which it is to be asked for.",
        )
    return at


def check_told(what: str, at: datetime | None, now: datetime) -> None:
    """Refuse a time that cannot be when somebody did or saw something.

    Args:
        what: What happened then, as it begins a sentence: "The seizure".
        at: As told; None where nothing was told.
        now: The present moment.

    Raises:
        RefusedError: It has no offset, lies in the future, or before 1990.
    """
    if at is None:
        return
    told = f"{at:%Y-%m-%d %H:%M}"
    if at.utcoffset() is None:
        raise RefusedError(
            f"{what}: the time {told} does not say in which zone it is.",
            then=_LIKE,
        )
    told += f" {at.isoformat()[-6:]}"
    if at > now + TOLERANCE:
        raise RefusedError(
            f"{what}: {told} has not come yet by the clock of this computer, which shows "
            f"{now.astimezone(at.tzinfo):%Y-%m-%d %H:%M}.",
            then="Look at the date and the offset; if the clock is wrong, set it right first.",
        )
    if at < EARLIEST:
        raise RefusedError(f"{what}: {told} is before 1990, which cannot be.", then="Look at the date.")
