"""What blocks of 7z archives unpack to: chains of coders, each fed by the next.

Source: ``Methods.txt`` and ``7zFormat.txt`` of the LZMA SDK (public domain).
"""

from __future__ import annotations

import lzma
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from evidence.filesystems.content import UNREADABLE
from evidence.filesystems.sevenzip_filters import Arm64, Bcj2
from evidence.filesystems.sevenzip_records import AES, Block, Coder
from evidence.filesystems.unpacking import (
    MEMORY_BYTES,
    Decoder,
    Deflate,
    Feed,
    Incremental,
    Packed,
    Stored,
    Unpacker,
    Zstandard,
    bzip2,
    lzma_raw,
)
from evidence.volumes.base import Readable, Window

_LZMA, _LZMA2, _DELTA, _BCJ2 = b"\x03\x01\x01", b"\x21", b"\x03", b"\x03\x03\x01\x1b"
_PIECE_BYTES, _STEP_BYTES = 1 << 15, 1 << 14
_SMALLEST_DICTIONARY_BYTES = 4096
_FILTERS = {
    b"\x04": lzma.FILTER_X86, b"\x03\x03\x01\x03": lzma.FILTER_X86,
    b"\x05": lzma.FILTER_POWERPC, b"\x03\x03\x02\x05": lzma.FILTER_POWERPC,
    b"\x06": lzma.FILTER_IA64, b"\x03\x03\x04\x01": lzma.FILTER_IA64,
    b"\x07": lzma.FILTER_ARM, b"\x03\x03\x05\x01": lzma.FILTER_ARM,
    b"\x08": lzma.FILTER_ARMTHUMB, b"\x03\x03\x07\x01": lzma.FILTER_ARMTHUMB,
    b"\x09": lzma.FILTER_SPARC, b"\x03\x03\x08\x05": lzma.FILTER_SPARC,
}  # fmt: skip
_NAMES = {
    b"\x0b": "the filter for RISC-V",
    b"\x03\x04\x01": "PPMd", b"\x04\x01\x09": "Deflate64", b"\x02\x03\x02": "Swap2", b"\x02\x03\x04": "Swap4",
    b"\x04\xf7\x11\x02": "Brotli", b"\x04\xf7\x11\x04": "LZ4", b"\x04\xf7\x11\x05": "LZS",
}  # fmt: skip


class Blocks:
    """The blocks of one archive, unpacked as far as they are asked for.

    What a block gives up to where its stream is damaged is given; behind that every read raises the same error at
    once, so that a solid block of many members is not unpacked again for each of them.
    """

    def __init__(self, source: Readable, blocks: list[Block], unpacker: Unpacker) -> None:
        """Unpack ``blocks`` of ``source`` by ``unpacker``."""
        self._source, self._blocks, self._unpacker = source, blocks, unpacker
        self._broken: dict[int, tuple[int, Exception]] = {}

    def why_not(self, number: int) -> str | None:
        """Why a block cannot be unpacked at all; None where it can be tried."""
        block = self._blocks[number]
        if any(coder.method == AES for coder in block.coders):
            return "the content is encrypted (AES-256 of 7-Zip)"
        for coder in block.coders:
            known = coder.method in _FILTERS or coder.method in _CODERS or coder.method == _BCJ2
            if not known or (coder.inputs, coder.outputs) != (4 if coder.method == _BCJ2 else 1, 1):
                name = _NAMES.get(coder.method, "a method that is not known")
                return f"the content is packed by {name} (method {coder.method.hex()}), which is not read"
        for start, size in block.places:
            if start + size > self._source.media_bytes:
                return f"the archive ends before byte {start + size}, where the packed content ends"
        return None

    def read(self, number: int, offset_bytes: int, size_bytes: int) -> bytes:
        """Bytes of what a block gives.

        Raises:
            OSError: It cannot be unpacked so far; says why.
            UnreadableRegionError: Its bytes cannot be read.
        """
        if number not in self._broken:
            if why := self.why_not(number):
                raise OSError(why)
            try:
                return self._unpacker.read(self._whole(number), offset_bytes, size_bytes)
            except UNREADABLE:
                if number not in self._broken:
                    raise
        sound_bytes, error = self._broken[number]
        if offset_bytes + size_bytes > sound_bytes:
            raise error
        return self._unpacker.read(self._sound(number, sound_bytes), offset_bytes, size_bytes)

    def _whole(self, number: int) -> Packed:
        def on_damage(at: int, error: Exception) -> None:
            self._broken[number] = (at, error)

        block = self._blocks[number]
        return Packed(
            key=2 * number,
            open=lambda: _Watched(_decoder(self._source, block, block.main), on_damage),
            size_bytes=block.size_bytes,
            crc32=block.crc32,
        )

    def _sound(self, number: int, size_bytes: int) -> Packed:
        """What comes before the damage."""
        block = self._blocks[number]
        return Packed(
            key=2 * number + 1,
            open=lambda: _Bounded(
                _Watched(_decoder(self._source, block, block.main), lambda at, error: None), size_bytes
            ),
            size_bytes=None,
        )


class _Watched(Decoder):
    """Remembers where a stream turned out to be damaged, to a small step."""

    def __init__(self, inner: Decoder, on_damage: Callable[[int, Exception], None]) -> None:
        self._inner, self._on_damage, self._given = inner, on_damage, 0

    def read(self, size_bytes: int) -> bytes:
        try:
            data = self._inner.read(min(size_bytes, _STEP_BYTES))
        except UNREADABLE as error:
            self._on_damage(self._given, error)
            raise
        self._given += len(data)
        return data


class _Bounded(Decoder):
    """A stream that does not tell where it ends."""

    def __init__(self, inner: Decoder, size_bytes: int) -> None:
        self._inner, self._left = inner, size_bytes

    def read(self, size_bytes: int) -> bytes:
        data = self._inner.read(min(size_bytes, self._left)) if self._left else b""
        self._left -= len(data)
        return data


class _AsLzma2:
    """A stream as unpacked chunks of LZMA2: filters of liblzma work only behind a packing, and this one packs nothing.

    Behind it a filter knows where the stream ends, which LZMA would not tell it.
    """

    def __init__(self, feed: Feed) -> None:
        self._feed, self._at, self._held = feed, 0, b""
        self._ended = False

    def __call__(self, offset_bytes: int, size_bytes: int, /) -> bytes:
        if not self._held and not self._ended:
            data = self._feed(self._at, _PIECE_BYTES)
            control = b"\x02" if self._at else b"\x01"  # the first one empties the dictionary
            self._held = control + (len(data) - 1).to_bytes(2, "big") + data if data else b"\0"
            self._at, self._ended = self._at + len(data), not data
        given, self._held = self._held[:size_bytes], self._held[size_bytes:]
        return given


def _decoder(source: Readable, block: Block, output: int) -> Decoder:
    """What gives an outgoing stream; every coder has one, so that both have the same number."""
    coder, given = block.coders[output], block.sizes[output]
    first = sum(one.inputs for one in block.coders[:output])
    feeds = [_feed(source, block, first + index) for index in range(coder.inputs)]
    if coder.method == _BCJ2:
        main, calls, jumps, bits = (_in_order(feed) for feed in feeds)
        return Bcj2(main, calls, jumps, bits)
    if coder.method in _FILTERS:
        start = int.from_bytes(coder.properties[:4], "little")
        return _filtered(feeds[0], {"id": _FILTERS[coder.method], "start_offset": start})
    return _CODERS[coder.method](feeds[0], coder, given)


def _feed(source: Readable, block: Block, into: int) -> Feed:
    """What an incoming stream is fed by: another coder, or the archive."""
    if into in block.bonds:
        inner = _decoder(source, block, block.bonds[into])
        return lambda offset_bytes, size_bytes: inner.read(size_bytes)
    start, size = block.places[block.packed.index(into)]
    return Window(source, start, size).read_at


def _in_order(feed: Feed) -> Callable[[int], bytes]:
    return Stored(feed).read


def _filtered(feed: Feed, chain: dict[str, Any]) -> Decoder:
    filters = [chain, {"id": lzma.FILTER_LZMA2, "dict_size": _SMALLEST_DICTIONARY_BYTES}]
    try:
        return Incremental(_AsLzma2(feed), lambda: lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=filters))
    except (lzma.LZMAError, ValueError) as error:
        raise OSError(f"the properties of its filter make no sense: {error}") from error


def _lzma(feed: Feed, coder: Coder, size_bytes: int) -> Decoder:
    if len(coder.properties) != 5:
        raise OSError(f"LZMA: its properties are {coder.properties.hex()}, which is not read")
    return _Bounded(lzma_raw(feed, coder.properties, 0, size_bytes), size_bytes)


def _lzma2(feed: Feed, coder: Coder, size_bytes: int) -> Decoder:
    wanted = coder.properties[0] if len(coder.properties) == 1 else 41
    dictionary = (1 << 32) - 1 if wanted == 40 else (2 | wanted & 1) << (wanted // 2 + 11)
    dictionary = max(_SMALLEST_DICTIONARY_BYTES, min(dictionary, size_bytes))
    if wanted > 40 or dictionary > MEMORY_BYTES:
        told = (
            f"its properties are {coder.properties.hex()}" if wanted > 40 else f"it needs {dictionary} bytes of memory"
        )
        raise OSError(f"LZMA2: {told}, which is not read")
    filters = [{"id": lzma.FILTER_LZMA2, "dict_size": dictionary}]
    return Incremental(feed, lambda: lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=filters))


def _delta(feed: Feed, coder: Coder, size_bytes: int) -> Decoder:
    return _filtered(feed, {"id": lzma.FILTER_DELTA, "dist": (coder.properties[0] if coder.properties else 0) + 1})


def _arm64(feed: Feed, coder: Coder, size_bytes: int) -> Decoder:
    start = int.from_bytes(coder.properties, "little")
    if len(coder.properties) not in (0, 4) or start % 4:
        raise OSError(f"the properties of the filter for ARM64 are {coder.properties.hex()}, which is not read")
    return Arm64(_in_order(feed), start)


_CODERS: dict[bytes, Callable[[Feed, Coder, int], Decoder]] = {
    b"\x00": lambda feed, coder, size_bytes: Stored(feed),
    _LZMA: _lzma,
    _LZMA2: _lzma2,
    _DELTA: _delta,
    b"\x0a": _arm64,
    b"\x04\x01\x08": lambda feed, coder, size_bytes: Deflate(feed),
    b"\x04\x02\x02": lambda feed, coder, size_bytes: bzip2(feed),
    b"\x04\xf7\x11\x01": lambda feed, coder, size_bytes: Zstandard(feed),
}


@dataclass(slots=True)
class PartContent:
    """The content of a member; its checksum is compared whenever it is read from start to end."""

    blocks: Blocks
    block: int
    start: int
    size_bytes: int
    crc32: int | None
    _next: int = field(default=0, init=False)
    _sum: int = field(default=0, init=False)

    def read(self, offset_bytes: int, size_bytes: int, /) -> bytes:
        """Bytes of the content; see :class:`evidence.filesystems.content.ContentSource`."""
        offset = max(0, offset_bytes)
        size = max(0, min(size_bytes, self.size_bytes - offset))
        if not size:
            return b""
        data = self.blocks.read(self.block, self.start + offset, size)
        if offset == 0:
            self._next = self._sum = 0
        if offset == self._next and self.crc32 is not None:
            self._sum, self._next = zlib.crc32(data, self._sum), self._next + len(data)
            if self._next == self.size_bytes and self._sum != self.crc32:
                raise OSError(f"the CRC-32 of the content is {self._sum:08x}, {self.crc32:08x} is stored")
        return data
