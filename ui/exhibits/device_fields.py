"""The fields that the guidance asks of a kind of device; they change with the type (REQ-07, REQ-08)."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from forensics_app.model.device import Device, Field, FieldKind, doubt, fault
from ui.days import overdue_review
from ui.tones import Tone
from ui.widgets import forms
from ui.widgets.layout import vbox
from ui.widgets.notes import note

_NARROW_CHARACTERS = 24
"""Longer labels than this get both columns, so that they are whole in a narrow window."""


class DeviceFields(QWidget):
    """Asks for the particulars of one kind of device; ``changed`` when something was typed."""

    changed = Signal()

    def __init__(self, *, is_whole: bool) -> None:
        """Ask nothing yet; ``is_whole`` says that no mandatory field may be left out."""
        super().__init__()
        self.setObjectName("deviceFields")
        self._is_whole = is_whole
        self._device: Device | None = None
        self._form = forms.Form(columns=2)
        self._fields: dict[str, forms.Field] = {}
        self._overdue = note(Tone.WARN, "", name="fieldsOverdue")
        self._overdue.hide()
        self._column = vbox(self._overdue, self._form, gap=0)
        self.setLayout(self._column)

    @property
    def device(self) -> Device | None:
        """What is asked of the kind shown."""
        return self._device

    def show_device(self, device: Device | None, told: Mapping[str, str] | None = None) -> None:
        """Ask for the fields of another kind; what was typed into fields that both have stays."""
        if device == self._device and told is None:
            return
        kept = {**self.values(), **(told or {})}
        self._device = device
        self._tell_overdue(device)
        old, self._form, self._fields = self._form, forms.Form(columns=2), {}
        for field in () if device is None else device.fields:
            self._fields[field.id] = self._add(field, kept.get(field.id, ""))
        self._form.changed.connect(self.changed)
        self._column.replaceWidget(old, self._form)
        old.hide()
        old.setParent(None)
        old.deleteLater()

    def _tell_overdue(self, device: Device | None) -> None:
        """Say that the review of these fields is past (REQ-03)."""
        overdue = overdue_review([device] if device is not None else [])
        self._overdue.setVisible(bool(overdue))
        self._overdue.say(Tone.WARN, overdue)

    def values(self) -> dict[str, str]:
        """What stands in the fields, by their ids."""
        return {name: field.text() for name, field in self._fields.items()}

    def show_problems(self) -> bool:
        """Write under each field what is wrong; tell whether nothing is."""
        return self._form.show_problems()

    def _add(self, field: Field, value: str) -> forms.Field:
        shown = forms.Field(
            field.label, _entry(field), name=f"particular-{field.id}", hint=field.hint, optional=not field.mandatory
        )
        shown.set_text(value)

        def warn() -> None:
            shown.set_hint(doubt(field, shown.text()) or field.hint)

        shown.changed.connect(warn)
        warn()
        span = 1 if len(field.label) <= _NARROW_CHARACTERS else 2
        return self._form.add(shown, span=span, rule=lambda text: self._problem(field, text))

    def _problem(self, field: Field, text: str) -> str:
        if self._is_whole and field.mandatory and not text:
            return self.tr("Fill it in, or write “not available: ” and the reason.")
        return fault(field, text) or ""


def _entry(field: Field) -> forms.Input:
    if field.kind is FieldKind.CHOICE:
        return forms.choice(["", *field.choices], editable=True)
    if field.kind is FieldKind.YES_NO:
        return forms.choice(["", "yes", "no"], editable=True)
    return forms.line_edit(placeholder="2026-03-01T14:05:00+02:00" if field.kind is FieldKind.MOMENT else "")
