"""BSD disk labels, from the layout of ``struct disklabel`` in the FreeBSD and NetBSD headers (sys/disklabel.h)."""

from __future__ import annotations

import struct
from functools import reduce
from operator import xor

from evidence.images.base import Problem
from evidence.volumes.base import Division, PartitionTable, Readable, Stretch, peek, with_gaps
from evidence.volumes.types import BSD_TYPES

_WHERE = "BSD disk label"
_MAGIC = 0x82564557
_RAW_PARTITION = 2
_MAX_PARTITIONS = 22


def read(source: Readable, sector_bytes: int, *, start_bytes: int = 0) -> Division | None:
    """The label of ``source``, or None if there is none.

    Args:
        source: The media, or the partition that the label divides.
        sector_bytes: Of the media; the label lies in the second sector, or at the start, or at byte 64 (Alpha).
        start_bytes: Where ``source`` begins on the media: labels inside a partition may count from either.
    """
    for at in dict.fromkeys((sector_bytes, 512, 0, 64)):
        raw = peek(source, at, 148 + 16 * _MAX_PARTITIONS)
        if len(raw) >= 164 and raw[:4] == raw[132:136] == struct.pack("<I", _MAGIC):
            return _divide(source, raw, at, start_bytes)
    return None


def _divide(source: Readable, raw: bytes, at: int, start_bytes: int) -> Division | None:
    (sector_bytes,) = struct.unpack_from("<I", raw, 40)
    (count,) = struct.unpack_from("<H", raw, 138)
    if sector_bytes not in (512, 1024, 2048, 4096) or not 0 < count <= _MAX_PARTITIONS:
        return None
    problems = []
    label = raw[: 148 + 16 * count]
    if reduce(xor, struct.unpack(f"<{len(label) // 2}H", label)) != 0:
        problems.append(Problem(what="The checksum of the label is wrong.", where=_WHERE, offset_bytes=at))
    lines = [struct.unpack_from("<IIIB", raw, 148 + 16 * index) for index in range(count)]
    base, is_certain = _base([line[:2] for line in lines], sector_bytes, source.media_bytes, start_bytes)
    if not is_certain:
        taken = "the start of the media" if base else "the start of the partition that the label divides"
        what = f"The label does not say from where its offsets count; they are taken to count from {taken}."
        problems.append(Problem(what=what, where=_WHERE, offset_bytes=at, is_damage=False))
    stretches = [
        Stretch(
            slot=f"m{at}",
            kind="metadata",
            start_bytes=at - at % sector_bytes,
            length_bytes=sector_bytes,
            description="Disk label",
        )
    ]
    for index, (length, start, _fragment, kind) in enumerate(lines):
        if length == 0:
            continue
        place = start * sector_bytes - base
        if index == _RAW_PARTITION and base and start == 0:
            what = "Partition c is the whole disk, as OpenBSD writes it; it is not listed again."
            problems.append(Problem(what=what, where=_WHERE, offset_bytes=at, is_damage=False))
            continue
        if place < 0 or place + length * sector_bytes > source.media_bytes:
            what = f"Partition {chr(97 + index)} reaches past the ends of what the label divides."
            problems.append(Problem(what=what, where=_WHERE, offset_bytes=at))
        stretches.append(
            Stretch(
                slot=f"p{chr(97 + index)}",
                kind="partition",
                start_bytes=place,
                length_bytes=length * sector_bytes,
                description=f"{BSD_TYPES.get(kind, 'Unknown type')} (0x{kind:02x})",
            )
        )
    return Division(
        table=PartitionTable(scheme="bsd", sector_bytes=sector_bytes),
        stretches=with_gaps(stretches, source.media_bytes, sector_bytes),
        problems=tuple(problems),
    )


def _base(lines: list[tuple[int, int]], sector_bytes: int, source_bytes: int, start_bytes: int) -> tuple[int, bool]:
    """From where the offsets of a label count, in bytes before what it divides, and whether that is certain.

    NetBSD and OpenBSD count from the start of the media, FreeBSD from its partition. The raw partition tells where it
    begins with the partition; OpenBSD's is the whole disk, so there it is the base at which more of the others fit.

    Args:
        lines: Length and start of each, in sectors.
        sector_bytes: Of the label.
        source_bytes: The size of what the label divides.
        start_bytes: Where that begins on the media.
    """
    raw_length, raw_start = lines[_RAW_PARTITION] if len(lines) > _RAW_PARTITION else (0, 0)
    if not start_bytes or (raw_length and raw_start * sector_bytes == start_bytes):
        return start_bytes, True
    used = [line for number, line in enumerate(lines) if line[0] and number != _RAW_PARTITION]

    def fitting(base: int) -> int:
        return sum(0 <= start * sector_bytes - base <= source_bytes - length * sector_bytes for length, start in used)

    within, whole = fitting(0), fitting(start_bytes)
    if within != whole:
        return (start_bytes, whole == len(used)) if whole > within else (0, within == len(used))
    is_disk = raw_length * sector_bytes > source_bytes
    return start_bytes if is_disk else 0, not used or raw_length * sector_bytes >= source_bytes
