"""Media in memory, to write partition tables on."""

from __future__ import annotations

import struct

from evidence.errors import UnreadableRegionError


class Media:
    """Bytes as a readable; ``unreadable`` offsets raise."""

    def __init__(self, size_bytes: int) -> None:
        self.data = bytearray(size_bytes)
        self.unreadable: range = range(0)

    @property
    def media_bytes(self) -> int:
        return len(self.data)

    def read_at(self, offset_bytes: int, size_bytes: int, /) -> bytes:
        if (
            self.unreadable
            and offset_bytes < self.unreadable.stop
            and self.unreadable.start < offset_bytes + size_bytes
        ):
            raise UnreadableRegionError(self.unreadable.start, len(self.unreadable), "test")
        return bytes(self.data[offset_bytes : offset_bytes + size_bytes])

    def write(self, offset_bytes: int, data: bytes) -> None:
        self.data[offset_bytes : offset_bytes + len(data)] = data

    def boot_record(self, offset_bytes: int, *lines: tuple[int, int, int]) -> None:
        """A boot record with lines of type, start and length in sectors."""
        for index, (kind, start, length) in enumerate(lines):
            self.write(offset_bytes + 446 + 16 * index, struct.pack("<B3xB3xII", 0, kind, start, length))
        self.write(offset_bytes + 510, b"\x55\xaa")
