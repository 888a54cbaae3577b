"""Digital signatures of a report: certificates, who signs where, and what a check of a file says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Signer(StrEnum):
    """The two who sign a report (REQ-64); the values name the fields of the file."""

    AUTHOR = "author"
    AUTHORISER = "authoriser"


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """A certificate of X.509.

    Attributes:
        der: The certificate.
        sha256: Digest of the whole certificate, 64 hexadecimal digits.
        subject: Whom it names, in words.
        issuer: Who issued it, in words.
        serial: Its number, in hexadecimal digits.
        valid_from: Aware, UTC.
        valid_until: Aware, UTC.
    """

    der: bytes
    sha256: str
    subject: str
    issuer: str
    serial: str
    valid_from: datetime
    valid_until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateOf:
    """A certificate as the ledger has it.

    Attributes:
        person_id: Whose it is.
        key_id: The ledger key that opens its private half; None where it came from outside.
        salt: With the ledger key it gives the private half; empty where it came from outside.
        recorded_at: Time of its entry in the lab chain.
        sequence: Number of that entry.
    """

    certificate: Certificate
    person_id: str
    key_id: str | None
    salt: bytes
    recorded_at: datetime
    sequence: int


class Answer(StrEnum):
    """What a check found."""

    GOOD = "good"
    BAD = "bad"
    UNKNOWN = "cannot tell"


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """One thing that was checked of a file, and a sentence that says what was found."""

    what: str
    answer: Answer
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureChecked:
    """A signature or document time stamp of a file.

    Attributes:
        field: Name of its field.
        is_time_stamp: Whether it is a document time stamp.
        signer: Whom the certificate names.
        issuer: Who issued the certificate.
        authority_sha256: SHA-256 of the certificate that the trust rests on; empty where none was found.
        claimed_at: The time that the signer's computer said; None where it says none.
        stamped_at: The time that a time-stamp authority put on it; None without one.
        answer: Whether it holds.
        words: What was found.
    """

    field: str
    is_time_stamp: bool
    signer: str
    issuer: str
    authority_sha256: str
    claimed_at: datetime | None
    stamped_at: datetime | None
    answer: Answer
    words: str


class Level(StrEnum):
    """How far a signed file carries its own proof (ETSI EN 319 142-1)."""

    NONE = "not signed"
    B = "PAdES B-B"
    T = "PAdES B-T"
    LT = "PAdES B-LT"
    LTA = "PAdES B-LTA"


@dataclass(frozen=True, slots=True, kw_only=True)
class FileChecked:
    """What a check of a report file found.

    Attributes:
        sha256: Of the whole file.
        level: What its signatures amount to.
        signatures: In the order in which they were made.
        checks: Everything else.
    """

    sha256: bytes
    level: Level
    signatures: tuple[SignatureChecked, ...]
    checks: tuple[Checked, ...]

    @property
    def ok(self) -> bool:
        """Whether nothing is bad and at least one thing was found good."""
        answers = [*(one.answer for one in self.signatures), *(one.answer for one in self.checks)]
        return Answer.BAD not in answers and Answer.GOOD in answers
