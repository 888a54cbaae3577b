"""A search as a file beside the catalogue: what was asked, which units of work are done, hits, and what was missed.

The hits of a unit and the note that it is done are written together, so that a search that was cut off goes on with the
units that are left, and finds nothing twice.
"""

from __future__ import annotations

import hashlib
import json
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from uuid import UUID

from forensics_app.db.catalogue_ids import numbers
from forensics_app.db.sqlite import SQLITE_ERRORS, connect
from forensics_app.model.search import Missed, SearchError, SearchHit, SearchId, SearchInfo, SearchRequest, Space

APPLICATION_ID = 0x46535231
DIVISION = "4"
"""How contents are divided into units of work; another one whenever others are taken, or they are divided otherwise."""
_OLDER = frozenset({"2", "3"})
"""Under these, directories and links were contents in every file system; under 2 there were no metadata and gaps."""
_HIT = (
    "entry_id", "volume_id", "address", "space", "is_in_text", "offset_bytes", "length_bytes", "term", "kind",
    "encoding", "text", "before", "after", "validity", "media_offset_bytes",
)  # fmt: skip
_MISSED = ("entry_id", "volume_id", "address", "space", "offset_bytes", "length_bytes", "why")
_TABLES = f"""
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE units (number INTEGER PRIMARY KEY);
CREATE TABLE hits (id INTEGER PRIMARY KEY, {", ".join(_HIT)});
CREATE TABLE missed (id INTEGER PRIMARY KEY, {", ".join(_MISSED)});
"""
_ORDERS = {
    "id": ("id",),
    "where": ("volume_id", "coalesce(entry_id, 1 << 60)", "offset_bytes", "id"),
    "term": ("term", "kind", "id"),
    "context": ("text", "id"),
    "offset": ("offset_bytes", "id"),
    "media": ("media_offset_bytes", "id"),
    "encoding": ("encoding", "id"),
}
_ROWS_AT_ONCE = 10_000
HitRow = tuple[object, ...]
"""In the order of ``_HIT``."""
MissedRow = tuple[object, ...]
"""In the order of ``_MISSED``."""


class SearchFile:
    """One search. A context manager; for one thread at a time, and any number may have it open."""

    def __init__(self, path: Path) -> None:
        """Open it.

        Raises:
            SearchError: There is none, or it is no search.
        """
        self.path = path
        if not path.is_file():
            raise SearchError(f"There is no search {path}.")
        self._db = connect(path, isolation_level=None, check_same_thread=False, timeout=30)
        try:
            self._db.execute("PRAGMA trusted_schema = OFF")
            if self._db.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
                raise SearchError(f"{path} is no search.")
            self._db.execute("PRAGMA synchronous = NORMAL")
            self._meta: dict[str, str] = dict(self._db.execute("SELECT key, value FROM meta").fetchall())
            self.request = request_of(json.loads(self._meta["request"]))
            self._started_at = datetime.fromisoformat(self._meta["started_at"])
        except (*SQLITE_ERRORS, ValueError, KeyError, TypeError) as error:
            self._db.close()
            raise SearchError(f"The search {path} does not hold together: {error}.") from error
        except BaseException:
            self._db.close()
            raise

    def __enter__(self) -> Self:
        """The search itself."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Close it."""
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()

    def copy_to(self, target: Path) -> None:
        """Write it as it stands in one moment into a new file, while it may go on.

        Raises:
            SearchError: It cannot be read, or the file not be written.
        """
        try:
            with closing(connect(target, isolation_level=None)) as copy:
                self._db.backup(copy)
        except SQLITE_ERRORS as error:
            raise SearchError(f"The search {self.path} cannot be copied: {error}.") from error

    @property
    def catalogue_sha256(self) -> str:
        """Content of the catalogue that it goes through, hex."""
        return self._meta["catalogue_sha256"]

    @property
    def spaces(self) -> Mapping[str, Any] | None:
        """What is beside contents; None while that is not known.

        Raises:
            SearchError: It is no JSON.
        """
        try:
            found: Mapping[str, Any] | None = json.loads(self._meta["spaces"])
        except (ValueError, KeyError) as error:
            raise SearchError(f"The search {self.path} does not hold together: {error}.") from error
        return found

    @property
    def is_divided_as_now(self) -> bool:
        """Whether its units of work are those that this program would make."""
        return self._meta.get("division") == DIVISION or self.is_older

    @property
    def is_older(self) -> bool:
        """Whether an older program began it, which took more for contents; it can be gone on with as it was begun."""
        return self._meta.get("division") in _OLDER

    def info(self, catalogue_sha256: str) -> SearchInfo:
        """What it says of itself; ``catalogue_sha256`` is that of the catalogue that the image has now."""
        with self._told():
            counts = [self._count(table) for table in ("units", "hits", "missed")]
            units = self._db.execute("SELECT value FROM meta WHERE key = 'units'").fetchone()[0]
        return SearchInfo(
            id=SearchId(UUID(self._meta["id"])),
            request=self.request,
            started_at=self._started_at,
            person=self._meta["person"],
            done=counts[0],
            units=int(units),
            hits=counts[1],
            missed=counts[2],
            is_current=catalogue_sha256 == self.catalogue_sha256,
        )

    def done(self) -> frozenset[int]:
        """The units that were looked through."""
        with self._told():
            return frozenset(row[0] for row in self._db.execute("SELECT number FROM units"))

    def divide(self, spaces: Mapping[str, object], units: int, missed: Iterable[MissedRow]) -> None:
        """Write what is beside contents, which was not known at the beginning; whole or not at all.

        Args:
            spaces: As for :func:`create_search`.
            units: How many units of work there are in all.
            missed: What of it cannot be looked through.
        """
        written = json.dumps(spaces)
        with self._told():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                values = ((written, "spaces"), (str(units), "units"))
                self._db.executemany("UPDATE meta SET value = ? WHERE key = ?", values)
                self._insert_missed(missed)
                self._db.execute("COMMIT")
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
        self._meta["spaces"] = written

    def add(self, unit: int, hits: Iterable[HitRow], missed: Iterable[MissedRow]) -> None:
        """Write what a unit holds, and that it is done; whole or not at all."""
        with self._told():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                marks = ", ".join("?" * len(_HIT))
                self._db.executemany(f"INSERT INTO hits ({', '.join(_HIT)}) VALUES ({marks})", hits)
                self._insert_missed(missed)
                self._db.execute("INSERT INTO units VALUES (?)", (unit,))
                self._db.execute("COMMIT")
            except BaseException:
                self._db.execute("ROLLBACK")
                raise

    def note_missed(self, missed: Iterable[MissedRow], *, in_place: bool = True) -> None:
        """Write what is left out from the beginning, in the place of what was noted so far or beside it."""
        with self._told():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                if in_place:
                    self._db.execute("DELETE FROM missed")
                self._insert_missed(missed)
                self._db.execute("COMMIT")
            except BaseException:
                self._db.execute("ROLLBACK")
                raise

    def _insert_missed(self, rows: Iterable[MissedRow]) -> None:
        marks = ", ".join("?" * len(_MISSED))
        self._db.executemany(f"INSERT INTO missed ({', '.join(_MISSED)}) VALUES ({marks})", rows)

    def hits(self, after: int = 0, limit: int = 200) -> tuple[SearchHit, ...]:
        """So many hits behind the one with the id ``after``."""
        query = f"SELECT id, {', '.join(_HIT)} FROM hits WHERE id > ? ORDER BY id LIMIT ?"
        with self._told():
            return tuple(map(_hit_of, self._db.execute(query, (after, limit)).fetchall()))

    def ids(self, term: int | None = None, order: str = "id", *, descending: bool = False) -> array[int]:
        """The ids of all hits, or of those of one term, in an order; raises KeyError for an unknown order."""
        direction = " DESC" if descending else ""
        columns = ", ".join(f"{column}{direction}" for column in _ORDERS[order])
        only, values = ("WHERE term = ? ", (term,)) if term is not None else ("", ())
        with self._told():
            ordered = f"SELECT id FROM hits {only}ORDER BY {columns}"
            text = self._db.execute(f"SELECT group_concat(id) FROM ({ordered})", values).fetchone()[0]
            return numbers(text or "")

    def rows(self, ids: Sequence[int]) -> tuple[SearchHit, ...]:
        """The hits with these ids, at most some hundreds, in that order."""
        query = f"SELECT id, {', '.join(_HIT)} FROM hits WHERE id IN ({', '.join('?' * len(ids))})"
        with self._told():
            found = {row[0]: _hit_of(row) for row in self._db.execute(query, tuple(ids))}
        return tuple(found[hit_id] for hit_id in ids if hit_id in found)

    def hit(self, hit_id: int) -> SearchHit | None:
        """One hit; None where there is none with that id."""
        found = self.hits(hit_id - 1, 1)
        return found[0] if found and found[0].id == hit_id else None

    def all_hits(self) -> Iterator[SearchHit]:
        """Every hit, in the order of finding."""
        after = 0
        while found := self.hits(after, _ROWS_AT_ONCE):
            yield from found
            after = found[-1].id

    def missed(self, limit: int) -> tuple[Missed, ...]:
        """The first so many of what was not looked through; all of it where ``limit`` is -1."""
        with self._told():
            rows = self._db.execute(f"SELECT {', '.join(_MISSED)} FROM missed ORDER BY id LIMIT ?", (limit,)).fetchall()
        return tuple(Missed(**dict(zip(_MISSED, row, strict=True))) for row in rows)

    def term_counts(self) -> Mapping[int, int]:
        """How many hits each term has; -1 stands for what was detected."""
        with self._told():
            return dict(self._db.execute("SELECT term, count(*) FROM hits GROUP BY term").fetchall())

    def content_sha256(self) -> bytes:
        """The same for the same hits, in whatever order they were found."""
        digest = hashlib.sha256(f"{self.catalogue_sha256}\n{self._meta['request']}\n".encode())
        order = "volume_id, address, space, is_in_text, offset_bytes, length_bytes, term, kind, encoding, text"
        with self._told():
            rows = self._db.execute(f"SELECT {order}, validity FROM hits ORDER BY {order}")
            while found := rows.fetchmany(_ROWS_AT_ONCE):
                digest.update("".join(f"{json.dumps(row)}\n" for row in found).encode())
        return digest.digest()

    def _count(self, table: str) -> int:
        return int(self._db.execute(f"SELECT count(*) FROM {table}").fetchone()[0])

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except SQLITE_ERRORS as error:
            raise SearchError(f"The search {self.path} cannot be read or written: {error}.") from error


def create_search(
    path: Path, *, search_id: SearchId, request: SearchRequest, catalogue_sha256: str, started_at: datetime,
    person: str, units: int, spaces: Mapping[str, object] | None,
) -> None:  # fmt: skip
    """Write the file of a search that is about to begin.

    Args:
        path: Where; the folder is there.
        search_id: Its id.
        request: What is looked for.
        catalogue_sha256: Content of the catalogue, hex.
        started_at: When it began.
        person: Who searches.
        units: How many units of work there are; one more than there are of contents where the others are not known.
        spaces: What the work was divided by, to divide it again in the same way; None where it is not known yet, and
            told to :meth:`SearchFile.divide`.

    Raises:
        SearchError: It cannot be written.
    """
    part = path.with_name(f"{path.name}.part")
    meta = {
        "id": str(search_id), "request": json.dumps(_kept(request), sort_keys=True), "person": person,
        "catalogue_sha256": catalogue_sha256, "started_at": started_at.isoformat(), "units": str(units),
        "spaces": json.dumps(spaces), "division": DIVISION,
    }  # fmt: skip
    try:
        part.unlink(missing_ok=True)
        db = connect(part, isolation_level=None)
        try:
            db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            db.executescript(_TABLES)
            db.executemany("INSERT INTO meta VALUES (?, ?)", meta.items())
            db.execute("PRAGMA journal_mode = WAL")
        finally:
            db.close()
        part.replace(path)
    except (*SQLITE_ERRORS, OSError) as error:
        raise SearchError(f"The search {path} cannot be written: {error}.") from error


def _kept(request: SearchRequest) -> dict[str, object]:
    """As :func:`request_of` reads it; that nothing is secret is not written, as it was not before there was a key."""
    return {name: value for name, value in asdict(request).items() if value or name != "secret_key"}


def request_of(values: Mapping[str, Any]) -> SearchRequest:
    """What was asked for, as it is kept."""
    terms, expressions, encodings = (tuple(map(str, values[name])) for name in ("terms", "expressions", "encodings"))
    return SearchRequest(
        terms=terms,
        expressions=expressions,
        encodings=encodings,
        any_case=bool(values["any_case"]),
        detect=bool(values["detect"]),
        documents=bool(values["documents"]),
        spaces=tuple(map(Space, values["spaces"])),
        secret_key=str(values.get("secret_key", "")),
    )


def _hit_of(row: Sequence[Any]) -> SearchHit:
    values = dict(zip(("id", *_HIT), row, strict=True))
    return SearchHit(**{**values, "is_in_text": bool(values["is_in_text"])})
