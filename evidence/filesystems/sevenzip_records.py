"""The headers of 7z archives: how their streams are packed, and what is told of each member.

Source: ``7zFormat.txt`` and ``Methods.txt`` of the LZMA SDK (public domain).
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass, field

SIGNATURE = b"7z\xbc\xaf\x27\x1c"
SIGNATURE_HEADER_BYTES = 32
MEMBERS_MAX = 500_000
AES = b"\x06\xf1\x07\x01"

_HEADER, _ARCHIVE_PROPERTIES, _ADDITIONAL_STREAMS, _MAIN_STREAMS, _FILES, ENCODED_HEADER = 1, 2, 3, 4, 5, 0x17
_PACK_INFO, _UNPACK_INFO, _SUB_STREAMS, _SIZES, _DIGESTS, _FOLDER, _UNPACK_SIZES, _COUNTS = range(6, 14)
_EMPTY_STREAM, _EMPTY_FILE, _ANTI, _NAMES = range(0x0E, 0x12)
_CREATED, _ACCESSED, _MODIFIED, _ATTRIBUTES = range(0x12, 0x16)
_PROPERTIES = {
    _EMPTY_STREAM: "which members have no content", _EMPTY_FILE: "which of these are files",
    _ANTI: "which are anti-items",
    _NAMES: "names", _CREATED: "times of creation", _ACCESSED: "times of access", _MODIFIED: "times of modification",
    _ATTRIBUTES: "attributes",
}  # fmt: skip
_PASSED_OVER = frozenset({0x18, 0x19})
"""Where members start in a stream, and what only fills up."""
_CODERS_MAX, _STREAMS_MAX = 32, 32
_SIZE_MAX = 1 << 62


class DamagedHeaderError(OSError):
    """What lists the members makes no sense."""


@dataclass(frozen=True, slots=True)
class Coder:
    """One step of unpacking; its streams are numbered through all coders of the block."""

    method: bytes
    inputs: int
    outputs: int
    properties: bytes


@dataclass(slots=True)
class Block:
    """What is unpacked in one go, with one member or, in solid archives, many; 7-Zip calls it a folder.

    Attributes:
        bonds: The outgoing stream that each incoming one is fed by.
        packed: The incoming streams that are fed from the archive, in its order.
        sizes: What each outgoing stream gives, in bytes.
        crc32: Of all that it gives, where that is stored.
        places: Where each stream of ``packed`` lies in the archive, and its length, in bytes.
    """

    coders: tuple[Coder, ...]
    bonds: dict[int, int]
    packed: tuple[int, ...]
    sizes: tuple[int, ...] = ()
    crc32: int | None = None
    places: tuple[tuple[int, int], ...] = ()

    @property
    def size_bytes(self) -> int:
        """What it gives in all."""
        return self.sizes[self.main]

    @property
    def main(self) -> int:
        """The outgoing stream that feeds no other coder."""
        return next(number for number in range(len(self.sizes)) if number not in self.bonds.values())


@dataclass(frozen=True, slots=True)
class Part:
    """Where in what a block gives a member lies; the CRC-32 is None where none is stored."""

    block: int
    offset_bytes: int
    size_bytes: int
    crc32: int | None


@dataclass(slots=True)
class Member:
    """What is told of a member; times are the 100 ns of Windows since 1601, in UTC."""

    path: bytes = b""
    part: Part | None = None
    is_folder: bool = False
    is_anti: bool = False
    attributes: int = 0
    modified: int | None = None
    accessed: int | None = None
    created: int | None = None


@dataclass(slots=True)
class Streams:
    """All blocks, what they are divided into, and what in the list of members no packer writes, as sentences."""

    blocks: list[Block] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)
    odd: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Start:
    """Where the list of members lies, and its checksum."""

    offset_bytes: int
    size_bytes: int
    crc32: int


def start_of(head: bytes) -> Start:
    """What the first 32 bytes tell; raises DamagedHeaderError."""
    if len(head) < SIGNATURE_HEADER_BYTES:
        raise DamagedHeaderError(f"it ends at byte {len(head)}, within its first header")
    stored, offset, size, crc32 = struct.unpack_from("<IQQI", head, 8)
    found = zlib.crc32(head[12:SIGNATURE_HEADER_BYTES])
    if found != stored:
        raise DamagedHeaderError(f"the CRC-32 of its first header is {found:08x}, {stored:08x} is stored")
    return Start(SIGNATURE_HEADER_BYTES + offset, size, crc32)


def is_encoded(header: bytes) -> bool:
    """Whether the list of members is packed itself."""
    return header[:1] == bytes([ENCODED_HEADER])


def packed_header(header: bytes) -> Block:
    """How a packed list of members is to be unpacked; raises DamagedHeaderError."""
    streams = _Parser(header, 1).guarded_streams()
    if len(streams.blocks) != 1:
        raise DamagedHeaderError(f"its list of members is packed in {len(streams.blocks)} blocks")
    return streams.blocks[0]


def members_of(header: bytes) -> tuple[Streams, list[Member]]:
    """The blocks and the members that a plain list tells of; raises DamagedHeaderError."""
    if header[:1] != bytes([_HEADER]):
        raise DamagedHeaderError("its list of members does not begin as one does")
    return _Parser(header, 1).header()


class _Parser:
    def __init__(self, data: bytes, at: int) -> None:
        self._data, self._at = data, at

    def guarded_streams(self) -> Streams:
        try:
            return self._streams()
        except (IndexError, struct.error, StopIteration) as error:
            raise DamagedHeaderError("its list of members ends too early or contradicts itself") from error

    def header(self) -> tuple[Streams, list[Member]]:
        try:
            return self._header()
        except (IndexError, struct.error, StopIteration) as error:
            raise DamagedHeaderError("its list of members ends too early or contradicts itself") from error

    def _header(self) -> tuple[Streams, list[Member]]:
        streams, members = Streams(), list[Member]()
        while kind := self._number():
            if kind == _ARCHIVE_PROPERTIES:
                while self._number():
                    self._take(self._number())
            elif kind == _ADDITIONAL_STREAMS:
                raise DamagedHeaderError("it keeps parts of its list of members elsewhere, which is not read")
            elif kind == _MAIN_STREAMS:
                streams = self._streams()
            elif kind == _FILES:
                members = self._files(streams)
            else:
                raise DamagedHeaderError(f"its list of members has a part of the unknown kind {kind}")
        if left := len(self._data) - self._at:
            streams.odd.append(f"{left} bytes follow behind the end of the list of members, and are not read.")
        return streams, members

    def _streams(self) -> Streams:
        streams, place, sizes = Streams(), 0, list[int]()
        while kind := self._number():
            if kind == _PACK_INFO:
                place, sizes = self._pack_info()
            elif kind == _UNPACK_INFO:
                streams.blocks = self._unpack_info()
                streams.parts = [Part(n, 0, b.size_bytes, b.crc32) for n, b in enumerate(streams.blocks)]
            elif kind == _SUB_STREAMS:
                streams.parts = self._sub_streams(streams.blocks)
            else:
                raise DamagedHeaderError(f"what tells of its streams has a part of the unknown kind {kind}")
        at, unused = place + SIGNATURE_HEADER_BYTES, iter(sizes)
        for block in streams.blocks:
            places = []
            for _ in block.packed:
                size = next(unused)
                places.append((at, size))
                at += size
            block.places = tuple(places)
        if left := sum(1 for _ in unused):
            streams.odd.append(f"The list of members names {left} packed streams that no member is in.")
        return streams

    def _pack_info(self) -> tuple[int, list[int]]:
        place, count = self._size(), self._count(MEMBERS_MAX)
        sizes = list[int]()
        while kind := self._number():
            if kind == _SIZES:
                sizes = [self._size() for _ in range(count)]
            elif kind == _DIGESTS:
                self._digests(count)
            else:
                raise DamagedHeaderError(f"what tells of its packed streams has a part of the unknown kind {kind}")
        return place, sizes

    def _unpack_info(self) -> list[Block]:
        self._expect(_FOLDER)
        count = self._count(MEMBERS_MAX)
        self._not_elsewhere()
        blocks = [self._block() for _ in range(count)]
        self._expect(_UNPACK_SIZES)
        for block in blocks:
            block.sizes = tuple(self._size() for coder in block.coders for _ in range(coder.outputs))
            _ = block.main
        while kind := self._number():
            if kind != _DIGESTS:
                raise DamagedHeaderError(f"what tells of its blocks has a part of the unknown kind {kind}")
            for block, crc32 in zip(blocks, self._digests(count), strict=True):
                block.crc32 = crc32
        return blocks

    def _block(self) -> Block:
        coders = []
        for _ in range(self._count(_CODERS_MAX)):
            flags = self._take(1)[0]
            if flags & 0xC0:
                raise DamagedHeaderError("it uses coders in a way that no version of 7-Zip does")
            method = self._take(flags & 0xF)
            inputs, outputs = (self._count(_STREAMS_MAX), self._count(_STREAMS_MAX)) if flags & 0x10 else (1, 1)
            coders.append(Coder(method, inputs, outputs, self._take(self._number()) if flags & 0x20 else b""))
        inputs = sum(coder.inputs for coder in coders)
        outputs = sum(coder.outputs for coder in coders)
        bonds = dict[int, int]()
        for _ in range(outputs - 1):
            into = self._count(inputs - 1)
            bonds[into] = self._count(outputs - 1)
        packed = [number for number in range(inputs) if number not in bonds]
        if not packed or len(bonds) != outputs - 1 or len(set(bonds.values())) != len(bonds):
            raise DamagedHeaderError("its coders are bound to each other in a way that makes no sense")
        if len(packed) > 1:
            told = [self._count(inputs - 1) for _ in packed]
            if sorted(told) != packed:
                raise DamagedHeaderError("its coders are bound to each other in a way that makes no sense")
            packed = told
        return Block(tuple(coders), bonds, tuple(packed))

    def _sub_streams(self, blocks: list[Block]) -> list[Part]:
        counts, kind = [1] * len(blocks), self._number()
        if kind == _COUNTS:
            counts = [self._number() for _ in blocks]
            kind = self._number()
        if sum(counts) > MEMBERS_MAX:
            raise DamagedHeaderError(f"it declares {sum(counts)} contents; up to {MEMBERS_MAX} are read")
        sized = []
        for number, (block, count) in enumerate(zip(blocks, counts, strict=True)):
            at = 0
            for index in range(count):
                last = index == count - 1
                size = block.size_bytes - at if last else self._size() if kind == _SIZES else -1
                if size < 0:
                    raise DamagedHeaderError("the sizes of its contents do not add up")
                sized.append((number, at, size, block.crc32 if count == 1 else None))
                at += size
        if kind == _SIZES:
            kind = self._number()
        unknown = [place for place, one in enumerate(sized) if one[3] is None]
        crcs: dict[int, int | None] = {place: one[3] for place, one in enumerate(sized)}
        while kind:
            if kind != _DIGESTS:
                raise DamagedHeaderError(f"what tells of its contents has a part of the unknown kind {kind}")
            crcs |= dict(zip(unknown, self._digests(len(unknown)), strict=True))
            kind = self._number()
        return [Part(block, at, size, crcs[place]) for place, (block, at, size, _) in enumerate(sized)]

    def _files(self, streams: Streams) -> list[Member]:
        members, seen = [Member() for _ in range(self._count(MEMBERS_MAX))], set[int]()
        empty, files, anti = [False] * len(members), list[bool](), list[bool]()
        while kind := self._number():
            size = self._number()
            inner = _Parser(self._take(size), 0)
            what = _PROPERTIES.get(kind)
            if kind in seen:
                streams.odd.append(f"The list of members gives {what or f'what is of kind {kind}'} more than once.")
            elif what is None and kind not in _PASSED_OVER:
                streams.odd.append(f"The list of members has something of the unknown kind {kind}, which is not read.")
            seen |= {kind} - _PASSED_OVER
            if kind == _EMPTY_STREAM:
                empty = inner.bits(len(members))
            elif kind == _EMPTY_FILE:
                files = inner.bits(sum(empty))
            elif kind == _ANTI:
                anti = inner.bits(sum(empty))
            elif kind == _NAMES:
                inner.names(members)
            elif kind in (_CREATED, _ACCESSED, _MODIFIED):
                name = {_CREATED: "created", _ACCESSED: "accessed", _MODIFIED: "modified"}[kind]
                inner.values(members, name, "<Q")
            elif kind == _ATTRIBUTES:
                inner.values(members, "attributes", "<I")
            if what and (left := inner.left_bytes):
                streams.odd.append(f"The list of members gives {what} in {left} bytes more than they need.")
        parts, without = iter(streams.parts), 0
        for member, is_empty in zip(members, empty, strict=True):
            if is_empty:
                member.is_folder = not (files[without] if files else False)
                member.is_anti = anti[without] if anti else False
                without += 1
            else:
                member.part = next(parts)
        if next(parts, None) is not None:
            raise DamagedHeaderError("it has more contents than members")
        return members

    @property
    def left_bytes(self) -> int:
        """How much has not been read."""
        return len(self._data) - self._at

    def bits(self, count: int) -> list[bool]:
        raw = self._take((count + 7) // 8)
        return [bool(raw[index >> 3] & 0x80 >> (index & 7)) for index in range(count)]

    def names(self, members: list[Member]) -> None:
        self._not_elsewhere()
        for member in members:
            end = self._data.find(b"\0\0", self._at)
            while (end - self._at) % 2 and end >= 0:
                end = self._data.find(b"\0\0", end + 1)
            if end < 0:
                raise IndexError
            text = self._data[self._at : end].decode("utf-16-le", errors="surrogatepass")
            member.path = text.encode(errors="surrogatepass")
            self._at = end + 2

    def values(self, members: list[Member], name: str, form: str) -> None:
        known = [True] * len(members) if self._take(1)[0] else self.bits(len(members))
        self._not_elsewhere()
        step = struct.calcsize(form)
        for member, is_known in zip(members, known, strict=True):
            if is_known:
                setattr(member, name, struct.unpack(form, self._take(step))[0])

    def _digests(self, count: int) -> list[int | None]:
        known = [True] * count if self._take(1)[0] else self.bits(count)
        return [struct.unpack("<I", self._take(4))[0] if is_known else None for is_known in known]

    def _not_elsewhere(self) -> None:
        if self._take(1)[0]:
            raise DamagedHeaderError("it keeps parts of its list of members elsewhere, which is not read")

    def _expect(self, kind: int) -> None:
        if self._number() != kind:
            raise DamagedHeaderError("its list of members lacks a part")

    def _count(self, most: int) -> int:
        count = self._number()
        if count > most:
            raise DamagedHeaderError(f"its list of members declares {count} of something; up to {most} are read")
        return count

    def _size(self) -> int:
        size = self._number()
        if size > _SIZE_MAX:
            raise DamagedHeaderError(f"it declares a size or place of {size} bytes, which cannot be")
        return size

    def _number(self) -> int:
        """The leading ones of the first byte say how many bytes follow; its other bits are the highest."""
        first, value, mask = self._take(1)[0], 0, 0x80
        for index in range(8):
            if not first & mask:
                return value | (first & (mask - 1)) << 8 * index
            value |= self._take(1)[0] << 8 * index
            mask >>= 1
        return value

    def _take(self, size: int) -> bytes:
        if size > len(self._data) - self._at:
            raise IndexError
        data = self._data[self._at : self._at + size]
        self._at += size
        return data
