"""What of a case waits for something yet, which closing it would leave open."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, select

from forensics_app.db.tables import DISPOSAL, EXHIBIT, INCIDENT, PERSON, TRANSFER_OFFER
from forensics_app.model.case import CaseId
from forensics_app.model.disposal import DisposalState
from forensics_app.model.exhibit import ExhibitType, State
from forensics_app.model.names import counting_key
from forensics_app.model.offer import OfferState

_OUT = {
    State.SEIZED: "was seized and not received",
    State.IN_TRANSIT: "is in transit",
    State.RECEIVED: "was received and not stored",
    State.CHECKED_OUT: "is checked out",
    State.IMAGED: "is checked out and imaged",
    State.UNDER_EXAM: "is under examination",
    State.IN_COURT: "is in court",
    State.TRANSFERRED: "is transferred and its receipt not confirmed",
    State.RETURN_IN: "is on its way back",
}
"""States in which somebody has an exhibit who is to pass it on."""


def left_open(connection: Connection, case_id: CaseId) -> tuple[str, ...]:
    """What waits in a case, each a sentence: exhibits that are out, offers, incidents and disposals that are open."""
    return (
        *_out(connection, case_id),
        *_offered(connection, case_id),
        *_incidents(connection, case_id),
        *_disposals(connection, case_id),
    )


def open_incidents_of(connection: Connection, exhibit_id: str) -> tuple[str, ...]:
    """What is told of the incidents of an exhibit about which nobody decided yet, oldest first."""
    mine = (INCIDENT.c.exhibit_id == exhibit_id) & INCIDENT.c.decided_at.is_(None)
    query = select(INCIDENT.c.what).where(mine).order_by(INCIDENT.c.raised_at, INCIDENT.c.id)
    return tuple(str(what) for what in connection.scalars(query))


def _out(connection: Connection, case_id: CaseId) -> Iterator[str]:
    query = select(EXHIBIT.c.number, EXHIBIT.c.state, EXHIBIT.c.holder).where(
        EXHIBIT.c.case_id == str(case_id),
        EXHIBIT.c.state.in_([state.value for state in _OUT]),
        EXHIBIT.c.type.not_in([ExhibitType.IMAGE.value, ExhibitType.EXPORT.value]),
    )
    for row in sorted(connection.execute(query), key=lambda row: counting_key(row.number)):
        yield f"{row.number} {_OUT[State(row.state)]}; {row.holder} has it."


def _offered(connection: Connection, case_id: CaseId) -> Iterator[str]:
    query = (
        select(EXHIBIT.c.number, PERSON.c.name)
        .join(EXHIBIT, EXHIBIT.c.id == TRANSFER_OFFER.c.exhibit_id)
        .join(PERSON, PERSON.c.id == TRANSFER_OFFER.c.receiver_id)
        .where(TRANSFER_OFFER.c.case_id == str(case_id), TRANSFER_OFFER.c.state == OfferState.OFFERED.value)
    )
    for row in connection.execute(query.order_by(TRANSFER_OFFER.c.offered_at)):
        yield f"{row.number} is offered to {row.name}, who has not answered."


def _incidents(connection: Connection, case_id: CaseId) -> Iterator[str]:
    query = (
        select(EXHIBIT.c.number, INCIDENT.c.what)
        .join(EXHIBIT, EXHIBIT.c.id == INCIDENT.c.exhibit_id)
        .where(INCIDENT.c.case_id == str(case_id), INCIDENT.c.decided_at.is_(None))
    )
    for row in connection.execute(query.order_by(INCIDENT.c.raised_at, INCIDENT.c.id)):
        yield f"An incident of {row.number} is open: {row.what}"


def _disposals(connection: Connection, case_id: CaseId) -> Iterator[str]:
    waiting = [DisposalState.PROPOSED.value, DisposalState.APPROVED.value]
    query = (
        select(EXHIBIT.c.number, DISPOSAL.c.state)
        .join(EXHIBIT, EXHIBIT.c.id == DISPOSAL.c.exhibit_id)
        .where(DISPOSAL.c.case_id == str(case_id), DISPOSAL.c.state.in_(waiting))
    )
    for row in connection.execute(query.order_by(DISPOSAL.c.proposed_at)):
        yield f"The disposal of {row.number} is {row.state} and not carried out."
