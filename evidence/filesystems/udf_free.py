"""Which blocks of a UDF volume no file uses, by the bitmaps and tables of its partitions.

Sources: ECMA-167 3rd edition, 4/10.1, 4/14.3, 4/14.11 and 4/14.12; OSTA Universal Disk Format 2.60, 2.2.3, 2.3.7, 2.3.8
and 2.2.13. What lies outside of all partitions, around the volume structures, is not looked at.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator

from evidence.filesystems.content import CHUNK_BYTES
from evidence.filesystems.ranges import Range, clear_bits
from evidence.filesystems.udf_entries import allocation, content_of, read_entry
from evidence.filesystems.udf_maps import Map
from evidence.filesystems.udf_partitions import Blocks, Metadata, Physical, Sparable
from evidence.filesystems.udf_records import SPACE_BITMAP, UNALLOCATED_SPACE, Address, exact, tag_of

_HEADER_AT = 56
"""Of the partition header in the partition descriptor."""
_TABLES, _BITMAPS = (0, 24), (8, 32)
"""Places there of what is unallocated, and of what was freed and is to be erased before it is used again."""
_LENGTH_MASK = 0x3FFFFFFF
_HEAD_BYTES, _MAX_CRC_BYTES = 24, 65_535
_TURNED = bytes(range(255, -1, -1))
_NONE = (
    "no partition of this UDF volume keeps a record of its free blocks, as on media that are written once or read only"
)
ReadAt = Callable[[int, int], bytes]


def free_ranges(blocks: Blocks, maps: tuple[Map, ...], partitions: dict[int, bytes]) -> Iterator[Range]:
    """What is free, partition map by partition map; one that keeps no record of it has nothing here.

    Args:
        blocks: Of the volume.
        maps: Its partition maps, in order.
        partitions: The partition descriptors, by the number of the partition.

    Raises:
        OSError: No partition keeps a record, or one is damaged; says which.
        UnreadableRegionError: The media cannot be read there.
    """
    done: set[int | Address] = set()
    for index, map_ in enumerate(maps):
        inner = map_.partition
        if isinstance(inner, Metadata) and map_.bitmap is not None and map_.bitmap not in done:
            done.add(map_.bitmap)
            for start, count in _metadata_bitmap(blocks, map_.bitmap, inner.block_count):
                yield from _on_media(blocks, inner.stretches(start, count))
        elif isinstance(inner, Physical | Sparable) and map_.number not in done:
            records = _records(partitions[map_.number], _BITMAPS), _records(partitions[map_.number], _TABLES)
            if any(records):
                done.add(map_.number)
            for start, count in _recorded(blocks, index, *records, inner.length):
                yield from blocks.runs(Address(index, start), count * blocks.block_bytes)
    if not done:
        raise OSError(_NONE)


def _on_media(blocks: Blocks, stretches: Iterator[Range]) -> Iterator[Range]:
    for place, count in stretches:
        yield place * blocks.block_bytes, count * blocks.block_bytes


def _records(descriptor: bytes, at: tuple[int, ...]) -> list[Range]:
    """Block and length in bytes of each record that the partition header names."""
    named = (struct.unpack_from("<II", descriptor, _HEADER_AT + offset) for offset in at)
    return [(block, length & _LENGTH_MASK) for length, block in named if length & _LENGTH_MASK]


def _recorded(
    blocks: Blocks, index: int, bitmaps: list[Range], tables: list[Range], limit: int
) -> Iterator[tuple[int, int]]:
    """First block in its partition and number of each free run."""
    for block, length in bitmaps:
        name = f"the space bitmap at {Address(index, block)}"
        yield from _bitmap(_reader(blocks, Address(index, block), length), length, limit, name, block)
    for block, _ in tables:
        yield from _table(blocks, Address(index, block), limit)


def _reader(blocks: Blocks, address: Address, length_bytes: int) -> ReadAt:
    def read(offset: int, size: int) -> bytes:
        runs = blocks.runs(address, min(length_bytes, offset + size), offset)
        return b"".join(exact(blocks.source, place, length) for place, length in runs)

    return read


def _metadata_bitmap(blocks: Blocks, address: Address, limit: int) -> Iterator[Range]:
    content = content_of(blocks, read_entry(blocks, address))
    name = f"the bitmap file of the metadata partition at {address}"
    return _bitmap(content.read, content.size_bytes, limit, name, None)


def _bitmap(read: ReadAt, length_bytes: int, limit: int, name: str, location: int | None) -> Iterator[Range]:
    """The free runs of a space bitmap, in which a set bit is a free block.

    Args:
        read: Reads from its tag on.
        length_bytes: How much there is of it.
        limit: How many blocks there are.
        name: For errors.
        location: The block that its tag must name; None in a file, whose blocks have no number of their own.
    """
    head = read(0, min(length_bytes, _HEAD_BYTES + _MAX_CRC_BYTES))
    if len(head) < _HEAD_BYTES:
        raise OSError(f"{name} is cut off")
    kind = tag_of(head, int.from_bytes(head[12:16], "little") if location is None else location)
    bits, size = struct.unpack_from("<II", head, 16)
    if kind != SPACE_BITMAP or size < -(-bits // 8) or _HEAD_BYTES + size > length_bytes:
        raise OSError(f"{name} contradicts itself: type {kind}, {bits} bits in {size} of {length_bytes} bytes")
    if bits < limit:
        raise OSError(f"{name} has {bits} bits for {limit} blocks")
    end = _HEAD_BYTES + -(-limit // 8)
    places = range(_HEAD_BYTES, end, CHUNK_BYTES)
    pieces = (read(at, min(CHUNK_BYTES, end - at)).translate(_TURNED) for at in places)
    yield from clear_bits(pieces, limit)


def _table(blocks: Blocks, address: Address, limit: int) -> Iterator[Range]:
    """The extents of an unallocated space entry."""
    raw = blocks.block(address)
    if tag_of(raw, address.block) != UNALLOCATED_SPACE:
        raise OSError(f"block {address} holds no unallocated space entry")
    (length,) = struct.unpack_from("<I", raw, 36)
    if 40 + length > len(raw):
        raise OSError(f"the unallocated space entry at {address} is larger than its block")
    for size, _, place in allocation(blocks, address, raw[34] & 7, raw[40 : 40 + length]):
        count = size // blocks.block_bytes
        if place.partition != address.partition or place.block + count > limit:
            raise OSError(f"the unallocated space entry at {address} names blocks outside of its partition")
        yield place.block, count
