"""Numbers, times and digests in the words of the window; no Qt, so that a test can read them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, tzinfo

from forensics_app.model.custody import in_zone

NO_BREAK_SPACE = "\u00a0"
_DECIMAL_UNITS = ("bytes", "kB", "MB", "GB", "TB", "PB", "EB")
_NS_PER_S = 1_000_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def count_text(count: int) -> str:
    """``1234567`` as ``1,234,567``."""
    return f"{count:,}"


def plural(count: int, one: str, many: str) -> str:
    """``one`` for exactly 1, otherwise ``many``; both may hold ``{n}``, which becomes the count with separators."""
    return (one if count == 1 else many).replace("{n}", count_text(count))


def bytes_text(size_bytes: int) -> str:
    """An exact size: ``512,110,190,592 bytes``."""
    return plural(size_bytes, "{n} byte", "{n} bytes")


def size_text(size_bytes: float) -> str:
    """A size to be read at a glance, in powers of 1,000 with one decimal: ``512.1 GB``."""
    value = float(size_bytes)
    for unit in _DECIMAL_UNITS:
        if abs(value) < 999.95 or unit == _DECIMAL_UNITS[-1]:
            return bytes_text(int(value)) if unit == "bytes" else f"{value:,.1f} {unit}"
        value /= 1000
    raise AssertionError("the last unit takes every size")


def rate_text(units_per_s: float, unit: str) -> str:
    """A rate with its unit: ``412 MB/s`` for bytes, ``1,840 files/s`` for anything else."""
    if unit != "bytes":
        return f"{units_per_s:,.0f} {unit}/s"
    if units_per_s < 1000:
        return f"{units_per_s:,.0f} bytes/s"
    power = 1
    while units_per_s / 1000**power >= 999.5 and power < len(_DECIMAL_UNITS) - 1:
        power += 1
    value = units_per_s / 1000**power
    return f"{value:,.{0 if value >= 10 else 1}f} {_DECIMAL_UNITS[power]}/s"


def duration_text(seconds: float) -> str:
    """A duration in its two greatest units: ``31 min 12 s``, ``2 h 5 min``, ``3 days 4 h``."""
    whole = max(0, round(seconds))
    days, rest = divmod(whole, 86_400)
    hours, rest = divmod(rest, 3600)
    minutes, secs = divmod(rest, 60)
    if days:
        return plural(days, "1 day", "{n} days") + (f" {hours} h" if hours else "")
    if hours:
        return f"{hours} h" + (f" {minutes} min" if minutes else "")
    if minutes:
        return f"{minutes} min" + (f" {secs} s" if secs else "")
    return f"{secs} s"


def rough_duration_text(seconds: float) -> str:
    """A duration in its greatest unit that says enough beside a progress bar: ``31 min``, ``2 h 5 min``, ``40 s``."""
    return duration_text(seconds) if seconds < 60 or seconds >= 3600 else duration_text(round(seconds / 60) * 60)


def offset_text(moment: datetime) -> str:
    """The offset of an aware time from UTC: ``+01:00``, or ``Z`` for UTC itself."""
    offset = moment.utcoffset()
    if offset is None:
        raise ValueError("a time without a zone cannot be shown")
    if not offset and moment.tzname() in ("UTC", "Z", "GMT"):
        return "Z"
    sign = "-" if offset < timedelta(0) else "+"
    minutes = abs(int(offset.total_seconds())) // 60
    return f"{sign}{minutes // 60:02d}:{minutes % 60:02d}"


def time_text(moment: datetime, zone: tzinfo | None = None, *, to_minute: bool = False) -> str:
    """An aware time in ``zone`` (its own by default): ``2026-11-21 14:02:11 +01:00``; UTC reads ``Z``.

    Raises:
        ValueError: ``moment`` has no zone.
    """
    offset_text(moment)
    shown = in_zone(moment, zone) if zone else moment
    return f"{shown:%Y-%m-%d %H:%M}{'' if to_minute else f'{shown:%S}'.rjust(3, ':')} {offset_text(shown)}"


def read_time(words: str) -> datetime | None:
    """A time as :func:`time_text` shows it, or as ISO 8601 has it; None where it is none or has no offset."""
    try:
        found = datetime.fromisoformat(re.sub(r"\s+(?=(?:Z|[+-]\d\d:\d\d)$)", "", words.strip()))
    except ValueError:
        return None
    return None if found.utcoffset() is None else found


def time_of_ns(since_1970_ns: int, zone: tzinfo = UTC) -> str:
    """A file-system time in UTC nanoseconds as :func:`time_text` shows it, for any year it can hold.

    Times outside the years 1 to 9999 are given as the count itself, with its unit.
    """
    try:
        moment = _EPOCH + timedelta(seconds=since_1970_ns // _NS_PER_S)
        return time_text(moment.astimezone(zone))
    except (OverflowError, ValueError):
        return f"{since_1970_ns:,} ns since 1970 Z"


def hex_text(digest: bytes | str) -> str:
    """A digest in lower-case hexadecimal."""
    return digest.hex() if isinstance(digest, bytes) else digest.lower()


def digest_text(digest: bytes | str, *, groups_a_line: int = 0) -> str:
    """A digest in groups of eight, on lines of ``groups_a_line`` groups (0: one line)."""
    text = hex_text(digest)
    groups = [text[at : at + 8] for at in range(0, len(text), 8)]
    step = groups_a_line or len(groups) or 1
    return "\n".join(" ".join(groups[at : at + step]) for at in range(0, len(groups), step))


def short_digest_text(digest: bytes | str, *, groups: int = 2) -> str:
    """The first groups of a digest and an ellipsis, for lists where a whole one does not fit."""
    text = hex_text(digest)
    return digest_text(text) if len(text) <= groups * 8 else f"{digest_text(text[: groups * 8])} …"


def initials(name: str) -> str:
    """At most two initials of a person's name: ``AK`` for ``Ana Kovač``."""
    words = [word for word in name.split() if word[0].isalpha()]
    picked = words if len(words) < 2 else [words[0], words[-1]]
    return "".join(word[0] for word in picked).upper()


def plain(label: str) -> str:
    """A button's text without its ``&`` and without the thin space before it, as a screen reader says it."""
    return label.replace("&&", "\0").replace("&", "").replace("\0", "&").strip("\u2009 ")
