"""The compressions of SquashFS: one block at a time, never more than it may give.

Sources: ``Documentation/filesystems/squashfs.rst`` of Linux; the published block format of LZ4.
"""

from __future__ import annotations

import lzma
import zlib

import zstandard

from evidence.filesystems.btrfs_lzo import decompress as unpack_lzo

NAMES = {1: "gzip", 2: "lzma", 3: "lzo", 4: "xz", 5: "lz4", 6: "zstd"}
_MEMORY_BYTES = 64 << 20


def unpack(method: int, data: bytes, limit_bytes: int) -> bytes:
    """One block.

    Args:
        method: As the superblock names it.
        data: The block as it lies on the volume.
        limit_bytes: The most that it may give.

    Raises:
        OSError: It is damaged, gives more, or its method is not known.
    """
    try:
        if method == 1:
            unpacker = zlib.decompressobj()
            whole = unpacker.decompress(data, limit_bytes + 1)
            if not unpacker.eof and len(whole) <= limit_bytes:
                raise OSError("the block ends too early")
        elif method in (2, 4):
            form = lzma.FORMAT_ALONE if method == 2 else lzma.FORMAT_XZ
            decoder = lzma.LZMADecompressor(form, _MEMORY_BYTES)
            whole = decoder.decompress(data, limit_bytes + 1)
            if method == 4 and not decoder.eof and len(whole) <= limit_bytes:
                raise OSError("the block ends too early")
        elif method == 3:
            whole = unpack_lzo(data, limit_bytes)
        elif method == 5:
            whole = _lz4(data, limit_bytes)
        elif method == 6:
            with zstandard.ZstdDecompressor(max_window_size=_MEMORY_BYTES).stream_reader(data) as reader:
                whole = reader.read(limit_bytes + 1)
        else:
            raise OSError(f"the compression {method} is not known")
    except (zlib.error, lzma.LZMAError, zstandard.ZstdError, EOFError, MemoryError) as error:
        raise OSError(f"{NAMES[method]}: {error}") from error
    if len(whole) > limit_bytes:
        raise OSError(f"a block gives more than {limit_bytes} bytes")
    return whole


def _lz4(data: bytes, limit_bytes: int) -> bytes:
    """One block of LZ4; raises OSError where it is damaged."""
    out, at = bytearray(), 0
    try:
        while at < len(data):
            token = data[at]
            at += 1
            literals, at = _length(data, at, token >> 4)
            if at + literals > len(data):
                raise OSError("LZ4: the block ends too early")
            out += data[at : at + literals]
            at += literals
            if at == len(data):
                break
            distance = data[at] | data[at + 1] << 8
            length, at = _length(data, at + 2, token & 15)
            start, length = len(out) - distance, length + 4
            if not distance or start < 0 or len(out) + length > limit_bytes:
                raise OSError("LZ4: a match makes no sense")
            pattern = bytes(out[start : start + length])
            out += (pattern * (length // len(pattern) + 1))[:length]
    except IndexError:
        raise OSError("LZ4: the block ends too early") from None
    return bytes(out)


def _length(data: bytes, at: int, value: int) -> tuple[int, int]:
    if value == 15:
        while True:
            value += data[at]
            at += 1
            if data[at - 1] != 255:
                break
    return value, at
