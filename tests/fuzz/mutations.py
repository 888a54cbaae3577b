"""Changes to the bytes of an image: small, told by a seed, and kept as a recipe of what is written where.

Many structures carry a checksum, and a change under a wrong one tests little more than the checksum. So every second
change of a block whose checksum was right makes it right again; see :mod:`tests.fuzz.seals`.
"""

from __future__ import annotations

import os
import random
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from tests.fuzz.seals import resealed

SECTOR = 512
_NEAR = 64
_VALUES = (0, 1, 2, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF)


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """What is written where in the file."""

    offset_bytes: int
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """One mutant of one file.

    Attributes:
        file: Its number among the files of the image.
        words: What was done, for a person.
        edits: In this order.
        length_bytes: Where the file is cut off; None for not at all.
        is_sealed: Whether a checksum was made right again, so that nobody can tell the change by it.
        swapped: The number of the file that it changed places with; None for none.
    """

    file: int
    words: str
    edits: tuple[Edit, ...]
    length_bytes: int | None = None
    is_sealed: bool = False
    swapped: int | None = None


class Pristine:
    """A file that mutants are made of."""

    def __init__(self, path: Path) -> None:
        self.path, self.size_bytes = path, path.stat().st_size

    @cached_property
    def sectors(self) -> list[int]:
        """Numbers of the sectors that are not empty; the places worth a change."""
        found = []
        with self.path.open("rb") as file:
            at = 0
            while at < self.size_bytes:
                try:
                    start = os.lseek(file.fileno(), at, os.SEEK_DATA)
                    end = os.lseek(file.fileno(), start, os.SEEK_HOLE)
                except OSError:  # only a hole is left
                    break
                start -= start % SECTOR
                file.seek(start)
                data = file.read(end - start)
                found += [
                    (start + offset) // SECTOR for offset in range(0, len(data), SECTOR)
                    if data[offset : offset + SECTOR].strip(b"\0")
                ]  # fmt: skip
                at = end
        return sorted(set(found)) or [0]

    def read(self, offset_bytes: int, size_bytes: int) -> bytes:
        with self.path.open("rb") as file:
            file.seek(offset_bytes)
            return file.read(size_bytes)

    def place(self, rng: random.Random) -> int:
        """Where a sector begins; the first and last ones with something in them are chosen more often."""
        dice = rng.random()
        if dice < 0.45:
            chosen = self.sectors[:_NEAR]
        elif dice < 0.6:
            chosen = self.sectors[-_NEAR:]
        else:
            chosen = self.sectors
        return rng.choice(chosen) * SECTOR


def mutated(rng: random.Random, files: Sequence[Pristine]) -> Recipe:
    """A change that ``rng`` chooses."""
    number = rng.randrange(len(files))
    pristine = files[number]
    if rng.random() < 0.05 and pristine.size_bytes > 1:
        length = rng.choice((pristine.place(rng), rng.randrange(pristine.size_bytes)))
        return Recipe(file=number, words=f"cut off at {length}", edits=(), length_bytes=length)
    if len(files) > 1 and rng.random() < 0.05:
        other = (number + rng.randrange(1, len(files))) % len(files)
        return Recipe(file=number, words=f"changed places with file {other}", edits=(), swapped=other)
    make, words = rng.choice(_KINDS)
    edits: list[Edit] = []
    is_sealed = False
    for _ in range(rng.choice((1, 1, 1, 2, 4))):
        edit = make(rng, pristine)
        sealed = resealed(pristine, edit.offset_bytes, edit.data) if rng.random() < 0.5 else None
        if sealed is not None:
            edit, is_sealed = Edit(offset_bytes=sealed[0], data=sealed[1]), True
        edits.append(edit)
    return Recipe(file=number, words=words, edits=tuple(edits), is_sealed=is_sealed)


def apply(recipe: Recipe, paths: Sequence[Path]) -> None:
    """Make the mutant of a copy."""
    path = paths[recipe.file]
    if recipe.swapped is not None:
        other, aside = paths[recipe.swapped], path.with_name(f"{path.name}.aside")
        path.rename(aside)
        other.rename(path)
        aside.rename(other)
    with path.open("r+b") as file:
        for edit in recipe.edits:
            file.seek(edit.offset_bytes)
            file.write(edit.data)
        if recipe.length_bytes is not None:
            file.truncate(recipe.length_bytes)


def undo(recipe: Recipe, pristine: Sequence[Pristine], paths: Sequence[Path]) -> None:
    """Make the mutant equal to what it was made of again."""
    if recipe.swapped is not None:
        apply(recipe, paths)
        return
    path, original = paths[recipe.file], pristine[recipe.file]
    if recipe.length_bytes is not None:
        copy(original.path, path)
        return
    with path.open("r+b") as file:
        for edit in recipe.edits:
            file.seek(edit.offset_bytes)
            file.write(original.read(edit.offset_bytes, len(edit.data)))
        file.truncate(original.size_bytes)


def copy(source: Path, target: Path) -> None:
    """A copy that is as sparse as the source."""
    size = source.stat().st_size
    with source.open("rb") as reading, target.open("wb") as writing:
        at = 0
        while at < size:
            try:
                start = os.lseek(reading.fileno(), at, os.SEEK_DATA)
            except OSError:
                break
            at = os.lseek(reading.fileno(), start, os.SEEK_HOLE)
            reading.seek(start)
            writing.seek(start)
            remaining = at - start
            while remaining:
                block = reading.read(min(remaining, 1 << 20))
                writing.write(block)
                remaining -= len(block)
        writing.truncate(size)
    shutil.copymode(source, target)


def _flip(rng: random.Random, pristine: Pristine) -> Edit:
    at = pristine.place(rng) + rng.randrange(SECTOR)
    old = pristine.read(at, 1) or b"\0"
    return Edit(offset_bytes=at, data=bytes((old[0] ^ 1 << rng.randrange(8),)))


def _burst(rng: random.Random, pristine: Pristine) -> Edit:
    size = rng.choice((2, 4, 8, 16, 64))
    at = pristine.place(rng) + rng.randrange(SECTOR)
    return Edit(offset_bytes=at, data=rng.randbytes(size))


def _field(rng: random.Random, pristine: Pristine) -> Edit:
    """A number at an aligned place becomes huge, tiny, or a little different."""
    size = rng.choice((1, 2, 4, 4, 8, 8))
    order = rng.choice(("little", "big"))
    at = pristine.place(rng) + rng.randrange(SECTOR // size) * size
    old = int.from_bytes(pristine.read(at, size), order)  # type: ignore[arg-type]
    whole = (1 << 8 * size) - 1
    value = rng.choice((whole, whole >> 1, (whole >> 1) + 1, old + 1, old - 1, old << 1, old << 8, *_VALUES)) & whole
    return Edit(offset_bytes=at, data=value.to_bytes(size, order))  # type: ignore[arg-type]


def _zeroed(rng: random.Random, pristine: Pristine) -> Edit:
    size = rng.choice((SECTOR, 4096, 65536))
    at = pristine.place(rng) // size * size
    return Edit(offset_bytes=at, data=bytes(min(size, pristine.size_bytes - at)))


def _copied(rng: random.Random, pristine: Pristine) -> Edit:
    """A block over another: tables that refer to themselves, directories that lead into each other."""
    size = rng.choice((16, 32, 64, SECTOR, SECTOR, 1024, 4096, 4096, 16384))
    start = pristine.place(rng) // size * size + (rng.randrange(SECTOR // size) * size if size < SECTOR else 0)
    target = pristine.place(rng) // size * size + (rng.randrange(SECTOR // size) * size if size < SECTOR else 0)
    data = pristine.read(start, size)[: max(0, pristine.size_bytes - target)]
    return Edit(offset_bytes=target, data=data or b"\0")


def _pointed(rng: random.Random, pristine: Pristine) -> Edit:
    """A number becomes another one from nearby: links that lead to each other."""
    size = rng.choice((2, 4, 8))
    sector = pristine.place(rng)
    start, target = (sector + rng.randrange(SECTOR // size) * size for _ in range(2))
    return Edit(offset_bytes=target, data=pristine.read(start, size) or b"\0")


_KINDS: tuple[tuple[Callable[[random.Random, Pristine], Edit], str], ...] = (
    (_flip, "flipped bits"),
    (_burst, "noise"),
    (_field, "numbers changed"),
    (_field, "numbers changed"),
    (_zeroed, "zeroed blocks"),
    (_copied, "blocks copied over others"),
    (_pointed, "numbers copied over others"),
)
