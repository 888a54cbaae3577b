"""LZFSE and LZVN, by the reference implementation; the only place that knows its library.

Source: Apple's published LZFSE, the layout of its blocks in ``lzfse_internal.h``.
"""

from __future__ import annotations

import struct

import lzfse

_END, _STORED, _LZVN, _COMPRESSED = b"bvx$", b"bvx-", b"bvxn", b"bvx2"
_RAW_PER_BLOCK = 1 << 14


def unpack_lzfse(data: bytes, size_bytes: int) -> bytes:
    """The content of an LZFSE stream.

    Args:
        data: The stream; what follows its end mark is ignored.
        size_bytes: How long the content is.

    Raises:
        OSError: It is damaged, or of another length.
    """
    raw, blocks, at = 0, 0, 0
    while (magic := data[at : at + 4]) != _END:
        if magic not in (_STORED, _LZVN, _COMPRESSED) or at + 32 > len(data) + 20:
            raise OSError("the LZFSE stream has no end, or a block of a kind that is not known")
        length, size = _block(data, at, magic)
        raw, blocks, at = raw + length, blocks + 1, at + size
        if raw > size_bytes or blocks > 2 + size_bytes // _RAW_PER_BLOCK:
            raise OSError(f"the LZFSE stream claims more than {size_bytes} bytes")
    return _unpack(data[: at + 4], size_bytes, "LZFSE")


def unpack_lzvn(data: bytes, size_bytes: int) -> bytes:
    """The content of LZVN data, which end with their end mark.

    Raises:
        OSError: They are damaged, or of another length.
    """
    return _unpack(_LZVN + struct.pack("<II", size_bytes, len(data)) + data + _END, size_bytes, "LZVN")


def _block(data: bytes, at: int, magic: bytes) -> tuple[int, int]:
    """How much a block holds, and how long it is."""
    try:
        (raw,) = struct.unpack_from("<I", data, at + 4)
        if magic == _STORED:
            return raw, 8 + raw
        if magic == _LZVN:
            return raw, 12 + struct.unpack_from("<I", data, at + 8)[0]
        literals, states, header = struct.unpack_from("<QQQ", data, at + 8)
    except struct.error as error:
        raise OSError("the LZFSE stream is cut off") from error
    return raw, max(32, header & 0xFFFF_FFFF) + (literals >> 20 & 0xFFFFF) + (states >> 40 & 0xFFFFF)


def _unpack(data: bytes, size_bytes: int, name: str) -> bytes:
    try:
        plain: bytes = lzfse.decompress(data)
    except (lzfse.error, MemoryError) as error:
        raise OSError(f"the {name} data are damaged") from error
    if len(plain) != size_bytes:
        raise OSError(f"the {name} data unpack to {len(plain)} bytes, not {size_bytes}")
    return plain
