"""What happened, read from the signed bytes alone."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from forensics_app.errors import RecordDamagedError
from forensics_app.model.custody import ColumnChange, CustodyEvent, Entry, SignatureInfo


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
    told = content.facts.get("occurred_at")
    return CustodyEvent(
        chain=UUID(content.chain),
        sequence=content.sequence,
        action=content.action,
        object_kind=content.object.kind,
        object_id=content.object.id,
        object_label=content.object.label,
        occurred_at=datetime.fromisoformat(told) if isinstance(told, str) else None,
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
