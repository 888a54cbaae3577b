"""Raw images: the bytes of the media as they are, in one file or split over several."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from itertools import accumulate
from pathlib import Path

from evidence.errors import MissingSegmentError, ShortReadError, SourceAccessError, UnreadableRegionError
from evidence.images.base import Problem, refuse_negative
from evidence.images.sectors import DEFAULT_SECTOR_BYTES, guess_sector_bytes
from evidence.images.segments import raw_beside
from evidence.images.source import SourceSet, is_read_error


class RawImage:
    """The media as it lies in files or on a device; see ``evidence.images.base.Image``."""

    container = "raw"

    def __init__(self, paths: Sequence[Path], *, named_otherwise: bool = False) -> None:
        """Open the segments, given in order; see ``open_raw``.

        Raises:
            NotAnImageError: One is a folder, a pipe, a socket or a character device.
            SourceAccessError: One cannot be opened.
        """
        self._files = SourceSet(paths)
        self._ends = list(accumulate(self._files.sizes_bytes))
        self.paths = self._files.paths
        self.media_bytes = self.container_bytes = self._ends[-1]
        self.metadata: Mapping[str, str] = {}
        self.stored_digests: Mapping[str, bytes] = {}
        self.sector_bytes = DEFAULT_SECTOR_BYTES
        self.sector_bytes = guess_sector_bytes(self.read_at)
        self.problems: Sequence[Problem] = tuple(self._find_problems(named_otherwise))

    @property
    def chunk_bytes(self) -> int:
        """Reads are best aligned to a sector."""
        return self.sector_bytes

    @property
    def sizes_bytes(self) -> tuple[int, ...]:
        """The sizes of the files, in order."""
        return self._files.sizes_bytes

    def read_at(self, offset_bytes: int, size_bytes: int, /) -> bytes:
        """Read exactly that many bytes of the media; fewer only at its end.

        Raises:
            UnreadableRegionError: The medium gives an error there.
            ShortReadError: A file became shorter than it was.
            SourceAccessError: A file cannot be read.
        """
        size_bytes = max(0, min(size_bytes, self.media_bytes - offset_bytes))
        if len(self._ends) == 1 and offset_bytes >= 0:
            try:
                return self._files.read(0, offset_bytes, size_bytes)
            except SourceAccessError as error:
                if not is_read_error(error):
                    raise
        target = bytearray(size_bytes)
        self.read_into(offset_bytes, memoryview(target))
        return bytes(target)

    def read_into(self, offset_bytes: int, target: memoryview, /) -> None:
        """Fill all of ``target`` from the media; the errors of ``read_at``."""
        refuse_negative(offset_bytes)
        done = 0
        while done < len(target):
            place = offset_bytes + done
            index = bisect_right(self._ends, place)
            if index == len(self._ends):
                raise ShortReadError(self.media_bytes, offset_bytes + len(target))
            part = target[done : done + self._ends[index] - place]
            start = self._ends[index] - self._files.sizes_bytes[index]
            self._read_part(index, place - start, part, place)
            done += len(part)

    def close(self) -> None:
        """Close the files."""
        self._files.close()

    def _read_part(self, index: int, offset_bytes: int, target: memoryview, media_offset_bytes: int) -> None:
        try:
            self._files.read_into(index, offset_bytes, target)
        except SourceAccessError as error:
            if not is_read_error(error):
                raise
            if len(target) <= self.sector_bytes:
                raise UnreadableRegionError(media_offset_bytes, len(target), error.why) from error
            for start in range(0, len(target), self.sector_bytes):
                sector = target[start : start + self.sector_bytes]
                self._read_part(index, offset_bytes + start, sector, media_offset_bytes + start)

    def _find_problems(self, named_otherwise: bool) -> list[Problem]:
        found = []
        if named_otherwise:
            what = "The name is a container's, but nothing in the file is: it is read as raw media."
            found.append(Problem(what=what, where=self.paths[0].name, offset_bytes=None))
        sizes = self._files.sizes_bytes
        for path, size in zip(self.paths[1:-1], sizes[1:-1], strict=True):
            if size != sizes[0]:
                what = f"This segment has {size} bytes and the first has {sizes[0]}: one of them may be cut off."
                found.append(Problem(what=what, where=path.name, offset_bytes=None))
        if len(sizes) > 1 and sizes[-1] > sizes[0]:
            what = f"The last segment has {sizes[-1]} bytes, more than the first ({sizes[0]})."
            found.append(Problem(what=what, where=self.paths[-1].name, offset_bytes=None))
        rest = self.media_bytes % self.sector_bytes
        if rest:
            what = f"The size is no multiple of {self.sector_bytes} bytes: {rest} bytes follow the last whole sector."
            found.append(Problem(what=what, where=self.paths[-1].name, offset_bytes=self.media_bytes - rest))
        return found


def open_raw(paths: Sequence[Path], *, named_otherwise: bool = False, beside: bool = True) -> RawImage:
    """Open a raw image: several segments in the order given, or those that lie beside one of them.

    Several paths that are numbered are put in the order of their numbers, and what lies beside them is taken along.

    Args:
        paths: One file, or the segments.
        named_otherwise: Whether the name is a container's though the content is none; this becomes a problem.
        beside: Whether to look for segments beside those given.

    Raises:
        MissingSegmentError: The numbers of the segments have a gap.
        NotAnImageError: One is a folder, a pipe, a socket or a character device.
        SourceAccessError: One cannot be opened.
    """
    numbered, missing = raw_beside(paths[0]) if beside else ([], [])
    if set(paths) <= set(numbered) and len(paths) == len(set(paths)):
        if missing:
            raise MissingSegmentError(numbered, missing)
        paths = numbered
    return RawImage(paths, named_otherwise=named_otherwise)
