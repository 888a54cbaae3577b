"""APFS: the files of one volume, or of one of its snapshots."""

from __future__ import annotations

import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from evidence.filesystems import decmpfs
from evidence.filesystems.apfs_content import StreamContent, Streams, StreamSlack, kept_extents
from evidence.filesystems.apfs_records import (
    ATTRIBUTE,
    COMPRESSED,
    ENTRY,
    INODE,
    IS_SPARSE,
    MAX_ID,
    PLACEHOLDER,
    PRIVATE_ID,
    ROOT_ID,
    Attribute,
    Entry,
    Inode,
    attribute_of,
    entry_of,
    inode_of,
    key_range,
    type_of,
)
from evidence.filesystems.base import FileSystem, TimeRule
from evidence.filesystems.content import UNREADABLE, BytesContent, ContentSource, reason
from evidence.filesystems.listing import Node, Stream, Tree, decoded
from evidence.filesystems.stamps import Stamps, rules_of
from evidence.filesystems.unix import KINDS
from evidence.images.base import Problem
from evidence.volumes.apfs_btree import BTree
from evidence.volumes.apfs_container import Container, ObjectMap, physical_node
from evidence.volumes.apfs_objects import ApfsDamageError
from evidence.volumes.apfs_volume import (
    CASE_INSENSITIVE,
    NORMALIZATION_INSENSITIVE,
    SEALED,
    VolumeNodes,
    VolumeSuperblock,
    record_order,
)
from evidence.volumes.ciphers import SectorCipher

LINK, DECMPFS, FORK = b"com.apple.fs.symlink", b"com.apple.decmpfs", b"com.apple.ResourceFork"
_SHARED = (
    "the free blocks of an APFS container belong to none of its volumes; they are the unallocated space of the volume "
    "that the container lies in"
)
_FOLDER_TYPE, _MAX_LINK_BYTES, _MAX_ATTRIBUTES = 4, 1 << 16, 1 << 14
_KINDS_BY_ENTRY = {1: "fifo", 2: "character", 4: "directory", 6: "block", 8: "file", 10: "link", 12: "socket"}


@dataclass(frozen=True, slots=True)
class _Object:
    """An inode with its attributes by name."""

    inode: Inode
    attributes: dict[bytes, Attribute]


class ApfsTree(Tree):
    """The files of an APFS volume as they were at one transaction."""

    root_address = str(ROOT_ID)

    def __init__(
        self,
        container: Container,
        map_: ObjectMap,
        volume: VolumeSuperblock,
        xid: int,
        cipher: SectorCipher | None,
        refusal: str = "",
    ) -> None:
        """Open the tree of a volume or snapshot.

        Args:
            container: In which it lies.
            map_: The object map of the volume, of a snapshot's too.
            volume: The superblock of the volume or of the snapshot.
            xid: The transaction.
            cipher: Of an encrypted volume that was unlocked.
            refusal: Why no content is to be trusted; empty where they are.

        Raises:
            ApfsDamageError: The tree is damaged at its root.
            UnreadableRegionError: It cannot be read.
        """
        blocks = container.blocks
        self.facts = FileSystem(
            type="apfs", block_bytes=blocks.block_bytes, label=volume.name or None, serial=volume.serial
        )
        self.declared_bytes = container.superblock.block_count * blocks.block_bytes
        self.size_bytes = min(self.declared_bytes, blocks.count * blocks.block_bytes)
        nodes = VolumeNodes(blocks, map_, volume, xid, cipher)
        self._records = BTree(volume.root, nodes.read, record_order)
        self._is_hashed = bool(volume.incompatible & (CASE_INSENSITIVE | NORMALIZATION_INSENSITIVE))
        sealed = None
        if volume.incompatible & SEALED and volume.extents_address:
            read = partial(physical_node, blocks, "the extents of the sealed volume", container.superblock.xid)
            sealed = BTree(volume.extents_address, read, _sealed_order)
        self._streams = Streams(
            blocks=blocks, tree=self._records, sealed=sealed, cipher=cipher, refusal=refusal, kept=kept_extents()
        )

    def time_rules(self, volume_id: str) -> Sequence[TimeRule]:
        """All four times are in the inode, in UTC, to the nanosecond."""
        fields = ("modified", "accessed", "changed", "created")
        return rules_of(volume_id, dict.fromkeys(fields, ("inode", "utc", 1)))

    def children(self, address: str) -> Iterator[Node | Problem]:
        """See :class:`Tree`; the names of the private directory are those of files removed while still in use."""
        parent = int(address)
        damage: list[Exception] = []
        for key, value in self._records.scan(*key_range(parent, ENTRY, ENTRY), damage.append):
            yield from _problems(damage)
            try:
                entry = entry_of(key, value, is_hashed=self._is_hashed)
            except ApfsDamageError as error:
                yield Problem(what=f"apfs: directory {parent}: {error}", where="", offset_bytes=None)
            else:
                yield self._node(entry, is_removed=parent == PRIVATE_ID)
        yield from _problems(damage)

    def extra(self) -> Iterator[Node | Problem]:
        """The private directory, where it holds something."""
        if next(self._records.scan(*key_range(PRIVATE_ID, ENTRY, ENTRY), lambda _: None), None) is not None:
            yield Node(name="$OrphanFiles", kind="virtual", address=str(PRIVATE_ID), enter=str(PRIVATE_ID))

    def content(self, address: str) -> ContentSource:
        """See :class:`Tree`."""
        number, found, attribute = self._found(address)
        if attribute is not None:
            return self._attribute_content(attribute)
        if not stat.S_ISREG(found.inode.mode):
            raise OSError(f"inode {number} is no file with a content")
        return self._file_content(found)

    def unallocated(self) -> ContentSource:
        """None of its own: see :mod:`evidence.filesystems.apfs_space`."""
        raise OSError(_SHARED)

    def slack(self, address: str) -> ContentSource:
        """What lies behind the end of a stream; nothing of a compressed content, nor of what lies in its own record."""
        _, found, attribute = self._found(address)
        stream_id, size_bytes = found.inode.stream_id, found.inode.size_bytes
        if attribute is not None:
            if attribute.stream_id is None:
                return BytesContent(b"")
            stream_id, size_bytes = attribute.stream_id, attribute.size_bytes
        elif found.inode.bsd_flags & COMPRESSED and DECMPFS in found.attributes:
            return BytesContent(b"")
        return BytesContent(b"") if size_bytes is None else StreamSlack(self._streams, stream_id, size_bytes)

    def _found(self, address: str) -> tuple[str, _Object, Attribute | None]:
        """The number, the inode, and the attribute that an address names; raises OSError where they are not there."""
        number, _, name = address.partition(":")
        found = self._object(int(number)) if number.isdecimal() and int(number) <= MAX_ID else None
        if found is None:
            raise OSError(f"there is no inode {number}")
        attribute = next((a for key, a in found.attributes.items() if _address_name(key) == name), None)
        if name and attribute is None:
            raise OSError(f"inode {number} has no attribute {name}")
        return number, found, attribute if name else None

    def _node(self, entry: Entry, *, is_removed: bool) -> Node:
        name, name_bytes = decoded(entry.name)
        try:
            found, note = self._object(entry.inode), ""
        except UNREADABLE as error:
            found, note = None, reason(error)
        if found is None:
            return Node(
                name=name,
                name_bytes=name_bytes,
                kind=_KINDS_BY_ENTRY.get(entry.type, "virtual"),
                address=str(entry.inode),
                note=f"its inode cannot be read: {note}" if note else "there is no inode of its number",
                allocated=not is_removed,
                orphan=is_removed,
                enter=str(entry.inode) if entry.type == _FOLDER_TYPE else None,
            )
        kind, content, link = KINDS.get(stat.S_IFMT(found.inode.mode), "virtual"), None, None
        try:
            content = self._file_content(found) if kind == "file" else None
            link = self._link(found) if kind == "link" else None
        except UNREADABLE as error:
            note = f"content not readable: {reason(error)}"
        used = {LINK} if kind == "link" else set()
        if isinstance(content, decmpfs.CompressedContent):
            used = {DECMPFS, FORK} if content.is_in_fork else {DECMPFS}
        return Node(
            name=name,
            name_bytes=name_bytes,
            kind=kind,
            address=str(entry.inode),
            size_bytes=content.size_bytes if content else len(link.encode(errors="replace")) if link else 0,
            stamps=_stamps(found.inode),
            allocated=not is_removed,
            orphan=is_removed,
            link_target=link,
            note=note or None,
            content=content,
            order=found.inode.stream_id,
            enter=str(entry.inode) if kind == "directory" else None,
            streams=tuple(
                Stream(
                    name=decoded(attribute.name)[0],
                    name_bytes=decoded(attribute.name)[1] if name_bytes is None else attribute.name,
                    address=f"{entry.inode}:{_address_name(attribute.name)}",
                    content=self._attribute_content(attribute),
                )
                for attribute in found.attributes.values()
                if attribute.name not in used
            ),
        )

    def _object(self, number: int) -> _Object | None:
        """An inode and its attributes; None where there is none."""
        inode, attributes = None, dict[bytes, Attribute]()
        for key, value in self._records.scan(*key_range(number, INODE, ATTRIBUTE)):
            if type_of(key) == INODE:
                inode = inode_of(value)
            elif len(attributes) < _MAX_ATTRIBUTES:
                attribute = attribute_of(key, value)
                attributes[attribute.name] = attribute
        return None if inode is None else _Object(inode, attributes)

    def _file_content(self, found: _Object) -> ContentSource:
        inode, attribute = found.inode, found.attributes.get(DECMPFS)
        if inode.bsd_flags & COMPRESSED and attribute is not None:
            packed, fork = self._attribute_content(attribute), found.attributes.get(FORK)
            header = decmpfs.header_of(packed.read(0, decmpfs.HEADER_BYTES))
            return decmpfs.CompressedContent(header, packed, None if fork is None else self._attribute_content(fork))
        if inode.size_bytes is None:
            if inode.bsd_flags & (PLACEHOLDER | COMPRESSED):
                raise OSError("it is marked as compressed, or as kept elsewhere, but has neither header nor stream")
            return BytesContent(b"")
        is_sparse = bool(inode.flags & IS_SPARSE)
        return StreamContent(self._streams, inode.stream_id, inode.size_bytes, is_sparse=is_sparse)

    def _attribute_content(self, attribute: Attribute) -> ContentSource:
        if attribute.stream_id is None:
            return BytesContent(attribute.data)
        return StreamContent(self._streams, attribute.stream_id, attribute.size_bytes, is_sparse=False)

    def _link(self, found: _Object) -> str:
        attribute = found.attributes.get(LINK)
        if attribute is None or attribute.size_bytes > _MAX_LINK_BYTES:
            raise OSError("the link says nowhere where it leads to")
        target = self._attribute_content(attribute).read(0, attribute.size_bytes)
        return decoded(target.split(b"\0")[0])[0]


def _stamps(inode: Inode) -> Stamps:
    four = (inode.modified_ns, inode.accessed_ns, inode.changed_ns, inode.created_ns)
    return (*four, None, None, None, None, None)


def _address_name(name: bytes) -> str:
    return name.decode("utf-8", errors="backslashreplace")


def _sealed_order(key: bytes) -> int:
    if len(key) < 16:
        raise ApfsDamageError("a key of the extents of a sealed volume is too short")
    return int.from_bytes(key[:8], "little") << 64 | int.from_bytes(key[8:16], "little")


def _problems(damage: list[Exception]) -> Iterator[Problem]:
    while damage:
        error = damage.pop(0)
        yield Problem(
            what=f"apfs: part of a directory cannot be read: {reason(error)}",
            where="",
            offset_bytes=getattr(error, "offset_bytes", None),
        )
