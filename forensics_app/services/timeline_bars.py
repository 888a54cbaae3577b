"""Where the bars of a histogram of times part: at round moments of the zone that is shown."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, tzinfo

from forensics_app.model.timeline import DAY_NS

MOST_BARS = 160
SECOND_NS = 1_000_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MINUTE_S, _HOUR_S, _DAY_S = 60, 3600, 86_400
_SECONDS = (
    *(1, 2, 5, 10, 15, 30),
    *(_MINUTE_S * n for n in (1, 2, 5, 10, 15, 30)),
    *(_HOUR_S * n for n in (1, 2, 3, 6, 12)),
)
_DAYS, _MONTHS = (1, 2, 7), (1, 3, 6, 12, 24, 60, 120, 240, 600, 1200, 2400, 6000, 12_000)
_MONTH_DAYS = 30.44


def _ns(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(microseconds=1) * 1000


FIRST_NS, LAST_NS = _ns(datetime(2, 1, 1, tzinfo=UTC)), _ns(datetime(9998, 12, 31, tzinfo=UTC))
"""Between these a calendar can be had; times beyond are told to lie before or after."""


def edges(from_ns: int, before_ns: int, zone: tzinfo, most: int = MOST_BARS) -> tuple[list[int], bool]:
    """Where bars begin, and where the last one ends; and whether each of them holds whole days.

    Args:
        from_ns: Nanoseconds since 1970 in UTC; the first bar holds it.
        before_ns: The last bar ends there or after it.
        zone: Days, months and years are those of this zone.
        most: At most so many bars, or two more where they begin and end at round moments.
    """
    from_ns = min(max(from_ns, FIRST_NS), LAST_NS - SECOND_NS)
    before_ns = max(min(before_ns, LAST_NS), from_ns + SECOND_NS)
    wanted_s = (before_ns - from_ns) / SECOND_NS / most
    step_s = next((step for step in _SECONDS if step >= wanted_s), None)
    if step_s is not None:
        return _of_seconds(from_ns, before_ns, step_s, zone), False
    days = next((step for step in _DAYS if step * _DAY_S >= wanted_s), None)
    if days is not None:
        return _of_days(from_ns, before_ns, days, zone), True
    months = next((step for step in _MONTHS if step * _MONTH_DAYS * _DAY_S >= wanted_s), _MONTHS[-1])
    return _of_months(from_ns, before_ns, months, zone), True


def day_around(noon_ns: int, zone: tzinfo) -> tuple[int, int]:
    """When the day of a noon begins in its zone, and when it ends; nanoseconds since 1970 in UTC."""
    if not FIRST_NS <= noon_ns <= LAST_NS:
        return noon_ns - DAY_NS // 2, noon_ns + DAY_NS // 2
    noon = _local(noon_ns, zone)
    start = datetime(noon.year, noon.month, noon.day, tzinfo=zone)
    return _ns(start), _ns((start + timedelta(days=1)).replace(fold=1))


def _local(ns: int, zone: tzinfo) -> datetime:
    return (_EPOCH + timedelta(seconds=ns // SECOND_NS)).astimezone(zone)


def _of_seconds(from_ns: int, before_ns: int, step_s: int, zone: tzinfo) -> list[int]:
    offset = _local(from_ns, zone).utcoffset() or timedelta()
    offset_ns, step_ns = offset // timedelta(seconds=1) * SECOND_NS, step_s * SECOND_NS
    at_ns = (from_ns + offset_ns) // step_ns * step_ns - offset_ns
    found = [at_ns]
    while found[-1] < before_ns:
        found.append(found[-1] + step_ns)
    return found


def _midnight(day: date, zone: tzinfo) -> int:
    return _ns(datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC))


def _of_days(from_ns: int, before_ns: int, step: int, zone: tzinfo) -> list[int]:
    first = _local(from_ns, zone).date().toordinal()
    day = max(1, (first - 1) // step * step + 1)  # weeks begin on Mondays, as the first day of year 1 was one
    found = [_midnight(date.fromordinal(day), zone)]
    while found[-1] < before_ns:
        day += step
        found.append(_midnight(date.fromordinal(day), zone))
    return found


def _of_months(from_ns: int, before_ns: int, step: int, zone: tzinfo) -> list[int]:
    local = _local(from_ns, zone)
    month = (local.year * 12 + local.month - 1) // step * step
    found = [_midnight(_first_of(month), zone)]
    while found[-1] < before_ns:
        month += step
        found.append(_midnight(_first_of(month), zone))
    return found


def _first_of(month: int) -> date:
    """Of a month counted from the year 0; at the ends of the calendar the last that there is."""
    if month < 24:
        return date(2, 1, 1)
    return date(month // 12, month % 12 + 1, 1) if month < 9999 * 12 else date(9999, 1, 1)


def is_day_long(start_ns: int, end_ns: int) -> bool:
    """Whether a bar is a day or longer; a day on which the clocks go forward has 23 hours."""
    return end_ns - start_ns >= DAY_NS - 2 * _HOUR_S * SECOND_NS
