"""Incidents: what went wrong with an exhibit, and what a supervisor decided about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NewType
from uuid import UUID

from chain_of_custody.seals import OPENED as OPENED
from chain_of_custody.seals import WITHOUT_NUMBER as WITHOUT_NUMBER
from chain_of_custody.seals import SealCondition as SealCondition
from chain_of_custody.seals import SealFault as SealFault
from chain_of_custody.seals import SealFinding as SealFinding
from chain_of_custody.seals import fault_of as fault_of
from chain_of_custody.seals import seal_condition as seal_condition
from chain_of_custody.seals import seal_finding as seal_finding
from chain_of_custody.seals import seal_is_asked as seal_is_asked
from forensics_app.model.case import CaseId
from forensics_app.model.exhibit import ExhibitId

IncidentId = NewType("IncidentId", UUID)


class IncidentKind(StrEnum):
    """What an incident is about."""

    SEAL_BROKEN = SealFault.BROKEN.value
    SEAL_MISSING = SealFault.MISSING.value
    SEAL_DIFFERS = SealFault.DIFFERENT.value
    LOST = "lost"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class SealSeen:
    """What was seen of a seal.

    Attributes:
        condition: One of :class:`SealCondition`, by its whole name or a short one.
        number: As read; empty where none can be read, or it is the one that is recorded.
        remarks: Anything else; why, where it was not checked.
    """

    condition: str
    number: str = ""
    remarks: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """Something that went wrong with an exhibit (REQ-12).

    Attributes:
        number: Number of the exhibit.
        what: In a sentence.
        raised_by: Name of who signed the step that raised it, the receiver where two did.
        decision: What a supervisor decided; empty while it is open.
        decided_by: Their name; empty while it is open.
    """

    id: IncidentId
    case_id: CaseId
    exhibit_id: ExhibitId
    number: str
    kind: IncidentKind
    what: str
    raised_at: datetime
    raised_by: str
    decision: str
    decided_by: str
    decided_at: datetime | None

    @property
    def is_open(self) -> bool:
        """Whether nobody decided yet."""
        return self.decided_at is None
