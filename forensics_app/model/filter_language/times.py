"""Times in a filter: ``2024``, ``2024-03``, ``2024-03-05``, ``2024-03-05T14:30``, and ranges of them.

What is written without an offset is wall time in the zone that the page shows, and stands for its whole unit: 2024-03
is all of March. A time with an offset (``Z``, ``+01:00``) is a moment of UTC.
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

from forensics_app.model.filter_language.tree import Span, TimeRange

MIN_NS, MAX_NS = -(2**63), 2**63 - 1
_TIME = re.compile(
    r"(?P<year>\d{4})(?:-(?P<month>\d{1,2})(?:-(?P<day>\d{1,2})"
    r"(?:[Tt ](?P<hour>\d{1,2})(?::(?P<minute>\d{2})(?::(?P<second>\d{2})(?:\.(?P<fraction>\d{1,9}))?)?)?"
    r" ?(?P<offset>[Zz]|[+-]\d{2}:?\d{2})?)?)?)?",
    re.ASCII,
)
_UNITS = ("year", "month", "day", "hour", "minute", "second")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NS = 1_000_000_000


class NotATimeError(ValueError):
    """It is no time, or none that there is; the message says why as the end of a sentence."""


class TurnedRoundError(ValueError):
    """A range ends before it begins."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A unit of time as it was written: from ``first_s`` up to, not including, ``behind_s``, and a part of a second.

    Attributes:
        first_s: Seconds since 1970 on a clock that is never put forward or back; ``behind_s`` likewise.
        part_ns: Of the first second where a fraction was written, with the length of its last digit.
        offset: What the clock is ahead of UTC; None where nothing was written.
    """

    first_s: int
    behind_s: int
    part_ns: tuple[int, int] | None
    offset: timedelta | None

    def bounds_ns(self) -> tuple[int, int]:
        """The first nanosecond on that clock, and the last."""
        if self.part_ns is not None:
            first_ns = self.first_s * _NS + self.part_ns[0]
            return first_ns, first_ns + self.part_ns[1] - 1
        return self.first_s * _NS, self.behind_s * _NS - 1


def moment_of(text: str) -> Moment:
    """A time as it was typed.

    Raises:
        NotATimeError: It is none.
    """
    found = _TIME.fullmatch(text.strip())
    if found is None:
        raise NotATimeError("is not written like a time")
    parts = [int(found[unit]) for unit in _UNITS if found[unit] is not None]
    unit = _UNITS[len(parts) - 1]
    try:
        year, month, day, hour, minute, second = *parts, *(1, 1, 1, 0, 0, 0)[len(parts) :]
        first = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError as error:
        raise NotATimeError("is no day or time that there is") from error
    offset = _offset_of(found["offset"]) if found["offset"] else None
    fraction = found["fraction"]
    part_ns = (int(fraction.ljust(9, "0")), 10 ** (9 - len(fraction))) if fraction else None
    first_s = _seconds(first)
    return Moment(first_s=first_s, behind_s=first_s + _length_s(first, unit), part_ns=part_ns, offset=offset)


def _offset_of(text: str) -> timedelta:
    if text in "Zz":
        return timedelta(0)
    hours, minutes = int(text[1:3]), int(text[-2:])
    if hours > 18 or minutes > 59:
        raise NotATimeError("has an offset that no zone has")
    return (-1 if text[0] == "-" else 1) * timedelta(hours=hours, minutes=minutes)


def _seconds(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(seconds=1)


def _length_s(first: datetime, unit: str) -> int:
    if unit == "year":
        return 86_400 * (366 if monthrange(first.year, 2)[1] == 29 else 365)
    if unit == "month":
        return 86_400 * monthrange(first.year, first.month)[1]
    return {"day": 86_400, "hour": 3_600, "minute": 60, "second": 1}[unit]


def time_range(field: str, low: Moment | None, high: Moment | None, zone: tzinfo, *, beyond: bool = False) -> TimeRange:
    """From the beginning of ``low`` to the end of ``high``, both included; None has no limit.

    Args:
        field: Of the entry.
        low: Where it begins.
        high: Where it ends.
        zone: Which wall time is meant where no offset is written.
        beyond: Instead from behind the end of ``low``, and to before the beginning of ``high``.

    Raises:
        TurnedRoundError: ``high`` lies before ``low``.
    """
    lowest, highest = MIN_NS, MAX_NS
    utc_low, utc_high = MIN_NS, MAX_NS
    if low is not None:
        lowest = low.bounds_ns()[1] + 1 if beyond else low.bounds_ns()[0]
        utc_low = _in_utc_ns(lowest, low, zone, late=beyond)
    if high is not None:
        highest = high.bounds_ns()[0] - 1 if beyond else high.bounds_ns()[1]
        utc_high = _in_utc_ns(highest + 1, high, zone, late=not beyond) - 1
    is_told = any(moment is not None and moment.offset is not None for moment in (low, high))
    is_turned = utc_low > utc_high if is_told else lowest > highest  # clocks may leave out all of a range of wall time
    if low is not None and high is not None and is_turned:
        raise TurnedRoundError
    return TimeRange(field=field, utc=_span(utc_low, utc_high), wall=None if is_told else _span(lowest, highest))


def _span(low_ns: int, high_ns: int) -> Span:
    """Within 64 bits; a range that lies wholly outside of them is empty."""
    if low_ns > MAX_NS or high_ns < MIN_NS:
        return Span(low_ns=MAX_NS, high_ns=MIN_NS)
    return Span(low_ns=max(low_ns, MIN_NS), high_ns=min(high_ns, MAX_NS))


def _in_utc_ns(wall_ns: int, moment: Moment, zone: tzinfo, *, late: bool) -> int:
    """When a clock showed ``wall_ns``.

    A time that was shown twice, as clocks were put back, is the first or, ``late``, the second; one that was left out
    is the moment in which they were put forward.
    """
    if moment.offset is not None:
        return wall_ns - moment.offset // timedelta(seconds=1) * _NS
    wall_s, part_ns = divmod(wall_ns, _NS)
    try:
        wall = (_EPOCH + timedelta(seconds=wall_s)).replace(tzinfo=zone)
        first, second = (_seconds(wall.replace(fold=fold)) for fold in (0, 1))
    except OverflowError:
        return wall_ns
    if second < first:  # the clocks left it out
        return _turn_s(second, first, wall.replace(tzinfo=None), zone) * _NS
    return (second if late else first) * _NS + part_ns


def _turn_s(before_s: int, after_s: int, wall: datetime, zone: tzinfo) -> int:
    """The first second from which clocks show ``wall`` or later."""
    while after_s - before_s > 1:
        middle_s = (before_s + after_s) // 2
        shown = (_EPOCH + timedelta(seconds=middle_s)).astimezone(zone).replace(tzinfo=None)
        before_s, after_s = (before_s, middle_s) if shown >= wall else (middle_s, after_s)
    return after_s
