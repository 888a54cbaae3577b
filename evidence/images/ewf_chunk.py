"""One chunk of an EWF: unpacked, and checked.

Source: "Expert Witness Compression Format specification", J. Metz, libewf documentation; "Data chunk".
"""

from __future__ import annotations

import zlib

from isal import isal_zlib

_CHECKSUM_BYTES = 4
_USUAL_FIRST_BYTE = 0x78
"""Deflate with a window of 32 KiB (RFC 1950 section 2.2). ISA-L takes windows that are larger than any may be."""


class BadChunkError(Exception):
    """A chunk is not what its checksum says. Never leaves the reader: it becomes an unreadable region."""


def stored_limit_bytes(chunk_bytes: int) -> int:
    """More than any compressor makes of a chunk of that size."""
    return 2 * chunk_bytes + 4096


def unpack(
    stored: memoryview, *, compressed: bool, wanted_bytes: int, chunk_bytes: int, sector_bytes: int = 1
) -> memoryview:
    """Give the media bytes of a chunk.

    Args:
        stored: The chunk as it lies in the file; what follows it does no harm.
        compressed: Whether the table says that it is compressed.
        wanted_bytes: How much of it belongs to the media; less than ``chunk_bytes`` only for the last chunk.
        chunk_bytes: Size of a whole chunk.
        sector_bytes: What the last chunk may be filled up to a multiple of, where the media ends within a sector.

    Raises:
        BadChunkError: Its checksum is wrong, it cannot be unpacked, or it has another size.
    """
    sizes = {wanted_bytes, min(chunk_bytes, -(-wanted_bytes // sector_bytes) * sector_bytes), chunk_bytes}
    if compressed:
        return _inflate(stored, sizes, wanted_bytes)[:wanted_bytes]
    for size in sorted(sizes):
        if len(stored) < size + _CHECKSUM_BYTES:
            break
        checksum = int.from_bytes(stored[size : size + _CHECKSUM_BYTES], "little")
        if isal_zlib.adler32(stored[:size]) == checksum:
            return stored[:wanted_bytes]
    if len(stored) < wanted_bytes + _CHECKSUM_BYTES:
        raise BadChunkError("the chunk is cut off")
    raise BadChunkError("the checksum of the chunk is wrong")


def _inflate(stored: memoryview, sizes: set[int], wanted_bytes: int) -> memoryview:
    data = _inflate_quickly(stored, max(sizes))
    if data is None or len(data) not in sizes:
        data = _inflate_carefully(stored, max(sizes))
    if len(data) not in sizes:
        raise BadChunkError(f"the chunk has {len(data)} bytes instead of {wanted_bytes}")
    return memoryview(data)


def _inflate_quickly(stored: memoryview, most_bytes: int) -> bytes | None:
    """What ISA-L makes of a stream whose checksum fits; None where zlib shall decide."""
    if not stored or stored[0] != _USUAL_FIRST_BYTE:
        return None
    unpacker = isal_zlib.decompressobj()
    try:
        data = unpacker.decompress(stored, most_bytes + 1)
    except isal_zlib.error:  # type: ignore[misc]  # its stub calls the class an instance
        return None
    return data if unpacker.eof else None


def _inflate_carefully(stored: memoryview, most_bytes: int) -> bytes:
    unpacker = zlib.decompressobj()
    try:
        data = unpacker.decompress(stored, most_bytes + 1)
    except zlib.error as error:
        raise BadChunkError("the compressed chunk is damaged") from error
    if not unpacker.eof:
        raise BadChunkError("the compressed chunk is cut off, or larger than a chunk")
    return data
