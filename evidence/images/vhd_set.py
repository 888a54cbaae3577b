"""The files of one VHD, and which of its footers counts.

A disk that Virtual PC split has its later parts in ``.v01`` to ``.v63`` beside it: they are one stream, with one footer
at the end of the last. Source: "Virtual Hard Disk Image Format Specification", version 1.0, Microsoft.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from evidence.errors import DamagedContainerError, MissingSegmentError
from evidence.images.base import Problem
from evidence.images.signatures import VHD_FOOTER_BYTES, VHD_OLD_FOOTER_BYTES
from evidence.images.source import SourceSet
from evidence.images.stored import JoinedFiles, read_stored
from evidence.images.vhd_records import FIXED, Footer, NoRecordError, read_footer

_PART = re.compile(r"\.v(\d\d)", re.IGNORECASE | re.ASCII)
_PARTS_MAX = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Footers:
    """What a VHD says at its ends.

    Attributes:
        footer: The footer that counts.
        data_bytes: Where what is before the footer at the end ends.
        problems: What is wrong with the footers.
    """

    footer: Footer
    data_bytes: int
    problems: tuple[Problem, ...]


def is_split(path: Path) -> bool:
    """Whether a file is named as a part of a split VHD and other parts lie beside it, the last with a footer."""
    if path.suffix.lower() != ".vhd" and not _PART.fullmatch(path.suffix):
        return False
    parts = _parts(path)
    if len(parts) < 2:
        return False
    files = SourceSet([parts[max(parts)]])
    try:
        return _at_end(JoinedFiles(files)) is not None
    finally:
        files.close()


def files_of(path: Path) -> SourceSet:
    """Open the file, or all parts of the split disk that it belongs to.

    Raises:
        MissingSegmentError: A part is missing.
        NotAnImageError: One is no file.
        SourceAccessError: One cannot be opened.
    """
    alone = SourceSet([path])
    if not _PART.fullmatch(path.suffix) and _at_end(JoinedFiles(alone)) is not None:
        return alone
    parts = _parts(path)
    if len(parts) < 2 and not _PART.fullmatch(path.suffix):
        return alone
    alone.close()
    missing = [_part_name(path, number) for number in range(max(parts)) if number not in parts]
    if missing:
        raise MissingSegmentError([parts[number] for number in sorted(parts)], missing)
    return SourceSet([parts[number] for number in sorted(parts)])


def find_footer(files: SourceSet, joined: JoinedFiles) -> Footers:
    """Find the footer: the one at the end, or its copy at the front where that one is damaged.

    Raises:
        DamagedContainerError: There is none.
    """
    end = _at_end(joined)
    copy = _footer(read_stored(joined, 0, VHD_FOOTER_BYTES))
    if copy is not None and copy.kind == FIXED:
        copy = None
    data_bytes = joined.size_bytes - (end[1] if end is not None else 0)
    last = files.paths[-1]
    if end is not None and (end[0].is_whole or copy is None or not copy.is_whole):
        what = None if end[0].is_whole else "The checksum of the footer is wrong."
        if what is None and copy is not None and copy != end[0]:
            what = "The footer and its copy at the front of the file differ; the one at the end counts."
        return Footers(footer=end[0], data_bytes=data_bytes, problems=_told(what, last, data_bytes))
    if copy is None:
        raise DamagedContainerError(last, "the footer of the VHD is missing", None)
    what = "The footer at the end is missing or damaged; its copy at the front is used."
    if not copy.is_whole:
        what = "The footer at the end is missing, and the checksum of its copy at the front is wrong."
    return Footers(footer=copy, data_bytes=data_bytes, problems=_told(what, last, data_bytes))


def _told(what: str | None, path: Path, offset_bytes: int) -> tuple[Problem, ...]:
    return () if what is None else (Problem(what=what, where=path.name, offset_bytes=offset_bytes),)


def _at_end(joined: JoinedFiles) -> tuple[Footer, int] | None:
    for size in (VHD_FOOTER_BYTES, VHD_OLD_FOOTER_BYTES):
        footer = _footer(read_stored(joined, max(0, joined.size_bytes - size), size))
        if footer is not None:
            return footer, size
    return None


def _footer(data: bytes) -> Footer | None:
    try:
        return read_footer(data)
    except NoRecordError:
        return None


def _parts(path: Path) -> dict[int, Path]:
    """The parts beside ``path`` by number, the ``.vhd`` being 0."""
    found: dict[int, Path] = {}
    try:
        beside = sorted(path.parent.iterdir())
    except OSError:
        beside = [path]
    for other in beside:
        if other.stem.casefold() != path.stem.casefold() or not other.is_file():
            continue
        numbered = _PART.fullmatch(other.suffix)
        if other.suffix.lower() == ".vhd":
            found.setdefault(0, other)
        elif numbered and 0 < int(numbered[1]) < _PARTS_MAX:
            found.setdefault(int(numbered[1]), other)
    return found or {0: path}


def _part_name(path: Path, number: int) -> str:
    return f"{path.stem}.v{number:02d}" if number else f"{path.stem}.vhd"
