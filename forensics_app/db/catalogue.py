"""Reads a catalogue: by page, by sorted ids, by folder. Any number of threads may read one at the same time."""

from __future__ import annotations

import json
import os
import sqlite3
import threading
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from operator import itemgetter
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from forensics_app.db.catalogue_digest import content_digest as content_digest
from forensics_app.db.catalogue_file import (
    CONTENT_SHA256,
    connect,
    header_of,
    refuse_what_is_none,
    summary_of,
    volume_of,
)
from forensics_app.db.catalogue_ids import sorted_ids
from forensics_app.db.catalogue_query import behind, condition_of, order_of
from forensics_app.db.catalogue_schema import VOLUME_COLUMNS
from forensics_app.db.catalogue_writer import write_catalogue as write_catalogue
from forensics_app.db.sqlite import SQLITE_ERRORS
from forensics_app.errors import CancelledError
from forensics_app.model.catalogue import (
    FILE_COLUMNS,
    TIME_FIELDS,
    CatalogueDamagedError,
    CatalogueEntry,
    CatalogueHeader,
    CatalogueMissingError,
    CataloguePage,
    CatalogueQuery,
    CatalogueReplacedError,
    CatalogueSummary,
    CatalogueUnfinishedError,
    PageMark,
    Problem,
    SortColumn,
    Stamp,
    TimeRule,
    TypeCount,
    Volume,
)
from forensics_app.model.filter_language.outside import Outside, asks_outside, settled

_COLUMNS = ", ".join(FILE_COLUMNS)
_FIRST_TIME = FILE_COLUMNS.index("modified_ns")
_LAST_TIME = _FIRST_TIME + len(TIME_FIELDS)
_IDS_AT_ONCE = 500
_STEPS_BETWEEN_LOOKS = 100_000
"""Of SQLite's machine: some thousandths of a second."""
_FIRST = itemgetter(0)


class Catalogue:
    """One catalogue, read-only. A context manager; to be closed when no thread reads any more.

    Every method raises ``CatalogueDamagedError`` where the file turns out not to hold together.
    """

    _is_to_be_complete = True

    def __init__(self, path: Path, outside: Callable[[Catalogue], Outside] | None = None) -> None:
        """Open it.

        Args:
            path: The file.
            outside: Answers what filters ask that it does not know: tags and hash sets.

        Raises:
            CatalogueMissingError: There is no such file.
            CatalogueUnfinishedError: It is being built, or the building was interrupted.
            CatalogueNewerError: It was written by a newer program.
            CatalogueDamagedError: It is no catalogue, or it is cut off.
            CatalogueReplacedError: Another one was put in its place in this moment.
        """
        self._prepare(path, outside)
        refuse_what_is_none(path)
        self._begin()

    def _prepare(self, path: Path, outside: Callable[[Catalogue], Outside] | None) -> None:
        self.path, self._outside = path, outside
        self._local, self._connections, self._lock = threading.local(), list[sqlite3.Connection](), threading.Lock()

    def _begin(self) -> None:
        self._is_file = self._identity()
        try:
            with self._reading() as db:
                self._load(db)
        except BaseException:
            self.close()
            raise

    def _load(self, db: sqlite3.Connection) -> None:
        """Read what it says of itself."""
        meta = dict(db.execute("SELECT key, value FROM meta").fetchall())
        rules = db.execute("SELECT volume_id, field, source, basis, resolution_ns FROM time_rules").fetchall()
        if self._is_to_be_complete and meta.get("complete") != "1":
            raise CatalogueUnfinishedError(f"The catalogue {self.path} is not complete.")
        self._header, self._summary = header_of(meta, self.path), summary_of(meta, self.path)
        self._content_sha256 = meta.get(CONTENT_SHA256)
        self._rules = {(row[0], row[1]): row[2:] for row in rules}
        self._local_fields = frozenset(field for _, field, _, basis, _ in rules if basis != "utc")

    def __enter__(self) -> Self:
        """The catalogue itself."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Close it."""
        self.close()

    @property
    def header(self) -> CatalogueHeader:
        """How and when it was built."""
        return self._header

    @property
    def told_sha256(self) -> str | None:
        """The SHA-256 of its content as it was when it was built, hex; None where it does not say.

        It is what the catalogue says of itself: which one it is. :func:`content_digest` tells what it holds now.
        """
        return self._content_sha256

    @property
    def summary(self) -> CatalogueSummary:
        """How much is in it."""
        return self._summary

    def close(self) -> None:
        """Close the connections of all threads. Closing twice does no harm."""
        with self._lock:
            while self._connections:
                self._connections.pop().close()

    def volumes(self) -> tuple[Volume, ...]:
        """All volumes, each after the one it lies in."""
        with self._reading() as db:
            return tuple(
                map(
                    volume_of, db.execute(f"SELECT {', '.join(VOLUME_COLUMNS)} FROM volumes ORDER BY number").fetchall()
                )
            )

    def time_rules(self) -> tuple[TimeRule, ...]:
        """What the times of each volume mean."""
        return tuple(
            TimeRule(volume_id=volume, field=field, source=source, basis=basis, resolution_ns=resolution)
            for (volume, field), (source, basis, resolution) in sorted(self._rules.items())
        )

    def problems(self) -> tuple[Problem, ...]:
        """What was found to be wrong, in the order it was met."""
        with self._reading() as db:
            rows = db.execute("SELECT what, place, offset_bytes, is_damage FROM problems ORDER BY number").fetchall()
        return tuple(
            Problem(what=what, where=place, offset_bytes=offset, is_damage=bool(damage))
            for what, place, offset, damage in rows
        )

    def type_counts(self, volume_id: str | None = None) -> tuple[TypeCount, ...]:
        """How many entries there are of each kind, type and extension; the most numerous first."""
        with self._reading() as db:
            rows = db.execute(
                "SELECT volume_id, kind, mime, extension, allocated, entries FROM type_counts"
                " WHERE ?1 IS NULL OR volume_id = ?1 ORDER BY entries DESC, volume_id, kind, mime, extension",
                (volume_id,),
            ).fetchall()
        return tuple(
            TypeCount(volume_id=v, kind=k, mime=m or None, extension=e, allocated=bool(a), entries=n)
            for v, k, m, e, a, n in rows
        )

    def size_counts(self, steps: Sequence[int]) -> tuple[int, ...]:
        """How many entries but folders are below the first of ``steps`` (bytes), between each two, from the last on."""
        sums = "".join(f", total(size_bytes >= {int(step)})" for step in steps)
        with self._reading() as db:
            row = db.execute(f"SELECT count(*){sums} FROM files WHERE kind <> 'directory'").fetchone()
        from_on = [int(count) for count in row]
        return tuple(here - behind for here, behind in zip(from_on, [*from_on[1:], 0], strict=True))

    def root(self, volume_id: str) -> CatalogueEntry | None:
        """The root folder of a volume; None where no file system was walked."""
        found = self._select("WHERE parent_id IS NULL AND volume_id = ? ORDER BY id LIMIT 1", (volume_id,))
        return found[0] if found else None

    def children(self, volume_id: str, parent_id: int | None) -> tuple[CatalogueEntry, ...]:
        """Everything directly in a folder, by name; for None what lies in none, such as the root."""
        return self._select(
            "WHERE volume_id = ? AND parent_id IS ? ORDER BY name COLLATE NOCASE, id", (volume_id, parent_id)
        )

    def folders(self, volume_id: str, parent_id: int | None) -> tuple[CatalogueEntry, ...]:
        """The folders directly in a folder, by name."""
        return self._select(
            "WHERE volume_id = ? AND parent_id IS ? AND kind IN ('directory', 'virtual')"
            " ORDER BY name COLLATE NOCASE, id",
            (volume_id, parent_id),
        )

    def entry(self, entry_id: int) -> CatalogueEntry | None:
        """One entry; None if there is none of that id."""
        found = self._select("WHERE id = ?", (entry_id,))
        return found[0] if found else None

    def at(self, volume_id: str, path: str) -> tuple[CatalogueEntry, ...]:
        """The entries with exactly this path, in a volume and in the archives in it; deleted ones may share it."""
        condition = condition_of(CatalogueQuery(volume_id=volume_id)).and_(
            "path = ? COLLATE NOCASE AND path = ? COLLATE BINARY", path, path
        )
        return self._select(f"{condition.where} ORDER BY id", condition.values)

    def with_paths(self, paths: Sequence[str]) -> tuple[CatalogueEntry, ...]:
        """The entries with exactly one of these paths, in any volume or archive; all are looked for at once."""
        return self._select("WHERE path IN (SELECT value FROM json_each(?)) ORDER BY id", (json.dumps(list(paths)),))

    def with_addresses(self, addresses: Iterable[str]) -> tuple[CatalogueEntry, ...]:
        """The entries with one of these addresses, in any volume; reads the whole catalogue once."""
        return self._select("WHERE address IN (SELECT value FROM json_each(?)) ORDER BY id", (_list(addresses),))

    def with_sha256(self, digests: Iterable[bytes], most: int = -1) -> tuple[CatalogueEntry, ...]:
        """The entries whose content has one of these SHA-256 digests, at most so many; reads the catalogue once."""
        wanted = _list(one.hex().upper() for one in digests)
        clauses = "WHERE sha256 IS NOT NULL AND hex(sha256) IN (SELECT value FROM json_each(?)) ORDER BY id LIMIT ?"
        return self._select(clauses, (wanted, most))

    def rows(self, ids: Sequence[int]) -> tuple[CatalogueEntry, ...]:
        """The entries with these ids, in the order given; ids that do not exist are left out."""
        found: dict[int, CatalogueEntry] = {}
        for start in range(0, len(ids), _IDS_AT_ONCE):
            some = tuple(ids[start : start + _IDS_AT_ONCE])
            found |= {entry.id: entry for entry in self._select(f"WHERE id IN ({', '.join('?' * len(some))})", some)}
        return tuple(found[entry_id] for entry_id in ids if entry_id in found)

    def count(self, query: CatalogueQuery) -> int:
        """How many entries a query finds."""
        if not query.narrows:
            return self._summary.entries
        query = self._settled(query)
        with self._reading() as db:
            condition = condition_of(query, is_whole=True, local_fields=self._local_fields)
            return int(db.execute(f"SELECT count(*) FROM files{condition.where}", condition.values).fetchone()[0])

    def ids(self, query: CatalogueQuery) -> array[int]:
        """The ids of all entries that a query finds, in its order: the vector behind a table that scrolls freely."""
        if not query.narrows and query.sort is SortColumn.ID:
            return self._all_ids(query.descending)
        query = self._settled(query)
        with self._reading() as db:
            return sorted_ids(db, query, self._summary.entries, self._local_fields)

    def page(self, query: CatalogueQuery, after: PageMark | None = None, limit: int = 200) -> CataloguePage:
        """A few entries in order, from the beginning or from where another page ended; as quick at the end as there."""
        query = self._settled(query)
        with self._reading() as db:
            condition = condition_of(query, local_fields=self._local_fields)
            if after is not None:
                text, values = behind(query, after)
                condition = condition.and_(text, *values)
            found = db.execute(
                f"SELECT {_COLUMNS} FROM files{condition.where}{order_of(query)} LIMIT ?",
                (*condition.values, limit + 1),
            ).fetchall()
        rows = found[:limit]
        mark = None
        if len(found) > limit:
            mark = PageMark(value=rows[-1][FILE_COLUMNS.index(query.sort.value)], id=rows[-1][0])
        return CataloguePage(entries=tuple(map(self._entry, rows)), next=mark)

    @contextmanager
    def stoppable(self, ask: Callable[[], None]) -> Iterator[None]:
        """Let ``ask`` end a question of this thread while it is answered, by raising ``CancelledError``."""
        stopped: list[CancelledError] = []

        def look() -> int:
            try:
                ask()
            except CancelledError as error:
                stopped.append(error)
            return len(stopped)

        with self._reading() as db:
            db.set_progress_handler(look, _STEPS_BETWEEN_LOOKS)
        try:
            yield
        except CatalogueDamagedError:
            if stopped:
                raise stopped[0] from None
            raise
        finally:
            db.set_progress_handler(None, 0)

    def _settled(self, query: CatalogueQuery) -> CatalogueQuery:
        """The same question with what it asks of tags and hash sets answered."""
        if query.filter is None or not asks_outside(query.filter):
            return query
        answer: Outside = self._outside(self) if self._outside else lambda _: None
        return replace(query, filter=settled(query.filter, answer))

    def _all_ids(self, descending: bool) -> array[int]:
        """Without asking row by row where ids have no gaps, which is how they are written."""
        count = self._summary.entries
        with self._reading() as db:
            first, last = db.execute("SELECT (SELECT min(id) FROM files), (SELECT max(id) FROM files)").fetchone()
            if count == 0 or (first == 1 and last == count):
                return array("q", range(count, 0, -1) if descending else range(1, count + 1))
            return array("q", map(_FIRST, db.execute(f"SELECT id FROM files ORDER BY id {'DESC' * descending}")))

    def _select(self, clauses: str, values: Sequence[object]) -> tuple[CatalogueEntry, ...]:
        with self._reading() as db:
            return tuple(map(self._entry, db.execute(f"SELECT {_COLUMNS} FROM files {clauses}", values).fetchall()))

    def _entry(self, row: tuple[Any, ...]) -> CatalogueEntry:
        times = {
            field: self._stamp(row[1], field, ns)
            for field, ns in zip(TIME_FIELDS, row[_FIRST_TIME:_LAST_TIME], strict=True)
            if ns is not None
        }
        values = dict(zip(FILE_COLUMNS, row, strict=True))
        for field in TIME_FIELDS:
            del values[f"{field}_ns"]
        for flag in ("allocated", "realloc", "orphan", "mismatch"):
            values[flag] = bool(values[flag])
        return CatalogueEntry(times=times, **values)

    def _stamp(self, volume_id: str, field: str, ns: int) -> Stamp:
        source, basis, resolution_ns = self._rules.get((volume_id, field), ("not known", "utc", 1))
        return Stamp(ns=ns, source=source, basis=basis, resolution_ns=resolution_ns)

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        """This thread's connection; a reader in one thread does not wait for one in another."""
        try:
            db: sqlite3.Connection | None = getattr(self._local, "db", None)
            if db is None:
                db = self._connect()
                with self._lock:
                    self._connections.append(db)
                if self._identity() != self._is_file:
                    raise CatalogueReplacedError(f"The catalogue {self.path} was built anew while it was open.")
                self._local.db = db
            yield db
        except (*SQLITE_ERRORS, UnicodeDecodeError) as error:
            raise CatalogueDamagedError(f"The catalogue {self.path} does not hold together: {error}.") from error

    def _connect(self) -> sqlite3.Connection:
        return connect(self.path)

    def _identity(self) -> tuple[int, ...]:
        """What tells the file from one that is put in its place."""
        found = stat_of(self.path)
        return found.st_dev, found.st_ino, found.st_mtime_ns


def _list(values: Iterable[str]) -> str:
    return json.dumps(list(values))


def stat_of(path: Path) -> os.stat_result:
    """As ``stat`` says.

    Raises:
        CatalogueMissingError: There is no such file any more.
    """
    try:
        return path.stat()
    except OSError as error:
        raise CatalogueMissingError(f"There is no catalogue {path} any more.") from error
