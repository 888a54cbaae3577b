"""The seal, and photographs or the reason why there are none (REQ-11, REQ-12)."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from forensics_app.model.exhibit import NewPhoto
from ui.exhibits.photo_picker import PhotoPicker
from ui.theme import Space
from ui.widgets import forms
from ui.widgets.labels import label
from ui.widgets.layout import vbox


class SealForm(QWidget):
    """Asks for the seal and for photographs."""

    changed = Signal()

    def __init__(self) -> None:
        """Start empty."""
        super().__init__()
        self.setObjectName("sealForm")
        self.needs_photo = True
        self._sealed = forms.Form()
        self._seal = self._sealed.add(
            forms.Field(self.tr("Seal number"), forms.line_edit(), name="sealNumber", optional=True)
        )
        self._seal.set_hint(self.tr("With a seizure and a seal it is recorded as seized, otherwise as identified."))
        self.picker = PhotoPicker()
        self._why_none = forms.Form()
        self._reason = self._why_none.add(
            forms.Field(self.tr("Why there is no photograph"), forms.line_edit(), name="noPhotoReason"),
            rule=self._reason_rule,
        )
        self._sealed.changed.connect(self.changed)
        self._why_none.changed.connect(self.changed)
        self.picker.changed.connect(self._on_photos)
        parts = (self._sealed, label(self.tr("Photographs"), "label"), self.picker, self._why_none)
        self.setLayout(vbox(*parts, gap=Space.S))

    @property
    def seal_number(self) -> str:
        """The number of the seal."""
        return self._seal.text()

    @property
    def no_photo_reason(self) -> str:
        """Why there is no photograph; empty where there is one."""
        return "" if self.picker.photos() else self._reason.text()

    def photos(self) -> tuple[NewPhoto, ...]:
        """The photographs to add."""
        return self.picker.photos()

    def first_problem(self) -> str:
        """What is still missing, or an empty text."""
        return self._why_none.first_problem()

    def show_problems(self) -> bool:
        """Write under each field what is missing; tell whether nothing is."""
        return self._why_none.show_problems()

    def _reason_rule(self, reason: str) -> str:
        if reason or self.picker.photos() or not self.needs_photo:
            return ""
        return self.tr("Choose a photograph, or write why there is none.")

    def _on_photos(self) -> None:
        self._why_none.setVisible(not self.picker.photos())
        self.changed.emit()
