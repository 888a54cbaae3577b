"""Addresses of Bitcoin and of the coins that write theirs alike. Source: BIP-13, BIP-173, BIP-350, SLIP-173."""

from __future__ import annotations

import re
from collections.abc import Iterator

from evidence.detectors import base58, bech32
from evidence.detectors.base import CHECKED, Found

_HASH_BYTES = 20
_VERSIONS = {
    b"\x00": "Bitcoin address", b"\x05": "Bitcoin address", b"\x6f": "Bitcoin test network address",
    b"\xc4": "Bitcoin test network address", b"\x30": "Litecoin address", b"\x32": "Litecoin address",
    b"\x1e": "Dogecoin address", b"\x16": "Dogecoin address", b"\x1c\xb8": "Zcash transparent address",
    b"\x1c\xbd": "Zcash transparent address", b"\x41": "Tron address",
}  # fmt: skip
"""By the version that stands before the hash. Old Litecoin addresses with version 5 cannot be told from Bitcoin's."""
_PREFIXES = {
    "bc": "Bitcoin address", "tb": "Bitcoin test network address", "bcrt": "Bitcoin test network address",
    "ltc": "Litecoin address", "tltc": "Litecoin test network address",
}  # fmt: skip
KINDS = tuple(dict.fromkeys([*_VERSIONS.values(), *_PREFIXES.values()]))
LONGEST_BYTES = 92
SIGNS = (base58.run(25), rb"(?i:bc|tb|bcrt|ltc|tltc)1[02-9A-Za-z]{8}")

_WORDS = base58.pattern(b"123mnLMDA9tT", 25, 36)
_SEGWIT = re.compile(
    rb"(?<![0-9A-Za-z])(?:(?:bc|tb|bcrt|ltc|tltc)1[02-9ac-hj-np-z]{8,86}|(?:BC|TB|BCRT|LTC|TLTC)1[02-9AC-HJ-NP-Z]{8,86})"
    rb"(?![0-9A-Za-z])"
)


def find(data: bytes) -> Iterator[Found]:
    """Addresses in Base58Check, and segregated witness addresses in Bech32 and Bech32m."""
    for match in _WORDS.finditer(data):
        inner = base58.payload(match[0])
        kind = _VERSIONS.get(inner[:-_HASH_BYTES]) if inner is not None else None
        if kind is not None:
            yield Found(kind=kind, start=match.start(), end=match.end(), text=match[0].decode(), validity=CHECKED)
    for match in _SEGWIT.finditer(data):
        word = match[0].decode()
        if (kind := _segwit_kind(word)) is not None:
            yield Found(kind=kind, start=match.start(), end=match.end(), text=word, validity=CHECKED)


def _segwit_kind(word: str) -> str | None:
    """Which network an address is of; None where version, program and checksum do not agree."""
    parts = bech32.decoded(word)
    if parts is None or not parts[1]:
        return None
    prefix, (version, *values), constant = parts
    program = bech32.eight_bits(values)
    if program is None or version > 16 or constant != (bech32.BECH32M if version else bech32.BECH32):
        return None
    is_long_enough = 2 <= len(program) <= 40 if version else len(program) in (20, 32)
    return _PREFIXES.get(prefix) if is_long_enough else None
