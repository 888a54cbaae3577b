"""Sparse extents of a VMDK: a directory leads to tables, and these lead to grains.

Three formats are read: that of VMware's hosted products (with compressed grains too), the one of older ESX (COWD), and
that of newer ESXi (SESPARSE), which is not published and known from QEMU's reader.

Sources: "Virtual Disk Format 5.0", VMware; "VMware Virtual Disk (VMDK) format specification", J. Metz; QEMU,
block/vmdk.c (MIT licence), for SESPARSE.
"""

from __future__ import annotations

import struct
import sys
import zlib
from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from evidence.images.base import Problem
from evidence.images.cache import BoundedCache
from evidence.images.mapped import BadBlockError, Run, RunKind, stored_or_lost
from evidence.images.source import SourceSet

TABLES_CACHE_BYTES = 8 * 1024 * 1024
SECTOR_BYTES = 512

_MARKER = struct.Struct("<QI")
_DISPUTED = 1 << 63
_PROBLEMS_MAX = 20
_PAST_END = "the grain lies behind the end of the file"


@dataclass(frozen=True, slots=True, kw_only=True)
class GrainLayout:
    """Where the tables of a sparse extent are, and how their entries are read.

    Attributes:
        capacity_bytes: Size of the extent.
        grain_bytes: Size of a grain.
        table_entries: Entries of one table.
        entry_bytes: Size of an entry: 4 or 8.
        directory: Where each table begins in the file; 0 for a table without any grain, -1 for one that cannot be.
        redundant: The same of the second copies; empty where there are none.
        packed: Whether grains are compressed.
        marked: Whether a compressed grain has a marker before it.
        growth: What is added to an entry where the next grain follows in the file.
        decode: Of a table's entry: where the grain is, for what has a place in the file.
    """

    capacity_bytes: int
    grain_bytes: int
    table_entries: int
    entry_bytes: int
    directory: array[int]
    redundant: array[int]
    packed: bool
    marked: bool
    growth: int
    decode: Callable[[int], tuple[RunKind, int]]


class SparseExtent:
    """One sparse extent; its methods are called from several threads."""

    def __init__(self, files: SourceSet, file: int, layout: GrainLayout, start_bytes: int) -> None:
        """Take what the header said.

        Args:
            files: All files of the disk.
            file: The index of this one.
            layout: Where its tables are.
            start_bytes: Where the extent begins on the media.
        """
        self._files, self._file, self._layout, self._start = files, file, layout, start_bytes
        self._file_bytes = files.sizes_bytes[file]
        self._reach = layout.table_entries * layout.grain_bytes
        self._tables: BoundedCache[int, array[int]] = BoundedCache(TABLES_CACHE_BYTES)

    @property
    def block_bytes(self) -> int:
        """Size of a grain."""
        return self._layout.grain_bytes

    def problems(self) -> Iterator[Problem]:
        """Name the tables that are not in the file, or only in one of two copies."""
        found = 0
        for index in range(len(self._layout.directory)):
            first, second = self._is_there(index, 0), self._is_there(index, 1)
            if first and second:
                continue
            found += 1
            if found > _PROBLEMS_MAX:
                break
            rest = "its second copy is used" if second else "its grains are lost"
            what = f"Grain table {index} does not lie inside the file; {rest}."
            if first:
                what = f"The second copy of grain table {index} does not lie inside the file."
            yield Problem(what=what, where=self._files.paths[self._file].name, offset_bytes=None)

    def runs(self, offset_bytes: int, size_bytes: int) -> Iterator[Run]:
        """Say where that part of the extent is."""
        stop = offset_bytes + size_bytes
        while offset_bytes < stop:
            if offset_bytes >= self._layout.capacity_bytes:
                yield Run(RunKind.LOST, stop - offset_bytes, why="the extent is smaller than the descriptor says")
                return
            index, inside = divmod(offset_bytes, self._reach)
            end = min(stop, (index + 1) * self._reach, self._layout.capacity_bytes)
            if not self._is_there(index, 0) and not self._is_there(index, 1):
                yield Run(RunKind.LOST, end - offset_bytes, why=f"grain table {index} does not lie inside the file")
            elif not self._layout.directory[index] and not (self._layout.redundant and self._layout.redundant[index]):
                yield Run(RunKind.BELOW, end - offset_bytes)
            else:
                yield from self._in_table(self._tables.get(index, self._load), inside, end - offset_bytes)
            offset_bytes = end

    def unpack(self, run: Run, offset_bytes: int) -> bytes:
        """Unpack the compressed grain that begins at ``offset_bytes`` of the media.

        Raises:
            BadBlockError: It cannot be unpacked, or is marked as another one.
        """
        place, limit = run.place_bytes, 2 * self.block_bytes + SECTOR_BYTES
        available = self._file_bytes - place
        size = min(limit, available)
        if self._layout.marked:
            if available < _MARKER.size:
                raise BadBlockError(_PAST_END)
            sector, size = _MARKER.unpack(self._files.read(self._file, place, _MARKER.size))
            if sector * SECTOR_BYTES not in (offset_bytes - self._start, offset_bytes):
                raise BadBlockError(f"the grain at byte {place} is marked as that of sector {sector}")
            place += _MARKER.size
            if size > limit or place + size > self._file_bytes:
                raise BadBlockError(f"the compressed grain at byte {place} would have {size} bytes")
        wanted = min(self.block_bytes, self._layout.capacity_bytes - (offset_bytes - self._start))
        return self._inflate(self._files.read(self._file, place, size), place, wanted)

    def _inflate(self, data: bytes, place: int, wanted: int) -> bytes:
        unpacking = zlib.decompressobj()
        try:
            grain = unpacking.decompress(data, self.block_bytes + 1)
        except zlib.error as error:
            raise BadBlockError(f"the compressed grain at byte {place} cannot be inflated: {error}") from error
        if not unpacking.eof or not wanted <= len(grain) <= self.block_bytes:
            raise BadBlockError(f"the compressed grain at byte {place} gives {len(grain)} bytes")
        return grain

    def _entries(self, index: int) -> int:
        left = -(-(self._layout.capacity_bytes - index * self._reach) // self.block_bytes)
        return min(self._layout.table_entries, left)

    def _is_there(self, index: int, copy: int) -> bool:
        """Whether a copy of a table lies inside the file, or says that there is none."""
        directory = self._layout.redundant if copy else self._layout.directory
        if copy and not directory:
            return self._is_there(index, 0)
        place = directory[index]
        size = self._entries(index) * self._layout.entry_bytes
        return not place or (place > 0 and place + size <= self._file_bytes)

    def _load(self, index: int) -> tuple[array[int], int]:
        """Read a table; entries that its copies disagree about are marked."""
        copies = [
            self._read(directory[index], index)
            for copy, directory in enumerate((self._layout.directory, self._layout.redundant))
            if directory and self._is_there(index, copy)
        ]
        table = copies[0]
        if len(copies) > 1 and table != copies[1] and any(copies[1]):
            for number, (here, there) in enumerate(zip(table, copies[1], strict=True)):
                if here != there:
                    table[number] = _DISPUTED
        return table, len(table) * 8

    def _read(self, place: int, index: int) -> array[int]:
        count = self._entries(index)
        if not place:
            return array("Q", bytes(count * 8))
        data = self._files.read(self._file, place, count * self._layout.entry_bytes)
        return little(data, self._layout.entry_bytes)

    def _in_table(self, table: array[int], start: int, size: int) -> Iterator[Run]:
        while size:
            index, inside = divmod(start, self.block_bytes)
            reach = self._alike(table, index, (start + size - 1) // self.block_bytes) * self.block_bytes
            length = min(size, reach - inside)
            entry = table[index]
            if entry == _DISPUTED:
                yield Run(RunKind.LOST, length, why="the two copies of the grain table disagree")
            else:
                yield from self._grain(entry, inside, length)
            start, size = start + length, size - length

    def _alike(self, table: array[int], first: int, last: int) -> int:
        """Count the entries from ``first`` to ``last`` that continue what the first one says."""
        entry, count = table[first], 1
        if self._layout.packed:
            return 1
        growth = self._layout.growth if self._layout.decode(entry)[0] is RunKind.STORED else 0
        while first + count <= last and table[first + count] == entry + count * growth:
            if table[first + count] >> 60 != entry >> 60:
                break
            count += 1
        return count

    def _grain(self, entry: int, inside: int, length: int) -> Iterator[Run]:
        kind, place = self._layout.decode(entry)
        if kind is RunKind.LOST:
            yield Run(kind, length, why=f"the entry {entry:#x} of a grain table cannot be")
        elif kind is not RunKind.STORED:
            yield Run(kind, length)
        elif not self._layout.packed:
            yield from stored_or_lost(self._file, place + inside, length, self._file_bytes, _PAST_END)
        elif place >= self._file_bytes:
            yield Run(RunKind.LOST, length, why=_PAST_END)
        else:
            yield Run(RunKind.PACKED, length, self._file, place, inside)


def little(data: bytes, entry_bytes: int) -> array[int]:
    """Little-endian numbers of 4 or 8 bytes."""
    if entry_bytes == 4:
        return array("Q", struct.unpack(f"<{len(data) // 4}I", data))
    words = array("Q", data)
    if sys.byteorder == "big":
        words.byteswap()
    return words
