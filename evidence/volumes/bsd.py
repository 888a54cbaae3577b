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
    base = 0  # the raw partition says from where the offsets count
    if count > _RAW_PARTITION and lines[_RAW_PARTITION][0] and start_bytes:
        base = start_bytes if lines[_RAW_PARTITION][1] * sector_bytes == start_bytes else 0
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
