"""Apple disk images: UDIF, what ``.dmg`` files are, read only or packed with ADC, zlib, bzip2, LZFSE or LZMA.

Chunks that the image leaves out as free space are zeros, as on macOS. Sources: see ``udif_records``.
"""

from __future__ import annotations

import threading
import zlib
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path

from evidence.errors import (
    DamagedContainerError,
    SourceAccessError,
    UnreadableRegionError,
    UnsupportedContainerError,
)
from evidence.images.base import Problem
from evidence.images.cache import BoundedCache
from evidence.images.piecewise import PiecewiseImage, told_if_unused, zero
from evidence.images.sectors import guess_sector_bytes
from evidence.images.signatures import UDIF_TRAILER_BYTES, UDIF_TRAILER_MARK
from evidence.images.source import SourceSet, is_read_error
from evidence.images.stored import JoinedFiles, copy_stored, read_stored
from evidence.images.udif_check import WRONG_DATA, UdifCheck, data_crc32, is_there, unchecked_when_opened
from evidence.images.udif_chunks import IGNORE, NAMES, RAW, ZERO, BadChunkError, unpack
from evidence.images.udif_records import (
    SECTOR_BYTES,
    BadRecordError,
    Table,
    Trailer,
    read_trailer,
    tables_of_fork,
    tables_of_xml,
)
from evidence.images.udif_tables import MEDIA_MAX_BYTES, Chunk, Chunks

CACHE_BYTES = 16 * 1024 * 1024
CHUNK_MAX_BYTES = 64 * 1024 * 1024
"""A packed chunk that claims more is refused; real ones have a MiB or less."""
LARGE_CHUNK_BYTES = 8 * 1024 * 1024
"""Chunks larger than this are unpacked one at a time, to bound the memory."""
DESCRIPTION_MAX_BYTES = 128 * 1024 * 1024


class UdifImage(PiecewiseImage):
    """The media inside a UDIF disk image; see ``evidence.images.base.Image``."""

    def __init__(self, files: SourceSet, stored: JoinedFiles, trailer: Trailer, tables: Sequence[Table]) -> None:
        """Sort the chunks.

        Raises:
            DamagedContainerError: A chunk lies where none can, or there is none.
        """
        try:
            self._chunks = Chunks(tables, trailer.data_at_bytes)
        except BadRecordError as error:
            raise DamagedContainerError(files.paths[0], str(error), None) from error
        if not len(self._chunks):
            raise DamagedContainerError(files.paths[0], "the tables of the disk image have no chunks", None)
        if trailer.media_bytes > MEDIA_MAX_BYTES:
            raise DamagedContainerError(
                files.paths[0], f"the trailer claims {trailer.media_bytes} bytes of media", None
            )
        self._stored, self._trailer, self._tables = stored, trailer, tuple(tables)
        self._unpacked: BoundedCache[int, bytes] = BoundedCache(CACHE_BYTES)
        large = self._chunks.largest_bytes > LARGE_CHUNK_BYTES
        self._one_at_a_time = threading.Lock() if large else nullcontext()
        super().__init__(
            container="udif",
            files=files,
            media_bytes=trailer.media_bytes or self._chunks.end_bytes,
            sector_bytes=SECTOR_BYTES,
            chunk_bytes=SECTOR_BYTES,
            metadata=_metadata(trailer, tables, self._chunks),
            problems=_problems(files.paths[0], stored, trailer, tables, self._chunks),
        )
        self.sector_bytes = guess_sector_bytes(self.read_at)

    def media_check(self) -> UdifCheck:
        """What compares the checksums of the tables while the media is hashed."""
        return UdifCheck(self.paths[0].name, self._stored, self._trailer, self._tables)

    def _fill_some(self, offset_bytes: int, target: memoryview) -> int:
        number = self._chunks.at(offset_bytes)
        if number is None:
            after = self._chunks.next_start(offset_bytes)
            end = self.media_bytes if after is None else min(after, self.media_bytes)
            raise UnreadableRegionError(offset_bytes, end - offset_bytes, "no table of the disk image has them")
        chunk = self._chunks[number]
        inside = offset_bytes - chunk.offset_bytes
        part = target[: self._end(chunk) - offset_bytes]
        if chunk.kind in (ZERO, IGNORE):
            zero(part)
        elif chunk.kind == RAW:
            copy_stored(self._stored, chunk.stored_at_bytes + inside, part, offset_bytes, SECTOR_BYTES)
        else:
            with self._one_at_a_time:
                data = self._unpacked.get(number, self._unpack)
            part[:] = memoryview(data)[inside : inside + len(part)]
        return len(part)

    def _end(self, chunk: Chunk) -> int:
        """Where a chunk ends, or the next one takes over."""
        after = self._chunks.next_start(chunk.offset_bytes)
        end = chunk.offset_bytes + chunk.length_bytes
        return end if after is None else min(end, after)

    def _unpack(self, number: int) -> tuple[bytes, int]:
        chunk = self._chunks[number]
        try:
            if max(chunk.length_bytes, chunk.stored_bytes) > CHUNK_MAX_BYTES:
                raise BadChunkError(
                    f"the chunk claims {chunk.stored_bytes} bytes packed, {chunk.length_bytes} unpacked"
                )
            data = read_stored(self._stored, chunk.stored_at_bytes, chunk.stored_bytes)
            if len(data) < chunk.stored_bytes:
                raise BadChunkError("the chunk lies past the end of the file")
            return unpack(chunk.kind, data, chunk.length_bytes), chunk.length_bytes
        except BadChunkError as error:
            raise self._unreadable(chunk, f"{error}, at byte {chunk.stored_at_bytes} of the file") from error
        except SourceAccessError as error:
            if not is_read_error(error):
                raise
            raise self._unreadable(chunk, error.why) from error

    def _unreadable(self, chunk: Chunk, why: str) -> UnreadableRegionError:
        length = min(self._end(chunk), self.media_bytes) - chunk.offset_bytes
        return UnreadableRegionError(chunk.offset_bytes, length, why)


def open_udif(paths: Sequence[Path]) -> UdifImage:
    """Open a UDIF disk image.

    Raises:
        UnsupportedContainerError: It is one of several segments.
        DamagedContainerError: Its tables are damaged.
        NotAnImageError: It is no file.
        SourceAccessError: It cannot be opened.
    """
    files = SourceSet(paths[:1])
    try:
        stored = JoinedFiles(files)
        trailer = _trailer(files.paths[0], stored)
        if trailer.segments > 1:
            which = f"this is {trailer.segment} of {trailer.segments}"
            raise UnsupportedContainerError(files.paths[0], f"UDIF (DMG of macOS) in segments, of which {which}")
        image = UdifImage(files, stored, trailer, _tables(files.paths[0], stored, trailer))
        image.problems = (*image.problems, *told_if_unused(image, paths))
        return image
    except BaseException:
        files.close()
        raise


def _trailer(path: Path, stored: JoinedFiles) -> Trailer:
    """Find the trailer: the last sector, or just before bytes that fill the file up."""
    start = max(0, stored.size_bytes - 2 * UDIF_TRAILER_BYTES)
    data = read_stored(stored, start, 2 * UDIF_TRAILER_BYTES)
    try:
        return read_trailer(data[max(0, data.rfind(UDIF_TRAILER_MARK)) :])
    except BadRecordError as error:
        raise DamagedContainerError(path, str(error), start) from error


def _tables(path: Path, stored: JoinedFiles, trailer: Trailer) -> list[Table]:
    """Read the tables of the property list, or of the resource fork where there is no list that can be read."""
    sources = (
        (trailer.xml_at_bytes, trailer.xml_bytes, tables_of_xml),
        (trailer.fork_at_bytes, trailer.fork_bytes, tables_of_fork),
    )
    wrong = "the trailer tells of no tables of chunks"
    at = None
    for offset, length, read in sources:
        if not length:
            continue
        if length > DESCRIPTION_MAX_BYTES:
            wrong, at = f"the description of the chunks would have {length} bytes", offset
            continue
        try:
            return list(read(read_stored(stored, offset, length)))
        except BadRecordError as error:
            wrong, at = str(error), offset
    raise DamagedContainerError(path, wrong, at)


def _metadata(trailer: Trailer, tables: Sequence[Table], chunks: Chunks) -> dict[str, str]:
    said = {
        "compression": ", ".join(NAMES[kind] for kind in sorted(chunks.kinds) if kind in NAMES) or "none",
        "tables": "; ".join(table.name for table in tables if table.name),
        "left_out_bytes": str(chunks.ignored_bytes or ""),
        "segment_id": trailer.segment_id.strip("0") and trailer.segment_id,
    }
    return {key: value for key, value in said.items() if value}


def _problems(
    path: Path, stored: JoinedFiles, trailer: Trailer, tables: Sequence[Table], chunks: Chunks
) -> list[Problem]:
    found: list[tuple[str, int | None]] = []
    told: list[str] = []
    wanted = trailer.master_checksum.crc32
    if wanted is None and trailer.master_checksum.kind:
        kind = trailer.master_checksum.kind
        told.append(
            f"The checksum over those of the tables is of the kind {kind}, which is not known: it is not compared."
        )
    if wanted is not None and zlib.crc32(b"".join(table.checksum.value for table in tables)) != wanted:
        found.append(("The checksum over the checksums of the tables is wrong.", None))
    if not is_there(stored, trailer):
        end = trailer.data_at_bytes + trailer.data_bytes
        found.append((f"The data would end at byte {end}, behind the end of the file.", stored.size_bytes))
    elif unchecked := unchecked_when_opened(trailer):
        told.append(unchecked)
    elif trailer.data_checksum.crc32 not in (None, data_crc32(stored, trailer, 0, trailer.data_bytes, 0)):
        found.append((WRONG_DATA, trailer.data_at_bytes))
    if chunks.end_bytes > trailer.media_bytes:
        what = f"The tables describe {chunks.end_bytes} bytes of media and the trailer {trailer.media_bytes}."
        found.append((what, None))
    if chunks.overlapping:
        found.append((f"{chunks.overlapping} chunks begin before the one ahead of them ends.", None))
    known = [Problem(what=what, where=path.name, offset_bytes=None, is_damage=False) for what in told]
    return [*(Problem(what=what, where=path.name, offset_bytes=at) for what, at in found), *known]
