"""What people were trained in, until when, and who was assigned to a case though untrained (REQ-37)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import NewType
from uuid import UUID

from forensics_app.model.case import CaseId
from forensics_app.model.person import PersonId

TrainingId = NewType("TrainingId", UUID)
LEAD_EXAMINER, EXAMINER = "lead examiner", "examiner"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTraining:
    """What is asked when a training is recorded.

    Attributes:
        subject: What it was about, such as "live data forensics".
        provider: Who gave or certified it.
        expires_on: Last day on which it counts, in the lab's zone; None where it has no end.
        document: The certificate, whose name and SHA-256 are recorded; the file itself is not copied. None: not seen.
    """

    person_id: PersonId
    subject: str
    provider: str
    achieved_on: date
    expires_on: date | None = None
    document: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Training:
    """A training as it is recorded.

    Attributes:
        document: Name of the certificate's file; empty where none was shown, and then ``sha256`` is None.
        recorded_by: Name of who recorded it.
        withdrawn_reason: Why it does not count; empty while it does.
    """

    id: TrainingId
    person_id: PersonId
    person: str
    subject: str
    provider: str
    achieved_on: date
    expires_on: date | None
    document: str
    sha256: bytes | None
    recorded_by: str
    recorded_at: datetime
    withdrawn_reason: str

    def holds_on(self, day: date) -> bool:
        """Whether it counts on a day of the lab's zone."""
        return (
            not self.withdrawn_reason
            and self.achieved_on <= day
            and (self.expires_on is None or day <= self.expires_on)
        )

    @property
    def words(self) -> str:
        """Subject, provider and how long it counts, in one line."""
        until = "without an end" if self.expires_on is None else f"until {self.expires_on}"
        return f"{self.subject} ({self.provider}, {self.achieved_on}, {until})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """That somebody was put to work on a case.

    Attributes:
        post: ``lead examiner`` or ``examiner``.
        override_reason: Why they were assigned though no training of theirs was in force; empty where one was, or where
            the lab kept no register then.
        assigned_by: Name of who decided it.
    """

    id: UUID
    case_id: CaseId
    person_id: PersonId
    person: str
    post: str
    override_reason: str
    assigned_by: str
    assigned_at: datetime


def in_force(trainings: Sequence[Training], person_id: PersonId, day: date) -> tuple[Training, ...]:
    """The trainings of a person that count on a day of the lab's zone."""
    return tuple(one for one in trainings if one.person_id == person_id and one.holds_on(day))
