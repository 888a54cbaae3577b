"""Images whose media lies in blocks that tables lead to: the disks of virtual machines.

A reader of such a container finds the tables; here is what all of them have in common: reading along the runs,
blocks that are packed, blocks that another image below has, and blocks that are lost.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import NamedTuple, Protocol

from evidence.errors import SourceAccessError, UnreadableRegionError
from evidence.images.base import Image, Problem
from evidence.images.cache import BoundedCache
from evidence.images.piecewise import LayeredImage
from evidence.images.sectors import DEFAULT_SECTOR_BYTES, guess_sector_bytes
from evidence.images.source import SourceSet, is_read_error

UNPACKED_CACHE_BYTES = 8 * 1024 * 1024


class RunKind(Enum):
    """Where the bytes of a run are."""

    STORED = auto()
    """As they are, in a file of the container."""
    PACKED = auto()
    """In a block that has to be unpacked."""
    ZEROS = auto()
    """Nowhere: the container says that they are zeros."""
    BELOW = auto()
    """In the image below, at the same offset of the media; zeros where there is none, or behind its end."""
    LOST = auto()
    """The tables are damaged, or lead to nowhere."""


class Run(NamedTuple):
    """A run of bytes of the media.

    Attributes:
        kind: Where they are.
        length_bytes: How many.
        file: STORED, PACKED: the index of the file in the set.
        place_bytes: STORED: where they begin in that file. PACKED: where the block does, which names it.
        inside_bytes: PACKED: where they begin in the unpacked block.
        packed: PACKED: what the map needs to unpack it.
        why: LOST: part of a sentence.
    """

    kind: RunKind
    length_bytes: int
    file: int = 0
    place_bytes: int = 0
    inside_bytes: int = 0
    packed: int = 0
    why: str = ""


class BlockMap(Protocol):
    """What a reader of one container has to offer; its methods are called from several threads."""

    @property
    def block_bytes(self) -> int:
        """Size of an unpacked block, which reads are best aligned to."""
        ...

    def runs(self, offset_bytes: int, size_bytes: int, /) -> Iterable[Run]:
        """Say where that part of the media is; the lengths of the runs add up to ``size_bytes``."""
        ...

    def unpack(self, run: Run, offset_bytes: int, /) -> bytes:
        """Unpack the whole block of a PACKED run that begins at ``offset_bytes`` of the media.

        Raises:
            BadBlockError: It cannot be unpacked.
        """
        ...


class BadBlockError(Exception):
    """A block cannot be unpacked; the message is part of a sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """What a container says of itself.

    Attributes:
        container: As in the document of ``inspect``.
        media_bytes: Size of the media.
        metadata: As in ``Image``.
        problems: As in ``Image``.
        sector_bytes: Size of a sector; None where the container does not say it.
    """

    container: str
    media_bytes: int
    metadata: Mapping[str, str]
    problems: Sequence[Problem]
    sector_bytes: int | None = None


class MappedImage(LayeredImage):
    """The media of a virtual machine's disk; see ``evidence.images.base.Image``.

    Attributes:
        paths: Its own files, then those of the image below.
        container_bytes: Size of all of these.
    """

    def __init__(self, files: SourceSet, blocks: BlockMap, said: Described, below: Image | None = None) -> None:
        """Take what a reader found. Closing the image closes ``files`` and ``below``."""
        super().__init__(
            container=said.container,
            files=files,
            media_bytes=said.media_bytes,
            sector_bytes=said.sector_bytes or DEFAULT_SECTOR_BYTES,
            chunk_bytes=blocks.block_bytes,
            metadata=said.metadata,
            problems=said.problems,
        )
        self._blocks = blocks
        self._unpacked: BoundedCache[tuple[int, int, int], bytes] = BoundedCache(UNPACKED_CACHE_BYTES)
        if below is not None:
            self.stand_on(below)
        if not said.sector_bytes:
            self.sector_bytes = guess_sector_bytes(self.read_at)

    def _fill_some(self, offset_bytes: int, target: memoryview) -> int:
        done = 0
        for run in joined(self._blocks.runs(offset_bytes, len(target))):
            self._fill(run, offset_bytes + done, target[done : done + run.length_bytes])
            done += run.length_bytes
        return done

    def _fill(self, run: Run, offset_bytes: int, target: memoryview) -> None:
        match run.kind:
            case RunKind.STORED:
                self._fill_stored(run.file, run.place_bytes, offset_bytes, target)
            case RunKind.PACKED:
                self._fill_packed(run, offset_bytes, target)
            case RunKind.BELOW:
                self._unwritten(offset_bytes, target)
            case RunKind.LOST:
                raise UnreadableRegionError(offset_bytes, len(target), run.why)
            case _:
                target[:] = bytes(len(target))

    def _fill_stored(self, file: int, place_bytes: int, offset_bytes: int, target: memoryview) -> None:
        try:
            self._files.read_into(file, place_bytes, target)
        except SourceAccessError as error:
            if not is_read_error(error):
                raise
            if len(target) <= self.sector_bytes:
                raise UnreadableRegionError(offset_bytes, len(target), error.why) from error
            for at in range(0, len(target), self.sector_bytes):
                sector = target[at : at + self.sector_bytes]
                self._fill_stored(file, place_bytes + at, offset_bytes + at, sector)

    def _fill_packed(self, run: Run, offset_bytes: int, target: memoryview) -> None:
        start = offset_bytes - run.inside_bytes
        try:
            if len(target) == self._blocks.block_bytes:
                block = self._blocks.unpack(run, start)
            else:
                block = self._unpacked.get((run.file, run.place_bytes, start), lambda _: self._unpack(run, start))
        except BadBlockError as error:
            length = min(self._blocks.block_bytes, self.media_bytes - start)
            raise UnreadableRegionError(start, length, str(error)) from error
        except SourceAccessError as error:
            if not is_read_error(error):
                raise
            raise UnreadableRegionError(offset_bytes, len(target), error.why) from error
        target[:] = memoryview(block)[run.inside_bytes : run.inside_bytes + len(target)]

    def _unpack(self, run: Run, start: int) -> tuple[bytes, int]:
        block = self._blocks.unpack(run, start)
        return block, len(block)


def joined(runs: Iterable[Run]) -> Iterator[Run]:
    """Join runs that follow each other in the media and in the file, so that they are read at once."""
    last: Run | None = None
    for run in runs:
        if last is not None and _continues(last, run):
            last = last._replace(length_bytes=last.length_bytes + run.length_bytes)
            continue
        if last is not None:
            yield last
        last = run
    if last is not None:
        yield last


def _continues(last: Run, run: Run) -> bool:
    if last.kind is not run.kind or run.kind is RunKind.PACKED:
        return False
    if run.kind is RunKind.STORED:
        return run.file == last.file and run.place_bytes == last.place_bytes + last.length_bytes
    return run.why == last.why


def stored_or_lost(file: int, place_bytes: int, length_bytes: int, file_bytes: int, why: str) -> Iterator[Run]:
    """Give a run of stored bytes; what of it lies behind the end of its file is lost."""
    there = max(0, min(length_bytes, file_bytes - place_bytes))
    if there:
        yield Run(RunKind.STORED, there, file, place_bytes)
    if there < length_bytes:
        yield Run(RunKind.LOST, length_bytes - there, why=why)
