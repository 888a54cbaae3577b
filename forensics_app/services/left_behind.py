"""What a person leaves behind whose key ends: exhibits in their hands, and offers that nobody answered."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import ColumnElement, Connection, select

from forensics_app.db.tables import CASE, EXHIBIT, TRANSFER_OFFER
from forensics_app.model.exhibit import NOT_RECEIVED, State
from forensics_app.model.offer import OfferState
from forensics_app.model.person import LeftBehind, PersonId

_OVER = (State.RETURNED, State.DESTROYED, State.FORFEITED, State.ARCHIVED)
"""States in which nothing is in anybody's hands any more."""


def left_behind(connection: Connection, person_id: PersonId) -> LeftBehind:
    """What is in the hands of a person, and what was offered by them or to them."""
    person = str(person_id)
    held = (
        select(CASE.c.number.label("case"), EXHIBIT.c.number)
        .join(CASE, CASE.c.id == EXHIBIT.c.case_id)
        .where(
            EXHIBIT.c.holder_id == person,
            EXHIBIT.c.state.not_in([state.value for state in _OVER]),
            EXHIBIT.c.holder.not_like(f"%, {NOT_RECEIVED}"),
        )
        .order_by(CASE.c.number, EXHIBIT.c.number)
    )
    return LeftBehind(
        exhibits=tuple(f"{row.case} {row.number}" for row in connection.execute(held)),
        offers_made=tuple(_offers(connection, TRANSFER_OFFER.c.giver_id == person)),
        offers_awaited=tuple(_offers(connection, TRANSFER_OFFER.c.receiver_id == person)),
    )


def _offers(connection: Connection, whose: ColumnElement[bool]) -> Iterator[str]:
    query = (
        select(CASE.c.number.label("case"), EXHIBIT.c.number)
        .select_from(TRANSFER_OFFER)
        .join(EXHIBIT, EXHIBIT.c.id == TRANSFER_OFFER.c.exhibit_id)
        .join(CASE, CASE.c.id == EXHIBIT.c.case_id)
        .where(whose, TRANSFER_OFFER.c.state == OfferState.OFFERED.value)
        .order_by(CASE.c.number, EXHIBIT.c.number)
    )
    return (f"{row.case} {row.number}" for row in connection.execute(query))
