"""Incidents: raised by the step that finds them, or by hand; closed by a supervisor who had no part in them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, Select, select

from chain_of_custody.ledger import Json
from chain_of_custody.reasons import is_in_words
from forensics_app.db.engine import Database
from forensics_app.db.ledger import entries_about
from forensics_app.db.mapping import Values, time_text
from forensics_app.db.mapping_custody import incident_of
from forensics_app.db.rows import readable, record_with
from forensics_app.db.tables import EXHIBIT, INCIDENT, PERSON
from forensics_app.errors import PermissionRefusedError, RefusedError
from forensics_app.model.case import Case, CaseId
from forensics_app.model.corrections import told_now
from forensics_app.model.exhibit import Exhibit, ExhibitId
from forensics_app.model.incident import Incident, IncidentId, IncidentKind, SealCondition, SealFault, seal_condition
from forensics_app.model.person import Role, SignedIn
from forensics_app.services.attempts import attempted
from forensics_app.services.exhibits import exhibit_subject
from forensics_app.services.history import event_of
from forensics_app.services.incident_rows import insert_incident
from forensics_app.services.makers import makers_of
from forensics_app.services.permissions import require
from forensics_app.services.record import Writer, case_chain
from forensics_app.services.worded import WORDS_ASKED

_WHOLE = (SealCondition.INTACT, SealCondition.NEW)


@dataclass(frozen=True, slots=True, kw_only=True)
class Incidents:
    """Use cases about incidents. One that is closed stays, with what was decided."""

    db: Database
    now: Callable[[], datetime]

    def list(self, case_id: CaseId) -> tuple[Incident, ...]:
        """The incidents of a case, oldest first."""
        with self.db.reading() as connection:
            return incidents_of(connection, case_id)

    def of_exhibit(self, exhibit_id: ExhibitId) -> tuple[Incident, ...]:
        """The incidents of an exhibit, oldest first."""
        return self._read(_query().where(INCIDENT.c.exhibit_id == str(exhibit_id)))

    def open(self) -> tuple[Incident, ...]:
        """Every incident of the lab about which nobody decided yet, oldest first."""
        return self._read(_query().where(INCIDENT.c.decided_at.is_(None)))

    def seals_not_whole(self, exhibit_ids: Sequence[ExhibitId]) -> frozenset[ExhibitId]:
        """Those of the exhibits whose seal is not whole by the record itself.

        An incident about the seal is newer than every step that tells of it, or the newest of these steps found the
        seal other than whole.
        """
        query = select(INCIDENT.c.exhibit_id, INCIDENT.c.raised_at).where(
            INCIDENT.c.exhibit_id.in_([str(one) for one in exhibit_ids]),
            INCIDENT.c.kind.in_([fault.value for fault in SealFault]),
        )
        with self.db.reading() as connection:
            rows = connection.execute(query.order_by(INCIDENT.c.raised_at)).all()
            newest = {row.exhibit_id: row.raised_at for row in rows}
            found = {one for one, raised_at in newest.items() if not _is_whole_since(connection, one, raised_at)}
        return frozenset(ExhibitId(UUID(one)) for one in found)

    def report(self, actor: SignedIn, exhibit_id: ExhibitId, what: str) -> Incident:
        """Raise an incident by hand.

        Raises:
            PermissionRefusedError: The actor is neither examiner, exhibits officer nor supervisor.
            RefusedError: It is not said what happened. The attempt was recorded.
        """

        def report(connection: Connection, case: Case, exhibit: Exhibit) -> Incident:
            require(actor, "raise an incident", Role.EXAMINER, Role.EXHIBITS_OFFICER, Role.SUPERVISOR)
            writer = Writer(connection, self.now())
            incident = insert_incident(writer, exhibit, IncidentKind.OTHER, what, actor)
            facts: dict[str, Json] = {"incident": what.strip()}
            writer.append(case_chain(case), "incident.raise", exhibit_subject(exhibit), facts, [("actor", actor)])
            return incident_with(connection, incident)

        return attempted(self.db, self.now, actor, exhibit_id, "raise_incident", report)

    def close(self, actor: SignedIn, incident_id: IncidentId, decision: str) -> Incident:
        """Close an incident with a decision.

        Raises:
            PermissionRefusedError: The actor is no supervisor, or signed the entry that raised the incident.
            RefusedError: It is closed already, or the decision is not stated. The attempt was recorded.
        """

        def close(connection: Connection, case: Case, exhibit: Exhibit) -> Incident:
            require(actor, "close an incident", Role.SUPERVISOR)
            if not is_in_words(decision):
                raise RefusedError(
                    "State the decision: what was found out, and what follows from it.", then=WORDS_ASKED
                )
            incident = incident_with(connection, incident_id)
            if not incident.is_open:
                raise RefusedError(f"This incident was closed by {incident.decided_by} already.")
            born = [(str(incident.id), time_text(incident.raised_at))]
            if actor.person.id in makers_of(connection, INCIDENT, str(case.id), born).get(str(incident.id), ()):
                raise PermissionRefusedError(
                    f"{actor.person.name} signed the step in which this was found, and cannot decide about it.",
                    then="Let another supervisor decide.",
                )
            writer = Writer(connection, self.now())
            values: Values = {
                "decision": decision.strip(),
                "decided_by": str(actor.person.id),
                "decided_at": time_text(writer.now),
            }
            writer.update(INCIDENT, incident.id, values)
            facts: dict[str, Json] = {"incident": incident.what, "kind": incident.kind.value}
            subject, reason = exhibit_subject(exhibit), decision.strip()
            writer.append(case_chain(case), "incident.close", subject, facts, [("actor", actor)], reason)
            return incident_with(connection, incident_id)

        with self.db.reading() as connection:
            exhibit_id = incident_with(connection, incident_id).exhibit_id
        return attempted(self.db, self.now, actor, exhibit_id, "close_incident", close)

    def _read(self, query: Select[tuple[object, ...]]) -> tuple[Incident, ...]:
        with self.db.reading() as connection:
            return readable(connection, query, incident_of)


def incidents_of(connection: Connection, case_id: CaseId) -> tuple[Incident, ...]:
    """The incidents of a case, oldest first."""
    return readable(connection, _query().where(INCIDENT.c.case_id == str(case_id)), incident_of)


def incident_with(connection: Connection, incident_id: IncidentId) -> Incident:
    """The incident with this id.

    Raises:
        NotFoundError: There is none.
    """
    query = _query().where(INCIDENT.c.id == str(incident_id))
    return record_with(connection, query, incident_of, f"incident with the id {incident_id}")


def _query() -> Select[tuple[object, ...]]:
    raiser, decider = PERSON.alias(), PERSON.alias()
    return (
        select(
            INCIDENT,
            EXHIBIT.c.number.label("number"),
            raiser.c.name.label("raiser"),
            decider.c.name.label("decider"),
        )
        .join(EXHIBIT, EXHIBIT.c.id == INCIDENT.c.exhibit_id)
        .join(raiser, raiser.c.id == INCIDENT.c.raised_by)
        .outerjoin(decider, decider.c.id == INCIDENT.c.decided_by)
        .order_by(INCIDENT.c.raised_at, INCIDENT.c.id)
    )


def _is_whole_since(connection: Connection, exhibit_id: str, raised_at: str) -> bool:
    """Whether the newest step that tells of an exhibit's seal is after ``raised_at`` and found or made it whole."""
    events = [event_of(entry) for entry in entries_about(connection, [exhibit_id])]
    for step in reversed([one for one in events if one.is_step]):
        condition = seal_condition(told_now(events, step.sequence).get("seal_check", ""))
        if condition not in (None, SealCondition.NOT_CHECKED):
            return condition in _WHOLE and time_text(step.recorded_at) > raised_at
    return False
