"""Addresses of Bitcoin Cash. Source: its specification "CashAddr", CHIP-2022-02 for those of tokens."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from evidence.detectors.base import CHECKED, UNCHECKED, Found
from evidence.detectors.bech32 import CHARSET, eight_bits

KINDS = ("Bitcoin Cash address", "Bitcoin Cash test network address")
LONGEST_BYTES = 140
SIGNS = (rb"[02-9ac-hj-np-z]{41}", rb"[02-9AC-HJ-NP-Z]{41}")

_CHECK_CHARACTERS = 8
_GENERATOR = (0x98F2BC8E61, 0x79B76D99E2, 0xF33E5FB3C4, 0xAE2EABE2A8, 0x1E4F43E470)
_TYPES = (0, 1, 2, 3)
"""Of a key, of a script; the same for wallets that know tokens."""
_SIZES = (20, 24, 28, 32, 40, 48, 56, 64)
_WORD_BEFORE = re.compile(rb"(?<![0-9A-Za-z])[0-9A-Za-z]{%d}:$" % len("bitcoincash"))
_MOST_MISTYPED = 3
_PATTERN = re.compile(
    rb"(?<![0-9A-Za-z])(?:(?:(bitcoincash|bchtest):)?([qprz][02-9ac-hj-np-z]{41,111})"
    rb"|(?:(BITCOINCASH|BCHTEST):)?([QPRZ][02-9AC-HJ-NP-Z]{41,111}))(?![0-9A-Za-z])"
)


def find(data: bytes) -> Iterator[Found]:
    """Addresses with their prefix or without; one without is checked as one of the main network.

    One behind a prefix that is nearly right is told without it and as unchecked: its checksum is not that of both.
    """
    for match in _PATTERN.finditer(data):
        prefix = (match[1] or match[3] or b"bitcoincash").decode().lower()
        values = [CHARSET.index(char) for char in (match[2] or match[4]).decode().lower()]
        if _polymod([*(ord(char) & 31 for char in prefix), 0, *values]) or not _has_its_size(values):
            continue
        kind = KINDS[prefix == "bchtest"]
        validity = UNCHECKED if _is_mistyped(data, match) else CHECKED
        yield Found(kind=kind, start=match.start(), end=match.end(), text=match[0].decode(), validity=validity)


def _is_mistyped(data: bytes, match: re.Match[bytes]) -> bool:
    """Whether a word that is nearly the prefix stands before an address without one."""
    word = None if match[1] or match[3] else _WORD_BEFORE.search(data, max(0, match.start() - 13), match.start())
    if word is None:
        return False
    wrong = sum(one != other for one, other in zip(word[0].decode().lower(), "bitcoincash:", strict=True))
    return wrong <= _MOST_MISTYPED


def _has_its_size(values: list[int]) -> bool:
    content = eight_bits(values[:-_CHECK_CHARACTERS])
    return content is not None and content[0] >> 3 in _TYPES and len(content) == 1 + _SIZES[content[0] & 7]


def _polymod(values: Iterable[int]) -> int:
    check = 1
    for value in values:
        top = check >> 35
        check = (check & 0x07FFFFFFFF) << 5 ^ value
        for bit, generator in enumerate(_GENERATOR):
            if top >> bit & 1:
                check ^= generator
    return check ^ 1
