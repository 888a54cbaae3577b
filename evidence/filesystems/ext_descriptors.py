"""ext4 whose group descriptors are scattered (META_BG), shown so that a reader that looks in one place finds them.

With META_BG the descriptors of a block's worth of groups stand in the first of those groups (Linux kernel
documentation, "ext4 Data Structures and Algorithms", "Meta Block Groups"); without, all of them follow the superblock,
and there they are shown. The bitmaps and inode tables that are hidden by that are shown behind the end of the volume
instead, and the descriptors that are shown say so.
"""

from __future__ import annotations

import struct
from itertools import takewhile

from evidence.filesystems.ext_groups import Groups
from evidence.filesystems.ext_superblock import AT, META_BG, SIZE_BYTES, superblock_of
from evidence.filesystems.ranges import Range
from evidence.filesystems.rearranged import Rearranged
from evidence.volumes.base import Readable, peek

_INCOMPATIBLE, _BLOCKS, _BLOCKS_HIGH = 96, 4, 0x150
_MAX_TABLE_BYTES = 64 << 20
_PLACES = 3


def with_descriptors_together(source: Readable, shown: Readable) -> Readable:
    """A view ``shown`` of an ext volume ``source``; where its descriptors are scattered, with all in one place.

    Raises:
        OSError: The descriptors make no sense, or there are so many of them that they would hide contents of files.
        UnreadableRegionError: Some cannot be read.
    """
    raw = peek(shown, AT, SIZE_BYTES)
    if len(raw) < SIZE_BYTES:
        return shown
    told = superblock_of(raw)
    if not told.incompatible & META_BG:
        return shown
    groups = Groups(source)
    size = groups.block_bytes
    table_at = max(AT + SIZE_BYTES, size)
    table = bytearray(b"".join(groups.descriptor(group) for group in range(len(groups.places))))
    if len(table) > _MAX_TABLE_BYTES:
        raise OSError(f"descriptors of {len(table)} bytes are not read")
    table += bytes(-len(table) % size)
    hidden = range(table_at // size, (table_at + len(table)) // size)
    moved: list[Range] = []
    end = groups.blocks
    for group, places in enumerate(groups.places):
        for which, block in enumerate(places[:_PLACES]):
            length = groups.table_blocks if which == _PLACES - 1 else 1
            if block < hidden.stop and block + length > hidden.start:
                moved.append((block * size, length * size))
                _put(table, group * groups.descriptor_bytes, groups.descriptor_bytes, which, end)
                end += length
    _refuse_to_hide(groups, hidden, moved)
    superblock = bytearray(raw)
    struct.pack_into("<I", superblock, _BLOCKS, end & 0xFFFFFFFF)
    if told.is_wide:
        struct.pack_into("<I", superblock, _BLOCKS_HIGH, end >> 32)
    struct.pack_into("<I", superblock, _INCOMPATIBLE, told.incompatible & ~META_BG)
    return Rearranged(shown, groups.blocks * size, {AT: bytes(superblock), table_at: bytes(table)}, moved)


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
