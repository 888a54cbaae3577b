"""The content of files: read in bounded chunks, digested, and looked at for its type."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from evidence.filesystems.tsk import TskFileSystem
from evidence.filetype import HEAD_BYTES, TypeFinder

CHUNK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """Where the bytes of one row are.

    Attributes:
        handle: ``pytsk3.File``.
        attribute: Type and id of the attribute; None for the one that the reader takes by itself.
        size_bytes: As declared.
        valid_bytes: What lies behind this reads as zeros; None for all valid.
        first_block: Where it begins on the volume, to read in that order; 0 where it has no blocks.
    """

    handle: Any
    attribute: tuple[int, int] | None
    size_bytes: int
    valid_bytes: int | None = None
    first_block: int = 0

    def read(self, offset_bytes: int, size_bytes: int) -> bytes:
        """Bytes of the content; raises OSError where they cannot be read, also where they end too early."""
        size_bytes = min(size_bytes, self.size_bytes - offset_bytes)
        wanted = size_bytes
        if self.valid_bytes is not None:
            wanted = max(0, min(size_bytes, self.valid_bytes - offset_bytes))
        data: bytes = self.handle.read_random(offset_bytes, wanted, *(self.attribute or ())) if wanted else b""
        if len(data) != wanted:
            raise OSError(f"the content ends after {offset_bytes + len(data)} of {self.size_bytes} bytes")
        return data + bytes(size_bytes - wanted)


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

    def __init__(self, opened: TskFileSystem, types: TypeFinder, on_chunk: Callable[[], None]) -> None:
        """Read from ``opened``; ``on_chunk`` is called after every chunk, and what it raises passes through."""
        self._opened, self._types, self._on_chunk = opened, types, on_chunk

    def examine(self, content: Content, name: str) -> Examined:
        """MD5, SHA-256 and type of one content, in one pass.

        Args:
            content: What to read.
            name: Judged against the type; empty where the content may not belong to the name.
        """
        if content.size_bytes > self._opened.size_bytes:
            return self._head_only(content, name)
        md5, sha256, head = hashlib.md5(usedforsecurity=False), hashlib.sha256(), b""
        done = 0
        try:
            while done < content.size_bytes:
                chunk = content.read(done, CHUNK_BYTES)
                head = head or chunk[:HEAD_BYTES]
                md5.update(chunk)
                sha256.update(chunk)
                done += len(chunk)
                self._on_chunk()
        except OSError as error:
            return self._unread(content, head, done, error, name)
        kind = self._types.of(head, name, size_bytes=content.size_bytes)
        return Examined(
            md5=md5.digest(), sha256=sha256.digest(), mime=kind.mime, type_text=kind.text, mismatch=kind.mismatch
        )

    def _unread(self, content: Content, head: bytes, done: int, error: OSError, name: str) -> Examined:
        region = self._opened.take_unreadable()
        why = str(region) if region else " ".join(str(error).split())
        return self._typed(content, head, name, f"content not readable from byte {done} on: {why}")

    def _head_only(self, content: Content, name: str) -> Examined:
        note = f"not digested: the declared size of {content.size_bytes} bytes is more than the file system holds"
        try:
            head = content.read(0, HEAD_BYTES)
        except OSError:
            self._opened.take_unreadable()
            head = b""
        return self._typed(content, head, name, note)

    def _typed(self, content: Content, head: bytes, name: str, note: str) -> Examined:
        if not head:
            return Examined(note=note)
        kind = self._types.of(head, name, size_bytes=content.size_bytes)
        return Examined(mime=kind.mime, type_text=kind.text, mismatch=kind.mismatch, note=note)
