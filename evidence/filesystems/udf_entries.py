"""The file entries of UDF, the extents behind them, and the extended attributes that matter to an examiner.

Sources: ECMA-167 3rd edition, 4/14.5 to 4/14.17; OSTA Universal Disk Format 2.60, 2.3 and 3.3.
"""

from __future__ import annotations

import struct
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from evidence.filesystems.ranges import Range
from evidence.filesystems.udf_partitions import Blocks
from evidence.filesystems.udf_records import (
    ALLOCATION_EXTENT,
    EXTENDED_FILE_ENTRY,
    FILE_ENTRY,
    Address,
    Moment,
    exact,
    long_address,
    moment,
    tag_of,
)

MAX_EXTENTS = 1 << 20
_EMBEDDED = 3
_AD_BYTES = {0: 8, 1: 16, 2: 20}
_RECORDED, _RESERVED, _NEXT = 0, 1, 3
_FILE_TIMES, _DEVICE = 5, 12


@dataclass(frozen=True, slots=True)
class Extent:
    """A piece of a file: where it begins in the file, its length, its place; no place for one that reads as zeros."""

    start: int
    length: int
    address: Address | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A file entry or extended file entry.

    Attributes:
        address: Where it lies.
        file_type: As in the ICB tag: 4 a directory, 5 a file, 12 a symbolic link ...
        size_bytes: Of the content.
        times: Of modification, access, change of attributes, creation.
        bad_times: Whether a time is impossible and left out.
        unique_id: What identifies the file on the volume.
        stream_directory: Address of the directory of named streams.
        device: Major and minor number of a device.
        attributes: The extended attributes in the entry, with the descriptor before them.
        attribute_file: Address of the file with further ones.
        allocation: Kind of the allocation descriptors, 3 for a content that lies in the entry.
        descriptors: The allocation descriptors, or the content itself.
    """

    address: Address
    file_type: int
    size_bytes: int
    times: tuple[Moment | None, Moment | None, Moment | None, Moment | None]
    bad_times: bool
    unique_id: int
    stream_directory: Address | None
    device: tuple[int, int] | None
    attributes: bytes
    attribute_file: Address | None
    allocation: int
    descriptors: bytes


def read_entry(blocks: Blocks, address: Address) -> Entry:
    """The file entry at an address; from the mirror of the metadata where the first copy is damaged.

    Raises:
        OSError: There is none, or one that is damaged or of a kind that is not read; says which.
        UnreadableRegionError: The media cannot be read there.
    """
    return blocks.parsed(address, parse_entry)


def parse_entry(raw: bytes, address: Address) -> Entry:
    """The file entry in a block; raises OSError."""
    kind = tag_of(raw, address.block)
    if kind not in (FILE_ENTRY, EXTENDED_FILE_ENTRY):
        raise OSError(f"block {address} holds a descriptor of type {kind} and no file entry")
    strategy, file_type, flags = struct.unpack_from("<H", raw, 20)[0], raw[27], struct.unpack_from("<H", raw, 34)[0]
    if strategy != 4:
        raise OSError(f"the file entry at {address} uses ICB strategy {strategy}, which is not read")
    wide = kind == EXTENDED_FILE_ENTRY
    head = 216 if wide else 176
    attribute_bytes, descriptor_bytes = struct.unpack_from("<II", raw, head - 8)
    if head + attribute_bytes + descriptor_bytes > len(raw):
        raise OSError(f"the file entry at {address} is larger than its block")
    attributes = raw[head : head + attribute_bytes]
    device, created_at = _attributes(attributes)
    places: list[tuple[bytes, int] | None]
    if wide:
        places = [(raw, 92), (raw, 80), (raw, 116), (raw, 104)]
    else:
        places = [(raw, 84), (raw, 72), (raw, 96), (attributes, created_at) if created_at else None]
    times, bad = _times(places)
    streams = None
    if wide:
        length, stream_address = long_address(raw, 152)
        streams = stream_address if length & 0x3FFFFFFF else None
    length, attributes_at = long_address(raw, 136 if wide else 112)
    return Entry(
        address=address,
        file_type=file_type,
        size_bytes=struct.unpack_from("<Q", raw, 56)[0],
        times=times,
        bad_times=bad,
        unique_id=struct.unpack_from("<Q", raw, 200 if wide else 160)[0],
        stream_directory=streams,
        device=device,
        attributes=attributes,
        attribute_file=attributes_at if length & 0x3FFFFFFF else None,
        allocation=flags & 7,
        descriptors=raw[head + attribute_bytes : head + attribute_bytes + descriptor_bytes],
    )


def _times(
    places: list[tuple[bytes, int] | None],
) -> tuple[tuple[Moment | None, Moment | None, Moment | None, Moment | None], bool]:
    found: list[Moment | None] = []
    bad = False
    for place in places:
        try:
            found.append(moment(*place) if place else None)
        except ValueError:
            found.append(None)
            bad = True
    return (found[0], found[1], found[2], found[3]), bad


def _attributes(raw: bytes) -> tuple[tuple[int, int] | None, int]:
    """Device numbers, and the place of the time of creation (0 for none), from the extended attributes."""
    device, created_at, at = None, 0, 24
    while at + 12 <= len(raw):
        kind, subtype, length = struct.unpack_from("<IB3xI", raw, at)
        if length < 12 or at + length > len(raw):
            break
        if (kind, subtype) == (_DEVICE, 1) and length >= 24:
            device = struct.unpack_from("<II", raw, at + 16)
        elif (kind, subtype) == (_FILE_TIMES, 1) and length >= 32 and raw[at + 16] & 1:
            created_at = at + 20
        at += length
    return device, created_at


@dataclass(frozen=True, slots=True, kw_only=True)
class UdfContent:
    """The content behind a file entry."""

    blocks: Blocks
    size_bytes: int
    extents: tuple[Extent, ...] = ()
    embedded: bytes | None = None

    @property
    def first_byte(self) -> int:
        """Where on the media it begins, to read in that order; 0 where it has no place of its own."""
        try:
            recorded = next(extent for extent in self.extents if extent.address is not None)
            return next(self.blocks.runs(recorded.address, recorded.length))[0] if recorded.address else 0
        except (StopIteration, OSError):
            return 0

    def read(self, offset_bytes: int, size_bytes: int, /) -> bytes:
        """Bytes of the content; see :class:`evidence.filesystems.content.ContentSource`."""
        size_bytes = min(size_bytes, self.size_bytes - offset_bytes)
        if offset_bytes < 0 or size_bytes <= 0:
            return b""
        if self.embedded is not None:
            data = self.embedded[offset_bytes : offset_bytes + size_bytes]
        else:
            data = b"".join(self._pieces(offset_bytes, size_bytes))
        if len(data) != size_bytes:
            raise OSError(f"the extents end after {offset_bytes + len(data)} of {self.size_bytes} bytes")
        return data

    def within(self, offset_bytes: int, size_bytes: int, /) -> Iterator[tuple[int, int, int]]:
        """Where a part lies; nothing of what is in its entry. See :class:`evidence.filesystems.content.Placed`."""
        end = min(offset_bytes + size_bytes, self.size_bytes)
        for extent in self.extents:
            first, last = max(offset_bytes, extent.start), min(end, extent.start + extent.length)
            if extent.address is None or first >= last:
                continue
            at = first
            for place, length in self.blocks.runs(extent.address, last - extent.start, first - extent.start):
                yield at, place, length
                at += length

    def _pieces(self, offset_bytes: int, size_bytes: int) -> Iterator[bytes]:
        index = max(0, bisect_right(self.extents, offset_bytes, key=lambda extent: extent.start) - 1)
        while size_bytes and index < len(self.extents):
            extent = self.extents[index]
            inside = offset_bytes - extent.start
            take = min(size_bytes, extent.length - inside)
            if take <= 0:
                return
            if extent.address is None:
                yield bytes(take)
            else:
                for place, length in self.blocks.runs(extent.address, inside + take, inside):
                    yield exact(self.blocks.source, place, length)
            offset_bytes, size_bytes, index = offset_bytes + take, size_bytes - take, index + 1


def content_of(blocks: Blocks, entry: Entry) -> UdfContent:
    """The content of a file entry; raises OSError where its extents make no sense, and UnreadableRegionError."""
    if entry.allocation == _EMBEDDED:
        return UdfContent(blocks=blocks, size_bytes=entry.size_bytes, embedded=entry.descriptors)
    extents: list[Extent] = []
    reached = 0
    for length, kind, address in allocation(blocks, entry.address, entry.allocation, entry.descriptors):
        if reached >= entry.size_bytes:
            break  # what follows is the tail: allocated, but no part of the content
        extents.append(Extent(reached, length, address if kind == _RECORDED else None))
        reached += length
    return UdfContent(blocks=blocks, size_bytes=entry.size_bytes, extents=tuple(extents))


def slack_of(blocks: Blocks, entry: Entry) -> Iterator[Range]:
    """What lies behind the end of a content in the blocks that are allocated to it; nothing where it is in its entry.

    Raises:
        OSError: Its extents make no sense.
        UnreadableRegionError: They cannot be read.
    """
    if entry.allocation == _EMBEDDED:
        return
    reached = 0
    for length, kind, address in allocation(blocks, entry.address, entry.allocation, entry.descriptors):
        reached += length
        if kind in (_RECORDED, _RESERVED) and reached >= entry.size_bytes:
            whole = -(-length // blocks.block_bytes) * blocks.block_bytes
            yield from blocks.runs(address, whole, max(0, entry.size_bytes - (reached - length)))


def allocation(blocks: Blocks, own: Address, form: int, raw: bytes) -> Iterator[tuple[int, int, Address]]:
    """Length, kind and place of every extent, through all extents of allocation descriptors.

    Args:
        blocks: Of the volume.
        own: Where the entry lies that has them.
        form: 0 short, 1 long, 2 extended.
        raw: The first of them.

    Raises:
        OSError: They make no sense.
        UnreadableRegionError: They cannot be read.
    """
    size = _AD_BYTES.get(form)
    if size is None:
        raise OSError(f"the allocation descriptors of the file entry at {own} are of kind {form}")
    at, count, seen = 0, 0, {own}
    while at + size <= len(raw):
        length, kind, address = _descriptor(raw, at, own, form)
        at, count = at + size, count + 1
        if not length:
            return
        if count > MAX_EXTENTS:
            raise OSError(f"the file entry at {own} has more than {MAX_EXTENTS} extents")
        if kind != _NEXT:
            yield length, kind, address
            continue
        if address in seen:
            raise OSError(f"the allocation descriptors of the file entry at {own} lead back to {address}")
        seen.add(address)
        raw, at = blocks.parsed(address, _extent_of_descriptors), 0


def _descriptor(raw: bytes, at: int, own: Address, form: int) -> tuple[int, int, Address]:
    """Length in bytes, kind and place of one extent."""
    (word,) = struct.unpack_from("<I", raw, at)
    length, kind = word & 0x3FFFFFFF, word >> 30
    if form == 0:
        return length, kind, Address(own.partition, struct.unpack_from("<I", raw, at + 4)[0])
    if form == 1:
        return length, kind, long_address(raw, at)[1]
    recorded, information, block, partition = struct.unpack_from("<IIIH", raw, at + 4)
    if kind == _RECORDED and recorded & 0x3FFFFFFF != information:
        raise OSError(f"an extent of the file entry at {own} is recorded in another form than its content")
    return information if kind == _RECORDED else length, kind, Address(partition, block)


def _extent_of_descriptors(raw: bytes, address: Address) -> bytes:
    if tag_of(raw, address.block) != ALLOCATION_EXTENT:
        raise OSError(f"block {address} holds no extent of allocation descriptors")
    (length,) = struct.unpack_from("<I", raw, 20)
    if 24 + length > len(raw):
        raise OSError(f"the extent of allocation descriptors at {address} is larger than its block")
    return raw[24 : 24 + length]
