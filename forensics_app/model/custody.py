"""What the rest of the house may know of the ledger, and of what happens to an exhibit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from enum import StrEnum
from pathlib import Path
from uuid import UUID

from chain_of_custody.column_values import YEARS as YEARS
from chain_of_custody.column_values import is_sha256_or_none as is_sha256_or_none
from chain_of_custody.hand_rules import AWAY as AWAY
from chain_of_custody.ledger import Entry as Entry
from chain_of_custody.ledger import Json as Json
from chain_of_custody.ledger import utc_text as utc_text
from chain_of_custody.names import names as names
from chain_of_custody.names import same_name as same_name
from chain_of_custody.possession_rules import STAYS_PUT as STAYS_PUT
from chain_of_custody.possession_rules import UNSIGNED as UNSIGNED
from chain_of_custody.states import Event as Event
from chain_of_custody.states import Gate as Gate
from chain_of_custody.states import Transition as Transition


def time_told(value: object) -> datetime | None:
    """A time as an entry tells it; None where what it tells is no time with its offset, of a year that can be told."""
    try:
        at = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return None if at is None or at.utcoffset() is None or at.year not in YEARS else at


def in_zone(at: datetime, zone: tzinfo | None) -> datetime:
    """An aware time in a zone; as it is where the zone has none of it, at either end of the calendar."""
    try:
        return at.astimezone(zone)
    except OverflowError:
        return at


class PaperKind(StrEnum):
    """Papers that are kept with a step: what an agency signed, what somebody without a key signed or drew."""

    RECEIPT = "receipt"
    FORM = "form"
    SIGNATURE = "signature"


ON_PAPER, ON_SCREEN, NOT_SIGNED = " (on paper)", " (on the screen)", " (did not sign)"
"""What stands behind the name of a giver or receiver who has no key: how they signed, if they did."""


def bare_name(told: str) -> str:
    """Who gave or received, without how they signed."""
    return told.removesuffix(ON_PAPER).removesuffix(ON_SCREEN).removesuffix(NOT_SIGNED)


@dataclass(frozen=True, slots=True, kw_only=True)
class CustodyRequest:
    """What is asked for an event in the life of an exhibit (guidance, section 2).

    Attributes:
        event: Name of an event of the state machine, such as ``store``.
        occurred_at: When it happened, aware, as the person told it.
        fields: What was filled in, by the names of the machine's gates: ``purpose``, ``place``, ``seal_number``,
            ``seal_check``, ``condition``, ``expected_return``, ``shelf`` ...; further ones are kept too.
        outside_party: Name and function of the giver or receiver when that is nobody of the lab.
        remarks: Anything else.
        papers: Files that are kept under their SHA-256, which the entry states.
    """

    exhibit_id: UUID
    event: str
    occurred_at: datetime
    fields: Mapping[str, str] = field(default_factory=dict)
    outside_party: str = ""
    remarks: str = ""
    papers: Mapping[PaperKind, Path] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureInfo:
    """One signature of an entry: who, in which role, with which key; a person may have had several keys."""

    role: str
    person_id: str
    name: str
    key_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnChange:
    """What an entry changed: one column of one row, before and after."""

    table: str
    row_id: str
    column: str
    before: Json
    after: Json


@dataclass(frozen=True, slots=True, kw_only=True)
class CustodyEvent:
    """An entry of a case chain as it is shown: read from the signed body alone.

    Attributes:
        occurred_at: As told; None where the entry tells of no other time than its own, or tells what is no time.
        from_state: Empty where the state did not change; so is ``to_state``.
        body: The very text that was signed.
    """

    chain: UUID
    sequence: int
    action: str
    object_kind: str
    object_id: str
    object_label: str
    occurred_at: datetime | None
    recorded_at: datetime
    actor: str
    actor_function: str
    signatures: tuple[SignatureInfo, ...]
    facts: dict[str, Json]
    changes: tuple[ColumnChange, ...]
    reason: str
    digest: bytes
    previous: bytes
    body: str

    def fact(self, name: str) -> str:
        """A fact as text; empty when the entry does not state it."""
        value = self.facts.get(name)
        return "" if value is None else str(value)

    @property
    def unread_time(self) -> str:
        """What the entry tells as the time of the act where that cannot be read as a time; else empty."""
        return self.fact("occurred_at") if self.occurred_at is None else ""

    @property
    def is_step(self) -> bool:
        """Whether it is a step of custody that was taken."""
        return self.action == f"custody.{self.fact('event')}"

    @property
    def from_state(self) -> str:
        """The state before; empty where it did not change."""
        return self.fact("from_state")

    @property
    def to_state(self) -> str:
        """The state afterwards; empty where it did not change."""
        return self.fact("to_state")


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainReport:
    """The answers about one chain.

    Attributes:
        label: Case number, or the lab's name.
        intact: Every entry hashes to its successor, and the columns beside the signed bytes agree with them.
        signed: Every signature that an entry asks for is there and fits.
        trusted: Every key was enrolled for that person when it was used.
        not_allowed: Acts of custody that were not possible then, or not signed by who had to and might; sentences.
        entries: How many entries the chain holds; ``signatures`` how many were checked.
        findings: What failed, worst first, each a sentence that names the entry or the row.
        notices: What a reader should know and is no failure, such as a clock set back.
    """

    chain: UUID
    kind: str
    label: str
    intact: bool
    signed: bool
    trusted: bool
    not_allowed: tuple[str, ...]
    entries: int
    signatures: int
    head: bytes | None
    head_recorded_at: datetime | None
    findings: tuple[str, ...]
    notices: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """Whether all answers are yes."""
        return self.intact and self.signed and self.trusted and self.allowed

    @property
    def allowed(self) -> bool:
        """Whether every act of custody was allowed."""
        return not self.not_allowed


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchored:
    """The head of a case chain that stands in the lab chain.

    Attributes:
        sequence: Number of the last entry of the case.
        head: Its digest.
        is_new: Whether it was written there now; False where it stood there already.
    """

    sequence: int
    head: bytes
    is_new: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedFolder:
    """A custody folder that was written.

    Attributes:
        entries: Entries of the case.
        anchored_entries: How many of them, from the first, are covered by an anchor.
    """

    path: Path
    ledger_sha256: bytes
    entries: int
    anchored_entries: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LabReport:
    """The verification of a whole lab: every chain, every projected row, every kept file.

    Attributes:
        row_findings: Projected rows that are not the replay of the ledger, each a sentence with table, row and column.
        file_findings: Photographs and reports that are missing or changed, and ``locked_out``.
        locked_out: Who cannot unlock the encrypted lab folder yet, each a sentence. Nothing is changed or lost by that.
        root_fingerprint: SHA-256 of the key that the lab's trust starts from, hex.
    """

    chains: tuple[ChainReport, ...]
    row_findings: tuple[str, ...]
    file_findings: tuple[str, ...]
    root_fingerprint: str
    checked_at: datetime
    rows_compared: int
    files_compared: int
    locked_out: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether nothing was found."""
        return all(chain.ok for chain in self.chains) and not self.row_findings and not self.file_findings
