"""Secrets sealed for one person: only that person's open key unseals them, and only where they belong.

AES-256-GCM under a key that HKDF derives from the seed of the person's key, with a salt of its own for each secret.
What the secret belongs to is bound to it as associated data, so that it does not open in another place.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from chain_of_custody.canonical import canonical, parse
from chain_of_custody.errors import CanonicalError, SealedSecretError
from chain_of_custody.signing import OpenKey

SECRET_FORMAT: Final = "forensics-sealed-secret/1"

_SALT_BYTES: Final = 32
_NONCE_BYTES: Final = 12
_HEX: Final = re.compile(r"(?:[0-9a-f]{2})+")
_MEMBERS: Final = frozenset(("format", "key", "salt", "nonce", "sealed"))


def seal(key: OpenKey, secret: bytes, belongs_to: Mapping[str, str]) -> str:
    """Seal a secret for the owner of a key.

    Args:
        key: the owner's open key.
        secret: what only the owner may read again.
        belongs_to: where the secret belongs, such as ids of an image and a volume; the same is needed to unseal it.

    Returns:
        The stored form, canonical JSON.

    Raises:
        ClosedKeyError: the key was closed.
    """
    salt, nonce = os.urandom(_SALT_BYTES), os.urandom(_NONCE_BYTES)
    cipher = AESGCM(key.derive(SECRET_FORMAT.encode(), salt))
    return canonical(
        {
            "format": SECRET_FORMAT,
            "key": key.key_id,
            "salt": salt.hex(),
            "nonce": nonce.hex(),
            "sealed": cipher.encrypt(nonce, secret, _binding(key, belongs_to)).hex(),
        }
    ).decode()


def unseal(key: OpenKey, sealed: str, belongs_to: Mapping[str, str]) -> bytes:
    """Open what `seal` made.

    Raises:
        ClosedKeyError: the key was closed.
        SealedSecretError: it was sealed for another key or another place, or was changed.
    """
    raw = _members(sealed)
    if raw["key"] != key.key_id:
        raise SealedSecretError("it was sealed for another key")
    cipher = AESGCM(key.derive(SECRET_FORMAT.encode(), bytes.fromhex(raw["salt"])))
    try:
        return cipher.decrypt(bytes.fromhex(raw["nonce"]), bytes.fromhex(raw["sealed"]), _binding(key, belongs_to))
    except InvalidTag as error:
        raise SealedSecretError("it belongs elsewhere or was changed") from error


def _binding(key: OpenKey, belongs_to: Mapping[str, str]) -> bytes:
    return canonical({"format": SECRET_FORMAT, "key": key.key_id, "belongs_to": dict(belongs_to)})


def _members(sealed: str) -> dict[str, str]:
    try:
        raw: Any = parse(sealed.encode("utf-8", "surrogatepass"))
    except CanonicalError as error:
        raise SealedSecretError(error.why) from error
    if type(raw) is not dict or raw.keys() != _MEMBERS or raw["format"] != SECRET_FORMAT:
        raise SealedSecretError(f"it is not in the format {SECRET_FORMAT}")
    lengths = {"salt": _SALT_BYTES, "nonce": _NONCE_BYTES}
    for name in ("salt", "nonce", "sealed"):
        value = raw[name]
        if type(value) is not str or not _HEX.fullmatch(value) or len(value) != 2 * lengths.get(name, len(value) // 2):
            raise SealedSecretError(f"{name} is not bytes in hexadecimal digits")
    return raw
