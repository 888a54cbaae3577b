"""What the readers of libyal find in a volume of NTFS, FAT, exFAT or ext: an opinion that shares no code with ours."""

from __future__ import annotations

import datetime
import hashlib
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from evidence.volumes.base import Readable

_EPOCH_1601_S = 11_644_473_600
_INLINE_CONTENT = "system.data"
_DIRECTORY, _FILE_TYPE, _REGULAR, _LINK = 0o040000, 0o170000, 0o100000, 0o120000


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A name that the second reader lists; times in nanoseconds since 1970."""

    is_directory: bool
    size_bytes: int | None = None
    md5: bytes | None = None
    times: dict[str, int | None] = field(default_factory=dict)
    link_target: str | None = None


class _File(io.RawIOBase):
    """The bytes of a volume as a file object."""

    def __init__(self, source: Readable) -> None:
        self._source, self._at = source, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        self._at = offset + (0, self._at, self._source.media_bytes)[whence]
        return self._at

    def tell(self) -> int:
        return self._at

    def read(self, size: int = -1) -> bytes:
        data = self._source.read_at(self._at, size if size >= 0 else self._source.media_bytes - self._at)
        self._at += len(data)
        return data

    def get_size(self) -> int:
        return self._source.media_bytes


def entries_of(type_: str, source: Readable) -> dict[str, Entry]:
    """Every name by its path; raises OSError where the reader cannot open the volume.

    A name that it cannot read is left out, with an entry ``/folder/?index`` in its place.
    """
    module = {"ntfs": "pyfsntfs", "ext": "pyfsext"}.get(type_.rstrip("234"), "pyfsfat")
    library = pytest.importorskip(module)
    volume = library.volume()
    volume.open_file_object(_File(source))
    try:
        root = volume.get_root_directory() if module == "pyfsntfs" else volume.root_directory
        read = {"pyfsntfs": _ntfs, "pyfsfat": _fat, "pyfsext": _ext}[module]
        return dict(_below(root, "", read, 0))
    finally:
        volume.close()


def _below(folder: Any, path: str, read: Any, depth: int) -> Iterator[tuple[str, Entry]]:
    for index in range(folder.number_of_sub_file_entries):
        try:
            item = folder.get_sub_file_entry(index)
        except OSError:
            yield f"{path}/?{index}", Entry(is_directory=False)
            continue
        if item.name in (".", "..") or item.name is None:
            continue
        full = f"{path}/{item.name}"
        for suffix, entry in read(item):
            yield full + suffix, entry
            if entry.is_directory and not suffix and depth < 32:
                yield from _below(item, full, read, depth + 1)


def _content(item: Any) -> bytes | None:
    """The MD5 of a content; None where it cannot be read."""
    digest = hashlib.md5(usedforsecurity=False)
    left = item.size
    try:
        item.seek_offset(0, 0)
        while left > 0:
            data = item.read_buffer(min(left, 1 << 20))
            if not data:
                return None
            digest.update(data)
            left -= len(data)
    except OSError:
        return None
    return digest.digest()


def _ntfs(item: Any) -> Iterator[tuple[str, Entry]]:
    is_directory = item.has_directory_entries_index()
    fields = {
        "modified": item.get_modification_time_as_integer(),
        "accessed": item.get_access_time_as_integer(),
        "changed": item.get_entry_modification_time_as_integer(),
        "created": item.get_creation_time_as_integer(),
    }
    times = {key: (value - _EPOCH_1601_S * 10**7) * 100 if value else None for key, value in fields.items()}
    has_data = item.has_default_data_stream()
    yield (
        "",
        Entry(
            is_directory=is_directory,
            size_bytes=item.size if has_data else None,
            md5=_content(item) if has_data else None,
            times=times,
        ),
    )
    for index in range(item.number_of_alternate_data_streams):
        stream = item.get_alternate_data_stream(index)
        yield f":{stream.name}", Entry(is_directory=False, size_bytes=stream.size, md5=_content(stream))


def _fat(item: Any) -> Iterator[tuple[str, Entry]]:
    is_directory = bool(item.file_attribute_flags & 0x10)
    times = {
        "modified": _wall(item.get_modification_time(), item.get_modification_time_as_integer()),
        "accessed": _wall(item.get_access_time(), item.get_access_time_as_integer()),
        "created": _wall(item.get_creation_time(), item.get_creation_time_as_integer()),
    }
    yield (
        "",
        Entry(
            is_directory=is_directory,
            size_bytes=None if is_directory else item.size,
            md5=None if is_directory else _content(item),
            times=times,
        ),
    )


def _wall(moment: datetime.datetime, steps: int) -> int | None:
    """The second from libfsfat's date and time, the rest from its steps of 10 ms."""
    return int(moment.replace(tzinfo=datetime.UTC).timestamp()) * 10**9 + steps % 100 * 10**7 if steps else None


def _ext(item: Any) -> Iterator[tuple[str, Entry]]:
    kind = item.file_mode & _FILE_TYPE
    fields = {
        "modified": item.get_modification_time_as_integer(),
        "accessed": item.get_access_time_as_integer(),
        "changed": item.get_inode_change_time_as_integer(),
        "created": item.get_creation_time_as_integer(),
    }
    yield (
        "",
        Entry(
            is_directory=kind == _DIRECTORY,
            size_bytes=item.size if kind == _REGULAR else None,
            md5=_content(item) if kind == _REGULAR else None,
            times={key: value or None for key, value in fields.items()},
            link_target=item.symbolic_link_target if kind == _LINK else None,
        ),
    )
    for index in range(item.number_of_extended_attributes):
        attribute = item.get_extended_attribute(index)
        if attribute.name != _INLINE_CONTENT:
            yield f":{attribute.name}", Entry(is_directory=False, size_bytes=attribute.size, md5=_content(attribute))
