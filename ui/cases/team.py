"""Who works on a case, with how their training stands beside the name (REQ-37)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, tzinfo
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtWidgets import QWidget

from forensics_app.model.competence import LEAD_EXAMINER, Assignment, Training, in_force
from forensics_app.model.person import Person, Role
from ui import text
from ui.days import is_soon
from ui.theme import Space
from ui.tones import Tone
from ui.widgets.badges import Badge
from ui.widgets.buttons import Button, allow
from ui.widgets.labels import label
from ui.widgets.layout import hbox, plain, vbox
from ui.widgets.refill import refill

if TYPE_CHECKING:
    from forensics_app.bootstrap import Lab
    from forensics_app.model.case import CaseId


@dataclass(frozen=True, slots=True, kw_only=True)
class Team:
    """The assignments of a case in the order of recording, everybody ever enrolled, and the register of trainings."""

    assignments: tuple[Assignment, ...]
    people: tuple[Person, ...]
    trainings: tuple[Training, ...]

    def newest(self) -> tuple[Assignment, ...]:
        """The newest assignment of each person, in the order in which they came to the case."""
        return tuple({one.person_id: one for one in self.assignments}.values())

    def examiners(self) -> tuple[Person, ...]:
        """Who may be put to work on a case, by name."""
        fit = (one for one in self.people if one.revoked_at is None and Role.EXAMINER in one.roles)
        return tuple(sorted(fit, key=lambda one: one.name.casefold()))

    def is_untrained(self, person_id: object, today: date) -> bool:
        """Whether the lab keeps a register, and no training of the person in it counts."""
        return bool(self.trainings) and not any(
            one.person_id == person_id and one.holds_on(today) for one in self.trainings
        )


def read_team(lab: Lab, case_id: CaseId) -> Team:
    """Read who works on a case."""
    return Team(
        assignments=lab.competence.assignments(case_id), people=lab.people.list(), trainings=lab.competence.list()
    )


def training_mark(team: Team, person: Person, today: date) -> tuple[Tone, str]:
    """How the training of a person stands: what counts and until when, or what is missing."""
    if not team.trainings:
        return Tone.NONE, _tr("The lab keeps no register of trainings")
    held = in_force(team.trainings, person.id, today)
    if not held:
        ended = [one.expires_on for one in team.trainings if one.person_id == person.id and not one.withdrawn_reason]
        days = [day for day in ended if day]
        if days:
            return Tone.BAD, _tr("Training expired {day}").format(day=max(days))
        return Tone.WARN, _tr("No training is recorded")
    best = max(held, key=lambda one: one.expires_on or date.max)
    if best.expires_on is None:
        return Tone.OK, _tr("Trained, no end")
    words = _tr("Trained until {day}").format(day=best.expires_on)
    return (Tone.LATE if is_soon(best.expires_on, today) else Tone.OK), words


class TeamPart(QWidget):
    """The section about who works on the case; ``assign_asked`` tells that somebody is to be put to work on it."""

    assign_asked = Signal()

    def __init__(self, zone: tzinfo) -> None:
        """Show nobody yet; times are shown in ``zone``."""
        super().__init__()
        self.setObjectName("teamPart")
        self._zone = zone
        self.assign = Button(_tr("Assign…"), name="assignExaminer", kind="quiet", icon="plus")
        self.assign.clicked.connect(self.assign_asked)
        self._rows = vbox(gap=Space.S)
        head = hbox(label(_tr("Who works on it"), "section"), None, self.assign)
        self.setLayout(vbox(head, plain(self._rows), gap=6))
        self.show_waiting()

    def show_waiting(self) -> None:
        """Another case is being read."""
        self.assign.setEnabled(False)
        refill(self._rows, [label(_tr("Reading who works on it …"), "muted", wrap=True)])

    def show_team(self, team: Team, today: date, why_not: str) -> None:
        """Show who was put to work; ``why_not`` says why nobody can be now."""
        allow(self.assign, why_not)
        people = {one.id: one for one in team.people}
        rows = [self._row(one, team, people[one.person_id], today) for one in team.newest() if one.person_id in people]
        refill(self._rows, rows or [label(_tr("Nobody was assigned yet."), "muted", wrap=True)])

    def _row(self, one: Assignment, team: Team, person: Person, today: date) -> QWidget:
        post = _tr("lead examiner") if one.post == LEAD_EXAMINER else _tr("examiner")
        if person.revoked_at is None:
            tone, words = training_mark(team, person, today)
        else:
            tone, words = Tone.BAD, _tr("Key ended")
        when = text.time_text(one.assigned_at, self._zone, to_minute=True)
        under = _tr("Assigned {time} by {name}").format(time=when, name=one.assigned_by)
        if one.override_reason:
            under = _tr("{said}, although no training was in force: {reason}").format(
                said=under, reason=one.override_reason
            )
        name = label(_tr("{name}, {post}").format(name=person.name, post=post), wrap=True)
        badge = hbox(Badge(tone, words, bare=True, name="trainingBadge"), None)
        row = plain(vbox(name, badge, label(under, "caption", wrap=True), gap=Space.XXS))
        row.setAccessibleName(f"{name.text()}: {words}. {under}")
        return row


def _tr(words: str) -> str:
    return QCoreApplication.translate("Team", words)
