"""The content of files: read in bounded chunks, digested, and looked at for its type."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from evidence.errors import UnreadableRegionError
from evidence.filetype import HEAD_BYTES, TypeFinder

CHUNK_BYTES = 1 << 20
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
    note: str | None = None


class ContentReader:
    """Digests contents of one file system."""

    def __init__(self, size_bytes: int, types: TypeFinder, on_chunk: Callable[[], None]) -> None:
        """Prepare for a file system.

        Args:
            size_bytes: How much it fills; what declares to be larger is not digested.
            types: Tells types.
            on_chunk: Called after every chunk; what it raises passes through.
        """
        self._size_bytes, self._types, self._on_chunk = size_bytes, types, on_chunk

    def examine(self, content: ContentSource, name: str) -> Examined:
        """MD5, SHA-256 and type of one content, in one pass.

        Args:
            content: What to read.
            name: Judged against the type; empty where the content may not belong to the name.
        """
        if content.size_bytes > self._size_bytes:
            return self._head_only(content, name)
        md5, sha256, head = hashlib.md5(usedforsecurity=False), hashlib.sha256(), b""
        done = 0
        try:
            while done < content.size_bytes:
                chunk = content.read(done, CHUNK_BYTES)
                if not chunk:
                    raise OSError(f"the content ends after {done} of {content.size_bytes} bytes")
                head = head or chunk[:HEAD_BYTES]
                md5.update(chunk)
                sha256.update(chunk)
                done += len(chunk)
                self._on_chunk()
        except UNREADABLE as error:
            note = f"content not readable from byte {done} on: {reason(error)}"
            return self._typed(content, head, name, note)
        kind = self._types.of(head, name, size_bytes=content.size_bytes)
        return Examined(
            md5=md5.digest(), sha256=sha256.digest(), mime=kind.mime, type_text=kind.text, mismatch=kind.mismatch
        )

    def _head_only(self, content: ContentSource, name: str) -> Examined:
        note = f"not digested: the declared size of {content.size_bytes} bytes is more than the file system holds"
        try:
            head = content.read(0, HEAD_BYTES)
        except UNREADABLE:
            head = b""
        return self._typed(content, head, name, note)

    def _typed(self, content: ContentSource, head: bytes, name: str, note: str) -> Examined:
        if not head:
            return Examined(note=note)
        kind = self._types.of(head, name, size_bytes=content.size_bytes)
        return Examined(mime=kind.mime, type_text=kind.text, mismatch=kind.mismatch, note=note)
