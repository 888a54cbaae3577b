"""Private and extended keys of Bitcoin and its like; private ones are masked. Source: BIP-32, BIP-38, SLIP-132, WIF."""

from __future__ import annotations

from collections.abc import Iterator

from evidence.detectors import base58
from evidence.detectors.base import CHECKED, MASK, Found

PUBLIC, EXTENDED, WIF, ENCRYPTED = (
    "extended public key", "extended private key", "private key (WIF)", "encrypted private key (BIP-38)"
)  # fmt: skip
SECRET_KINDS = (EXTENDED, WIF, ENCRYPTED)
KINDS = (PUBLIC, *SECRET_KINDS)
LONGEST_BYTES = 114
SIGNS = (base58.run(51),)

_PUBLIC_VERSIONS = """
    0488b21e 049d7cb2 04b24746 0295b43f 02aa7ed3 043587cf 044a5262 045f1cf6 024289ef 02575483 019da462 01b26ef6
    02facafd
"""
_PRIVATE_VERSIONS = """
    0488ade4 049d7878 04b2430c 0295b005 02aa7a99 04358394 044a4e28 045f18bc 024285b5 02575048 019d9cfe 01b26792
    02fac398
"""
"""Versions as SLIP-132 lists them: x y z Y Z, those of the test network t u v U V, Ltub Mtub, dgub."""
_PUBLIC, _PRIVATE = (frozenset(map(bytes.fromhex, listed.split())) for listed in (_PUBLIC_VERSIONS, _PRIVATE_VERSIONS))
_EXTENDED = base58.pattern(b"xyzYZtuvUVLMd", 111, 112)
_WIF = base58.pattern(b"5KL9c", 51, 52)
_BIP38 = base58.pattern(b"6", 58, 58)


def find(data: bytes) -> Iterator[Found]:
    """Keys whose checksum is right."""
    for match in _EXTENDED.finditer(data):
        inner = base58.payload(match[0])
        if inner is not None and len(inner) == 78:
            if inner[:4] in _PUBLIC and inner[45] in (2, 3):
                yield _found(PUBLIC, match.start(), match.end(), match[0].decode())
            elif inner[:4] in _PRIVATE and inner[45] == 0:
                yield _masked(EXTENDED, match.start(), match[0], 4)
    for match in _WIF.finditer(data):
        inner = base58.payload(match[0])
        if inner is not None and inner[0] in (0x80, 0xEF) and (len(inner) == 33 or _is_compressed(inner)):
            yield _masked(WIF, match.start(), match[0], 1)
    for match in _BIP38.finditer(data):
        inner = base58.payload(match[0])
        if inner is not None and len(inner) == 39 and inner[:2] in (b"\x01\x42", b"\x01\x43"):
            yield _masked(ENCRYPTED, match.start(), match[0], 2)


def _is_compressed(inner: bytes) -> bool:
    return len(inner) == 34 and inner[-1] == 1


def _masked(kind: str, start: int, word: bytes, shown: int) -> Found:
    return _found(kind, start, start + len(word), f"{word[:shown].decode()}{MASK} ({len(word)} characters)")


def _found(kind: str, start: int, end: int, text: str) -> Found:
    return Found(kind=kind, start=start, end=end, text=text, validity=CHECKED)
