"""SQLite files copied from a store to another one: encrypted by its key, and compared row by row (REQ-70)."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from itertools import zip_longest
from pathlib import Path
from uuid import uuid4

from forensics_app.db.refusals import words_for
from forensics_app.db.sqlite import SQLITE_ERRORS, connect, connect_to_encrypt, raw_key
from forensics_app.errors import LabUnusableError

MAGIC = b"SQLite format 3\x00"
_MARKS = ("application_id", "user_version")


def rewritten(source: Path, target: Path, scratch: Path) -> None:
    """Copy all that is in an SQLite file into the new file ``target``, by the keys of the stores that they lie in.

    What was written last and lies in a journal beside ``source`` is copied, too. ``source`` is opened by the library
    that everybody here opens it by: one of the two in a process would take the locks of the other from it.

    Args:
        source: A file that lies in a store whose key is held, or in none.
        target: A name in a store whose key is held, that nothing bears.
        scratch: A folder of the store, or of none, that ``source`` lies in.

    Raises:
        LabUnusableError: One cannot be read or written, or the copy is not the same. What was written is left.
    """
    copied = scratch / f"{uuid4()}.copied"
    try:
        with closing(connect(source)) as opened, closing(connect(copied)) as copy:
            opened.backup(copy)
        _export(copied, target, source.name)
    except SQLITE_ERRORS as error:
        raise words_for(error) from error
    finally:
        for ending in ("", "-wal", "-shm", "-journal"):
            copied.with_name(copied.name + ending).unlink(missing_ok=True)


def _export(source: Path, target: Path, name: str) -> None:
    other = raw_key(target)
    if other is None:
        raise ValueError(target)
    with closing(connect_to_encrypt(source)) as db:
        marks = {mark: db.execute(f"PRAGMA {mark}").fetchone()[0] for mark in _MARKS}
        db.execute("ATTACH ? AS copy KEY ?", (str(target), other)).close()
        db.execute("SELECT sqlcipher_export('copy')").close()
        for mark, value in marks.items():
            db.execute(f"PRAGMA copy.{mark} = {value}").close()
        if differing := _difference(db):
            raise LabUnusableError(f"The copy of {name} is not the same: {differing}")
    with target.open("r+b") as file:
        os.fsync(file.fileno())


def is_sqlite_file(path: Path) -> bool:
    """Whether a file that lies in no store, or in one as it is, is an SQLite database."""
    with path.open("rb") as file:
        return file.read(len(MAGIC)) == MAGIC


def _difference(db: sqlite3.Connection) -> str:
    """What of the attached copy is otherwise, in a sentence; empty where all is the same."""
    said = "SELECT type, name, tbl_name, sql FROM {}.sqlite_master WHERE name NOT LIKE 'sqlite_%' ORDER BY type, name"
    here, there = (db.execute(said.format(name)).fetchall() for name in ("main", "copy"))
    if here != there:
        return "its tables are others."
    for kind, name, *_ in here:
        if kind != "table":
            continue
        quoted = name.replace('"', '""')
        rows, copies = (db.execute(f'SELECT * FROM {schema}."{quoted}"') for schema in ("main", "copy"))
        for number, (one, other) in enumerate(zip_longest(rows, copies), 1):
            if one != other:
                return f"the table {name} differs from its row {number:,} on."
    return ""
