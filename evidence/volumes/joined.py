"""Readables made of others: one behind the other, of zeros, or of nothing at all."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate

from evidence.errors import UnreadableRegionError
from evidence.volumes.base import Readable


def clipped(media_bytes: int, offset_bytes: int, size_bytes: int) -> int:
    """How many of the bytes asked for lie inside the media; 0 where none does."""
    if offset_bytes < 0:
        return 0
    return max(0, min(size_bytes, media_bytes - offset_bytes))


class Joined:
    """Pieces one behind the other.

    Attributes:
        media_bytes: Their sizes together.
    """

    def __init__(self, pieces: Sequence[Readable]) -> None:
        """Begin with the first of ``pieces``; empty ones are left out."""
        self._pieces = [piece for piece in pieces if piece.media_bytes > 0]
        ends = list(accumulate(piece.media_bytes for piece in self._pieces))
        self._starts = [0, *ends[:-1]]
        self.media_bytes = ends[-1] if ends else 0

    def read_at(self, offset_bytes: int, size_bytes: int, /) -> bytes:
        """Exactly that many bytes, fewer only at the end.

        Raises:
            UnreadableRegionError: A piece cannot be read there.
        """
        left = clipped(self.media_bytes, offset_bytes, size_bytes)
        parts: list[bytes] = []
        while left > 0:
            index = bisect_right(self._starts, offset_bytes) - 1
            within = offset_bytes - self._starts[index]
            size = min(left, self._pieces[index].media_bytes - within)
            part = exactly(self._pieces[index], within, size)
            parts.append(part)
            offset_bytes += size
            left -= size
        return parts[0] if len(parts) == 1 else b"".join(parts)


class Zeros:
    """A stretch that reads as zeros by the rules of its format.

    Attributes:
        media_bytes: Its size.
    """

    def __init__(self, length_bytes: int) -> None:
        """Read as ``length_bytes`` zeros."""
        self.media_bytes = length_bytes

    def read_at(self, offset_bytes: int, size_bytes: int, /) -> bytes:
        """That many zeros, fewer only at the end."""
        return bytes(clipped(self.media_bytes, offset_bytes, size_bytes))


class Absent:
    """A stretch whose bytes cannot be had.

    Attributes:
        media_bytes: Its size.
    """

    def __init__(self, length_bytes: int, why: str) -> None:
        """Refuse every read, and say ``why``."""
        self.media_bytes = length_bytes
        self._why = why

    def read_at(self, offset_bytes: int, size_bytes: int, /) -> bytes:
        """Nothing but past the end.

        Raises:
            UnreadableRegionError: With the offset in this stretch.
        """
        size = clipped(self.media_bytes, offset_bytes, size_bytes)
        if size:
            raise UnreadableRegionError(offset_bytes, size, self._why)
        return b""


def exactly(source: Readable, offset_bytes: int, size_bytes: int) -> bytes:
    """That many bytes of ``source``, none fewer.

    Raises:
        UnreadableRegionError: They cannot be read, or ``source`` ends before.
    """
    data = source.read_at(offset_bytes, size_bytes)
    if len(data) != size_bytes:
        raise UnreadableRegionError(offset_bytes + len(data), size_bytes - len(data), "the media ends before it")
    return data
