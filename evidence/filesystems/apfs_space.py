"""What belongs to an APFS container as a whole: the blocks that none of its volumes uses.

They are no volume's own, so they are the unallocated space of the volume that the container lies in, once, and not of
each volume in it. :mod:`evidence.volumes.apfs_space` finds them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from evidence.errors import UnreadableRegionError
from evidence.filesystems.base import FileSystem, TimeRule
from evidence.filesystems.content import ContentSource
from evidence.filesystems.listing import Node, Tree
from evidence.filesystems.opened import FileSystemError
from evidence.filesystems.ranges import JoinedRanges
from evidence.filesystems.signatures import Found
from evidence.images.base import Problem
from evidence.volumes.apfs_container import Container, first_superblock, open_container
from evidence.volumes.apfs_objects import ApfsDamageError
from evidence.volumes.apfs_space import free_blocks
from evidence.volumes.base import Readable


def open_space(source: Readable, found: Found) -> ApfsSpace:
    """Open the container on ``source``; raises FileSystemError."""
    first = first_superblock(source)
    try:
        if first is None:
            raise ApfsDamageError("there is no container superblock", 0)
        return ApfsSpace(source, open_container(source, first))
    except (ApfsDamageError, UnreadableRegionError) as error:
        raise FileSystemError(found.type, str(error)) from error


class ApfsSpace(Tree):
    """A container without its volumes; see :class:`evidence.filesystems.listing.Tree`."""

    root_address = ""

    def __init__(self, source: Readable, container: Container) -> None:
        """Take the container that was opened on ``source``."""
        self._source, self._container = source, container
        self._free: JoinedRanges | None = None
        superblock, blocks = container.superblock, container.blocks
        self.facts = FileSystem(type="apfs", block_bytes=blocks.block_bytes, label=None, serial=superblock.serial)
        self.declared_bytes = superblock.block_count * blocks.block_bytes
        self.size_bytes = min(self.declared_bytes, source.media_bytes)

    def children(self, address: str) -> Iterator[Node | Problem]:
        """None: the files are those of its volumes."""
        return iter(())

    def content(self, address: str) -> ContentSource:
        """None, for the same reason."""
        raise OSError("an APFS container has no files of its own; they are in its volumes")

    def time_rules(self, volume_id: str) -> Sequence[TimeRule]:
        """None: it has no rows."""
        return ()

    def unallocated(self) -> JoinedRanges:
        """What no volume, no snapshot and no structure of the container uses, as far as the media goes."""
        if self._free is None:
            blocks = self._container.blocks
            self._free = JoinedRanges(
                self._source,
                (
                    (blocks.offset(first), (min(first + count, blocks.count) - first) * blocks.block_bytes)
                    for first, count in free_blocks(self._container)
                    if first < blocks.count
                ),
            )
        return self._free
