"""An image whose media is put together piece by piece, from blocks, chunks, zeros or a parent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from evidence.images.base import FillsBuffers, Image, Problem
from evidence.images.filling import FillingImage
from evidence.images.source import SourceSet

STEP_BYTES = 4 * 1024 * 1024


class PiecewiseImage(FillingImage):
    """The reading that such containers have in common; see ``evidence.images.base.Image``.

    Attributes:
        chunk_bytes: The size that reads are best aligned to.
    """

    def __init__(
        self,
        *,
        container: str,
        files: SourceSet,
        media_bytes: int,
        sector_bytes: int,
        chunk_bytes: int,
        metadata: Mapping[str, str],
        problems: Sequence[Problem],
        stored_digests: Mapping[str, bytes] | None = None,
    ) -> None:
        """Keep what was found when the container was opened."""
        self._files = files
        self.container = container
        self.paths: tuple[Path, ...] = files.paths
        self.container_bytes = files.size_bytes
        self.media_bytes = media_bytes
        self.sector_bytes = sector_bytes
        self.chunk_bytes = chunk_bytes
        self.metadata = metadata
        self.problems: Sequence[Problem] = tuple(problems)
        self.stored_digests: Mapping[str, bytes] = stored_digests or {}

    def close(self) -> None:
        """Close the files."""
        self._files.close()


class LayeredImage(PiecewiseImage):
    """One that may stand on a parent, which has what this one does not."""

    _parent: Image | None = None

    def stand_on(self, parent: Image) -> None:
        """Take the parent's bytes for what is not written here; closing closes the parent too."""
        self._parent = parent
        self.paths += parent.paths
        self.container_bytes += parent.container_bytes
        self.problems = (*self.problems, *parent.problems)

    def close(self) -> None:
        """Close the files, the parent's too."""
        super().close()
        if self._parent is not None:
            self._parent.close()

    def _unwritten(self, offset_bytes: int, target: memoryview) -> None:
        """Fill with the parent's bytes, or with zeros where there is none, and behind its end."""
        there = 0
        if self._parent is not None:
            there = max(0, min(len(target), self._parent.media_bytes - offset_bytes))
            _read_into(self._parent, offset_bytes, target[:there])
        zero(target[there:])


def _read_into(image: Image, offset_bytes: int, target: memoryview) -> None:
    if isinstance(image, FillsBuffers):
        image.read_into(offset_bytes, target)
        return
    for at in range(0, len(target), STEP_BYTES):
        part = target[at : at + STEP_BYTES]
        part[:] = image.read_at(offset_bytes + at, len(part))


def zero(target: memoryview) -> None:
    """Fill with zeros."""
    target[:] = bytes(len(target))


def next_run(bits: str, start: int, stop: int) -> int:
    """Where the run of equal bits that begins at ``start`` ends, at most at ``stop``."""
    end = bits.find("0" if bits[start] == "1" else "1", start, stop)
    return stop if end < 0 else end


def told_if_unused(image: Image, paths: Sequence[Path]) -> tuple[Problem, ...]:
    """Tell of files that were given and are no part of the image."""
    unused = [path for path in paths if path not in image.paths]
    if not unused:
        return ()
    what = f"{len(unused)} of the files given are no part of this image; the first is {unused[0].name}."
    return (Problem(what=what, where=paths[0].name, offset_bytes=None),)
