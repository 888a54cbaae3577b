"""What a volume held when a shadow copy of it was taken, put together from the stores and the volume as it is now.

Source: "Volume Shadow Snapshot (VSS) format" by J.B. Metz (libvshadow), "Store block list", "Store bitmap", "Reading
snapshot data".
"""

from __future__ import annotations

import struct
from array import array
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from evidence.errors import UnreadableRegionError
from evidence.volumes.base import Readable
from evidence.volumes.shadow_catalog import (
    BITMAP,
    BLOCK_BYTES,
    BLOCK_LIST,
    HEADER_BYTES,
    Place,
    ShadowDamageError,
    chain,
)

_FORWARDER, _OVERLAY, _UNUSED = 1, 2, 4
_SECTOR_BYTES = 512
_MAX_DESCRIPTORS = 1 << 23
_DESCRIPTOR = struct.Struct("<QQQII")
_PER_BLOCK = (BLOCK_BYTES - HEADER_BYTES) // _DESCRIPTOR.size
_HOLE = -1


@dataclass(slots=True)
class _Building:
    """Block lists are applied front to back, so that later descriptors change what earlier ones said.

    Attributes:
        blocks: By original offset: where the data are now, and whether that is an offset in the next store.
        overlays: By original offset: where the sectors lie that replace some of a block, and the bitmap of them.
        waiting: By the offset that a forwarder leads to: the original offset of that forwarder.
    """

    blocks: dict[int, tuple[int, bool]] = field(default_factory=dict)
    overlays: dict[int, tuple[int, int]] = field(default_factory=dict)
    waiting: dict[int, int] = field(default_factory=dict)

    def add(self, original: int, relative: int, stored: int, flags: int, bitmap: int) -> None:
        """Apply one descriptor."""
        if flags & _UNUSED:
            return
        if flags & _OVERLAY:
            at, bits = self.overlays.get(original, (stored, 0))
            self.overlays[original] = (at, bits | bitmap)
            return
        original = self.waiting.pop(original, original)
        is_forwarder = bool(flags & _FORWARDER)
        if is_forwarder and original == relative:
            return
        self.blocks[original] = (relative if is_forwarder else stored, is_forwarder)
        if is_forwarder:
            self.waiting[relative] = original


class Store:
    """The block list of one store.

    Attributes:
        reversed: Offsets that a forwarder of the store leads to.
        bitmap: Which blocks the store does not use; empty where it says nothing.
        previous_bitmap: Which blocks the store before it did not use; None where it has none.
    """

    def __init__(self, source: Readable, place: Place, volume_bytes: int) -> None:
        """Read the lists of a store.

        Raises:
            ShadowDamageError: They are damaged.
            UnreadableRegionError: They cannot be read.
        """
        building, count = _Building(), 0
        limit = min(_MAX_DESCRIPTORS, source.media_bytes // _DESCRIPTOR.size) // _PER_BLOCK + 1
        for at, block in chain(source, place.block_list, BLOCK_LIST, "the block list of a store", limit):
            for descriptor in _descriptors(block, at):
                building.add(*descriptor)
                count += 1
        self.overlays = building.overlays
        self.reversed = frozenset(building.waiting)
        order = sorted(building.blocks)
        self._originals = array("Q", order)
        self._places = array("Q", [building.blocks[original][0] for original in order])
        self._forwarders = bytes(building.blocks[original][1] for original in order)
        self.bitmap = _bitmap(source, place.bitmap, volume_bytes) if place.bitmap else b""
        has_previous = bool(place.previous_bitmap)
        self.previous_bitmap = _bitmap(source, place.previous_bitmap, volume_bytes) if has_previous else None

    def find(self, original: int) -> tuple[int, bool] | None:
        """Where a block is kept, and whether that is an offset in the next store; None where it is not in the store."""
        index = bisect_left(self._originals, original)
        if index == len(self._originals) or self._originals[index] != original:
            return None
        return self._places[index], bool(self._forwarders[index])

    def is_empty(self, original: int) -> bool:
        """Whether the bitmaps say that nothing was in a block."""
        index, bit = divmod(original // BLOCK_BYTES, 8)

        def flagged(bitmap: bytes) -> bool:
            return index < len(bitmap) and bool(bitmap[index] >> bit & 1)

        return flagged(self.bitmap) and (self.previous_bitmap is None or flagged(self.previous_bitmap))


def _descriptors(block: bytes, at: int) -> Iterator[tuple[int, int, int, int, int]]:
    end = HEADER_BYTES + _PER_BLOCK * _DESCRIPTOR.size
    for number, found in enumerate(_DESCRIPTOR.iter_unpack(block[HEADER_BYTES:end])):
        original, relative, _, flags, _ = found
        if not any(found):
            continue
        odd = original % BLOCK_BYTES or (flags & _FORWARDER and relative % BLOCK_BYTES)
        if odd and not flags & _UNUSED:
            place = at + HEADER_BYTES + number * _DESCRIPTOR.size
            raise ShadowDamageError("a descriptor in the block list of a store is not on the bound of a block", place)
        yield found


def _bitmap(source: Readable, offset: int, volume_bytes: int) -> bytes:
    """A bitmap of blocks, as long as the volume needs it."""
    wanted = -(-volume_bytes // (BLOCK_BYTES * 8))
    payload = BLOCK_BYTES - HEADER_BYTES
    parts: list[bytes] = []
    for _, block in chain(source, offset, BITMAP, "the bitmap of a store", -(-wanted // payload) + 1):
        parts.append(block[HEADER_BYTES:])
        if len(parts) * payload >= wanted:
            break
    return b"".join(parts)


class ShadowVolume:
    """The volume as one shadow copy has it.

    Attributes:
        media_bytes: Its size.
    """

    def __init__(self, source: Readable, stores: Sequence[Store], media_bytes: int) -> None:
        """Put it together.

        Args:
            source: The volume as it is now.
            stores: That of the shadow copy, then those of all later ones, the newest last.
            media_bytes: How large the volume was.
        """
        self._source, self._stores, self.media_bytes = source, stores, media_bytes

    def read_at(self, offset_bytes: int, size_bytes: int, /) -> bytes:
        """As :meth:`Readable.read_at`."""
        end = min(offset_bytes + size_bytes, self.media_bytes)
        if offset_bytes < 0 or offset_bytes >= end:
            return b""
        parts: list[bytes] = []
        run_at, run_bytes = 0, 0
        for place, length in self._pieces(offset_bytes, end):
            if run_bytes and (place == run_at + run_bytes if run_at != _HOLE else place == _HOLE):
                run_bytes += length
                continue
            parts.append(self._read(run_at, run_bytes))
            run_at, run_bytes = place, length
        parts.append(self._read(run_at, run_bytes))
        return b"".join(parts)

    def _pieces(self, start: int, end: int) -> Iterator[tuple[int, int]]:
        """Offset in the volume and length of what makes up the bytes asked for."""
        while start < end:
            block = start - start % BLOCK_BYTES
            following = min(end, block + BLOCK_BYTES)
            overlay = self._stores[0].overlays.get(block)
            if overlay is None:
                place = self._place(block)
                yield place if place == _HOLE else place + start - block, following - start
            else:
                yield from self._overlaid(block, start, following, *overlay)
            start = following

    def _overlaid(self, block: int, start: int, end: int, overlay: int, bitmap: int) -> Iterator[tuple[int, int]]:
        beneath = self._place(block)
        while start < end:
            inner = start - block
            following = min(end, start - start % _SECTOR_BYTES + _SECTOR_BYTES)
            place = overlay if bitmap >> (inner // _SECTOR_BYTES) & 1 else beneath
            yield place if place == _HOLE else place + inner, following - start
            start = following

    def _place(self, block: int) -> int:
        """Where a block lies in the volume as it is now."""
        wanted = block
        for store in self._stores:
            found = store.find(wanted)
            if found is None:
                continue
            wanted, is_forwarder = found
            if not is_forwarder:
                return wanted
        last = self._stores[-1]
        if len(self._stores) == 1 and wanted == block and block not in last.reversed and last.is_empty(block):
            return _HOLE
        return wanted

    def _read(self, offset: int, size: int) -> bytes:
        if offset == _HOLE or not size:
            return bytes(size)
        data = self._source.read_at(offset, size) if offset < self._source.media_bytes else b""
        if len(data) < size:
            raise UnreadableRegionError(offset, size, "a shadow copy keeps these bytes behind the end of the volume")
        return data
