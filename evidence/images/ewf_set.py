"""The segment files of one EWF set: found by name, put in order by the number in their file header."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from evidence.errors import DamagedContainerError, MissingSegmentError
from evidence.images.ewf_sections import Problems
from evidence.images.segments import ewf_beside, ewf_first, ewf_name, ewf_number
from evidence.images.signatures import EVF_SIGNATURE, EWF_FILE_HEADER_BYTES, LVF_SIGNATURE
from evidence.images.source import SourceFile

_HEADER = struct.Struct("<8sBHH")


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentSet:
    """Candidates for the segments of a set.

    Attributes:
        named_by: A file whose name fits its number, by which others are named; None if there is none.
        by_number: Files that say they are segment so and so.
        no_segments: Files named like a segment that are none, by the number in their name.
        logical: Whether they are logical evidence (L01).
    """

    named_by: Path | None
    by_number: dict[int, Path]
    no_segments: dict[int, Path]
    logical: bool

    def run(self) -> list[Path]:
        """The segments from the first one on, up to the first gap."""
        found: list[Path] = []
        while len(found) + 1 in self.by_number:
            found.append(self.by_number[len(found) + 1])
        return found

    def missing(self, number: int) -> Exception:
        """What to raise when segment ``number`` is needed and is not there."""
        if number in self.no_segments:
            return DamagedContainerError(self.no_segments[number], "it is not a segment of an EWF", 0)
        highest = max([number, *self.by_number])
        gaps = [gap for gap in range(number, highest + 1) if gap not in self.by_number]
        found = [self.by_number[key] for key in sorted(self.by_number)]
        return MissingSegmentError(found, [self._name(gap) for gap in gaps])

    def _name(self, number: int) -> str:
        return ewf_name(self.named_by, number, version_2=False) if self.named_by else f"segment {number}"


def find_segments(paths: Sequence[Path], problems: Problems) -> SegmentSet:
    """Look at the file headers of the given files and of those that lie beside them.

    Raises:
        DamagedContainerError: Two files say they are the same segment, or a given file is no segment at all.
        MissingSegmentError: There is no first segment.
        NotAnImageError: One is a folder, a pipe, a socket or a character device.
        SourceAccessError: One cannot be opened.
    """
    given = [Path(path) for path in dict.fromkeys(paths)]
    beside = ewf_beside(given[0], version_2=False)
    named = beside if set(given) <= set(beside.values()) else dict(enumerate(given, 1))
    logical = _begins_with(given[0], LVF_SIGNATURE)
    signature = LVF_SIGNATURE if logical else EVF_SIGNATURE
    by_number: dict[int, Path] = {}
    no_segments: dict[int, Path] = {}
    for place, path in sorted(named.items()):
        number = _number_in(path, signature, problems)
        if number is None:
            if path in given:
                raise DamagedContainerError(path, "it does not begin as a segment of an EWF", 0)
            no_segments[place] = path
            continue
        if number in by_number:
            what = f"it says that it is segment {number}, and so does {by_number[number].name}"
            raise DamagedContainerError(path, what, 9)
        if number != place and named is beside and len(named) > 1:
            problems.add(f"Named as segment {place}, this file says that it is segment {number}.", path.name, 9)
        by_number[number] = path
    named_by = next((path for number, path in by_number.items() if _fits(path, number)), None)
    found = SegmentSet(named_by=named_by, by_number=by_number, no_segments=no_segments, logical=logical)
    if 1 not in by_number:
        raise found.missing(1)
    return found


def _fits(path: Path, number: int) -> bool:
    first = ewf_first(path.suffix, version_2=False)
    return first is not None and ewf_number(path.suffix, first) == number


def _begins_with(path: Path, signature: bytes) -> bool:
    file = SourceFile(path)
    try:
        return file.size_bytes >= len(signature) and file.read(0, len(signature)) == signature
    finally:
        file.close()


def _number_in(path: Path, wanted: bytes, problems: Problems) -> int | None:
    file = SourceFile(path)
    try:
        if file.size_bytes < EWF_FILE_HEADER_BYTES:
            return None
        signature, start, number, end = _HEADER.unpack(file.read(0, EWF_FILE_HEADER_BYTES))
    finally:
        file.close()
    if signature != wanted:
        return None
    if start != 1 or end != 0:
        problems.add("The file header has unexpected values around the number of the segment.", path.name, 8)
    return int(number)
