"""From a passphrase to a key: the policy, the parameters of Argon2id and their bounds."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from chain_of_custody.canonical import Json
from chain_of_custody.errors import PassphraseTooShortError, SealedKeyError

MINIMUM_CHARACTERS: Final = 12
SALT_BYTES: Final = 16
KEY_BYTES: Final = 32

_MAX_PASSES: Final = 16
_MAX_MEMORY_KIB: Final = 1024 * 1024
_MAX_LANES: Final = 16
_MIN_KIB_PER_LANE: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Argon2Parameters:
    """Cost of one try at a passphrase. The default is the second recommended choice of RFC 9106 section 4.

    Stored parameters come from a file that somebody may have changed, so they are bounded: a forged record cannot
    ask for a hundred gigabytes.

    Attributes:
        passes: 1 to 16.
        memory_kib: KiB, from 8 per lane to 1 GiB.
        lanes: 1 to 16.

    Raises:
        SealedKeyError: a value is out of bounds.
    """

    passes: int = 3
    memory_kib: int = 64 * 1024
    lanes: int = 4

    def __post_init__(self) -> None:
        """Refuse what is out of bounds."""
        if not 1 <= self.passes <= _MAX_PASSES:
            raise SealedKeyError(f"{self.passes} passes of Argon2id are outside 1 to {_MAX_PASSES}")
        if not 1 <= self.lanes <= _MAX_LANES:
            raise SealedKeyError(f"{self.lanes} lanes of Argon2id are outside 1 to {_MAX_LANES}")
        if not _MIN_KIB_PER_LANE * self.lanes <= self.memory_kib <= _MAX_MEMORY_KIB:
            raise SealedKeyError(
                f"{self.memory_kib} KiB for Argon2id are outside {_MIN_KIB_PER_LANE * self.lanes} to {_MAX_MEMORY_KIB}"
            )

    def to_json(self) -> Mapping[str, Json]:
        """Return the parameters as they are stored."""
        return {"passes": self.passes, "memory_kib": self.memory_kib, "lanes": self.lanes}


def check_new_passphrase(passphrase: str) -> None:
    """Apply the policy for new passphrases: a minimum length in characters after normalisation.

    Raises:
        PassphraseTooShortError: it is too short.
    """
    length = len(unicodedata.normalize("NFC", passphrase))
    if length < MINIMUM_CHARACTERS:
        raise PassphraseTooShortError(length, MINIMUM_CHARACTERS)


def stretch(passphrase: str, salt: bytes, parameters: Argon2Parameters) -> bytes:
    """Return 32 bytes of Argon2id over the passphrase in Unicode normal form C, UTF-8."""
    secret = unicodedata.normalize("NFC", passphrase).encode("utf-8", "surrogatepass")
    return Argon2id(
        salt=salt,
        length=KEY_BYTES,
        iterations=parameters.passes,
        lanes=parameters.lanes,
        memory_cost=parameters.memory_kib,
    ).derive(secret)
