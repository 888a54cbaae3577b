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
from forensics_app.services.folder import LabFolder
from forensics_app.services.record_values import as_text, as_uuid

_START = b'{"action":"image.catalogue",'
_COLUMN = "catalogue_sha256"


@dataclass(slots=True)
class CatalogueChecks:
    """What was found about catalogues.

    Attributes:
        findings: Sentences: a catalogue does not hold what was recorded of it.
        notices: Sentences by case, as its id is written: one is not there or cannot be compared, which is no failure.
        compared: How many were compared.
    """

    findings: list[str] = field(default_factory=list)
    notices: dict[str, list[str]] = field(default_factory=dict)
    compared: int = 0


def check_catalogues(connection: Connection, folder: LabFolder, case_id: UUID | None = None) -> CatalogueChecks:
    """Compare the content of every catalogue on this computer with the SHA-256 that was recorded when it was built.

    A catalogue is derived, and lies on the computer that built it: that it is missing is told and is no failure. With
    ``case_id`` only those of that case are compared.
    """
    checks = CatalogueChecks()
    query = select(IMAGE.c.id, IMAGE.c.case_id, IMAGE.c.catalogue_sha256, EXHIBIT.c.number)
    if case_id is not None:
        query = query.where(IMAGE.c.case_id == str(case_id))
    for row in connection.execute(query.join(EXHIBIT, EXHIBIT.c.id == IMAGE.c.id).order_by(EXHIBIT.c.number)):
        path = folder.catalogue(as_uuid(row.case_id), as_uuid(row.id))
        name, recorded = as_text(row.number), row.catalogue_sha256
        try:
            _compare(checks, path, name, None if recorded is None else as_text(recorded))
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


def _compare(checks: CatalogueChecks, path: Path, number: str, recorded: str | None) -> None:
    found = content_digest(path).hex()
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
