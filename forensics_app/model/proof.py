"""Digital signatures of a report: certificates, who signs where, and what a check of a file says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from forensics_app.model.person import Person


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
class TokenPlace:
    """Where a private key lies that never leaves its token: a smart card, a USB token, a security module (PKCS #11).

    Attributes:
        module: The library of its maker that leads to the token; one that the record names is only a proposal.
        slot: Number of the slot it is in; None takes any slot with a token of that label.
        token: Label of the token; empty takes the only one.
        key: Label of the private key; empty takes the only one with a certificate.
    """

    module: Path
    slot: int | None = None
    token: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateOf:
    """A certificate as the ledger has it.

    Attributes:
        person_id: Whose it is.
        person: Their name as it was then.
        key_id: The ledger key that opens its private half.
        salt: With the ledger key it gives the private half; empty where the private half came from outside.
        issuers: Certificates of who issued it, in DER, as far as they are known.
        recorded_at: Time of its entry in the lab chain.
        sequence: Number of that entry.
        token: Where the private half lies, if it is on a token.
    """

    certificate: Certificate
    person_id: str
    person: str
    key_id: str
    salt: bytes
    issuers: tuple[bytes, ...]
    recorded_at: datetime
    sequence: int
    token: TokenPlace | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonCertificate:
    """Somebody whose key is in force, with the certificate for it, if there is one or one was asked for."""

    person: Person
    certificate: Certificate | None
    is_requested: bool


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
        signer: Whose certificate the ledger inside says it is; whom the certificate names where it does not say.
        person_id: Whose it is by the ledger inside; empty where that says nothing.
        issuer: Whom the certificate names as its issuer.
        certificate_sha256: SHA-256 of the signer's certificate.
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
    certificate_sha256: str
    authority_sha256: str
    claimed_at: datetime | None
    stamped_at: datetime | None
    answer: Answer
    words: str
    person_id: str = ""


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
    def bad(self) -> bool:
        """Whether something is bad."""
        return any(one.answer is Answer.BAD for one in self.checks) or any(
            one.answer is Answer.BAD for one in self.signatures
        )

    @property
    def is_signed_well(self) -> bool:
        """Whether nothing is bad, and author and authoriser, two people whom the ledger inside knows, signed well."""
        people = [one for one in self.signatures if not one.is_time_stamp]
        known = {one.person_id for one in people if one.person_id}
        is_both = [one.field for one in people] == list(Signer) and len(known) == len(Signer)
        return not self.bad and is_both and all(one.answer is Answer.GOOD for one in people)

    @property
    def ok(self) -> bool:
        """Whether the file proves itself: it is signed well, and nothing of it is left that cannot be told."""
        answers = {one.answer for one in self.checks} | {one.answer for one in self.signatures}
        return self.is_signed_well and answers == {Answer.GOOD}

    @classmethod
    def unreadable(cls, sha256: bytes, words: str) -> FileChecked:
        """What is said of a file that cannot be read."""
        check = Checked(what="The file", answer=Answer.BAD, words=words)
        return cls(sha256=sha256, level=Level.NONE, signatures=(), checks=(check,))


@dataclass(frozen=True, slots=True, kw_only=True)
class Upgraded:
    """How far a report was brought.

    Attributes:
        sha256: Of the file now.
        why: Why it went no further; empty where it went all the way.
    """

    before: Level
    after: Level
    sha256: bytes
    why: str
