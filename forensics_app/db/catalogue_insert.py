"""Puts what an examination yields into the tables of a catalogue, batch by batch, quickly."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from forensics_app.db.catalogue_schema import VOLUME_COLUMNS
from forensics_app.db.catalogue_seal import RunningSeal
from forensics_app.model.catalogue import FILE_COLUMNS, FileRow, Problem, TimeRule, Volume
from forensics_app.model.timeline import BEYOND_COLUMNS, iso_text
from forensics_app.model.unread import unread_problem, volumes_of_unread

Batch: TypeAlias = Volume | TimeRule | Problem | tuple[FileRow, ...]
"""What an examination yields."""

_MAX_INT = 2**63 - 1
_FLAGS = frozenset(map(FILE_COLUMNS.index, ("allocated", "realloc", "orphan", "mismatch")))
_BLOBS = frozenset(map(FILE_COLUMNS.index, ("name_bytes", "md5", "sha256")))
_COUNTED = tuple(map(FILE_COLUMNS.index, ("volume_id", "kind", "mime", "extension", "allocated")))
_NOTE = FILE_COLUMNS.index("note")
_MAX_COUNTS = 20_000


class Inserter:
    """Takes batches into the transaction that is open; what it counts grows with what is in the tables.

    Attributes:
        entries: Rows taken, those from before a resumption included; problems likewise.
        batches: Batches of rows taken, likewise.
        volumes: Ids of the volumes taken.
        unread: How many contents of allocated entries could not be read, by volume; those from before likewise.
    """

    def __init__(self, db: sqlite3.Connection, seal: RunningSeal | None = None) -> None:
        """Write to ``db``, whose tables exist; ``seal`` is told of every row and problem."""
        self._db, self._seal = db, seal
        self.entries = self.problems = self.batches = 0
        self.volumes: set[str] = set()
        self.unread: Counter[str] = Counter()
        self._counts: Counter[tuple[Any, ...]] = Counter()

    def take(self, batch: Batch) -> None:
        """Take what an examination yielded next.

        Raises:
            sqlite3.Error: It cannot be written.
            TypeError: It is no row; ValueError likewise.
        """
        match batch:
            case tuple():
                self._add_rows(batch)
            case Volume():
                self._add_volume(batch)
            case TimeRule():
                rule = (batch.volume_id, batch.field, batch.source, batch.basis, batch.resolution_ns)
                self._db.execute("INSERT OR REPLACE INTO time_rules VALUES (?, ?, ?, ?, ?)", rule)
            case Problem():
                self.problems += 1
                place = None if batch.offset_bytes is None else _fit_int(batch.offset_bytes)
                problem = (self.problems, _fit_text(batch.what), _fit_text(batch.where), place, int(batch.is_damage))
                self._db.execute("INSERT INTO problems VALUES (?, ?, ?, ?, ?)", problem)
                if self._seal is not None:
                    self._seal.take_problem(problem)

    def _add_rows(self, rows: tuple[FileRow, ...]) -> None:
        """Insert a batch by columns.

        The driver binds an int or a str about ten times faster than None, bool or bytes, which it first tries to
        adapt. So columns that are empty in the whole batch are left out of the statement, flags that are the same in
        the whole batch stand in it as a number, and the others are made of the fast types: three times the speed of
        inserting the rows as they are.
        """
        if not rows:
            return
        columns = list(zip(*rows, strict=True))
        if len(columns) != len(FILE_COLUMNS):
            raise ValueError(f"it has {len(columns)} values")
        self._counts.update(zip(*(columns[index] for index in _COUNTED), strict=True))
        if len(self._counts) > _MAX_COUNTS:
            self.flush_counts()
        kept = [index for index, column in enumerate(columns) if column[0] is not None or _any_value(column)]
        same = {index: int(columns[index][0]) for index in kept if index in _FLAGS and _is_one_flag(columns[index])}
        values = zip(*(_fast(index, columns[index]) for index in kept if index not in same), strict=True)
        put: Sequence[tuple[Any, ...]] = rows
        try:
            self._db.executemany(_insert(kept, same), values)
        except (OverflowError, UnicodeEncodeError):
            put = list(map(_mend, rows))
            self._db.executemany(_insert(range(len(FILE_COLUMNS)), {}, "OR REPLACE "), put)
        if self._seal is not None:
            self._seal.take_rows(put)
        if _NOTE in kept:
            self.unread.update(volumes_of_unread(rows))
        self.entries += len(rows)
        self.batches += 1

    def _add_volume(self, volume: Volume) -> None:
        self.volumes.add(volume.id)
        system, table = volume.file_system, volume.partition_table
        counts = system.counts if system else None
        values = (
            volume.id, volume.parent, volume.kind, _fit_int(volume.start_bytes), _fit_int(volume.length_bytes),
            _fit_text(volume.description), volume.encryption, int(volume.locked),
            *((system.type, system.block_bytes, system.label and _fit_text(system.label), system.serial)
              if system else (None,) * 4),
            *((counts.files, counts.directories, counts.links, counts.deleted, counts.orphans)
              if counts else (None,) * 5),
            *((table.scheme, table.sector_bytes) if table else (None,) * 2),
            None if volume.snapshot_time_ns is None else _fit_int(volume.snapshot_time_ns), volume.md5, volume.sha256,
        )  # fmt: skip
        changes = ", ".join(f"{column} = excluded.{column}" for column in VOLUME_COLUMNS[1:])
        self._db.execute(
            f"INSERT INTO volumes ({', '.join(VOLUME_COLUMNS)}) VALUES ({_marks(len(VOLUME_COLUMNS))})"
            f" ON CONFLICT (id) DO UPDATE SET {changes}",
            values,
        )

    def tell_unread(self) -> None:
        """Say of each volume how many contents of allocated entries could not be read; to be called after the last."""
        for volume_id, entries in self.unread.items():
            self.take(unread_problem(volume_id, entries))

    def flush_counts(self) -> None:
        """Bring the counts of types to their table, so that they take little memory whatever the extensions are."""
        self._db.executemany(
            "INSERT INTO type_counts VALUES (?, ?, ?, ?, ?, ?)"
            " ON CONFLICT DO UPDATE SET entries = entries + excluded.entries",
            (
                (_fit_text(volume), kind, mime or "", _fit_text(extension), int(allocated), count)
                for (volume, kind, mime, extension, allocated), count in self._counts.items()
            ),
        )
        self._counts.clear()


def _any_value(column: Sequence[object]) -> bool:
    """Whether anything in it is not None."""
    return column.count(None) < len(column)


def _is_one_flag(column: Sequence[object]) -> bool:
    """Whether all of it is true, or all of it false."""
    return column[0] in (0, 1) and column.count(column[0]) == len(column)


def _fast(index: int, column: Sequence[Any]) -> Iterable[object]:
    if index in _FLAGS:
        return map(int, column)
    if index in _BLOBS:
        return [value if value is None else bytearray(value) for value in column]
    return column


def _insert(columns: Sequence[int], same: Mapping[int, int], how: str = "") -> str:
    """The statement for these columns; those in ``same`` have that value in every row and are not bound."""
    names = ", ".join(FILE_COLUMNS[index] for index in columns)
    values = ", ".join(str(same.get(index, "?")) for index in columns)
    return f"INSERT {how}INTO files ({names}) VALUES ({values})"


def _marks(count: int) -> str:
    return ", ".join("?" * count)


def _mend(row: FileRow) -> tuple[object, ...]:
    """The row with what SQLite cannot hold put right, and said so in its note."""
    mended: list[object] = []
    beyond: list[str] = []
    notes = [] if row[_NOTE] is None else [str(row[_NOTE])]
    for name, value in zip(FILE_COLUMNS, row, strict=True):
        if isinstance(value, int) and not -_MAX_INT - 1 <= value <= _MAX_INT:
            if name.endswith("_ns"):
                beyond.append(f"{name.removesuffix('_ns')} {iso_text(value)}")
                mended.append(None)
            else:
                notes.append(f"{name} is {value}, more than the catalogue can hold")
                mended.append(_fit_int(value))
        else:
            mended.append(_fit_text(value) if isinstance(value, str) else value)
    if beyond:
        notes.append(f"{BEYOND_COLUMNS}: {', '.join(beyond)}")
    mended[_NOTE] = _fit_text("; ".join(notes)) if notes else None
    return tuple(mended)


def _fit_int(value: int) -> int:
    return max(-_MAX_INT - 1, min(value, _MAX_INT))


def _fit_text(text: str) -> str:
    """The text without halves of surrogate pairs, which are no characters."""
    return text if text.isascii() else text.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
