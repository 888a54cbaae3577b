"""Where the clusters of a file of FAT or exFAT lie, and its content.

Sources: FAT32 File System Specification, "FAT Data Structure"; exFAT specification, 3.1, 4.1, 7.6.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from evidence.volumes.base import Readable, peek

ENTRY_BYTES = 32
ROOT, FIRST_ADDRESS = 2, 3
"""Of The Sleuth Kit: the address of the root directory, and of the first entry behind the tables."""
_PAGE_BYTES = 1 << 16
_PAGES_KEPT = 32
_BITS = {"fat12": 12, "fat16": 16, "fat32": 32, "exfat": 32}

Run = tuple[int, int]
"""Offset in the volume and length, both in bytes."""


class Clusters:
    """The clusters of a volume and the table that joins them.

    Attributes:
        source: The volume.
        is_exfat: Whether it is exFAT.
        is_wide: Whether numbers of clusters have 32 bits.
        cluster_bytes: Of each cluster.
        last: The number of the last cluster; the first is 2.
        entries_at: Where the entry with the address :data:`FIRST_ADDRESS` would lie, in bytes from its begin.
    """

    def __init__(self, source: Readable, type_: str) -> None:
        """Read the boot sector of a volume of type ``fat12``, ``fat16``, ``fat32`` or ``exfat``.

        Raises:
            OSError: It tells of no clusters.
        """
        self.source, self.is_exfat = source, type_ == "exfat"
        self._bits: int = _BITS[type_]
        self.is_wide = self._bits == 32
        self._pages: dict[int, bytes] = {}
        boot = peek(source, 0, 512)
        if len(boot) < 512:
            raise OSError("the boot sector cannot be read")
        if self.is_exfat:
            sector = 1 << min(boot[108], 12)
            table, self._table_sectors, heap, clusters, self._root = struct.unpack_from("<5I", boot, 80)
            self.cluster_bytes = sector << min(boot[109], 25)
            self._table_at, self._data_at = table * sector, heap * sector
            self.entries_at, self._root_area = self._data_at, (0, 0)
        else:
            sector, per_cluster, reserved, copies, roots, small, _, per_table = struct.unpack_from(
                "<HBHBHHBH", boot, 11
            )
            large, wide = struct.unpack_from("<II", boot, 32)
            self._table_sectors = per_table or wide
            self.cluster_bytes = sector * per_cluster
            self._table_at = reserved * sector
            self.entries_at = self._table_at + copies * self._table_sectors * sector
            self._root_area = (self.entries_at, 0 if type_ == "fat32" else roots * ENTRY_BYTES)
            self._data_at = self.entries_at + -(-self._root_area[1] // max(sector, 1)) * sector
            self._root = struct.unpack_from("<I", boot, 44)[0] if type_ == "fat32" else 0
            clusters = ((small or large) * sector - self._data_at) // max(self.cluster_bytes, 1)
        if self.cluster_bytes <= 0 or clusters <= 0:
            raise OSError("the boot sector tells of no clusters")
        held = self._table_sectors * sector * 8 // self._bits
        self.last: int = min(clusters + 1, held - 1, (source.media_bytes - self._data_at) // self.cluster_bytes + 1)

    def root(self) -> Iterator[Run]:
        """Where the root directory lies."""
        if self._root_area[1]:
            yield self._root_area
        else:
            yield from self.chain(self._root)

    def chain(self, first: int) -> Iterator[Run]:
        """The clusters from ``first`` on, those that lie behind each other as one; ends where the table leads nowhere.

        A chain that comes back to one of its clusters ends there.

        Raises:
            OSError: The table cannot be read.
        """
        met, cluster = set[int](), first
        begin, length = 0, 0
        while 2 <= cluster <= self.last and cluster not in met:
            met.add(cluster)
            at = self.place(cluster)
            if length and begin + length == at and length < _PAGE_BYTES * 64:
                length += self.cluster_bytes
            else:
                if length:
                    yield begin, length
                begin, length = at, self.cluster_bytes
            cluster = self._next(cluster)
        if length:
            yield begin, length

    def place(self, cluster: int) -> int:
        """Where a cluster begins, in bytes from the begin of the volume."""
        return int(self._data_at + (cluster - 2) * self.cluster_bytes)

    def behind(self, offset_bytes: int, size_bytes: int) -> int:
        """Where a directory goes on behind so many bytes at an offset: at the next cluster of its chain, if any."""
        then = offset_bytes + size_bytes
        cluster, within = divmod(then - self._data_at, self.cluster_bytes)
        if within or then <= self._data_at:
            return then
        following = self._next(cluster + 1)
        return self.place(following) if 2 <= following <= self.last else then

    def address(self, offset_bytes: int) -> int:
        """What The Sleuth Kit numbers the entry at an offset of the volume."""
        return int((offset_bytes - self.entries_at) // ENTRY_BYTES + FIRST_ADDRESS)

    def entry_at(self, address: int) -> int:
        """Where the entry with an address lies, in bytes from the begin of the volume."""
        return int(self.entries_at + (address - FIRST_ADDRESS) * ENTRY_BYTES)

    def _next(self, cluster: int) -> int:
        if self._bits == 12:
            pair = self._of_table(cluster * 3 // 2, 2)
            both = pair[0] | pair[1] << 8
            return both >> 4 if cluster & 1 else both & 0xFFF
        width = self._bits // 8
        number = int.from_bytes(self._of_table(cluster * width, width), "little")
        return number if self.is_exfat or self._bits == 16 else number & 0x0FFFFFFF

    def _of_table(self, at: int, size: int) -> bytes:
        data = bytearray()
        while len(data) < size:
            page, within = divmod(at + len(data), _PAGE_BYTES)
            held = self._pages.get(page)
            if held is None:
                while len(self._pages) >= _PAGES_KEPT:
                    del self._pages[next(iter(self._pages))]
                held = self._pages[page] = self.source.read_at(self._table_at + page * _PAGE_BYTES, _PAGE_BYTES)
            part = held[within : within + size - len(data)]
            if not part:
                raise OSError("the table of clusters ends")
            data += part
        return bytes(data)


@dataclass(frozen=True, slots=True)
class ChainContent:
    """A content in clusters.

    Attributes:
        source: The volume.
        runs: Where the clusters lie, in their order.
        size_bytes: As the entry declares it.
        valid_bytes: What lies behind this was never written and reads as zeros (exFAT specification, 7.6.5).
    """

    source: Readable
    runs: Sequence[Run]
    size_bytes: int
    valid_bytes: int

    def read(self, offset_bytes: int, size_bytes: int, /) -> bytes:
        """Bytes of it; raises OSError where its clusters or the volume end before."""
        wanted = max(0, min(size_bytes, self.size_bytes - offset_bytes))
        written = max(0, min(wanted, self.valid_bytes - offset_bytes))
        data = bytearray()
        for place, at, length in self._stored(offset_bytes, written):
            if place != offset_bytes + len(data):
                break
            part = self.source.read_at(at, length)
            data += part
            if len(part) != length:
                break
        if len(data) != written:
            raise OSError(f"its clusters end after {offset_bytes + len(data)} of {self.size_bytes} bytes")
        return bytes(data) + bytes(wanted - written)

    def within(self, offset_bytes: int, size_bytes: int) -> Iterator[tuple[int, int, int]]:
        """Where a part of it lies: place in it, offset in the volume, length; what was never written has none."""
        return self._stored(offset_bytes, max(0, min(size_bytes, self.valid_bytes - offset_bytes)))

    def slack(self) -> Sequence[Run]:
        """What lies behind its end in the clusters that belong to it."""
        found, place = list[Run](), 0
        for at, length in self.runs:
            used = max(0, min(length, min(self.size_bytes, self.valid_bytes) - place))
            if used < length:
                found.append((at + used, length - used))
            place += length
        return found

    def _stored(self, offset_bytes: int, size_bytes: int) -> Iterator[tuple[int, int, int]]:
        place, end = 0, min(offset_bytes + size_bytes, self.size_bytes)
        for at, length in self.runs:
            first, last = max(place, offset_bytes), min(place + length, end)
            if first < last:
                yield first, at + first - place, last - first
            place += length
            if place >= end:
                return


def content_of(
    clusters: Clusters, first: int, size_bytes: int, valid_bytes: int, *, is_contiguous: bool
) -> ChainContent:
    """The content that begins at a cluster, with no more clusters than it needs.

    Args:
        clusters: Of the volume.
        first: The first cluster.
        size_bytes: As declared.
        valid_bytes: How much was ever written.
        is_contiguous: Whether the table of clusters does not tell of it (exFAT: NoFatChain).
    """
    runs, left = list[Run](), -(-size_bytes // clusters.cluster_bytes) * clusters.cluster_bytes
    whole = max(0, clusters.last - first + 1) * clusters.cluster_bytes
    found = iter([(clusters.place(first), whole)] if first >= 2 else []) if is_contiguous else clusters.chain(first)
    while left > 0 and (run := next(found, None)) is not None:
        runs.append((run[0], min(run[1], left)))
        left -= run[1]
    return ChainContent(clusters.source, runs, size_bytes, min(valid_bytes, size_bytes))
