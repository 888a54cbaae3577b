"""Files of ISO 9660 that ``mkzftree`` compressed: blocks packed by deflate, each of them on its own.

Source: the published description of zisofs ("zisofs format", Linux kernel and libisofs), version 1.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass

from evidence.filesystems.content import ContentSource

_MAGIC = b"\x37\xe4\x53\x96\xc9\xdb\xd6\x07"
_LOGS = range(15, 18)
_HEAD_BYTES = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Packing:
    """What the Rock Ridge field ``ZF`` says.

    Attributes:
        method: ``pz`` for deflate.
        header_bytes: How long the header of the stored content is.
        log_block: A block has 1 shifted by so many bits of content.
        size_bytes: Of the content.
    """

    method: bytes
    header_bytes: int
    log_block: int
    size_bytes: int


def packing_of(body: bytes) -> Packing | None:
    """The field behind its first four bytes; None where it is cut off."""
    if len(body) < 12:
        return None
    return Packing(
        method=body[:2], header_bytes=4 * body[2], log_block=body[3], size_bytes=struct.unpack_from("<I", body, 4)[0]
    )


class ZisofsContent:
    """The uncompressed content.

    Attributes:
        size_bytes: As declared.
    """

    def __init__(self, packed: ContentSource, packing: Packing) -> None:
        """Unpack from the stored content.

        Raises:
            OSError: It is packed in a way that is not read, or its header says something else than the directory.
            UnreadableRegionError: Its header cannot be read.
        """
        self._packed, self._packing, self.size_bytes = packed, packing, packing.size_bytes
        self._block_bytes = 1 << packing.log_block if packing.log_block in _LOGS else 0
        if packing.method != b"pz" or not self._block_bytes:
            raise OSError(f"it is compressed by zisofs in a way that is not read ({packing.method!r})")
        head = packed.read(0, _HEAD_BYTES)
        told = (packing.size_bytes, packing.header_bytes // 4, packing.log_block)
        if len(head) < _HEAD_BYTES or head[:8] != _MAGIC or struct.unpack_from("<IBB", head, 8) != told:
            raise OSError("the header of its zisofs content is damaged")
        self._blocks = -(-self.size_bytes // self._block_bytes)
        if packing.header_bytes + 4 * (self._blocks + 1) > packed.size_bytes:
            raise OSError(f"its zisofs content has no room for the places of {self._blocks} blocks")
        self._last: tuple[int, bytes] = (-1, b"")

    def read(self, offset_bytes: int, size_bytes: int, /) -> bytes:
        """See :class:`evidence.filesystems.content.ContentSource`."""
        end = min(offset_bytes + size_bytes, self.size_bytes)
        if offset_bytes < 0 or offset_bytes >= end:
            return b""
        first = offset_bytes // self._block_bytes
        parts = [self._block(index) for index in range(first, -(-end // self._block_bytes))]
        start = offset_bytes - first * self._block_bytes
        return b"".join(parts)[start : start + end - offset_bytes]

    def _block(self, index: int) -> bytes:
        if self._last[0] != index:
            self._last = (index, self._unpacked(index))
        return self._last[1]

    def _unpacked(self, index: int) -> bytes:
        size = min(self._block_bytes, self.size_bytes - index * self._block_bytes)
        places = self._packed.read(self._packing.header_bytes + 4 * index, 8)
        start, end = struct.unpack("<II", places) if len(places) == 8 else (1, 0)
        if not start <= end <= self._packed.size_bytes or end - start > 2 * self._block_bytes:
            raise OSError(f"the places of block {index} of its zisofs content are damaged")
        if start == end:
            return bytes(size)
        try:
            data = zlib.decompressobj().decompress(self._packed.read(start, end - start), size + 1)
        except zlib.error as error:
            raise OSError(f"block {index} of its zisofs content is damaged: {error}") from error
        if len(data) != size:
            raise OSError(f"block {index} of its zisofs content holds {len(data)} bytes, not {size}")
        return data
