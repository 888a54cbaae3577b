"""The B-trees of Btrfs: nodes with their checksums, and items by key."""

from __future__ import annotations

import struct
from bisect import bisect_left, bisect_right
from collections import OrderedDict
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import NamedTuple, TypeAlias

from evidence.filesystems.btrfs_chunks import MissingDeviceError, Space
from evidence.filesystems.btrfs_super import Root
from evidence.filesystems.content import UNREADABLE, reason

Key: TypeAlias = tuple[int, int, int]
"""Object, type, offset."""

LAST = (1 << 64) - 1
HEADER_BYTES = 101
_CACHED_NODES = 768
_ITEM, _POINTER = struct.Struct("<QBQII"), struct.Struct("<QBQQQ")
Lost: TypeAlias = Callable[[Exception], None]


class Node(NamedTuple):
    """A parsed node: its keys, and beside each the place of an item's data, or address and generation of a child."""

    raw: bytes
    level: int
    keys: list[Key]
    places: list[tuple[int, int]]


class Nodes:
    """Reads nodes, each checked, and keeps the latest of them."""

    def __init__(self, space: Space, on_bad_copy: Callable[[str, int], None] | None = None) -> None:
        """Read from ``space``; ``on_bad_copy`` is told what is wrong with a copy where another one is whole."""
        self._space, self._on_bad_copy = space, on_bad_copy
        self._cache: OrderedDict[int, Node] = OrderedDict()
        self._told: set[int] = set()

    def node(self, root: Root) -> Node:
        """The node at an address, from the first copy that is whole.

        Raises:
            OSError: None is; the message says why.
            UnreadableRegionError: No copy can be read.
        """
        known = self._cache.get(root.address)
        if known is not None and known.level == root.level:
            self._cache.move_to_end(root.address)
            return known
        errors: list[Exception] = []
        for copy in range(self._space.copies(root.address)):
            try:
                found = self._read(root, copy)
            except UNREADABLE as error:
                errors.append(error)
                continue
            self._tell(root.address, [error for error in errors if not isinstance(error, MissingDeviceError)])
            if len(self._cache) >= _CACHED_NODES:
                self._cache.popitem(last=False)
            self._cache[root.address] = found
            return found
        raise errors[0]

    def _tell(self, address: int, errors: list[Exception]) -> None:
        if errors and self._on_bad_copy and address not in self._told:
            self._told.add(address)
            self._on_bad_copy(reason(errors[0]), self._space.place(address, 0))

    def _read(self, root: Root, copy: int) -> Node:
        facts = self._space.superblock
        raw = self._space.read(root.address, facts.node_bytes, copy)
        where = f"the tree block at byte {self._space.place(root.address, copy)} (logical address {root.address})"
        if facts.checksum(raw[32:])[: facts.checksum_bytes] != raw[: facts.checksum_bytes]:
            raise OSError(f"{where} has a wrong checksum")
        address, generation = int.from_bytes(raw[48:56], "little"), int.from_bytes(raw[80:88], "little")
        count, level = int.from_bytes(raw[96:100], "little"), raw[100]
        if address != root.address or generation != root.generation or level != root.level:
            raise OSError(f"{where} is not the one that was to be there: it is of another place, time or level")
        form = _POINTER if level else _ITEM
        if count * form.size > len(raw) - HEADER_BYTES or (level and not count):
            raise OSError(f"{where} declares {count} items, an impossible number")
        rows = list(form.iter_unpack(raw[HEADER_BYTES : HEADER_BYTES + count * form.size]))
        keys = [row[:3] for row in rows]
        if any(first >= second for first, second in pairwise(keys)):
            raise OSError(f"{where} has its keys out of order")
        places = [row[3:] for row in rows]
        if not level and any(offset + size > len(raw) - HEADER_BYTES for offset, size in places):
            raise OSError(f"{where} has an item that lies outside of it")
        return Node(raw, level, keys, places)


class BTree:
    """One tree.

    Attributes:
        root: Where it begins.
    """

    def __init__(self, nodes: Nodes, root: Root) -> None:
        """Read the tree at ``root``."""
        self._nodes, self.root = nodes, root

    def items(self, low: Key, high: Key, lost: Lost | None = None) -> Iterator[tuple[Key, bytes]]:
        """Keys from ``low`` to ``high``, both included, with their data.

        Args:
            low: The first.
            high: The last.
            lost: Told of a part of the tree that cannot be read, which is then left out; None to raise.
        """
        yield from self._items(self.root, None, low, high, lost)

    def _items(
        self, root: Root, first: Key | None, low: Key, high: Key, lost: Lost | None
    ) -> Iterator[tuple[Key, bytes]]:
        try:
            node = self._child(root, first)
        except UNREADABLE as error:
            if lost is None:
                raise
            lost(error)
            return
        keys = node.keys
        if node.level == 0:
            for index in range(bisect_left(keys, low), bisect_right(keys, high)):
                offset, size = node.places[index]
                yield keys[index], node.raw[HEADER_BYTES + offset : HEADER_BYTES + offset + size]
            return
        for index in range(max(0, bisect_right(keys, low) - 1), bisect_right(keys, high)):
            address, generation = node.places[index]
            child = Root(address=address, level=node.level - 1, generation=generation)
            yield from self._items(child, keys[index], low, high, lost)

    def _child(self, root: Root, first: Key | None) -> Node:
        node = self._nodes.node(root)
        if first is not None and (not node.keys or node.keys[0] != first):
            raise OSError(f"the tree block at logical address {root.address} does not begin with what leads to it")
        return node

    def floor(self, key: Key) -> tuple[Key, bytes] | None:
        """The last item whose key is not greater than ``key``."""
        node = self._child(self.root, None)
        while True:
            index = bisect_right(node.keys, key) - 1
            if index < 0:
                return None
            if node.level == 0:
                offset, size = node.places[index]
                return node.keys[index], node.raw[HEADER_BYTES + offset : HEADER_BYTES + offset + size]
            address, generation = node.places[index]
            root = Root(address=address, level=node.level - 1, generation=generation)
            node = self._child(root, node.keys[index])

    def get(self, key: Key) -> bytes | None:
        """The data of one item."""
        found = self.floor(key)
        return found[1] if found is not None and found[0] == key else None
