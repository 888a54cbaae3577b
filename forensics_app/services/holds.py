"""Legal holds on cases and exhibits: while one is in force, nothing under it is disposed of (REQ-23)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from sqlalchemy import Connection, Select, or_, select

from chain_of_custody.ledger import Json, Subject
from forensics_app.db.engine import Database
from forensics_app.db.mapping import Values, time_text
from forensics_app.db.mapping_custody import hold_of
from forensics_app.db.rows import readable, record_with, records
from forensics_app.db.tables import EXHIBIT, LEGAL_HOLD, PERSON
from forensics_app.errors import RefusedError
from forensics_app.model.case import Case, CaseId
from forensics_app.model.disposal import Hold, HoldId, NewHold
from forensics_app.model.exhibit import Exhibit, ExhibitId
from forensics_app.model.person import Role, SignedIn
from forensics_app.services.cases import case_subject, case_with
from forensics_app.services.exhibits import exhibit_subject, exhibit_with
from forensics_app.services.permissions import require
from forensics_app.services.record import Writer, case_chain
from forensics_app.services.refusals import Told, noting_refusals


@dataclass(frozen=True, slots=True, kw_only=True)
class Holds:
    """Use cases about legal holds. A hold that was lifted stays in the record."""

    db: Database
    now: Callable[[], datetime]

    def list(self, case_id: CaseId) -> tuple[Hold, ...]:
        """The holds of a case and of its exhibits, oldest first, also those that were lifted."""
        query = hold_query().where(LEGAL_HOLD.c.case_id == str(case_id))
        with self.db.reading() as connection:
            return readable(connection, query, hold_of)

    def in_force_on(self, exhibit: Exhibit) -> tuple[Hold, ...]:
        """The holds that keep an exhibit."""
        with self.db.reading() as connection:
            return holds_on(connection, exhibit)

    def place(self, actor: SignedIn, new: NewHold) -> Hold:
        """Place a hold.

        Raises:
            PermissionRefusedError: The actor is neither examiner, exhibits officer nor supervisor.
            RefusedError: Authority or reason is missing, or the exhibit belongs to another case. The attempt was
                recorded.
        """

        def about(connection: Connection) -> Told:
            return _about(connection, new.case_id, new.exhibit_id, "place_hold")

        with noting_refusals(self.db, self.now, actor, about), self.db.writing() as connection:
            require(actor, "place a legal hold", Role.EXAMINER, Role.EXHIBITS_OFFICER, Role.SUPERVISOR)
            if not (new.authority.strip() and new.reason.strip()):
                raise RefusedError("A legal hold needs the authority that ordered it, and the reason.")
            case = case_with(connection, new.case_id)
            exhibit = None if new.exhibit_id is None else exhibit_with(connection, new.exhibit_id)
            if exhibit is not None and exhibit.case_id != case.id:
                raise RefusedError("The exhibit belongs to another case.")
            writer, hold_id = Writer(connection, self.now()), HoldId(uuid4())
            values: Values = {
                "id": str(hold_id),
                "case_id": str(case.id),
                "exhibit_id": None if exhibit is None else str(exhibit.id),
                "authority": new.authority.strip(),
                "reason": new.reason.strip(),
                "placed_at": time_text(writer.now),
                "placed_by": str(actor.person.id),
                "lifted_at": None,
                "lifted_by": None,
                "lift_authority": "",
                "lift_reason": "",
            }
            writer.insert(LEGAL_HOLD, values)
            facts: dict[str, Json] = {"authority": new.authority.strip()}
            subject, reason = _subject(case, exhibit), new.reason.strip()
            writer.append(case_chain(case), "hold.place", subject, facts, [("actor", actor)], reason)
            return hold_with(connection, hold_id)

    def lift(self, actor: SignedIn, hold_id: HoldId, authority: str, reason: str) -> Hold:
        """Lift a hold.

        Raises:
            PermissionRefusedError: The actor is no supervisor.
            RefusedError: Authority or reason is missing, or it was lifted already. The attempt was recorded.
        """

        def about(connection: Connection) -> Told:
            hold = hold_with(connection, hold_id)
            return _about(connection, hold.case_id, hold.exhibit_id, "lift_hold")

        with noting_refusals(self.db, self.now, actor, about), self.db.writing() as connection:
            require(actor, "lift a legal hold", Role.SUPERVISOR)
            if not (authority.strip() and reason.strip()):
                raise RefusedError("To lift a legal hold takes the authority that ends it, and the reason.")
            hold = hold_with(connection, hold_id)
            if not hold.is_in_force:
                raise RefusedError(f"This hold was lifted by {hold.lifted_by} already.")
            case = case_with(connection, hold.case_id)
            exhibit = None if hold.exhibit_id is None else exhibit_with(connection, hold.exhibit_id)
            writer = Writer(connection, self.now())
            values: Values = {
                "lifted_at": time_text(writer.now),
                "lifted_by": str(actor.person.id),
                "lift_authority": authority.strip(),
                "lift_reason": reason.strip(),
            }
            writer.update(LEGAL_HOLD, hold.id, values)
            facts: dict[str, Json] = {"authority": authority.strip(), "held_under": hold.authority}
            subject = _subject(case, exhibit)
            writer.append(case_chain(case), "hold.lift", subject, facts, [("actor", actor)], reason.strip())
            return hold_with(connection, hold_id)


def _about(connection: Connection, case_id: CaseId, exhibit_id: ExhibitId | None, event: str) -> Told:
    """The case and the subject of a hold, and what an entry about its refusal says."""
    case = case_with(connection, case_id)
    exhibit = None if exhibit_id is None else exhibit_with(connection, exhibit_id)
    if exhibit is None or exhibit.case_id != case.id:
        return case, case_subject(case), {"event": event}
    return case, exhibit_subject(exhibit), {"event": event, "from_state": exhibit.state.value}


def hold_query() -> Select[tuple[object, ...]]:
    """Holds with the number of the exhibit and the names of who placed and lifted them, oldest first."""
    placer, lifter = PERSON.alias(), PERSON.alias()
    return (
        select(
            LEGAL_HOLD, EXHIBIT.c.number.label("number"), placer.c.name.label("placer"), lifter.c.name.label("lifter")
        )
        .outerjoin(EXHIBIT, EXHIBIT.c.id == LEGAL_HOLD.c.exhibit_id)
        .join(placer, placer.c.id == LEGAL_HOLD.c.placed_by)
        .outerjoin(lifter, lifter.c.id == LEGAL_HOLD.c.lifted_by)
        .order_by(LEGAL_HOLD.c.placed_at, LEGAL_HOLD.c.id)
    )


def hold_with(connection: Connection, hold_id: HoldId) -> Hold:
    """The hold with this id.

    Raises:
        NotFoundError: There is none.
    """
    query = hold_query().where(LEGAL_HOLD.c.id == str(hold_id))
    return record_with(connection, query, hold_of, f"legal hold with the id {hold_id}")


def holds_on(connection: Connection, exhibit: Exhibit) -> tuple[Hold, ...]:
    """The holds in force on an exhibit, on what it was derived from, and on its case.

    A hold on what is derived from it, such as an image, does not keep the thing itself.
    """
    kept, above = [str(exhibit.id)], exhibit
    while above.parent_id is not None and str(above.parent_id) not in kept:
        above = exhibit_with(connection, above.parent_id)
        kept.append(str(above.id))
    query = hold_query().where(
        LEGAL_HOLD.c.lifted_at.is_(None),
        LEGAL_HOLD.c.case_id == str(exhibit.case_id),
        or_(LEGAL_HOLD.c.exhibit_id.is_(None), LEGAL_HOLD.c.exhibit_id.in_(kept)),
    )
    return records(connection, query, hold_of)  # one that cannot be read keeps what it is on


def check_holds(connection: Connection, exhibit: Exhibit) -> str:
    """The result of the check for legal holds, in words, where there is none.

    Raises:
        RefusedError: A hold is in force.
    """
    holds = holds_on(connection, exhibit)
    if holds:
        hold = holds[0]
        what = f"exhibit {hold.number}" if hold.number else "the whole case"
        raise RefusedError(
            f"{exhibit.number} is under a legal hold on {what}: {hold.authority}, placed by {hold.placed_by} on "
            f"{hold.placed_at:%Y-%m-%d} ({hold.reason}).",
            then="It is kept until a supervisor lifts the hold.",
        )
    return f"no legal hold on {exhibit.number}, on what it comes from, or on its case"


def _subject(case: Case, exhibit: Exhibit | None) -> Subject:
    return case_subject(case) if exhibit is None else exhibit_subject(exhibit)
