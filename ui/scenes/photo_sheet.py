"""The dialog that adds photographs to a question of a scene."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from PySide6.QtWidgets import QWidget

from forensics_app.model.exhibit import NewPhoto
from forensics_app.model.person import Person
from forensics_app.model.scene import Step
from ui.exhibits.moment import Moment, MomentField
from ui.exhibits.photo_picker import PhotoPicker
from ui.recording import signed_as
from ui.scenes.words import view_of
from ui.widgets import forms
from ui.widgets.form_sheet import FormSheet
from ui.widgets.labels import label


class ScenePhotoSheet(FormSheet):
    """``submitted`` carries a tuple of :class:`NewPhoto`."""

    def __init__(self, parent: QWidget, step: Step, *, actor: Person, now: datetime, zone: ZoneInfo) -> None:
        """Ask for photographs that answer ``step``."""
        super().__init__(
            parent, title=self.tr("Add photographs"), name="scenePhotoSheet",
            act=self.tr("Add photographs"), width_px=620,
        )  # fmt: skip
        self._taken = Moment(now, zone)
        self._form = forms.Form(columns=2)
        when = self.tr("Taken ({zone})").format(zone=zone.key)
        self._form.add(MomentField(when, self._taken, name="photoTaken"))
        self._caption = self._form.add(
            forms.Field(self.tr("Caption"), forms.line_edit(), name="photoCaption", optional=True)
        )
        self.picker = PhotoPicker(first=(view_of(step),))
        asked = label(step.text, "muted", wrap=True)
        self.fill(asked, self.picker, self._form, signed_as=signed_as(actor))
        self.picker.changed.connect(lambda: self.say(""))

    def add(self, paths: Sequence[Path]) -> None:
        """Offer files that were dropped."""
        self.picker.add(paths)

    def problem(self) -> str:
        """Whether there is anything to add."""
        return super().problem() if self.picker.photos() else self.tr("Choose at least one photograph.")

    def entry_forms(self) -> Sequence[forms.Form]:
        """When they were taken, and a caption."""
        return (self._form,)

    def request(self) -> tuple[NewPhoto, ...]:
        """The photographs, each with the time and the caption."""
        told, caption = self._taken.told(), self._caption.text()
        return tuple(replace(photo, taken_at=told, caption=caption) for photo in self.picker.photos())
