"""Time stamps of file systems into words: nanoseconds as found, never rounded, with wall times put to UTC by a zone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from evidence.errors import EvidenceError

BEYOND_COLUMNS = "times before 1678 or after 2261, which the columns cannot hold"
"""How the note of an entry begins to tell of them: nanoseconds since 1970 in 64 bits reach no farther."""
_SECOND_NS = 1_000_000_000
_DAY_S = 86_400
_ERA_DAYS, _ERA_YEARS = 146_097, 400
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECONDS = range(-62_135_510_400, 253_402_214_400)  # a day inside what datetime can hold


class UnknownZoneError(EvidenceError):
    """A zone is not in the IANA database."""

    def __init__(self, zone: str) -> None:
        """Keep the name that was asked for."""
        super().__init__(f"{zone!r} is no time zone of the IANA database")
        self.zone = zone


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A stamp put to UTC.

    Attributes:
        utc_ns: Nanoseconds since 1970 in UTC.
        doubt: Empty, or why there is more than one answer or none: ``ambiguous`` (the hour came twice when the clocks
            went back; the earlier is taken) or ``nonexistent`` (the clocks jumped over it; the offset before the
            jump is taken).
    """

    utc_ns: int
    doubt: str = ""


def zone_named(name: str) -> ZoneInfo:
    """The zone of an IANA name such as ``Europe/Warsaw``.

    Raises:
        UnknownZoneError: There is none of that name.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise UnknownZoneError(name) from error


def to_utc(ns: int, basis: str, zone: str) -> Moment:
    """Put a stamp to UTC.

    Args:
        ns: Nanoseconds since 1970 as found.
        basis: ``utc`` needs no zone; ``local`` and ``date`` are wall times.
        zone: The zone in which the wall clock ran. A year that the zone's rules do not reach keeps its wall time.

    Raises:
        UnknownZoneError: There is no such zone.
    """
    if basis == "utc" or zone == "UTC":
        return Moment(utc_ns=ns)
    rules = zone_named(zone)
    seconds, rest = divmod(ns, _SECOND_NS)
    if seconds not in _SECONDS:
        return Moment(utc_ns=ns)
    wall = (_EPOCH + timedelta(seconds=seconds)).replace(tzinfo=rules)
    first, second = wall.utcoffset(), wall.replace(fold=1).utcoffset()
    if first is None or second is None:
        return Moment(utc_ns=ns)
    doubt = "" if first == second else "ambiguous" if first > second else "nonexistent"
    return Moment(utc_ns=(seconds - int(first.total_seconds())) * _SECOND_NS + rest, doubt=doubt)


def iso_text(utc_ns: int) -> str:
    """``2004-02-14T12:51:16.000000000Z``, all nine digits.

    Years outside 0000 to 9999 are written with a sign and at least six digits, as ISO 8601 asks for expanded years.
    """
    seconds, rest = divmod(utc_ns, _SECOND_NS)
    days, second = divmod(seconds, _DAY_S)
    eras, day = divmod(days, _ERA_DAYS)  # the calendar repeats every 400 years
    date = _EPOCH + timedelta(days=day)
    year = date.year + eras * _ERA_YEARS
    years = f"{year:04d}" if 0 <= year <= 9999 else f"{year:+07d}"
    clock = f"{second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}"
    return f"{years}-{date.month:02d}-{date.day:02d}T{clock}.{rest:09d}Z"


def utc_text(ns: int, basis: str = "utc", zone: str = "UTC") -> str:
    """A stamp as text in UTC; arguments and errors as for :func:`to_utc`."""
    return iso_text(to_utc(ns, basis, zone).utc_ns)
