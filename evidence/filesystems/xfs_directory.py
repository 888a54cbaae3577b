"""Directories of XFS in all their forms, read from the blocks that hold names; and what erased names left behind.

The hash trees of large directories are not needed to list them. An erased entry loses only the first four bytes of its
inode number; the name, the lower half of the number and the tag at its end stay until the place is used again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from evidence.filesystems.content import UNREADABLE, reason
from evidence.filesystems.xfs_disk import Disk, checksum_holds
from evidence.filesystems.xfs_extents import blocks_of
from evidence.filesystems.xfs_inode import LOCAL, Inode
from evidence.images.base import Problem

_LEAVES_AT_BYTES = 1 << 35
_BLOCK, _DATA = (b"XD2B", b"XDB3"), (b"XD2D", b"XDD3")
MAX_DIRECTORY_BLOCKS = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A name in a directory.

    Attributes:
        number: Of its inode; of an erased one the lower half.
        type: As the directory says; 0 where it says nothing.
        is_erased: Whether it was found in unused space.
    """

    name: bytes
    number: int
    type: int
    is_erased: bool = False


def entries(disk: Disk, inode: Inode) -> Iterator[Entry | Problem]:
    """The names in a directory without those of itself and its parent, then those that were erased.

    Raises:
        OSError: It is damaged; the message names the structure and its offset.
        UnreadableRegionError: A block of it cannot be read.
    """
    if inode.format == LOCAL:
        yield from _short(disk, inode)
        return
    erased: list[Entry] = []
    for raw, offset in _blocks(disk, inode):
        if isinstance(raw, Problem):
            yield raw
        else:
            yield from _Block(disk, inode, raw, offset).entries(erased)
    yield from erased


def _short(disk: Disk, inode: Inode) -> Iterator[Entry | Problem]:
    """Names in the inode itself."""
    raw = inode.fork[: inode.size_bytes]
    typed = disk.superblock.has_file_types
    if len(raw) < 6:
        raise OSError(f"the short directory in inode {inode.number} at byte {inode.offset_bytes} is cut off")
    wide = raw[1] > 0
    count, width = (raw[1] if wide and not raw[0] else raw[0]), 8 if wide else 4
    at = 2 + width
    for _ in range(count):
        end = at + 3 + (raw[at] if at < len(raw) else 0) + typed + width
        if end > len(raw) or not raw[at]:
            raise OSError(f"the short directory in inode {inode.number} at byte {inode.offset_bytes} is damaged")
        name = raw[at + 3 : at + 3 + raw[at]]
        kind = raw[end - width - 1] if typed else 0
        yield Entry(name=name, number=int.from_bytes(raw[end - width : end], "big"), type=kind)
        at = end


def _blocks(disk: Disk, inode: Inode) -> Iterator[tuple[bytes | Problem, int]]:
    """The directory blocks that hold names, each with the offset of its first byte."""
    sizes = disk.superblock
    per_block = sizes.directory_block_bytes >> sizes.block_log
    pieces: list[bytes] = []
    start = done = 0
    for number, place in blocks_of(disk, inode, _LEAVES_AT_BYTES >> sizes.block_log):
        done += 1
        if done > MAX_DIRECTORY_BLOCKS:
            raise OSError(f"the directory in inode {inode.number} has more than {MAX_DIRECTORY_BLOCKS} blocks")
        if number % per_block != len(pieces):
            what = f"A block of the directory in inode {inode.number} is not whole; names in it are missing."
            yield Problem(what=what, where="", offset_bytes=place), place
            pieces = []
            continue
        if not pieces:
            start = place
        try:
            pieces.append(disk.read(place, sizes.block_bytes))
        except UNREADABLE as error:
            what = (
                f"A block of the directory in inode {inode.number} cannot be read, names are missing: {reason(error)}"
            )
            yield Problem(what=what, where="", offset_bytes=place), place
            pieces = []
            continue
        if len(pieces) == per_block:
            yield b"".join(pieces), start
            pieces = []


class _Block:
    """One block of names."""

    def __init__(self, disk: Disk, inode: Inode, raw: bytes, offset: int) -> None:
        self._sizes, self._inode, self._raw, self._offset = disk.superblock, inode, raw, offset

    def entries(self, erased: list[Entry]) -> Iterator[Entry | Problem]:
        """What is in it; what was erased in it goes to ``erased``."""
        newer, raw = self._sizes.has_checksums, self._raw
        magic = raw[:4]
        if magic not in (_BLOCK[newer], _DATA[newer]):
            yield self._problem("is no block of names; names are missing", 0)
            return
        if newer and not checksum_holds(raw, 4):
            yield self._problem("has a wrong checksum; the names in it may be wrong", 0)
        if newer and int.from_bytes(raw[40:48], "big") != self._inode.number:
            yield self._problem("belongs to another inode; names are missing", 0)
            return
        at, end = 64 if newer else 16, len(raw)
        if magic == _BLOCK[newer]:
            leaves = int.from_bytes(raw[-8:-4], "big")
            end -= 8 + leaves * 8
        while at < end:
            if raw[at : at + 2] == b"\xff\xff":
                length = int.from_bytes(raw[at + 2 : at + 4], "big")
                if not length or length % 8 or at + length > end:
                    yield self._problem("has unused space of an impossible length; names are missing", at)
                    return
                erased.extend(self._left_behind(at, at + length))
                at += length
                continue
            size = self._entry_bytes(at)
            if at + size > end or not raw[at + 8]:
                yield self._problem("has an entry that is cut off; names are missing", at)
                return
            if int.from_bytes(raw[at + size - 2 : at + size], "big") != at:
                yield self._problem("has an entry whose tag is wrong; names are missing", at)
                return
            entry = self._entry(at, is_erased=False)
            if entry.name not in (b".", b".."):
                yield entry
            at += size
        if at != end:
            yield self._problem("has a tail that contradicts it; names may be missing", at)

    def _entry_bytes(self, at: int) -> int:
        length = self._raw[at + 8] if at + 8 < len(self._raw) else 0
        return (9 + length + self._sizes.has_file_types + 2 + 7) & ~7

    def _entry(self, at: int, *, is_erased: bool) -> Entry:
        raw, length = self._raw, self._raw[at + 8]
        return Entry(
            name=raw[at + 9 : at + 9 + length],
            number=int.from_bytes(raw[at + (4 if is_erased else 0) : at + 8], "big"),
            type=raw[at + 9 + length] if self._sizes.has_file_types else 0,
            is_erased=is_erased,
        )

    def _left_behind(self, start: int, end: int) -> Iterator[Entry]:
        """Erased entries in unused space: known by the tag at their end, their own place in the block."""
        at = start
        while at + 16 <= end:
            size = self._entry_bytes(at)
            tag = int.from_bytes(self._raw[at + size - 2 : at + size], "big")
            is_last = at + size == end and tag == start
            if self._raw[at + 8] and at + size <= end and (tag == at or is_last):
                entry = self._entry(at, is_erased=True)
                if entry.number and entry.type < 9 and b"\0" not in entry.name and b"/" not in entry.name:
                    yield entry
                    at += size
                    continue
            at += 8

    def _problem(self, what: str, at: int) -> Problem:
        where = self._offset + at
        return Problem(
            what=f"The block at byte {where} of the directory in inode {self._inode.number} {what}.",
            where="",
            offset_bytes=where,
        )
