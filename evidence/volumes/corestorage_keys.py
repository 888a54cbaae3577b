"""From a passphrase or a recovery key to the key of a FileVault 2 volume.

Source: "FileVault Drive Encryption (FVDE)", J. Metz (libfvde), chapters "Keys" and "The encryption context plist".
Both published and documented contexts hold the number of iterations at byte 168 of the wrapped key, not at 172.
"""

from __future__ import annotations

import hashlib
import struct
import uuid
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import XTS
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap

from evidence.keys import Keys
from evidence.volumes.corestorage_metadata import Header
from evidence.volumes.corestorage_plist import PlistError, Value, dictionaries, dictionary, parse, text

CONTEXT = "com.apple.corestorage.lvf.encryption.context"

_KEY_BYTES, _WRAPPED_BYTES = 16, 24
_MAX_ITERATIONS = 20_000_000
_MAX_FILE_BYTES = 16 << 20


def context_of(family: dict[str, Value]) -> dict[str, Value]:
    """The encryption context in the metadata; empty on system volumes, which keep it in a file elsewhere."""
    return dictionary(family.get(CONTEXT))


def is_encrypted(context: dict[str, Value]) -> bool:
    """Whether the context holds the key of an encrypted volume."""
    return any(text(entry.get("BlockAlgorithm")) == "AES-XTS" for entry in _wrapped_keys(context))


def contexts_in(keys: Keys, header: Header) -> Iterator[dict[str, Value]]:
    """The contexts among the files given: ``EncryptedRoot.plist.wipekey``, encrypted or not."""
    for content in keys.startup_keys:
        for plain in _readings(content, header):
            if b"WrappedVolumeKeys" in plain:
                try:
                    yield parse(plain)
                except PlistError:
                    continue


def volume_key(
    context: dict[str, Value], keys: Keys, family_id: str, on_step: Callable[[], None] = lambda: None
) -> tuple[str, bytes] | None:
    """Who the passphrase belongs to, and both halves of the AES-XTS key; None where nothing fits.

    ``on_step`` is called before every derivation.
    """
    try:
        family = uuid.UUID(family_id)
    except ValueError:
        return None
    wrapped = [_struct(entry.get("KEKWrappedVolumeKeyStruct"), 8) for entry in _wrapped_keys(context)]
    for name, key in _key_encrypting_keys(context, keys, on_step):
        for sealed in wrapped:
            plain = _unwrapped(key, sealed)
            if plain is not None:
                return name, plain + hashlib.sha256(plain + family.bytes).digest()[:_KEY_BYTES]
    return None


def users(context: dict[str, Value]) -> tuple[str, ...]:
    """Whose passphrases open the volume: names and identifiers, with their hints."""
    return tuple(_user(entry) for entry in dictionaries(context.get("CryptoUsers")))


@lru_cache(maxsize=64)
def stretched(passphrase: str, salt: bytes, iterations: int) -> bytes:
    """The key that PBKDF2 makes from a passphrase."""
    secret = passphrase.encode("utf-8", errors="surrogatepass")
    return hashlib.pbkdf2_hmac("sha256", secret, salt, iterations, dklen=_KEY_BYTES)


def _key_encrypting_keys(
    context: dict[str, Value], keys: Keys, on_step: Callable[[], None]
) -> Iterator[tuple[str, bytes]]:
    given = tuple(dict.fromkeys([*keys.passwords, *_spellings(keys.recovery_keys)]))
    for entry in dictionaries(context.get("CryptoUsers")):
        raw = entry.get("PassphraseWrappedKEKStruct")
        if not isinstance(raw, bytes) or len(raw) < 172:
            continue
        salt, iterations = raw[8:24], struct.unpack_from("<I", raw, 168)[0]
        if not 0 < iterations <= _MAX_ITERATIONS:
            continue
        for passphrase in given:
            on_step()
            key = _unwrapped(stretched(passphrase, salt, iterations), _struct(raw, 32))
            if key is not None:
                yield _user(entry), key


def _spellings(recovery_keys: Iterable[str]) -> Iterator[str]:
    """A recovery key as given, and as macOS writes it: six groups of four capitals and digits."""
    for key in recovery_keys:
        yield key
        bare = key.replace("-", "").replace(" ", "").upper()
        if len(bare) == 24:
            yield "-".join(bare[at : at + 4] for at in range(0, 24, 4))


def _wrapped_keys(context: dict[str, Value]) -> list[dict[str, Value]]:
    return dictionaries(context.get("WrappedVolumeKeys"))


def _struct(raw: Value | None, start: int) -> bytes:
    return raw[start : start + _WRAPPED_BYTES] if isinstance(raw, bytes) else b""


def _unwrapped(key: bytes, sealed: bytes) -> bytes | None:
    """RFC 3394; None where the key is another one."""
    if len(sealed) != _WRAPPED_BYTES:
        return None
    try:
        return aes_key_unwrap(key, sealed)
    except InvalidUnwrap:
        return None


def _user(entry: dict[str, Value]) -> str:
    name, hint = text(entry.get("UserFullName")), text(entry.get("PassphraseHint"))
    said = " ".join(part for part in (name, f"{{{text(entry.get('UserIdent'))}}}") if part)
    return f"{said} (hint: {hint!r})" if hint else said


def _readings(content: bytes, header: Header) -> Iterator[bytes]:
    """A file as it is, and decrypted as one unit of AES-XTS."""
    yield content
    if 16 <= len(content) <= _MAX_FILE_BYTES:
        for key in (header.physical_id.bytes, header.key):
            if any(key):
                yield Cipher(AES(key + bytes(_KEY_BYTES)), XTS(bytes(16))).decryptor().update(content)
