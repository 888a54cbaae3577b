"""Which bytes of the devices of a Btrfs no extent uses, and what lies behind the end of a file in its last extent.

Source: the on-disk format that the kernel and btrfs-progs document: extent tree, block groups, chunks.

On a device in use are: what the extent tree covers, on every copy of it; the parity of each row in which something is
used; and 64 KiB from each superblock on, which the file system keeps free of anything else. All the rest is
unallocated, in chunks and between them.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

from evidence.filesystems.btrfs_chunks import Chunk
from evidence.filesystems.btrfs_extents import INLINE, REGULAR, parse_extent
from evidence.filesystems.btrfs_items import (
    BLOCK_GROUP_ITEM,
    BLOCK_GROUP_TREE,
    EXTENT_DATA,
    EXTENT_ITEM,
    EXTENT_TREE,
    METADATA_ITEM,
)
from evidence.filesystems.btrfs_super import MIRRORS_AT, SUPERBLOCK_BYTES
from evidence.filesystems.btrfs_tree import LAST, BTree
from evidence.filesystems.btrfs_volume import BtrfsVolume
from evidence.filesystems.content import ContentSource
from evidence.filesystems.ranges import JoinedRanges, Range
from evidence.volumes.base import Readable

_RESERVED_BYTES = 65536
_LEFT_OUT = (
    "this device of the Btrfs is of an older state than the others, or is there twice: which of its blocks are in use "
    "is not known"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """The volume that is looked at, and which devices of the file system lie in it.

    Attributes:
        source: The volume.
        devices: Of each device in it, by number, where it begins there, and its length in bytes as declared.
    """

    source: Readable
    devices: Mapping[int, Range]

    @property
    def declared_bytes(self) -> int:
        """How much of the volume they fill by their own account; 0 where none of them lies there."""
        return max((start + length for start, length in self.devices.values()), default=0)


def unallocated(volume: BtrfsVolume, shown: Shown) -> JoinedRanges:
    """What no extent uses, of the devices in one volume; those in other volumes are shown with them.

    Raises:
        OSError: The trees that tell are damaged or contradict each other, or the device is not part of the whole.
        UnreadableRegionError: They cannot be read.
    """
    if not shown.devices:
        raise OSError(_LEFT_OUT)

    def ranges() -> Iterator[Range]:
        for device, (start, length) in sorted(shown.devices.items(), key=lambda item: item[1]):
            there = min(length, shown.source.media_bytes - start)
            yield from ((start + at, size) for at, size in _free_on(volume, device, there))

    return JoinedRanges(shown.source, ranges())


def _free_on(volume: BtrfsVolume, device: int, length_bytes: int) -> Iterator[Range]:
    kept = [(at, at + _RESERVED_BYTES) for at in MIRRORS_AT if at + SUPERBLOCK_BYTES <= length_bytes]
    reached = 0
    for start, end in heapq.merge(kept, _used_on(volume, device)):
        if min(start, length_bytes) > reached:
            yield reached, min(start, length_bytes) - reached
        reached = max(reached, end)
    if reached < length_bytes:
        yield reached, length_bytes - reached


def _used_on(volume: BtrfsVolume, device: int) -> Iterator[tuple[int, int]]:
    """Begin and end of what is used on a device, in the order of the device."""
    stripes = sorted(
        (offset, chunk.start, index, chunk)
        for chunk in volume.space.chunks
        for index, (number, offset) in enumerate(chunk.stripes)
        if number == device
    )
    for (before, first, _, chunk), (after, second, _, _) in pairwise(stripes):
        if before + chunk.stripe_length > after:
            raise OSError(f"the chunks at {first} and {second} overlap at byte {after} of device {device}")
    for offset, _, index, chunk in stripes:
        for start, end in chunk.on_stripe(index, _extents_in(volume, chunk)):
            yield offset + start, offset + end


def _extents_in(volume: BtrfsVolume, chunk: Chunk) -> Iterator[tuple[int, int]]:
    """Begin and end of each extent in a chunk, from its start on; what they sum up to is held against the block group.

    Raises:
        OSError: They overlap, leave their chunk, or are not as many bytes as the block group has in use.
    """
    tree, node_bytes = _tree(volume, EXTENT_TREE, "extent tree"), volume.superblock.node_bytes
    reached, end, total = chunk.start, chunk.start + chunk.length, 0
    for (address, kind, offset), _ in tree.items((chunk.start, 0, 0), (end - 1, METADATA_ITEM, LAST)):
        if kind not in (EXTENT_ITEM, METADATA_ITEM):
            continue
        size = offset if kind == EXTENT_ITEM else node_bytes
        if address < reached or not size or address + size > end:
            raise OSError(f"the extent tree contradicts itself at logical address {address} ({size} bytes)")
        reached, total = address + size, total + size
        yield address - chunk.start, reached - chunk.start
    key = chunk.start, BLOCK_GROUP_ITEM, chunk.length
    raw = tree.get(key)
    if raw is None and volume.subvolume(BLOCK_GROUP_TREE) is not None:
        raw = _tree(volume, BLOCK_GROUP_TREE, "tree of block groups").get(key)
    if raw is None or len(raw) < 8:
        raise OSError(f"no block group says how much of the chunk at {chunk.start} is in use")
    used = int.from_bytes(raw[:8], "little")
    if used != total:
        what = f"the extent tree has {total} bytes in use in the chunk at {chunk.start}, but its block group {used}"
        raise OSError(what)


def _tree(volume: BtrfsVolume, number: int, name: str) -> BTree:
    if volume.subvolume(number) is None:
        raise OSError(f"the {name}, which says what is in use, is not there or cannot be found")
    return volume.tree(number, quiet=True)


def slack(volume: BtrfsVolume, shown: Shown, tree: BTree, number: int, size_bytes: int) -> ContentSource:
    """What lies behind the end of a file in extents that belong to it; often nothing.

    Nothing of inline and compressed extents. What was reserved for the file behind its end is slack too, and holds what
    was there before. Where it lies is told as far as that is in the volume that is shown.

    Raises:
        OSError: The extents of the file, or the chunk they lie in, make no sense.
        UnreadableRegionError: They cannot be read.
    """
    last = max(size_bytes - 1, 0)
    key = tree.floor((number, EXTENT_DATA, last))
    low = key[0] if key is not None and key[0][:2] == (number, EXTENT_DATA) else (number, EXTENT_DATA, last)
    logical: list[Range] = []
    for (_, _, first), raw in tree.items(low, (number, EXTENT_DATA, LAST)):
        extent = parse_extent(first, raw)
        behind = max(0, size_bytes - first)
        if extent.kind != INLINE and extent.address and not extent.compression and behind < extent.length:
            logical.append((extent.address + extent.inner + behind, extent.length - behind))
    places = [volume.space.pieces(address, size, shown.devices) for address, size in logical]
    pieces = [piece for found in places for piece in found]
    if all(device in shown.devices for device, _, _ in pieces):
        ranges = ((shown.devices[device][0] + offset, size) for device, offset, size in pieces)
        return JoinedRanges(shown.source, ranges)
    return _Elsewhere(JoinedRanges(_Logical(volume), logical))


def occupied(volume: BtrfsVolume, shown: Shown, tree: BTree, number: int, size_bytes: int) -> Iterator[Range]:
    """Where the content of a file lies on the devices in the volume that is shown, each copy of it.

    Of a compressed extent all of it. What was only reserved reads as zeros, and is not told.

    Raises:
        OSError: The extents of the file, or the chunk they lie in, make no sense.
        UnreadableRegionError: They cannot be read.
    """
    for (_, _, first), raw in tree.items((number, EXTENT_DATA, 0), (number, EXTENT_DATA, max(size_bytes - 1, 0))):
        extent = parse_extent(first, raw)
        if extent.kind != REGULAR or not extent.address:
            continue
        address, size = extent.address + extent.inner, min(extent.length, size_bytes - first)
        if extent.compression:
            address, size = extent.address, extent.disk_bytes
        for device, offset, length in volume.space.everywhere(address, size):
            if device in shown.devices:
                yield shown.devices[device][0] + offset, length


@dataclass(frozen=True, slots=True)
class _Logical:
    """The logical addresses of a file system, as something to read at any place."""

    volume: BtrfsVolume
    media_bytes: int = LAST

    def read_at(self, offset_bytes: int, size_bytes: int, /) -> bytes:
        return self.volume.space.first_readable(offset_bytes, size_bytes)


class _Elsewhere:
    """Slack of which a part lies in other volumes than the one that shows the file: it has no offsets in that."""

    def __init__(self, content: JoinedRanges) -> None:
        self._content = content
        self.size_bytes = content.size_bytes

    def read(self, offset_bytes: int, size_bytes: int, /) -> bytes:
        return self._content.read(offset_bytes, size_bytes)
