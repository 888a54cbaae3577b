"""Extended attributes of SquashFS 4.0: lists in metadata blocks, to which inodes lead by number.

Source: ``Documentation/filesystems/squashfs.rst`` of Linux ("Xattr table"), and the description of the binary format.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from evidence.filesystems.squashfs_tables import METADATA_BYTES, NO_ATTRIBUTES, NONE, Superblock, Tables
from evidence.volumes.base import Readable

_HEAD, _LIST, _NAME = struct.Struct("<QII"), struct.Struct("<QII"), struct.Struct("<HH")
_PER_BLOCK = METADATA_BYTES // _LIST.size
_PREFIXES, _TYPE_MASK, _ELSEWHERE = (b"user.", b"trusted.", b"security."), 0xFF, 0x100
_MAX_ATTRIBUTES, _MAX_VALUE_BYTES, _MAX_BYTES = 1 << 16, 1 << 16, 16 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """The value of an attribute; see :class:`evidence.filesystems.content.ContentSource`.

    Attributes:
        place: Of the metadata block and the byte in it where the value begins.
    """

    tables: Tables
    place: tuple[int, int]
    size_bytes: int

    def read(self, offset_bytes: int, size_bytes: int, /) -> bytes:
        """Exactly that many bytes, fewer only at the end."""
        whole = self.tables.read(*self.place, self.size_bytes)[0] if self.size_bytes else b""
        return whole[offset_bytes : offset_bytes + size_bytes] if offset_bytes >= 0 else b""


class Attributes:
    """The lists of attributes of a file system."""

    def __init__(self, source: Readable, superblock: Superblock, tables: Tables) -> None:
        """Read them through ``tables``, and where they are from ``source``."""
        self._source, self._at, self._tables = source, superblock.xattrs, tables

    def of(self, number: int) -> Iterator[tuple[bytes, Value]]:
        """Name with its namespace, and value, of each attribute in a list.

        Raises:
            OSError: There is no such list, or it is damaged; what came before stands.
            UnreadableRegionError: It cannot be read.
        """
        if number == NO_ATTRIBUTES:
            return
        start, lists, _ = _HEAD.unpack(self._exactly(self._at, _HEAD.size) if self._at != NONE else bytes(_HEAD.size))
        if number >= lists:
            raise OSError(f"there is no list {number} of attributes, but {lists}")
        place = self._exactly(self._at + _HEAD.size + 8 * (number // _PER_BLOCK), 8)
        raw, _ = self._tables.read(int.from_bytes(place, "little"), number % _PER_BLOCK * _LIST.size, _LIST.size)
        reference, count, _ = _LIST.unpack(raw)
        if count > _MAX_ATTRIBUTES:
            raise OSError(f"a list of {count} attributes is declared, which is not read")
        at, left = (start + (reference >> 16), reference & 0xFFFF), _MAX_BYTES
        for _ in range(count):
            name, value, at = self._entry(start, at)
            left -= len(name) + value.size_bytes
            if left < 0:
                raise OSError(f"a list of attributes with more than {_MAX_BYTES} bytes is not read")
            yield name, value

    def _entry(self, start: int, at: tuple[int, int]) -> tuple[bytes, Value, tuple[int, int]]:
        """Name and value of an attribute, and where the next one is."""
        raw, at = self._tables.read(*at, _NAME.size)
        kind, size = _NAME.unpack(raw)
        name, at = self._tables.read(*at, size)
        if kind & _TYPE_MASK >= len(_PREFIXES) or kind & ~(_TYPE_MASK | _ELSEWHERE):
            raise OSError(f"an attribute is of a kind that is not known ({kind})")
        value = self._value(at)
        following = self._tables.read(*value.place, value.size_bytes)[1]
        if kind & _ELSEWHERE:
            if value.size_bytes != 8:
                raise OSError(f"the place of a value elsewhere has {value.size_bytes} bytes")
            reference = int.from_bytes(value.read(0, 8), "little")
            value = self._value((start + (reference >> 16), reference & 0xFFFF))
        return _PREFIXES[kind & _TYPE_MASK] + name, value, following

    def _value(self, at: tuple[int, int]) -> Value:
        raw, place = self._tables.read(*at, 4)
        size = int.from_bytes(raw, "little")
        if size > _MAX_VALUE_BYTES:
            raise OSError(f"an attribute declares a value of {size} bytes")
        return Value(tables=self._tables, place=place, size_bytes=size)

    def _exactly(self, offset_bytes: int, size_bytes: int) -> bytes:
        data = self._source.read_at(offset_bytes, size_bytes)
        if len(data) != size_bytes:
            raise OSError(f"the media ends before byte {offset_bytes + size_bytes}")
        return data
