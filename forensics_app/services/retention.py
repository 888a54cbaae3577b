"""Retention periods of cases, kept in their chains with their history (REQ-70)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, func, select

from chain_of_custody.keeping_rules import SET
from chain_of_custody.ledger import Content, Json, Subject
from forensics_app.db.engine import Database
from forensics_app.db.ledger import entries_about
from forensics_app.db.mapping import case_of
from forensics_app.db.rows import readable
from forensics_app.db.tables import CASE, LEGAL_HOLD
from forensics_app.errors import RefusedError
from forensics_app.model.case import Case, CaseId
from forensics_app.model.desk import Matter, MatterKind
from forensics_app.model.lab import LabInfo
from forensics_app.model.person import Role, SignedIn
from forensics_app.model.retention import Erasable, ErasureState, Retention, RetentionLine
from forensics_app.services.cases import case_with
from forensics_app.services.erased import ERASURES_ID, erasures_of
from forensics_app.services.permissions import require
from forensics_app.services.record import Writer, case_chain

RETENTION_ID = "case-retention"
"""Id of the object of these entries: by it they are found."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Retentions:
    """Use cases about how long cases are kept. Nothing is ever erased by itself when a period is over."""

    db: Database
    lab: LabInfo
    now: Callable[[], datetime]

    def set(self, actor: SignedIn, case_id: CaseId, keep_until: date, basis: str) -> Retention:
        """Say until when a case is kept; an earlier word of it stays in the chain.

        Args:
            actor: An administrator or a supervisor.
            case_id: The case.
            keep_until: The last day on which it has to be kept, in the lab's zone.
            basis: The rule or order that says so.

        Raises:
            PermissionRefusedError: The actor is neither.
            RefusedError: No basis is given, or this is what holds already.
        """
        require(actor, "set how long a case is kept", Role.ADMINISTRATOR, Role.SUPERVISOR)
        if not basis.strip():
            raise RefusedError("A retention period needs the rule or the order that it follows from.")
        with self.db.writing() as connection:
            case = case_with(connection, case_id)
            before = _newest(connection).get(case_id)
            if before is not None and (before.keep_until, before.basis) == (keep_until, basis.strip()):
                raise RefusedError(f"{case.number} is kept until {keep_until} for this reason already.")
            facts: dict[str, Json] = {
                "keep_until": keep_until.isoformat(),
                "basis": basis.strip(),
                "before": None if before is None else before.keep_until.isoformat(),
            }
            subject = Subject(kind="retention", id=RETENTION_ID, label=case.number)
            Writer(connection, self.now()).append(case_chain(case), SET, subject, facts, [("actor", actor)])
            return _newest(connection)[case_id]

    def of(self, case_id: CaseId) -> Retention | None:
        """Until when a case is kept; None until somebody says so."""
        with self.db.reading() as connection:
            return _newest(connection).get(case_id)

    def all(self) -> tuple[RetentionLine, ...]:
        """Every case with a period, the first to end first."""
        today = self.now().astimezone(ZoneInfo(self.lab.zone)).date()
        with self.db.reading() as connection:
            return lines_of(connection, today)

    def without(self) -> tuple[Case, ...]:
        """The cases of which nobody has said how long they are kept."""
        with self.db.reading() as connection:
            known = _newest(connection)
            return tuple(case for case in readable(connection, select(CASE), case_of) if case.id not in known)


def lines_of(connection: Connection, today: date) -> tuple[RetentionLine, ...]:
    """Every case with a period, as it stands on a day in the lab's zone."""
    newest = _newest(connection)
    if not newest:
        return ()
    cases = {case.id: case for case in readable(connection, select(CASE), case_of)}
    in_force = LEGAL_HOLD.c.lifted_at.is_(None)
    held = select(LEGAL_HOLD.c.case_id, func.count()).where(in_force).group_by(LEGAL_HOLD.c.case_id)
    holds = {CaseId(UUID(case_id)): count for case_id, count in connection.execute(held)}
    erased: dict[CaseId, frozenset[Erasable]] = {}
    for erasure in erasures_of(entries_about(connection, [ERASURES_ID])):
        if erasure.state is ErasureState.CARRIED_OUT:
            erased[erasure.case_id] = erased.get(erasure.case_id, frozenset()) | erasure.what
    lines = (
        RetentionLine(
            case=cases[case_id].number,
            title=cases[case_id].title,
            retention=retention,
            is_over=retention.keep_until < today,
            holds=holds.get(case_id, 0),
            erased=erased.get(case_id, frozenset()),
        )
        for case_id, retention in newest.items()
        if case_id in cases
    )
    return tuple(sorted(lines, key=lambda line: (line.retention.keep_until, line.case)))


def retention_matters(connection: Connection, now: datetime, zone: str) -> Iterator[Matter]:
    """Cases whose period is over while something of them is kept, and erasures that wait."""
    lines = lines_of(connection, now.astimezone(ZoneInfo(zone)).date())
    numbers = {line.retention.case_id: line.case for line in lines}
    waiting = [one for one in erasures_of(entries_about(connection, [ERASURES_ID])) if one.is_waiting]
    for one in waiting:
        what = ", ".join(kind.value for kind in Erasable if kind in one.what)
        yield Matter(
            kind=MatterKind.RETENTION,
            key=f"erasure:{one.id}",
            case_id=one.case_id,
            case=numbers.get(one.case_id, ""),
            what=f"The erasure of {what} that {one.proposed_by} proposed is {one.state}: {one.reason}",
            since=one.proposed_at,
            actors=frozenset({one.proposer_id}),
        )
    for line in lines:
        if line.is_due and line.retention.case_id not in {one.case_id for one in waiting}:
            ended = datetime.combine(line.retention.keep_until, time.max, ZoneInfo(zone))
            yield Matter(
                kind=MatterKind.RETENTION,
                key=f"retention:{line.retention.case_id}:{line.retention.keep_until}",
                case_id=line.retention.case_id,
                case=line.case,
                what=f"{line.case} had to be kept until {line.retention.keep_until} ({line.retention.basis}).",
                since=ended.astimezone(UTC),
            )


def _newest(connection: Connection) -> dict[CaseId, Retention]:
    set_by = [entry.content for entry in entries_about(connection, [RETENTION_ID]) if entry.content.action == SET]
    return {one.case_id: one for one in map(_retention, set_by) if one}


def unread_period(content: Content) -> str:
    """Words where an entry sets a period whose end is no day, so that the one before goes on to count; else empty."""
    if content.action != SET or _retention(content) is not None:
        return ""
    return "until when the case is kept cannot be read as a day"


def _retention(content: Content) -> Retention | None:
    """The period that an entry sets; None where its end cannot be read."""
    try:
        keep_until = date.fromisoformat(str(content.facts.get("keep_until")))
    except ValueError:
        return None
    return Retention(
        case_id=CaseId(UUID(content.chain)),
        keep_until=keep_until,
        basis=str(content.facts.get("basis")),
        set_by=content.actor.name,
        set_at=content.recorded_at,
    )
