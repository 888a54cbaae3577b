"""The ledger's entries in the database: append, read, never change."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlalchemy import Connection, Row, func, insert, select

from forensics_app.db.engine import APPENDED
from forensics_app.db.tables import ENTRY
from forensics_app.model.custody import Entry, utc_text

SIGNATURE_BYTES = 64


def append_entry(connection: Connection, entry: Entry) -> None:
    """Store ``entry`` behind the last one of its chain; the stored bytes are the signed bytes."""
    content = entry.content
    connection.execute(
        insert(ENTRY).values(
            chain=content.chain,
            sequence=content.sequence,
            chain_kind=content.chain_kind,
            recorded_at=utc_text(content.recorded_at),
            actor_id=content.actor.id,
            action=content.action,
            object_id=content.object.id,
            body=entry.body,
            signatures=b"".join(entry.signatures),
            digest=entry.digest,
        )
    )
    if APPENDED in connection.info:
        connection.info[APPENDED].append((content.chain, content.sequence, entry.digest))


def last_entry(connection: Connection, chain: str) -> Entry | None:
    """The newest entry of ``chain``, or None while it is empty."""
    newest = select(ENTRY.c.body, ENTRY.c.signatures).where(ENTRY.c.chain == chain).order_by(ENTRY.c.sequence.desc())
    row = connection.execute(newest.limit(1)).one_or_none()
    return None if row is None else entry_of(row.body, row.signatures)


def first_entry(connection: Connection, chain: str) -> Entry | None:
    """The entry that ``chain`` begins with, or None while it is empty."""
    oldest = select(ENTRY.c.body, ENTRY.c.signatures).where(ENTRY.c.chain == chain).order_by(ENTRY.c.sequence)
    row = connection.execute(oldest.limit(1)).one_or_none()
    return None if row is None else entry_of(row.body, row.signatures)


def chain_head(connection: Connection, chain: str) -> tuple[int, bytes | None]:
    """How many entries ``chain`` has, and the digest of the last one; read from the index, however long it is."""
    mine = ENTRY.c.chain == chain
    entries = connection.scalar(select(func.count()).where(mine)) or 0
    newest = select(ENTRY.c.digest).where(mine).order_by(ENTRY.c.sequence.desc()).limit(1)
    return entries, connection.scalar(newest)


def newest_time(connection: Connection) -> datetime | None:
    """The latest time that any entry of any chain bears; None while there is none."""
    text = connection.scalar(select(func.max(ENTRY.c.recorded_at)))
    return None if text is None else datetime.fromisoformat(text)


def time_of_use(connection: Connection, chain: str, at: datetime) -> str:
    """The latest time that an entry of ``chain`` bears with one of the time ``at`` behind the last, as `utc_text`.

    Verifiers judge an entry by it: no entry was made before the ones that it follows, whatever the clock said.
    """
    said = utc_text(at)
    if (newest := newest_time(connection)) is None or newest <= at:
        return said
    latest = func.max(ENTRY.c.recorded_at + "")  # of this chain alone, not by the index over the times of all chains
    return max(said, connection.scalar(select(latest).where(ENTRY.c.chain == chain)) or said)


def entries_of(connection: Connection, chain: str) -> Iterator[Entry]:
    """All entries of ``chain`` in their order."""
    rows = connection.execute(
        select(ENTRY.c.body, ENTRY.c.signatures).where(ENTRY.c.chain == chain).order_by(ENTRY.c.sequence)
    )
    return (entry_of(row.body, row.signatures) for row in rows)


def entries_after(connection: Connection, chain: str, sequence: int, actions: Sequence[str]) -> tuple[int, list[Entry]]:
    """The entries of ``chain`` behind ``sequence`` with one of ``actions``; and how far the chain reaches."""
    newest = connection.execute(select(func.max(ENTRY.c.sequence)).where(ENTRY.c.chain == chain)).scalar_one() or 0
    if newest <= sequence:
        return newest, []
    rows = connection.execute(
        select(ENTRY.c.body, ENTRY.c.signatures)
        .where(ENTRY.c.chain == chain, ENTRY.c.sequence > sequence, ENTRY.c.sequence <= newest)
        .where(ENTRY.c.action.in_(actions))
        .order_by(ENTRY.c.sequence)
    )
    return newest, [entry_of(row.body, row.signatures) for row in rows]


def entries_about(connection: Connection, object_ids: Sequence[str]) -> list[Entry]:
    """The entries whose object is one of ``object_ids``, oldest first within each chain."""
    rows = connection.execute(
        select(ENTRY.c.body, ENTRY.c.signatures)
        .where(ENTRY.c.object_id.in_(object_ids))
        .order_by(ENTRY.c.chain, ENTRY.c.sequence)
    )
    return [entry_of(row.body, row.signatures) for row in rows]


def newest_about(connection: Connection, object_id: str, action: str) -> Entry | None:
    """The newest entry about an object with this action; None while there is none."""
    mine = (ENTRY.c.object_id == object_id) & (ENTRY.c.action == action)
    newest = select(ENTRY.c.body, ENTRY.c.signatures).where(mine).order_by(ENTRY.c.sequence.desc()).limit(1)
    row = connection.execute(newest).one_or_none()
    return None if row is None else entry_of(row.body, row.signatures)


def entries_about_with(connection: Connection, object_id: str, action: str) -> list[Entry]:
    """The entries about an object with this action, newest first."""
    mine = (ENTRY.c.object_id == object_id) & (ENTRY.c.action == action)
    rows = connection.execute(select(ENTRY.c.body, ENTRY.c.signatures).where(mine).order_by(ENTRY.c.sequence.desc()))
    return [entry_of(row.body, row.signatures) for row in rows]


def newest_time_about(connection: Connection, object_id: str, actions: Sequence[str]) -> datetime | None:
    """The latest time that an entry about an object with one of these actions bears; None while there is none."""
    mine = (ENTRY.c.object_id == object_id) & ENTRY.c.action.in_(actions)
    text = connection.scalar(select(func.max(ENTRY.c.recorded_at)).where(mine))
    return None if text is None else datetime.fromisoformat(text)


def chain_lengths(connection: Connection) -> list[Row[tuple[str, str, int]]]:
    """Id, kind and number of entries of every chain, the lab's first."""
    rows = connection.execute(
        select(ENTRY.c.chain, ENTRY.c.chain_kind, func.count().label("entries"))
        .group_by(ENTRY.c.chain, ENTRY.c.chain_kind)
        .order_by(ENTRY.c.chain_kind.desc(), ENTRY.c.chain)
    )
    return list(rows)


def entry_of(body: bytes, signatures: bytes) -> Entry:
    """An entry from its two columns."""
    parts = range(0, len(signatures), SIGNATURE_BYTES)
    return Entry(body, tuple(signatures[at : at + SIGNATURE_BYTES] for at in parts))
