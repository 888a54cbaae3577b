"""What a viewer tells of a content, whatever its format: tables, trees, text and pages, as plain values."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

from evidence.errors import UnreadableStructureError
from evidence.views import Picture

TABLE, TREE, TEXT, PAGES = "table", "tree", "text", "pages"
MOST_ROWS = 1_000
"""Of a table in one answer."""
MOST_NODES = 20_000
"""Within one node of a tree; what is left out is said."""
CHUNK_BYTES = 4 << 20

OnProgress = Callable[[int, int], None]
Row = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part of what a viewer shows.

    Attributes:
        key: Names it when it is asked for.
        title: Its name for people.
        kind: ``table`` of rows, ``tree`` of nodes that each have rows, ``text``, or ``pages`` that are pictures.
        columns: Heads of the rows.
        count: How many rows or pages there are; of a tree and of text 0.
        state: As of when, where a content is shown as of several states; parts of one state bear the same words.
    """

    key: str
    title: str
    kind: str = TABLE
    columns: tuple[str, ...] = ()
    count: int = 0
    state: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """What a content is and which parts it has; ``remarks`` are sentences on damage and on what is not shown."""

    format: str
    parts: tuple[Part, ...]
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """Some rows, and how many there are in all."""

    rows: tuple[Row, ...]
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TreeNode:
    """A line of a tree, named by ``key``; ``second`` stands paler behind ``words``; others lie in what ``opens``."""

    key: str
    words: str
    second: str = ""
    opens: bool = False


Nodes: TypeAlias = tuple[TreeNode, ...]
"""What a viewer answers when it is asked for the lines below one."""


class Bytes(Protocol):
    """The content that is shown."""

    @property
    def size_bytes(self) -> int:
        """As declared."""
        ...

    def read(self, offset_bytes: int, size_bytes: int, /) -> bytes:
        """Exactly that many bytes, fewer only at the end; raises an EvidenceError where they cannot be had."""
        ...


Beside: TypeAlias = tuple[tuple[str, Bytes], ...]
"""Contents beside the one that is shown which hold changes of it, each with its kind."""


class Viewer:
    """An opened content. A viewer that has no parts of a kind leaves the method for it as it is.

    Attributes:
        sheet: What it is, and its parts.
    """

    sheet: Sheet

    def rows(self, part: str, node: str, first: int, count: int) -> Rows:
        """Rows of a table, or of a node of a tree.

        Raises:
            UnreadableStructureError: There is no such part, or it cannot be read.
        """
        raise UnreadableStructureError(self.sheet.format, f"it has no table {part}")

    def nodes(self, part: str, node: str) -> tuple[TreeNode, ...]:
        """What lies in a node of a tree; the uppermost nodes lie in the one without a key. Raises as :meth:`rows`."""
        raise UnreadableStructureError(self.sheet.format, f"it has no tree {part}")

    def text(self, part: str) -> str:
        """A text. Raises as :meth:`rows`."""
        raise UnreadableStructureError(self.sheet.format, f"it has no text {part}")

    def picture(self, part: str, number: int, width_pixels: int, height_pixels: int) -> Picture:
        """The page ``number``, from 0, as large as the box allows. Raises as :meth:`rows`."""
        raise UnreadableStructureError(self.sheet.format, f"it has no pages {part}")

    def close(self) -> None:
        """Give back what is kept beside Python's own memory. Closing is all that may follow."""


class TablesViewer(Viewer):
    """A viewer whose tables and texts are at hand when it is opened."""

    def __init__(self, format_: str, remarks: tuple[str, ...] = ()) -> None:
        """Start without a part."""
        self.sheet = Sheet(format=format_, parts=(), remarks=remarks)
        self._tables: dict[str, tuple[Row, ...]] = {}
        self._texts: dict[str, str] = {}

    def add(self, key: str, title: str, columns: tuple[str, ...], rows: tuple[Row, ...]) -> None:
        """Put a table behind the parts; none where there are no rows."""
        if rows:
            self._tables[key] = rows
            self._append(Part(key=key, title=title, columns=columns, count=len(rows)))

    def add_text(self, key: str, title: str, text: str) -> None:
        """Put a text behind the parts; none where it is empty."""
        if text:
            self._texts[key] = text
            self._append(Part(key=key, title=title, kind=TEXT))

    def remark(self, sentence: str) -> None:
        """Say something about damage, or about what is not shown."""
        sheet = self.sheet
        self.sheet = Sheet(format=sheet.format, parts=sheet.parts, remarks=(*sheet.remarks, sentence))

    def rows(self, part: str, node: str, first: int, count: int) -> Rows:
        """As :meth:`Viewer.rows`."""
        found = self._tables.get(part)
        if found is None:
            return super().rows(part, node, first, count)
        return page_of(found, first, count)

    def text(self, part: str) -> str:
        """As :meth:`Viewer.text`."""
        return self._texts[part] if part in self._texts else super().text(part)

    def _append(self, part: Part) -> None:
        sheet = self.sheet
        self.sheet = Sheet(format=sheet.format, parts=(*sheet.parts, part), remarks=sheet.remarks)


FACTS = ("What", "Value")
"""Heads of a table of facts."""


def page_of(rows: tuple[Row, ...], first: int, count: int) -> Rows:
    """A page of rows that are at hand."""
    first = max(0, first)
    return Rows(rows=rows[first : first + min(max(0, count), MOST_ROWS)], total=len(rows))


def whole(content: Bytes, format_: str, most_bytes: int, on_progress: OnProgress) -> bytearray:
    """All bytes of a content that a viewer takes into memory.

    Raises:
        UnreadableStructureError: There are more than ``most_bytes``.
        EvidenceError: They cannot be read.
    """
    size = content.size_bytes
    if size > most_bytes:
        why = f"it has {size:,} bytes, and at most {most_bytes:,} are taken into memory to show what is in them"
        raise UnreadableStructureError(format_, why)
    data = bytearray(size)
    done = 0
    while done < size:
        piece = content.read(done, min(CHUNK_BYTES, size - done))
        if not piece:
            raise UnreadableStructureError(format_, f"its content ends after {done:,} of {size:,} bytes")
        data[done : done + len(piece)] = piece
        done += len(piece)
        on_progress(done, size)
    return data


class ContentFile(io.RawIOBase):
    """A content as a file that can only be read, for readers that want to go to and fro in it."""

    def __init__(self, content: Bytes) -> None:
        """Begin at its start."""
        super().__init__()
        self._content, self._at = content, 0

    def readable(self) -> bool:
        """It is."""
        return True

    def seekable(self) -> bool:
        """It is."""
        return True

    def tell(self) -> int:
        """Where the next read begins."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Go to another place."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._content.size_bytes}[whence]
        if base + offset < 0:
            raise OSError(f"there is nothing at byte {base + offset}")
        self._at = base + offset
        return self._at

    def readinto(self, buffer: Any, /) -> int:
        """Fill ``buffer``, less only at the end; returns the number of bytes."""
        left = max(0, self._content.size_bytes - self._at)
        data = self._content.read(self._at, min(len(buffer), left)) if left else b""
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)
