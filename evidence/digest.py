"""Digests of media and of streams: one pass, bounded memory, all processors.

MD5 cannot be split, and it is the slowest of the usual three; so the time of MD5 alone is the limit. What else there
is to do - reading, unpacking, the other digests - is done beside it by other threads. ``hashlib`` and ``zlib`` let
other threads run while they work.
"""

from __future__ import annotations

import hashlib
import os
import threading
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from evidence.errors import ShortReadError, UnreadableRegionError
from evidence.images.base import ChecksMedia, FillsBuffers, Image, MediaCheck, Problem, Region
from evidence.regions import Regions

OnProgress: TypeAlias = Callable[[int, int], None]
"""Called as ``on_progress(done_units, total_units)``; what it raises passes through and ends the work."""

BLOCK_BYTES = 1024 * 1024
AHEAD_BLOCKS = 16
"""So many blocks may be read ahead of the slowest digest: 16 MiB in memory."""
PART_BYTES = 1 << 30
"""The media is also digested in parts of this size, so that damage can be placed and a check done in pieces."""
PROGRESS_S = 0.1

_FIRST_GUESS_S = {"md5": 3.0, "sha512": 2.5, "sha256": 2.0, "sha1": 1.5}
"""What a block costs, relative to each other, until it was measured."""


class Reader(Protocol):
    """Anything that gives bytes in order, such as a file opened for reading."""

    def read(self, size: int, /) -> bytes: ...  # noqa: D102


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaDigests:
    """Digests over a whole media.

    Attributes:
        media_bytes: How many bytes were hashed.
        digests: Raw digests by algorithm, in the order asked for.
        unreadable: What could not be read, merged and in order. These bytes were hashed as zeros, so the digests
            are not those of the original media.
        part_bytes: Size of the parts; the last may be shorter.
        parts: SHA-256 of each part, from the start of the media; empty if they were not asked for.
        problems: What checksums of the container say that cover the media, and what is to be known of ``unreadable``.
    """

    media_bytes: int
    digests: Mapping[str, bytes]
    unreadable: tuple[Region, ...]
    part_bytes: int = PART_BYTES
    parts: tuple[bytes, ...] = ()
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PartDigest:
    """SHA-256 of one part of a media.

    Attributes:
        offset_bytes: Where it begins on the media; ``length_bytes`` how long it is.
        unreadable: What could not be read in it; these bytes were hashed as zeros.
    """

    offset_bytes: int
    length_bytes: int
    sha256: bytes
    unreadable: tuple[Region, ...]


def hash_stream(
    source: Reader,
    size_bytes: int,
    *,
    algorithms: Collection[str] = ("md5", "sha256"),
    on_progress: OnProgress = lambda done, total: None,
) -> dict[str, bytes]:
    """Hash exactly ``size_bytes`` of ``source``, from where it stands.

    Args:
        source: A stream of bytes.
        size_bytes: Its declared size.
        algorithms: Names known to :mod:`hashlib`.
        on_progress: Called with bytes after every block of at most 1 MiB.

    Returns:
        Raw digests by algorithm, in the order asked for.

    Raises:
        ShortReadError: Fewer bytes came than declared. No digest is returned: half a digest looks like a whole one.
    """
    states = {name: hashlib.new(name, usedforsecurity=False) for name in algorithms}
    done = 0
    while done < size_bytes:
        block = source.read(min(BLOCK_BYTES, size_bytes - done))
        if not block:
            raise ShortReadError(done, size_bytes)
        for state in states.values():
            state.update(block)
        done += len(block)
        on_progress(done, size_bytes)
    return {name: state.digest() for name, state in states.items()}


def hash_media(
    image: Image,
    *,
    algorithms: Collection[str] = ("md5", "sha1", "sha256"),
    with_parts: bool = False,
    part_bytes: int = PART_BYTES,
    on_progress: OnProgress = lambda done, total: None,
) -> MediaDigests:
    """Hash the whole media of an image, each block read once.

    Args:
        image: An opened image; it is read from several threads at once.
        algorithms: Names known to :mod:`hashlib`. MD5 and SHA-1 are there to compare with what was stored.
        with_parts: Whether SHA-256 of every part is made in the same pass.
        part_bytes: Size of a part.
        on_progress: Called from the calling thread, about every 0.1 s and at the end, with bytes that all digests
            have passed.

    Raises:
        ShortReadError: A file of the image became shorter than it was.
        SourceAccessError: A file cannot be read.
        SourceChangedError: A file is not the one it was.
    """
    parts = _Parts(part_bytes) if with_parts else None
    check = _Check(image.media_check()) if isinstance(image, ChecksMedia) else None
    digests = [_Chain(name) for name in algorithms]
    pipeline = _Pipeline(image, [*digests, *filter(None, (parts, check))])
    count = _thread_count(len(pipeline.chains))
    from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait  # loads much that most calls do not need

    with ThreadPoolExecutor(count, thread_name_prefix="digest") as pool:
        futures = [pool.submit(pipeline.work) for _ in range(count)]
        try:
            working = True
            while working:
                ended, others = wait(futures, PROGRESS_S, FIRST_EXCEPTION)
                working = bool(others) and not any(future.exception() for future in ended)
                on_progress(pipeline.done_bytes, image.media_bytes)
        finally:
            pipeline.stop()
    errors = [error for future in futures if (error := future.exception()) is not None]
    if errors:
        raise min(errors, key=_place_of)
    unreadable = tuple(pipeline.unreadable.regions())
    return MediaDigests(
        media_bytes=image.media_bytes,
        digests={chain.name: chain.state.digest() for chain in digests},
        unreadable=unreadable,
        part_bytes=part_bytes,
        parts=parts.digests() if parts else (),
        problems=(*pipeline.unreadable.problems(), *(check.check.problems(unreadable) if check else ())),
    )


def _place_of(error: BaseException) -> int:
    """Where the media end by a short read, so that of several the first is told; others come before all of them."""
    return error.read_bytes if isinstance(error, ShortReadError) else -1


def hash_part(
    image: Image, offset_bytes: int, length_bytes: int, *, on_progress: OnProgress = lambda done, total: None
) -> PartDigest:
    """SHA-256 of one part of a media, comparable with the same part of an earlier :func:`hash_media`.

    Args:
        image: An opened image.
        offset_bytes: Where the part begins.
        length_bytes: Its length; what lies past the end of the media is left out.
        on_progress: Called with bytes of the part after every block of at most 1 MiB.

    Raises:
        The errors of :func:`hash_media`.
    """
    length_bytes = max(0, min(length_bytes, image.media_bytes - offset_bytes))
    digest, unreadable, buffer = hashlib.sha256(), Regions(), bytearray(min(BLOCK_BYTES, length_bytes))
    for done in range(0, length_bytes, BLOCK_BYTES):
        view = memoryview(buffer)[: min(BLOCK_BYTES, length_bytes - done)]
        for offset, length in _read_block(image, offset_bytes + done, view):
            unreadable.add(offset, length)
        digest.update(view)
        on_progress(done + len(view), length_bytes)
    return PartDigest(
        offset_bytes=offset_bytes,
        length_bytes=length_bytes,
        sha256=digest.digest(),
        unreadable=tuple(unreadable.regions()),
    )


def _thread_count(chains: int) -> int:
    """One for each digest and some to read and unpack; no more than there are processors, but two at least."""
    available = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(2, min(available, chains + 4))


class _Chain:
    """One digest, which takes the blocks in order."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.state = hashlib.new(name, usedforsecurity=False)
        self.block = 0
        self.busy = False
        self.cost_s = _FIRST_GUESS_S.get(name, 1.0)

    def update(self, view: memoryview) -> None:
        self.state.update(view)


class _Parts(_Chain):
    """SHA-256 of one part after the other."""

    def __init__(self, part_bytes: int) -> None:
        super().__init__("sha256")
        self._part_bytes, self._in_part = part_bytes, 0
        self._ended: list[bytes] = []

    def update(self, view: memoryview) -> None:
        while view:
            piece = view[: self._part_bytes - self._in_part]
            self.state.update(piece)
            self._in_part += len(piece)
            view = view[len(piece) :]
            if self._in_part == self._part_bytes:
                self._ended.append(self.state.digest())
                self.state, self._in_part = hashlib.sha256(), 0

    def digests(self) -> tuple[bytes, ...]:
        """Of the parts so far; the last may be shorter than the others."""
        return (*self._ended, *((self.state.digest(),) if self._in_part else ()))


class _Check(_Chain):
    """The checksums of the container that cover the media."""

    def __init__(self, check: MediaCheck) -> None:
        self.name, self.check, self.block, self.busy, self.cost_s = "check", check, 0, False, 0.5

    def update(self, view: memoryview) -> None:
        self.check.update(view)


class _Pipeline:
    """A ring of blocks between those who fill them and those who hash them; any thread does either.

    The chain with most work before it goes first, so that it never waits; reading comes next while few blocks are
    ready, then the other chains.
    """

    def __init__(self, image: Image, chains: list[_Chain]) -> None:
        self._image = image
        self.chains = chains
        self._block_bytes = _block_bytes(image)
        self._blocks = -(-image.media_bytes // self._block_bytes)
        self._ring = [bytearray(self._block_bytes) for _ in range(min(AHEAD_BLOCKS, self._blocks))]
        self._ready = [-1] * len(self._ring)
        self._next_fill = 0
        self._filling = 0
        self._stopped = False
        self._changed = threading.Condition()
        self.unreadable = Regions()

    @property
    def done_bytes(self) -> int:
        """Bytes that every digest has passed."""
        return min(self._slowest() * self._block_bytes, self._image.media_bytes)

    def stop(self) -> None:
        with self._changed:
            self._stopped = True
            self._changed.notify_all()

    def work(self) -> None:
        """Do what there is to do until all is done; run by every thread."""
        while (job := self._next_job()) is not None:
            job()

    def _next_job(self) -> Callable[[], None] | None:
        with self._changed:
            while not self._stopped and self._slowest() < self._blocks:
                job = self._choose()
                if job is not None:
                    return job
                self._changed.wait()
            return None

    def _choose(self) -> Callable[[], None] | None:
        slowest = self._slowest()
        can_fill = self._next_fill < min(self._blocks, slowest + len(self._ring))
        few_ready = self._next_fill - slowest < len(self._ring) // 2
        waiting = sorted((chain for chain in self.chains if not chain.busy), key=self._work_before, reverse=True)
        longest = max(self.chains, key=self._work_before)
        possible = [chain for chain in waiting if self._ready[chain.block % len(self._ring)] == chain.block]
        if possible and possible[0] is longest:
            return self._take(longest)
        if can_fill and few_ready:
            return self._fill_next()
        if possible:
            return self._take(possible[0])
        return self._fill_next() if can_fill else None

    def _work_before(self, chain: _Chain) -> float:
        return (self._blocks - chain.block) * chain.cost_s

    def _slowest(self) -> int:
        return min((chain.block for chain in self.chains), default=self._blocks)

    def _take(self, chain: _Chain) -> Callable[[], None]:
        chain.busy = True
        return lambda: self._advance(chain)

    def _fill_next(self) -> Callable[[], None]:
        block = self._next_fill
        self._next_fill += 1
        return lambda: self._fill(block)

    def _advance(self, chain: _Chain) -> None:
        began = time.perf_counter()
        chain.update(self._view(chain.block))
        spent = time.perf_counter() - began
        with self._changed:
            chain.cost_s = spent if not chain.block else 0.9 * chain.cost_s + 0.1 * spent
            chain.block += 1
            chain.busy = False
            self._changed.notify_all()

    def _fill(self, block: int) -> None:
        gaps = _read_block(self._image, block * self._block_bytes, self._view(block))
        with self._changed:
            for offset, length in gaps:
                self.unreadable.add(offset, length)
            self._ready[block % len(self._ring)] = block
            self._changed.notify_all()

    def _view(self, block: int) -> memoryview:
        size = min(self._block_bytes, self._image.media_bytes - block * self._block_bytes)
        return memoryview(self._ring[block % len(self._ring)])[:size]


def _block_bytes(image: Image) -> int:
    """About 1 MiB, and whole chunks where the image has some of a bearable size."""
    chunk = image.chunk_bytes if isinstance(image, FillsBuffers) else 1
    return BLOCK_BYTES // chunk * chunk if chunk <= BLOCK_BYTES else BLOCK_BYTES


def _read_block(image: Image, offset_bytes: int, target: memoryview) -> list[tuple[int, int]]:
    """Fill ``target``, with zeros where the media cannot be read; return those places as offset and length."""
    gaps = []
    parts = [(0, len(target))]
    while parts:
        start, stop = parts.pop()
        try:
            _read_into(image, offset_bytes + start, target[start:stop])
        except UnreadableRegionError as error:
            first = max(start, error.offset_bytes - offset_bytes)
            last = min(stop, error.offset_bytes + error.length_bytes - offset_bytes)
            if first >= last:  # the error names another place: nothing of this part is known to be right
                first, last = start, stop
            gaps.append((offset_bytes + first, last - first))
            target[first:last] = bytes(last - first)
            parts += [part for part in ((last, stop), (start, first)) if part[0] < part[1]]
    return gaps


def _read_into(image: Image, offset_bytes: int, target: memoryview) -> None:
    if isinstance(image, FillsBuffers):
        image.read_into(offset_bytes, target)
        return
    data = image.read_at(offset_bytes, len(target))
    if len(data) != len(target):
        raise ShortReadError(offset_bytes + len(data), offset_bytes + len(target))
    target[:] = data
