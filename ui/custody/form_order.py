"""Asks in which language a custody form is to be printed."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from forensics_app.model.exhibit import Exhibit
from forensics_app.model.report import LANGUAGES
from ui.tones import Tone
from ui.widgets import forms
from ui.widgets.buttons import Button
from ui.widgets.notes import note
from ui.widgets.sheet import Sheet, sheet_body


class FormOrderSheet(Sheet):
    """Asks for a form; ``submitted`` carries the code of its language."""

    def __init__(self, parent: QWidget, exhibit: Exhibit) -> None:
        """Offer the languages of reports for the form of ``exhibit``."""
        super().__init__(
            parent, title=self.tr("Custody form"), name="formSheet", width_px=520,
            subtitle=f"{exhibit.number}, {exhibit.description}",
        )  # fmt: skip
        self._form = forms.Form()
        spoken = forms.choice([f"{name} ({code})" for code, name in LANGUAGES.items()])
        self._language = self._form.add(forms.Field(self.tr("Language of the form"), spoken, name="formLanguage"))
        own = self.tr("What people wrote into the record stays in their own words, whatever the language of the form.")
        self.set_body(sheet_body(self._form, note(Tone.INFO, own, name="ownWords")))
        write = Button(self.tr("Write PDF…"), name="formPrimary", kind="primary", icon="print")
        self.set_buttons(write, self.cancel_button())

    def request(self) -> str:
        """The code of the language that was chosen."""
        return tuple(LANGUAGES)[self._language.index]
