"""The way into the record: transactions, and words for what a database refuses."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError, IntegrityError

from forensics_app.errors import AppError, LabLockedError, LabUnusableError, RefusedError

BUSY_TIMEOUT_MS = 5000
WRITE_LOCK = 0x666F7265  # one writer at a time on PostgreSQL too


def sqlite_url(path: Path) -> URL:
    """The URL of the SQLite database at ``path``."""
    return URL.create("sqlite", database=str(path))


class Database:
    """One record. Connections never leave the ``with`` that opened them."""

    def __init__(self, url: URL, *, busy_timeout_ms: int = BUSY_TIMEOUT_MS) -> None:
        """Prepare the engine for ``url``; nothing is opened yet.

        Args:
            url: SQLite or PostgreSQL.
            busy_timeout_ms: How long SQLite waits for another program to let go.
        """
        self.url = url
        self._engine = create_engine(url)
        self.is_sqlite = url.get_backend_name() == "sqlite"
        if self.is_sqlite:
            event.listen(self._engine, "connect", _configure_sqlite(busy_timeout_ms))
            event.listen(self._engine, "begin", _begin_sqlite)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A consistent snapshot; whatever happens in it is rolled back.

        Raises:
            LabLockedError: Another program holds the database.
            LabUnusableError: The database cannot be read.
        """
        isolated = self._engine if self.is_sqlite else _repeatable(self._engine)
        with _worded(), isolated.connect() as connection:
            yield connection
            connection.rollback()

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """All or nothing; one writer at a time, locked from its first read.

        Raises:
            LabLockedError: Another program holds the database.
            LabUnusableError: The database cannot be written, or the disk is full. Nothing was written.
        """
        with _worded(), self._engine.execution_options(begin="IMMEDIATE").begin() as connection:
            if not self.is_sqlite:
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({WRITE_LOCK})")
            yield connection

    def close(self) -> None:
        """Close every pooled connection."""
        self._engine.dispose()


def _repeatable(engine: Engine) -> Engine:
    return engine.execution_options(isolation_level="REPEATABLE READ")


def _configure_sqlite(busy_timeout_ms: int) -> Callable[[sqlite3.Connection, object], None]:
    def configure(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None  # we send BEGIN ourselves
        for pragma in (
            f"busy_timeout={busy_timeout_ms}",
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "recursive_triggers=ON",
        ):
            connection.execute(f"PRAGMA {pragma}")

    return configure


def _begin_sqlite(connection: Connection) -> None:
    mode = connection.get_execution_options().get("begin", "DEFERRED")
    connection.exec_driver_sql(f"BEGIN {mode}")


@contextmanager
def _worded() -> Iterator[None]:
    try:
        yield
    except (DBAPIError, sqlite3.DatabaseError) as error:
        raise _words(error) from error
    except UnicodeEncodeError as error:
        raise RefusedError(
            f"{error.object!a} holds characters that are no text, and cannot be recorded.",
            then="Give the file or the text a name that can be written.",
        ) from error


def _words(error: Exception) -> AppError:
    text = str(getattr(error, "orig", None) or error)
    if "locked" in text or "busy" in text:
        return LabLockedError("Another program is writing to the lab's database and has not let go of it.")
    if "full" in text:
        return LabUnusableError("The disk that holds the lab is full.", then="Make room on the disk, then try again.")
    if "readonly" in text or "read-only" in text:
        return LabUnusableError("The lab's database may only be read here, not written.")
    if isinstance(error, IntegrityError):
        return LabUnusableError(f"The lab's database refused the change, which breaks a rule of the record: {text}.")
    return LabUnusableError(f"The lab's database cannot be used: {text}.")


def scalar_text(connection: Connection, statement: Any) -> str | None:
    """The first column of the first row as text, or None."""
    value = connection.scalar(statement)
    return None if value is None else str(value)
