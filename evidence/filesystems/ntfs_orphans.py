"""Files of NTFS that were deleted together with the directory that knew them, found without a second walk.

The Sleuth Kit walks over the whole file system once more to know which deleted files have a name somewhere. Here the
walk itself notes it. What is found is the same: records that are not in use, and of which no name was met.
"""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

from evidence.filesystems import ntfs
from evidence.filesystems.ntfs_entry import ntfs_entry
from evidence.filesystems.ntfs_table import Table
from evidence.filesystems.tsk import TskFileSystem

_USED = 4
"""``TSK_FS_META_FLAG_USED``."""
_MAX_ENTRIES = 100_000
_OTHERWISE = frozenset("/^\ufffd")
"""What The Sleuth Kit may show otherwise."""
_UNUSED = object()


class Orphans:
    """The orphan files of a walk."""

    def __init__(self, opened: TskFileSystem, table: Table) -> None:
        """Begin with no name met."""
        self._opened, self._table = opened, table
        self._is_odd = table.record_bytes <= 0 or not 0 <= table.size_bytes <= opened.size_bytes
        self._named = bytearray() if self._is_odd else bytearray(-(-table.size_bytes // table.record_bytes))

    def met(self, address: int, *, allocated: bool) -> None:
        """Note that a name, which may itself be that of a file that is there, leads to a record that is not in use."""
        self._is_odd = self._is_odd or allocated
        if address < len(self._named):
            self._named[address] = 1

    def entries(self) -> Iterator[Any] | None:
        """What has no name; None where directories or odd names are among it, for The Sleuth Kit."""
        if self._is_odd:
            return None
        named, numbers = self._named, []
        try:
            for number, is_folder in self._table.unused():
                if not named[number]:
                    numbers.append(number)
                    if is_folder or len(numbers) > _MAX_ENTRIES:
                        return None
        except OSError:
            return None
        entries = [self._entry(number) for number in numbers]
        return None if None in entries else (entry for entry in entries if entry is not _UNUSED)

    def _entry(self, address: int) -> Any | None:
        """A deleted file as an entry without its record, which whoever lists it opens."""
        handle = self._opened.open_record(address)
        if handle is None or not handle.info.meta.flags & _USED:
            return _UNUSED
        try:
            raws = ntfs_entry(self._opened, handle, is_directory=False).names
        except OSError:
            return None
        names = [name.name for name in map(ntfs.file_name, raws) if name is not None and not name.is_dos]
        text = names[0].decode("utf-16-le", "replace") if names else ""
        if not text.isprintable() or set(text) & _OTHERWISE:
            return None
        shown = SimpleNamespace(
            name=text.encode() or b"OrphanFile-%d" % address,
            meta_addr=address,
            meta_seq=(handle.info.meta.seq - 1) & 0xFFFF,
            par_addr=self._opened.orphans_address,
            flags=0,
            type=0,
        )
        return SimpleNamespace(info=SimpleNamespace(name=shown, meta=None))
