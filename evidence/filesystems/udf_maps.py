"""The partition maps of a UDF logical volume: plain, virtual, sparable, and metadata.

Source: OSTA Universal Disk Format 2.60, 2.2.8 to 2.2.13.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass

from evidence.filesystems.content import UNREADABLE, reason
from evidence.filesystems.udf_entries import Entry, content_of, parse_entry, read_entry
from evidence.filesystems.udf_partitions import Blocks, Metadata, Partition, Physical, Sparable, Virtual
from evidence.filesystems.udf_records import (
    EXTENDED_FILE_ENTRY,
    FILE_ENTRY,
    Address,
    exact,
    identifier,
    tag_of,
    where,
)
from evidence.images.base import Problem
from evidence.volumes.base import Readable, peek

_VIRTUAL, _SPARABLE, _METADATA = b"*UDF Virtual Partition", b"*UDF Sparable Partition", b"*UDF Metadata Partition"
_VAT_NAME, _VAT_TYPE, _OLD_VAT_TAIL_BYTES = b"*UDF Virtual Alloc Tbl", 248, 36
_VAT_SEARCH_BLOCKS = 4_096
_MAX_TABLE_BYTES = 256 << 20
_MAX_MAPS = 256
_NOWHERE = 0xFFFFFFFF
_STEP_BYTES, _MAX_ZEROS_BYTES = 1 << 20, 1 << 30


@dataclass(frozen=True, slots=True)
class Map:
    """A partition map that is ready to be read through.

    Attributes:
        number: Of the partition that it lies in.
        bitmap: Where the file entry of the bitmap of a metadata partition lies; None without one.
    """

    partition: Partition
    number: int
    is_virtual: bool = False
    bitmap: Address | None = None


@dataclass(frozen=True, slots=True)
class _Raw:
    name: bytes
    number: int
    data: bytes


def partition_maps(
    source: Readable, block_bytes: int, logical: bytes, parts: Mapping[int, Physical]
) -> tuple[list[Map], list[Problem]]:
    """All partition maps of a logical volume descriptor, in their order, and what is damaged in them.

    Raises:
        OSError: One of them cannot be read or is of an unknown sort; says which.
        UnreadableRegionError: The media cannot be read where one of them leads.
    """
    raws = _raw_maps(logical)
    found: list[Map | None] = [None] * len(raws)
    problems: list[Problem] = []
    for index, raw in enumerate(raws):
        physical = parts.get(raw.number)
        if physical is None:
            raise OSError(f"partition {raw.number} of the logical volume is not described, or is on another disc")
        if not raw.name:
            found[index] = Map(physical, raw.number)
        elif raw.name == _SPARABLE:
            found[index] = Map(_sparable(source, block_bytes, raw.data, physical, problems), raw.number)
    for index, raw in enumerate(raws):
        if raw.name == _VIRTUAL:
            table = _allocation_table(source, block_bytes, parts[raw.number])
            found[index] = Map(Virtual(parts[raw.number], table), raw.number, is_virtual=True)
        elif raw.name == _METADATA:
            same = (i for i, other in enumerate(raws) if other.number == raw.number and found[i] is not None)
            below = next(same, None)
            under = found[below] if below is not None else None
            inner = under.partition if under else parts[raw.number]
            (bitmap,) = struct.unpack_from("<I", raw.data, 48)
            found[index] = Map(
                _metadata(source, block_bytes, raw.data, inner, problems),
                raw.number,
                bitmap=Address(below, bitmap) if below is not None and bitmap != _NOWHERE else None,
            )
    return [map_ for map_ in found if map_ is not None], problems


def _raw_maps(logical: bytes) -> list[_Raw]:
    length, count = struct.unpack_from("<II", logical, 264)
    table = logical[440 : 440 + length]
    found: list[_Raw] = []
    at = 0
    while len(found) < min(count, _MAX_MAPS) and at + 6 <= len(table):
        kind, size = table[at], table[at + 1]
        data = table[at : at + size]
        if kind == 1 and len(data) == 6:
            found.append(_Raw(b"", struct.unpack_from("<H", data, 4)[0], data))
        elif kind == 2 and len(data) == 64:
            name = identifier(data, 4)
            if name not in (_VIRTUAL, _SPARABLE, _METADATA):
                raise OSError(f"the partition map {name.decode('latin-1')!r} is not known")
            found.append(_Raw(name, struct.unpack_from("<H", data, 38)[0], data))
        else:
            raise OSError(f"partition map {len(found)} is of type {kind} with {len(data)} bytes, which is not known")
        at += size
    if not found or len(found) != count:
        raise OSError(f"{count} partition maps are announced, {len(found)} are there")
    return found


def _sparable(source: Readable, block_bytes: int, data: bytes, inner: Physical, problems: list[Problem]) -> Partition:
    """The sparing table with the highest number of those that are whole."""
    packet, tables, _, size = struct.unpack_from("<HBBI", data, 40)
    if not packet or tables > 4 or size > _MAX_TABLE_BYTES:
        raise OSError(f"the sparable partition map has packets of {packet} blocks and tables of {size} bytes")
    best: dict[int, int] | None = None
    latest = -1
    for place in struct.unpack_from(f"<{tables}I", data, 48):
        try:
            raw = exact(source, place * block_bytes, min(max(size, block_bytes), _MAX_TABLE_BYTES))
            tag_of(raw, place)
            count, sequence = struct.unpack_from("<H2xI", raw, 48)
            if not identifier(raw, 16).startswith(b"*UDF Sparing Table") or 56 + 8 * count > len(raw):
                raise OSError("it has another name or size")
        except UNREADABLE as error:
            what = f"A sparing table cannot be read: {reason(error)}"
            problems.append(Problem(what=what, where="", offset_bytes=where(error) or place * block_bytes))
            continue
        if sequence > latest:
            latest = sequence
            pairs = struct.iter_unpack("<II", raw[56 : 56 + 8 * count])
            best = {first: mapped for first, mapped in pairs if first < 0xFFFFFFF0}
    if best is None:
        raise OSError("no sparing table can be read, so the place of replaced blocks is not known")
    return Sparable(inner, packet, best)


def _allocation_table(source: Readable, block_bytes: int, inner: Physical) -> bytes:
    """The entries of the last virtual allocation table: its file entry is the last block that was written."""
    blocks = Blocks(source, block_bytes, [inner] * _MAX_MAPS)
    last = _last_written(source, block_bytes, min(source.media_bytes // block_bytes, inner.start + inner.length) - 1)
    for place in range(last, max(inner.start, last - _VAT_SEARCH_BLOCKS) - 1, -1):
        table = _table_at(blocks, place - inner.start)
        if table is not None:
            return table
    raise OSError("no virtual allocation table is found at the end of the media")


def _last_written(source: Readable, block_bytes: int, last: int) -> int:
    """The last block that is not all zeros: an image may go on behind what was written."""
    step = _STEP_BYTES // block_bytes
    for end in range(last + 1, max(last + 1 - _MAX_ZEROS_BYTES // block_bytes, 0), -step):
        first = max(0, end - step)
        raw = peek(source, first * block_bytes, (end - first) * block_bytes)
        if raw.count(0) != len(raw):
            return first + (len(raw.rstrip(b"\0")) - 1) // block_bytes
    return last


def _table_at(blocks: Blocks, block: int) -> bytes | None:
    try:
        address = Address(0, block)
        raw = blocks.block(address)
        if int.from_bytes(raw[:2], "little") not in (FILE_ENTRY, EXTENDED_FILE_ENTRY):
            return None
        entry = parse_entry(raw, address)
        if entry.file_type not in (0, _VAT_TYPE) or entry.size_bytes > _MAX_TABLE_BYTES:
            return None
        data = content_of(blocks, entry).read(0, entry.size_bytes)
    except UNREADABLE:
        return None
    if entry.file_type == 0:
        named = identifier(data, len(data) - _OLD_VAT_TAIL_BYTES) if len(data) >= _OLD_VAT_TAIL_BYTES else b""
        return data[:-_OLD_VAT_TAIL_BYTES] if named == _VAT_NAME else None
    head = int.from_bytes(data[:2], "little")
    return data[head:] if 152 <= head <= len(data) else None


def _metadata(source: Readable, block_bytes: int, data: bytes, inner: Partition, problems: list[Problem]) -> Partition:
    """The metadata file, and its mirror where that is a copy of its own."""
    main_at, mirror_at = struct.unpack_from("<II", data, 40)
    blocks = Blocks(source, block_bytes, [inner] * _MAX_MAPS)
    found: list[list[tuple[int, int]]] = []
    for block, name in ((main_at, "metadata file"), (mirror_at, "mirror of the metadata file")):
        try:
            found.append(_extents(blocks, read_entry(blocks, Address(0, block))))
        except UNREADABLE as error:
            what = f"The {name} cannot be read: {reason(error)}"
            problems.append(Problem(what=what, where="", offset_bytes=where(error)))
            found.append([])
    main, mirror = found
    if not main and not mirror:
        raise OSError("neither the metadata file nor its mirror can be read")
    return Metadata(inner, main or mirror, mirror if main and mirror != main else [])


def _extents(blocks: Blocks, entry: Entry) -> list[tuple[int, int]]:
    found = []
    for extent in content_of(blocks, entry).extents:
        first = -1 if extent.address is None else extent.address.block
        found.append((first, extent.length // blocks.block_bytes))
    return found
