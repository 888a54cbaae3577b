"""Writes a catalogue in one pass: memory does not grow with the image, and a half-written one is never found."""

from __future__ import annotations

import json
import os
import sqlite3
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeAlias

from forensics_app.db.catalogue_schema import (
    APPLICATION_ID,
    FORMAT_VERSION,
    INDICES_PAY_FROM,
    LATE_INDICES,
    TABLES,
    VOLUME_COLUMNS,
)
from forensics_app.model.catalogue import (
    FILE_COLUMNS,
    CatalogueHeader,
    CatalogueSummary,
    CatalogueWriteError,
    FileRow,
    Problem,
    TimeRule,
    Volume,
)

Batch: TypeAlias = Volume | TimeRule | Problem | tuple[FileRow, ...]
"""What an examination yields."""

_MAX_INT = 2**63 - 1
_FLAGS = frozenset(map(FILE_COLUMNS.index, ("allocated", "realloc", "orphan", "mismatch")))
_BLOBS = frozenset(map(FILE_COLUMNS.index, ("name_bytes", "md5", "sha256")))
_COUNTED = tuple(map(FILE_COLUMNS.index, ("volume_id", "kind", "mime", "extension", "allocated")))
_NOTE = FILE_COLUMNS.index("note")
_MAX_COUNTS = 20_000


def building_name(path: Path) -> Path:
    """What a catalogue is called until it is complete."""
    return path.with_name(path.name + ".building")


def write_catalogue(path: Path, batches: Iterable[Batch], header: CatalogueHeader) -> CatalogueSummary:
    """Write everything that ``batches`` gives to a new catalogue.

    It is built under another name and appears as ``path`` when it is complete and on the disk; one that was there
    before is replaced at that moment. What ``batches`` raises passes through, and nothing is left behind.

    Args:
        path: The catalogue, in a folder that exists.
        batches: Volumes before their rows, a parent before its children; a volume that comes again replaces the first.
        header: Goes to the table ``meta``.

    Returns:
        How much there was.

    Raises:
        CatalogueWriteError: No room, no permission, or rows that are none.
    """
    building = building_name(path)
    writer: _Writer | None = None
    try:
        with _writing(path):
            building.unlink(missing_ok=True)
            writer = _Writer(sqlite3.connect(building, isolation_level=None))
        for batch in batches:
            with _writing(path):
                writer.take(batch)
        with _writing(path):
            summary = writer.finish(header)
            _publish(building, path)
    except BaseException:
        if writer is not None:
            writer.close()
            building.unlink(missing_ok=True)
        raise
    return summary


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        raise CatalogueWriteError(f"The catalogue {path} cannot be written: {error}.") from error
    except (TypeError, ValueError) as error:
        raise CatalogueWriteError(f"The reader gave an entry that is none: {error}.") from error


def _publish(building: Path, path: Path) -> None:
    """Bring the file to the disk, then give it its name, then bring the name to the disk."""
    with building.open("r+b") as file:
        os.fsync(file.fileno())
    building.replace(path)
    if sys.platform != "win32":
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


class _Writer:
    """One transaction without a journal: a file that is not finished is thrown away."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection
        self._entries = self._problems = 0
        self._volumes: set[str] = set()
        self._counts: Counter[tuple[Any, ...]] = Counter()
        for pragma in (
            f"application_id = {APPLICATION_ID}", f"user_version = {FORMAT_VERSION}", "journal_mode = OFF",
            "synchronous = OFF", "locking_mode = EXCLUSIVE", "cache_size = -65536", "temp_store = MEMORY",
        ):  # fmt: skip
            self._db.execute(f"PRAGMA {pragma}")
        self._db.execute("BEGIN")
        for statement in TABLES:
            self._db.execute(statement)

    def close(self) -> None:
        self._db.close()

    def finish(self, header: CatalogueHeader) -> CatalogueSummary:
        self._flush_counts()
        if self._entries >= INDICES_PAY_FROM:
            for statement in LATE_INDICES:
                self._db.execute(statement)
        summary = CatalogueSummary(entries=self._entries, volumes=len(self._volumes), problems=self._problems)
        self._write_meta(header, summary)
        self._db.execute("COMMIT")
        self._db.close()
        return summary

    def take(self, batch: Batch) -> None:
        match batch:
            case tuple():
                self._add_rows(batch)
            case Volume():
                self._add_volume(batch)
            case TimeRule():
                rule = (batch.volume_id, batch.field, batch.source, batch.basis, batch.resolution_ns)
                self._db.execute("INSERT OR REPLACE INTO time_rules VALUES (?, ?, ?, ?, ?)", rule)
            case Problem():
                self._problems += 1
                place = None if batch.offset_bytes is None else _fit_int(batch.offset_bytes)
                problem = (self._problems, _fit_text(batch.what), _fit_text(batch.where), place, int(batch.is_damage))
                self._db.execute("INSERT INTO problems VALUES (?, ?, ?, ?, ?)", problem)

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
            self._flush_counts()
        kept = [index for index, column in enumerate(columns) if column[0] is not None or _any_value(column)]
        same = {index: int(columns[index][0]) for index in kept if index in _FLAGS and _is_one_flag(columns[index])}
        values = zip(*(_fast(index, columns[index]) for index in kept if index not in same), strict=True)
        try:
            self._db.executemany(_insert(kept, same), values)
        except (OverflowError, UnicodeEncodeError):
            self._db.executemany(_insert(range(len(FILE_COLUMNS)), {}, "OR REPLACE "), map(_mend, rows))
        self._entries += len(rows)

    def _add_volume(self, volume: Volume) -> None:
        self._volumes.add(volume.id)
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

    def _flush_counts(self) -> None:
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

    def _write_meta(self, header: CatalogueHeader, summary: CatalogueSummary) -> None:
        values = {
            "format": str(FORMAT_VERSION),
            "created_at": header.created_at.isoformat(),
            "program": header.program,
            "libraries": json.dumps(dict(header.libraries), sort_keys=True),
            "image_digests": json.dumps({name: digest.hex() for name, digest in header.image_digests.items()}),
            "zone": header.zone,
            "content_examined": str(int(header.content_examined)),
            "entries": str(summary.entries),
            "volumes": str(summary.volumes),
            "problems": str(summary.problems),
            "complete": "1",
        }
        self._db.executemany("INSERT INTO meta VALUES (?, ?)", values.items())


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
    notes = [] if row[_NOTE] is None else [str(row[_NOTE])]
    for name, value in zip(FILE_COLUMNS, row, strict=True):
        if isinstance(value, int) and not -_MAX_INT - 1 <= value <= _MAX_INT:
            notes.append(f"{name} is {value}, more than the catalogue can hold")
            mended.append(None if name.endswith("_ns") else _fit_int(value))
        else:
            mended.append(_fit_text(value) if isinstance(value, str) else value)
    mended[_NOTE] = _fit_text("; ".join(notes)) if notes else None
    return tuple(mended)


def _fit_int(value: int) -> int:
    return max(-_MAX_INT - 1, min(value, _MAX_INT))


def _fit_text(text: str) -> str:
    """The text without halves of surrogate pairs, which are no characters."""
    return text if text.isascii() else text.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
