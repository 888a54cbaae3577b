"""Whether the catalogues on this computer are those that the record tells of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

from sqlalchemy import Connection, select

from chain_of_custody.errors import CustodyError
from chain_of_custody.ledger import Entry
from forensics_app.db.catalogue import content_digest
from forensics_app.db.tables import EXHIBIT, IMAGE
from forensics_app.model.catalogue import (
    CatalogueError,
    CatalogueMissingError,
    CatalogueNewerError,
    CatalogueOlderError,
    CatalogueUnfinishedError,
)
from forensics_app.model.image import OnProgress
from forensics_app.services.folder import LabFolder
from forensics_app.services.record_values import as_text, as_uuid

_START = b'{"action":"image.catalogue",'
_COLUMN = "catalogue_sha256"


@dataclass(slots=True)
class FileChecks:
    """What was found about catalogues, or about timelines.

    Attributes:
        findings: Sentences: a file does not hold what was recorded of it.
        notices: Sentences by case, as its id is written: one is not there or cannot be compared, which is no failure.
        compared: How many were compared.
    """

    findings: list[str] = field(default_factory=list)
    notices: dict[str, list[str]] = field(default_factory=dict)
    compared: int = 0


@dataclass(slots=True)
class Digested:
    """The digests of the catalogues that one act has read, so that it reads each of them once.

    One whose file was written since is read again.
    """

    _known: dict[Path, tuple[tuple[int, ...], bytes]] = field(default_factory=dict)

    def sha256(self, path: Path, on_progress: OnProgress) -> bytes:
        """See :func:`~forensics_app.db.catalogue_digest.content_digest`."""
        file = path.stat() if path.is_file() else None
        stands = (file.st_ino, file.st_size, file.st_mtime_ns, file.st_ctime_ns) if file else ()
        known = self._known.get(path)
        if known is not None and known[0] == stands:
            return known[1]
        found = content_digest(path, on_progress)
        self._known[path] = stands, found
        return found


def catalogued_entries(connection: Connection, case_id: UUID | None = None) -> int:
    """How many entries the catalogues hold by the record, which says how long it takes to compare them."""
    query = select(IMAGE.c.catalogue_entries).where(IMAGE.c.catalogue_entries.is_not(None))
    if case_id is not None:
        query = query.where(IMAGE.c.case_id == str(case_id))
    return sum(one for one in connection.scalars(query) if isinstance(one, int))


def check_catalogues(
    connection: Connection,
    folder: LabFolder,
    case_id: UUID | None = None,
    *,
    digested: Digested | None = None,
    on_progress: OnProgress = lambda done, total: None,
) -> FileChecks:
    """Compare the content of every catalogue on this computer with the SHA-256 that was recorded when it was built.

    A catalogue is derived, and lies on the computer that built it: that it is missing is told and is no failure.

    Args:
        connection: Of the record.
        folder: Where the catalogues lie.
        case_id: Only those of this case; None for all of the lab.
        digested: What the same act has read already.
        on_progress: Entries compared, entries in all. What it raises stops it.
    """
    checks, digested = FileChecks(), digested or Digested()
    total, done = catalogued_entries(connection, case_id), 0
    columns = (IMAGE.c.id, IMAGE.c.case_id, IMAGE.c.catalogue_sha256, IMAGE.c.catalogue_entries, EXHIBIT.c.number)
    query = select(*columns)
    if case_id is not None:
        query = query.where(IMAGE.c.case_id == str(case_id))
    query = query.join(EXHIBIT, EXHIBIT.c.id == IMAGE.c.id).order_by(EXHIBIT.c.number)
    for row in connection.execute(query).all():
        path = folder.catalogue(as_uuid(row.case_id), as_uuid(row.id))
        name, recorded = as_text(row.number), row.catalogue_sha256
        entries = row.catalogue_entries if isinstance(row.catalogue_entries, int) else 0

        def tell(part: int, of: int, before: int = done, entries: int = entries) -> None:
            on_progress(before + entries * part // max(of, 1), total)

        done += entries
        try:
            found = digested.sha256(path, tell).hex()
            _compare(checks, path, name, found, None if recorded is None else as_text(recorded))
        except (CatalogueMissingError, CatalogueUnfinishedError):
            if recorded is not None:
                words = f"The catalogue of {name} is not on this computer and was not compared; it can be built again."
                checks.notices.setdefault(as_text(row.case_id), []).append(words)
        except (CatalogueNewerError, CatalogueOlderError) as error:
            words = f"The catalogue of {name} was not compared with the record: {error}"
            checks.notices.setdefault(as_text(row.case_id), []).append(words)
        except CatalogueError as error:
            checks.compared += 1
            checks.findings.append(f"The catalogue of {name} cannot be used: {error}")
    return checks


def _compare(checks: FileChecks, path: Path, number: str, found: str, recorded: str | None) -> None:
    checks.compared += 1
    if recorded is None:
        checks.findings.append(f"There is a catalogue of {number} that no entry tells of: {path}.")
    elif found != recorded:
        checks.findings.append(
            f"The catalogue of {number} is not the one that was recorded: the SHA-256 of its content is {found}, "
            f"recorded is {recorded}. It was changed, or built without an entry: {path}."
        )


def rebuilt_words(entries: Iterable[Entry]) -> Iterator[str]:
    """Say which entries of a chain record that a catalogue was built again and holds something else than before."""
    newest: dict[str, int] = {}
    for entry in entries:
        if not entry.body.startswith(_START):
            continue
        try:
            content = entry.content
        except CustodyError:
            continue
        for change in content.changes:
            if change.table != IMAGE.name or _COLUMN not in change.set:
                continue
            if (before := newest.get(change.id)) is not None:
                yield (
                    f"Entry {content.sequence}: the catalogue of {content.facts.get('image')} was built again and "
                    f"holds something else than the one that entry {before} recorded."
                )
            newest[change.id] = content.sequence
