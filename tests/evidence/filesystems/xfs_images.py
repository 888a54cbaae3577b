"""XFS images made by mkfs.xfs from a prototype file, and changes to them that no tool makes."""

from __future__ import annotations

import random
import struct
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from evidence.filesystems.checksums import crc32c
from tests.evidence.made_images import blank, need, run

LONG_TARGET = "t/" * 500 + "x"
LONG_NAME = "L" * 255
BIG = random.Random(5).randbytes(300_001)
SMALL = b"%PDF-1.7\n"  # known by its start: to ask libmagic of each of so many files takes longer than all else
FOLDERS = {"short": 3, "block": 30, "leaf": 120, "node": 700}


def made(
    folder: Path, *options: str, target: str = LONG_TARGET, folders: Mapping[str, int] = MappingProxyType(FOLDERS)
) -> Path:
    """An image of 64 MiB with two groups: all kinds of entries, and directories with so many files, of every form."""
    need("mkfs.xfs", "xfs_db")
    (folder / "big.src").write_bytes(BIG)
    (folder / "small.src").write_bytes(SMALL)
    small = folder / "small.src"
    lines = ["boot", "0 0", "d--755 0 0", f"big ---644 1 2 {folder / 'big.src'}", f"small ---600 0 0 {small}"]
    lines += ["pipe p--644 0 0", "chr c--644 0 0 1 3", "blk b--644 0 0 7 1", "near l--777 0 0 small"]
    lines += [f"far l--777 0 0 {target}", f"{LONG_NAME} ---644 0 0 {small}"]
    for name, count in folders.items():
        lines += [f"{name} d--755 0 0", *(f"{name}-file-{index:05d} ---644 0 0 {small}" for index in range(count)), "$"]
    (folder / "proto").write_text("\n".join([*lines, "$", "$", ""]), encoding="utf-8")
    path = blank(folder / "xfs.img", 64 << 20)
    size = ("-d", "agcount=2", "-l", "size=12m")
    run("mkfs.xfs", "-q", "--unsupported", *size, *options, "-p", folder / "proto", path)
    return path


def asked(path: Path, *commands: str) -> str:
    """What xfs_db answers."""
    return run("xfs_db", "-r", *(part for command in commands for part in ("-c", command)), path)


def inode_at(path: Path, number: int) -> int:
    """Where an inode of the first group lies, in bytes, as xfs_db converts its number."""
    return int(asked(path, f"convert inode {number} fsbyte").split()[0], 0)


def change(path: Path, offset: int, data: bytes | bytearray) -> None:
    """Write bytes into an image."""
    with path.open("r+b") as file:
        file.seek(offset)
        file.write(data)


def read(path: Path, offset: int, size: int) -> bytearray:
    """Bytes of an image."""
    with path.open("rb") as file:
        file.seek(offset)
        return bytearray(file.read(size))


def seal(raw: bytearray, at: int) -> bytearray:
    """The bytes with their checksum, of which ``at`` is the place."""
    struct.pack_into("<I", raw, at, 0)
    struct.pack_into("<I", raw, at, crc32c(bytes(raw)))
    return raw
