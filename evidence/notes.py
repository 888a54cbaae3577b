"""A line of text that outlives the process that wrote it: the parent makes a file, the child writes into its memory.

No system call is needed to write, so that a child can note every single file that it is about to read.
"""

from __future__ import annotations

import mmap
from pathlib import Path

_NAME = "note"
_BYTES = 4096


class Notes:
    """The child's side."""

    def __init__(self, folder: Path) -> None:
        """Write to the file that :func:`prepare` made in ``folder``; without one, notes go nowhere."""
        self._memory: mmap.mmap | None = None
        try:
            with (folder / _NAME).open("r+b") as file:
                self._memory = mmap.mmap(file.fileno(), _BYTES)
        except FileNotFoundError:
            return

    def write(self, text: str) -> None:
        """Replace the note; cut off where it is too long."""
        if self._memory is not None:
            line = text.encode(errors="replace")[: _BYTES - 1] + b"\0"
            self._memory[: len(line)] = line


def prepare(folder: Path) -> None:
    """Make room for the notes of a child that is about to start in ``folder``."""
    (folder / _NAME).write_bytes(bytes(_BYTES))


def read(folder: Path) -> str:
    """The last note of a child that has ended, which may be nonsense; empty if there is none."""
    try:
        content = (folder / _NAME).read_bytes()[:_BYTES]
    except OSError:
        return ""
    return content.partition(b"\0")[0].decode(errors="replace")


def remove(folder: Path) -> None:
    """Remove the file, if there is one."""
    (folder / _NAME).unlink(missing_ok=True)
