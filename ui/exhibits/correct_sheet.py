"""Corrects what was written of an exhibit: the old value beside the new one, and the reason."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtWidgets import QWidget

from forensics_app.model.exhibit import Exhibit
from ui.exhibits.words import make_title, serial_title
from ui.theme import Space
from ui.tones import Tone
from ui.widgets import forms
from ui.widgets.buttons import Button
from ui.widgets.labels import label
from ui.widgets.layout import hbox, plain, restyle, vbox
from ui.widgets.notes import note
from ui.widgets.sheet import Sheet, sheet_body


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """New values by column, and why."""

    changes: dict[str, str]
    reason: str


class CorrectSheet(Sheet):
    """Asks for a correction; ``submitted`` carries a :class:`Correction`."""

    def __init__(self, parent: QWidget, exhibit: Exhibit) -> None:
        """Show what is recorded of ``exhibit``."""
        super().__init__(
            parent, title=self.tr("Correct {number}").format(number=exhibit.number), subtitle=exhibit.description,
            name="correctSheet", width_px=760,
        )  # fmt: skip
        self._exhibit = exhibit
        self._fields: dict[str, forms.Field] = {}
        rows: list[QWidget] = [
            plain(hbox((label(self.tr("Recorded"), "overline"), 1), (label(self.tr("To be"), "overline"), 1)))
        ]
        for name, title in self._titles().items():
            recorded = str(getattr(exhibit, name))
            old = forms.Field(title, forms.line_edit(recorded, read_only=True), name=f"old-{name}")
            restyle(old.entry, "locked", True)
            new = forms.Field(title, forms.line_edit(recorded), name=f"new-{name}")
            new.entry.setAccessibleName(self.tr("{field}, corrected").format(field=title))
            old.entry.setAccessibleName(self.tr("{field}, recorded").format(field=title))
            new.changed.connect(self._mark)
            self._fields[name] = new
            rows.append(plain(hbox((old, 1), (new, 1), gap=Space.M)))
        self._form = forms.Form()
        self._reason = self._form.add(
            forms.Field(self.tr("Reason"), forms.line_edit(), name="correctionReason"),
            rule=forms.required(self.tr("Write why it is corrected; the entry keeps the reason.")),
        )
        self.refused = note(Tone.BAD, "", name="correctRefused")
        self.refused.hide()
        stays = note(
            Tone.INFO, self.tr("A correction is a new entry. The old value stays in the record, with your name."),
            name="correctionStays",
        )  # fmt: skip
        table = plain(vbox(*rows, gap=Space.S))
        self.set_body(sheet_body(self.refused, table, self._form, stays))
        self._correct = Button(self.tr("Sign and correct"), name="correctPrimary", kind="primary", icon="sign")
        self.set_buttons(self._correct, self.cancel_button())
        next(iter(self._fields.values())).entry.setFocus()

    def changes(self) -> dict[str, str]:
        """The columns that differ from what is recorded."""
        typed = {name: field.text() for name, field in self._fields.items()}
        return {name: value for name, value in typed.items() if value != getattr(self._exhibit, name)}

    def problem(self) -> str:
        """What keeps it from being signed."""
        if not self.changes():
            return self.tr("Nothing differs from what is recorded.")
        if not self._fields["description"].text():
            return self.tr("An exhibit needs a description.")
        return "" if self._form.show_problems() else self.tr("Write the reason.")

    def request(self) -> Correction:
        """What was asked."""
        return Correction(changes=self.changes(), reason=self._reason.text())

    def submit(self) -> None:
        """Hand the correction over; the sheet closes when it was recorded."""
        problem = self.problem()
        self.say(problem)
        if not problem:
            self._correct.setEnabled(False)
            self.submitted.emit(self.request())

    def refuse(self, sentence: str) -> None:
        """Say why nothing was recorded; what was typed stays."""
        self._correct.setEnabled(True)
        self.refused.say(Tone.BAD, sentence)
        self.refused.show()

    def _mark(self) -> None:
        changed = self.changes()
        for name, field in self._fields.items():
            field.set_hint(self.tr("Differs from what is recorded") if name in changed else "")
        self.say("")

    def _titles(self) -> dict[str, str]:
        kind = self._exhibit.type
        return {
            "description": self.tr("Description"),
            "make": make_title(kind),
            "model": self.tr("Model"),
            "serial": serial_title(kind),
            "condition": self.tr("Condition"),
            "seized_place": self.tr("Place of seizure"),
            "seized_by": self.tr("Seized by"),
            "seizure_witness": self.tr("Witness of the seizure"),
        }
