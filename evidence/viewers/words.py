"""Values out of evidence in words: cut where they are long, times with their zone and no digit more than they have."""

from __future__ import annotations

from datetime import UTC, datetime

from evidence.timestamps import iso_text

LONGEST_CELL = 4_000
HEX_BYTES = 48
FILETIME = "UTC, FILETIME of 100 ns"
"""What stands in the head of a column of such times."""
_FILETIME_EPOCH_100NS = 116_444_736_000_000_000
_UUID_EPOCH_100NS = 122_192_928_000_000_000
_NEVER = 0x7FFF_FFFF_FFFF_FFFF


def cut(text: str, most: int = LONGEST_CELL) -> str:
    """A text of at most so many characters; what was cut off is said."""
    return text if len(text) <= most else f"{text[:most]} [cut: {len(text):,} characters in all]"


def blob(data: bytes | memoryview, size_bytes: int | None = None) -> str:
    """Bytes as their number and the first of them in hex."""
    size = len(data) if size_bytes is None else size_bytes
    head = bytes(data[:HEX_BYTES]).hex(" ")
    return f"{size:,} bytes: {head}{' …' if size > HEX_BYTES else ''}" if size else "0 bytes"


def filetime(value: int) -> str:
    """A FILETIME, 100 ns since 1601 in UTC, as ``2026-01-31T09:30:00.0000000Z``; 0 is no time."""
    if value in (0, _NEVER):
        return "not set" if value == 0 else "never"
    return in_100ns(value - _FILETIME_EPOCH_100NS)


def uuid_time(value: int) -> str:
    """The time in a UUID of version 1, 100 ns since 1582-10-15 in UTC."""
    return in_100ns(value - _UUID_EPOCH_100NS)


def in_100ns(since_1970_100ns: int) -> str:
    """A time that was counted in 100 ns, with seven digits."""
    return iso_text(since_1970_100ns * 100).removesuffix("00Z") + "Z"


def in_seconds(since_1970_s: int) -> str:
    """A time that was counted in whole seconds of UTC."""
    return iso_text(since_1970_s * 1_000_000_000).partition(".")[0] + "Z"


def utc_datetime(value: datetime) -> str:
    """A time that the format keeps in UTC; one without a zone is taken for that."""
    aware = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    return aware.isoformat().replace("+00:00", "Z")


def utf16(data: bytes) -> str:
    """Text in UTF-16LE up to the NULs at its end; what is no text becomes U+FFFD."""
    return data.decode("utf-16-le", "replace").rstrip("\0")
