"""The superblock of XFS, and blocks of its allocation groups with their checksums.

After "XFS Algorithms & Data Structures" (3rd edition, on-disk format of version 4 and 5). Numbers are big-endian,
checksums alone are little-endian.
"""

from __future__ import annotations

import struct
from collections import OrderedDict
from dataclasses import dataclass

from evidence.errors import UnreadableRegionError
from evidence.filesystems.checksums import crc32c
from evidence.filesystems.opened import FileSystemError
from evidence.volumes.base import Readable

_FIRST = struct.Struct(">4sIQQQ16sQQ")
_GROUPS = struct.Struct(">IIIIHHHH")
_INCOMPATIBLE = {
    0x001: "file types",
    0x002: "sparse inodes",
    0x004: "metadata UUID",
    0x008: "big times",
    0x010: "needs repair",
    0x020: "large extent counts",
    0x040: "exchange range",
    0x080: "parent pointers",
    0x100: "metadata directory",
    0x200: "zoned realtime device",
    0x400: "gaps in zones",
}
_RUN_BYTES, _CACHED_RUNS = 32_768, 512
SUPERBLOCK_BYTES = 512


@dataclass(frozen=True, slots=True, kw_only=True)
class Superblock:
    """What the superblock says; sizes in bytes where the name says so, ``*_log`` are binary logarithms."""

    version: int
    block_bytes: int
    block_log: int
    blocks: int
    realtime_blocks: int
    log_start: int
    log_blocks: int
    root_inode: int
    group_blocks: int
    group_blocks_log: int
    groups: int
    sector_bytes: int
    inode_bytes: int
    inodes_per_block_log: int
    directory_block_bytes: int
    has_checksums: bool
    has_file_types: bool
    has_sparse_inodes: bool
    needs_repair: bool
    is_checksum_right: bool

    @property
    def volume_bytes(self) -> int:
        """How much the file system fills."""
        return self.blocks * self.block_bytes

    @property
    def inode_shift(self) -> int:
        """How far the group is shifted in an inode number."""
        return self.group_blocks_log + self.inodes_per_block_log


def checksum_holds(raw: bytes, at: int) -> bool:
    """Whether the CRC-32C at ``at`` is that of all of ``raw``, with zeros in its own place."""
    seed = crc32c(b"\0\0\0\0", crc32c(raw[:at]))
    return crc32c(raw[at + 4 :], seed) == int.from_bytes(raw[at : at + 4], "little")


def read_superblock(source: Readable) -> Superblock:
    """Read and judge the first superblock.

    Raises:
        FileSystemError: It is damaged so far that nothing can be found, or of a version that this reader does not know.
    """
    try:
        raw = source.read_at(0, SUPERBLOCK_BYTES)
    except UnreadableRegionError as error:
        raise FileSystemError("xfs", f"its superblock cannot be read: {error}") from error
    if len(raw) < SUPERBLOCK_BYTES or raw[:4] != b"XFSB":
        raise FileSystemError("xfs", "there is no superblock at byte 0")
    _, block_bytes, blocks, realtime, _, _, log_start, root = _FIRST.unpack_from(raw)
    group_blocks, groups, _, log_blocks, version_bits, sector, inode_bytes, per_block = _GROUPS.unpack_from(raw, 84)
    block_log, _, inode_log, per_block_log, group_log = raw[120:125]
    directory_log = raw[192]
    version, features = version_bits & 0xF, struct.unpack_from(">I", raw, 200)[0] if version_bits & 0x8000 else 0
    sizes_agree = (
        9 <= block_log <= 16
        and block_bytes == 1 << block_log
        and 8 <= inode_log <= 11
        and inode_bytes == 1 << inode_log
        and inode_bytes <= block_bytes
        and per_block == block_bytes // inode_bytes == 1 << per_block_log
        and 512 <= sector <= 32768
        and not sector & (sector - 1)
        and block_log + directory_log <= 16
    )
    groups_agree = (
        groups > 0
        and 0 < group_blocks <= 1 << group_log <= 1 << 31
        and (groups - 1) * group_blocks < blocks <= groups * group_blocks
    )
    if not sizes_agree or not groups_agree:
        raise FileSystemError("xfs", "the sizes and numbers in its superblock at byte 0 contradict each other")
    if version not in (4, 5):
        raise FileSystemError("xfs", f"it is of version {version}; versions 4 and 5 are read")
    if version == 4 and not version_bits & 0x2000:
        raise FileSystemError("xfs", "its directories are of version 1, of IRIX before 6.5; version 2 is read")
    incompatible = struct.unpack_from(">I", raw, 216)[0] if version == 5 else 0
    unknown = incompatible & ~sum(_INCOMPATIBLE)
    if unknown:
        raise FileSystemError(
            "xfs", f"it uses features that this reader does not know (incompatible bits {unknown:#x})"
        )
    whole = source.read_at(0, sector) if version == 5 else b""
    return Superblock(
        version=version,
        block_bytes=block_bytes,
        block_log=block_log,
        blocks=blocks,
        realtime_blocks=realtime,
        log_start=log_start,
        log_blocks=log_blocks,
        root_inode=root,
        group_blocks=group_blocks,
        group_blocks_log=group_log,
        groups=groups,
        sector_bytes=sector,
        inode_bytes=inode_bytes,
        inodes_per_block_log=per_block_log,
        directory_block_bytes=block_bytes << directory_log,
        has_checksums=version == 5,
        has_file_types=bool(incompatible & 0x1) if version == 5 else bool(features & 0x200),
        has_sparse_inodes=bool(incompatible & 0x2),
        needs_repair=bool(incompatible & 0x10),
        is_checksum_right=version == 4 or checksum_holds(whole, 224),
    )


class Disk:
    """The blocks of a file system.

    Attributes:
        source: The volume.
        superblock: What its sizes are.
    """

    def __init__(self, source: Readable, superblock: Superblock) -> None:
        """Read from ``source``."""
        self.source, self.superblock = source, superblock
        self._runs: OrderedDict[int, bytes] = OrderedDict()

    def offset_of(self, block: int) -> int:
        """Where a block with its group in the upper bits lies, in bytes.

        Raises:
            OSError: There is no such block.
        """
        sizes = self.superblock
        return self.group_offset(block >> sizes.group_blocks_log, block & ((1 << sizes.group_blocks_log) - 1))

    def group_offset(self, group: int, inner: int) -> int:
        """Where a block of a group lies, in bytes; raises OSError where the group has no such block."""
        sizes = self.superblock
        if group >= sizes.groups or inner >= sizes.group_blocks:
            raise OSError(f"block {inner:#x} of group {group} lies outside the file system")
        return (group * sizes.group_blocks + inner) << sizes.block_log

    def run_offset(self, block: int, count: int) -> int:
        """Where ``count`` blocks in a row begin; raises OSError unless they all lie in one group."""
        sizes = self.superblock
        offset = self.offset_of(block)
        if (block & ((1 << sizes.group_blocks_log) - 1)) + count > sizes.group_blocks:
            raise OSError(f"{count} blocks from {block:#x} on reach past their allocation group")
        return offset

    def read(self, offset_bytes: int, size_bytes: int) -> bytes:
        """Exactly that many bytes; raises OSError past the end of the volume."""
        raw = self.source.read_at(offset_bytes, size_bytes)
        if len(raw) < size_bytes:
            raise OSError(f"the volume ends before byte {offset_bytes + size_bytes}")
        return raw

    def metadata(self, offset_bytes: int, size_bytes: int) -> bytes:
        """The same through a cache of runs, for small structures that lie near each other."""
        start = offset_bytes - offset_bytes % _RUN_BYTES
        if offset_bytes + size_bytes > start + _RUN_BYTES:
            return self.read(offset_bytes, size_bytes)
        run = self._runs.get(start)
        if run is None:
            try:
                run = self.source.read_at(start, _RUN_BYTES)
            except UnreadableRegionError:
                return self.read(offset_bytes, size_bytes)
            if len(self._runs) >= _CACHED_RUNS:
                self._runs.popitem(last=False)
            self._runs[start] = run
        else:
            self._runs.move_to_end(start)
        raw = run[offset_bytes - start : offset_bytes - start + size_bytes]
        if len(raw) < size_bytes:
            raise OSError(f"the volume ends before byte {offset_bytes + size_bytes}")
        return raw
