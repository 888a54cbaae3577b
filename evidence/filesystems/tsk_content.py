"""The content of one attribute of a file that The Sleuth Kit opened."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from evidence.filesystems.content import BytesContent, ContentSource
from evidence.filesystems.ext_attributes import Attribute
from evidence.filesystems.fat_areas import Area
from evidence.filesystems.fat_chains import ChainContent
from evidence.filesystems.free_space import stored_runs
from evidence.filesystems.tsk import TskFileSystem

ATTRIBUTE = ":"
"""Between the number of an inode of ext and the place of an extended attribute in it."""


def attribute_content(opened: TskFileSystem, attribute: Attribute) -> ContentSource:
    """The value of an extended attribute of ext; raises OSError where its inode cannot be opened."""
    if attribute.data is not None:
        return BytesContent(attribute.data)
    handle = opened.open_record(attribute.inode)
    if handle is None:
        raise OSError(f"its inode {attribute.inode} cannot be opened")
    return TskContent(opened=opened, handle=handle, attribute=None, size_bytes=attribute.size_bytes)


@dataclass(frozen=True, slots=True, kw_only=True)
class TskContent:
    """Where the bytes of one row are.

    Attributes:
        opened: The file system.
        handle: ``pytsk3.File``.
        attribute: Type and id of the attribute; None for the one that the reader takes by itself.
        size_bytes: As declared.
        valid_bytes: What lies behind this reads as zeros; None for all valid.
    """

    opened: TskFileSystem
    handle: Any
    attribute: tuple[int, int] | None
    size_bytes: int
    valid_bytes: int | None = None

    def read(self, offset_bytes: int, size_bytes: int, /) -> bytes:
        """Bytes of the content; see :class:`evidence.filesystems.content.ContentSource`."""
        size_bytes = min(size_bytes, self.size_bytes - offset_bytes)
        if offset_bytes < 0 or size_bytes <= 0:
            return b""
        mapped = self.opened.mapped(self.handle, self.attribute)
        if mapped is not None:
            return mapped.read(offset_bytes, size_bytes)
        wanted = size_bytes
        if self.valid_bytes is not None:
            wanted = max(0, min(size_bytes, self.valid_bytes - offset_bytes))
        try:
            data: bytes = self.handle.read_random(offset_bytes, wanted, *(self.attribute or ())) if wanted else b""
            if len(data) != wanted:
                raise OSError(f"the content ends after {offset_bytes + len(data)} of {self.size_bytes} bytes")
        except OSError as error:
            region = self.opened.take_unreadable()
            if region is None:
                raise
            raise region from error
        return data + bytes(size_bytes - wanted)

    def within(self, offset_bytes: int, size_bytes: int) -> Iterator[tuple[int, int, int]]:
        """Where a part of it lies: place in the content, offset in the volume, length; what is not stored has none."""
        mapped = self.opened.mapped(self.handle, self.attribute)
        if mapped is not None:
            yield from mapped.within(offset_bytes, size_bytes) if isinstance(mapped, Area | ChainContent) else ()
            return
        end = min(offset_bytes + size_bytes, self.size_bytes)
        for at, start, length in stored_runs(self.handle, self.attribute, self.opened.block_bytes):
            first, last = max(at, offset_bytes), min(at + length, end)
            if first < last:
                yield first, start + first - at, last - first

    def first_block(self) -> int:
        """Where it begins, to read a batch in the order of the volume; 0 for what lies in its own record."""
        for found in self.handle:
            info = found.info
            if self.attribute is None or (info.type, info.id) == self.attribute:
                for run in found:
                    return int(run.addr)
        return 0


def link_target(opened: TskFileSystem, entry: Any, meta: Any) -> str | None:
    """Where a symbolic link leads: what pytsk3 found, or the content where it leaves the target there."""
    raw: bytes | None = meta.link
    if not raw and 0 < meta.size <= 4096:
        try:
            raw = entry.read_random(0, meta.size)
        except OSError:
            opened.take_unreadable()
    return raw.rstrip(b"\0").decode(errors="replace") if raw else None
