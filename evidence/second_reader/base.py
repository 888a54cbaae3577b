"""What a second reader says of a name, and how the readers of libyal get the bytes of a volume."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol

from evidence.volumes.base import Readable

NO_TIME = "libfsfat makes a time of what is none"
_PIECE_BYTES = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondEntry:
    """A name that the second reader lists.

    Attributes:
        folder: Path of the folder that it lies in; "" is the uppermost. A name may hold a ``/``.
        path: Where the name cannot be read, its number in the folder behind a ``?`` stands in its place.
        is_named: Whether the name can be read.
        number: Of its inode, file record or directory entry, as in addresses of the catalogue; "" where it tells none.
        stream_of: The name of what it is a stream or an extended attribute of; "" of any other.
        size_bytes: None where it tells none, as of directories.
        md5: None where the content was not read, or could not be.
        times: Nanoseconds since 1970 by field of the catalogue; None where none was ever set.
        link_target: None of what is no link.
        unread: What of it cannot be read: ``target``, ``streams`` that there may be, or ``entry``, which is all of it.
        known: Why what it says of something differs, by that, where the reader is known to be wrong of it.
    """

    folder: str
    path: str
    is_directory: bool
    is_named: bool = True
    number: str = ""
    stream_of: str = ""
    size_bytes: int | None = None
    md5: bytes | None = None
    times: Mapping[str, int | None] = field(default_factory=dict)
    link_target: str | None = None
    unread: tuple[str, ...] = ()
    known: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """What stands behind the folder in its path."""
        return self.path[len(self.folder) + 1 :]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where an entry stands: see :class:`SecondEntry`."""

    folder: str
    path: str
    is_named: bool = True


class Library(Protocol):
    """One reader of libyal."""

    def version(self) -> str:
        """Its name and version."""
        ...

    def open(self, volume: VolumeBytes) -> tuple[Any, Any]:
        """The opened volume, which is closed by ``close``, and its uppermost folder; raises OSError."""
        ...

    def number(self, volume: VolumeBytes, item: Any) -> str:
        """As of :class:`SecondEntry`; raises OSError where it cannot be read."""
        ...

    def entries(self, volume: VolumeBytes, item: Any, place: Place, with_content: bool) -> Iterator[SecondEntry]:
        """The entry itself, then its streams or attributes; raises OSError where it cannot be read."""
        ...


class VolumeBytes(io.RawIOBase):
    """The bytes of a volume as a file object."""

    def __init__(self, source: Readable) -> None:
        """Read from ``source``."""
        self._source, self._at = source, 0

    @cached_property
    def head(self) -> bytes:
        """The first 512 bytes."""
        return self.at(0, 512)

    def at(self, offset_bytes: int, size_bytes: int) -> bytes:
        """So many bytes from a place on, fewer at the end; where the reader is going to read stays as it is."""
        left = self._source.media_bytes - offset_bytes
        return self._source.read_at(offset_bytes, min(size_bytes, left)) if left > 0 else b""

    def readable(self) -> bool:
        """Always."""
        return True

    def seekable(self) -> bool:
        """Always."""
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        """As of any file."""
        self._at = offset + (0, self._at, self._source.media_bytes)[whence]
        return self._at

    def tell(self) -> int:
        """As of any file."""
        return self._at

    def read(self, size: int = -1) -> bytes:
        """As of any file; fewer bytes at the end."""
        left = max(0, self._source.media_bytes - self._at)
        wanted = left if size < 0 else min(size, left)
        data = self._source.read_at(self._at, wanted) if wanted else b""
        self._at += len(data)
        return data

    def get_size(self) -> int:
        """How many there are; the readers ask for it."""
        return self._source.media_bytes


def content_md5(item: Any) -> bytes | None:
    """The MD5 of a content; None where it cannot be read to its end."""
    digest = hashlib.md5(usedforsecurity=False)
    left = item.size
    try:
        item.seek_offset(0, 0)
        while left > 0:
            data = item.read_buffer(min(left, _PIECE_BYTES))
            if not data:
                return None
            digest.update(data)
            left -= len(data)
    except OSError:
        return None
    return digest.digest()
