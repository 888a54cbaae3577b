"""Files that are locked as long as a process lives: the system lets go of them however it ends."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

if sys.platform == "win32":
    import msvcrt

    def _lock(file: IO[bytes]) -> None:
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)

    def _look(file: IO[bytes]) -> None:
        msvcrt.locking(file.fileno(), msvcrt.LK_LOCK, 1)  # tries for some seconds, for another may look, too
else:
    import fcntl

    def _lock(file: IO[bytes]) -> None:
        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _look(file: IO[bytes]) -> None:
        fcntl.flock(file.fileno(), fcntl.LOCK_SH | fcntl.LOCK_NB)


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Hold a lock on the file ``path``, which is made for it and removed afterwards.

    Raises:
        OSError: It is held by another, which ``BlockingIOError`` says on POSIX, or cannot be made.
    """
    file = _locked(path)
    try:
        yield
    finally:
        if sys.platform != "win32":  # removed while it is held, so that nobody locks a file without a name
            path.unlink(missing_ok=True)
        file.close()
        if sys.platform == "win32":
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)


def is_held(path: Path) -> bool:
    """Whether somebody holds it; a file that a killed process left is held by nobody, however many look at once."""
    try:
        with path.open("r+b") as file:
            _look(file)
    except FileNotFoundError:
        return False
    except OSError:
        return True
    return False


def _locked(path: Path) -> IO[bytes]:
    while True:
        file = path.open("wb")
        try:
            _lock(file)
            if sys.platform == "win32" or _is_named(file, path):
                return file
        except OSError:
            file.close()
            raise
        file.close()


def _is_named(file: IO[bytes], path: Path) -> bool:
    """Whether it was not removed in the moment before it was locked."""
    try:
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    except FileNotFoundError:
        return False
