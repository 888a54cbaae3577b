"""How the training of whoever is put to work on a case stands, and why they are where none is in force (REQ-37)."""

from __future__ import annotations

from datetime import date

from PySide6.QtCore import QCoreApplication

from forensics_app.model.person import Person
from ui.cases.team import Team, training_mark
from ui.tones import Tone
from ui.widgets import forms
from ui.widgets.notes import note


class CompetencePart:
    """A note and a field for the reason at the end of a form; the field is in sight where a reason is needed."""

    def __init__(self, form: forms.Form, team: Team, *, name: str, span: int, actor: Person, today: date) -> None:
        """Add both to ``form``, over ``span`` columns; the field's name is ``name``."""
        self._team, self._actor, self._today = team, actor, today
        self._person: Person | None = None
        self._state = note(Tone.NONE, "", name="trainingState")
        form.add_wide(self._state)
        self._reason = form.add(
            forms.Field(
                _tr("Why they work on it all the same"), forms.text_edit(lines=3), name=name,
                hint=_tr("It is a deviation, and stays in sight in the case and in its report."),
            ),
            span=span, rule=self._reason_problem,
        )  # fmt: skip
        self.show_person(None)

    @property
    def reason(self) -> str:
        """What was written; empty where a training of the person is in force."""
        return self._reason.text() if self._is_untrained() else ""

    def show_person(self, person: Person | None) -> None:
        """Tell about ``person``, who is chosen now; about nobody where the lab keeps no register."""
        self._person = person
        if person is not None:
            self._state.say(*self._standing(person))
        self._state.setVisible(person is not None and bool(self._team.trainings))
        self._reason.setVisible(self._is_untrained())

    def person_problem(self) -> str:
        """Why the chosen person cannot be put to work on it by who is signed in; empty where they can."""
        if self._person is not None and self._is_untrained() and self._person.id == self._actor.id:
            return _tr(
                "Your training is not in force, and nobody decides that about themselves; let somebody else do it."
            )
        return ""

    def _reason_problem(self, words: str) -> str:
        return _tr("Write why, or record their training first.") if self._is_untrained() and not words else ""

    def _is_untrained(self) -> bool:
        return self._person is not None and self._team.is_untrained(self._person.id, self._today)

    def _standing(self, person: Person) -> tuple[Tone, str]:
        tone, words = training_mark(self._team, person, self._today)
        lines = [f"{person.name}, {person.function}: {words}"]
        before = next((one for one in self._team.newest() if one.person_id == person.id), None)
        if before:
            lines.append(_tr("Was assigned before, by {name}.").format(name=before.assigned_by))
        return tone, "\n".join(lines)


def _tr(words: str) -> str:
    return QCoreApplication.translate("Competence", words)
