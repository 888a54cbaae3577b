"""What the entries about media of the laboratory add up to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from uuid import UUID

from sqlalchemy import Connection, select

from forensics_app.db.ledger import entries_about
from forensics_app.db.tables import EXHIBIT_DETAIL
from forensics_app.errors import RecordDamagedError
from forensics_app.model.case import CaseId
from forensics_app.model.custody import CustodyEvent
from forensics_app.model.exhibit import Exhibit, State
from forensics_app.model.medium import Medium, MediumAssignment, MediumUse, Wipe
from forensics_app.services.hands import OUT_OF_THE_LAB
from forensics_app.services.history import event_of

USE, SIZE = "Use", "Size in bytes"
"""What is recorded of a medium beside what is recorded of every exhibit."""
HERE = frozenset({State.IDENTIFIED, State.RECEIVED, State.STORED, State.CHECKED_OUT})
_USED = frozenset(state.value for state in OUT_OF_THE_LAB | {State.IMAGED, State.UNDER_EXAM})
"""States after which nobody knows that a medium is still blank."""


def media_of(connection: Connection, exhibits: Iterable[Exhibit]) -> tuple[Medium, ...]:
    """The media ``exhibits`` as they stand, in their order.

    Raises:
        RecordDamagedError: A row or an entry of one is not there, or is not as the program wrote it.
    """
    wanted = {str(one.id): one for one in exhibits}
    events: dict[str, list[CustodyEvent]] = {exhibit_id: [] for exhibit_id in wanted}
    for entry in entries_about(connection, list(wanted)):
        event = event_of(entry)
        events[event.object_id].append(event)
    query = select(EXHIBIT_DETAIL.c.exhibit_id, EXHIBIT_DETAIL.c.field, EXHIBIT_DETAIL.c.value)
    told = {
        (row.exhibit_id, row.field): row.value
        for row in connection.execute(query.where(EXHIBIT_DETAIL.c.exhibit_id.in_(list(wanted))))
    }
    try:
        return tuple(
            _medium(one, MediumUse(told[exhibit_id, USE]), int(told[exhibit_id, SIZE]), events[exhibit_id])
            for exhibit_id, one in wanted.items()
        )
    except (KeyError, ValueError) as error:
        raise RecordDamagedError(f"What is recorded of the media of the laboratory cannot be read: {error}.") from error


def _medium(exhibit: Exhibit, use: MediumUse, size_bytes: int, events: Iterable[CustodyEvent]) -> Medium:
    wipe: Wipe | None = None
    assignments: list[MediumAssignment] = []
    for event in events:
        if event.action == "medium.wipe":
            wipe = _wipe(event)
        elif event.action == "medium.assign":
            wipe = None
            assignments.append(_assignment(event))
        elif event.action == "medium.return":
            assignments[-1] = replace(assignments[-1], ended_at=event.recorded_at)
        elif event.is_step and event.fact("to_state") in _USED:
            wipe = None
    return Medium(
        exhibit=exhibit, use=use, size_bytes=size_bytes, wipe=wipe, assignments=tuple(assignments),
        is_here=exhibit.state in HERE,
    )  # fmt: skip


def _wipe(event: CustodyEvent) -> Wipe:
    digest = event.fact("blank_sha256")
    return Wipe(
        method=event.fact("method"),
        tool=event.fact("tool"),
        is_blank=event.fact("verified") == "blank",
        check=event.fact("check"),
        blank_sha256=bytes.fromhex(digest) if digest else None,
        wiped_at=event.occurred_at or event.recorded_at,
        sequence=event.sequence,
        by=event.actor,
    )


def _assignment(event: CustodyEvent) -> MediumAssignment:
    return MediumAssignment(
        case_id=CaseId(UUID(event.fact("case_id"))),
        case_number=event.fact("case"),
        purpose=event.fact("purpose"),
        assigned_at=event.recorded_at,
        by=event.actor,
    )
