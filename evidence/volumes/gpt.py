"""GUID partition tables, from the UEFI specification 2.10, section 5.3: both headers read, checked and compared."""

from __future__ import annotations

import struct
import uuid
import zlib
from dataclasses import dataclass

from evidence.images.base import Problem
from evidence.volumes import dos
from evidence.volumes.base import Division, PartitionTable, Readable, Stretch, peek, with_gaps
from evidence.volumes.types import GUID_TYPES

_WHERE = "GUID partition table"
_MAX_TABLE_BYTES = 4 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class _Header:
    at_sector: int
    other_sector: int
    first_usable: int
    last_usable: int
    disk: bytes
    table_sector: int
    entry_count: int
    entry_bytes: int
    table_crc: int
    checksum_holds: bool
    entries: bytes
    entries_hold: bool

    @property
    def sound(self) -> bool:
        return self.checksum_holds and self.entries_hold


def read(source: Readable, sector_bytes: int) -> Division | None:
    """The GPT that divides ``source``, or None if neither header is there.

    The sector size is the one at which the header is found; the image's own is tried first.
    """
    sizes = (sector_bytes, *(size for size in dos.SECTOR_SIZES if size != sector_bytes))
    for size in sizes:
        primary = _header(source, 1, size)
        if primary is not None:
            return _divide(source, size, primary, _backup(source, size, primary))
    for size in sizes:
        backup = _header(source, source.media_bytes // size - 1, size)
        if backup is not None and (dos.is_protected(source) or backup.sound):
            return _divide(source, size, None, backup)
    return None


def _backup(source: Readable, sector_bytes: int, primary: _Header) -> _Header | None:
    last = source.media_bytes // sector_bytes - 1
    places = [last, primary.other_sector] if not primary.checksum_holds else [primary.other_sector, last]
    return next((found for place in places if (found := _header(source, place, sector_bytes))), None)


def _header(source: Readable, sector: int, sector_bytes: int) -> _Header | None:
    raw = peek(source, sector * sector_bytes, 512) if sector > 0 else b""
    if len(raw) < 92 or raw[:8] != b"EFI PART":
        return None
    size, stored_crc = struct.unpack_from("<II", raw, 12)
    here, other, first, last = struct.unpack_from("<QQQQ", raw, 24)
    table, count, entry_bytes, table_crc = struct.unpack_from("<QIII", raw, 72)
    holds = 92 <= size <= len(raw) and zlib.crc32(raw[:16] + bytes(4) + raw[20:size]) == stored_crc
    possible = 128 <= entry_bytes <= 4096 and count * entry_bytes <= _MAX_TABLE_BYTES
    entries = peek(source, table * sector_bytes, count * entry_bytes) if possible else b""
    return _Header(
        at_sector=sector,
        other_sector=other,
        first_usable=first,
        last_usable=last,
        disk=raw[56:72],
        table_sector=table,
        entry_count=count,
        entry_bytes=entry_bytes,
        table_crc=table_crc,
        checksum_holds=holds and here == sector,
        entries=entries,
        entries_hold=bool(entries) and zlib.crc32(entries) == table_crc,
    )


def _divide(source: Readable, sector_bytes: int, primary: _Header | None, backup: _Header | None) -> Division:
    chosen = next(h for h in sorted((h for h in (primary, backup) if h), key=lambda h: not h.sound))
    problems = _compare(primary, backup, sector_bytes)
    if not chosen.sound:
        problems.append(_problem("No undamaged copy of the table is left; this one is damaged.", chosen, sector_bytes))
    elif chosen is not primary:
        problems.append(_problem("The backup of the table is used.", chosen, sector_bytes))
    if not dos.is_protected(source):
        problems.append(Problem(what="No protective boot record lies before the table.", where=_WHERE, offset_bytes=0))
    partitions = _partitions(chosen, sector_bytes, source.media_bytes, problems)
    tables = [_metadata("m0", "Protective boot record", 0, 1, sector_bytes)]
    for header, slot, name in ((primary, "m1", "header"), (backup, "m2", "backup header")):
        if header is not None:
            sectors = -(-header.entry_count * header.entry_bytes // sector_bytes)
            tables.append(_metadata(slot, f"GPT {name}", header.at_sector, 1, sector_bytes))
            tables.append(_metadata(f"{slot}t", f"GPT {name}: table", header.table_sector, sectors, sector_bytes))
    lines = with_gaps(partitions + tables, source.media_bytes, sector_bytes)
    if primary is None or backup is None or not (primary.sound and backup.sound):
        lines += tuple(dos.protective(source, sector_bytes))  # what the boot record says is all there is to compare
    return Division(
        table=PartitionTable(scheme="gpt", sector_bytes=sector_bytes), stretches=lines, problems=tuple(problems)
    )


def _compare(primary: _Header | None, backup: _Header | None, sector_bytes: int) -> list[Problem]:
    """What is wrong with each copy, and where they contradict each other."""
    problems = []
    for header, name, other in ((primary, "first", None), (backup, "backup", primary)):
        if header is None:
            what = f"The {name} copy of the table is missing."
            at = (other.other_sector if other else 1) * sector_bytes
            problems.append(Problem(what=what, where=_WHERE, offset_bytes=at))
            continue
        if not header.checksum_holds:
            problems.append(_problem(f"The checksum of the {name} header is wrong.", header, sector_bytes))
        if not header.entries_hold:
            problems.append(_problem(f"The checksum of the {name} copy's entries is wrong.", header, sector_bytes))
    if primary and backup and primary.sound and backup.sound:
        for name in ("disk", "first_usable", "last_usable", "entries"):
            if getattr(primary, name) != getattr(backup, name):
                what = f"The two copies of the table differ in {name.replace('_', ' ')}; the first is used."
                problems.append(_problem(what, backup, sector_bytes))
    return problems


def _partitions(header: _Header, sector_bytes: int, media_bytes: int, problems: list[Problem]) -> list[Stretch]:
    found = []
    for index in range(len(header.entries) // max(1, header.entry_bytes)):  # no entries were read where that is 0
        raw = header.entries[index * header.entry_bytes :][:128]
        if not any(raw[:16]):
            continue
        first, last = struct.unpack_from("<QQ", raw, 32)
        if last < first:
            problems.append(_problem(f"Entry {index + 1} ends before it begins.", header, sector_bytes))
            continue
        kind = str(uuid.UUID(bytes_le=raw[:16]))
        name = raw[56:128].decode("utf-16-le", errors="replace").split("\0")[0]
        words = GUID_TYPES.get(kind, f"Type {kind}")
        found.append(
            Stretch(
                slot=f"p{index + 1}",
                kind="partition",
                start_bytes=first * sector_bytes,
                length_bytes=(last - first + 1) * sector_bytes,
                description=f"{words}: {name}" if name else words,
            )
        )
        if (last + 1) * sector_bytes > media_bytes:
            what = f"Partition {index + 1} reaches past the end of the media."
            problems.append(Problem(what=what, where=_WHERE, offset_bytes=first * sector_bytes))
    return found


def _metadata(slot: str, name: str, sector: int, sectors: int, sector_bytes: int) -> Stretch:
    return Stretch(
        slot=slot,
        kind="metadata",
        start_bytes=sector * sector_bytes,
        length_bytes=sectors * sector_bytes,
        description=name,
    )


def _problem(what: str, header: _Header, sector_bytes: int) -> Problem:
    return Problem(what=what, where=_WHERE, offset_bytes=header.at_sector * sector_bytes)
