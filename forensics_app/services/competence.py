"""The competence register: who was trained in what until when, and who works on a case (REQ-37)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import uuid4
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from chain_of_custody.ledger import Json, Subject
from forensics_app.db.engine import Database
from forensics_app.db.mapping import Values, time_text
from forensics_app.db.mapping_competence import assignment_of, training_of
from forensics_app.db.rows import record_with
from forensics_app.db.tables import ASSIGNMENT, TRAINING
from forensics_app.errors import RefusedError
from forensics_app.model.case import CaseId
from forensics_app.model.competence import EXAMINER, Assignment, NewTraining, Training, TrainingId
from forensics_app.model.lab import LabInfo
from forensics_app.model.person import Person, PersonId, Role, SignedIn
from forensics_app.services.cases import case_subject, case_with
from forensics_app.services.competence_rules import (
    assignments_of,
    insert_assignment,
    select_assignments,
    select_trainings,
    trainings_of,
)
from forensics_app.services.folder import sha256_of
from forensics_app.services.people import person_with
from forensics_app.services.permissions import require
from forensics_app.services.record import Writer, case_chain, lab_chain

KEEPERS = (Role.SUPERVISOR, Role.ADMINISTRATOR)


@dataclass(frozen=True, slots=True, kw_only=True)
class Competence:
    """Use cases about competence.

    From the first training that is recorded the lab keeps a register, and nobody whose training is not in it, or has
    expired, is put to work on a case unless somebody else decides so with a reason.
    """

    db: Database
    lab: LabInfo
    now: Callable[[], datetime]

    def list(self, person_id: PersonId | None = None) -> tuple[Training, ...]:
        """The trainings of one person or of everybody, withdrawn ones included, in the order of recording."""
        with self.db.reading() as connection:
            found = trainings_of(connection)
        return tuple(one for one in found if person_id in (None, one.person_id))

    def assignments(self, case_id: CaseId) -> tuple[Assignment, ...]:
        """Who was put to work on a case, in the order of recording."""
        with self.db.reading() as connection:
            return assignments_of(connection, case_id)

    def record(self, actor: SignedIn, new: NewTraining) -> Training:
        """Record a training, with the SHA-256 of its certificate if that is given.

        Raises:
            PermissionRefusedError: The actor is neither supervisor nor administrator.
            RefusedError: Something required is missing, it ends before it began or lies ahead, or the file of the
                certificate cannot be read.
        """
        require(actor, "record a training", *KEEPERS)
        now = self.now()
        if not (new.subject.strip() and new.provider.strip()):
            raise RefusedError("A training needs its subject and who gave it.")
        if new.achieved_on > now.astimezone(ZoneInfo(self.lab.zone)).date():
            raise RefusedError("A training is recorded when it has been achieved.")
        if new.expires_on is not None and new.expires_on < new.achieved_on:
            raise RefusedError("The training expires before the day on which it was achieved.")
        training_id = TrainingId(uuid4())
        values: Values = {
            "id": str(training_id),
            "person_id": str(new.person_id),
            "subject": new.subject.strip(),
            "provider": new.provider.strip(),
            "achieved_on": new.achieved_on.isoformat(),
            "expires_on": None if new.expires_on is None else new.expires_on.isoformat(),
            "document": "" if new.document is None else new.document.name,
            "sha256": "" if new.document is None else _digest(new.document).hex(),
            "recorded_by": str(actor.person.id),
            "recorded_at": time_text(now),
            "withdrawn_reason": "",
        }
        with self.db.writing() as connection:
            person = person_with(connection, new.person_id)
            writer = Writer(connection, now)
            writer.insert(TRAINING, values)
            facts: dict[str, Json] = {"subject": values["subject"]}
            writer.append(lab_chain(self.lab), "person.training", _subject(person), facts, [("actor", actor)])
            return _training_with(connection, training_id)

    def withdraw(self, actor: SignedIn, training_id: TrainingId, reason: str) -> Training:
        """Let a training that was recorded wrongly count no more; it stays in the record with the reason.

        Raises:
            PermissionRefusedError: The actor is neither supervisor nor administrator.
            RefusedError: No reason is given, or it was withdrawn before.
        """
        require(actor, "withdraw a training", *KEEPERS)
        if not reason.strip():
            raise RefusedError("Withdrawing a training needs a reason.")
        with self.db.writing() as connection:
            training = _training_with(connection, training_id)
            if training.withdrawn_reason:
                raise RefusedError("This training has been withdrawn before.")
            writer = Writer(connection, self.now())
            writer.update(TRAINING, training_id, {"withdrawn_reason": reason.strip()})
            subject, facts = _subject(person_with(connection, training.person_id)), {"subject": training.subject}
            action = "person.training_withdrawn"
            writer.append(lab_chain(self.lab), action, subject, facts, [("actor", actor)], reason.strip())
            return _training_with(connection, training_id)

    def assign(self, actor: SignedIn, case_id: CaseId, person_id: PersonId, override_reason: str = "") -> Assignment:
        """Put an examiner to work on a case.

        Args:
            actor: A supervisor or administrator.
            case_id: The case.
            person_id: The examiner.
            override_reason: Why they are assigned though no training of theirs is in force; only then it is given.

        Raises:
            PermissionRefusedError: The actor may not.
            RefusedError: The person is no examiner whose key is in force, or is untrained and there is no reason, or
                decides about themselves.
        """
        require(actor, "assign an examiner", *KEEPERS)
        with self.db.writing() as connection:
            case, person = case_with(connection, case_id), person_with(connection, person_id)
            if person.revoked_at is not None or Role.EXAMINER not in person.roles:
                raise RefusedError(f"{person.name} is no examiner whose key is in force.")
            writer = Writer(connection, self.now())
            made = insert_assignment(writer, self.lab, actor, case, person, EXAMINER, override_reason)
            facts: dict[str, Json] = {"person": person.name, "post": EXAMINER}
            reason = override_reason.strip() or None
            writer.append(case_chain(case), "case.assign", case_subject(case), facts, [("actor", actor)], reason)
            query = select_assignments().where(ASSIGNMENT.c.id == made["id"])
            return assignment_of(connection.execute(query).mappings().one())


def _digest(document: Path) -> bytes:
    try:
        return sha256_of(document)
    except OSError as error:
        raise RefusedError(f"{document} cannot be read: {error.strerror}.") from error


def _subject(person: Person) -> Subject:
    return Subject(kind="person", id=str(person.id), label=person.name)


def _training_with(connection: Connection, training_id: TrainingId) -> Training:
    query = select_trainings().where(TRAINING.c.id == str(training_id))
    return record_with(connection, query, training_of, f"training with the id {training_id}")
