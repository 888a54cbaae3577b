"""NTFS by libfsntfs: names, sizes, times of ``$STANDARD_INFORMATION``, contents of all data streams."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyfsntfs

from evidence.second_reader.base import Place, SecondEntry, VolumeBytes, content_md5

_EPOCH_1601_S = 11_644_473_600
_RECORD = (1 << 48) - 1


def version() -> str:
    """Its name and version."""
    return f"libfsntfs {pyfsntfs.get_version()}"


def open(volume: VolumeBytes) -> tuple[Any, Any]:
    """The opened volume and its uppermost folder; raises OSError."""
    opened = pyfsntfs.volume()
    opened.open_file_object(volume)
    return opened, opened.get_root_directory()


def number(volume: VolumeBytes, item: Any) -> str:
    """That of its file record."""
    return str(item.file_reference & _RECORD)


def entries(volume: VolumeBytes, item: Any, place: Place, with_content: bool) -> Iterator[SecondEntry]:
    """The entry itself, then its alternate data streams."""
    fields = {
        "modified": item.get_modification_time_as_integer(),
        "accessed": item.get_access_time_as_integer(),
        "changed": item.get_entry_modification_time_as_integer(),
        "created": item.get_creation_time_as_integer(),
    }
    has_data = item.has_default_data_stream()
    yield SecondEntry(
        folder=place.folder,
        path=place.path,
        is_named=place.is_named,
        number=number(volume, item),
        is_directory=item.has_directory_entries_index(),
        size_bytes=item.size if has_data else None,
        md5=content_md5(item) if has_data and with_content else None,
        times={key: (value - _EPOCH_1601_S * 10**7) * 100 if value else None for key, value in fields.items()},
    )
    for index in range(item.number_of_alternate_data_streams):
        stream = item.get_alternate_data_stream(index)
        yield SecondEntry(
            folder=place.folder,
            path=f"{place.path}:{stream.name}",
            is_named=place.is_named,
            stream_of=place.path[len(place.folder) + 1 :],
            is_directory=False,
            size_bytes=stream.size,
            md5=content_md5(stream) if with_content else None,
        )
