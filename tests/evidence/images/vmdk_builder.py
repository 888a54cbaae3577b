"""Sparse extents that qemu-img reads and does not write: COWD, SESPARSE, and hosted ones with every field at hand."""

import struct
from pathlib import Path

SECTOR = 512
HOSTED_GRAIN = 128 * SECTOR


def descriptor(path: Path, sectors: int, kind: str, name: str, *, parent: str = "") -> Path:
    lines = ["# Disk DescriptorFile", "version=1", "CID=1234abcd", f"parentCID={'1234abcd' if parent else 'ffffffff'}"]
    lines += ['createType="vmfsSparse"', *([f'parentFileNameHint="{parent}"'] if parent else [])]
    path.write_text("\n".join([*lines, f'RW {sectors} {kind} "{name}"', ""]), "utf-8")
    return path


def cowd(path: Path, sectors: int, grains: dict[int, bytes], *, grain_sectors: int = 1) -> Path:
    """Write a COWD extent that has some of its grains."""
    tables = -(-sectors // (grain_sectors * 4096))
    directory, at = [0] * tables, 4 + -(-tables * 4 // SECTOR)
    parts: dict[int, bytes] = {}
    for table in sorted({number // 4096 for number in grains}):
        directory[table], entries = at, [0] * 4096
        place = at + 32
        for number, data in sorted(grains.items()):
            if number // 4096 == table:
                entries[number % 4096] = place
                parts[place] = data
                place += grain_sectors
        parts[at] = struct.pack("<4096I", *entries)
        at = place
    header = struct.pack("<4s10I", b"COWD", 1, 3, sectors, grain_sectors, 4, tables, at, 1, 1, 1)
    parts |= {0: header, 4: struct.pack(f"<{tables}I", *directory)}
    return _written(path, parts)


def sesparse(path: Path, sectors: int, grains: dict[int, bytes | int], **fields: int) -> Path:
    """Write a SESPARSE extent; a number instead of data is the entry itself."""
    tables = -(-sectors // (8 * 4096))
    tables_at, grains_at = 64, 64 + tables * 64
    directory, parts, count = [0] * tables, {}, 0
    for table in sorted({number // 4096 for number in grains}):
        directory[table], entries = 0x1000000000000000 | table, [0] * 4096
        for number, data in sorted(grains.items()):
            if number // 4096 != table:
                continue
            if isinstance(data, int):
                entries[number % 4096] = data
                continue
            entries[number % 4096] = 3 << 60 | (count & 0xFFF) << 48 | count >> 12
            parts[grains_at + count * 8] = data
            count += 1
        parts[tables_at + table * 64] = struct.pack("<4096Q", *entries)
    said = [0xCAFEBABE, 0x200000001, sectors, 8, 64, fields.get("flags", 0), 0, 0, 0, 0, 1, 1, 2, 1, 3, 1]
    said += [8, -(-tables * 8 // SECTOR), tables_at, tables * 64, 5, 1, 6, 1, grains_at, count * 8]
    parts |= {0: struct.pack("<26Q", *said), 8: struct.pack(f"<{tables}Q", *directory)}
    parts[1] = struct.pack("<4Q", 0xCAFECAFE, 0, 0, fields.get("journal", 0))
    parts[grains_at + count * 8] = bytes(SECTOR)
    return _written(path, parts)


def _written(path: Path, parts: dict[int, bytes]) -> Path:
    with path.open("wb") as file:
        for sector, data in parts.items():
            file.seek(sector * SECTOR)
            file.write(data + bytes(-len(data) % SECTOR))
    return path
