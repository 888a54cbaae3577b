"""The groups of blocks of ext2, ext3 and ext4: where their bitmaps and tables are, and which blocks no file uses.

Source: the Linux kernel's documentation, "ext4 Data Structures and Algorithms".
"""

from __future__ import annotations

import struct
from bisect import bisect_left
from collections.abc import Iterator

from evidence.filesystems.ext_superblock import AT, BIGALLOC, META_BG, SIZE_BYTES, superblock_of
from evidence.filesystems.ranges import Range, clear_bits
from evidence.volumes.base import Readable

_MAX_GROUPS = 1 << 22
_MAX_UNUSED_BYTES, _PIECE_BYTES = 1 << 28, 1 << 20
_ROOT_BIT = 0b10
"""Of the inode bitmap of the first group: the root directory, which is always in use."""
_BLOCK_UNINIT = 0x2
_SPARSE_TWO, _SPARSE, _WITH_FLAGS = 0x200, 0x1, 0x410


def exactly(source: Readable, offset_bytes: int, size_bytes: int) -> bytes:
    """So many bytes; raises OSError where the volume ends before them."""
    data = source.read_at(offset_bytes, size_bytes)
    if len(data) != size_bytes:
        raise OSError(f"the volume ends before byte {offset_bytes + size_bytes}")
    return data


class Groups:
    """What the superblock and the group descriptors say.

    Attributes:
        block_bytes: The size of a block.
        descriptor_bytes: The size of the descriptor of a group.
        blocks: How many blocks the file system has.
        places: Of each group the blocks of its block bitmap, inode bitmap and inode table, and its flags.
        table_blocks: How many blocks the inode table of a group has.
    """

    def __init__(self, source: Readable) -> None:
        """Read them; raises OSError where they make no sense and UnreadableRegionError."""
        self._source = source
        told = superblock_of(exactly(source, AT, SIZE_BYTES))
        self._superblock, self.blocks, self._first = told.raw, told.blocks, told.first_block
        self._per_group, log_block, log_cluster = told.blocks_per_group, told.log_block, told.log_cluster
        self._inodes, self._inodes_per_group, self._inode_bytes = told.inodes, told.inodes_per_group, told.inode_bytes
        self._compatible, self._incompatible, self._read_only = told.compatible, told.incompatible, told.read_only
        self.descriptor_bytes = told.descriptor_bytes if told.descriptor_bytes >= 64 else 32
        sane = log_block <= 6 and self._per_group and 32 <= self.descriptor_bytes <= 1024 << log_block
        if not sane or log_cluster > 24 or self.blocks <= self._first:
            raise OSError("the superblock makes no sense")
        self.block_bytes = 1024 << log_block
        self._ratio = 1 << (log_cluster - log_block) if self._read_only & BIGALLOC and log_cluster > log_block else 1
        self._count = -(-(self.blocks - self._first) // self._per_group)
        if self._count > _MAX_GROUPS or self._per_group // self._ratio > 8 * self.block_bytes:
            raise OSError(f"the superblock names {self._count} groups of {self._per_group} blocks")
        self._shift = int(self.block_bytes == 1024 and self._first == 0)  # the superblock is then in the second block
        self.places = [self._places(group) for group in range(self._count)]
        self.table_blocks = table = -(-told.inodes_per_group * told.inode_bytes // self.block_bytes)
        used = [(place, 1) for group in self.places for place in group[:2]]
        self._metadata = sorted([*used, *((group[2], table) for group in self.places)])
        self._longest = max(table, 1)

    def head(self) -> Range:
        """The bytes at the start that hold the superblock and descriptors, or are kept for more of them."""
        return self._first * self.block_bytes, self._at_start(0) * self.block_bytes

    def free(self) -> Iterator[Range]:
        """The ranges that are not allocated, in bytes."""
        for group, (bitmap, _, _, flags) in enumerate(self.places):
            begin = self._first + group * self._per_group
            count = min(self._per_group, self.blocks - begin)
            if flags & _BLOCK_UNINIT and self._read_only & _WITH_FLAGS:
                runs = self._uninitialised(group, begin, count)
            else:
                runs = self._by_bitmap(bitmap, begin, count)
            for start, length in runs:
                yield start * self.block_bytes, length * self.block_bytes

    def has_deleted_files(self) -> bool:
        """Whether an inode that is not in use holds anything; true where reading all of them would take long.

        Where none does, no file was deleted since the inode tables were written, and none is without a name.

        Raises:
            OSError: The volume ends before an inode table; UnreadableRegionError: it cannot be read.
        """
        left_bytes, per_group = _MAX_UNUSED_BYTES, self._inodes_per_group
        sane = 0 < per_group <= 8 * self.block_bytes and self._inode_bytes and self._inodes == self._count * per_group
        if not sane:
            return True
        for group, (_, bitmap, table, _) in enumerate(self.places):
            bits = exactly(self._source, bitmap * self.block_bytes, -(-per_group // 8))
            if group == 0 and not bits[0] & _ROOT_BIT:
                return True
            for start, length in clear_bits([bits], per_group):
                at, size = table * self.block_bytes + start * self._inode_bytes, length * self._inode_bytes
                left_bytes -= size
                if left_bytes < 0:
                    return True
                for piece_at in range(at, at + size, _PIECE_BYTES):
                    piece = exactly(self._source, piece_at, min(_PIECE_BYTES, at + size - piece_at))
                    if piece != bytes(len(piece)):
                        return True
        return False

    def _by_bitmap(self, bitmap: int, begin: int, count: int) -> Iterator[Range]:
        clusters = -(-count // self._ratio)
        for start, length in clear_bits(
            [exactly(self._source, bitmap * self.block_bytes, -(-clusters // 8))], clusters
        ):
            first = start * self._ratio
            yield begin + first, min(length * self._ratio, count - first)

    def _uninitialised(self, group: int, begin: int, count: int) -> Iterator[Range]:
        """A bitmap that was never written stands for a group in which nothing but metadata is."""
        end, at = begin + count, begin
        index = bisect_left(self._metadata, (begin - self._longest, 0))
        used = [(begin, self._at_start(group))]
        while index < len(self._metadata) and self._metadata[index][0] < end:
            used.append(self._metadata[index])
            index += 1
        for start, length in sorted(used):
            first = start - (start - self._first) % self._ratio
            last = start + length + -(start + length - self._first) % self._ratio if length else first
            if first > at:
                yield at, min(first, end) - at
            at = max(at, min(last, end))
        if at < end:
            yield at, end - at

    def _at_start(self, group: int) -> int:
        """How many blocks at the start of a group hold copies of the superblock and of descriptors."""
        has_super = self._has_super(group)
        per_block: int = self.block_bytes // self.descriptor_bytes
        if self._incompatible & META_BG and group // per_block >= struct.unpack_from("<I", self._superblock, 260)[0]:
            return int(has_super) + int(group % per_block in (0, 1, per_block - 1)) + (0 if group else self._shift)
        if not has_super:
            return 0
        blocks: int = -(-self._count // per_block)
        if self._incompatible & META_BG:
            blocks = min(blocks, struct.unpack_from("<I", self._superblock, 260)[0])
        reserved: int = struct.unpack_from("<H", self._superblock, 206)[0]
        return 1 + blocks + reserved + (self._shift if group == 0 else 0)

    def _has_super(self, group: int) -> bool:
        if self._compatible & _SPARSE_TWO:
            return group == 0 or group in struct.unpack_from("<II", self._superblock, 0x24C)
        if not self._read_only & _SPARSE or group <= 1:
            return True
        return any(_is_power(group, base) for base in (3, 5, 7))

    def descriptor(self, group: int) -> bytes:
        """The descriptor of a group as it stands; raises OSError and UnreadableRegionError."""
        size, per_block = self.descriptor_bytes, self.block_bytes // self.descriptor_bytes
        at = (self._first + 1 + self._shift) * self.block_bytes + group * size
        meta = group // per_block
        if self._incompatible & META_BG and meta >= struct.unpack_from("<I", self._superblock, 260)[0]:
            leader = meta * per_block
            block = self._first + leader * self._per_group + self._has_super(leader) + (0 if meta else self._shift)
            at = block * self.block_bytes + group % per_block * size
        return exactly(self._source, at, size)

    def _places(self, group: int) -> tuple[int, int, int, int]:
        """Blocks of the block bitmap, the inode bitmap and the inode table, and flags."""
        raw = self.descriptor(group)
        low, flags = struct.unpack_from("<III", raw), struct.unpack_from("<H", raw, 18)[0]
        high = struct.unpack_from("<III", raw, 32) if len(raw) >= 64 else (0, 0, 0)
        return low[0] | high[0] << 32, low[1] | high[1] << 32, low[2] | high[2] << 32, flags


def _is_power(number: int, base: int) -> bool:
    while number > 1 and number % base == 0:
        number //= base
    return number == 1
