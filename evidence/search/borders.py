"""What stands across the border of two areas of a volume that touch each other on it: a file, its slack, free space.

Each area is looked through by itself; a match that begins in one and ends in the next is in neither.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, TypeAlias

from evidence.errors import EvidenceError
from evidence.filesystems.ranges import SLACK
from evidence.search.finder import Finder
from evidence.search.looking import DETECTED_REACH_BYTES, Hit, Missed, Read, look

if TYPE_CHECKING:
    from evidence.filesystems.reading import FileReader
    from evidence.search.finder import Wanted
    from evidence.volumes.base import Volume

Border: TypeAlias = tuple[int, int, int]
"""Where the areas before it begin, where it is, and where those behind it end; offsets in the volume, in bytes."""


def across(finder: Finder, wanted: Wanted, read: Read, border: Border) -> Iterator[Hit | Missed]:
    """What begins before a border and ends behind it, in the bytes of the volume.

    The areas are read as far as the longest match reaches: that of the terms, 4,096 bytes for expressions.
    """
    first, at, last = border
    begin = max(first, at - reach_of(finder, wanted))
    for item in look(finder, wanted, read, begin, at, last, first):
        if isinstance(item, Missed) or (isinstance(item, Hit) and item.offset_bytes + item.length_bytes > at):
            yield item


def reach_of(finder: Finder, wanted: Wanted) -> int:
    """How far before a border a match can begin that ends behind it."""
    return max(finder.reach_bytes, DETECTED_REACH_BYTES if wanted.detect else 0)


def end_of(reader: FileReader, volumes: Sequence[Volume], address: str, reach_bytes: int) -> Border | None:
    """The border of a content and its slack, for the address of the slack.

    None where there is no slack, they do not touch each other, or the content is not stored there as it is read.
    """
    try:
        behind = next(iter(reader.content(volumes, address).ranges), None)
        content = reader.content(volumes, address.removesuffix(SLACK))
        begin = max(0, content.size_bytes - reach_bytes)
        stretches = [] if behind is None else list(content.stretches(begin, content.size_bytes - begin))
    except (EvidenceError, OSError):
        return None  # it is told where the content and the slack are looked through
    if behind is None or not stretches:
        return None
    at, length = behind
    first, end = at, content.size_bytes
    for place, start, size in reversed(stretches):
        if (place + size, start + size) != (end, first):
            break
        end, first = place, start
    return (first, at, at + length) if first < at else None
