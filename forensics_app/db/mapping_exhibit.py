"""Rows of exhibits and their photographs, as values."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from forensics_app.db.mapping import Row, moment, of_table, time_or_none
from forensics_app.model.case import CaseId
from forensics_app.model.exhibit import Exhibit, ExhibitId, ExhibitType, Photo, PhotoView, State
from forensics_app.model.person import PersonId


class _Told:
    """A row of which some values may be what the program never wrote: they are left open, and said."""

    def __init__(self, row: Row) -> None:
        self._row = row
        self.unread: dict[str, str] = {}

    def time(self, name: str) -> datetime | None:
        """The time in a column; None where there is none or what stands there is none."""
        try:
            return time_or_none(self._row[name])
        except (TypeError, ValueError):
            self.unread[name] = f"{name} is {self._row[name]!r}, which is no time with its offset"
            return None

    def type(self) -> ExhibitType:
        """The type; another one where what stands there is none."""
        try:
            return ExhibitType(self._row["type"])
        except ValueError:
            self.unread["type"] = f"type is {self._row['type']!r}, which is none of the types"
            return ExhibitType.OTHER


@of_table("exhibit")
def exhibit_of(row: Row) -> Exhibit:
    """An exhibit; one whose type or times cannot be read is there all the same, and says so.

    Raises:
        RecordDamagedError: Something else of it cannot be read, such as its state.
    """
    told = _Told(row)
    since, recorded_at = told.time("state_since"), told.time("recorded_at")
    known = since or recorded_at
    if known is None:
        raise ValueError("neither when it was recorded nor since when it is in its state is a time")
    kind, seized_at, expected_back = told.type(), told.time("seized_at"), told.time("expected_back")
    return Exhibit(
        id=ExhibitId(UUID(row["id"])),
        case_id=CaseId(UUID(row["case_id"])),
        number=row["number"],
        parent_id=ExhibitId(UUID(row["parent_id"])) if row["parent_id"] else None,
        root_id=ExhibitId(UUID(row["root_id"])),
        type=kind,
        description=row["description"],
        make=row["make"],
        model=row["model"],
        serial=row["serial"],
        condition=row["condition"],
        seal_number=row["seal_number"],
        seized_at=seized_at,
        seized_place=row["seized_place"],
        seized_by=row["seized_by"],
        seizure_witness=row["seizure_witness"],
        no_photo_reason=row["no_photo_reason"],
        state=State(row["state"]),
        state_since=since or known,
        holder_id=PersonId(UUID(row["holder_id"])) if row["holder_id"] else None,
        holder=row["holder"],
        place=row["place"],
        expected_back=expected_back,
        integrity_failed=bool(row["integrity_failed"]),
        recorded_at=recorded_at or known,
        unread=tuple(told.unread.values()),
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
        recorded_at=moment(row["recorded_at"]),
    )
