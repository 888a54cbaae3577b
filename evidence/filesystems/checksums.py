"""CRC-32C and xxHash, as file systems keep them over metadata and data; only this file knows their libraries.

CRC-32C is that of RFC 3720 (Castagnoli polynomial, reflected, both ends inverted).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import google_crc32c
import xxhash


def crc32c(data: bytes, seed: int = 0) -> int:
    """CRC-32C of ``data``; ``seed`` is that of the bytes before it."""
    value: int = google_crc32c.extend(seed, data)
    return value


def crc32c_digest(data: bytes) -> bytes:
    """CRC-32C as four bytes, the lowest first."""
    value: int = google_crc32c.value(data)
    return value.to_bytes(4, "little")


def _xxhash64(data: bytes) -> bytes:
    value: int = xxhash.xxh64_intdigest(data)
    return value.to_bytes(8, "little")


def _sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def _blake2b(data: bytes) -> bytes:
    return hashlib.blake2b(data, digest_size=32).digest()


BTRFS_CHECKSUMS: dict[int, tuple[str, int, Callable[[bytes], bytes]]] = {
    0: ("crc32c", 4, crc32c_digest),
    1: ("xxhash64", 8, _xxhash64),
    2: ("sha256", 32, _sha256),
    3: ("blake2b", 32, _blake2b),
}
"""Name, size in bytes and function of each checksum that a Btrfs superblock can name."""
