"""ext4 with clusters of several blocks (bigalloc), shown so that a reader that knows blocks only can list it.

Only the bitmaps count in clusters; inodes, extents and directories count in blocks (Linux kernel documentation, "ext4
Data Structures and Algorithms", 2.7 "Bigalloc"). So the superblock is shown with clusters as large as a block.
"""

from __future__ import annotations

import struct

from evidence.volumes.base import Readable, peek

_SUPERBLOCK_AT, _BIGALLOC = 1024, 0x200
_LOG_BLOCK, _LOG_CLUSTER, _BLOCKS_PER_GROUP, _CLUSTERS_PER_GROUP, _READ_ONLY = 24, 28, 32, 36, 100


class _InBlocks:
    """The volume with two fields of the first superblock replaced."""

    def __init__(self, source: Readable, superblock: bytes) -> None:
        self._source, self.media_bytes = source, source.media_bytes
        log_block, blocks = superblock[_LOG_BLOCK:_LOG_CLUSTER], superblock[_BLOCKS_PER_GROUP:_CLUSTERS_PER_GROUP]
        self._shown = {
            _SUPERBLOCK_AT + start + index: byte
            for start, field in ((_LOG_CLUSTER, log_block), (_CLUSTERS_PER_GROUP, blocks))
            for index, byte in enumerate(field)
        }

    def read_at(self, offset_bytes: int, size_bytes: int, /) -> bytes:
        """See :class:`evidence.volumes.base.Readable`."""
        data = self._source.read_at(offset_bytes, size_bytes)
        if offset_bytes > _SUPERBLOCK_AT + _CLUSTERS_PER_GROUP + 4:
            return data
        changed = bytearray(data)
        for place, byte in self._shown.items():
            if 0 <= place - offset_bytes < len(changed):
                changed[place - offset_bytes] = byte
        return bytes(changed)


def in_blocks(source: Readable) -> Readable:
    """The volume itself, or with its clusters hidden where it has some."""
    superblock = peek(source, _SUPERBLOCK_AT, 1024)
    if len(superblock) < 1024 or not struct.unpack_from("<I", superblock, _READ_ONLY)[0] & _BIGALLOC:
        return source
    return _InBlocks(source, superblock)
