"""UFS whose superblock stands where The Sleuth Kit does not look, as a tree of names.

FreeBSD takes a UFS2 superblock at byte 65536, 8192, 0 or 262144; ``makefs``, which makes the images that FreeBSD is
given out as, puts it at 8192.
"""

from __future__ import annotations

import stat
import struct
from collections.abc import Iterator, Sequence

from evidence.filesystems.base import FileSystem, TimeRule
from evidence.filesystems.content import UNREADABLE, reason
from evidence.filesystems.listing import Node, Tree, decoded
from evidence.filesystems.opened import FileSystemError, OpenedFileSystem
from evidence.filesystems.ranges import JoinedRanges
from evidence.filesystems.signatures import UFS_SUPERBLOCK_BYTES, Found, ufs_superblock
from evidence.filesystems.sleuthkit import open_by_signature
from evidence.filesystems.ufs_disk import Inode, UfsContent, UfsDisk, read_superblock, rules
from evidence.filesystems.ufs_free_space import free_ranges, slack_ranges
from evidence.filesystems.unix import KINDS
from evidence.images.base import Problem
from evidence.volumes.base import Readable

_ROOT = 2
_SECTION_BYTES, _MAX_DIRECTORY_BYTES, _MAX_LINK_BYTES = 512, 1 << 28, 1 << 16
_KIND_OF_TYPE = {1: "fifo", 2: "character", 4: "directory", 6: "block", 8: "file", 10: "link", 12: "socket"}
_FREED = "the inode was freed: its size and the place of its content were erased with it"
_REUSED = "the inode number was given to another file since; what it holds now does not belong to this name"
_KNOWN_TO_TSK = frozenset({("ufs2", 65536), ("ufs2", 262144), ("ufs1", 8192)})


class UfsTree(Tree):
    """An opened UFS; see :class:`evidence.filesystems.listing.Tree`."""

    root_address = str(_ROOT)

    def __init__(self, source: Readable, found: Found, at: int) -> None:
        """Open the superblock at ``at``; raises OSError and UnreadableRegionError."""
        self._block = read_superblock(source.read_at(at, UFS_SUPERBLOCK_BYTES))
        self._disk = UfsDisk(source, self._block)
        self.facts = FileSystem(
            type=found.type, block_bytes=self._block.block_bytes, label=found.label, serial=found.serial
        )
        self.declared_bytes = self._block.fragments * self._block.fragment_bytes
        self.size_bytes = min(self.declared_bytes, source.media_bytes)
        self._has_attributes = False

    def time_rules(self, volume_id: str) -> Sequence[TimeRule]:
        """Nanoseconds in UTC, as for the UFS that The Sleuth Kit reads."""
        return rules(volume_id, self._block)

    def remarks(self) -> Sequence[str]:
        """Whether it was unmounted, and what is not listed."""
        told = []
        if not self._block.is_clean:
            told.append("This UFS was not unmounted; the files are listed as they stand on the disk.")
        if self._has_attributes:
            told.append("Some files have extended attributes; these are not listed.")
        return told

    def content(self, address: str) -> UfsContent:
        """The content behind the number of an inode."""
        inode = self._inode(address)
        if not stat.S_ISREG(inode.mode):
            raise OSError(_FREED if not inode.mode else "that is no regular file")
        return UfsContent(self._disk, inode)

    def unallocated(self) -> JoinedRanges:
        """What nothing uses."""
        return JoinedRanges(self._disk.source, free_ranges(self._disk))

    def slack(self, address: str) -> JoinedRanges:
        """What lies behind the end of a content in the fragments that belong to it."""
        inode = self._inode(address)
        if not inode.mode:
            raise OSError(_FREED)
        return JoinedRanges(self._disk.source, slack_ranges(self._disk, inode))

    def _inode(self, address: str) -> Inode:
        if not address.isascii() or not address.isdigit() or len(address) > 20:
            raise OSError("that is no address of a file")
        return self._disk.inode(int(address))

    def children(self, address: str) -> Iterator[Node | Problem]:
        """The names in a directory, and those erased from it."""
        inode = self._disk.inode(int(address))
        if not stat.S_ISDIR(inode.mode):
            raise OSError(f"inode {inode.number} at byte {inode.offset_bytes} is no directory")
        if inode.size_bytes > _MAX_DIRECTORY_BYTES:
            raise OSError(f"it claims to have {inode.size_bytes} bytes")
        content = UfsContent(self._disk, inode)
        for at in range(0, inode.size_bytes, _SECTION_BYTES):
            section = content.read(at, _SECTION_BYTES)
            yield from self._section(section, at, inode)

    def _section(self, section: bytes, at: int, inode: Inode) -> Iterator[Node | Problem]:
        """The records of one section; none reaches over its end."""
        place = 0
        while place + 8 <= len(section):
            number, length, kind, name_bytes = self._head(section, place)
            need = 8 + name_bytes
            if length < 12 or length % 4 or place + length > len(section) or (number and need > length):
                what = f"The record at byte {at + place} of the directory {inode.number} is damaged; here is its inode."
                yield Problem(what=what, where="", offset_bytes=inode.offset_bytes)
                return
            name = section[place + 8 : place + need]
            if number and name not in (b".", b".."):
                yield from self._entry(name, number)
            elif not number and self._is_name(name):
                yield self._erased(name, 0, kind)
            used = _whole(need) if number or self._is_name(name) else 12
            yield from self._slack(section[: place + length], place + used)
            place += length

    def _slack(self, section: bytes, place: int) -> Iterator[Node]:
        """Names behind a record that was made longer to hide them."""
        while place + 12 <= len(section):
            number, length, kind, name_bytes = self._head(section, place)
            need = 8 + name_bytes
            name = section[place + 8 : place + need]
            fits = place + need < len(section) and not section[place + need] and length % 4 == 0
            if fits and number and kind in _KIND_OF_TYPE and self._is_name(name) and name not in (b".", b".."):
                yield self._erased(name, number, kind)
                place += _whole(need)
            else:
                place += 4

    def _head(self, section: bytes, place: int) -> tuple[int, int, int, int]:
        """Inode, length of the record, type, length of the name."""
        number, length, kind, name_bytes = struct.unpack_from(f"{self._block.order}IHBB", section, place)
        if self._block.has_long_names:
            kind, name_bytes = 0, struct.unpack_from(f"{self._block.order}H", section, place + 6)[0]
        return number, length, kind, name_bytes

    @staticmethod
    def _is_name(name: bytes) -> bool:
        return bool(name) and b"\0" not in name and b"/" not in name

    def _entry(self, raw: bytes, number: int) -> Iterator[Node | Problem]:
        name, name_bytes = decoded(raw)
        try:
            inode = self._disk.inode(number)
        except UNREADABLE as error:
            note = f"its inode cannot be read: {reason(error)}"
            what = f"The inode {number} of a name cannot be read: {reason(error)}"
            yield Problem(what=what, where="", offset_bytes=getattr(error, "offset_bytes", None))
            yield Node(name=name, name_bytes=name_bytes, kind="file", address=str(number), note=note)
            return
        kind = KINDS.get(stat.S_IFMT(inode.mode))
        self._has_attributes |= inode.has_attributes
        notes = [] if kind else [f"its inode has the mode {inode.mode:#o}: it is free or of no known kind"]
        target = None
        if kind == "link":
            try:
                target = self._target(inode)
            except UNREADABLE as error:
                notes.append(f"the target of the link cannot be read: {reason(error)}")
        yield Node(
            name=name,
            name_bytes=name_bytes,
            kind=kind or "file",
            address=str(number),
            size_bytes=inode.size_bytes,
            stamps=inode.stamps,
            link_target=target,
            note="; ".join(notes) or None,
            content=UfsContent(self._disk, inode) if kind == "file" else None,
            order=inode.blocks[0] if kind == "file" else 0,
            enter=str(number) if kind == "directory" else None,
        )

    def _erased(self, raw: bytes, number: int, type_: int) -> Node:
        """A deleted name; the inode behind it was cleared, or serves another file."""
        name, name_bytes = decoded(raw)
        note, realloc = _FREED, False
        if not number:
            note = "the number of its inode was erased: size, times and content are not available"
        else:
            try:
                realloc = self._disk.inode(number).mode != 0
            except UNREADABLE:
                note = "its inode is no longer there"
            note = _REUSED if realloc else note
        return Node(
            name=name,
            name_bytes=name_bytes,
            kind=_KIND_OF_TYPE.get(type_, "file"),
            address=str(number) if number else "",
            allocated=False,
            realloc=realloc,
            note=note,
        )

    def _target(self, inode: Inode) -> str:
        if inode.size_bytes < self._block.short_link_bytes:
            raw = inode.inline[: inode.size_bytes]
        else:
            raw = UfsContent(self._disk, inode).read(0, min(inode.size_bytes, _MAX_LINK_BYTES))
        return raw.split(b"\0")[0].decode(errors="replace")


def open_ufs(source: Readable, found: Found) -> OpenedFileSystem:
    """Open what a signature found, by The Sleuth Kit where that knows the place of its superblock.

    Raises:
        FileSystemError: It cannot be opened; says why.
    """
    at = ufs_superblock(source)
    if at is None:
        raise FileSystemError(found.type, "the superblock is gone")
    if (found.type, at) in _KNOWN_TO_TSK:
        return open_by_signature(source, found)
    try:
        return UfsTree(source, found, at)
    except UNREADABLE as error:
        raise FileSystemError(found.type, reason(error)) from error


def _whole(size_bytes: int) -> int:
    """The least length of a record: a zero byte follows the name, and all of it is a multiple of four."""
    return (size_bytes + 4) // 4 * 4
