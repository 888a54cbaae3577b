"""The checksums of a UDIF disk image that cover what it holds: of each table's bytes, and of the stored data.

They are compared while the media is hashed. That the checksum of a table leaves out what the image leaves out as free
space, and has the zeros that are stored as such, is how macOS writes it.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

from evidence.images.base import STORED_DIGESTS, Problem, Region
from evidence.images.stored import JoinedFiles, read_stored
from evidence.images.udif_chunks import IGNORE
from evidence.images.udif_records import CRC32, Table, Trailer
from evidence.images.udif_tables import Chunks

CHECKED_AT_ONCE_BYTES = 1024 * 1024 * 1024
"""Stored data of up to this size is checked when the image is opened, more of it only while the media is hashed."""
_PIECE_BYTES = 4 * 1024 * 1024


@dataclass(slots=True)
class _Covered:
    """What one table covers: stretches of the media in order, where they begin and end."""

    name: str
    wanted: int | None
    kind: int
    stretches: list[tuple[int, int]]
    is_in_order: bool
    found: int = 0


def data_crc32(stored: JoinedFiles, trailer: Trailer, at_bytes: int, end_bytes: int, crc: int) -> int:
    """The CRC-32 of the stored data, gone on with from ``at_bytes`` to ``end_bytes`` of it."""
    for start in range(at_bytes, end_bytes, _PIECE_BYTES):
        size = min(_PIECE_BYTES, end_bytes - start)
        crc = zlib.crc32(read_stored(stored, trailer.data_at_bytes + start, size), crc)
    return crc


class UdifCheck:
    """Takes the media in order and compares the checksums; see ``evidence.images.base.MediaCheck``."""

    def __init__(self, name: str, stored: JoinedFiles, trailer: Trailer, tables: Sequence[Table]) -> None:
        """Prepare; ``name`` is that of the file, for the problems."""
        self._name, self._stored, self._trailer = name, stored, trailer
        self._tables = [_covered(table, trailer.data_at_bytes) for table in tables]
        runs = sorted((start, end, at) for at, table in enumerate(self._tables) for start, end in table.stretches)
        furthest, owner = 0, 0
        for start, end, at in runs:
            if start < furthest:
                self._tables[at].is_in_order = self._tables[owner].is_in_order = False
            if end > furthest:
                furthest, owner = end, at
        self._runs, self._run, self._done_bytes = runs, 0, 0
        self._media_bytes = max(1, trailer.media_bytes or furthest)
        is_late = trailer.data_bytes > CHECKED_AT_ONCE_BYTES and is_there(stored, trailer)
        self._data_bytes = trailer.data_bytes if is_late and trailer.data_checksum.crc32 is not None else 0
        self._data_done_bytes = self._data_crc = 0

    def update(self, view: memoryview, /) -> None:
        """Take the next bytes of the media."""
        start, end = self._done_bytes, self._done_bytes + len(view)
        while self._run < len(self._runs):
            first, last, at = self._runs[self._run]
            if first >= end:
                break
            table = self._tables[at]
            if table.is_in_order and max(first, start) < min(last, end):
                table.found = zlib.crc32(view[max(first, start) - start : min(last, end) - start], table.found)
            if last > end:
                break
            self._run += 1
        self._done_bytes = end
        self._read_data(self._data_bytes * min(end, self._media_bytes) // self._media_bytes)

    def problems(self, unreadable: Sequence[Region]) -> list[Problem]:
        """What the checksums say once all bytes were taken; where bytes are unreadable, that is said already."""
        said = [problem for table in self._tables for problem in self._of_table(table, unreadable)]
        self._read_data(self._data_bytes)
        if self._data_bytes and self._data_crc != self._trailer.data_checksum.crc32:
            said.append(self._problem(WRONG_DATA, self._trailer.data_at_bytes, is_damage=True))
        return said

    def _of_table(self, table: _Covered, unreadable: Sequence[Region]) -> list[Problem]:
        if not table.stretches:
            return []
        first, last = table.stretches[0][0], table.stretches[-1][1]
        if table.wanted is None or not table.is_in_order:
            if not table.kind and self._trailer.data_checksum.crc32 is not None:
                return []  # the one over the stored data covers it
            return [self._problem(f"The bytes of the table {table.name!r} {_why(table)}.", first, is_damage=False)]
        if table.found == table.wanted or any(
            region.offset_bytes < last and first < region.offset_bytes + region.length_bytes for region in unreadable
        ):
            return []
        what = (
            f"The bytes of the table {table.name!r} (media bytes {first} to {last}) have the CRC-32 {table.found:08x}, "
        )
        return [self._problem(f"{what}and {table.wanted:08x} is stored: some are not as they were.", first)]

    def _read_data(self, end_bytes: int) -> None:
        if end_bytes > self._data_done_bytes:
            at, self._data_done_bytes = self._data_done_bytes, end_bytes
            self._data_crc = data_crc32(self._stored, self._trailer, at, end_bytes, self._data_crc)

    def _problem(self, what: str, offset_bytes: int, *, is_damage: bool = True) -> Problem:
        about = STORED_DIGESTS if is_damage else ""
        return Problem(what=what, where=self._name, offset_bytes=offset_bytes, is_damage=is_damage, about=about)


WRONG_DATA = "The checksum over the stored data is wrong: some of it is not as it was."


def is_there(stored: JoinedFiles, trailer: Trailer) -> bool:
    """Whether the file has all the data that the trailer tells of."""
    return trailer.data_at_bytes + trailer.data_bytes <= stored.size_bytes


def unchecked_when_opened(trailer: Trailer) -> str:
    """What is to be known of the checksum over the stored data where opening does not compare it; "" for nothing."""
    checksum = trailer.data_checksum
    if checksum.kind not in (0, CRC32):
        return (
            f"The checksum over the stored data is of the kind {checksum.kind}, which is not known: it is not compared."
        )
    if checksum.crc32 is not None and trailer.data_bytes > CHECKED_AT_ONCE_BYTES:
        return f"The checksum over the {trailer.data_bytes} stored bytes is compared only while the media is hashed."
    return ""


def _why(table: _Covered) -> str:
    if not table.kind:
        return "have no checksum to be compared with"
    if table.wanted is None:
        return f"are not compared with their checksum: it is of the kind {table.kind}, which is not known"
    return "are not compared with their checksum: its chunks lie over each other or in another order"


def _covered(table: Table, data_at_bytes: int) -> _Covered:
    """The stretches of one table, neighbours as one; chunks are in order where each begins behind the one before."""
    chunks = Chunks((table,), data_at_bytes)
    stretches: list[tuple[int, int]] = []
    is_in_order = chunks.is_in_order and not chunks.overlapping
    for number in range(len(chunks)):
        chunk = chunks[number]
        if chunk.kind == IGNORE:
            continue
        start, end = chunk.offset_bytes, chunk.offset_bytes + chunk.length_bytes
        if stretches and stretches[-1][1] == start:
            stretches[-1] = (stretches[-1][0], end)
        else:
            stretches.append((start, end))
    return _Covered(table.name, table.checksum.crc32, table.checksum.kind, stretches, is_in_order)
