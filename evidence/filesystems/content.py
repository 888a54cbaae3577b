"""The content of files: read in bounded chunks, digested, and looked at for its type, entropy and marks."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Protocol, runtime_checkable

from evidence import entropy
from evidence.entropy import spread_of
from evidence.errors import UnreadableRegionError
from evidence.filesystems.ranges import Range
from evidence.filetype import DATA as DATA_TYPE
from evidence.filetype import EMPTY as EMPTY_TYPE
from evidence.filetype import HEAD_BYTES, FileType, TypeFinder
from evidence.marks import EMPTY, marks_of

CHUNK_BYTES = 1 << 20
ALWAYS_BYTES = 64 << 30
"""Contents of up to this size are digested whatever the files of the image hold."""
MOST_RATIO = 1100
"""Larger ones only if they are at most so many times as large as the files of the image; deflate packs no better."""
UNREADABLE = (OSError, UnreadableRegionError)
"""What reading a content raises when bytes of the evidence cannot be had or make no sense."""


class ContentSource(Protocol):
    """The bytes of one file, stream or attribute."""

    @property
    def size_bytes(self) -> int:
        """As declared."""
        ...

    def read(self, offset_bytes: int, size_bytes: int, /) -> bytes:
        """Exactly that many bytes, fewer only at the end.

        Raises:
            OSError: They cannot be read, or end too early; the message says why. Never zeros in silence.
            UnreadableRegionError: The media cannot be read where they lie.
        """
        ...


@runtime_checkable
class Placed(Protocol):
    """A content that can tell where it lies in its volume."""

    def within(self, offset_bytes: int, size_bytes: int, /) -> Iterator[tuple[int, int, int]]:
        """Of each stretch of a part: its place in the content, its offset in the volume, its length; all in bytes."""
        ...


@runtime_checkable
class Packed(Protocol):
    """A content that is read in another form than it is stored in."""

    def stored(self) -> Iterator[Range]:
        """Where what it is made from lies in its volume.

        Raises:
            OSError: It is not known; the message says why.
            UnreadableRegionError: What tells it cannot be read.
        """
        ...


def occupied_by(content: ContentSource) -> list[Range]:
    """Where a content lies in its volume, in whatever form it is stored; nothing of one that lies in a record.

    Raises:
        OSError: It is not known.
        UnreadableRegionError: What tells it cannot be read.
    """
    if isinstance(content, Packed):
        return list(content.stored())
    if isinstance(content, Placed):
        return [(start, length) for _, start, length in content.within(0, content.size_bytes)]
    if isinstance(content, BytesContent):
        return []
    raise OSError("where it lies is not known")


class BytesContent:
    """Bytes that are at hand already, such as those inside an attribute.

    Attributes:
        size_bytes: Their number.
    """

    def __init__(self, data: bytes) -> None:
        """Keep them."""
        self._data = data
        self.size_bytes = len(data)

    def read(self, offset_bytes: int, size_bytes: int, /) -> bytes:
        """As :meth:`ContentSource.read`."""
        return self._data[offset_bytes : offset_bytes + size_bytes] if offset_bytes >= 0 else b""


def reason(error: Exception) -> str:
    """What an error out of :data:`UNREADABLE` says, in one line."""
    if isinstance(error, UnreadableRegionError):
        return str(error)
    return " ".join(str(error).split())


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """What the content told; digests are None where it could not be read whole, and ``note`` says why."""

    md5: bytes | None = None
    sha256: bytes | None = None
    mime: str | None = None
    type_text: str | None = None
    mismatch: bool = False
    entropy_head_millibits: int | None = None
    marks: str = ""
    note: str | None = None

    @property
    def told(self) -> tuple[bytes | None, bytes | None, str | None, str | None, bool, int | None, str]:
        """The values of a row from ``md5`` on, without the note."""
        return (
            self.md5, self.sha256, self.mime, self.type_text, self.mismatch, self.entropy_head_millibits, self.marks,
        )  # fmt: skip


def without_media(told: Examined) -> Examined:
    """What the content of a file system's own metadata told: its tables and bitmaps are no picture, sound or film."""
    if not (told.mime or "").startswith(("image/", "audio/", "video/")):
        return told
    return replace(told, mime=DATA_TYPE.mime, type_text=DATA_TYPE.text, mismatch=False)


class ContentReader:
    """Digests contents of one file system."""

    def __init__(self, types: TypeFinder, on_chunk: Callable[[], None], files_bytes: int | None = None) -> None:
        """Prepare for a file system.

        Args:
            types: Tells types.
            on_chunk: Called after every chunk; what it raises passes through.
            files_bytes: How large the files of the image are, which bounds what can be in them; see :data:`MOST_RATIO`.
        """
        self._types, self._on_chunk, self._files_bytes = types, on_chunk, files_bytes

    def examine(self, content: ContentSource, name: str, why_not: str = "") -> Examined:
        """MD5, SHA-256, type, entropy and marks of one content, in one pass.

        Args:
            content: What to read.
            name: Judged against the type; empty where the content may not belong to the name.
            why_not: Why it is not to be digested, empty where it is; its type is told all the same.
        """
        why_not = why_not or self._why_not(content.size_bytes)
        if why_not:
            return self._head_only(content, name, f"not digested: {why_not}")
        md5, sha256, head = hashlib.md5(usedforsecurity=False), hashlib.sha256(), b""
        done = 0
        try:
            while done < content.size_bytes:
                chunk = content.read(done, CHUNK_BYTES)
                if not chunk:
                    raise OSError(f"the content ends after {done} of {content.size_bytes} bytes")
                head = head or chunk[: entropy.HEAD_BYTES]
                md5.update(chunk)
                sha256.update(chunk)
                done += len(chunk)
                self._on_chunk()
        except UNREADABLE as error:
            note = f"content not readable from byte {done} on: {reason(error)}"
            return self._typed(content, head, name, note)
        return self._typed(content, head, name, None, md5.digest(), sha256.digest())

    def _why_not(self, size_bytes: int) -> str:
        if self._files_bytes is not None and size_bytes > max(ALWAYS_BYTES, MOST_RATIO * self._files_bytes):
            files = f"the files of the image have {self._files_bytes} bytes"
            return f"{size_bytes} bytes are declared, and {files}: nearly all of it was never written"
        return ""

    def _head_only(self, content: ContentSource, name: str, note: str) -> Examined:
        try:
            head = content.read(0, entropy.HEAD_BYTES)
        except UNREADABLE:
            head = b""
        return self._typed(content, head, name, note)

    def _typed(
        self,
        content: ContentSource,
        head: bytes,
        name: str,
        note: str | None,
        md5: bytes | None = None,
        sha256: bytes | None = None,
    ) -> Examined:
        """What the head tells, and the few places of the content that it points to."""
        if not head:
            if content.size_bytes:
                return Examined(note=note)
            return Examined(
                md5=md5, sha256=sha256, mime=EMPTY_TYPE.mime, type_text=EMPTY_TYPE.text, marks=EMPTY, note=note
            )
        kind = self._type_of(content, head[:HEAD_BYTES], name)
        spread = spread_of(head)
        try:
            marks = marks_of(head, content.size_bytes, content.read, spread)
        except UNREADABLE:
            marks = ""  # a place that the content itself names; why it cannot be read is said where it is digested
        return Examined(
            md5=md5,
            sha256=sha256,
            mime=kind.mime,
            type_text=kind.text,
            mismatch=kind.mismatch,
            entropy_head_millibits=spread.millibits if spread else None,
            marks=marks,
            note=note,
        )

    def _type_of(self, content: ContentSource, head: bytes, name: str) -> FileType:
        try:
            return self._types.of(head, name, size_bytes=content.size_bytes, read=content.read)
        except UNREADABLE:
            return self._types.of(head, name, size_bytes=content.size_bytes)
