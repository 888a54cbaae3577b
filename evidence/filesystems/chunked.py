"""Contents that are packed in chunks of one size, each of them on its own."""

from __future__ import annotations

from abc import ABC, abstractmethod


class ChunkedContent(ABC):
    """See :class:`evidence.filesystems.content.ContentSource`; the chunk that was used last is kept.

    Attributes:
        size_bytes: As declared.
    """

    def __init__(self, size_bytes: int, chunk_bytes: int) -> None:
        """Take the sizes of the content, and of all chunks of it but the last, which ends with it."""
        self.size_bytes, self._chunk_bytes = size_bytes, chunk_bytes
        self._last: tuple[int, bytes] = (-1, b"")

    def read(self, offset_bytes: int, size_bytes: int, /) -> bytes:
        """As of any content."""
        end = min(offset_bytes + size_bytes, self.size_bytes)
        if offset_bytes < 0 or offset_bytes >= end:
            return b""
        first = offset_bytes // self._chunk_bytes
        parts = [self._chunk(index) for index in range(first, -(-end // self._chunk_bytes))]
        start = offset_bytes - first * self._chunk_bytes
        return b"".join(parts)[start : start + end - offset_bytes]

    def _chunk(self, index: int) -> bytes:
        if self._last[0] != index:
            self._last = (index, self._unpacked(index))
        return self._last[1]

    def _size_of(self, index: int) -> int:
        """How many bytes of the content a chunk has."""
        return min(self._chunk_bytes, self.size_bytes - index * self._chunk_bytes)

    @abstractmethod
    def _unpacked(self, index: int) -> bytes:
        """A chunk, ``_size_of`` it long; raises one of ``evidence.filesystems.content.UNREADABLE``."""
