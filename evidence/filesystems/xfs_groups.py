"""Allocation groups of XFS: inodes that are free, or deleted and still open, and the state of the log."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from evidence.filesystems.content import UNREADABLE, reason
from evidence.filesystems.xfs_disk import Disk, checksum_holds
from evidence.filesystems.xfs_inode import NO_INODE, read_inode
from evidence.filesystems.xfs_trees import Form, leaves
from evidence.images.base import Problem

_HEADER_BYTES = 336
_CHUNK_INODES = 64
_OF_INODES = Form(magics=(b"IABT", b"IAB3"), key_bytes=4, record_bytes=16)
MAX_UNLINKED = 1_000_000
_LOG_MAGIC = b"\xfe\xed\xba\xbe"
_LOG_SECTOR_BYTES = 512
_LONGEST_RECORD_SECTORS = 1024
_UNMOUNT = 0x20


class Groups:
    """What the headers of the allocation groups lead to."""

    def __init__(self, disk: Disk) -> None:
        """Read them from ``disk``."""
        self._disk = disk

    def unlinked(self) -> Iterator[int | Problem]:
        """Numbers of the inodes that no name leads to any more, though a program still had them open."""
        for group in range(self._disk.superblock.groups):
            header = self._header(group)
            if isinstance(header, Problem):
                yield header
                continue
            raw, offset = header
            for bucket, first in enumerate(struct.unpack_from(">64I", raw, 40)):
                if first not in (NO_INODE, 0):
                    yield from self._chain(group, first, offset + 40 + bucket * 4)

    def _chain(self, group: int, inner: int, offset: int) -> Iterator[int | Problem]:
        shift = self._disk.superblock.inode_shift
        visited: set[int] = set()
        while inner != NO_INODE:
            if inner in visited or len(visited) > MAX_UNLINKED:
                what = f"The list of deleted open files of group {group} leads in a circle."
                yield Problem(what=what, where="", offset_bytes=offset)
                return
            visited.add(inner)
            number = group << shift | inner
            try:
                inode = read_inode(self._disk, number)
            except UNREADABLE as error:
                what = f"The list of deleted open files of group {group} breaks off: {reason(error)}."
                yield Problem(what=what, where="", offset_bytes=offset)
                return
            yield number
            inner = inode.next_unlinked

    def free_inodes(self) -> Iterator[int | Problem]:
        """Numbers of the inodes that are not in use."""
        for group in range(self._disk.superblock.groups):
            header = self._header(group)
            if isinstance(header, Problem):
                continue  # told by unlinked
            raw, offset = header
            root, level = struct.unpack_from(">II", raw, 20)
            try:
                for first, present, free in self._chunks(group, root, level):
                    for index in range(_CHUNK_INODES):
                        if present >> index & free >> index & 1:
                            yield group << self._disk.superblock.inode_shift | (first + index)
            except UNREADABLE as error:
                what = f"The inode tree of group {group} cannot be read to its end: {reason(error)}."
                yield Problem(what=what, where="", offset_bytes=offset)

    def _header(self, group: int) -> tuple[bytes, int] | Problem:
        sizes = self._disk.superblock
        offset = self._disk.group_offset(group, 0) + 2 * sizes.sector_bytes
        try:
            raw = self._disk.read(offset, max(sizes.sector_bytes, _HEADER_BYTES))
        except UNREADABLE as error:
            what = f"The inode header of group {group} cannot be read: {reason(error)}."
            return Problem(what=what, where="", offset_bytes=offset)
        if raw[:4] != b"XAGI" or int.from_bytes(raw[8:12], "big") != group:
            what = f"There is no inode header of group {group} at byte {offset}; deleted files in it are not listed."
            return Problem(what=what, where="", offset_bytes=offset)
        if sizes.has_checksums and not checksum_holds(raw, 312):
            what = f"The checksum of the inode header of group {group} is wrong; deleted files in it are not listed."
            return Problem(what=what, where="", offset_bytes=offset)
        return raw, offset

    def _chunks(self, group: int, root: int, levels: int) -> Iterator[tuple[int, int, int]]:
        """Each chunk's first inode in its group, which inodes of it exist, and which of them are free."""
        is_sparse = self._disk.superblock.has_sparse_inodes
        for leaf in leaves(self._disk, group, root, levels, _OF_INODES):
            for first, holes, free in struct.iter_unpack(">IH2xQ", leaf):
                yield first, _present(holes if is_sparse else 0), free


def _present(holes: int) -> int:
    """Which of 64 inodes exist, by the mask whose bits stand for four inodes that do not."""
    return sum(0xF << index * 4 for index in range(16) if not holes >> index & 1)


def log_is_clean(disk: Disk) -> bool | None:
    """Whether the last record of the log says that the file system was unmounted; None where that cannot be told."""
    sizes = disk.superblock
    sectors = (sizes.log_blocks << sizes.block_log) // _LOG_SECTOR_BYTES
    try:
        start = disk.offset_of(sizes.log_start)
        head = _log_head(disk, start, sectors)
        for back in range(1, min(_LONGEST_RECORD_SECTORS, sectors) + 1):
            at = start + (head - back) % sectors * _LOG_SECTOR_BYTES
            raw = disk.metadata(at, _LOG_SECTOR_BYTES)
            if raw[:4] == _LOG_MAGIC:
                version, size = int.from_bytes(raw[8:12], "big"), int.from_bytes(raw[320:324], "big")
                headers = -(-size // 32768) if version & 2 and 32768 < size <= 1 << 20 else 1
                first = disk.metadata(start + (head - back + headers) % sectors * _LOG_SECTOR_BYTES, 12)
                return int.from_bytes(raw[40:44], "big") == 1 and bool(first[9] & _UNMOUNT)
    except UNREADABLE:
        return None
    return None


def _log_head(disk: Disk, start: int, sectors: int) -> int:
    """The first sector that the present turn of the log has not reached; every sector begins with its turn's number."""

    def turn(sector: int) -> int:
        raw = disk.metadata(start + sector * _LOG_SECTOR_BYTES, 8)
        return int.from_bytes(raw[4:8] if raw[:4] == _LOG_MAGIC else raw[:4], "big")

    current = turn(0)
    low, high = 0, sectors  # sectors below low are of the present turn, high is not
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if turn(middle) == current else (low, middle)
    return high
