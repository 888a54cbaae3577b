"""What shows that an unfinished catalogue is as it was committed: a digest of all that it holds, kept outside of it.

The digest of the rows grows with them, so that a commit costs the same however many there are. It is computed in the
form in which rows are handed over, which takes a tenth of the time of reading them back.
"""

from __future__ import annotations

import hashlib
import marshal
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from forensics_app.db.catalogue_schema import CONTENT_TABLES
from forensics_app.model.catalogue import FILE_COLUMNS

MEMBERS_FROM = 1 << 32
"""Members of archives have ids from here on, those of other entries are smaller: both grow, each for themselves."""

_HEAD_BYTES = 5
"""Before the values in a sequence stands what it is and how many there are, which depends on the batches."""
_FORM = 0
"""The one form of ``marshal`` in which equal values are always equal bytes."""
_FLAGS = frozenset(map(FILE_COLUMNS.index, ("allocated", "realloc", "orphan", "mismatch")))
_BLOCK_ROWS = 2000
_SMALL = (
    "SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY type, name",
    "SELECT key, value FROM meta ORDER BY key",
    f"SELECT {', '.join(CONTENT_TABLES['volumes'])} FROM volumes ORDER BY number",
    "SELECT * FROM time_rules ORDER BY volume_id, field",
)
_COUNTED = (
    "SELECT volume_id, kind, coalesce(mime, ''), extension, allocated, count(*) FROM files GROUP BY 1, 2, 3, 4, 5",
    "SELECT volume_id, kind, mime, extension, allocated, entries FROM type_counts",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seals:
    """Where the digests of what was committed are kept.

    Attributes:
        known: Those of the last building: of its last commit, and of the one that was about to be made.
        keep: Takes the same before each commit, and keeps them in the place of those before.
    """

    known: frozenset[str]
    keep: Callable[[tuple[str, ...]], None]


class RunningSeal:
    """The digest of what is in a catalogue that is being built; told of all that is put into it."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._entries, self._members, self._problems = hashlib.sha256(), hashlib.sha256(), hashlib.sha256()

    def take_rows(self, rows: Sequence[tuple[Any, ...]]) -> None:
        """Rows as they were put into the table."""
        if rows and rows[-1][0] >= MEMBERS_FROM:
            members = [row for row in rows if row[0] >= MEMBERS_FROM]
            self._members.update(_bytes_of(members))
            rows = [row for row in rows if row[0] < MEMBERS_FROM]
        self._entries.update(_bytes_of(rows))

    def take_problem(self, values: tuple[Any, ...]) -> None:
        """A problem as it was put into the table."""
        self._problems.update(_bytes_of([values]))

    def seal(self, db: sqlite3.Connection) -> str:
        """The digest of all that the catalogue holds at this moment, in hexadecimal."""
        digest = hashlib.sha256()
        for part in (self._entries, self._members, self._problems):
            digest.update(part.digest())
        for statement in _SMALL:
            digest.update(marshal.dumps(db.execute(statement).fetchall(), _FORM))
        return digest.hexdigest()


def read_again(db: sqlite3.Connection) -> RunningSeal:
    """The digest computed anew from the tables of an unfinished catalogue."""
    running = RunningSeal()
    columns = ", ".join(FILE_COLUMNS)
    for condition in (f"id < {MEMBERS_FROM}", f"id >= {MEMBERS_FROM}"):
        rows = db.execute(f"SELECT {columns} FROM files WHERE {condition} ORDER BY id")
        while block := rows.fetchmany(_BLOCK_ROWS):
            running.take_rows([tuple(_as_found(row)) for row in block])
    for problem in db.execute("SELECT number, what, place, offset_bytes, is_damage FROM problems ORDER BY number"):
        running.take_problem(problem)
    return running


def holds_together(db: sqlite3.Connection) -> bool:
    """Whether indices and counts say the same as the rows, which alone are sealed."""
    if db.execute("PRAGMA integrity_check(1)").fetchone()[0] != "ok":
        return False
    found, told = (set(db.execute(statement).fetchall()) for statement in _COUNTED)
    return found == told


def _as_found(row: Iterable[Any]) -> Iterable[Any]:
    return (bool(value) if index in _FLAGS else value for index, value in enumerate(row))


def _bytes_of(rows: Sequence[tuple[Any, ...]]) -> memoryview:
    return memoryview(marshal.dumps(list(rows), _FORM))[_HEAD_BYTES:]
