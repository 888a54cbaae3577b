"""E01, as EnCase 6 writes it: segments .E01 to .ZZZ, chunks of 32 KiB, one table for each stretch of them.

Every table is a place from which the writing can be taken up again, since where it lies, and what follows, depends on
the media and the settings only. Source: see ``evidence.acquisition.ewf_bytes``.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from evidence.acquisition.ewf_bytes import (
    CHUNK_BYTES,
    COMPRESSED,
    SECTOR_NUMBER_MAX,
    EwfDescription,
    closing,
    descriptor,
    file_header,
    headers,
    pack_chunk,
    table,
    table_bytes,
    volume,
)
from evidence.acquisition.settings import BadRegion
from evidence.acquisition.targets import Checkpoint, Packed, TargetFile
from evidence.durable import sync_folder
from evidence.images.ewf_sections import DESCRIPTOR_BYTES
from evidence.images.segments import ewf_suffix

_ZLIB_LEVELS = {"none": 0, "fast": 1, "best": 9}


class EwfTarget:
    """See ``evidence.acquisition.targets.Target``. Blocks are whole chunks, but for the end of the media."""

    def __init__(
        self, base: Path, described: EwfDescription, *, segment_bytes: int, chunks_per_table: int, start: Checkpoint
    ) -> None:
        """Begin, or continue at ``start``.

        Args:
            base: The name without its suffix.
            described: What it says of itself; the same when it is continued.
            segment_bytes: The largest file.
            chunks_per_table: How many chunks a table lists at most.
            start: Where to continue.

        Raises:
            OSError: A file exists, or cannot be written.
        """
        self._base, self._described = base, described
        self._limit, self._per_table = segment_bytes, chunks_per_table
        self._level = _ZLIB_LEVELS[described.compression]
        self._zeros = bytes(CHUNK_BYTES)
        self._packed_zeros = pack_chunk(memoryview(self._zeros), self._level)
        self._entries: list[int] = []
        self._began = 0
        self._chunks = start.media_bytes // CHUNK_BYTES
        self._count, self._reached = max(1, start.files), start
        if start.files:
            self._file = TargetFile(self._path(start.files), continue_at=start.last_bytes)
        else:
            self._file = self._new_file()

    @property
    def paths(self) -> tuple[Path, ...]:
        """The segments so far, in order."""
        return tuple(self._path(number) for number in range(1, self._count + 1))

    @property
    def reached(self) -> Checkpoint:
        """The end of the last table."""
        return self._reached

    def pack(self, block: memoryview) -> Packed:
        """Compress media chunk by chunk; zeros, of which disks are full, only once."""
        packed: Packed = []
        for start in range(0, len(block), CHUNK_BYTES):
            chunk = block[start : start + CHUNK_BYTES]
            packed.append(self._packed_zeros if chunk == self._zeros else pack_chunk(chunk, self._level))
        return packed

    def write(self, packed: Packed) -> None:
        """Append chunks, with tables and new segments where they are due."""
        for stored, is_compressed in packed:
            if not self._has_room(len(stored)):
                self._close_table()
                if not self._has_room(len(stored)):
                    self._next_file()
            if not self._entries:
                self._began = self._file.size_bytes
                self._file.write(bytes(DESCRIPTOR_BYTES))
            place = self._file.size_bytes - self._began
            self._entries.append(place | (COMPRESSED if is_compressed else 0))
            self._file.write(stored)
            self._chunks += 1
            if len(self._entries) == self._per_table or self._chunks == self._described.chunk_count:
                self._close_table()

    def sync(self) -> None:
        """Bring all of it to the disk."""
        self._file.sync()

    def finish(self, digests: Mapping[str, bytes], bad: tuple[BadRegion, ...]) -> int:
        """Write what follows the last table; returns how many of ``bad`` lie past what an entry can name."""
        sector_bytes = self._described.sector_bytes
        sectors = [(one.offset_bytes // sector_bytes, -(-one.length_bytes // sector_bytes)) for one in bad]
        listed = [one for one in sectors if max(one) <= SECTOR_NUMBER_MAX]
        sections = closing(digests, listed)
        size = sum(DESCRIPTOR_BYTES + len(body) for _, body in sections) + DESCRIPTOR_BYTES
        data_bytes = DESCRIPTOR_BYTES + len(volume(self._described)) if self._count == 1 else 0
        if self._file.size_bytes + data_bytes + size > self._limit:
            self._next_file()
        elif data_bytes:
            self._section("data", volume(self._described))
        for kind, body in sections:
            self._section(kind, body)
        self._section("done")
        self._file.sync()
        return len(sectors) - len(listed)

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _has_room(self, stored_bytes: int) -> bool:
        begins = 0 if self._entries else DESCRIPTOR_BYTES
        tables = 2 * table_bytes(len(self._entries) + 1)
        return self._file.size_bytes + begins + stored_bytes + tables + DESCRIPTOR_BYTES <= self._limit

    def _close_table(self) -> None:
        if not self._entries:
            return
        body_bytes = self._file.size_bytes - self._began - DESCRIPTOR_BYTES
        self._file.rewrite(self._began, descriptor("sectors", self._began, body_bytes))
        body = table(self._entries, self._began)
        self._section("table", body)
        self._section("table2", body)
        self._entries = []
        media_bytes = min(self._chunks * CHUNK_BYTES, self._described.media_bytes)
        self._reached = Checkpoint(media_bytes=media_bytes, files=self._count, last_bytes=self._file.size_bytes)

    def _next_file(self) -> None:
        self._section("next")
        self._file.sync()
        self._file.close()
        self._count += 1
        self._file = self._new_file()

    def _new_file(self) -> TargetFile:
        file = self._file = TargetFile(self._path(self._count))
        sync_folder(self._base.parent)
        file.write(file_header(self._count))
        if self._count > 1:
            self._section("data", volume(self._described))
            return file
        for kind, body in headers(self._described):
            self._section(kind, body)
        self._section("volume", volume(self._described))
        return file

    def _section(self, kind: str, body: bytes = b"") -> None:
        self._file.write(descriptor(kind, self._file.size_bytes, len(body)))
        self._file.write(body)

    def _path(self, number: int) -> Path:
        return self._base.with_name(self._base.name + ewf_suffix("E", number))
