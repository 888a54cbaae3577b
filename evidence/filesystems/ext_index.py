"""Directories of ext3 and ext4 with a hash index: what looks like erased names in the index, and is none.

The index lies in blocks of the directory, hidden from readers that know none: in block 0 behind the name ``..``, and in
blocks whose one entry is not in use. A reader that looks for erased names there, as The Sleuth Kit does, takes hashes
and numbers of blocks for some. What lies behind the last entry of the index may be a name that was erased, and stays.
Source: the Linux kernel's documentation, "ext4 Data Structures and Algorithms", "Hash Tree Directories".
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from evidence.filesystems.meta_kinds import ALLOCATED

_PARENT_AT, _PARENT_LENGTH_AT = 12, 16
_ROOT_AT, _ROOT_HEAD_BYTES, _INFO_BYTES_AT, _LEVELS_AT, _ROOT_ENTRIES_AT = 24, 8, 29, 30, 32
_NODE_AT, _LARGEST_BLOCK = 8, 65536
_ENTRY_BYTES, _BLOCK_MASK = 8, 0x0FFFFFFF
_NAME = struct.Struct("<IHB")
_NAME_HEAD_BYTES, _STEP_BYTES = 8, 4
_MAX_LEVELS, _MAX_NODES = 3, 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """A block of a directory, of which the index fills the bytes from ``start`` to ``end``."""

    block: bytes
    start: int
    end: int

    def holds(self, number: int, name: bytes) -> bool:
        """Whether what has its head in the index could be taken for this name of this inode."""
        for at in range(self.start, self.end - _NAME_HEAD_BYTES + 1, _STEP_BYTES):
            inode, _, length = _NAME.unpack_from(self.block, at)
            found = self.block[at + _NAME_HEAD_BYTES : at + _NAME_HEAD_BYTES + length]
            if inode == number and found.partition(b"\0")[0] == name:
                return True
        return False


def index_of(read_block: Callable[[int], bytes]) -> list[Stretch]:
    """Where the index of a directory lies; nowhere where a block is not formed as one, so that its names are shown.

    Args:
        read_block: Reads a block of the directory; one that is short is none. What it raises passes through.
    """
    root = _root(read_block(0))
    if root is None:
        return []
    size, level = len(root.block), [root]
    found, levels = [root], root.block[_LEVELS_AT]
    for _ in range(levels):
        numbers = [number for node in level for number in _blocks(node)][: _MAX_NODES - len(found)]
        nodes = (_node(block) for block in map(read_block, numbers) if len(block) == size)
        level = [node for node in nodes if node is not None]
        found += level
    return found


def without_index(entries: Iterator[Any], index: Callable[[], Sequence[Stretch]]) -> Iterator[Any]:
    """The entries of a directory, but for erased names that are nothing but its index.

    Args:
        entries: With ``info.name`` as that of ``pytsk3.File``.
        index: Asked once, when the first erased name comes.
    """
    stretches: Sequence[Stretch] | None = None
    for entry in entries:
        name = entry.info.name
        if not name.flags & ALLOCATED:
            if stretches is None:
                stretches = index()
            if any(stretch.holds(name.meta_addr, name.name) for stretch in stretches):
                continue
        yield entry


def _root(block: bytes) -> Stretch | None:
    """Block 0: behind the name ``..``, which fills the rest of it, four zero bytes and what the index is."""
    if len(block) < _ROOT_ENTRIES_AT + _ENTRY_BYTES:
        return None
    (length,) = struct.unpack_from("<H", block, _PARENT_LENGTH_AT)
    is_root = length == len(block) - _PARENT_AT and not any(block[_ROOT_AT : _ROOT_AT + 4])
    if not is_root or block[_INFO_BYTES_AT] != _ROOT_HEAD_BYTES or block[_LEVELS_AT] > _MAX_LEVELS:
        return None
    return _stretch(block, _ROOT_AT, _ROOT_ENTRIES_AT)


def _node(block: bytes) -> Stretch | None:
    """Another block of the index: one entry that is not in use and fills it."""
    number, length, name_bytes = _NAME.unpack_from(block)
    fills = length == len(block) or (len(block) == _LARGEST_BLOCK and length in (0, 0xFFFF))
    return _stretch(block, 0, _NODE_AT) if not number and fills and not name_bytes else None


def _stretch(block: bytes, start: int, entries_at: int) -> Stretch | None:
    limit, count = struct.unpack_from("<HH", block, entries_at)
    if not 0 < count <= limit <= (len(block) - entries_at) // _ENTRY_BYTES:
        return None
    return Stretch(block=block, start=start, end=entries_at + _ENTRY_BYTES * count)


def _blocks(node: Stretch) -> list[int]:
    """The blocks that the entries of an index block lead to; the first entry has its limits in place of a hash."""
    entries_at = _NODE_AT if node.start == 0 else _ROOT_ENTRIES_AT
    return [
        struct.unpack_from("<I", node.block, at + 4)[0] & _BLOCK_MASK
        for at in range(entries_at, node.end, _ENTRY_BYTES)
    ]
