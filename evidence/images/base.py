"""What every container offers: the media inside it, and what the container says of itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """A run of bytes of the media."""

    offset_bytes: int
    length_bytes: int


NOT_READ = "not read at the acquisition"
"""``Problem.about``: what the acquisition says of itself that it could not read."""

STORED_DIGESTS = "stored digests"
"""``Problem.about``: the container's own digests are damaged, contradict each other, or may not be this media's."""
AS_READ = "what cannot be read"
"""``Problem.about``: only the process that reads the contents of a batch finds it."""
UNREAD_ATTRIBUTES = "extended attributes that cannot be read"
"""``Problem.about``: those of one entry."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Structural damage, or something the examiner has to know, found while opening or reading.

    Attributes:
        what: A sentence.
        where: The file or structure it concerns.
        offset_bytes: The place inside ``where``, or None where there is no such place.
        is_damage: Whether something is wrong with the evidence; False for what is merely to be known, such as a
            content that this version does not read.
        about: ``NOT_READ``, ``STORED_DIGESTS``, ``AS_READ``; in words the kind of a problem of which one archive or
            file system can have very many (see :mod:`evidence.filesystems.few`); or "" for everything else.
        regions: All the parts of the media it concerns, where the container lists them.
    """

    what: str
    where: str
    offset_bytes: int | None
    is_damage: bool = True
    about: str = ""
    regions: tuple[Region, ...] = ()


def not_read(problems: Iterable[Problem]) -> tuple[Region, ...]:
    """All that the acquisition says of itself that it could not read."""
    return tuple(region for problem in problems if problem.about == NOT_READ for region in problem.regions)


def refuse_negative(offset_bytes: int) -> None:
    """Refuse an offset before the media.

    Raises:
        ValueError: It is negative.
    """
    if offset_bytes < 0:
        raise ValueError(f"the offset {offset_bytes} lies before the media")


class Image(Protocol):
    """An opened image, read-only. Closing it releases the files; reading is safe from several threads.

    Attributes:
        container: "raw", "ewf" ... as in the document of ``inspect``.
        paths: The files it consists of, in order.
        media_bytes: Size of the media inside the container.
        container_bytes: Size of all its files together.
        sector_bytes: Size of a sector of the media.
        metadata: What the container says of itself, under keys such as ``case_number`` and ``acquired_at``.
        stored_digests: Digests of the media that the acquisition tool stored: "md5", "sha1", "sha256".
        problems: What was found to be wrong when it was opened.
    """

    @property
    def container(self) -> str: ...  # noqa: D102
    @property
    def paths(self) -> tuple[Path, ...]: ...  # noqa: D102
    @property
    def media_bytes(self) -> int: ...  # noqa: D102
    @property
    def container_bytes(self) -> int: ...  # noqa: D102
    @property
    def sector_bytes(self) -> int: ...  # noqa: D102
    @property
    def metadata(self) -> Mapping[str, str]: ...  # noqa: D102
    @property
    def stored_digests(self) -> Mapping[str, bytes]: ...  # noqa: D102
    @property
    def problems(self) -> Sequence[Problem]: ...  # noqa: D102

    def read_at(self, offset_bytes: int, size_bytes: int, /) -> bytes:
        """Read exactly that many bytes of the media; fewer only at its end.

        Raises:
            UnreadableRegionError: A checksum fails or bytes are missing; never zeros in silence.
            ShortReadError: A file of the image became shorter than it was.
        """
        ...

    def close(self) -> None:
        """Release the files. Closing twice does no harm."""
        ...


@runtime_checkable
class _MayBeLogical(Protocol):
    @property
    def is_logical(self) -> bool: ...


def is_logical(image: Image) -> bool:
    """Whether the media is the contents of files one behind the other: logical evidence, without volumes."""
    return isinstance(image, _MayBeLogical) and image.is_logical


@runtime_checkable
class FillsBuffers(Protocol):
    """An image that can also read into a buffer of the caller, which saves an allocation for every block."""

    @property
    def chunk_bytes(self) -> int:
        """The size that reads are best aligned to: a compressed chunk, or a sector."""
        ...

    def read_into(self, offset_bytes: int, target: memoryview, /) -> None:
        """Fill all of ``target`` from the media; the same errors as ``read_at``.

        After an error the content of ``target`` is undefined.
        """
        ...


class MediaCheck(Protocol):
    """Compares checksums of the container that cover stretches of the media, while the media is hashed."""

    def update(self, view: memoryview, /) -> None:
        """Take the next bytes of the media, from its start to its end; unreadable ones are zeros."""
        ...

    def problems(self, unreadable: Sequence[Region], /) -> Sequence[Problem]:
        """What is wrong, or was not compared; asked once, after the last bytes."""
        ...


@runtime_checkable
class ChecksMedia(Protocol):
    """An image whose container has checksums over the media that reading a part of it does not compare."""

    def media_check(self) -> MediaCheck:
        """A check for one pass over the media."""
        ...
