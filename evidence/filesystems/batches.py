"""Rows until they are handed over, and the contents to be read for them: alike for every walk over a file system."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from evidence.filesystems.base import FileRow
from evidence.filesystems.content import ContentReader, ContentSource, without_media
from evidence.images.base import Problem
from evidence.shares import Share

BATCH_ROWS = 2_000
LARGE_BYTES = 1 << 30
LARGE_RATIO = 16
"""Large contents are digested until they declare so many times what their file system holds, or ``LARGE_BYTES``.

Large is what declares more than ``LARGE_BYTES`` or more than its file system holds, as sparse and compressed files may.
They, snapshots and blocks that files share may declare far more together than was ever written. The order is that of
the walk, so that every process, and every examination of the same image, leaves out the same.
"""
_KIND = 7
"""Where a row has its kind."""
_BEFORE_CONTENT = 23
"""How many values of a row come before those that its content tells."""


class Batches:
    """What a walk found since it last handed something over.

    Attributes:
        rows: Without what their contents tell; always the same list.
        problems: Handed over before the rows.
    """

    def __init__(
        self, size_bytes: int, contents: ContentReader | None, on_entries: Callable[[int], None], share: Share
    ) -> None:
        """Begin with nothing.

        Args:
            size_bytes: How much the file system fills: no content costs more to read.
            contents: Digests the contents; None to list only.
            on_entries: Called with the number of rows of every batch.
            share: Which batches' contents are read here.
        """
        self._size_bytes, self._contents, self._on_entries, self._share = size_bytes, contents, on_entries, share
        self.rows: list[FileRow] = []
        self.problems: list[Problem] = []
        self._jobs: list[tuple[Callable[[], int], ContentSource, int, str, str]] = []
        self._mine, self._large_bytes = False, 0

    @property
    def are_read(self) -> bool:
        """Whether contents are read at all."""
        return self._contents is not None

    def read_for_last_row(self, content: ContentSource, order: Callable[[], int], name: str) -> None:
        """Have a content read for the row added last.

        Args:
            content: What to read.
            order: Tells where it begins on the volume, to read in that order; asked only where it is read here.
            name: Judged against its type; empty where the content may not belong to the name.
        """
        self._jobs.append((order, content, len(self.rows) - 1, name, self._why_not(content.size_bytes)))

    def read(self) -> None:
        """Digest the contents in the order in which they lie on the volume, if that falls to this process."""
        sizes = (max(0, min(content.size_bytes, self._size_bytes)) for _, content, _, _, _ in self._jobs)
        self._mine = self._share.takes(sizes, -(-len(self.rows) // BATCH_ROWS))
        if self._contents is not None and self._mine:
            self._jobs.sort(key=lambda job: job[0]())
            for _, content, index, name, why_not in self._jobs:
                row = self.rows[index]
                result = self._contents.examine(content, name, why_not)
                if row[_KIND] == "metadata":
                    result = without_media(result)
                note = "; ".join(filter(None, (row[-1], result.note))) or None
                whole: tuple[Any, ...] = (*row[:_BEFORE_CONTENT], *result.told, note)
                self.rows[index] = whole
        self._jobs = []

    def _why_not(self, size_bytes: int) -> str:
        """Why a content of this size is not digested; "" where it is, and then it counts."""
        if size_bytes <= min(LARGE_BYTES, self._size_bytes):
            return ""
        limit_bytes = max(LARGE_BYTES, LARGE_RATIO * self._size_bytes)
        if self._large_bytes + size_bytes > limit_bytes:
            said = f"{size_bytes} bytes are declared, and the large files of this file system declare"
            return f"{said} more than {limit_bytes} bytes together, the limit for it"
        self._large_bytes += size_bytes
        return ""

    def hand_over(self) -> Iterator[tuple[FileRow, ...] | Problem]:
        """Problems, then rows in batches: empty ones in the place of those that another process reads."""
        rows = self.rows[:]
        self.rows.clear()  # the same list goes on: who fills it holds on to it
        problems, self.problems = self.problems, []
        yield from problems
        for start in range(0, len(rows), BATCH_ROWS):
            batch = rows[start : start + BATCH_ROWS]
            self._on_entries(len(batch))
            yield tuple(batch) if self._mine else ()
