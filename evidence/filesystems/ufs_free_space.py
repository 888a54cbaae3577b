"""Which fragments of UFS nothing uses, and what lies behind the end of a file.

Source: FreeBSD's header ``ufs/ffs/fs.h`` ("Cylinder group block for a file system").
"""

from __future__ import annotations

import stat
import struct
from collections.abc import Iterator

from evidence.filesystems.ranges import Range, clear_bits
from evidence.filesystems.ufs_disk import Inode, UfsContent, UfsDisk, disk_of
from evidence.volumes.base import Readable

_MAGIC, _HEAD_BYTES, _FREE_AT = 0x090255, 168, 96
_INVERTED = bytes(255 - byte for byte in range(256))


def free_ranges(disk: UfsDisk) -> Iterator[Range]:
    """The ranges of the volume that are not allocated, in order, by the map of fragments of each cylinder group.

    Raises:
        OSError: The header of a group is damaged; the message names it with its offset.
        UnreadableRegionError: It cannot be read.
    """
    block = disk.superblock
    if -(-block.fragments // block.group_fragments) != block.groups:
        what = f"{block.groups} cylinder groups of {block.group_fragments} fragments"
        raise OSError(f"the superblock names {what}, which are not {block.fragments} fragments")
    for group in range(block.groups):
        first = group * block.group_fragments
        count = min(block.group_fragments, block.fragments - first)
        for start, length in clear_bits([_used(disk, group, count)], count):
            yield (first + start) * block.fragment_bytes, length * block.fragment_bytes


def free_of(source: Readable) -> Iterator[Range]:
    """What no file of a volume uses; the errors of :func:`free_ranges`."""
    return free_ranges(disk_of(source))


def slack_of(source: Readable, number: int) -> Iterator[Range]:
    """The slack of an inode of a volume; the errors of :func:`slack_ranges`."""
    disk = disk_of(source)
    return slack_ranges(disk, disk.inode(number))


def slack_ranges(disk: UfsDisk, inode: Inode) -> Iterator[Range]:
    """What lies behind the end of a content in its last block, or in the fragments of a block that are its own.

    Only the first twelve blocks of a file can be cut into fragments; a later one belongs to it whole.

    Raises:
        OSError: What says where the block lies makes no sense.
        UnreadableRegionError: It cannot be read.
    """
    block, kind, size = disk.superblock, stat.S_IFMT(inode.mode), inode.size_bytes
    is_inside = kind == stat.S_IFLNK and size < block.short_link_bytes
    if not size or is_inside or kind not in (0, stat.S_IFREG, stat.S_IFDIR, stat.S_IFLNK):
        return
    used, place, held = UfsContent(disk, inode).last_block()
    if place is not None and used < held:
        yield place + used, held - used


def _used(disk: UfsDisk, group: int, count: int) -> bytes:
    """A bit for each fragment of a group, the lowest of a byte first, that is set where it is in use."""
    block = disk.superblock
    if not 0 < block.map_at < block.inodes_at:
        raise OSError(f"the superblock puts the headers of groups at fragment {block.map_at} of each")
    offset = (block.group_start(group) + block.map_at) * block.fragment_bytes
    raw = disk.exactly(offset, block.block_bytes)
    magic, _, number = struct.unpack_from(f"{block.order}3i", raw, 4)
    (fragments,) = struct.unpack_from(f"{block.order}i", raw, 20)
    (at,) = struct.unpack_from(f"{block.order}i", raw, _FREE_AT)
    if magic != _MAGIC or number != group:
        raise OSError(f"there is no header of the cylinder group {group} at byte {offset}")
    end = at + -(-count // 8)
    if fragments != count or at < _HEAD_BYTES or end > len(raw):
        raise OSError(f"the header of the cylinder group {group} at byte {offset} contradicts the superblock")
    return raw[at:end].translate(_INVERTED)
