"""Unpacking the chunks of a UDIF disk image; what comes out has exactly the size that the table says.

Sources: RFC 1950; the formats of bzip2 and xz; for ADC "Apple Disk Image (DMG) format", J. Metz, libmodi documentation.
"""

from __future__ import annotations

import bz2
import lzma
import zlib
from collections.abc import Callable, Mapping

from evidence.lzfse import unpack_lzfse

ZERO, RAW, IGNORE = 0, 1, 2
ADC, ZLIB, BZIP2, LZFSE, XZ = 0x80000004, 0x80000005, 0x80000006, 0x80000007, 0x80000008
COMMENT, LAST = 0x7FFFFFFE, 0xFFFFFFFF
NAMES: Mapping[int, str] = {ADC: "adc", ZLIB: "zlib", BZIP2: "bzip2", LZFSE: "lzfse", XZ: "lzma"}
_XZ_MEMORY_BYTES = 256 * 1024 * 1024


class BadChunkError(Exception):
    """A chunk cannot be unpacked; the message is part of a sentence. Never leaves the reader."""


def unpack(kind: int, data: bytes, size_bytes: int) -> bytes:
    """Unpack one chunk to ``size_bytes``.

    Raises:
        BadChunkError: It is damaged, has another size, or is packed in a way that is not known.
    """
    if kind not in _UNPACKERS:
        raise BadChunkError(f"the chunk has the type {kind:#x}, which is not known")
    try:
        unpacked = _UNPACKERS[kind](data, size_bytes)
    except (zlib.error, lzma.LZMAError, OSError, EOFError, MemoryError) as error:
        raise BadChunkError(f"the chunk packed with {NAMES[kind]} is damaged") from error
    if len(unpacked) != size_bytes:
        raise BadChunkError(f"the chunk packed with {NAMES[kind]} has another size than {size_bytes} bytes")
    return unpacked


def _zlib(data: bytes, size_bytes: int) -> bytes:
    unpacker = zlib.decompressobj()
    unpacked = unpacker.decompress(data, size_bytes + 1)
    if not unpacker.eof and len(unpacked) == size_bytes:
        unpacked += unpacker.decompress(unpacker.unconsumed_tail, 1)
    return unpacked if unpacker.eof else b""


def _bzip2(data: bytes, size_bytes: int) -> bytes:
    unpacker = bz2.BZ2Decompressor()
    unpacked = unpacker.decompress(data, size_bytes + 1)
    if not unpacker.eof and len(unpacked) == size_bytes:
        unpacked += unpacker.decompress(b"", 1)
    return unpacked if unpacker.eof else b""


def _xz(data: bytes, size_bytes: int) -> bytes:
    unpacker = lzma.LZMADecompressor(memlimit=_XZ_MEMORY_BYTES)
    unpacked = unpacker.decompress(data, size_bytes + 1)
    if not unpacker.eof and len(unpacked) == size_bytes:
        unpacked += unpacker.decompress(b"", 1)
    return unpacked if unpacker.eof else b""


def _adc(data: bytes, size_bytes: int) -> bytes:
    """Apple Data Compression: runs of bytes, and copies of what came before at one of two distances."""
    out = bytearray()
    at = 0
    while at < len(data) and len(out) < size_bytes:
        code = data[at]
        if code & 0x80:
            length = (code & 0x7F) + 1
            out += data[at + 1 : at + 1 + length]
            at += 1 + length
            continue
        wide = code & 0x40
        step = 3 if wide else 2
        operand = data[at : at + step]
        if len(operand) < step:
            break
        if wide:
            length, distance = (code & 0x3F) + 4, int.from_bytes(operand[1:], "big") + 1
        else:
            length, distance = (code >> 2 & 0xF) + 3, ((code & 3) << 8 | operand[1]) + 1
        if distance > len(out):
            break
        _repeat(out, distance, length)
        at += step
    return bytes(out)


def _repeat(out: bytearray, distance: int, length: int) -> None:
    while length > 0:
        piece = out[len(out) - distance : len(out) - distance + min(length, distance)]
        out += piece
        length -= len(piece)


_UNPACKERS: Mapping[int, Callable[[bytes, int], bytes]] = {
    ADC: _adc,
    ZLIB: _zlib,
    BZIP2: _bzip2,
    LZFSE: unpack_lzfse,
    XZ: _xz,
}
