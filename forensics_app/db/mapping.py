"""Rows into records and records into rows: the only place that knows how a value is written in a column."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from forensics_app.errors import RecordDamagedError
from forensics_app.model.case import AuthorityOverride, Case, CaseId, CaseStatus, LegalBasis
from forensics_app.model.catalogue import Stamp
from forensics_app.model.custody import utc_text
from forensics_app.model.exhibit import Exhibit, ExhibitId, ExhibitType, Photo, PhotoView, State
from forensics_app.model.finding import ChosenFile, FileExport
from forensics_app.model.image import (
    EvidenceImage,
    ImageCheck,
    ImageDescription,
    ImageId,
    Integrity,
    Problem,
    Region,
    WriteBlocker,
)
from forensics_app.model.lab import Job, JobState, LabInfo
from forensics_app.model.person import Person, PersonId, Role
from forensics_app.model.report import IssuedReport, ReportId

T = TypeVar("T")
Row = Mapping[Any, Any]
Values = dict[str, str | int | None]
ALGORITHMS = ("md5", "sha1", "sha256")
SHA256_BYTES = 32
BASIS_COLUMNS = (
    "basis_instrument",
    "basis_number",
    "basis_issuer",
    "basis_issued_on",
    "basis_scope",
    "basis_expires_on",
)


def of_table(table: str) -> Callable[[Callable[[Row], T]], Callable[[Row], T]]:
    """Let a reader of rows say which row it is that cannot be read; only somebody else can have written it."""

    def wrapped(read: Callable[[Row], T]) -> Callable[[Row], T]:
        @wraps(read)
        def checked(row: Row) -> T:
            try:
                return read(row)
            except (AttributeError, KeyError, TypeError, ValueError) as error:
                raise RecordDamagedError(
                    f"The row {row['id']!s} of {table} holds what the program never wrote: {error}."
                ) from error

        return checked

    return wrapped


def told_text(at: datetime | None) -> str | None:
    """A time as a person told it, with its own offset (REQ-13).

    Raises:
        ValueError: The time has no zone.
    """
    if at is None:
        return None
    if at.tzinfo is None:
        raise ValueError(f"naive datetime {at!r}")
    return at.isoformat()


def json_text(value: object) -> str:
    """Compact JSON with sorted keys."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _time(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def _bytes(text: str | None) -> bytes | None:
    return None if text is None else bytes.fromhex(text)


def regions_text(regions: Iterable[Region]) -> str:
    """Stretches of the media as ``[[offset, length], ...]`` in bytes."""
    return json_text(_pairs(regions))


def _pairs(regions: Iterable[Region]) -> list[list[int]]:
    return [[region.offset_bytes, region.length_bytes] for region in regions]


def regions_of(text: str) -> tuple[Region, ...]:
    """The inverse of :func:`regions_text`."""
    return tuple(Region(offset_bytes=offset, length_bytes=length) for offset, length in json.loads(text))


def parts_of(text: str) -> tuple[bytes, ...]:
    """SHA-256 of parts out of their hex digits, one after the other.

    Raises:
        ValueError: They are no whole digests.
    """
    raw = bytes.fromhex(text)
    if len(raw) % SHA256_BYTES:
        raise ValueError("digests of parts are cut off")
    return tuple(raw[at : at + SHA256_BYTES] for at in range(0, len(raw), SHA256_BYTES))


def digests_text(digests: Mapping[str, bytes]) -> str:
    """Digests by algorithm as JSON, hex."""
    return json_text({name: value.hex() for name, value in digests.items()})


@of_table("lab")
def lab_of(row: Row) -> LabInfo:
    """The lab."""
    return LabInfo(
        id=UUID(row["id"]),
        name=row["name"],
        address=row["address"],
        zone=ZoneInfo(row["zone"]).key,
        created_at=datetime.fromisoformat(row["created_at"]),
    )


def roles_text(roles: Iterable[Role]) -> str:
    """Roles, comma-separated, in the order of :class:`Role`."""
    return ",".join(role.value for role in Role if role in frozenset(roles))


@of_table("person")
def person_of(row: Row) -> Person:
    """A person."""
    return Person(
        id=PersonId(UUID(row["id"])),
        name=row["name"],
        function=row["function"],
        organisation=row["organisation"],
        id_number=row["id_number"],
        roles=frozenset(Role(role) for role in row["roles"].split(",") if role),
        key_id=row["key_id"],
        public_key=bytes.fromhex(row["public_key"]),
        enrolled_at=datetime.fromisoformat(row["enrolled_at"]),
        revoked_at=_time(row["revoked_at"]),
    )


def basis_values(basis: LegalBasis | None) -> Values:
    """The columns of a case's legal basis."""
    if basis is None:
        return dict.fromkeys(BASIS_COLUMNS)
    return {
        "basis_instrument": basis.instrument,
        "basis_number": basis.number,
        "basis_issuer": basis.issuer,
        "basis_issued_on": basis.issued_on.isoformat(),
        "basis_scope": basis.scope,
        "basis_expires_on": None if basis.expires_on is None else basis.expires_on.isoformat(),
    }


@of_table("case_file")
def case_of(row: Row) -> Case:
    """A case."""
    basis = None
    if row["basis_instrument"] is not None:
        basis = LegalBasis(
            instrument=row["basis_instrument"],
            number=row["basis_number"],
            issuer=row["basis_issuer"],
            issued_on=date.fromisoformat(row["basis_issued_on"]),
            scope=row["basis_scope"],
            expires_on=_day(row["basis_expires_on"]),
        )
    return Case(
        id=CaseId(UUID(row["id"])),
        number=row["number"],
        title=row["title"],
        offence=row["offence"],
        requesting_authority=row["requesting_authority"],
        questions=row["questions"],
        legal_basis=basis,
        lead_examiner_id=PersonId(UUID(row["lead_examiner_id"])),
        supervisor_id=PersonId(UUID(row["supervisor_id"])),
        status=CaseStatus(row["status"]),
        opened_at=datetime.fromisoformat(row["opened_at"]),
        override=_override_of(row),
    )


def _override_of(row: Row) -> AuthorityOverride | None:
    if row["override_until"] is None:
        return None
    return AuthorityOverride(
        reason=row["override_reason"], until=date.fromisoformat(row["override_until"]), by=row["override_by"]
    )


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
        seized_at=_time(row["seized_at"]),
        seized_place=row["seized_place"],
        seized_by=row["seized_by"],
        seizure_witness=row["seizure_witness"],
        no_photo_reason=row["no_photo_reason"],
        state=State(row["state"]),
        state_since=datetime.fromisoformat(row["state_since"]),
        holder_id=PersonId(UUID(row["holder_id"])) if row["holder_id"] else None,
        holder=row["holder"],
        place=row["place"],
        expected_back=_time(row["expected_back"]),
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
        taken_at=_time(row["taken_at"]),
        author_id=PersonId(UUID(row["author_id"])),
        sha256=bytes.fromhex(row["sha256"]),
        size_bytes=row["size_bytes"],
        media_type=row["media_type"],
        recorded_at=datetime.fromisoformat(row["recorded_at"]),
    )


def problems_text(problems: Iterable[Problem]) -> str:
    """What was found wrong with a container, as JSON; what a problem is about follows only where it is named."""
    return json_text(
        [
            [problem.what, problem.where, problem.offset_bytes, int(problem.is_damage)]
            + ([problem.about, _pairs(problem.regions)] if problem.about else [])
            for problem in problems
        ]
    )


def _problem_of(
    what: str,
    where: str,
    offset_bytes: int | None,
    is_damage: int,
    about: str = "",
    regions: Iterable[tuple[int, int]] = (),
) -> Problem:
    return Problem(
        what=what,
        where=where,
        offset_bytes=offset_bytes,
        is_damage=bool(is_damage),
        about=about,
        regions=tuple(Region(offset_bytes=start, length_bytes=length) for start, length in regions),
    )


@of_table("image")
def image_of(row: Row) -> EvidenceImage:
    """An image, with the number of its derived exhibit in ``number``."""
    source = ImageDescription(
        paths=tuple(Path(path) for path in json.loads(row["paths"])),
        container=row["container"],
        media_bytes=row["media_bytes"],
        container_bytes=row["container_bytes"],
        sector_bytes=row["sector_bytes"],
        metadata=json.loads(row["metadata"]),
        stored_digests={name: bytes.fromhex(value) for name, value in json.loads(row["stored_digests"]).items()},
        problems=tuple(_problem_of(*problem) for problem in json.loads(row["problems"])),
    )
    return EvidenceImage(
        id=ImageId(UUID(row["id"])),
        case_id=CaseId(UUID(row["case_id"])),
        exhibit_id=ExhibitId(UUID(row["exhibit_id"])),
        number=row["number"],
        source=source,
        digests={name: bytes.fromhex(row[name]) for name in ALGORITHMS},
        unreadable=regions_of(row["unreadable"]),
        integrity=Integrity(row["integrity"]),
        write_blocker=WriteBlocker(device=row["write_blocker"], reason_for_none=row["no_write_blocker_reason"]),
        started_at=datetime.fromisoformat(row["started_at"]),
        ended_at=datetime.fromisoformat(row["ended_at"]),
        tool=row["tool"],
        decision=row["decision"],
        catalogue_sha256=_bytes(row["catalogue_sha256"]),
        catalogue_entries=row["catalogue_entries"],
    )


@of_table("image_check")
def check_of(row: Row) -> ImageCheck:
    """One reading of an image."""
    return ImageCheck(
        id=UUID(row["id"]),
        image_id=ImageId(UUID(row["image_id"])),
        started_at=datetime.fromisoformat(row["started_at"]),
        ended_at=datetime.fromisoformat(row["ended_at"]),
        digests={name: bytes.fromhex(row[name]) for name in ALGORITHMS if row[name]},
        unreadable=regions_of(row["unreadable"]),
        agrees=bool(row["agrees"]),
        what=row["what"],
        part_bytes=row["part_bytes"],
        parts=parts_of(row["parts"] or ""),
        differing=regions_of(row["differing"] or "[]"),
    )


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
        md5=_bytes(row["md5"]),
        sha256=_bytes(row["sha256"]),
        mime=row["mime"],
        note=row["note"],
        chosen_at=datetime.fromisoformat(row["chosen_at"]),
        withdrawn_at=_time(row["withdrawn_at"]),
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
        exported_at=datetime.fromisoformat(row["exported_at"]),
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
        issued_at=datetime.fromisoformat(row["issued_at"]),
    )


@of_table("job")
def job_of(row: Row) -> Job:
    """A long operation."""
    return Job(
        id=UUID(row["id"]),
        kind=row["kind"],
        subject=row["subject"],
        case_id=UUID(row["case_id"]) if row["case_id"] else None,
        parameters=json.loads(row["parameters"]),
        state=JobState(row["state"]),
        host=row["host"],
        started_at=datetime.fromisoformat(row["started_at"]),
        ended_at=_time(row["ended_at"]),
        message=row["message"],
    )


def time_text(at: datetime) -> str:
    """A time of our own records, in UTC to the microsecond."""
    return utc_text(at)
