"""The PostgreSQL server of a shared lab: how it is named, and what every session on it begins with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from forensics_app.errors import RefusedError

LOCK_TIMEOUT_MS: Final = 10_000
"""How long a writer waits for the one before it."""
IDLE_WRITER_TIMEOUT_MS: Final = 30_000
"""After this long without a word from a writer the server ends its transaction: its computer is gone."""
SETTLE_TIMEOUT_S: Final = 45
"""How long the server is asked whether a transaction was recorded whose end was not heard of. A dead writer, for whom
one has to wait, lasts less long."""

NETWORK: Final = {
    "connect_timeout": "10",
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "20000",
}
"""Parameters of libpq by which a dead network is noticed; those in the URL go before them."""
SECRET_PARAMETERS: Final = frozenset({"password", "sslpassword", "oauth_client_secret"})


def server_url(text: str) -> URL:
    """The URL of a lab's database on a server, as a person wrote it.

    Names and options are those of libpq: ``postgresql://HOST/DATABASE``, ``postgresql:///?service=NAME``. Passwords
    come from where libpq finds them by itself (``~/.pgpass``, a service file, ``PGPASSWORD``), so that none stands in a
    list of processes, in a log or in the lab's folder.

    Raises:
        RefusedError: It is no such URL, or holds a password.
    """
    try:
        url = make_url(text.strip())
    except (ArgumentError, ValueError) as error:
        raise RefusedError(_NOT_A_SERVER, then=_WRITE_IT_SO) from error
    if url.drivername not in ("postgresql", "postgres", "postgresql+psycopg"):
        raise RefusedError(_NOT_A_SERVER, then=_WRITE_IT_SO)
    if url.password or SECRET_PARAMETERS & url.query.keys():
        raise RefusedError(
            "The URL of the server holds a password, which does not belong there: others could read it.",
            then="Leave it out of the URL, and change it if others may have seen it. Put it into the file ~/.pgpass "
            "(on Windows %APPDATA%\\postgresql\\pgpass.conf), a service file, or the environment as PGPASSWORD.",
        )
    return URL.create("postgresql+psycopg", url.username, None, url.host, url.port, url.database, url.query)


def shown(url: URL) -> str:
    """The URL as people write it and as the lab's folder keeps it."""
    return url.set(drivername="postgresql").render_as_string(hide_password=True)


def connect_arguments(url: URL) -> dict[str, str]:
    """What libpq is told besides the URL."""
    return {name: value for name, value in NETWORK.items() if name not in url.query}


def configure_session(*, as_owner: bool) -> Callable[[Any, object], None]:
    """Make what runs first in every session on the server.

    Args:
        as_owner: Whether the session keeps the rights of its login, as creating and migrating need. Every other one
            takes the rights of the lab's workstations, which cannot change or delete an entry.
    """

    def configure(connection: Any, _record: object) -> None:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT set_config('lock_timeout', %s, false), set_config('client_encoding', 'UTF8', false), "
                "set_config('synchronous_commit', CASE current_setting('synchronous_commit') WHEN 'off' THEN 'on' "
                "ELSE current_setting('synchronous_commit') END, false)",
                (str(LOCK_TIMEOUT_MS),),
            )
            if not as_owner:
                cursor.execute(
                    "SELECT set_config('role', rolname, false) FROM pg_roles "
                    "WHERE rolname = left(current_database(), 50) || '_workstation' "
                    "AND pg_has_role(rolname, 'MEMBER')"
                )
        connection.autocommit = False

    return configure


_NOT_A_SERVER = "This is not the address of a lab's database on a PostgreSQL server."
_WRITE_IT_SO = "Write it like postgresql://server.example/lab, or postgresql:///?service=lab with a service file."
