"""A volume shown otherwise than it lies there, so that a reader finds what it would not look for."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence

from evidence.filesystems.ranges import Range
from evidence.volumes.base import Readable


class Rearranged:
    """A volume in which bytes are replaced, and which goes on behind its end with stretches of itself.

    Attributes:
        media_bytes: Its size with them.
        moved_bytes: Their size.
    """

    def __init__(
        self, source: Readable, end_bytes: int, replaced: Mapping[int, bytes], moved: Sequence[Range] = ()
    ) -> None:
        """Show ``source`` up to ``end_bytes`` with ``replaced`` (bytes by place), and then the stretches ``moved``."""
        self._source, self._end = source, end_bytes
        self._replaced, self._moved = sorted(replaced.items()), moved
        self._starts, self.media_bytes = [], end_bytes
        for _, length in moved:
            self._starts.append(self.media_bytes)
            self.media_bytes += length
        self.moved_bytes = self.media_bytes - end_bytes

    def read_at(self, offset_bytes: int, size_bytes: int, /) -> bytes:
        """See :class:`evidence.volumes.base.Readable`."""
        if offset_bytes >= self._end:
            return self._behind(offset_bytes, size_bytes)
        size = min(size_bytes, self._end - offset_bytes)
        data = self._source.read_at(offset_bytes, size)
        for place, shown in self._replaced:
            first, last = max(place, offset_bytes), min(place + len(shown), offset_bytes + len(data))
            if first < last:
                data = data[: first - offset_bytes] + shown[first - place : last - place] + data[last - offset_bytes :]
        if size < size_bytes and len(data) == size:
            data += self._behind(self._end, size_bytes - size)
        return data

    def _behind(self, offset_bytes: int, size_bytes: int) -> bytes:
        data, end = bytearray(), min(offset_bytes + size_bytes, self.media_bytes)
        while offset_bytes + len(data) < end:
            at = offset_bytes + len(data)
            index = bisect_right(self._starts, at) - 1
            start, length = self._moved[index]
            within = at - self._starts[index]
            wanted = min(length - within, end - at)
            data += self._source.read_at(start + within, wanted)
            if len(data) != at + wanted - offset_bytes:
                break
        return bytes(data)
