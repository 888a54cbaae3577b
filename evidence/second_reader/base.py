"""What a second reader says of a name, and how the readers of libyal get the bytes of a volume."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from evidence.volumes.base import Readable

GAP = "/?"
"""In the path of an entry that stands for a name that could not be read."""
_PIECE_BYTES = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondEntry:
    """A name that the second reader lists.

    Attributes:
        size_bytes: None where it tells none, as of directories.
        md5: None where the content was not read, or could not be.
        times: Nanoseconds since 1970 by field of the catalogue; None where none was ever set.
    """

    path: str
    is_directory: bool
    size_bytes: int | None = None
    md5: bytes | None = None
    times: Mapping[str, int | None] = field(default_factory=dict)
    link_target: str | None = None


class Library(Protocol):
    """One reader of libyal."""

    def version(self) -> str:
        """Its name and version."""
        ...

    def open(self, volume: VolumeBytes) -> tuple[Any, Any]:
        """The opened volume, which is closed by ``close``, and its uppermost folder; raises OSError."""
        ...

    def entries(self, item: Any, path: str, with_content: bool) -> Iterator[SecondEntry]:
        """The entry itself, then its streams or attributes."""
        ...


class VolumeBytes(io.RawIOBase):
    """The bytes of a volume as a file object."""

    def __init__(self, source: Readable) -> None:
        """Read from ``source``."""
        self._source, self._at = source, 0

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
