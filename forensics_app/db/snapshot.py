"""A copy of the record as one SQLite file, consistent in itself while others go on writing."""

from __future__ import annotations

import os
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, insert

from forensics_app.db import schema
from forensics_app.db.engine import Database, sqlite_url
from forensics_app.db.moving import BATCH_ROWS, differences, table_rows
from forensics_app.db.refusals import words_for
from forensics_app.db.sqlite import SQLITE_ERRORS, connect
from forensics_app.db.tables import METADATA
from forensics_app.errors import LabUnusableError


def snapshot(database: Database, target: Path) -> None:
    """Copy the record, as it stands in one transaction, into the new SQLite file ``target``.

    A record in a folder is copied page by page by SQLite itself; one on a server row by row into tables of the same
    form, and compared. Either is a whole record that can be opened, verified, and moved to a server again.

    Raises:
        LabUnusableError: It cannot be read or written, or the copy is not the same.
    """
    try:
        with database.reading() as connection:
            if database.is_sqlite:
                _copy_pages(connection, target)
            else:
                _copy_rows(connection, target)
        _without_companions(target)
    except SQLITE_ERRORS as error:
        raise words_for(error) from error


def _copy_pages(connection: Connection, target: Path) -> None:
    source: Any = connection.connection.dbapi_connection
    with closing(connect(target)) as copy:
        source.backup(copy)


def _copy_rows(connection: Connection, target: Path) -> None:
    new = Database(sqlite_url(target))
    try:
        schema.create(new)
        with new.writing() as written:
            for table in METADATA.sorted_tables:
                rows = (dict(row._mapping) for row in table_rows(connection, table))
                while batch := list(islice(rows, BATCH_ROWS)):
                    written.execute(insert(table), batch)
        with new.reading() as there:
            found = next(differences(connection, there), None)
        if found is not None:
            raise LabUnusableError(f"The copy of the record is not the same: {found}", then="Make the backup again.")
    finally:
        new.close()


def _without_companions(target: Path) -> None:
    """Let everything be in the one file, and on the disk."""
    with closing(connect(target)) as copy:
        copy.execute("PRAGMA journal_mode=DELETE")
    with target.open("r+b") as file:
        os.fsync(file.fileno())
