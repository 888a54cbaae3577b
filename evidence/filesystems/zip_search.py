"""Members of a ZIP that its directory does not name: taken out of it, or left where the directory is lost."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import replace

from evidence.filesystems.zip_records import DESCRIPTOR_MARK, LOCAL_MARK, SIZES_BEHIND, Entry, local_entry
from evidence.volumes.base import Readable

_PIECE_BYTES = 1 << 20
_FULL32 = 0xFFFFFFFF


def members_between(source: Readable, start: int, end: int) -> Iterator[Entry]:
    """The members that lie whole in a stretch, by what stands before each; raises UnreadableRegionError."""
    at = start
    while (at := _find(source, LOCAL_MARK, at, end)) >= 0:
        entry = local_entry(source, at)
        if entry is not None and entry.name and b"\0" not in entry.name:
            entry, behind = _sized(source, entry, end)
            if behind <= end:
                yield entry
                at = behind
                continue
        at += len(LOCAL_MARK)


def end_of(source: Readable, entry: Entry, start: int, end: int) -> int:
    """Where a member ends whose content begins at ``start``, with the record that may follow it."""
    behind = start + entry.packed_bytes
    if entry.flags & SIZES_BEHIND and behind < end:
        mark = source.read_at(behind, 4) == DESCRIPTOR_MARK
        wide = max(entry.packed_bytes, entry.size_bytes) >= _FULL32
        behind += 4 * mark + (20 if wide else 12)
    return behind


def _sized(source: Readable, entry: Entry, end: int) -> tuple[Entry, int]:
    """A member with its sizes, and where it ends; behind ``end`` where that cannot be found."""
    start = entry.at + entry.length
    if not entry.flags & SIZES_BEHIND or entry.packed_bytes:
        return entry, end_of(source, entry, start, end)
    at = start
    while (at := _find(source, DESCRIPTOR_MARK, at, end)) >= 0:
        record = source.read_at(at + 4, 20).ljust(20, b"\0")
        for layout, length in (("<III", 16), ("<IQQ", 24)):
            crc, packed, size = struct.unpack_from(layout, record)
            if packed == at - start:
                return replace(entry, crc32=crc, packed_bytes=packed, size_bytes=size), at + length
        at += len(DESCRIPTOR_MARK)
    return entry, end + 1


def _find(source: Readable, mark: bytes, start: int, end: int) -> int:
    while start < end:
        raw = source.read_at(start, min(_PIECE_BYTES, end - start))
        place = raw.find(mark)
        if place >= 0:
            return start + place
        if start + len(raw) >= end or len(raw) <= len(mark):
            return -1
        start += len(raw) - len(mark) + 1
    return -1
