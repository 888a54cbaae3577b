"""Which blocks of XFS nothing uses, and what lies behind the end of a file.

After "XFS Algorithms & Data Structures" (3rd edition), "AG Free Space Management". Numbers are big-endian.
"""

from __future__ import annotations

import heapq
import struct
from collections.abc import Iterator

from evidence.filesystems.ranges import Range
from evidence.filesystems.xfs_disk import Disk, checksum_holds
from evidence.filesystems.xfs_extents import extents_of
from evidence.filesystems.xfs_inode import BTREE, EXTENTS, Inode
from evidence.filesystems.xfs_trees import Form, leaves

_HEADER_BYTES, _CHECKSUM_AT = 224, 216
_LIST_HEAD_BYTES, _LIST_CHECKSUM_AT = 36, 32
_BY_BLOCK = Form(magics=(b"ABTB", b"AB3B"), key_bytes=8, record_bytes=8)


def free_ranges(disk: Disk) -> Iterator[Range]:
    """The ranges of the volume that are not allocated, in order, as ``freesp`` of xfs_db counts them.

    They are those of each group's tree of free space by block, and the blocks of its free list: these are kept for the
    next blocks of that tree, hold what was there before, and belong to nothing.

    Raises:
        OSError: A header, a tree or a list is damaged; the message names it with its offset.
        UnreadableRegionError: One of them cannot be read.
    """
    for group in range(disk.superblock.groups):
        yield from _of_group(disk, group)


def slack_ranges(disk: Disk, inode: Inode) -> Iterator[Range]:
    """The blocks of a regular file beyond its size: the rest of its last one, and those given to it in advance.

    Nothing of a file whose content stands in the inode. What was never written *before* the end of the file reads as
    zeros, and is no slack, whatever its blocks hold.

    Raises:
        OSError: Its extents are damaged; the message says how.
        UnreadableRegionError: A block of their tree cannot be read.
    """
    if inode.is_realtime:
        raise OSError("the content lies on the realtime device, which is not part of this volume")
    if inode.format not in (EXTENTS, BTREE):
        return
    log = disk.superblock.block_log
    for extent in extents_of(disk, inode):
        start, length = extent.first << log, extent.count << log
        used = min(max(0, inode.size_bytes - start), length)
        if used < length:
            yield disk.run_offset(extent.block, extent.count) + used, length - used


def _of_group(disk: Disk, group: int) -> Iterator[Range]:
    sizes = disk.superblock
    raw, offset = _header(disk, group)
    (blocks,) = struct.unpack_from(">I", raw, 12)
    last = sizes.blocks - (sizes.groups - 1) * sizes.group_blocks
    if blocks != (last if group == sizes.groups - 1 else sizes.group_blocks):
        raise OSError(f"the header of the free space of group {group} at byte {offset} declares {blocks} blocks")
    listed = sorted((block, 1) for block in _free_list(disk, group, raw, blocks))
    reached = 0
    for start, count in heapq.merge(_by_block(disk, group, raw, offset), listed):
        if start < reached or not count or start + count > blocks:
            raise OSError(f"the free blocks of group {group} (header at byte {offset}) contradict each other")
        reached = start + count
        yield (group * sizes.group_blocks + start) << sizes.block_log, count << sizes.block_log


def _header(disk: Disk, group: int) -> tuple[bytes, int]:
    """The header of the free space of a group, and where it lies."""
    sizes = disk.superblock
    offset = disk.group_offset(group, 0) + sizes.sector_bytes
    raw = disk.read(offset, max(sizes.sector_bytes, _HEADER_BYTES))
    if raw[:4] != b"XAGF" or int.from_bytes(raw[8:12], "big") != group:
        raise OSError(f"there is no header of the free space of group {group} at byte {offset}")
    if sizes.has_checksums and not checksum_holds(raw, _CHECKSUM_AT):
        raise OSError(f"the checksum of the header of the free space of group {group} at byte {offset} is wrong")
    return raw, offset


def _by_block(disk: Disk, group: int, header: bytes, offset: int) -> Iterator[tuple[int, int]]:
    """First block and number of each stretch in the tree."""
    (root,), (levels,) = struct.unpack_from(">I", header, 16), struct.unpack_from(">I", header, 28)
    try:
        for leaf in leaves(disk, group, root, levels, _BY_BLOCK):
            yield from struct.iter_unpack(">II", leaf)
    except OSError as error:
        what = f"the tree of free blocks of group {group} (header at byte {offset}) cannot be read to its end: {error}"
        raise OSError(what) from error


def _free_list(disk: Disk, group: int, header: bytes, blocks: int) -> list[int]:
    """The blocks that are kept for the trees of free space: a part of a ring."""
    sizes = disk.superblock
    offset = disk.group_offset(group, 0) + 3 * sizes.sector_bytes
    raw = disk.read(offset, sizes.sector_bytes)
    head = _LIST_HEAD_BYTES if sizes.has_checksums else 0
    if sizes.has_checksums and (raw[:4] != b"XAFL" or int.from_bytes(raw[4:8], "big") != group):
        raise OSError(f"there is no list of free blocks of group {group} at byte {offset}")
    if sizes.has_checksums and not checksum_holds(raw, _LIST_CHECKSUM_AT):
        raise OSError(f"the checksum of the list of free blocks of group {group} at byte {offset} is wrong")
    first, last, count = struct.unpack_from(">III", header, 40)
    room = (len(raw) - head) // 4
    if count and (first >= room or last >= room or (last - first) % room + 1 != count):
        raise OSError(f"the list of free blocks of group {group} at byte {offset} contradicts its header")
    found = [struct.unpack_from(">I", raw, head + (first + index) % room * 4)[0] for index in range(count)]
    if any(block >= blocks for block in found):
        raise OSError(f"the list of free blocks of group {group} at byte {offset} leads out of the group")
    return found
