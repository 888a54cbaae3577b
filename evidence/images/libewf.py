"""Images in the Expert Witness Compression Format, version 2 (Ex01), through libewf.

libewf gives zeros for a chunk whose checksum is wrong and for one that is missing, without an error. So the segments
are looked for, and the sector tables checked, before it opens anything; and a chunk of zeros is believed only after
its own checksum was found right.
"""

from __future__ import annotations

import struct
import threading
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from pathlib import Path

import pyewf

from evidence.errors import (
    DamagedContainerError,
    MissingSegmentError,
    ShortReadError,
    UnreadableRegionError,
    UnsupportedContainerError,
)
from evidence.images.base import Problem, refuse_negative
from evidence.images.ewf2_sections import (
    DONE,
    ENCRYPTED,
    NEXT,
    SECTOR_TABLE,
    Table2,
    chunk_is_sound,
    read_table,
    walk_back,
)
from evidence.images.segments import ewf_beside, ewf_name, missing_numbers
from evidence.images.signatures import EWF2_SIGNATURE
from evidence.images.source import SourceFile, SourceSet

_FILE_HEADER = struct.Struct("<8sBBHI16s")
_HEADER_NAMES = {
    "case_number": "case_number",
    "evidence_number": "evidence_number",
    "description": "description",
    "examiner_name": "examiner",
    "notes": "notes",
    "acquiry_date": "acquired_at",
    "system_date": "system_date",
    "acquiry_software_version": "software",
    "acquiry_operating_system": "os",
    "model": "model",
    "serial_number": "serial_number",
    "device_label": "device_label",
}
_DIGEST_NAMES = {"MD5": "md5", "SHA1": "sha1", "SHA256": "sha256"}
_CHECKED_BY_LIBEWF = (
    "This is an Ex01, read through libewf. Its sector tables were checked here, and so is every chunk that "
    "libewf gives as zeros; the checksums of all other chunks are checked by libewf only."
)


class Ewf2Image:
    """The media inside an Ex01 set; see ``evidence.images.base.Image``."""

    container = "ewf"

    def __init__(self, files: SourceSet, tables: list[Table2]) -> None:
        """Open the set with libewf; ``tables`` are its sector tables in the order of their chunks.

        Raises:
            DamagedContainerError: libewf cannot open it.
        """
        self._files, self._tables = files, tables
        self._firsts = [table.first_chunk for table in tables]
        self._lock = threading.Lock()
        self._handle = pyewf.handle()
        try:
            self._handle.open([str(path) for path in files.paths])
        except OSError as error:
            raise DamagedContainerError(files.paths[0], f"libewf cannot open it: {error}", None) from error
        self.paths = files.paths
        self.container_bytes = files.size_bytes
        self.media_bytes = int(self._handle.get_media_size())
        self.sector_bytes = int(self._handle.get_bytes_per_sector())
        self._chunk_bytes = int(self._handle.get_chunk_size())
        self._chunk_count = -(-self.media_bytes // self._chunk_bytes)
        said = self._handle.get_header_values()
        self.metadata: Mapping[str, str] = {
            ours: said[theirs] for theirs, ours in _HEADER_NAMES.items() if said.get(theirs)
        }
        digests = self._handle.get_hash_values()
        self.stored_digests: Mapping[str, bytes] = {
            ours: bytes.fromhex(digests[theirs]) for theirs, ours in _DIGEST_NAMES.items() if digests.get(theirs)
        }
        self.problems: Sequence[Problem] = tuple(self._find_problems())

    @property
    def chunk_bytes(self) -> int:
        """Size of an uncompressed chunk."""
        return self._chunk_bytes

    def read_at(self, offset_bytes: int, size_bytes: int, /) -> bytes:
        """Read exactly that many bytes of the media; fewer only at its end.

        Raises:
            UnreadableRegionError: A chunk is damaged or missing.
            ShortReadError: libewf gave fewer bytes than it has to.
        """
        target = bytearray(max(0, min(size_bytes, self.media_bytes - offset_bytes)))
        self.read_into(offset_bytes, memoryview(target))
        return bytes(target)

    def read_into(self, offset_bytes: int, target: memoryview, /) -> None:
        """Fill all of ``target`` from the media; the errors of ``read_at``."""
        refuse_negative(offset_bytes)
        done = 0
        while done < len(target):
            chunk, inside = divmod(offset_bytes + done, self._chunk_bytes)
            size = min(len(target) - done, self._chunk_bytes - inside)
            data = self._read(offset_bytes + done, size)
            if data == bytes(size):
                self._check(chunk)
            target[done : done + size] = data
            done += size

    def close(self) -> None:
        """Close the files. Closing twice does no harm."""
        with self._lock:
            if self._handle is not None:
                self._handle.close()
                self._handle = None
        self._files.close()

    def _read(self, offset_bytes: int, size_bytes: int) -> bytes:
        try:
            with self._lock:
                data: bytes = self._handle.read_buffer_at_offset(size_bytes, offset_bytes)
        except OSError as error:
            raise UnreadableRegionError(offset_bytes, size_bytes, f"libewf: {error}") from error
        if len(data) < size_bytes:
            raise ShortReadError(offset_bytes + len(data), offset_bytes + size_bytes)
        return data

    def _check(self, chunk: int) -> None:
        """Raise unless the chunk is there and sound."""
        start = chunk * self._chunk_bytes
        wanted = min(self._chunk_bytes, self.media_bytes - start)
        index = bisect_right(self._firsts, chunk) - 1
        number = chunk - self._firsts[index] if index >= 0 else -1
        if index < 0 or number >= self._tables[index].count:
            raise UnreadableRegionError(start, wanted, "the chunk is missing from the container")
        if not chunk_is_sound(self._files, self._tables[index], number, wanted, self._chunk_bytes):
            raise UnreadableRegionError(start, wanted, "the checksum of the chunk is wrong")

    def _find_problems(self) -> list[Problem]:
        name = self.paths[0].name
        found = [Problem(what=_CHECKED_BY_LIBEWF, where=name, offset_bytes=None, is_damage=False)]
        listed = sum(table.count for table in self._tables)
        if listed != self._chunk_count:
            what = f"The sector tables list {listed} chunks; the media has {self._chunk_count}."
            found.append(Problem(what=what, where=name, offset_bytes=None))
        return found


def open_ewf2(paths: Sequence[Path]) -> Ewf2Image:
    """Open an Ex01 set: by one of its segments, if the others lie beside it, or by all of them in any order.

    Raises:
        MissingSegmentError: A segment is missing; says which, and which are there.
        UnsupportedContainerError: The set is encrypted.
        DamagedContainerError: A section descriptor or a sector table is damaged, or libewf cannot open the set.
        NotAnImageError: One is a folder, a pipe, a socket or a character device.
        SourceAccessError: One cannot be opened.
    """
    files = SourceSet(_find_segments(list(dict.fromkeys(paths))))
    try:
        tables: list[Table2] = []
        for segment in range(len(files.paths)):
            tables += _read_segment(files, segment)
        return Ewf2Image(files, sorted(tables, key=lambda table: table.first_chunk))
    except BaseException:
        files.close()
        raise


def _read_segment(files: SourceSet, segment: int) -> list[Table2]:
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
        signature, *_, number, _identifier = _FILE_HEADER.unpack(file.read(0, _FILE_HEADER.size))
    finally:
        file.close()
    return int(number) if signature == EWF2_SIGNATURE else None
