"""The file of a catalogue while it is built: what is committed, what it says of itself, and how it is taken up again.

Until the first commit it is one transaction, and worth nothing when it is cut off. From then on it is committed after
a batch every few seconds, with a journal that is rolled back when a kill or a power cut comes in between; a journal
that holds old pages, not new ones, because rows are only added: little of what is there is ever written again.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from types import TracebackType

from forensics_app.db.catalogue_file import header_values, volume_of
from forensics_app.db.catalogue_insert import Inserter
from forensics_app.db.catalogue_schema import APPLICATION_ID, FORMAT_VERSION, TABLES, VOLUME_COLUMNS
from forensics_app.db.catalogue_seal import RunningSeal, Seals, holds_together, read_again
from forensics_app.db.sqlite import OPERATIONAL_ERRORS, SQLITE_ERRORS, connect, is_busy, is_encrypted
from forensics_app.model.catalogue import FILE_COLUMNS, CatalogueHeader, CatalogueSummary, Volume

COMMIT_EVERY_S = 3.0
COMMIT_EVERY_ROWS = 200_000
"""About what the cache holds: with more, pages would be written before the commit, which keeps readers waiting."""

_COMMIT_COSTS = 10
"""Commits take at most one part in so many of the time, however slow the disk is."""

_PATIENCE_S = 60.0
_PAGE_BYTES = 16384
"""With four times SQLite's own size a search through all paths takes a tenth less time."""

_PRAGMAS = (
    f"page_size = {_PAGE_BYTES}",
    "journal_mode = DELETE",
    "synchronous = FULL",
    "cache_size = -65536",
    "temp_store = FILE",
)
_ENCRYPTED_PRAGMAS = tuple(one for one in _PRAGMAS if not one.startswith(("page_size", "temp_store")))
"""SQLCipher cannot tell the size of its pages from the file, and nothing may go to a temporary file as it is."""
_STEPS = 500_000
_WORKING = ("made_of", "batches", "last_id", "left_out", "walked", "unread")

CHANGED = (
    "the unfinished catalogue that was there is not as this program left it, by what the journal keeps of it. It was "
    "changed, or is a copy of another one"
)
APART = (
    "the indices or counts of the unfinished catalogue that was there do not say the same as its rows, which are as "
    "this program left them: damage of the file, or a change from outside"
)
UNREADABLE = "the unfinished catalogue that was there cannot be read ({error}): look after the disk that it lies on"
UNSEALED = (
    "the journal keeps nothing by which the unfinished catalogue that was there could be checked: an older version of "
    "this program began it, or it comes from another lab"
)
"""Why an unfinished catalogue is not gone on with."""


def made_of(header: CatalogueHeader, parameters: Mapping[str, str]) -> str:
    """All that has to be equal for an unfinished catalogue to be gone on with: not when its building began."""
    told = {key: value for key, value in header_values(header).items() if key != "created_at"}
    return json.dumps({"columns": FILE_COLUMNS, "parameters": dict(parameters), **told}, sort_keys=True)


class BuildingFile:
    """The connection of the one who writes, with a transaction open at any time.

    Attributes:
        inserter: Takes batches.
        last_id: Of the last row; 0 before the first.
        left_out: What the examination leaves out, in its own words.
        is_walked: Whether the examination came to its end.
        is_kept: Whether something of it was committed.
        why_refused: Why it was begun anew though something was there that could have been gone on with, as a sentence
            that goes on with a colon; empty where that is not so.
    """

    def __init__(
        self,
        path: Path,
        header: CatalogueHeader,
        parameters: Mapping[str, str],
        seals: Seals | None = None,
        *,
        resume: bool,
    ) -> None:
        """Go on with the file ``path`` if that is asked for and can be done; else begin it anew.

        With ``seals`` it is gone on with only if it is as one of them says; without, it is believed.

        Raises:
            sqlite3.Error: It cannot be written.
            OSError: Likewise.
        """
        self.path, self._header, self._made_of = path, header, made_of(header, parameters)
        self.last_id, self.left_out, self.is_walked, self.is_kept = 0, "", False, False
        self._committed_s, self._committed_rows, self._cost_s = time.monotonic(), 0, 0.0
        told = _told(path) if resume else {}
        is_known = told.get("made_of") == self._made_of and told.keys() >= set(_WORKING)
        self._seals, self._sealed, self._last_seal = seals, None if seals is None else RunningSeal(), ""
        self.why_refused = ""
        if not is_known:
            _remove(path)
        self._connect()
        try:
            self.why_refused = self._why_not_as_sealed() if is_known else ""
            if self.why_refused:
                self._db.close()
                _remove(path)
                self._connect()
            self.inserter = Inserter(self._db, self._sealed)
            if is_known and not self.why_refused:
                self._go_on(told)
            else:
                self._begin()
        except BaseException:
            self._db.close()
            raise

    def _connect(self) -> None:
        self._db = connect(self.path, isolation_level=None, timeout=_PATIENCE_S)
        try:
            for pragma in _ENCRYPTED_PRAGMAS if is_encrypted(self.path) else _PRAGMAS:
                self._db.execute(f"PRAGMA {pragma}").fetchall()
        except BaseException:
            self._db.close()
            raise

    def _why_not_as_sealed(self) -> str:
        """Why the file is not taken for what was committed, by what is known outside of it; begins a transaction.

        Empty where it is as it was committed. Only what can be read and is another content than any that was committed
        may have been changed by somebody.
        """
        self._db.execute("BEGIN IMMEDIATE")
        if self._seals is None:
            return ""
        if not self._seals.known:
            return UNSEALED
        try:
            sealed = read_again(self._db)
            seal = sealed.seal(self._db)
            if seal not in self._seals.known:
                return CHANGED
            if not holds_together(self._db):
                return APART
        except SQLITE_ERRORS as error:
            return UNREADABLE.format(error=error)
        self._sealed, self._last_seal = sealed, seal
        return ""

    @property
    def summary(self) -> CatalogueSummary:
        """How much was taken."""
        inserter = self.inserter
        return CatalogueSummary(entries=inserter.entries, volumes=len(inserter.volumes), problems=inserter.problems)

    def volumes(self) -> tuple[Volume, ...]:
        """All volumes taken."""
        return tuple(
            map(
                volume_of,
                self._db.execute(f"SELECT {', '.join(VOLUME_COLUMNS)} FROM volumes ORDER BY number").fetchall(),
            )
        )

    def _begin(self) -> None:
        self._db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        self._db.execute(f"PRAGMA user_version = {FORMAT_VERSION}")
        self._db.execute("BEGIN IMMEDIATE")
        for statement in TABLES:
            self._db.execute(statement)
        self.put({**header_values(self._header), "complete": "0"})

    def _go_on(self, told: Mapping[str, str]) -> None:
        inserter = self.inserter
        inserter.batches, inserter.entries = int(told["batches"]), int(told["entries"])
        inserter.problems, self.last_id = int(told["problems"]), int(told["last_id"])
        self.left_out = told["left_out"]
        inserter.unread.update(json.loads(told["unread"]))
        inserter.volumes.update(row[0] for row in self._db.execute("SELECT id FROM volumes"))
        self.is_walked, self.is_kept = told["walked"] == "1", True
        self._committed_rows = inserter.entries

    def put(self, values: Mapping[str, str]) -> None:
        """Let it say so of itself."""
        self._db.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", values.items())

    def commit_sometimes(self, every_s: float) -> None:
        """Commit, if it is time for it and no reader is in the way; to be called after a batch of rows only.

        It is time after ``every_s``, later where commits are dear; for 0, after every batch. What is committed is what
        the examination yielded up to its batch ``inserter.batches``, with nothing after it.
        """
        spent_s = time.monotonic() - self._committed_s
        wait_s = max(every_s, _COMMIT_COSTS * self._cost_s) if every_s else 0.0
        rows = self.inserter.entries - self._committed_rows
        if spent_s >= wait_s or rows >= COMMIT_EVERY_ROWS:
            self.commit(patience_s=0.05)

    def commit(self, patience_s: float = _PATIENCE_S) -> bool:
        """Commit what was taken; False, and nothing is lost, where readers were in the way for so long."""
        began_s = time.monotonic()
        self.inserter.flush_counts()
        self._put_numbers()
        self._put_progress()
        seal = self._keep_seal()
        self._db.execute(f"PRAGMA busy_timeout = {round(patience_s * 1000)}")
        try:
            self._db.execute("COMMIT")
        except OPERATIONAL_ERRORS as error:
            if patience_s < _PATIENCE_S and is_busy(error):
                return False
            raise
        finally:
            self._db.execute(f"PRAGMA busy_timeout = {round(_PATIENCE_S * 1000)}")
        self._db.execute("BEGIN IMMEDIATE")
        self.is_kept, self._last_seal = True, seal
        self._committed_s, self._committed_rows = time.monotonic(), self.inserter.entries
        self._cost_s = self._committed_s - began_s
        return True

    def _keep_seal(self) -> str:
        """Have it known what the file is before and after the commit that follows; after a kill it is either."""
        if self._seals is None or self._sealed is None:
            return ""
        seal = self._sealed.seal(self._db)
        self._seals.keep(tuple(dict.fromkeys(filter(None, (self._last_seal, seal)))))
        return seal

    def _put_numbers(self) -> None:
        told = self.summary
        numbers = {"entries": told.entries, "volumes": told.volumes, "problems": told.problems}
        self.put({key: str(value) for key, value in numbers.items()})

    def _put_progress(self) -> None:
        numbers = {"batches": self.inserter.batches, "last_id": self.last_id, "walked": int(self.is_walked)}
        unread = json.dumps(dict(self.inserter.unread))
        told = {"made_of": self._made_of, "left_out": self.left_out, "unread": unread}
        self.put(told | {key: str(value) for key, value in numbers.items()})

    def complete(self) -> None:
        """Commit, with the word that nothing is missing, and without what only the building needed."""
        self.inserter.flush_counts()
        self._put_numbers()
        self.put({"complete": "1"})
        self._db.executemany("DELETE FROM meta WHERE key = ?", ((key,) for key in _WORKING))
        self._db.execute("COMMIT")
        self._db.close()

    @contextmanager
    def busy(self, on_progress: Callable[[], None]) -> Iterator[sqlite3.Connection]:
        """The connection for something long; what ``on_progress`` raises stops it and passes through."""
        kept = _Kept()

        def step() -> int:
            with kept:
                on_progress()
            return int(kept.error is not None)

        self._db.set_progress_handler(step, _STEPS)
        try:
            yield self._db
        except OPERATIONAL_ERRORS:
            if kept.error is not None:
                raise kept.error from None
            raise
        finally:
            self._db.set_progress_handler(None, 0)

    def close(self) -> None:
        """Close it; what was not committed is gone."""
        self._db.close()

    def remove(self) -> None:
        """Close and delete it."""
        self.close()
        _remove(self.path)


class _Kept:
    """Keeps what is raised within, for a callback of the database cannot let it through."""

    error: BaseException | None = None

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> bool:
        self.error = error or self.error
        return True


def _told(path: Path) -> dict[str, str]:
    """What an unfinished catalogue says of itself; nothing, where there is none or it does not hold together."""
    if not path.exists():
        return {}
    try:
        with closing(connect(path, isolation_level=None)) as db:
            marks = [db.execute(f"PRAGMA {name}").fetchone()[0] for name in ("application_id", "user_version")]
            if marks != [APPLICATION_ID, FORMAT_VERSION]:
                return {}
            return dict(db.execute("SELECT key, value FROM meta").fetchall())
    except SQLITE_ERRORS:
        return {}


def _remove(path: Path) -> None:
    for suffix in ("", "-journal"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
