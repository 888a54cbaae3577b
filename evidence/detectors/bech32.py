"""Bech32 and Bech32m. Source: BIP-173, BIP-350."""

from __future__ import annotations

from collections.abc import Iterable

CHARSET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
BECH32, BECH32M = 1, 0x2BC830A3
CHECK_CHARACTERS = 6

_GENERATOR = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_VALUES = {char: value for value, char in enumerate(CHARSET)}


def decoded(word: str, most: int = 90) -> tuple[str, list[int], int] | None:
    """Prefix, values of five bits without the checksum, and the constant that the checksum has.

    None where the form is wrong: too long, of both cases, other characters, or neither of the two checksums.
    """
    if len(word) > most or word not in (word.lower(), word.upper()):
        return None
    prefix, separator, data = word.lower().rpartition("1")
    if not separator or not prefix or len(data) < CHECK_CHARACTERS:
        return None
    try:
        values = [_VALUES[char] for char in data]
    except KeyError:
        return None
    constant = _polymod([*_expanded(prefix), *values])
    return (prefix, values[:-CHECK_CHARACTERS], constant) if constant in (BECH32, BECH32M) else None


def eight_bits(values: Iterable[int]) -> bytes | None:
    """Values of five bits as bytes; None where the bits left over are no padding of zeros."""
    number = count = 0
    for value in values:
        number, count = number << 5 | value, count + 5
    left = count % 8
    if left >= 5 or number & ((1 << left) - 1):
        return None
    return (number >> left).to_bytes(count // 8, "big")


def _expanded(prefix: str) -> list[int]:
    return [*(ord(char) >> 5 for char in prefix), 0, *(ord(char) & 31 for char in prefix)]


def _polymod(values: Iterable[int]) -> int:
    check = 1
    for value in values:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ value
        for bit, generator in enumerate(_GENERATOR):
            if top >> bit & 1:
                check ^= generator
    return check
