"""Which runs of words are a seed phrase, or a share of one: the checksums of BIP-39, SLIP-39 and Monero.

Words are given as their places in a list.

Source: BIP-39; SLIP-39 (RS1024, a share has 20 words at least); Monero's ``electrum-words`` (the last word repeats
another, at the place that a CRC-32 of the others' first characters gives), which MyMonero has with 12 words and one.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Sequence

from evidence.detectors import words

BIP39_LENGTHS = (12, 15, 18, 21, 24)
SLIP39_LENGTHS = tuple(7 + -(-bits // 10) for bits in range(128, 513, 16))
"""Of shares of secrets of 128 to 512 bits: seven words beside the value."""
MONERO_LENGTHS = (13, 25)

_GENERATOR = (
    0xE0E040, 0x1C1C080, 0x3838100, 0x7070200, 0xE0E0009, 0x1C0C2412, 0x38086C24, 0x3090FC48, 0x21B1F890, 0x3F3F120,
)  # fmt: skip
_EXTENDABLE_BIT = 0x10


def bip39(places: Sequence[int]) -> int:
    """How many of the words from the first on are a phrase, at most; 0 for none."""
    bits = longest = 0
    for count, place in enumerate(places, 1):
        bits = bits << 11 | place
        if count in BIP39_LENGTHS and _is_right(bits, count):
            longest = count
    return longest


def _is_right(bits: int, count: int) -> bool:
    check_bits = count // 3
    entropy = (bits >> check_bits).to_bytes(check_bits * 4, "big")
    return hashlib.sha256(entropy).digest()[0] >> (8 - check_bits) == bits & ((1 << check_bits) - 1)


def slip39(places: Sequence[int]) -> int:
    """How many of the words from the first on are a share, at most; 0 for none."""
    if len(places) < SLIP39_LENGTHS[0]:
        return 0
    check, longest = 1, 0
    for value in b"shamir_extendable" if places[1] & _EXTENDABLE_BIT else b"shamir":
        check = _stepped(check, value)
    for count, place in enumerate(places, 1):
        check = _stepped(check, place)
        if check == 1 and count in SLIP39_LENGTHS:
            longest = count
    return longest


def _stepped(check: int, value: int) -> int:
    top, check = check >> 20, (check & 0xFFFFF) << 10 ^ value
    for bit, generator in enumerate(_GENERATOR):
        if top >> bit & 1:
            check ^= generator
    return check


def monero(name: str, places: Sequence[int]) -> int:
    """How many of the words from the first on are a phrase of one of Monero's lists, at most; 0 for none."""
    beginnings, longest = words.beginnings(name), 0
    for count in MONERO_LENGTHS:
        *others, last = places[:count]
        if len(others) == count - 1:
            at = zlib.crc32(b"".join(beginnings[place] for place in others)) % len(others)
            longest = count if others[at] == last else longest
    return longest
