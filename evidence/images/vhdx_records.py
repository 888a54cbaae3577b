"""The structures of a VHDX: headers, regions, metadata, and what is said of a parent.

Source: [MS-VHDX], "Virtual Hard Disk v2 (VHDX) File Format", Microsoft.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from evidence.images.crc32c import crc32c

HEADERS_AT_BYTES = (64 * 1024, 128 * 1024)
HEADER_BYTES = 4096
REGIONS_AT_BYTES = (192 * 1024, 256 * 1024)
REGION_TABLE_BYTES = 64 * 1024
METADATA_TABLE_BYTES = 64 * 1024
MIB = 1024 * 1024
NO_LOG = UUID(int=0)
BAT_REGION = UUID("2dc27766-f623-4200-9d64-115e9bfd4a08")
METADATA_REGION = UUID("8b7ca206-4790-4b9a-b8fe-575f050f886e")

_FILE_PARAMETERS = UUID("caa16737-fa36-4d43-b3b6-33f0aa44e76b")
_DISK_SIZE = UUID("2fa54224-cd1b-4876-b211-5dbed83bf4b8")
_DISK_ID = UUID("beca12ab-b2e6-4523-93ef-c309e000c746")
_LOGICAL_SECTOR = UUID("8141bf1d-a96f-4709-ba47-f233a8faab5f")
_PHYSICAL_SECTOR = UUID("cda348c7-445d-4471-9cc9-e9885251c556")
_PARENT_LOCATOR = UUID("a8d35f2d-b30b-454d-abf7-d3d84834ab0c")
_KNOWN_ITEMS = {_FILE_PARAMETERS, _DISK_SIZE, _DISK_ID, _LOGICAL_SECTOR, _PHYSICAL_SECTOR, _PARENT_LOCATOR}
_VHDX_LOCATOR = UUID("b04aefb7-d19e-4a81-b789-25b8e9445913")

_HEADER = struct.Struct("<4sIQ16s16s16sHHIQ")
_ENTRY = struct.Struct("<16sQII")
_ITEM = struct.Struct("<16sIII4x")
_ITEMS_MAX = 2047
_ITEM_MAX_BYTES = MIB
_IS_USER, _IS_REQUIRED = 1, 4
_BLOCK_MIN_BYTES, _BLOCK_MAX_BYTES = MIB, 256 * MIB
_DISK_MAX_BYTES = 64 << 40
_CHECKSUM_AT = 4


class BadRecordError(Exception):
    """A structure is wrong; the message says how. Never leaves the reader."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """One of the two headers; the one with the higher sequence number counts."""

    sequence: int
    data_write_id: UUID
    log_id: UUID
    log_version: int
    log_bytes: int
    log_at_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionPlace:
    """Where a region lies in the file."""

    offset_bytes: int
    length_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Disk:
    """What the metadata says of the disk.

    Attributes:
        block_bytes: Media bytes in a payload block.
        is_fixed: Whether all blocks are meant to stay allocated.
        has_parent: Whether it is a differencing disk.
        parent: What it says of its parent, by key.
    """

    block_bytes: int
    is_fixed: bool
    has_parent: bool
    media_bytes: int
    sector_bytes: int
    physical_sector_bytes: int
    identifier: UUID | None
    parent: Mapping[str, str]


def read_header(data: bytes) -> Header:
    """Read a header.

    Raises:
        BadRecordError: Its mark, checksum or version is wrong.
    """
    if len(data) < HEADER_BYTES or not data.startswith(b"head"):
        raise BadRecordError("it is missing")
    _check(data)
    _, _, sequence, _, data_write, log_id, log_version, version, log_bytes, log_at = _HEADER.unpack_from(data)
    if version != 1:
        raise BadRecordError(f"its version {version} is not known")
    return Header(
        sequence=sequence,
        data_write_id=UUID(bytes_le=data_write),
        log_id=UUID(bytes_le=log_id),
        log_version=log_version,
        log_bytes=log_bytes,
        log_at_bytes=log_at,
    )


def read_regions(data: bytes) -> dict[UUID, RegionPlace]:
    """Read a region table.

    Raises:
        BadRecordError: Its mark or checksum is wrong, a region lies where none can, or an unknown one is required.
    """
    if len(data) < REGION_TABLE_BYTES or not data.startswith(b"regi"):
        raise BadRecordError("it is missing")
    _check(data)
    count = int.from_bytes(data[8:12], "little")
    if count > _ITEMS_MAX:
        raise BadRecordError(f"it claims {count} entries")
    found: dict[UUID, RegionPlace] = {}
    for number in range(count):
        raw, offset, length, required = _ENTRY.unpack_from(data, 16 + number * _ENTRY.size)
        identifier = UUID(bytes_le=raw)
        if identifier not in (BAT_REGION, METADATA_REGION):
            if required & 1:
                raise BadRecordError(f"it requires the region {identifier}, which is not known")
            continue
        if offset < MIB or offset % MIB or not length:
            raise BadRecordError(f"a region of {length} bytes at byte {offset} cannot be")
        if identifier in found:
            raise BadRecordError(f"it has the region {identifier} twice")
        found[identifier] = RegionPlace(offset_bytes=offset, length_bytes=length)
    for identifier, name in ((BAT_REGION, "block allocation table"), (METADATA_REGION, "metadata")):
        if identifier not in found:
            raise BadRecordError(f"it has no place for the {name}")
    return found


def read_items(table: bytes) -> dict[UUID, tuple[int, int]]:
    """Read the metadata table: offset (from the start of the region) and length of each known system item.

    Raises:
        BadRecordError: Its mark is wrong, an item lies where none can, or an unknown one is required.
    """
    if len(table) < METADATA_TABLE_BYTES or not table.startswith(b"metadata"):
        raise BadRecordError("the table of the metadata is missing")
    count = int.from_bytes(table[10:12], "little")
    if count > _ITEMS_MAX:
        raise BadRecordError(f"the table of the metadata claims {count} entries")
    found: dict[UUID, tuple[int, int]] = {}
    for number in range(count):
        raw, offset, length, flags = _ITEM.unpack_from(table, 32 + number * _ITEM.size)
        identifier = UUID(bytes_le=raw)
        if flags & _IS_USER or identifier not in _KNOWN_ITEMS:
            if flags & _IS_REQUIRED:
                raise BadRecordError(f"the metadata requires the item {identifier}, which is not known")
            continue
        if offset < METADATA_TABLE_BYTES or length > _ITEM_MAX_BYTES or identifier in found:
            raise BadRecordError(f"the item {identifier} of the metadata cannot have {length} bytes at byte {offset}")
        found[identifier] = offset, length
    return found


def read_disk(items: Mapping[UUID, bytes]) -> Disk:
    """Put together what the items of the metadata say.

    Raises:
        BadRecordError: One is missing, or says what cannot be.
    """
    block, bits = _number(items, _FILE_PARAMETERS, 4), _number(items, _FILE_PARAMETERS, 8) >> 32
    size, sector = _number(items, _DISK_SIZE, 8), _number(items, _LOGICAL_SECTOR, 4)
    if not _BLOCK_MIN_BYTES <= block <= _BLOCK_MAX_BYTES or block & (block - 1):
        raise BadRecordError(f"the metadata gives blocks of {block} bytes")
    if sector not in (512, 4096):
        raise BadRecordError(f"the metadata gives sectors of {sector} bytes")
    if size % sector or not 0 < size <= _DISK_MAX_BYTES:
        raise BadRecordError(f"the metadata gives a disk of {size} bytes")
    has_parent = bool(bits & 2)
    identifier = items.get(_DISK_ID, b"")
    return Disk(
        block_bytes=block,
        is_fixed=bool(bits & 1),
        has_parent=has_parent,
        media_bytes=size,
        sector_bytes=sector,
        physical_sector_bytes=_number(items, _PHYSICAL_SECTOR, 4) if _PHYSICAL_SECTOR in items else sector,
        identifier=UUID(bytes_le=identifier[:16]) if len(identifier) >= 16 else None,
        parent=_parent(items.get(_PARENT_LOCATOR, b"")) if has_parent else {},
    )


def _number(items: Mapping[UUID, bytes], identifier: UUID, size: int) -> int:
    data = items.get(identifier, b"")
    if len(data) < size:
        raise BadRecordError(f"the item {identifier} of the metadata is missing or cut off")
    return int.from_bytes(data[:size], "little")


def _parent(data: bytes) -> dict[str, str]:
    if len(data) < 20 or UUID(bytes_le=data[:16]) != _VHDX_LOCATOR:
        raise BadRecordError("the metadata has no locator of the parent that can be read")
    found = {}
    for number in range(int.from_bytes(data[18:20], "little")):
        place = data[20 + number * 12 : 32 + number * 12]
        if len(place) < 12:
            raise BadRecordError("the locator of the parent is cut off")
        key_at, value_at, key_bytes, value_bytes = struct.unpack("<IIHH", place)
        key, value = data[key_at : key_at + key_bytes], data[value_at : value_at + value_bytes]
        found[key.decode("utf-16-le", "replace")] = value.decode("utf-16-le", "replace")
    return found


def _check(data: bytes) -> None:
    stored = int.from_bytes(data[_CHECKSUM_AT : _CHECKSUM_AT + 4], "little")
    if crc32c(data[:_CHECKSUM_AT] + bytes(4) + data[_CHECKSUM_AT + 4 :]) != stored:
        raise BadRecordError("its checksum is wrong")
