"""What a detector gives, and how much it vouches for it (REQ-57)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

CHECKED = "checked"
"""Its check digits or checksum are right."""
WELL_FORMED = "well formed"
"""It has the form of one; there is nothing in it that could be checked further."""
CUT = "cut"
"""It has the form of one as far as it is told; it goes on behind or before that, or may: letters in a code page that is
not known stand there."""
UNCHECKED = "unchecked"
"""It has the form of one, which much else has too: without a checksum it is a hint and no more."""
AMBIGUOUS = "ambiguous"
"""It has the form of one, and what it says can be read in two ways; both are told."""
CANDIDATE = "candidate"
"""Its checksum is right; some are so short that other words pass by chance, and none says what it opens (REQ-58)."""

MASK = "***"

FIXED_BLANK = rb"\xc2?\xa0|\xe2\x80[\x87\x91\xaf]"
"""What holds the groups of a number together on a line: U+00A0 in UTF-8 and in the code pages that have it as one byte,
U+2007, U+202F, and the hyphen U+2011."""
FIXED_BLANK_BYTES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Something that was found in bytes.

    Attributes:
        start: Where it begins in them; ``end`` is behind its last byte.
        text: As it stands there, without separators where those are no part of it; of keys and seed phrases only what
            gives nothing away.
        validity: One of the words above.
    """

    kind: str
    start: int
    end: int
    text: str
    validity: str


Find = Callable[[bytes], Iterable[Found]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Detector:
    """One line of the table.

    Attributes:
        kinds: What it finds.
        find: Looks through bytes; its time grows with their number and no faster.
        longest_bytes: A find with all that decides about it is never longer.
        signs: Expressions of RE2; each find touches a match of one, and so does what could be taken instead of it.
        reach_bytes: Nothing that touches a sign goes further beyond it, nor does what decides about it.
        secret_kinds: Those of its kinds that nobody should read by the way; no other find shows their bytes.
    """

    kinds: tuple[str, ...]
    find: Find
    longest_bytes: int
    signs: tuple[bytes, ...]
    reach_bytes: int
    secret_kinds: tuple[str, ...] = ()
