"""A PostgreSQL server of our own, and empty databases on it."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import URL, make_url

from forensics_app.db import schema
from forensics_app.db.engine import Database
from forensics_app.db.server import server_url
from forensics_app.db.tables import METADATA
from tests.builders import Bench, Clock, created, reopened

WIPE = f"SET session_replication_role = replica; TRUNCATE {', '.join(METADATA.tables)} RESTART IDENTITY CASCADE"
EMPTY = "SET session_replication_role = replica; " + "; ".join(f"DELETE FROM {name}" for name in METADATA.tables)
GO_ON_COUNTING = "SELECT setval(pg_get_serial_sequence('sign_in', 'id'), max(id)) FROM sign_in"


@dataclass(frozen=True)
class Filled:
    """A lab that was made on the server once: its folder, when it was made, and its rows as PostgreSQL copies them."""

    folder: Path
    at: datetime
    rows: dict[str, bytes]


@dataclass
class Server:
    """Where it listens; ``url`` leads to its first database, as its superuser, whom it trusts without a password."""

    url: URL
    _kept: list[str] = field(default_factory=list)
    _filled: list[Filled] = field(default_factory=list)

    def empty_database(self) -> str:
        """The URL of a new database without any table."""
        name = f"lab_{uuid4().hex[:12]}"
        self.run(f"CREATE DATABASE {name}")
        return self.of(name)

    def wiped_database(self) -> str:
        """The URL of a database with the empty tables of a record, always the same one: cheaper than a new one."""
        if not self._kept:
            self._kept.append(self.empty_database())
            database = Database(server_url(self._kept[0]))
            schema.create(database)
            database.close()
        self.run(WIPE, make_url(self._kept[0]).database)
        return self._kept[0]

    def bench(self, folder: Path) -> Bench:
        """A bench in ``folder`` whose record is here, in the database of ``wiped_database``.

        All of them are copies of one lab, for that takes longer to make than most tests.
        """
        if not self._filled:
            self._filled.append(self._fill())
        made = self._filled[0]
        shutil.copytree(made.folder, folder, dirs_exist_ok=True)
        with psycopg.connect(self._kept[0]) as connection:
            connection.execute(EMPTY.encode())
            for table, rows in made.rows.items():
                with connection.cursor().copy(f"COPY {table} FROM STDIN".encode()) as copy:
                    copy.write(rows)
            connection.execute(GO_ON_COUNTING.encode())
        return reopened(folder, made.at)

    def _fill(self) -> Filled:
        folder = Path(tempfile.mkdtemp(prefix="lab-on-a-server-"))
        clock = Clock()
        created(folder / "lab", self.wiped_database(), clock).close()
        rows = {}
        with psycopg.connect(self._kept[0]) as connection:
            for table in METADATA.tables:
                with connection.cursor().copy(f"COPY {table} TO STDOUT".encode()) as copy:
                    rows[table] = b"".join(copy)
        return Filled(folder / "lab", clock.at, {name: copied for name, copied in rows.items() if copied})

    def of(self, name: str, user: str = "postgres", **options: str) -> str:
        url = self.url.set(database=name, username=user).update_query_dict(options)
        return url.render_as_string()

    def run(self, statements: str, database: str | None = None) -> None:
        """Run statements as the superuser; one alone is outside of a transaction."""
        plain = self.of(database or "postgres")
        with psycopg.connect(plain, autocommit=True) as connection:
            connection.execute(statements.encode())


@contextmanager
def running_server() -> Iterator[Server]:
    pgserver = pytest.importorskip("pgserver", reason="the pgserver wheel is not there for this system")
    folder = Path(tempfile.mkdtemp(prefix="lab-server-"))  # not in pytest's folder: another user runs the server
    folder.chmod(0o755)
    running = pgserver.get_server(folder / "data")
    query = make_url(running.get_uri()).query
    server = Server(url=URL.create("postgresql", "postgres", database="postgres", query=query))
    for setting in ("fsync", "full_page_writes"):  # only a power cut would miss them
        server.run(f"ALTER SYSTEM SET {setting} = off")
    server.run("SELECT pg_reload_conf()")
    yield server
    running.cleanup()
    for left in (folder, *(made.folder.parent for made in server._filled)):
        shutil.rmtree(left, ignore_errors=True)
