"""Creating the record and bringing an older one up to date."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from sqlalchemy import Connection, exists, inspect, select, text

from forensics_app.db.access import grant
from forensics_app.db.engine import Database
from forensics_app.db.migrations.triggers import trigger_names
from forensics_app.db.sqlite import connect
from forensics_app.db.tables import APPEND_ONLY, LAB, METADATA
from forensics_app.errors import LabUnusableError, NewerLabError, NotALabError, OlderLabError

REVISIONS = ("0001", "0002", "0003", "0004", "0005", "0006", "0007", "0008", "0009", "0010", "0011", "0012")
"""Every revision of the record, oldest first; each is a file of :mod:`forensics_app.db.migrations.versions`."""


def create(database: Database) -> None:
    """Make all tables and triggers in an empty database, and on a server the role of the workstations.

    Raises:
        LabUnusableError: A server keeps text in another form than UTF-8, or does not let this login make tables.
    """
    _migrate(database)
    database.revision = REVISIONS[-1]


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
        found = _known_revision(connection)
    if found != REVISIONS[-1]:
        if copy_to is not None and database.url.database is not None:
            _copy(Path(database.url.database), copy_to)
        _migrate(database)
    database.revision = REVISIONS[-1]
    return found


def refuse_another_revision(database: Database) -> None:
    """Refuse a record that has to be brought up to date before this program can read it.

    Raises:
        NotALabError: The database holds no record.
        NewerLabError: The record is of a revision that this program does not know.
        OlderLabError: The record is of an earlier revision.
    """
    with database.reading() as connection:
        found = _known_revision(connection)
    if found != REVISIONS[-1]:
        raise OlderLabError(
            f"The lab was written by an older version of the program: its record is of revision {found}, this program "
            f"verifies revision {REVISIONS[-1]}. To verify never changes a lab, so it was not brought up to date."
        )
    database.revision = found


def _known_revision(connection: Connection) -> str:
    found = revision_of(connection)
    if found not in REVISIONS:
        raise NewerLabError(
            f"The lab was written by a newer version of the program: its record is of revision {found}, "
            f"this program knows revisions up to {REVISIONS[-1]}."
        )
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


def is_unused(connection: Connection) -> bool:
    """Whether a database holds no table at all, or those of a record in which nothing was ever written."""
    names = set(inspect(connection).get_table_names())
    if not names:
        return True
    return (
        names == {*METADATA.tables, "alembic_version"} and connection.scalar(select(exists().select_from(LAB))) is False
    )


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


def upgrade(connection: Connection) -> None:
    """Bring the tables up to date in a transaction of their owner, and grant what workstations need.

    Raises:
        LabUnusableError: A server keeps text in another form than UTF-8, or lacks the role of the workstations.
    """
    from alembic import command
    from alembic.config import Config

    if connection.dialect.name != "sqlite":
        encoding = connection.scalar(text("SHOW server_encoding"))
        if encoding != "UTF8":
            raise LabUnusableError(
                f"The server's database keeps text as {encoding}; names of files would be lost in it.",
                then="Let the administrator of the server make one with the encoding UTF8.",
            )
    config = Config()
    config.set_main_option("script_location", "forensics_app.db:migrations")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    grant(connection)


def _migrate(database: Database) -> None:
    owner = database if database.is_sqlite else Database(database.url, as_owner=True)
    try:
        with owner.writing() as connection:
            upgrade(connection)
    finally:
        if owner is not database:
            owner.close()
            database.close()  # its sessions began before the role of the workstations was there


def _copy(source: Path, target: Path) -> None:
    with (
        closing(connect(source, "mode=ro")) as old,
        closing(connect(target)) as new,
    ):
        old.backup(new)
