"""Thin pools: which block of the pool holds which block of a thin volume.

Source: the kernel's documentation of thin provisioning (admin-guide/device-mapper/thin-provisioning.rst) and the layout
of its metadata: a superblock, and trees of blocks of 4096 bytes, each with a CRC-32C.
"""

from __future__ import annotations

import struct
from bisect import bisect_right
from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock

from evidence.errors import UnreadableRegionError
from evidence.filesystems.checksums import crc32c
from evidence.volumes.base import Readable
from evidence.volumes.joined import clipped, exactly
from evidence.volumes.lvm_text import LvmError

_BLOCK_BYTES = 4096
_SECTOR_BYTES = 512
_SUPERBLOCK = struct.Struct("<IIQ16sQIIQQ128s128sQQIIQIII")
_NODE = struct.Struct("<IIQIII4x")
_MAGIC = 27022010
_SUPERBLOCK_SALT, _NODE_SALT = 160774, 121107
_INTERNAL, _LEAF = 1, 2
_NEEDS_CHECK = 1
_MAX_DEPTH = 16
_MAX_CACHED_NODES = 1024


@dataclass(frozen=True, slots=True)
class _Node:
    """A block of a tree: its keys in order, and the value of each."""

    is_leaf: bool
    keys: tuple[int, ...]
    values: tuple[int, ...]


class ThinMetadata:
    """The metadata of a pool.

    Attributes:
        block_bytes: Size of a block of the pool.
        needs_check: Whether the pool itself says that it needs repair.
        transaction: Number of the last change that the volume group was told of.
    """

    def __init__(self, source: Readable) -> None:
        """Read the superblock.

        Raises:
            LvmError: It is damaged.
            UnreadableRegionError: It cannot be read.
        """
        self._source = source
        raw = exactly(source, 0, _BLOCK_BYTES)
        fields = _SUPERBLOCK.unpack_from(raw)
        checksum, flags, number, _, magic, version, _, transaction = fields[:8]
        root, block_sectors, metadata_sectors, incompatible = fields[11], fields[13], fields[14], fields[18]
        if magic != _MAGIC or number != 0 or checksum != _checksum(raw, _SUPERBLOCK_SALT):
            raise LvmError("The superblock of the thin pool is damaged: its magic or its checksum is wrong.", 0)
        if version not in (1, 2) or incompatible or metadata_sectors * _SECTOR_BYTES != _BLOCK_BYTES:
            what = f"The thin pool has version {version} and features 0x{incompatible:x}, which are not known."
            raise LvmError(what, 40, is_damage=False)
        if not 128 <= block_sectors <= 1 << 21 or block_sectors % 128:
            raise LvmError(f"The thin pool declares blocks of {block_sectors} sectors.", 336)
        self.block_bytes = block_sectors * _SECTOR_BYTES
        self.needs_check = bool(flags & _NEEDS_CHECK)
        self.transaction = transaction
        self._root = root
        self._nodes: OrderedDict[int, _Node] = OrderedDict()
        self._lock = Lock()

    def device(self, device_id: int) -> int | None:
        """The root of the mappings of a thin volume; None where it has none."""
        return self._find(self._root, device_id)

    def block(self, root: int, number: int) -> int | None:
        """Where a block of a thin volume lies in the pool; None where it was never written.

        Raises:
            UnreadableRegionError: The mappings are damaged there.
        """
        value = self._find(root, number)
        return None if value is None else value >> 24

    def _find(self, block: int, key: int) -> int | None:
        seen: set[int] = set()
        for _ in range(_MAX_DEPTH):
            if block in seen:
                break
            seen.add(block)
            node = self._node(block)
            place = bisect_right(node.keys, key) - 1
            if place < 0:
                return None
            if node.is_leaf:
                return node.values[place] if node.keys[place] == key else None
            block = node.values[place]
        raise _damaged(block, "the tree runs in a circle or is too deep")

    def _node(self, block: int) -> _Node:
        with self._lock:
            node = self._nodes.get(block)
            if node is not None:
                self._nodes.move_to_end(block)
                return node
        node = self._read(block)
        with self._lock:
            self._nodes[block] = node
            if len(self._nodes) > _MAX_CACHED_NODES:
                self._nodes.popitem(last=False)
        return node

    def _read(self, block: int) -> _Node:
        if not 0 < block < self._source.media_bytes // _BLOCK_BYTES:
            raise _damaged(block, "there is no such block")
        raw = exactly(self._source, block * _BLOCK_BYTES, _BLOCK_BYTES)
        checksum, flags, number, count, most, value_bytes = _NODE.unpack_from(raw)
        if number != block or checksum != _checksum(raw, _NODE_SALT):
            raise _damaged(block, "its number or its checksum is wrong")
        is_fitting = count <= most <= (_BLOCK_BYTES - _NODE.size) // (8 + value_bytes)
        if flags not in (_INTERNAL, _LEAF) or value_bytes != 8 or not is_fitting:
            raise _damaged(block, f"it declares {count} of {most} entries of {value_bytes} bytes")
        keys = struct.unpack_from(f"<{count}Q", raw, _NODE.size)
        values = struct.unpack_from(f"<{count}Q", raw, _NODE.size + 8 * most)
        return _Node(flags == _LEAF, keys, values)


class ThinVolume:
    """A thin volume: its blocks from the pool; what was never written is zeros, or what its outer origin holds.

    Attributes:
        media_bytes: As given.
    """

    def __init__(
        self, metadata: ThinMetadata, data: Readable, root: int | None, length_bytes: int, origin: Readable | None
    ) -> None:
        """Read by the mappings under ``root``; ``origin`` is the volume outside the pool that it was begun from."""
        self._metadata, self._data, self._root, self._origin = metadata, data, root, origin
        self.media_bytes = length_bytes

    def read_at(self, offset_bytes: int, size_bytes: int, /) -> bytes:
        """Exactly that many bytes, fewer only at the end.

        Raises:
            UnreadableRegionError: The mappings are damaged, or the pool cannot be read there.
        """
        left = clipped(self.media_bytes, offset_bytes, size_bytes)
        parts = []
        while left > 0:
            number, within = divmod(offset_bytes, self._metadata.block_bytes)
            size = min(left, self._metadata.block_bytes - within)
            block = None if self._root is None else self._metadata.block(self._root, number)
            if block is not None:
                parts.append(exactly(self._data, block * self._metadata.block_bytes + within, size))
            else:
                parts.append(self._unmapped(offset_bytes, size))
            offset_bytes += size
            left -= size
        return b"".join(parts)

    def _unmapped(self, offset_bytes: int, size_bytes: int) -> bytes:
        if self._origin is None:
            return bytes(size_bytes)
        inside = clipped(self._origin.media_bytes, offset_bytes, size_bytes)
        data = exactly(self._origin, offset_bytes, inside) if inside else b""
        return data + bytes(size_bytes - inside)


def _checksum(raw: bytes, salt: int) -> int:
    return crc32c(raw[4:]) ^ 0xFFFFFFFF ^ salt


def _damaged(block: int, why: str) -> UnreadableRegionError:
    what = f"block {block} of the metadata of the thin pool is damaged: {why}"
    return UnreadableRegionError(block * _BLOCK_BYTES, _BLOCK_BYTES, what)
