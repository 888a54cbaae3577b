"""What a LUKS header says, whichever its version."""

from __future__ import annotations

from dataclasses import dataclass

from evidence.errors import EvidenceError
from evidence.images.base import Problem

SECTOR_BYTES = 512


class LuksError(EvidenceError):
    """A LUKS volume cannot be read as it is."""

    def __init__(self, what: str, offset_bytes: int | None = None, *, is_damage: bool = True) -> None:
        """Keep what is wrong, a sentence, and where; ``is_damage`` is False for what this version does not read."""
        super().__init__(what)
        self.what, self.offset_bytes, self.is_damage = what, offset_bytes, is_damage

    @property
    def problem(self) -> Problem:
        """The same to be shown."""
        return Problem(what=self.what, where="", offset_bytes=self.offset_bytes, is_damage=self.is_damage)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kdf:
    """How a passphrase becomes a key.

    Attributes:
        type: ``pbkdf2``, ``argon2i`` or ``argon2id``.
        salt: The salt.
        hash: Of PBKDF2, in the words of LUKS: ``sha256``.
        iterations: Of PBKDF2, or the passes of Argon2.
        memory_kib: Of Argon2.
        lanes: Of Argon2.
    """

    type: str
    salt: bytes
    hash: str = ""
    iterations: int = 0
    memory_kib: int = 0
    lanes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class KeySlot:
    """A copy of a volume key under one passphrase.

    Attributes:
        name: Its number.
        kdf: Makes the key of the slot's area.
        area_offset_bytes: Where the encrypted and split key lies, from the start of the volume.
        area_bytes: How much room it has there.
        encryption: Cipher of the area: ``aes-xts-plain64``.
        area_key_bytes: Length of the key of that cipher.
        key_bytes: Length of the volume key.
        stripes: Into how many parts it was split.
        split_hash: The hash by which it was.
    """

    name: str
    kdf: Kdf
    area_offset_bytes: int
    area_bytes: int
    encryption: str
    area_key_bytes: int
    key_bytes: int
    stripes: int
    split_hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyDigest:
    """By which a volume key is known to be right.

    Attributes:
        kdf: Always PBKDF2.
        digest: What it has to make of the key.
        slots: Names of the slots that hold this key.
        segments: Numbers of the segments under this key.
    """

    kdf: Kdf
    digest: bytes
    slots: tuple[str, ...]
    segments: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A stretch of the volume that holds content; the segments one behind the other are the content.

    Attributes:
        number: Its place among them.
        type: ``crypt`` or ``linear`` (not encrypted).
        offset_bytes: From the start of the volume.
        length_bytes: None up to the end of the volume.
        encryption: ``aes-xts-plain64``.
        sector_bytes: What is encrypted as one.
        first_iv: Number of its first sector, in units of 512 bytes.
        refusal: Why it cannot be read, as part of a sentence; empty where it can.
    """

    number: int
    type: str
    offset_bytes: int
    length_bytes: int | None
    encryption: str = ""
    sector_bytes: int = SECTOR_BYTES
    first_iv: int = 0
    refusal: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """A header as read.

    Attributes:
        version: 1 or 2.
        uuid: As it stands there.
        slots: Those in use.
        digests: Of the volume keys.
        segments: In their order.
        problems: Damage that does not keep it from being used, and remarks.
        refusal: Why the volume is not read although its header is whole, a sentence; empty where it is.
    """

    version: int
    uuid: str
    slots: tuple[KeySlot, ...]
    digests: tuple[KeyDigest, ...]
    segments: tuple[Segment, ...]
    problems: tuple[Problem, ...] = ()
    refusal: str = ""
