"""The tables of SquashFS 4.0: superblock, metadata blocks, inodes, directories, fragments.

Source: ``Documentation/filesystems/squashfs.rst`` of Linux, and the published description of the binary format.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from evidence.filesystems.squashfs_packing import NAMES, unpack
from evidence.images.cache import BoundedCache
from evidence.volumes.base import Readable

NONE = (1 << 64) - 1
NO_FRAGMENT = NO_ATTRIBUTES = 0xFFFFFFFF
METADATA_BYTES = 8192
SUPERBLOCK = struct.Struct("<4sIIIIHHHHHHQQQQQQQQ")
STORED_BLOCK = 1 << 24
LIST_MAX_BYTES, LINK_MAX_BYTES = 128 << 20, 65536

_STORED_METADATA = 0x8000
_CACHE_BYTES = 8 << 20
_INODE, _ENTRY, _GROUP = struct.Struct("<HHHHII"), struct.Struct("<HhHH"), struct.Struct("<III")
_PER_FRAGMENT_BLOCK = METADATA_BYTES // 16
_LAST_BASIC = 7
_DIRECTORIES, _FILES, _LINKS, _DEVICES = (1, 8), (2, 9), (3, 10), (4, 5, 11, 12)


@dataclass(frozen=True, slots=True, kw_only=True)
class Superblock:
    """Where everything is, in bytes of the volume; ``NONE`` for tables that are not there."""

    block_bytes: int
    fragments: int
    compression: int
    root: int
    used_bytes: int
    made_s: int
    xattrs: int
    inodes: int
    directories: int
    fragment_table: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Inode:
    """One inode.

    Attributes:
        kind: From 1 to 7: directory, file, link, block device, character device, fifo, socket.
        start: Of a file's first block; of a directory's block in its table.
        offset: In that block of the table, or in the fragment.
        fragment: Number of the fragment; ``NO_FRAGMENT`` where there is none.
        rest: Reference of what follows the inode: sizes of blocks, or the target of a link.
        attributes: Number of the list of extended attributes; ``NO_ATTRIBUTES`` where there is none.
    """

    kind: int
    mode: int
    mtime_s: int
    size_bytes: int = 0
    start: int = 0
    offset: int = 0
    fragment: int = NO_FRAGMENT
    device: int = 0
    rest: tuple[int, int] = (0, 0)
    attributes: int = NO_ATTRIBUTES


def parse_superblock(raw: bytes) -> Superblock:
    """The superblock; raises OSError where it makes no sense."""
    if len(raw) < SUPERBLOCK.size:
        raise OSError("the superblock is cut off")
    (
        _, _, made, block, fragments, compression, log, _, _, major, minor, root, used, _, xattrs, inodes, directories,
        fragment_table, _,
    ) = SUPERBLOCK.unpack_from(raw)  # fmt: skip
    if (major, minor) != (4, 0):
        raise OSError(f"it is of version {major}.{minor}, which is not read")
    if not 12 <= log <= 20 or block != 1 << log:
        raise OSError(f"its blocks have {block} bytes by one field and two to the power of {log} by another")
    if compression not in NAMES:
        raise OSError(f"it is compressed by a method that is not known ({compression})")
    return Superblock(
        block_bytes=block, fragments=fragments, compression=compression, root=root, used_bytes=used, made_s=made,
        xattrs=xattrs, inodes=inodes, directories=directories, fragment_table=fragment_table,
    )  # fmt: skip


class Tables:
    """Reads metadata blocks, and what is in them."""

    def __init__(self, source: Readable, superblock: Superblock) -> None:
        """Read from ``source``."""
        self._source, self._superblock = source, superblock
        self._blocks: BoundedCache[int, tuple[bytes, int]] = BoundedCache(_CACHE_BYTES)

    def read(self, place: int, offset: int, size: int) -> tuple[bytes, tuple[int, int]]:
        """Bytes that may go on in the following blocks, and where they end: place of a block, offset in it.

        Raises:
            OSError: There are fewer, or a block is damaged.
            UnreadableRegionError: A block cannot be read.
        """
        found = []
        while True:
            data, following = self._blocks.get(place, self._load)
            if offset > len(data) or (not data and size):
                raise OSError(f"the metadata block at byte {place} has no byte {offset}")
            part = data[offset : offset + size]
            found.append(part)
            size -= len(part)
            if not size:
                return b"".join(found), (place, offset + len(part))
            place, offset = following, 0

    def inode(self, reference: int) -> Inode:
        """The inode of a reference: its block from the start of the table, and its offset in it."""
        place = self._superblock.inodes + (reference >> 16), reference & 0xFFFF
        raw, after = self.read(*place, _INODE.size)
        kind, mode, _, _, mtime, _ = _INODE.unpack(raw)
        if kind in _DIRECTORIES:
            return self._directory(kind, mode, mtime, after)
        if kind in _FILES:
            return self._file(kind, mode, mtime, after)
        if kind in _LINKS:
            return self._link(kind, mode, mtime, after)
        if not 4 <= kind <= 14:
            raise OSError(f"the inode {reference} is of a kind that is not known ({kind})")
        numbers = 2 if kind in _DEVICES else 1
        raw, after = self.read(*after, 4 * numbers)
        device = struct.unpack("<II", raw)[1] if kind in _DEVICES else 0
        attributes = self._number(after) if kind > _LAST_BASIC else NO_ATTRIBUTES
        return Inode(kind=(kind - 1) % 7 + 1, mode=mode, mtime_s=mtime, device=device, attributes=attributes)

    def _link(self, kind: int, mode: int, mtime: int, after: tuple[int, int]) -> Inode:
        raw, after = self.read(*after, 8)
        (size,), attributes = struct.unpack_from("<I", raw, 4), NO_ATTRIBUTES
        if kind > _LAST_BASIC and size <= LINK_MAX_BYTES:
            attributes = self._number(self.read(*after, size)[1])
        return Inode(kind=3, mode=mode, mtime_s=mtime, size_bytes=size, rest=after, attributes=attributes)

    def _number(self, at: tuple[int, int]) -> int:
        return int.from_bytes(self.read(*at, 4)[0], "little")

    def _directory(self, kind: int, mode: int, mtime: int, after: tuple[int, int]) -> Inode:
        attributes = NO_ATTRIBUTES
        if kind == 1:
            start, _, size, offset, _ = struct.unpack("<IIHHI", self.read(*after, 16)[0])
        else:
            _, size, start, _, _, offset, attributes = struct.unpack("<IIIIHHI", self.read(*after, 24)[0])
        return Inode(
            kind=1, mode=mode, mtime_s=mtime, size_bytes=size, start=start, offset=offset, attributes=attributes
        )

    def _file(self, kind: int, mode: int, mtime: int, after: tuple[int, int]) -> Inode:
        attributes = NO_ATTRIBUTES
        if kind == 2:
            raw, rest = self.read(*after, 16)
            start, fragment, offset, size = struct.unpack("<IIII", raw)
        else:
            raw, rest = self.read(*after, 40)
            start, size, _, _, fragment, offset, attributes = struct.unpack("<QQQIIII", raw)
        return Inode(
            kind=2, mode=mode, mtime_s=mtime, size_bytes=size, start=start, offset=offset, fragment=fragment, rest=rest,
            attributes=attributes,
        )  # fmt: skip

    def names(self, inode: Inode) -> Iterator[tuple[bytes, int]]:
        """Name and reference of everything in a directory; raises the errors of ``read``."""
        left = inode.size_bytes - 3
        if left > LIST_MAX_BYTES:
            raise OSError(f"the directory declares {left} bytes, which is not read")
        at = self._superblock.directories + inode.start, inode.offset
        while left > 0:
            raw, at = self.read(*at, _GROUP.size)
            count, block, _ = _GROUP.unpack(raw)
            left -= _GROUP.size
            if count >= 256:
                raise OSError(f"a part of the directory declares {count + 1} names, more than may be")
            for _ in range(count + 1):
                raw, at = self.read(*at, _ENTRY.size)
                offset, _, _, length = _ENTRY.unpack(raw)
                name, at = self.read(*at, length + 1)
                left -= _ENTRY.size + len(name)
                if left < 0:
                    raise OSError("the names in the directory need more bytes than it has")
                yield name, block << 16 | offset

    def fragment(self, number: int) -> tuple[int, int]:
        """Place and stored size of the block of a fragment; the size may have the mark ``STORED_BLOCK``."""
        if number >= self._superblock.fragments or self._superblock.fragment_table == NONE:
            raise OSError(f"there is no fragment {number}")
        index, inside = divmod(number, _PER_FRAGMENT_BLOCK)
        raw = self._source.read_at(self._superblock.fragment_table + 8 * index, 8)
        place, size, _ = struct.unpack("<QII", self.read(int.from_bytes(raw, "little"), 16 * inside, 16)[0])
        return place, size

    def _load(self, place: int) -> tuple[tuple[bytes, int], int]:
        head = self._source.read_at(place, 2)
        if len(head) < 2 or place >= self._superblock.used_bytes:
            raise OSError(f"there is no metadata block at byte {place}")
        told = int.from_bytes(head, "little")
        size = told & ~_STORED_METADATA or METADATA_BYTES
        raw = self._source.read_at(place + 2, size)
        if len(raw) < size or size > METADATA_BYTES:
            raise OSError(f"the metadata block at byte {place} declares {size} bytes")
        if not told & _STORED_METADATA:
            raw = unpack(self._superblock.compression, raw, METADATA_BYTES)
        if not raw:
            raise OSError(f"the metadata block at byte {place} is empty")
        return (raw, place + 2 + size), len(raw) + 64
