"""The volume structures of UDF: anchors, the volume descriptor sequence, partition maps.

Sources: ECMA-167 3rd edition, 3/8.4, 3/10 and 4/14.1; OSTA Universal Disk Format 2.60, 2.2.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeVar

from evidence.filesystems.content import UNREADABLE, reason
from evidence.filesystems.udf_look import anchor_places
from evidence.filesystems.udf_maps import Map, partition_maps
from evidence.filesystems.udf_partitions import Blocks, Physical
from evidence.filesystems.udf_records import (
    ANCHOR,
    INTEGRITY,
    LOGICAL,
    PARTITION,
    POINTER,
    PRIMARY,
    TERMINATING,
    dstring,
    exact,
    identifier,
    tag_of,
    tagged,
    where,
)
from evidence.images.base import Problem
from evidence.volumes.base import Readable

_MAX_DESCRIPTORS = 4_096
_Key = TypeVar("_Key")


@dataclass(slots=True)
class Descriptors:
    """The prevailing descriptors of a sequence: those with the highest number of each sort."""

    primary: dict[int, bytes] = field(default_factory=dict)
    logical: dict[bytes, bytes] = field(default_factory=dict)
    partitions: dict[int, bytes] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    @property
    def is_complete(self) -> bool:
        """Whether what is needed to find files is there."""
        return bool(self.primary and self.logical and self.partitions)

    def add(self, kind: int, raw: bytes) -> None:
        """Keep a descriptor unless a later one of the same sort is there."""
        if kind == PRIMARY:
            _keep(self.primary, struct.unpack_from("<I", raw, 20)[0], raw)
        elif kind == LOGICAL:
            _keep(self.logical, raw[84:212], raw)
        elif kind == PARTITION:
            _keep(self.partitions, struct.unpack_from("<H", raw, 22)[0], raw)


def _keep(found: dict[_Key, bytes], key: _Key, raw: bytes) -> None:
    known = found.get(key)
    if known is None or struct.unpack_from("<I", known, 16)[0] <= struct.unpack_from("<I", raw, 16)[0]:
        found[key] = raw


@dataclass(frozen=True, slots=True, kw_only=True)
class LogicalVolume:
    """What the volume structures say.

    Attributes:
        blocks: The blocks of its partitions.
        maps: Its partition maps, in order.
        partitions: The partition descriptors, by the number of the partition.
        label: Its name.
        serial: The unique part of the name of its volume set.
        revision: Of UDF, such as 0x0250.
        file_set: Length and address of the file set descriptors, as a long allocation descriptor.
        declared_bytes: Where its last partition ends.
        problems: What is damaged.
        remarks: What is to be known about it.
    """

    blocks: Blocks
    maps: tuple[Map, ...]
    partitions: dict[int, bytes]
    label: str | None
    serial: str | None
    revision: int
    file_set: bytes
    declared_bytes: int
    problems: tuple[Problem, ...]
    remarks: tuple[str, ...]


def find_anchors(source: Readable) -> Iterator[tuple[int, bytes]]:
    """Block size and content of every anchor, where the standard has them and where unfinished discs have one."""
    for size, block in anchor_places(source):
        raw = tagged(source, size, block, ANCHOR)
        if raw is not None:
            yield size, raw


def open_volume(source: Readable) -> LogicalVolume:
    """The logical volume on ``source``.

    Raises:
        OSError: There is none, or it cannot be read; says what is wrong.
        UnreadableRegionError: The media cannot be read where it is needed.
    """
    why = "there is no anchor at block 256, at the last block, 256 before it, or at block 512"
    for size, anchor in find_anchors(source):
        found = _descriptors(source, size, anchor)
        if found.logical and found.partitions:
            return _logical_volume(source, size, found)
        why = "the volume descriptor sequences hold no logical volume or no partition that is whole"
    raise OSError(why)


def _descriptors(source: Readable, size: int, anchor: bytes) -> Descriptors:
    """The main sequence; what is missing there is taken from the reserve sequence, and said."""
    main, reserve = Descriptors(), Descriptors()
    _read_sequence(source, size, struct.unpack_from("<II", anchor, 16), main)
    if main.is_complete and not main.problems:
        return main
    _read_sequence(source, size, struct.unpack_from("<II", anchor, 24), reserve)
    what = "The main volume descriptor sequence is not whole; what is missing is taken from the reserve."
    main.problems.append(Problem(what=what, where="", offset_bytes=None))
    main.primary = reserve.primary | main.primary
    main.logical = reserve.logical | main.logical
    main.partitions = reserve.partitions | main.partitions
    return main


def _read_sequence(source: Readable, size: int, extent: tuple[int, ...], found: Descriptors) -> None:
    todo, seen, count = [(extent[0], extent[1])], set(), 0
    while todo:
        length, start = todo.pop()
        if start in seen:
            break
        seen.add(start)
        for block in range(start, start + length // size):
            count += 1
            if count > _MAX_DESCRIPTORS:
                return
            try:
                raw = exact(source, block * size, size)
                if not any(raw[:16]):
                    break
                kind = tag_of(raw, block)
            except UNREADABLE as error:
                what = f"A volume descriptor cannot be read: {reason(error)}"
                found.problems.append(Problem(what=what, where="", offset_bytes=where(error) or block * size))
                continue
            if kind == TERMINATING:
                break
            if kind == POINTER:
                todo.append(struct.unpack_from("<II", raw, 20))
            found.add(kind, raw)


def _logical_volume(source: Readable, size: int, found: Descriptors) -> LogicalVolume:
    logical = max(found.logical.values(), key=lambda raw: struct.unpack_from("<I", raw, 16)[0])
    (block_bytes,) = struct.unpack_from("<I", logical, 212)
    if block_bytes != size:
        raise OSError(f"the logical blocks of {block_bytes} bytes differ from the sectors of {size}")
    parts, contents = {}, set()
    for number, raw in found.partitions.items():
        start, length = struct.unpack_from("<II", raw, 188)
        parts[number] = Physical(start=start, length=length)
        contents.add(identifier(raw, 24))
    maps, problems = partition_maps(source, size, logical, parts)
    ends = [(part.start + part.length) * size for part in parts.values()]
    written_once = any(map_.is_virtual for map_ in maps)
    remarks = []
    if len(found.logical) > 1:
        remarks.append(f"The volume set has {len(found.logical)} logical volumes; the latest one is read.")
    if _is_open(source, size, logical):
        remarks.append("The volume was not closed: what was written last may be missing.")
    label = dstring(logical[84:212]) or next((dstring(raw[24:56]) for raw in found.primary.values()), "")
    return LogicalVolume(
        blocks=Blocks(source, size, [map_.partition for map_ in maps]),
        maps=tuple(maps),
        partitions=found.partitions,
        label=label or None,
        serial=next((_serial(dstring(raw[72:200])) for raw in found.primary.values()), None),
        revision=struct.unpack_from("<H", logical, 240)[0],
        file_set=logical[248:264],
        declared_bytes=min(max(ends), source.media_bytes) if written_once else max(ends),
        problems=(*found.problems, *problems),
        remarks=tuple(remarks),
    )


def _serial(volume_set: str) -> str | None:
    """The first 16 characters of the name of the volume set, which OSTA (2.2.2.5) wants to be unique."""
    unique = volume_set[:16]
    return (unique.lower() if all(letter in "0123456789abcdefABCDEF" for letter in unique) else unique) or None


def _is_open(source: Readable, size: int, logical: bytes) -> bool:
    """Whether the last integrity descriptor says that writing was not finished."""
    length, start = struct.unpack_from("<II", logical, 432)
    seen: set[int] = set()
    is_open = False
    while length >= size and start not in seen and len(seen) < _MAX_DESCRIPTORS:
        seen.add(start)
        raw = tagged(source, size, start, INTEGRITY)
        if raw is None:
            break
        is_open = struct.unpack_from("<I", raw, 28)[0] == 0
        next_length, next_start = struct.unpack_from("<II", raw, 32)
        if next_length:
            length, start = next_length, next_start
        else:
            length, start = length - size, start + 1
    return is_open
