"""Whether the timelines on this computer are such as the record tells of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from sqlalchemy import Connection, select

from chain_of_custody.errors import CustodyError
from chain_of_custody.ledger import Entry
from forensics_app.db.tables import CASE
from forensics_app.db.timeline_digest import timeline_digest
from forensics_app.model.image import OnProgress
from forensics_app.model.timeline import TimelineError
from forensics_app.services.catalogue_checks import FileChecks
from forensics_app.services.folder import LabFolder
from forensics_app.services.record_values import as_text, as_uuid

MADE = "timeline.make"
_START = f'{{"action":"{MADE}",'.encode()


def check_timelines(
    connection: Connection, folder: LabFolder, chains: Mapping[str, Sequence[Entry]], on_progress: OnProgress
) -> FileChecks:
    """Compare every timeline on this computer with the SHA-256 that was recorded when one of its case was made.

    Several computers may each have one, made of the catalogues of their time; each of them was recorded. One that is
    not there is made again and is no failure; one from before they were recorded is told.

    Args:
        connection: Of the record.
        folder: Where the timelines lie.
        chains: The entries of each case.
        on_progress: Events compared, events in all of the timeline that is read. What it raises stops it.
    """
    checks = FileChecks()
    for row in connection.execute(select(CASE.c.id, CASE.c.number).order_by(CASE.c.number)):
        chain, number = as_text(row.id), as_text(row.number)
        path = folder.timeline(as_uuid(row.id))
        if path.is_file():
            _compare(checks, path, chain, number, _recorded(chains.get(chain, ())), on_progress)
    return checks


def _compare(
    checks: FileChecks,
    path: Path,
    chain: str,
    number: str,
    recorded: Mapping[str, int],
    on_progress: OnProgress,
) -> None:
    if not recorded:
        words = (
            f"The timeline of {number} was made before timelines were recorded, and was not compared: make it again."
        )
        checks.notices.setdefault(chain, []).append(words)
        return
    checks.compared += 1
    try:
        digest, events = timeline_digest(path, on_progress)
    except TimelineError as error:
        checks.findings.append(f"The timeline of {number} cannot be used: {error}")
        return
    found = digest.hex()
    if found not in recorded:
        newest = list(recorded)[-1]
        checks.findings.append(
            f"The timeline of {number} is not one that was recorded: the SHA-256 of its {events:,} events is {found}, "
            f"recorded is {newest} of {recorded[newest]:,} events. It was changed: {path}."
        )


def _recorded(entries: Iterable[Entry]) -> dict[str, int]:
    """The SHA-256 of each timeline that entries tell of, newest last, with the number of its events."""
    found: dict[str, int] = {}
    for entry in entries:
        if not entry.body.startswith(_START):
            continue
        try:
            facts = entry.content.facts
        except CustodyError:
            continue
        events, sha256 = facts.get("events"), str(facts.get("timeline_sha256"))
        found.pop(sha256, None)
        found[sha256] = events if isinstance(events, int) else 0
    return found
