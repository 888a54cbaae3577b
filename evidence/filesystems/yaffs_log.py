"""The log of YAFFS2, looked through for files that The Sleuth Kit gives wrong contents of, so that they are told.

It shows a hard link as an empty file, gives old bytes where a file was cut and grew again, and leaves out what was
written to a file that was never closed. Source: the published description of YAFFS2 ("Yaffs 2 Specification", tags and
headers), with 2048 bytes in a chunk and 64 beside it, as ``mkyaffs2image`` writes them.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from evidence.errors import UnreadableRegionError
from evidence.volumes.base import Readable

_CHUNK_BYTES, _SPARE_BYTES, _CHUNKS = 2048, 64, 64
_ROW_BYTES = _CHUNK_BYTES + _SPARE_BYTES
_FILE, _HARD_LINK, _LAST_KIND = 1, 4, 5
_UNLINKED, _DELETED = 3, 4
_ERASED, _OBJECT_BITS = 0xFFFFFFFF, 18
_MAX_BLOCKS = 1 << 16
_HEAD = struct.Struct("<II")
_SIZE_AT, _EQUAL_AT = 292, 296


@dataclass(slots=True)
class _Object:
    """What the log says of one object so far.

    Attributes:
        size: By its last header.
        reach: How far data were ever written; ``since_header`` since that header.
        cut_to: To what size it was last cut; ``renewed`` how far it was written again from there on, without a gap.
        link_to: The object that it is a hard link to.
    """

    size: int = 0
    reach: int = 0
    since_header: int = 0
    cut_to: int | None = None
    renewed: int = 0
    link_to: int | None = None


class YaffsLog:
    """What is known of the objects of a volume.

    Attributes:
        is_known: Whether the log could be followed.
    """

    def __init__(self, source: Readable) -> None:
        """Follow the log of ``source``."""
        self._objects: dict[int, _Object] = {}
        blocks = self._blocks(source)
        self.is_known = bool(blocks)
        for _, place in sorted(blocks):
            raw = source.read_at(place, _ROW_BYTES * _CHUNKS)
            for at in range(0, len(raw) - _ROW_BYTES + 1, _ROW_BYTES):
                self._chunk(raw, at)

    def withheld(self, address: int) -> str | None:
        """Why the content that the reader gives for an address is not to be taken; None where it is."""
        found = self._objects.get(address) if address < 1 << _OBJECT_BITS else None
        if found is None:
            return None
        if found.link_to is not None:
            return f"it is a hard link: size and content are those of object {found.link_to}"
        if found.since_header > found.size:
            return f"its content is not read: data up to byte {found.since_header} were written, and it was not closed"
        if found.cut_to is not None and min(found.size, found.reach) > found.renewed:
            return f"its content is not read: it was cut to {found.cut_to} bytes and grew again, which is not followed"
        return None

    def _blocks(self, source: Readable) -> list[tuple[int, int]]:
        """Sequence number and place of each block in use; none where the layout is another one, or cannot be read."""
        block_bytes, found = _ROW_BYTES * _CHUNKS, []
        count = source.media_bytes // block_bytes
        if source.media_bytes % block_bytes or count > _MAX_BLOCKS:
            return []
        for index in range(count):
            try:
                spare = source.read_at(index * block_bytes + _CHUNK_BYTES, 16)
            except UnreadableRegionError:
                return []
            sequence, number, chunk, size = struct.unpack("<IIII", spare)
            if sequence == _ERASED:
                continue
            if not 0x1000 <= sequence < 0xFFFFFF00 or not number or (chunk and size > _CHUNK_BYTES):
                return []
            found.append((sequence, index * block_bytes))
        return found

    def _chunk(self, raw: bytes, at: int) -> None:
        _, number, chunk, size = struct.unpack_from("<IIII", raw, at + _CHUNK_BYTES)
        if number == _ERASED or not number:
            return
        number &= (1 << _OBJECT_BITS) - 1
        found = self._objects.setdefault(number, _Object())
        if chunk and not chunk >> 31:
            end = (chunk - 1) * _CHUNK_BYTES + min(size, _CHUNK_BYTES)
            found.reach, found.since_header = max(found.reach, end), max(found.since_header, end)
            if (chunk - 1) * _CHUNK_BYTES <= found.renewed:
                found.renewed = max(found.renewed, end)
            return
        kind, parent = _HEAD.unpack_from(raw, at)
        if kind > _LAST_KIND:
            return
        if parent in (_UNLINKED, _DELETED):
            self._objects[number] = _Object()
            return
        found.link_to = struct.unpack_from("<I", raw, at + _EQUAL_AT)[0] if kind == _HARD_LINK else None
        if kind == _FILE:
            self._sized(found, struct.unpack_from("<I", raw, at + _SIZE_AT)[0])

    def _sized(self, found: _Object, size: int) -> None:
        if size < found.reach:
            is_again = found.cut_to is not None
            found.cut_to, found.renewed = size, min(found.renewed, size) if is_again else size
        found.size, found.since_header = size, 0
