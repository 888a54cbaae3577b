"""The NSRL's Reference Data Set of version 3: an SQLite database, read and never written.

Source: NIST, "RDSv3 format": the digests stand in the table METADATA of the full sets, in FILE of the minimal ones.
"""

from __future__ import annotations

import sqlite3
import struct
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from forensics_app.model.hash_set import (
    DIGEST_BYTES,
    NAMES,
    REFUSED,
    Batch,
    HashSetError,
    OnProgress,
    Remarks,
    is_digest,
)

_TABLES = ("METADATA", "FILE")
_AT_ONCE = 20_000
_MOST_TOLD, _LONGEST_TOLD = 20, 200
"""What a database says of its version is signed: so many columns, and so many characters of each."""


class RdsSource:
    """A database with a table FILE or METADATA, whose columns md5, sha1 and sha256 hold digests."""

    unit = "record"
    format = "NSRL RDSv3"

    def __init__(self, path: Path) -> None:
        """Look at its header and its tables.

        Raises:
            HashSetError: It is cut off, does not hold together, or is no RDS.
        """
        self.path, self.told = path, dict[str, str]()
        self._refuse_half()
        with closing(self._connected()) as db:
            try:
                self._table, self._columns = self._where(db)
                self.told = self._versions(db)
            except sqlite3.Error as error:
                raise HashSetError(path, f"does not hold together: {error}") from error

    def batches(self, remarks: Remarks, on_progress: OnProgress) -> Iterator[Batch]:
        """See :class:`evidence.hash_sets.base.Source`. Progress is in rows; a row has no line, but its number."""
        with closing(self._connected()) as db:
            try:
                most = db.execute(f"SELECT max(rowid) FROM {self._table}").fetchone()[0] or 0
            except sqlite3.Error:
                most = 0  # a view, or a table without row numbers
            try:
                rows = db.execute(f"SELECT {', '.join(self._columns)} FROM {self._table}")
                done = 0
                while found := rows.fetchmany(_AT_ONCE):
                    yield from self._batches(found, done + 1, remarks)
                    done += len(found)
                    on_progress(done, max(most, done))
            except sqlite3.Error as error:
                raise HashSetError(self.path, f"does not hold together behind record {done:,}: {error}") from error

    def _batches(self, rows: list[tuple[object, ...]], first: int, remarks: Remarks) -> Iterator[Batch]:
        for algorithm, column in zip(self._columns, zip(*rows, strict=True), strict=True):
            numbers, digests = [], []
            for number, value in enumerate(column, first):
                digest = value.lower() if isinstance(value, str) else ""
                if is_digest(digest, algorithm):
                    numbers.append(number)
                    digests.append(digest)
                elif value not in (None, ""):
                    remarks.add(REFUSED, number, f"its {algorithm} is no {NAMES[algorithm]} digest")
            if digests:
                yield Batch(algorithm=algorithm, digests=digests, numbers=numbers)
        for number, row in enumerate(rows, first):
            if not any(row):
                remarks.add(REFUSED, number, "it holds no digest")

    def _connected(self) -> sqlite3.Connection:
        uri = f"{self.path.absolute().as_uri()}?mode=ro&immutable=1"
        db = sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False)
        db.execute("PRAGMA trusted_schema = OFF")
        db.execute("PRAGMA cell_size_check = ON")
        return db

    def _refuse_half(self) -> None:
        """SQLite itself reads what is there of a database that was cut off."""
        with self.path.open("rb") as file:
            header, size_bytes = file.read(100), file.seek(0, 2)
        if len(header) < 100:
            raise HashSetError(self.path, f"is cut off: {size_bytes} bytes are there")
        page_bytes, pages = struct.unpack_from(">H", header, 16)[0], struct.unpack_from(">I", header, 28)[0]
        expected = pages * (65536 if page_bytes == 1 else page_bytes)
        if size_bytes < expected:
            raise HashSetError(self.path, f"is cut off: {size_bytes:,} of {expected:,} bytes are there")
        for suffix in ("-wal", "-journal"):
            beside = self.path.with_name(self.path.name + suffix)
            if beside.exists() and beside.stat().st_size:
                raise HashSetError(
                    self.path, f"has {beside.name} beside it: another program has changed it and not finished"
                )

    def _where(self, db: sqlite3.Connection) -> tuple[str, tuple[str, ...]]:
        for table in _TABLES:
            columns = {str(row[1]).lower() for row in db.execute(f"PRAGMA table_info({table})")}
            if digests := tuple(name for name in DIGEST_BYTES if name in columns):
                return table, digests
        raise HashSetError(self.path, "is a database, but none of the NSRL: no table METADATA or FILE with digests")

    def _versions(self, db: sqlite3.Connection) -> dict[str, str]:
        """What the table VERSION says."""
        try:
            rows = db.execute("SELECT * FROM VERSION LIMIT 1")
            row = rows.fetchone() or ()
            return {
                str(name[0])[:_LONGEST_TOLD]: str(value)[:_LONGEST_TOLD]
                for name, value in zip(rows.description[:_MOST_TOLD], row, strict=False)
                if value
            }
        except sqlite3.OperationalError:
            return {}
