"""Sun disk labels: SPARC (block 0, counted in cylinders) and x86 (the VTOC in the second sector of a partition).

Source: the layouts of ``struct dk_label`` and ``struct dk_vtoc`` in the illumos headers (sys/dklabel.h, sys/vtoc.h).
"""

from __future__ import annotations

import struct
from functools import reduce
from operator import xor

from evidence.images.base import Problem
from evidence.volumes.base import Division, PartitionTable, Readable, Stretch, peek, with_gaps
from evidence.volumes.types import SUN_TAGS

_WHERE = "Sun disk label"
_SANE = 0x600DDEEE
_SECTOR_BYTES = 512


def read(source: Readable, sector_bytes: int) -> Division | None:
    """The label of ``source``, or None if there is none. Its sectors are always of 512 bytes, whatever the media's."""
    del sector_bytes
    label = peek(source, 0, 512)
    if len(label) == 512 and label[508:510] == b"\xda\xbe":
        return _sparc(source, label)
    label = peek(source, _SECTOR_BYTES, 512)
    if len(label) == 512 and label[12:16] == struct.pack("<I", _SANE):
        return _x86(source, label)
    return None


def _sparc(source: Readable, label: bytes) -> Division | None:
    heads, per_track = struct.unpack_from(">HH", label, 436)
    if not heads or not per_track:
        return None
    problems = []
    if reduce(xor, struct.unpack(">256H", label)) != 0:
        problems.append(Problem(what="The checksum of the label is wrong.", where=_WHERE, offset_bytes=0))
    has_tags = struct.unpack_from(">I", label, 188)[0] == _SANE
    lines = []
    for index in range(8):
        cylinder, sectors = struct.unpack_from(">II", label, 444 + 8 * index)
        tag = struct.unpack_from(">H", label, 142 + 4 * index)[0] if has_tags else 0
        lines.append((index, tag, cylinder * heads * per_track, sectors))
    return _division(source, lines, 0, problems)


def _x86(source: Readable, label: bytes) -> Division:
    count = min(struct.unpack_from("<H", label, 30)[0], 16)
    lines = []
    for index in range(count):
        tag, _flag, start, sectors = struct.unpack_from("<HHII", label, 72 + 12 * index)
        lines.append((index, tag, start, sectors))
    return _division(source, lines, _SECTOR_BYTES, [])


def _division(
    source: Readable, lines: list[tuple[int, int, int, int]], label_at: int, problems: list[Problem]
) -> Division:
    stretches = [
        Stretch(
            slot="m0",
            kind="metadata",
            start_bytes=label_at,
            length_bytes=_SECTOR_BYTES,
            description="Disk label",
        )
    ]
    for index, tag, start, sectors in lines:
        if sectors == 0:
            continue
        if (start + sectors) * _SECTOR_BYTES > source.media_bytes:
            what = f"Slice {index} reaches past the end of what the label divides."
            problems.append(Problem(what=what, where=_WHERE, offset_bytes=start * _SECTOR_BYTES))
        stretches.append(
            Stretch(
                slot=f"s{index}",
                kind="partition",
                start_bytes=start * _SECTOR_BYTES,
                length_bytes=sectors * _SECTOR_BYTES,
                description=f"{SUN_TAGS.get(tag, 'Unknown tag')} (0x{tag:02x})",
            )
        )
    return Division(
        table=PartitionTable(scheme="sun", sector_bytes=_SECTOR_BYTES),
        stretches=with_gaps(stretches, source.media_bytes, _SECTOR_BYTES),
        problems=tuple(problems),
    )
