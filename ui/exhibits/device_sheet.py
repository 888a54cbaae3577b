"""Asks for the particulars of a device after its registration, or corrects them."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtWidgets import QWidget

from forensics_app.model.device import DeviceForm
from forensics_app.model.exhibit import Exhibit
from ui.exhibits.device_fields import DeviceFields
from ui.reason_field import in_words, reason_field
from ui.tones import Tone
from ui.widgets import forms
from ui.widgets.buttons import Button
from ui.widgets.notes import note
from ui.widgets.sheet import Sheet, sheet_body


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """New values by id of the field, and why something recorded changes."""

    values: dict[str, str]
    reason: str


class DeviceSheet(Sheet):
    """Asks for particulars; ``submitted`` carries a :class:`Telling`, and the sheet stays until it is told."""

    def __init__(self, parent: QWidget, exhibit: Exhibit, form: DeviceForm) -> None:
        """Show what is recorded of ``exhibit`` beside what is asked of its kind."""
        super().__init__(
            parent, title=self.tr("Particulars of {number}").format(number=exhibit.number),
            subtitle=exhibit.description, name="deviceSheet", width_px=760,
        )  # fmt: skip
        self._told = {name: one.value for name, one in form.told.items()}
        self.refused = note(Tone.BAD, "", name="deviceRefused")
        self.refused.hide()
        self.fields = DeviceFields(is_whole=False)
        self.fields.show_device(form.device, self._told)
        self._form = forms.Form()
        self._reason = self._form.add(
            reason_field(
                self.tr("Reason"), name="tellReason", optional=True,
                hint=self.tr("Needed where something recorded changes; the old value stays in the record."),
            ),
            rule=self._reason_rule,
        )  # fmt: skip
        self.set_body(sheet_body(self.refused, self.fields, self._form))
        self._tell = Button(self.tr("Sign and record"), name="tellPrimary", kind="primary", icon="sign")
        self.set_buttons(self._tell, self.cancel_button())

    def changes(self) -> dict[str, str]:
        """The fields that differ from what is recorded."""
        return {name: value for name, value in self.fields.values().items() if value != self._told.get(name, "")}

    def problem(self) -> str:
        """What keeps it from being signed."""
        if not self.changes():
            return self.tr("Nothing differs from what is recorded.")
        right = [self._form.show_problems(), self.fields.show_problems()]
        return "" if all(right) else self.tr("See the marked fields.")

    def request(self) -> Telling:
        """What was asked."""
        return Telling(values=self.changes(), reason=self._reason.text())

    def submit(self) -> None:
        """Hand the particulars over; the sheet closes when they were recorded."""
        problem = self.problem()
        self.say(problem)
        if not problem:
            self._tell.setEnabled(False)
            self.submitted.emit(self.request())

    def refuse(self, sentence: str) -> None:
        """Say why nothing was recorded; what was typed stays."""
        self._tell.setEnabled(True)
        self.refused.say(Tone.BAD, sentence)
        self.refused.show()

    def _reason_rule(self, text: str) -> str:
        if not (self.changes().keys() & self._told.keys()):
            return ""
        return in_words(self.tr("Write why it is corrected; the entry keeps the reason."))(text)
