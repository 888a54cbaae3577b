"""YAFFS2 written chunk by chunk: 2048 bytes and 64 beside them, 64 chunks in a block, as ``mkyaffs2image`` does.

Source: the published description of YAFFS2 ("Yaffs 2 Specification", tags and object headers).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

PAGE_BYTES, SPARE_BYTES, CHUNKS = 2048, 64, 64
FILE, LINK, DIRECTORY, HARD_LINK, SPECIAL = 1, 2, 3, 4, 5
ROOT, UNLINKED, DELETED = 1, 3, 4
_MODES = {FILE: 0o100644, LINK: 0o120777, DIRECTORY: 0o40755, SPECIAL: 0o10644, HARD_LINK: 0o100644}


@dataclass
class Yaffs:
    """A log of chunks; ``data`` is the image."""

    data: bytearray = field(default_factory=bytearray)
    _chunks: int = 0

    def chunk(self, payload: bytes, number: int, chunk: int, size: int) -> None:
        """One chunk with its tags."""
        sequence = 0x1000 + self._chunks // CHUNKS
        tags = struct.pack("<IIII", sequence, number, chunk, size)
        self.data += payload.ljust(PAGE_BYTES, b"\xff") + tags.ljust(SPARE_BYTES, b"\xff")
        self._chunks += 1

    def header(
        self,
        number: int,
        kind: int,
        parent: int,
        name: bytes,
        *,
        size: int = 0,
        alias: bytes = b"",
        times: int = 0,
        equal: int = -1,
    ) -> None:
        """What an object is called, and where."""
        head = struct.pack("<IIH", kind, parent, 0xFFFF) + name.ljust(258, b"\0")
        head += struct.pack("<IIIIII", _MODES[kind], 1000, 1000, times, times + 1, times + 2)
        head += struct.pack("<Ii", size if kind == FILE else 0xFFFFFFFF, equal) + alias.ljust(160, b"\0")
        self.chunk(head.ljust(512, b"\xff"), number, 0, 0xFFFF)

    def file(self, number: int, parent: int, name: bytes, content: bytes, *, times: int = 0) -> None:
        """A file: a header, its content, and the header with its size, as a driver writes it."""
        self.header(number, FILE, parent, name, times=times)
        for index in range(0, len(content), PAGE_BYTES):
            part = content[index : index + PAGE_BYTES]
            self.chunk(part, number, index // PAGE_BYTES + 1, len(part))
        self.header(number, FILE, parent, name, size=len(content), times=times)

    def finish(self, blocks: int) -> bytes:
        """The image, with erased blocks up to so many."""
        whole = blocks * CHUNKS * (PAGE_BYTES + SPARE_BYTES)
        assert len(self.data) <= whole
        return bytes(self.data).ljust(whole, b"\xff")
