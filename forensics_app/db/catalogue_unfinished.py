"""Reads a catalogue while it is built, or as far as it was built: what is committed, in pages and with filters."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from forensics_app.db.catalogue import Catalogue, stat_of
from forensics_app.db.catalogue_file import building_name
from forensics_app.db.sqlite import OPERATIONAL_ERRORS, connect, is_busy
from forensics_app.model.catalogue import (
    CatalogueDamagedError,
    CatalogueMissingError,
    CatalogueSummary,
    CatalogueUnfinishedError,
)
from forensics_app.model.filter_language.outside import Outside

_PATIENCE_S = 20.0
"""A commit of the one who builds takes less, unless the disk is in trouble."""


class UnfinishedCatalogue(Catalogue):
    """What is committed of a catalogue that is being built, or whose building was cut off; it grows while it is read.

    Answers are those of :class:`Catalogue`, each of what was committed when it was asked for. Volumes have their counts
    only when they are listed to their end. It goes on to answer when the catalogue is completed meanwhile; a thread
    that asks for the first time after that is told that it is missing.
    """

    _is_to_be_complete = False

    def __init__(self, path: Path, outside: Callable[[Catalogue], Outside] | None = None) -> None:
        """Open what there is of the catalogue that will be ``path``.

        Raises:
            CatalogueMissingError: None is being built.
            CatalogueUnfinishedError: Nothing of it is committed yet.
            CatalogueDamagedError: It does not hold together.
        """
        self._prepare(building_name(path), outside)
        if not self.path.exists():
            raise CatalogueMissingError(f"The catalogue {path} is not being built.")
        self._begin()

    @property
    def summary(self) -> CatalogueSummary:
        """How much is in it by now."""
        with self._reading():
            return self._summary

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        try:
            with super()._reading() as db:
                self._renew(db)
                yield db
        except CatalogueDamagedError as error:
            cause = error.__cause__
            if isinstance(cause, OPERATIONAL_ERRORS) and _is_too_early(cause):
                raise CatalogueUnfinishedError(f"Nothing of the catalogue {self.path} can be read yet.") from error
            raise

    def _renew(self, db: sqlite3.Connection) -> None:
        """Read again what it says of itself, if there was a commit since this thread asked last."""
        version = db.execute("PRAGMA data_version").fetchone()[0]
        if version != getattr(self._local, "version", None):
            self._load(db)
            self._local.version = version

    def _connect(self) -> sqlite3.Connection:
        """One that waits for commits, and that rolls back what a killed building left half written."""
        db = connect(self.path, "mode=rw", check_same_thread=False, isolation_level=None, timeout=_PATIENCE_S)
        for pragma in ("query_only = ON", "cache_size = -32768", "temp_store = MEMORY", "trusted_schema = OFF"):
            db.execute(f"PRAGMA {pragma}")
        return db

    def _identity(self) -> tuple[int, ...]:
        found = stat_of(self.path)
        return found.st_dev, found.st_ino


def _is_too_early(error: Exception) -> bool:
    """Whether the first commit is still to come, or one takes too long."""
    return is_busy(error) or "no such table" in str(error)
