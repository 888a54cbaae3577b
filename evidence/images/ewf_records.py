"""The small sections of EWF: volume, stored digests, read errors of the acquisition, sessions of a disc.

Source: "Expert Witness Compression Format specification", J. Metz, libewf documentation.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from evidence.images.base import Region

SHORT_VOLUME_BYTES = 94
LONG_VOLUME_BYTES = 1052
CHUNK_BYTES_MAX = 64 * 1024 * 1024
CHUNKS_MAX = 1 << 32
READ_ERRORS_MAX = 262_144
"""So many regions that the acquisition could not read are carried on; that there are more is told."""

_LONG = struct.Struct("<B3xIIIQ12xB15xB3xI4x16s")
_SHORT = struct.Struct("<4xIIII")
_MEDIA_TYPES = {0: "removable", 1: "fixed", 3: "optical", 14: "logical evidence", 16: "memory"}
_COMPRESSIONS = {0: "none", 1: "fast", 2: "best"}
_FLAGS = ((2, "physical"), (4, "fastbloc write blocker"), (8, "tableau write blocker"))
_SESSION_BYTES = 32
_AUDIO = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class EwfVolume:
    """What a section "volume", "disk" or "data" says of the media; optional parts are None in the short form.

    ``logical_bytes`` is the size of the media of logical evidence, of which these sections say nothing; else None.
    """

    chunk_count: int
    sectors_per_chunk: int
    sector_bytes: int
    sector_count: int
    media_type: int | None
    media_flags: int | None
    compression: int | None
    error_granularity_sectors: int | None
    set_identifier: UUID | None
    logical_bytes: int | None = None

    @property
    def chunk_bytes(self) -> int:
        """Size of an uncompressed chunk."""
        return self.sectors_per_chunk * self.sector_bytes

    @property
    def media_bytes(self) -> int:
        """Size of the media."""
        return self.sector_count * self.sector_bytes if self.logical_bytes is None else self.logical_bytes

    @property
    def chunks_needed(self) -> int:
        """How many chunks media of that size has."""
        return -(-self.media_bytes // self.chunk_bytes)

    def fault(self) -> str | None:
        """Say why this cannot be the description of media; None if it can."""
        if not 0 < self.sector_bytes <= CHUNK_BYTES_MAX or not 0 < self.chunk_bytes <= CHUNK_BYTES_MAX:
            return f"chunks of {self.sectors_per_chunk} sectors of {self.sector_bytes} bytes are not possible"
        if self.chunks_needed > CHUNKS_MAX:
            return f"{self.media_bytes} bytes are more than the format can hold"
        return None

    def metadata(self) -> dict[str, str]:
        """The same in words, for the metadata of the image."""
        said = {}
        if self.media_type is not None:
            said["media_type"] = _MEDIA_TYPES.get(self.media_type, f"unknown ({self.media_type})")
        if self.media_flags is not None:
            said["media_flags"] = ", ".join(name for bit, name in _FLAGS if self.media_flags & bit) or "logical"
        if self.compression is not None:
            said["compression"] = _COMPRESSIONS.get(self.compression, f"unknown ({self.compression})")
        said["sectors_per_chunk"] = str(self.sectors_per_chunk)
        if self.error_granularity_sectors:
            said["error_granularity_sectors"] = str(self.error_granularity_sectors)
        if self.set_identifier is not None:
            said["set_identifier"] = str(self.set_identifier)
        return said


def parse_volume(data: bytes) -> tuple[EwfVolume, bool] | None:
    """Read the data of a section "volume", "disk" or "data".

    Returns:
        What it says, and whether its checksum is right; None if it is too short to say anything.
    """
    if len(data) >= LONG_VOLUME_BYTES:
        kind, chunks, per_chunk, sector, count, flags, level, granularity, identifier = _LONG.unpack_from(data)
        volume = EwfVolume(
            chunk_count=chunks,
            sectors_per_chunk=per_chunk,
            sector_bytes=sector,
            sector_count=count,
            media_type=kind,
            media_flags=flags,
            compression=level,
            error_granularity_sectors=granularity,
            set_identifier=UUID(bytes_le=identifier) if any(identifier) else None,
        )
        return volume, sum_is_right(data[:LONG_VOLUME_BYTES])
    if len(data) < SHORT_VOLUME_BYTES:
        return None
    chunks, per_chunk, sector, count = _SHORT.unpack_from(data)
    volume = EwfVolume(
        chunk_count=chunks,
        sectors_per_chunk=per_chunk,
        sector_bytes=sector,
        sector_count=count,
        media_type=None,
        media_flags=None,
        compression=None,
        error_granularity_sectors=None,
        set_identifier=None,
    )
    return volume, sum_is_right(data[:SHORT_VOLUME_BYTES])


def sum_is_right(data: bytes) -> bool:
    """Whether the last four bytes are the Adler-32 of those before them."""
    return zlib.adler32(data[:-4]) == int.from_bytes(data[-4:], "little")


def parse_hash(data: bytes) -> dict[str, bytes] | None:
    """Read a section "hash": the MD5 of the media. None if it is damaged; nothing if none was stored."""
    if len(data) < 36 or not sum_is_right(data[:36]):
        return None
    return {"md5": data[:16]} if any(data[:16]) else {}


def parse_digest(data: bytes) -> dict[str, bytes] | None:
    """Read a section "digest": MD5 and SHA-1 of the media. None if it is damaged."""
    if len(data) < 80 or not sum_is_right(data[:80]):
        return None
    parts = {"md5": data[:16], "sha1": data[16:36]}
    return {name: value for name, value in parts.items() if any(value)}


def parse_xhash(data: bytes) -> dict[str, bytes] | None:
    """Read a section "xhash" (EWF-X): digests in XML. None if it is damaged."""
    text = inflate_text(data)
    if text is None:
        return None
    found = re.findall(rb"<(MD5|SHA1|SHA256)>([0-9a-fA-F]{32,64})</\1>", text)
    return {name.decode().lower(): bytes.fromhex(value.decode()) for name, value in found if len(value) % 2 == 0}


def inflate_text(data: bytes, limit_bytes: int = 4 * 1024 * 1024) -> bytes | None:
    """Unpack a compressed text; None if it is damaged or larger than ``limit_bytes``."""
    unpacker = zlib.decompressobj()
    try:
        text = unpacker.decompress(data, limit_bytes)
    except zlib.error:
        return None
    return text if unpacker.eof else None


def parse_read_errors(data: bytes, sector_bytes: int) -> list[Region] | None:
    """Read a section "error2": what the acquisition could not read and filled with zeros.

    Returns:
        Every region of the media that it lists; None if it is damaged.
    """
    if len(data) < 520 or not sum_is_right(data[:520]):
        return None
    count = int.from_bytes(data[:4], "little")
    entries = data[520 : 520 + 8 * count + 4]
    if len(entries) != 8 * count + 4 or not sum_is_right(entries):
        return None
    pairs = struct.iter_unpack("<II", entries[: 8 * count])
    return [Region(offset_bytes=start * sector_bytes, length_bytes=length * sector_bytes) for start, length in pairs]


def parse_sessions(data: bytes) -> list[tuple[int, bool]] | None:
    """Read a section "session": start sector of every track of a disc, and whether it is audio. None if damaged."""
    if len(data) < 36 or not sum_is_right(data[:36]):
        return None
    count = int.from_bytes(data[:4], "little")
    entries = data[36 : 36 + _SESSION_BYTES * count + 4]
    if len(entries) != _SESSION_BYTES * count + 4 or not sum_is_right(entries):
        return None
    return [(start, bool(flags & _AUDIO)) for flags, start in struct.iter_unpack("<II24x", entries[:-4])]


def read_errors_words(regions: Sequence[Region]) -> str:
    """The sentence that tells what the acquisition could not read; it names but a few of many regions."""
    count = len(regions)
    shown = ", ".join(f"{region.length_bytes} bytes at {region.offset_bytes}" for region in regions[:5])
    what = f"The acquisition could not read {count} {'region' if count == 1 else 'regions'} and filled "
    return f"{what}{'it' if count == 1 else 'them'} with zeros: {shown}{' ...' if count > 5 else '.'}"
