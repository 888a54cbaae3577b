"""What a Core Storage physical volume says of itself, and the logical volumes in its encrypted metadata.

Source: "FileVault Drive Encryption (FVDE)", J. Metz (libfvde). Published volumes show beside it that the tweak of an
encrypted metadata block is its number.
"""

from __future__ import annotations

import struct
import uuid
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from evidence.errors import UnreadableRegionError
from evidence.images.base import Problem
from evidence.images.crc32c import crc32c
from evidence.volumes.base import Readable, peek
from evidence.volumes.ciphers import XtsSectors
from evidence.volumes.corestorage_plist import PlistError, Value, dictionary, parse, text

HEADER_BYTES = 512
FAMILY, LOGICAL, CHAIN, SEGMENTS, EXTENTS = 0x0019, 0x001A, 0x0024, 0x0305, 0x0505

_BLOCK_BYTES, _BLOCK_HEADER = 8192, 64
_WANTED = frozenset({FAMILY, LOGICAL, CHAIN, SEGMENTS, EXTENTS})
_MAX_METADATA_BYTES = 256 << 20
_MAX_PLIST_BYTES = 16 << 20
_READ_BYTES = 1 << 20
_PLACE_BITS = 48
_WIPED = b"LVFwiped"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Header:
    """The physical volume header.

    Attributes:
        block_bytes: In which the physical volume counts.
        volume_bytes: Size of the physical volume.
        metadata: Offsets of the copies of the disk label.
        metadata_bytes: Size of each.
        key: Key of the encrypted metadata.
        physical_id: Identifier of the physical volume.
        group_id: Identifier of the group it belongs to.
    """

    block_bytes: int
    volume_bytes: int
    metadata: tuple[int, ...]
    metadata_bytes: int
    key: bytes
    physical_id: uuid.UUID
    group_id: uuid.UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A run of blocks of a logical volume.

    Attributes:
        logical: Number of its first block in the logical volume.
        blocks: How many they are.
        physical: Number of its first block in the physical volume.
        index: Which physical volume of the group that is.
    """

    logical: int
    blocks: int
    physical: int
    index: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LogicalVolume:
    """A logical volume, by the latest of its descriptions.

    Attributes:
        name: As the user named it.
        id: Its identifier.
        family_id: Identifier of the family, part of its key.
        volume_bytes: Its size.
        content: What it should hold, such as ``Apple_HFS``.
        segments: Where its blocks are, in order.
        family: The family's property list; empty where it was wiped or is damaged.
    """

    name: str
    id: str
    family_id: str
    volume_bytes: int
    content: str
    segments: tuple[Segment, ...]
    family: dict[str, Value]


@dataclass(slots=True)
class Found:
    """What the metadata holds, and what is wrong with it."""

    volumes: list[LogicalVolume] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    is_wiped: bool = False
    index: int = 0

    def damage(self, what: str, offset_bytes: int | None) -> None:
        """Note damage."""
        self.problems.append(Problem(what=what, where="", offset_bytes=offset_bytes))


def read_header(raw: bytes) -> Header | None:
    """The header in a sector; None where its signature or its checksum is wrong, or its sizes cannot be."""
    if len(raw) < HEADER_BYTES or raw[88:90] != b"CS" or raw[8:12] != b"\x01\x00\x10\x00":
        return None
    if not _is_right(raw[:HEADER_BYTES]):
        return None
    volume_bytes = struct.unpack_from("<Q", raw, 64)[0]
    copies, block, size = struct.unpack_from("<HII", raw, 94)
    key_bytes, method = struct.unpack_from("<II", raw, 168)
    if block not in (512, 1024, 2048, 4096, 8192) or (key_bytes, method) != (16, 2) or size > _MAX_METADATA_BYTES:
        return None
    numbers = struct.unpack_from("<8Q", raw, 104)[: min(copies, 8)]
    return Header(
        block_bytes=block,
        volume_bytes=volume_bytes,
        metadata=tuple(number * block for number in numbers if number),
        metadata_bytes=size,
        key=raw[176:192],
        physical_id=uuid.UUID(bytes=raw[304:320]),
        group_id=uuid.UUID(bytes=raw[320:336]),
    )


def read_metadata(source: Readable, header: Header) -> Found:
    """The logical volumes that the metadata describes, damage told by its problems."""
    found = Found()
    for offset in header.metadata:
        places = _label(source, header, offset, found)
        for place, size in places:
            blocks = list(_blocks(source, header, place, size, found))
            if blocks:
                _Catalogue(blocks, found, header.block_bytes).fill()
                return found
    found.damage("Core Storage: no encrypted metadata can be found by any copy of the disk label.", None)
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class _Block:
    kind: int
    transaction: int
    object_id: int
    data: bytes
    offset_bytes: int


def _is_right(block: bytes) -> bool:
    """Whether the CRC-32C at the start is that of the rest; its last inversion is left out."""
    return int.from_bytes(block[:4], "little") == crc32c(block[8:]) ^ 0xFFFFFFFF


def _label(source: Readable, header: Header, offset: int, found: Found) -> list[tuple[int, int]]:
    """Where one copy of the disk label says that the encrypted metadata is: offset and size."""
    block = peek(source, offset, _BLOCK_BYTES)
    if len(block) < _BLOCK_BYTES or block[10:12] != b"\x11\x00" or not _is_right(block):
        found.damage("Core Storage: this copy of the disk label is missing, or its checksum is wrong.", offset)
        return []
    at = struct.unpack_from("<I", block, _BLOCK_HEADER + 156)[0]
    found.index = struct.unpack_from("<H", block, _BLOCK_HEADER + 174)[0]
    group = peek(source, offset + at, 48) if at + 48 <= header.metadata_bytes else b""
    if len(group) < 48:
        found.damage("Core Storage: the description of the group lies outside the disk label.", offset)
        return []
    size = struct.unpack_from("<Q", group, 8)[0] * header.block_bytes
    if size > _MAX_METADATA_BYTES:
        found.damage(f"Core Storage: {size} bytes of encrypted metadata are more than is read.", offset + at + 8)
        return []
    places = []
    for index in (32, 40):
        number, volume = _place(struct.unpack_from("<Q", group, index)[0])
        if number and volume == found.index:
            places.append((number * header.block_bytes, size))
    return places


def _place(value: int) -> tuple[int, int]:
    """A block number and the index of the physical volume it counts in."""
    return value & ((1 << _PLACE_BITS) - 1), value >> _PLACE_BITS


def _blocks(source: Readable, header: Header, place: int, size: int, found: Found) -> Iterator[_Block]:
    """The blocks of the wanted kinds; their checksums are looked at when they are used."""
    cipher = XtsSectors(header.key + header.physical_id.bytes, sector_bytes=_BLOCK_BYTES)
    for at in range(0, size, _READ_BYTES):
        try:
            raw = source.read_at(place + at, min(_READ_BYTES, size - at))
        except UnreadableRegionError as error:
            found.damage(f"Core Storage: a part of the encrypted metadata cannot be read: {error}", place + at)
            continue
        for start in range(0, len(raw) - _BLOCK_BYTES + 1, _BLOCK_BYTES):
            sealed = raw[start : start + _BLOCK_BYTES]
            if not any(sealed):
                continue
            block = cipher.decrypt(sealed, (at + start) // _BLOCK_BYTES)
            version, kind = struct.unpack_from("<HH", block, 8)
            found.is_wiped |= block[:8] == _WIPED and kind == FAMILY
            if version == 1 and kind in _WANTED and block[:8] != _WIPED:
                transaction, object_id = struct.unpack_from("<QQ", block, 16)
                yield _Block(
                    kind=kind,
                    transaction=transaction,
                    object_id=object_id,
                    data=block,
                    offset_bytes=place + at + start,
                )


class _Catalogue:
    """The blocks of the metadata by what they describe, the latest first."""

    def __init__(self, blocks: list[_Block], found: Found, block_bytes: int) -> None:
        self._found, self._block_bytes = found, block_bytes
        self._by_object: dict[tuple[int, int], list[_Block]] = {}
        for block in sorted(blocks, key=lambda block: block.transaction, reverse=True):
            self._by_object.setdefault((block.kind, block.object_id), []).append(block)

    def fill(self) -> None:
        """Put every logical volume into what was found."""
        for kind, object_id in list(self._by_object):
            if kind == LOGICAL and (block := self._latest(LOGICAL, object_id)) is not None:
                volume = self._volume(block)
                if volume is not None:
                    self._found.volumes.append(volume)
        self._found.volumes.sort(key=lambda volume: volume.id)

    def _latest(self, kind: int, object_id: int) -> _Block | None:
        """The latest description of an object whose checksum is right."""
        for block in self._by_object.get((kind, object_id), ()):
            if _is_right(block.data):
                return block
            self._found.damage(
                f"Core Storage: the checksum of a metadata block of type 0x{kind:04x} is wrong.", block.offset_bytes
            )
        return None

    def _volume(self, block: _Block) -> LogicalVolume | None:
        family_object, segments_object = struct.unpack_from("<QQ", block.data, _BLOCK_HEADER)
        extents_object = struct.unpack_from("<Q", block.data, _BLOCK_HEADER + 48)[0]
        start, size = struct.unpack_from("<II", block.data, _BLOCK_HEADER + 64)
        facts = self._parsed(block.data[start : start + size], block)
        volume_bytes = facts.get("com.apple.corestorage.lv.size")
        if not isinstance(volume_bytes, int) or not 0 < volume_bytes < 1 << 62:
            self._found.damage("Core Storage: a logical volume does not say how large it is.", block.offset_bytes)
            return None
        return LogicalVolume(
            name=text(facts.get("com.apple.corestorage.lv.name")),
            id=text(facts.get("com.apple.corestorage.lv.uuid")),
            family_id=text(facts.get("com.apple.corestorage.lv.familyUUID")),
            volume_bytes=volume_bytes,
            content=text(facts.get("com.apple.corestorage.lv.contenthint")),
            segments=self._segments(segments_object, extents_object),
            family=self._family(family_object),
        )

    def _segments(self, object_id: int, extents_id: int) -> tuple[Segment, ...]:
        """The runs of blocks; relative to the extent that is named beside them, where one is."""
        block = self._latest(SEGMENTS, object_id)
        if block is None:
            self._found.damage("Core Storage: nothing tells where a logical volume lies.", None)
            return ()
        based = self._base(extents_id)
        if based is None:
            self._found.damage("Core Storage: where the segments of a volume begin is not told.", block.offset_bytes)
            return ()
        base, base_index = based
        count = struct.unpack_from("<I", block.data, _BLOCK_HEADER)[0]
        if count > (_BLOCK_BYTES - _BLOCK_HEADER - 8) // 40:
            self._found.damage(f"Core Storage: {count} segments do not fit into their block.", block.offset_bytes)
            return ()
        segments = []
        for entry in range(count):
            at = _BLOCK_HEADER + 8 + 40 * entry
            logical, blocks = struct.unpack_from("<QI", block.data, at + 8)
            physical, index = _place(struct.unpack_from("<Q", block.data, at + 32)[0])
            segments.append(
                Segment(logical=logical, blocks=blocks, physical=base + physical, index=index or base_index)
            )
        return tuple(sorted(segments, key=lambda segment: segment.logical))

    def _base(self, object_id: int) -> tuple[int, int] | None:
        """The first block of the extent, and the index of its physical volume; None where it is named but lost."""
        if not object_id:
            return 0, 0
        block = self._latest(EXTENTS, object_id)
        if block is None:
            return None
        count, _, _, place = struct.unpack_from("<IIQQ", block.data, _BLOCK_HEADER)
        if count > 1:
            what = f"Core Storage: {count} extents hold the logical volume; how the later ones count is not known."
            self._found.damage(what, block.offset_bytes)
        return _place(place) if count else (0, 0)

    def _family(self, object_id: int) -> dict[str, Value]:
        block = self._latest(FAMILY, object_id)
        if block is None:
            return {}
        following = struct.unpack_from("<Q", block.data, _BLOCK_HEADER + 32)[0]
        stored, whole, start, size = struct.unpack_from("<4I", block.data, _BLOCK_HEADER + 40)
        parts, seen = [block.data[start : start + size]], set[int]()
        while following and following not in seen:
            seen.add(following)
            link = self._latest(CHAIN, following)
            if link is None:
                self._found.damage("Core Storage: the encryption context breaks off.", block.offset_bytes)
                return {}
            following, length = struct.unpack_from("<QI", link.data, _BLOCK_HEADER)
            parts.append(link.data[_BLOCK_HEADER + 16 :][:length])
        data = b"".join(parts)
        if stored != whole:
            data = _inflated(data)
        return self._parsed(data, block)

    def _parsed(self, data: bytes, block: _Block) -> dict[str, Value]:
        try:
            return dictionary(parse(data))
        except PlistError as error:
            what = f"Core Storage: the property list in a block of type 0x{block.kind:04x} cannot be read: {error}."
            self._found.damage(what, block.offset_bytes)
            return {}


def _inflated(data: bytes) -> bytes:
    try:
        return zlib.decompressobj().decompress(data, _MAX_PLIST_BYTES)
    except zlib.error:
        return b""
