"""From a passphrase to the volume key of a LUKS volume: key derivation, anti-forensic merge, digest.

Sources: the LUKS1 On-Disk Format Specification 1.2.3 (chapters 2.4 and 4) and the LUKS2 On-Disk Format
Specification 1.1.1 (chapter 3).
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterator

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.kdf.argon2 import Argon2i, Argon2id

from evidence.errors import UnreadableRegionError
from evidence.keys import Keys
from evidence.limits import Limits
from evidence.volumes.base import Readable
from evidence.volumes.joined import exactly
from evidence.volumes.luks_ciphers import sector_cipher
from evidence.volumes.luks_header import SECTOR_BYTES, Header, Kdf, KeyDigest, KeySlot, LuksError

MAX_KDF_BYTES = Limits().memory_bytes - 448 * 1024**2
"""How much memory a key derivation may ask for: what the child process may use, less what it needs itself."""

_MAX_PBKDF2_ITERATIONS = 100_000_000
_MAX_ARGON2_WORK_KIB = 1 << 26
_MAX_AREA_BYTES = 64 * 1024**2
_HASHES = {
    "sha1": "sha1",
    "sha224": "sha224",
    "sha256": "sha256",
    "sha384": "sha384",
    "sha512": "sha512",
    "ripemd160": "ripemd160",
    "whirlpool": "whirlpool",
    "sm3": "sm3",
    "sha3-224": "sha3_224",
    "sha3-256": "sha3_256",
    "sha3-384": "sha3_384",
    "sha3-512": "sha3_512",
    "blake2b-512": "blake2b",
    "blake2s-256": "blake2s",
}


def passphrases(keys: Keys) -> Iterator[bytes]:
    """Everything that may be a passphrase: passwords, key files, and recovery keys other than BitLocker's digits."""
    texts = (*keys.passwords, *(key for key in keys.recovery_keys if any(char.isalpha() for char in key)))
    yield from (text.encode("utf-8", errors="surrogateescape") for text in texts)
    yield from keys.startup_keys


def volume_keys(
    source: Readable, header: Header, keys: Keys, on_step: Callable[[], None] = lambda: None
) -> tuple[dict[int, bytes], list[LuksError]]:
    """The keys of the segments that the passphrases open, by number, and why slots could not be tried.

    ``on_step`` is called before every derivation.
    """
    slots = {slot.name: slot for slot in header.slots}
    found: dict[int, bytes] = {}
    refused: dict[str, LuksError] = {}
    tried = list(dict.fromkeys(passphrases(keys)))
    for digest in header.digests:
        if not digest.segments or all(number in found for number in digest.segments):
            continue
        for name in digest.slots:
            try:
                key = _try_slot(source, slots[name], digest, tried, on_step) if name in slots else None
            except LuksError as error:
                refused[name] = error
                continue
            except UnreadableRegionError as error:
                refused[name] = LuksError(f"Key slot {name} cannot be read: {error}", error.offset_bytes)
                continue
            if key is not None:
                found.update(dict.fromkeys(digest.segments, key))
                break
    return found, list(refused.values())


def _try_slot(
    source: Readable, slot: KeySlot, digest: KeyDigest, tried: list[bytes], on_step: Callable[[], None]
) -> bytes | None:
    for passphrase in tried:
        on_step()
        key = open_slot(source, slot, passphrase)
        on_step()
        made = derive(digest.kdf, key, len(digest.digest))
        if hmac.compare_digest(made, digest.digest):
            return key
    return None


def open_slot(source: Readable, slot: KeySlot, passphrase: bytes) -> bytes:
    """What the slot holds under this passphrase: the volume key if it is the right one, noise otherwise.

    Raises:
        LuksError: Its algorithms or sizes are not supported.
        UnreadableRegionError: Its area cannot be read.
    """
    size = slot.key_bytes * slot.stripes
    whole = -(-size // SECTOR_BYTES) * SECTOR_BYTES
    if whole > min(slot.area_bytes, _MAX_AREA_BYTES):
        raise LuksError(f"Key slot {slot.name} has no room for its {slot.stripes} stripes.", slot.area_offset_bytes)
    check_hash(slot.split_hash, f"key slot {slot.name}")
    cipher = sector_cipher(slot.encryption, bytes(slot.area_key_bytes))  # refused before the time is spent
    area_key = derive(slot.kdf, passphrase, slot.area_key_bytes)
    cipher = sector_cipher(slot.encryption, area_key)
    area = cipher.decrypt(exactly(source, slot.area_offset_bytes, whole), 0)
    return merge(area[:size], slot.key_bytes, slot.stripes, slot.split_hash)


def derive(kdf: Kdf, secret: bytes, length: int) -> bytes:
    """The key of ``length`` bytes that the function makes of ``secret``.

    Raises:
        LuksError: The function is not known, or asks for more time or memory than is allowed here.
    """
    if kdf.type == "pbkdf2":
        name = check_hash(kdf.hash, "the key derivation")
        if not 0 < kdf.iterations <= _MAX_PBKDF2_ITERATIONS:
            raise LuksError(f"PBKDF2 with {kdf.iterations} iterations is not computed.", is_damage=False)
        return hashlib.pbkdf2_hmac(name, secret, kdf.salt, kdf.iterations, length)
    if kdf.type not in ("argon2i", "argon2id"):
        raise LuksError(f"The key derivation {kdf.type} is not known.", is_damage=False)
    return _argon2(kdf, secret, length)


def _argon2(kdf: Kdf, secret: bytes, length: int) -> bytes:
    asked = f"{kdf.type} with {kdf.memory_kib} KiB of memory, {kdf.iterations} passes and {kdf.lanes} lanes"
    if kdf.memory_kib * 1024 > MAX_KDF_BYTES:
        what = f"{asked} is not computed: no more than {MAX_KDF_BYTES // 1024} KiB are allowed here."
        raise LuksError(what, is_damage=False)
    if kdf.iterations * kdf.memory_kib > _MAX_ARGON2_WORK_KIB:
        raise LuksError(f"{asked} is not computed: it would take too long.", is_damage=False)
    make = Argon2i if kdf.type == "argon2i" else Argon2id
    try:
        function = make(
            salt=kdf.salt, length=length, iterations=kdf.iterations, lanes=kdf.lanes, memory_cost=kdf.memory_kib
        )
        return function.derive(secret)
    except MemoryError:
        raise LuksError(f"{asked} is not computed: there is not enough memory.", is_damage=False) from None
    except (ValueError, OverflowError, UnsupportedAlgorithm) as error:
        raise LuksError(f"{asked} is not computed: {error}", is_damage=False) from None


def check_hash(name: str, where: str) -> str:
    """The name that hashlib has for a hash of LUKS.

    Raises:
        LuksError: It has none.
    """
    known = _HASHES.get(name.lower(), "")
    try:
        hashlib.new(known, usedforsecurity=False)
    except ValueError:
        raise LuksError(f"The hash {name} of {where} is not supported.", is_damage=False) from None
    return known


def merge(split: bytes, key_bytes: int, stripes: int, hash_name: str) -> bytes:
    """The key that was split into ``stripes`` parts, each as long as itself (AFmerge)."""
    known = check_hash(hash_name, "the split key")
    mixed = bytes(key_bytes)
    for at in range(0, (stripes - 1) * key_bytes, key_bytes):
        mixed = _diffuse(_xor(mixed, split[at : at + key_bytes]), known)
    return _xor(mixed, split[(stripes - 1) * key_bytes :])


def _diffuse(block: bytes, hash_name: str) -> bytes:
    size = hashlib.new(hash_name, usedforsecurity=False).digest_size
    parts = []
    for index, at in enumerate(range(0, len(block), size)):
        part = block[at : at + size]
        digest = hashlib.new(hash_name, index.to_bytes(4, "big") + part, usedforsecurity=False).digest()
        parts.append(digest[: len(part)])
    return b"".join(parts)


def _xor(left: bytes, right: bytes) -> bytes:
    return (int.from_bytes(left, "big") ^ int.from_bytes(right, "big")).to_bytes(len(left), "big")
