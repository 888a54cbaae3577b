"""One chunk of an EWF: unpacked, and checked.

Source: "Expert Witness Compression Format specification", J. Metz, libewf documentation; "Data chunk".
"""

from __future__ import annotations

import zlib

_CHECKSUM_BYTES = 4


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
        if zlib.adler32(stored[:size]) == checksum:
            return stored[:wanted_bytes]
    if len(stored) < wanted_bytes + _CHECKSUM_BYTES:
        raise BadChunkError("the chunk is cut off")
    raise BadChunkError("the checksum of the chunk is wrong")


def _inflate(stored: memoryview, sizes: set[int], wanted_bytes: int) -> memoryview:
    unpacker = zlib.decompressobj()
    try:
        data = unpacker.decompress(stored, max(sizes) + 1)
    except zlib.error as error:
        raise BadChunkError("the compressed chunk is damaged") from error
    if not unpacker.eof:
        raise BadChunkError("the compressed chunk is cut off, or larger than a chunk")
    if len(data) not in sizes:
        raise BadChunkError(f"the chunk has {len(data)} bytes instead of {wanted_bytes}")
    return memoryview(data)
