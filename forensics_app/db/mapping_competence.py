"""Rows of trainings and assignments into records."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from forensics_app.db.mapping import Row, moment, of_table
from forensics_app.model.case import CaseId
from forensics_app.model.competence import Assignment, Training, TrainingId
from forensics_app.model.person import PersonId


@of_table("training")
def training_of(row: Row) -> Training:
    """A training; ``person`` and ``recorder`` are names of the people that it points at."""
    return Training(
        id=TrainingId(UUID(row["id"])),
        person_id=PersonId(UUID(row["person_id"])),
        person=row["person"],
        subject=row["subject"],
        provider=row["provider"],
        achieved_on=date.fromisoformat(row["achieved_on"]),
        expires_on=date.fromisoformat(row["expires_on"]) if row["expires_on"] else None,
        document=row["document"],
        sha256=bytes.fromhex(row["sha256"]) or None,
        recorded_by=row["recorder"],
        recorded_at=moment(row["recorded_at"]),
        withdrawn_reason=row["withdrawn_reason"],
    )


@of_table("assignment")
def assignment_of(row: Row) -> Assignment:
    """An assignment; ``person`` and ``assigner`` are names of the people that it points at."""
    return Assignment(
        id=UUID(row["id"]),
        case_id=CaseId(UUID(row["case_id"])),
        person_id=PersonId(UUID(row["person_id"])),
        person=row["person"],
        post=row["post"],
        override_reason=row["override_reason"],
        assigned_by=row["assigner"],
        assigned_at=moment(row["assigned_at"]),
    )
