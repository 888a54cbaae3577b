"""The bytes of a container as they lie in its file or files, and how media bytes are copied out of them."""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate
from typing import Protocol

from evidence.errors import ShortReadError, SourceAccessError, UnreadableRegionError
from evidence.images.source import SourceSet, is_read_error

TABLE_MAX_BYTES = 256 * 1024 * 1024
"""A table larger than this is refused: no real image has one, and it has to fit into memory."""


class Stored(Protocol):
    """The bytes of a container."""

    @property
    def size_bytes(self) -> int: ...  # noqa: D102

    def read_into(self, offset_bytes: int, target: memoryview, /) -> None: ...  # noqa: D102


class JoinedFiles:
    """The files of a set, one behind the other.

    Attributes:
        size_bytes: The size of all together, or less where the rest is no part of it.
    """

    def __init__(self, files: SourceSet) -> None:
        """Join the files in their order."""
        self._files = files
        self._ends = list(accumulate(files.sizes_bytes))
        self.size_bytes = self._ends[-1]

    def read_into(self, offset_bytes: int, target: memoryview, /) -> None:
        """Fill all of ``target``; the errors of ``SourceSet.read_into``."""
        done = 0
        while done < len(target):
            place = offset_bytes + done
            index = bisect_right(self._ends, place)
            if index == len(self._ends):
                raise ShortReadError(self.size_bytes, offset_bytes + len(target))
            part = target[done : done + self._ends[index] - place]
            start = self._ends[index] - self._files.sizes_bytes[index]
            self._files.read_into(index, place - start, part)
            done += len(part)


def read_stored(stored: Stored, offset_bytes: int, size_bytes: int) -> bytes:
    """Read that many bytes of a container; fewer where it ends before."""
    target = bytearray(max(0, min(size_bytes, stored.size_bytes - offset_bytes)))
    stored.read_into(offset_bytes, memoryview(target))
    return bytes(target)


def copy_stored(
    stored: Stored, offset_bytes: int, target: memoryview, media_offset_bytes: int, step_bytes: int
) -> None:
    """Fill ``target`` from a container with bytes that belong to the media as they are.

    Args:
        stored: The container.
        offset_bytes: The place in the container.
        target: What is filled.
        media_offset_bytes: The place in the media, for the words of an error.
        step_bytes: How far an error of the medium is narrowed down: a sector.

    Raises:
        UnreadableRegionError: The container ends before, or its medium gives an error; names exactly that part.
    """
    there = max(0, min(len(target), stored.size_bytes - offset_bytes))
    try:
        stored.read_into(offset_bytes, target[:there])
    except SourceAccessError as error:
        if not is_read_error(error):
            raise
        if there <= step_bytes:
            raise UnreadableRegionError(media_offset_bytes, there, error.why) from error
        for start in range(0, there, step_bytes):
            part = target[start : min(there, start + step_bytes)]
            copy_stored(stored, offset_bytes + start, part, media_offset_bytes + start, step_bytes)
    if there < len(target):
        why = f"they would lie at byte {offset_bytes + there} of the container, past its end"
        raise UnreadableRegionError(media_offset_bytes + there, len(target) - there, why)
