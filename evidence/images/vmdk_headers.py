"""The headers of the three formats of sparse extents; for their sources see ``evidence.images.vmdk_sparse``."""

from __future__ import annotations

import struct
from array import array
from dataclasses import dataclass

from evidence.errors import DamagedContainerError, UnsupportedContainerError
from evidence.images.mapped import RunKind
from evidence.images.signatures import VMDK_HOSTED
from evidence.images.source import SourceFile
from evidence.images.vmdk_descriptor import DESCRIPTOR_BYTES_MAX
from evidence.images.vmdk_sparse import SECTOR_BYTES, GrainLayout, little

DIRECTORY_ENTRIES_MAX = 8 * 1024 * 1024
GRAIN_SECTORS_MAX = 1 << 16

_HEADER = struct.Struct("<4sIIQQQQIQQQB4sH")
_COWD_HEADER = struct.Struct("<4s6I")
_SE_HEADER = struct.Struct("<26Q304s")
_SE_VOLATILE = struct.Struct("<4Q")
_SE_VERSION, _SE_VOLATILE_SIGNATURE = 0x200000001, 0xCAFECAFE
_SE_TABLE, _SE_ENTRIES = 1 << 28, 4096
_NEWLINES, _REDUNDANT, _ZEROED, _COMPRESSED, _MARKED = 1, 2, 4, 1 << 16, 1 << 17
_AT_END = (1 << 64) - 1
_COWD_ENTRIES = 4096
_BAD = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class HostedHeader:
    """The header of a hosted sparse extent, checked.

    Attributes:
        capacity_bytes: Size of the extent; 0 where the file has a descriptor only.
        descriptor: The embedded descriptor; empty for none.
        is_dirty: Whether it was not closed properly.
        fields: What the layout is made of.
    """

    capacity_bytes: int
    descriptor: bytes
    is_dirty: bool
    grain_bytes: int
    table_entries: int
    directory_sector: int
    redundant_sector: int
    flags: int
    compression: int

    @property
    def is_compressed(self) -> bool:
        """Whether its grains are compressed."""
        return bool(self.flags & _COMPRESSED or self.compression)


def read_hosted(file: SourceFile) -> HostedHeader:
    """Read the header of a hosted sparse extent, or its footer where the header refers to that.

    Raises:
        DamagedContainerError: It is cut off, or says what cannot be.
        UnsupportedContainerError: It has a version, a compression or a flag that is not known.
    """
    fields = _HEADER.unpack(_read(file, 0, _HEADER.size, "the header"))
    descriptor = _embedded(file, fields[5] * SECTOR_BYTES, fields[6] * SECTOR_BYTES)
    if fields[9] == _AT_END:
        fields = _footer(file)
    _, version, flags, capacity, grain, _, _, entries, redundant, directory, _, dirty, newlines, compression = fields
    if not 1 <= version <= 3:
        raise UnsupportedContainerError(file.path, f"VMDK of version {version}")
    if compression > 1:
        raise UnsupportedContainerError(file.path, f"VMDK with compression of type {compression}")
    if flags & _NEWLINES and newlines != b"\n \r\n":
        raise DamagedContainerError(file.path, "the marks of line ends are changed: it was copied as a text", 73)
    if capacity:
        _check(file, capacity, grain, entries)
    return HostedHeader(
        capacity_bytes=capacity * SECTOR_BYTES,
        descriptor=descriptor,
        is_dirty=bool(dirty),
        grain_bytes=grain * SECTOR_BYTES,
        table_entries=entries,
        directory_sector=directory,
        redundant_sector=redundant if flags & _REDUNDANT else 0,
        flags=flags,
        compression=compression,
    )


def hosted_layout(file: SourceFile, header: HostedHeader) -> GrainLayout:
    """Read the grain directories of a hosted sparse extent.

    Raises:
        DamagedContainerError: The directory does not lie inside the file.
    """
    reach = header.table_entries * header.grain_bytes
    count = -(-header.capacity_bytes // reach)
    if not header.directory_sector:
        raise DamagedContainerError(file.path, "the header names no grain directory", 56)
    directory = _directory(file, header.directory_sector, count)
    redundant = array("q")
    place = header.redundant_sector * SECTOR_BYTES
    if place and not header.is_compressed and place + count * 4 <= file.size_bytes:
        redundant = _directory(file, header.redundant_sector, count)
        if not any(redundant):
            redundant = array("q")
    zeroed = bool(header.flags & _ZEROED)

    def decode(entry: int) -> tuple[RunKind, int]:
        if not entry:
            return RunKind.BELOW, 0
        if zeroed and entry == 1:
            return RunKind.ZEROS, 0
        return RunKind.STORED, entry * SECTOR_BYTES

    return GrainLayout(
        capacity_bytes=header.capacity_bytes,
        grain_bytes=header.grain_bytes,
        table_entries=header.table_entries,
        entry_bytes=4,
        directory=directory,
        redundant=redundant,
        packed=header.is_compressed,
        marked=bool(header.flags & _MARKED),
        growth=header.grain_bytes // SECTOR_BYTES,
        decode=decode,
    )


def cowd_layout(file: SourceFile) -> GrainLayout:
    """Read the header and the directory of a sparse extent of older ESX.

    Raises:
        DamagedContainerError: They are cut off, or say what cannot be.
        UnsupportedContainerError: It has a version that is not known.
    """
    fields = _COWD_HEADER.unpack(_read(file, 0, _COWD_HEADER.size, "the header"))
    _, version, _, capacity, grain, directory, count = fields
    if version != 1:
        raise UnsupportedContainerError(file.path, f"VMDK (COWD) of version {version}")
    _check(file, capacity, grain, _COWD_ENTRIES)
    needed = -(-capacity // (grain * _COWD_ENTRIES))
    if count < needed:
        raise DamagedContainerError(file.path, f"the directory has {count} entries, and {needed} are needed", 24)
    return GrainLayout(
        capacity_bytes=capacity * SECTOR_BYTES,
        grain_bytes=grain * SECTOR_BYTES,
        table_entries=_COWD_ENTRIES,
        entry_bytes=4,
        directory=_directory(file, directory, needed),
        redundant=array("q"),
        packed=False,
        marked=False,
        growth=grain,
        decode=lambda entry: (RunKind.STORED, entry * SECTOR_BYTES) if entry else (RunKind.BELOW, 0),
    )


def sesparse_layout(file: SourceFile) -> GrainLayout:
    """Read the headers and the directory of a sparse extent of newer ESXi; whatever is not known is refused.

    Raises:
        DamagedContainerError: They are cut off, or say what cannot be.
        UnsupportedContainerError: It differs from what is known, or has a journal to replay.
    """
    *fields, padding = _SE_HEADER.unpack(_read(file, 0, _SE_HEADER.size, "the header"))
    version, capacity, grain, table, *unused = fields[1:10]
    if version != _SE_VERSION or grain != 8 or table != 64 or any(unused) or any(padding):
        raise UnsupportedContainerError(file.path, "VMDK (SESPARSE) of a kind that is not known")
    volatile = _read(file, fields[10] * SECTOR_BYTES, SECTOR_BYTES, "the volatile header")
    signature, _, _, journal = _SE_VOLATILE.unpack_from(volatile)
    if signature != _SE_VOLATILE_SIGNATURE:
        raise DamagedContainerError(file.path, "the volatile header has no signature", fields[10] * SECTOR_BYTES)
    if journal:
        raise UnsupportedContainerError(file.path, "VMDK (SESPARSE) with a journal to replay")
    _check(file, capacity, grain, _SE_ENTRIES)
    needed = -(-capacity // (grain * _SE_ENTRIES))
    directory_at, tables_at, grains_at = fields[16] * SECTOR_BYTES, fields[18] * SECTOR_BYTES, fields[24] * SECTOR_BYTES
    entries = little(_read(file, directory_at, needed * 8, "the grain directory"), 8)

    def place_of(entry: int) -> int:
        if not entry:
            return 0
        return tables_at + (entry & 0xFFFFFFFF) * table * SECTOR_BYTES if entry >> 32 == _SE_TABLE else _BAD

    def decode(entry: int) -> tuple[RunKind, int]:
        match entry >> 60:
            case 0 if not entry:
                return RunKind.BELOW, 0
            case 1 | 2:
                return RunKind.ZEROS, 0
            case 3:
                number = (entry >> 48 & 0xFFF) | (entry & 0xFFFFFFFFFFFF) << 12
                return RunKind.STORED, grains_at + number * grain * SECTOR_BYTES
        return RunKind.LOST, 0

    return GrainLayout(
        capacity_bytes=capacity * SECTOR_BYTES,
        grain_bytes=grain * SECTOR_BYTES,
        table_entries=_SE_ENTRIES,
        entry_bytes=8,
        directory=array("q", (min(place_of(entry), 1 << 62) for entry in entries)),
        redundant=array("q"),
        packed=False,
        marked=False,
        growth=1 << 48,
        decode=decode,
    )


def _read(file: SourceFile, offset: int, size: int, what: str) -> bytes:
    if offset + size > file.size_bytes:
        raise DamagedContainerError(file.path, f"{what} lies behind the end of the file", offset)
    return file.read(offset, size)


def _embedded(file: SourceFile, offset: int, size: int) -> bytes:
    if not offset or not size or offset >= file.size_bytes:
        return b""
    return file.read(offset, min(size, DESCRIPTOR_BYTES_MAX, file.size_bytes - offset))


def _footer(file: SourceFile) -> tuple[bytes | int, ...]:
    """The copy of the header before the last sector, which knows where the grain directory is."""
    offset = file.size_bytes // SECTOR_BYTES * SECTOR_BYTES - 2 * SECTOR_BYTES
    if offset > 0:
        fields = _HEADER.unpack(file.read(offset, _HEADER.size))
        if fields[0] == VMDK_HOSTED and fields[9] != _AT_END:
            return fields
    what = "the footer, which says where the grain directory is, is missing: the file may be cut off"
    raise DamagedContainerError(file.path, what, max(0, offset))


def _check(file: SourceFile, capacity: int, grain: int, entries: int) -> None:
    if not 1 <= grain <= GRAIN_SECTORS_MAX or grain & grain - 1:
        raise DamagedContainerError(file.path, f"the header says grains of {grain} sectors", None)
    if not 1 <= entries <= _COWD_ENTRIES:
        raise DamagedContainerError(file.path, f"the header says grain tables of {entries} entries", None)
    if -(-capacity // (grain * entries)) > DIRECTORY_ENTRIES_MAX:
        raise DamagedContainerError(file.path, f"the header says an extent of {capacity} sectors", None)


def _directory(file: SourceFile, sector: int, count: int) -> array[int]:
    data = _read(file, sector * SECTOR_BYTES, count * 4, "the grain directory")
    return array("q", (entry * SECTOR_BYTES for entry in little(data, 4)))
