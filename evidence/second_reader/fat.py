"""FAT and exFAT by libfsfat: names, sizes, wall times, contents."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pyfsfat

from evidence.second_reader.base import SecondEntry, VolumeBytes, content_md5

_DIRECTORY = 0x10


def version() -> str:
    """Its name and version."""
    return f"libfsfat {pyfsfat.get_version()}"


def open(volume: VolumeBytes) -> tuple[Any, Any]:
    """The opened volume and its uppermost folder; raises OSError."""
    opened = pyfsfat.volume()
    opened.open_file_object(volume)
    return opened, opened.root_directory


def entries(item: Any, path: str, with_content: bool) -> Iterator[SecondEntry]:
    """The entry itself."""
    is_directory = bool(item.file_attribute_flags & _DIRECTORY)
    yield SecondEntry(
        path=path,
        is_directory=is_directory,
        size_bytes=None if is_directory else item.size,
        md5=content_md5(item) if with_content and not is_directory else None,
        times={
            "modified": _wall(item.get_modification_time(), item.get_modification_time_as_integer()),
            "accessed": _wall(item.get_access_time(), item.get_access_time_as_integer()),
            "created": _wall(item.get_creation_time(), item.get_creation_time_as_integer()),
        },
    )


def _wall(moment: datetime, steps: int) -> int | None:
    """The second from libfsfat's date and time, the rest from its steps of 10 ms."""
    return int(moment.replace(tzinfo=UTC).timestamp()) * 10**9 + steps % 100 * 10**7 if steps else None
