"""The files below a folder, with all that the system says of each; symbolic links are told of and never followed.

Every name is reached from the open folder above it, so that no path is too long and none can be exchanged for a link
while it is read. Folders are opened so that the times of their last access stay, where the system allows that.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from evidence.acquisition.attributes import Attributes, attributes_of
from evidence.filesystems.unix import KINDS

_READ = os.O_RDONLY | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
OTHER_FILE_SYSTEM = "another file system is mounted here; it was not entered"


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One name below a folder.

    Attributes:
        path: From the folder on, names separated by "/", as bytes; empty for the folder itself.
        kind: "file", "directory", "link" ...
        status: What the system says of it; None where it says nothing.
        link_target: Of a symbolic link.
        note: Why something is missing.
    """

    path: bytes
    kind: str
    status: os.stat_result | None
    link_target: bytes | None = None
    note: str = ""
    attributes: Attributes = field(default_factory=Attributes)


def walk(root: Path) -> Generator[tuple[Found, int | None], None, None]:
    """Yield everything below ``root`` in the order of the bytes of the names, a folder before what is in it.

    Yields:
        What was found, and for a file that can be read an open descriptor of it, which is closed when the next one is
        asked for.

    Raises:
        OSError: ``root`` itself cannot be opened.
    """
    top = open_quietly(root, None, os.O_DIRECTORY if hasattr(os, "O_DIRECTORY") else 0)
    status = os.fstat(top)
    try:
        yield Found(path=b"", kind="directory", status=status, attributes=attributes_of(top, top, "")), None
        yield from _below(top, b"", status.st_dev)
    finally:
        os.close(top)


def open_quietly(path: str | Path, folder: int | None, flags: int = 0) -> int:
    """Open for reading, without following a link, and without touching the time of the last access if possible."""
    flags |= _READ | getattr(os, "O_NONBLOCK", 0)
    try:
        return os.open(path, flags | getattr(os, "O_NOATIME", 0), dir_fd=folder)
    except PermissionError:  # O_NOATIME is for the owner
        return os.open(path, flags, dir_fd=folder)


def _below(folder: int, path: bytes, device: int) -> Iterator[tuple[Found, int | None]]:
    """Everything below an open folder; a stack of folders instead of recursion, for trees of any depth."""
    waiting: list[tuple[int, bytes, Iterator[str]]] = [(folder, path, _names(folder))]
    try:
        while waiting:
            above, prefix, names = waiting[-1]
            name = next(names, None)
            if name is None:
                waiting.pop()
                if above != folder:
                    os.close(above)
                continue
            found, opened = _look(above, name, prefix + os.fsencode(name))
            if found.status is not None:
                found = replace(found, attributes=attributes_of(opened, above, name))
            if opened is None or found.kind == "file":
                yield from _given(found, opened)
                continue
            if found.status is not None and found.status.st_dev != device:
                os.close(opened)
                yield replace(found, note=OTHER_FILE_SYSTEM), None
                continue
            try:
                inner = _names(opened)
            except OSError as error:
                os.close(opened)
                yield replace(found, note=_words(error)), None
                continue
            waiting.append((opened, found.path + b"/", inner))
            yield found, None
    finally:
        for opened, _, _ in waiting:
            if opened != folder:
                os.close(opened)


def _given(found: Found, opened: int | None) -> Iterator[tuple[Found, int | None]]:
    try:
        yield found, opened
    finally:
        if opened is not None:
            os.close(opened)


def _look(folder: int, name: str, path: bytes) -> tuple[Found, int | None]:
    status = None
    try:
        status = os.stat(name, dir_fd=folder, follow_symlinks=False)
        kind = KINDS.get(stat.S_IFMT(status.st_mode), "unknown")
        if kind == "link":
            target = os.fsencode(os.readlink(name, dir_fd=folder))
            return Found(path=path, kind=kind, status=status, link_target=target), None
        if kind not in ("file", "directory"):
            return Found(path=path, kind=kind, status=status), None
        opened = open_quietly(name, folder)
    except OSError as error:
        kind = KINDS.get(stat.S_IFMT(status.st_mode), "unknown") if status else "unknown"
        return Found(path=path, kind=kind, status=status, note=_words(error)), None
    now = os.fstat(opened)
    if (now.st_dev, now.st_ino, stat.S_IFMT(now.st_mode)) != (
        status.st_dev,
        status.st_ino,
        stat.S_IFMT(status.st_mode),
    ):
        os.close(opened)
        return Found(path=path, kind=kind, status=status, note="it was exchanged while it was looked at"), None
    return Found(path=path, kind=kind, status=now), opened


def _names(folder: int) -> Iterator[str]:
    with os.scandir(folder) as entries:
        return iter(sorted((entry.name for entry in entries), key=os.fsencode))


def _words(error: OSError) -> str:
    return error.strerror or str(error)
