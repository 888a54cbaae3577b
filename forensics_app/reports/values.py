"""Values as a report prints them: times with their zone, sizes with their unit, digests in groups of eight."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from forensics_app.model.custody import in_zone
from forensics_app.model.dossier import FileTime, ReportHead
from forensics_app.model.retold import retold
from forensics_app.reports.words import as_told, say, spoken

_NS = 1_000_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY_S = 86_400
_UNITS = ("KiB", "MiB", "GiB", "TiB", "PiB")
_GROUP_BYTES = 4
_LEGACY = frozenset({"MD5", "SHA-1"})
_BASIS_WORDS = {"utc": "UTC", "local": "local, no zone stored", "date": "date only"}


def number(value: int) -> str:
    """A count with thousands separators."""
    return spoken().number(value)


def described(description: str) -> str:
    """The description of an exhibit; the one that the program gives an image in the language that is spoken."""
    return as_told(retold(description))


def size(value_bytes: int) -> str:
    """A size in bytes, with a rounded binary unit beside it from 1 KiB up."""
    exact = say("{count} byte" if value_bytes == 1 else "{count} bytes", count=number(value_bytes))
    scaled = float(value_bytes)
    unit = ""
    for candidate in _UNITS:
        if scaled < 1024:
            break
        scaled, unit = scaled / 1024, candidate
    return f"{exact} ({spoken().fraction(scaled)} {say(unit)})" if unit else exact


def grouped(digest: bytes) -> str:
    """A digest in lower-case hexadecimal, groups of eight apart so that it can be read aloud and compared."""
    return digest.hex(" ", -_GROUP_BYTES)


def digest_lines(digest: bytes, groups_per_line: int) -> tuple[str, ...]:
    """`grouped` on several lines that break between groups."""
    groups = grouped(digest).split(" ")
    return tuple(" ".join(groups[start : start + groups_per_line]) for start in range(0, len(groups), groups_per_line))


def short_digest(digest: bytes) -> str:
    """The first sixteen digits of a digest, and a sign that it is cut."""
    digits = digest.hex()
    return f"{digits[:8]} {digits[8:16]}..." if len(digits) > 16 else grouped(digest)


def short_key(key_id: bytes) -> str:
    """The first eight digits of a key id."""
    return key_id.hex()[:8]


def algorithm(name: str) -> str:
    """The name of a digest algorithm, with the word legacy where it no longer stands alone (REQ-25)."""
    return say("{algorithm} (legacy)", algorithm=name) if name.upper() in _LEGACY else name


class Clock:
    """Prints times in the report's zone; every one carries its offset (REQ-13)."""

    def __init__(self, head: ReportHead) -> None:
        """Load the zones that the report names."""
        self.zone_name = head.zone
        self._zone = ZoneInfo(head.zone)
        self.local_rule = head.zone_of_local_times
        self._local_zone = ZoneInfo(head.zone_of_local_times)

    def moment(self, at: datetime, zone: str | None = None) -> str:
        """A time of our own records: `2026-11-21 14:02:11 +01:00`; another zone than the report's is named."""
        if zone is None or zone == self.zone_name:
            return _text(in_zone(at, self._zone), "")
        return f"{_text(in_zone(at, ZoneInfo(zone)), '')} ({zone})"

    def both(self, at: datetime, zone: str | None = None) -> str:
        """The time as `moment` has it, and the same in UTC beside it where that is another wall clock."""
        local = self.moment(at, zone)
        return local if self.is_utc(at, zone) else f"{local} = {self.utc(at)}"

    def is_utc(self, at: datetime, zone: str | None = None) -> bool:
        """Whether the wall clock of the zone shows UTC at that time."""
        return not in_zone(at, self._zone if zone is None else ZoneInfo(zone)).utcoffset()

    def day(self, at: datetime | date) -> str:
        """A date, or a time when one is known."""
        return self.both(at) if isinstance(at, datetime) else at.isoformat()

    def utc(self, at: datetime) -> str:
        """A time in UTC: `2026-11-21 13:02:11 Z`."""
        return f"{in_zone(at, UTC).isoformat(' ')[:19]} Z"

    def file_time(self, time: FileTime) -> PrintedTime:
        """A file-system time in all its readings, none rounded."""
        words, step = say(_BASIS_WORDS.get(time.basis, time.basis)), resolution(time.resolution_ns)
        label, source = say(time.label), say(time.source)
        if time.ns is None:
            absent = say(time.absent or "not available")
            return PrintedTime(label, absent, say("none"), say("none"), source, words, step)
        return PrintedTime(label, *self._readings(time.ns, time.basis, time.resolution_ns), source, words, step)

    def list_time(self, ns: int | None, basis: str, resolution_ns: int) -> str:
        """A file-system time on one line, for tables."""
        if ns is None:
            return say("none")
        if basis == "utc":
            return _zoned(ns, resolution_ns, self._zone)
        stored = _stored(ns, basis, resolution_ns)
        return say("{date} (date only)" if basis == "date" else "{time} (no zone)", date=stored, time=stored)

    def list_both(self, ns: int | None, basis: str, resolution_ns: int) -> tuple[str, str]:
        """The same, and in UTC, read as the report says where no zone is stored."""
        if ns is not None and basis == "utc":
            return _zoned_and_utc(ns, resolution_ns, self._zone)
        local = self.list_time(ns, basis, resolution_ns)
        if ns is None:
            return local, local
        return local, self._readings(ns, basis, resolution_ns)[1]

    @property
    def has_another_zone(self) -> bool:
        """Whether the report's zone is not UTC, so that UTC stands beside it."""
        return self.zone_name not in ("UTC", "Etc/UTC")

    def _readings(self, ns: int, basis: str, resolution_ns: int) -> tuple[str, str, str]:
        stored = _stored(ns, basis, resolution_ns)
        if basis == "date":
            return stored, say("not applicable"), say("not applicable")
        if basis == "utc":
            return f"{stored} Z", f"{stored} Z", _zoned(ns, resolution_ns, self._zone)
        wall = _wall(ns)
        if wall is None:
            return stored, say("outside the calendar"), say("outside the calendar")
        offsets = [wall.replace(tzinfo=self._local_zone, fold=fold).utcoffset() or timedelta() for fold in (0, 1)]
        shifted = ns - int(offsets[0].total_seconds()) * _NS
        doubt = "" if offsets[0] == offsets[1] else f" ({say('clock change: not unique')})"
        as_utc = f"{_stored(shifted, 'utc', resolution_ns)} Z{doubt}"
        return stored, as_utc, _zoned(shifted, resolution_ns, self._zone) + doubt


class PrintedTime(NamedTuple):
    """A file-system time, each reading in words."""

    label: str
    stored: str
    utc: str
    zoned: str
    source: str
    basis: str
    resolution: str


def resolution(ns: int) -> str:
    """A step of time with the largest unit that divides it."""
    for step, unit in ((_DAY_S * _NS, "d"), (_NS, "s"), (1_000_000, "ms"), (1_000, "µs")):
        if ns >= step and ns % step == 0:
            return f"{ns // step} {unit}"
    return f"{ns} ns"


def _text(local: datetime, fraction: str) -> str:
    whole = local.isoformat(" ", "seconds")
    return f"{whole[:19]}{fraction} {whole[19:]}"


def _wall(ns: int) -> datetime | None:
    try:
        return _EPOCH + timedelta(seconds=ns // _NS)
    except OverflowError:
        return None


def _fraction(ns: int, resolution_ns: int) -> str:
    below_second = ns % _NS
    digits, dropped = _digits(resolution_ns)
    if below_second % dropped:
        digits = 9  # finer than the file system promises: shown, not rounded away
    return f".{below_second:09d}"[: digits + 1] if digits else ""


@lru_cache
def _digits(resolution_ns: int) -> tuple[int, int]:
    """Places behind the second that a step of time needs, and the smallest count of nanoseconds that they show."""
    digits = 0 if resolution_ns >= _NS else 9
    while digits > 1 and resolution_ns % 10 ** (10 - digits) == 0:
        digits -= 1
    return digits, 10 ** (9 - digits)


def _stored(ns: int, basis: str, resolution_ns: int) -> str:
    wall = _wall(ns)
    if wall is None:
        return _outside(ns)
    if basis == "date":
        return wall.date().isoformat()
    return wall.isoformat(" ")[:19] + _fraction(ns, resolution_ns)


def _zoned(ns: int, resolution_ns: int, zone: ZoneInfo) -> str:
    return _zoned_and_utc(ns, resolution_ns, zone)[0]


def _zoned_and_utc(ns: int, resolution_ns: int, zone: ZoneInfo) -> tuple[str, str]:
    """A time in both, each outside the calendar for itself."""
    wall = _wall(ns)
    if wall is None:
        outside = _outside(ns)
        return outside, f"{outside} Z"
    fraction = _fraction(ns, resolution_ns)
    as_utc = f"{wall.isoformat(' ')[:19]}{fraction} Z"
    try:
        return _text(wall.astimezone(zone), fraction), as_utc
    except OverflowError:
        return _outside(ns), as_utc


def _outside(ns: int) -> str:
    return say("{count} ns since 1970, outside the calendar", count=str(ns))


def joined(parts: Sequence[str | None], separator: str = ", ") -> str | None:
    """The parts that are there, or None when there are none."""
    present = [part for part in parts if part]
    return separator.join(present) if present else None
