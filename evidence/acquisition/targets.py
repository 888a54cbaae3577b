"""What the media is written to: the files of a target, opened only for it, and what every kind of target offers."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeAlias

from evidence.acquisition.settings import BadRegion
from evidence.errors import TargetError

BUFFER_BYTES = 1 << 20

Packed: TypeAlias = list[tuple[bytes | memoryview, bool]]
"""Media as it is to be stored, in pieces; of each whether it is compressed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """From where a target can be continued.

    Attributes:
        media_bytes: How much of the media it holds there.
        files: How many files it consists of.
        last_bytes: Size of the last of them; what follows is cut off when it is taken up again.
    """

    media_bytes: int
    files: int
    last_bytes: int


NOTHING_YET = Checkpoint(media_bytes=0, files=0, last_bytes=0)


class Target(Protocol):
    """A target in the making. Everything but ``pack`` is called from one thread."""

    @property
    def paths(self) -> tuple[Path, ...]:
        """The files so far, in order."""
        ...

    @property
    def reached(self) -> Checkpoint:
        """The last place from which it can be continued, once ``sync`` has made it safe."""
        ...

    def pack(self, block: memoryview) -> Packed:
        """Make media ready to be stored; called from several threads."""
        ...

    def write(self, packed: Packed) -> None:
        """Store what comes next.

        Raises:
            OSError: The system refused.
        """
        ...

    def sync(self) -> None:
        """Bring all of it to the disk."""
        ...

    def finish(self, digests: Mapping[str, bytes], bad: tuple[BadRegion, ...]) -> int:
        """Complete the target; returns how many of ``bad`` it has no room to list."""
        ...

    def close(self) -> None:
        """Close the files. What was not synced may be lost. Closing twice does no harm."""
        ...


class TargetFile:
    """One file of a target, which no other program may write at the same time."""

    def __init__(self, path: Path, *, continue_at: int | None = None) -> None:
        """Create ``path``, or continue the one that is there and cut off what follows ``continue_at``.

        Raises:
            OSError: It exists, or cannot be written, or another acquisition holds it.
        """
        self.path = path
        flags = os.O_RDWR | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOFOLLOW", 0)
        self._fd = os.open(path, flags | (os.O_CREAT | os.O_EXCL if continue_at is None else 0), 0o640)
        self._file = os.fdopen(self._fd, "r+b", BUFFER_BYTES)
        self.size_bytes = continue_at or 0
        try:
            self._hold()
            if continue_at is not None:
                if os.fstat(self._fd).st_size < continue_at:
                    raise TargetError(path, "it is shorter than what was known to be safe", 0)
                self._file.truncate(continue_at)
                self._file.seek(continue_at)
        except BaseException:
            self.close()
            raise

    def write(self, data: bytes | memoryview) -> None:
        """Append."""
        self._file.write(data)
        self.size_bytes += len(data)

    def rewrite(self, offset_bytes: int, data: bytes) -> None:
        """Replace bytes that were written before, and stand at the end again."""
        self._file.seek(offset_bytes)
        self._file.write(data)
        self._file.seek(self.size_bytes)

    def sync(self) -> None:
        """Bring it to the disk, and let it go from the cache: what is read back later comes from the disk."""
        self._file.flush()
        os.fsync(self._fd)
        if hasattr(os, "posix_fadvise"):
            os.posix_fadvise(self._fd, 0, 0, os.POSIX_FADV_DONTNEED)

    def close(self) -> None:
        """Close it; what is still in the buffer may be lost, which ``sync`` prevents."""
        with contextlib.suppress(OSError):
            self._file.close()

    def _hold(self) -> None:
        if os.name == "posix":
            import fcntl  # absent on Windows

            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
