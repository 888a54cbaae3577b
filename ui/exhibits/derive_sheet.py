"""Asks for what was made of an exhibit: a part taken out of it, or files exported from an image and handed out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QLineEdit, QWidget

from forensics_app.model.exhibit import REGISTRABLE, Exhibit, ExhibitType, NewDerived
from ui.exhibits.seal_found import SealFound
from ui.exhibits.words import type_words
from ui.widgets import forms
from ui.widgets.buttons import Button
from ui.widgets.form_sheet import FormSheet
from ui.widgets.labels import label


class DeriveSheet(FormSheet):
    """``submitted`` carries a :class:`NewDerived`."""

    def __init__(self, parent: QWidget, whole: Exhibit, exhibits: Sequence[Exhibit], *, signed_as: str) -> None:
        """Ask for a part of ``whole``, or for an export of it where it is an image; offer the next free number."""
        is_image = whole.type is ExhibitType.IMAGE
        title = self.tr("Export of {number}") if is_image else self.tr("Part taken out of {number}")
        super().__init__(
            parent, title=title.format(number=whole.number), subtitle=whole.description, name="deriveSheet",
            act=self.tr("Sign and register"),
        )  # fmt: skip
        self._whole, self._taken = whole, {one.number for one in exhibits}
        self._form = form = forms.Form(columns=2)
        number = forms.line_edit(_next_number(whole, self._taken, is_image=is_image))
        self._number = form.add(forms.Field(self.tr("Number"), number, name="derivedNumber"), rule=self._number_rule)
        self._type: forms.Field | None = None
        self._serial: forms.Field | None = None
        self._manifest: forms.Field | None = None
        if not is_image:
            kinds = forms.choice([type_words(kind) for kind in REGISTRABLE])
            kinds.setCurrentIndex(REGISTRABLE.index(ExhibitType.STORAGE))
            self._type = form.add(forms.Field(self.tr("Type"), kinds, name="derivedType"))
        self._description = form.add(
            forms.Field(self.tr("Description"), forms.line_edit(), name="derivedDescription"), span=2,
            rule=forms.required(self.tr("Write what it is, as it stands in lists and reports.")),
        )  # fmt: skip
        self._tool = form.add(
            forms.Field(self.tr("Made with"), forms.line_edit(), name="derivedTool"),
            rule=forms.required(self.tr("Name the tool; of a program, its version, too.")),
        )
        self._how = form.add(forms.Field(self.tr("How"), forms.line_edit(), name="derivedHow", optional=True))
        if is_image:
            path = forms.line_edit()
            choose = Button(self.tr("Choose…"), name="chooseManifest", icon="folder")
            choose.clicked.connect(lambda: self._choose(path))
            self._manifest = form.add(
                forms.Field(self.tr("List of the files"), path, name="derivedManifest", beside=choose), span=2,
                rule=forms.required(self.tr("Choose the manifest.json that was written beside the exported files.")),
            )  # fmt: skip
        else:
            self._serial = form.add(
                forms.Field(self.tr("Serial number"), forms.line_edit(), name="derivedSerial", optional=True)
            )
            self._condition = form.add(
                forms.Field(self.tr("Condition"), forms.line_edit(), name="derivedCondition", optional=True)
            )
        stays = self.tr("It is in your hands then, under examination, and has a custody of its own from there on.")
        self.seal = SealFound()
        self.seal.ask_of(whole)
        self.fill(form, self.seal, label(stays, "small", wrap=True), signed_as=signed_as)
        self._description.entry.setFocus()

    def entry_forms(self) -> Sequence[forms.Form]:
        """What it is."""
        return (self._form, *self.seal.forms)

    def request(self) -> NewDerived:
        """What was made."""
        return NewDerived(
            parent_id=self._whole.id,
            number=self._number.text(),
            type=ExhibitType.EXPORT if self._type is None else REGISTRABLE[self._type.index],
            description=self._description.text(),
            tool=self._tool.text(),
            how=self._how.text(),
            serial=self._serial.text() if self._serial else "",
            condition=self._condition.text() if self._serial else "",
            manifest=Path(self._manifest.text()) if self._manifest else None,
            seal=self.seal.seen,
        )

    def _choose(self, path: QLineEdit) -> None:
        chosen, _ = QFileDialog.getOpenFileName(self, self.tr("List of the exported files"))
        if chosen:
            path.setText(chosen)

    def _number_rule(self, words: str) -> str:
        if not words.strip():
            return self.tr("Give it a number.")
        return self.tr("This number is already in use in the case.") if words.strip() in self._taken else ""


def _next_number(whole: Exhibit, taken: set[str], *, is_image: bool) -> str:
    ending = "-E{}" if is_image else ".{}"
    return next(name for at in range(1, 10_000) if (name := whole.number + ending.format(at)) not in taken)
