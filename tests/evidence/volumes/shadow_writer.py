"""Writes volumes with shadow copies around blocks whose every sector is told by its bytes."""

from __future__ import annotations

import hashlib
import struct
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

BLOCK = 0x4000
GUID = uuid.UUID("3808876b-c176-4e48-b7ae-04046e6cc752").bytes_le
FILETIME_2020 = 132_223_104_000_000_000
Descriptor = tuple[int, int, int, int, int]
"""Original block, relative block or number, block in the volume, flags, bitmap."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreToWrite:
    """One shadow copy; descriptors count in blocks, and ``empty`` are the blocks flagged in its bitmap."""

    descriptors: Sequence[Descriptor] = ()
    empty: Sequence[int] = ()
    previously_empty: Sequence[int] | None = None
    is_elsewhere: bool = False
    flags: int = 0x40
    volume_bytes: int | None = None


class MemoryImage:
    """Bytes as something to read."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.media_bytes = len(data)

    def read_at(self, offset_bytes: int, size_bytes: int, /) -> bytes:
        return self.data[offset_bytes : offset_bytes + size_bytes]


def sector_of(number: int) -> bytes:
    """What the sector of that number holds."""
    return hashlib.sha512(number.to_bytes(8, "little")).digest() * 8


def record(kind: int, at: int, following: int = 0, more: bytes = b"") -> bytes:
    return (struct.pack("<16sIIQQQ", GUID, 1, kind, 0, at, following) + more).ljust(128, b"\0")


def volume_with(stores: Sequence[StoreToWrite], *, blocks: int = 256) -> bytearray:
    """A volume of so many blocks, its structures in the last third."""
    data = bytearray(b"".join(sector_of(number) for number in range(blocks * BLOCK // 512)))
    data[:512] = data[-512:] = _boot_sector(len(data) // 512)
    free = blocks - blocks // 3

    def place(payload: bytes) -> int:
        nonlocal free
        at = free * BLOCK
        data[at : at + BLOCK] = payload.ljust(BLOCK, b"\0")
        free += 1
        return at

    def bitmap_of(flagged: Sequence[int]) -> int:
        bits = bytearray(BLOCK - 128)
        for block in flagged:
            bits[block // 8] |= 1 << block % 8
        return place(record(6, free * BLOCK) + bits)

    entries = b""
    for number, store in enumerate(stores):
        name = uuid.uuid5(uuid.NAMESPACE_OID, str(number)).bytes_le
        size = len(data) if store.volume_bytes is None else store.volume_bytes
        created = FILETIME_2020 + number * 10_000_000
        entries += struct.pack("<QQ16sQQQ", 2, size, name, number + 1, store.flags, created).ljust(128, b"\0")
        if store.is_elsewhere:
            continue
        information = bytes(16) + name + bytes(16) + struct.pack("<IIII", 0xD, 0, 0, 0) + struct.pack("<HH", 0, 0)
        header = place(record(4, free * BLOCK, more=struct.pack("<Q", len(information))) + information)
        ranges = place(record(5, free * BLOCK))
        bitmap = bitmap_of(store.empty)
        previous = 0 if store.previously_empty is None else bitmap_of(store.previously_empty)
        listed = 0
        pages = [store.descriptors[at : at + 508] for at in range(0, len(store.descriptors), 508)] or [()]
        for index, page in enumerate(pages):
            last = index == len(pages) - 1
            at = place(record(3, free * BLOCK, 0 if last else (free + 1) * BLOCK) + b"".join(map(_packed, page)))
            listed = listed or at
        entries += struct.pack("<QQ16sQQQQQQ", 3, listed, name, header, ranges, bitmap, 0, BLOCK, previous).ljust(
            128, b"\0"
        )
    catalog = place(record(2, free * BLOCK) + entries)
    data[0x1E00:0x2000] = record(1, 0x1E00, 0x1E00, struct.pack("<QQ", catalog, 0) + bytes(32)).ljust(512, b"\0")
    data[0x1E00 + 40 : 0x1E00 + 64] = struct.pack("<QQQ", 0, catalog, 0)
    return data


def _boot_sector(sectors: int) -> bytes:
    boot = bytearray(512)
    boot[:11], boot[510:] = b"\xeb\x52\x90NTFS    ", b"\x55\xaa"
    struct.pack_into("<HB", boot, 11, 512, 8)
    struct.pack_into("<QQQ", boot, 40, sectors - 1, 4, 8)
    boot[64], boot[68] = 0xF6, 1
    return bytes(boot)


def _packed(descriptor: Descriptor) -> bytes:
    original, relative, stored, flags, bitmap = descriptor
    place = 0 if flags & 1 else stored * BLOCK
    return struct.pack("<QQQII", original * BLOCK, relative * BLOCK, place, flags, bitmap)
