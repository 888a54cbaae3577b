"""The key of an encrypted lab store: sealed once for each person, and what is derived of it (REQ-70).

A slot holds the key of the store sealed by AES-256-GCM under a key that Argon2id (RFC 9106) makes of the passphrase of
one person. Files of the store are in the format age (age-encryption.org/v1) for one recipient of the type X25519, so
that whoever holds the key opens them with other programs, too. Databases get a key of their own.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from chain_of_custody.age import (
    CHUNK_BYTES,
    KEY_BYTES,
    MAGIC,
    NONCE_BYTES,
    TAG_BYTES,
    base64_of,
    bytes_of,
    opened,
    sealed,
)
from chain_of_custody.canonical import canonical, parse
from chain_of_custody.errors import CanonicalError, DamagedFileError, SealedKeyError, WrongPassphraseError
from chain_of_custody.keys import cost_of, hex_member
from chain_of_custody.passphrase import SALT_BYTES, Argon2Parameters, stretch

SLOT_FORMAT: Final = "forensics-store-slot/1"
SECRET_BYTES: Final = 32
STANZA: Final = b"-> X25519 "

_STORE_BYTES: Final = 32
_GCM_NONCE_BYTES: Final = 12
_MEMBERS: Final = frozenset(("format", "person", "name", "store", "argon2id", "salt", "nonce", "sealed_key"))
_HEADER: Final = re.compile(
    rb"(age-encryption\.org/v1\n-> X25519 ([A-Za-z0-9+/]{43})\n([A-Za-z0-9+/]{43})\n---) ([A-Za-z0-9+/]{43})\n"
)
HEADER_BYTES: Final = len(MAGIC) + len(STANZA) + 43 + 1 + 43 + 1 + 3 + 1 + 43 + 1
"""Of a file for one recipient of the type X25519; always the same."""
_LABEL: Final = b"age-encryption.org/v1/X25519"


class StoreKey:
    """The key of one store, in memory. It never shows itself; it lives as long as the store is open."""

    __slots__ = ("_database", "_files", "_secret", "store")

    def __init__(self, secret: bytes) -> None:
        """Derive what is used.

        Args:
            secret: 32 random bytes.
        """
        self._secret = secret
        self._database = _expanded(secret, b"forensics lab store/1 databases")
        self._files = X25519PrivateKey.from_private_bytes(_expanded(secret, b"forensics lab store/1 files"))
        self.store = self._files.public_key().public_bytes_raw()
        """32 bytes that name the store: the recipient that its files are encrypted to. Not secret."""

    @classmethod
    def create(cls) -> Self:
        """A new random key."""
        return cls(os.urandom(SECRET_BYTES))

    @property
    def of_databases(self) -> bytes:
        """32 bytes: the raw key of every database of the store."""
        return self._database

    @property
    def of_files(self) -> bytes:
        """32 bytes: the private half of the recipient that the files are encrypted to."""
        return self._files.private_bytes_raw()

    def encrypted(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """Encrypt a stream for the store, in the format age."""
        file_key, ephemeral = os.urandom(KEY_BYTES), X25519PrivateKey.generate()
        share = ephemeral.public_key().public_bytes_raw()
        shared = ephemeral.exchange(X25519PublicKey.from_public_bytes(self.store))
        wrapped = ChaCha20Poly1305(self._wrapping(shared, share)).encrypt(bytes(12), file_key, None)
        head = MAGIC + STANZA + base64_of(share) + b"\n" + base64_of(wrapped) + b"\n---"
        yield from sealed(chunks, file_key, head, os.urandom(NONCE_BYTES))

    def decrypted(self, read: Callable[[int], bytes]) -> Iterator[bytes]:
        """Decrypt a stream; nothing that is not authentic is handed on.

        Args:
            read: reads at most so many bytes from the beginning of the file on, fewer only at its end.

        Raises:
            DamagedFileError: it is not of this store, was changed or cut off; raised where it is noticed.
        """
        found = _HEADER.fullmatch(read(HEADER_BYTES))
        if found is None:
            raise DamagedFileError("it does not begin like a file of an encrypted store")
        head, share, wrapped, mac = found.groups()
        share, wrapped = bytes_of(share), bytes_of(wrapped)
        try:
            shared = self._files.exchange(X25519PublicKey.from_public_bytes(share))
            file_key = ChaCha20Poly1305(self._wrapping(shared, share)).decrypt(bytes(12), wrapped, None)
        except (InvalidTag, ValueError) as error:
            raise DamagedFileError("it is of another store, or its header was changed") from error
        yield from opened(read, file_key, head, bytes_of(mac))

    def _wrapping(self, shared: bytes, share: bytes) -> bytes:
        return HKDF(algorithm=hashes.SHA256(), length=32, salt=share + self.store, info=_LABEL).derive(shared)

    def seal_for(
        self, person: str, name: str, passphrase: str, *, parameters: Argon2Parameters | None = None
    ) -> StoreSlot:
        """Seal the key for a person, under the passphrase that seals their signing key."""
        parameters = parameters or Argon2Parameters()
        salt, nonce = os.urandom(SALT_BYTES), os.urandom(_GCM_NONCE_BYTES)
        cipher = AESGCM(stretch(passphrase, salt, parameters))
        return StoreSlot(
            person=person,
            name=name,
            store=self.store,
            parameters=parameters,
            salt=salt,
            nonce=nonce,
            sealed_key=cipher.encrypt(nonce, self._secret, _binding(person, name, self.store)),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreSlot:
    """The key of a store as it is kept for one person: worthless without the passphrase.

    Attributes:
        person: id of the person.
        name: their name, by which they are found before the record can be read.
        store: 32 bytes that name the store.
        sealed_key: 48 bytes: the encrypted key and its tag.
    """

    person: str
    name: str
    store: bytes
    parameters: Argon2Parameters
    salt: bytes
    nonce: bytes
    sealed_key: bytes

    def to_json(self) -> bytes:
        """Return the stored form, canonical JSON."""
        return canonical(
            {
                "format": SLOT_FORMAT,
                "person": self.person,
                "name": self.name,
                "store": self.store.hex(),
                "argon2id": self.parameters.to_json(),
                "salt": self.salt.hex(),
                "nonce": self.nonce.hex(),
                "sealed_key": self.sealed_key.hex(),
            }
        )

    @classmethod
    def from_json(cls, text: bytes) -> StoreSlot:
        """Read the stored form.

        Raises:
            SealedKeyError: it is not such a form, or a value is out of its bounds.
        """
        try:
            raw: Any = parse(text)
        except CanonicalError as error:
            raise SealedKeyError(error.why) from error
        if type(raw) is not dict or raw.keys() != _MEMBERS or raw["format"] != SLOT_FORMAT:
            raise SealedKeyError(f"it is not in the format {SLOT_FORMAT}")
        if type(raw["person"]) is not str or type(raw["name"]) is not str:
            raise SealedKeyError("person or name is not a text")
        return cls(
            person=raw["person"],
            name=raw["name"],
            store=hex_member(raw, "store", _STORE_BYTES),
            parameters=cost_of(raw["argon2id"]),
            salt=hex_member(raw, "salt", SALT_BYTES),
            nonce=hex_member(raw, "nonce", _GCM_NONCE_BYTES),
            sealed_key=hex_member(raw, "sealed_key", SECRET_BYTES + TAG_BYTES),
        )

    def open(self, passphrase: str) -> StoreKey:
        """Open it.

        Raises:
            WrongPassphraseError: the passphrase is wrong or the slot was changed.
            SealedKeyError: the key in it is not that of the store that it names.
        """
        cipher = AESGCM(stretch(passphrase, self.salt, self.parameters))
        try:
            key = StoreKey(cipher.decrypt(self.nonce, self.sealed_key, _binding(self.person, self.name, self.store)))
        except InvalidTag as error:
            raise WrongPassphraseError from error
        if key.store != self.store:
            raise SealedKeyError("the key does not belong to the store that it names")
        return key


def content_bytes(file_bytes: int) -> int:
    """How long the content of an encrypted file is, by the length of the file; 0 where it is cut off."""
    left = max(file_bytes - HEADER_BYTES - NONCE_BYTES, 0)
    pieces = -(-left // (CHUNK_BYTES + TAG_BYTES))
    return max(left - pieces * TAG_BYTES, 0)


def _expanded(secret: bytes, purpose: bytes) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=purpose).derive(secret)


def _binding(person: str, name: str, store: bytes) -> bytes:
    return canonical({"format": SLOT_FORMAT, "person": person, "name": name, "store": store.hex()})
