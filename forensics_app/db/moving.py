"""Moving a record from SQLite to a server: the rows, their comparison, and the two marks that make it one step.

A record that arrives is marked until it was compared and the old one takes no entry any more; nobody opens it before.
The old one is marked by guards in its own database, so that also a program that has it open, or an older one, cannot
write to it. So at every moment exactly one of the two can be written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import zip_longest
from typing import Any

from sqlalchemy import Column, Connection, MetaData, Row, Table, Text, collate, func, insert, inspect, select, text

from forensics_app.db import schema
from forensics_app.db.refusals import MOVED
from forensics_app.db.tables import APPEND_ONLY, METADATA
from forensics_app.errors import RefusedError

BATCH_ROWS = 1000
_MARKS = MetaData()
_GONE = Table("lab_moved", _MARKS, Column("server", Text, nullable=False), Column("at", Text, nullable=False))
_ARRIVING = Table("lab_arriving", _MARKS, Column("lab", Text, nullable=False))
ACTS = ("INSERT", "UPDATE", "DELETE")


def moved_to(old: Connection) -> str | None:
    """The URL of the server, or the folder, that this SQLite record was moved to; None while it is in use."""
    if not inspect(old).has_table(_GONE.name):
        return None
    return old.scalar(select(_GONE.c.server))


def moved_when(old: Connection) -> tuple[str, str] | None:
    """Where this SQLite record was moved to, and when by its own mark; None while it is in use."""
    if not inspect(old).has_table(_GONE.name):
        return None
    row = old.execute(select(_GONE.c.server, _GONE.c.at)).one()
    return str(row.server), str(row.at)


def mark_moved(old: Connection, server: str, at: str) -> None:
    """Let every table of an SQLite record refuse any change from the end of this transaction on; no row is touched."""
    words = f"{MOVED}{server}".replace("'", "''")
    for name in sorted(inspect(old).get_table_names()):
        for act in ACTS:
            old.exec_driver_sql(
                f'CREATE TRIGGER "{name}_moved_{act.lower()}" BEFORE {act} ON "{name}" '
                f"BEGIN SELECT RAISE(ABORT, '{words}'); END"
            )
    _GONE.create(old)
    old.execute(insert(_GONE).values(server=server, at=at))


def arriving(new: Connection) -> str | None:
    """Id of the lab whose move to this server is not finished; None otherwise."""
    return new.scalar(select(_ARRIVING.c.lab)) if is_arriving(new) else None


def is_arriving(new: Connection) -> bool:
    """Whether a move to this server is not finished, as every login may see."""
    return inspect(new).has_table(_ARRIVING.name)


def begin_arrival(new: Connection, lab: str) -> None:
    """Make the tables, marked as those of a lab that arrives; what an interrupted move of it left is removed.

    Raises:
        RefusedError: The database holds something else.
    """
    there = inspect(new).get_table_names()
    if there and arriving(new) != lab:
        raise RefusedError(
            "The database on the server is not empty.",
            then="Let the administrator of the server make an empty one for this lab.",
        )
    quote = new.dialect.identifier_preparer.quote
    for name in there:
        new.execute(text(f"DROP TABLE {quote(name)} CASCADE"))
    for table in APPEND_ONLY:
        new.execute(text(f"DROP FUNCTION IF EXISTS {table.name}_refuse() CASCADE"))
    _ARRIVING.create(new)
    new.execute(insert(_ARRIVING).values(lab=lab))
    schema.upgrade(new)


def end_arrival(new: Connection) -> None:
    """Let the lab be opened."""
    _ARRIVING.drop(new, checkfirst=True)


def copy_rows(old: Connection, new: Connection, on_progress: Callable[[int, int], None]) -> int:
    """Copy every row of every table as it is, into empty tables.

    Args:
        old: The SQLite record, held.
        new: The record on the server.
        on_progress: Rows copied, rows in all.

    Returns:
        The number of rows.
    """
    total, done = sum(_count(old, table) for table in METADATA.sorted_tables), 0
    driver: Any = new.connection.cursor()
    with driver as cursor:
        for table in METADATA.sorted_tables:
            names = ", ".join(f'"{column.name}"' for column in table.columns)
            with cursor.copy(f'COPY "{table.name}" ({names}) FROM STDIN') as rows:
                for row in table_rows(old, table):
                    rows.write_row(tuple(row))
                    done += 1
                    if done % BATCH_ROWS == 0:
                        on_progress(done, total)
            _go_on_numbering(new, table)
    on_progress(total, total)
    return done


def differences(old: Connection, new: Connection) -> Iterator[str]:
    """Compare every value of every row of both, byte by byte; a sentence for each table that differs."""
    for table in METADATA.sorted_tables:
        for number, (one, other) in enumerate(zip_longest(table_rows(old, table), table_rows(new, table)), start=1):
            if one is None or other is None or tuple(one) != tuple(other):
                yield f"The table {table.name} differs from its row {number:,} on."
                break


def _count(connection: Connection, table: Table) -> int:
    return connection.scalar(select(func.count()).select_from(table)) or 0


def _go_on_numbering(new: Connection, table: Table) -> None:
    """Let a table that numbers its rows go on after the last one."""
    column = table.autoincrement_column
    if column is None:
        return
    query = text(
        f"SELECT setval(pg_get_serial_sequence('{table.name}', '{column.name}'), "
        f"coalesce(max({column.name}), 0) + 1, false) FROM {table.name}"
    )
    new.execute(query)


def table_rows(connection: Connection, table: Table) -> Iterator[Row[Any]]:
    """All rows in the order of the bytes of their keys, whatever language the database sorts by."""
    is_sqlite = connection.dialect.name == "sqlite"
    keys = [
        collate(column, "C") if isinstance(column.type, Text) and not is_sqlite else column
        for column in table.primary_key.columns
    ]
    with connection.execute(select(table).order_by(*keys).execution_options(yield_per=BATCH_ROWS)) as rows:
        yield from rows
