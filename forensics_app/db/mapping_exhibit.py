"""Rows of exhibits and their photographs, as values."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from forensics_app.db.mapping import Row, of_table, time_or_none
from forensics_app.model.case import CaseId
from forensics_app.model.exhibit import Exhibit, ExhibitId, ExhibitType, Photo, PhotoView, State
from forensics_app.model.person import PersonId


@of_table("exhibit")
def exhibit_of(row: Row) -> Exhibit:
    """An exhibit."""
    return Exhibit(
        id=ExhibitId(UUID(row["id"])),
        case_id=CaseId(UUID(row["case_id"])),
        number=row["number"],
        parent_id=ExhibitId(UUID(row["parent_id"])) if row["parent_id"] else None,
        root_id=ExhibitId(UUID(row["root_id"])),
        type=ExhibitType(row["type"]),
        description=row["description"],
        make=row["make"],
        model=row["model"],
        serial=row["serial"],
        condition=row["condition"],
        seal_number=row["seal_number"],
        seized_at=time_or_none(row["seized_at"]),
        seized_place=row["seized_place"],
        seized_by=row["seized_by"],
        seizure_witness=row["seizure_witness"],
        no_photo_reason=row["no_photo_reason"],
        state=State(row["state"]),
        state_since=datetime.fromisoformat(row["state_since"]),
        holder_id=PersonId(UUID(row["holder_id"])) if row["holder_id"] else None,
        holder=row["holder"],
        place=row["place"],
        expected_back=time_or_none(row["expected_back"]),
        integrity_failed=bool(row["integrity_failed"]),
        recorded_at=datetime.fromisoformat(row["recorded_at"]),
    )


@of_table("photo")
def photo_of(row: Row) -> Photo:
    """A photograph."""
    return Photo(
        id=UUID(row["id"]),
        exhibit_id=ExhibitId(UUID(row["exhibit_id"])),
        view=PhotoView(row["view"]),
        caption=row["caption"],
        taken_at=time_or_none(row["taken_at"]),
        author_id=PersonId(UUID(row["author_id"])),
        sha256=bytes.fromhex(row["sha256"]),
        size_bytes=row["size_bytes"],
        media_type=row["media_type"],
        recorded_at=datetime.fromisoformat(row["recorded_at"]),
    )
