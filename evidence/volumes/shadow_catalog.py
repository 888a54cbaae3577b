"""The catalog of Volume Shadow Copies on an NTFS volume: which there are, and where their stores lie.

Source: "Volume Shadow Snapshot (VSS) format" by J.B. Metz (libvshadow), "Volume header", "Catalog", "Store".
"""

from __future__ import annotations

import struct
import uuid
from collections.abc import Iterator
from dataclasses import dataclass

from evidence.errors import UnreadableRegionError
from evidence.images.base import Problem
from evidence.volumes.base import Readable, peek
from evidence.volumes.signatures import SHADOW_HEADER_AT, SHADOW_ID

BLOCK_BYTES = 0x4000
VOLUME_HEADER, CATALOG, BLOCK_LIST, STORE_HEADER, BITMAP = 1, 2, 3, 4, 6
HEADER_BYTES = 128
_ENTRY_BYTES, _MAX_COPIES = 128, 512
_MAX_CATALOG_BLOCKS = 1024
_RECORD = struct.Struct("<16sIIQQQ")
_COPY, _PLACE = struct.Struct("<8xQ16sQQQ"), struct.Struct("<8xQ16sQQQQQQ")
_TICKS_TO_1970 = 116_444_736_000_000_000


class ShadowDamageError(OSError):
    """Something in the structures of shadow copies contradicts itself.

    Attributes:
        offset_bytes: Where it lies in the volume.
    """

    def __init__(self, what: str, offset_bytes: int) -> None:
        """Keep the place."""
        super().__init__(f"{what} (at byte {offset_bytes} of the volume)")
        self.offset_bytes = offset_bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the parts of a store begin in the volume; 0 for a part it does not have."""

    block_list: int
    header: int
    bitmap: int
    previous_bitmap: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ShadowCopy:
    """One shadow copy as the catalog has it; ``place`` is None where its store lies on another volume."""

    identifier: bytes
    volume_bytes: int
    sequence: int
    flags: int
    created_ns: int
    place: Place | None

    @property
    def name(self) -> str:
        """Its identifier as text."""
        return str(uuid.UUID(bytes_le=self.identifier))


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalog:
    """The shadow copies of a volume, the oldest first."""

    copies: tuple[ShadowCopy, ...]
    problems: tuple[Problem, ...]


def read_catalog(source: Readable) -> Catalog | None:
    """The catalog of a volume; None where shadow copies were never kept on it, or there are none.

    Damage of the catalog is told by its problems.
    """
    header = peek(source, SHADOW_HEADER_AT, HEADER_BYTES)
    if len(header) < HEADER_BYTES or header[:16] != SHADOW_ID or peek(source, 3, 8) != b"NTFS    ":
        return None
    _, version, kind, _, _, _ = _RECORD.unpack_from(header)
    (offset,) = struct.unpack_from("<Q", header, 48)
    if kind != VOLUME_HEADER or version not in (1, 2):
        what = f"shadow copies: their header is of version {version} and type {kind}, which is not known."
        return Catalog(copies=(), problems=(problem(what, SHADOW_HEADER_AT),))
    if not offset:
        return None
    problems: list[Problem] = []
    copies: dict[bytes, tuple[int, int, int, int]] = {}
    places: dict[bytes, Place] = {}
    try:
        for at, block in chain(source, offset, CATALOG, "the catalog", _MAX_CATALOG_BLOCKS):
            _read_entries(block, at, copies, places, problems)
    except (ShadowDamageError, UnreadableRegionError) as error:
        problems.append(problem(f"shadow copies: the catalog cannot be read to its end: {error}", error.offset_bytes))
    lost = len(places.keys() - copies.keys())
    if lost:
        problems.append(problem(f"shadow copies: {lost} stores belong to no shadow copy of the catalog.", offset))
    found = [
        ShadowCopy(
            identifier=identifier,
            volume_bytes=volume_bytes,
            sequence=sequence,
            flags=flags,
            created_ns=(created - _TICKS_TO_1970) * 100,
            place=places.get(identifier),
        )
        for identifier, (volume_bytes, sequence, flags, created) in copies.items()
    ]
    found.sort(key=lambda copy: (copy.created_ns, copy.sequence))
    return Catalog(copies=tuple(found), problems=tuple(problems))


def _read_entries(
    block: bytes,
    at: int,
    copies: dict[bytes, tuple[int, int, int, int]],
    places: dict[bytes, Place],
    problems: list[Problem],
) -> None:
    for start in range(HEADER_BYTES, BLOCK_BYTES, _ENTRY_BYTES):
        entry = block[start : start + _ENTRY_BYTES]
        kind = int.from_bytes(entry[:8], "little")
        if kind == 2:
            volume_bytes, identifier, sequence, flags, created = _COPY.unpack_from(entry)
            if identifier in copies or len(copies) >= _MAX_COPIES or created >> 63:
                problems.append(problem("shadow copies: one is in the catalog twice, or makes no sense.", at + start))
                continue
            copies[identifier] = (volume_bytes, sequence, flags, created)
        elif kind == 3:
            block_list, identifier, header, _, bitmap, _, _, previous = _PLACE.unpack_from(entry)
            if identifier in places or len(places) >= _MAX_COPIES:
                problems.append(problem("shadow copies: a store is in the catalog twice.", at + start))
                continue
            places[identifier] = Place(block_list=block_list, header=header, bitmap=bitmap, previous_bitmap=previous)
        elif kind > 1:
            problems.append(problem(f"shadow copies: an entry of the catalog is of type {kind}.", at + start))


def chain(source: Readable, offset: int, kind: int, what: str, limit: int) -> Iterator[tuple[int, bytes]]:
    """The blocks of a chain, with their offsets, each verified.

    Args:
        source: The volume.
        offset: Of the first.
        kind: The record type that all have.
        what: The chain, for the words of an error.
        limit: How many blocks it can have at most.

    Raises:
        ShadowDamageError: A block is not what it should be, or the chain has a loop.
        UnreadableRegionError: A block cannot be read.
    """
    seen: set[int] = set()
    while offset:
        if offset in seen or len(seen) >= limit:
            raise ShadowDamageError(f"{what} leads back into itself, or has too many blocks", offset)
        seen.add(offset)
        block = source.read_at(offset, BLOCK_BYTES) if offset + BLOCK_BYTES <= source.media_bytes else b""
        if len(block) < BLOCK_BYTES:
            raise ShadowDamageError(f"{what} goes on behind the end of the volume", offset)
        identifier, _, found, _, current, following = _RECORD.unpack_from(block)
        if identifier != SHADOW_ID or found != kind:
            raise ShadowDamageError(f"{what} goes on where there is no block of it", offset)
        if current != offset:
            raise ShadowDamageError(f"{what} has a block that says it lies at {current}", offset)
        yield offset, block
        offset = following


def problem(what: str, offset_bytes: int, *, is_damage: bool = True) -> Problem:
    """Something to be known of the volume."""
    return Problem(what=what, where="", offset_bytes=offset_bytes, is_damage=is_damage)
