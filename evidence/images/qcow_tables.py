"""The two levels of tables of a QCOW image, and what their entries say.

Sources: "Qcow2 Image File Format", QEMU documentation, docs/interop/qcow2; "The QCOW image format", M. McLoughlin.
"""

from __future__ import annotations

import sys
import zlib
from array import array
from collections.abc import Iterator

import zstandard

from evidence.images.cache import BoundedCache
from evidence.images.mapped import BadBlockError, Run, RunKind, stored_or_lost
from evidence.images.qcow_header import DATA_FILE, EXTENDED_L2, ZSTD, QcowHeader
from evidence.images.source import SourceSet

TABLES_CACHE_BYTES = 16 * 1024 * 1024

_COPIED, _COMPRESSED = 1 << 63, 1 << 62
_OFFSET = 0x00FFFFFFFFFFFE00
_L1_RESERVED, _L2_RESERVED = 0x7F000000000001FF, 0x3F000000000001FE
_ZERO = 1
_HALF = 0xFFFFFFFF
_SUBCLUSTERS = 32
_PAST_END = "the cluster lies behind the end of the file"


class QcowMap:
    """Where the clusters of an image are; see ``evidence.images.mapped.BlockMap``."""

    def __init__(self, files: SourceSet, header: QcowHeader) -> None:
        """Read the L1 table.

        Args:
            files: The image, and the external data file behind it if there is one.
            header: Its checked header.
        """
        self._files, self._header = files, header
        self.block_bytes = header.cluster_bytes
        self._data = 1 if header.features & DATA_FILE else 0
        self._data_bytes = files.sizes_bytes[self._data]
        self._entry_words = 2 if header.features & EXTENDED_L2 else 1
        self._l1 = _words(files.read(0, header.l1_offset_bytes, header.l1_entries * 8))
        self._tables: BoundedCache[int, array[int]] = BoundedCache(TABLES_CACHE_BYTES)

    def damaged_tables(self) -> list[tuple[int, str]]:
        """Name the L1 entries, by index, whose L2 table cannot be there, and say why."""
        return [(index, why) for index, entry in enumerate(self._l1) if (why := self._wrong_with(entry))]

    def runs(self, offset_bytes: int, size_bytes: int, /) -> Iterator[Run]:
        """Say where that part of the media is; see ``BlockMap``."""
        stop, cluster_bytes = offset_bytes + size_bytes, self.block_bytes
        reach = self._header.l2_entries * cluster_bytes
        while offset_bytes < stop:
            index, inside = divmod(offset_bytes, reach)
            end = min(stop, (index + 1) * reach)
            why = self._wrong_with(self._l1[index])
            if why:
                yield Run(RunKind.LOST, end - offset_bytes, why=why)
            elif not self._table_at(self._l1[index]):
                yield Run(RunKind.BELOW, end - offset_bytes)
            else:
                table = self._tables.get(self._table_at(self._l1[index]), self._load)
                yield from self._in_table(table, inside, end - offset_bytes)
            offset_bytes = end

    def unpack(self, run: Run, _: int, /) -> bytes:
        """Unpack a compressed cluster; see ``BlockMap``."""
        stored = self._files.read(run.file, run.place_bytes, run.packed)
        unpacked = _unzstd if self._header.compression == ZSTD else _inflate
        block = unpacked(stored, self.block_bytes)
        if len(block) < self.block_bytes:
            raise BadBlockError(f"the compressed cluster at byte {run.place_bytes} gives {len(block)} bytes only")
        return block

    def _table_at(self, entry: int) -> int:
        return entry if self._header.version == 1 else entry & _OFFSET

    def _wrong_with(self, entry: int) -> str:
        place, size = self._table_at(entry), self._header.l2_entries * self._entry_words * 8
        if self._header.version > 1 and entry & _L1_RESERVED:
            return f"the entry {entry:#x} of the L1 table has reserved bits"
        if self._header.version > 1 and place % self.block_bytes:
            return f"the entry {entry:#x} of the L1 table leads to no cluster"
        if place and place + size > self._files.sizes_bytes[0]:
            return f"the L2 table at byte {place} lies behind the end of the file"
        return ""

    def _load(self, place: int) -> tuple[array[int], int]:
        size = self._header.l2_entries * self._entry_words * 8
        return _words(self._files.read(0, place, size)), size

    def _in_table(self, table: array[int], start: int, size: int) -> Iterator[Run]:
        while size:
            index, inside = divmod(start, self.block_bytes)
            reach = self._alike(table, index, (start + size - 1) // self.block_bytes) * self.block_bytes
            length = min(size, reach - inside)
            yield from self._cluster(table, index, inside, length)
            start, size = start + length, size - length

    def _alike(self, table: array[int], first: int, last: int) -> int:
        """Count the entries from ``first`` to ``last`` that continue what the first one says."""
        step, entry, count = self._entry_words, table[first * self._entry_words], 1
        bitmap = table[first * 2 + 1] if step == 2 else 0
        packed = entry & (_COPIED if self._header.version == 1 else _COMPRESSED)
        if packed or bitmap not in (0, _HALF, _HALF << 32):
            return 1
        growth = self.block_bytes if entry & ~(_COPIED | _ZERO) else 0
        while first + count <= last and table[(first + count) * step] == entry + count * growth:
            if step == 2 and table[(first + count) * 2 + 1] != bitmap:
                break
            count += 1
        return count

    def _cluster(self, table: array[int], index: int, inside: int, length: int) -> Iterator[Run]:
        """Say where clusters are whose entries continue each other."""
        step = self._entry_words
        entry = table[index * step]
        if self._header.version == 1:
            yield from self._version_1(entry, inside, length)
        elif entry & _COMPRESSED:
            yield self._compressed(entry, inside, length)
        elif entry & (_L2_RESERVED if step == 1 and self._header.version > 2 else _L2_RESERVED | _ZERO):
            yield Run(RunKind.LOST, length, why=f"the entry {entry:#x} of an L2 table has reserved bits")
        elif step == 2:
            yield from self._extended(entry, table[index * 2 + 1], inside, length)
        elif entry & _ZERO:
            yield Run(RunKind.ZEROS, length)
        else:
            yield from self._standard(entry, inside, length)

    def _standard(self, entry: int, inside: int, length: int) -> Iterator[Run]:
        place = entry & _OFFSET
        if not place and not (self._data and entry & _COPIED):
            yield Run(RunKind.BELOW, length)
        elif place % self.block_bytes:
            yield Run(RunKind.LOST, length, why=f"the entry {entry:#x} of an L2 table leads to no cluster")
        else:
            yield from stored_or_lost(self._data, place + inside, length, self._data_bytes, _PAST_END)

    def _extended(self, entry: int, bitmap: int, inside: int, length: int) -> Iterator[Run]:
        size = self.block_bytes // _SUBCLUSTERS
        allocated, zeros = bitmap & _HALF, bitmap >> 32
        if allocated & zeros:
            yield Run(RunKind.LOST, length, why=f"the subclusters {bitmap:#x} of an L2 table contradict each other")
            return
        if allocated and not entry & _OFFSET and not (self._data and entry & _COPIED):
            yield Run(RunKind.LOST, length, why="an entry of an L2 table has subclusters and no cluster")
            return
        if allocated == _HALF:
            yield from self._standard(entry, inside, length)
            return
        if not allocated and zeros in (0, _HALF):
            yield Run(RunKind.ZEROS if zeros else RunKind.BELOW, length)
            return
        while length:
            number, rest = divmod(inside, size)
            part = min(length, size - rest)
            if allocated >> number & 1:
                yield from self._standard(entry, inside, part)
            else:
                yield Run(RunKind.ZEROS if zeros >> number & 1 else RunKind.BELOW, part)
            inside, length = inside + part, length - part

    def _compressed(self, entry: int, inside: int, length: int) -> Run:
        offset_bits = 62 - (self._header.cluster_bits - 8)
        place = entry & (1 << offset_bits) - 1
        sectors = (entry & _COMPRESSED - 1) >> offset_bits
        return self._packed(place, (sectors + 1) * 512 - place % 512, inside, length)

    def _version_1(self, entry: int, inside: int, length: int) -> Iterator[Run]:
        if entry & _COPIED:
            offset_bits = 63 - self._header.cluster_bits
            place = entry & (1 << offset_bits) - 1
            yield self._packed(place, (entry & _COPIED - 1) >> offset_bits, inside, length)
        elif not entry:
            yield Run(RunKind.BELOW, length)
        else:
            yield from stored_or_lost(0, entry + inside, length, self._data_bytes, _PAST_END)

    def _packed(self, place: int, size: int, inside: int, length: int) -> Run:
        if self._data:
            return Run(RunKind.LOST, length, why="a compressed cluster in an image with an external data file")
        there = min(size, self._data_bytes - place)
        if there <= 0:
            return Run(RunKind.LOST, length, why=_PAST_END)
        return Run(RunKind.PACKED, length, 0, place, inside, there)


def _words(data: bytes) -> array[int]:
    words = array("Q", data)
    if sys.byteorder == "little":
        words.byteswap()
    return words


def _inflate(data: bytes, size_bytes: int) -> bytes:
    try:
        return zlib.decompressobj(-zlib.MAX_WBITS).decompress(data, size_bytes)
    except zlib.error as error:
        raise BadBlockError(f"a compressed cluster cannot be inflated: {error}") from error


def _unzstd(data: bytes, size_bytes: int) -> bytes:
    try:
        with zstandard.ZstdDecompressor().stream_reader(data) as reader:
            return reader.read(size_bytes)
    except zstandard.ZstdError as error:
        raise BadBlockError(f"a compressed cluster cannot be unpacked: {error}") from error
