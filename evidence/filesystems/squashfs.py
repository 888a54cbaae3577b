"""SquashFS 4.0: a tree of compressed files, read-only from the beginning.

Source: ``Documentation/filesystems/squashfs.rst`` of Linux, and the published description of the binary format.
"""

from __future__ import annotations

import sys
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate

from evidence.filesystems.base import FileSystem, TimeRule
from evidence.filesystems.content import UNREADABLE, ContentSource, reason
from evidence.filesystems.listing import Node, Stream, Tree, decoded
from evidence.filesystems.opened import FileSystemError
from evidence.filesystems.ranges import Range
from evidence.filesystems.signatures import Found
from evidence.filesystems.squashfs_attributes import Attributes
from evidence.filesystems.squashfs_packing import unpack
from evidence.filesystems.squashfs_tables import (
    LINK_MAX_BYTES,
    LIST_MAX_BYTES,
    NO_FRAGMENT,
    STORED_BLOCK,
    SUPERBLOCK,
    Inode,
    Superblock,
    Tables,
    parse_superblock,
)
from evidence.filesystems.stamps import SECOND_NS, rules_of
from evidence.images.base import UNREAD_ATTRIBUTES, Problem
from evidence.images.cache import BoundedCache
from evidence.volumes.base import Readable

_KINDS = ("", "directory", "file", "link", "block", "character", "fifo", "socket")
_CACHE_BYTES, _LISTS_BYTES = 16 << 20, 64 << 20
_ATTRIBUTE = ":"
_DIGESTED_BYTES, _DIGESTED_RATIO = 1 << 36, 1100


class Blocks:
    """The blocks of files, and the lists of where they are."""

    def __init__(self, source: Readable, superblock: Superblock, tables: Tables) -> None:
        """Read from ``source``."""
        self._source, self._superblock, self._tables = source, superblock, tables
        self._unpacked: BoundedCache[tuple[int, int], bytes] = BoundedCache(_CACHE_BYTES)
        self._lists: BoundedCache[tuple[int, int], tuple[array[int], array[int]]] = BoundedCache(_LISTS_BYTES)

    def of(self, inode: Inode, number: int) -> bytes:
        """One block of a file, the last one perhaps shorter; raises OSError and UnreadableRegionError."""
        size = min(self._superblock.block_bytes, inode.size_bytes - number * self._superblock.block_bytes)
        count = self.count(inode)
        if number >= count:
            place, stored = self._tables.fragment(inode.fragment)
            return self._exact(self._block(place, stored)[inode.offset : inode.offset + size], size, place)
        sizes, places = self._lists.get(inode.rest, lambda key: self._list(key, count))
        stored = sizes[number]
        if not stored & ~STORED_BLOCK:
            return bytes(size)
        place = inode.start + places[number]
        return self._exact(self._block(place, stored), size, place)

    def stored(self, inode: Inode) -> Iterator[Range]:
        """Where the blocks of a file lie, and the one that the rest of it shares with others."""
        count = self.count(inode)
        sizes, places = self._lists.get(inode.rest, lambda key: self._list(key, count))
        for size, place in zip(sizes, places, strict=False):
            if size & ~STORED_BLOCK:
                yield inode.start + place, size & ~STORED_BLOCK
        if inode.fragment != NO_FRAGMENT:
            place, size = self._tables.fragment(inode.fragment)
            yield place, size & ~STORED_BLOCK

    def count(self, inode: Inode) -> int:
        """How many blocks a file has of its own."""
        whole, rest = divmod(inode.size_bytes, self._superblock.block_bytes)
        return whole + (rest > 0 and inode.fragment == NO_FRAGMENT)

    def _exact(self, data: bytes, size: int, place: int) -> bytes:
        if len(data) != size:
            raise OSError(f"the block at byte {place} gives {len(data)} bytes, not {size}")
        return data

    def _block(self, place: int, stored: int) -> bytes:
        return self._unpacked.get((place, stored), self._load)

    def _load(self, key: tuple[int, int]) -> tuple[bytes, int]:
        place, told = key
        size = told & ~STORED_BLOCK
        if size > self._superblock.block_bytes or place + size > self._superblock.used_bytes:
            raise OSError(f"a block of {size} bytes at byte {place} is none of this file system")
        raw = self._source.read_at(place, size)
        if len(raw) < size:
            raise OSError(f"the media ends before byte {place + size}")
        if not told & STORED_BLOCK:
            raw = unpack(self._superblock.compression, raw, self._superblock.block_bytes)
        return raw, len(raw) + 64

    def _list(self, key: tuple[int, int], count: int) -> tuple[tuple[array[int], array[int]], int]:
        if 4 * count > LIST_MAX_BYTES:
            raise OSError(f"the file declares {count} blocks, which is not read")
        sizes = array("I")
        at = key
        for start in range(0, count, 2048):
            raw, at = self._tables.read(*at, 4 * min(2048, count - start))
            sizes.frombytes(raw)
        if sys.byteorder == "big":
            sizes.byteswap()
        places = array("Q", accumulate((size & ~STORED_BLOCK for size in sizes), initial=0))
        return (sizes, places), 12 * count + 64


@dataclass(frozen=True, slots=True, kw_only=True)
class SquashContent:
    """The content of a file; see :class:`evidence.filesystems.content.ContentSource`."""

    blocks: Blocks
    inode: Inode
    block_bytes: int
    size_bytes: int = field(default=0)

    def stored(self) -> Iterator[Range]:
        """See :class:`evidence.filesystems.content.Packed`."""
        return self.blocks.stored(self.inode)

    def read(self, offset_bytes: int, size_bytes: int, /) -> bytes:
        """Bytes of the content."""
        offset, found = max(0, offset_bytes), []
        left = min(size_bytes, self.size_bytes - offset)
        while left > 0:
            number, inside = divmod(offset, self.block_bytes)
            part = self.blocks.of(self.inode, number)[inside : inside + left]
            found.append(part)
            offset, left = offset + len(part), left - len(part)
        return b"".join(found)


class SquashTree(Tree):
    """A file system; see :class:`evidence.filesystems.opened.OpenedFileSystem`. Addresses are references of inodes."""

    def __init__(self, source: Readable) -> None:
        """Open it; raises OSError and UnreadableRegionError where its root cannot be read."""
        self._superblock = superblock = parse_superblock(source.read_at(0, SUPERBLOCK.size))
        self._tables = Tables(source, superblock)
        self._blocks = Blocks(source, superblock, self._tables)
        self._attributes = Attributes(source, superblock, self._tables)
        self.root_address = str(superblock.root)
        if self._tables.inode(superblock.root).kind != 1:
            raise OSError("its root is no directory")
        self.declared_bytes = superblock.used_bytes
        self.size_bytes = 1 << 62  # contents are larger than the volume; what is digested is decided here
        self.facts = FileSystem(type="squashfs", block_bytes=superblock.block_bytes, label=None, serial=None)

    def children(self, address: str) -> Iterator[Node | Problem]:
        """The names in a directory; see :class:`Tree`."""
        inode = self._tables.inode(int(address))
        if inode.kind != 1:
            raise OSError("it is no directory")
        for raw, reference in self._tables.names(inode):
            name, name_bytes = decoded(raw)
            if b"/" in raw or b"\0" in raw:
                what = f"The name {raw!r} is none; it is not listed."
                yield Problem(what=what, where="", offset_bytes=None)
                continue
            try:
                node, trouble = self._node(name, name_bytes, reference)
                if trouble:
                    what = f"The extended attributes of {name} cannot be read to their end: {trouble}"
                    yield Problem(what=what, where="", offset_bytes=None, about=UNREAD_ATTRIBUTES)
                yield node
            except UNREADABLE as error:
                what = f"The inode of {name} cannot be read: {reason(error)}"
                yield Problem(what=what, where="", offset_bytes=getattr(error, "offset_bytes", None))

    def content(self, address: str) -> ContentSource:
        """The content behind the reference of an inode, or of an extended attribute by its place there: ``96:0``."""
        number, mark, place = address.partition(_ATTRIBUTE)
        if not number.isascii() or not number.isdigit() or len(number) > 19:
            raise OSError("that is no address of a file")
        inode = self._tables.inode(int(number))
        if mark:
            for index, (_, value) in enumerate(self._attributes.of(inode.attributes)):
                if str(index) == place:
                    return value
            raise OSError("the file has no such attribute")
        if inode.kind != 2:
            raise OSError("it has no content")
        return self._content(inode)

    def time_rules(self, volume_id: str) -> Sequence[TimeRule]:
        """Each inode has one time."""
        return rules_of(volume_id, {"modified": ("inode", "utc", SECOND_NS)})

    def _content(self, inode: Inode) -> SquashContent:
        return SquashContent(
            blocks=self._blocks,
            inode=inode,
            block_bytes=self._superblock.block_bytes,
            size_bytes=inode.size_bytes,
        )

    def _node(self, name: str, name_bytes: bytes | None, reference: int) -> tuple[Node, str]:
        """The entry of an inode, and what is wrong with its extended attributes."""
        inode = self._tables.inode(reference)
        kind = _KINDS[inode.kind]
        target, note, content = None, None, None
        if kind == "link":
            if inode.size_bytes > LINK_MAX_BYTES:
                raise OSError(f"the link declares a target of {inode.size_bytes} bytes")
            target = self._tables.read(*inode.rest, inode.size_bytes)[0].decode(errors="replace")
        elif kind in ("block", "character"):
            device = inode.device
            note = f"device {device >> 8 & 0xFFF}:{device & 0xFF | device >> 12 & 0xFFF00}"
        elif kind == "file":
            if inode.size_bytes > max(_DIGESTED_BYTES, _DIGESTED_RATIO * self.declared_bytes):
                note = f"not digested: {inode.size_bytes} bytes are declared, which is too much for the file system"
            else:
                content = self._content(inode)
        streams, trouble = self._streams(inode, reference, name_bytes)
        node = Node(
            name=name,
            name_bytes=name_bytes,
            kind=kind,
            address=str(reference),
            size_bytes=inode.size_bytes if kind in ("file", "link") else 0,
            stamps=(inode.mtime_s * SECOND_NS, *(None,) * 8),
            link_target=target,
            note=note,
            content=content,
            order=inode.start,
            enter=str(reference) if kind == "directory" else None,
            streams=tuple(streams),
        )
        return node, trouble

    def _streams(self, inode: Inode, reference: int, raw_name: bytes | None) -> tuple[list[Stream], str]:
        """The extended attributes of an inode, and what is wrong with them."""
        found: list[Stream] = []
        try:
            for index, (raw, value) in enumerate(self._attributes.of(inode.attributes)):
                name, name_bytes = decoded(raw)
                address = f"{reference}{_ATTRIBUTE}{index}"
                whole = raw if raw_name is not None else name_bytes
                found.append(Stream(name=name, name_bytes=whole, address=address, content=value))
        except UNREADABLE as error:
            return found, reason(error)
        return found, ""


def open_squashfs(source: Readable, found: Found) -> SquashTree:
    """Open what the signature told.

    Raises:
        FileSystemError: It cannot be opened; says why.
    """
    try:
        return SquashTree(source)
    except UNREADABLE as error:
        raise FileSystemError(found.type, reason(error)) from error
