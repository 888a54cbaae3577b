"""XPRESS with Huffman codes, as Windows packs files (WOF) and WIM archives.

Source: Microsoft's [MS-XCA], 2.2.4, "LZ77+Huffman Decompression Algorithm Details".
"""

from __future__ import annotations

from evidence.filesystems.huffman import copy_match, decoding_table

_TABLE_BYTES, _BITS, _SYMBOLS_OF_BYTES = 256, 15, 256
_LONG, _LEAST_MATCH = 15, 3
_MOST_BEHIND_END = 6
"""A reader looks ahead by up to so many bytes."""


def unpack_xpress(data: bytes, size_bytes: int) -> bytes:
    """The content of one chunk.

    Args:
        data: The chunk.
        size_bytes: How long the content is.

    Raises:
        OSError: It is damaged, or of another length.
    """
    if len(data) < _TABLE_BYTES:
        raise OSError("the XPRESS data are cut off in their table")
    table = decoding_table([part for byte in data[:_TABLE_BYTES] for part in (byte & 15, byte >> 4)], _BITS)
    chunk = _Chunk(data)
    try:
        plain = chunk.unpack(table, size_bytes)
    except IndexError as error:
        raise OSError("the XPRESS data are cut off") from error
    if chunk.missing > chunk.spare + 16:
        raise OSError("the XPRESS data are cut off")
    return plain


class _Chunk:
    """One chunk while it is unpacked.

    Attributes:
        spare: How many bits are at hand behind the next sixteen.
        missing: How many of them are not in the data, but looked for behind their end.
    """

    def __init__(self, data: bytes) -> None:
        self._data, self._end, self._at = data + bytes(_MOST_BEHIND_END), len(data), _TABLE_BYTES
        self._bits = self.missing = 0
        self.spare = -16
        self._fill()
        self._fill()

    def unpack(self, table: list[int], size_bytes: int) -> bytes:
        plain = bytearray()
        while len(plain) < size_bytes:
            found = table[self._bits >> 17]
            if not found & 31:
                raise OSError("the XPRESS data have a code that stands for nothing")
            self._take(found & 31)
            symbol = found >> 5
            if symbol < _SYMBOLS_OF_BYTES:
                plain.append(symbol)
                continue
            length, width = symbol & 15, symbol >> 4 & 15
            if length == _LONG:
                length = self._long_length()
            distance = (self._bits >> (32 - width)) + (1 << width)
            self._take(width)
            length += _LEAST_MATCH
            if len(plain) + length > size_bytes:
                raise OSError(f"the XPRESS data unpack to more than {size_bytes} bytes")
            copy_match(plain, distance, length)
        return bytes(plain)

    def _take(self, count: int) -> None:
        self._bits, self.spare = self._bits << count & 0xFFFFFFFF, self.spare - count
        if self.spare < 0:
            self._fill()

    def _fill(self) -> None:
        at = self._at
        self.missing += 16 * (at + 2 > self._end)
        self._bits |= (self._data[at] | self._data[at + 1] << 8) << -self.spare
        self._at, self.spare = at + 2, self.spare + 16

    def _bytes(self, count: int) -> int:
        """A number that stands between the bits."""
        at, self._at = self._at, self._at + count
        if self._at > self._end:
            raise OSError("the XPRESS data are cut off")
        return int.from_bytes(self._data[at : at + count], "little")

    def _long_length(self) -> int:
        """The length of a match that its symbol has no room for."""
        length = self._bytes(1)
        if length < 255:
            return length + _LONG
        length = self._bytes(2) or self._bytes(4)
        if length < _LONG:
            raise OSError("the XPRESS data have a match with a wrong length")
        return length
