"""ext2, ext3 and ext4 by libfsext: names, sizes, times, targets of links, contents, extended attributes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyfsext

from evidence.second_reader.base import SecondEntry, VolumeBytes, content_md5

_INLINE_CONTENT = "system.data"
_DIRECTORY, _FILE_TYPE, _REGULAR, _LINK = 0o040000, 0o170000, 0o100000, 0o120000


def version() -> str:
    """Its name and version."""
    return f"libfsext {pyfsext.get_version()}"


def open(volume: VolumeBytes) -> tuple[Any, Any]:
    """The opened volume and its uppermost folder; raises OSError."""
    opened = pyfsext.volume()
    opened.open_file_object(volume)
    return opened, opened.root_directory


def entries(item: Any, path: str, with_content: bool) -> Iterator[SecondEntry]:
    """The entry itself, then its extended attributes."""
    kind = item.file_mode & _FILE_TYPE
    fields = {
        "modified": item.get_modification_time_as_integer(),
        "accessed": item.get_access_time_as_integer(),
        "changed": item.get_inode_change_time_as_integer(),
        "created": item.get_creation_time_as_integer(),
    }
    is_regular = kind == _REGULAR
    yield SecondEntry(
        path=path,
        is_directory=kind == _DIRECTORY,
        size_bytes=item.size if is_regular else None,
        md5=content_md5(item) if with_content and is_regular else None,
        times=fields,
        link_target=item.symbolic_link_target if kind == _LINK else None,
    )
    for index in range(item.number_of_extended_attributes):
        attribute = item.get_extended_attribute(index)
        if attribute.name != _INLINE_CONTENT:
            md5 = content_md5(attribute) if with_content else None
            name = f"{path}:{attribute.name}"
            yield SecondEntry(path=name, is_directory=False, size_bytes=attribute.size, md5=md5)
