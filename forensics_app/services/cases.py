"""Cases: opening them, recording their authority, changing what they say."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, func, select

from chain_of_custody.ledger import Json, Subject
from forensics_app.db.engine import Database
from forensics_app.db.mapping import Values, basis_values, case_of, time_text
from forensics_app.db.rows import readable, record_with
from forensics_app.db.tables import CASE, EXHIBIT
from forensics_app.errors import RefusedError
from forensics_app.model.case import Case, CaseId, CaseStatus, LegalBasis, NewCase
from forensics_app.model.competence import LEAD_EXAMINER
from forensics_app.model.lab import LabInfo
from forensics_app.model.medium import media_case_id
from forensics_app.model.person import Person, PersonId, Role, SignedIn
from forensics_app.services.competence_rules import insert_assignment
from forensics_app.services.corrections import differing
from forensics_app.services.left_open import left_open
from forensics_app.services.people import person_or_none
from forensics_app.services.permissions import require
from forensics_app.services.record import Writer, case_chain, lab_chain
from forensics_app.services.record_values import as_uuid

OVERRIDE_DAYS = 7
_LEAVE = "Bring it to its end first, or close the case knowing of it, and say in the reason why it may stay open."
CHANGEABLE = ("title", "offence", "requesting_authority", "questions")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cases:
    """Use cases about cases. A case's number is never used twice, and no case is deleted."""

    db: Database
    lab: LabInfo
    now: Callable[[], datetime]

    def list(self) -> tuple[Case, ...]:
        """All cases, newest first."""
        with self.db.reading() as connection:
            return readable(connection, select(CASE).order_by(CASE.c.opened_at.desc(), CASE.c.number), case_of)

    def exhibit_counts(self) -> Mapping[CaseId, int]:
        """How many exhibits each case has that has any."""
        query = select(EXHIBIT.c.case_id, func.count()).group_by(EXHIBIT.c.case_id)
        with self.db.reading() as connection:
            return {CaseId(as_uuid(case_id)): count for case_id, count in connection.execute(query)}

    def get(self, case_id: CaseId) -> Case:
        """The case with this id.

        Raises:
            NotFoundError: There is none.
        """
        with self.db.reading() as connection:
            return case_with(connection, case_id)

    def numbered(self, number: str) -> Case:
        """The case with this number.

        Raises:
            NotFoundError: There is none.
        """
        with self.db.reading() as connection:
            query = select(CASE).where(CASE.c.number == number.strip())
            return record_with(connection, query, case_of, f"case {number!r}")

    def create(self, actor: SignedIn, new: NewCase) -> Case:
        """Open a case: the first entry of its own chain, and an anchor of that entry in the lab chain.

        Raises:
            PermissionRefusedError: The actor is neither examiner, exhibits officer, supervisor nor administrator.
            RefusedError: The number is taken, something required is missing, lead and supervisor do not hold
                the roles that the posts need, or the lead is untrained and there is no reason to assign them.
        """
        with self.db.writing() as connection:
            return self.create_in(connection, actor, new)

    def create_in(self, connection: Connection, actor: SignedIn, new: NewCase) -> Case:
        """Open a case in a transaction that does more; raises as :meth:`create` does."""
        require(actor, "open a case", Role.EXAMINER, Role.EXHIBITS_OFFICER, Role.SUPERVISOR, Role.ADMINISTRATOR)
        number, title = new.number.strip(), new.title.strip()
        if not (number and title and new.offence.strip() and new.requesting_authority.strip()):
            raise RefusedError("A case needs a number, a title, an offence and a requesting authority.")
        if new.legal_basis is not None:
            check_basis(new.legal_basis)
        now = self.now()
        case_id = CaseId(uuid4())
        values: Values = {
            "id": str(case_id),
            "number": number,
            "title": title,
            "offence": new.offence.strip(),
            "requesting_authority": new.requesting_authority.strip(),
            "questions": new.questions.strip(),
            **basis_values(new.legal_basis),
            "lead_examiner_id": str(new.lead_examiner_id),
            "supervisor_id": str(new.supervisor_id),
            "status": (CaseStatus.DRAFT if new.legal_basis is None else CaseStatus.OPEN).value,
            "opened_at": time_text(now),
            **dict.fromkeys(("override_reason", "override_until", "override_by")),
        }
        if connection.scalar(select(CASE.c.id).where(CASE.c.number == number)) is not None:
            raise RefusedError(f"The case number {number!r} is already in use.")
        lead = _holder_of(connection, new.lead_examiner_id, Role.EXAMINER, "lead examiner")
        supervisor = _holder_of(connection, new.supervisor_id, Role.SUPERVISOR, "supervisor")
        writer = Writer(connection, now)
        writer.insert(CASE, values)
        case = case_of(values)
        facts: dict[str, Json] = {"lead_examiner": lead.name, "supervisor": supervisor.name}
        insert_assignment(writer, self.lab, actor, case, lead, LEAD_EXAMINER, new.untrained_reason)
        begin_chain(writer, self.lab, actor, case, facts)
        return case

    def record_legal_basis(self, actor: SignedIn, case_id: CaseId, basis: LegalBasis, reason: str = "") -> Case:
        """Record or replace the authority of a case; a draft becomes open (REQ-01).

        Raises:
            PermissionRefusedError: The actor is neither examiner nor supervisor.
            RefusedError: Something required is missing, or an authority is replaced without a reason.
        """
        require(actor, "record a legal basis", Role.EXAMINER, Role.SUPERVISOR)
        check_basis(basis)
        with self.db.writing() as connection:
            case = case_with(connection, case_id)
            if case.legal_basis is not None and not reason.strip():
                raise RefusedError("Replacing a recorded authority needs a reason.")
            values = basis_values(basis)
            if case.status is CaseStatus.DRAFT:
                values["status"] = CaseStatus.OPEN.value
            return self._change(connection, actor, case, "case.legal_basis", values, reason)

    def override_authority(self, actor: SignedIn, case_id: CaseId, until: date, reason: str) -> Case:
        """Decide to go on although the authority has expired; a deviation from legality that stays in sight (REQ-01).

        Args:
            actor: An examiner, exhibits officer or supervisor.
            case_id: The case.
            until: Last day on which the decision holds, in the lab's zone; at most :data:`OVERRIDE_DAYS` from today.
            reason: Why it cannot wait for an authority; required.

        Raises:
            PermissionRefusedError: The actor may not.
            RefusedError: No reason, a day that is over or too far away, or an authority that is in force or is missing.
        """
        require(actor, "override an authority", Role.EXAMINER, Role.EXHIBITS_OFFICER, Role.SUPERVISOR)
        if not reason.strip():
            raise RefusedError("Going on without an authority in force needs a reason.")
        today = self.now().astimezone(ZoneInfo(self.lab.zone)).date()
        if not today <= until <= today + timedelta(days=OVERRIDE_DAYS):
            raise RefusedError(f"Such a decision holds for {OVERRIDE_DAYS} days at most, from today.")
        with self.db.writing() as connection:
            case = case_with(connection, case_id)
            basis = case.legal_basis
            if basis is None or basis.expires_on is None or basis.expires_on >= today:
                raise RefusedError("Only an authority that has expired can be overridden.")
            values: Values = {
                "override_reason": reason.strip(),
                "override_until": until.isoformat(),
                "override_by": actor.person.name,
            }
            return self._change(connection, actor, case, "case.override", values, reason)

    def change(self, actor: SignedIn, case_id: CaseId, changes: dict[str, str], reason: str) -> Case:
        """Change what a case says; the entry keeps the old words beside the new.

        Args:
            actor: An examiner or supervisor.
            case_id: The case.
            changes: New values of ``title``, ``offence``, ``requesting_authority`` or ``questions``.
            reason: Why; required.

        Raises:
            PermissionRefusedError: The actor may not.
            RefusedError: No reason, an unknown field, an empty title, or nothing that differs.
        """
        require(actor, "change a case", Role.EXAMINER, Role.SUPERVISOR)
        if not reason.strip():
            raise RefusedError("Changing a case needs a reason.")
        if unknown := set(changes) - set(CHANGEABLE):
            raise RefusedError(f"These cannot be changed here: {', '.join(sorted(unknown))}.")
        if "title" in changes and not changes["title"].strip():
            raise RefusedError("A case needs a title.")
        with self.db.writing() as connection:
            case = case_with(connection, case_id)
            values = differing(case, changes)
            return self._change(connection, actor, case, "case.change", values, reason)

    def left_open(self, case_id: CaseId) -> tuple[str, ...]:
        """What waits in a case and would stay open were it closed now, each a sentence."""
        with self.db.reading() as connection:
            return left_open(connection, case_id)

    def close(self, actor: SignedIn, case_id: CaseId, reason: str, *, known_open: Collection[str] = ()) -> Case:
        """Close a case.

        Args:
            actor: A supervisor.
            case_id: The case.
            reason: Why; where something stays open, also why it may.
            known_open: What the actor was told of :meth:`left_open`; the entry keeps what stays open.

        Raises:
            PermissionRefusedError: The actor is no supervisor.
            RefusedError: No reason is given, it is closed already, or something is open that the actor was not told.
        """
        require(actor, "close a case", Role.SUPERVISOR)
        if not reason.strip():
            raise RefusedError("Closing a case needs a reason.")
        with self.db.writing() as connection:
            case = case_with(connection, case_id)
            if case.status is CaseStatus.CLOSED:
                raise RefusedError(f"Case {case.number} is closed already.")
            if case.id == media_case_id(self.lab.id):
                raise RefusedError(f"{case.number} holds the laboratory's own media; it stays open.")
            still = left_open(connection, case_id)
            if untold := [one for one in still if one not in known_open]:
                raise RefusedError(f"Something of case {case.number} is still open. {' '.join(untold)}", then=_LEAVE)
            values: Values = {"status": CaseStatus.CLOSED.value}
            facts: dict[str, Json] = {"left_open": [*still]} if still else {}
            return self._change(connection, actor, case, "case.close", values, reason, facts)

    def _change(
        self, connection: Connection, actor: SignedIn, case: Case, action: str, values: Values, reason: str,
        facts: Mapping[str, Json] | None = None,
    ) -> Case:  # fmt: skip
        writer = Writer(connection, self.now())
        writer.update(CASE, case.id, values)
        subject = case_subject(case)
        writer.append(case_chain(case), action, subject, facts or {}, [("actor", actor)], reason.strip() or None)
        return case_with(connection, case.id)


def begin_chain(writer: Writer, lab: LabInfo, actor: SignedIn, case: Case, facts: dict[str, Json]) -> None:
    """Explain the rows of a new case by the first entry of its chain, and anchor that in the lab chain."""
    subject = case_subject(case)
    first = writer.append(case_chain(case), "case.open", subject, facts, [("actor", actor)])
    anchor: dict[str, Json] = {"chain": str(case.id), "sequence": 1, "head": first.digest.hex()}
    writer.append(lab_chain(lab), "case.anchor", subject, anchor, [("actor", actor)])


def case_subject(case: Case) -> Subject:
    """The case as the object of an entry."""
    return Subject(kind="case", id=str(case.id), label=case.number)


def case_with(connection: Connection, case_id: CaseId) -> Case:
    """The case with this id.

    Raises:
        NotFoundError: There is none.
    """
    query = select(CASE).where(CASE.c.id == str(case_id))
    return record_with(connection, query, case_of, f"case with the id {case_id}")


def check_basis(basis: LegalBasis) -> None:
    """Refuse an authority that lacks what REQ-01 asks for.

    Raises:
        RefusedError: Something is missing, or it ends before it begins.
    """
    if not all(text.strip() for text in (basis.instrument, basis.number, basis.issuer, basis.scope)):
        raise RefusedError("An authority needs its instrument, number, issuer, date and scope.")
    if basis.expires_on is not None and basis.expires_on < basis.issued_on:
        raise RefusedError("The authority ends before the day on which it was issued.")


def check_authority(case: Case, now: datetime, zone: str) -> None:
    """Refuse seizure and examination acts without authority in force (REQ-01).

    Args:
        case: The case acted in.
        now: The present moment, aware.
        zone: The lab's zone; the last day of validity ends at its midnight.

    Raises:
        RefusedError: The case is a draft or closed, or its authority has expired.
    """
    if case.status is CaseStatus.DRAFT:
        raise RefusedError(f"Case {case.number} is a draft: record its legal basis first.")
    if case.status is CaseStatus.CLOSED:
        raise RefusedError(f"Case {case.number} is closed.")
    basis, today = case.legal_basis, now.astimezone(ZoneInfo(zone)).date()
    if basis is None or basis.expires_on is None or today <= basis.expires_on:
        return
    if case.override is None or today > case.override.until:
        raise RefusedError(
            f"The authority {basis.number} of case {case.number} expired on {basis.expires_on}.",
            then="Record the authority that is in force now, or the decision to go on without one and its reason.",
        )


def _holder_of(connection: Connection, person_id: PersonId, role: Role, post: str) -> Person:
    person = person_or_none(connection, person_id)
    if person is None or person.revoked_at is not None:
        raise RefusedError(f"The {post} is not enrolled in this lab, or their key has ended.")
    if role not in person.roles:
        raise RefusedError(f"{person.name} cannot be {post}: that needs the role {role.value}.")
    return person
