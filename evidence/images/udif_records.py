"""The structures of a UDIF disk image: trailer, property list or resource fork, and tables of chunks.

Apple has published no specification; source: "Apple Disk Image (DMG) format", J. Metz, libmodi documentation, and the
description of the fields in <DiskImages> headers as it gives them.
"""

from __future__ import annotations

import plistlib
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from xml.parsers.expat import ExpatError

from evidence.images.signatures import UDIF_TRAILER_BYTES, UDIF_TRAILER_MARK

SECTOR_BYTES = 512
CRC32 = 2
"""The kind of checksum that is checked."""

_TRAILER = struct.Struct(">4sIIIQQQQQII16s")
_CHECKSUM = struct.Struct(">II128s")
_DATA_CHECKSUM_AT, _XML_AT, _MASTER_AT, _SECTORS_AT = 80, 216, 352, 492
_TABLE = struct.Struct(">4sIQQQII24x")
_TABLE_CHECKSUM_AT, _TABLE_COUNT_AT, _TABLE_CHUNKS_AT = 64, 200, 204
CHUNK = struct.Struct(">IIQQQQ")
_MALFORMED = (ExpatError, ValueError, AttributeError, KeyError, IndexError, TypeError, OverflowError)


class BadRecordError(Exception):
    """A structure is wrong; the message says how. Never leaves the reader."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checksum:
    """A checksum as stored: its kind and its bytes."""

    kind: int
    value: bytes

    @property
    def crc32(self) -> int | None:
        """The CRC-32, or None where there is no such."""
        return int.from_bytes(self.value[:4], "big") if self.kind == CRC32 and len(self.value) >= 4 else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trailer:
    """The last sector, the "koly" block. Offsets and lengths are bytes of the file."""

    version: int
    flags: int
    data_at_bytes: int
    data_bytes: int
    fork_at_bytes: int
    fork_bytes: int
    xml_at_bytes: int
    xml_bytes: int
    segment: int
    segments: int
    segment_id: str
    data_checksum: Checksum
    master_checksum: Checksum
    media_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """The chunks of one partition, or of a gap between two.

    Attributes:
        name: As the image calls it.
        start_sector: Where it begins in the media.
        sectors: How many it covers.
        data_at_bytes: What the places of its chunks count from, within the data fork.
        checksum: Over all its bytes, unpacked.
        chunks: The chunks as stored; see ``CHUNK``.
    """

    name: str
    start_sector: int
    sectors: int
    data_at_bytes: int
    checksum: Checksum
    chunks: bytes


def read_trailer(data: bytes) -> Trailer:
    """Read the trailer.

    Raises:
        BadRecordError: It is none.
    """
    if len(data) < UDIF_TRAILER_BYTES or not data.startswith(UDIF_TRAILER_MARK):
        raise BadRecordError("there is no trailer of a disk image")
    _, version, _, flags, _, data_at, data_bytes, fork_at, fork_bytes, segment, segments, identifier = (
        _TRAILER.unpack_from(data)
    )
    xml_at, xml_bytes = struct.unpack_from(">QQ", data, _XML_AT)
    (sectors,) = struct.unpack_from(">Q", data, _SECTORS_AT)
    return Trailer(
        version=version,
        flags=flags,
        data_at_bytes=data_at,
        data_bytes=data_bytes,
        fork_at_bytes=fork_at,
        fork_bytes=fork_bytes,
        xml_at_bytes=xml_at,
        xml_bytes=xml_bytes,
        segment=segment,
        segments=segments,
        segment_id=identifier.hex(),
        data_checksum=_checksum(data, _DATA_CHECKSUM_AT),
        master_checksum=_checksum(data, _MASTER_AT),
        media_bytes=sectors * SECTOR_BYTES,
    )


def read_table(name: str, data: bytes) -> Table:
    """Read a table of chunks.

    Raises:
        BadRecordError: It is none, or cut off.
    """
    if len(data) < _TABLE_CHUNKS_AT or not data.startswith(b"mish"):
        raise BadRecordError(f"the table of chunks {name!r} has not its mark")
    _, _, start, sectors, data_at, _, _ = _TABLE.unpack_from(data)
    (count,) = struct.unpack_from(">I", data, _TABLE_COUNT_AT)
    chunks = data[_TABLE_CHUNKS_AT : _TABLE_CHUNKS_AT + count * CHUNK.size]
    if len(chunks) < count * CHUNK.size:
        raise BadRecordError(f"the table of chunks {name!r} claims {count} chunks and has {len(chunks) // CHUNK.size}")
    return Table(
        name=name,
        start_sector=start,
        sectors=sectors,
        data_at_bytes=data_at,
        checksum=_checksum(data, _TABLE_CHECKSUM_AT),
        chunks=chunks,
    )


def tables_of_xml(xml: bytes) -> Iterator[Table]:
    """Read the tables of a property list.

    Raises:
        BadRecordError: It is none, or has no tables.
    """
    try:
        entries = [
            (str(entry.get("CFName") or entry.get("Name") or ""), bytes(entry["Data"]))
            for entry in plistlib.loads(xml, fmt=plistlib.FMT_XML)["resource-fork"]["blkx"]
        ]
    except _MALFORMED as error:
        raise BadRecordError(f"the property list cannot be read ({type(error).__name__})") from error
    for name, data in entries:
        yield read_table(name, data)


def tables_of_fork(fork: bytes) -> Iterator[Table]:
    """Read the tables of a resource fork. Source: "Inside Macintosh: More Macintosh Toolbox", 1-121.

    Raises:
        BadRecordError: It is none, or has no tables.
    """
    try:
        entries = list(_resources(fork, b"blkx"))
    except (struct.error, IndexError) as error:
        raise BadRecordError("the resource fork is cut off") from error
    if not entries:
        raise BadRecordError("the resource fork has no tables of chunks")
    for name, data in entries:
        yield read_table(name, data)


def _resources(fork: bytes, kind: bytes) -> Iterator[tuple[str, bytes]]:
    data_at, map_at = struct.unpack_from(">II", fork)
    types_at, names_at = struct.unpack_from(">HH", fork, map_at + 24)
    types_at, names_at = map_at + types_at, map_at + names_at
    (last,) = struct.unpack_from(">h", fork, types_at)
    for number in range(last + 1):
        found, last_resource, list_at = struct.unpack_from(">4sHH", fork, types_at + 2 + 8 * number)
        if found != kind:
            continue
        for resource in range(last_resource + 1):
            _, name_at, place = struct.unpack_from(">HHI", fork, types_at + list_at + 12 * resource)
            start = data_at + (place & 0xFFFFFF)
            (length,) = struct.unpack_from(">I", fork, start)
            name = b""
            if name_at != 0xFFFF:
                size = fork[names_at + name_at]
                name = fork[names_at + name_at + 1 : names_at + name_at + 1 + size]
            yield name.decode("mac-roman"), fork[start + 4 : start + 4 + length]


def _checksum(data: bytes, at: int) -> Checksum:
    kind, bits, value = _CHECKSUM.unpack_from(data, at)
    return Checksum(kind=kind, value=value[: min(bits, 1024) // 8])
