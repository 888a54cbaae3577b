"""Makes the timeline of a case out of its catalogues: whole or not at all, with memory that does not grow with it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from uuid import uuid4

from forensics_app.db import sqlite
from forensics_app.db.catalogue_file import connect, publish
from forensics_app.db.filelock import held
from forensics_app.db.sqlite import OPERATIONAL_ERRORS, SQLITE_ERRORS, attach
from forensics_app.db.timeline_file import APPLICATION_ID, FORMAT_VERSION, INDICES, TABLES
from forensics_app.model.catalogue import TIME_FIELDS
from forensics_app.model.image import OnProgress
from forensics_app.model.timeline import (
    BEYOND_COLUMNS,
    BITS,
    DATE_BIT,
    DAY_NS,
    TimelineBusyError,
    TimelineError,
    TimelineSource,
    to_utc,
)

_UNFINISHED = ".building"
_ENTRIES_AT_ONCE = 20_000
_STEPS_BETWEEN = 200_000
_LEAST_NS = -(2**63)
_NO_RULE = "utc"
_BEYOND = (
    "SELECT count(*) FROM catalogue.files WHERE id >= ? AND id < ? AND note IS NOT NULL"
    f" AND (instr(note, '{BEYOND_COLUMNS}') OR note GLOB '*_ns is *, more than the catalogue can hold*')"
)
"""Of entries whose note tells times that no event can be made of, also in the words of earlier versions."""
_FAMILIES = (range(5), range(5, len(TIME_FIELDS)))
_SORT = (
    "INSERT INTO events (at_ns, image, entry, stamps)"
    " SELECT at_ns, image, entry, stamps FROM unsorted.found ORDER BY at_ns, image, entry, stamps"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineMade:
    """How many events it has, and of each source, how many entries have times that no event can hold."""

    events: int
    beyond: tuple[int, ...]


@contextmanager
def making(path: Path) -> Iterator[None]:
    """One at a time makes the timeline at ``path``. What a killed one left is cleared away.

    Raises:
        TimelineBusyError: Somebody else does, or the folder cannot be written.
    """
    holding = held(path.with_name(f"{path.name}.lock"))
    try:
        holding.__enter__()
    except OSError as error:
        raise TimelineBusyError(
            f"The timeline of this case is being made already, or {path.parent} cannot be written."
        ) from error
    try:
        for left in path.parent.glob(f"{path.name}.*{_UNFINISHED}"):
            left.unlink(missing_ok=True)
        yield
    finally:
        holding.__exit__(None, None, None)


def write_timeline(path: Path, sources: Sequence[TimelineSource], on_progress: OnProgress) -> TimelineMade:
    """Write the timeline of ``sources`` to ``path``; one that was there is replaced when it is complete.

    Args:
        path: The file.
        sources: The catalogues.
        on_progress: Entries done, entries in all. What it raises stops it; nothing is left then.

    Raises:
        TimelineError: A catalogue cannot be read, or the file cannot be written.
    """
    part, unsorted = (path.with_name(f"{path.name}.{uuid4().hex}{_UNFINISHED}") for _ in range(2))
    try:
        with closing(sqlite.connect(part, isolation_level=None, uri=True)) as db:
            db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            db.execute("PRAGMA synchronous = OFF")
            db.execute("PRAGMA journal_mode = OFF")
            db.executescript(TABLES)
            attach(db, unsorted, "unsorted")
            db.execute("PRAGMA unsorted.synchronous = OFF")
            db.execute("PRAGMA unsorted.journal_mode = OFF")
            db.execute("CREATE TABLE unsorted.found (at_ns INTEGER, image INTEGER, entry INTEGER, stamps INTEGER)")
            beyond = _gather(db, sources, on_progress)
            events = _sort(db, on_progress)
            told = [
                {"image_id": str(one.image_id), "catalogue_sha256": one.catalogue_sha256, "zone": one.zone}
                for one in sources
            ]
            meta = {
                "format": FORMAT_VERSION,
                "sources": json.dumps(told),
                "events": str(events),
                "beyond": json.dumps(beyond),
            }
            db.execute("BEGIN")
            db.executemany("INSERT INTO meta VALUES (?, ?)", meta.items())
            db.execute("COMMIT")
        publish(part, path)
    except (*SQLITE_ERRORS, OSError) as error:
        raise TimelineError(f"The timeline {path} cannot be made: {error}.") from error
    finally:
        part.unlink(missing_ok=True)
        unsorted.unlink(missing_ok=True)
    return TimelineMade(events=events, beyond=tuple(beyond))


def _gather(db: sqlite3.Connection, sources: Sequence[TimelineSource], on_progress: OnProgress) -> list[int]:
    """Every event into ``unsorted.found``; how many entries of each source have times that are none of them."""
    lasts = []
    for source in sources:
        with closing(connect(source.path)) as catalogue:
            lasts.append(catalogue.execute("SELECT coalesce(max(id), 0) FROM files").fetchone()[0])
    done, total, beyond = 0, sum(lasts), [0] * len(sources)
    for image, (source, last) in enumerate(zip(sources, lasts, strict=True)):
        _name_clock(db, source.zone)
        with _attached(db, source.path):
            statements = [*_statements(db)]
            for first in range(1, last + 1, _ENTRIES_AT_ONCE):
                end = min(first + _ENTRIES_AT_ONCE, last + 1)
                db.execute("BEGIN")
                for statement, rules in statements:
                    db.execute(statement, {"image": image, "first": first, "end": end, "rules": rules})
                db.execute("COMMIT")
                beyond[image] += db.execute(_BEYOND, (first, end)).fetchone()[0]
                on_progress(done + end - 1, total)
        done += last
    return beyond


def _name_clock(db: sqlite3.Connection, zone: str) -> None:
    """Let statements put a wall time to UTC by ``zone``, and a date to the noon of its day."""

    def local(ns: int) -> int:
        return min(max(to_utc(ns, "local", zone).utc_ns, _LEAST_NS), -_LEAST_NS - 1)

    db.create_function("local_to_utc", 1, local, deterministic=True)
    db.create_function("date_to_utc", 1, lambda ns: local(ns // DAY_NS * DAY_NS + DAY_NS // 2), deterministic=True)


@contextmanager
def _attached(db: sqlite3.Connection, path: Path) -> Iterator[None]:
    db.execute("DROP TABLE IF EXISTS temp.rule_sets")
    attach(db, path, "catalogue", "mode=ro&immutable=1")
    try:
        yield
    finally:
        db.execute("DETACH catalogue")


def _statements(db: sqlite3.Connection) -> Iterator[tuple[str, int]]:
    """What finds the events of a few entries: one statement for each field of each set of bases that volumes have."""
    bases: dict[str, list[str]] = {row[0]: [_NO_RULE] * len(TIME_FIELDS) for row in db.execute(
        "SELECT DISTINCT volume_id FROM catalogue.files")}  # fmt: skip
    for volume_id, field, basis in db.execute("SELECT volume_id, field, basis FROM catalogue.time_rules"):
        if volume_id in bases and field in TIME_FIELDS:
            bases[volume_id][TIME_FIELDS.index(field)] = basis
    sets = {rules: number for number, rules in enumerate(sorted({tuple(one) for one in bases.values()}))}
    db.execute("CREATE TEMP TABLE rule_sets (volume_id TEXT PRIMARY KEY, rules INTEGER) WITHOUT ROWID")
    db.executemany("INSERT INTO temp.rule_sets VALUES (?, ?)", ((one, sets[tuple(of)]) for one, of in bases.items()))
    for rules, number in sets.items():
        for family in _FAMILIES:
            for at in family:
                yield _statement(at, [other for other in family if rules[other] == rules[at]], rules[at]), number


def _statement(at: int, alike: Sequence[int], basis: str) -> str:
    """The events that field ``at`` is the first of, with those of ``alike`` that are equal to it."""
    columns = [f"{field}_ns" for field in TIME_FIELDS]
    column = columns[at]
    moment = {"local": f"local_to_utc({column})", "date": f"date_to_utc({column})"}.get(basis, column)
    own = BITS[TIME_FIELDS[at]] | (DATE_BIT if basis == "date" else 0)
    also = "".join(f" + {BITS[TIME_FIELDS[one]]} * ({columns[one]} IS {column})" for one in alike if one > at)
    first = "".join(f" AND {columns[one]} IS NOT {column}" for one in alike if one < at)
    return (
        f"INSERT INTO unsorted.found SELECT {moment}, :image, id, {own}{also} FROM catalogue.files"
        " WHERE id >= :first AND id < :end AND"
        f" volume_id IN (SELECT volume_id FROM temp.rule_sets WHERE rules = :rules) AND {column} IS NOT NULL{first}"
    )


class _Stopped:
    """Keeps what was raised where SQLite would swallow it."""

    by: BaseException | None = None

    def __enter__(self) -> None:
        """Begin."""

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> bool:
        """Keep it."""
        self.by = error
        return True


def _sort(db: sqlite3.Connection, on_progress: OnProgress) -> int:
    """Number the events in the order of their moments; how many they are."""
    stopped = _Stopped()

    def look() -> int:
        with stopped:
            on_progress(1, 1)
        return int(stopped.by is not None)

    db.set_progress_handler(look, _STEPS_BETWEEN)
    try:
        db.execute(_SORT)
        for index in INDICES:
            db.execute(index)
        return int(db.execute("SELECT count(*) FROM events").fetchone()[0])
    except OPERATIONAL_ERRORS:
        if stopped.by is not None:
            raise stopped.by from None
        raise
    finally:
        db.set_progress_handler(None, 0)
