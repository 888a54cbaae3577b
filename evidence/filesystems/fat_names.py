"""Names of FAT and exFAT that The Sleuth Kit leaves out or shows in part, put where it would have shown them.

It takes an entry for none whose short name no system writes, which has a size and no cluster, or only zeros beside its
name, and of exFAT one whose name has a length of 0; long names are cut behind 247 characters.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

from evidence.filesystems.content import UNREADABLE
from evidence.filesystems.fat_chains import ChainContent, Clusters
from evidence.filesystems.fat_directories import Directories, Found
from evidence.filesystems.found_entry import FoundEntry
from evidence.filesystems.meta_kinds import ALLOCATED, DIRECTORY, REGULAR
from evidence.volumes.base import Readable

_DIRECTORY_NAME, _FILE_NAME = 3, 5
"""``TSK_FS_NAME_TYPE_DIR`` and ``TSK_FS_NAME_TYPE_REG``."""
_LEFT_OUT = "The Sleuth Kit takes its entry for none"
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

    def entries(self, address: int) -> Iterator[Any]:
        """The ``pytsk3.File`` of each name in a directory, or what stands for it; raises OSError."""
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
            listed = iter(self._handle.open_dir(inode=address))
        except OSError:
            if not is_read or not self._lies_somewhere(address):
                raise
            listed = iter(())
        met = set[int]()
        for entry in listed:
            name = entry.info.name
            met.add(name.meta_addr)
            whole = told.get(name.meta_addr)
            if whole is None or not name.flags & ALLOCATED or entry.info.meta is None:
                yield entry
            else:
                yield _as_stored(entry, whole, address)
        if is_read and any(one not in met for one in used):
            yield from self._left_out(address, met)

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
    return FoundEntry(folder, stored, name.type, entry, name_bytes=found.name_bytes)


def content_behind(handle: Any) -> ChainContent | None:
    """The content of a :class:`FatFile`, or of a name that stands for one; None of what pytsk3 opens."""
    file = handle.file if isinstance(handle, FoundEntry) else handle
    return file.content if isinstance(file, FatFile) else None
