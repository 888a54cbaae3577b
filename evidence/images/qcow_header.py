"""The headers of QCOW images: version 1, and versions 2 and 3 (qcow2).

Sources: "Qcow2 Image File Format", QEMU documentation, docs/interop/qcow2; "The QCOW image format", M. McLoughlin.
Everything is big-endian.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass, field

from evidence.errors import DamagedContainerError, UnsupportedContainerError
from evidence.images.source import SourceFile

DIRTY, CORRUPT, DATA_FILE, COMPRESSION, EXTENDED_L2 = 1, 2, 4, 8, 16
ZLIB, ZSTD = 0, 1
L1_BYTES_MAX = 32 * 1024 * 1024
MEDIA_BYTES_MAX = 1 << 62
NAME_BYTES_MAX = 1023

_KNOWN_FEATURES = DIRTY | CORRUPT | DATA_FILE | COMPRESSION | EXTENDED_L2
_ENCRYPTIONS = {1: "encrypted with AES", 2: "encrypted with LUKS"}
_BACKING_FORMAT, _DATA_FILE_NAME, _FEATURE_NAMES = 0xE2792ACA, 0x44415441, 0x6803F857
_HEADER_1 = struct.Struct(">4xIQIIQBB2xIQ")
_HEADER_2 = struct.Struct(">4xIQIIQIIQQIIQ")
_HEADER_3 = struct.Struct(">QQQII")
_EXTENSION = struct.Struct(">II")
_EXTENSIONS_MAX = 1000
_HEADER_2_BYTES, _HEADER_3_BYTES = 72, 104
_EXTENDED_BITS_MIN = 14


@dataclass(frozen=True, slots=True, kw_only=True)
class QcowHeader:
    """What a header says, checked.

    Attributes:
        version: 1, 2 or 3.
        media_bytes: Size of the media.
        cluster_bits: Binary logarithm of the size of a cluster.
        l2_entries: Entries of an L2 table.
        l1_offset_bytes: Where the L1 table begins.
        l1_entries: How many of its entries are needed for the media.
        features: Incompatible features: ``DIRTY``, ``CORRUPT`` ...
        compression: ``ZLIB`` or ``ZSTD``.
        snapshot_count: Internal snapshots.
        snapshots_offset_bytes: Where their table begins.
        backing_name: The image below; "" for none.
        backing_format: Its format; "" where it is not said.
        data_name: The file that holds the clusters; "" where it is not said.
        autoclear: Features that a writer who does not know them clears.
    """

    version: int
    media_bytes: int
    cluster_bits: int
    l2_entries: int
    l1_offset_bytes: int
    l1_entries: int
    features: int = 0
    compression: int = ZLIB
    snapshot_count: int = 0
    snapshots_offset_bytes: int = 0
    backing_name: str = ""
    backing_format: str = ""
    data_name: str = ""
    autoclear: int = 0

    @property
    def cluster_bytes(self) -> int:
        """Size of a cluster."""
        return 1 << self.cluster_bits

    @property
    def title(self) -> str:
        """What the format is called."""
        return "qcow" if self.version == 1 else f"qcow2 version {self.version}"


@dataclass(slots=True)
class _Extensions:
    backing_format: str = ""
    data_name: str = ""
    feature_names: dict[int, str] = field(default_factory=dict)


def read_header(file: SourceFile) -> QcowHeader:
    """Read and check the header.

    Raises:
        DamagedContainerError: It is cut off, or says what cannot be.
        UnsupportedContainerError: It is encrypted, or has a version or a feature that is not known.
    """
    (version,) = struct.unpack(">I", _read(file, 4, 4, "the header"))
    if version == 1:
        return _read_version_1(file)
    if version in (2, 3):
        return _read_version_2(file, version)
    raise UnsupportedContainerError(file.path, f"QCOW of version {version}")


def _read(file: SourceFile, offset: int, size: int, what: str) -> bytes:
    if offset + size > file.size_bytes:
        raise DamagedContainerError(file.path, f"{what} lies behind the end of the file", offset)
    return file.read(offset, size)


def _read_version_1(file: SourceFile) -> QcowHeader:
    fields = _HEADER_1.unpack(_read(file, 0, _HEADER_1.size, "the header"))
    backing_at, backing_size, _, size, cluster_bits, l2_bits, encryption, l1_at = fields[1:]
    _refuse_encrypted(file, encryption)
    if not 9 <= cluster_bits <= 16:
        raise DamagedContainerError(file.path, f"the header says clusters of 2^{cluster_bits} bytes", 32)
    if not 6 <= l2_bits <= 13:
        raise DamagedContainerError(file.path, f"the header says L2 tables of 2^{l2_bits} entries", 33)
    _refuse_size(file, size)
    entries = _entries(size, cluster_bits, 1 << l2_bits)
    _refuse_l1(file, l1_at, entries)
    return QcowHeader(
        version=1,
        media_bytes=size,
        cluster_bits=cluster_bits,
        l2_entries=1 << l2_bits,
        l1_offset_bytes=l1_at,
        l1_entries=entries,
        backing_name=_backing_name(file, backing_at, backing_size),
    )


def _read_version_2(file: SourceFile, version: int) -> QcowHeader:
    fields = _HEADER_2.unpack(_read(file, 0, _HEADER_2_BYTES, "the header"))
    backing_at, backing_size, cluster_bits, size, encryption, l1_size, l1_at = fields[1:8]
    snapshot_count, snapshots_at = fields[10:]
    features, autoclear, header_bytes = 0, 0, _HEADER_2_BYTES
    if version == 3:
        rest = _read(file, _HEADER_2_BYTES, _HEADER_3.size, "the header")
        features, _, autoclear, _, header_bytes = _HEADER_3.unpack(rest)
        if not _HEADER_3_BYTES <= header_bytes <= max(512, 1 << min(cluster_bits, 21)):
            raise DamagedContainerError(file.path, f"the header says that it has {header_bytes} bytes", 100)
    if not 9 <= cluster_bits <= 21:
        raise DamagedContainerError(file.path, f"the header says clusters of 2^{cluster_bits} bytes", 20)
    extensions = _read_extensions(file, header_bytes, backing_at or 1 << cluster_bits)
    _refuse_unknown(file, features, extensions.feature_names)
    _refuse_encrypted(file, encryption)
    if features & EXTENDED_L2 and cluster_bits < _EXTENDED_BITS_MIN:
        raise DamagedContainerError(file.path, f"extended L2 tables with clusters of 2^{cluster_bits} bytes", 20)
    _refuse_size(file, size)
    l2_entries = (1 << cluster_bits) // (16 if features & EXTENDED_L2 else 8)
    entries = _entries(size, cluster_bits, l2_entries)
    if l1_size < entries:
        what = f"the L1 table has {l1_size} entries, and {entries} are needed for {size} bytes of media"
        raise DamagedContainerError(file.path, what, 36)
    _refuse_l1(file, l1_at, entries)
    return QcowHeader(
        version=version,
        media_bytes=size,
        cluster_bits=cluster_bits,
        l2_entries=l2_entries,
        l1_offset_bytes=l1_at,
        l1_entries=entries,
        features=features,
        compression=_compression(file, features, header_bytes),
        snapshot_count=snapshot_count,
        snapshots_offset_bytes=snapshots_at,
        backing_name=_backing_name(file, backing_at, backing_size),
        backing_format=extensions.backing_format,
        data_name=extensions.data_name,
        autoclear=autoclear,
    )


def _entries(size: int, cluster_bits: int, l2_entries: int) -> int:
    return -(-size // (l2_entries << cluster_bits))


def _compression(file: SourceFile, features: int, header_bytes: int) -> int:
    kind = _read(file, _HEADER_3_BYTES, 1, "the header")[0] if header_bytes > _HEADER_3_BYTES else ZLIB
    if kind not in (ZLIB, ZSTD):
        raise UnsupportedContainerError(file.path, f"QCOW with compression of type {kind}")
    if (kind != ZLIB) != bool(features & COMPRESSION):
        what = f"compression of type {kind}, and a feature bit that says otherwise"
        raise DamagedContainerError(file.path, what, _HEADER_3_BYTES)
    return kind


def _read_extensions(file: SourceFile, start: int, stop: int) -> _Extensions:
    found = _Extensions()
    offset, stop = start, min(stop, file.size_bytes)
    for _ in range(_EXTENSIONS_MAX):
        if offset + _EXTENSION.size > stop:
            break
        kind, length = _EXTENSION.unpack(file.read(offset, _EXTENSION.size))
        offset += _EXTENSION.size
        if not kind:
            break
        if length > stop - offset:
            raise DamagedContainerError(file.path, f"a header extension says that it has {length} bytes", offset)
        if kind == _BACKING_FORMAT:
            found.backing_format = _text(file.read(offset, min(length, NAME_BYTES_MAX)))
        elif kind == _DATA_FILE_NAME:
            found.data_name = _text(file.read(offset, min(length, NAME_BYTES_MAX)))
        elif kind == _FEATURE_NAMES:
            found.feature_names |= _feature_names(file.read(offset, length // 48 * 48))
        offset += -(-length // 8) * 8
    return found


def _feature_names(data: bytes) -> Mapping[int, str]:
    rows = (data[at : at + 48] for at in range(0, len(data), 48))
    return {row[1]: _text(row[2:].rstrip(b"\0")) for row in rows if row[0] == 0}


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def _refuse_unknown(file: SourceFile, features: int, names: Mapping[int, str]) -> None:
    unknown = features & ~_KNOWN_FEATURES
    if unknown:
        bits = [bit for bit in range(64) if unknown >> bit & 1]
        said = ", ".join(names.get(bit) or f"bit {bit}" for bit in bits)
        raise UnsupportedContainerError(file.path, f"QCOW with features that are not known ({said})")


def _refuse_encrypted(file: SourceFile, encryption: int) -> None:
    if encryption:
        how = _ENCRYPTIONS.get(encryption, f"encrypted by method {encryption}")
        raise UnsupportedContainerError(file.path, f"QCOW {how}")


def _refuse_size(file: SourceFile, size: int) -> None:
    if size > MEDIA_BYTES_MAX:
        raise DamagedContainerError(file.path, f"the header says {size} bytes of media", 24)


def _refuse_l1(file: SourceFile, offset: int, entries: int) -> None:
    if entries * 8 > L1_BYTES_MAX:
        raise DamagedContainerError(file.path, f"the L1 table would have {entries} entries", offset)
    if entries and (not offset or offset + entries * 8 > file.size_bytes):
        raise DamagedContainerError(file.path, "the L1 table does not lie inside the file", offset)


def _backing_name(file: SourceFile, offset: int, size: int) -> str:
    if not offset or not size:
        return ""
    if size > NAME_BYTES_MAX:
        raise DamagedContainerError(file.path, f"the name of the backing file would have {size} bytes", 16)
    return _text(_read(file, offset, size, "the name of the backing file"))
