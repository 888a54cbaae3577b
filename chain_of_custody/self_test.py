"""Known answers of what signs and seals the record, computed anew at every start.

Sources: RFC 8032 section 7.1 (Ed25519), RFC 9106 section 5.3 (Argon2id).
"""

from __future__ import annotations

from collections.abc import Iterator

from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from chain_of_custody.signing import OpenKey, PublicKey

_SEED = bytes.fromhex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb")
_PUBLIC = bytes.fromhex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")
_MESSAGE = b"\x72"
_SIGNATURE = bytes.fromhex(
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
    "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
)
_TAG = bytes.fromhex("0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659")


def failures() -> Iterator[str]:
    """Name what gives another answer than the published one, or takes a changed message for a signed one."""
    key = OpenKey(_SEED)
    public = PublicKey(_PUBLIC)
    if key.public_key.raw != _PUBLIC or key.sign(_MESSAGE) != _SIGNATURE or not public.fits(_MESSAGE, _SIGNATURE):
        yield "Ed25519"
    if public.fits(b"\x73", _SIGNATURE):
        yield "Ed25519, which accepts a changed message"
    kdf = Argon2id(
        salt=bytes([2] * 16),
        length=32,
        iterations=3,
        lanes=4,
        memory_cost=32,
        ad=bytes([4] * 12),
        secret=bytes([3] * 8),
    )
    if kdf.derive(bytes([1] * 32)) != _TAG:
        yield "Argon2id"
