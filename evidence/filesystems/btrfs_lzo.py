"""LZO1X as Btrfs keeps it, decoded after the published description of its instruction stream.

Btrfs cuts an extent into segments of at most one sector; each begins with its length, and no length crosses a sector.
"""

from __future__ import annotations

_SEGMENT_LENGTH_BYTES = 4


def decompress_extent(data: bytes, size_bytes: int, sector_bytes: int) -> bytes:
    """The content of a compressed extent, at most ``size_bytes``.

    Raises:
        OSError: It is damaged.
    """
    total = int.from_bytes(data[:4], "little")
    if not _SEGMENT_LENGTH_BYTES < total <= len(data):
        raise OSError(f"LZO: a length of {total} is declared for {len(data)} bytes")
    out, at = bytearray(), _SEGMENT_LENGTH_BYTES
    while at < total and len(out) < size_bytes:
        if sector_bytes - at % sector_bytes < _SEGMENT_LENGTH_BYTES:
            at += sector_bytes - at % sector_bytes
        length = int.from_bytes(data[at : at + 4], "little")
        at += _SEGMENT_LENGTH_BYTES
        if not 0 < length <= total - at:
            raise OSError(f"LZO: a segment of {length} bytes at {at} lies outside the extent")
        out += decompress(data[at : at + length], sector_bytes)
        at += length
    return bytes(out[:size_bytes])


def decompress(data: bytes, limit_bytes: int) -> bytes:
    """One LZO1X stream.

    Raises:
        OSError: It is damaged, or gives more than ``limit_bytes``.
    """
    try:
        return _Stream(data, limit_bytes).run()
    except IndexError:
        raise OSError("LZO: the stream ends too early") from None


class _Stream:
    def __init__(self, data: bytes, limit_bytes: int) -> None:
        self._data, self._limit_bytes = data, limit_bytes
        self._at = 0
        self._out = bytearray()

    def run(self) -> bytes:
        """All instructions; ``state`` is how many literals followed the last match, 4 after a run of literals."""
        data = self._data
        state = 0
        if data[0] > 17:
            count = data[0] - 17
            self._at = 1
            self._literals(count)
            state = min(count, 4)
        while True:
            code = data[self._at]
            self._at += 1
            if code < 16 and state == 0:
                self._literals(3 + self._length(code, 15))
                state = 4
                continue
            length, distance, state = self._match(code, state)
            if not length:
                return bytes(self._out)
            self._copy(length, distance)
            self._literals(state)

    def _match(self, code: int, state: int) -> tuple[int, int, int]:
        """Length, distance, and how many literals follow; a length of 0 is the end."""
        data = self._data
        if code >= 64 or code < 16:
            high = data[self._at]
            self._at += 1
            if code >= 64:
                return (code >> 5) + 1, (code >> 2 & 7) + (high << 3) + 1, code & 3
            near = (code >> 2) + (high << 2) + 1
            return (3, near + 2048, code & 3) if state == 4 else (2, near, code & 3)
        if code >= 32:
            length = 2 + self._length(code & 31, 31)
            low = data[self._at] | data[self._at + 1] << 8
            self._at += 2
            return length, (low >> 2) + 1, low & 3
        length = 2 + self._length(code & 7, 7)
        low = data[self._at] | data[self._at + 1] << 8
        self._at += 2
        distance = 16384 + ((code & 8) << 11) + (low >> 2)
        return (0, 0, 0) if distance == 16384 else (length, distance, low & 3)

    def _length(self, value: int, most: int) -> int:
        """A length that goes on in further bytes when its own bits are all zero."""
        if value:
            return value
        start = self._at
        while self._data[self._at] == 0:
            self._at += 1
        value = most + (self._at - start) * 255 + self._data[self._at]
        self._at += 1
        return value

    def _literals(self, count: int) -> None:
        piece = self._data[self._at : self._at + count]
        if len(piece) < count:
            raise OSError("LZO: the stream ends too early")
        self._at += count
        self._out += piece
        self._check()

    def _copy(self, length: int, distance: int) -> None:
        out = self._out
        start = len(out) - distance
        if start < 0:
            raise OSError("LZO: a match lies before the start")
        if length + len(out) > self._limit_bytes:
            raise OSError(f"LZO: a segment gives more than {self._limit_bytes} bytes")
        if distance >= length:
            out += out[start : start + length]
        else:
            pattern = bytes(out[start:])
            out += (pattern * (length // distance + 1))[:length]

    def _check(self) -> None:
        if len(self._out) > self._limit_bytes:
            raise OSError(f"LZO: a segment gives more than {self._limit_bytes} bytes")
