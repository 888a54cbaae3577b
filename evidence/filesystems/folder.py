"""A folder of this computer as logical evidence: what is in it, in an order that is always the same.

Symbolic links are not followed, special files not opened, other file systems that are mounted in it not entered. Files
and folders are opened read-only, without touching the times of their last access where the system allows that.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from evidence.errors import SourceError
from evidence.filesystems.base import FileSystem, TimeRule
from evidence.filesystems.content import ContentSource
from evidence.filesystems.listing import Node, Tree
from evidence.filesystems.opened import FileSystemError
from evidence.filesystems.stamps import Stamps, rules_of
from evidence.filesystems.unix import KINDS
from evidence.images.base import Problem
from evidence.images.source import SourceFile

ENTRIES_MAX = 1_000_000
DEPTH_MAX = 256
_FLAGS = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)


@dataclass(slots=True, kw_only=True)
class Found:
    """One name in the folder.

    Attributes:
        file: Number of the file among those whose contents are read; None for all else.
        inner: Numbers of what is in it.
    """

    path: Path
    status: os.stat_result
    file: int | None = None
    link: str | None = None
    note: str | None = None
    inner: list[int] | None = None


class Walk:
    """Everything in a folder, found once.

    Attributes:
        found: All names; the folder itself is number 0.
        files: Those whose contents can be read, in the order in which the media has them.
        problems: What could not be looked at.
    """

    def __init__(self, folder: Path) -> None:
        """Look at everything below ``folder``, the names of each folder in the order of their bytes.

        Raises:
            OSError: The folder itself cannot be looked at.
        """
        self.found = [Found(path=folder, status=folder.stat(), inner=[])]
        self.files: list[Path] = []
        self.problems: list[Problem] = []
        todo = [(0, 0)]
        while todo:
            number, depth = todo.pop()
            todo += reversed([(inner, depth + 1) for inner in self._list(number, depth)])

    def _list(self, number: int, depth: int) -> list[int]:
        """Take in what is in a folder; returns the folders to go on with."""
        folder = self.found[number]
        folder.inner, further = [], []
        try:
            names = _names(folder)
        except OSError as error:
            self._tell(folder, f"it cannot be listed: {error.strerror or error}")
            return []
        for name in names:
            if len(self.found) >= ENTRIES_MAX:
                self._tell(folder, f"there are more than {ENTRIES_MAX} names; those behind {name!r} are not listed")
                return []
            path = folder.path / name
            try:
                entry = Found(path=path, status=path.lstat())
            except OSError as error:
                what = f"{path} cannot be looked at: {error.strerror or error}"
                self.problems.append(Problem(what=what, where="", offset_bytes=None))
                continue
            folder.inner.append(len(self.found))
            self.found.append(entry)
            if self._look_into(entry, folder, depth):
                further.append(len(self.found) - 1)
        return further

    def _look_into(self, entry: Found, folder: Found, depth: int) -> bool:
        """Take in what is behind a name; whether it is a folder to list."""
        mode = entry.status.st_mode
        if stat.S_ISLNK(mode) or _is_junction(entry.status):
            try:
                entry.link = os.readlink(entry.path)  # noqa: PTH115, the text as it stands
            except OSError as error:
                self._tell(entry, f"the link cannot be read: {error.strerror or error}")
        elif stat.S_ISREG(mode):
            self._take_file(entry)
        elif stat.S_ISDIR(mode):
            if entry.status.st_dev != folder.status.st_dev:
                entry.note = "another file system is mounted here; it is not entered"
            elif depth >= DEPTH_MAX:
                self._tell(entry, f"it lies deeper than {DEPTH_MAX} levels and is not listed")
            else:
                return True
        return False

    def _take_file(self, entry: Found) -> None:
        try:
            file = SourceFile(entry.path)
        except SourceError as error:
            self._tell(entry, f"its content cannot be read: {getattr(error, 'why', error)}")
            return
        identity = file.identity
        file.close()
        if identity[:2] != (entry.status.st_dev, entry.status.st_ino):
            self._tell(entry, "it was replaced by another file while the folder was listed")
            return
        entry.file = len(self.files)
        self.files.append(entry.path)

    def _tell(self, entry: Found, why: str) -> None:
        entry.note = why
        self.problems.append(Problem(what=f"{entry.path}: {why}.", where="", offset_bytes=None))


class FolderTree(Tree):
    """A folder; see :class:`evidence.filesystems.opened.OpenedFileSystem`. Addresses are numbers of inodes."""

    root_address = "0"

    def __init__(self, walk: Walk, contents: Sequence[ContentSource]) -> None:
        """Show what ``walk`` found, with the contents of its files in their order."""
        self._walk, self._contents = walk, contents
        self.size_bytes = self.declared_bytes = sum(content.size_bytes for content in contents)
        self.facts = FileSystem(type="folder", block_bytes=None, label=walk.found[0].path.name or None, serial=None)
        self._by_inode = {str(found.status.st_ino): found for found in walk.found if found.file is not None}

    def children(self, address: str) -> Iterator[Node]:
        """The names in a folder; see :class:`Tree`."""
        for number in self._walk.found[int(address)].inner or ():
            found = self._walk.found[number]
            name = found.path.name
            raw = os.fsencode(name)
            mode = found.status.st_mode
            kind = "link" if found.link is not None else KINDS.get(stat.S_IFMT(mode), "file")
            content = None if found.file is None else self._contents[found.file]
            text = raw.decode(errors="replace")
            yield Node(
                name=text,
                name_bytes=raw if "\ufffd" in text else None,
                kind=kind,
                address=str(found.status.st_ino),
                size_bytes=content.size_bytes if content else found.status.st_size if kind == "file" else 0,
                stamps=_stamps(found.status),
                link_target=None if found.link is None else os.fsencode(found.link).decode(errors="replace"),
                note=found.note,
                content=content,
                order=found.file or 0,
                enter=str(number) if kind == "directory" else None,
            )

    def content(self, address: str) -> ContentSource:
        """The content of a file, by its inode."""
        found = self._by_inode.get(address)
        if found is None or found.file is None:
            raise OSError("there is no such file in the folder, or it cannot be read")
        return self._contents[found.file]

    def time_rules(self, volume_id: str) -> Sequence[TimeRule]:
        """What the system told of each file."""
        fields = ["modified", "accessed", "created" if os.name == "nt" else "changed"]
        return rules_of(volume_id, dict.fromkeys(fields, ("system", "utc", 1)))

    def extra(self) -> Iterator[Problem]:
        """What could not be looked at."""
        yield from self._walk.problems


def walk_folder(folder: Path) -> Walk:
    """Find everything in a folder.

    Raises:
        FileSystemError: It cannot be looked at.
    """
    try:
        return Walk(folder)
    except OSError as error:
        raise FileSystemError("folder", error.strerror or str(error)) from error


def _names(folder: Found) -> list[str]:
    """The names in a folder that is still the one it was, in the order of their bytes."""
    if os.scandir not in os.supports_fd:
        return sorted(os.listdir(folder.path), key=os.fsencode)  # noqa: PTH208, names only
    try:
        opened = os.open(folder.path, _FLAGS | getattr(os, "O_NOATIME", 0))
    except PermissionError:  # O_NOATIME is for the owner of a folder
        opened = os.open(folder.path, _FLAGS)
    try:
        if not os.path.samestat(os.fstat(opened), folder.status):
            raise OSError("it was replaced while it was listed")
        return sorted(os.listdir(opened), key=os.fsencode)  # noqa: PTH208, a descriptor
    finally:
        os.close(opened)


def _is_junction(status: os.stat_result) -> bool:
    return bool(getattr(status, "st_reparse_tag", 0) == getattr(stat, "IO_REPARSE_TAG_MOUNT_POINT", -1))


def _stamps(status: os.stat_result) -> Stamps:
    other = (None, status.st_ctime_ns) if os.name == "nt" else (status.st_ctime_ns, None)
    return (status.st_mtime_ns, status.st_atime_ns, *other, None, None, None, None, None)
