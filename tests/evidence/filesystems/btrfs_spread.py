"""Spreads a Btrfs of one device over several, as a driver would: mkfs.btrfs fills only one device without a mount.

Each chunk is cut into stripes or copied, the tree of chunks is written anew, and each device has its superblock.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path

from tests.evidence.filesystems.btrfs_images import Editor
from tests.evidence.made_images import blank, run

MIB = 1 << 20
STRIPE = 65536
DEVICE_BYTES = 47 * MIB
SUPERBLOCK = 65536
PROFILES = {"single": 0, "raid0": 1 << 3, "raid1": 1 << 4, "raid10": 1 << 6}
Placed = tuple[bytes, list[tuple[int, int]]]
_CHUNK_HEAD = struct.Struct("<QQQQIIIHH")


class Spread:
    """The devices of a file system, as bytes."""

    def __init__(self, path: Path, profile: str, count: int) -> None:
        """Spread the image at ``path``, whose data and metadata are written once."""
        self._edit = Editor(path)
        self._profile, self._count = profile, count
        self.devices = [bytearray(DEVICE_BYTES) for _ in range(count)]
        self._free = [MIB] * count
        self._turn = 0
        (leaf,) = self._edit.blocks(3)
        known = [(key, bytes(self._edit.raw[at : at + size])) for _, key, at, size in self._edit.items(3)]
        chunks = [(key[2], raw) for key, raw in known if key[1] == 228]
        first = next(raw for key, raw in known if key[1] == 216)
        items = [((1, 216, number), self._device_item(first, number)) for number in range(1, count + 1)]
        placed = {start: self._place(raw) for start, raw in chunks}
        items += [((256, 228, start), placed[start][0]) for start, _ in chunks]
        self._write_leaf(leaf, items)
        for start, raw in chunks:
            (length,) = struct.unpack_from("<Q", raw)
            (physical,) = struct.unpack_from("<Q", raw, 56)
            self._copy(placed[start][1], bytes(self._edit.raw[physical : physical + length]))
        for number in range(1, count + 1):
            self._write_superblock(number, first, placed)

    def files(self, folder: Path) -> list[Path]:
        """Each device as a file."""
        paths = []
        for number, device in enumerate(self.devices, 1):
            paths.append(folder / f"device-{number}.img")
            _write_sparse(blank(paths[-1], DEVICE_BYTES), 0, device)
        return paths

    def disk(self, path: Path, order: list[int]) -> Path:
        """A disk with the devices of these numbers as its partitions, in this order."""
        blank(path, (2 + 48 * len(order)) * MIB)
        lines = "".join(f"start={1 + 48 * place}MiB, size=47MiB\n" for place in range(len(order)))
        run("sfdisk", "-q", path, text="label: gpt\n" + lines)
        for place, number in enumerate(order):
            _write_sparse(path, (1 + 48 * place) * MIB, self.devices[number - 1])
        return path

    def set_generation(self, number: int, change: int) -> None:
        """Let the superblocks of a device be of another generation."""
        device = self.devices[number - 1]
        (generation,) = struct.unpack_from("<Q", device, SUPERBLOCK + 72)
        struct.pack_into("<Q", device, SUPERBLOCK + 72, generation + change)
        self._seal(device)

    def _place(self, raw: bytes) -> Placed:
        """The new item of a chunk, and its stripes: device and offset."""
        length, owner, stripe, kind, *rest, _, _ = _CHUNK_HEAD.unpack_from(raw)
        numbers = list(range(self._count))
        size = length
        if self._profile == "single":
            numbers, self._turn = [self._turn % self._count], self._turn + 1
        elif self._profile == "raid1":
            numbers = [self._turn % self._count, (self._turn + 1) % self._count]
        else:
            columns = self._count // (2 if self._profile == "raid10" else 1)
            size = -(-length // (STRIPE * columns)) * STRIPE
        stripes = [(number + 1, self._take(number, size)) for number in numbers]
        sub = 2 if self._profile == "raid10" else 1
        head = _CHUNK_HEAD.pack(length, owner, stripe, kind | PROFILES[self._profile], *rest, len(stripes), sub)
        return head + b"".join(struct.pack("<QQ", *part) + self._uuid(part[0]) for part in stripes), stripes

    def _take(self, number: int, size: int) -> int:
        at = self._free[number]
        self._free[number] = at + size
        assert self._free[number] <= DEVICE_BYTES
        return at

    def _copy(self, stripes: list[tuple[int, int]], content: bytes) -> None:
        for at, pieces in self._pieces(stripes, content):
            for number, offset in pieces:
                part = content[at : at + (len(content) if self._profile in ("single", "raid1") else STRIPE)]
                self.devices[number - 1][offset : offset + len(part)] = part

    def _pieces(self, stripes: list[tuple[int, int]], content: bytes) -> Iterator[tuple[int, list[tuple[int, int]]]]:
        if self._profile in ("single", "raid1"):
            yield 0, stripes
            return
        copies = 2 if self._profile == "raid10" else 1
        columns = len(stripes) // copies
        for index in range(-(-len(content) // STRIPE)):
            row, column = divmod(index, columns)
            chosen = stripes[column * copies : (column + 1) * copies]
            yield index * STRIPE, [(number, offset + row * STRIPE) for number, offset in chosen]

    def _uuid(self, number: int) -> bytes:
        return bytes([number]) * 16

    def _device_item(self, first: bytes, number: int) -> bytes:
        raw = bytearray(first)
        struct.pack_into("<QQ", raw, 0, number, DEVICE_BYTES)
        raw[66:82] = self._uuid(number)
        return bytes(raw)

    def _write_leaf(self, at: int, items: list[tuple[tuple[int, int, int], bytes]]) -> None:
        raw, end = self._edit.raw, self._edit.node - 101
        struct.pack_into("<I", raw, at + 96, len(items))
        for index, (key, data) in enumerate(items):
            end -= len(data)
            struct.pack_into("<QBQII", raw, at + 101 + 25 * index, *key, end, len(data))
            raw[at + 101 + end : at + 101 + end + len(data)] = data
        self._edit.seal(at)

    def _write_superblock(self, number: int, first: bytes, placed: dict[int, Placed]) -> None:
        raw = bytearray(self._edit.raw[SUPERBLOCK : SUPERBLOCK + 4096])
        start = struct.unpack_from("<Q", raw, 811 + 9)[0]
        array = bytes(raw[811 : 811 + 17]) + placed[start][0]
        struct.pack_into("<Q", raw, 112, DEVICE_BYTES * self._count)
        struct.pack_into("<Q", raw, 136, self._count)
        struct.pack_into("<I", raw, 160, len(array))
        raw[811 : 811 + 2048] = array.ljust(2048, b"\0")
        raw[201 : 201 + 98] = self._device_item(first, number)
        self.devices[number - 1][SUPERBLOCK : SUPERBLOCK + 4096] = raw
        self._seal(self.devices[number - 1])

    def _seal(self, device: bytearray) -> None:
        body = bytes(device[SUPERBLOCK + 32 : SUPERBLOCK + 4096])
        device[SUPERBLOCK : SUPERBLOCK + 32] = self._edit.checksum(body).ljust(32, b"\0")


def _write_sparse(path: Path, at: int, content: bytearray) -> None:
    empty = bytes(MIB)
    with path.open("r+b") as file:
        for start in range(0, len(content), MIB):
            if content[start : start + MIB] != empty:
                file.seek(at + start)
                file.write(content[start : start + MIB])
