"""Inodes of XFS: versions 1 to 3, with big times and large extent counts."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from evidence.filesystems.stamps import SECOND_NS
from evidence.filesystems.xfs_disk import Disk, checksum_holds

DEVICE, LOCAL, EXTENTS, BTREE = range(4)
_CORE = struct.Struct(">2sHBB2xIIIHH8sQQQQQIIHBb4xHHII")
_BIGTIME_EPOCH_S = 1 << 31
_REALTIME, _BIGTIME, _LARGE_COUNTS = 0x1, 0x8, 0x10
NO_INODE = 0xFFFFFFFF


@dataclass(frozen=True, slots=True, kw_only=True)
class Inode:
    """An inode as it stands on the disk.

    Attributes:
        offset_bytes: Where it lies on the volume.
        format: How ``fork`` says where the content is: DEVICE, LOCAL, EXTENTS, BTREE.
        fork: The bytes of the data fork.
        extents: How many extents the data fork has.
        attribute_format, attribute_fork, attribute_extents: The same of the fork of extended attributes.
        accessed_ns: Nanoseconds since 1970; ``created_ns`` is None before version 3.
        next_unlinked: The next in the list of deleted files that are still open.
        is_checksum_right: Always true before version 3.
    """

    number: int
    offset_bytes: int
    mode: int
    version: int
    format: int
    links: int
    size_bytes: int
    extents: int
    generation: int
    next_unlinked: int
    accessed_ns: int
    modified_ns: int
    changed_ns: int
    created_ns: int | None
    is_realtime: bool
    is_checksum_right: bool
    fork: bytes
    attribute_format: int
    attribute_fork: bytes
    attribute_extents: int

    @property
    def has_attributes(self) -> bool:
        """Whether there are extended attributes."""
        return bool(self.attribute_fork and (self.attribute_extents or self.attribute_format == LOCAL))


def locate(disk: Disk, number: int) -> int:
    """Where an inode lies, in bytes; raises OSError for a number that no inode of this file system has."""
    sizes = disk.superblock
    block, index = number >> sizes.inodes_per_block_log, number & ((1 << sizes.inodes_per_block_log) - 1)
    return disk.offset_of(block) + index * sizes.inode_bytes


def read_inode(disk: Disk, number: int) -> Inode:
    """Read an inode by its number.

    Raises:
        OSError: There is none at its place, or another one.
        UnreadableRegionError: Its place cannot be read.
    """
    offset = locate(disk, number)
    raw = disk.metadata(offset, disk.superblock.inode_bytes)
    (
        magic, mode, version, form, _, _, links, _, _, wide, accessed, modified, changed, size, _, _, count, few,
        fork_offset, attribute_format, _, flags, generation, unlinked,
    ) = _CORE.unpack_from(raw)  # fmt: skip
    if magic != b"IN" or version not in (1, 2, 3) or (version == 3) != disk.superblock.has_checksums:
        raise OSError(f"there is no inode {number} at byte {offset}")
    more = version == 3
    core = 176 if more else 100
    flags2 = int.from_bytes(raw[120:128], "big") if more else 0
    if more and int.from_bytes(raw[152:160], "big") != number:
        raise OSError(f"at byte {offset} lies another inode than {number}")
    extents, attributes = count, few
    if flags2 & _LARGE_COUNTS:
        extents, attributes = int.from_bytes(wide, "big"), count
    end = core + fork_offset * 8 if fork_offset else len(raw)
    if end > len(raw):
        raise OSError(f"the attribute fork of inode {number} at byte {offset} lies outside of it")
    big = bool(flags2 & _BIGTIME)
    return Inode(
        number=number,
        offset_bytes=offset,
        mode=mode,
        version=version,
        format=form,
        links=links if version > 1 else int.from_bytes(raw[6:8], "big"),
        size_bytes=size,
        extents=extents,
        generation=generation,
        next_unlinked=unlinked,
        accessed_ns=_time(accessed, big),
        modified_ns=_time(modified, big),
        changed_ns=_time(changed, big),
        created_ns=_time(int.from_bytes(raw[144:152], "big"), big) if more else None,
        is_realtime=bool(flags & _REALTIME),
        is_checksum_right=not more or checksum_holds(raw, 100),
        fork=raw[core:end],
        attribute_format=attribute_format,
        attribute_fork=raw[end:],
        attribute_extents=attributes,
    )


def _time(raw: int, big: bool) -> int:
    """Nanoseconds since 1970 of a time field, read as one number of 64 bits."""
    if big:
        return raw - _BIGTIME_EPOCH_S * SECOND_NS
    seconds = raw >> 32
    return (seconds - (1 << 32) if seconds >> 31 else seconds) * SECOND_NS + (raw & 0xFFFFFFFF)
