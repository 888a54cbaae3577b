"""The sections of an EWF version 2 segment file: its sector tables, and the chunks that they lead to.

Source: "Expert Witness Compression Format 2 specification", J. Metz, libewf documentation.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from evidence.errors import DamagedContainerError
from evidence.images.ewf_chunk import BadChunkError, stored_limit_bytes, unpack
from evidence.images.source import SourceSet

DESCRIPTOR_BYTES = 64
SECTIONS_MAX = 1_000_000
SECTOR_TABLE, MD5_HASH, SHA1_HASH, NEXT, DONE = 4, 8, 9, 13, 15
COMPRESSED, CHECKSUMED, PATTERN_FILL = 1, 2, 4
ENCRYPTED = 2
ENTRY_BYTES = 16

_DESCRIPTOR = struct.Struct("<IIQQII")
_TABLE_HEADER = struct.Struct("<QI4xI")
_TABLE_HEADER_BYTES = 32
_PATTERN_BYTES = 8
_ENTRY = struct.Struct("<QII")


@dataclass(frozen=True, slots=True, kw_only=True)
class Section2:
    """One section: its data lie before its descriptor.

    Attributes:
        kind: Number of its type.
        flags: Data flags; ``ENCRYPTED`` among them.
        segment: Index of the file in the set.
        data_bytes: Where its data begin in that file.
        length_bytes: Size of the data, padding included.
    """

    kind: int
    flags: int
    segment: int
    data_bytes: int
    length_bytes: int


def walk_back(files: SourceSet, segment: int) -> Iterator[Section2]:
    """Yield the sections of one segment file from the last to the first.

    Raises:
        DamagedContainerError: A descriptor's checksum is wrong, or the chain leads out of the file.
    """
    end = files.sizes_bytes[segment]
    for _ in range(SECTIONS_MAX):
        offset = end - DESCRIPTOR_BYTES
        if offset < 0:
            raise DamagedContainerError(files.paths[segment], "the chain of sections leads out of the file", 0)
        data = files.read(segment, offset, DESCRIPTOR_BYTES)
        kind, flags, previous, length, _size, _padding = _DESCRIPTOR.unpack_from(data)
        if zlib.adler32(data[:-4]) != int.from_bytes(data[-4:], "little"):
            raise DamagedContainerError(files.paths[segment], "the checksum of a section descriptor is wrong", offset)
        if length > offset or previous + DESCRIPTOR_BYTES > offset:
            raise DamagedContainerError(files.paths[segment], "a section lies outside the file", offset)
        yield Section2(kind=kind, flags=flags, segment=segment, data_bytes=offset - length, length_bytes=length)
        if not previous:
            return
        end = previous + DESCRIPTOR_BYTES


@dataclass(frozen=True, slots=True, kw_only=True)
class Table2:
    """A sector table whose checksums are right: where its entries lie, and which chunks they are."""

    segment: int
    first_chunk: int
    count: int
    entries_bytes: int


def read_table(files: SourceSet, section: Section2) -> Table2:
    """Read and check a sector table.

    Raises:
        DamagedContainerError: One of its checksums is wrong.
    """
    path, start = files.paths[section.segment], section.data_bytes
    if section.length_bytes < _TABLE_HEADER_BYTES:
        raise DamagedContainerError(path, "a sector table is too short", start)
    header = files.read(section.segment, start, _TABLE_HEADER_BYTES)
    first, count, checksum = _TABLE_HEADER.unpack_from(header)
    size = count * ENTRY_BYTES
    if zlib.adler32(header[:16]) != checksum or _TABLE_HEADER_BYTES + size + 4 > section.length_bytes:
        raise DamagedContainerError(path, "the header of a sector table is damaged", start)
    entries, value = start + _TABLE_HEADER_BYTES, 1
    for place in range(0, size, 1 << 20):
        value = zlib.adler32(files.read(section.segment, entries + place, min(1 << 20, size - place)), value)
    if value != int.from_bytes(files.read(section.segment, entries + size, 4), "little"):
        raise DamagedContainerError(path, "the entries of a sector table are damaged", entries)
    return Table2(segment=section.segment, first_chunk=first, count=count, entries_bytes=entries)


def read_chunk(files: SourceSet, table: Table2, number: int, wanted_bytes: int, chunk_bytes: int) -> bytes:
    """The media bytes of a chunk, checked by its own checksum.

    Args:
        files: The set.
        table: The table that lists it.
        number: Its place in that table.
        wanted_bytes: How much of it belongs to the media.
        chunk_bytes: Size of a whole chunk.

    Raises:
        BadChunkError: Its checksum is wrong, it cannot be unpacked, or it does not lie within its file.
    """
    entry = files.read(table.segment, table.entries_bytes + number * ENTRY_BYTES, ENTRY_BYTES)
    offset, size, flags = _ENTRY.unpack(entry)
    if flags & COMPRESSED and flags & PATTERN_FILL:
        pattern = entry[:_PATTERN_BYTES]
        return (pattern * -(-wanted_bytes // _PATTERN_BYTES))[:wanted_bytes]
    if size > stored_limit_bytes(chunk_bytes) or offset + size > files.sizes_bytes[table.segment]:
        raise BadChunkError("its sector table leads out of the file, or to more than a chunk can have")
    stored = files.read(table.segment, offset, size)
    compressed = bool(flags & COMPRESSED)
    data = unpack(memoryview(stored), compressed=compressed, wanted_bytes=wanted_bytes, chunk_bytes=chunk_bytes)
    return bytes(data)
