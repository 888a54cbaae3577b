"""Addresses of Cardano. Source: CIP-19 for Shelley's; the CBOR form with its CRC-32 for Byron's."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator

from evidence.detectors import base58, bech32
from evidence.detectors.base import CHECKED, Found

KINDS = ("Cardano address", "Cardano test network address")
LONGEST_BYTES = 140
SIGNS = (rb"1[02-9ac-hj-np-z]{40}", base58.run(50))

_SHELLEY = re.compile(rb"(?<![0-9A-Za-z])(?:addr|stake)(?:_test)?1[02-9ac-hj-np-z]{40,120}(?![0-9A-Za-z])")
_BYRON = base58.pattern(b"1-9A-HJ-NP-Za-km-z", 50, 130)
_SIZES = {
    **dict.fromkeys(range(4), (57,)),
    4: range(32, 60),
    5: range(32, 60),
    6: (29,),
    7: (29,),
    14: (29,),
    15: (29,),
}
"""By the kind in the upper half of the first byte."""


def find(data: bytes) -> Iterator[Found]:
    """Addresses of both eras and stake addresses."""
    for match in _SHELLEY.finditer(data):
        if _is_shelley(match[0].decode()):
            yield _found(match, is_test=b"_test1" in match[0])
    for match in _BYRON.finditer(data):
        if _is_byron(base58.decoded(match[0]) or b""):
            yield _found(match)


def _found(match: re.Match[bytes], *, is_test: bool = False) -> Found:
    return Found(kind=KINDS[is_test], start=match.start(), end=match.end(), text=match[0].decode(), validity=CHECKED)


def _is_shelley(word: str) -> bool:
    parts = bech32.decoded(word, most=140)
    content = bech32.eight_bits(parts[1]) if parts and parts[2] == bech32.BECH32 else None
    if not parts or not content:
        return False
    is_stake = content[0] >> 4 in (14, 15)
    is_test = content[0] & 15 == 0
    named = f"{'stake' if is_stake else 'addr'}{'_test' if is_test else ''}"
    return parts[0] == named and len(content) in _SIZES.get(content[0] >> 4, ())


def _is_byron(content: bytes) -> bool:
    """An array of two: tagged bytes, and their CRC-32 in CBOR's shortest form."""
    if content[:4] != b"\x82\xd8\x18\x58" or len(content) < 10:
        return False
    inner, check = content[5 : 5 + content[4]], content[5 + content[4] :]
    return len(inner) == content[4] and check == _number(zlib.crc32(inner))


def _number(value: int) -> bytes:
    """A number as CBOR writes it (RFC 8949, section 3 and 4.2.1)."""
    if value < 24:
        return bytes([value])
    size = next(size for size in (1, 2, 4) if value < 1 << 8 * size)
    return bytes([0x18 + size.bit_length() - 1]) + value.to_bytes(size, "big")
