"""The dialog that puts an examiner to work on a case, and asks why where they are not trained (REQ-37)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from PySide6.QtWidgets import QWidget

from forensics_app.model.case import Case
from forensics_app.model.person import Person, PersonId
from ui.cases.team import Team, training_mark
from ui.recording import signed_as
from ui.tones import Tone
from ui.widgets import forms
from ui.widgets.form_sheet import FormSheet
from ui.widgets.notes import note


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
        self._team, self._actor, self._today = team, actor, today
        self._people = team.examiners()
        self._form = forms.Form()
        names = forms.choice([self.tr("Choose …"), *(one.name for one in self._people)])
        self._person = self._form.add(
            forms.Field(self.tr("Examiner"), names, name="assignPerson"), rule=lambda _: self._person_problem()
        )
        self._state = note(*self._standing(), name="trainingState")
        self._form.add_wide(self._state)
        hint = self.tr("It is a deviation, and stays in sight in the case and in its report.")
        self._reason = self._form.add(
            forms.Field(self.tr("Why they work on it all the same"), forms.text_edit(lines=3), name="overrideReason",
                        hint=hint),
            rule=lambda words: self.tr("Write why, or record their training first.")
            if self._is_untrained() and not words else "",
        )  # fmt: skip
        self._person.changed.connect(self._show_standing)
        self.fill(self._form, signed_as=signed_as(actor))
        self._show_standing()

    def entry_forms(self) -> Sequence[forms.Form]:
        """Who, and why if they are not trained."""
        return (self._form,)

    def request(self) -> AssignRequest:
        """What was filled in."""
        person = self._chosen()
        assert person is not None, "the rule asks for one"
        return AssignRequest(person_id=person.id, override_reason=self._reason.text() if self._is_untrained() else "")

    def _chosen(self) -> Person | None:
        at = self._person.index
        return self._people[at - 1] if at > 0 else None

    def _is_untrained(self) -> bool:
        person = self._chosen()
        return person is not None and self._team.is_untrained(person.id, self._today)

    def _person_problem(self) -> str:
        person = self._chosen()
        if person is None:
            return self.tr("Choose who is to work on it.")
        if self._is_untrained() and person.id == self._actor.id:
            return self.tr("Nobody decides that about themselves; let somebody else assign you.")
        return ""

    def _show_standing(self) -> None:
        self._state.setVisible(self._chosen() is not None)
        self._state.say(*self._standing())
        self._reason.setVisible(self._is_untrained())

    def _standing(self) -> tuple[Tone, str]:
        person = self._chosen()
        if person is None:
            return Tone.NONE, ""
        tone, words = training_mark(self._team, person, self._today)
        before = next((one for one in self._team.newest() if one.person_id == person.id), None)
        lines = [f"{person.name}, {person.function}: {words}"]
        if before:
            lines.append(self.tr("Was assigned before, by {name}.").format(name=before.assigned_by))
        return tone, "\n".join(lines)
