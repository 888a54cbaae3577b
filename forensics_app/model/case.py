"""Cases and the authority they rest on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import NewType
from uuid import UUID

from forensics_app.model.person import PersonId

CaseId = NewType("CaseId", UUID)


class CaseStatus(StrEnum):
    """A case leaves draft when its legal basis is recorded (REQ-01)."""

    DRAFT = "draft"
    OPEN = "open"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class LegalBasis:
    """The authority to act (REQ-01; ETS 185, articles 14 and 15).

    Attributes:
        instrument: Kind of authority, such as "search warrant".
        scope: What it covers, in the words of the instrument.
        expires_on: Last day of validity in the lab's zone; None when it has no end.
    """

    instrument: str
    number: str
    issuer: str
    issued_on: date
    scope: str
    expires_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorityOverride:
    """A decision to go on although the authority has expired (REQ-01); it stays a deviation from legality.

    Attributes:
        until: Last day on which it holds, in the lab's zone.
        by: Name of who decided it.
    """

    reason: str
    until: date
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCase:
    """What is asked when a case is opened; without a legal basis it stays a draft.

    Attributes:
        untrained_reason: Why the lead examiner is assigned though no training of theirs is in force (REQ-37); asked
            only where that is so.
    """

    number: str
    title: str
    offence: str
    requesting_authority: str
    lead_examiner_id: PersonId
    supervisor_id: PersonId
    legal_basis: LegalBasis | None = None
    questions: str = ""
    untrained_reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A case; ``id`` is also the id of its chain.

    Attributes:
        unread: What of its row cannot be read, in words; such a legal basis or override counts as none.
    """

    id: CaseId
    number: str
    title: str
    offence: str
    requesting_authority: str
    questions: str
    legal_basis: LegalBasis | None
    lead_examiner_id: PersonId
    supervisor_id: PersonId
    status: CaseStatus
    opened_at: datetime
    override: AuthorityOverride | None = None
    unread: tuple[str, ...] = ()
