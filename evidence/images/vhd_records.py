"""The structures of a VHD: footer, header of dynamic disks, and what they say of a parent.

Source: "Virtual Hard Disk Image Format Specification", version 1.0, Microsoft.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from evidence.images.signatures import VHD_FOOTER_BYTES, VHD_FOOTER_MARK

SECTOR_BYTES = 512
"""Before Virtual PC 2004 the footer had one byte less."""
HEADER_BYTES = 1024
HEADER_MARK = b"cxsparse"
FIXED, DYNAMIC, DIFFERENCING = 2, 3, 4
KINDS = {FIXED: "fixed", DYNAMIC: "dynamic", DIFFERENCING: "differencing"}
UNUSED = 0xFFFFFFFF
"""An entry of the block allocation table without a block."""
LOCATOR_MAX_BYTES = 64 * 1024
SIZE_MAX_BYTES = 1 << 46
"""64 TiB; the table of a dynamic disk cannot reach further than 2 TiB."""

_VERSION = 0x00010000
_FOOTER = struct.Struct(">8sIIQI4sI4sQQHBBII16s")
_HEADER = struct.Struct(">8sQQIIII16sI4x512s")
_LOCATOR = struct.Struct(">4sII4xQ")
_LOCATORS = 8
_LOCATORS_AT = 576
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_BY_GEOMETRY = (b"vpc ", b"qemu")
"""What these programs made has the size that the geometry gives; the others mean the size they wrote down."""
_GEOMETRY_MAX = 65535 * 16 * 255


class NoRecordError(Exception):
    """The bytes are not the structure. Never leaves the reader."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Footer:
    """The footer, or its copy at the front.

    Attributes:
        kind: ``FIXED``, ``DYNAMIC`` or ``DIFFERENCING``.
        header_at_bytes: Where the header of a dynamic disk lies.
        size_bytes: The "current size".
        geometry_sectors: Cylinders times heads times sectors.
        is_whole: Whether its checksum is right.
    """

    kind: int
    header_at_bytes: int
    created_s: int
    creator: bytes
    creator_version: int
    host: bytes
    original_bytes: int
    size_bytes: int
    geometry: tuple[int, int, int]
    identifier: UUID
    is_whole: bool

    @property
    def geometry_bytes(self) -> int:
        """The size by the geometry."""
        cylinders, heads, sectors = self.geometry
        return cylinders * heads * sectors * SECTOR_BYTES

    @property
    def media_bytes(self) -> int:
        """The size that a machine saw: by the geometry for what Virtual PC and early versions of QEMU made."""
        by_geometry = self.creator in _BY_GEOMETRY and self.geometry_bytes != _GEOMETRY_MAX * SECTOR_BYTES
        return self.geometry_bytes if by_geometry and self.geometry_bytes else self.size_bytes

    def metadata(self) -> dict[str, str]:
        """What it says of itself."""
        created = _EPOCH + timedelta(seconds=self.created_s)
        major, minor = divmod(self.creator_version, 0x10000)
        found = {
            "disk_type": KINDS[self.kind],
            "created_at": created.strftime("%Y-%m-%dT%H:%M:%SZ") if self.created_s else "",
            "software": _text(self.creator),
            "software_version": f"{major}.{minor}",
            "os": {b"Wi2k": "Windows", b"Mac ": "Macintosh"}.get(self.host, _text(self.host)),
            "geometry": "/".join(str(number) for number in self.geometry),
            "current_size_bytes": str(self.size_bytes),
            "original_size_bytes": str(self.original_bytes),
            "unique_id": str(self.identifier),
        }
        return {key: value for key, value in found.items() if value}


@dataclass(frozen=True, slots=True, kw_only=True)
class Locator:
    """Where one platform's name of the parent lies in the file."""

    platform: bytes
    length_bytes: int
    offset_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """The header of a dynamic or differencing disk.

    Attributes:
        table_at_bytes: Where the block allocation table lies.
        entries: How many entries it has.
        block_bytes: Media bytes in a block.
        parent_id: The identifier of the parent's footer.
        parent_name: The parent's name.
        is_whole: Whether its checksum is right.
    """

    table_at_bytes: int
    entries: int
    block_bytes: int
    parent_id: UUID
    parent_name: str
    locators: tuple[Locator, ...]
    is_whole: bool

    @property
    def bitmap_bytes(self) -> int:
        """Size of the bitmap before the data of each block: whole sectors."""
        bits = self.block_bytes // SECTOR_BYTES
        return -(-bits // (8 * SECTOR_BYTES)) * SECTOR_BYTES


def is_footer(data: bytes) -> bool:
    """Whether 511 or 512 bytes are a footer."""
    try:
        read_footer(data)
    except NoRecordError:
        return False
    return True


def read_footer(data: bytes) -> Footer:
    """Read a footer of 511 or 512 bytes.

    Raises:
        NoRecordError: It is none: not its mark, or no version, kind or size that there is.
    """
    data = data.ljust(VHD_FOOTER_BYTES, b"\0")
    mark, _, version, header_at, created, creator, creator_version, host, *rest = _FOOTER.unpack_from(data)
    original, size, cylinders, heads, sectors, kind, stored, identifier = rest
    if mark != VHD_FOOTER_MARK or version != _VERSION or kind not in KINDS or not 0 < size <= SIZE_MAX_BYTES:
        raise NoRecordError("there is no footer of a VHD")
    return Footer(
        kind=kind,
        header_at_bytes=header_at,
        created_s=created,
        creator=creator,
        creator_version=creator_version,
        host=host,
        original_bytes=original,
        size_bytes=size,
        geometry=(cylinders, heads, sectors),
        identifier=UUID(bytes=identifier),
        is_whole=_checksum(data, 64) == stored,
    )


def read_header(data: bytes) -> Header:
    """Read the header of a dynamic disk.

    Raises:
        NoRecordError: It is none, or its blocks have a size that there is not.
    """
    if len(data) < HEADER_BYTES:
        raise NoRecordError("the header of the dynamic disk is cut off")
    mark, _, table_at, version, entries, block, stored, parent_id, _, name = _HEADER.unpack_from(data)
    if mark != HEADER_MARK or version != _VERSION:
        raise NoRecordError("there is no header of a dynamic disk")
    if block < SECTOR_BYTES or block & (block - 1):
        raise NoRecordError(f"the header gives blocks of {block} bytes, which is no power of two of sectors")
    places = (_LOCATOR.unpack_from(data, _LOCATORS_AT + number * _LOCATOR.size) for number in range(_LOCATORS))
    return Header(
        table_at_bytes=table_at,
        entries=entries,
        block_bytes=block,
        parent_id=UUID(bytes=parent_id),
        parent_name=name.decode("utf-16-be", "replace").split("\0")[0],
        locators=tuple(
            Locator(platform=platform, length_bytes=length, offset_bytes=offset)
            for platform, _, length, offset in places
            if platform.strip(b"\0") and 0 < length <= LOCATOR_MAX_BYTES
        ),
        is_whole=_checksum(data[:HEADER_BYTES], 36) == stored,
    )


def locator_name(platform: bytes, data: bytes) -> str:
    """What a locator calls the parent; "" for a platform whose names cannot be looked up, such as an alias."""
    if platform in (b"W2ru", b"W2ku"):
        return data[: len(data) & ~1].decode("utf-16-le", "replace").split("\0")[0]
    if platform == b"MacX":
        return data.decode("utf-8", "replace").split("\0")[0]
    if platform in (b"Wi2r", b"Wi2k"):
        return data.decode("cp1252", "replace").split("\0")[0]
    return ""


def _checksum(data: bytes, field_at: int) -> int:
    """The one's complement of the sum of all bytes but the checksum's own."""
    return ~(sum(data) - sum(data[field_at : field_at + 4])) & 0xFFFFFFFF


def _text(data: bytes) -> str:
    return data.decode("ascii", "replace").strip(" \0")
