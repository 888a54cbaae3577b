"""The content of files of Btrfs: inline, plain and compressed extents, holes, and the checksums of data blocks."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import NamedTuple

from evidence.filesystems.btrfs_chunks import MissingDeviceError, Space
from evidence.filesystems.btrfs_compression import MAX_EXTENT_BYTES, NAMES, decompress
from evidence.filesystems.btrfs_items import CSUM_OBJECT, EXTENT_CSUM, EXTENT_DATA
from evidence.filesystems.btrfs_tree import LAST, BTree
from evidence.filesystems.content import UNREADABLE, reason
from evidence.images.base import AS_READ, Problem

INLINE, REGULAR, _PREALLOCATED = range(3)
_COUNTED_COPIES = 100_000
_HEAD, _PLACE = struct.Struct("<QQBBHB"), struct.Struct("<QQQQ")


class Extent(NamedTuple):
    """One extent of a file; ``first`` is where it begins in the content."""

    first: int
    kind: int
    compression: int
    inline: bytes
    address: int
    disk_bytes: int
    inner: int
    length: int
    plain_bytes: int


def parse_extent(first: int, raw: bytes) -> Extent:
    """An extent item; raises OSError where it contradicts itself, or is of a kind that cannot be read."""
    if len(raw) < _HEAD.size:
        raise OSError(f"the extent at byte {first} of the content is cut off")
    _, plain, compression, encryption, encoding, kind = _HEAD.unpack_from(raw)
    if encryption or encoding:
        raise OSError(f"the extent at byte {first} of the content is encoded in a way that is not known")
    if kind == INLINE:
        return Extent(first, kind, compression, raw[_HEAD.size :], 0, 0, 0, plain, plain)
    if kind not in (REGULAR, _PREALLOCATED) or len(raw) < _HEAD.size + _PLACE.size:
        raise OSError(f"the extent at byte {first} of the content is of no known kind ({kind})")
    address, size, inner, length = _PLACE.unpack_from(raw, _HEAD.size)
    if not length or (address and inner + length > plain) or (compression and size > MAX_EXTENT_BYTES):
        raise OSError(f"the extent at byte {first} of the content contradicts itself")
    return Extent(first, kind, compression, b"", address, size, inner, length, plain)


class Data:
    """Data blocks, held against their checksums."""

    def __init__(self, space: Space, checksums: BTree) -> None:
        """Read from ``space``; ``checksums`` is the tree of them."""
        self._space, self._checksums = space, checksums
        self._damaged: dict[int, tuple[int, str]] = {}

    def take_damaged(self) -> Problem | None:
        """Which copies were damaged where another one was read since this was asked last."""
        if not self._damaged:
            return None
        blocks, (address, (copy, why)) = len(self._damaged), next(iter(self._damaged.items()))
        self._damaged = {}
        place, device = self._space.place(address, copy), self._space.device(address, copy)
        count = f"at least {blocks}" if blocks == _COUNTED_COPIES else str(blocks)
        what = (
            f"One copy is damaged of {count} of the data blocks that were read, and another one was used; "
            f"the first is at byte {place} of device {device} (logical address {address}): {why}."
        )
        return Problem(what=what, where="", offset_bytes=place, about=AS_READ)

    def read(self, address: int, size_bytes: int, *, verify: bool) -> bytes:
        """Bytes at a logical address.

        Raises:
            OSError: No copy of a block agrees with its checksum, or there is no checksum.
            UnreadableRegionError: The media cannot be read there.
        """
        if not verify:
            return self._space.first_readable(address, size_bytes)
        sector = self._space.superblock.sector_bytes
        start = address - address % sector
        size = -(-(address + size_bytes - start) // sector) * sector
        sums = self._sums(start, size // sector)
        try:
            raw = self._space.read(start, size)
        except UNREADABLE:
            raw = b""
        checksum, width = self._space.superblock.checksum, self._space.superblock.checksum_bytes
        parts = []
        for index in range(size // sector):
            part, wanted = raw[index * sector : (index + 1) * sector], sums[index * width : (index + 1) * width]
            if not part or checksum(part)[:width] != wanted:
                part = self._other_copy(start + index * sector, wanted)
            parts.append(part)
        return b"".join(parts)[address - start : address - start + size_bytes]

    def _other_copy(self, address: int, wanted: bytes) -> bytes:
        facts, first = self._space.superblock, None
        damaged: tuple[int, str] | None = None
        for copy in range(self._space.copies(address)):
            try:
                part = self._space.read(address, facts.sector_bytes, copy)
            except UNREADABLE as error:
                first = first or error
                if not isinstance(error, MissingDeviceError):  # that it is missing is told of the whole
                    damaged = damaged or (copy, reason(error))
                continue
            if facts.checksum(part)[: facts.checksum_bytes] == wanted:
                if damaged is not None and len(self._damaged) < _COUNTED_COPIES:
                    self._damaged.setdefault(address, damaged)
                return part
            damaged = damaged or (copy, "its checksum is wrong")
        if first is not None:
            raise first
        place = self._space.place(address, 0)
        raise OSError(f"the checksum of the data block at byte {place} (logical address {address}) is wrong")

    def _sums(self, start: int, count: int) -> bytes:
        """The checksums of ``count`` sectors in a row."""
        facts = self._space.superblock
        sector, width = facts.sector_bytes, facts.checksum_bytes
        found = bytearray()
        key = self._checksums.floor((CSUM_OBJECT, EXTENT_CSUM, start))
        low = (
            key[0]
            if key is not None and key[0][:2] == (CSUM_OBJECT, EXTENT_CSUM)
            else (CSUM_OBJECT, EXTENT_CSUM, start)
        )
        for (_, _, address), raw in self._checksums.items(low, (CSUM_OBJECT, EXTENT_CSUM, start + count * sector - 1)):
            reached = start + len(found) // width * sector
            skip = (reached - address) // sector * width
            if address > reached or skip >= len(raw):
                if address > reached:
                    break
                continue
            found += raw[skip : skip + count * width - len(found)]
        if len(found) < count * width:
            raise OSError(f"no checksum is kept for the data at logical address {start + len(found) // width * sector}")
        return bytes(found)


@dataclass(slots=True)
class BtrfsContent:
    """The content of a file; holes and what was only reserved read as zeros.

    Attributes:
        size_bytes: As the inode declares it.
    """

    data: Data
    tree: BTree
    number: int
    size_bytes: int
    has_checksums: bool
    sector_bytes: int
    _plain: tuple[int, bytes] = field(default=(-1, b""), init=False)

    def read(self, offset_bytes: int, size_bytes: int, /) -> bytes:
        """See :class:`evidence.filesystems.content.ContentSource`."""
        at, end = offset_bytes, min(offset_bytes + size_bytes, self.size_bytes)
        if at < 0 or end <= at:
            return b""
        key = self.tree.floor((self.number, EXTENT_DATA, at))
        low = key[0] if key is not None and key[0][:2] == (self.number, EXTENT_DATA) else (self.number, EXTENT_DATA, at)
        pieces = []
        reached = 0
        for (_, _, first), raw in self.tree.items(low, (self.number, EXTENT_DATA, min(end - 1, LAST))):
            extent = parse_extent(first, raw)
            if first < reached:
                raise OSError(f"the extents at byte {first} of the content overlap")
            reached = first + extent.length
            if reached <= at:
                continue
            if first > at:
                pieces.append(bytes(first - at))
                at = first
            stop = min(end, reached)
            pieces.append(self._part(extent, at - first, stop - at))
            at = stop
        pieces.append(bytes(end - at))
        return b"".join(pieces)

    def _part(self, extent: Extent, inner: int, size: int) -> bytes:
        if extent.kind == INLINE:
            return self._whole(extent)[inner : inner + size]
        if extent.kind == _PREALLOCATED or not extent.address:
            return bytes(size)
        inner += extent.inner
        if extent.compression:
            return self._whole(extent)[inner : inner + size]
        return self.data.read(extent.address + inner, size, verify=self.has_checksums)

    def _whole(self, extent: Extent) -> bytes:
        """An inline or compressed extent in plain; the last one is kept, for chunks end within extents."""
        if self._plain[0] == extent.first:
            return self._plain[1]
        raw = extent.inline
        if extent.kind != INLINE:
            raw = self.data.read(extent.address, extent.disk_bytes, verify=self.has_checksums)
        if extent.compression:
            try:
                raw = decompress(extent.compression, raw, extent.plain_bytes, self.sector_bytes)
            except OSError as error:
                name = NAMES.get(extent.compression, "unknown")
                what = f"the extent at byte {extent.first} of the content, compressed by {name}, is damaged: {error}"
                raise OSError(what) from error
        elif len(raw) < extent.plain_bytes:
            raise OSError(f"the extent at byte {extent.first} of the content is cut off")
        self._plain = (extent.first, raw)
        return raw
