"""Known answers of the digests and ciphers that evidence is read with, computed anew at every start.

A library that was replaced, or a processor that computes wrongly, is noticed before it says anything about evidence.

Sources: the examples of RFC 1321 (MD5), of NIST's "Examples with Intermediate Values" to FIPS 180-4 (SHA), IEEE
1619-2007 annex B (XTS), NIST's known-answer test CBCGFSbox128 (CBC).
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterator

from evidence.volumes.ciphers import CbcSectors, XtsSectors

_SHORT = b"abc"
_TWO_BLOCKS = b"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"
DIGESTS: tuple[tuple[str, bytes, str], ...] = (
    ("md5", _SHORT, "900150983cd24fb0d6963f7d28e17f72"),
    ("md5", b"abcdefghijklmnopqrstuvwxyz", "c3fcd3d76192e4007dfb496cca67e13b"),
    ("sha1", _SHORT, "a9993e364706816aba3e25717850c26c9cd0d89d"),
    ("sha1", _TWO_BLOCKS, "84983e441c3bd26ebaae4aa1f95129e5e54670f1"),
    ("sha256", _SHORT, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    ("sha256", _TWO_BLOCKS, "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"),
    (
        "sha512",
        _SHORT,
        "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
        "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
    ),
)
"""Algorithm, message, digest in hexadecimal digits."""

_XTS_KEY = bytes.fromhex("11" * 16 + "22" * 16)
_XTS_UNIT = 0x3333333333
_XTS_SECRET = bytes.fromhex("c454185e6a16936e39334038acef838bfb186fff7480adc4289382ecd6d394f0")
_XTS_PLAIN = bytes.fromhex("44" * 32)
_CBC_SECRET = bytes.fromhex("0336763e966d92595a567cc9ce537f5e")
_CBC_PLAIN = bytes.fromhex("f34481ec3cc627bacd5dc3fb08f273e6")


def failures() -> Iterator[str]:
    """Name each digest and cipher that gives another answer than the published one; takes about a millisecond."""
    for name, message, digest in DIGESTS:
        whole = hashlib.new(name, message, usedforsecurity=False)
        pieces = hashlib.new(name, usedforsecurity=False)
        for at in range(0, len(message), 5):
            pieces.update(message[at : at + 5])
        if not whole.hexdigest() == pieces.hexdigest() == digest:
            yield f"{name} of {len(message)} bytes"
    if zlib.crc32(b"123456789") != 0xCBF43926:
        yield "crc32"
    if XtsSectors(_XTS_KEY, sector_bytes=32).decrypt(_XTS_SECRET, _XTS_UNIT) != _XTS_PLAIN:
        yield "AES-128-XTS"
    if CbcSectors(bytes(16), "zero", sector_bytes=16).decrypt(_CBC_SECRET, 0) != _CBC_PLAIN:
        yield "AES-128-CBC"
