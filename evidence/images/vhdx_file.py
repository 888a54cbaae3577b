"""One VHDX file: its headers, its log, and what its metadata say.

Source: [MS-VHDX], "Virtual Hard Disk v2 (VHDX) File Format", Microsoft.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar
from uuid import UUID

from evidence.errors import DamagedContainerError
from evidence.images.base import Problem
from evidence.images.source import SourceSet
from evidence.images.stored import JoinedFiles, Stored, read_stored
from evidence.images.vhdx_log import LOG_MAX_BYTES, PAGE_BYTES, Entry, Log, ReplayedFile
from evidence.images.vhdx_records import (
    BAT_REGION,
    HEADER_BYTES,
    HEADERS_AT_BYTES,
    METADATA_REGION,
    METADATA_TABLE_BYTES,
    MIB,
    NO_LOG,
    REGION_TABLE_BYTES,
    REGIONS_AT_BYTES,
    BadRecordError,
    Disk,
    Header,
    RegionPlace,
    read_disk,
    read_header,
    read_items,
    read_regions,
)

T = TypeVar("T")


class VhdxFile:
    """What a VHDX file holds.

    Attributes:
        header: The header that counts.
        stored: The bytes of the file, with the changes of the log.
        table: Where the block allocation table lies.
        disk: What the metadata say.
        creator: The program that made it.
        replayed: How many entries of the log were carried out in memory.
        problems: What is wrong with it.
    """

    def __init__(self, files: SourceSet) -> None:
        """Read all but the block allocation table.

        Raises:
            DamagedContainerError: What is needed to find the media is damaged.
        """
        self._path = files.paths[0]
        self.problems: list[Problem] = []
        self.stored: Stored = JoinedFiles(files)
        self.creator = read_stored(self.stored, 8, 512).decode("utf-16-le", "replace").split("\0")[0]
        self.header = self._read_header()
        self.replayed = self._replay()
        regions = self._read_regions()
        self.table = regions[BAT_REGION]
        self.disk = self._read_disk(regions[METADATA_REGION])

    def _read_header(self) -> Header:
        headers = self._both(HEADERS_AT_BYTES, HEADER_BYTES, read_header, "header")
        newest = max(headers, key=lambda header: header.sequence)
        if any(header.sequence == newest.sequence and header != newest for header in headers):
            self._tell("The two headers differ and have the same sequence number; the first counts.", 0)
        return newest

    def _read_regions(self) -> dict[UUID, RegionPlace]:
        tables = self._both(REGIONS_AT_BYTES, REGION_TABLE_BYTES, read_regions, "region table")
        if len(tables) > 1 and tables[0] != tables[1]:
            self._tell("The two region tables differ; the first counts.", REGIONS_AT_BYTES[1])
        return tables[0]

    def _both(self, places: tuple[int, int], size: int, read: Callable[[bytes], T], name: str) -> list[T]:
        """Read both copies of a structure; a damaged one is a problem, two are the end."""
        found: list[T] = []
        wrong: list[str] = []
        for number, place in enumerate(places, 1):
            try:
                found.append(read(read_stored(self.stored, place, size)))
            except BadRecordError as error:
                wrong.append(f"{name} {number}: {error}")
                self._tell(f"The {name} {number} is damaged: {error}.", place)
        if not found:
            raise DamagedContainerError(self._path, "; ".join(wrong), places[0])
        return found

    def _read_disk(self, region: RegionPlace) -> Disk:
        try:
            table = read_stored(self.stored, region.offset_bytes, METADATA_TABLE_BYTES)
            places = read_items(table)
            return read_disk(
                {
                    identifier: read_stored(self.stored, region.offset_bytes + offset, length)
                    for identifier, (offset, length) in places.items()
                }
            )
        except BadRecordError as error:
            raise DamagedContainerError(self._path, str(error), region.offset_bytes) from error

    def _replay(self) -> int:
        """Carry out the log in memory, where there is one."""
        header = self.header
        if header.log_id == NO_LOG:
            return 0
        why = self._why_unusable()
        entries: tuple[Entry, ...] = ()
        if why is None:
            data = read_stored(self.stored, header.log_at_bytes, header.log_bytes)
            entries = Log(data, header.log_id).active()
            why = None if entries else "it has no sequence of entries whose checksums are right"
        if why is not None:
            what = f"The header tells of a log with changes to carry out, but {why}: the media is as without them."
            self._tell(what, header.log_at_bytes)
            return 0
        there = self.stored.size_bytes
        if entries[-1].flushed_bytes > there:
            what = f"The log says that the file had {entries[-1].flushed_bytes} bytes, and it has {there}."
            self._tell(what, there)
        self.stored = ReplayedFile(self.stored, entries)
        changes = sum(len(entry.changes) for entry in entries)
        what = (
            f"The disk was not shut down cleanly: {changes} changes in {len(entries)} entries of its log were carried "
            "out in memory. The file is as it was."
        )
        self._tell(what, header.log_at_bytes, is_damage=False)
        return len(entries)

    def _why_unusable(self) -> str | None:
        header = self.header
        if header.log_version:
            return f"its version {header.log_version} is not known"
        if not PAGE_BYTES <= header.log_bytes <= LOG_MAX_BYTES or header.log_bytes % PAGE_BYTES:
            return f"it cannot have {header.log_bytes} bytes"
        if header.log_at_bytes < MIB or header.log_at_bytes + header.log_bytes > self.stored.size_bytes:
            return "it does not lie within the file"
        return None

    def _tell(self, what: str, offset_bytes: int, *, is_damage: bool = True) -> None:
        problem = Problem(what=what, where=self._path.name, offset_bytes=offset_bytes, is_damage=is_damage)
        self.problems.append(problem)
