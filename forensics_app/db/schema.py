"""Creating the record and bringing an older one up to date."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import Connection, inspect, text

from forensics_app.db.engine import Database
from forensics_app.db.migrations.triggers import trigger_names
from forensics_app.db.tables import APPEND_ONLY
from forensics_app.errors import NewerLabError, NotALabError

REVISIONS = ("0001", "0002")
"""Every revision of the record, oldest first; each is a file of :mod:`forensics_app.db.migrations.versions`."""


def create(database: Database) -> None:
    """Make all tables and triggers in an empty database."""
    _migrate(database)


def bring_up_to_date(database: Database, copy_to: Path | None) -> str:
    """Migrate an older record; a copy is made first.

    Args:
        database: The record.
        copy_to: Where an SQLite record is copied before it is changed; None on a server, which has its own backup.

    Returns:
        The revision that the record had before.

    Raises:
        NotALabError: The database holds no record.
        NewerLabError: The record is of a revision that this program does not know.
    """
    with database.reading() as connection:
        found = revision_of(connection)
    if found not in REVISIONS:
        raise NewerLabError(
            f"The lab was written by a newer version of the program: its record is of revision {found}, "
            f"this program knows revisions up to {REVISIONS[-1]}."
        )
    if found != REVISIONS[-1]:
        if copy_to is not None and database.url.database is not None:
            _copy(Path(database.url.database), copy_to)
        _migrate(database)
    return found


def revision_of(connection: Connection) -> str:
    """The record's revision.

    Raises:
        NotALabError: There is none.
    """
    if not inspect(connection).has_table("alembic_version"):
        raise NotALabError("The database holds no record of a lab.")
    revision = connection.scalar(text("SELECT version_num FROM alembic_version"))
    if revision is None:
        raise NotALabError("The database holds no record of a lab: its revision is missing.")
    return str(revision)


def missing_triggers(connection: Connection) -> set[str]:
    """Names of the triggers that ought to guard the append-only tables and are not there."""
    dialect = connection.dialect.name
    query = (
        "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        if dialect == "sqlite"
        else "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled = 'O'"
    )
    there = {str(name) for name in connection.scalars(text(query))}
    return set().union(*(trigger_names(dialect, table.name) for table in APPEND_ONLY)) - there


def _migrate(database: Database) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", "forensics_app.db:migrations")
    with database.writing() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _copy(source: Path, target: Path) -> None:
    with (
        closing(sqlite3.connect(f"{source.as_uri()}?mode=ro", uri=True)) as old,
        closing(sqlite3.connect(target)) as new,
    ):
        old.backup(new)
