"""File systems of The Sleuth Kit as an examination wants them: listed, and read by address."""

from __future__ import annotations

from collections.abc import Callable

from evidence.filesystems.content import BytesContent, ContentReader, ContentSource
from evidence.filesystems.free_space import all_runs, free_ranges, slack_ranges, unwritten_ranges
from evidence.filesystems.listed_folders import ALL, Folders
from evidence.filesystems.meta_kinds import REGULAR
from evidence.filesystems.ntfs_entry import ntfs_entry
from evidence.filesystems.ntfs_names import further_records
from evidence.filesystems.ntfs_table import Table
from evidence.filesystems.ntfs_valid import initialised_bytes
from evidence.filesystems.ranges import JoinedRanges, Range
from evidence.filesystems.signatures import Found
from evidence.filesystems.tsk import TskFileSystem
from evidence.filesystems.tsk_content import ATTRIBUTE, TskContent, attribute_content
from evidence.filesystems.walk import OF_HFS_PLUS, OF_WINDOWS, Walk
from evidence.later import Later
from evidence.shares import Share
from evidence.volumes.base import Readable

_SLACK_OF_UFS = Later("evidence.filesystems.ufs_free_space", "slack_of")


class SleuthKitFileSystem(TskFileSystem):
    """An opened file system; see :class:`evidence.filesystems.opened.OpenedFileSystem`."""

    _free: JoinedRanges | None = None
    _table: Table | None = None

    def lister(
        self,
        volume_id: str,
        next_id: Callable[[], int],
        contents: ContentReader | None,
        on_entries: Callable[[int], None],
        share: Share,
        folders: Folders = ALL,
    ) -> Walk:
        """Prepare to list everything in it."""
        return Walk(self, volume_id, next_id, contents, on_entries, share, folders)

    def content(self, address: str) -> ContentSource:
        """The content behind ``12`` or ``36-128-4``; raises OSError where there is none."""
        if ATTRIBUTE in address:
            return self._extended(address)
        record, attribute = _parts(address)
        handle = self.open_record(record)
        if handle is None:
            raise OSError("there is no such file")
        withheld = self.withheld(record)
        if withheld is not None:
            raise OSError(withheld)
        packed: ContentSource | None = None
        if self.has_forks and attribute is None:
            packed = OF_HFS_PLUS(self, handle)
        if attribute is not None and self.is_ntfs and int(handle.info.meta.type) == REGULAR:
            found = ntfs_entry(self, handle, is_directory=False)
            if found.is_packed and found.main is not None and found.main[:2] == attribute:
                packed = OF_WINDOWS(self, handle, found)
        if packed is not None:
            return packed
        size = int(handle.info.meta.size) if attribute is None else None
        for one in handle if attribute is not None else ():
            if (int(one.info.type), int(one.info.id)) == attribute:
                size = int(one.info.size)
        if size is None:
            raise OSError("the file has no such attribute")
        valid = self.valid_bytes(record)
        return TskContent(opened=self, handle=handle, attribute=attribute, size_bytes=size, valid_bytes=valid)

    def _extended(self, address: str) -> ContentSource:
        """An extended attribute of ext, by the number of its inode and its place there."""
        number, _, place = address.partition(ATTRIBUTE)
        (record, _), (index, _) = _parts(number), _parts(place)
        found = self.inodes.attributes(record) if self.inodes is not None else []
        if index >= len(found):
            raise OSError("the file has no such attribute")
        return attribute_content(self, found[index])

    def unallocated(self) -> JoinedRanges:
        """What no file uses, as one content; raises OSError where the file system keeps no record that is read."""
        if self._free is None:
            self._free = JoinedRanges(self.source, free_ranges(self.facts.type, self.source, self.handle))
        return self._free

    def slack(self, address: str) -> JoinedRanges:
        """What lies behind the end of a content in the last blocks that belong to it; often nothing.

        Behind that, of NTFS and exFAT, what lies between the size that was ever written and the declared one.
        """
        record, attribute = _parts(address)
        handle = self.open_record(record)
        if handle is None:
            raise OSError("there is no such file")
        if self.is_ntfs and attribute is None:
            return JoinedRanges(self.source, ())
        mapped = self.mapped(handle, attribute)
        if mapped is not None:
            return JoinedRanges(self.source, mapped.slack())
        if self.facts.type in ("ufs1", "ufs2") and record < self.handle.info.last_inum:  # that of orphans has no inode
            return JoinedRanges(self.source, _SLACK_OF_UFS(self.source, record))
        block_bytes = self.handle.info.block_size
        behind = slack_ranges(handle, attribute, block_bytes)
        valid = self._written_bytes(record, attribute)
        unwritten = unwritten_ranges(handle, attribute, block_bytes, valid) if valid is not None else ()
        return JoinedRanges(self.source, (*behind, *unwritten))

    def occupied(self, address: str) -> list[Range]:
        """Where in the volume a content lies, in whatever form it is stored; raises OSError where there is none.

        Nothing of one that stands in its own record.
        """
        content = self.content(address)
        if isinstance(content, TskContent):
            found = [(start, length) for _, start, length in content.within(0, content.size_bytes)]
            return found or list(all_runs(content.handle, content.attribute, self.block_bytes))
        handle = self.open_record(_parts(address)[0]) if not isinstance(content, BytesContent) else None
        return list(all_runs(handle, None, self.block_bytes)) if handle is not None else []

    def records(self, address: str) -> list[int]:
        """Of NTFS, the numbers of the file records in which attributes of a file stand, its own first."""
        record, _ = _parts(address)
        if not self.is_ntfs:
            return []
        handle = self.open_record(record)
        if handle is None:
            raise OSError("there is no such file")
        return [record, *further_records(self.handle, handle, self.record_bytes)]

    def _written_bytes(self, record: int, attribute: tuple[int, int] | None) -> int | None:
        """How much of a content was ever written; None where all of it was, or nothing tells it."""
        if self.is_ntfs and attribute is not None:
            if self._table is None:
                self._table = Table(self)
            return initialised_bytes(self._table, record, attribute)
        return self.valid_bytes(record)


def open_by_signature(source: Readable, found: Found) -> SleuthKitFileSystem:
    """Open what a signature found; raises FileSystemError."""
    return SleuthKitFileSystem(source, found)


def open_by_trial(source: Readable) -> SleuthKitFileSystem:
    """Let the reader look for a file system that no signature told; raises FileSystemError."""
    return SleuthKitFileSystem(source, None)


def _parts(address: str) -> tuple[int, tuple[int, int] | None]:
    """Number of the record, and type and number of the attribute if the address names one."""
    parts = address.split("-")
    if not all(part.isascii() and part.isdigit() and len(part) < 20 for part in parts) or len(parts) not in (1, 3):
        raise OSError("that is no address of a file")
    numbers = [int(part) for part in parts]
    return numbers[0], (numbers[1], numbers[2]) if len(numbers) == 3 else None
