"""Rows into records and records into rows: the only place that knows how a value is written in a column."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from functools import wraps
from typing import Any, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from forensics_app.errors import RecordDamagedError
from forensics_app.model.case import AuthorityOverride, Case, CaseId, CaseStatus, LegalBasis
from forensics_app.model.custody import YEARS, is_sha256_or_none, utc_text
from forensics_app.model.lab import Job, JobState, LabInfo
from forensics_app.model.person import Person, PersonId, Role

T = TypeVar("T")
Row = Mapping[Any, Any]
Values = dict[str, str | int | None]
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
            except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError) as error:
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


def moment(text: str) -> datetime:
    """A time as it is stored.

    Raises:
        ValueError: It is no time, has no offset, so that nobody can say when it was, or is at the edge of the calendar,
            where it is none in other zones.
    """
    at = datetime.fromisoformat(text)
    if at.utcoffset() is None:
        raise ValueError(f"the time {text!r} has no offset")
    if at.year not in YEARS:
        raise ValueError(f"the time {text!r} is of no year in which anything can have been")
    return at


def time_or_none(text: str | None) -> datetime | None:
    """A time as it is stored, if there is one."""
    return None if text is None else moment(text)


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def bytes_or_none(text: str | None) -> bytes | None:
    """Bytes out of hex digits, if there are any."""
    return None if text is None else bytes.fromhex(text)


def sha256_or_none(text: str) -> bytes | None:
    """A SHA-256 out of its 64 hexadecimal digits, none out of the empty text.

    Raises:
        ValueError: It is neither.
    """
    if not is_sha256_or_none(text):
        raise ValueError(f"{text!r} is no SHA-256")
    return bytes.fromhex(text) or None


@of_table("lab")
def lab_of(row: Row) -> LabInfo:
    """The lab."""
    return LabInfo(
        id=UUID(row["id"]),
        name=row["name"],
        address=row["address"],
        zone=ZoneInfo(row["zone"]).key,
        created_at=moment(row["created_at"]),
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
        enrolled_at=moment(row["enrolled_at"]),
        revoked_at=time_or_none(row["revoked_at"]),
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
    """A case; one whose legal basis or override cannot be read is there without it, and says so."""
    unread: list[str] = []

    def told(what: str, read: Callable[[Row], T]) -> T | None:
        try:
            return read(row)
        except (AttributeError, TypeError, ValueError) as error:
            unread.append(f"its {what}: {error}")
            return None

    return Case(
        id=CaseId(UUID(row["id"])),
        number=row["number"],
        title=row["title"],
        offence=row["offence"],
        requesting_authority=row["requesting_authority"],
        questions=row["questions"],
        legal_basis=told("legal basis", _basis_of),
        lead_examiner_id=PersonId(UUID(row["lead_examiner_id"])),
        supervisor_id=PersonId(UUID(row["supervisor_id"])),
        status=CaseStatus(row["status"]),
        opened_at=moment(row["opened_at"]),
        override=told("override of the authority", _override_of),
        unread=tuple(unread),
    )


def _basis_of(row: Row) -> LegalBasis | None:
    if row["basis_instrument"] is None:
        return None
    return LegalBasis(
        instrument=row["basis_instrument"],
        number=row["basis_number"],
        issuer=row["basis_issuer"],
        issued_on=date.fromisoformat(row["basis_issued_on"]),
        scope=row["basis_scope"],
        expires_on=_day(row["basis_expires_on"]),
    )


def _override_of(row: Row) -> AuthorityOverride | None:
    if row["override_until"] is None:
        return None
    return AuthorityOverride(
        reason=row["override_reason"], until=date.fromisoformat(row["override_until"]), by=row["override_by"]
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
        started_at=moment(row["started_at"]),
        ended_at=time_or_none(row["ended_at"]),
        message=row["message"],
    )


def time_text(at: datetime) -> str:
    """A time of our own records, in UTC to the microsecond."""
    return utc_text(at)
