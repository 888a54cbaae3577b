"""Whether somebody is trained for what they are about to do: asked where people are put to work (REQ-37)."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Select, select

from chain_of_custody.states import Event, Transition
from forensics_app.db.mapping import Values, time_text
from forensics_app.db.mapping_competence import assignment_of, training_of
from forensics_app.db.rows import readable
from forensics_app.db.tables import ASSIGNMENT, PERSON, TRAINING
from forensics_app.errors import RefusedError
from forensics_app.model.case import Case, CaseId
from forensics_app.model.competence import Assignment, Training, in_force
from forensics_app.model.exhibit import Exhibit, ExhibitType
from forensics_app.model.lab import LabInfo
from forensics_app.model.person import Person, Role, SignedIn
from forensics_app.services.record import Writer

NEEDS_COMPETENCE = frozenset({Event.CHECK_OUT, Event.HAND_OVER, Event.BEGIN_EXAMINATION})
"""By these an examiner gets an exhibit to work on it; untrained they do so only where that was decided (REQ-37)."""


def insert_assignment(
    writer: Writer, lab: LabInfo, actor: SignedIn, case: Case, person: Person, post: str, override_reason: str
) -> Values:
    """Add the row of an assignment, if the person is trained or somebody else says why it is done all the same.

    Raises:
        RefusedError: They are not, and there is no reason, or they give it themselves.
    """
    untrained = _untrained(writer.connection, person, writer.now, lab)
    if untrained and not override_reason.strip():
        raise RefusedError(untrained, then="Record their training, or let somebody else say why they work on it.")
    if untrained and person.id == actor.person.id:
        raise RefusedError(f"{untrained} Nobody decides that about themselves.", then="Let somebody else assign them.")
    values: Values = {
        "id": str(uuid4()),
        "case_id": str(case.id),
        "person_id": str(person.id),
        "post": post,
        "override_reason": override_reason.strip() if untrained else "",
        "assigned_by": str(actor.person.id),
        "assigned_at": time_text(writer.now),
    }
    writer.insert(ASSIGNMENT, values)
    return values


def check_taking(
    connection: Connection,
    case: Case,
    exhibit: Exhibit,
    step: Transition,
    person: Person,
    now: datetime,
    lab: LabInfo,
) -> None:
    """Refuse a step by which an untrained examiner gets an exhibit of a case; the lab's own media are for everybody.

    Raises:
        RefusedError: As `check_competence` does.
    """
    if step.event in NEEDS_COMPETENCE and exhibit.type is not ExhibitType.MEDIUM:
        check_competence(connection, case, person, now, lab)


def check_competence(connection: Connection, case: Case, person: Person, now: datetime, lab: LabInfo) -> None:
    """Refuse to hand an exhibit to an examiner who is untrained and whom nobody assigned to the case with a reason.

    Only examiners are asked: others hold exhibits to keep or to carry them.

    Raises:
        RefusedError: They are untrained, or their training has expired.
    """
    if Role.EXAMINER not in person.roles:
        return
    untrained = _untrained(connection, person, now, lab)
    overridden = any(one.person_id == person.id and one.override_reason for one in assignments_of(connection, case.id))
    if untrained and not overridden:
        raise RefusedError(
            untrained, then=f"Record their training, or let a supervisor assign them to {case.number} with a reason."
        )


def trainings_of(connection: Connection) -> tuple[Training, ...]:
    """Every training of the register, in the order of recording."""
    query = select_trainings().order_by(TRAINING.c.recorded_at, TRAINING.c.id)
    return readable(connection, query, training_of)


def assignments_of(connection: Connection, case_id: CaseId) -> tuple[Assignment, ...]:
    """Who was put to work on a case, in the order of recording."""
    query = select_assignments().where(ASSIGNMENT.c.case_id == str(case_id))
    return readable(connection, query.order_by(ASSIGNMENT.c.assigned_at, ASSIGNMENT.c.id), assignment_of)


def _untrained(connection: Connection, person: Person, now: datetime, lab: LabInfo) -> str:
    """Why a person's competence is in doubt, a sentence; empty if it is not, or if the lab keeps no register."""
    register = trainings_of(connection)
    if not register or in_force(register, person.id, now.astimezone(ZoneInfo(lab.zone)).date()):
        return ""
    mine = [one for one in register if one.person_id == person.id and not one.withdrawn_reason and one.expires_on]
    if not mine:
        return f"No training of {person.name} is in the register."
    last = max(mine, key=lambda one: str(one.expires_on))
    return f"The training of {person.name} in {last.subject} expired on {last.expires_on}."


def select_trainings() -> Select[Any]:
    """Trainings with the names that their record shows."""
    recorder = PERSON.alias("recorder")
    return (
        select(TRAINING, PERSON.c.name.label("person"), recorder.c.name.label("recorder"))
        .join(PERSON, PERSON.c.id == TRAINING.c.person_id)
        .join(recorder, recorder.c.id == TRAINING.c.recorded_by)
    )


def select_assignments() -> Select[Any]:
    """Assignments with the names that their record shows."""
    assigner = PERSON.alias("assigner")
    return (
        select(ASSIGNMENT, PERSON.c.name.label("person"), assigner.c.name.label("assigner"))
        .join(PERSON, PERSON.c.id == ASSIGNMENT.c.person_id)
        .join(assigner, assigner.c.id == ASSIGNMENT.c.assigned_by)
    )
