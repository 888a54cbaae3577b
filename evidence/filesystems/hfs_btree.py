"""Forks of HFS and the B-trees in two of them.

Source: Inside Macintosh, "Files", chapter 2, "B*-Trees" and "Extents Overflow Files".
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from evidence.volumes.base import Window

NODE_BYTES = 512
_LEAF = 0xFF
_NODE = struct.Struct(">IIBBH2x")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fork:
    """One fork of a file.

    Attributes:
        extents: First block and number of blocks of its first three stretches.
    """

    number: int
    kind: int
    size_bytes: int
    extents: tuple[tuple[int, int], ...]

    @classmethod
    def parse(cls, number: int, kind: int, size: bytes, extents: bytes) -> Fork:
        """From the four bytes of its size, and the twelve of its extents."""
        return cls(number=number, kind=kind, size_bytes=int.from_bytes(size, "big"), extents=pairs(extents))


def pairs(raw: bytes) -> tuple[tuple[int, int], ...]:
    """The three extents of a record."""
    return tuple(struct.unpack_from(">HH", raw, place) for place in (0, 4, 8))


class Extents:
    """Where the blocks of forks are."""

    def __init__(self, area: Window, block_bytes: int, count: int) -> None:
        """Look up in ``area``, which has ``count`` blocks."""
        self.area, self.block_bytes, self.count = area, block_bytes, count
        self._further: dict[tuple[int, int], dict[int, tuple[tuple[int, int], ...]]] = {}

    def add(self, number: int, kind: int, start: int, raw: bytes) -> None:
        """Take in a record of the file of extents, for the blocks of a fork from ``start`` on."""
        self._further.setdefault((number, kind), {})[start] = pairs(raw)

    def of(self, fork: Fork) -> Iterator[tuple[int, int, int]]:
        """First block in the fork, first block on the volume, and number, of each stretch.

        Raises:
            OSError: A stretch lies outside the volume.
        """
        further = self._further.get((fork.number, fork.kind), {})
        done, record = 0, fork.extents
        while True:
            before = done
            for first, length in record:
                if not length:
                    return
                if first + length > self.count:
                    raise OSError(f"blocks {first} to {first + length - 1} lie outside the {self.count} of the volume")
                yield done, first, length
                done += length
            if done not in further or done == before:
                return
            record = further[done]


@dataclass(frozen=True, slots=True, kw_only=True)
class ForkContent:
    """The content of a fork; see :class:`evidence.filesystems.content.ContentSource`."""

    extents: Extents
    fork: Fork

    @property
    def size_bytes(self) -> int:
        """As the catalog says."""
        return self.fork.size_bytes

    def read(self, offset_bytes: int, size_bytes: int, /) -> bytes:
        """Bytes of the content."""
        at = max(0, offset_bytes)
        end = min(at + max(0, size_bytes), self.fork.size_bytes)
        found, block = [], self.extents.block_bytes
        for start, first, length in self.extents.of(self.fork):
            if at >= end:
                break
            stop = min(end, (start + length) * block)
            if at < stop:
                place = (first - start) * block + at
                data = self.extents.area.read_at(place, stop - at)
                if len(data) < stop - at:
                    raise OSError(f"the media ends before block {first + length}")
                found.append(data)
                at = stop
        if at < end:
            raise OSError(f"the extents end after {at} of {self.fork.size_bytes} bytes")
        return b"".join(found)

    def within(self, offset_bytes: int, size_bytes: int, /) -> Iterator[tuple[int, int, int]]:
        """Where a part lies; see :class:`evidence.filesystems.content.Placed`."""
        end, block = min(offset_bytes + size_bytes, self.fork.size_bytes), self.extents.block_bytes
        for start, first, length in self.extents.of(self.fork):
            at, stop = max(offset_bytes, start * block), min(end, (start + length) * block)
            if at < stop:
                yield at, self.extents.area.start_bytes + (first - start) * block + at, stop - at


def leaf_records(tree: ForkContent, tell: Callable[[str], None]) -> Iterator[tuple[bytes, bytes]]:
    """Key (with its length before it) and data of every record in the leaves, in their order.

    Args:
        tree: The file that holds the tree.
        tell: Takes what is damaged and passed over.

    Raises:
        OSError: The head of the tree is damaged, or the chain of leaves leads nowhere.
        UnreadableRegionError: A node cannot be read.
    """
    if not tree.size_bytes:
        return
    head = tree.read(0, NODE_BYTES)
    if len(head) < NODE_BYTES or head[8] != 1:
        raise OSError("a tree does not begin with its head")
    leaf = struct.unpack_from(">I", head, 14 + 10)[0]
    seen: set[int] = set()
    while leaf:
        if leaf in seen or (leaf + 1) * NODE_BYTES > tree.size_bytes:
            raise OSError(
                f"the chain of leaves leads to node {leaf}, {'again' if leaf in seen else 'which is not there'}"
            )
        seen.add(leaf)
        node = tree.read(leaf * NODE_BYTES, NODE_BYTES)
        following, _, kind, _, count = _NODE.unpack_from(node)
        if kind != _LEAF or count > 248:
            raise OSError(f"node {leaf} of a tree is no leaf")
        places = struct.unpack_from(f">{count + 1}H", node, NODE_BYTES - 2 * (count + 1))[::-1]
        for start, end in pairwise(places):
            length = 1 + node[start] if start < NODE_BYTES else 0
            data = start + length + length % 2
            if start < _NODE.size or not length > 1 or data > end or end > NODE_BYTES:
                tell(f"A record in node {leaf} of a tree is damaged and passed over.")
                continue
            yield node[start : start + length], node[data:end]
        leaf = following
