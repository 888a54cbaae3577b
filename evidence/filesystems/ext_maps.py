"""Maps of blocks of ext2 and ext3 with three levels of pointers: read here, and hidden from The Sleuth Kit.

The Sleuth Kit makes a list of all blocks that such a map could hold, whatever the size of the file, and looks through
the whole of it for every block of pointers that it adds. A damaged size, and with blocks of 1 KiB already a file of
64 MiB, keeps it for minutes, with larger blocks for days. So the first pointer to a block of pointers is shown to it as
one that no volume has. Size and times stay as they are; the content is read here.

Source: the Linux kernel's documentation, "ext4 Data Structures and Algorithms", "Inode Table" and "Block Map".
"""

from __future__ import annotations

import struct
import sys
from array import array
from bisect import bisect_left
from functools import lru_cache

from evidence.filesystems.ext_superblock import AT, SIZE_BYTES, inode_table, superblock_of
from evidence.filesystems.ranges import Range
from evidence.volumes.base import Readable, peek

_INDIRECT_AT, _MAP_AT, _DIRECT, _LEVELS = 88, 40, 12, 3
_SIZE_LOW_AT, _SIZE_HIGH_AT = 4, 108
_EXTENTS_OR_INLINE = 0x10080000
_NOWHERE = b"\xff" * 4
_HEAD_BYTES = 112
_MAX_GROUPS = 1 << 20
_MAX_TOLD = 100


class MapContent:
    """The content of an inode; see :class:`evidence.filesystems.content.ContentSource`."""

    def __init__(self, source: Readable, block_bytes: int, end_block: int, inode: bytes) -> None:
        """Follow the map in ``inode`` on a volume of ``end_block`` blocks."""
        self._source, self._block_bytes, self._end_block = source, block_bytes, end_block
        low, high = struct.unpack_from("<I", inode, 4)[0], struct.unpack_from("<I", inode, 108)[0]
        self.size_bytes: int = high << 32 | low
        self._map = struct.unpack_from(f"<{_DIRECT + _LEVELS}I", inode, _MAP_AT)
        self._pointers = lru_cache(maxsize=2 * _LEVELS)(self._read_pointers)

    def read(self, offset_bytes: int, size_bytes: int, /) -> bytes:
        """Bytes of the content; holes are zeros."""
        at, end = max(0, offset_bytes), min(offset_bytes + size_bytes, self.size_bytes)
        found = bytearray()
        while at < end:
            number, within = divmod(at, self._block_bytes)
            count, block = 1, self._block(number)
            most = -(-(within + end - at) // self._block_bytes)
            while count < most and self._block(number + count) == (block + count if block else 0):
                count += 1
            length = min(end - at, count * self._block_bytes - within)
            found += self._bytes(block, within, length) if block else bytes(length)
            at += length
        return bytes(found)

    def slack(self) -> list[Range]:
        """What lies behind the end of the content in its last block, on the volume; raises OSError."""
        number, used = divmod(self.size_bytes, self._block_bytes)
        block = self._block(number) if used else 0
        return [(block * self._block_bytes + used, self._block_bytes - used)] if block else []

    def _bytes(self, block: int, within: int, length: int) -> bytes:
        place = block * self._block_bytes + within
        if place + length > self._end_block * self._block_bytes:
            raise OSError(f"block {block} of the content lies outside of the file system")
        data = self._source.read_at(place, length)
        if len(data) != length:
            raise OSError(f"the volume ends before byte {place + length}")
        return data

    def _block(self, number: int) -> int:
        """Where a block of the content lies; 0 for a hole."""
        if number < _DIRECT:
            return int(self._map[number])
        number -= _DIRECT
        per_block = self._block_bytes // 4
        for level in range(1, _LEVELS + 1):
            if number < per_block**level:
                return self._follow(int(self._map[_DIRECT + level - 1]), level, number)
            number -= per_block**level
        raise OSError("the map of blocks ends before the content")

    def _follow(self, block: int, level: int, number: int) -> int:
        while level and block:
            level -= 1
            index, number = divmod(number, (self._block_bytes // 4) ** level)
            block = self._pointers(block)[index]
        return block

    def _read_pointers(self, block: int) -> array[int]:
        pointers = array("I", self._bytes(block, 0, self._block_bytes))
        if sys.byteorder == "big":
            pointers.byteswap()
        return pointers


class BoundedMaps:
    """A volume with the maps of three levels hidden.

    Attributes:
        media_bytes: Its size.
        told: A sentence on each inode that was met whose size no map can hold, one hundred at most.
    """

    def __init__(self, source: Readable, tables: tuple[int, ...], counts: tuple[int, int, int], end_block: int) -> None:
        """Look at the inode tables that begin at ``tables``, by group; 0 where one is not known.

        Args:
            source: The volume.
            tables: Where they begin, in bytes.
            counts: Inodes in a table, bytes of an inode, and bytes of a block.
            end_block: How many blocks the file system has.
        """
        self._source, self.media_bytes, self._end_block = source, source.media_bytes, end_block
        self._per_table, self._inode_bytes, self._block_bytes = counts
        self._of_group, self._tables = tables, array("Q", sorted(set(tables) - {0}))
        self._fields = struct.Struct(f"<4xI24xI72xI{self._inode_bytes - _HEAD_BYTES}x")
        per_block = self._block_bytes // 4
        self._two_levels = (_DIRECT + per_block + per_block**2) * self._block_bytes
        self._three_levels = self._two_levels + per_block**3 * self._block_bytes
        self._hidden: set[int] = set()
        self._last: tuple[int, MapContent] | None = None
        self.told: list[str] = []

    def content(self, address: int) -> MapContent | None:
        """The content of an inode whose map is hidden; None of others."""
        group, index = divmod(address - 1, self._per_table)
        if not self._hidden or not 0 <= group < len(self._of_group):
            return None
        place = self._of_group[group] + index * self._inode_bytes
        if self._last is None or self._last[0] != place:
            inode = peek(self._source, place, self._inode_bytes) if place in self._hidden else b""
            if len(inode) < self._inode_bytes:
                return None
            self._last = place, MapContent(self._source, self._block_bytes, self._end_block, inode)
        return self._last[1]

    def read_at(self, offset_bytes: int, size_bytes: int, /) -> bytes:
        """See :class:`evidence.volumes.base.Readable`."""
        data = self._source.read_at(offset_bytes, size_bytes)
        index = bisect_left(self._tables, offset_bytes + len(data)) - 1
        while index >= 0 and self._tables[index] + self._per_table * self._inode_bytes > offset_bytes:
            data = self._shown(data, offset_bytes, self._tables[index])
            index -= 1
        return data

    def _shown(self, data: bytes, offset_bytes: int, table: int) -> bytes:
        """``data`` from ``offset_bytes``, of which inodes of a table are a part."""
        first = max(0, (offset_bytes - table) // self._inode_bytes)
        last = min(self._per_table, -(-(offset_bytes + len(data) - table) // self._inode_bytes))
        begin = table + first * self._inode_bytes
        inside = data[max(0, begin - offset_bytes) : table + last * self._inode_bytes - offset_bytes]
        if len(inside) != (last - first) * self._inode_bytes:  # the first or the last is cut
            inside = peek(self._source, begin, (last - first) * self._inode_bytes)
            inside = inside[: len(inside) - len(inside) % self._inode_bytes]
        if not self._may_hold_large(inside):
            return data
        for number, (low, flags, high) in enumerate(self._fields.iter_unpack(inside)):
            if (high or low > self._two_levels) and not flags & _EXTENTS_OR_INLINE:
                size = high << 32 | low
                if size > self._two_levels:
                    place = begin + number * self._inode_bytes
                    self._hide(place, size)
                    data = _replaced(data, place + _INDIRECT_AT - offset_bytes)
        return data

    def _may_hold_large(self, inodes: bytes) -> bool:
        """Whether a size among whole inodes can exceed two levels, told from single bytes of all sizes at once."""
        step = self._inode_bytes
        if any(inodes[at::step].strip(b"\0") for at in range(_SIZE_HIGH_AT, _SIZE_HIGH_AT + 4)):
            return True
        return max(inodes[_SIZE_LOW_AT + 3 :: step], default=0) >= self._two_levels >> 24

    def _hide(self, place: int, size: int) -> None:
        if place not in self._hidden and size > self._three_levels and len(self.told) < _MAX_TOLD:
            what = "which is more than its map of blocks can hold"
            self.told.append(f"The inode at byte {place} of the volume declares {size} bytes, {what}.")
        self._hidden.add(place)


def with_bounded_maps(source: Readable) -> Readable:
    """The ext volume ``source`` with its inodes looked at; itself where its superblock makes no sense."""
    raw = peek(source, AT, SIZE_BYTES)
    if len(raw) < SIZE_BYTES:
        return source
    told = superblock_of(raw)
    inodes, step = told.inodes_per_group, told.descriptor_bytes
    sane = told.log_block <= 6 and told.blocks_per_group and 0 < inodes <= 8192 << told.log_block and step >= 32
    if not sane or not 128 <= told.inode_bytes <= 1024 << told.log_block:
        return source
    count, block_bytes = -(-(told.blocks - told.first_block) // told.blocks_per_group), 1024 << told.log_block
    if not 0 < count <= _MAX_GROUPS:
        return source
    groups = peek(source, max(2048, block_bytes), count * step)
    whole = range(0, len(groups) - step + 1, step)
    starts = (inode_table(groups[at : at + step]) * block_bytes for at in whole)
    tables = tuple(start if start < source.media_bytes else 0 for start in starts)
    counts = inodes, told.inode_bytes, block_bytes
    return BoundedMaps(source, tables, counts, told.blocks) if any(tables) else source


def _replaced(data: bytes, at: int) -> bytes:
    """``data`` with four bytes at ``at`` replaced, as far as they lie in it."""
    first, last = max(0, at), min(len(data), at + len(_NOWHERE))
    return data[:first] + _NOWHERE[: last - first] + data[last:] if first < last else data
