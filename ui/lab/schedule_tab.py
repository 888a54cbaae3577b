"""What is to be verified again and when, what came out last, and verifying what is due now (REQ-29)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from PySide6.QtCore import QCoreApplication

from forensics_app.model.person import Role
from forensics_app.model.schedule import DueKind
from ui import text
from ui.announce import announce
from ui.jobs import JobCard
from ui.lab.interval_sheet import IntervalSheet
from ui.lab.register_tab import RegisterTab
from ui.models.cells import Cell, Column, Kind
from ui.recording import record
from ui.tones import Tone
from ui.widgets.buttons import Button, allow
from ui.widgets.notes import Note

if TYPE_CHECKING:
    from collections.abc import Sequence

    from forensics_app.bootstrap import Lab
    from forensics_app.model.person import SignedIn
    from forensics_app.model.schedule import Due, DueChecked
    from ui.page import PageContext

_SET = frozenset({Role.SUPERVISOR, Role.ADMINISTRATOR})
_CHECK = frozenset({Role.EXAMINER, Role.EXHIBITS_OFFICER, Role.SUPERVISOR})


@dataclass(frozen=True, slots=True, kw_only=True)
class DueRow:
    """Something that is verified every ``days`` days, as it stands at ``read_at``."""

    due: Due
    days: int
    read_at: datetime

    @property
    def is_due(self) -> bool:
        """Whether it has to be verified by now."""
        return self.due.due_at <= self.read_at


class ScheduleTab(RegisterTab[DueRow]):
    """The chains and every image, the first due first."""

    def __init__(self, context: PageContext) -> None:
        """Show nothing yet."""
        now = Button(_tr("Check what is due now"), name="checkDue", icon="hash")
        self._interval = Button(_tr("Set the interval…"), name="setInterval")
        self._said = Note(Tone.NONE, "", name="scheduleNote")
        super().__init__(
            context, name="schedule", title=_tr("Verified again"),
            columns=_columns(ZoneInfo(context.session.lab.info.zone)),
            key=lambda row: (row.due.kind, row.due.image_id), read=read_schedule,
            hint=_tr("Type to filter: image, case, state"), acts=(now, self._interval),
            empty=_tr("Nothing is ever due. Set after how many days the chains and every image are verified again."),
            note=self._said,
        )  # fmt: skip
        self._running = False
        self._said.hide()
        now.clicked.connect(lambda: self.reading.afterwards(self._check))
        self._interval.clicked.connect(lambda: self.reading.afterwards(self._ask_interval))

    def show_acts(self) -> None:
        """Who may take images in checks them; supervisors and administrators set the interval."""
        roles = self.context.session.actor.person.roles
        due = [row.due for row in self.records if row.is_due]
        images = any(one.kind is DueKind.IMAGE for one in due)
        who = self.tr("Images are checked by examiners, exhibits officers and supervisors.")
        why_not = who if images and not roles & _CHECK else ""
        running = self.tr("It runs already; see the jobs.") if self._running else ""
        allow(self.add_button, running or why_not or ("" if due else self.tr("Nothing is due.")))
        allow(self._interval, "" if roles & _SET else self.tr("Supervisors and administrators set the interval."))
        days = self._days()
        every = text.plural(days, self.tr("Every day…"), self.tr("Every {n} days…")) if days else ""
        self._interval.set_text(every or self.tr("Set the interval…"))

    def _days(self) -> int | None:
        return self.records[0].days if self.records else None

    def _ask_interval(self) -> None:
        def work(lab: Lab, actor: SignedIn, days: int) -> int:
            lab.schedule.set_interval(actor, days)
            return days

        sheet = IntervalSheet(
            self, self._days(), title=self.tr("How often everything is verified again"),
            subtitle=self.tr("The chains and every image that was taken in"),
            counted=self.tr("From 1 to 3650, counted from when each was last verified."), example=90, name="interval",
            actor=self.context.session.actor.person,
        )  # fmt: skip
        record(self.context, sheet, work, lambda _: None)

    def _check(self) -> None:
        session = self.context.session
        lab, actor = session.lab, session.actor
        if self._running or not any(row.is_due for row in self.records):
            return
        self._running = True
        self.show_acts()
        card = JobCard(
            title=self.tr("Check what is due"), icon="hash", unit=self.tr("thousandths"), needs_key=True,
            if_stopped=self.tr("What was verified before is recorded. The rest stays due."),
        )  # fmt: skip
        self.context.jobs.start(
            self, lambda on_progress: lab.due_checks.run(actor, on_progress=on_progress), done=self._done,
            failed=self._failed, cancelled=lambda: self._end(Tone.LATE, card.if_stopped), card=card,
            warning=lambda found: "" if all(one.agrees for one in found) else said_of(found)[1],
        )  # fmt: skip

    def _done(self, found: Sequence[DueChecked]) -> None:
        tone, words = said_of(found)
        self._end(tone, words)
        announce(self, words, urgent=tone is not Tone.OK)

    def _failed(self, error: Exception) -> None:
        self._end(Tone.BAD, self.tr("It was not finished. What was verified before is recorded; the rest stays due."))
        self.context.show_error(self.tr("Check what is due"), error)

    def _end(self, tone: Tone, words: str) -> None:
        self._running = False
        self._said.say(tone, words)
        self._said.show()
        self.context.session.tell_record_changed()


def read_schedule(lab: Lab) -> tuple[DueRow, ...]:
    """What is verified again, the first due first; nothing where no interval is set."""
    days, now = lab.schedule.interval_days(), lab.schedule.now()
    return tuple(DueRow(due=one, days=days, read_at=now) for one in lab.schedule.all()) if days else ()


def said_of(found: Sequence[DueChecked]) -> tuple[Tone, str]:
    """What came out of a run: how many agree, and each that does not by name."""
    agreed = sum(one.agrees is True for one in found)
    words = [text.plural(agreed, _tr("1 was verified and agrees."), _tr("{n} were verified and agree."))]
    words += [
        (_tr("{what} differs: {why}.") if one.agrees is False else _tr("{what} could not be verified: {why}.")).format(
            what=_name_of(one.due), why=one.what.rstrip(".")
        )
        for one in found
        if not one.agrees
    ]
    differs = any(one.agrees is False for one in found)
    return (Tone.BAD if differs else Tone.OK if agreed == len(found) else Tone.WARN), "\n".join(words)


def _name_of(due: Due) -> str:
    return due.subject if due.kind is DueKind.IMAGE else _tr("Every chain")


def _columns(zone: ZoneInfo) -> tuple[Column[DueRow], ...]:
    def what(row: DueRow) -> Cell:
        is_image = row.due.kind is DueKind.IMAGE
        under = row.due.case if is_image else _tr("of the lab and of all cases")
        return Cell(_name_of(row.due), Kind.TWO, under, "hash" if is_image else "link")

    def due(row: DueRow) -> Cell:
        day = row.due.due_at.astimezone(zone).date()
        words = _tr("Due since {day}") if row.is_due else _tr("Due {day}")
        return Cell(words.format(day=day), Kind.BADGE, tone=Tone.LATE if row.is_due else Tone.NONE)

    def last(row: DueRow) -> Cell:
        if not row.due.checks:
            return Cell(_tr("never"), Kind.MUTED)
        return Cell(text.time_text(row.due.last_at, zone, to_minute=True), Kind.TIME)

    def found(row: DueRow) -> Cell:
        tone, words = {
            None: (Tone.WARN, _tr("Never verified")),
            True: (Tone.OK, _tr("Agreed")),
            False: (Tone.BAD, _tr("Differed")),
        }[row.due.last_agreed]
        return Cell(words, Kind.BADGE, tone=tone)

    return (
        Column(key="what", title=_tr("What"), cell=what, width_px=170, stretch=True),
        Column(key="due", title=_tr("Due"), cell=due, width_px=188, sort_key=lambda row: row.due.due_at.timestamp()),
        Column(
            key="last", title=_tr("Last verified ({zone})").format(zone=zone.key), cell=last, width_px=180,
            narrow_px=136, sort_key=lambda row: row.due.last_at.timestamp() if row.due.checks else 0.0,
        ),
        Column(key="found", title=_tr("Then"), cell=found, width_px=124),
        Column(
            key="checks", title=_tr("Times"), width_px=64, sort_key=lambda row: row.due.checks,
            cell=lambda row: Cell(text.count_text(row.due.checks)),
        ),
    )  # fmt: skip


def _tr(words: str) -> str:
    return QCoreApplication.translate("Schedule", words)
