"""Where the content of an XFS inode lies: extent lists and B-trees of them, and the content itself."""

from __future__ import annotations

import struct
from array import array
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field

from evidence.filesystems.xfs_disk import Disk, checksum_holds
from evidence.filesystems.xfs_inode import BTREE, EXTENTS, Inode

MAX_EXTENTS = 4_000_000
MAX_LEVEL = 12
_PAIR = struct.Struct(">QQ")
_COUNT_MASK, _START_MASK = (1 << 21) - 1, (1 << 54) - 1


@dataclass(frozen=True, slots=True)
class Extent:
    """A run of blocks: its place in the content, its place on the disk, and whether it was ever written."""

    first: int
    block: int
    count: int
    unwritten: bool


def extents_of(disk: Disk, inode: Inode) -> Iterator[Extent]:
    """The extents of the data fork in their order.

    Raises:
        OSError: They are damaged; the message names the structure and its offset.
        UnreadableRegionError: A block of their tree cannot be read.
    """
    if inode.format == EXTENTS:
        if inode.extents * 16 > len(inode.fork):
            raise OSError(
                f"inode {inode.number} at byte {inode.offset_bytes} declares {inode.extents} extents, too many"
            )
        found = _records(inode.fork, 0, inode.extents)
    elif inode.format == BTREE:
        found = _tree(disk, inode)
    else:
        raise OSError(f"inode {inode.number} at byte {inode.offset_bytes} has no extents (format {inode.format})")
    reached = number = 0
    for extent in found:
        number += 1
        if extent.first < reached or not extent.count or number > MAX_EXTENTS:
            raise OSError(f"the extents of inode {inode.number} are out of order, or beyond {MAX_EXTENTS}")
        reached = extent.first + extent.count
        yield extent
    if number != inode.extents:
        raise OSError(f"inode {inode.number} declares {inode.extents} extents, but {number} are found")


def _records(raw: bytes, at: int, count: int) -> Iterator[Extent]:
    for high, low in _PAIR.iter_unpack(raw[at : at + count * 16]):
        yield Extent(high >> 9 & _START_MASK, (high & 0x1FF) << 43 | low >> 21, low & _COUNT_MASK, bool(high >> 63))


def _tree(disk: Disk, inode: Inode) -> Iterator[Extent]:
    fork = inode.fork
    level, count = struct.unpack_from(">HH", fork) if len(fork) >= 4 else (0, 0)
    most = (len(fork) - 4) // 16
    if not 1 <= level <= MAX_LEVEL or not 1 <= count <= most:
        raise OSError(f"the root of the extents of inode {inode.number} at byte {inode.offset_bytes} is damaged")
    pointers = struct.unpack_from(f">{count}Q", fork, 4 + most * 8)
    visited: set[int] = set()
    todo = [(pointer, level - 1) for pointer in reversed(pointers)]
    while todo:
        block, level = todo.pop()
        if block in visited:
            raise OSError(f"the tree of extents of inode {inode.number} leads in a circle at block {block:#x}")
        visited.add(block)
        raw, head, count = _node(disk, inode, block, level)
        if level == 0:
            yield from _records(raw, head, count)
        else:
            at = head + (len(raw) - head) // 16 * 8
            todo.extend((pointer, level - 1) for pointer in reversed(struct.unpack_from(f">{count}Q", raw, at)))


def _node(disk: Disk, inode: Inode, block: int, level: int) -> tuple[bytes, int, int]:
    """A block of the tree, the size of its header, and how many records it has."""
    sizes = disk.superblock
    offset = disk.offset_of(block)
    raw = disk.read(offset, sizes.block_bytes)
    magic, own_level, count = struct.unpack_from(">4sHH", raw)
    head = 72 if sizes.has_checksums else 24
    if magic != (b"BMA3" if sizes.has_checksums else b"BMAP") or own_level != level or count > (len(raw) - head) // 16:
        raise OSError(f"the block of extents of inode {inode.number} at byte {offset} is damaged")
    if sizes.has_checksums and not checksum_holds(raw, 64):
        raise OSError(f"the checksum of the block of extents of inode {inode.number} at byte {offset} is wrong")
    if sizes.has_checksums and int.from_bytes(raw[56:64], "big") != inode.number:
        raise OSError(f"the block of extents at byte {offset} belongs to another inode than {inode.number}")
    return raw, head, count


@dataclass(slots=True)
class _Map:
    first: array[int]
    block: array[int]
    count: array[int]


@dataclass(slots=True)
class XfsContent:
    """The content of a regular file: holes and extents that were never written read as zeros.

    Attributes:
        size_bytes: As the inode declares it.
    """

    disk: Disk
    inode: Inode
    _map: _Map | None = field(default=None, init=False)

    @property
    def size_bytes(self) -> int:
        """As the inode declares it."""
        return self.inode.size_bytes

    def read(self, offset_bytes: int, size_bytes: int, /) -> bytes:
        """See :class:`evidence.filesystems.content.ContentSource`."""
        if self.inode.is_realtime:
            raise OSError("the content lies on the realtime device, which is not part of this volume")
        end = min(offset_bytes + size_bytes, self.size_bytes)
        if offset_bytes < 0 or end <= offset_bytes:
            return b""
        found = self._map = self._map or self._mapped()
        log, pieces, at = self.disk.superblock.block_log, [], offset_bytes
        index = max(0, bisect_right(found.first, at >> log) - 1)
        while at < end:
            while index < len(found.first) and (found.first[index] + found.count[index]) << log <= at:
                index += 1
            if index == len(found.first):
                pieces.append(bytes(end - at))
                break
            start = found.first[index] << log
            if at < start:
                pieces.append(bytes(min(start, end) - at))
                at = min(start, end)
                continue
            stop = min(end, start + (found.count[index] << log))
            place = self.disk.run_offset(found.block[index], found.count[index])
            pieces.append(self.disk.read(place + at - start, stop - at))
            at = stop
        return b"".join(pieces)

    def within(self, offset_bytes: int, size_bytes: int, /) -> Iterator[tuple[int, int, int]]:
        """Where a part lies; nothing where it is zeros. See :class:`evidence.filesystems.content.Placed`."""
        if self.inode.is_realtime:
            raise OSError("the content lies on the realtime device, which is not part of this volume")
        found = self._map = self._map or self._mapped()
        log, end = self.disk.superblock.block_log, min(offset_bytes + size_bytes, self.size_bytes)
        for index in range(max(0, bisect_right(found.first, offset_bytes >> log) - 1), len(found.first)):
            start = found.first[index] << log
            if start >= end:
                return
            first, last = max(offset_bytes, start), min(end, start + (found.count[index] << log))
            if first < last:
                place = self.disk.run_offset(found.block[index], found.count[index])
                yield first, place + first - start, last - first

    def _mapped(self) -> _Map:
        """The written extents; what lies between them is zeros."""
        made = _Map(array("Q"), array("Q"), array("Q"))
        for extent in extents_of(self.disk, self.inode):
            if not extent.unwritten:
                made.first.append(extent.first)
                made.block.append(extent.block)
                made.count.append(extent.count)
        return made


def first_block(disk: Disk, inode: Inode) -> int:
    """The first block of a content, to read many in their order on the disk; 0 where that takes more than the inode."""
    if inode.format == EXTENTS and inode.extents and len(inode.fork) >= 16:
        return next(_records(inode.fork, 0, 1)).block
    return 0


def blocks_of(disk: Disk, inode: Inode, limit: int) -> Iterator[tuple[int, int]]:
    """Each block below ``limit`` of a directory or link: its number in the content, and where it lies in bytes."""
    for extent in extents_of(disk, inode):
        if extent.first >= limit or extent.unwritten:
            continue
        place = disk.run_offset(extent.block, extent.count)
        for index in range(min(extent.count, limit - extent.first)):
            yield extent.first + index, place + (index << disk.superblock.block_log)
