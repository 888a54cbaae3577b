"""Members of a ZIP that its directory does not name: taken out of it, or left where the directory is lost."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace

from evidence.filesystems.zip_records import DESCRIPTOR_MARK, ENCRYPTED, LOCAL_MARK, SIZES_BEHIND, Entry, local_entry
from evidence.volumes.base import Readable

_PIECE_BYTES = 1 << 20
_INFLATED_BYTES = 1 << 16
_MOST_INFLATED_BYTES = 1 << 30
_LONGEST_DESCRIPTOR_BYTES = 24
_DEFLATED = 8
_FULL32 = 0xFFFFFFFF


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What stands before a member.

    Attributes:
        entry: What it says, with the sizes that may stand behind the member.
        why_not: Why the member is not whole; empty where it is.
    """

    entry: Entry
    why_not: str = ""


def members_between(source: Readable, start: int, end: int) -> Iterator[Entry]:
    """The members that lie whole in a stretch, by what stands before each; raises UnreadableRegionError."""
    return (head.entry for head in heads_between(source, start, end) if not head.why_not)


def heads_between(source: Readable, start: int, end: int) -> Iterator[Head]:
    """What stands before members in a stretch, whole or not; raises as :func:`members_between`."""
    at = start
    while (at := _find(source, LOCAL_MARK, at, end)) >= 0:
        entry = local_entry(source, at)
        at += len(LOCAL_MARK)
        if entry is None or not entry.name or b"\0" in entry.name:
            continue
        sized = _sized(source, entry, end)
        if sized is None:
            yield Head(entry=entry, why_not="its size is written behind it, and nothing says where that is")
            continue
        entry, behind = sized
        if behind > end:
            yield Head(entry=entry, why_not=f"it should end at byte {behind}, and there is nothing behind byte {end}")
            continue
        yield Head(entry=entry)
        at = behind


def end_of(source: Readable, entry: Entry, start: int, end: int) -> int:
    """Where a member ends whose content begins at ``start``, with the record that may follow it."""
    behind = start + entry.packed_bytes
    if entry.flags & SIZES_BEHIND and behind < end:
        mark = source.read_at(behind, 4) == DESCRIPTOR_MARK
        wide = max(entry.packed_bytes, entry.size_bytes) >= _FULL32
        behind += 4 * mark + (20 if wide else 12)
    return behind


def _sized(source: Readable, entry: Entry, end: int) -> tuple[Entry, int] | None:
    """A member with its sizes, and where it ends; None where that cannot be found (APPNOTE 4.3.9)."""
    start = entry.at + entry.length
    if not entry.flags & SIZES_BEHIND or entry.packed_bytes:
        return entry, end_of(source, entry, start, end)
    if entry.method == _DEFLATED and not entry.flags & ENCRYPTED:
        found = _deflated(source, entry, start, end)
        if found is not None:
            return found
    at = start
    while (at := _find(source, DESCRIPTOR_MARK, at, end)) >= 0:
        record = source.read_at(at + 4, 20).ljust(20, b"\0")
        for layout, length in (("<III", 16), ("<IQQ", 24)):
            crc, packed, size = struct.unpack_from(layout, record)
            if packed == at - start:
                return replace(entry, crc32=crc, packed_bytes=packed, size_bytes=size), at + length
        at += len(DESCRIPTOR_MARK)
    return None


def _deflated(source: Readable, entry: Entry, start: int, end: int) -> tuple[Entry, int] | None:
    """A deflated member by the end of its stream, with or without the mark of the record behind it."""
    inflate, at, crc, size = zlib.decompressobj(-zlib.MAX_WBITS), start, 0, 0
    while not inflate.eof:
        raw = inflate.unconsumed_tail or source.read_at(at, min(_INFLATED_BYTES, end - at))
        at += 0 if inflate.unconsumed_tail else len(raw)
        try:
            data = inflate.decompress(raw, _PIECE_BYTES)
        except zlib.error:
            return None
        if not raw and not data and not inflate.eof:
            return None
        crc, size = zlib.crc32(data, crc), size + len(data)
        if size > _MOST_INFLATED_BYTES:
            return None
    behind = at - len(inflate.unused_data)
    record = source.read_at(behind, _LONGEST_DESCRIPTOR_BYTES)
    for mark in (DESCRIPTOR_MARK, b""):
        for layout in ("<III", "<IQQ"):
            told = mark + struct.pack(layout, crc, behind - start, size) if layout == "<IQQ" or size < _FULL32 else b""
            if told and record.startswith(told):
                found = replace(entry, crc32=crc, packed_bytes=behind - start, size_bytes=size)
                return found, behind + len(told)
    return None


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
