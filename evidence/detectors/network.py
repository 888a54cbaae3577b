"""Addresses of the Internet protocol, versions 4 and 6."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator

from evidence.detectors.base import AMBIGUOUS, WELL_FORMED, Found

V4, V6 = "IPv4 address", "IPv6 address"
KINDS = (V4, V6)
LONGEST_BYTES = 100
SIGNS = (rb"[0-9]\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]", rb":[0-9A-Fa-f]{0,4}:")

_V4 = re.compile(rb"[0-9](?<![0-9A-Za-z.].)[0-9]{0,2}(?:\.[0-9]{1,3}){3}(?![0-9A-Za-z]|\.[0-9])")
"""What must not stand before it is asked behind its first digit: so it is tried at digits alone."""
_V6 = re.compile(
    rb"(?<![0-9A-Za-z:.])(?:(?=[^:]{5}|[^:]{0,4}[G-Zg-z_-])[A-Za-z][0-9A-Za-z_-]{0,31}:)?"
    rb"((?=[0-9A-Fa-f.]{0,5}:)[0-9A-Fa-f:.]{3,45})(?![0-9A-Za-z:])"
)
"""A word and a colon may stand before it, as in ``[IPv6:2001:db8::1]`` of mail servers (RFC 5321, 4.1.3)."""
_PADDED = re.compile(rb"[0-9]{3}(?:\.[0-9]{3}){3}")
_LEAST_GROUPS = 2
_LEAST_COLONS = 6
"""Of an address that leaves out no groups; its last two can be one of version 4."""


def find(data: bytes) -> Iterator[Found]:
    """Addresses that Python's own reader takes; numbers of versions that look like one cannot be told from it.

    Of one with zeros before its numbers to three digits each, some programs take those numbers as octal ones: where
    that is another address, both are told.
    """
    for match in _V4.finditer(data):
        words = [word for word in _read_v4(match[0]) if _is(ipaddress.IPv4Address, word)]
        if words:
            validity = WELL_FORMED if len(words) == 1 else AMBIGUOUS
            text = words[0] if len(words) == 1 else f"{words[0]} or {words[1]} (octal)"
            yield Found(kind=V4, start=match.start(), end=match.end(), text=text, validity=validity)
    for match in _V6.finditer(data):
        word = match[1].decode().rstrip(".")
        if word.endswith(":") and not word.endswith("::"):
            word = word[:-1]
        if "::" not in word and word.count(":") < _LEAST_COLONS:
            continue
        groups = sum(bool(group) for group in word.split(":"))
        if groups >= _LEAST_GROUPS and _is(ipaddress.IPv6Address, word):
            start = match.start(1)
            yield Found(kind=V6, start=start, end=start + len(word), text=word, validity=WELL_FORMED)


def _is(kind: type[ipaddress.IPv4Address | ipaddress.IPv6Address], word: str) -> bool:
    try:
        kind(word)
    except ValueError:
        return False
    return True


def _read_v4(word: bytes) -> list[str]:
    """What it can be read as, in decimal numbers."""
    numbers = word.decode().split(".")
    if not _PADDED.fullmatch(word):
        return [word.decode()]
    is_octal = not any(number[0] == "0" and set(number) & {"8", "9"} for number in numbers)
    bases = ((10,) * 4, tuple(8 if number[0] == "0" else 10 for number in numbers))[: 1 + is_octal]
    return list(dict.fromkeys(".".join(str(int(*one)) for one in zip(numbers, each, strict=True)) for each in bases))
