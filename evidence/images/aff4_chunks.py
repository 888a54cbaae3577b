"""The chunks of an AFF4 image stream, unpacked: stored, deflate, Snappy, LZ4.

Snappy and LZ4 have no checksum of their own, so what they give may be wrong without an error; see ``aff4_streams`` for
how that is found. Source: "AFF4 Standard v1.0", section 3.2; RFC 1950, RFC 1951.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable

import cramjam

CHUNK_MAX_BYTES = 64 * 1024 * 1024
_LZ4_FRAME = b"\x04\x22\x4d\x18"
_LENGTH_BYTES = 4


class BadChunkError(Exception):
    """A chunk cannot be unpacked; the message is part of a sentence."""


def _stored(stored: bytes, size_bytes: int) -> bytes:
    if len(stored) > size_bytes:
        raise BadChunkError(f"the chunk has {len(stored)} bytes, though it is not packed")
    return stored


def _deflate(stored: bytes, size_bytes: int) -> bytes:
    """With the frame of zlib, which has a checksum, or bare."""
    for window in (15, -15):
        unpacker = zlib.decompressobj(window)
        try:
            data = unpacker.decompress(stored, size_bytes + 1)
        except zlib.error:
            continue
        if unpacker.eof and len(data) <= size_bytes:
            return data
    raise BadChunkError("the chunk cannot be unpacked (deflate)")


def _snappy(stored: bytes, size_bytes: int) -> bytes:
    try:
        if (length := cramjam.snappy.decompress_raw_len(stored)) > size_bytes:
            raise BadChunkError(f"the chunk claims {length} bytes unpacked")
        return _into(cramjam.snappy.decompress_raw_into, stored, size_bytes)
    except cramjam.DecompressionError as error:
        raise BadChunkError("the chunk cannot be unpacked (Snappy)") from error


def _lz4(stored: bytes, size_bytes: int) -> bytes:
    """A bare block, as the standard means it; some writers put its length before it, or make a frame of it."""
    shapes: list[tuple[Callable[[bytes, bytearray], int], bytes]] = [(cramjam.lz4.decompress_block_into, stored)]
    if int.from_bytes(stored[:_LENGTH_BYTES], "little") <= size_bytes:
        shapes.append((cramjam.lz4.decompress_block_into, stored[_LENGTH_BYTES:]))
    if stored.startswith(_LZ4_FRAME):
        shapes = [(cramjam.lz4.decompress_into, stored)]
    for unpack, block in shapes:
        try:
            return _into(unpack, block, size_bytes)
        except cramjam.DecompressionError:
            continue
    raise BadChunkError("the chunk cannot be unpacked (LZ4)")


def _into(unpack: Callable[[bytes, bytearray], int], stored: bytes, size_bytes: int) -> bytes:
    target = bytearray(size_bytes)
    return bytes(memoryview(target)[: unpack(stored, target)])


Unpack = Callable[[bytes, int], bytes]

METHODS: dict[str, tuple[str, Unpack]] = {
    "": ("none", _stored),
    "aff4.org/schema#nullcompressor": ("none", _stored),
    "aff4.org/schema#compression/stored": ("none", _stored),
    "tools.ietf.org/html/rfc1951": ("deflate", _deflate),
    "tools.ietf.org/html/rfc1950": ("zlib", _deflate),
    "www.ietf.org/rfc/rfc1951.txt": ("deflate", _deflate),
    "www.ietf.org/rfc/rfc1950.txt": ("zlib", _deflate),
    "code.google.com/p/snappy": ("Snappy", _snappy),
    "github.com/google/snappy": ("Snappy", _snappy),
    "code.google.com/p/lz4": ("LZ4", _lz4),
    "github.com/lz4/lz4": ("LZ4", _lz4),
}
"""By the address that names the method, without its scheme."""


def method_of(address: str) -> tuple[str, Unpack] | None:
    """The name of a method of compression and what unpacks it; None for one that is not known."""
    return METHODS.get(address.lower().removeprefix("https://").removeprefix("http://").rstrip("/"))
