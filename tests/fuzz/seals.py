"""Checksums of structures: found out from the undamaged block, and made right again after a change."""

from __future__ import annotations

import hashlib
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from evidence.filesystems.checksums import crc32c


class Readable(Protocol):
    """What an undamaged block is read from."""

    def read(self, offset_bytes: int, size_bytes: int) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Seal:
    """One way to seal a block.

    Attributes:
        name: Whose way it is.
        size_bytes: Of the block.
        at: Where in the block the checksum lies.
        make: Gives it for a block in which the checksum is zero.
        step_bytes: What the block is aligned to; its size when left out.
    """

    name: str
    size_bytes: int
    at: int
    make: Callable[[bytes], bytes]
    step_bytes: int = 0

    def starts(self, offset_bytes: int) -> range:
        """Where a block that holds this place may begin."""
        step = self.step_bytes or self.size_bytes
        last = offset_bytes - offset_bytes % step
        return range(last, max(-1, offset_bytes - self.size_bytes), -step)


def _crc32c(block: bytes) -> bytes:
    return struct.pack("<I", crc32c(block))


def _btrfs(block: bytes) -> bytes:
    return struct.pack("<I", crc32c(block[32:]))


def _fletcher64(block: bytes) -> bytes:
    words = struct.unpack(f"<{len(block) // 4 - 2}I", block[8:])
    low = high = 0
    for word in words:
        low += word
        high += low
    low, high, prime = low % 0xFFFFFFFF, high % 0xFFFFFFFF, 0xFFFFFFFF
    first = prime - (low + high) % prime
    return struct.pack("<II", first, prime - (low + first) % prime)


def _gpt(block: bytes) -> bytes:
    return struct.pack("<I", zlib.crc32(block[:92]))


def _luks2(block: bytes) -> bytes:
    return hashlib.sha256(block).digest() + bytes(32)


def _vhd(block: bytes) -> bytes:
    return struct.pack(">I", ~sum(block) & 0xFFFFFFFF)


SEALS: tuple[Seal, ...] = (
    *(Seal("btrfs", size, 0, _btrfs) for size in (4096, 16384)),
    Seal("apfs", 4096, 0, _fletcher64),
    *(Seal("xfs sector", 512, at, _crc32c) for at in (216, 224, 312, 32)),
    *(Seal("xfs inode", 512, at, _crc32c) for at in (100,)),
    *(Seal("xfs block", 4096, at, _crc32c) for at in (4, 12, 52, 64)),
    Seal("ext4 superblock", 1024, 1020, _crc32c),
    Seal("vhdx header", 4096, 4, _crc32c),
    Seal("vhdx table", 65536, 4, _crc32c),
    Seal("gpt header", 512, 16, _gpt),
    Seal("vhd footer", 512, 64, _vhd),
    Seal("vhd header", 1024, 36, _vhd, 512),
    Seal("luks2 header", 16384, 448, _luks2),
)


def resealed(pristine: Readable, offset_bytes: int, data: bytes) -> tuple[int, bytes] | None:
    """The block around a change with its checksum right; None where it has none that is known."""
    for seal in SEALS:
        for start in seal.starts(offset_bytes):
            if offset_bytes + len(data) > start + seal.size_bytes:
                continue
            block = bytearray(pristine.read(start, seal.size_bytes))
            if len(block) == seal.size_bytes and _is_sealed(seal, block):
                block[offset_bytes - start : offset_bytes - start + len(data)] = data
                return start, _sealed(seal, block)
    return None


def _is_sealed(seal: Seal, block: bytearray) -> bool:
    found = bytes(block[seal.at : seal.at + len(seal.make(bytes(block)))])
    return any(found) and _sealed(seal, bytearray(block)) == bytes(block)


def _sealed(seal: Seal, block: bytearray) -> bytes:
    size = len(seal.make(bytes(block)))
    block[seal.at : seal.at + size] = bytes(size)
    block[seal.at : seal.at + size] = seal.make(bytes(block))
    return bytes(block)
