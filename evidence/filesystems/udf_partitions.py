"""Where the logical blocks of a UDF partition lie on the media.

Sources: ECMA-167 3rd edition, 3/10.5 and 3/10.7; OSTA Universal Disk Format 2.60, 2.2.8 to 2.2.13.
"""

from __future__ import annotations

import struct
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from evidence.filesystems.content import UNREADABLE
from evidence.filesystems.udf_records import Address, exact
from evidence.volumes.base import Readable

_Parsed = TypeVar("_Parsed")


class Partition(Protocol):
    """One partition map."""

    def place(self, block: int) -> tuple[int, int]:
        """The block of the media where a logical block lies, and how many lie there together.

        Raises:
            OSError: There is no such block.
        """
        ...

    def other_place(self, block: int) -> int | None:
        """Where a copy of the same block lies; None without one."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Physical:
    """A stretch of the media, in blocks."""

    start: int
    length: int

    def place(self, block: int) -> tuple[int, int]:
        """See :class:`Partition`."""
        if block >= self.length:
            raise OSError(f"block {block} lies outside of its partition of {self.length} blocks")
        return self.start + block, self.length - block

    def other_place(self, block: int) -> int | None:
        """See :class:`Partition`."""
        return None


class Sparable:
    """A stretch of the media with packets that were replaced by others.

    Attributes:
        length: In blocks.
    """

    def __init__(self, inner: Physical, packet_blocks: int, replaced: dict[int, int]) -> None:
        """Keep the replaced packets: first logical block to first block of the media."""
        self._inner, self._packet, self._replaced = inner, packet_blocks, replaced
        self.length = inner.length
        self._starts = sorted(replaced)

    def place(self, block: int) -> tuple[int, int]:
        """See :class:`Partition`."""
        place, together = self._inner.place(block)
        packet = block - block % self._packet
        if packet in self._replaced:
            return self._replaced[packet] + block - packet, min(together, packet + self._packet - block)
        index = bisect_right(self._starts, block)
        if index < len(self._starts):
            together = min(together, self._starts[index] - block)
        return place, together

    def other_place(self, block: int) -> int | None:
        """See :class:`Partition`."""
        return None


class Virtual:
    """Blocks whose place a table tells, so that write-once media can be changed."""

    def __init__(self, inner: Physical, table: bytes) -> None:
        """Keep the entries of the virtual allocation table, 32 bits each."""
        self._inner, self._table = inner, table

    def place(self, block: int) -> tuple[int, int]:
        """See :class:`Partition`."""
        raw = self._table[4 * block : 4 * block + 4]
        if len(raw) < 4:
            raise OSError(f"virtual block {block} is beyond the {len(self._table) // 4} of its table")
        (inner,) = struct.unpack("<I", raw)
        if inner == 0xFFFFFFFF:
            raise OSError(f"virtual block {block} is not in use")
        return self._inner.place(inner)[0], 1

    def other_place(self, block: int) -> int | None:
        """See :class:`Partition`."""
        return None


class Metadata:
    """Blocks that lie in a file of another partition, and perhaps in its mirror."""

    def __init__(self, inner: Partition, main: Sequence[tuple[int, int]], mirror: Sequence[tuple[int, int]]) -> None:
        """Keep the extents of both files: first block in ``inner`` (negative in a gap), and their number.

        An empty mirror is none.
        """
        self._inner, self._main, self._mirror = inner, main, mirror
        self._main_starts, self._mirror_starts = _starts(main), _starts(mirror)

    def place(self, block: int) -> tuple[int, int]:
        """See :class:`Partition`."""
        return self._find(block, self._main, self._main_starts)

    def other_place(self, block: int) -> int | None:
        """See :class:`Partition`."""
        return self._find(block, self._mirror, self._mirror_starts)[0] if self._mirror else None

    @property
    def block_count(self) -> int:
        """How many blocks the metadata file has."""
        return sum(count for _, count in self._main)

    def stretches(self, block: int, count: int) -> Iterator[tuple[int, int]]:
        """First block on the media and number of each piece of a run, in the file and its mirror; none in gaps.

        Raises:
            OSError: The file leaves the partition that it lies in.
        """
        for extents, starts in ((self._main, self._main_starts), (self._mirror, self._mirror_starts)):
            for index in range(max(0, bisect_right(starts, block) - 1), bisect_right(starts, block + count - 1)):
                first, length = extents[index]
                begin, end = max(block - starts[index], 0), min(block + count - starts[index], length)
                while first >= 0 and begin < end:
                    place, together = self._inner.place(first + begin)
                    yield place, min(together, end - begin)
                    begin += together

    def _find(self, block: int, extents: Sequence[tuple[int, int]], starts: list[int]) -> tuple[int, int]:
        index = bisect_right(starts, block) - 1
        if index < 0 or block - starts[index] >= extents[index][1]:
            raise OSError(f"block {block} lies outside of the metadata file")
        if extents[index][0] < 0:
            raise OSError(f"block {block} lies in a gap of the metadata file")
        inside = block - starts[index]
        place, together = self._inner.place(extents[index][0] + inside)
        return place, min(together, extents[index][1] - inside)


def _starts(extents: Sequence[tuple[int, int]]) -> list[int]:
    found, reached = [], 0
    for _, count in extents:
        found.append(reached)
        reached += count
    return found


class Blocks:
    """The blocks of a logical volume.

    Attributes:
        source: The media.
        block_bytes: Size of a logical block, which is that of a sector.
        partitions: The partition maps in their order.
    """

    def __init__(self, source: Readable, block_bytes: int, partitions: list[Partition]) -> None:
        """Read from ``source``."""
        self.source, self.block_bytes, self.partitions = source, block_bytes, partitions

    def runs(self, address: Address, length_bytes: int, skip_bytes: int = 0) -> Iterator[tuple[int, int]]:
        """Offset on the media and length of each piece of an extent, from ``skip_bytes`` into it on.

        Raises:
            OSError: The extent leaves its partition.
        """
        done = skip_bytes
        while done < length_bytes:
            block, inside = divmod(done, self.block_bytes)
            place, together = self._partition(address).place(address.block + block)
            size = min(length_bytes - done, together * self.block_bytes - inside)
            yield place * self.block_bytes + inside, size
            done += size

    def block(self, address: Address) -> bytes:
        """One whole block; raises OSError and UnreadableRegionError."""
        place = self._partition(address).place(address.block)[0]
        return exact(self.source, place * self.block_bytes, self.block_bytes)

    def parsed(self, address: Address, parse: Callable[[bytes, Address], _Parsed]) -> _Parsed:
        """What ``parse`` makes of a block; of the copy that the volume may keep where the first one is damaged.

        Raises:
            OSError: Neither makes sense; what ``parse`` raised.
            UnreadableRegionError: The media cannot be read there.
        """
        try:
            return parse(self.block(address), address)
        except UNREADABLE:
            place = self._partition(address).other_place(address.block)
            if place is None:
                raise
            return parse(exact(self.source, place * self.block_bytes, self.block_bytes), address)

    def _partition(self, address: Address) -> Partition:
        if address.partition >= len(self.partitions):
            raise OSError(f"there is no partition map {address.partition}")
        return self.partitions[address.partition]
