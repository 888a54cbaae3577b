"""The names in a UDF directory: its file identifier descriptors, deleted ones too.

Sources: ECMA-167 3rd edition, 4/14.4; OSTA Universal Disk Format 2.60, 2.3.4.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from evidence.filesystems.udf_entries import UdfContent
from evidence.filesystems.udf_records import FILE_IDENTIFIER, Address, long_address, tag_of, unicode_of
from evidence.images.base import Problem

_CHUNK_BYTES = 1 << 20
_HEAD_BYTES = 38
_MAX_NAME_BYTES = 38 + 65_535 + 255 + 3
_DIRECTORY, _DELETED, _PARENT = 0x02, 0x04, 0x08
_MARKS = (b"\x01\x01\x02\x00", b"\x01\x01\x03\x00")
_MAX_DAMAGED = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """One name in a directory.

    Attributes:
        address: Of its file entry; None where a deleted name keeps none.
        unique_id: The lower 32 bits of the unique id of its file; 0 where it is not told.
        note: What is wrong with the descriptor.
    """

    name: str
    name_bytes: bytes | None
    address: Address | None
    unique_id: int
    is_directory: bool
    is_deleted: bool
    note: str | None = None


def names_in(content: UdfContent, directory: Address) -> Iterator[Name | Problem]:
    """Every name but that of the parent; raises OSError and UnreadableRegionError where the rest cannot be read."""
    data, base, at, damaged = b"", 0, 0, 0
    while True:
        if len(data) - at < _MAX_NAME_BYTES and base + len(data) < content.size_bytes:
            data, base, at = data[at:], base + at, 0
            data += content.read(base + len(data), _CHUNK_BYTES)
        left = data[at:] if len(data) - at < _HEAD_BYTES else None
        if left is not None and (len(left) < 4 or not any(left)):
            return
        size = None if left is not None else _whole(data, at)
        if size is None:
            damaged += 1
            if damaged > _MAX_DAMAGED:
                raise OSError(f"more than {_MAX_DAMAGED} names in it are damaged")
            what = f"A name in the directory at {directory} is damaged, at its byte {base + at}."
            yield Problem(what=what, where="", offset_bytes=None)
            at = _next_descriptor(data, at + 4)
            continue
        found = _name(data, at, size)
        if found is not None:
            yield found
        at += size


def _whole(data: bytes, at: int) -> int | None:
    """The size of the descriptor at a place; None where there is none that is whole."""
    identifier_bytes, use_bytes = data[at + 19], int.from_bytes(data[at + 36 : at + 38], "little")
    size = -(-(_HEAD_BYTES + identifier_bytes + use_bytes) // 4) * 4
    location = int.from_bytes(data[at + 12 : at + 16], "little")
    try:
        if tag_of(data[at : at + size], location) != FILE_IDENTIFIER or at + size - 3 > len(data):
            return None
    except OSError:
        return None
    return size


def _next_descriptor(data: bytes, start: int) -> int:
    """The next place that looks like a descriptor; the last bytes where none does."""
    places = [place for mark in _MARKS if (place := data.find(mark, start)) >= 0]
    return min(places, default=max(start, len(data) - 3))


def _name(data: bytes, at: int, size: int) -> Name | None:
    flags, identifier_bytes = data[at + 18], data[at + 19]
    if flags & _PARENT:
        return None
    length, address = long_address(data, at + 20)
    (unique_id,) = struct.unpack_from("<I", data, at + 32)
    begin = at + _HEAD_BYTES + struct.unpack_from("<H", data, at + 36)[0]
    name, name_bytes = unicode_of(data[begin : begin + identifier_bytes])
    return Name(
        name=name,
        name_bytes=name_bytes,
        address=address if length & 0x3FFFFFFF else None,
        unique_id=unique_id,
        is_directory=bool(flags & _DIRECTORY),
        is_deleted=bool(flags & _DELETED),
    )
