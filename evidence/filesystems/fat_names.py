"""Names of FAT and exFAT that The Sleuth Kit leaves out or shows in part, put where it would have shown them.

It takes an entry for none whose short name no system writes, which has a size and no cluster, or only zeros beside its
name, and of exFAT one whose name has a length of 0; long names of more than 195 characters lose up to 13 at their end.
Where it takes no entry of the root for one, it takes the volume for one of a telephone without short names, leaves
blanks out of names, and shows what is deleted as in use.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

from evidence.filesystems.content import UNREADABLE
from evidence.filesystems.fat_chains import ROOT, ChainContent, Clusters
from evidence.filesystems.fat_directories import Directories, Found
from evidence.filesystems.found_entry import FoundEntry
from evidence.filesystems.meta_kinds import ALLOCATED, DIRECTORY, REGULAR
from evidence.volumes.base import Readable

_DIRECTORY_NAME, _FILE_NAME = 3, 5
"""``TSK_FS_NAME_TYPE_DIR`` and ``TSK_FS_NAME_TYPE_REG``."""
_MOST_SEARCHES = 256
"""How often The Sleuth Kit may look through the whole volume for the parent of a directory that it does not know."""
_LEFT_OUT = "The Sleuth Kit takes its entry for none"
_WITHOUT_DELETED = (
    "Deleted files are not listed of {count} folders, which lie below one whose own entry The Sleuth Kit takes "
    "for none."
)
_STRAY = "before its entry stands this long name, whose checksum is that of another one; without it the name is {name}"


class FatFile:
    """What stands for the ``pytsk3.File`` of an entry that pytsk3 does not open.

    Attributes:
        info: Its metadata, as of a ``pytsk3.File``.
        content: What it holds.
    """

    def __init__(self, found: Found, content: ChainContent, size_bytes: int) -> None:
        """Tell of an entry; of a directory the size is that of its clusters."""
        self.content = content
        kind, size = DIRECTORY if found.is_directory else REGULAR, size_bytes
        meta = SimpleNamespace(addr=found.address, type=kind, size=size, flags=ALLOCATED, seq=0, link=None)
        self.info = SimpleNamespace(name=None, meta=meta)

    def __iter__(self) -> Iterator[Any]:
        """No attributes: the content is its own."""
        return iter(())

    def read_random(self, offset_bytes: int, size_bytes: int, *_: int) -> bytes:
        """See ``pytsk3.File.read_random``."""
        return self.content.read(offset_bytes, size_bytes)


class FatNames:
    """The names in the directories of one volume."""

    def __init__(self, source: Readable, type_: str, handle: Any) -> None:
        """Add to what ``handle``, a ``pytsk3.FS_Info``, shows of a volume; raises OSError where it has no clusters."""
        self._clusters = Clusters(source, type_)
        self._directories, self._handle = Directories(self._clusters), handle
        self._in_use, self._unknown = {ROOT}, set[int]()
        self._searches = self._without = 0

    def entries(self, address: int) -> Iterator[Any]:
        """The ``pytsk3.File`` of each name in a directory, or what stands for it; raises OSError.

        Names are added to the root and to directories that were given here as in use: what lies below a deleted one
        may still be marked as in use. Where The Sleuth Kit does not know the parent of a directory, it looks for it
        in the whole volume; after a number of these it is not asked any more, and :meth:`remarks` says what is missing.
        """
        if address not in self._in_use:
            yield from self._handle.open_dir(inode=address)
            return
        for entry in self._all_in(address):
            name = entry.info.name
            if name.type == _DIRECTORY_NAME and name.flags & ALLOCATED:
                self._in_use.add(name.meta_addr)
                if address in self._unknown or (isinstance(entry, FoundEntry) and isinstance(entry.file, FatFile)):
                    self._unknown.add(name.meta_addr)
            yield entry

    def remarks(self) -> list[str]:
        """What was not listed so far, in a sentence."""
        return [_WITHOUT_DELETED.format(count=self._without)] if self._without else []

    def _all_in(self, address: int) -> Iterator[Any]:
        used, told = array("Q"), dict[int, Found]()
        is_read = True
        try:
            doubtful = set[int]()
            for one, is_doubtful in self._directories.used(address):
                used.append(one)
                if is_doubtful:
                    doubtful.add(one)
            if doubtful:
                told = {one.address: one for one in self._directories.entries(address) if one.address in doubtful}
        except UNREADABLE:  # the reader meets it, too, and tells
            is_read = False
        try:
            listed = iter(self._opened(address) if is_read else self._handle.open_dir(inode=address))
        except OSError:
            if not is_read or not self._lies_somewhere(address):
                raise
            listed = iter(())
        met, in_use = set[int](), frozenset(used)
        for entry in listed:
            name = entry.info.name
            met.add(name.meta_addr)
            whole = told.get(name.meta_addr)
            if name.meta_addr not in in_use and self._is_deleted(name):
                yield _as_deleted(entry, address)
            elif whole is None or not name.flags & ALLOCATED or entry.info.meta is None:
                yield entry
            else:
                yield _as_stored(entry, whole, address)
        if is_read and any(one not in met for one in used):
            yield from self._left_out(address, met)

    def _is_deleted(self, name: Any) -> bool:
        """Whether the entry of a name that the reader shows as in use is marked as deleted."""
        is_entry = name.flags & ALLOCATED and name.type in (_DIRECTORY_NAME, _FILE_NAME)
        return bool(is_entry) and self._directories.is_deleted(name.meta_addr)

    def _opened(self, address: int) -> Any:
        """What The Sleuth Kit gives of a directory that was read; nothing where it was asked for too many in vain."""
        if address not in self._unknown or self._clusters.is_exfat:  # exFAT has no entries of parents
            return self._handle.open_dir(inode=address)
        if self._searches >= _MOST_SEARCHES and self._lies_somewhere(address):
            self._without += 1
            return ()
        found = self._handle.open_dir(inode=address)
        self._searches += 1
        return found

    def _lies_somewhere(self, address: int) -> bool:
        found = self._directories.entry(address)
        try:
            return found is not None and next(found.runs(self._clusters), None) is not None
        except UNREADABLE:
            return False

    def _left_out(self, address: int, met: set[int]) -> Iterator[FoundEntry]:
        for found in self._directories.entries(address):
            if found.address not in met:
                kind = _DIRECTORY_NAME if found.is_directory else _FILE_NAME
                name, file = found.name.encode(), self._file(found)
                yield FoundEntry(address, name, kind, file, name_bytes=found.name_bytes, remark=found.note or _LEFT_OUT)

    def file(self, address: int) -> FatFile | None:
        """What stands for the ``pytsk3.File`` of an address that pytsk3 does not open; None where no entry is."""
        found = self._directories.entry(address)
        return self._file(found) if found is not None else None

    def _file(self, found: Found) -> FatFile:
        size = found.size_bytes
        try:
            if found.is_directory and not size:
                size = sum(length for _, length in found.runs(self._clusters))
            return FatFile(found, found.content(self._clusters), size)
        except UNREADABLE:  # what is asked of it then cannot be read, and says so
            return FatFile(found, ChainContent(self._clusters.source, (), size, size), size)


def _as_stored(entry: Any, found: Found, folder: int) -> Any:
    """A name of which the reader shows a part, whole; one that it took from another entry, with a remark."""
    name, stored = entry.info.name, found.name.encode()
    if found.is_stray:
        if name.name.lower() == stored.lower():
            return entry
        return FoundEntry(folder, name.name, name.type, entry, remark=_STRAY.format(name=found.name))
    if name.name == stored:
        return entry
    return FoundEntry(folder, stored, name.type, entry, name_bytes=found.name_bytes, remark=found.note)


def _as_deleted(entry: Any, folder: int) -> Any:
    """A name that is marked as deleted, and that the reader shows as in use."""
    name, meta = entry.info.name, entry.info.meta
    if meta is None:
        return entry
    found = FoundEntry(folder, name.name, name.type, entry)
    found.info.name.flags = 0
    found.info.meta = SimpleNamespace(
        addr=meta.addr, type=meta.type, size=meta.size, flags=int(meta.flags) & ~ALLOCATED, seq=meta.seq, link=meta.link
    )
    return found


def content_behind(handle: Any) -> ChainContent | None:
    """The content of a :class:`FatFile`, or of a name that stands for one; None of what pytsk3 opens."""
    file = handle.file if isinstance(handle, FoundEntry) else handle
    return file.content if isinstance(file, FatFile) else None
