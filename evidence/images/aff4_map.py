"""The maps of an AFF4 image: which stretch of the media comes from which stream.

Source: "AFF4 Standard v1.0", section 4.
"""

from __future__ import annotations

import struct
import sys
from array import array
from bisect import bisect_right
from collections.abc import Sequence
from itertools import pairwise

from evidence.errors import UnreadableRegionError
from evidence.images.aff4_streams import SCHEMA, Lost, Stream

POINT_BYTES = 28
OVERLAPS_MAX = DISORDER_MAX = 1_000_000
_POINT = struct.Struct("<QQQI")
_END = 1 << 64
_CONTRADICTION = -1


class BadMapError(Exception):
    """A map cannot be used; the message is part of a sentence."""


class Points:
    """The lines of a map, in the order of the media, none of them over another.

    Attributes:
        problems: What is wrong with the map, in sentences.
        streams_used: The numbers of the streams that it leads to.
        has_gaps: Whether some of the media is in no line.
    """

    def __init__(self, data: bytes, size_bytes: int) -> None:
        """Sort the lines of a map of ``size_bytes``. Where two contradict each other, neither is believed.

        Raises:
            BadMapError: Too many lines are out of order.
        """
        self.problems: list[str] = []
        if len(data) % POINT_BYTES:
            self.problems.append("The map ends within a line.")
        self._starts, self._ends, self._places = array("Q"), array("Q"), array("Q")
        self._streams = array("q")
        is_ordered, outside = self._take(data, size_bytes)
        if outside:
            what = f"{outside} lines of the map lead past the end of its stream, which has {size_bytes} bytes."
            self.problems.append(what)
        if not is_ordered:
            self._put_in_order()
        self.streams_used = set(self._streams) - {_CONTRADICTION}
        self.has_gaps = sum(self._ends) - sum(self._starts) < size_bytes

    def _take(self, data: bytes, size_bytes: int) -> tuple[bool, int]:
        """Keep the lines as they come; say whether they are in order, and how many lead too far."""
        is_ordered, outside, last = True, 0, 0
        whole = len(data) // POINT_BYTES * POINT_BYTES
        for start, length, place, stream in _POINT.iter_unpack(memoryview(data)[:whole]):
            if start + length > size_bytes:
                outside += 1
            if not length or start >= size_bytes:
                continue
            is_ordered = is_ordered and start >= last
            last = min(start + length, size_bytes)
            self._keep(start, last, place, stream)
        return is_ordered, outside

    def _keep(self, start: int, end: int, place: int, stream: int) -> None:
        self._starts.append(start)
        self._ends.append(end)
        self._places.append(min(place, _END - 1))
        self._streams.append(stream)

    def _put_in_order(self) -> None:
        if len(self._starts) > DISORDER_MAX:
            raise BadMapError(f"its map has {len(self._starts)} lines that are not in order")
        lines = sorted(zip(self._starts, self._ends, self._places, self._streams, strict=True))
        if any(before[1] > here[0] for before, here in pairwise(lines)):
            lines = self._parted(lines)
        for column in (self._starts, self._ends, self._places, self._streams):
            del column[:]
        for line in lines:
            self._keep(*line)

    def at(self, offset_bytes: int) -> tuple[int | None, int, int]:
        """Which stream has a byte, at which of its own offsets, and where the line ends; None for a gap."""
        number = bisect_right(self._starts, offset_bytes) - 1
        if number >= 0 and offset_bytes < self._ends[number]:
            place = self._places[number] + offset_bytes - self._starts[number]
            return self._streams[number], place, self._ends[number]
        after = self._starts[number + 1] if number + 1 < len(self._starts) else sys.maxsize
        return None, offset_bytes, after

    def _parted(self, lines: list[tuple[int, int, int, int]]) -> list[tuple[int, int, int, int]]:
        """Cut lines that lie over others, so that only what all of them agree on is kept."""
        borders = sorted({border for line in lines for border in line[:2]})
        found: list[tuple[int, int, int, int]] = []
        open_lines: list[tuple[int, int, int, int]] = []
        told, steps, following = False, 0, 0
        for start, end in pairwise(borders):
            open_lines = [line for line in open_lines if line[1] > start]
            while following < len(lines) and lines[following][0] <= start:
                open_lines.append(lines[following])
                following += 1
            steps += len(open_lines)
            if steps > OVERLAPS_MAX:
                self.problems.append(f"So many lines of the map overlap that it is read only up to byte {start}.")
                return [*found, (start, borders[-1], 0, _CONTRADICTION)]
            if not open_lines:
                continue
            wanted = {(line[2] + start - line[0], line[3]) for line in open_lines}
            told = told or len(wanted) > 1
            place, stream = next(iter(wanted)) if len(wanted) == 1 else (0, _CONTRADICTION)
            found.append((start, end, place, stream))
        if told:
            self.problems.append("Lines of the map contradict each other; what they are about is not readable.")
        return found


class Map:
    """A stream that is put together from others.

    Attributes:
        size_bytes: Its size.
        urn: Its address.
    """

    def __init__(self, urn: str, size_bytes: int, points: Points, streams: Sequence[Stream], gaps: Stream) -> None:
        """Take the lines, the streams by their number, and the one that fills gaps."""
        self.urn, self.size_bytes = urn, size_bytes
        self._points, self._streams, self._gaps = points, streams, gaps
        self._contradiction = Lost("lines of the map contradict each other")
        self._nowhere = Lost("the map leads to a stream that it does not name")

    def fill_some(self, offset_bytes: int, target: memoryview, /) -> int:
        """See ``Stream``; regions that cannot be read are told in the map's own offsets."""
        number, place, end = self._points.at(offset_bytes)
        end = min(end, self.size_bytes)
        stream = self._stream(number)
        part = target[: end - offset_bytes]
        if place >= stream.size_bytes:
            why = f"the map leads past the end of a stream, which has {stream.size_bytes} bytes"
            raise UnreadableRegionError(offset_bytes, end - offset_bytes, why)
        try:
            return stream.fill_some(place, part[: stream.size_bytes - place])
        except UnreadableRegionError as error:
            start = max(offset_bytes, offset_bytes + error.offset_bytes - place)
            stop = min(end, offset_bytes + error.offset_bytes + error.length_bytes - place)
            raise UnreadableRegionError(start, max(1, stop - start), error.why) from error

    def loses_by_acquisition(self) -> bool:
        """Whether it leads to what the acquisition left out or could not read."""
        used = [self._stream(number) for number in self._points.streams_used]
        used += [self._gaps] if self._points.has_gaps else []
        return any(
            stream.loses_by_acquisition() if isinstance(stream, Map) else isinstance(stream, Lost) for stream in used
        )

    def _stream(self, number: int | None) -> Stream:
        if number is None:
            return self._gaps
        if number == _CONTRADICTION:
            return self._contradiction
        return self._streams[number] if number < len(self._streams) else self._nowhere


def target_names(data: bytes) -> list[str]:
    """The addresses in the list of a map's streams, by their number."""
    lines = data.decode("utf-8", "replace").split("\n")
    while lines and not lines[-1].strip("\r\0 "):
        lines.pop()
    return [expanded(line.strip("\r\0 ")) for line in lines]


def expanded(name: str) -> str:
    """An address; some writers keep it as short as in the description."""
    short = name.startswith("aff4:") and not name.startswith("aff4://")
    return SCHEMA + name.removeprefix("aff4:") if short else name
