"""The fields of the superblock of ext2, ext3 and ext4, and of the descriptor of a group, as they stand.

Source: the Linux kernel's documentation, "ext4 Data Structures and Algorithms", "Super Block" and "Block Group
Descriptors".
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

AT, SIZE_BYTES = 1024, 1024
"""Where the superblock stands on a volume, and how long it is."""

JOURNAL_DEVICE, META_BG, WIDE, INLINE_DATA, BIGALLOC = 0x8, 0x10, 0x80, 0x8000, 0x200
"""Flags: of what a reader must know all but the last, of what it must know to write the last."""

_NARROW_BYTES, _WIDE_BYTES = 32, 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Superblock:
    """What it says; nothing of it was judged.

    Attributes:
        raw: Its bytes.
        log_block: The size of a block is 1024 shifted by so many bits.
        blocks: In the file system; ``first_block`` is the number of the first one that belongs to a group.
        inode_bytes: 128 where the revision has no field for it.
        descriptor_bytes: Of a group; 32 where numbers of blocks have 32 bits.
    """

    raw: bytes
    log_block: int
    log_cluster: int
    blocks: int
    first_block: int
    blocks_per_group: int
    inodes: int
    inodes_per_group: int
    inode_bytes: int
    compatible: int
    incompatible: int
    read_only: int
    descriptor_bytes: int

    @property
    def is_wide(self) -> bool:
        """Whether numbers of blocks have 64 bits."""
        return bool(self.incompatible & WIDE)


def is_superblock(raw: bytes) -> bool:
    """Whether bytes are a whole superblock, by its magic number."""
    return len(raw) == SIZE_BYTES and raw[56:58] == b"\x53\xef"


def superblock_of(raw: bytes) -> Superblock:
    """The fields in the ``SIZE_BYTES`` bytes of a superblock."""
    inodes, blocks = struct.unpack_from("<II", raw)
    first_block, log_block, log_cluster, blocks_per_group = struct.unpack_from("<IIII", raw, 20)
    (inodes_per_group,) = struct.unpack_from("<I", raw, 40)
    (revision,) = struct.unpack_from("<I", raw, 76)
    (inode_bytes,) = struct.unpack_from("<H", raw, 88) if revision else (128,)
    compatible, incompatible, read_only = struct.unpack_from("<III", raw, 92)
    descriptor_bytes = _NARROW_BYTES
    if incompatible & WIDE:
        (descriptor_bytes,) = struct.unpack_from("<H", raw, 254)
        blocks |= struct.unpack_from("<I", raw, 0x150)[0] << 32
    return Superblock(
        raw=raw,
        log_block=log_block,
        log_cluster=log_cluster,
        blocks=blocks,
        first_block=first_block,
        blocks_per_group=blocks_per_group,
        inodes=inodes,
        inodes_per_group=inodes_per_group,
        inode_bytes=inode_bytes,
        compatible=compatible,
        incompatible=incompatible,
        read_only=read_only,
        descriptor_bytes=descriptor_bytes,
    )


def inode_table(descriptor: bytes) -> int:
    """The block where the inode table of a group begins; 0 where its descriptor is cut off."""
    if len(descriptor) < _NARROW_BYTES:
        return 0
    (low,) = struct.unpack_from("<I", descriptor, 8)
    high = struct.unpack_from("<I", descriptor, 40)[0] if len(descriptor) >= _WIDE_BYTES else 0
    return int(low | high << 32)
