"""The half of a dossier that comes from the record: people, authority, custody, ledger, tools."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Laboratory:
    """Who issues the report: ISO/IEC 17025 7.8.2.1 b and c."""

    name: str
    address: tuple[str, ...] = ()
    contact: str | None = None
    accreditation: str | None = None
    place_of_work: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody named in the report.

    Attributes:
        function: Rank or function, "Examiner", "Detective sergeant".
        part: What the person did in this case, "seized LH/01", "author of this report".
        qualification: Training, experience and accreditation, CrimPR 19.4(a).
        key_id: SHA-256 of the public key that signs for this person; None: signs on paper.
    """

    name: str
    function: str | None = None
    organisation: str | None = None
    id_number: str | None = None
    part: str | None = None
    qualification: str | None = None
    key_id: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What was asked, by whom and when (SWGDE 18-Q-002)."""

    requester: Person
    reference: str | None = None
    requested_at: datetime | date | None = None
    received_at: datetime | date | None = None
    questions: tuple[str, ...] = ()
    scope: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """One legal basis (REQ-01).

    Attributes:
        instrument: "Search warrant", "Court order", "Consent".
        supervision: The court or authority that supervises the measure.
        limits: What the instrument does not allow, one sentence each.
    """

    instrument: str
    number: str | None = None
    issuer: str | None = None
    issued_on: date | None = None
    scope: str | None = None
    expires_on: date | None = None
    supervision: str | None = None
    limits: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFacts:
    """The case as the record has it."""

    number: str
    title: str
    offence: str | None = None
    requesting_authority: str | None = None
    reference: str | None = None
    opened_at: datetime | None = None
    status: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Signer:
    """One signature below an entry.

    Attributes:
        role: "actor", "giver", "receiver" or "witness".
        key_id: SHA-256 of the public key; None for a person without one.
        without_key: How a person without a key signed, as the entry says.
    """

    role: str
    name: str
    key_id: bytes | None = None
    without_key: str = "signed on paper"


@dataclass(frozen=True, slots=True, kw_only=True)
class CustodyEntry:
    """One entry of an exhibit's custody record (REQ-18, REQ-20, REQ-21).

    Attributes:
        sequence: Number in the case chain, from 1.
        occurred_at: When it happened; None when nobody stated it.
        recorded_at: When the entry was signed into the ledger.
        occurred_zone: IANA zone of the place where it happened; None: the report's own zone.
        clock: What `occurred_at` was read from, "workstation clock, NTP", "stated by T. Lis".
        act: "Received", "Handed over", "Imaged".
        giver, receiver: The persons between whom the item passed, as printed.
        from_state, to_state: The states of the custody machine.
        seal: Seal before and after with its condition, as printed.
        corrects: Sequence of the entry that this one corrects.
        corrected_by: Sequence of the entry that corrects this one; this one is then printed struck through.
        digest: SHA-256 of the entry.
        previous: Digest of the entry before it in the chain.
        remarks: Packaging, carrier, deviation, verified digest and anything else, one sentence each.
    """

    sequence: int
    recorded_at: datetime
    act: str
    digest: bytes
    occurred_at: datetime | None = None
    occurred_zone: str | None = None
    clock: str | None = None
    giver: str | None = None
    receiver: str | None = None
    entered_by: str | None = None
    purpose: str | None = None
    place: str | None = None
    authority: str | None = None
    from_state: str | None = None
    to_state: str | None = None
    seal: str | None = None
    signers: tuple[Signer, ...] = ()
    corrects: int | None = None
    corrected_by: int | None = None
    previous: bytes | None = None
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CustodyLog:
    """Every entry that concerns one exhibit, in the order of the chain; `entries` may be lazy, it is read once."""

    exhibit: str
    description: str
    entries: Sequence[CustodyEntry]


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerHead:
    """Where a chain stood when the dossier was made (REQ-16), and the three answers about it.

    Attributes:
        chain: "Case 2026-0147" or "Laboratory".
        chain_id: The chain's UUID as text.
        intact, signed, trusted: True, False, or None for "not checked".
        anchors: Where else this head was laid down, one sentence each.
    """

    chain: str
    chain_id: str
    sequence: int
    digest: bytes
    recorded_at: datetime
    verified_at: datetime | None = None
    verified_by: str | None = None
    intact: bool | None = None
    signed: bool | None = None
    trusted: bool | None = None
    first_bad: int | None = None
    anchors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """A program, library or instrument that was used (REQ-33, REQ-34).

    Attributes:
        validation: The validation in force when it was used; None where none is on record.
        flag: Why its use is flagged, such as "not in the register of tools"; None where it is not.
    """

    name: str
    version: str
    used_for: str | None = None
    sha256: bytes | None = None
    validation: str | None = None
    flag: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """The program that wrote the report (REQ-35).

    Attributes:
        build: Build id, such as a commit; None for a run from source without one.
        schema: Version of the record's database schema.
        test_pack: The newest run of the program's own validation set on this build, in words; None where there is none.
        file_type_database: Name and version of the database behind the types by content.
        libraries: (name, version) pairs in the order printed.
    """

    name: str
    version: str
    build: str | None = None
    schema: str | None = None
    configuration_sha256: bytes | None = None
    test_pack: str | None = None
    file_type_database: str | None = None
    platform: str | None = None
    libraries: tuple[tuple[str, str], ...] = field(default=())


@dataclass(frozen=True, slots=True, kw_only=True)
class Deviation:
    """A departure from the method or the guidance, with its reason (REQ-02)."""

    what: str
    reason: str
    by: str | None = None
    at: datetime | None = None
