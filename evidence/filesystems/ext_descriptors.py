"""ext4 whose group descriptors are scattered (META_BG), shown so that a reader that looks in one place finds them.

With META_BG the descriptors of a block's worth of groups stand in the first of those groups (Linux kernel
documentation, "ext4 Data Structures and Algorithms", "Meta Block Groups"); without, all of them follow the superblock,
and there they are shown. The bitmaps and inode tables that are hidden by that are shown behind the end of the volume
instead, and the descriptors that are shown say so.
"""

from __future__ import annotations

import struct
from bisect import bisect_right
from itertools import takewhile

from evidence.filesystems.ext_groups import Groups
from evidence.filesystems.ranges import Range
from evidence.volumes.base import Readable, peek

_SUPERBLOCK_AT, _INCOMPATIBLE, _META, _WIDE = 1024, 96, 0x10, 0x80
_BLOCKS, _BLOCKS_HIGH = 4, 0x150
_MAX_TABLE_BYTES = 64 << 20
_PLACES = 3


class Rearranged:
    """A volume in which bytes are replaced, and which goes on behind its end with stretches of itself.

    Attributes:
        media_bytes: Its size with them.
        moved_bytes: Their size.
    """

    def __init__(self, source: Readable, end_bytes: int, replaced: dict[int, bytes], moved: list[Range]) -> None:
        """Show ``source`` up to ``end_bytes`` with ``replaced`` (bytes by place), and then the stretches ``moved``."""
        self._source, self._end = source, end_bytes
        self._replaced, self._moved = sorted(replaced.items()), moved
        self._starts, self.media_bytes = [], end_bytes
        for _, length in moved:
            self._starts.append(self.media_bytes)
            self.media_bytes += length
        self.moved_bytes = self.media_bytes - end_bytes

    def read_at(self, offset_bytes: int, size_bytes: int, /) -> bytes:
        """See :class:`evidence.volumes.base.Readable`."""
        if offset_bytes >= self._end:
            return self._behind(offset_bytes, size_bytes)
        size = min(size_bytes, self._end - offset_bytes)
        data = bytearray(self._source.read_at(offset_bytes, size))
        for place, shown in self._replaced:
            first, last = max(place, offset_bytes), min(place + len(shown), offset_bytes + len(data))
            if first < last:
                data[first - offset_bytes : last - offset_bytes] = shown[first - place : last - place]
        if size < size_bytes and len(data) == size:
            data += self._behind(self._end, size_bytes - size)
        return bytes(data)

    def _behind(self, offset_bytes: int, size_bytes: int) -> bytes:
        data, end = bytearray(), min(offset_bytes + size_bytes, self.media_bytes)
        while offset_bytes + len(data) < end:
            at = offset_bytes + len(data)
            index = bisect_right(self._starts, at) - 1
            start, length = self._moved[index]
            within = at - self._starts[index]
            wanted = min(length - within, end - at)
            data += self._source.read_at(start + within, wanted)
            if len(data) != at + wanted - offset_bytes:
                break
        return bytes(data)


def with_descriptors_together(source: Readable, shown: Readable) -> Readable:
    """A view ``shown`` of an ext volume ``source``; where its descriptors are scattered, with all in one place.

    Raises:
        OSError: The descriptors make no sense, or there are so many of them that they would hide contents of files.
        UnreadableRegionError: Some cannot be read.
    """
    superblock = bytearray(peek(shown, _SUPERBLOCK_AT, 1024))
    if len(superblock) < 1024 or not struct.unpack_from("<I", superblock, _INCOMPATIBLE)[0] & _META:
        return shown
    groups = Groups(source)
    size = groups.block_bytes
    table_at = max(2 * _SUPERBLOCK_AT, size)
    table = bytearray(b"".join(groups.descriptor(group) for group in range(len(groups.places))))
    if len(table) > _MAX_TABLE_BYTES:
        raise OSError(f"descriptors of {len(table)} bytes are not read")
    table += bytes(-len(table) % size)
    hidden = range(table_at // size, (table_at + len(table)) // size)
    (features,) = struct.unpack_from("<I", superblock, _INCOMPATIBLE)
    (blocks,) = struct.unpack_from("<I", superblock, _BLOCKS)
    if features & _WIDE:
        blocks |= struct.unpack_from("<I", superblock, _BLOCKS_HIGH)[0] << 32
    moved: list[Range] = []
    end = blocks
    for group, places in enumerate(groups.places):
        for which, block in enumerate(places[:_PLACES]):
            length = groups.table_blocks if which == _PLACES - 1 else 1
            if block < hidden.stop and block + length > hidden.start:
                moved.append((block * size, length * size))
                _put(table, group * groups.descriptor_bytes, groups.descriptor_bytes, which, end)
                end += length
    _refuse_to_hide(groups, hidden, moved)
    struct.pack_into("<I", superblock, _BLOCKS, end & 0xFFFFFFFF)
    if features & _WIDE:
        struct.pack_into("<I", superblock, _BLOCKS_HIGH, end >> 32)
    struct.pack_into("<I", superblock, _INCOMPATIBLE, features & ~_META)
    return Rearranged(shown, blocks * size, {_SUPERBLOCK_AT: bytes(superblock), table_at: bytes(table)}, moved)


def _put(table: bytearray, at: int, descriptor_bytes: int, which: int, block: int) -> None:
    struct.pack_into("<I", table, at + 4 * which, block & 0xFFFFFFFF)
    if descriptor_bytes >= 64:
        struct.pack_into("<I", table, at + 32 + 4 * which, block >> 32)


def _refuse_to_hide(groups: Groups, hidden: range, moved: list[Range]) -> None:
    """Raise OSError where a block is hidden that is in use and neither shown elsewhere nor of the descriptors."""
    size = groups.block_bytes
    at, end = hidden.start * size, hidden.stop * size
    covered = sorted([groups.head(), *moved, *takewhile(lambda free: free[0] < end, groups.free())])
    for start, length in covered:
        if start > at or at >= end:
            break
        at = max(at, start + length)
    if at < end:
        raise OSError(
            f"its group descriptors lie scattered and are too many to list it: they would hide block {at // size}"
        )
