"""Who leads a case and who supervises it, as fields of a form, with how the training of the first stands."""

from __future__ import annotations

from datetime import date

from PySide6.QtCore import QCoreApplication

from forensics_app.model.person import Person, PersonId, Role
from ui.cases.competence_part import CompetencePart
from ui.cases.team import Team
from ui.widgets import forms


class Posts:
    """Two fields and what follows from them, at the end of a form of two columns."""

    def __init__(self, form: forms.Form, team: Team, *, actor: Person, today: date) -> None:
        """Offer the people of ``team`` for the posts that their roles allow."""
        self._actor = actor
        self._lead_people, self._lead = self._add(form, "leadExaminer", _tr("Lead examiner"), Role.EXAMINER, team)
        self._supervisors, self._supervisor = self._add(form, "supervisor", _tr("Supervisor"), Role.SUPERVISOR, team)
        self._competence = CompetencePart(form, team, name="untrainedReason", span=2, actor=actor, today=today)
        self._lead.changed.connect(self._show_competence)
        self._show_competence()

    @property
    def lead(self) -> PersonId:
        """Who examines."""
        return self._lead_people[self._lead.index].id

    @property
    def supervisor(self) -> PersonId:
        """Who reviews and closes."""
        return self._supervisors[self._supervisor.index].id

    @property
    def untrained_reason(self) -> str:
        """Why the lead examiner works on it although no training is in force."""
        return self._competence.reason

    def _add(
        self, form: forms.Form, name: str, title: str, role: Role, team: Team
    ) -> tuple[tuple[Person, ...], forms.Field]:
        able = tuple(person for person in team.people if role in person.roles and person.revoked_at is None)
        entry = forms.choice([person.described for person in able])
        entry.setPlaceholderText(_tr("Choose…"))
        ids = [person.id for person in able]
        entry.setCurrentIndex(ids.index(self._actor.id) if self._actor.id in ids else 0 if len(ids) == 1 else -1)
        entry.setEnabled(bool(able))
        nobody = _tr("Nobody in force has the role {role}. An administrator enrols people on the Lab page.").format(
            role=role.value
        )
        field = forms.Field(title, entry, name=name, hint="" if able else nobody)
        missing = _tr("Choose who it is.") if able else nobody
        return able, form.add(field, rule=lambda chosen: self._problem(name) if chosen else missing)

    def _problem(self, name: str) -> str:
        return self._competence.person_problem() if name == "leadExaminer" else ""

    def _show_competence(self) -> None:
        chosen = self._lead.index
        self._competence.show_person(self._lead_people[chosen] if chosen >= 0 else None)


def _tr(words: str) -> str:
    return QCoreApplication.translate("OpenCaseSheet", words)
