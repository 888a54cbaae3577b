"""Who signed the entries by which rows of the record came into being: none of them decides about these rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Table, select

from chain_of_custody.ledger import Content
from forensics_app.db.ledger import entry_of
from forensics_app.db.tables import ENTRY
from forensics_app.model.person import PersonId

IN_ONE_QUERY = 500
"""Times that one query asks for; SQLite takes a limited number of parameters."""


def makers_of(
    connection: Connection, table: Table, chain: str, born: Iterable[tuple[str, str]]
) -> dict[str, frozenset[PersonId]]:
    """Everybody who signed the entry that made a row, and who signed as the giver the offer which that entry accepts.

    Args:
        connection: Of the open transaction.
        table: Of the rows.
        chain: In which the entries stand.
        born: Id of each row, and when the program wrote it; its entry bears this time, or a later one where the clock
            was behind.

    Returns:
        By id of the row; a row that no entry made is left out.
    """
    missing = dict(born)
    found: dict[str, frozenset[PersonId]] = {}
    times = sorted(set(missing.values()))
    for first in range(0, len(times), IN_ONE_QUERY):
        at = ENTRY.c.recorded_at.in_(times[first : first + IN_ONE_QUERY])
        found |= _made(connection, table, chain, at, missing)
    missing = {row: at for row, at in missing.items() if row not in found}
    if missing:
        found |= _made(connection, table, chain, ENTRY.c.recorded_at > min(missing.values()), missing)
    return found


def _made(
    connection: Connection, table: Table, chain: str, at: ColumnElement[bool], wanted: Iterable[str]
) -> dict[str, frozenset[PersonId]]:
    made = f'"table":"{table.name}"'.encode()
    query = select(ENTRY.c.body, ENTRY.c.signatures).where(ENTRY.c.chain == chain, at).order_by(ENTRY.c.sequence)
    found: dict[str, frozenset[PersonId]] = {}
    for row in connection.execute(query):
        if made not in row.body:
            continue
        content = entry_of(row.body, row.signatures).content
        for change in content.changes:
            if change.table == table.name and change.id in wanted and change.id not in found:
                found[change.id] = frozenset(PersonId(UUID(one)) for one in _signers(connection, content))
    return found


def _signers(connection: Connection, content: Content) -> Iterator[str]:
    yield from (slot.person for slot in content.signers)
    offer = content.facts.get("offer")
    if type(offer) is str:
        about = (ENTRY.c.chain == content.chain) & (ENTRY.c.object_id == content.object.id)
        mine = select(ENTRY.c.body, ENTRY.c.signatures).where(about, ENTRY.c.digest == bytes.fromhex(offer))
        for row in connection.execute(mine):
            yield from (slot.person for slot in entry_of(row.body, row.signatures).content.signers)
