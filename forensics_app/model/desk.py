"""What waits on the supervisor's desk, and what was decided there (REQ-19, REQ-22)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from uuid import UUID

from forensics_app.model.case import CaseId
from forensics_app.model.person import PersonId


class MatterKind(StrEnum):
    """What a matter is about, the most pressing first."""

    INTEGRITY = "integrity failure"
    VERIFICATION = "failed verification"
    UNREADABLE = "unreadable record"
    INCIDENT = "incident"
    AUDIT = "audit finding"
    OVERDUE = "overdue"
    KEY_ENDED = "held with a key that ended"
    DISPOSAL = "disposal"
    RETENTION = "retention"
    GAP = "unexplained gap"
    DEVIATION = "deviation"
    TOOL = "unvalidated tool"
    REVIEW = "report in review"
    REPORT = "report"


DECIDED_HERE = frozenset(
    {MatterKind.VERIFICATION, MatterKind.AUDIT, MatterKind.DEVIATION, MatterKind.TOOL, MatterKind.REPORT}
)
"""Matters that are approved or returned. The others end by an act of their own: a decision about the image or the
incident, the return of the exhibit, the end of the disposal, a deviation with its reason."""
ENDED_BY = {
    MatterKind.INTEGRITY: "Release or quarantine the image.",
    MatterKind.UNREADABLE: "Ask who signed it, correct what can be corrected, and record it as a deviation.",
    MatterKind.INCIDENT: "Close the incident with a decision.",
    MatterKind.OVERDUE: "Bring the exhibit back, record where it is or its loss, or answer or withdraw the offer.",
    MatterKind.KEY_ENDED: "Let somebody take it over: the supervisor orders it, and both sign.",
    MatterKind.DISPOSAL: "Approve or reject it; an approved one is carried out before a witness.",
    MatterKind.RETENTION: "Propose an erasure, decide about one, or set another period with its basis.",
    MatterKind.REVIEW: "Read the draft, then approve it or return it with comments; its author issues it with you.",
    MatterKind.GAP: "Explain it as a deviation from the principle, with the reason.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Matter:
    """Something that waits.

    Attributes:
        key: The same as long as it is the same thing.
        case_id: None for what concerns the lab as a whole.
        case: Number of the case, or the lab's name.
        about: Id of the image, exhibit or report that it is about; empty where it is about none.
        since: When it began to wait.
        actors: Who did what it is about; none of them may decide about it.
    """

    kind: MatterKind
    key: str
    case_id: CaseId | None
    case: str
    what: str
    since: datetime
    about: str = ""
    actors: frozenset[PersonId] = frozenset()

    @property
    def code(self) -> str:
        """Eight digits to call it by. Unlike its place in a list they never come to mean something else."""
        return sha256(self.key.encode()).hexdigest()[:8]

    @property
    def is_decided_here(self) -> bool:
        """Whether it is approved or returned on the desk."""
        return self.kind in DECIDED_HERE


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What was decided about a matter.

    Attributes:
        matter: Key of the matter.
        what: The matter in the words in which it was shown.
        approved: False where it was returned.
    """

    id: UUID
    case_id: CaseId | None
    kind: MatterKind
    matter: str
    what: str
    approved: bool
    comment: str
    decided_by: str
    decided_at: datetime
