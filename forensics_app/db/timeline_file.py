"""The timeline of a case: an SQLite file beside its catalogues, derived from them and made again.

The ids of ``events`` count them in the order of their moments, so that where a moment stands is found by halving, and
a stretch of time is a stretch of ids. ``stamps`` says which times of the entry an event is, as
:data:`forensics_app.model.timeline.BITS` has it.
"""

from __future__ import annotations

import json
import sqlite3
from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import Self, TypeVar

from forensics_app.db.catalogue_condition import Condition
from forensics_app.db.catalogue_file import connect
from forensics_app.db.sqlite import SQLITE_ERRORS
from forensics_app.model.timeline import DATE_BIT, TimelineError, TimelineMissingError

T = TypeVar("T")
APPLICATION_ID = 0x46544C31
FORMAT_VERSION = "1"
TABLES = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE events (id INTEGER PRIMARY KEY, at_ns INTEGER NOT NULL, image INTEGER NOT NULL, entry INTEGER NOT NULL,
    stamps INTEGER NOT NULL) STRICT;
"""
INDICES = (
    f"CREATE INDEX dates ON events (at_ns, image) WHERE stamps >= {DATE_BIT}",
    "CREATE INDEX events_by_entry ON events (image, entry)",
)
"""Made when all events are in."""
_IDS_AT_ONCE = 500
_ROWS_AT_ONCE = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRow:
    """A row of the table; ``image`` counts the sources from 0."""

    id: int
    at_ns: int
    image: int
    entry: int
    stamps: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EventQuery:
    """Which events. What is None or empty does not narrow.

    Attributes:
        images: Of these sources, counted from 0.
        stamps: Of any of these times.
        entries: Of these entries, by source; a source that is not there has none.
    """

    images: tuple[int, ...] = ()
    stamps: int = 0
    entries: Mapping[int, Sequence[int]] | None = None

    @property
    def narrows(self) -> bool:
        """Whether it leaves anything out."""
        return bool(self.images or self.stamps) or self.entries is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceMade:
    """A catalogue that a timeline was made of."""

    image_id: str
    catalogue_sha256: str
    zone: str


class TimelineFile:
    """A timeline, read-only. A context manager; any thread may ask, one at a time is answered.

    Attributes:
        beyond: Of each source, how many entries have times that no event can hold; None where that was not counted.
    """

    def __init__(self, path: Path) -> None:
        """Open it.

        Raises:
            TimelineMissingError: There is none.
            TimelineError: It is none, of another version, or does not hold together.
        """
        if not path.is_file():
            raise TimelineMissingError("The timeline of this case has not been made yet.")
        self._path, self._lock = path, Lock()
        with self._telling():
            self._db = connect(path)
        try:
            with self._telling():
                if self._db.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
                    raise TimelineError(f"{path} is no timeline.")
                meta = dict(self._db.execute("SELECT key, value FROM meta").fetchall())
                if meta.get("format") != FORMAT_VERSION:
                    raise TimelineMissingError("The timeline of this case was made by another version of the program.")
                self.sources = tuple(SourceMade(**one) for one in json.loads(meta["sources"]))
                self.events = int(meta["events"])
                self.beyond: tuple[int, ...] | None = tuple(json.loads(meta["beyond"])) if "beyond" in meta else None
        except BaseException:
            self._db.close()
            raise

    def __enter__(self) -> Self:
        """The timeline itself."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Close it."""
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._db.close()

    def ids(self, query: EventQuery) -> Sequence[int]:
        """The ids of the events of a query, in the order of their moments."""
        if not query.narrows:
            return range(1, self.events + 1)
        condition = _condition(query)
        found = array("q")

        def ask(db: sqlite3.Connection) -> None:
            cursor = db.execute(f"SELECT id FROM events{condition.where} ORDER BY id", condition.values)
            while rows := cursor.fetchmany(_ROWS_AT_ONCE):
                found.extend(row[0] for row in rows)

        self._ask(ask)
        return found

    def first_from(self, moments_ns: Sequence[int]) -> list[int]:
        """Of each moment, the id of the first event that is not before it; one more than all where there is none."""
        return self._ask(lambda db: [self._halved(db, at_ns) for at_ns in moments_ns])

    def moments(self, ids: Sequence[int]) -> list[int]:
        """The moments of events, in nanoseconds since 1970."""
        return self._ask(
            lambda db: [db.execute("SELECT at_ns FROM events WHERE id = ?", (id_,)).fetchone()[0] for id_ in ids]
        )

    def dates(self, query: EventQuery, from_ns: int, before_ns: int) -> list[tuple[int, int, int]]:
        """Moment, source and number of the events of which only the day is known, in a stretch of time."""
        condition = Condition(text=f"stamps >= {DATE_BIT} AND at_ns >= ? AND at_ns < ?", values=(from_ns, before_ns))
        if query.narrows:
            more = _condition(query)
            condition = condition.and_(more.text, *more.values)
        statement = f"SELECT at_ns, image, count(*) FROM events{condition.where} GROUP BY at_ns, image"
        return self._ask(lambda db: db.execute(statement, condition.values).fetchall())

    def dates_at(self, at_ns: int, image: int) -> list[int]:
        """The ids of the events of a source of which only the day is known, at one moment."""
        statement = f"SELECT id FROM events WHERE stamps >= {DATE_BIT} AND at_ns = ? AND image = ? ORDER BY id"
        return self._ask(lambda db: [row[0] for row in db.execute(statement, (at_ns, image))])

    def rows(self, ids: Sequence[int]) -> list[EventRow]:
        """The events with these ids, in this order."""

        def ask(db: sqlite3.Connection) -> list[EventRow]:
            found: dict[int, tuple[int, ...]] = {}
            for start in range(0, len(ids), _IDS_AT_ONCE):
                some = tuple(ids[start : start + _IDS_AT_ONCE])
                marks = ", ".join("?" * len(some))
                asked = db.execute(f"SELECT id, at_ns, image, entry, stamps FROM events WHERE id IN ({marks})", some)
                found |= {row[0]: row for row in asked}
            return [
                EventRow(id=id_, at_ns=at_ns, image=image, entry=entry, stamps=stamps)
                for id_, at_ns, image, entry, stamps in (found[one] for one in ids if one in found)
            ]

        return self._ask(ask)

    def entries(
        self, query: EventQuery, first: int, end: int, at_once: int, beside: Sequence[int] = ()
    ) -> Iterator[tuple[int, list[tuple[int, int]]]]:
        """The entries of the events of a query from ``first`` on and before ``end``, some of one source at a time.

        Each comes with its id and what times of it are among them. Events ``beside`` these are taken with them.
        """
        condition = Condition(text="id >= ? AND id < ?", values=(first, end))
        if beside:
            text = f"({condition.text} OR id IN (SELECT value FROM json_each(?)))"
            condition = Condition(text=text, values=(first, end, json.dumps(list(beside))))
        if query.narrows:
            more = _condition(query)
            condition = condition.and_(more.text, *more.values)
        statement = (
            f"SELECT image, entry, sum(stamps & {DATE_BIT - 1}) FROM events{condition.where}"
            " GROUP BY image, entry ORDER BY image, entry"
        )
        cursor = self._ask(lambda db: db.execute(statement, condition.values))
        while rows := self._ask(lambda _: cursor.fetchmany(at_once)):
            for image, some in groupby(rows, itemgetter(0)):
                yield image, [(entry, stamps) for _, entry, stamps in some]

    def _halved(self, db: sqlite3.Connection, at_ns: int) -> int:
        low, high = 1, self.events + 1
        while low < high:
            middle = (low + high) // 2
            if db.execute("SELECT at_ns FROM events WHERE id = ?", (middle,)).fetchone()[0] < at_ns:
                low = middle + 1
            else:
                high = middle
        return low

    def _ask(self, ask: Callable[[sqlite3.Connection], T]) -> T:
        with self._lock, self._telling():
            return ask(self._db)

    @contextmanager
    def _telling(self) -> Iterator[None]:
        try:
            yield
        except (*SQLITE_ERRORS, KeyError, TypeError, ValueError) as error:
            raise TimelineError(f"The timeline {self._path} does not hold together: {error}.") from error


def _condition(query: EventQuery) -> Condition:
    found = Condition(text="", values=())
    if query.images:
        found = found.and_(f"image IN ({', '.join('?' * len(query.images))})", *query.images)
    if query.stamps:
        found = found.and_("stamps & ? <> 0", query.stamps)
    if query.entries is not None:
        parts, values = ["0"], list[object]()
        for image, ids in query.entries.items():
            parts.append("(image = ? AND entry IN (SELECT value FROM json_each(?)))")
            values += [image, json.dumps(list(ids))]
        found = found.and_(f"({' OR '.join(parts)})", *values)
    return found
