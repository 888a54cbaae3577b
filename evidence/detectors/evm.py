"""Addresses of Ethereum and of the chains that use its machine. Source: EIP-55."""

from __future__ import annotations

import re
from collections.abc import Iterator

from evidence.detectors.base import CHECKED, UNCHECKED, Found
from evidence.detectors.keccak import keccak_256

KINDS = ("Ethereum address",)
LONGEST_BYTES = 44
SIGNS = (rb"0x[0-9A-Fa-f]{40}",)

_PATTERN = re.compile(rb"(?<![0-9A-Za-z])0x([0-9A-Fa-f]{40})(?![0-9A-Za-z])")


def find(data: bytes) -> Iterator[Found]:
    """Forty digits behind 0x. In mixed case the case is the checksum, and a wrong one is no find.

    In one case only nothing can be checked.
    """
    for match in _PATTERN.finditer(data):
        digits = match[1].decode()
        is_mixed = digits not in (digits.lower(), digits.upper())
        if is_mixed and digits != with_checksum(digits):
            continue
        validity = CHECKED if is_mixed else UNCHECKED
        yield Found(kind=KINDS[0], start=match.start(), end=match.end(), text=match[0].decode(), validity=validity)


def with_checksum(digits: str) -> str:
    """The digits in the case that EIP-55 gives them."""
    digest = keccak_256(digits.lower().encode()).hex()
    return "".join(
        char.upper() if int(nibble, 16) >= 8 else char for char, nibble in zip(digits.lower(), digest, strict=False)
    )
