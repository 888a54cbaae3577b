"""What a workstation may do in a lab's database on a server: add to the ledger, never change it (REQ-14)."""

from __future__ import annotations

from sqlalchemy import Connection, text
from sqlalchemy.exc import ProgrammingError

from forensics_app.db.tables import APPEND_ONLY, METADATA, PROJECTED
from forensics_app.errors import LabUnusableError

LONGEST_PREFIX = 50


def workstation_role(connection: Connection) -> str:
    """The role that every login of this lab has to be a member of: the database's name and ``_workstation``."""
    return f"{str(connection.scalar(text('SELECT current_database()')))[:LONGEST_PREFIX]}_workstation"


def grant(connection: Connection) -> None:
    """Make the role of the workstations, and give it what the program needs and no more.

    Rows of the record are never removed, entries and attempts to sign in never changed, and no table is altered.
    Called by the owner after every migration; on SQLite, which knows no roles, it does nothing.

    Raises:
        LabUnusableError: The role is not there and this login may not make it.
    """
    if connection.dialect.name == "sqlite":
        return
    quote = connection.dialect.identifier_preparer.quote
    name = workstation_role(connection)
    role = quote(name)
    if connection.scalar(text("SELECT 1 FROM pg_roles WHERE rolname = :name"), {"name": name}) is None:
        _make_role(connection, name, role)
    append_only = {table.name for table in APPEND_ONLY}
    statements = [
        "REVOKE CREATE ON SCHEMA public FROM PUBLIC",
        f"GRANT USAGE ON SCHEMA public TO {role}",
        f"GRANT SELECT ON alembic_version TO {role}",
        f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {role}",
    ]
    for table in METADATA.sorted_tables:
        acts = ["SELECT", "INSERT"]
        if table.name not in append_only:
            acts.append("UPDATE")
            if table.name not in PROJECTED:
                acts.append("DELETE")
        statements.append(f"REVOKE ALL ON {quote(table.name)} FROM PUBLIC, {role}")
        statements.append(f"GRANT {', '.join(acts)} ON {quote(table.name)} TO {role}")
    connection.exec_driver_sql("; ".join(statements))


def excess_rights(connection: Connection) -> list[str]:
    """What this session may do to the append-only tables and ought not to; empty on SQLite, which knows no rights."""
    if connection.dialect.name == "sqlite":
        return []
    query = text(
        "SELECT act FROM unnest(ARRAY['UPDATE', 'DELETE', 'TRUNCATE']) AS act "
        "WHERE has_table_privilege(current_user, CAST(:table AS text), act)"
    )
    return [
        f"{act} on {table.name}" for table in APPEND_ONLY for act in connection.scalars(query, {"table": table.name})
    ]


def _make_role(connection: Connection, name: str, role: str) -> None:
    try:
        with connection.begin_nested():
            connection.execute(text(f"CREATE ROLE {role} NOLOGIN"))
            connection.execute(text(f"GRANT {role} TO current_user"))
    except ProgrammingError as error:
        raise LabUnusableError(
            f"The server has no role {name}, and this login may not make it.",
            kept="Nothing was written to the server.",
            then=f'Let the administrator of the server run: CREATE ROLE "{name}" NOLOGIN; and try again.',
        ) from error
