"""Stretches of a volume that are read as one content: what no file uses, and what lies behind a file's end."""

from __future__ import annotations

import re
from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from typing import TypeAlias

from evidence.volumes.base import Readable

Range: TypeAlias = tuple[int, int]
"""Offset in the volume and length, both in bytes."""

UNALLOCATED, SLACK = "unallocated", "/slack"
"""Address of what no file of a volume uses, and what follows the address of a file to make that of its slack."""
KEEPS_NO_RECORD = frozenset({"iso9660", "squashfs"})
"""Types of file systems that are written once and hold nothing that says which blocks are free."""
MAX_RANGES = 32_000_000
_ALIKE = re.compile(rb"\x00+|\xff+|[^\x00\xff]", re.DOTALL)
_BITS_UPWARD = tuple(tuple(byte >> bit & 1 for bit in range(8)) for byte in range(256))
_BITS_DOWNWARD = tuple(tuple(byte >> bit & 1 for bit in range(7, -1, -1)) for byte in range(256))


def no_free_space(type_: str) -> str:
    """Why what no file uses cannot be had of a file system of that type."""
    if type_ in KEEPS_NO_RECORD:
        return f"a file system of the type {type_} keeps no record of free blocks"
    return f"which blocks are in use is not read for {type_}"


def clear_bits(pieces: Iterable[bytes], count: int, *, highest_first: bool = False) -> Iterator[Range]:
    """The runs of clear bits in a bitmap: first bit and how many.

    Args:
        pieces: The bitmap, one piece behind the other.
        count: How many bits count.
        highest_first: Whether the first bit of a byte is its highest.
    """
    bits = _BITS_DOWNWARD if highest_first else _BITS_UPWARD
    at, start = 0, -1
    for piece in pieces:
        for match in _ALIKE.finditer(piece):
            alike = match.group()
            if alike[0] == 0:
                start = at if start < 0 else start
                at += 8 * len(alike)
                continue
            for is_used in (1,) if alike[0] == 0xFF else bits[alike[0]]:
                if is_used and start >= 0:
                    if start < count:
                        yield start, min(at, count) - start
                    start = -1
                elif not is_used and start < 0:
                    start = at
                at += 8 * len(alike) if alike[0] == 0xFF else 1
        if at >= count:
            break
    if 0 <= start < min(at, count):
        yield start, min(at, count) - start


def merged(ranges: Iterable[Range]) -> Iterator[Range]:
    """The same in order, with those that touch each other as one."""
    last_start, last_length = 0, 0
    for start, length in ranges:
        if last_length and start == last_start + last_length:
            last_length += length
            continue
        if last_length:
            yield last_start, last_length
        last_start, last_length = start, length
    if last_length:
        yield last_start, last_length


def joined(ranges: Iterable[Range]) -> list[Range]:
    """All bytes that lie in any of them, as ranges in order that neither touch nor overlap."""
    found: list[Range] = []
    for start, length in sorted(ranges):
        if found and start <= sum(found[-1]):
            first, _ = found[-1]
            found[-1] = first, max(sum(found[-1]), start + length) - first
        elif length > 0:
            found.append((start, length))
    return found


def between(taken: Iterable[Range], begin: int, end: int) -> Iterator[Range]:
    """What lies from ``begin`` to ``end`` in none of the ranges, which are as :func:`joined` gives them."""
    at = begin
    for start, length in taken:
        if start >= end:
            break
        if start > at:
            yield at, start - at
        at = max(at, start + length)
    if at < end:
        yield at, end - at


class JoinedRanges:
    """Ranges of a volume as one content; see :class:`evidence.filesystems.content.ContentSource`.

    Attributes:
        size_bytes: Of all ranges together.
    """

    def __init__(self, source: Readable, ranges: Iterable[Range]) -> None:
        """Join them in their order; raises OSError where there are more than can be kept."""
        self._source = source
        self._starts, self._lengths, self._places = array("Q"), array("Q"), array("Q")
        self.size_bytes = 0
        for start, length in merged(ranges):
            if len(self._starts) >= MAX_RANGES:
                raise OSError(f"there are more than {MAX_RANGES} ranges")
            self._starts.append(start)
            self._lengths.append(length)
            self._places.append(self.size_bytes)
            self.size_bytes += length

    def __iter__(self) -> Iterator[Range]:
        """Each range."""
        return zip(self._starts, self._lengths, strict=True)

    def __len__(self) -> int:
        """How many there are."""
        return len(self._starts)

    def within(self, offset_bytes: int, size_bytes: int) -> Iterator[tuple[int, int, int]]:
        """Where a part of the content lies: of each range its place in it, its offset in the volume, its length.

        Ranges are cut off at both ends of the part.
        """
        end = min(offset_bytes + size_bytes, self.size_bytes)
        index = bisect_right(self._places, offset_bytes) - 1
        while 0 <= offset_bytes < end:
            inside = offset_bytes - self._places[index]
            length = min(self._lengths[index] - inside, end - offset_bytes)
            yield offset_bytes, self._starts[index] + inside, length
            offset_bytes += length
            index += 1

    def read(self, offset_bytes: int, size_bytes: int, /) -> bytes:
        """Exactly that many bytes, fewer only at the end.

        Raises:
            OSError: The volume ends before them.
            UnreadableRegionError: They cannot be had.
        """
        parts: list[bytes] = []
        for _, start, length in self.within(offset_bytes, size_bytes):
            part = self._source.read_at(start, length)
            if len(part) != length:
                raise OSError(f"the volume ends at byte {start + len(part)}")
            parts.append(part)
        return b"".join(parts)
