"""Files that macOS compressed: the content is in an attribute or in the resource fork, by one of several methods.

Source: Apple's published XNU (``decmpfs.h``), and the documentation of libfsapfs, "Compression method".
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from evidence.filesystems.chunked import ChunkedContent
from evidence.filesystems.content import ContentSource, occupied_by
from evidence.filesystems.ranges import Range
from evidence.lzfse import unpack_lzfse, unpack_lzvn

CHUNK_BYTES = 1 << 16
HEADER_BYTES = 16
_MAGIC = b"fpmc"
_MAX_INLINE_BYTES = 1 << 24
_STORED_IN_ATTRIBUTE, _ZLIB, _LZVN, _STORED, _LZFSE = "uncompressed", "zlib", "LZVN", "stored", "LZFSE"
_IN_ATTRIBUTE = {1: _STORED_IN_ATTRIBUTE, 3: _ZLIB, 7: _LZVN, 9: _STORED, 11: _LZFSE}
_IN_FORK = {4: _ZLIB, 8: _LZVN, 10: _STORED, 12: _LZFSE}
_ELSEWHERE = {
    5: "is in a store of versions that is not in the file",
    13: "is compressed by LZBITMAP, whose format is not published",
    14: "is compressed by LZBITMAP, whose format is not published",
    0x80000001: "is not on this device; the file is only a placeholder for one kept elsewhere",
}


@dataclass(frozen=True, slots=True)
class Header:
    """What the attribute ``com.apple.decmpfs`` says.

    Attributes:
        method: How the content is compressed, and where it is.
        size_bytes: Its length when uncompressed.
    """

    method: int
    size_bytes: int


def header_of(attribute: bytes) -> Header:
    """The header at the start of the attribute.

    Raises:
        OSError: There is none, or it makes no sense.
    """
    if len(attribute) < HEADER_BYTES or attribute[:4] != _MAGIC:
        raise OSError("the header of the compressed content is damaged")
    header = Header(*struct.unpack_from("<IQ", attribute, 4))
    if header.size_bytes >> 63:
        raise OSError(f"the compressed content claims to have {header.size_bytes} bytes")
    return header


class CompressedContent(ChunkedContent):
    """The uncompressed content of a file.

    Attributes:
        size_bytes: As declared.
        is_in_fork: Whether it is in the resource fork.
    """

    def __init__(self, header: Header, attribute: ContentSource, fork: ContentSource | None) -> None:
        """Read from the attribute, with its header, or from the resource fork."""
        self.is_in_fork = header.method in _IN_FORK
        super().__init__(header.size_bytes, CHUNK_BYTES if self.is_in_fork else max(1, header.size_bytes))
        self._header, self._attribute, self._fork = header, attribute, fork

    def stored(self) -> Iterator[Range]:
        """See :class:`evidence.filesystems.content.Packed`."""
        yield from occupied_by(self._attribute)
        if self._fork is not None:
            yield from occupied_by(self._fork)

    def _unpacked(self, index: int) -> bytes:
        if self._header.method in _IN_ATTRIBUTE:
            return self._inline()
        if not self.is_in_fork:
            why = _ELSEWHERE.get(self._header.method, f"is compressed by method {self._header.method}, not known")
            raise OSError(f"the content {why}")
        start, length = self._table[index]
        if length > 2 * CHUNK_BYTES:
            raise OSError(f"chunk {index} of the compressed content claims to have {length} bytes")
        return _unpack(_IN_FORK[self._header.method], self._forked(start, length), self._size_of(index))

    def _inline(self) -> bytes:
        if max(self.size_bytes, self._attribute.size_bytes) > _MAX_INLINE_BYTES:
            raise OSError(f"the content claims to have {self.size_bytes} bytes inside an attribute")
        packed = self._attribute.read(HEADER_BYTES, self._attribute.size_bytes)
        return _unpack(_IN_ATTRIBUTE[self._header.method], packed, self.size_bytes)

    @cached_property
    def _table(self) -> list[tuple[int, int]]:
        """Where in the fork each chunk is, and its length."""
        count = -(-self.size_bytes // CHUNK_BYTES)
        if self._fork is None:
            raise OSError("the content is compressed in a resource fork, but there is none")
        if count * 4 > self._fork.size_bytes:
            raise OSError(f"the resource fork of {self._fork.size_bytes} bytes has no room for {count} chunks")
        if self._header.method == 4:
            return self._zlib_table(count)
        offsets = struct.unpack(f"<{count + 1}I", self._forked(0, 4 * (count + 1)))
        if offsets[0] < 4 * (count + 1) or any(a > b for a, b in pairwise(offsets)):
            raise OSError("the table of chunks in the resource fork contradicts itself")
        return [(start, end - start) for start, end in pairwise(offsets)]

    def _zlib_table(self, count: int) -> list[tuple[int, int]]:
        (start,) = struct.unpack(">I", self._forked(0, 4))
        (found,) = struct.unpack("<I", self._forked(start + 4, 4))
        if found != count:
            raise OSError(f"the resource fork has {found} chunks where the content needs {count}")
        table = struct.iter_unpack("<II", self._forked(start + 8, 8 * count))
        return [(start + 4 + offset, length) for offset, length in table]

    def _forked(self, offset_bytes: int, size_bytes: int) -> bytes:
        data = self._fork.read(offset_bytes, size_bytes) if self._fork is not None and size_bytes else b""
        if len(data) != size_bytes:
            raise OSError(f"the resource fork ends before byte {offset_bytes + size_bytes}")
        return data


def _unpack(method: str, packed: bytes, size_bytes: int) -> bytes:
    """One chunk; each method has a first byte that says that the rest is stored as it is."""
    if method == _STORED_IN_ATTRIBUTE:
        return _of_size(packed, size_bytes)
    first = packed[0] if packed else -1
    if (
        (method == _ZLIB and first & 0xF == 0xF)
        or (method == _LZVN and first == 0x06)
        or (method == _LZFSE and first in (0x06, 0xFF))
        or (method == _STORED and first == 0xCC)
    ):
        return _of_size(packed[1:], size_bytes)
    if method == _ZLIB:
        return _inflate(packed, size_bytes)
    if method == _STORED:
        raise OSError("the content is not marked as stored uncompressed")
    unpack: Callable[[bytes, int], bytes] = unpack_lzvn if method == _LZVN else unpack_lzfse
    return unpack(packed, size_bytes)


def _inflate(packed: bytes, size_bytes: int) -> bytes:
    try:
        return _of_size(zlib.decompressobj().decompress(packed, size_bytes + 1), size_bytes)
    except zlib.error as error:
        raise OSError(f"the compressed content is damaged: {error}") from error


def _of_size(data: bytes, size_bytes: int) -> bytes:
    if len(data) != size_bytes:
        raise OSError(f"the compressed content holds {len(data)} bytes, not {size_bytes}")
    return data
