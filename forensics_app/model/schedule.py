"""What has to be verified again, and when (REQ-29)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from forensics_app.model.case import CaseId
from forensics_app.model.image import ImageId


class DueKind(StrEnum):
    """What is to be verified again."""

    CHAINS = "chains"
    IMAGE = "image"


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """Something that is verified again at intervals.

    Attributes:
        subject: Number of the image; the lab's name for its chains.
        case_id: Of an image; None for the chains, which are those of all cases.
        case: Number of the case; empty for the chains.
        last_at: When it was last verified, the intake counted; for chains that never were, when the lab was created.
        last_agreed: Whether nothing was found then; None for chains that never were verified.
        due_at: When it is to be verified again.
        checks: How often it was verified so far.
    """

    kind: DueKind
    subject: str
    case_id: CaseId | None
    case: str
    image_id: ImageId | None
    last_at: datetime
    last_agreed: bool | None
    due_at: datetime
    checks: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DueChecked:
    """What came out of verifying something that was due.

    Attributes:
        agrees: Whether nothing was found; None where it could not be verified, and then it stays due.
        what: What was found, or why it could not be verified.
    """

    due: Due
    agrees: bool | None
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """One verification of every chain that somebody signed for."""

    at: datetime
    by: str
    ok: bool
    chains: int
    entries: int
    finding_count: int
