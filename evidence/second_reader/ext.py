"""ext2, ext3 and ext4 by libfsext: names, sizes, times, targets of links, contents, extended attributes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyfsext

from evidence.second_reader.base import Place, SecondEntry, VolumeBytes, content_md5

_INLINE_CONTENT = "system.data"
_MAP_BYTES, _LONGEST_INSIDE_BYTES = 60, 1 << 16
"""Of an inode for the map of its blocks, and more than any content or attribute in an inode or a block of 64 KiB."""
_DIRECTORY, _FILE_TYPE, _REGULAR, _LINK = 0o040000, 0o170000, 0o100000, 0o120000


def version() -> str:
    """Its name and version."""
    return f"libfsext {pyfsext.get_version()}"


def open(volume: VolumeBytes) -> tuple[Any, Any]:
    """The opened volume and its uppermost folder; raises OSError."""
    opened = pyfsext.volume()
    opened.open_file_object(volume)
    return opened, opened.root_directory


def number(volume: VolumeBytes, item: Any) -> str:
    """That of its inode."""
    return str(item.inode_number)


def entries(volume: VolumeBytes, item: Any, place: Place, with_content: bool) -> Iterator[SecondEntry]:
    """The entry itself, then its extended attributes."""
    kind = item.file_mode & _FILE_TYPE
    is_regular, target, is_target_unread = kind == _REGULAR, None, False
    if kind == _LINK:
        try:
            target = item.symbolic_link_target
        except OSError:
            is_target_unread = True
    yield SecondEntry(
        folder=place.folder,
        path=place.path,
        is_named=place.is_named,
        number=number(volume, item),
        is_directory=kind == _DIRECTORY,
        size_bytes=item.size if is_regular else None,
        md5=content_md5(item) if with_content and is_regular else None,
        times={
            "modified": item.get_modification_time_as_integer(),
            "accessed": item.get_access_time_as_integer(),
            "changed": item.get_inode_change_time_as_integer(),
            "created": item.get_creation_time_as_integer(),
        },
        link_target=target,
        unread=("target",) if is_target_unread else (),
        known=_cut_off(item) if with_content and is_regular and not item.number_of_extents else {},
    )
    for index in range(item.number_of_extended_attributes):
        attribute = item.get_extended_attribute(index)
        if attribute.name != _INLINE_CONTENT:
            yield SecondEntry(
                folder=place.folder,
                path=f"{place.path}:{attribute.name}",
                is_named=place.is_named,
                stream_of=place.path[len(place.folder) + 1 :],
                is_directory=False,
                size_bytes=attribute.size,
                md5=content_md5(attribute) if with_content else None,
                known=_cut_off(attribute) if with_content else {},
            )


def _cut_off(content: Any) -> dict[str, str]:
    """Why a content may differ that lies in no extent: libfsext 20260821 reads as much of it as a map of blocks has."""
    if not _MAP_BYTES < content.size <= _LONGEST_INSIDE_BYTES:
        return {}
    try:
        rest = content.read_buffer_at_offset(content.size - _MAP_BYTES, _MAP_BYTES)
    except OSError:
        return {}
    return {} if any(rest) else {"md5": "libfsext reads 60 bytes of what lies in no extent, and zeros behind them"}
