"""Files of evidence on disk: opened read-only, read by position, and watched for change."""

from __future__ import annotations

import errno
import io
import os
import stat
import threading
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path

from evidence.errors import NotAnImageError, ShortReadError, SourceAccessError, SourceChangedError

OPEN_FILES_MAX = 48
"""So many files of one set are kept open; a set may have 65,535."""

_OPEN_FLAGS = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
_OTHER_KINDS = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a character device"),
)


def open_read_only(path: Path) -> int:
    """Open for reading, without touching the time of the last access where the system allows that.

    Returns:
        A file descriptor.

    Raises:
        NotAnImageError: A folder, a pipe, a socket or a character device.
        SourceAccessError: The system refused.
    """
    try:
        mode = path.stat().st_mode
        for matches, found in _OTHER_KINDS:
            if matches(mode):
                raise NotAnImageError(path, found)
        try:
            return os.open(path, _OPEN_FLAGS | getattr(os, "O_NOATIME", 0))
        except PermissionError:  # O_NOATIME is for the owner of a file
            return os.open(path, _OPEN_FLAGS)
    except OSError as error:
        raise SourceAccessError(path, error.strerror or str(error)) from error


class SourceFile:
    """One file or block device, read by position from any number of threads.

    Attributes:
        path: What was opened.
        size_bytes: Its size when it was opened.
    """

    def __init__(self, path: Path, *, positional: bool = hasattr(os, "preadv")) -> None:
        """Open ``path``; ``positional`` is False where the system cannot read at a position in one call.

        Raises:
            NotAnImageError: A folder, a pipe, a socket or a character device.
            SourceAccessError: The system refused.
        """
        self.path = path
        self._positional = positional
        self._seeking = threading.Lock()
        self._fd = open_read_only(path)
        self._file = io.FileIO(self._fd, closefd=True)
        self.size_bytes = os.lseek(self._fd, 0, os.SEEK_END)  # a block device has no st_size
        status = os.fstat(self._fd)
        self.identity = (status.st_dev, status.st_ino, status.st_mtime_ns, self.size_bytes)

    def read_into(self, offset_bytes: int, target: memoryview) -> None:
        """Fill ``target`` from ``offset_bytes`` of the file.

        Raises:
            ShortReadError: The file ends before; ``read_bytes`` counts from the start of the file.
            SourceAccessError: The system refused, or the medium could not be read.
        """
        done = 0
        while done < len(target):
            try:
                count = self._read_some(offset_bytes + done, target[done:])
            except OSError as error:
                raise SourceAccessError(self.path, error.strerror or str(error)) from error
            if not count:
                raise ShortReadError(offset_bytes + done, max(self.size_bytes, offset_bytes + len(target)))
            done += count

    def read(self, offset_bytes: int, size_bytes: int) -> bytes:
        """Read exactly that many bytes; the errors of ``read_into``."""
        if self._positional:
            try:
                whole = os.pread(self._fd, size_bytes, offset_bytes)
            except OSError as error:
                raise SourceAccessError(self.path, error.strerror or str(error)) from error
            if len(whole) == size_bytes:
                return whole
        target = bytearray(size_bytes)
        self.read_into(offset_bytes, memoryview(target))
        return bytes(target)

    def close(self) -> None:
        """Close the file. Closing twice does no harm."""
        self._file.close()

    def _read_some(self, offset_bytes: int, target: memoryview) -> int:
        if self._positional:
            return os.preadv(self._fd, [target], offset_bytes)
        with self._seeking:
            self._file.seek(offset_bytes)
            return self._file.readinto(target) or 0


class SourceSet:
    """The files of one image, of which only some are kept open.

    A file that is opened again must be the one it was: same identity, size and time of modification.

    Attributes:
        paths: The files, in order.
        sizes_bytes: Their sizes when first opened.
    """

    def __init__(self, paths: Sequence[Path]) -> None:
        """Look at every file once.

        Raises:
            NotAnImageError: One is a folder, a pipe, a socket or a character device.
            SourceAccessError: One cannot be opened.
        """
        self.paths = tuple(paths)
        self._lock = threading.Lock()
        self._open: OrderedDict[int, SourceFile] = OrderedDict()
        self._users: dict[int, int] = {}
        self._stay_open = len(self.paths) <= OPEN_FILES_MAX  # none has to be closed for another, nor its use counted
        self._identities: list[tuple[int, int, int, int]] = []
        try:
            for index in range(len(self.paths)):
                with self._lock:
                    self._identities.append(self._take(index).identity)
                self._give_back(index)
        except BaseException:
            self.close()
            raise
        self.sizes_bytes = tuple(identity[-1] for identity in self._identities)

    @property
    def size_bytes(self) -> int:
        """The size of all files together."""
        return sum(self.sizes_bytes)

    def read_into(self, index: int, offset_bytes: int, target: memoryview) -> None:
        """Fill ``target`` from one of the files.

        Raises:
            ShortReadError: The file ends before.
            SourceAccessError: The file or the medium cannot be read.
            SourceChangedError: The file is not the one that was opened before.
        """
        with self._lock:
            file = self._take(index)
        try:
            file.read_into(offset_bytes, target)
        finally:
            self._give_back(index)

    def read(self, index: int, offset_bytes: int, size_bytes: int) -> bytes:
        """Read exactly that many bytes of one of the files; the errors of ``read_into``."""
        if self._stay_open and (kept := self._open.get(index)) is not None:
            return kept.read(offset_bytes, size_bytes)
        with self._lock:
            file = self._take(index)
        try:
            return file.read(offset_bytes, size_bytes)
        finally:
            self._give_back(index)

    def close(self) -> None:
        """Close every file. Closing twice does no harm."""
        with self._lock:
            for file in self._open.values():
                file.close()
            self._open.clear()

    def _take(self, index: int) -> SourceFile:
        file = self._open.get(index)
        if file is None:
            file = self._open[index] = SourceFile(self.paths[index])
            if index < len(self._identities):
                self._refuse_another(file, self._identities[index])
        self._open.move_to_end(index)
        self._users[index] = self._users.get(index, 0) + 1
        return file

    def _refuse_another(self, file: SourceFile, before: tuple[int, int, int, int]) -> None:
        names = ("identity", "identity", "time of modification", "size")
        for name, was, now in zip(names, before, file.identity, strict=True):
            if was != now:
                raise SourceChangedError(file.path, name)

    def _give_back(self, index: int) -> None:
        with self._lock:
            self._users[index] -= 1
            if not self._users[index]:
                del self._users[index]
            surplus = len(self._open) - OPEN_FILES_MAX
            if surplus > 0:
                idle = [other for other in self._open if other not in self._users]
                for other in idle[:surplus]:
                    self._open.pop(other).close()


def is_read_error(error: SourceAccessError) -> bool:
    """Whether the medium itself could not be read, as against a file that may not be opened."""
    cause = error.__cause__
    return isinstance(cause, OSError) and cause.errno in (errno.EIO, getattr(errno, "ENODATA", errno.EIO))
