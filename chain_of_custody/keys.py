"""Keys of persons, sealed under a passphrase for keeping.

A seed is sealed by AES-256-GCM under a key that Argon2id (RFC 9106) makes of the passphrase. The public key and the
person are bound to it as associated data, so a sealed key put into another person's record does not open.
"""

from __future__ import annotations

import hmac
import os
import re
from dataclasses import dataclass
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from chain_of_custody.canonical import canonical, parse
from chain_of_custody.errors import CanonicalError, SealedKeyError, WrongPassphraseError
from chain_of_custody.passphrase import SALT_BYTES, Argon2Parameters, check_new_passphrase, stretch
from chain_of_custody.signing import PUBLIC_KEY_BYTES, SEED_BYTES, OpenKey, key_id_of
from chain_of_custody.signing import PublicKey as PublicKey

SEALED_FORMAT: Final = "forensics-sealed-key/1"

_NONCE_BYTES: Final = 12
_SEALED_BYTES: Final = SEED_BYTES + 16
_HEX: Final = re.compile(r"(?:[0-9a-f]{2})*")
_MEMBERS: Final = frozenset(("format", "person", "public_key", "argon2id", "salt", "nonce", "sealed_seed"))


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedKey:
    """A private key as it is stored: worthless without the passphrase.

    Attributes:
        person: id of the person whose key it is.
        public_key: 32 raw bytes.
        sealed_seed: 48 bytes: the encrypted seed and its tag.
    """

    person: str
    public_key: bytes
    parameters: Argon2Parameters
    salt: bytes
    nonce: bytes
    sealed_seed: bytes

    @property
    def key_id(self) -> str:
        """SHA-256 of the raw public key, 64 hexadecimal digits."""
        return key_id_of(self.public_key)

    def to_json(self) -> str:
        """Return the stored form, canonical JSON."""
        return canonical(
            {
                "format": SEALED_FORMAT,
                "person": self.person,
                "public_key": self.public_key.hex(),
                "argon2id": self.parameters.to_json(),
                "salt": self.salt.hex(),
                "nonce": self.nonce.hex(),
                "sealed_seed": self.sealed_seed.hex(),
            }
        ).decode()

    @classmethod
    def from_json(cls, text: str) -> SealedKey:
        """Read the stored form.

        Raises:
            SealedKeyError: it is not such a form, or a value is out of its bounds.
        """
        try:
            raw: Any = parse(text.encode("utf-8", "surrogatepass"))
        except CanonicalError as error:
            raise SealedKeyError(error.why) from error
        if type(raw) is not dict or raw.keys() != _MEMBERS or raw["format"] != SEALED_FORMAT:
            raise SealedKeyError(f"it is not in the format {SEALED_FORMAT}")
        if type(raw["person"]) is not str:
            raise SealedKeyError("person is not a text")
        return cls(
            person=raw["person"],
            public_key=hex_member(raw, "public_key", PUBLIC_KEY_BYTES),
            parameters=cost_of(raw["argon2id"]),
            salt=hex_member(raw, "salt", SALT_BYTES),
            nonce=hex_member(raw, "nonce", _NONCE_BYTES),
            sealed_seed=hex_member(raw, "sealed_seed", _SEALED_BYTES),
        )


def create_key(
    passphrase: str, *, person: str, parameters: Argon2Parameters | None = None
) -> tuple[SealedKey, OpenKey]:
    """Make a new key for a person and seal it.

    Args:
        passphrase: at least `passphrase.MINIMUM_CHARACTERS` characters.
        person: id of the person; bound to the sealed key.
        parameters: cost of the passphrase; None for the default.

    Raises:
        PassphraseTooShortError: the passphrase is too short.
    """
    check_new_passphrase(passphrase)
    seed = os.urandom(SEED_BYTES)
    opened = OpenKey(seed)
    return _seal(seed, opened.public_key.raw, person, passphrase, parameters or Argon2Parameters()), opened


def open_key(sealed: SealedKey, passphrase: str) -> OpenKey:
    """Open a key with its passphrase.

    Raises:
        WrongPassphraseError: the passphrase is wrong or the sealed key was changed.
    """
    return OpenKey(_unseal(sealed, passphrase))


def change_passphrase(
    sealed: SealedKey, passphrase: str, new_passphrase: str, *, parameters: Argon2Parameters | None = None
) -> SealedKey:
    """Seal the same key under another passphrase, with new salt and nonce.

    Args:
        sealed: the key as it is stored now.
        passphrase: the one that opens it now.
        new_passphrase: the one that shall open it.
        parameters: the new cost; None keeps the cost that it has.

    Raises:
        PassphraseTooShortError: the new passphrase is too short.
        WrongPassphraseError: the old passphrase is wrong or the sealed key was changed.
    """
    check_new_passphrase(new_passphrase)
    seed = _unseal(sealed, passphrase)
    return _seal(seed, sealed.public_key, sealed.person, new_passphrase, parameters or sealed.parameters)


def waste_time(parameters: Argon2Parameters, passphrase: str) -> None:
    """Take as long as opening a key takes, for a person who does not exist."""
    stretch(passphrase, os.urandom(SALT_BYTES), parameters)


def _seal(seed: bytes, public_key: bytes, person: str, passphrase: str, parameters: Argon2Parameters) -> SealedKey:
    salt, nonce = os.urandom(SALT_BYTES), os.urandom(_NONCE_BYTES)
    cipher = AESGCM(stretch(passphrase, salt, parameters))
    return SealedKey(
        person=person,
        public_key=public_key,
        parameters=parameters,
        salt=salt,
        nonce=nonce,
        sealed_seed=cipher.encrypt(nonce, seed, _binding(person, public_key)),
    )


def _unseal(sealed: SealedKey, passphrase: str) -> bytes:
    cipher = AESGCM(stretch(passphrase, sealed.salt, sealed.parameters))
    try:
        seed = cipher.decrypt(sealed.nonce, sealed.sealed_seed, _binding(sealed.person, sealed.public_key))
    except InvalidTag as error:
        raise WrongPassphraseError from error
    if not hmac.compare_digest(OpenKey(seed).public_key.raw, sealed.public_key):
        raise SealedKeyError("the private half does not belong to the public half")
    return seed


def _binding(person: str, public_key: bytes) -> bytes:
    return canonical({"format": SEALED_FORMAT, "person": person, "public_key": public_key.hex()})


def hex_member(raw: dict[str, Any], member: str, size_bytes: int) -> bytes:
    """So many bytes that a stored form gives in hexadecimal digits.

    Raises:
        SealedKeyError: they are none, or not so many.
    """
    value = raw[member]
    if type(value) is not str or len(value) != 2 * size_bytes or not _HEX.fullmatch(value):
        raise SealedKeyError(f"{member} is not {size_bytes} bytes in hexadecimal digits")
    return bytes.fromhex(value)


def cost_of(raw: Any) -> Argon2Parameters:
    """The cost of Argon2id as a stored form gives it.

    Raises:
        SealedKeyError: it is none, or out of bounds.
    """
    if type(raw) is not dict or raw.keys() != {"passes", "memory_kib", "lanes"}:
        raise SealedKeyError("argon2id is not passes, memory_kib and lanes")
    if not all(type(value) is int for value in raw.values()):
        raise SealedKeyError("argon2id holds something that is not a number")
    return Argon2Parameters(**raw)
