"""Where UDF shows itself, without its reader: the recognition sequence, and the places of its anchors.

Sources: ECMA-167 3rd edition, 2/8.3 and 3/8.4; OSTA Universal Disk Format 2.60, 2.2.3.
"""

from __future__ import annotations

from collections.abc import Iterator

from evidence.filesystems.signatures import Found
from evidence.later import Later
from evidence.volumes.base import Readable, peek

UDF_BLOCK_SIZES = (2048, 512, 4096, 1024, 8192, 16384, 32768)

_MARKS = (b"BEA01", b"NSR02", b"NSR03", b"TEA01", b"BOOT2", b"CD001", b"CDW02")
_ANCHOR = b"\x02\x00"
_LOOK = Later("evidence.filesystems.udf", "look")


def look(source: Readable) -> Found | None:
    """UDF, by its volume recognition sequence, or by a whole logical volume where that sequence is gone."""
    may_be = names_udf(source) or any(peek(source, block * size, 2) == _ANCHOR for size, block in anchor_places(source))
    found: Found | None = _LOOK(source) if may_be else None
    return found


def names_udf(source: Readable) -> bool:
    """Whether the volume recognition sequence names UDF; its records lie 2048 bytes apart, or one in each block."""
    for step in (2048, *(size for size in UDF_BLOCK_SIZES if size > 2048)):
        for index in range(32):
            mark = peek(source, 32768 + step * index, 7)[1:6]
            if mark in (b"NSR02", b"NSR03"):
                return True
            if mark not in _MARKS:
                break
    return False


def anchor_places(source: Readable) -> Iterator[tuple[int, int]]:
    """Block size and block where the standard has anchors, and where unfinished discs have one."""
    for size in UDF_BLOCK_SIZES:
        last = source.media_bytes // size - 1
        for block in dict.fromkeys((256, last - 256, last, 512)):
            if 0 < block <= last:
                yield size, block
