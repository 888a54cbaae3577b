"""Writes a catalogue in one pass: memory does not grow with the image, and a half-written one is never found.

It is built under another name, where it can be read as far as it is committed and taken up again after a kill, and
appears under its own when it is complete and on the disk.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path

from forensics_app.db.catalogue_building import COMMIT_EVERY_S, BuildingFile
from forensics_app.db.catalogue_digest import digest_of
from forensics_app.db.catalogue_file import CONTENT_SHA256, building_name, publish
from forensics_app.db.catalogue_insert import Batch
from forensics_app.db.catalogue_schema import INDICES_PAY_FROM, LATE_INDICES
from forensics_app.db.catalogue_seal import Seals
from forensics_app.db.filelock import held
from forensics_app.db.sqlite import SQLITE_ERRORS
from forensics_app.model.catalogue import (
    CatalogueBusyError,
    CatalogueChangedError,
    CatalogueHeader,
    CatalogueSummary,
    CatalogueWriteError,
    Volume,
)
from forensics_app.model.image import OnProgress


def write_catalogue(path: Path, batches: Iterable[Batch], header: CatalogueHeader) -> CatalogueSummary:
    """Write everything that ``batches`` gives to a new catalogue.

    One that was there before is replaced when it is complete. What ``batches`` raises passes through, and nothing is
    left behind.

    Args:
        path: The catalogue, in a folder that exists.
        batches: Volumes before their rows, a parent before its children; a volume that comes again replaces the first.
        header: Goes to the table ``meta``.

    Returns:
        How much there was.

    Raises:
        CatalogueBusyError: Another program builds it.
        CatalogueWriteError: No room, no permission, or rows that are none.
    """
    with building_catalogue(path, header, resume=False) as building:
        building.take(batches)
        building.index()
        return building.publish()


@contextmanager
def building_catalogue(
    path: Path,
    header: CatalogueHeader,
    parameters: Mapping[str, str] | None = None,
    *,
    resume: bool = True,
    seals: Seals | None = None,
    commit_every_s: float = COMMIT_EVERY_S,
) -> Iterator[CatalogueBuilding]:
    """A catalogue to be taken, finished and published within the block.

    Where the block ends without that, the catalogue that was there before stays.

    Args:
        path: The catalogue, in a folder that exists.
        header: Goes to the table ``meta``.
        parameters: What else decides what an examination finds, beside what the header says.
        resume: Whether an unfinished one of the same header (but for its date) and parameters is gone on with, and
            what was committed is left for that when the block is left by an exception.
        seals: What an unfinished one has to agree with to be gone on with; without, it is believed.
        commit_every_s: How often what was taken is committed.

    Raises:
        CatalogueBusyError: Another program builds it.
        CatalogueWriteError: It cannot be written.
    """
    with ExitStack() as stack:
        with _writing(path):
            try:
                stack.enter_context(held(path.with_name(f"{path.name}.building.lock")))
            except BlockingIOError as error:
                raise CatalogueBusyError(f"The catalogue {path} is being built by another program.") from error
        building = CatalogueBuilding(
            path, header, parameters or {}, resume=resume, seals=seals, commit_every_s=commit_every_s
        )
        stack.callback(building.leave)
        yield building


class CatalogueBuilding:
    """One attempt to build a catalogue; made by :func:`building_catalogue`."""

    def __init__(
        self,
        path: Path,
        header: CatalogueHeader,
        parameters: Mapping[str, str],
        *,
        resume: bool,
        seals: Seals | None,
        commit_every_s: float,
    ) -> None:
        """Begin, or go on."""
        self._seals = seals
        self._path, self._header, self._parameters = path, header, parameters
        self._resume, self._every_s, self._is_published = resume, commit_every_s, False
        self._open(resume=resume)

    @property
    def done_batches(self) -> int:
        """How many batches of rows are in it: the examination has to yield what comes after them."""
        return self._file.inserter.batches

    @property
    def entries(self) -> int:
        """How many entries are in it."""
        return self._file.inserter.entries

    @property
    def summary(self) -> CatalogueSummary:
        """How much is in it."""
        return self._file.summary

    @property
    def why_refused(self) -> str:
        """Why an unfinished one that could have been gone on with was not; empty where that is not so."""
        return self._file.why_refused

    @property
    def left_out(self) -> str:
        """What :meth:`leave_out` was told last; empty before."""
        return self._file.left_out

    def leave_out(self, text: str) -> None:
        """Keep, with what is taken from now on, what the examination leaves out: to be told to one that goes on."""
        self._file.left_out = text

    def volumes(self) -> tuple[Volume, ...]:
        """All volumes taken, each after the one it lies in."""
        with _writing(self._path):
            return self._file.volumes()

    @property
    def is_walked(self) -> bool:
        """Whether the examination came to its end, so that nothing is to be taken any more."""
        return self._file.is_walked

    def begin_anew(self) -> None:
        """Throw away what there is."""
        with _writing(self._path):
            self._file.remove()
        self._open(resume=False)

    def take(self, batches: Iterable[Batch]) -> None:
        """Take everything that an examination yields after what is there. What ``batches`` raises passes through.

        Raises:
            CatalogueChangedError: The first row is not the one that comes next.
            CatalogueWriteError: No room, or rows that are none.
        """
        file = self._file
        inserter, follows = file.inserter, file.last_id
        for batch in batches:
            rows = batch if isinstance(batch, tuple) else ()
            with _writing(self._path):
                if rows and follows and rows[0][0] != follows + 1:
                    raise CatalogueChangedError(f"The catalogue {self._path} does not go on with entry {follows + 1}.")
                inserter.take(batch)
                if rows:
                    walked = [row[0] for row in rows if row[1] == rows[0][1]]  # those in archives have ids of their own
                    follows, file.last_id = 0, walked[-1]
                    file.commit_sometimes(self._every_s)
        with _writing(self._path):
            inserter.tell_unread()
        file.is_walked = True

    def index(self, on_progress: OnProgress = lambda done, total: None) -> None:
        """Make the indices of a large catalogue; what was taken is committed before, and each of them when it is made.

        Args:
            on_progress: Called now and then with the number of entries and 0. What it raises passes through.

        Raises:
            CatalogueWriteError: It cannot be written.
        """
        if self.entries < INDICES_PAY_FROM:
            return
        with _writing(self._path):
            self._file.commit()
            for statement in LATE_INDICES:
                with self._busy(on_progress) as db:
                    db.execute(statement)
                self._file.commit()

    def content_digest(self, on_progress: OnProgress = lambda done, total: None) -> bytes:
        """See :func:`~forensics_app.db.catalogue_digest.content_digest`; ``on_progress`` as for :meth:`index`.

        The catalogue keeps it, so that its opening shows which one it is.
        """
        with _writing(self._path):
            with self._busy(on_progress) as db:
                digest = digest_of(db)
            self._file.put({CONTENT_SHA256: digest.hex()})
        return digest

    def publish(self) -> CatalogueSummary:
        """Bring it to the disk and give it its name.

        Raises:
            CatalogueWriteError: It cannot be written.
        """
        with _writing(self._path):
            summary = self._file.summary
            self._file.complete()
            publish(building_name(self._path), self._path)
            self._is_published = True
        return summary

    def leave(self) -> None:
        """Close the file; delete it, too, unless it has its name now or can be gone on with."""
        if self._is_published:
            return
        if self._resume and self._file.is_kept:
            self._file.close()
        else:
            self._file.remove()

    def _busy(self, on_progress: OnProgress) -> AbstractContextManager[sqlite3.Connection]:
        entries = self.entries
        return self._file.busy(lambda: on_progress(entries, 0))

    def _open(self, *, resume: bool) -> None:
        with _writing(self._path):
            self._file = BuildingFile(
                building_name(self._path), self._header, self._parameters, self._seals, resume=resume
            )


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    try:
        yield
    except (*SQLITE_ERRORS, OSError) as error:
        raise CatalogueWriteError(f"The catalogue {path} cannot be written: {error}.") from error
    except (TypeError, ValueError) as error:
        raise CatalogueWriteError(f"The reader gave an entry that is none: {error}.") from error
