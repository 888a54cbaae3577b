"""The log of a VHDX: changes that were promised to the disk and have yet to be made.

They are made in memory when the file is read; the file is never written to. Source: [MS-VHDX] 2.3, "Log".
"""

from __future__ import annotations

import struct
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from evidence.images.crc32c import crc32c
from evidence.images.stored import Stored

PAGE_BYTES = 4096
LOG_MAX_BYTES = 128 * 1024 * 1024
_CHECKED_TIMES = 4
"""So many times the size of the log is checked at most: entries of a real log do not overlap."""

_ENTRY = struct.Struct("<4sIIIQI4x16sQQ")
_DESCRIPTOR = struct.Struct("<4sIQQQ")
_ENTRY_MARK, _ZERO_MARK, _DATA_MARK, _SECTOR_MARK = b"loge", b"zero", b"desc", b"data"
_CHECKSUM_AT = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One descriptor: a page of data, or pages that become zeros (``page`` is None).

    Attributes:
        offset_bytes: In the file.
        length_bytes: A multiple of ``PAGE_BYTES``.
    """

    offset_bytes: int
    length_bytes: int
    page: bytes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A log entry that passed every check.

    Attributes:
        at_bytes: Where it begins in the log.
        length_bytes: How much of the log it takes.
        tail_bytes: Where the oldest entry lies that had not been carried out when this one was written.
        flushed_bytes: The size that the file had at least, safely on the medium, when it was written.
        last_bytes: The size that the file needs for all that the log changes.
    """

    at_bytes: int
    length_bytes: int
    tail_bytes: int
    sequence: int
    flushed_bytes: int
    last_bytes: int
    changes: tuple[Change, ...]


class Log:
    """Finds the entries that have to be carried out."""

    def __init__(self, data: bytes, identifier: UUID) -> None:
        """Take the whole log and the identifier that its valid entries have."""
        self._data = data
        self._identifier = identifier.bytes_le
        self._budget_bytes = _CHECKED_TIMES * len(data)
        self._seen: dict[int, Entry | None] = {}

    def active(self) -> tuple[Entry, ...]:
        """Give the active sequence, in order; empty where the log has no valid one.

        It is the valid sequence with the highest number whose last entry points back to an entry of it.
        """
        best: tuple[Entry, ...] = ()
        start = 0
        while start < len(self._data):
            sequence = self._sequence(start)
            if not sequence:
                start += PAGE_BYTES
                continue
            start += sum(entry.length_bytes for entry in sequence)
            places = [entry.at_bytes for entry in sequence]
            tail = sequence[-1].tail_bytes
            if tail in places and (not best or sequence[-1].sequence > best[-1].sequence):
                best = tuple(sequence[places.index(tail) :])
        return best

    def _sequence(self, start: int) -> list[Entry]:
        found: list[Entry] = []
        taken, at = 0, start
        while taken < len(self._data):
            entry = self._entry(at)
            if entry is None or taken + entry.length_bytes > len(self._data):
                break
            if found and entry.sequence != found[-1].sequence + 1:
                break
            found.append(entry)
            taken += entry.length_bytes
            at = (at + entry.length_bytes) % len(self._data)
        return found

    def _entry(self, at: int) -> Entry | None:
        if at not in self._seen:
            self._seen[at] = self._read_entry(at)
        return self._seen[at]

    def _read_entry(self, at: int) -> Entry | None:
        head = self._data[at : at + _ENTRY.size]
        if len(head) < _ENTRY.size or not head.startswith(_ENTRY_MARK):
            return None
        _, stored, length, tail, sequence, count, identifier, flushed, last = _ENTRY.unpack(head)
        known = identifier == self._identifier and sequence > 0
        if not known or not PAGE_BYTES <= length <= len(self._data) or length % PAGE_BYTES or tail % PAGE_BYTES:
            return None
        self._budget_bytes -= length
        if self._budget_bytes < 0:
            return None
        data = (self._data[at : at + length] + self._data[: max(0, at + length - len(self._data))])[:length]
        zeroed = data[:_CHECKSUM_AT] + bytes(4) + data[_CHECKSUM_AT + 4 :]
        if crc32c(zeroed) != stored:
            return None
        changes = _changes(data, count, sequence)
        if changes is None:
            return None
        return Entry(
            at_bytes=at,
            length_bytes=length,
            tail_bytes=tail,
            sequence=sequence,
            flushed_bytes=flushed,
            last_bytes=last,
            changes=changes,
        )


def _changes(data: bytes, count: int, sequence: int) -> tuple[Change, ...] | None:
    """The changes of an entry; None where one of its descriptors or data sectors is wrong."""
    place = -(-(_ENTRY.size + count * _DESCRIPTOR.size) // PAGE_BYTES) * PAGE_BYTES
    if place > len(data):
        return None
    found = []
    for number in range(count):
        at = _ENTRY.size + number * _DESCRIPTOR.size
        mark, trailing, middle, offset, own_sequence = _DESCRIPTOR.unpack_from(data, at)
        if own_sequence != sequence or offset % PAGE_BYTES:
            return None
        if mark == _ZERO_MARK and not middle % PAGE_BYTES:
            found.append(Change(offset_bytes=offset, length_bytes=middle, page=None))
            continue
        sector = data[place : place + PAGE_BYTES]
        place += PAGE_BYTES
        if mark != _DATA_MARK or not _belongs(sector, sequence):
            return None
        page = middle.to_bytes(8, "little") + sector[8:-4] + trailing.to_bytes(4, "little")
        found.append(Change(offset_bytes=offset, length_bytes=PAGE_BYTES, page=page))
    return tuple(found)


def _belongs(sector: bytes, sequence: int) -> bool:
    if len(sector) < PAGE_BYTES or not sector.startswith(_SECTOR_MARK):
        return False
    high, low = int.from_bytes(sector[4:8], "little"), int.from_bytes(sector[-4:], "little")
    return high << 32 | low == sequence


class ReplayedFile:
    """A file with the changes of its log, which are kept beside it in memory.

    Attributes:
        size_bytes: The size that it has with them.
    """

    def __init__(self, stored: Stored, entries: Sequence[Entry]) -> None:
        """Take the changes in the order of the entries; later ones count.

        The file is as large as the last entry needs it, unless bytes are missing that were safely on the medium.
        """
        self._stored = stored
        self._pages: dict[int, bytes] = {}
        self._zeros: list[tuple[int, int]] = []
        self.size_bytes = stored.size_bytes
        if entries and entries[-1].flushed_bytes <= stored.size_bytes:
            self.size_bytes = max(stored.size_bytes, entries[-1].last_bytes)
        for entry in entries:
            for change in entry.changes:
                self._take(change)
        self._zeros = _merged(self._zeros)

    def read_into(self, offset_bytes: int, target: memoryview, /) -> None:
        """Fill all of ``target``; what the log adds behind the end of the file is zeros until it is written."""
        there = max(0, min(len(target), self._stored.size_bytes - offset_bytes))
        self._stored.read_into(offset_bytes, target[:there])
        target[there:] = bytes(len(target) - there)
        end = offset_bytes + len(target)
        number = max(0, bisect_right(self._zeros, (offset_bytes, end)) - 1)
        while number < len(self._zeros) and self._zeros[number][0] < end:
            start, stop = (min(max(place, offset_bytes), end) for place in self._zeros[number])
            target[start - offset_bytes : stop - offset_bytes] = bytes(stop - start)
            number += 1
        for page in self._pages_of(offset_bytes, end):
            start, stop = max(page, offset_bytes), min(page + PAGE_BYTES, end)
            target[start - offset_bytes : stop - offset_bytes] = self._pages[page][start - page : stop - page]

    def _pages_of(self, start: int, end: int) -> list[int]:
        first = start // PAGE_BYTES * PAGE_BYTES
        if (end - first) // PAGE_BYTES > len(self._pages):
            return [page for page in self._pages if first <= page < end]
        return [page for page in range(first, end, PAGE_BYTES) if page in self._pages]

    def _take(self, change: Change) -> None:
        if change.page is not None:
            self._pages[change.offset_bytes] = change.page
            return
        end = change.offset_bytes + change.length_bytes
        for page in self._pages_of(change.offset_bytes, end):
            del self._pages[page]
        if change.length_bytes:
            self._zeros.append((change.offset_bytes, end))


def _merged(ranges: list[tuple[int, int]]) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for start, end in sorted(ranges):
        if found and start <= found[-1][1]:
            found[-1] = found[-1][0], max(end, found[-1][1])
        else:
            found.append((start, end))
    return found
