"""Thumbnails of one image in an SQLite file beside its catalogue: bounded, derived, thrown away at any time."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from forensics_app.db.sqlite import SQLITE_ERRORS, connect

MOST_KEPT = 40_000
_PART_DROPPED = 4
"""When it is full, this part of it makes room: what was made first."""
_MADE_SO = 2
"""How pictures are made; another number when what is kept would be made otherwise now."""
_PATIENCE_S = 2.0


def drop_thumbnails(path: Path) -> None:
    """Keep none of a file any more; where it is in use and cannot be deleted, what it holds is overwritten."""
    try:
        path.unlink(missing_ok=True)
    except OSError:
        with ThumbnailFile(path) as kept:
            kept.drop_all()


class ThumbnailFile:
    """A context manager, for one thread. Where the file cannot be used nothing is kept, and nobody is told."""

    def __init__(self, path: Path, most_kept: int = MOST_KEPT) -> None:
        """Open it, made if it is not there."""
        self._path, self._most_kept = path, most_kept
        self._db: sqlite3.Connection | None = None

    def __enter__(self) -> Self:
        """The file itself."""
        try:
            self._db = self._opened()
        except SQLITE_ERRORS:
            self._path.unlink(missing_ok=True)  # it is derived; the next time there is a new one
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Close it."""
        if self._db is not None:
            self._db.close()

    @property
    def _room(self) -> int:
        return self._most_kept // _PART_DROPPED

    def get(self, key: str) -> tuple[bytes, str]:
        """The thumbnail of a key, and what is said of it; empty where none is kept."""
        row = self._do("SELECT jpeg, caption FROM thumbnails WHERE key = ?", (key,))
        return (bytes(row[0][0]), str(row[0][1])) if row else (b"", "")

    def put(self, key: str, jpeg: bytes, caption: str = "") -> None:
        """Keep one; the oldest make room."""
        self._do("INSERT OR REPLACE INTO thumbnails (key, jpeg, caption) VALUES (?, ?, ?)", (key, jpeg, caption))
        held = self._do("SELECT (SELECT min(number) FROM thumbnails), (SELECT max(number) FROM thumbnails)", ())
        if held and held[0][1] - held[0][0] >= self._most_kept:
            self._do("DELETE FROM thumbnails WHERE number <= ?", (held[0][1] - self._most_kept + self._room,))

    def drop(self, key: str) -> None:
        """Keep it no more; its bytes are overwritten."""
        self._do("DELETE FROM thumbnails WHERE key = ?", (key,))

    def drop_all(self) -> None:
        """Keep none any more; their bytes are overwritten."""
        self._do("DELETE FROM thumbnails", ())

    def _opened(self) -> sqlite3.Connection:
        db = connect(self._path, isolation_level=None, timeout=_PATIENCE_S)
        for pragma in ("synchronous = OFF", "journal_mode = MEMORY", "secure_delete = ON"):
            db.execute(f"PRAGMA {pragma}")
        made_so = db.execute("PRAGMA user_version").fetchone()[0]
        if made_so != _MADE_SO:  # of an earlier version: derived, and made again
            db.execute("DROP TABLE IF EXISTS thumbnails")
            db.execute(f"PRAGMA user_version = {_MADE_SO}")
        db.execute(
            "CREATE TABLE IF NOT EXISTS thumbnails (number INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE,"
            " jpeg BLOB NOT NULL, caption TEXT NOT NULL)"
        )
        return db

    def _do(self, statement: str, values: tuple[object, ...]) -> list[tuple[Any, ...]]:
        if self._db is None:
            return []
        try:
            return self._db.execute(statement, values).fetchall()
        except SQLITE_ERRORS:
            return []
