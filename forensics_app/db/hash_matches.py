"""Which files of an image are in which hash sets: an SQLite file beside the catalogue, derived and made again.

The table ``matches`` can be joined to the catalogue by ``entry_id``, also by ``ATTACH``; ``kind`` is ``known`` or
``alert``.
"""

from __future__ import annotations

import hashlib
import sqlite3
from array import array
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self
from uuid import UUID, uuid4

from forensics_app.db import sqlite
from forensics_app.db.catalogue_file import connect, publish
from forensics_app.db.filelock import held
from forensics_app.db.sqlite import SQLITE_ERRORS
from forensics_app.errors import AppError
from forensics_app.model.hash_set import Compared, HashSetId, HashSetKind, SetMatch

APPLICATION_ID = 0x46484D31
_TABLES = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE sets (number INTEGER PRIMARY KEY, id TEXT NOT NULL, name TEXT NOT NULL, version TEXT NOT NULL,
    kind TEXT NOT NULL);
CREATE TABLE matches (entry_id INTEGER NOT NULL, set_number INTEGER NOT NULL, kind TEXT NOT NULL,
    algorithm TEXT NOT NULL, PRIMARY KEY (entry_id, set_number)) WITHOUT ROWID;
"""
_ROWS_AT_ONCE = 50_000
_UNFINISHED = ".building"


class MatchesError(AppError):
    """What was found in the hash sets cannot be used. It is derived and can be made again."""

    kept = "The record and the evidence are not touched."
    then = "Look the image up in the hash sets again."


@dataclass(frozen=True, slots=True, kw_only=True)
class LookedUpSet:
    """A set that an image was looked up in."""

    set_id: HashSetId
    name: str
    version: str
    kind: HashSetKind

    @property
    def label(self) -> str:
        """Name and version."""
        return f"{self.name} {self.version}".strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenMatches:
    """What was written.

    Attributes:
        counts: How many entries are in each set.
        sha256: Of what was found: the catalogue, the sets and which entry is in which of them by what.
    """

    counts: dict[HashSetId, int]
    sha256: bytes


@contextmanager
def looking_up(path: Path) -> Iterator[None]:
    """One look-up of an image at a time: what is found goes to ``path``. What a killed one left is cleared away.

    Raises:
        MatchesError: It is being looked up by another, or the folder cannot be written.
    """
    holding = held(path.with_name(f"{path.name}.lock"))
    try:
        holding.__enter__()
    except OSError as error:
        raise MatchesError(
            f"This image is being looked up in the hash sets already, or {path.parent} cannot be written.",
            then="Wait until that is done, then look it up again.",
        ) from error
    try:
        for left in path.parent.glob(f"{path.name}.*{_UNFINISHED}"):
            left.unlink(missing_ok=True)
        yield
    finally:
        holding.__exit__(None, None, None)


def digests_held(catalogue: Path) -> dict[str, Compared] | None:
    """How many entries of a catalogue have a digest, by algorithm; None where no content was read for it.

    Raises:
        MatchesError: The catalogue cannot be read.
    """
    algorithms = ("sha256", "md5")
    columns = ", ".join(f"count({name}), coalesce(sum({name} IS NULL AND kind = 'file'), 0)" for name in algorithms)
    try:
        with closing(connect(catalogue)) as db:
            if db.execute("SELECT value FROM meta WHERE key = 'content_examined'").fetchone() != ("1",):
                return None
            row = db.execute(f"SELECT {columns} FROM files").fetchone()
    except SQLITE_ERRORS as error:
        raise MatchesError(f"The catalogue {catalogue} cannot be read: {error}.") from error
    return {
        name: Compared(algorithm=name, with_digest=row[2 * at], without_digest=row[2 * at + 1])
        for at, name in enumerate(algorithms)
    }


def digests_of(catalogue: Path, algorithm: str) -> Iterator[tuple[int, bytes]]:
    """Id and digest of every entry of a catalogue that has one.

    Raises:
        MatchesError: The catalogue cannot be read.
    """
    column = {"md5": "md5", "sha256": "sha256"}[algorithm]
    try:
        with closing(connect(catalogue)) as db:
            rows = db.execute(f"SELECT id, {column} FROM files WHERE {column} IS NOT NULL")
            while found := rows.fetchmany(_ROWS_AT_ONCE):
                yield from found
    except SQLITE_ERRORS as error:
        raise MatchesError(f"The catalogue {catalogue} cannot be read: {error}.") from error


def write_matches(
    path: Path, catalogue_sha256: str, found: Iterable[tuple[LookedUpSet, Iterable[tuple[str, list[int]]]]]
) -> WrittenMatches:
    """Write the file, whole or not at all.

    Args:
        path: Its name; a file that bears it is replaced.
        catalogue_sha256: Content of the catalogue that was looked up, hex.
        found: Each set with the ids of entries that are in it, by algorithm.

    Raises:
        MatchesError: It cannot be written.
    """
    part = path.with_name(f"{path.name}.{uuid4().hex}{_UNFINISHED}")
    counts: dict[HashSetId, int] = {}
    try:
        with closing(sqlite.connect(part, isolation_level=None)) as db:
            db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            db.execute("PRAGMA synchronous = OFF")
            db.executescript(_TABLES)
            db.execute("BEGIN")
            db.execute("INSERT INTO meta VALUES ('catalogue_sha256', ?)", (catalogue_sha256,))
            for number, (one, by_algorithm) in enumerate(found, 1):
                row = (number, str(one.set_id), one.name, one.version, one.kind.value)
                db.execute("INSERT INTO sets VALUES (?, ?, ?, ?, ?)", row)
                for algorithm, ids in by_algorithm:
                    rows = ((entry, number, one.kind.value, algorithm) for entry in ids)
                    db.executemany("INSERT OR IGNORE INTO matches VALUES (?, ?, ?, ?)", rows)
                count = db.execute("SELECT count(*) FROM matches WHERE set_number = ?", (number,)).fetchone()[0]
                counts[one.set_id] = int(count)
            db.execute("CREATE INDEX matches_by_kind ON matches (kind, entry_id)")
            db.execute("COMMIT")
            sha256 = _content_sha256(db, catalogue_sha256)
        publish(part, path)
    except (*SQLITE_ERRORS, OSError) as error:
        raise MatchesError(f"{path} cannot be written: {error}.") from error
    finally:
        part.unlink(missing_ok=True)
    return WrittenMatches(counts=counts, sha256=sha256)


def _content_sha256(db: sqlite3.Connection, catalogue_sha256: str) -> bytes:
    """The same for the same matches, whatever version of SQLite wrote them."""
    digest = hashlib.sha256(f"{catalogue_sha256}\n".encode())
    for row in db.execute("SELECT number, id, kind FROM sets ORDER BY number"):
        digest.update("{} {} {}\n".format(*row).encode())
    rows = db.execute("SELECT entry_id, set_number, algorithm FROM matches ORDER BY entry_id, set_number")
    while found := rows.fetchmany(_ROWS_AT_ONCE):
        digest.update("".join(f"{entry} {number} {algorithm}\n" for entry, number, algorithm in found).encode())
    return digest.digest()


class HashMatches:
    """What was found in the hash sets, read-only. A context manager, for one thread at a time."""

    def __init__(self, path: Path) -> None:
        """Open it.

        Raises:
            MatchesError: There is none, or it cannot be read.
        """
        self.path = path
        if not path.is_file():
            raise MatchesError("This image has not been looked up in the hash sets.")
        self._db = connect(path)
        try:
            if self._db.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
                raise MatchesError(f"{path} does not tell what is in the hash sets.")
            meta = dict(self._db.execute("SELECT key, value FROM meta").fetchall())
            self._sets = {row[0]: _set_of(row[1:]) for row in self._db.execute("SELECT * FROM sets ORDER BY number")}
        except (*SQLITE_ERRORS, ValueError) as error:
            self._db.close()
            raise MatchesError(f"{path} does not hold together: {error}.") from error
        except BaseException:
            self._db.close()
            raise
        self.catalogue_sha256 = str(meta.get("catalogue_sha256", ""))

    def __enter__(self) -> Self:
        """The matches themselves."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Close them."""
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()

    @property
    def sets(self) -> tuple[LookedUpSet, ...]:
        """The sets that the image was looked up in."""
        return tuple(self._sets.values())

    def of(self, entry_id: int) -> tuple[SetMatch, ...]:
        """The sets that an entry is in, alerts first."""
        rows = self._rows("SELECT set_number, algorithm FROM matches WHERE entry_id = ?", (entry_id,))
        found = [
            SetMatch(set_id=one.set_id, name=one.name, version=one.version, kind=one.kind, algorithm=str(algorithm))
            for number, algorithm in rows
            for one in [self._sets[int(str(number))]]
        ]
        return tuple(sorted(found, key=lambda match: (match.kind, match.name.casefold(), match.version)))

    def ids(self, kind: HashSetKind) -> array[int]:
        """Entries that are in a set of this kind, ascending."""
        rows = self._rows("SELECT DISTINCT entry_id FROM matches WHERE kind = ? ORDER BY entry_id", (kind.value,))
        return array("q", (int(str(row[0])) for row in rows))

    def in_any(self, sets: Iterable[LookedUpSet]) -> array[int]:
        """Entries that are in any of these sets, ascending."""
        wanted = {one.set_id for one in sets}
        numbers = [number for number, one in self._sets.items() if one.set_id in wanted]
        marks = ", ".join("?" * len(numbers))
        rows = self._rows(
            f"SELECT DISTINCT entry_id FROM matches WHERE set_number IN ({marks}) ORDER BY entry_id", tuple(numbers)
        )
        return array("q", (int(str(row[0])) for row in rows))

    def counts(self) -> tuple[tuple[LookedUpSet, int], ...]:
        """The sets that the image was looked up in, with how many entries are in each."""
        rows = self._rows("SELECT set_number, count(*) FROM matches GROUP BY set_number", ())
        counts = {int(str(number)): int(str(count)) for number, count in rows}
        return tuple((one, counts.get(number, 0)) for number, one in self._sets.items())

    def _rows(self, statement: str, values: tuple[object, ...]) -> list[tuple[object, ...]]:
        try:
            return self._db.execute(statement, values).fetchall()
        except SQLITE_ERRORS as error:
            raise MatchesError(f"{self.path} does not hold together: {error}.") from error


def _set_of(row: tuple[str, ...]) -> LookedUpSet:
    set_id, name, version, kind = row
    return LookedUpSet(set_id=HashSetId(UUID(set_id)), name=name, version=version, kind=HashSetKind(kind))
