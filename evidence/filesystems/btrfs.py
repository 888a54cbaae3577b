"""Btrfs as a tree of names, with its subvolumes and snapshots at their places."""

from __future__ import annotations

import stat
from collections.abc import Iterable, Iterator, Mapping, Sequence

from evidence.filesystems.base import FileSystem, TimeRule
from evidence.filesystems.btrfs_attributes import MARK, MAX_BYTES, attribute, streams
from evidence.filesystems.btrfs_extents import BtrfsContent, parse_extent
from evidence.filesystems.btrfs_free import Shown, occupied, slack, unallocated
from evidence.filesystems.btrfs_items import (
    DIR_INDEX,
    EXTENT_DATA,
    FIRST_FREE,
    FS_TREE,
    INODE_ITEM,
    LAST_FREE,
    ORPHAN_ITEM,
    ORPHAN_OBJECT,
    ROOT_ITEM,
    ROOT_REF,
    XATTR_ITEM,
    Inode,
    Name,
    parse_inode,
    parse_names,
)
from evidence.filesystems.btrfs_tree import LAST, BTree, Lost
from evidence.filesystems.btrfs_volume import BtrfsVolume
from evidence.filesystems.content import UNREADABLE, BytesContent, ContentSource, reason
from evidence.filesystems.listing import Node, Stream, Tree, decoded
from evidence.filesystems.ranges import JoinedRanges, Range
from evidence.filesystems.stamps import Stamps, rules_of
from evidence.filesystems.unix import KINDS
from evidence.images.base import Problem
from evidence.volumes.base import Readable

_ORPHANS = "orphans"
_MAX_LINK_BYTES = 4096
_KIND_OF_TYPE = ("file", "file", "directory", "character", "block", "fifo", "socket", "link")

GIVE_ALL = "Raw images of all its devices can be read together: give their files at once."


class BtrfsTree(Tree):
    """An opened Btrfs; see :class:`evidence.filesystems.listing.Tree`.

    An inode of the uppermost subvolume has its number for an address, others that of their subvolume before it.
    """

    def __init__(
        self, source: Readable, others: Mapping[int, Readable], problems: Sequence[Problem] = (), *, shown: Shown
    ) -> None:
        """Open the file system on ``source`` and its other devices, by their numbers; raises FileSystemError.

        Args:
            source: The device whose superblock counts.
            others: The others that are there.
            problems: What was found to be wrong with the devices.
            shown: The volume that it is opened for, in which perhaps not all devices lie.
        """
        self._shown = shown
        self._free: JoinedRanges | None = None
        volume = self._volume = BtrfsVolume(source, others)
        facts = volume.superblock
        volume.problems += problems
        if volume.space.missing:
            numbers = ", ".join(str(number) for number in sorted(volume.space.missing))
            what = (
                f"This Btrfs spans {facts.devices} devices; missing here: device {numbers}. "
                f"What has a copy on the others is read; the rest is not readable. {GIVE_ALL}"
            )
            volume.problems.append(Problem(what=what, where="", offset_bytes=None))
        serial = "-".join(facts.fsid.hex()[a:b] for a, b in ((0, 8), (8, 12), (12, 16), (16, 20), (20, 32)))
        self.facts = FileSystem(type="btrfs", block_bytes=facts.sector_bytes, label=facts.label, serial=serial)
        self.declared_bytes = shown.declared_bytes or facts.device_bytes
        self.size_bytes = min(facts.total_bytes, sum(item.media_bytes for item in (source, *others.values())))
        self.root_address = str(FIRST_FREE)
        self._entered = {FS_TREE}
        self._gone: set[int] = set()

    def time_rules(self, volume_id: str) -> Sequence[TimeRule]:
        """Nanoseconds in UTC."""
        fields = ("modified", "accessed", "changed", "created")
        return rules_of(volume_id, dict.fromkeys(fields, ("inode", "utc", 1)))

    def remarks(self) -> Sequence[str]:
        """What is not applied, not here, or not listed."""
        found, facts = [], self._volume.superblock
        if facts.has_log:
            found.append(
                "The log tree of this Btrfs holds changes that were never brought to their places: it was not "
                "unmounted. They are not applied; the files are listed as of the last commit."
            )
        return found

    def content(self, address: str) -> ContentSource:
        """The content behind an address; with ``:0`` behind it, of an extended attribute."""
        address, mark, place = address.partition(MARK)
        tree, number = _parts(address)
        if mark:
            return attribute(self._volume.tree(tree, quiet=True), number, place)
        inode = self._inode(self._volume.tree(tree, quiet=True), number)
        if inode is None or not stat.S_ISREG(inode.mode):
            raise OSError("there is no such file" if inode is None else "that is no regular file")
        return self._content(tree, number, inode)

    def unallocated(self) -> JoinedRanges:
        """What no extent uses, of the devices in the volume that is looked at."""
        if self._free is None:
            self._free = unallocated(self._volume, self._shown)
        return self._free

    def slack(self, address: str) -> ContentSource:
        """What lies behind the end of a file in its last extents; nothing behind an extended attribute."""
        address, mark, place = address.partition(MARK)
        number, inode_number = _parts(address)
        tree = self._volume.tree(number, quiet=True)
        inode = self._inode(tree, inode_number)
        if inode is None:
            raise OSError("there is no such file")
        if mark:
            attribute(tree, inode_number, place)  # raises where there is none
            return BytesContent(b"")
        return slack(self._volume, self._shown, tree, inode_number, inode.size_bytes)

    def occupied(self, address: str) -> list[Range]:
        """Where a content lies, of the devices in the volume that is looked at, on every copy."""
        content = self.content(address)
        if not isinstance(content, BtrfsContent):
            return []
        return list(occupied(self._volume, self._shown, content.tree, content.number, content.size_bytes))

    def children(self, address: str) -> Iterator[Node | Problem]:
        """The names in a directory; a subvolume is one."""
        yield from self._told()
        if address == _ORPHANS:
            yield from self._orphans()
        else:
            tree_number, number = _parts(address)
            tree = self._volume.tree(tree_number)
            for (_, _, _), raw in tree.items((number, DIR_INDEX, 0), (number, DIR_INDEX, LAST), self._lost(address)):
                for name in self._names(raw, address):
                    yield self._node(tree, tree_number, number, name) if isinstance(name, Name) else name
        yield from self._told()

    def extra(self) -> Iterable[Node | Problem]:
        """The folder of what has no name any more."""
        if next((node for node in self._orphans() if isinstance(node, Node)), None) is not None:
            yield Node(name="$OrphanFiles", kind="virtual", address="0", enter=_ORPHANS)
        yield from self._told()

    def as_read(self) -> Iterable[Problem]:
        """Copies of data that are damaged."""
        damaged = self._volume.data.take_damaged()
        return (damaged,) if damaged else ()

    def _told(self) -> Iterator[Problem]:
        while self._volume.problems:
            yield self._volume.problems.pop(0)

    def _lost(self, address: str) -> Lost:
        def tell(error: Exception) -> None:
            what = f"A part of the directory {address} cannot be read, names are missing: {reason(error)}."
            offset = getattr(error, "offset_bytes", None)
            self._volume.problems.append(Problem(what=what, where="", offset_bytes=offset))

        return tell

    def _names(self, raw: bytes, address: str) -> Iterator[Name | Problem]:
        try:
            yield from parse_names(raw)
        except OSError as error:
            what = f"A name in the directory {address} cannot be read: {error}."
            yield Problem(what=what, where="", offset_bytes=None)

    def _node(self, tree: BTree, tree_number: int, parent: int, name: Name) -> Node:
        if name.is_subvolume:
            return self._subvolume(tree_number, parent, name)
        return self._file(tree, tree_number, name.number, name.name, name.type)

    def _file(
        self, tree: BTree, tree_number: int, number: int, name: bytes, type_: int, *, orphan: bool = False
    ) -> Node:
        text, raw_name = decoded(name)
        address = _address(tree_number, number)
        is_gone = orphan or tree_number in self._gone
        kind = _KIND_OF_TYPE[type_] if type_ < len(_KIND_OF_TYPE) else "file"
        try:
            inode, extent, attributes = self._look(tree, number)
        except UNREADABLE as error:
            what = f"The inode {address} of a name in a directory cannot be read: {reason(error)}."
            self._volume.problems.append(Problem(what=what, where="", offset_bytes=None))
            unread = f"its inode cannot be read: {reason(error)}"
            return Node(name=text, name_bytes=raw_name, kind=kind, address=address, allocated=not is_gone, note=unread)
        kind = KINDS.get(stat.S_IFMT(inode.mode), kind)
        target, note = self._target(inode, extent) if kind == "link" else (None, None)
        further, why = _streams(address, raw_name, attributes)
        return Node(
            name=text,
            name_bytes=raw_name,
            kind=kind,
            address=address,
            size_bytes=inode.size_bytes,
            stamps=_stamps(inode),
            allocated=not is_gone,
            orphan=orphan,
            link_target=target,
            note=_joined(note, why),
            streams=further,
            content=self._content(tree_number, number, inode) if kind == "file" else None,
            order=int.from_bytes(extent[21:29], "little") if kind == "file" and extent[20:21] == b"\1" else 0,
            enter=address if kind == "directory" else None,
        )

    def _look(self, tree: BTree, number: int) -> tuple[Inode, bytes, list[bytes]]:
        """An inode, the item of its first extent, and those of its attributes, which mostly lie side by side."""
        inode, extent, attributes = None, b"", list[bytes]()
        last, held_bytes = EXTENT_DATA, 0
        for (_, kind, _), raw in tree.items((number, INODE_ITEM, 0), (number, EXTENT_DATA, LAST)):
            if kind > last:
                break
            if kind == INODE_ITEM:
                inode = parse_inode(raw)
                last = XATTR_ITEM if stat.S_ISDIR(inode.mode) else EXTENT_DATA  # names follow, perhaps many
            elif kind == XATTR_ITEM and held_bytes <= MAX_BYTES:
                attributes.append(raw)
                held_bytes += len(raw)
            elif kind == EXTENT_DATA:
                extent = raw
                break
        if inode is None:
            raise OSError("it is not there")
        return inode, extent, attributes

    def _inode(self, tree: BTree, number: int) -> Inode | None:
        raw = tree.get((number, INODE_ITEM, 0))
        return parse_inode(raw) if raw is not None else None

    def _content(self, tree_number: int, number: int, inode: Inode) -> BtrfsContent:
        return BtrfsContent(
            data=self._volume.data,
            tree=self._volume.tree(tree_number, quiet=True),
            number=number,
            size_bytes=inode.size_bytes,
            has_checksums=inode.has_checksums,
            sector_bytes=self._volume.superblock.sector_bytes,
        )

    def _target(self, inode: Inode, extent: bytes) -> tuple[str | None, str | None]:
        """Where a link leads, and why that cannot be told."""
        try:
            found = parse_extent(0, extent)
        except OSError as error:
            return None, f"the target of the link cannot be read: {error}"
        if found.compression or not 0 < inode.size_bytes <= min(len(found.inline), _MAX_LINK_BYTES):
            return None, "the target of the link cannot be read: its extent is damaged"
        return found.inline[: inode.size_bytes].decode("utf-8", errors="replace"), None

    def _subvolume(self, tree_number: int, parent: int, name: Name) -> Node:
        """A directory that is a subvolume; in a snapshot those of its origin are empty directories."""
        text, raw_name = decoded(name.name)
        number, is_gone = name.number, tree_number in self._gone
        address = _address(number, FIRST_FREE)
        note = self._why_not(tree_number, parent, number)
        if note is not None:
            return Node(
                name=text, name_bytes=raw_name, kind="directory", address=address, allocated=not is_gone, note=note
            )
        self._entered.add(number)
        attributes: list[bytes] = []
        try:
            inode, _, attributes = self._look(self._volume.tree(number), FIRST_FREE)
        except UNREADABLE as error:
            inode, note = None, f"the subvolume {number} cannot be read: {reason(error)}"
        further, why = _streams(address, raw_name, attributes)
        return Node(
            name=text,
            name_bytes=raw_name,
            kind="directory",
            address=address,
            size_bytes=inode.size_bytes if inode else 0,
            stamps=_stamps(inode) if inode else (None,) * 9,
            allocated=not is_gone,
            note=_joined(note or self._describe(number), why),
            streams=further,
            enter=address,
        )

    def _why_not(self, tree_number: int, parent: int, number: int) -> str | None:
        """Why a name of a subvolume leads nowhere; None where it does."""
        try:
            raw = self._volume.roots.get((tree_number, ROOT_REF, number))
        except UNREADABLE as error:
            return f"where the subvolume {number} belongs cannot be read: {reason(error)}"
        if raw is None or int.from_bytes(raw[:8], "little") != parent:
            return f"stands for the subvolume {number}, which is not part of this snapshot"
        return None if self._volume.subvolume(number) else f"the subvolume {number} is not there"

    def _describe(self, number: int) -> str:
        found = self._volume.subvolume(number)
        if found is None:
            return f"subvolume {number}"
        kind = "snapshot" if any(found.parent_uuid) else "subvolume"
        return f"{kind} {number}, read-only" if found.is_read_only else f"{kind} {number}"

    def _orphans(self) -> Iterator[Node | Problem]:
        """Files deleted while open, and subvolumes that no name leads to."""
        for number in self._all_subvolumes():
            if number not in self._entered:
                yield self._lost_subvolume(number)
            try:
                tree = self._volume.tree(number)
            except OSError:
                continue  # told when its root was read
            low, high = (ORPHAN_OBJECT, ORPHAN_ITEM, 0), (ORPHAN_OBJECT, ORPHAN_ITEM, LAST)
            for (_, _, inode), _ in tree.items(low, high, self._lost(f"of orphans of subvolume {number}")):
                name = f"OrphanFile-{_address(number, inode)}".encode()
                yield self._file(tree, number, inode, name, 0, orphan=True)

    def _all_subvolumes(self) -> Iterator[int]:
        last = -1
        low, high = (FS_TREE, ROOT_ITEM, 0), (LAST_FREE, ROOT_ITEM, LAST)
        for (number, kind, _), _ in self._volume.roots.items(low, high, self._lost("of subvolumes")):
            if kind == ROOT_ITEM and number != last and (number == FS_TREE or number >= FIRST_FREE):
                last = number
                yield number

    def _lost_subvolume(self, number: int) -> Node:
        found = self._volume.subvolume(number)
        self._gone.add(number)
        note = "deleted subvolume" if found is not None and not found.references else "subvolume without a name"
        if found is not None and found.is_partly_gone:
            note += ", partly cleared already"
        address = _address(number, FIRST_FREE)
        return Node(
            name=f"Subvolume-{number}",
            kind="directory",
            address=address,
            allocated=False,
            orphan=True,
            note=note,
            enter=address,
        )


def _streams(address: str, name: bytes | None, attributes: list[bytes]) -> tuple[tuple[Stream, ...], str | None]:
    """The extended attributes of an inode, and why they cannot be told."""
    try:
        return streams(address, name, attributes), None
    except OSError as error:
        return (), f"its extended attributes cannot be read: {error}"


def _joined(*notes: str | None) -> str | None:
    return "; ".join(filter(None, notes)) or None


def _address(tree: int, number: int) -> str:
    return str(number) if tree == FS_TREE else f"{tree}-{number}"


def _parts(address: str) -> tuple[int, int]:
    """Number of the tree and of the inode."""
    parts = address.split("-")
    if not all(part.isascii() and part.isdigit() and len(part) < 21 for part in parts) or len(parts) > 2:
        raise OSError("that is no address of a file")
    numbers = [int(part) for part in parts]
    return (numbers[0], numbers[1]) if len(numbers) == 2 else (FS_TREE, numbers[0])


def _stamps(inode: Inode) -> Stamps:
    return (
        inode.modified_ns,
        inode.accessed_ns,
        inode.changed_ns,
        inode.created_ns,
        None,
        None,
        None,
        None,
        None,
    )
