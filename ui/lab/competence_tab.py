"""The register of competence: who was trained in what, until when (REQ-37)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from PySide6.QtCore import QCoreApplication

from forensics_app.model.person import Role
from ui.days import is_soon
from ui.lab.register_tab import RegisterTab
from ui.lab.training_sheet import TrainingSheet
from ui.models.cells import Cell, Column, Kind
from ui.page import utc_now
from ui.recording import record, signed_as
from ui.tones import Tone
from ui.widgets.buttons import Button, allow
from ui.widgets.form_sheet import ReasonSheet

if TYPE_CHECKING:
    from forensics_app.bootstrap import Lab
    from forensics_app.model.competence import NewTraining, Training
    from forensics_app.model.person import Person, SignedIn
    from ui.page import PageContext

KEEPERS = frozenset({Role.SUPERVISOR, Role.ADMINISTRATOR})


@dataclass(frozen=True, slots=True, kw_only=True)
class CompetenceRow:
    """A training, or an examiner of whom the register holds none; ``today`` is the day in the lab's zone."""

    person: Person
    training: Training | None
    today: date


class CompetenceTab(RegisterTab[CompetenceRow]):
    """Trainings with their expiry; examiners without one are listed, too."""

    def __init__(self, context: PageContext, *, now: Callable[[], datetime] = utc_now) -> None:
        """Show nothing yet; ``now`` tells what has expired."""
        add = Button(_tr("Record a training…"), name="recordTraining", icon="plus")
        self._withdraw = Button(_tr("Withdraw…"), name="withdrawTraining", kind="danger")
        super().__init__(
            context, name="competence", title=_tr("Competence"), columns=_columns(),
            key=lambda row: row.training.id if row.training else row.person.id,
            read=lambda lab: read_competence(lab, now()), hint=_tr("Type to filter: person, subject, state"),
            acts=(add, self._withdraw),
            empty=_tr("No examiner is enrolled yet, and no training is recorded."),
        )  # fmt: skip
        add.clicked.connect(lambda: self.reading.afterwards(self._add))
        self._withdraw.clicked.connect(lambda: self.act_upon_chosen(self._ask_withdraw))

    def show_acts(self) -> None:
        """Supervisors and administrators keep the register."""
        keeps = bool(self.context.session.actor.person.roles & KEEPERS)
        why_not = "" if keeps else self.tr("Supervisors and administrators keep this register.")
        allow(self.add_button, why_not)
        row = self.chosen()
        none = "" if row and row.training and not row.training.withdrawn_reason else self.tr("Choose a training.")
        allow(self._withdraw, why_not or none)

    def _add(self) -> None:
        row = self.chosen()
        people = list({one.person.id: one.person for one in self.records}.values())
        everybody = [one for one in people if one.revoked_at is None]
        actor = self.context.session.actor.person
        sheet = TrainingSheet(self, people=everybody, chosen=row.person if row else None, actor=actor)

        def work(lab: Lab, signer: SignedIn, new: NewTraining) -> Training:
            return lab.competence.record(signer, new)

        record(self.context, sheet, work, self._wanted)

    def _ask_withdraw(self, row: CompetenceRow) -> None:
        training = row.training
        if training is None:
            return
        sheet = ReasonSheet(
            self, title=self.tr("Withdraw a training of {name}").format(name=row.person.name), subtitle=training.words,
            sentences=(self.tr("It counts no more. It stays in the record, with the reason."),),
            act=self.tr("Sign and withdraw"), name="withdrawTrainingSheet",
            signed_as=signed_as(self.context.session.actor.person),
        )  # fmt: skip

        def work(lab: Lab, signer: SignedIn, reason: str) -> Training:
            return lab.competence.withdraw(signer, training.id, reason)

        record(self.context, sheet, work, self._wanted)

    def _wanted(self, training: Training) -> None:
        self.table.select_key(training.id)


def read_competence(lab: Lab, now: datetime) -> tuple[CompetenceRow, ...]:
    """Everybody with a key in force, by name, each with their trainings, the one that ends last first."""
    today = now.astimezone(ZoneInfo(lab.info.zone)).date()
    trainings, rows = lab.competence.list(), []
    for person in sorted(lab.people.list(), key=lambda one: one.name.casefold()):
        mine = [one for one in trainings if one.person_id == person.id]
        mine.sort(key=lambda one: (not one.withdrawn_reason, one.expires_on or date.max), reverse=True)
        rows += [CompetenceRow(person=person, training=one, today=today) for one in mine]
        if not mine and person.revoked_at is None:
            rows.append(CompetenceRow(person=person, training=None, today=today))
    return tuple(rows)


def expiry_mark(row: CompetenceRow) -> tuple[Tone, str]:
    """Whether a training counts, and until when."""
    training = row.training
    if training is None:
        needed = Role.EXAMINER in row.person.roles
        return (Tone.WARN if needed else Tone.NONE), _tr("None recorded")
    if training.withdrawn_reason:
        return Tone.NONE, _tr("Withdrawn")
    if training.expires_on is None:
        return Tone.OK, _tr("In force, no end")
    if training.expires_on < row.today:
        return Tone.BAD, _tr("Expired {day}").format(day=training.expires_on)
    if is_soon(training.expires_on, row.today):
        return Tone.LATE, _tr("Expires {day}").format(day=training.expires_on)
    return Tone.OK, _tr("Until {day}").format(day=training.expires_on)


def _columns() -> tuple[Column[CompetenceRow], ...]:
    def state(row: CompetenceRow) -> Cell:
        tone, words = expiry_mark(row)
        return Cell(words, Kind.BADGE, tone=tone)

    def subject(row: CompetenceRow) -> Cell:
        training = row.training
        if training is None:
            return Cell("")
        return Cell(training.subject, Kind.TWO, training.withdrawn_reason or training.provider)

    def document(row: CompetenceRow) -> Cell:
        training = row.training
        if training is None:
            return Cell("")
        shown = training.document or _tr("no certificate seen")
        return Cell(str(training.achieved_on), Kind.TWO, shown)

    return (
        Column(
            key="person", title=_tr("Person"), width_px=220,
            cell=lambda row: Cell(row.person.name, Kind.TWO, row.person.function, "person"),
        ),
        Column(key="subject", title=_tr("Trained in"), cell=subject, width_px=170, stretch=True),
        Column(key="state", title=_tr("Counts"), cell=state, width_px=178),
        Column(key="achieved", title=_tr("Achieved, certificate"), cell=document, width_px=150, wide_px=260),
    )  # fmt: skip


def _tr(words: str) -> str:
    return QCoreApplication.translate("Competence", words)
