"""Accounts of the XRP Ledger, and its secrets, in an alphabet of their own. Source: XRPL, "Base58 encodings"."""

from __future__ import annotations

from collections.abc import Iterator

from evidence.detectors import base58
from evidence.detectors.base import CHECKED, MASK, Found

ACCOUNT, SECRET = "XRP account", "XRP secret"
KINDS = (ACCOUNT, SECRET)
LONGEST_BYTES = 40
SIGNS = (base58.run(25),)

_ACCOUNTS, _SECRETS = base58.pattern(b"r", 25, 35), base58.pattern(b"s", 28, 31)


def find(data: bytes) -> Iterator[Found]:
    """Accounts as they are; secrets masked."""
    for match in _ACCOUNTS.finditer(data):
        inner = base58.payload(match[0], base58.RIPPLE)
        if inner is not None and len(inner) == 21 and inner[0] == 0:
            text = match[0].decode()
            yield Found(kind=ACCOUNT, start=match.start(), end=match.end(), text=text, validity=CHECKED)
    for match in _SECRETS.finditer(data):
        inner = base58.payload(match[0], base58.RIPPLE)
        if inner is not None and ((len(inner), inner[:1]) == (17, b"\x21") or inner[:3] == b"\x01\xe1\x4b"):
            text = f"s{MASK} ({len(match[0])} characters)"
            yield Found(kind=SECRET, start=match.start(), end=match.end(), text=text, validity=CHECKED)
