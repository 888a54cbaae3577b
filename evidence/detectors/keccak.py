"""Keccak-256 as Ethereum and Monero use it, which is not SHA3-256. It checks addresses; it hashes no evidence."""

from __future__ import annotations

from Crypto.Hash import keccak


def keccak_256(data: bytes) -> bytes:
    """The digest, 32 bytes."""
    return keccak.new(digest_bits=256, data=data).digest()
