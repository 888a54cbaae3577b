"""The digest of what a timeline holds, by a rule that any program can follow."""

from __future__ import annotations

import hashlib
import sqlite3
from contextlib import closing
from pathlib import Path

from forensics_app.db.catalogue_file import connect
from forensics_app.db.sqlite import SQLITE_ERRORS
from forensics_app.model.image import OnProgress
from forensics_app.model.timeline import TimelineError

_LINES_AT_ONCE = 20_000
_LINES = "SELECT printf('%s %s %s %s %s\n', id, at_ns, image, entry, stamps) FROM events ORDER BY id"


def timeline_digest(path: Path, on_progress: OnProgress = lambda done, total: None) -> tuple[bytes, int]:
    r"""SHA-256 over the events of a timeline and the catalogues that it was made of, and how many events there are.

    Digested are the text of ``sources`` in the table ``meta`` and a line feed, then a line for each event in the order
    of its id: id, moment, source, entry and stamps in decimal, separated by a space and ended by a line feed.

    Args:
        path: The file.
        on_progress: Events done, events in all. What it raises stops it.

    Raises:
        TimelineError: It cannot be read.
    """
    digest, done = hashlib.sha256(), 0
    try:
        with closing(connect(path)) as db:
            (sources,) = db.execute("SELECT value FROM meta WHERE key = 'sources'").fetchone()
            (total,) = db.execute("SELECT count(*) FROM events").fetchone()
            digest.update(f"{sources}\n".encode())
            cursor = db.execute(_LINES)
            while lines := cursor.fetchmany(_LINES_AT_ONCE):
                digest.update("".join(line for (line,) in lines).encode())
                done += len(lines)
                on_progress(done, total)
    except (*SQLITE_ERRORS, sqlite3.Error, TypeError, ValueError) as error:
        raise TimelineError(f"The timeline {path} does not hold together: {error}.") from error
    return digest.digest(), done
