"""The chunk tables of EWF: which chunk lies where, kept on disk and read by pages.

An image of 16 TiB has 536 million chunks, so what stays in memory is one record for each table and a few pages of
entries. Every table is read once when the image is opened, to check it.

Source: "Expert Witness Compression Format specification", J. Metz, libewf documentation; "Table section".
"""

from __future__ import annotations

import struct
import sys
import threading
import zlib
from array import array
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import Enum

from evidence.images.ewf_sections import Section
from evidence.images.source import SourceSet

HEADER_BYTES = 24
ENTRY_BYTES = 4
PAGE_ENTRIES = 4096
PAGES_MAX = 128

_HEADER = struct.Struct("<I4xQ4xI")
_COMPRESSED = 0x8000_0000
_OFFSET = 0x7FFF_FFFF
_UNKNOWN = 0xFFFF_FFFF
_READ_ENTRIES = 1 << 16


class Entries(Enum):
    """What is known of the entries of a table."""

    SOUND = "their checksum is right"
    UNCHECKED = "the table has no checksum for them, as in EWF-S01"
    DAMAGED = "their checksum is wrong, or they are not all there"


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One table of chunk offsets.

    Attributes:
        segment: Index of its file in the set.
        offset_bytes: Where its section begins in that file.
        entries_bytes: Where its entries begin in that file.
        count: How many chunks it lists; None if that cannot be known.
        base_bytes: What its offsets are relative to.
        header_ok: Whether the header's checksum is right.
        entries: What is known of the entries.
        checksum: Adler-32 of the entries as they are.
        unflagged_from: From this entry on, offsets use all 32 bits and no chunk is compressed (EnCase 6.7.1).
        twin: A second, equally damaged copy: only entries that are the same in both are believed.
    """

    segment: int
    offset_bytes: int
    entries_bytes: int
    count: int | None
    base_bytes: int
    header_ok: bool
    entries: Entries
    checksum: int
    unflagged_from: int
    twin: Table | None = None

    @property
    def sound(self) -> bool:
        """Whether it can be used as it is."""
        return self.header_ok and self.entries is not Entries.DAMAGED


def read_table(files: SourceSet, section: Section) -> Table:
    """Read and check a section "table" or "table2"; no more is believed of it than its checksums allow."""
    start, room = section.data_bytes, section.length_bytes
    header = files.read(section.segment, start, min(room, HEADER_BYTES)).ljust(HEADER_BYTES, b"\0")
    said, base, checksum = _HEADER.unpack(header)
    header_ok = room >= HEADER_BYTES and zlib.adler32(header[:-4]) == checksum
    fitting = max(0, room - HEADER_BYTES) // ENTRY_BYTES
    count = said if header_ok else max(0, fitting - 1)
    entries_start = start + HEADER_BYTES
    table = Table(
        segment=section.segment,
        offset_bytes=section.offset_bytes,
        entries_bytes=entries_start,
        count=count,
        base_bytes=base if header_ok and base <= section.offset_bytes else 0,
        header_ok=header_ok,
        entries=Entries.DAMAGED,
        checksum=1,
        unflagged_from=count,
    )
    if count > fitting:
        return table
    value = 1
    for piece in _pieces(files, table, 0, count):
        value = zlib.adler32(piece, value)
    entries_end = entries_start + count * ENTRY_BYTES
    state = _state(files, table, value, entries_end, section.end_bytes)
    if not header_ok and (state is not Entries.SOUND or not section.trusted):
        return replace(table, count=None, checksum=value)
    return replace(table, entries=state, checksum=value, unflagged_from=_first_unflagged(files, table))


def combine(table: Table, twin: Table) -> Table:
    """Choose between a table and its second copy; of two damaged ones, keep what can still be believed."""
    if table.sound or twin.sound:
        return table if table.sound else twin
    if table.header_ok and twin.header_ok and table.count == twin.count:
        return replace(table, twin=twin)
    for header, entries in ((table, twin), (twin, table)):
        if header.header_ok and entries.entries is Entries.SOUND and header.count == entries.count:
            return replace(entries, base_bytes=header.base_bytes, header_ok=True)
    return twin if table.count is None else table


def settle(table: Table) -> Table:
    """Believe no entry of a table whose header is damaged: what they are relative to is not known."""
    return table if table.header_ok else replace(table, entries=Entries.DAMAGED)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a chunk is stored: in which file of the set, from where to before where, and how."""

    segment: int
    start_bytes: int
    end_bytes: int
    compressed: bool


class ChunkMap:
    """Finds chunks by number, over all tables of a set. Safe from several threads."""

    def __init__(self, files: SourceSet, tables: list[Table], chunk_count: int) -> None:
        """Number the chunks of ``tables`` in order; chunks past ``chunk_count`` are left out."""
        self._files = files
        self._tables: list[Table] = []
        self._firsts: list[int] = []
        self._mapped = 0
        self._lock = threading.Lock()
        self._pages: OrderedDict[tuple[int, int], tuple[int, array[int]]] = OrderedDict()
        for table in tables:
            if table.count and self._mapped < chunk_count:
                self._tables.append(table)
                self._firsts.append(self._mapped)
                self._mapped = min(chunk_count, self._mapped + table.count)

    @property
    def mapped(self) -> int:
        """How many chunks the tables list."""
        return self._mapped

    def places(self, first: int, count: int) -> Iterator[Place | None]:
        """Yield where the chunks from ``first`` on lie; None for one whose place is not known."""
        chunk, end = first, first + count
        while chunk < end:
            if chunk >= self._mapped:
                yield None
                chunk += 1
                continue
            index = bisect_right(self._firsts, chunk) - 1
            table, entry = self._tables[index], chunk - self._firsts[index]
            page_start, page = self._page(index, entry // PAGE_ENTRIES)
            stop = min(entry + end - chunk, (entry // PAGE_ENTRIES + 1) * PAGE_ENTRIES, table.count or 0)
            for number in range(entry, stop):
                yield self._place(table, number, page, number - page_start)
            chunk += stop - entry

    def unknown_run(self, chunk: int, chunk_count: int) -> int:
        """How many chunks from ``chunk`` on are certainly unknown: the rest of a damaged table, or all that follow."""
        if chunk >= self._mapped:
            return chunk_count - chunk
        index = bisect_right(self._firsts, chunk) - 1
        table = self._tables[index]
        if table.entries is Entries.DAMAGED and table.twin is None:
            return min(chunk_count, self._firsts[index] + (table.count or 0)) - chunk
        return 1

    def _place(self, table: Table, number: int, page: array[int], here: int) -> Place | None:
        entry = page[here]
        if entry == _UNKNOWN:
            return None
        flagged = number < table.unflagged_from
        start = table.base_bytes + (entry & _OFFSET if flagged else entry)
        end = self._files.sizes_bytes[table.segment]
        if here + 1 < len(page) and page[here + 1] != _UNKNOWN:
            following = page[here + 1]
            following = table.base_bytes + (following & _OFFSET if number + 1 < table.unflagged_from else following)
            if following > start:
                end = min(end, following)
            elif table.entries is Entries.UNCHECKED:
                return None
        if table.entries is Entries.UNCHECKED and here > 0 and page[here - 1] & _OFFSET >= entry & _OFFSET:
            return None
        return Place(table.segment, start, end, flagged and bool(entry & _COMPRESSED))

    def _page(self, index: int, page: int) -> tuple[int, array[int]]:
        """The entries of one page, with its neighbours to both sides, and the number of the first of them."""
        with self._lock:
            if (index, page) in self._pages:
                self._pages.move_to_end((index, page))
                return self._pages[index, page]
        table = self._tables[index]
        start = max(0, page * PAGE_ENTRIES - 1)
        entries = _entries(self._files, table, start, min(table.count or 0, (page + 1) * PAGE_ENTRIES + 1))
        with self._lock:
            self._pages[index, page] = start, entries
            if len(self._pages) > PAGES_MAX:
                self._pages.popitem(last=False)
        return start, entries


def _entries(files: SourceSet, table: Table, start: int, stop: int) -> array[int]:
    if table.entries is Entries.DAMAGED:
        unknown = array("I", [_UNKNOWN]) * (stop - start)
        if table.twin is None or not _readable(files, table) or not _readable(files, table.twin):
            return unknown
        ours, theirs = (_numbers(files, copy, start, stop) for copy in (table, table.twin))
        same_base = table.base_bytes == table.twin.base_bytes
        pairs = zip(ours, theirs, strict=True)
        return array("I", [one if one == other and same_base else _UNKNOWN for one, other in pairs])
    return _numbers(files, table, start, stop)


def _readable(files: SourceSet, table: Table) -> bool:
    return table.entries_bytes + (table.count or 0) * ENTRY_BYTES <= files.sizes_bytes[table.segment]


def _numbers(files: SourceSet, table: Table, start: int, stop: int) -> array[int]:
    numbers = array("I")
    for piece in _pieces(files, table, start, stop):
        numbers.frombytes(piece)
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers


def _pieces(files: SourceSet, table: Table, start: int, stop: int) -> Iterator[bytes]:
    for entry in range(start, stop, _READ_ENTRIES):
        size = (min(stop, entry + _READ_ENTRIES) - entry) * ENTRY_BYTES
        yield files.read(table.segment, table.entries_bytes + entry * ENTRY_BYTES, size)


def _state(files: SourceSet, table: Table, checksum: int, entries_end: int, section_end: int) -> Entries:
    """Judge the entries by the checksum behind them, if the table has one there."""
    if entries_end + 4 > section_end:
        return Entries.UNCHECKED if entries_end == section_end else Entries.DAMAGED
    stored = int.from_bytes(files.read(table.segment, entries_end, 4), "little")
    if stored == checksum:
        return Entries.SOUND
    if table.count and table.header_ok:
        first = table.base_bytes + (_numbers(files, table, 0, 1)[0] & _OFFSET)
        if entries_end <= first < entries_end + 4:
            return Entries.UNCHECKED
    return Entries.DAMAGED


def _first_unflagged(files: SourceSet, table: Table) -> int:
    """Find where offsets outgrow 31 bits and take the place of the flag, which EnCase 6.7.1 let happen."""
    count = table.count or 0
    if table.offset_bytes - table.base_bytes <= _OFFSET:
        return count
    before = -1
    for entry in range(0, count, _READ_ENTRIES):
        for number, value in enumerate(_numbers(files, table, entry, min(count, entry + _READ_ENTRIES)), entry):
            if value & _OFFSET < before:
                return number
            before = value & _OFFSET
    return count
