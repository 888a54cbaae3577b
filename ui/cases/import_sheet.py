"""The dialog that opens a case out of a file of CASE that another laboratory wrote with this program (REQ-56)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from PySide6.QtWidgets import QWidget

from forensics_app.model.case_export import ImportRequest
from forensics_app.model.person import Person
from ui.cases.posts import Posts
from ui.cases.team import Team
from ui.lab.file_field import FileField
from ui.recording import signed_as
from ui.tones import Tone
from ui.widgets import forms
from ui.widgets.form_sheet import FormSheet
from ui.widgets.notes import note


class ImportCaseSheet(FormSheet):
    """``submitted`` carries an :class:`ImportRequest`."""

    def __init__(self, parent: QWidget, *, actor: Person, team: Team, taken: Sequence[str], today: date) -> None:
        """Ask for the file and who works on the case here; the numbers ``taken`` are refused."""
        super().__init__(
            parent, title=self.tr("Import a case"),
            subtitle=self.tr("Out of a file of CASE, as an exported report of this program"),
            name="importCase", act=self.tr("Sign and import"), width_px=680,
        )  # fmt: skip
        self._taken = frozenset(number.casefold() for number in taken)
        self._form = forms.Form(columns=2)
        self._file = FileField(
            self.tr("File of CASE"), name="importFile", optional=False,
            hint=self.tr("The file .jsonld that the other laboratory exported."),
        )  # fmt: skip
        self._form.add(self._file, span=2, rule=forms.required(self.tr("Choose the file.")))
        self._number = self._form.add(
            forms.Field(
                self.tr("Number here"), forms.line_edit(), name="importNumber", optional=True,
                hint=self.tr("As there, when it is left empty."),
            ),
            span=2, rule=self._number_rule,
        )  # fmt: skip
        self._posts = Posts(self._form, team, actor=actor, today=today)
        words = self.tr(
            "What the file says is kept word for word in one entry, as the statement of the other laboratory; nothing "
            "of it is verified. Exhibits are registered as not received here: their custody begins with a step."
        )
        self.fill(self._form, note(Tone.INFO, words, name="importNote"), signed_as=signed_as(actor))

    def entry_forms(self) -> Sequence[forms.Form]:
        """The file, and who works on the case."""
        return (self._form,)

    def request(self) -> ImportRequest:
        """The wish as filled in."""
        return ImportRequest(
            path=Path(self._file.text()),
            number=self._number.text(),
            lead_examiner_id=self._posts.lead,
            supervisor_id=self._posts.supervisor,
            untrained_reason=self._posts.untrained_reason,
        )

    def _number_rule(self, number: str) -> str:
        return self.tr("This number is in use already.") if number.casefold() in self._taken else ""
