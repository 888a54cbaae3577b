"""Rows of files chosen and exported and of reports, as values."""

from __future__ import annotations

import json
from pathlib import Path
from uuid import UUID

from forensics_app.db.mapping import Row, bytes_or_none, moment, of_table, time_or_none
from forensics_app.model.case import CaseId
from forensics_app.model.catalogue import Stamp
from forensics_app.model.finding import ChosenFile, FileExport
from forensics_app.model.image import (
    ImageId,
)
from forensics_app.model.person import PersonId
from forensics_app.model.report import DraftId, IssuedReport, ReportId, ReportKind


@of_table("chosen_file")
def chosen_file_of(row: Row) -> ChosenFile:
    """A file chosen for the report."""
    return ChosenFile(
        id=UUID(row["id"]),
        case_id=CaseId(UUID(row["case_id"])),
        image_id=ImageId(UUID(row["image_id"])),
        volume_id=row["volume_id"],
        entry_id=row["entry_id"],
        path=row["path"],
        address=row["address"],
        size_bytes=row["size_bytes"],
        state=row["state"],
        times={
            name: Stamp(ns=ns, source=source, basis=basis, resolution_ns=resolution_ns)
            for name, (ns, source, basis, resolution_ns) in json.loads(row["times"]).items()
        },
        md5=bytes_or_none(row["md5"]),
        sha256=bytes_or_none(row["sha256"]),
        mime=row["mime"],
        note=row["note"],
        chosen_at=moment(row["chosen_at"]),
        withdrawn_at=time_or_none(row["withdrawn_at"]),
    )


@of_table("file_export")
def export_of(row: Row) -> FileExport:
    """A file copied out of an image."""
    return FileExport(
        id=UUID(row["id"]),
        image_id=ImageId(UUID(row["image_id"])),
        volume_id=row["volume_id"],
        path=row["path"],
        address=row["address"],
        target=Path(row["target"]),
        size_bytes=row["size_bytes"],
        sha256=bytes.fromhex(row["sha256"]),
        exported_at=moment(row["exported_at"]),
    )


@of_table("report")
def report_of(row: Row) -> IssuedReport:
    """An issued report."""
    return IssuedReport(
        id=ReportId(UUID(row["id"])),
        case_id=CaseId(UUID(row["case_id"])),
        number=row["number"],
        version=row["version"],
        title=row["title"],
        zone=row["zone"],
        author_id=PersonId(UUID(row["author_id"])),
        sha256=bytes.fromhex(row["sha256"]),
        size_bytes=row["size_bytes"],
        pages=row["pages"],
        ledger_head=row["ledger_head"],
        issued_at=moment(row["issued_at"]),
        kind=ReportKind(row["kind"] or ReportKind.EXAMINATION),
        draft_id=None if row["draft_id"] is None else DraftId(UUID(row["draft_id"])),
        authoriser_id=None if row["authoriser_id"] is None else PersonId(UUID(row["authoriser_id"])),
        replaces_id=None if row["replaces_id"] is None else ReportId(UUID(row["replaces_id"])),
    )
