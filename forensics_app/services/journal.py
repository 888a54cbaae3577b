"""The journal of long operations: what runs, what ended how, and what a crash cut off."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from uuid import UUID, uuid4

from sqlalchemy import Connection, insert, select, update

from chain_of_custody.ledger import Subject
from forensics_app.db.engine import Database
from forensics_app.db.filelock import held, is_held
from forensics_app.db.mapping import job_of, json_text, time_text
from forensics_app.db.rows import record_with, records
from forensics_app.db.tables import JOB
from forensics_app.errors import CancelledError, RefusedError
from forensics_app.model.case import CaseId
from forensics_app.model.lab import Job, JobState, LabInfo
from forensics_app.model.person import READ_ONLY, Role, SignedIn
from forensics_app.services.cases import case_with
from forensics_app.services.folder import LabFolder
from forensics_app.services.permissions import require
from forensics_app.services.record import Writer, case_chain, lab_chain
from forensics_app.services.unrecorded import unrecorded_files


@dataclass(slots=True)
class Running:
    """An operation that runs; called with the sentence in which it says how it ended.

    Attributes:
        message: That sentence.
    """

    _db: Database
    _id: UUID
    _parameters: dict[str, str]
    message: str = ""

    def __call__(self, text: str) -> None:
        """Say how it ended."""
        self.message = text

    def note(self, key: str, value: str) -> None:
        """Keep something beside what it was asked for, in the place of what was kept there before."""
        self._parameters = {**self._parameters, key: value}
        with self._db.writing() as connection:
            changed = {"parameters": json_text(self._parameters)}
            connection.execute(update(JOB).where(JOB.c.id == str(self._id)).values(changed))


@dataclass(frozen=True, slots=True, kw_only=True)
class Journal:
    """Remembers long operations in the lab, so that the next start knows what a crash interrupted."""

    db: Database
    lab: LabInfo
    folder: LabFolder
    now: Callable[[], datetime]

    @contextmanager
    def running(self, kind: str, subject: str, case_id: UUID | None, parameters: dict[str, str]) -> Iterator[Running]:
        """Keep the operation in the journal while the block runs.

        A lock on a file tells the living from the dead: the system lets go of it when the process ends, however it
        ends.

        Args:
            kind: ``intake``, ``catalogue``, ``recheck`` or ``report``.
            subject: What it works on, for a person.
            case_id: The case, if any.
            parameters: What is needed to run it again.

        Yields:
            What takes the sentence in which the operation says how it ended.
        """
        job_id = uuid4()
        say = Running(self.db, job_id, parameters)
        with held(self.folder.jobs / f"{job_id}.lock"):
            with self.db.writing() as connection:
                connection.execute(insert(JOB).values(
                    id=str(job_id), kind=kind, subject=subject, case_id=None if case_id is None else str(case_id),
                    parameters=json_text(parameters), state=JobState.RUNNING.value, host=socket.gethostname(),
                    started_at=time_text(self.now()), ended_at=None, message="",
                ))  # fmt: skip
            try:
                yield say
            except (CancelledError, KeyboardInterrupt):
                self._end(job_id, JobState.CANCELLED, "Cancelled.")
                raise
            except BaseException as error:
                self._end(job_id, JobState.FAILED, str(error))
                raise
            else:
                self._end(job_id, JobState.DONE, say.message)

    def noted(self, kind: str, case_id: UUID, image_id: UUID, key: str) -> tuple[str, ...]:
        """What the operations of a kind on an image noted under ``key``: all, for clocks are set back."""
        query = select(JOB).where(JOB.c.kind == kind, JOB.c.case_id == str(case_id), JOB.c.parameters.contains(key))
        with self.db.reading() as connection:
            jobs = records(connection, query.order_by(JOB.c.started_at.desc()), job_of)
        told = (job.parameters for job in jobs)
        return tuple(one[key] for one in told if one.get("image_id") == str(image_id) and key in one)

    def list(self, limit: int = 100) -> tuple[Job, ...]:
        """The newest operations of the lab, running ones included."""
        query = select(JOB).order_by(JOB.c.started_at.desc()).limit(limit)
        with self.db.reading() as connection:
            return records(connection, query, job_of)

    def interrupted(self) -> tuple[Job, ...]:
        """Operations that a crash cut off and that nobody has settled yet, oldest first.

        The lock files lie beside the record, so that they tell of every operation, also when the lab was moved to
        another computer or this one got another name. Of a record on a server they tell of this computer's only.
        """
        from forensics_app.services.unfinished import left_of

        for job in self.cut_off():
            if job.state is JobState.RUNNING:
                words = f"The program ended while this was running. {left_of(job)}".rstrip()
                if self._end(job.id, JobState.INTERRUPTED, words):  # else somebody else noted it in this moment
                    (self.folder.jobs / f"{job.id}.lock").unlink(missing_ok=True)
        return tuple(job for job in self._unsettled() if job.state is JobState.INTERRUPTED)

    def cut_off(self) -> tuple[Job, ...]:
        """The same as it is found, noting nothing; one that nobody has noted yet is still said to run.

        An operation writes how it ended before it lets go of its lock. So one whose lock is free was cut off only if
        it is still said to run when it is read after the lock was tried.
        """
        dead = {job.id for job in self._unsettled() if not self._is_at_work(job)}
        return tuple(job for job in self._unsettled() if job.id in dead) if dead else ()

    def at_work(self, connection: Connection, case_id: UUID) -> tuple[Job, ...]:
        """Operations of a case that run; of another computer's, whose locks lie there, those that are said to."""
        running = select(JOB).where(JOB.c.case_id == str(case_id), JOB.c.state == JobState.RUNNING.value)
        own = socket.gethostname()
        return tuple(
            job
            for job in records(connection, running.order_by(JOB.c.started_at), job_of)
            if self._is_at_work(job) or not (self.db.is_sqlite or job.host == own)
        )

    def _is_at_work(self, job: Job) -> bool:
        return job.state is JobState.RUNNING and is_held(self.folder.jobs / f"{job.id}.lock")

    def _unsettled(self) -> tuple[Job, ...]:
        unsettled = select(JOB).where(JOB.c.state.in_([JobState.RUNNING.value, JobState.INTERRUPTED.value]))
        if not self.db.is_sqlite:
            unsettled = unsettled.where(JOB.c.host == socket.gethostname())
        with self.db.reading() as connection:
            return records(connection, unsettled.order_by(JOB.c.started_at), job_of)

    def unrecorded_files(self) -> tuple[Path, ...]:
        """Photographs, papers and reports in the lab folder that are not of the record; they are left there."""
        with self.db.reading() as connection:
            return unrecorded_files(connection, self.folder)

    def settle(self, actor: SignedIn, job_id: UUID, *, again: bool) -> Job:
        """Record that an operation was interrupted, and what the person decided.

        Args:
            actor: Who decides.
            job_id: One of :meth:`interrupted`.
            again: Whether it is started anew; the caller then does so with the job's parameters.

        Raises:
            PermissionRefusedError: The actor only reads, as auditors and prosecutors do.
            NotFoundError: There is no such operation.
            RefusedError: It is not an interrupted one.
        """
        require(actor, "settle an operation", *(role for role in Role if role not in READ_ONLY))
        with self.db.writing() as connection:
            job = record_with(connection, select(JOB).where(JOB.c.id == str(job_id)), job_of, "such operation")
            if job.state is not JobState.INTERRUPTED:
                raise RefusedError(f"The {job.kind} of {job.subject} is not an interrupted operation.")
            chain = lab_chain(self.lab)
            if job.case_id is not None:
                chain = case_chain(case_with(connection, CaseId(job.case_id)))
            Writer(connection, self.now()).append(
                chain,
                "job.interrupted",
                Subject(kind="job", id=str(job.id), label=f"{job.kind} of {job.subject}"),
                {"started_at": time_text(job.started_at), "decision": "started again" if again else "given up"},
                [("actor", actor)],
            )
            settled = replace(job, state=JobState.SETTLED, ended_at=job.ended_at or self.now())
            connection.execute(update(JOB).where(JOB.c.id == str(job_id)).values(state=JobState.SETTLED.value))
        return settled

    def settle_done(self, actor: SignedIn, key: str, value: str) -> None:
        """As :meth:`settle`, of what was cut off with that parameter and gone on with to its end."""
        for job in self.interrupted():
            if job.parameters.get(key) == value:
                self.settle(actor, job.id, again=True)

    def _end(self, job_id: UUID, state: JobState, message: str) -> bool:
        """Note how a running operation ended; tell whether it was still said to run."""
        running = update(JOB).where(JOB.c.id == str(job_id), JOB.c.state == JobState.RUNNING.value)
        values = {"state": state.value, "ended_at": time_text(self.now()), "message": message}
        with self.db.writing() as connection:
            return connection.execute(running.values(values)).rowcount == 1
