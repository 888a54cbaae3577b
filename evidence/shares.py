"""Splits the reading of contents between processes that walk the same image."""

from __future__ import annotations

from collections.abc import Iterable

FILE_COST_BYTES = 20_000
"""What a file costs beside its bytes: opening it and telling its type take as long as digesting that many."""


class Share:
    """Which batches of contents one of several processes reads.

    Every process walks the whole image, which is quick, and comes to the same batches; a batch goes to the process
    that had the least to read so far. So all decide alike without asking each other, and ids and order are those of a
    single process.

    Attributes:
        asked: How many times it was asked whose the next batch is.
        done_batches: The first so many are nobody's: an earlier attempt yielded them.
    """

    def __init__(self, number: int = 0, of: int = 1) -> None:
        """The share ``number``, counted from 0, ``of`` so many."""
        self._number = number
        self._loads_bytes = [0] * of
        self.done_batches = self.asked = self._batches = 0

    @property
    def is_first(self) -> bool:
        """Whether this is the process whose word counts where no batch is concerned."""
        return self._number == 0

    def takes(self, sizes_bytes: Iterable[int], batches: int = 1) -> bool:
        """Whether contents of these sizes are read here; to be asked once for all that are read together.

        Args:
            sizes_bytes: What each of them has to read.
            batches: In how many batches their rows will be yielded.
        """
        cost_bytes = FILE_COST_BYTES + sum(FILE_COST_BYTES + max(0, size) for size in sizes_bytes)
        least = self._loads_bytes.index(min(self._loads_bytes))
        self._loads_bytes[least] += cost_bytes
        self.asked += 1
        self._batches += batches
        return least == self._number and self._batches > self.done_batches
