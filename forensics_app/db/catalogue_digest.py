"""The digest of what a catalogue holds, by a rule that any program can follow."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from operator import itemgetter
from pathlib import Path

from forensics_app.db.catalogue_file import connect, refuse_what_is_none
from forensics_app.db.catalogue_schema import CONTENT_TABLES, INTEGER_COLUMNS
from forensics_app.db.sqlite import SQLITE_ERRORS
from forensics_app.model.catalogue import CatalogueDamagedError
from forensics_app.model.image import OnProgress

_FIRST = itemgetter(0)
_LINES_AT_ONCE = 2000


def content_digest(path: Path, on_progress: OnProgress = lambda done, total: None) -> bytes:
    """SHA-256 over all that was found, so that two buildings of one image can be shown to be equal.

    Digested are, table by table in the order of ``CONTENT_TABLES``, the table's name and a line feed, then each row in
    the order of its key: its values separated by a space and ended by a line feed. An integer is in decimal, a text
    the upper-case hexadecimal of its UTF-8 bytes, a blob that of its bytes, NULL a minus sign. When and by what it was
    built is not part of it.

    Args:
        path: The catalogue.
        on_progress: Lines done of the files, and in all; the other tables are short. What it raises stops it.

    Raises:
        CatalogueError: As for opening it.
    """
    refuse_what_is_none(path)
    try:
        with closing(connect(path)) as db:
            return digest_of(db, on_progress)
    except SQLITE_ERRORS as error:
        raise CatalogueDamagedError(f"The catalogue {path} does not hold together: {error}.") from error


def digest_of(db: sqlite3.Connection, on_progress: OnProgress = lambda done, total: None) -> bytes:
    """The same of a catalogue that is open."""
    digest, done = hashlib.sha256(), 0
    total = db.execute("SELECT count(*) FROM files").fetchone()[0]
    for table, columns in CONTENT_TABLES.items():
        digest.update(f"{table}\n".encode())
        for lines in _blocks(db.execute(_statement(table, columns))):
            digest.update("".join(map(_FIRST, lines)).encode())
            done += len(lines) if table == "files" else 0
            on_progress(min(done, total), total)
    return digest.digest()


def _statement(table: str, columns: tuple[str, ...]) -> str:
    """The lines of a table: formatted in one go, for to join the values one by one takes twice the time."""
    formats = " ".join(["%s"] * len(columns))
    values = ", ".join(_value(table, column) for column in columns)
    key = "volume_id, field" if table == "time_rules" else columns[0]
    return f"SELECT printf('{formats}\n', {values}) FROM {table} ORDER BY {key}"


def _value(table: str, column: str) -> str:
    """A value as the digest takes it. What stands in a column of integers and is none is never taken as it is."""
    if table == "files" and column not in INTEGER_COLUMNS:
        return f"iif({column} IS NULL, '-', hex({column}))"
    return f"CASE typeof({column}) WHEN 'integer' THEN {column} WHEN 'null' THEN '-' ELSE hex({column}) END"


def _blocks(cursor: sqlite3.Cursor) -> Iterable[list[tuple[str]]]:
    while block := cursor.fetchmany(_LINES_AT_ONCE):
        yield block
