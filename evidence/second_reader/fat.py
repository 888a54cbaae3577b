"""FAT and exFAT by libfsfat: names, sizes, wall times, contents."""

from __future__ import annotations

import calendar
import struct
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pyfsfat

from evidence.second_reader.base import NO_TIME, Place, SecondEntry, VolumeBytes, content_md5

_DIRECTORY, _ENTRY_BYTES = 0x10, 32
_MOST_TENTHS = 199
"""Of a creation time: what the field of 10 ms may hold."""


def version() -> str:
    """Its name and version."""
    return f"libfsfat {pyfsfat.get_version()}"


def open(volume: VolumeBytes) -> tuple[Any, Any]:
    """The opened volume and its uppermost folder; raises OSError."""
    opened = pyfsfat.volume()
    opened.open_file_object(volume)
    return opened, opened.root_directory


def number(volume: VolumeBytes, item: Any) -> str:
    """That of its directory entry, which The Sleuth Kit numbers by their places, from 3 on."""
    return str((item.identifier - _first_entry_at(volume.head)) // _ENTRY_BYTES + 3)


def entries(volume: VolumeBytes, item: Any, place: Place, with_content: bool) -> Iterator[SecondEntry]:
    """The entry itself."""
    is_directory = bool(item.file_attribute_flags & _DIRECTORY)
    yield SecondEntry(
        folder=place.folder,
        path=place.path,
        is_named=place.is_named,
        number=number(volume, item),
        is_directory=is_directory,
        size_bytes=None if is_directory else item.size,
        md5=content_md5(item) if with_content and not is_directory else None,
        times={
            "modified": _wall(item.get_modification_time(), item.get_modification_time_as_integer()),
            "accessed": _wall(item.get_access_time(), item.get_access_time_as_integer()),
            "created": _wall(item.get_creation_time(), item.get_creation_time_as_integer()),
        },
        known={} if _is_exfat(volume.head) else _no_times(volume.at(item.identifier, _ENTRY_BYTES)),
    )


def _is_exfat(boot: bytes) -> bool:
    return boot[3:11] == b"EXFAT   "


def _first_entry_at(boot: bytes) -> int:
    """Where the area begins in which directory entries lie, in bytes."""
    if _is_exfat(boot):
        return int(struct.unpack_from("<I", boot, 88)[0]) << boot[108]
    sector_bytes, reserved, copies = struct.unpack_from("<HxHB", boot, 11)
    per_fat = struct.unpack_from("<H", boot, 22)[0] or struct.unpack_from("<I", boot, 36)[0]
    return int((reserved + copies * per_fat) * sector_bytes)


def _no_times(entry: bytes) -> dict[str, str]:
    """Why times of an entry may differ: what stands there is none, and libfsfat makes one of it."""
    if len(entry) < _ENTRY_BYTES:
        return {}
    created_time, created_date, accessed_date = struct.unpack_from("<3H", entry, 14)
    modified_time, modified_date = struct.unpack_from("<2H", entry, 22)
    stored = {
        "modified": (modified_date, modified_time),
        "accessed": (accessed_date, 0),
        "created": (created_date, created_time),
    }
    found = {field: NO_TIME for field, (date, time) in stored.items() if not _is_time(date, time)}
    return found if entry[13] <= _MOST_TENTHS else {"created": "libfsfat adds more than two seconds", **found}


def _is_time(date: int, time: int) -> bool:
    year, month, day = 1980 + (date >> 9), date >> 5 & 0xF, date & 0x1F
    if not 1 <= month <= 12 or not 1 <= day <= calendar.monthrange(year, month)[1]:
        return False
    return time >> 11 < 24 and time >> 5 & 0x3F < 60 and time & 0x1F < 30


def _wall(moment: datetime, steps: int) -> int | None:
    """The second from libfsfat's date and time, the rest from its steps of 10 ms."""
    return int(moment.replace(tzinfo=UTC).timestamp()) * 10**9 + steps % 100 * 10**7 if steps else None
