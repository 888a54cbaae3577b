"""The three compressions of Btrfs: zlib, LZO and Zstandard."""

from __future__ import annotations

import zlib

import zstandard

from evidence.filesystems.btrfs_lzo import decompress_extent

NAMES = {1: "zlib", 2: "lzo", 3: "zstd"}
MAX_EXTENT_BYTES = 16 << 20
_MAX_WINDOW_BYTES = 1 << 23


def decompress(kind: int, data: bytes, size_bytes: int, sector_bytes: int) -> bytes:
    """Exactly ``size_bytes`` of a compressed extent; what the stream leaves of its last sector reads as zeros.

    Args:
        kind: As the extent names it.
        data: The extent as it lies on the disk.
        size_bytes: What it holds uncompressed.
        sector_bytes: Of the file system.

    Raises:
        OSError: The compression is not known, or the data are damaged.
    """
    if size_bytes > MAX_EXTENT_BYTES:
        raise OSError(f"a compressed extent declares {size_bytes} bytes, more than any writer makes")
    if kind == 1:
        whole = _zlib(data, size_bytes)
    elif kind == 2:
        whole = decompress_extent(data, size_bytes, sector_bytes)
    elif kind == 3:
        whole = _zstd(data, size_bytes)
    else:
        raise OSError(f"the extent is compressed by a method that is not known ({kind})")
    if size_bytes - len(whole) >= sector_bytes:
        raise OSError(f"the compressed extent gives {len(whole)} of {size_bytes} bytes")
    return whole + bytes(size_bytes - len(whole))


def _zlib(data: bytes, size_bytes: int) -> bytes:
    try:
        return zlib.decompressobj().decompress(data, size_bytes)
    except zlib.error as error:
        raise OSError(f"zlib: {error}") from error


def _zstd(data: bytes, size_bytes: int) -> bytes:
    try:
        reader = zstandard.ZstdDecompressor(max_window_size=_MAX_WINDOW_BYTES).stream_reader(data)
        with reader:
            return reader.read(size_bytes)
    except (zstandard.ZstdError, MemoryError) as error:
        raise OSError(f"zstd: {error}") from error
