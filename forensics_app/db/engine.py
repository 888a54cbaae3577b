"""The way into the record: transactions, and words for what a database refuses."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import URL, Connection, Engine, create_engine, event, text
from sqlalchemy.exc import DBAPIError

from forensics_app.db.refusals import NO_LOCK, words_for
from forensics_app.db.server import (
    IDLE_WRITER_TIMEOUT_MS,
    SETTLE_TIMEOUT_S,
    configure_session,
    connect_arguments,
)
from forensics_app.db.sqlite import SQLITE_ERRORS, driver, unlock
from forensics_app.errors import LabUnusableError, NewerLabError, OutcomeUnknownError, RefusedError

BUSY_TIMEOUT_MS = 5000
WRITE_LOCK = 0x666F7265
"""The advisory lock that a writer on PostgreSQL holds to the end of its transaction."""
RETRY_INTERVAL_S = 0.5
_TAKE_TURN = (
    f"SET LOCAL idle_in_transaction_session_timeout = {IDLE_WRITER_TIMEOUT_MS}; "
    f"SELECT pg_advisory_xact_lock({WRITE_LOCK})"
)
_TO_WRITE = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "recursive_triggers=ON")
_TO_READ = ("query_only=ON",)
APPENDED = "appended"
"""Where a connection keeps chain, sequence and digest of the entries that its transaction appends."""


def sqlite_url(path: Path) -> URL:
    """The URL of the SQLite database at ``path``."""
    return URL.create("sqlite", database=str(path))


def untouched_url(path: Path) -> URL:
    """The URL of the SQLite database at ``path``, to be read and never written.

    While a program has it open, and after one was killed, there are files beside it that hold what was written last,
    and they are used. Where there are none SQLite would make them, and leave them there: the database is then read as
    a file that does not change, and :meth:`Database.is_as_opened` says whether it did.

    Raises:
        LabUnusableError: What was written last cannot be read without making a file in a folder that cannot be written.
    """
    query = {"uri": "true", "mode": "ro"}
    if not _write_ahead(path).exists():
        query["immutable"] = "1"
    elif not path.with_name(f"{path.name}-shm").exists() and not os.access(path.parent, os.W_OK):
        raise LabUnusableError(
            f"What was written last to the lab lies in {_write_ahead(path).name}, and cannot be read where nothing can "
            "be written.",
            then="Copy the whole folder to a disk that can be written, and verify the copy.",
        )
    return URL.create("sqlite", database=path.absolute().as_uri(), query=query)


class Database:
    """One record. Connections never leave the ``with`` that opened them.

    Attributes:
        revision: The revision that writers rely on; None while the record is being made. On a server another
            workstation may bring the record up to date at any time, after which this program does not write any more.
    """

    def __init__(
        self,
        url: URL,
        *,
        busy_timeout_ms: int = BUSY_TIMEOUT_MS,
        as_owner: bool = False,
        settle_timeout_s: float = SETTLE_TIMEOUT_S,
    ) -> None:
        """Prepare the engine for ``url``; nothing is opened yet.

        Args:
            url: SQLite or PostgreSQL.
            busy_timeout_ms: How long SQLite waits for another program to let go.
            as_owner: Whether tables may be made and changed, where the server grants it to this login.
            settle_timeout_s: How long a server is asked whether something was recorded whose end was not heard of.
        """
        self.url = url
        self.revision: str | None = None
        self._settle_timeout_s = settle_timeout_s
        self.is_sqlite = url.get_backend_name() == "sqlite"
        self._as_opened = _state_of(url)
        if self.is_sqlite:
            path = _path_of(url)
            self._engine = create_engine(url, module=driver(path), hide_parameters=True)
            pragmas = _TO_READ if url.query.get("mode") == "ro" else _TO_WRITE
            event.listen(self._engine, "connect", _configure_sqlite(path, busy_timeout_ms, pragmas))
            event.listen(self._engine, "begin", _begin_sqlite)
        else:
            self._engine = create_engine(
                url,
                connect_args=connect_arguments(url),
                pool_pre_ping=True,
                use_native_hstore=False,
                hide_parameters=True,
            )
            event.listen(self._engine, "connect", configure_session(as_owner=as_owner))

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A consistent snapshot; whatever happens in it is rolled back, and a server refuses to write.

        Raises:
            LabLockedError: Another program holds the database.
            LabUnusableError: The database cannot be read.
        """
        isolated = self._engine if self.is_sqlite else _isolated(self._engine, "REPEATABLE READ", is_read_only=True)
        with _worded(), isolated.connect() as connection:
            yield connection
            connection.rollback()

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """All or nothing; one writer at a time, locked from its first read.

        On a server the answer to the last word of a transaction can get lost. Then it is looked whether its entries
        are there; it is never written again.

        Raises:
            LabLockedError: Another program holds the database.
            LabUnusableError: The database cannot be written, or the disk is full. Nothing was written.
            OutcomeUnknownError: The server could not be asked any more whether it was written.
        """
        if not self.is_sqlite:
            with _worded(), self._writing_on_server() as connection:
                yield connection
            return
        with _worded(), self._engine.execution_options(begin="IMMEDIATE").begin() as connection:
            yield connection

    def learn_sizes(self) -> None:
        """Let a server count what was just copied, so that it chooses its indexes from the first query on.

        Raises:
            LabUnusableError: The server was lost; it counts by itself later.
        """
        with _worded(), _isolated(self._engine, "AUTOCOMMIT").connect() as connection:
            connection.exec_driver_sql("VACUUM (ANALYZE)")

    def is_as_opened(self) -> bool:
        """Whether a database that is read as a file that does not change is still what it was at first."""
        return _state_of(self.url) == self._as_opened

    def close(self) -> None:
        """Close every pooled connection."""
        self._engine.dispose()

    @contextmanager
    def _writing_on_server(self) -> Iterator[Connection]:
        appended: list[tuple[str, int, bytes]] = []
        number, is_asked = "", False
        try:
            with _isolated(self._engine, "READ COMMITTED").connect() as connection, connection.begin():
                connection.info[APPENDED] = appended
                connection.exec_driver_sql(_TAKE_TURN)
                number = self._begun(connection)
                yield connection
                is_asked = True
        except DBAPIError as error:
            if not (is_asked and error.connection_invalidated):
                raise
            if not self._was_recorded(number, appended):
                raise LabUnusableError(
                    "The connection to the lab's server was lost while this was being recorded.",
                    kept="The server was asked again: nothing was recorded.",
                    then="See that the network is there, then try again.",
                ) from error

    def _begun(self, connection: Connection) -> str:
        """The number of the transaction; refuses when a newer program has changed the tables meanwhile."""
        number = text("SELECT CAST(txid_current() AS text)")
        if self.revision is None:
            return str(connection.scalar(number))
        query = text("SELECT version_num, CAST(txid_current() AS text) FROM alembic_version")
        found, told = connection.execute(query).one()
        if found != self.revision:
            raise NewerLabError(
                f"The lab was brought up to date by another workstation: its record is of revision {found} now, "
                f"this program relies on {self.revision}."
            )
        return str(told)

    def _was_recorded(self, number: str, appended: list[tuple[str, int, bytes]]) -> bool:
        """Whether the transaction whose end was not heard of was committed.

        The lock of the writers is taken first: it is free only when the lost transaction has ended one way or the
        other. Then its entries are looked for; one without entries is known by its number.

        Raises:
            OutcomeUnknownError: The server did not answer in time.
        """
        give_up_s = time.monotonic() + self._settle_timeout_s
        while True:
            try:
                with _isolated(self._engine, "READ COMMITTED").connect() as connection, connection.begin():
                    connection.exec_driver_sql(_TAKE_TURN)
                    return _is_there(connection, number, appended)
            except DBAPIError as error:
                lasting = not error.connection_invalidated and getattr(error.orig, "sqlstate", None) not in (
                    None,
                    NO_LOCK,
                )
                if lasting or time.monotonic() > give_up_s:
                    raise OutcomeUnknownError(
                        "The connection to the lab's server was lost while this was being recorded, and the server "
                        "cannot be asked whether it was."
                    ) from error
                time.sleep(RETRY_INTERVAL_S)


def _is_there(connection: Connection, number: str, appended: list[tuple[str, int, bytes]]) -> bool:
    if not appended:
        status = connection.scalar(text("SELECT txid_status(CAST(:number AS bigint))"), {"number": number})
        return bool(status == "committed")
    query = text("SELECT digest FROM ledger_entry WHERE chain = :chain AND sequence = :sequence")
    stored = [
        connection.scalar(query, {"chain": chain, "sequence": sequence}) == digest
        for chain, sequence, digest in appended
    ]
    return all(stored)


def _path_of(url: URL) -> Path:
    """The file of an SQLite database."""
    database = url.database or ""
    if not database.startswith("file:"):
        return Path(database)
    from urllib.request import url2pathname  # brings half of HTTP with it

    return Path(url2pathname(urlsplit(database).path))


def _isolated(engine: Engine, level: Any, *, is_read_only: bool = False) -> Engine:
    return engine.execution_options(isolation_level=level, postgresql_readonly=is_read_only)


def _write_ahead(path: Path) -> Path:
    return path.with_name(f"{path.name}-wal")


def _state_of(url: URL) -> tuple[int, int, bool] | None:
    """Size, time of change and whether a program has it open; None of a database that is shared with others."""
    if url.query.get("immutable") is None or url.database is None:
        return None
    path = _path_of(url)
    found = path.stat()
    return found.st_size, found.st_mtime_ns, _write_ahead(path).exists()


def _configure_sqlite(
    path: Path, busy_timeout_ms: int, pragmas: tuple[str, ...]
) -> Callable[[sqlite3.Connection, object], None]:
    def configure(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None  # we send BEGIN ourselves
        unlock(connection, path)
        for pragma in (f"busy_timeout={busy_timeout_ms}", *pragmas):
            connection.execute(f"PRAGMA {pragma}")

    return configure


def _begin_sqlite(connection: Connection) -> None:
    mode = connection.get_execution_options().get("begin", "DEFERRED")
    connection.exec_driver_sql(f"BEGIN {mode}")


@contextmanager
def _worded() -> Iterator[None]:
    try:
        yield
    except (DBAPIError, *SQLITE_ERRORS) as error:
        raise words_for(error) from error
    except UnicodeEncodeError as error:
        raise RefusedError(
            f"{error.object!a} holds characters that are no text, and cannot be recorded.",
            then="Give the file or the text a name that can be written.",
        ) from error
