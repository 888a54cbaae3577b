"""Targets of symbolic links of XFS: in the inode, or in blocks, which in version 5 have a header for each run."""

from __future__ import annotations

import struct

from evidence.filesystems.xfs_disk import Disk, checksum_holds
from evidence.filesystems.xfs_extents import extents_of
from evidence.filesystems.xfs_inode import LOCAL, Inode

_MAX_BYTES = 1024
_HEADER = struct.Struct(">4sIII16sQQQ")


def target_of(disk: Disk, inode: Inode) -> str:
    """Where a link leads; bytes that are no text become U+FFFD.

    Raises:
        OSError: The target is damaged; the message says how.
        UnreadableRegionError: Its blocks cannot be read.
    """
    size = inode.size_bytes
    if not 0 < size <= _MAX_BYTES:
        raise OSError(f"it declares {size} bytes")
    raw = inode.fork[:size] if inode.format == LOCAL else _remote(disk, inode, size)
    if len(raw) < size:
        raise OSError(f"it ends after {len(raw)} of {size} bytes")
    return raw.decode("utf-8", errors="replace")


def _remote(disk: Disk, inode: Inode, size: int) -> bytes:
    whole = b""
    for extent in extents_of(disk, inode):
        place = disk.run_offset(extent.block, extent.count)
        raw = disk.read(place, min(extent.count << disk.superblock.block_log, 4 * 65536))
        if disk.superblock.has_checksums:
            magic, offset, length, _, _, owner, _, _ = _HEADER.unpack_from(raw)
            if magic != b"XSLM" or owner != inode.number or offset != len(whole) or length > len(raw) - _HEADER.size:
                raise OSError(f"the block at byte {place} is no part of it")
            if not checksum_holds(raw, 12):
                raise OSError(f"the checksum of the block at byte {place} is wrong")
            raw = raw[_HEADER.size : _HEADER.size + length]
        whole += raw
        if len(whole) >= size:
            break
    return whole[:size]
