"""Files of ISO 9660 that ``mkzftree`` compressed: blocks packed by deflate, each of them on its own.

Source: the published description of zisofs ("zisofs format", Linux kernel and libisofs), version 1.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from evidence.filesystems.chunked import ChunkedContent
from evidence.filesystems.content import ContentSource, occupied_by
from evidence.filesystems.ranges import Range

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


class ZisofsContent(ChunkedContent):
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
        if packing.method != b"pz" or packing.log_block not in _LOGS:
            raise OSError(f"it is compressed by zisofs in a way that is not read ({packing.method!r})")
        super().__init__(packing.size_bytes, 1 << packing.log_block)
        self._packed, self._packing = packed, packing
        head = packed.read(0, _HEAD_BYTES)
        told = (packing.size_bytes, packing.header_bytes // 4, packing.log_block)
        if len(head) < _HEAD_BYTES or head[:8] != _MAGIC or struct.unpack_from("<IBB", head, 8) != told:
            raise OSError("the header of its zisofs content is damaged")
        blocks = -(-self.size_bytes // self._chunk_bytes)
        if packing.header_bytes + 4 * (blocks + 1) > packed.size_bytes:
            raise OSError(f"its zisofs content has no room for the places of {blocks} blocks")

    def stored(self) -> Iterator[Range]:
        """See :class:`evidence.filesystems.content.Packed`."""
        yield from occupied_by(self._packed)

    def _unpacked(self, index: int) -> bytes:
        size = self._size_of(index)
        places = self._packed.read(self._packing.header_bytes + 4 * index, 8)
        start, end = struct.unpack("<II", places) if len(places) == 8 else (1, 0)
        if not start <= end <= self._packed.size_bytes or end - start > 2 * self._chunk_bytes:
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
