"""A PostgreSQL server of our own, and empty databases on it."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import URL, make_url

from forensics_app.db import schema
from forensics_app.db.engine import Database
from forensics_app.db.server import server_url
from forensics_app.db.tables import METADATA

WIPE = f"SET session_replication_role = replica; TRUNCATE {', '.join(METADATA.tables)} RESTART IDENTITY CASCADE"


@dataclass
class Server:
    """Where it listens; ``url`` leads to its first database, as its superuser, whom it trusts without a password."""

    url: URL
    _kept: list[str] = field(default_factory=list)

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
    shutil.rmtree(folder, ignore_errors=True)
