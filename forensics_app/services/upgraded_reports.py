"""The files of issued reports that were upgraded, as the entries of the case chains name them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Connection, select

from forensics_app.db.ledger import entry_of
from forensics_app.db.tables import ENTRY

UPGRADE = "report.upgrade"


@dataclass(frozen=True, slots=True, kw_only=True)
class UpgradedFile:
    """One upgraded file: of which case and report, how far it was brought, and its SHA-256."""

    case_id: UUID
    report_id: str
    number: str
    level: str
    sha256: bytes


def upgraded_files(connection: Connection) -> Iterator[UpgradedFile]:
    """Every upgraded file of the lab, oldest first within each case."""
    rows = connection.execute(
        select(ENTRY.c.body, ENTRY.c.signatures)
        .where(ENTRY.c.action == UPGRADE)
        .order_by(ENTRY.c.chain, ENTRY.c.sequence)
    )
    for row in rows:
        content = entry_of(row.body, row.signatures).content
        yield UpgradedFile(
            case_id=UUID(content.chain),
            report_id=content.object.id,
            number=content.object.label,
            level=str(content.facts["level"]),
            sha256=bytes.fromhex(str(content.facts["sha256"])),
        )
