"""DOS partition tables (MBR) and their extended partitions.

Sources: the layout of the master boot record as in the UEFI specification 2.10, section 5.2.1, and the chain of
extended boot records as DOS and Windows write it: a logical partition counts from its own record, a link from the
start of the extended partition.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from evidence.images.base import Problem
from evidence.volumes.base import Division, PartitionTable, Readable, Stretch, peek, with_gaps
from evidence.volumes.types import DOS_TYPES

EXTENDED = frozenset({0x05, 0x0F, 0x85})
PROTECTIVE = 0xEE
SECTOR_SIZES = (512, 4096, 2048, 1024)
_WHERE = "DOS partition table"
_MAX_RECORDS = 1024
_MOST_ODD_FLAGS = 2
_BEGINNINGS = (
    *((510, b"\x55\xaa"), (1080, b"\x53\xef"), (1024, b"H+"), (1024, b"HX"), (1024, b"BD")),
    *((0, b"XFSB"), (0, b"LUKS\xba\xbe"), (32, b"NXSB"), (512, b"LABELONE"), (4086, b"SWAPSPACE2"), (0, b"hsqs")),
)
_BOOT_RECORD_NAMES = (b"NTFS    ", b"EXFAT   ", b"MSDOS", b"MSWIN", b"mkfs.fat", b"mkdosfs", b"FRDOS", b"-FVE-FS-")


@dataclass(frozen=True, slots=True, kw_only=True)
class DosEntry:
    """One used entry of a table, in sectors; ``index`` is its place among the four."""

    index: int
    type: int
    start_sectors: int
    length_sectors: int


def entries(sector: bytes) -> list[DosEntry] | None:
    """The used entries of a boot record, or None if it is none.

    The signature alone says nothing, for every boot sector has it: all four flags must be those of a table.
    """
    if len(sector) < 512 or sector[510:512] != b"\x55\xaa":
        return None
    found = []
    for index in range(4):
        flag, kind, start, length = struct.unpack_from("<B3xB3xII", sector, 446 + 16 * index)
        if flag not in (0x00, 0x80):
            return None
        if kind and length:
            found.append(DosEntry(index=index, type=kind, start_sectors=start, length_sectors=length))
    return found


def read(source: Readable, sector_bytes: int) -> Division | None:
    """The DOS table at the start of ``source``, or None if there is none.

    Args:
        source: The media.
        sector_bytes: What the image says; where the table only makes sense with another size, that one is taken.
    """
    sector = peek(source, 0, 512)
    primary, problems = entries(sector), list[Problem]()
    if primary is None or any(entry.start_sectors == 0 for entry in primary):
        primary, problems = _doubtful(sector, source.media_bytes)
    if not primary or all(entry.type == PROTECTIVE for entry in primary):
        return None
    sizes = (sector_bytes, *(size for size in SECTOR_SIZES if size != sector_bytes))
    size = max(sizes, key=lambda candidate: _evidence_for(source, primary, candidate))
    if _looks_like_a_file_system(sector) and not _fits(primary, source.media_bytes, size):
        return None
    return _Chain(source, size, problems).division(primary)


def unlisted(source: Readable) -> Problem | None:
    """What to tell where a boot record has entries in use, none of which can be a partition."""
    sector = peek(source, 0, 512)
    if read(source, 512) is not None or is_protected(source) or not _doubtful(sector, source.media_bytes)[1]:
        return None
    what = "The boot record has entries in use, but none of them can be a partition: no partition of it is listed."
    return Problem(what=what, where=_WHERE, offset_bytes=0, is_damage=False)


def _doubtful(sector: bytes, media_bytes: int) -> tuple[list[DosEntry], list[Problem]]:
    """The entries that fit of a table with a flag or a start that none should have, and what to tell of the others.

    Nothing of either for the boot sector of a file system, and where text or code stands in place of a table: one or
    two entries may be odd, and none is text.
    """
    if len(sector) < 512 or sector[510:512] != b"\x55\xaa" or _looks_like_a_file_system(sector):
        return [], []
    if sector[0] in (0xEB, 0xE9) and struct.unpack_from("<H", sector, 11)[0] in SECTOR_SIZES:
        return [], []
    found, problems, odd = list[DosEntry](), list[Problem](), 0
    for index in range(4):
        line = sector[446 + 16 * index : 462 + 16 * index]
        flag, kind, start, length = struct.unpack("<B3xB3xII", line)
        is_odd = flag not in (0x00, 0x80)
        odd += is_odd
        if all(0x20 <= byte < 0x7F for byte in line):
            return [], []
        if not kind or not length:
            continue
        name = f"Entry {index + 1} of the table"
        if start and (not is_odd or (kind in DOS_TYPES and (start + length) * 512 <= media_bytes)):
            found.append(DosEntry(index=index, type=kind, start_sectors=start, length_sectors=length))
            what = f"{name} has the boot flag 0x{flag:02x}, which is neither 00 nor 80; it is listed as it stands."
        else:
            why = f"has the boot flag 0x{flag:02x} and no place on the media" if start else "begins at sector 0"
            what = f"{name} {why}; it is not listed as a partition."
        if is_odd or not start:
            problems.append(Problem(what=what, where=_WHERE, offset_bytes=446 + 16 * index, is_damage=False))
    return (found, problems) if odd <= _MOST_ODD_FLAGS else ([], [])


def protective(source: Readable, sector_bytes: int) -> list[Stretch]:
    """The entries of a table that guards a GPT, for a GPT that cannot be confirmed."""
    return [_stretch(f"mbr{entry.index + 1}", entry, 0, sector_bytes) for entry in entries(peek(source, 0, 512)) or []]


def is_protected(source: Readable) -> bool:
    """Whether the boot record says that a GPT divides the media."""
    return any(entry.type == PROTECTIVE for entry in entries(peek(source, 0, 512)) or [])


def _looks_like_a_file_system(sector: bytes) -> bool:
    jumps = sector[0] in (0xEB, 0xE9)
    return jumps and (
        sector[3:11].startswith(_BOOT_RECORD_NAMES) or sector[54:57] == b"FAT" or sector[82:87] == b"FAT32"
    )


def _fits(primary: list[DosEntry], media_bytes: int, sector_bytes: int) -> bool:
    """Whether all entries lie inside the media and beside each other."""
    reached = 0
    for entry in sorted(primary, key=lambda item: item.start_sectors):
        if entry.start_sectors < reached:
            return False
        reached = entry.start_sectors + entry.length_sectors
    return reached * sector_bytes <= media_bytes


def _evidence_for(source: Readable, primary: list[DosEntry], sector_bytes: int) -> int:
    """How much speaks for a sector size: boot records and file systems where the table would put them.

    That the table ends with the media speaks for 4096 bytes only, weakly: a table of 512-byte sectors may end anywhere.
    """
    points = 0
    for entry in primary:
        start = entry.start_sectors * sector_bytes
        head = peek(source, start, 4096)
        if entry.type in EXTENDED:
            points += 2 * (entries(head) is not None)
        elif entry.type == PROTECTIVE:
            points += 8 * head.startswith(b"EFI PART")
        else:
            points += 2 * (_is_begin(head) or peek(source, start + 65600, 8) == b"_BHRfS_M")
    end = max(entry.start_sectors + entry.length_sectors for entry in primary) * sector_bytes
    return points + (end == source.media_bytes and sector_bytes == 4096)


def _is_begin(head: bytes) -> bool:
    """Whether a file system, or a layer beneath one, begins with these bytes."""
    return any(head[at : at + len(mark)] == mark for at, mark in _BEGINNINGS)


def _stretch(slot: str, entry: DosEntry, base_sectors: int, sector_bytes: int) -> Stretch:
    name = DOS_TYPES.get(entry.type, "Unknown type")
    return Stretch(
        slot=slot,
        kind="metadata" if entry.type in EXTENDED else "partition",
        start_bytes=(base_sectors + entry.start_sectors) * sector_bytes,
        length_bytes=entry.length_sectors * sector_bytes,
        description=f"{name} (0x{entry.type:02x})",
    )


class _Chain:
    """Collects the lines of the primary table and of the records behind its extended partitions."""

    def __init__(self, source: Readable, sector_bytes: int, problems: list[Problem]) -> None:
        self._source, self._sector_bytes, self._problems = source, sector_bytes, problems
        self._stretches: list[Stretch] = []
        self._logical, self._tables = 5, 0

    def division(self, primary: list[DosEntry]) -> Division:
        self._table_at(0, "Primary table")
        for entry in primary:
            if entry.type in EXTENDED:
                self._stretches.append(_stretch(f"x{entry.index + 1}", entry, 0, self._sector_bytes))
                self._follow(entry.start_sectors)
            else:
                self._stretches.append(_stretch(f"p{entry.index + 1}", entry, 0, self._sector_bytes))
        self._check_ends()
        return Division(
            table=PartitionTable(scheme="dos", sector_bytes=self._sector_bytes),
            stretches=with_gaps(self._stretches, self._source.media_bytes, self._sector_bytes),
            problems=tuple(self._problems),
        )

    def _table_at(self, sector: int, name: str) -> None:
        self._stretches.append(
            Stretch(
                slot=f"m{self._tables}",
                kind="metadata",
                start_bytes=sector * self._sector_bytes,
                length_bytes=self._sector_bytes,
                description=f"{name} (#{self._tables})",
            )
        )
        self._tables += 1

    def _follow(self, base: int) -> None:
        """Walk one chain; each record names the partition behind it and the next record."""
        todo, seen = [base], set[int]()
        while todo:
            here = todo.pop()
            if here in seen or len(seen) >= _MAX_RECORDS:
                what = "The chain of extended partitions leads back into itself" if here in seen else "It has no end"
                self._problem(f"{what}; it is followed no further.", here)
                return
            seen.add(here)
            found = entries(peek(self._source, here * self._sector_bytes, 512))
            if found is None:
                self._problem("The record of an extended partition is missing; what follows it is not listed.", here)
                return
            self._table_at(here, "Extended table")
            for entry in found:
                if entry.type in EXTENDED:
                    todo.append(base + entry.start_sectors)
                else:
                    self._stretches.append(_stretch(f"p{self._logical}", entry, here, self._sector_bytes))
                    self._logical += 1

    def _check_ends(self) -> None:
        for stretch in self._stretches:
            if stretch.kind == "partition" and stretch.start_bytes + stretch.length_bytes > self._source.media_bytes:
                self._problems.append(
                    Problem(
                        what=f"Partition {stretch.slot[1:]} reaches past the end of the media.",
                        where=_WHERE,
                        offset_bytes=stretch.start_bytes,
                    )
                )

    def _problem(self, what: str, sector: int) -> None:
        self._problems.append(Problem(what=what, where=_WHERE, offset_bytes=sector * self._sector_bytes))
