"""Addresses of Monero: Base58 in blocks, four bytes of Keccak-256. Source: Monero's "Standard address" document."""

from __future__ import annotations

from collections.abc import Iterator

from evidence.detectors import base58
from evidence.detectors.base import CHECKED, Found
from evidence.detectors.keccak import keccak_256

KINDS = ("Monero address",)
LONGEST_BYTES = 108
SIGNS = (base58.run(95),)

_BLOCK, _FULL_BYTES = 11, 8
_SIZES = {2: 1, 3: 2, 5: 3, 6: 4, 7: 5, 9: 6, 10: 7, 11: 8}
_CONTENT_BYTES = {18: 69, 42: 69, 19: 77}
"""By the byte of the network: address, subaddress, integrated address."""
_PATTERNS = (base58.pattern(b"48", 95, 95), base58.pattern(b"4", 106, 106))


def find(data: bytes) -> Iterator[Found]:
    """Addresses, subaddresses and integrated addresses of the main network."""
    for pattern in _PATTERNS:
        for match in pattern.finditer(data):
            content = _decoded(match[0])
            if content is None or len(content) != _CONTENT_BYTES.get(content[0]):
                continue
            if keccak_256(content[:-4])[:4] == content[-4:]:
                text = match[0].decode()
                yield Found(kind=KINDS[0], start=match.start(), end=match.end(), text=text, validity=CHECKED)


def _decoded(word: bytes) -> bytes | None:
    content = b""
    for at in range(0, len(word), _BLOCK):
        block = word[at : at + _BLOCK]
        found, size = base58.decoded(block), _SIZES.get(len(block))
        if found is None or size is None:
            return None
        found = found.lstrip(b"\0")
        if len(found) > size:
            return None
        content += found.rjust(size, b"\0")
    return content
