"""Custody logs of all cases, filtered; they are read, and nothing is written (REQ-38)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, select

from forensics_app.db.engine import Database
from forensics_app.db.ledger import entry_of
from forensics_app.db.tables import ENTRY
from forensics_app.model.custody import CustodyEvent, Entry, utc_text
from forensics_app.model.custody_log import LogQuery
from forensics_app.services.history import event_of


@dataclass(frozen=True, slots=True, kw_only=True)
class CustodyLog:
    """Use cases of who oversees. What is asked is answered from the signed bytes."""

    db: Database

    def list(self, asked: LogQuery) -> tuple[CustodyEvent, ...]:
        """The newest entries that were asked for, oldest of them first."""
        found: list[CustodyEvent] = []
        with self.db.reading() as connection:
            rows = connection.execute(_query(asked), execution_options={"yield_per": 500})
            for entry in _signed_by(rows, asked):
                found.append(event_of(entry))
                if len(found) == asked.limit:
                    break
            rows.close()
        return tuple(reversed(found))


def _query(asked: LogQuery) -> Select[Any]:
    query = select(ENTRY.c.body, ENTRY.c.signatures)
    if asked.case_id is not None:
        query = query.where(ENTRY.c.chain == str(asked.case_id))
    if asked.exhibit_id is not None:
        query = query.where(ENTRY.c.object_id == str(asked.exhibit_id))
    if asked.since is not None:
        query = query.where(ENTRY.c.recorded_at >= utc_text(asked.since))
    if asked.until is not None:
        query = query.where(ENTRY.c.recorded_at < utc_text(asked.until))
    if kind := asked.kind.strip():
        same = ENTRY.c.action == kind
        query = query.where(same if "." in kind else ENTRY.c.action.startswith(f"{kind}.", autoescape=True))
    return query.order_by(ENTRY.c.recorded_at.desc(), ENTRY.c.chain, ENTRY.c.sequence.desc())


def _signed_by(rows: Any, asked: LogQuery) -> Iterator[Entry]:
    person = None if asked.person_id is None else str(asked.person_id)
    for row in rows:
        if person is not None and person.encode() not in row.body:
            continue  # most entries are somebody else's, and need not be read
        entry = entry_of(row.body, row.signatures)
        if person is None or any(slot.person == person for slot in entry.content.signers):
            yield entry
