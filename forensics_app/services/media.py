"""Storage media of the laboratory itself: registered, wiped and verified, assigned to cases, taken back.

They are items of custody in a case of the lab's own, which is opened with the first of them. What was wiped and what
is assigned is told by the entries of its chain alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, count

from sqlalchemy import Connection, select

from chain_of_custody.ledger import Json
from forensics_app.db.engine import Database
from forensics_app.db.mapping import Values, basis_values, case_of, person_of, time_text, told_text
from forensics_app.db.rows import record_or_none, records
from forensics_app.db.tables import CASE, LEGAL_HOLD, PERSON
from forensics_app.errors import NotFoundError, RefusedError
from forensics_app.model.case import Case, CaseId, CaseStatus, LegalBasis
from forensics_app.model.exhibit import ExhibitId, ExhibitType, NewExhibit, State
from forensics_app.model.lab import LabInfo
from forensics_app.model.medium import Medium, NewMedium, NewWipe, Standing, media_case_id
from forensics_app.model.person import Role, SignedIn
from forensics_app.services.cases import begin_chain, case_subject, case_with
from forensics_app.services.exhibits import exhibit_numbered, exhibit_subject, exhibit_with, exhibits_of, insert_exhibit
from forensics_app.services.holds import check_holds, hold_query
from forensics_app.services.medium_history import SIZE, USE, media_of
from forensics_app.services.particulars import insert_detail
from forensics_app.services.permissions import require
from forensics_app.services.record import Writer, case_chain
from forensics_app.services.told_times import check_told

NUMBER = "LAB"
_IN_HAND = frozenset({State.IDENTIFIED, State.RECEIVED, State.CHECKED_OUT})


@dataclass(frozen=True, slots=True, kw_only=True)
class Media:
    """Use cases about the lab's own media. Examiners and exhibits officers keep them."""

    db: Database
    lab: LabInfo
    now: Callable[[], datetime]

    @property
    def case_id(self) -> CaseId:
        """The case that holds them; it is there from the first medium on."""
        return media_case_id(self.lab.id)

    def list(self) -> tuple[Medium, ...]:
        """All media, by number as people count."""
        with self.db.reading() as connection:
            every = exhibits_of(connection, self.case_id)
            return media_of(connection, [one for one in every if one.type is ExhibitType.MEDIUM])

    def numbered(self, number: str) -> Medium:
        """The medium with this number.

        Raises:
            NotFoundError: There is none.
        """
        with self.db.reading() as connection:
            exhibit = exhibit_numbered(connection, self.case_id, number.strip())
            if exhibit is None or exhibit.type is not ExhibitType.MEDIUM:
                raise NotFoundError(f"The laboratory has no medium {number!r}.")
            return media_of(connection, [exhibit])[0]

    def register(self, actor: SignedIn, new: NewMedium) -> Medium:
        """Register a medium; who does so holds it until it is put on a shelf. The first one opens the lab's own case.

        Raises:
            PermissionRefusedError: The actor is neither examiner nor exhibits officer.
            RefusedError: Something is missing, the number is taken, or the lab has no examiner or no supervisor yet.
        """
        require(actor, "register a medium of the laboratory", Role.EXAMINER, Role.EXHIBITS_OFFICER)
        if not all(one.strip() for one in (new.number, new.make, new.model, new.serial, new.place)):
            raise RefusedError("A medium needs a number, make, model, serial number and the place where it is.")
        if new.size_bytes <= 0:
            raise RefusedError(f"{new.number.strip()}: a medium has a size in bytes, not {new.size_bytes}.")
        with self.db.writing() as connection:
            writer = Writer(connection, self.now())
            case = self._own_case(writer, actor)
            exhibit = insert_exhibit(writer, _as_exhibit(case, new), None, actor)
            for name, value in ((USE, new.use.value), (SIZE, str(new.size_bytes))):
                insert_detail(writer, exhibit.id, name, value)
            facts: dict[str, Json] = {"use": new.use.value, "size_bytes": new.size_bytes}
            writer.append(case_chain(case), "exhibit.add", exhibit_subject(exhibit), facts, [("actor", actor)])
            return media_of(connection, [exhibit])[0]

    def wipe(self, actor: SignedIn, medium_id: ExhibitId, new: NewWipe) -> Medium:
        """Record that a medium was wiped and checked; the program wipes nothing itself.

        Raises:
            PermissionRefusedError: The actor is neither examiner nor exhibits officer.
            RefusedError: Something is missing, the medium is assigned, on a shelf or in other hands, or a legal hold
                is in force on it or on the case that it was used for last.
        """
        require(actor, "record that a medium was wiped", Role.EXAMINER, Role.EXHIBITS_OFFICER)
        if not (new.method.strip() and new.tool.strip() and new.check.strip()):
            raise RefusedError("A wipe needs its method, the tool, and how it was checked afterwards.")
        if new.blank_sha256 is not None and len(new.blank_sha256) != 32:
            raise RefusedError("The digest of the check is no SHA-256: that has 64 hexadecimal digits.")
        check_told("The wipe", new.wiped_at, self.now())
        facts: dict[str, Json] = {
            "method": new.method.strip(),
            "tool": new.tool.strip(),
            "verified": "blank" if new.is_blank else "not blank",
            "check": new.check.strip(),
            "blank_sha256": new.blank_sha256.hex() if new.blank_sha256 else "",
            "occurred_at": told_text(new.wiped_at),
        }
        with self.db.writing() as connection:
            medium = self._medium(connection, medium_id)
            _check_wipeable(connection, actor, medium)
            writer = Writer(connection, self.now())
            return self._append(writer, actor, medium, "medium.wipe", facts)

    def assign(self, actor: SignedIn, medium_id: ExhibitId, case_id: CaseId, purpose: str) -> Medium:
        """Assign a medium to a case; an entry stands in the chain of the lab's media and in that of the case.

        Raises:
            PermissionRefusedError: The actor is neither examiner nor exhibits officer.
            RefusedError: It was not wiped and verified since its last use, it is not here, there is no purpose, or the
                case is closed.
        """
        require(actor, "assign a medium of the laboratory", Role.EXAMINER, Role.EXHIBITS_OFFICER)
        if not purpose.strip():
            raise RefusedError("State what the medium is for in this case.")
        with self.db.writing() as connection:
            medium, case = self._medium(connection, medium_id), case_with(connection, case_id)
            _check_ready(medium)
            if case.id == self.case_id or case.status is CaseStatus.CLOSED:
                why = "is closed" if case.status is CaseStatus.CLOSED else "holds the laboratory's own media"
                raise RefusedError(f"Case {case.number} {why}; no medium is assigned to it.")
            facts: dict[str, Json] = {"case": case.number, "case_id": str(case.id), "purpose": purpose.strip()}
            writer = Writer(connection, self.now())
            self._tell_case(writer, actor, medium, case, {"event": "assigned", "purpose": purpose.strip()})
            return self._append(writer, actor, medium, "medium.assign", facts)

    def take_back(self, actor: SignedIn, medium_id: ExhibitId, remarks: str = "") -> Medium:
        """End the assignment of a medium; it is assigned again only after it was wiped and verified.

        Raises:
            PermissionRefusedError: The actor is neither examiner nor exhibits officer.
            RefusedError: It is assigned to no case.
        """
        require(actor, "take back a medium of the laboratory", Role.EXAMINER, Role.EXHIBITS_OFFICER)
        with self.db.writing() as connection:
            medium = self._medium(connection, medium_id)
            if medium.assignment is None:
                raise RefusedError(f"{medium.exhibit.number} is assigned to no case.")
            case = case_with(connection, medium.assignment.case_id)
            facts: dict[str, Json] = {"case": case.number, "case_id": str(case.id), "remarks": remarks.strip()}
            writer = Writer(connection, self.now())
            self._tell_case(writer, actor, medium, case, {"event": "returned", "remarks": remarks.strip()})
            return self._append(writer, actor, medium, "medium.return", facts)

    def _medium(self, connection: Connection, medium_id: ExhibitId) -> Medium:
        exhibit = exhibit_with(connection, medium_id)
        if exhibit.type is not ExhibitType.MEDIUM:
            raise RefusedError(f"{exhibit.number} is no medium of the laboratory.")
        return media_of(connection, [exhibit])[0]

    def _append(self, writer: Writer, actor: SignedIn, medium: Medium, action: str, facts: dict[str, Json]) -> Medium:
        own = case_with(writer.connection, self.case_id)
        writer.append(case_chain(own), action, exhibit_subject(medium.exhibit), facts, [("actor", actor)])
        return media_of(writer.connection, [medium.exhibit])[0]

    def _tell_case(self, writer: Writer, actor: SignedIn, medium: Medium, case: Case, facts: dict[str, Json]) -> None:
        """The entry in the chain of the case that a medium works for."""
        one = medium.exhibit
        told: dict[str, Json] = {"medium": one.number, "use": medium.use.value, "serial": one.serial, **facts}
        if medium.wipe is not None:
            told |= {"wiped": told_text(medium.wipe.wiped_at), "wiped_entry": medium.wipe.sequence}
        writer.append(case_chain(case), "case.medium", case_subject(case), told, [("actor", actor)])

    def _own_case(self, writer: Writer, actor: SignedIn) -> Case:
        """The case of the lab's own media, opened if it is not there."""
        query = select(CASE).where(CASE.c.id == str(self.case_id))
        if (found := record_or_none(writer.connection, query, case_of)) is not None:
            return found
        lead, supervisor = (self._holder(writer.connection, actor, one) for one in (Role.EXAMINER, Role.SUPERVISOR))
        taken = set(writer.connection.scalars(select(CASE.c.number)))
        numbers = chain([NUMBER], (f"{NUMBER}-{n}" for n in count(2)))
        number = next(one for one in numbers if one not in taken)
        basis = LegalBasis(
            instrument="property of the laboratory",
            number=number,
            issuer=self.lab.name,
            issued_on=writer.now.date(),
            scope="Storage media of the laboratory itself",
        )
        values: Values = {
            "id": str(self.case_id),
            "number": number,
            "title": "Storage media of the laboratory",
            "offence": "none",
            "requesting_authority": self.lab.name,
            "questions": "",
            **basis_values(basis),
            "lead_examiner_id": lead,
            "supervisor_id": supervisor,
            "status": CaseStatus.OPEN.value,
            "opened_at": time_text(writer.now),
            **dict.fromkeys(("override_reason", "override_until", "override_by")),
        }
        writer.insert(CASE, values)
        case = case_of(values)
        begin_chain(writer, self.lab, actor, case, {"opened_for": "the laboratory's own media"})
        return case

    def _holder(self, connection: Connection, actor: SignedIn, role: Role) -> str:
        """Id of who holds a post of the lab's own case: the actor, or who was enrolled first with the role."""
        people = sorted(
            records(connection, select(PERSON), person_of), key=lambda one: (one.id != actor.person.id, one.enrolled_at)
        )
        found = next((one for one in people if role in one.roles and one.revoked_at is None), None)
        if found is None:
            raise RefusedError(
                f"The laboratory's own media lie in a case of their own, which needs the role {role.value}.",
                then="Let an administrator enrol one first.",
            )
        return str(found.id)


def _as_exhibit(case: Case, new: NewMedium) -> NewExhibit:
    return NewExhibit(
        case_id=case.id,
        number=new.number,
        type=ExhibitType.MEDIUM,
        description=f"{new.use.value.capitalize()}, {new.make.strip()} {new.model.strip()}",
        make=new.make,
        model=new.model,
        serial=new.serial,
        place=new.place,
    )


def _check_wipeable(connection: Connection, actor: SignedIn, medium: Medium) -> None:
    one, assignment = medium.exhibit, medium.assignment
    if assignment is not None:
        raise RefusedError(
            f"{one.number} is assigned to case {assignment.case_number}; what lies on it may be needed there.",
            then="Take it back from the case first.",
        )
    if one.state not in _IN_HAND or one.holder_id != actor.person.id:
        where = f", place {one.place}" if one.place else ""
        raise RefusedError(
            f"{one.number} is {one.state.value.replace('_', ' ')}, held by {one.holder}{where}; "
            f"{actor.person.name} does not have it in hand and cannot have wiped it.",
            then="Check it out first, or let who has it record the wipe.",
        )
    check_holds(connection, one)
    if not medium.assignments:
        return
    last = medium.assignments[-1]
    query = hold_query().where(
        LEGAL_HOLD.c.lifted_at.is_(None),
        LEGAL_HOLD.c.case_id == str(last.case_id),
        LEGAL_HOLD.c.exhibit_id.is_(None),
    )
    if connection.execute(query).first() is not None:
        raise RefusedError(
            f"{one.number} was used last for case {last.case_number}, which is under a legal hold.",
            then="Keep it as it is until a supervisor lifts the hold.",
        )


def _check_ready(medium: Medium) -> None:
    number = medium.exhibit.number
    match medium.standing:
        case Standing.ASSIGNED:
            told = medium.assignment.case_number if medium.assignment else ""
            raise RefusedError(f"{number} is assigned to case {told} already.", then="Take it back from there first.")
        case Standing.GONE:
            state = medium.exhibit.state.value.replace("_", " ")
            raise RefusedError(f"{number} is {state}: it is not in the laboratory.")
        case Standing.NOT_WIPED:
            raise RefusedError(
                f"{number} was not wiped and verified since its last use; what lay on it could get into this case.",
                then="Wipe it, check that it is blank, and record that first; or take another one.",
            )
        case Standing.NOT_BLANK:
            raise RefusedError(
                f"The check after the last wipe found that {number} is not blank.",
                then="Wipe and check it again, or take another one.",
            )
        case Standing.READY:
            return
