"""Which blocks of an APFS container nothing uses, by its space manager.

Source: Apple File System Reference, "Space Manager", "Container" (checkpoint mappings) and "Ephemeral Objects".

The bitmaps have no checksums: each is held against the number of free blocks that its chunk is said to have.
"""

from __future__ import annotations

import struct
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from heapq import merge

from evidence.filesystems.ranges import clear_bits
from evidence.volumes.apfs_btree import BTree
from evidence.volumes.apfs_container import ANY_XID, Container, descriptor_blocks
from evidence.volumes.apfs_objects import BTREE_NODE, BTREE_ROOT, TYPE_MASK, ApfsDamageError, header_of

_SPACE_MANAGER, _ADDRESSES, _CHUNKS, _CHECKPOINT_MAP = 0x05, 0x06, 0x07, 0x0C
_MAP_HEAD_BYTES, _LIST_HEAD_BYTES = 40, 40
_MAPPING, _CHUNK = struct.Struct("<IIII8xQQ"), struct.Struct("<8xQIIQ")
_DEVICE = struct.Struct("<QQIIQI")
_DEVICE_AT, _QUEUE_AT, _MANAGER_BYTES = 48, 240, 320
_COUNT_MASK = 0xFFFFF
_MAX_MANAGER_BLOCKS, _MAX_QUEUED = 1 << 12, 1 << 23


@dataclass(frozen=True, slots=True)
class _Manager:
    """The space manager: its own bytes, and what it says of the main device."""

    raw: bytes
    address: int
    per_chunk: int
    blocks: int
    chunks: int
    lists: int
    lists_of_lists: int
    free: int
    addresses_at: int


def free_blocks(container: Container) -> Iterator[tuple[int, int]]:
    """First block and number of each run that nothing uses at the checkpoint that is read, in order.

    Those that were given back lately and still wait in the queue of the space manager belong to nothing either.

    Raises:
        ApfsDamageError: The space manager is damaged or contradicts itself.
        UnreadableRegionError: It cannot be read.
    """
    objects = _ephemeral_objects(container)
    manager = _manager(container, objects)
    reached = 0
    for first, count in merge(_by_bitmaps(container, manager), _queued(container, manager, objects)):
        end = min(first + count, manager.blocks)
        if end > max(reached, first):
            yield max(reached, first), end - max(reached, first)
            reached = end


def _ephemeral_objects(container: Container) -> dict[int, tuple[int, int]]:
    """Of each object that the checkpoint keeps: its address and size in bytes."""
    blocks, superblock = container.blocks, container.superblock
    ring = list(descriptor_blocks(blocks, superblock, []))
    found: dict[int, tuple[int, int]] = {}
    for step in range(min(superblock.descriptor_used, len(ring))):
        address = ring[(superblock.descriptor_first + step) % len(ring)]
        block = blocks.read(address)
        if header_of(block).type & TYPE_MASK != _CHECKPOINT_MAP:
            continue
        what = "the map of the checkpoint"
        blocks.verified(block, address, what, oid=None, xid=superblock.xid, types=(_CHECKPOINT_MAP,))
        (count,) = struct.unpack_from("<I", block, 36)
        if _MAP_HEAD_BYTES + count * _MAPPING.size > len(block):
            raise ApfsDamageError(f"{what} claims to have {count} lines", blocks.offset(address))
        for at in range(_MAP_HEAD_BYTES, _MAP_HEAD_BYTES + count * _MAPPING.size, _MAPPING.size):
            _, _, size, _, oid, place = _MAPPING.unpack_from(block, at)
            found[oid] = place, size
    return found


def _ephemeral(
    container: Container, objects: dict[int, tuple[int, int]], what: str, types: tuple[int, ...], oid: int
) -> bytes:
    if oid not in objects:
        raise ApfsDamageError(f"{what}: the checkpoint does not say where object {oid} is")
    address, size = objects[oid]
    blocks = container.blocks
    count = max(1, size // blocks.block_bytes)
    if count > _MAX_MANAGER_BLOCKS:
        raise ApfsDamageError(f"{what}: it claims to fill {count} blocks", blocks.offset(address))
    xid = container.superblock.xid
    return blocks.verified(blocks.read(address, count), address, what, oid=oid, xid=xid, types=types)


def _manager(container: Container, objects: dict[int, tuple[int, int]]) -> _Manager:
    oid, what = container.superblock.space_manager, "the space manager"
    raw = _ephemeral(container, objects, what, (_SPACE_MANAGER,), oid)
    address, at = objects[oid][0], container.blocks.offset(objects[oid][0])
    block_bytes, per_chunk = struct.unpack_from("<II", raw, 32)
    count, chunks, lists, lists_of_lists, free, addresses_at = _DEVICE.unpack_from(raw, _DEVICE_AT)
    addresses = lists_of_lists or lists
    if block_bytes != container.blocks.block_bytes or not 0 < per_chunk <= 8 * block_bytes:
        raise ApfsDamageError(f"{what} has chunks of {per_chunk} blocks of {block_bytes} bytes", at)
    if chunks != -(-count // per_chunk) or count > container.superblock.block_count:
        raise ApfsDamageError(f"{what} has {chunks} chunks for {count} blocks", at)
    if addresses_at < _DEVICE_AT or addresses_at + 8 * addresses > len(raw):
        raise ApfsDamageError(f"{what} has no room for its {addresses} addresses at byte {addresses_at}", at)
    return _Manager(raw, address, per_chunk, count, chunks, lists, lists_of_lists, free, addresses_at)


def _lists(container: Container, manager: _Manager) -> Iterator[int]:
    """The addresses of the lists of chunks, in order."""
    blocks, xid = container.blocks, container.superblock.xid
    count = manager.lists_of_lists or manager.lists
    addresses = struct.unpack_from(f"<{count}Q", manager.raw, manager.addresses_at)
    if not manager.lists_of_lists:
        yield from addresses
        return
    for index, address in enumerate(addresses):
        what = f"the list {index} of lists of chunks"
        raw = blocks.object(address, what, oid=address, xid=xid, types=(_ADDRESSES,))
        own, held = struct.unpack_from("<II", raw, 32)
        if own != index or _LIST_HEAD_BYTES + 8 * held > len(raw):
            raise ApfsDamageError(f"{what} contradicts itself", blocks.offset(address))
        yield from struct.unpack_from(f"<{held}Q", raw, _LIST_HEAD_BYTES)


def _chunks(container: Container, manager: _Manager) -> Iterator[tuple[int, int, int, int]]:
    """Of each chunk its first block, its number of blocks and of free ones, and the address of its bitmap."""
    blocks, xid, reached = container.blocks, container.superblock.xid, 0
    for index, address in enumerate(_lists(container, manager)):
        what = f"the list {index} of chunks"
        raw = blocks.object(address, what, oid=address, xid=xid, types=(_CHUNKS,))
        own, held = struct.unpack_from("<II", raw, 32)
        if own != index or _LIST_HEAD_BYTES + _CHUNK.size * held > len(raw):
            raise ApfsDamageError(f"{what} contradicts itself", blocks.offset(address))
        for at in range(_LIST_HEAD_BYTES, _LIST_HEAD_BYTES + _CHUNK.size * held, _CHUNK.size):
            first, count, free, bitmap = _CHUNK.unpack_from(raw, at)
            count, free = count & _COUNT_MASK, free & _COUNT_MASK
            if first != reached or count != min(manager.per_chunk, manager.blocks - first) or free > count or not count:
                what = f"{what}: the chunk at block {first} has {count} blocks, of which {free} are free"
                raise ApfsDamageError(what, blocks.offset(address) + at)
            reached += count
            yield first, count, free, bitmap
    if reached != manager.blocks:
        what = f"the space manager lists chunks for {reached} of {manager.blocks} blocks"
        raise ApfsDamageError(what, blocks.offset(manager.address))


def _by_bitmaps(container: Container, manager: _Manager) -> Iterator[tuple[int, int]]:
    blocks, total = container.blocks, 0
    for first, count, free, bitmap in _chunks(container, manager):
        runs = [(0, count)] if not bitmap else list(clear_bits([blocks.read(bitmap)], count))
        found = sum(length for _, length in runs)
        if found != free:
            what = f"the bitmap of the chunk at block {first} has {found} free blocks, its record says {free}"
            raise ApfsDamageError(what, blocks.offset(bitmap or manager.address))
        total += found
        yield from ((first + start, length) for start, length in runs)
    if total != manager.free:
        what = f"the chunks have {total} free blocks, the space manager says {manager.free}"
        raise ApfsDamageError(what, blocks.offset(manager.address))


def _queued(container: Container, manager: _Manager, objects: dict[int, tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """What was given back and waits until no checkpoint needs it, in order."""
    _, root = struct.unpack_from("<QQ", manager.raw, _QUEUE_AT)
    if not root:
        return
    what = "the queue of free blocks"
    tree = BTree(root, partial(_ephemeral, container, objects, what, (BTREE_ROOT, BTREE_NODE)), _queue_order)
    runs = array("Q"), array("Q")
    for key, value in tree.scan(0, ANY_XID << 64 | ANY_XID):
        first, count = int.from_bytes(key[8:16], "little"), int.from_bytes(value[:8], "little") or 1
        if len(runs[0]) >= _MAX_QUEUED or first + count > manager.blocks:
            raise ApfsDamageError(f"{what} has {count} blocks from block {first} on, or too many lines")
        runs[0].append(first)
        runs[1].append(count)
    yield from sorted(zip(*runs, strict=True))


def _queue_order(key: bytes) -> int:
    if len(key) < 16:
        raise ApfsDamageError("a key of the queue of free blocks is too short")
    return int.from_bytes(key[:8], "little") << 64 | int.from_bytes(key[8:16], "little")
