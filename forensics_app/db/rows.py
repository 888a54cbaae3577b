"""Records out of a query: all that it finds, or the one that there has to be."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any, TypeVar

from sqlalchemy import Connection, Select

from forensics_app.db.mapping import Row
from forensics_app.errors import NotFoundError, RecordDamagedError

T = TypeVar("T")


def records(connection: Connection, query: Select[Any], read: Callable[[Row], T]) -> tuple[T, ...]:
    """What a query finds, in its order; ``read`` makes a record of a row."""
    return tuple(read(row) for row in connection.execute(query).mappings())


def readable(connection: Connection, query: Select[Any], read: Callable[[Row], T]) -> tuple[T, ...]:
    """What of a query's rows can be read, in its order, so that one that cannot does not end a case or the desk.

    What is left out is named by :func:`forensics_app.services.unreadable.unread_rows`: on the desk, with the principles
    of its case, and by verification.
    """
    return tuple(_readable(connection, query, read))


def _readable(connection: Connection, query: Select[Any], read: Callable[[Row], T]) -> Iterator[T]:
    for row in connection.execute(query).mappings():
        with suppress(RecordDamagedError):
            yield read(row)


def record_or_none(connection: Connection, query: Select[Any], read: Callable[[Row], T]) -> T | None:
    """The only record that a query finds; None where it finds nothing."""
    row = connection.execute(query).mappings().one_or_none()
    return None if row is None else read(row)


def record_with(connection: Connection, query: Select[Any], read: Callable[[Row], T], words: str) -> T:
    """The only record that a query finds.

    Args:
        connection: To the record of the lab.
        query: Finds one row or none.
        read: Makes a record of a row.
        words: What is looked for, such as "case with the id ...".

    Raises:
        NotFoundError: There is none.
    """
    found = record_or_none(connection, query, read)
    if found is None:
        raise NotFoundError(f"There is no {words} in this lab.")
    return found
