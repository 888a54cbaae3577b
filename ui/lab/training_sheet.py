"""The dialog that records a training of somebody of the lab."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtWidgets import QWidget

from forensics_app.model.competence import NewTraining
from forensics_app.model.person import Person
from ui.days import day_field, day_of, day_rule
from ui.lab.file_field import FileField
from ui.recording import signed_as
from ui.widgets import forms
from ui.widgets.form_sheet import FormSheet


class TrainingSheet(FormSheet):
    """``submitted`` carries a :class:`NewTraining`."""

    def __init__(self, parent: QWidget, *, people: Sequence[Person], chosen: Person | None, actor: Person) -> None:
        """Offer ``people``; ``chosen`` is the likeliest."""
        super().__init__(
            parent, title=self.tr("Record a training"), subtitle=self.tr("It becomes an entry of the lab chain"),
            name="trainingSheet", act=self.tr("Sign and record"), width_px=680,
        )  # fmt: skip
        self._people = tuple(people)
        self._form = forms.Form(columns=2)
        names = forms.choice([one.name for one in people])
        self._person = self._form.add(forms.Field(self.tr("Person"), names, name="trainingPerson"))
        if chosen in self._people:
            names.setCurrentIndex(self._people.index(chosen))
        self._subject = self._form.add(
            forms.Field(self.tr("Trained in"), forms.line_edit(), name="trainingSubject"),
            rule=forms.required(self.tr("Write what the training was about.")),
        )
        self._provider = self._form.add(
            forms.Field(self.tr("Given or certified by"), forms.line_edit(), name="trainingProvider"),
            rule=forms.required(self.tr("Write who gave it.")),
        )
        self._achieved = self._form.add(
            day_field(self.tr("Achieved on"), name="achievedOn"),
            rule=day_rule(required=self.tr("Write the day on which it was achieved.")),
        )
        hint = self.tr("Its last day; empty when it has no end")
        self._expires = self._form.add(
            day_field(self.tr("Expires on"), name="trainingExpires", optional=True, hint=hint), rule=day_rule()
        )
        self._file = FileField(
            self.tr("Certificate"), name="certificate",
            hint=self.tr("Its name and SHA-256 are recorded; the file is not copied."),
        )  # fmt: skip
        self._form.add(self._file, span=2)
        self.fill(self._form, signed_as=signed_as(actor))

    def entry_forms(self) -> Sequence[forms.Form]:
        """The training."""
        return (self._form,)

    def request(self) -> NewTraining:
        """The training as filled in."""
        achieved = day_of(self._achieved.text())
        assert achieved is not None, "the rule asks for it"
        return NewTraining(
            person_id=self._people[self._person.index].id,
            subject=self._subject.text(),
            provider=self._provider.text(),
            achieved_on=achieved,
            expires_on=day_of(self._expires.text()),
            document=Path(self._file.text()) if self._file.text() else None,
        )
