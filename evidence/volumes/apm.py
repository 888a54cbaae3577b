"""Apple partition maps, from Inside Macintosh: Devices, chapter 3 (block 0 and the partition map entries)."""

from __future__ import annotations

import struct

from evidence.images.base import Problem
from evidence.volumes.base import Division, PartitionTable, Readable, Stretch, peek, with_gaps

_WHERE = "Apple partition map"
_MAX_ENTRIES = 1024


def read(source: Readable, sector_bytes: int) -> Division | None:
    """The map of ``source``, or None if there is none.

    Its blocks are as large as the distance at which the entries follow each other, whatever block 0 claims.
    """
    declared = int.from_bytes(peek(source, 2, 2), "big") if peek(source, 0, 2) == b"ER" else sector_bytes
    for block in dict.fromkeys((512, declared, sector_bytes, 2048, 1024, 4096)):
        if block >= 512 and _is_entry(peek(source, block, 512)):
            return _divide(source, block)
    return None


def _is_entry(raw: bytes) -> bool:
    return len(raw) == 512 and raw[:2] == b"PM" and 0 < int.from_bytes(raw[4:8], "big") <= _MAX_ENTRIES


def _divide(source: Readable, block: int) -> Division:
    stretches: list[Stretch] = []
    problems: list[Problem] = []
    declared = int.from_bytes(peek(source, block, 512)[4:8], "big")
    for index in range(declared):
        raw = peek(source, (index + 1) * block, 512)
        if not _is_entry(raw):
            what = f"The map declares {declared} entries, but only {index} are there."
            problems.append(Problem(what=what, where=_WHERE, offset_bytes=(index + 1) * block))
            break
        start, length = struct.unpack_from(">II", raw, 8)
        name, kind = (raw[at : at + 32].split(b"\0")[0].decode("mac_roman") for at in (16, 48))
        stretches.append(
            Stretch(
                slot=f"p{index + 1}",
                kind="partition",
                start_bytes=start * block,
                length_bytes=length * block,
                description=f"{kind}: {name}" if name else kind,
            )
        )
        if (start + length) * block > source.media_bytes:
            what = f"Partition {index + 1} reaches past the end of the media."
            problems.append(Problem(what=what, where=_WHERE, offset_bytes=start * block))
    return Division(
        table=PartitionTable(scheme="mac", sector_bytes=block),
        stretches=with_gaps(stretches, source.media_bytes, block),
        problems=tuple(problems),
    )
