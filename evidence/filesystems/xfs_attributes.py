"""Extended attributes of XFS: in the inode, or in blocks with a tree of names by their hash, and blocks of values.

After "XFS Algorithms & Data Structures" (3rd edition), "Attribute Fork". Numbers are big-endian, checksums alone are
little-endian. Not among them are the pointers to parents, which say again what directories say, and what was never set
completely.
"""

from __future__ import annotations

import struct
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, replace

from evidence.filesystems.content import BytesContent, ContentSource
from evidence.filesystems.xfs_disk import Disk, checksum_holds
from evidence.filesystems.xfs_extents import Extent, extents_of
from evidence.filesystems.xfs_inode import LOCAL, Inode

_LOCAL, _ROOT, _SECURE, _PARENT, _INCOMPLETE = 0x01, 0x02, 0x04, 0x08, 0x80
_LEAF, _NODE = (0xFBEE, 0x3BEE), (0xFEBE, 0x3EBE)
_CHECKSUM_AT, _OWNER_AT = 12, 48
_REMOTE = struct.Struct(">4sIII16xQ16x")
_MAX_VALUE_BYTES, _MAX_BLOCKS, _MAX_ATTRIBUTES = 1 << 16, 1 << 16, 1 << 17


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribute:
    """An extended attribute.

    Attributes:
        name: With its namespace before it.
    """

    name: bytes
    content: ContentSource


def attributes(disk: Disk, inode: Inode) -> Iterator[Attribute]:
    """The extended attributes of an inode, always in the same order.

    Raises:
        OSError: They are damaged; the message says how, and what came before stands.
        UnreadableRegionError: A block of them cannot be read.
    """
    if not inode.has_attributes:
        return
    if inode.attribute_format == LOCAL:
        yield from _short(inode)
        return
    fork, number = _Fork(disk, inode), 0
    for raw, offset in fork.leaves():
        for attribute in fork.entries(raw, offset):
            number += 1
            if number > _MAX_ATTRIBUTES:
                raise OSError(f"inode {inode.number} declares more than {_MAX_ATTRIBUTES} attributes")
            yield attribute


def _short(inode: Inode) -> Iterator[Attribute]:
    """Those in the inode itself."""
    raw, words = inode.attribute_fork, f"the attributes in inode {inode.number} at byte {inode.offset_bytes}"
    size, count = struct.unpack_from(">HB", raw) if len(raw) >= 4 else (0, 0)
    if not 4 <= size <= len(raw):
        raise OSError(f"{words} declare {size} bytes")
    at = 4
    for _ in range(count):
        if at + 3 > size:
            raise OSError(f"{words} are cut off")
        name_bytes, value_bytes, flags = raw[at : at + 3]
        end = at + 3 + name_bytes + value_bytes
        if end > size:
            raise OSError(f"{words} are cut off")
        name = raw[at + 3 : at + 3 + name_bytes]
        if not flags & (_PARENT | _INCOMPLETE):
            yield Attribute(name=_named(name, flags), content=BytesContent(raw[end - value_bytes : end]))
        at = end


def _named(name: bytes, flags: int) -> bytes:
    return (b"trusted." if flags & _ROOT else b"security." if flags & _SECURE else b"user.") + name


class _Fork:
    """The blocks of the attributes of an inode."""

    def __init__(self, disk: Disk, inode: Inode) -> None:
        self._disk, self._inode = disk, inode
        as_content = replace(
            inode, format=inode.attribute_format, fork=inode.attribute_fork, extents=inode.attribute_extents
        )
        self._extents: list[Extent] = list(extents_of(disk, as_content))
        self._firsts = [extent.first for extent in self._extents]

    def place(self, number: int) -> int:
        """Where a block lies on the volume, in bytes; raises OSError where there is none."""
        index = bisect_right(self._firsts, number) - 1
        if index < 0 or number >= self._extents[index].first + self._extents[index].count:
            raise OSError(f"the attributes of inode {self._inode.number} have no block {number}")
        extent = self._extents[index]
        start = self._disk.run_offset(extent.block, extent.count)
        return start + (number - extent.first << self._disk.superblock.block_log)

    def leaves(self) -> Iterator[tuple[bytes, int]]:
        """Each block with names, in the order of their hashes, and where it lies."""
        newer, visited, todo = self._disk.superblock.has_checksums, set[int](), [0]
        while todo:
            number = todo.pop()
            offset = self.place(number)
            if number in visited or len(visited) >= _MAX_BLOCKS:
                raise OSError(f"the tree of attributes of inode {self._inode.number} leads in a circle at {offset}")
            visited.add(number)
            raw = self._disk.read(offset, self._disk.superblock.block_bytes)
            (magic,) = struct.unpack_from(">H", raw, 8)
            if magic not in (_LEAF[newer], _NODE[newer]):
                raise OSError(f"the block at byte {offset} holds no attributes")
            if newer and not checksum_holds(raw, _CHECKSUM_AT):
                raise OSError(f"the checksum of the block of attributes at byte {offset} is wrong")
            if newer and int.from_bytes(raw[_OWNER_AT : _OWNER_AT + 8], "big") != self._inode.number:
                raise OSError(f"the block of attributes at byte {offset} belongs to another inode")
            if magic == _LEAF[newer]:
                yield raw, offset
                continue
            at, head = (56, 64) if newer else (12, 16)
            (count,) = struct.unpack_from(">H", raw, at)
            if head + count * 8 > len(raw):
                raise OSError(f"the block of attributes at byte {offset} declares {count} others")
            todo.extend(struct.unpack_from(f">{2 * count}I", raw, head)[1::2][::-1])

    def entries(self, raw: bytes, offset: int) -> Iterator[Attribute]:
        """The attributes in a block with names."""
        at, head = (56, 80) if self._disk.superblock.has_checksums else (12, 32)
        (count,) = struct.unpack_from(">H", raw, at)
        if head + count * 8 > len(raw):
            raise OSError(f"the block of attributes at byte {offset} declares {count} of them")
        for _, place, flags in struct.iter_unpack(">IHBx", raw[head : head + count * 8]):
            size_at, names_at = (2, 3) if flags & _LOCAL else (8, 9)
            if place + names_at > len(raw):
                raise OSError(f"an attribute in the block at byte {offset} reaches beyond it")
            start, end = place + names_at, place + names_at + raw[place + size_at]
            block, size = 0, int.from_bytes(raw[place : place + 2], "big")
            if not flags & _LOCAL:
                block, size = struct.unpack_from(">II", raw, place)
            if end + (size if flags & _LOCAL else 0) > len(raw) or size > _MAX_VALUE_BYTES:
                raise OSError(f"an attribute in the block at byte {offset} reaches beyond it")
            if flags & (_PARENT | _INCOMPLETE):
                continue
            own = BytesContent(raw[end : end + size])
            content = own if flags & _LOCAL else RemoteValue(self, block, size)
            yield Attribute(name=_named(raw[start:end], flags), content=content)

    def value(self, number: int, size: int) -> bytes:
        """A value in blocks from ``number`` on; raises one of ``UNREADABLE`` where they cannot be had or are others."""
        sizes, found = self._disk.superblock, b""
        while len(found) < size:
            offset = self.place(number)
            raw = self._disk.read(offset, sizes.block_bytes)
            if sizes.has_checksums:
                magic, start, length, _, owner = _REMOTE.unpack_from(raw)
                room = len(raw) - _REMOTE.size
                if magic != b"XARM" or owner != self._inode.number or start != len(found):
                    raise OSError(f"the block at byte {offset} is no part of the attribute")
                if length != min(room, size - len(found)) or not checksum_holds(raw, _CHECKSUM_AT):
                    raise OSError(f"the block at byte {offset} of the attribute is damaged: its checksum or its size")
                raw = raw[_REMOTE.size : _REMOTE.size + length]
            found += raw[: size - len(found)]
            number += 1
        return found


class RemoteValue:
    """A value in blocks of its own; see :class:`evidence.filesystems.content.ContentSource`.

    Attributes:
        size_bytes: As the name declares it.
    """

    def __init__(self, fork: _Fork, block: int, size_bytes: int) -> None:
        """Read ``size_bytes`` from ``block`` of ``fork`` on."""
        self._fork, self._block, self.size_bytes = fork, block, size_bytes

    def read(self, offset_bytes: int, size_bytes: int, /) -> bytes:
        """Exactly that many bytes, fewer only at the end."""
        whole = self._fork.value(self._block, self.size_bytes)
        return whole[offset_bytes : offset_bytes + size_bytes] if offset_bytes >= 0 else b""
