"""E-mail addresses. Source: RFC 5321 for the lengths, RFC 5322 for the characters without quotation marks."""

from __future__ import annotations

import re
from collections.abc import Iterator

from evidence.detectors.base import WELL_FORMED, Found

KINDS = ("e-mail address",)
LONGEST_BYTES = 322
SIGNS = (b"@",)

_MOST_LOCAL, _MOST_DOMAIN = 64, 253
_LOCAL = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!#$%&'*+/=?^_`{|}~.-")
_DOMAIN = re.compile(
    rb"(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+(?:[A-Za-z]{2,63}|xn--[A-Za-z0-9-]{2,59})(?![A-Za-z0-9-])"
)
_BEFORE = re.compile(rb"[=/?&]")
"""An address may have these, and next to none has: they end what stands before it in URLs and paths."""
_AROUND = b"'`{|}=?/!#$%&*^~"


def find(data: bytes) -> Iterator[Found]:
    """Addresses with a name of a host behind the sign. Whether there is such a host is not looked up."""
    at = data.find(b"@")
    while at >= 0:
        found = _around(data, at)
        if found is not None:
            yield found
        at = data.find(b"@", at + 1)


def _around(data: bytes, at: int) -> Found | None:
    before = data[max(0, at - _MOST_LOCAL - 1) : at]
    local = _BEFORE.split(before[_start(before) :])[-1].lstrip(_AROUND)
    domain = _DOMAIN.match(data[at + 1 : at + 2 + _MOST_DOMAIN])
    if not local or len(local) > _MOST_LOCAL or domain is None or domain.end() > _MOST_DOMAIN:
        return None
    if local.startswith(b".") or local.endswith(b".") or b".." in local:
        return None
    start, end = at - len(local), at + 1 + domain.end()
    text = data[start:end].decode("ascii")
    return Found(kind=KINDS[0], start=start, end=end, text=text, validity=WELL_FORMED)


def _start(before: bytes) -> int:
    """Where the characters that an address may have begin, seen from its sign."""
    at = len(before)
    while at and before[at - 1] in _LOCAL:
        at -= 1
    return at
