"""How long what is kept of a case is kept, and its erasure: proposed, approved by another person, carried out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import NewType
from uuid import UUID

from forensics_app.model.case import CaseId
from forensics_app.model.person import PersonId

ErasureId = NewType("ErasureId", UUID)


class Erasable(StrEnum):
    """What of a case can be erased. The ledger and the rows of the record never are."""

    CATALOGUES = "catalogues"
    PHOTOS = "photos"
    PAPERS = "papers"
    REPORTS = "reports"


class ErasureState(StrEnum):
    """Where an erasure stands."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    REJECTED = "rejected"
    CARRIED_OUT = "carried out"


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """How long a case is kept.

    Attributes:
        keep_until: The last day, in the lab's zone, on which it has to be kept.
        basis: The rule or order that says so.
        set_at: When it was recorded, UTC.
    """

    case_id: CaseId
    keep_until: date
    basis: str
    set_by: str
    set_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionLine:
    """A case whose period is set, with what it waits for.

    Attributes:
        is_over: Whether the last day has passed.
        holds: Legal holds in force on the case or its exhibits; they block an erasure.
        erased: What was erased already.
    """

    case: str
    title: str
    retention: Retention
    is_over: bool
    holds: int
    erased: frozenset[Erasable]

    @property
    def is_due(self) -> bool:
        """Whether something may be erased now that is kept still."""
        return self.is_over and not self.holds and self.erased != frozenset(Erasable)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewErasure:
    """What is asked when an erasure is proposed."""

    case_id: CaseId
    what: frozenset[Erasable]
    authority: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasedFile:
    """A file that was erased: its name in the lab folder, size in bytes, SHA-256 of its content in hex."""

    name: str
    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasure:
    """An erasure as the chain of its case tells it.

    Attributes:
        number: In its case, from 1.
        listed: Number and SHA-256 in hex of the files that it was proposed for, without catalogues; None in older ones.
        decision: Words of who approved or rejected it.
        files: What was erased; empty until it was carried out.
    """

    id: ErasureId
    number: int
    case_id: CaseId
    what: frozenset[Erasable]
    listed: tuple[int, str] | None
    authority: str
    reason: str
    state: ErasureState
    proposed_by: str
    proposer_id: PersonId
    proposed_at: datetime
    decided_by: str
    decider_id: PersonId | None
    decision: str
    carried_out_by: str
    carried_out_at: datetime | None
    files: tuple[ErasedFile, ...]

    @property
    def is_waiting(self) -> bool:
        """Whether it waits for a decision, or for being carried out."""
        return self.state in (ErasureState.PROPOSED, ErasureState.APPROVED)
