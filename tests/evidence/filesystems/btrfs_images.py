"""Btrfs images made by mkfs.btrfs, and changes to their trees that only a driver makes."""

from __future__ import annotations

import os
import random
import struct
from collections.abc import Callable, Iterator
from pathlib import Path

from evidence.filesystems.checksums import BTRFS_CHECKSUMS
from tests.evidence.made_images import blank, need, run

BIG = random.Random(3).randbytes(700_001)
TEXT = b"".join(b"line %d of a text that can be compressed\n" % index for index in range(3_000))
SECOND = 1_000_000_000


def filled(folder: Path) -> Path:
    """Files of every kind, many in one folder, hard links, holes, long names and names that are no text."""
    (folder / "many").mkdir(parents=True)
    (folder / "deep" / "er").mkdir(parents=True)
    for index in range(600):
        (folder / "many" / f"file-{index:04d}.txt").write_bytes(b"%d\n" % index)
    (folder / "big").write_bytes(BIG)
    (folder / "text").write_bytes(TEXT)
    (folder / "empty").write_bytes(b"")
    with (folder / "sparse").open("wb") as file:
        file.write(b"a" * 5000)
        file.seek(20_000_000)
        file.write(b"b" * 5000)
    (folder / "deep" / "hard").hardlink_to(folder / "big")
    (folder / "deep" / "link").symlink_to("../big")
    (folder / "far").symlink_to("x/" * 600)
    os.mkfifo(folder / "pipe")
    (folder / ("L" * 255)).write_bytes(b"long")
    with open(os.fsencode(folder) + b"/bad\xff\xfename", "wb") as bad:  # noqa: PTH123  bytes that no Path can hold
        bad.write(b"bad")
    return folder


def made(path: Path, folder: Path, *options: str) -> Path:
    """An image of 128 MiB that holds ``folder``."""
    need("mkfs.btrfs", "btrfs")
    run("mkfs.btrfs", "-q", *options, "-r", folder, blank(path, 128 << 20))
    return path


class Editor:
    """The tree blocks of an image with one device whose data and metadata are written once (profile single)."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.raw = bytearray(path.read_bytes())
        _, self._width, self._sum = BTRFS_CHECKSUMS[self.raw[65536 + 196]]
        (self.node,) = struct.unpack_from("<I", self.raw, 65536 + 148)

    def blocks(self, owner: int) -> list[int]:
        """Where the leaves of a tree lie, in the order of their keys."""
        return [at for at in self.nodes(self.root(owner)) if self.raw[at + 100] == 0]

    def root(self, owner: int) -> int:
        """Logical address of the top of a tree."""
        if owner in (1, 3):
            return int(struct.unpack_from("<Q", self.raw, 65536 + (80 if owner == 1 else 88))[0])
        place = next(place for _, key, place, _ in self.items(1) if key[:2] == (owner, 132))
        return int(struct.unpack_from("<Q", self.raw, place + 176)[0])

    def nodes(self, address: int) -> Iterator[int]:
        """Where the blocks of a tree lie, its top first."""
        at = self.physical(address)
        yield at
        if self.raw[at + 100]:
            for index in range(int.from_bytes(self.raw[at + 96 : at + 100], "little")):
                yield from self.nodes(struct.unpack_from("<Q", self.raw, at + 101 + index * 33 + 17)[0])

    def items(self, owner: int) -> Iterator[tuple[int, tuple[int, int, int], int, int]]:
        """Block, key, and place and size of the data of each item."""
        for block in self.blocks(owner):
            for index in range(int.from_bytes(self.raw[block + 96 : block + 100], "little")):
                *key, offset, size = struct.unpack_from("<QBQII", self.raw, block + 101 + index * 25)
                yield block, (key[0], key[1], key[2]), block + 101 + offset, size

    def change(self, owner: int, wanted: Callable[[tuple[int, int, int]], bool], at: int, data: bytes) -> None:
        """Write into the data of all items whose key is wanted."""
        changed = False
        for block, key, place, _ in list(self.items(owner)):
            if wanted(key):
                self.raw[place + at : place + at + len(data)] = data
                self.seal(block)
                changed = True
        assert changed

    def seal(self, block: int) -> None:
        """Give a tree block, or the superblock, its checksum."""
        end = block + (4096 if block == 65536 else self.node)
        self.raw[block : block + self._width] = self._sum(bytes(self.raw[block + 32 : end]))[: self._width]

    def checksum(self, data: bytes) -> bytes:
        """The checksum of data, of the kind that the image has."""
        return self._sum(data)[: self._width]

    def sums(self, address: int, data: bytes) -> None:
        """Give data blocks at a logical address their checksums."""
        for index in range(0, len(data), 4096):
            for block, key, place, size in list(self.items(7)):
                reached = address + index - key[2]
                if key[1] == 128 and 0 <= reached < size // self._width * 4096:
                    where = place + reached // 4096 * self._width
                    self.raw[where : where + self._width] = self._sum(data[index : index + 4096])[: self._width]
                    self.seal(block)

    def physical(self, address: int) -> int:
        """Where a logical address lies, by the chunks in the superblock, then by the tree of chunks."""
        first, length, offset = (struct.unpack_from("<Q", self.raw, 65536 + 811 + at)[0] for at in (9, 17, 73))
        if first <= address < first + length:
            return int(offset + address - first)
        for _, (_, kind, start), place, _ in self.items(3):
            if kind == 228 and start <= address < start + struct.unpack_from("<Q", self.raw, place)[0]:
                return int(struct.unpack_from("<Q", self.raw, place + 56)[0]) + address - start
        raise AssertionError(f"{address} lies in no chunk")

    def save(self) -> None:
        self._path.write_bytes(self.raw)
