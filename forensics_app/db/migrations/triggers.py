"""Triggers that make a table append-only (REQ-14), in both dialects."""

from __future__ import annotations

from collections.abc import Iterator, Sequence


def append_only(dialect: str, table: str, key: Sequence[str]) -> Iterator[str]:
    """Statements after which ``table`` refuses UPDATE, DELETE, replacing inserts and (PostgreSQL) TRUNCATE.

    Args:
        dialect: ``sqlite`` or ``postgresql``.
        table: Name of the table.
        key: Its primary key's columns; an insert over an existing key is refused before SQLite can replace it.
    """
    words = f"{table} is append-only"
    if dialect == "sqlite":
        same = " AND ".join(f"{column} = NEW.{column}" for column in key)
        yield (
            f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} "
            f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {same}) BEGIN SELECT RAISE(ABORT, '{words}'); END"
        )
        for act in ("UPDATE", "DELETE"):
            yield (
                f"CREATE TRIGGER {table}_no_{act.lower()} BEFORE {act} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{words}'); END"
            )
        return
    yield (
        f"CREATE FUNCTION {table}_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{words}'; END $$"
    )
    for act, level in (("UPDATE", "ROW"), ("DELETE", "ROW"), ("TRUNCATE", "STATEMENT")):
        yield (
            f"CREATE TRIGGER {table}_no_{act.lower()} BEFORE {act} ON {table} "
            f"FOR EACH {level} EXECUTE FUNCTION {table}_refuse()"
        )


def trigger_names(dialect: str, table: str) -> set[str]:
    """The names that :func:`append_only` gives its triggers."""
    acts = ("replace", "update", "delete") if dialect == "sqlite" else ("update", "delete", "truncate")
    return {f"{table}_no_{act}" for act in acts}
