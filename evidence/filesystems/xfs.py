"""XFS of versions 4 and 5 as a tree of names."""

from __future__ import annotations

import stat
from collections.abc import Iterable, Iterator, Sequence

from evidence.filesystems.base import FileSystem, TimeRule
from evidence.filesystems.content import UNREADABLE, ContentSource, reason
from evidence.filesystems.listing import Node, Stream, Tree, decoded
from evidence.filesystems.ranges import JoinedRanges
from evidence.filesystems.signatures import Found
from evidence.filesystems.stamps import NONE, Stamps, rules_of
from evidence.filesystems.unix import KINDS
from evidence.filesystems.xfs_attributes import attributes
from evidence.filesystems.xfs_directory import Entry, entries
from evidence.filesystems.xfs_disk import Disk, read_superblock
from evidence.filesystems.xfs_extents import XfsContent, first_block
from evidence.filesystems.xfs_free_space import free_ranges, slack_ranges
from evidence.filesystems.xfs_groups import Groups, log_is_clean
from evidence.filesystems.xfs_inode import Inode, read_inode
from evidence.filesystems.xfs_links import target_of
from evidence.images.base import Problem
from evidence.volumes.base import Readable

_KIND_OF_TYPE = ("file", "file", "directory", "character", "block", "fifo", "socket", "link", "file")
_ORPHANS, _ATTRIBUTE = "orphans", ":"
_FREED = "the inode was freed: its size and the place of its content were erased with it"
_REUSED = "the inode number was given to another file since; what it holds now does not belong to this name"
_UNKNOWN = "the entry keeps only the lower half of its inode number; which inode it was cannot be told"


class XfsTree(Tree):
    """An opened XFS; see :class:`evidence.filesystems.listing.Tree`."""

    def __init__(self, source: Readable, found: Found) -> None:
        """Open what a signature found; raises FileSystemError."""
        sizes = self._sizes = read_superblock(source)
        self._disk = Disk(source, sizes)
        self._groups = Groups(self._disk)
        self.facts = FileSystem(type="xfs", block_bytes=sizes.block_bytes, label=found.label, serial=found.serial)
        self.declared_bytes = sizes.volume_bytes
        self.size_bytes = min(sizes.volume_bytes, source.media_bytes)
        self.root_address = str(sizes.root_inode)
        self._named: set[int] = set()

    def time_rules(self, volume_id: str) -> Sequence[TimeRule]:
        """Nanoseconds in UTC; the time of creation from version 5 on."""
        fields = ["modified", "accessed", "changed"] + ["created"] * self._sizes.has_checksums
        return rules_of(volume_id, dict.fromkeys(fields, ("inode", "utc", 1)))

    def remarks(self) -> Sequence[str]:
        """The state of the log, and what lies elsewhere."""
        found = []
        if not self._sizes.log_start:
            found.append("The log of this XFS lies on another device; whether changes in it are missing is not known.")
        elif log_is_clean(self._disk) is False:
            found.append(
                "The log of this XFS holds changes that were never brought to their places: it was not unmounted. They "
                "are not applied; the files are listed as they stand on the disk."
            )
        if self._sizes.realtime_blocks:
            found.append("This XFS has a realtime device; the content of files on it is not part of this volume.")
        if self._sizes.needs_repair:
            found.append("This XFS is marked as in need of repair by its own driver.")
        return found

    def content(self, address: str) -> ContentSource:
        """The content behind the number of an inode, or of an extended attribute by its place there: ``131:0``."""
        number, mark, place = address.partition(_ATTRIBUTE)
        inode = self._inode(number)
        if mark:
            return self._attribute(inode, place)
        if not stat.S_ISREG(inode.mode):
            raise OSError(_FREED if not inode.mode else "that is no regular file")
        return XfsContent(self._disk, inode)

    def _attribute(self, inode: Inode, place: str) -> ContentSource:
        wanted = int(place) if place.isascii() and place.isdigit() and len(place) < 10 else -1
        for index, attribute in enumerate(attributes(self._disk, inode)):
            if index == wanted:
                return attribute.content
        raise OSError("the file has no such attribute")

    def unallocated(self) -> JoinedRanges:
        """What nothing uses."""
        return JoinedRanges(self._disk.source, free_ranges(self._disk))

    def slack(self, address: str) -> JoinedRanges:
        """The blocks of a file beyond its size; a directory fills its blocks."""
        if _ATTRIBUTE in address:
            raise OSError("the slack of extended attributes is not read")
        inode = self._inode(address)
        if not stat.S_ISREG(inode.mode) and not stat.S_ISDIR(inode.mode):
            raise OSError(_FREED if not inode.mode else "that is no regular file")
        is_file = stat.S_ISREG(inode.mode)
        return JoinedRanges(self._disk.source, slack_ranges(self._disk, inode) if is_file else ())

    def _inode(self, address: str) -> Inode:
        if not address.isascii() or not address.isdigit() or len(address) > 20:
            raise OSError("that is no address of a file")
        return read_inode(self._disk, int(address))

    def children(self, address: str) -> Iterator[Node | Problem]:
        """The names in a directory, and those that were erased from it."""
        if address == _ORPHANS:
            yield from self._orphans()
            return
        if address == self.root_address and not self._sizes.is_checksum_right:
            what = "The checksum of the superblock is wrong; what it says may be wrong."
            yield Problem(what=what, where="", offset_bytes=224)
        inode = read_inode(self._disk, int(address))
        if not inode.is_checksum_right and address == self.root_address:
            yield _wrong_checksum(inode)
        if not stat.S_ISDIR(inode.mode):
            raise OSError(f"inode {inode.number} at byte {inode.offset_bytes} is no directory")
        for entry in entries(self._disk, inode):
            if isinstance(entry, Problem):
                yield entry
            elif entry.is_erased:
                yield from self._erased(entry)
            else:
                yield from self._entry(entry)

    def extra(self) -> Iterable[Node | Problem]:
        """The folder of what has no name any more."""
        problems: list[Problem] = []
        for found in self._orphans():
            if isinstance(found, Node):
                yield Node(name="$OrphanFiles", kind="virtual", address="0", enter=_ORPHANS)
                return
            problems.append(found)
        yield from problems

    def _orphans(self) -> Iterator[Node | Problem]:
        """Files that were deleted while open, whole; and freed inodes, of which only the times are left."""
        for number in self._groups.unlinked():
            if isinstance(number, Problem):
                yield number
                continue
            if number in self._named:
                continue
            yield from self._node(b"OrphanFile-%d" % number, read_inode(self._disk, number), is_orphan=True)
        for number in self._groups.free_inodes():
            if isinstance(number, Problem):
                yield number
                continue
            if number in self._named:
                continue
            try:
                inode = read_inode(self._disk, number)
            except UNREADABLE:
                continue  # never written
            if not inode.mode and inode.changed_ns and inode.is_checksum_right:
                yield Node(
                    name=f"OrphanFile-{number}",
                    kind="file",
                    address=str(number),
                    stamps=_stamps(inode),
                    allocated=False,
                    orphan=True,
                    note=_FREED,
                )

    def _entry(self, entry: Entry) -> Iterator[Node | Problem]:
        name, raw_name = decoded(entry.name)
        try:
            inode = read_inode(self._disk, entry.number)
        except UNREADABLE as error:
            what = f"The inode {entry.number} of a name in a directory cannot be read: {reason(error)}."
            yield Problem(what=what, where="", offset_bytes=getattr(error, "offset_bytes", None))
            yield Node(
                name=name,
                name_bytes=raw_name,
                kind=_kind_of_type(entry.type),
                address=str(entry.number),
                note=f"its inode cannot be read: {reason(error)}",
            )
            return
        yield from self._node(entry.name, inode)

    def _node(
        self, name: bytes, inode: Inode, *, is_orphan: bool = False, is_deleted: bool = False
    ) -> Iterator[Node | Problem]:
        text, raw_name = decoded(name)
        kind = KINDS.get(stat.S_IFMT(inode.mode))
        notes = []
        if not inode.is_checksum_right:
            yield _wrong_checksum(inode)
            notes.append("the checksum of its inode is wrong: nothing of it is certain")
        if kind is None:
            what = f"A name leads to the inode {inode.number}, which is free or of no known kind."
            yield Problem(what=what, where="", offset_bytes=inode.offset_bytes)
            notes.append(f"its inode has the mode {inode.mode:#o}: it is free or of no known kind")
        streams, trouble = self._streams(inode, raw_name)
        if trouble:
            yield Problem(what=trouble, where="", offset_bytes=inode.offset_bytes)
        target = None
        if kind == "link":
            try:
                target = target_of(self._disk, inode)
            except UNREADABLE as error:
                notes.append(f"the target of the link cannot be read: {reason(error)}")
        is_file = kind == "file"
        yield Node(
            name=text,
            name_bytes=raw_name,
            kind=kind or "file",
            address=str(inode.number),
            size_bytes=inode.size_bytes,
            stamps=_stamps(inode),
            allocated=not is_orphan and not is_deleted,
            orphan=is_orphan,
            link_target=target,
            note="; ".join(notes) or None,
            content=XfsContent(self._disk, inode) if is_file else None,
            order=first_block(self._disk, inode) if is_file else 0,
            enter=str(inode.number) if kind == "directory" and inode.links else None,
            streams=tuple(streams),
        )

    def _streams(self, inode: Inode, raw_name: bytes | None) -> tuple[list[Stream], str]:
        """The extended attributes of an inode, and what is wrong with them."""
        found: list[Stream] = []
        try:
            for index, attribute in enumerate(attributes(self._disk, inode)):
                name, name_bytes = decoded(attribute.name)
                found.append(
                    Stream(
                        name=name,
                        name_bytes=attribute.name if raw_name is not None else name_bytes,
                        address=f"{inode.number}{_ATTRIBUTE}{index}",
                        content=attribute.content,
                    )
                )
        except UNREADABLE as error:
            return (
                found,
                f"The extended attributes of inode {inode.number} cannot be read to their end: {reason(error)}",
            )
        return found, ""

    def _erased(self, entry: Entry) -> Iterator[Node | Problem]:
        """A name found in unused space, with what is left of its inode."""
        if self._sizes.groups > 1 and (self._sizes.groups - 1) << self._sizes.inode_shift >= 1 << 32:
            yield self._lost(entry, _UNKNOWN, address="0")
            return
        try:
            inode = read_inode(self._disk, entry.number)
        except UNREADABLE:
            yield self._lost(entry, "its inode is no longer there")
            return
        if inode.mode and inode.links:
            yield self._lost(entry, _REUSED, realloc=True)
            return
        self._named.add(entry.number)
        if inode.mode:
            yield from self._node(entry.name, inode, is_orphan=False, is_deleted=True)
        else:
            yield self._lost(entry, _FREED, stamps=_stamps(inode))

    def _lost(
        self, entry: Entry, note: str, *, address: str | None = None, stamps: Stamps = NONE, realloc: bool = False
    ) -> Node:
        name, raw_name = decoded(entry.name)
        return Node(
            name=name,
            name_bytes=raw_name,
            kind=_kind_of_type(entry.type),
            address=address or str(entry.number),
            stamps=stamps,
            allocated=False,
            realloc=realloc,
            note=note,
        )


def open_xfs(source: Readable, found: Found) -> XfsTree:
    """Open what a signature found; raises FileSystemError."""
    return XfsTree(source, found)


def _stamps(inode: Inode) -> Stamps:
    return (
        inode.modified_ns, inode.accessed_ns, inode.changed_ns, inode.created_ns, None, None, None, None, None,
    )  # fmt: skip


def _kind_of_type(type_: int) -> str:
    return _KIND_OF_TYPE[type_] if type_ < len(_KIND_OF_TYPE) else "file"


def _wrong_checksum(inode: Inode) -> Problem:
    what = f"The checksum of the inode {inode.number} at byte {inode.offset_bytes} is wrong."
    return Problem(what=what, where="", offset_bytes=inode.offset_bytes, about="inodes with a wrong checksum")
