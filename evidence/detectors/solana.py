"""Accounts of Solana: 32 bytes in Base58, without a checksum."""

from __future__ import annotations

from collections.abc import Iterator

from evidence.detectors import base58
from evidence.detectors.base import UNCHECKED, Found

KINDS = ("Solana account",)
LONGEST_BYTES = 46
SIGNS = (base58.run(32),)

_PATTERN = base58.pattern(b"1-9A-HJ-NP-Za-km-z", 32, 44)


def find(data: bytes) -> Iterator[Found]:
    """Words that stand for exactly 32 bytes. Nothing can be checked.

    Words of one case, of digits, and without any are left out, for names in programs are such. One account in some
    1,600 has no digit, and is not found.
    """
    for match in _PATTERN.finditer(data):
        word = match[0].decode()
        if word.islower() or word.isupper() or word.isdigit() or word.isalpha():
            continue
        content = base58.decoded(match[0])
        if content is not None and len(content) == 32:
            yield Found(kind=KINDS[0], start=match.start(), end=match.end(), text=word, validity=UNCHECKED)
