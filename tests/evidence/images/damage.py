"""Damage by chance: whatever is wrong with a container, there are bytes or words, never another exception."""

import random
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from evidence.errors import SourceError
from evidence.images import open_image


def hurt(path: Path, seed: int, place: Callable[[random.Random, int], int]) -> None:
    """Change up to 40 bytes at places that ``place`` chooses, and cut off the end every other time."""
    chance = random.Random(seed)
    data = bytearray(path.read_bytes())
    for _ in range(chance.randint(1, 40)):
        data[place(chance, len(data))] = chance.choice((0, 0xFF, 0x80, chance.randrange(256)))
    end = len(data) if chance.random() < 0.5 else chance.randrange(1, len(data))
    path.write_bytes(data[:end])


def outcome(path: Path, offsets: tuple[int, ...]) -> str:
    """Open and read a little; give the words of the first error, or "read"."""
    try:
        with closing(open_image([path])) as image:
            for offset in (*offsets, max(0, image.media_bytes - 4096)):
                image.read_at(offset, 4096)
    except SourceError as error:
        return str(error)
    return "read"
