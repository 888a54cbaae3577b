"""Ed25519 (RFC 8032): the public key that checks a signature, and the open private key that makes one."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from types import TracebackType
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from chain_of_custody.errors import ClosedKeyError

PUBLIC_KEY_BYTES: Final = 32
SEED_BYTES: Final = 32
_SIGN_BIT: Final = 0x80

_SMALL_ORDER: Final = frozenset(
    bytes.fromhex(digits)
    for digits in (
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    )
)
"""The points of small order, their sign bit cleared: under such a key, anybody can make signatures that fit."""


def key_id_of(public_key: bytes) -> str:
    """Return the id of a raw public key: its SHA-256 as 64 hexadecimal digits, which is also its fingerprint."""
    return hashlib.sha256(public_key).hexdigest()


@dataclass(frozen=True, slots=True)
class PublicKey:
    """The public half of a key, 32 raw bytes (RFC 8032 section 5.1.5)."""

    raw: bytes
    _native: Ed25519PublicKey = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Prepare the key once for many verifications.

        Raises:
            ValueError: `raw` is not 32 bytes, or is a key of small order, which proves nothing.
        """
        if self.raw[:-1] + bytes(byte & ~_SIGN_BIT for byte in self.raw[-1:]) in _SMALL_ORDER:
            raise ValueError("a key of small order")
        object.__setattr__(self, "_native", Ed25519PublicKey.from_public_bytes(self.raw))

    @property
    def key_id(self) -> str:
        """SHA-256 of the raw key, 64 hexadecimal digits."""
        return key_id_of(self.raw)

    def fits(self, message: bytes, signature: bytes) -> bool:
        """Whether the signature was made over the message by the private half of this key."""
        try:
            self._native.verify(signature, message)
        except InvalidSignature:
            return False
        return True


class OpenKey:
    """A private key ready to sign, for as short a time as possible.

    `close` forgets it: afterwards it cannot sign. Python cannot promise that no copy of the seed is left in memory.
    """

    def __init__(self, seed: bytes) -> None:
        """Open a key from its 32-byte seed (RFC 8032 section 5.1.5).

        Raises:
            ValueError: `seed` is not 32 bytes.
        """
        private = Ed25519PrivateKey.from_private_bytes(seed)
        self._private: Ed25519PrivateKey | None = private
        self.public_key: Final = PublicKey(private.public_key().public_bytes_raw())

    @property
    def key_id(self) -> str:
        """SHA-256 of the raw public key, 64 hexadecimal digits."""
        return self.public_key.key_id

    def sign(self, message: bytes, /) -> bytes:
        """Return the Ed25519 signature of the message, 64 bytes.

        Raises:
            ClosedKeyError: the key was closed.
        """
        if self._private is None:
            raise ClosedKeyError
        return self._private.sign(message)

    def derive(self, purpose: bytes, salt: bytes) -> bytes:
        """Return 32 bytes for symmetric encryption that only this key gives: HKDF-SHA-256 (RFC 5869) over the seed.

        Args:
            purpose: what the bytes are for; other purposes give others.
            salt: random, kept beside what is encrypted.

        Raises:
            ClosedKeyError: the key was closed.
        """
        if self._private is None:
            raise ClosedKeyError
        hkdf = HKDF(algorithm=SHA256(), length=32, salt=salt, info=purpose)
        return hkdf.derive(self._private.private_bytes_raw())

    def close(self) -> None:
        """Forget the private half. May be called more than once."""
        self._private = None

    def __enter__(self) -> OpenKey:
        """Use the key for the length of a block."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the key."""
        self.close()
