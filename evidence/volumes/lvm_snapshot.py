"""Snapshots that keep what changed since (copy on write): the persistent exception store of the kernel, version 1.

Source: the kernel's documentation of dm-snapshot (admin-guide/device-mapper/snapshot.rst) and the layout of its store:
a header of one chunk, then areas of one chunk of pairs (chunk of the origin, chunk of the store), each followed by the
chunks that it names. A pair whose second number is 0 ends the list.
"""

from __future__ import annotations

import struct
from array import array
from bisect import bisect_left

from evidence.volumes.base import Readable
from evidence.volumes.joined import clipped, exactly
from evidence.volumes.lvm_text import LvmError

_HEADER = struct.Struct("<IIII")
_MAGIC = 0x70416E53
_PAIR_BYTES = 16
_MAX_CHUNK_BYTES = 16 * 1024**2
_MAX_EXCEPTIONS = 8_000_000
_SECTOR_BYTES = 512


class Snapshot:
    """An origin as it was, or with what is still to be merged into it.

    Attributes:
        media_bytes: As given.
        used: How many chunks the store holds.
    """

    def __init__(self, origin: Readable, store: Readable, length_bytes: int) -> None:
        """Read the store's list of chunks.

        Raises:
            LvmError: The store is no valid one.
            UnreadableRegionError: The store cannot be read.
        """
        self._origin, self._store = origin, store
        self._chunk = _chunk_bytes(store)
        self._pairs = _exceptions(store, self._chunk)
        self.used = len(self._pairs)
        self.media_bytes = length_bytes

    def read_at(self, offset_bytes: int, size_bytes: int, /) -> bytes:
        """Exactly that many bytes, fewer only at the end.

        Raises:
            UnreadableRegionError: The origin or the store cannot be read there.
        """
        left = clipped(self.media_bytes, offset_bytes, size_bytes)
        parts = []
        while left > 0:
            chunk, within = divmod(offset_bytes, self._chunk)
            size = min(left, self._chunk - within)
            place = bisect_left(self._pairs, chunk << 32)
            if place < len(self._pairs) and self._pairs[place] >> 32 == chunk:
                parts.append(exactly(self._store, (self._pairs[place] & 0xFFFFFFFF) * self._chunk + within, size))
            else:
                parts.append(exactly(self._origin, offset_bytes, size))
            offset_bytes += size
            left -= size
        return b"".join(parts)


def _chunk_bytes(store: Readable) -> int:
    magic, valid, version, sectors = _HEADER.unpack(exactly(store, 0, _HEADER.size))
    if magic != _MAGIC:
        raise LvmError("The store of the snapshot has no header: it was never used, or is damaged.", 0)
    if not valid:
        raise LvmError("The snapshot is invalid: its store ran full, and what it kept is no longer the whole.", 4)
    size = int(sectors) * _SECTOR_BYTES
    if version != 1:
        raise LvmError(f"The store of the snapshot has the version {version}, which is not known.", 8)
    if not _SECTOR_BYTES <= size <= _MAX_CHUNK_BYTES or size & (size - 1):
        raise LvmError(f"The store of the snapshot declares chunks of {size} bytes.", 12)
    return size


def _exceptions(store: Readable, chunk_bytes: int) -> array[int]:
    """The pairs as ``old << 32 | new``, in order."""
    pairs: array[int] = array("Q")
    per_area, chunks = chunk_bytes // _PAIR_BYTES, store.media_bytes // chunk_bytes
    for area in range(1, chunks, per_area + 1):
        numbers = struct.unpack(f"<{2 * per_area}Q", exactly(store, area * chunk_bytes, chunk_bytes))
        for old, new in zip(numbers[::2], numbers[1::2], strict=True):
            if new == 0:
                return array("Q", sorted(pairs))
            if new >= chunks or old >= 1 << 32:
                at = area * chunk_bytes
                raise LvmError(f"The store of the snapshot puts chunk {old} into chunk {new} of {chunks}.", at)
            pairs.append(old << 32 | new)
        if len(pairs) > _MAX_EXCEPTIONS:
            raise LvmError(f"The store of the snapshot holds more than {_MAX_EXCEPTIONS} chunks.", is_damage=False)
    return array("Q", sorted(pairs))
