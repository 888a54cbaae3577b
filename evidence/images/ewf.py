"""Images in the Expert Witness Compression Format, version 1: EnCase and FTK E01, linen, SMART S01, and L01.

Every section and every chunk is checked against its checksum. libewf, which most tools use, gives zeros for a chunk
whose checksum is wrong, without an error; this reader raises.

Source: "Expert Witness Compression Format specification", J. Metz, libewf documentation.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import nullcontext
from itertools import pairwise
from pathlib import Path

from evidence.errors import SourceAccessError, UnreadableRegionError
from evidence.images.base import Problem, Region
from evidence.images.ewf_chunk import BadChunkError, stored_limit_bytes, unpack
from evidence.images.ewf_layout import Layout
from evidence.images.ewf_records import EwfVolume
from evidence.images.ewf_sections import Problems
from evidence.images.ewf_set import find_segments
from evidence.images.ewf_table import ChunkMap, Place
from evidence.images.ewf_tree import read_text
from evidence.images.filling import FillingImage
from evidence.images.source import SourceSet, is_read_error

CACHE_BYTES = 8 * 1024 * 1024
RUN_BYTES = 2 * 1024 * 1024
"""Chunks that lie one behind the other are read together up to this size."""
LARGE_CHUNK_BYTES = 4 * 1024 * 1024
"""Chunks larger than this are unpacked one at a time, to bound the memory."""

_LOGICAL = (
    "This is logical evidence (L01). Its media is the contents of files one behind the other; every chunk is checked "
    "here, and so is the list of the files as a whole."
)
_MISSING = "the chunk is missing from the container"


class EwfImage(FillingImage):
    """The media inside an EWF set; see ``evidence.images.base.Image``.

    Attributes:
        acquisition_errors: What the acquisition could not read and filled with zeros, as it says itself.
        is_logical: Whether it is logical evidence (L01), whose media is the contents of files.
        tracks: Of a disc: the first sector of each track, and whether it is audio.
    """

    container = "ewf"

    def __init__(self, files: SourceSet, layout: Layout, volume: EwfVolume) -> None:
        """Take what ``open_ewf`` found."""
        self._files = files
        self.paths = files.paths[: layout.segments_used]
        self.container_bytes = sum(files.sizes_bytes[: layout.segments_used])
        self.media_bytes, self.sector_bytes = volume.media_bytes, volume.sector_bytes
        self.metadata: Mapping[str, str] = volume.metadata() | layout.metadata
        self.stored_digests: Mapping[str, bytes] = layout.digests
        self.is_logical = layout.logical
        self._tree = layout.tree
        self.problems: Sequence[Problem] = layout.problems.all()
        if self.is_logical:
            standing = Problem(what=_LOGICAL, where=self.paths[0].name, offset_bytes=None, is_damage=False)
            self.problems = (standing, *self.problems)
        self.acquisition_errors: Sequence[Region] = tuple(layout.read_errors)
        self.tracks = tuple(layout.tracks)
        self._chunk_bytes, self._chunk_count = volume.chunk_bytes, volume.chunks_needed
        certain = self._chunk_count if layout.lost_at is None else min(layout.lost_at, self._chunk_count)
        self._map = ChunkMap(files, layout.tables, certain)
        self._cache: OrderedDict[int, bytes] = OrderedDict()
        self._cache_lock = threading.Lock()
        self._one_at_a_time = threading.Lock() if self._chunk_bytes > LARGE_CHUNK_BYTES else nullcontext()
        self._buffers = threading.local()

    @property
    def chunk_bytes(self) -> int:
        """Size of an uncompressed chunk."""
        return self._chunk_bytes

    def _fill_some(self, offset_bytes: int, target: memoryview) -> int:
        chunk, inside = divmod(offset_bytes, self._chunk_bytes)
        whole_bytes = len(target) // self._chunk_bytes * self._chunk_bytes if not inside else 0
        if whole_bytes:
            self._fill(chunk, target[:whole_bytes])
            return whole_bytes
        part = memoryview(self._cached(chunk))[inside : inside + len(target)]
        target[: len(part)] = part
        return len(part)

    def tree_text(self) -> str:
        """Of logical evidence: the list of its files as it is stored.

        Raises:
            OSError: There is none, or it is too long to be read.
        """
        if self._tree is None:
            raise OSError("it has no list of files")
        return read_text(self._files, self._tree)

    def close(self) -> None:
        """Close the files."""
        self._files.close()

    def _cached(self, chunk: int) -> bytes:
        with self._one_at_a_time:
            with self._cache_lock:
                if chunk in self._cache:
                    self._cache.move_to_end(chunk)
                    return self._cache[chunk]
            data = bytearray(self._size_of(chunk))
            self._fill(chunk, memoryview(data))
            kept = bytes(data)
            with self._cache_lock:
                self._cache[chunk] = kept
                while len(self._cache) > max(1, CACHE_BYTES // self._chunk_bytes):
                    self._cache.popitem(last=False)
            return kept

    def _fill(self, first: int, target: memoryview) -> None:
        """Unpack the chunks from ``first`` on into ``target``, which they fill exactly."""
        count = -(-len(target) // self._chunk_bytes)
        places = list(self._map.places(first, count))
        for start, stop in self._runs(places):
            if places[start] is None:
                raise self._unreadable(first + start, _MISSING, self._map.unknown_run(first + start, self._chunk_count))
            run = [place for place in places[start:stop] if place is not None]
            part = target[start * self._chunk_bytes : stop * self._chunk_bytes]
            try:
                self._unpack_run(first + start, run, part)
            except SourceAccessError as error:
                if not is_read_error(error):
                    raise
                self._unpack_singly(first + start, run, part)

    def _runs(self, places: list[Place | None]) -> Iterator[tuple[int, int]]:
        """Split into stretches that lie one behind the other in one file, and unknown places."""
        borders = [0]
        size = 0
        for number, (before, here) in enumerate(pairwise(places), 1):
            size += 0 if before is None else before.end_bytes - before.start_bytes
            together = (
                before is not None
                and here is not None
                and before.segment == here.segment
                and before.end_bytes == here.start_bytes
                and size < RUN_BYTES
            )
            if not together:
                borders.append(number)
                size = 0
        return pairwise([*borders, len(places)])

    def _unpack_run(self, first: int, run: list[Place], target: memoryview) -> None:
        limit = stored_limit_bytes(self._chunk_bytes)
        start, last = run[0].start_bytes, run[-1]
        end = min(last.end_bytes, last.start_bytes + limit)
        file_bytes = self._files.sizes_bytes[last.segment]
        if last.start_bytes >= file_bytes:
            raise self._unreadable(first + len(run) - 1, "the chunk lies past the end of its file", 1)
        stored = self._buffer(min(end, file_bytes) - start)
        self._files.read_into(last.segment, start, stored)
        for number, place in enumerate(run):
            chunk = first + number
            there = stored[place.start_bytes - start : min(place.end_bytes, place.start_bytes + limit) - start]
            wanted = self._size_of(chunk)
            try:
                data = unpack(
                    there,
                    compressed=place.compressed,
                    wanted_bytes=wanted,
                    chunk_bytes=self._chunk_bytes,
                    sector_bytes=self.sector_bytes,
                )
            except BadChunkError as error:
                raise self._unreadable(chunk, str(error), 1) from error
            target[number * self._chunk_bytes : number * self._chunk_bytes + wanted] = data

    def _unpack_singly(self, first: int, run: list[Place], target: memoryview) -> None:
        """Narrow down which chunk the medium of the container could not give."""
        for number, place in enumerate(run):
            part = target[number * self._chunk_bytes : (number + 1) * self._chunk_bytes]
            try:
                self._unpack_run(first + number, [place], part)
            except SourceAccessError as error:
                raise self._unreadable(first + number, error.why, 1) from error

    def _buffer(self, size_bytes: int) -> memoryview:
        """Room for stored chunks, reused by each thread."""
        buffer: bytearray | None = getattr(self._buffers, "stored", None)
        if buffer is None or len(buffer) < size_bytes:
            buffer = self._buffers.stored = bytearray(size_bytes)
        return memoryview(buffer)[:size_bytes]

    def _size_of(self, chunk: int) -> int:
        return min(self._chunk_bytes, self.media_bytes - chunk * self._chunk_bytes)

    def _unreadable(self, chunk: int, why: str, chunks: int) -> UnreadableRegionError:
        start = chunk * self._chunk_bytes
        length = min(chunks * self._chunk_bytes, self.media_bytes - start)
        return UnreadableRegionError(start, length, why)


def open_ewf(paths: Sequence[Path]) -> EwfImage:
    """Open an EWF set: by one of its segments, if the others lie beside it, or by all of them in any order.

    Damage that leaves the media's description whole does not keep it from being opened: it is told in
    ``problems``, and the chunks concerned raise when they are read.

    Raises:
        MissingSegmentError: A segment is missing; says which, and which are there.
        DamagedContainerError: What is needed to find the media is damaged.
        NotAnImageError: One is a folder, a pipe, a socket or a character device.
        SourceAccessError: One cannot be opened.
    """
    problems = Problems()
    segments = find_segments(paths, problems)
    files = SourceSet(segments.run())
    try:
        layout = Layout(files=files, problems=problems, logical=segments.logical)
        return EwfImage(files, layout, layout.read(segments))
    except BaseException:
        files.close()
        raise
