"""Images in the Expert Witness Compression Format, version 2 (Ex01): described by libewf, read here.

libewf gives zeros for a chunk whose checksum is wrong and for one that is missing, without an error. So the segments
are looked for, the sector tables checked, and every chunk is unpacked and held against its checksum by this reader;
libewf says what the image tells of itself.
"""

from __future__ import annotations

import struct
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyewf

from evidence.errors import (
    DamagedContainerError,
    MissingSegmentError,
    SourceAccessError,
    UnreadableRegionError,
    UnsupportedContainerError,
)
from evidence.images.base import Problem
from evidence.images.ewf2_acquisition import Acquisition2
from evidence.images.ewf2_sections import (
    DONE,
    ENCRYPTED,
    NEXT,
    SECTOR_TABLE,
    Table2,
    read_chunk,
    read_table,
    walk_back,
)
from evidence.images.ewf_chunk import BadChunkError
from evidence.images.filling import Chunks, FillingImage
from evidence.images.segments import ewf_beside, ewf_name, missing_numbers
from evidence.images.signatures import EWF2_SIGNATURE
from evidence.images.source import SourceFile, SourceSet, is_read_error

_FILE_HEADER = struct.Struct("<8sBBHI16s")
_BZIP2 = 2
"""The libewf that there are wheels of cannot unpack it."""
_HEADER_NAMES = {
    "case_number": "case_number",
    "evidence_number": "evidence_number",
    "description": "description",
    "examiner_name": "examiner",
    "notes": "notes",
    "acquiry_software_version": "software",
    "acquiry_operating_system": "os",
    "model": "model",
    "serial_number": "serial_number",
    "device_label": "device_label",
}
_DIGEST_NAMES = {"MD5": "md5", "SHA1": "sha1", "SHA256": "sha256"}
_SAID_BY_LIBEWF = (
    "This is an Ex01. What it says of itself (case, size, stored digests) is read through libewf; its sector tables "
    "were checked here, and so is the checksum of every chunk. Times and read errors of the acquisition are read here."
)


class Ewf2Image(FillingImage):
    """The media inside an Ex01 set; see ``evidence.images.base.Image``."""

    container = "ewf"

    def __init__(self, files: SourceSet, tables: list[Table2], acquisition: Acquisition2) -> None:
        """Let libewf describe the set; ``tables`` are its sector tables in the order of their chunks.

        Raises:
            DamagedContainerError: libewf cannot open it.
        """
        self._files, self._tables, self._acquisition = files, tables, acquisition
        self._firsts = [table.first_chunk for table in tables]
        handle = pyewf.handle()
        try:
            handle.open([str(path) for path in files.paths])
            self._describe(handle)
        except OSError as error:
            raise DamagedContainerError(files.paths[0], f"libewf cannot open it: {error}", None) from error
        finally:
            handle.close()
        self.problems: Sequence[Problem] = tuple(self._find_problems())

    def _describe(self, handle: Any) -> None:
        files = self._files
        self.paths = files.paths
        self.container_bytes = files.size_bytes
        self.media_bytes = int(handle.get_media_size())
        self.sector_bytes = int(handle.get_bytes_per_sector())
        self._chunk_bytes = int(handle.get_chunk_size())
        self._chunk_count = -(-self.media_bytes // self._chunk_bytes)
        self._chunks = Chunks(self.media_bytes, self._chunk_bytes, self._chunk)
        said = handle.get_header_values()
        self.metadata: Mapping[str, str] = {
            ours: said[theirs] for theirs, ours in _HEADER_NAMES.items() if said.get(theirs)
        } | self._acquisition.times
        digests = handle.get_hash_values()
        self.stored_digests: Mapping[str, bytes] = {
            ours: bytes.fromhex(digests[theirs]) for theirs, ours in _DIGEST_NAMES.items() if digests.get(theirs)
        }

    @property
    def chunk_bytes(self) -> int:
        """Size of an uncompressed chunk."""
        return self._chunk_bytes

    def close(self) -> None:
        """Close the files. Closing twice does no harm."""
        self._files.close()

    def _fill_some(self, offset_bytes: int, target: memoryview) -> int:
        return self._chunks.fill_some(offset_bytes, target)

    def _chunk(self, number: int) -> bytes:
        start, wanted = number * self._chunk_bytes, self._chunks.size_of(number)
        index = bisect_right(self._firsts, number) - 1
        place = number - self._firsts[index] if index >= 0 else -1
        if index < 0 or place >= self._tables[index].count:
            raise UnreadableRegionError(start, wanted, "the chunk is missing from the container")
        try:
            return read_chunk(self._files, self._tables[index], place, wanted, self._chunk_bytes)
        except BadChunkError as error:
            raise UnreadableRegionError(start, wanted, str(error)) from error
        except SourceAccessError as error:
            if not is_read_error(error):
                raise
            raise UnreadableRegionError(start, wanted, error.why) from error

    def _find_problems(self) -> list[Problem]:
        name = self.paths[0].name
        found = [Problem(what=_SAID_BY_LIBEWF, where=name, offset_bytes=None, is_damage=False)]
        listed = sum(table.count for table in self._tables)
        if listed != self._chunk_count:
            what = f"The sector tables list {listed} chunks; the media has {self._chunk_count}."
            found.append(Problem(what=what, where=name, offset_bytes=None))
        return [*found, *self._acquisition.problems(self._files, self.sector_bytes)]


def open_ewf2(paths: Sequence[Path]) -> Ewf2Image:
    """Open an Ex01 set: by one of its segments, if the others lie beside it, or by all of them in any order.

    Raises:
        MissingSegmentError: A segment is missing; says which, and which are there.
        UnsupportedContainerError: The set is encrypted, or packed by bzip2.
        DamagedContainerError: A section descriptor or a sector table is damaged, or libewf cannot open the set.
        NotAnImageError: One is a folder, a pipe, a socket or a character device.
        SourceAccessError: One cannot be opened.
    """
    files = SourceSet(_find_segments(list(dict.fromkeys(paths))))
    try:
        tables: list[Table2] = []
        acquisition = Acquisition2()
        for segment in range(len(files.paths)):
            tables += _read_segment(files, segment, acquisition)
        return Ewf2Image(files, sorted(tables, key=lambda table: table.first_chunk), acquisition)
    except BaseException:
        files.close()
        raise


def _read_segment(files: SourceSet, segment: int, acquisition: Acquisition2) -> list[Table2]:
    tables = []
    for place, section in enumerate(walk_back(files, segment)):
        if section.flags & ENCRYPTED:
            raise UnsupportedContainerError(files.paths[segment], "encrypted Ex01")
        if not place and section.kind == NEXT and segment + 1 == len(files.paths):
            raise MissingSegmentError(files.paths, [ewf_name(files.paths[0], segment + 2, version_2=True)])
        if not place and section.kind not in (NEXT, DONE):
            what = "the segment does not say that the next one follows, or that it is the last: it is cut off"
            raise DamagedContainerError(files.paths[segment], what, section.data_bytes)
        if section.kind == SECTOR_TABLE:
            tables.append(read_table(files, section))
        acquisition.take(files, section)
    return tables


def _find_segments(paths: list[Path]) -> list[Path]:
    beside = ewf_beside(paths[0], version_2=True)
    named = list(beside.values()) if set(paths) <= set(beside.values()) else paths
    by_number: dict[int, Path] = {}
    for path in sorted(named):
        number = _number_in(path)
        if number is None:
            raise DamagedContainerError(path, "it is not a segment of an Ex01", 0)
        if number in by_number:
            raise DamagedContainerError(path, f"it is segment {number}, and so is {by_number[number].name}", 12)
        by_number[number] = path
    found = [by_number[number] for number in sorted(by_number)]
    missing = missing_numbers(by_number, 1)
    if missing:
        raise MissingSegmentError(found, [ewf_name(paths[0], number, version_2=True) for number in missing])
    return found


def _number_in(path: Path) -> int | None:
    file = SourceFile(path)
    try:
        if file.size_bytes < _FILE_HEADER.size:
            return None
        signature, _, _, method, number, _ = _FILE_HEADER.unpack(file.read(0, _FILE_HEADER.size))
    finally:
        file.close()
    if signature != EWF2_SIGNATURE:
        return None
    if method == _BZIP2:
        raise UnsupportedContainerError(path, "Ex01 packed by bzip2")
    return int(number)
