"""The source, read block by block; what cannot be read is narrowed down to the sector, zeroed and told of."""

from __future__ import annotations

import errno
import mmap
import os
import stat
import threading
from pathlib import Path

from evidence.acquisition.identity import SourceIdentity
from evidence.acquisition.settings import BadRegion
from evidence.errors import SourceAccessError, SourceChangedError, SourceEndedError, SourceGoneError
from evidence.images.source import open_read_only

_OF_THE_MEDIUM = frozenset(
    getattr(errno, name)
    for name in ("EIO", "ENODATA", "EILSEQ", "EREMOTEIO", "ETIMEDOUT", "EBADMSG", "EPROTO", "EUCLEAN")
    if hasattr(errno, name)
)


class SourceReader:
    """Reads a device or a file from one thread, and never writes to it.

    Attributes:
        size_bytes: Of the source when it was opened.
    """

    def __init__(self, path: Path, *, sector_bytes: int, retries: int) -> None:
        """Open ``path`` read-only.

        Args:
            path: A block device or a file.
            sector_bytes: To what a read that fails is narrowed down.
            retries: How often a sector is tried again.

        Raises:
            NotAnImageError: It is neither.
            SourceAccessError: The system refused.
        """
        self._path, self._sector_bytes, self._retries = path, sector_bytes, retries
        self._fd = open_read_only(path)
        self._is_device = stat.S_ISBLK(os.fstat(self._fd).st_mode)
        self.size_bytes = os.lseek(self._fd, 0, os.SEEK_END)
        self._before = self._state()
        self._direct: int | None = None
        self._page = mmap.mmap(-1, max(sector_bytes, mmap.PAGESIZE))
        self._stopped = threading.Event()

    def read(self, offset_bytes: int, target: memoryview) -> list[BadRegion]:
        """Fill ``target``, with zeros where the source cannot be read.

        Returns:
            What could not be read, in order.

        Raises:
            SourceEndedError: The source ends before.
            SourceGoneError: It is not there any more.
            SourceAccessError: The system refused for a reason that is not the medium's.
        """
        bad: list[BadRegion] = []
        self._read(offset_bytes, target, bad)
        return bad

    def stop(self) -> None:
        """Let a read that goes through a damaged stretch end at its next sector, with zeros that nobody may use."""
        self._stopped.set()

    def refuse_other_than(self, described: SourceIdentity) -> None:
        """See whether a file is, now that it is open, what it was when it was described.

        Raises:
            SourceChangedError: It became longer or shorter, or was written to, in between.
        """
        modified_ns = self._before[1] if described.modified_ns is None else described.modified_ns
        self._refuse(was=(described.size_bytes, modified_ns), now=self._before)

    def refuse_change(self) -> None:
        """See whether a file is still what it was when it was opened.

        Raises:
            SourceChangedError: Somebody wrote to it.
        """
        self._refuse(was=self._before, now=self._state())

    def close(self) -> None:
        """Close the source. Closing twice does no harm."""
        for fd in (self._fd, self._direct):
            if fd is not None and fd >= 0:
                os.close(fd)
        self._fd, self._direct = -1, None
        self._page.close()

    def _refuse(self, *, was: tuple[int, int], now: tuple[int, int]) -> None:
        for what, before, after in zip(("size", "time of modification"), was, now, strict=True):
            if before != after:
                raise SourceChangedError(self._path, what)

    def _state(self) -> tuple[int, int]:
        if self._is_device:  # the times of a device's node say nothing of its content
            return os.lseek(self._fd, 0, os.SEEK_END), 0
        status = os.fstat(self._fd)
        return status.st_size, status.st_mtime_ns

    def _read(self, offset_bytes: int, target: memoryview, bad: list[BadRegion]) -> None:
        error = self._try(offset_bytes, target)
        if error is None:
            return
        if len(target) > self._sector_bytes:
            sectors = -(-len(target) // self._sector_bytes)
            half = sectors // 2 * self._sector_bytes
            self._read(offset_bytes, target[:half], bad)
            self._read(offset_bytes + half, target[half:], bad)
            return
        for _ in range(max(1, self._retries)):  # a sector alone was not read yet
            if self._stopped.is_set() or self._try_sector(offset_bytes, target):
                return
        target[:] = bytes(len(target))
        why = os.strerror(error.errno or errno.EIO)
        bad.append(BadRegion(offset_bytes=offset_bytes, length_bytes=len(target), why=why))

    def _try(self, offset_bytes: int, target: memoryview) -> OSError | None:
        done = 0
        while done < len(target) and not self._stopped.is_set():
            try:
                count = _read_some(self._fd, target[done:], offset_bytes + done)
            except OSError as error:
                self._refuse_other(error)
                return error
            if not count:
                self._refuse_gone()
                raise SourceEndedError(self._path, offset_bytes + done, self.size_bytes)
            done += count
        return None

    def _try_sector(self, offset_bytes: int, target: memoryview) -> bool:
        """Read one sector past the cache, which reads whole pages and so fails for the neighbours of a bad sector."""
        if self._is_device and self._direct is None and hasattr(os, "O_DIRECT"):
            try:
                self._direct = os.open(self._path, os.O_RDONLY | os.O_DIRECT | os.O_CLOEXEC)
            except OSError:
                self._direct = -1
        if self._direct is None or self._direct < 0:
            return self._try(offset_bytes, target) is None
        with memoryview(self._page) as page:
            try:
                count = _read_some(self._direct, page[: len(target)], offset_bytes)
            except OSError as error:
                if error.errno == errno.EINVAL:  # sectors of another size
                    return self._try(offset_bytes, target) is None
                self._refuse_other(error)
                return False
            if count < len(target):
                return False
            target[:] = page[: len(target)]
        return True

    def _refuse_other(self, error: OSError) -> None:
        """Pass on what is no fault of the medium; a device that was unplugged must not become zeros."""
        if error.errno not in _OF_THE_MEDIUM:
            kind = SourceGoneError if error.errno in (errno.ENODEV, errno.ENXIO, errno.ESTALE) else SourceAccessError
            raise kind(self._path, error.strerror or str(error)) from error
        self._refuse_gone()

    def _refuse_gone(self) -> None:
        if not self._is_device:
            return
        try:
            again = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC)
            size_bytes = os.lseek(again, 0, os.SEEK_END)
            os.close(again)
        except OSError as error:
            raise SourceGoneError(self._path, error.strerror or str(error)) from error
        if size_bytes != self.size_bytes:
            raise SourceGoneError(self._path, "the device is gone, or another one is in its place")


def _read_some(fd: int, target: memoryview, offset_bytes: int) -> int:
    if hasattr(os, "preadv"):
        return os.preadv(fd, [target], offset_bytes)
    os.lseek(fd, offset_bytes, os.SEEK_SET)
    data = os.read(fd, len(target))
    target[: len(data)] = data
    return len(data)
