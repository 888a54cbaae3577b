"""Striping and RAID as the Linux kernel lays it out: which leg holds a chunk, and which legs can be believed.

Sources: the kernel's documentation of dm-raid (admin-guide/device-mapper/dm-raid.rst) and of the layouts of md(4); the
SNIA's Common RAID Disk Data Format Specification 2.0 for the rotations of parity.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

from evidence.errors import UnreadableRegionError
from evidence.volumes.base import Readable, Window, peek
from evidence.volumes.joined import Absent, Joined, clipped, exactly

Layout: TypeAlias = Callable[[int, int], tuple[int, int]]
"""Of a chunk's number and the number of legs: the leg that holds it, and its row there."""

_SUPERBLOCK = struct.Struct("<IIIIQQQQ")
_MAGIC = 0x64526D44
_WHOLE = (1 << 64) - 1
_SECTOR_BYTES = 512


def plain(chunk: int, legs: int) -> tuple[int, int]:
    """Striping without parity."""
    return chunk % legs, chunk // legs


def _first_parity(chunk: int, legs: int) -> tuple[int, int]:
    row, place = divmod(chunk, legs - 1)
    return place + 1, row


def _last_parity(chunk: int, legs: int) -> tuple[int, int]:
    row, place = divmod(chunk, legs - 1)
    return place, row


def _asymmetric(is_left: bool) -> Layout:
    def layout(chunk: int, legs: int) -> tuple[int, int]:
        row, place = divmod(chunk, legs - 1)
        parity = legs - 1 - row % legs if is_left else row % legs
        return place + (place >= parity), row

    return layout


def _symmetric(is_left: bool) -> Layout:
    def layout(chunk: int, legs: int) -> tuple[int, int]:
        row, place = divmod(chunk, legs - 1)
        parity = legs - 1 - row % legs if is_left else row % legs
        return (parity + 1 + place) % legs, row

    return layout


def _with_last_leg_apart(layout: Layout) -> Layout:
    """A RAID 5 on all legs but the last, which holds the second parity."""
    return lambda chunk, legs: layout(chunk, legs - 1)


def _restarting(is_zero: bool) -> Layout:
    def layout(chunk: int, legs: int) -> tuple[int, int]:
        row, place = divmod(chunk, legs - 2)
        parity = row % legs if is_zero else legs - 1 - (row + 1) % legs
        if parity == legs - 1:
            return place + 1, row
        return place + (2 if place >= parity else 0), row

    return layout


def _continuing(chunk: int, legs: int) -> tuple[int, int]:
    row, place = divmod(chunk, legs - 2)
    return (legs - 1 - row % legs + 1 + place) % legs, row


def near_copies(copies: int) -> list[Layout]:
    """RAID 10 with all copies of a chunk next to each other; one layout for each copy."""

    def layout(chunk: int, legs: int, *, copy: int) -> tuple[int, int]:
        row, leg = divmod(chunk * copies + copy, legs)
        return leg, row

    return [partial(layout, copy=copy) for copy in range(copies)]


LAYOUTS: dict[str, tuple[int, Layout]] = {
    "raid0": (0, plain),
    "raid0_meta": (0, plain),
    "raid4": (1, _first_parity),
    "raid5": (1, _symmetric(is_left=True)),
    "raid5_n": (1, _last_parity),
    "raid5_ls": (1, _symmetric(is_left=True)),
    "raid5_rs": (1, _symmetric(is_left=False)),
    "raid5_la": (1, _asymmetric(is_left=True)),
    "raid5_ra": (1, _asymmetric(is_left=False)),
    "raid6": (2, _restarting(is_zero=True)),
    "raid6_zr": (2, _restarting(is_zero=True)),
    "raid6_nr": (2, _restarting(is_zero=False)),
    "raid6_nc": (2, _continuing),
    "raid6_n_6": (2, _with_last_leg_apart(_last_parity)),
    "raid6_ls_6": (2, _with_last_leg_apart(_symmetric(is_left=True))),
    "raid6_rs_6": (2, _with_last_leg_apart(_symmetric(is_left=False))),
    "raid6_la_6": (2, _with_last_leg_apart(_asymmetric(is_left=True))),
    "raid6_ra_6": (2, _with_last_leg_apart(_asymmetric(is_left=False))),
}
"""For each type of segment, how many legs hold parity, and where the data lie."""


class Striped:
    """Chunks spread over legs; parity is not read.

    Attributes:
        media_bytes: As given.
    """

    def __init__(
        self, legs: Sequence[Readable], chunk_bytes: int, length_bytes: int, layouts: Sequence[Layout] = (plain,)
    ) -> None:
        """Read ``length_bytes`` in chunks of ``chunk_bytes`` from where the first of ``layouts`` puts them.

        The others say where further copies lie, for chunks that cannot be read there.
        """
        self._legs, self._chunk, self._layouts = legs, chunk_bytes, layouts
        self.media_bytes = length_bytes

    def read_at(self, offset_bytes: int, size_bytes: int, /) -> bytes:
        """Exactly that many bytes, fewer only at the end.

        Raises:
            UnreadableRegionError: A leg cannot be read there.
        """
        left = clipped(self.media_bytes, offset_bytes, size_bytes)
        parts = []
        while left > 0:
            chunk, within = divmod(offset_bytes, self._chunk)
            size = min(left, self._chunk - within)
            parts.append(self._part(chunk, within, size))
            offset_bytes += size
            left -= size
        return b"".join(parts)

    def _part(self, chunk: int, within: int, size: int) -> bytes:
        for number, layout in enumerate(self._layouts, 1):
            leg, row = layout(chunk, len(self._legs))
            try:
                return exactly(self._legs[leg], row * self._chunk + within, size)
            except UnreadableRegionError:
                if number == len(self._layouts):
                    raise
        return b""


class Mirrored:
    """Legs with the same content: the first one that can be read.

    Attributes:
        media_bytes: As given.
    """

    def __init__(self, legs: Sequence[Readable], length_bytes: int) -> None:
        """Prefer the first of ``legs``."""
        self._legs = legs
        self.media_bytes = length_bytes

    def read_at(self, offset_bytes: int, size_bytes: int, /) -> bytes:
        """Exactly that many bytes, fewer only at the end.

        Raises:
            UnreadableRegionError: No leg can be read there; the error of the first one.
        """
        size = clipped(self.media_bytes, offset_bytes, size_bytes)
        first: UnreadableRegionError | None = None
        for leg in self._legs if size else ():
            try:
                return exactly(leg, offset_bytes, size)
            except UnreadableRegionError as error:
                first = first or error
        if first is not None:
            raise first
        return b""


@dataclass(frozen=True, slots=True, kw_only=True)
class RaidState:
    """What the superblocks of an array say of its legs.

    Attributes:
        usable_bytes: For each leg, how much of it from its start is up to date; None for all of it.
        is_synchronised: Whether all legs are known to agree with each other.
        failed: Numbers of the legs that are out of date.
    """

    usable_bytes: tuple[int | None, ...]
    is_synchronised: bool
    failed: tuple[int, ...]


def state_of(metadata: Sequence[Readable | None]) -> RaidState:
    """The state by the superblocks at the start of the legs' metadata; a leg without one is taken as it is."""
    blocks = []
    for area in metadata:
        raw = peek(area, 0, _SUPERBLOCK.size) if area is not None else b""
        fields = _SUPERBLOCK.unpack(raw) if len(raw) == _SUPERBLOCK.size else (0,) * 8
        blocks.append(fields if fields[0] == _MAGIC else None)
    known = [block for block in blocks if block is not None]
    newest = max(known, key=lambda block: block[4], default=None)
    usable: list[int | None] = []
    for index, block in enumerate(blocks):
        if newest is not None and (newest[5] >> index & 1 or (block is not None and block[4] + 1 < newest[4])):
            usable.append(0)
        elif block is not None and block[6] != _WHOLE:
            usable.append(block[6] * _SECTOR_BYTES)
        else:
            usable.append(None)
    return RaidState(
        usable_bytes=tuple(usable),
        is_synchronised=newest is None or newest[7] == _WHOLE,
        failed=tuple(index for index, limit in enumerate(usable) if limit is not None),
    )


def up_to_date(leg: Readable, usable_bytes: int | None, length_bytes: int) -> Readable:
    """The leg as far as it is up to date; the rest cannot be read."""
    if usable_bytes is None:
        return leg
    window = Window(leg, 0, min(usable_bytes, length_bytes))
    return Joined([window, Absent(length_bytes - window.media_bytes, "this leg of the array is out of date")])
