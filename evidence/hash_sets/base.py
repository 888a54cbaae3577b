"""What the readers of lists give, and what they remark."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from evidence.digest import OnProgress

DIGEST_BYTES = {"md5": 16, "sha1": 20, "sha256": 32}
"""The algorithms that a set may hold, and how long their digests are."""
ALGORITHM_OF = {2 * size: name for name, size in DIGEST_BYTES.items()}
"""By the number of hexadecimal digits."""
NAMES = {"md5": "MD5", "sha1": "SHA-1", "sha256": "SHA-256"}

REFUSED, NOTED, DUPLICATE = "refused", "noted", "duplicate"
NO_END = "the last line has no end: the list may be cut; it was taken"
"""Who writes lists ends each line; a list that is cut behind a digest looks whole otherwise."""
STUMP = "the last line has no end, and its digest is shorter than others of the list: it is cut; it was not taken"
"""What is left of a SHA-256 digest can be as long as one of SHA-1 or MD5."""
FIRST_REMARKS = 20
"""So many remarks of each kind are kept in words; all are counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Digests of one algorithm, in lower-case hexadecimal digits, in the order of the list.

    Attributes:
        numbers: The line or record that each stands in, counted from 1.
    """

    algorithm: str
    digests: Sequence[str]
    numbers: Sequence[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """One thing to be known of a list.

    Attributes:
        kind: ``refused``, nothing was taken of it; ``noted``, it was taken all the same; ``duplicate``.
        number: Of the line or record, counted from 1.
    """

    kind: str
    number: int
    what: str


@dataclass(slots=True)
class Remarks:
    """All remarks counted, the first of each kind in words."""

    counts: Counter[str] = field(default_factory=Counter)
    first: list[Remark] = field(default_factory=list)

    def add(self, kind: str, number: int, what: str) -> None:
        """Take note of one."""
        if self.counts[kind] < FIRST_REMARKS:
            self.first.append(Remark(kind=kind, number=number, what=what))
        self.counts[kind] += 1


class Source(Protocol):
    """A list of digests that was opened; it can be read more than once, with the same result.

    ``unit`` is what its entries are called: ``line`` or ``record``. ``format`` says what it is, for a person.
    ``told`` is what it says of itself, such as a version.
    """

    path: Path
    unit: str
    format: str
    told: dict[str, str]

    def batches(self, remarks: Remarks, on_progress: OnProgress) -> Iterator[Batch]:
        """All digests. Progress is in bytes of the file.

        Raises:
            HashSetError: The list does not hold together.
        """
        ...


def is_digest(text: str, algorithm: str) -> bool:
    """Whether a lower-case text is a digest of this algorithm."""
    return len(text) == 2 * DIGEST_BYTES[algorithm] and not text.strip("0123456789abcdef")
