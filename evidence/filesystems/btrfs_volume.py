"""What every part of a Btrfs reader needs: its devices, its chunks and its trees."""

from __future__ import annotations

from collections.abc import Mapping

from evidence.filesystems.btrfs_chunks import Space, parse_chunk
from evidence.filesystems.btrfs_extents import Data
from evidence.filesystems.btrfs_items import CSUM_TREE, ROOT_ITEM, Subvolume, parse_root
from evidence.filesystems.btrfs_super import Root, read_superblock
from evidence.filesystems.btrfs_tree import LAST, BTree, Nodes
from evidence.filesystems.content import UNREADABLE, reason
from evidence.filesystems.opened import FileSystemError
from evidence.images.base import Problem
from evidence.volumes.base import Readable

_CHUNK_OBJECT, _CHUNK_ITEM = 256, 228


class BtrfsVolume:
    """An opened file system on one or several devices.

    Attributes:
        superblock: Of the device it was opened on.
        space: Its logical addresses.
        data: Its data blocks.
        problems: What was found to be wrong so far; whoever tells them takes them out.
    """

    def __init__(self, source: Readable, others: Mapping[int, Readable]) -> None:
        """Open the file system on ``source`` and the other devices, by their numbers; raises FileSystemError."""
        self.superblock, self.problems = read_superblock(source)
        devices = {**others, self.superblock.device_id: source}
        try:
            self.space = Space(self.superblock, devices)
            nodes = self._nodes = Nodes(self.space, self._bad_copy)
            self._roots = self._open_roots(nodes)
            self._quiet = Nodes(self.space)
        except UNREADABLE as error:
            raise FileSystemError("btrfs", reason(error)) from error
        self._subvolumes: dict[int, Subvolume | None] = {}
        self.data = Data(self.space, self._checksum_tree())

    def _bad_copy(self, what: str, offset_bytes: int) -> None:
        told = f"One copy of a tree block is damaged, another one was used: {what}."
        about = "damaged copies of tree blocks"
        self.problems.append(Problem(what=told, where="", offset_bytes=offset_bytes, about=about))

    def _open_roots(self, nodes: Nodes) -> BTree:
        """The tree of roots; those of the last commits where the present one cannot be read."""
        now = (self.superblock.root, self.superblock.chunk_root)
        first: Exception | None = None
        for root, chunk_root in (now, *self.superblock.backups):
            try:
                self._read_chunks(nodes, chunk_root)
                nodes.node(root)
            except UNREADABLE as error:
                first = first or error
                continue
            if first is not None:
                what = (
                    f"The present tree of roots cannot be read ({reason(first)}); the state of generation "
                    f"{root.generation}, before {self.superblock.generation}, is listed instead."
                )
                self.problems.append(Problem(what=what, where="", offset_bytes=self.superblock.offset_bytes))
            return BTree(nodes, root)
        raise first or OSError("there is no tree of roots")

    def _read_chunks(self, nodes: Nodes, root: Root) -> None:
        low, high = (_CHUNK_OBJECT, _CHUNK_ITEM, 0), (_CHUNK_OBJECT, _CHUNK_ITEM, LAST)
        for (_, _, start), raw in BTree(nodes, root).items(low, high):
            self.space.add(parse_chunk(start, raw))

    def _checksum_tree(self) -> BTree:
        found = self.subvolume(CSUM_TREE)
        nowhere = Root(address=0, level=0, generation=0)
        return BTree(self._quiet, found.root if found is not None else nowhere)

    def subvolume(self, number: int) -> Subvolume | None:
        """The root item of a tree, the latest of its number; None where there is none, or it is damaged."""
        if number not in self._subvolumes:
            try:
                found = self._roots.floor((number, ROOT_ITEM, LAST))
                fits = found is not None and found[0][:2] == (number, ROOT_ITEM)
                self._subvolumes[number] = parse_root(found[1]) if found is not None and fits else None
            except UNREADABLE as error:
                what = f"The root of the tree {number} cannot be read: {reason(error)}."
                at = getattr(error, "offset_bytes", None)
                self.problems.append(Problem(what=what, where="", offset_bytes=at))
                self._subvolumes[number] = None
        return self._subvolumes[number]

    @property
    def roots(self) -> BTree:
        """The tree of roots."""
        return self._roots

    def tree(self, number: int, *, quiet: bool = False) -> BTree:
        """A file tree; ``quiet`` to tell nobody of damaged copies. Raises OSError where there is none."""
        found = self.subvolume(number)
        if found is None:
            raise OSError(f"there is no subvolume {number}")
        return BTree(self._quiet if quiet else self._nodes, found.root)
