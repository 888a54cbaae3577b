"""What The Sleuth Kit shows as files of FAT and exFAT that have no entry: the boot sector and the tables.

It cannot read the boot sector where sectors are larger than 512 bytes, nor the table of an exFAT that begins behind as
many sectors as there are clusters. Sources: FAT32 File System Specification, "Boot Sector and BPB"; exFAT
specification, 3.1.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from evidence.volumes.base import Readable, peek

_BOOT_BYTES = 512


@dataclass(frozen=True, slots=True)
class Area:
    """A part of a volume as the content of a file: where it begins and how long it is, in bytes."""

    source: Readable
    offset_bytes: int
    size_bytes: int

    def read(self, offset_bytes: int, size_bytes: int, /) -> bytes:
        """Bytes of it; raises OSError where the volume ends before."""
        wanted = max(0, min(size_bytes, self.size_bytes - offset_bytes))
        data = self.source.read_at(self.offset_bytes + offset_bytes, wanted) if wanted else b""
        if len(data) != wanted:
            raise OSError(f"the volume ends before byte {self.offset_bytes + offset_bytes + wanted}")
        return data

    def within(self, offset_bytes: int, size_bytes: int) -> Iterator[tuple[int, int, int]]:
        """Where a part of it lies: place in it, offset in the volume, length."""
        length = min(size_bytes, self.size_bytes - offset_bytes)
        if length > 0:
            yield offset_bytes, self.offset_bytes + offset_bytes, length

    def slack(self) -> Sequence[tuple[int, int]]:
        """Nothing: it fills its sectors."""
        return ()


def areas(source: Readable, *, exfat: bool) -> tuple[Area, ...]:
    """The boot sector, the table, and where there are two the second, in the order of their numbers."""
    boot = peek(source, 0, _BOOT_BYTES)
    if len(boot) < _BOOT_BYTES:
        return ()
    if exfat:
        at, length = struct.unpack_from("<II", boot, 80)
        sector_bytes, copies = 1 << min(boot[108], 12), boot[110]
    else:
        sector_bytes, at, copies = struct.unpack_from("<HxHB", boot, 11)
        length = struct.unpack_from("<H", boot, 22)[0] or struct.unpack_from("<I", boot, 36)[0]
    tables = [
        Area(source, (at + index * length) * sector_bytes, length * sector_bytes)
        for index in range(2 if copies == 2 else 1)
    ]
    return (Area(source, 0, _BOOT_BYTES), *tables)
