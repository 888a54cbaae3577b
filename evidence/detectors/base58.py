"""Base58 as Bitcoin and others write it, and Base58Check: four bytes of a double SHA-256 behind the payload."""

from __future__ import annotations

import hashlib
import re

BITCOIN = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
RIPPLE = b"rpshnaf39wBUDNEGHJKLM4PQRST7VWXYZ2bcdeCg65jkm8oFqi1tuvAxyz"
CHECK_BYTES = 4

_DIGITS = {alphabet: {byte: value for value, byte in enumerate(alphabet)} for alphabet in (BITCOIN, RIPPLE)}


def pattern(first: bytes, least: int, most: int) -> re.Pattern[bytes]:
    """Words of Base58 that begin with one of ``first`` and stand alone; of ``least`` to ``most`` characters in all.

    The end of a sign that a URL escapes, such as ``%3D``, is no part of a word behind it.
    """
    body = rb"[1-9A-HJ-NP-Za-km-z]{%d,%d}" % (least - 1, most - 1)
    return re.compile(rb"(?:(?<![0-9A-Za-z])|(?<=%[0-7][0-9A-Fa-f]))[" + first + rb"]" + body + rb"(?![0-9A-Za-z])")


def run(least: int) -> bytes:
    """For RE2: as many characters of Base58 one behind the other, wherever they stand."""
    return rb"[1-9A-HJ-NP-Za-km-z]{%d,}" % least


def decoded(word: bytes, alphabet: bytes = BITCOIN) -> bytes | None:
    """The bytes that a word stands for; None where a character is of another alphabet."""
    digits, number = _DIGITS[alphabet], 0
    for byte in word:
        value = digits.get(byte)
        if value is None:
            return None
        number = number * 58 + value
    zeros = len(word) - len(word.lstrip(alphabet[:1]))
    return bytes(zeros) + number.to_bytes((number.bit_length() + 7) // 8, "big")


def payload(word: bytes, alphabet: bytes = BITCOIN) -> bytes | None:
    """What stands before the checksum; None where the checksum is not right."""
    stored = decoded(word, alphabet)
    if stored is None or len(stored) <= CHECK_BYTES:
        return None
    inner, check = stored[:-CHECK_BYTES], stored[-CHECK_BYTES:]
    return inner if hashlib.sha256(hashlib.sha256(inner).digest()).digest()[:CHECK_BYTES] == check else None
