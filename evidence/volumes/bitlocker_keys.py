"""From what the examiner gave to the key of a BitLocker volume.

Source: "BitLocker Drive Encryption (BDE) format specification", J. Metz (libbde), chapter "Keys".
"""

from __future__ import annotations

import hashlib
import re
import struct
from collections.abc import Callable, Iterator
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESCCM

from evidence.keys import Keys
from evidence.volumes.bitlocker_metadata import Metadata, Protector, startup_key

CLEAR, STARTUP, RECOVERY, PASSWORD = 0x0000, 0x0200, 0x0800, 0x2000

_ROUNDS = 0x100000
_NONCE_BYTES, _TAG_BYTES, _CONTAINER_BYTES = 12, 16, 12
_MASTER_KEY_BYTES = 32
_MAX_WRAPPED_BYTES = 4096


def unlock(
    metadata: Metadata, keys: Keys, on_step: Callable[[], None] = lambda: None
) -> tuple[Protector, int, bytes] | None:
    """What fits: the protector, the encryption method, and the volume's key. None where nothing fits.

    A clear key comes first, for it needs nothing; then the keys that cost no time. ``on_step`` is called before
    each that takes some.
    """
    if metadata.wrapped_key is None:
        return None
    for protector, key in _candidates(metadata, keys, on_step):
        master = unwrap(key, protector.wrapped or b"")
        if master is None or len(master[1]) != _MASTER_KEY_BYTES:
            continue
        volume_key = unwrap(master[1], metadata.wrapped_key)
        if volume_key is not None:
            return protector, *volume_key
    return None


def unwrap(key: bytes, wrapped: bytes) -> tuple[int, bytes] | None:
    """The encryption method and the key inside what AES-CCM wrapped; None where ``key`` is another one."""
    if len(key) not in (16, 24, 32) or not _NONCE_BYTES + _TAG_BYTES < len(wrapped) <= _MAX_WRAPPED_BYTES:
        return None
    nonce, sealed = wrapped[:_NONCE_BYTES], wrapped[_NONCE_BYTES:]
    try:
        plain = AESCCM(key, tag_length=_TAG_BYTES).decrypt(nonce, sealed[_TAG_BYTES:] + sealed[:_TAG_BYTES], None)
    except InvalidTag:
        return None
    if len(plain) <= _CONTAINER_BYTES:
        return None
    size, _, method = struct.unpack_from("<III", plain)
    return (method & 0xFFFF, plain[_CONTAINER_BYTES:size]) if _CONTAINER_BYTES < size <= len(plain) else None


def recovery_key(text: str) -> bytes | None:
    """The 128-bit key that a recovery password stands for, with or without its dashes; None where it is mistyped.

    Each of its eight groups of six digits is a number of 16 bits times 11.
    """
    if not re.fullmatch(r"(?:\s*[0-9]{6}\s*-?){8}", text, flags=re.ASCII):
        return None
    digits = re.sub(r"[^0-9]", "", text)
    groups = [int(digits[at : at + 6]) for at in range(0, len(digits), 6)]
    if any(group % 11 or group // 11 > 0xFFFF for group in groups):
        return None
    return struct.pack("<8H", *(group // 11 for group in groups))


@lru_cache(maxsize=64)
def stretched(hashed: bytes, salt: bytes) -> bytes:
    """The key that 0x100000 rounds of SHA-256 make from a hashed password: about a second, so it is remembered."""
    sha256, last, tail = hashlib.sha256, bytes(32), hashed + salt
    for count in range(_ROUNDS):
        last = sha256(last + tail + count.to_bytes(8, "little")).digest()
    return last


def _candidates(metadata: Metadata, keys: Keys, on_step: Callable[[], None]) -> Iterator[tuple[Protector, bytes]]:
    """Every protector with every key that may open it."""
    for protector in metadata.protectors:
        if protector.kind == CLEAR and protector.clear_key is not None:
            yield protector, protector.clear_key
    startups = [found[1] for content in keys.startup_keys if (found := startup_key(content)) is not None]
    for protector in metadata.protectors:
        if protector.kind == STARTUP:
            yield from ((protector, key) for key in startups)
    recovery = [key for text in (*keys.recovery_keys, *keys.passwords) if (key := recovery_key(text)) is not None]
    hashes = {RECOVERY: [hashlib.sha256(key).digest() for key in recovery]}
    hashes[PASSWORD] = [_hashed(password) for password in keys.passwords]
    for protector in metadata.protectors:
        if protector.salt is not None:
            for hashed in hashes.get(protector.kind, ()):
                on_step()
                yield protector, stretched(hashed, protector.salt)


def _hashed(password: str) -> bytes:
    return hashlib.sha256(hashlib.sha256(password.encode("utf-16-le", errors="surrogatepass")).digest()).digest()
