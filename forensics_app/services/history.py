"""What happened, read from the signed bytes alone."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Connection

from forensics_app.db.ledger import entries_about
from forensics_app.errors import RecordDamagedError
from forensics_app.model.custody import ColumnChange, CustodyEvent, Entry, SignatureInfo, time_told
from forensics_app.model.exhibit import Exhibit, ExhibitId, ExhibitType


def event_of(entry: Entry) -> CustodyEvent:
    """An entry as it is shown.

    Raises:
        BodyError: Its bytes are not the body of a ledger entry; verification names it.
        RecordDamagedError: It has no bytes at all, but text or nothing.
    """
    body: object = entry.body
    if not isinstance(body, bytes):  # SQLite keeps whatever somebody put there
        raise RecordDamagedError("What is stored as the signed bytes of an entry are no bytes.")
    content = entry.content
    return CustodyEvent(
        chain=UUID(content.chain),
        sequence=content.sequence,
        action=content.action,
        object_kind=content.object.kind,
        object_id=content.object.id,
        object_label=content.object.label,
        occurred_at=time_told(content.facts.get("occurred_at")),
        recorded_at=content.recorded_at,
        actor=content.actor.name,
        actor_function=content.actor.function,
        signatures=tuple(
            SignatureInfo(role=slot.role, person_id=slot.person, name=slot.name, key_id=slot.key)
            for slot in content.signers
        ),
        facts=dict(content.facts),
        changes=tuple(
            ColumnChange(table=change.table, row_id=change.id, column=column, before=before, after=after)
            for change in content.changes
            for column, (before, after) in change.set.items()
        ),
        reason=content.reason or "",
        digest=entry.digest,
        previous=content.previous,
        body=body.decode(),
    )


def events_telling_of(connection: Connection, exhibit: Exhibit) -> list[CustodyEvent]:
    """Everything recorded of an exhibit, oldest first (REQ-21); see `tells_of`."""
    about = [str(one) for one in (exhibit.id, _source_of(exhibit)) if one]
    events = map(event_of, entries_about(connection, about))
    return [event for event in events if tells_of(event, exhibit)]


def tells_of(event: CustodyEvent, exhibit: Exhibit) -> bool:
    """Whether an entry is about an exhibit.

    Of an image these are also the ones about the exhibit that it was made of which took it in, or which name it: what
    is done with an image is an entry about that exhibit, and there may be no other.
    """
    if event.object_id == str(exhibit.id):
        return True
    if event.object_id != str(_source_of(exhibit)):
        return False
    return event.fact("image") == exhibit.number or any(one.row_id == str(exhibit.id) for one in event.changes)


def _source_of(exhibit: Exhibit) -> ExhibitId | None:
    return exhibit.parent_id if exhibit.type is ExhibitType.IMAGE else None
