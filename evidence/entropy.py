"""How evenly the byte values of a content are spread, by the histogram of its head.

A histogram of the whole content would cost a third of its digests. That of the first 64 KiB costs some 15 us for a
small file and 60 us for a large one, and tells text from compressed and most compressed from encrypted content too.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log2

HEAD_BYTES = 1 << 16
"""How much of a content is counted; of a smaller one all."""

EVEN_CHI_SQUARE = 400
"""A chi-square over 256 values is below this for even noise but once in some ten million times (mean 255, standard
deviation 22.6). What deflate and bzip2 leave behind is far above it; LZMA can come below, but has a signature."""

_EVEN_MILLIBITS = int(1000 * (8 - log2(1 + EVEN_CHI_SQUARE / HEAD_BYTES)))
"""Below this entropy nothing is even: the chi-square bounds the collision entropy, and that the entropy, from below."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """What a histogram tells.

    Attributes:
        millibits: Shannon entropy in thousandths of a bit per byte, 0 to 8000.
        is_even: All 256 values are as frequent as in noise, in at least :data:`HEAD_BYTES`.
    """

    millibits: int
    is_even: bool


def spread_of(head: bytes) -> Spread | None:
    """The spread of the first :data:`HEAD_BYTES` of ``head``; None where there is nothing."""
    head = head[:HEAD_BYTES]
    if not head:
        return None
    from evidence.pictures import byte_entropy, byte_histogram  # Pillow takes long to load, and listing does without it

    millibits = round(1000 * byte_entropy(head))
    is_even = len(head) == HEAD_BYTES and millibits >= _EVEN_MILLIBITS and _is_even(byte_histogram(head))
    return Spread(millibits=millibits, is_even=is_even)


def _is_even(histogram: list[int]) -> bool:
    return 256 * sum(n * n for n in histogram) < HEAD_BYTES * (HEAD_BYTES + EVEN_CHI_SQUARE)
