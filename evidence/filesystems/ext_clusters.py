"""ext4 with clusters of several blocks (bigalloc), shown so that a reader that knows blocks only can list it.

Only the bitmaps count in clusters; inodes, extents and directories count in blocks (Linux kernel documentation, "ext4
Data Structures and Algorithms", 2.7 "Bigalloc"). So the superblock is shown with clusters as large as a block.
"""

from __future__ import annotations

import struct

from evidence.filesystems.ext_superblock import AT, BIGALLOC, SIZE_BYTES, superblock_of
from evidence.filesystems.rearranged import Rearranged
from evidence.volumes.base import Readable, peek

_LOG_CLUSTER, _CLUSTERS_PER_GROUP = 28, 36


def in_blocks(source: Readable) -> Readable:
    """The volume itself, or with its clusters hidden where it has some."""
    raw = peek(source, AT, SIZE_BYTES)
    if len(raw) < SIZE_BYTES:
        return source
    told = superblock_of(raw)
    if not told.read_only & BIGALLOC:
        return source
    shown = {_LOG_CLUSTER: told.log_block, _CLUSTERS_PER_GROUP: told.blocks_per_group}
    replaced = {AT + place: struct.pack("<I", value) for place, value in shown.items()}
    return Rearranged(source, source.media_bytes, replaced)
