"""Finding what waits for a supervisor: each function looks at one table of the record."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Table, literal, select, true
from sqlalchemy import Row as AnyRow

from chain_of_custody.column_values import is_sha256_or_none
from forensics_app.db.mapping_exhibit import exhibit_of
from forensics_app.db.rows import readable
from forensics_app.db.tables import (
    AUDIT_FINDING,
    CAPTURE,
    CASE,
    DECISION,
    DEVIATION,
    DISPOSAL,
    ENTRY,
    EXHIBIT,
    IMAGE,
    INCIDENT,
    LAB,
    PERSON,
    REPORT,
    REPORT_DRAFT,
    ROOM_AUDIT,
    SCENE,
    TRANSFER_OFFER,
)
from forensics_app.model.audit import INCIDENTS_TOO
from forensics_app.model.case import CaseId, CaseStatus
from forensics_app.model.custody import time_told
from forensics_app.model.desk import Matter, MatterKind
from forensics_app.model.disposal import DisposalState
from forensics_app.model.exhibit import NOT_RECEIVED, Exhibit, State
from forensics_app.model.image import Integrity
from forensics_app.model.lab import LabInfo
from forensics_app.model.offer import OfferState
from forensics_app.model.person import PersonId
from forensics_app.model.report_draft import DraftState
from forensics_app.model.scene import Gap
from forensics_app.model.tool import Tool, standing_of
from forensics_app.services.absences import CAN_BE_TAKEN_OVER
from forensics_app.services.draft_record import writers_of
from forensics_app.services.makers import makers_of
from forensics_app.services.unreadable import unread_rows, written_by


def integrity_failures(connection: Connection) -> Iterator[Matter]:
    """Images that wait for a decision (REQ-28)."""
    query = (
        select(
            IMAGE.c.id,
            IMAGE.c.case_id,
            IMAGE.c.exhibit_id,
            IMAGE.c.ended_at,
            EXHIBIT.c.number,
            CASE.c.number.label("case"),
        )
        .join(EXHIBIT, EXHIBIT.c.id == IMAGE.c.id)
        .join(CASE, CASE.c.id == IMAGE.c.case_id)
        .where(IMAGE.c.integrity == Integrity.FAILED.value)
    )
    for row in _readable(connection.execute(query), "ended_at"):
        yield Matter(
            kind=MatterKind.INTEGRITY,
            key=f"integrity:{row.id}",
            case_id=_case(row.case_id),
            case=row.case,
            what=f"{row.number} does not read as it is recorded.",
            since=datetime.fromisoformat(row.ended_at),
            about=row.id,
            actors=_actors(connection, row.case_id, "image.intake", row.exhibit_id),
        )


def open_incidents(connection: Connection) -> Iterator[Matter]:
    """Incidents that nobody has closed."""
    query = (
        select(INCIDENT, CASE.c.number.label("case"))
        .join(CASE, CASE.c.id == INCIDENT.c.case_id)
        .where(INCIDENT.c.decided_at.is_(None))
    )
    rows = _readable(connection.execute(query), "raised_at", "raised_by")
    makers = _makers(connection, INCIDENT, [(row.case_id, row.id, row.raised_at) for row in rows])
    for row in rows:
        yield Matter(
            kind=MatterKind.INCIDENT,
            key=f"incident:{row.id}",
            case_id=_case(row.case_id),
            case=row.case,
            what=row.what,
            since=datetime.fromisoformat(row.raised_at),
            about=row.exhibit_id,
            actors=makers.get(row.id, frozenset()) | {PersonId(UUID(row.raised_by))},
        )


def audit_findings(connection: Connection) -> Iterator[Matter]:
    """What audits of rooms found otherwise than recorded; a broken seal waits as an incident (REQ-22)."""
    query = (
        select(
            AUDIT_FINDING.c.id, AUDIT_FINDING.c.exhibit_id, AUDIT_FINDING.c.what, ROOM_AUDIT.c.place,
            ROOM_AUDIT.c.person_id, ROOM_AUDIT.c.recorded_at, LAB.c.name.label("lab"), PERSON.c.name.label("auditor"),
        )
        .join(ROOM_AUDIT, ROOM_AUDIT.c.id == AUDIT_FINDING.c.audit_id)
        .join(PERSON, PERSON.c.id == ROOM_AUDIT.c.person_id)
        .join(LAB, true())
        .where(AUDIT_FINDING.c.kind.not_in([kind.value for kind in INCIDENTS_TOO]))
    )  # fmt: skip
    for row in _readable(connection.execute(query), "recorded_at", "person_id"):
        yield Matter(
            kind=MatterKind.AUDIT,
            key=f"audit_finding:{row.id}",
            case_id=None,
            case=row.lab,
            what=f"{row.what} Audit of {row.place} by {row.auditor}.",
            since=datetime.fromisoformat(row.recorded_at),
            about=row.exhibit_id or "",
            actors=frozenset({PersonId(UUID(row.person_id))}),
        )


_NOT_BACK = "{number} is with {holder} and should be back."
_LATE = {
    State.IN_TRANSIT: "{number} is on its way with {holder} and should have arrived.",
    State.RETURN_IN: "{number} is on its way back from {holder} and should have arrived.",
    State.TRANSFERRED: "{number} was transferred to {holder} {age}, and no receipt for it is recorded.",
}


def late_exhibits(connection: Connection, now: datetime) -> Iterator[tuple[Exhibit, str, datetime]]:
    """Exhibits that should be back or have arrived, with the number of their case and when they were due (REQ-22)."""
    query = (
        select(EXHIBIT, CASE.c.number.label("case"))
        .join(CASE, CASE.c.id == EXHIBIT.c.case_id)
        .where(EXHIBIT.c.expected_back.is_not(None) | (EXHIBIT.c.state == State.TRANSFERRED.value))
    )
    for exhibit, case in readable(connection, query, lambda row: (exhibit_of(row), str(row["case"]))):
        if exhibit.due_at is not None and exhibit.due_at < now:
            yield exhibit, case, exhibit.due_at


def overdue(connection: Connection, now: datetime) -> Iterator[Matter]:
    """Exhibits that should be back or have arrived, and transfers without a receipt (REQ-22)."""
    for exhibit, case, due_at in late_exhibits(connection, now):
        days = (now - exhibit.state_since).days
        words = _LATE.get(exhibit.state, _NOT_BACK)
        age = "1 day ago" if days == 1 else f"{days:,} days ago" if days else "today"
        yield Matter(
            kind=MatterKind.OVERDUE,
            key=f"overdue:{exhibit.id}",
            case_id=exhibit.case_id,
            case=case,
            what=words.format(number=exhibit.number, holder=exhibit.holder, age=age),
            since=due_at,
            about=str(exhibit.id),
        )


def left_with_ended_keys(connection: Connection) -> Iterator[Matter]:
    """Exhibits in the hands of people who cannot sign any more, so that a supervisor has them taken over (REQ-18)."""
    query = (
        select(EXHIBIT.c.id, EXHIBIT.c.case_id, EXHIBIT.c.number, PERSON.c.name, PERSON.c.revoked_at)
        .add_columns(CASE.c.number.label("case"))
        .join(CASE, CASE.c.id == EXHIBIT.c.case_id)
        .join(PERSON, PERSON.c.id == EXHIBIT.c.holder_id)
        .where(PERSON.c.revoked_at.is_not(None), EXHIBIT.c.state.in_([one.value for one in CAN_BE_TAKEN_OVER]))
        .where(EXHIBIT.c.holder.not_like(f"%, {NOT_RECEIVED}"))
    )
    for row in _readable(connection.execute(query), "revoked_at"):
        ended = datetime.fromisoformat(row.revoked_at)
        yield Matter(
            kind=MatterKind.KEY_ENDED,
            key=f"key_ended:{row.id}",
            case_id=_case(row.case_id),
            case=row.case,
            what=f"{row.number} is in the hands of {row.name}, whose key ended on {ended:%Y-%m-%d at %H:%M} UTC and "
            "who cannot sign for it any more.",
            since=ended,
            about=row.id,
        )


def overdue_offers(connection: Connection, now: datetime) -> Iterator[Matter]:
    """Transfers that were offered and that nobody answered in time (REQ-22)."""
    query = (
        select(
            TRANSFER_OFFER.c.id, TRANSFER_OFFER.c.case_id, TRANSFER_OFFER.c.exhibit_id, TRANSFER_OFFER.c.due,
            TRANSFER_OFFER.c.giver_id, EXHIBIT.c.number, EXHIBIT.c.holder, CASE.c.number.label("case"),
            PERSON.c.name.label("receiver"),
        )
        .join(EXHIBIT, EXHIBIT.c.id == TRANSFER_OFFER.c.exhibit_id)
        .join(CASE, CASE.c.id == TRANSFER_OFFER.c.case_id)
        .join(PERSON, PERSON.c.id == TRANSFER_OFFER.c.receiver_id)
        .where(TRANSFER_OFFER.c.state == OfferState.OFFERED.value)
    )  # fmt: skip
    for row in _readable(connection.execute(query), "due", "giver_id"):
        due = datetime.fromisoformat(row.due)
        if due < now:
            yield Matter(
                kind=MatterKind.OVERDUE,
                key=f"offer:{row.id}",
                case_id=_case(row.case_id),
                case=row.case,
                what=f"{row.number} was offered to {row.receiver} and is still with {row.holder}: nobody answered.",
                since=due,
                about=row.exhibit_id,
                actors=frozenset({PersonId(UUID(row.giver_id))}),
            )


def disposals(connection: Connection) -> Iterator[Matter]:
    """Disposals that wait for a decision, or to be carried out (REQ-23)."""
    query = (
        select(DISPOSAL, EXHIBIT.c.number, CASE.c.number.label("case"), PERSON.c.name.label("proposer"))
        .join(EXHIBIT, EXHIBIT.c.id == DISPOSAL.c.exhibit_id)
        .join(CASE, CASE.c.id == DISPOSAL.c.case_id)
        .join(PERSON, PERSON.c.id == DISPOSAL.c.proposed_by)
        .where(DISPOSAL.c.state.in_([DisposalState.PROPOSED.value, DisposalState.APPROVED.value]))
    )
    for row in _readable(connection.execute(query), "proposed_at", "proposed_by"):
        way = row.way.replace("_", " ")
        yield Matter(
            kind=MatterKind.DISPOSAL,
            key=f"disposal:{row.id}",
            case_id=_case(row.case_id),
            case=row.case,
            what=f"{row.number} is {row.state} for disposal ({way}) by {row.method}, as {row.proposer} proposed.",
            since=time_told(row.decided_at) or datetime.fromisoformat(row.proposed_at),
            about=row.exhibit_id,
            actors=frozenset({PersonId(UUID(row.proposed_by))}),
        )


def deviations(connection: Connection) -> Iterator[Matter]:
    """Departures from the principles that somebody explained and nobody decided about.

    Whoever signed the step that departs did so, not only who explains it.
    """
    decided = select(DECISION.c.id).where(DECISION.c.matter == literal("deviation:") + DEVIATION.c.id).exists()
    query = (
        select(DEVIATION, CASE.c.number.label("case"), PERSON.c.name.label("author"))
        .join(CASE, CASE.c.id == DEVIATION.c.case_id)
        .join(PERSON, PERSON.c.id == DEVIATION.c.author_id)
        .where(~decided)
    )
    rows = _readable(connection.execute(query), "recorded_at", "author_id")
    makers = _makers(connection, DEVIATION, [(row.case_id, row.id, row.recorded_at) for row in rows])
    for row in rows:
        yield Matter(
            kind=MatterKind.DEVIATION,
            key=f"deviation:{row.id}",
            case_id=_case(row.case_id),
            case=row.case,
            what=f"{row.what.rstrip('. ')}. Reason given by {row.author}: {row.reason}",
            since=datetime.fromisoformat(row.recorded_at),
            actors=makers.get(row.id, frozenset()) | {PersonId(UUID(row.author_id))},
        )


def reports_in_review(connection: Connection) -> Iterator[Matter]:
    """Drafts of reports that wait to be approved or returned (REQ-64)."""
    query = (
        select(REPORT_DRAFT, CASE.c.number.label("case"), PERSON.c.name.label("author"))
        .join(CASE, CASE.c.id == REPORT_DRAFT.c.case_id)
        .join(PERSON, PERSON.c.id == REPORT_DRAFT.c.author_id)
        .where(REPORT_DRAFT.c.state == DraftState.IN_REVIEW.value)
    )
    for row in _readable(connection.execute(query), "submitted_at"):
        yield Matter(
            kind=MatterKind.REVIEW,
            key=f"review:{row.id}:{row.submitted_at}",
            case_id=_case(row.case_id),
            case=row.case,
            what=f"Draft {row.number} by {row.author}, {row.kind}: {row.title}",
            since=datetime.fromisoformat(row.submitted_at),
            about=row.id,
            actors=writers_of(connection, row.id),
        )


def reports(connection: Connection) -> Iterator[Matter]:
    """Reports that were issued before they were reviewed as drafts."""
    query = (
        select(REPORT, CASE.c.number.label("case"), PERSON.c.name.label("author"))
        .join(CASE, CASE.c.id == REPORT.c.case_id)
        .join(PERSON, PERSON.c.id == REPORT.c.author_id)
        .where(REPORT.c.draft_id.is_(None))
    )
    rows = _readable(connection.execute(query), "issued_at", "author_id")
    makers = _makers(connection, REPORT, [(row.case_id, row.id, row.issued_at) for row in rows])
    for row in rows:
        yield Matter(
            kind=MatterKind.REPORT,
            key=f"report:{row.id}",
            case_id=_case(row.case_id),
            case=row.case,
            what=f"Report {row.number} version {row.version} by {row.author}, SHA-256 {row.sha256[:16]} ...",
            since=datetime.fromisoformat(row.issued_at),
            about=row.id,
            actors=makers.get(row.id, frozenset()) | {PersonId(UUID(row.author_id))},
        )


def unvalidated_tools(connection: Connection, register: tuple[Tool, ...], zone: str) -> Iterator[Matter]:
    """Tools that images of open cases were taken in with, or captures made, and that were not validated (REQ-34).

    All who used one of them so did what the matter is about, not only the first.
    """
    open_cases = select(CASE.c.id, CASE.c.number).where(CASE.c.status != CaseStatus.CLOSED.value)
    numbers = {row.id: row.number for row in connection.execute(open_cases)}
    found: dict[str, Matter] = {}
    for case_id, name, version, sha256, at, actors in sorted(_uses(connection), key=lambda use: use[4]):
        key = f"tool:{case_id}:{name} {version}:{sha256}"
        standing = standing_of(register, name, version, bytes.fromhex(sha256) or None, _day(at, zone))
        if case_id not in numbers or standing.is_validated:
            continue
        first = found.get(key) or Matter(
            kind=MatterKind.TOOL,
            key=key,
            case_id=_case(case_id),
            case=numbers[case_id],
            what=f"{name} {version} was used: {standing.words}.",
            since=at,
        )
        found[key] = replace(first, actors=first.actors | actors)
    yield from found.values()


def unreadable(connection: Connection, lab: LabInfo, now: datetime) -> Iterator[Matter]:
    """What the record holds and the program cannot read, which only another program can have signed."""
    numbers = {row.id: row.number for row in connection.execute(select(CASE.c.id, CASE.c.number))}
    for one in unread_rows(connection):
        entry = written_by(connection, one)
        by = "No entry wrote it so." if entry is None else f"Entry {entry.sequence} wrote it so: {entry.signed}."
        yield Matter(
            kind=MatterKind.UNREADABLE,
            key=f"unreadable:{one.table}:{one.row_id}",
            case_id=_case(one.chain) if one.chain in numbers else None,
            case=numbers.get(one.chain, lab.name),
            what=f"{one.what} {by}",
            since=now if entry is None else entry.at,
            about=one.row_id,
            actors=frozenset() if entry is None else entry.people,
        )


def unexplained(case_id: CaseId, case: str, since: datetime, gaps: Iterable[Gap]) -> Iterator[Matter]:
    """Departures from a principle that nobody has explained."""
    for gap in gaps:
        yield Matter(
            kind=MatterKind.GAP, key=f"gap:{case_id}:{gap.key}", case_id=case_id, case=case, what=gap.what, since=since
        )


_Use = tuple[str, str, str, str, datetime, frozenset[PersonId]]
"""Case, name, version, SHA-256 in hex or nothing, when, and who."""


def _uses(connection: Connection) -> Iterator[_Use]:
    images = select(IMAGE.c.case_id, IMAGE.c.tool, IMAGE.c.ended_at, IMAGE.c.exhibit_id)
    for row in _readable(connection.execute(images), "ended_at"):
        name, _, version = row.tool.rpartition(" ")
        actors = _actors(connection, row.case_id, "image.intake", row.exhibit_id)
        yield row.case_id, name or row.tool, version if name else "", "", datetime.fromisoformat(row.ended_at), actors
    captures = select(CAPTURE, SCENE.c.case_id).join(SCENE, SCENE.c.id == CAPTURE.c.scene_id)
    for row in _readable(connection.execute(captures), "ended_at", "person_id"):
        if not is_sha256_or_none(row.tool_sha256):
            continue
        at, who = datetime.fromisoformat(row.ended_at), frozenset({PersonId(UUID(row.person_id))})
        yield row.case_id, row.tool, row.tool_version, row.tool_sha256, at, who


def _actors(connection: Connection, chain: str, action: str, object_id: str) -> frozenset[PersonId]:
    query = select(ENTRY.c.actor_id).where(
        ENTRY.c.chain == chain, ENTRY.c.action == action, ENTRY.c.object_id == object_id
    )
    return frozenset(PersonId(UUID(actor)) for actor in connection.scalars(query))


def _readable(rows: Iterable[AnyRow[Any]], time: str, *ids: str) -> list[AnyRow[Any]]:
    """The rows of which a time and ids can be read; the others are matters of their own, see :func:`unreadable`."""
    read = [row for row in rows if time_told(getattr(row, time)) is not None]
    return [row for row in read if all(_is_id(getattr(row, name)) for name in ("case_id", *ids) if name in row._fields)]


def _is_id(value: object) -> bool:
    try:
        return bool(UUID(str(value)))
    except ValueError:
        return False


def _makers(
    connection: Connection, table: Table, born: Iterable[tuple[str, str, str]]
) -> dict[str, frozenset[PersonId]]:
    """Who made rows, by their id; ``born`` is case, id and time of each."""
    by_case: dict[str, list[tuple[str, str]]] = {}
    for case, row, at in born:
        by_case.setdefault(case, []).append((row, at))
    return {row: who for case, rows in by_case.items() for row, who in makers_of(connection, table, case, rows).items()}


def _case(text: str) -> CaseId:
    return CaseId(UUID(text))


def _day(at: datetime, zone: str) -> date:
    return at.astimezone(ZoneInfo(zone)).date()
