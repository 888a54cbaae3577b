"""The files that were chosen for a report."""

from __future__ import annotations

from datetime import datetime
from uuid import uuid4

from sqlalchemy import Connection, select

from forensics_app.db.mapping import Values, json_text, time_text
from forensics_app.db.mapping_report import chosen_file_of
from forensics_app.db.rows import records
from forensics_app.db.tables import CHOSEN_FILE
from forensics_app.model.case import CaseId
from forensics_app.model.catalogue import CatalogueEntry
from forensics_app.model.finding import ChosenFile
from forensics_app.model.image import EvidenceImage
from forensics_app.model.names import storable


def chosen_files(connection: Connection, case_id: CaseId, *, withdrawn: bool = False) -> tuple[ChosenFile, ...]:
    """The files chosen in a case, in the order in which they were chosen; ``withdrawn`` adds those taken back."""
    query = (
        select(CHOSEN_FILE)
        .where(CHOSEN_FILE.c.case_id == str(case_id))
        .order_by(CHOSEN_FILE.c.chosen_at, CHOSEN_FILE.c.id)
    )
    if not withdrawn:
        query = query.where(CHOSEN_FILE.c.withdrawn_at.is_(None))
    return records(connection, query, chosen_file_of)


def state_words(entry: CatalogueEntry) -> str:
    """How an entry stands: allocated, deleted, deleted and reallocated, orphan."""
    if entry.allocated:
        return "allocated"
    if entry.orphan:
        return "orphan"
    return "deleted, reallocated" if entry.realloc else "deleted"


def chosen_values(image: EvidenceImage, entry: CatalogueEntry, note: str, now: datetime) -> Values:
    """The row of a file that is chosen now."""
    return {
        "id": str(uuid4()),
        "case_id": str(image.case_id),
        "image_id": str(image.id),
        "volume_id": entry.volume_id,
        "entry_id": entry.id,
        "path": storable(entry.path),
        "address": entry.address,
        "size_bytes": entry.size_bytes,
        "state": state_words(entry),
        "times": json_text(
            {name: [stamp.ns, stamp.source, stamp.basis, stamp.resolution_ns] for name, stamp in entry.times.items()}
        ),
        "md5": entry.md5.hex() if entry.md5 else None,
        "sha256": entry.sha256.hex() if entry.sha256 else None,
        "mime": entry.mime,
        "note": note.strip(),
        "chosen_at": time_text(now),
        "withdrawn_at": None,
    }
