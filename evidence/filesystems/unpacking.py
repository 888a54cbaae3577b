"""Compressed streams read at any place: decoders that go forward, and a bounded store of what they gave.

No declared size is believed: a stream is unpacked piece by piece, never further than its reader asks.
"""

from __future__ import annotations

import bz2
import io
import lzma
import threading
import zlib
from abc import ABC, abstractmethod
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

PIECE_BYTES = 1 << 18
"""What decoders are asked for at a time, and what is kept."""
MEMORY_BYTES = 256 << 20
"""The largest dictionary or window that a stream may ask for."""

_INPUT_BYTES = 1 << 16
_KEPT_PIECES, _OPEN_DECODERS, _COPIES_MAX = 64, 4, 32
_WINDOW_BITS_OF_GZIP = 31


class Feed(Protocol):
    """Where the compressed bytes come from."""

    def __call__(self, offset_bytes: int, size_bytes: int, /) -> bytes:
        """Bytes of the compressed stream, fewer at its end; raises OSError or UnreadableRegionError."""
        ...


class Decoder(ABC):
    """Unpacks one stream from its start on."""

    @abstractmethod
    def read(self, size_bytes: int) -> bytes:
        """The next bytes, at most so many; nothing only at the end. Raises OSError where the stream is damaged."""

    def copy(self) -> Decoder | None:
        """One that goes on from here independently; None where the format does not allow it."""
        return None


class Stored(Decoder):
    """A stream that is not compressed."""

    def __init__(self, feed: Feed, at: int = 0) -> None:
        """Start at a place of the stream."""
        self._feed, self._at = feed, at

    def read(self, size_bytes: int) -> bytes:
        """See :class:`Decoder`."""
        data = self._feed(self._at, size_bytes)
        self._at += len(data)
        return data

    def copy(self) -> Stored:
        """See :class:`Decoder`."""
        return Stored(self._feed, self._at)


class Deflate(Decoder):
    """Deflate, without a header (ZIP) or in members of gzip one behind the other."""

    def __init__(self, feed: Feed, *, gzip: bool = False) -> None:
        """Start at the first byte; with ``gzip`` headers and checksums are read and checked."""
        self._feed, self._gzip = feed, gzip
        self._at, self._input = 0, b""
        self._object = self._fresh()

    def read(self, size_bytes: int) -> bytes:
        """See :class:`Decoder`."""
        while True:
            if self._object.eof and not self._goes_on():
                return b""
            if not self._input:
                self._input = self._feed(self._at, _INPUT_BYTES)
                self._at += len(self._input)
            is_last = not self._input
            try:
                data = self._object.decompress(self._input, size_bytes)
            except zlib.error as error:
                raise OSError(f"deflate: {error}") from error
            self._input = self._object.unused_data if self._object.eof else self._object.unconsumed_tail
            if data:
                return data
            if is_last and not self._object.eof:
                raise OSError("the compressed stream ends too early")

    def copy(self) -> Deflate:
        """See :class:`Decoder`."""
        other = Deflate(self._feed, gzip=self._gzip)
        other._at, other._input, other._object = self._at, self._input, self._object.copy()
        return other

    def _fresh(self) -> zlib._Decompress:
        return zlib.decompressobj(_WINDOW_BITS_OF_GZIP if self._gzip else -zlib.MAX_WBITS)

    def _goes_on(self) -> bool:
        """Whether another member of gzip follows; zeros that fill up the medium do not count."""
        if not self._gzip:
            return False
        while len(self._input) < 2:
            more = self._feed(self._at, _INPUT_BYTES)
            self._at += len(more)
            self._input += more
            if not more:
                break
        if self._input[:2] != b"\x1f\x8b":
            return False
        self._object = self._fresh()
        return True


class _Incremental(Protocol):
    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, /, max_length: int = -1) -> bytes: ...


class Incremental(Decoder):
    """bzip2, xz and LZMA, which Python unpacks alike; several streams may follow each other."""

    def __init__(self, feed: Feed, fresh: Callable[[], _Incremental], start: int = 0, mark: bytes = b"") -> None:
        """Start at a place; ``mark`` begins a further stream, empty where there can be none."""
        self._feed, self._fresh, self._mark = feed, fresh, mark
        self._at, self._input = start, b""
        self._object = fresh()

    def read(self, size_bytes: int) -> bytes:
        """See :class:`Decoder`."""
        while True:
            if self._object.eof and not self._goes_on():
                return b""
            if self._object.needs_input and not self._input:
                self._input = self._feed(self._at, _INPUT_BYTES)
                self._at += len(self._input)
                if not self._input:
                    raise OSError("the compressed stream ends too early")
            given, self._input = self._input, b""
            try:
                data = self._object.decompress(given, size_bytes)
            except (OSError, EOFError, ValueError, lzma.LZMAError, MemoryError) as error:
                raise OSError(f"the compressed stream is damaged: {error}") from error
            if data:
                return data

    def _goes_on(self) -> bool:
        if not self._mark:
            return False
        rest = self._object.unused_data
        while len(rest) < len(self._mark) or not rest.strip(b"\0"):
            more = self._feed(self._at, _INPUT_BYTES)
            self._at += len(more)
            rest = rest.lstrip(b"\0") + more
            if not more:
                break
        rest = rest.lstrip(b"\0")
        if not rest.startswith(self._mark):
            return False
        self._object, self._input = self._fresh(), rest
        return True


class _File(io.RawIOBase):
    """What the library for Zstandard reads from."""

    def __init__(self, feed: Feed) -> None:
        self._feed, self._at = feed, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        data = self._feed(self._at, len(buffer))
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)


class Zstandard(Decoder):
    """Zstandard, in one or more frames."""

    def __init__(self, feed: Feed) -> None:
        """Start at the first frame."""
        import zstandard  # not needed for most archives

        self._error = zstandard.ZstdError
        library = zstandard.ZstdDecompressor(max_window_size=MEMORY_BYTES)
        file = io.BufferedReader(_File(feed), _INPUT_BYTES)
        self._reader = library.stream_reader(file, read_across_frames=True)

    def read(self, size_bytes: int) -> bytes:
        """See :class:`Decoder`."""
        try:
            return self._reader.read(size_bytes)
        except (self._error, MemoryError) as error:
            raise OSError(f"zstd: {error}") from error


def bzip2(feed: Feed) -> Decoder:
    """One or more streams of bzip2."""
    return Incremental(feed, bz2.BZ2Decompressor, mark=b"BZh")


def xz(feed: Feed) -> Decoder:
    """One or more streams of xz."""
    return Incremental(feed, lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, MEMORY_BYTES), mark=b"\xfd7zXZ\0")


def lzma_raw(feed: Feed, properties: bytes, start: int, size_bytes: int) -> Decoder:
    """LZMA without a header of its own.

    Args:
        feed: The stream.
        properties: The byte of lc, lp and pb, and the size of the dictionary.
        start: Where the stream begins in ``feed``.
        size_bytes: What it is declared to give; no dictionary larger than that is needed.

    Raises:
        OSError: The properties make no sense.
    """
    packed, wanted = properties[0], int.from_bytes(properties[1:5], "little")
    dictionary = max(4096, min(wanted, size_bytes))
    if len(properties) < 5 or packed >= 9 * 5 * 5 or dictionary > MEMORY_BYTES:
        raise OSError(f"LZMA: its properties are {properties.hex()}, which is not read")
    filters = [
        {
            "id": lzma.FILTER_LZMA1,
            "dict_size": dictionary,
            "lc": packed % 9,
            "lp": packed // 9 % 5,
            "pb": packed // 45,
        }
    ]
    try:
        return Incremental(feed, lambda: lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=filters), start)
    except (lzma.LZMAError, ValueError) as error:
        raise OSError(f"LZMA: its properties are {properties.hex()}: {error}") from error


@dataclass(slots=True)
class _Running:
    decoder: Decoder
    piece: int
    checksum: int
    rest: bytes = b""
    ended: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Packed:
    """A stream that can be unpacked.

    Attributes:
        key: Tells it from all others of the same :class:`Unpacker`.
        open: Makes a decoder at its start.
        size_bytes: What it must give; None where nothing says it.
        crc32: Of what it gives; None where nothing says it.
    """

    key: int
    open: Callable[[], Decoder]
    size_bytes: int | None
    crc32: int | None = None


class Unpacker:
    """Gives pieces of unpacked streams, and keeps what was used last: pieces, decoders, and places to go on from."""

    def __init__(self, on_work: Callable[[int], None] = lambda size_bytes: None) -> None:
        """Start with nothing; ``on_work`` is told of bytes that were unpacked, and what it raises passes through."""
        self._lock, self._on_work = threading.RLock(), on_work
        self._pieces: OrderedDict[tuple[int, int], bytes] = OrderedDict()
        self._running: OrderedDict[int, _Running] = OrderedDict()
        self._copies: OrderedDict[int, dict[int, _Running]] = OrderedDict()

    def read(self, packed: Packed, offset_bytes: int, size_bytes: int) -> bytes:
        """Bytes of what a stream gives, fewer only at its end.

        Raises:
            OSError: The stream is damaged, or does not give what it must.
            UnreadableRegionError: Its bytes cannot be read.
        """
        if packed.size_bytes is not None:
            size_bytes = min(size_bytes, packed.size_bytes - offset_bytes)
        found = []
        while size_bytes > 0:
            number, inside = divmod(offset_bytes, PIECE_BYTES)
            with self._lock:
                piece = self._piece(packed, number)
            part = piece[inside : inside + size_bytes]
            found.append(part)
            offset_bytes, size_bytes = offset_bytes + len(part), size_bytes - len(part)
            if len(piece) < PIECE_BYTES:
                break
        return b"".join(found)

    def _piece(self, packed: Packed, number: int) -> bytes:
        known = self._pieces.get((packed.key, number))
        if known is not None:
            self._pieces.move_to_end((packed.key, number))
            return known
        running = self._running.pop(packed.key, None)
        if running is None or running.piece > number:
            running = self._from_copy(packed, number)
        data = b""
        while running.piece <= number and not running.ended:
            self._keep_copy(packed.key, running)
            here, data = running.piece, self._next(packed, running)
            self._pieces[packed.key, here] = data
            while len(self._pieces) > _KEPT_PIECES:
                self._pieces.popitem(last=False)
        if running.piece <= number:
            return b""
        self._running[packed.key] = running
        while len(self._running) > _OPEN_DECODERS:
            self._running.popitem(last=False)
        return data

    def _next(self, packed: Packed, running: _Running) -> bytes:
        data = bytearray(running.rest)
        wanted = PIECE_BYTES
        if packed.size_bytes is not None:
            wanted = min(wanted, packed.size_bytes - running.piece * PIECE_BYTES)
        while len(data) < wanted:
            more = running.decoder.read(wanted - len(data))
            if not more:
                break
            data += more
        self._on_work(len(data))
        running.checksum = zlib.crc32(data, running.checksum)
        end = running.piece * PIECE_BYTES + len(data)
        running.piece += 1
        if len(data) < PIECE_BYTES:
            running.ended = True
        if packed.size_bytes is not None:
            self._check(packed, running, end)
        return bytes(data)

    def _check(self, packed: Packed, running: _Running, end: int) -> None:
        if packed.size_bytes is None or (end < packed.size_bytes and not running.ended):
            return
        if end < packed.size_bytes:
            raise OSError(f"the compressed stream gives {end} bytes instead of {packed.size_bytes}")
        if running.decoder.read(1):
            raise OSError(f"the compressed stream gives more than the {packed.size_bytes} bytes that are declared")
        if packed.crc32 is not None and packed.crc32 != running.checksum:
            raise OSError(f"the CRC-32 of the content is {running.checksum:08x}, {packed.crc32:08x} is stored")

    def _from_copy(self, packed: Packed, number: int) -> _Running:
        """The nearest place before a piece from which it can be reached."""
        copies = self._copies.get(packed.key, {})
        near = max((place for place in copies if place <= number), default=None)
        if near is not None:
            decoder = copies[near].decoder.copy()
            if decoder is not None:
                return _Running(decoder, near, copies[near].checksum)
        return _Running(packed.open(), 0, 0)

    def _keep_copy(self, key: int, running: _Running) -> None:
        """Keep a place to go on from now and then; where there are too many, every second one is given up."""
        if not running.piece:
            return
        copies = self._copies.setdefault(key, {})
        self._copies.move_to_end(key)
        step = min((b - a for a, b in zip(sorted(copies), sorted(copies)[1:], strict=False)), default=16)
        if running.piece in copies or running.piece < max(copies, default=0) + step:
            return
        decoder = running.decoder.copy()
        if decoder is None:
            return
        copies[running.piece] = _Running(decoder, running.piece, running.checksum)
        if len(copies) > _COPIES_MAX:
            for place in sorted(copies)[::2]:
                del copies[place]
        while len(self._copies) > _OPEN_DECODERS:
            self._copies.popitem(last=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class PackedContent:
    """The content that a stream gives; see :class:`evidence.filesystems.content.ContentSource`."""

    unpacker: Unpacker
    packed: Packed
    size_bytes: int

    def read(self, offset_bytes: int, size_bytes: int, /) -> bytes:
        """Bytes of the content."""
        return self.unpacker.read(self.packed, max(0, offset_bytes), size_bytes)
