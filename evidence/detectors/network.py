"""Addresses of the Internet protocol, versions 4 and 6."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator

from evidence.detectors.base import WELL_FORMED, Found

V4, V6 = "IPv4 address", "IPv6 address"
KINDS = (V4, V6)
LONGEST_BYTES = 64
SIGNS = (rb"[0-9]\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]", rb":[0-9A-Fa-f]{0,4}:")

_V4 = re.compile(rb"(?<![0-9A-Za-z.])[0-9]{1,3}(?:\.[0-9]{1,3}){3}(?![0-9A-Za-z]|\.[0-9])")
_V6 = re.compile(rb"(?<![0-9A-Za-z:.])(?=[0-9A-Fa-f.]{0,5}:)[0-9A-Fa-f:.]{3,45}(?![0-9A-Za-z:])")
_LEAST_GROUPS = 2


def find(data: bytes) -> Iterator[Found]:
    """Addresses that Python's own reader takes; numbers of versions that look like one cannot be told from it."""
    for match in _V4.finditer(data):
        if _is(ipaddress.IPv4Address, match[0].decode()):
            yield _found(V4, match.start(), match[0].decode())
    for match in _V6.finditer(data):
        word = match[0].decode().rstrip(".")
        groups = sum(bool(group) for group in word.split(":"))
        if groups >= _LEAST_GROUPS and _is(ipaddress.IPv6Address, word):
            yield _found(V6, match.start(), word)


def _is(kind: type[ipaddress.IPv4Address | ipaddress.IPv6Address], word: str) -> bool:
    try:
        kind(word)
    except ValueError:
        return False
    return True


def _found(kind: str, start: int, word: str) -> Found:
    return Found(kind=kind, start=start, end=start + len(word), text=word, validity=WELL_FORMED)
