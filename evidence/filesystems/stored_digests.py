"""Contents whose digests the container stores: compared whenever one is read from start to end."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from evidence.filesystems.content import ContentSource
from evidence.images.base import Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredContent:
    """A content with the digests that the container stores of it.

    Attributes:
        path: In the container.
        digests: In lower-case hexadecimal, by the names of hashlib.
        open: Gives the content, not compared; raises one of ``UNREADABLE`` where there is none.
    """

    path: str
    digests: Mapping[str, str]
    open: Callable[[], ContentSource]


@runtime_checkable
class StoresDigests(Protocol):
    """Files with digests stored beside them."""

    @property
    def stored_in(self) -> str:
        """What holds the digests, as a sentence names it."""
        ...

    @property
    def stored_bytes(self) -> int:
        """About how many bytes the contents have, to tell how far a comparison is."""
        ...

    def wrongs(self) -> Iterable[Problem]:
        """What is wrong with the list of the digests, or with the container as a whole."""
        ...

    def stored_contents(self) -> Iterator[StoredContent]:
        """Every content that has a digest, always in the same order."""
        ...


class Sums:
    """Digests of a content as it is read, to be compared with those that are stored."""

    def __init__(self, stored: Mapping[str, str]) -> None:
        """Begin with no bytes; ``stored`` are in lower-case hexadecimal, by the names of hashlib."""
        self._stored = stored
        self._sums = {name: hashlib.new(name, usedforsecurity=False) for name in stored}

    def update(self, data: bytes) -> None:
        """Take the next bytes."""
        for total in self._sums.values():
            total.update(data)

    def refuse_difference(self) -> None:
        """Raise OSError where a digest is not the one that is stored."""
        for name, total in self._sums.items():
            if total.hexdigest() != self._stored[name]:
                raise OSError(f"the {name.upper()} of the content is {total.hexdigest()}, not {self._stored[name]}")


class Compared:
    """Content whose digests are compared with those that are stored, when it was read from start to end."""

    def __init__(self, content: ContentSource, stored: Mapping[str, str]) -> None:
        """Compare ``content`` with ``stored``."""
        self.size_bytes = content.size_bytes
        self._content, self._stored = content, stored
        self._at, self._sums = 0, Sums({})

    def read(self, offset_bytes: int, size_bytes: int, /) -> bytes:
        """Bytes of the content; raises OSError at its end where the digests differ."""
        data = self._content.read(offset_bytes, size_bytes)
        if offset_bytes == 0:
            self._at, self._sums = 0, Sums(self._stored)
        if offset_bytes != self._at:
            return data
        self._at += len(data)
        self._sums.update(data)
        if self._at == self.size_bytes:
            self._sums.refuse_difference()
        return data


def refuse_wrong_empty(content: ContentSource, stored: Mapping[str, str]) -> None:
    """Raise OSError where an empty content, of which nothing is ever read, has the digests of another one."""
    if not content.size_bytes:
        Sums(stored).refuse_difference()
