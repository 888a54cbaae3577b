"""Scheduled verification: how often, what is due, and what came out of it (REQ-29)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, func, select

from chain_of_custody.ledger import Json, Subject
from forensics_app.db.engine import Database
from forensics_app.db.ledger import entries_about
from forensics_app.db.tables import CASE, EXHIBIT, IMAGE, IMAGE_CHECK
from forensics_app.errors import RefusedError
from forensics_app.model.case import CaseId
from forensics_app.model.image import ImageId
from forensics_app.model.lab import LabInfo
from forensics_app.model.person import Role, SignedIn
from forensics_app.model.schedule import Due, DueKind, Verified
from forensics_app.services.permissions import require
from forensics_app.services.record import Writer, lab_chain

SCHEDULE_ID = "verification-schedule"
"""Id of the object of these entries: by it they are found."""
SET = "schedule.set"
LONGEST_DAYS = 3650


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """Use cases about verifying again. The interval is a setting of the lab, kept in the lab chain with its history."""

    db: Database
    lab: LabInfo
    now: Callable[[], datetime]

    def interval_days(self) -> int | None:
        """After how many days everything is to be verified again; None until somebody says so."""
        with self.db.reading() as connection:
            return self._interval(connection)

    def set_interval(self, actor: SignedIn, days: int) -> None:
        """Say after how many days chains and stored images are to be verified again.

        Args:
            actor: An administrator or a supervisor.
            days: From 1 to 3650.

        Raises:
            PermissionRefusedError: The actor is neither.
            RefusedError: The number is none of these, or the one that holds.
        """
        require(actor, "set how often everything is verified", Role.ADMINISTRATOR, Role.SUPERVISOR)
        if not 1 <= days <= LONGEST_DAYS:
            raise RefusedError(f"The interval is from 1 to {LONGEST_DAYS} days, not {days}.")
        with self.db.writing() as connection:
            before = self._interval(connection)
            if before == days:
                raise RefusedError(
                    f"Everything is verified again after {days} days already.",
                    then="Write another number of days, or cancel.",
                )
            facts: dict[str, Json] = {"interval_days": days, "before": before}
            subject = Subject(kind="schedule", id=SCHEDULE_ID, label=self.lab.name)
            Writer(connection, self.now()).append(lab_chain(self.lab), SET, subject, facts, [("actor", actor)])

    def due(self, at: datetime | None = None) -> tuple[Due, ...]:
        """What has to be verified again by now, or by ``at``; the latest first. Nothing where no interval is set."""
        by = at or self.now()
        return tuple(one for one in self.all() if one.due_at <= by)

    def all(self) -> tuple[Due, ...]:
        """The chains and every image that was taken in, with when each is due; the first due first."""
        with self.db.reading() as connection:
            days = self._interval(connection)
            if days is None:
                return ()
            interval = timedelta(days=days)
            found = [self._chains(connection, interval), *_images(connection, interval)]
        return tuple(sorted(found, key=lambda one: (one.due_at, one.kind, one.subject)))

    def verifications(self) -> tuple[Verified, ...]:
        """Every verification of the chains that somebody signed for, oldest first."""
        with self.db.reading() as connection:
            return self._verifications(connection)

    def _interval(self, connection: Connection) -> int | None:
        entries = [entry for entry in entries_about(connection, [SCHEDULE_ID]) if entry.content.action == SET]
        days = entries[-1].content.facts.get("interval_days") if entries else None
        return days if isinstance(days, int) else None

    def _verifications(self, connection: Connection) -> tuple[Verified, ...]:
        contents = (entry.content for entry in entries_about(connection, [str(self.lab.id)]))
        return tuple(
            Verified(
                at=content.recorded_at,
                by=content.actor.name,
                ok=content.facts.get("ok") is True,
                chains=_number(content.facts.get("chains")),
                entries=_number(content.facts.get("entries")),
                finding_count=_number(content.facts.get("finding_count")),
            )
            for content in contents
            if content.action == "lab.verify"
        )

    def _chains(self, connection: Connection, interval: timedelta) -> Due:
        verified = self._verifications(connection)
        last_at = verified[-1].at if verified else self.lab.created_at
        return Due(
            kind=DueKind.CHAINS,
            subject=self.lab.name,
            case_id=None,
            case="",
            image_id=None,
            last_at=last_at,
            last_agreed=verified[-1].ok if verified else None,
            due_at=last_at + interval,
            checks=len(verified),
        )


def _images(connection: Connection, interval: timedelta) -> list[Due]:
    """The images with their newest checks; the intake is the first check of each."""
    newest = (
        select(IMAGE_CHECK.c.image_id, func.max(IMAGE_CHECK.c.ended_at).label("ended_at"), func.count().label("checks"))
        .group_by(IMAGE_CHECK.c.image_id)
        .subquery()
    )
    query = (
        select(
            IMAGE.c.id, IMAGE.c.case_id, EXHIBIT.c.number, CASE.c.number.label("case"), newest.c.ended_at,
            newest.c.checks, func.min(IMAGE_CHECK.c.agrees).label("agrees"),
        )
        .join(EXHIBIT, EXHIBIT.c.id == IMAGE.c.id)
        .join(CASE, CASE.c.id == IMAGE.c.case_id)
        .join(newest, newest.c.image_id == IMAGE.c.id)
        .join(IMAGE_CHECK, (IMAGE_CHECK.c.image_id == IMAGE.c.id) & (IMAGE_CHECK.c.ended_at == newest.c.ended_at))
        .group_by(
            IMAGE.c.id, IMAGE.c.case_id, EXHIBIT.c.number, CASE.c.number, newest.c.ended_at, newest.c.checks
        )
    )  # fmt: skip
    return [_image(row, interval) for row in connection.execute(query).mappings()]


def _image(row: Any, interval: timedelta) -> Due:
    last_at = datetime.fromisoformat(row["ended_at"])
    return Due(
        kind=DueKind.IMAGE,
        subject=row["number"],
        case_id=CaseId(UUID(row["case_id"])),
        case=row["case"],
        image_id=ImageId(UUID(row["id"])),
        last_at=last_at,
        last_agreed=bool(row["agrees"]),
        due_at=last_at + interval,
        checks=row["checks"],
    )


def _number(value: Json) -> int:
    return value if isinstance(value, int) else 0
