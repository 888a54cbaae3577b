"""Small 7z archives that no packer would write."""

from __future__ import annotations

import lzma
import struct
import zlib


def number(value: int) -> bytes:
    return b"\xff" + value.to_bytes(8, "little")


def property_of(kind: int, data: bytes) -> bytes:
    return bytes([kind]) + number(len(data)) + data


def archive(names: list[str], data: list[bytes], *, crcs: bool = True, unpacked_bytes: int | None = None) -> bytes:
    """An archive whose members are stored, one block for each, as no packer would name them."""
    header = b"\x01\x04\x06" + number(0) + number(len(data)) + b"\x09" + b"".join(number(len(one)) for one in data)
    header += b"\x00\x07\x0b" + number(len(data)) + b"\x00" + b"\x01\x01\x00" * len(data)
    header += b"\x0c" + b"".join(number(len(one) if unpacked_bytes is None else unpacked_bytes) for one in data)
    if crcs:
        header += b"\x0a\x01" + b"".join(struct.pack("<I", zlib.crc32(one)) for one in data)
    header += b"\x00\x00\x05" + number(len(names))
    text = b"".join(name.encode("utf-16-le", "surrogatepass") + b"\0\0" for name in names)
    return framed(header + property_of(0x11, b"\0" + text) + b"\0\0", b"".join(data))


def framed(header: bytes, body: bytes) -> bytes:
    start = struct.pack("<QQI", len(body), len(header), zlib.crc32(header))
    return b"7z\xbc\xaf\x27\x1c\x00\x04" + struct.pack("<I", zlib.crc32(start)) + start + body + header


def bomb(size_bytes: int) -> bytes:
    """Zeros packed by LZMA, in one member."""
    chain = [{"id": lzma.FILTER_LZMA2, "dict_size": 1 << 20}]
    compressor = lzma.LZMACompressor(lzma.FORMAT_RAW, filters=chain)
    body = b"".join(compressor.compress(bytes(1 << 20)) for _ in range(size_bytes >> 20)) + compressor.flush()
    header = b"\x01\x04\x06" + number(0) + number(1) + b"\x09" + number(len(body)) + b"\x00\x07\x0b" + number(1)
    header += b"\x00\x01\x21\x21\x01\x10" + b"\x0c" + number(size_bytes) + b"\x00\x00\x05" + number(1)
    return framed(header + property_of(0x11, b"\0" + "bomb".encode("utf-16-le") + b"\0\0") + b"\0\0", body)
