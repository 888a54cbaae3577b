"""Audits of rooms: what should lie there, what was scanned, and what differs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NewType
from uuid import UUID

from forensics_app.model.exhibit import Exhibit, ExhibitId
from forensics_app.model.incident import SealCondition, SealSeen

AuditId = NewType("AuditId", UUID)


class FindingKind(StrEnum):
    """What differs."""

    MISSING = "missing"
    UNEXPECTED = "unexpected"
    SEAL_BROKEN = "seal broken"
    SEAL_MISSING = "seal missing"
    SEAL_DIFFERS = "seal differs"
    SEAL_NOT_CHECKED = "seal not checked"
    UNKNOWN = "unknown label"


INCIDENTS_TOO = (FindingKind.SEAL_BROKEN, FindingKind.SEAL_MISSING, FindingKind.SEAL_DIFFERS)
"""Findings that are incidents of their exhibits besides, and are decided as such."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAudit:
    """What was done at a place.

    Attributes:
        place: As it stands with the exhibits; everything whose place begins with these words should lie there.
        scanned: Texts of labels or exhibit numbers, in the order of scanning.
        broken: Those of ``scanned`` whose seal is not whole.
        seals: What was seen of other seals, by the text that was scanned.
        seals_agree: Whether every other seal was looked at, too, and is as recorded; a seal of which nothing is told
            was not looked at else.
    """

    place: str
    began_at: datetime
    scanned: Sequence[str]
    broken: Sequence[str] = ()
    seals: Mapping[str, SealSeen] = field(default_factory=dict)
    seals_agree: bool = False
    remarks: str = ""

    @property
    def seen(self) -> dict[str, SealSeen]:
        """What was seen of every seal that is told of."""
        return {**{text: SealSeen(condition=SealCondition.BROKEN) for text in self.broken}, **self.seals}


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditFinding:
    """One thing that differs; ``exhibit_id`` is None for a label that nobody knows."""

    kind: FindingKind
    exhibit_id: ExhibitId | None
    label: str
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditLook:
    """What an audit would find if it ended now; nothing of it is recorded.

    Attributes:
        expected: What should lie there, by number.
        scanned: By what was scanned, the exhibit that it means; None where nobody knows it.
    """

    expected: tuple[Exhibit, ...]
    scanned: Mapping[str, Exhibit | None]
    findings: tuple[AuditFinding, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomAudit:
    """An audit that was signed.

    Attributes:
        expected: How many exhibits should have been there; ``found`` how many of them were.
        by: Name of who made it.
    """

    id: AuditId
    place: str
    by: str
    began_at: datetime
    expected: int
    found: int
    remarks: str
    recorded_at: datetime
    findings: tuple[AuditFinding, ...] = ()
