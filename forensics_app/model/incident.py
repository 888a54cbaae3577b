"""Incidents: what went wrong with an exhibit, and what a supervisor decided about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NewType
from uuid import UUID

from chain_of_custody.reasons import is_in_words as is_in_words
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
from forensics_app.model.exhibit import Exhibit, ExhibitId, State
from forensics_app.model.exhibit import SealSeen as SealSeen

IncidentId = NewType("IncidentId", UUID)


def opens_seal(exhibit: Exhibit) -> bool:
    """Whether who images an exhibit, or takes a part out of it, opens a seal that is recorded as being on it."""
    return exhibit.state is State.CHECKED_OUT and bool(exhibit.seal_number)


def seal_parameters(seen: SealSeen | None) -> dict[str, str]:
    """What was seen of a seal as the journal of operations keeps it; empty where nothing was."""
    if seen is None:
        return {}
    return {"seal_check": seen.condition, "seal_number": seen.number, "seal_remarks": seen.remarks}


def seal_again(given: Mapping[str, str]) -> SealSeen | None:
    """What the journal kept of a seal, for an operation that is begun again."""
    if "seal_check" not in given:
        return None
    return SealSeen(condition=given["seal_check"], number=given["seal_number"], remarks=given["seal_remarks"])


class IncidentKind(StrEnum):
    """What an incident is about."""

    SEAL_BROKEN = SealFault.BROKEN.value
    SEAL_MISSING = SealFault.MISSING.value
    SEAL_DIFFERS = SealFault.DIFFERENT.value
    LOST = "lost"
    OTHER = "other"


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
