"""Rows of SQLite past what is damaged of them: where values go on over further pages, one lost page costs one row."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, TypeAlias

from evidence.errors import UnreadableStructureError
from evidence.viewers.words import blob

NAME = "a SQLite database"
ERRORS = (sqlite3.Error, OverflowError, UnicodeError)
"""Of SQLite about what it is given; the last where a name or its own message is no UTF-8."""
RULES = ("trusted_schema = OFF", "query_only = ON", "cell_size_check = ON", "temp_store = MEMORY")
STEPS_AT_ONCE, MOST_STEPS = 200_000, 2_000
"""After so many steps of SQLite's own machine progress is told; after so many of these a query is given up."""
MOST_COUNTED = 1_000
_OF_PAGES = ("Tree ", "On tree ", "Page ", "Freelist", "Main freelist")
"""How SQLite's check begins what it says of pages, and not of values that a table should not have."""

Ask: TypeAlias = Callable[[str, tuple[int, ...]], AbstractContextManager[sqlite3.Cursor]]


class Text(bytes):
    """Text as it is stored, told apart from a BLOB."""


class NotRead(str):
    """Why a value could not be read, in its place."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Table:
    """A table to be asked for.

    Attributes:
        ask: Runs a question.
        schema: Of the connection, in which it is.
        name: As stored.
        columns: Without the number of the row.
        number: What that is called; empty where there is none.
    """

    ask: Ask
    schema: str
    name: str
    columns: Sequence[str]
    number: str

    @property
    def source(self) -> str:
        """What is asked for its rows, in their order."""
        return f"{self.schema}.{quoted(self.name)} NOT INDEXED"

    @property
    def _shown(self) -> list[str]:
        return [*((self.number,) if self.number else ()), *map(quoted, self.columns)]

    def one_by_one(self, first: int, count: int) -> Iterator[tuple[Any, ...]]:
        """Rows from ``first``, each read by itself, with a :class:`NotRead` for each value that cannot be read."""
        places, where = list(range(first, first + count)), "LIMIT 1 OFFSET ?"
        if self.number:
            with self.ask(f"SELECT {self.number} FROM {self.source} LIMIT ? OFFSET ?", (count, first)) as told:
                places, where = [row[0] for row in told], f"WHERE {self.number} = ?"
        for place in places:
            try:
                yield self._row(", ".join(self._shown), where, place)
            except ERRORS:
                yield tuple(self._value(column, where, place) for column in self._shown)

    def unreadable(self) -> str:
        """In words, how many of its rows cannot be read whole; empty where the pages are as SQLite wants them."""
        try:
            with self.ask(f"PRAGMA {self.schema}.quick_check({quoted(self.name)})", ()) as told:
                said = [line for row in told for line in as_words(row[0]).splitlines()]
        except ERRORS as error:
            said = [f"{_OF_PAGES[0]}not checked: {error}"]
        said = [one for one in said if one.startswith(_OF_PAGES)]
        if not said:
            return ""
        count, is_all = self._count_unreadable()
        if count:
            rows = "1 row" if count == 1 else f"{count:,} rows"
            return f"{rows if is_all else f'{rows} or more'} not readable whole"
        return f"SQLite's check says: {said[0]}"

    def _count_unreadable(self) -> tuple[int, bool]:
        touched = ", ".join(f"{quoted(column)} IS 0" for column in self.columns)  # which reads the whole of a value
        count = at = 0
        while count < MOST_COUNTED:
            try:
                with self.ask(f"SELECT {touched} FROM {self.source} LIMIT -1 OFFSET ?", (at,)) as told:
                    for _ in told:
                        at += 1
                return count, True
            except ERRORS:
                failed = next((one for one in (at, at + 1) if self._fails(touched, one)), None)
                if failed is None:  # it took too long
                    return count, False
                count, at = count + 1, failed + 1
        return count, False

    def _fails(self, asked: str, place: int) -> bool:
        try:
            self._row(asked, "LIMIT 1 OFFSET ?", place)
        except ERRORS:
            return True
        return False

    def _row(self, asked: str, where: str, place: int) -> tuple[Any, ...]:
        with self.ask(f"SELECT {asked} FROM {self.source} {where}", (place,)) as told:
            row: tuple[Any, ...] | None = told.fetchone()
        if row is None:
            raise sqlite3.DatabaseError("it is not found by its number")
        return row

    def _value(self, column: str, where: str, place: int) -> Any:
        try:
            return self._row(column, where, place)[0]
        except ERRORS as error:
            return NotRead(f"[not readable: {error}]")


def rows_of_all(
    data: bytearray, on_progress: Callable[[], None]
) -> Iterator[tuple[str, tuple[str | bytes | int | float | None, ...] | str]]:
    """Every row of every table by the table's name; in place of what cannot be read of one the reason as a text.

    Text in a row is a text, a BLOB and what is no text though it says so are bytes.

    Args:
        data: The database; it is changed.
        on_progress: Called now and then.

    Raises:
        UnreadableStructureError: Not even its schema can be read.
    """
    steps = 0

    def go_on() -> int:
        nonlocal steps
        steps += 1
        on_progress()
        return int(steps >= MOST_STEPS)

    data[18:20] = b"\1\1"  # no write-ahead log lies beside a copy in memory
    with contextlib.closing(sqlite3.connect(":memory:")) as connection:
        connection.text_factory = Text
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, len(data))
        connection.set_progress_handler(go_on, STEPS_AT_ONCE)
        try:
            connection.deserialize(data)
            for rule in RULES:
                connection.execute(f"PRAGMA {rule}")
            asked = "SELECT name FROM sqlite_master WHERE type = 'table' AND rootpage > 0"
            tables = [as_words(name) for (name,) in connection.execute(asked)]
        except ERRORS as error:
            raise UnreadableStructureError(NAME, f"it is damaged ({error})") from error
        for table in ("sqlite_master", *tables):
            steps = 0
            yield from ((table, row) for row in _all_of(connection, table))


def _all_of(connection: sqlite3.Connection, table: str) -> Iterator[tuple[Any, ...] | str]:
    """The rows of one table; of what cannot be read whole that which can, and at the end the reason."""

    @contextlib.contextmanager
    def ask(question: str, values: tuple[int, ...] = ()) -> Iterator[sqlite3.Cursor]:
        with contextlib.closing(connection.execute(question, values)) as told:
            yield told

    at = failed = 0
    why = ""
    try:
        with ask(f"SELECT * FROM {quoted(table)} LIMIT 0") as told:
            columns = [str(column[0]) for column in told.description]
        asked = Table(ask, "main", table, columns, "")
        while failed < MOST_COUNTED:
            try:
                with ask(f"SELECT * FROM {asked.source} LIMIT -1 OFFSET ?", (at,)) as told:
                    for row in told:
                        at += 1
                        yield tuple(map(_as_said, row))
                break
            except ERRORS as error:
                why = str(error)
            with ask(f"SELECT count(*) FROM {asked.source}") as told:  # which fails where the rows behind cannot be had
                behind = min(2, told.fetchone()[0] - at)
            for row in asked.one_by_one(at, behind):  # the library drops a row whose next one fails
                at += 1
                kept = tuple(_as_said(value) for value in row if not isinstance(value, NotRead))
                failed += len(kept) < len(row)
                yield kept
    except ERRORS as error:
        yield str(error)
    else:
        if why:
            yield f"{failed:,} {'row' if failed == 1 else 'rows'} not readable whole: {why}"


def _as_said(value: object) -> Any:
    try:
        return value.decode("utf-8") if isinstance(value, Text) else value
    except ValueError:
        return bytes(value) if isinstance(value, bytes) else value


def quoted(name: str) -> str:
    """A name as SQL has it."""
    return '"' + name.replace('"', '""') + '"'


def as_words(value: object) -> str:
    """A value of SQLite's own tables as text."""
    if isinstance(value, Text):
        return value.decode("utf-8", "replace")
    return blob(value) if isinstance(value, bytes) else "" if value is None else str(value)
