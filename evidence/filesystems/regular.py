"""The quick way to the rows of regular files of which there is nothing unusual to say: most of every file system."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

from evidence.filesystems import ntfs
from evidence.filesystems.batches import BATCH_ROWS, Batches
from evidence.filesystems.found_entry import is_unusual
from evidence.filesystems.meta_kinds import ALLOCATED, DIRECTORY, REGULAR
from evidence.filesystems.ntfs_orphans import Orphans
from evidence.filesystems.ntfs_plain import PlainRecords
from evidence.filesystems.ntfs_table import Table
from evidence.filesystems.stamps import ExtStamps, Stamps
from evidence.filesystems.tsk import TskFileSystem
from evidence.filesystems.tsk_content import TskContent

Entered: TypeAlias = tuple[int, str, int, bool]
"""Of a directory: address, path, id of its row, whether it is an orphan."""

_ATTRIBUTES_READ = 1
"""``TSK_FS_META_ATTR_STUDIED``: The Sleuth Kit could make sense of all attributes of a record."""

BARE: tuple[None, None, None, None, None, bool, None, str, None] = (
    None,
    None,
    None,
    None,
    None,
    False,
    None,
    "",
    None,
)
"""The end of a row of which there is nothing to tell: no link, no content, no note."""


class RegularRows:
    """Makes rows of regular files of one walk, the same that :class:`evidence.filesystems.walk.Walk` makes.

    Attributes:
        orphans: NTFS: which deleted files have a name; None of others.
    """

    def __init__(
        self,
        opened: TskFileSystem,
        batches: Batches,
        volume_id: str,
        next_id: Callable[[], int],
        add: Callable[..., int],
    ) -> None:
        """Prepare for ``opened``; ``batches`` takes the rows, ``next_id`` gives each its id, ``add`` adds any row."""
        self._add = add
        self._opened, self._batches, self._volume_id, self._next_id = opened, batches, volume_id, next_id
        stamps = opened.stamps
        self._stamps_of = stamps.of if stamps is not None else None
        table = Table(opened) if opened.is_ntfs else None
        self._records = PlainRecords(table) if table is not None else None
        self.orphans = Orphans(opened, table) if table is not None else None
        self._inodes = stamps if isinstance(stamps, ExtStamps) else None
        told_at_once = self._records is not None or self._inodes is not None
        self._is_made = not opened.has_forks and opened.zones is None and (told_at_once or not batches.are_read)

    def rest(self, directory: int, path: str, parent_id: int | None, orphan: bool) -> Iterator[Any | Entered | None]:
        """Add a row for each regular file of a directory; yields the other entries, each when it is met.

        Only of files whose metadata are there and in use and say nothing unusual: one content and no attributes. Of
        directories of NTFS that say nothing unusual the row is added too, and what is to be entered is yielded. None
        is yielded when there are rows enough for a batch.

        Args:
            directory: Its address.
            path: Its path, without a slash at its end.
            parent_id: Of its row.
            orphan: Whether it is one.
        """
        if not self._is_made or self._opened.is_encrypted(directory) or (self._records is not None and orphan):
            yield from self._unnamed(directory) or self._opened.entries(directory)
            return
        base, batches, volume_id, next_id = f"{path}/", self._batches, self._volume_id, self._next_id
        of_inode = self._inodes.plain_file if self._inodes is not None else None
        of_record = self._records.told if self._records is not None else None
        stamps_of, are_read, rows = self._stamps_of, batches.are_read, batches.rows
        for entry in self._opened.entries(directory):
            info = entry.info
            name_info, meta = info.name, info.meta
            if meta is None or not name_info.flags & meta.flags & ALLOCATED or is_unusual(entry):
                yield entry
                continue
            try:
                name: str = name_info.name.decode()
            except UnicodeDecodeError:
                yield entry
                continue
            if "$" in name or ")" in name or "^" in name:
                yield entry
                continue
            address, dot = name_info.meta_addr, name.rfind(".")
            if of_inode is not None:
                told = of_inode(address)
            elif of_record is not None:
                is_users = address >= ntfs.FIRST_USER_RECORD and name_info.par_addr == directory
                if not is_users or meta.attr_state != _ATTRIBUTES_READ:
                    told = None
                elif meta.type != DIRECTORY:
                    told = of_record(address, directory, name, meta.size)
                else:
                    told = of_record(address, directory, name, None)
                    if told is not None:
                        yield self._folder(address, name, path, parent_id, told)
                        rows = batches.rows
                        continue
            elif stamps_of is not None and meta.type == REGULAR:
                told = (meta.size, str(address), *stamps_of(meta, address, True))
            else:
                told = None
            if told is None:
                yield entry
                continue
            rows.append(
                (
                    next_id(), volume_id, parent_id, name, None, base + name,
                    name[dot + 1 :].lower() if dot > 0 else "", "file", True, False, orphan, *told, *BARE,
                )
            )  # fmt: skip
            if are_read:
                attribute = (ntfs.DATA, int(told[1].rpartition("-")[2])) if of_record is not None else None
                content = TskContent(opened=self._opened, handle=entry, attribute=attribute, size_bytes=told[0])
                batches.read_for_last_row(content, content.first_block, name)
            if len(rows) >= BATCH_ROWS:
                yield None
                rows = batches.rows

    def _unnamed(self, directory: int) -> Iterator[Any] | None:
        """The entries of the directory of orphan files of NTFS, where they are known; None of any other."""
        if self.orphans is None or directory != self._opened.orphans_address:
            return None
        return self.orphans.entries()

    def _folder(
        self, address: int, name: str, path: str, parent_id: int | None, told: tuple[int, str, *Stamps]
    ) -> Entered:
        """Add the row of a directory."""
        full = f"{path}/{name}"
        facts = (name, None, full, "directory", True, False, False)
        return address, full, self._add(parent_id, facts, told[0], told[1], told[2:], None, None), False
