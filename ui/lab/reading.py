"""What the Lab page reads of the record and of the journal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

if TYPE_CHECKING:
    from forensics_app.bootstrap import Lab
    from forensics_app.model.lab import Job, LabInfo
    from forensics_app.model.person import GivenKey, Person
    from forensics_app.model.register import Outsider, PlaceLine
    from forensics_app.services.verification import LastCheck


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationRow:
    """A long operation with the number of its case; empty where it belongs to none."""

    job: Job
    case_number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LabShown:
    """What the page reads in one go; operations are the newest first."""

    info: LabInfo
    folder: str
    root_fingerprint: str
    last_check: LastCheck | None
    people: tuple[Person, ...]
    given: Mapping[str, GivenKey]
    operations: tuple[OperationRow, ...]
    places: tuple[PlaceLine, ...]
    outsiders: tuple[Outsider, ...]
    is_backup_due: bool


def read_lab(lab: Lab) -> LabShown:
    """Read everything; what a crash cut off on this computer is marked as interrupted first."""
    numbers: dict[UUID, str] = {case.id: case.number for case in lab.cases.list()}
    lab.journal.interrupted()
    return LabShown(
        info=lab.info,
        folder=str(lab.folder.root),
        root_fingerprint=lab.verification.root_fingerprint(),
        last_check=lab.verification.last(),
        people=lab.people.list(),
        given=lab.person_keys.given(),
        operations=tuple(
            OperationRow(job=job, case_number=numbers.get(job.case_id, "") if job.case_id else "")
            for job in lab.journal.list()
        ),
        places=lab.places.tree(),
        outsiders=lab.outsiders.list(),
        is_backup_due=lab.backups.standing().is_due(lab.backups.now()),
    )
