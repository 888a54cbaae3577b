"""The B-trees of APFS: nodes with a table of contents, walked in the order of their keys.

Source: Apple File System Reference, "B-Trees".
"""

from __future__ import annotations

import struct
from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from evidence.errors import UnreadableRegionError
from evidence.images.cache import BoundedCache
from evidence.volumes.apfs_objects import ApfsDamageError

MAX_LEVEL = 16
_ROOT, _LEAF, _FIXED = 1, 2, 4
_INFO_BYTES, _DATA_AT, _NO_VALUE = 40, 56, 0xFFFF
_KEPT_BYTES = 64 << 20
_CHILD_BYTES, _ENTRY_BYTES = 8, 250
_NODE = struct.Struct("<HHIHH")
_INFO = struct.Struct("<IIII")
_OFFSETS, _PLACES = struct.Struct("<HH"), struct.Struct("<HHHH")


@dataclass(frozen=True, slots=True)
class Sizes:
    """What the root says of all nodes; sizes of keys and values are 0 where they vary."""

    flags: int
    node_bytes: int
    key_bytes: int
    value_bytes: int


def sizes_of(root: bytes) -> Sizes:
    """The description of a tree at the end of its root."""
    if not _NODE.unpack_from(root, 32)[0] & _ROOT:
        raise ApfsDamageError("the root of a tree is not marked as one")
    return Sizes(*_INFO.unpack_from(root, len(root) - _INFO_BYTES))


class Node:
    """One node, its entries by number.

    Attributes:
        level: 0 for a leaf.
        orders: By what the entries are sorted.
        kept_bytes: About how much memory it takes.
    """

    __slots__ = ("_data", "_places", "kept_bytes", "level", "orders")

    def __init__(self, data: bytes, sizes: Sizes, order: Callable[[bytes], int]) -> None:
        """Take the node apart.

        Raises:
            ApfsDamageError: Its table contradicts itself, or its keys are out of order.
        """
        flags, self.level, count, table_at, table_bytes = _NODE.unpack_from(data, 32)
        end = len(data) - (_INFO_BYTES if flags & _ROOT else 0)
        start, keys_at = _DATA_AT + table_at, _DATA_AT + table_at + table_bytes
        entry = _OFFSETS if flags & _FIXED else _PLACES
        if keys_at > end or count * entry.size > table_bytes:
            raise ApfsDamageError(f"a node of a tree has no room for its {count} entries")
        if bool(flags & _LEAF) != (self.level == 0):
            raise ApfsDamageError(f"a node of level {self.level} contradicts itself on being a leaf")
        table = entry.iter_unpack(data[start : start + count * entry.size])
        if flags & _FIXED:
            value_bytes = sizes.value_bytes if self.level == 0 else _CHILD_BYTES
            places = [(key, sizes.key_bytes, value, value_bytes) for key, value in table]
        else:
            places = [(key, size, value, value_size) for key, size, value, value_size in table]
        self._data, self.kept_bytes = data, len(data) + count * _ENTRY_BYTES
        self._places = [
            (keys_at + key, keys_at + key + size, *_value_place(end, value, value_size))
            for key, size, value, value_size in places
        ]
        if any(not (key_end <= end and keys_at <= first <= last <= end) for _, key_end, first, last in self._places):
            raise ApfsDamageError("an entry of a node lies outside of the node")
        self.orders = [order(data[first:last]) for first, last, _, _ in self._places]
        if any(earlier > later for earlier, later in zip(self.orders, self.orders[1:], strict=False)):
            raise ApfsDamageError("the keys of a node are out of order")

    def entry(self, index: int) -> tuple[bytes, bytes]:
        """Key and value."""
        first, last, value, end = self._places[index]
        return self._data[first:last], self._data[value:end]

    def child(self, index: int) -> int:
        """What a node that is no leaf says of where its child is."""
        value = self.entry(index)[1]
        if len(value) < 8:
            raise ApfsDamageError("a node of a tree does not say where its child is")
        return int.from_bytes(value[:8], "little")


def _value_place(end: int, value: int, size: int) -> tuple[int, int]:
    return (end, end) if value == _NO_VALUE else (end - value, end - value + size)


class BTree:
    """A tree whose nodes are read by number: a block address, or an identifier in an object map."""

    def __init__(self, root: int, read: Callable[[int], bytes], order: Callable[[bytes], int]) -> None:
        """Open a tree.

        Args:
            root: Number of its root.
            read: Gives the verified bytes of a node; raises ApfsDamageError or UnreadableRegionError.
            order: By what a key is sorted.

        Raises:
            ApfsDamageError: The root is damaged.
            UnreadableRegionError: It cannot be read.
        """
        data = read(root)
        self.sizes = sizes_of(data)
        self._root = Node(data, self.sizes, order)
        if self._root.level > MAX_LEVEL:
            raise ApfsDamageError(f"a tree claims to be {self._root.level} levels high")
        self._read, self._order = read, order
        self._nodes: BoundedCache[int, Node] = BoundedCache(_KEPT_BYTES)

    def scan(
        self, low: int, high: int, on_damage: Callable[[Exception], None] | None = None
    ) -> Iterator[tuple[bytes, bytes]]:
        """Keys and values from ``low`` to ``high``, both included, in order.

        Args:
            low: The least order.
            high: The greatest.
            on_damage: Told of every node that cannot be read, and the walk goes on behind it; without it, raised.
        """
        seen: set[int] = set()
        todo: list[tuple[Node, int]] = [(self._root, _start(self._root, low))]
        while todo:
            node, index = todo.pop()
            if index >= len(node.orders) or node.orders[index] > high:
                continue
            if node.level == 0:
                while index < len(node.orders) and node.orders[index] <= high:
                    yield node.entry(index)
                    index += 1
                continue
            todo.append((node, index + 1))
            try:
                child = self._below(node, index, seen)
            except (ApfsDamageError, UnreadableRegionError) as error:
                if on_damage is None:
                    raise
                on_damage(error)
            else:
                todo.append((child, _start(child, low)))

    def _below(self, node: Node, index: int, seen: set[int]) -> Node:
        number = node.child(index)
        if number in seen:
            raise ApfsDamageError(f"node {number} is in a tree twice")
        seen.add(number)
        child = self._nodes.get(number, self._load)
        if child.level != node.level - 1:
            raise ApfsDamageError(f"node {number} of level {child.level} lies below one of level {node.level}")
        return child

    def _load(self, number: int) -> tuple[Node, int]:
        node = Node(self._read(number), self.sizes, self._order)
        return node, node.kept_bytes


def _start(node: Node, low: int) -> int:
    """The first entry that can hold, or lead to, ``low``."""
    index = bisect_left(node.orders, low)
    return index if node.level == 0 else max(0, index - 1)
