"""LZX in chunks of at most 32 KiB that stand alone, as Windows packs files (WOF) and WIM archives.

Source: Microsoft's [MS-PATCH], "LZX DELTA Compression and Decompression", and its paper on the WIM format. Of LZX in
cabinets it differs in this: a bit says whether a block has 32 KiB, and calls of x86 code are always translated.
"""

from __future__ import annotations

import struct

from evidence.filesystems.huffman import copy_match, decoding_table

CHUNK_BYTES = 1 << 15
_VERBATIM, _ALIGNED, _STORED = 1, 2, 3
_SLOTS, _LENGTHS, _PRE = 30, 249, 20
_TRANSLATED_BYTES = 12_000_000
_FOOTER_BITS = [0, 0, *(max(0, slot // 2 - 1) for slot in range(2, _SLOTS))]
_BASES = [sum(1 << bits for bits in _FOOTER_BITS[:slot]) for slot in range(_SLOTS)]
_MOST_BEHIND_END = 8


def unpack_lzx(data: bytes, size_bytes: int) -> bytes:
    """The content of one chunk.

    Args:
        data: The chunk.
        size_bytes: How long the content is, at most ``CHUNK_BYTES``.

    Raises:
        OSError: It is damaged, or of another length.
    """
    if size_bytes > CHUNK_BYTES:
        raise OSError(f"a chunk of LZX data has {size_bytes} bytes")
    try:
        return _translated(_Chunk(data).unpack(size_bytes))
    except (IndexError, struct.error) as error:
        raise OSError("the LZX data are cut off") from error


class _Chunk:
    """One chunk while it is unpacked."""

    def __init__(self, data: bytes) -> None:
        self._data, self._at = data + bytes(_MOST_BEHIND_END), 0
        self._bits = self._count = self._missing = 0
        self._plain = bytearray()
        self._recent = [1, 1, 1]
        self._main = [0] * (256 + 8 * _SLOTS)
        self._lengths = [0] * _LENGTHS

    def unpack(self, size_bytes: int) -> bytes:
        while len(self._plain) < size_bytes:
            kind = self._read(3)
            size = CHUNK_BYTES if self._read(1) else self._read(16)
            end = len(self._plain) + size
            if not size or (end > size_bytes and size != CHUNK_BYTES):
                raise OSError(f"a block of the LZX data claims to have {size} bytes")
            end = min(end, size_bytes)
            if kind == _STORED:
                self._stored(end)
            elif kind in (_VERBATIM, _ALIGNED):
                self._packed(end, is_aligned=kind == _ALIGNED)
            else:
                raise OSError(f"the LZX data have a block of kind {kind}, which there is not")
        if self._missing > self._count:
            raise OSError("the LZX data are cut off")
        return bytes(self._plain)

    def _need(self, count: int) -> None:
        while self._count < count:
            self._missing += 16 * (self._at + 2 > len(self._data) - _MOST_BEHIND_END)
            self._bits = self._bits << 16 | self._data[self._at] | self._data[self._at + 1] << 8
            self._at, self._count = self._at + 2, self._count + 16

    def _read(self, count: int) -> int:
        self._need(count)
        self._count -= count
        value = self._bits >> self._count
        self._bits &= (1 << self._count) - 1
        return value

    def _symbol(self, table: list[int], width: int) -> int:
        self._need(width)
        found = table[self._bits >> (self._count - width)]
        used = found & 31
        if not used:
            raise OSError("the LZX data have a code that stands for nothing")
        self._count -= used
        self._bits &= (1 << self._count) - 1
        return found >> 5

    def _stored(self, end: int) -> None:
        """A block that is stored as it is, behind the recent distances, from an even place on."""
        self._at = ((self._at * 8 - self._count) // 16 + 1) * 2
        self._bits = self._count = 0
        self._recent = list(struct.unpack_from("<3I", self._data, self._at))
        length, self._at = end - len(self._plain), self._at + 12
        if self._at + length > len(self._data) - _MOST_BEHIND_END:
            raise OSError("the LZX data are cut off")
        self._plain += self._data[self._at : self._at + length]
        self._at += length + length % 2

    def _packed(self, end: int, *, is_aligned: bool) -> None:
        aligned = decoding_table([self._read(3) for _ in range(8)], 7) if is_aligned else []
        self._read_lengths(self._main, 0, 256)
        self._read_lengths(self._main, 256, len(self._main))
        self._read_lengths(self._lengths, 0, _LENGTHS)
        main, lengths = decoding_table(self._main, 16), decoding_table(self._lengths, 16)
        plain = self._plain
        while len(plain) < end:
            symbol = self._symbol(main, 16)
            if symbol < 256:
                plain.append(symbol)
                continue
            slot, length = (symbol - 256) >> 3, (symbol & 7) + 2
            if length == 9:
                length += self._symbol(lengths, 16)
            distance = self._distance(slot, aligned)
            if len(plain) + length > end:
                raise OSError("a match of the LZX data goes beyond its block")
            copy_match(plain, distance, length)

    def _distance(self, slot: int, aligned: list[int]) -> int:
        recent = self._recent
        if slot < 3:
            recent[0], recent[slot] = recent[slot], recent[0]
            return recent[0]
        bits = _FOOTER_BITS[slot]
        if aligned and bits >= 3:
            extra = self._read(bits - 3) << 3
            extra |= self._symbol(aligned, 7)
        else:
            extra = self._read(bits)
        recent[:] = (_BASES[slot] + extra - 2, recent[0], recent[1])
        return recent[0]

    def _read_lengths(self, lengths: list[int], first: int, end: int) -> None:
        """Lengths of codes, as differences from those before, themselves in a code."""
        table = decoding_table([self._read(4) for _ in range(_PRE)], 15)
        at = first
        while at < end:
            code = self._symbol(table, 15)
            if code < 17:
                lengths[at] = (lengths[at] - code) % 17
                at += 1
                continue
            if code == 19:
                count = 4 + self._read(1)
                code = self._symbol(table, 15)
                if code > 16:
                    raise OSError("the LZX data have a length of a code that makes no sense")
                value = (lengths[at] - code) % 17
            else:
                count, value = (4 + self._read(4)) if code == 17 else (20 + self._read(5)), 0
            if at + count > end:
                raise OSError("the LZX data have lengths of more codes than there are")
            lengths[at : at + count] = [value] * count
            at += count


def _translated(plain: bytes) -> bytes:
    """With the targets of calls as distances again; the packer made them absolute, to find more matches."""
    at, last = plain.find(b"\xe8"), len(plain) - 10
    if not 0 <= at < last:
        return plain
    data = bytearray(plain)
    while 0 <= at < last:
        (target,) = struct.unpack_from("<i", data, at + 1)
        if -at <= target < _TRANSLATED_BYTES:
            struct.pack_into("<i", data, at + 1, target - at if target >= 0 else target + _TRANSLATED_BYTES)
        at = data.find(b"\xe8", at + 5)
    return bytes(data)
