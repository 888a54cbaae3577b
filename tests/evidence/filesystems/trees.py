"""What a tree lists, with digests, and what of it reads again by address as it was digested."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterable
from typing import Any

from evidence.filesystems.base import FILE_COLUMNS
from evidence.filesystems.content import UNREADABLE, ContentReader
from evidence.filesystems.listing import Tree
from evidence.filesystems.opened import FileSystemError
from evidence.filetype import TypeFinder
from evidence.images.base import Problem
from evidence.shares import Share

_TYPES = TypeFinder()


class Held:
    """Bytes in memory to read from."""

    def __init__(self, data: bytes | bytearray) -> None:
        self.data = bytes(data)
        self.media_bytes = len(data)

    def read_at(self, offset_bytes: int, size_bytes: int, /) -> bytes:
        assert offset_bytes >= 0
        return self.data[offset_bytes : offset_bytes + max(0, size_bytes)]


def listed(tree: Tree, *, digested: bool = True) -> tuple[list[dict[str, Any]], list[Problem]]:
    """All rows, and the problems."""
    rows: list[dict[str, Any]] = []
    problems: list[Problem] = []
    ids = iter(range(1, 10_000_000))
    contents = ContentReader(_TYPES, lambda: None) if digested else None
    for item in tree.lister("v0", ids.__next__, contents, lambda count: None, Share()).run():
        if isinstance(item, Problem):
            problems.append(item)
        else:
            rows += [dict(zip(FILE_COLUMNS, row, strict=True)) for row in item]
    return rows, problems


def by_path(tree: Tree) -> dict[str, dict[str, Any]]:
    """The rows of a tree without problems, by path; every content reads again by its address."""
    rows, problems = listed(tree)
    assert not [problem for problem in problems if problem.is_damage]
    for row in rows:
        if row["md5"] is not None and row["kind"] in ("file", "stream"):
            content = tree.content(row["address"])
            whole = content.read(0, content.size_bytes)
            assert hashlib.md5(whole).digest() == row["md5"]
            assert content.read(content.size_bytes // 2, 1000) == whole[content.size_bytes // 2 :][:1000]
            assert content.read(content.size_bytes // 3, 10) == whole[content.size_bytes // 3 :][:10]
    return {row["path"]: row for row in rows}


def contents(rows: Iterable[dict[str, Any]]) -> dict[str, bytes]:
    """The digests of what has some, by path."""
    return {row["path"]: row["md5"] for row in rows if row["md5"] is not None}


def survive(tree_of: Any, damaged: Iterable[bytes]) -> int:
    """Open and list each; all that may come out are the errors with words. Returns how many could be listed."""
    opened = 0
    for data in damaged:
        with contextlib.suppress(FileSystemError):
            tree = tree_of(Held(data))
            rows, _ = listed(tree)
            opened += 1
            for row in rows[:50]:
                with contextlib.suppress(*UNREADABLE):
                    tree.content(row["address"]).read(0, 4096)
    return opened
