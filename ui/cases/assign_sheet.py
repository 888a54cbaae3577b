"""The dialog that puts an examiner to work on a case, and asks why where they are not trained (REQ-37)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from PySide6.QtWidgets import QWidget

from forensics_app.model.case import Case
from forensics_app.model.person import Person, PersonId
from ui.cases.competence_part import CompetencePart
from ui.cases.team import Team
from ui.recording import signed_as
from ui.widgets import forms
from ui.widgets.form_sheet import FormSheet


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignRequest:
    """Who is to work on the case; ``override_reason`` is empty where a training of theirs is in force."""

    person_id: PersonId
    override_reason: str


class AssignSheet(FormSheet):
    """``submitted`` carries an :class:`AssignRequest`."""

    def __init__(self, parent: QWidget, case: Case, team: Team, *, actor: Person, today: date) -> None:
        """Ask for one of the examiners of ``team``."""
        super().__init__(
            parent, title=self.tr("Assign an examiner"),
            subtitle=self.tr("Case {number} · {title}").format(number=case.number, title=case.title),
            name="assignSheet", act=self.tr("Sign and assign"), width_px=560,
        )  # fmt: skip
        self._people = team.examiners()
        self._form = forms.Form()
        names = forms.choice([self.tr("Choose …"), *(one.name for one in self._people)])
        self._person = self._form.add(
            forms.Field(self.tr("Examiner"), names, name="assignPerson"), rule=lambda _: self._person_problem()
        )
        self._competence = CompetencePart(
            self._form, team, name="overrideReason", span=1, actor=actor, today=today
        )  # fmt: skip
        self._person.changed.connect(lambda: self._competence.show_person(self._chosen()))
        self.fill(self._form, signed_as=signed_as(actor))

    def entry_forms(self) -> Sequence[forms.Form]:
        """Who, and why if they are not trained."""
        return (self._form,)

    def request(self) -> AssignRequest:
        """What was filled in."""
        person = self._chosen()
        assert person is not None, "the rule asks for one"
        return AssignRequest(person_id=person.id, override_reason=self._competence.reason)

    def _chosen(self) -> Person | None:
        at = self._person.index
        return self._people[at - 1] if at > 0 else None

    def _person_problem(self) -> str:
        if self._chosen() is None:
            return self.tr("Choose who is to work on it.")
        return self._competence.person_problem()
