"""What the kinds of entries of a file system are called, in lists, commands and reports."""

from __future__ import annotations

from typing import Final

_WORDS: Final = {
    "stream": "alternate data stream",
    "fifo": "named pipe",
    "character": "character device",
    "block": "block device",
    "metadata": "file system metadata",
    "virtual": "virtual file",
}


def kind_words(kind: str) -> str:
    """An entry's kind in words; ``file``, ``directory``, ``link`` and ``socket`` are words already."""
    return _WORDS.get(kind, kind)
