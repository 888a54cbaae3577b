"""Digests put aside on disk by their leading byte, and given back sorted: any number in bounded memory."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from itertools import islice, pairwise
from operator import eq
from pathlib import Path

from evidence.hash_sets.base import DIGEST_BYTES

HELD_DIGESTS = 600_000
"""So many are held in memory before they are written, about 60 MB of them."""
SORTED_DIGESTS = 1_000_000
"""So many of one leading byte are sorted in memory; more are divided by the next byte first."""


class Spool:
    """Takes digests of one algorithm in any order."""

    def __init__(
        self,
        folder: Path,
        algorithm: str,
        depth: int = 0,
        *,
        held_digests: int = HELD_DIGESTS,
        sorted_digests: int = SORTED_DIGESTS,
    ) -> None:
        """Args: where to put them, what they are, by which byte they are divided, and how much is in memory at once."""
        self._folder, self._algorithm, self._at = folder, algorithm, depth
        self._most_held, self._most_sorted = held_digests, sorted_digests
        self._width = DIGEST_BYTES[algorithm]
        self._file = tempfile.TemporaryFile(dir=folder, prefix="spool-")  # noqa: SIM115
        self._held: list[list[str]] = [[] for _ in range(256)]
        self._held_count = self.count = 0
        self._stored: list[list[tuple[int, int]]] = [[] for _ in range(256)]

    def close(self) -> None:
        """Let go of the file, which is gone then."""
        self._file.close()

    def add(self, digests: Sequence[str]) -> None:
        """Take digests in hexadecimal digits."""
        take = [held.append for held in self._held]
        for byte, digest in zip(bytes.fromhex("".join(digests))[self._at :: self._width], digests, strict=True):
            take[byte](digest)
        self.count += len(digests)
        self._held_count += len(digests)
        if self._held_count >= self._most_held:
            self._put_aside()

    def _put_aside(self) -> None:
        for stored, digests in zip(self._stored, self._held, strict=True):
            if digests:
                packed = bytes.fromhex("".join(digests))
                stored.append((self._file.tell(), len(packed)))
                self._file.write(packed)
                digests.clear()
        self._held_count = 0

    def in_order(self) -> Iterator[tuple[list[str], int, list[str]]]:
        """All digests in order, a part at a time.

        Yields:
            Digests without duplicates, each byte a character; how many there were more; some that came twice.
        """
        self._put_aside()
        for bucket in range(256):
            if sum(length for _, length in self._stored[bucket]) <= self._most_sorted * self._width:
                yield _sorted([digest for packed in self._pieces(bucket) for digest in self._split(packed)])
            elif self._at == self._width - 1:
                yield self._all_the_same(bucket)
            else:
                yield from self._divided(bucket)

    def _pieces(self, bucket: int) -> Iterator[bytes]:
        for offset, length in self._stored[bucket]:
            self._file.seek(offset)
            yield self._file.read(length)

    def _split(self, packed: bytes) -> list[str]:
        text, width = packed.decode("latin-1"), self._width
        return [text[at : at + width] for at in range(0, len(text), width)]

    def _all_the_same(self, bucket: int) -> tuple[list[str], int, list[str]]:
        total = sum(length for _, length in self._stored[bucket]) // self._width
        one = self._split(next(self._pieces(bucket)))[:1]
        return one, total - 1, one

    def _divided(self, bucket: int) -> Iterator[tuple[list[str], int, list[str]]]:
        below = Spool(
            self._folder,
            self._algorithm,
            self._at + 1,
            held_digests=self._most_held,
            sorted_digests=self._most_sorted,
        )
        try:
            for packed in self._pieces(bucket):
                text, digits = packed.hex(), 2 * self._width
                below.add([text[at : at + digits] for at in range(0, len(text), digits)])
            yield from below.in_order()
        finally:
            below.close()


def _sorted(digests: list[str]) -> tuple[list[str], int, list[str]]:
    digests.sort()
    if not any(map(eq, digests, islice(digests, 1, None))):
        return digests, 0, []
    unique = list(dict.fromkeys(digests))
    twice = [one for one, other in pairwise(digests) if one == other]
    return unique, len(digests) - len(unique), twice[:100]
