"""The B-trees of the allocation groups of XFS, whose pointers count within their group.

After "XFS Algorithms & Data Structures" (3rd edition), "Short Format B+trees". Numbers are big-endian.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from evidence.filesystems.xfs_disk import Disk, checksum_holds

MAX_LEVEL = 12
_OWNER_AT, _CHECKSUM_AT = 48, 52


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """What the blocks of a tree look like.

    Attributes:
        magics: Of version 4, and of version 5.
        key_bytes: The size of a key, in blocks that lead to others.
        record_bytes: The size of a record, in leaves.
    """

    magics: tuple[bytes, bytes]
    key_bytes: int
    record_bytes: int


def leaves(disk: Disk, group: int, root: int, levels: int, form: Form) -> Iterator[bytes]:
    """The records of each leaf of a tree, one leaf behind the other.

    Args:
        disk: The file system.
        group: Number of the allocation group.
        root: Block in the group.
        levels: How many the tree has.
        form: Of its blocks.

    Raises:
        OSError: It is damaged, or leads in a circle; the message names the offset.
        UnreadableRegionError: A block cannot be read.
    """
    if not 1 <= levels <= MAX_LEVEL:
        raise OSError(f"it declares {levels} levels")
    newer = disk.superblock.has_checksums
    head = 56 if newer else 16
    visited: set[int] = set()
    todo = [(root, levels - 1)]
    while todo:
        inner, level = todo.pop()
        offset = disk.group_offset(group, inner)
        if inner in visited:
            raise OSError(f"it leads in a circle at byte {offset}")
        visited.add(inner)
        raw = disk.metadata(offset, disk.superblock.block_bytes)
        magic, own_level, count = struct.unpack_from(">4sHH", raw)
        most = (len(raw) - head) // (form.key_bytes + 4 if level else form.record_bytes)
        if magic != form.magics[newer] or own_level != level or count > most:
            raise OSError(f"the block at byte {offset} is damaged")
        if newer and not checksum_holds(raw, _CHECKSUM_AT):
            raise OSError(f"the checksum of the block at byte {offset} is wrong")
        if newer and int.from_bytes(raw[_OWNER_AT : _OWNER_AT + 4], "big") != group:
            raise OSError(f"the block at byte {offset} belongs to another group than {group}")
        if level:
            pointers = struct.unpack_from(f">{count}I", raw, head + most * form.key_bytes)
            todo.extend((pointer, level - 1) for pointer in reversed(pointers))
        else:
            yield raw[head : head + count * form.record_bytes]
