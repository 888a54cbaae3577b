"""Asks for a correction: the recorded value beside the one that it should be, and the reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from ui import text
from ui.reason_field import in_words, reason_field
from ui.theme import Space
from ui.tones import Tone
from ui.widgets import forms
from ui.widgets.form_sheet import FormSheet
from ui.widgets.labels import label
from ui.widgets.layout import hbox, plain, restyle, vbox
from ui.widgets.notes import note


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """A value that can be corrected; ``options`` are pairs of value and words; ``hint`` says how it is written.

    ``is_time`` says that it is a time in ISO 8601, which is shown and typed like every other time.
    """

    name: str
    title: str
    value: str
    options: tuple[tuple[str, str], ...] = ()
    hint: str = ""
    is_time: bool = False

    @property
    def words(self) -> str:
        """The value as it is shown."""
        at = text.read_time(self.value) if self.is_time else None
        return text.time_text(at) if at else dict(self.options).get(self.value, self.value)

    def value_of(self, words: str) -> str:
        """The value that is meant by what was typed; what is no time is left for the record to refuse in words."""
        if words == self.words:
            return self.value
        at = text.read_time(words) if self.is_time else None
        return at.isoformat() if at else next((value for value, shown in self.options if shown == words), words)


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """New values by name, and why."""

    changes: dict[str, str]
    reason: str


class CorrectionSheet(FormSheet):
    """Asks for a correction; ``submitted`` carries a :class:`Correction`."""

    def __init__(
        self, parent: QWidget, *, title: str, subtitle: str, recorded: Sequence[Recorded], stays: str, signed_as: str
    ) -> None:
        """Show what is ``recorded``; ``stays`` says what a correction leaves as it is."""
        super().__init__(
            parent, title=title, subtitle=subtitle, name="correctSheet", act=self.tr("Sign and correct"), width_px=760
        )
        self._recorded = {one.name: one for one in recorded}
        self._fields: dict[str, forms.Field] = {}
        heads = (label(self.tr("Recorded"), "overline"), 1), (label(self.tr("To be"), "overline"), 1)
        rows = [plain(hbox(*heads)), *(self._row(one) for one in recorded)]
        self._form = forms.Form()
        self._reason = self._form.add(
            reason_field(self.tr("Reason"), name="correctionReason"),
            rule=in_words(self.tr("Write why it is corrected; the entry keeps the reason.")),
        )
        kept = note(Tone.INFO, stays, name="correctionStays")
        self.fill(plain(vbox(*rows, gap=Space.S)), self._form, kept, signed_as=signed_as)
        next(iter(self._fields.values())).entry.setFocus()

    def changes(self) -> dict[str, str]:
        """The values that differ from what is recorded."""
        typed = {name: self._typed(name) for name in self._fields}
        return {name: value for name, value in typed.items() if value != self._recorded[name].value}

    def problem(self) -> str:
        """What keeps it from being signed."""
        if not self.changes():
            return self.tr("Nothing differs from what is recorded.")
        return "" if self._form.show_problems() else self.tr("Write the reason.")

    def request(self) -> Correction:
        """What was asked."""
        return Correction(changes=self.changes(), reason=self._reason.text())

    def _typed(self, name: str) -> str:
        return self._recorded[name].value_of(self._fields[name].text())

    def _row(self, one: Recorded) -> QWidget:
        options, words = dict(one.options), one.words
        old = forms.Field(one.title, forms.line_edit(words, read_only=True), name=f"old-{one.name}")
        restyle(old.entry, "locked", True)
        entry: forms.Input = forms.choice(list(options.values())) if options else forms.line_edit()
        new = forms.Field(one.title, entry, name=f"new-{one.name}", hint=one.hint)
        new.set_text(words)
        entry.setAccessibleName(self.tr("{field}, corrected").format(field=one.title))
        old.entry.setAccessibleName(self.tr("{field}, recorded").format(field=one.title))
        new.changed.connect(self._mark)
        self._fields[one.name] = new
        row = hbox((old, 1), (new, 1), gap=Space.M)
        row.setAlignment(old, Qt.AlignmentFlag.AlignTop)
        return plain(row)

    def _mark(self) -> None:
        changed = self.changes()
        for name, field in self._fields.items():
            field.set_hint(self.tr("Differs from what is recorded") if name in changed else self._recorded[name].hint)
        self.say("")
