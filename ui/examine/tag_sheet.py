"""The dialog in which a tag of the lab is made or changed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from forensics_app.model.tag import KEYS, NewTag, TagColour
from ui.widgets import forms
from ui.widgets.form_sheet import FormSheet
from ui.widgets.labels import label

if TYPE_CHECKING:
    from forensics_app.model.tag import Tag


class TagSheet(FormSheet):
    """Asks for name, colour and key; ``submitted`` carries a :class:`NewTag`."""

    def __init__(self, parent: QWidget, there: Sequence[Tag], tag: Tag | None, *, signed_as: str) -> None:
        """Make a tag, or change ``tag``; keys of those that are ``there`` are not offered."""
        title = self.tr("Change the tag {name}").format(name=tag.name) if tag else self.tr("New tag")
        super().__init__(
            parent, title=title, subtitle=self.tr("Tags of the lab"), name="tagSheet",
            act=self.tr("Change the tag") if tag else self.tr("Make the tag"), width_px=480,
        )  # fmt: skip
        taken = {one.key for one in there if tag is None or one.id != tag.id}
        self._keys: list[int | None] = [None, *(key for key in KEYS if key not in taken)]
        self._colours = list(TagColour)
        self._form = forms.Form()
        name = forms.Field(self.tr("Name"), forms.line_edit(), name="tagName")
        self._name = self._form.add(name, rule=forms.required(self.tr("Write a short name.")))
        colours = forms.choice([one.value.capitalize() for one in self._colours])
        self._colour = self._form.add(forms.Field(self.tr("Colour"), colours, name="tagColour"))
        keys = forms.choice([self.tr("none") if key is None else str(key) for key in self._keys])
        hint = self.tr("Pressed in the list, it puts the tag on the selected files.")
        self._key = self._form.add(forms.Field(self.tr("Key"), keys, name="tagKey", hint=hint))
        self._conceals = forms.check(
            self.tr("Cover pictures that bear it until somebody gives a reason to look"), name="tagConceals"
        )
        if tag:
            self._name.set_text(tag.name)
            colours.setCurrentIndex(self._colours.index(tag.colour))
            keys.setCurrentIndex(self._keys.index(tag.key))
            self._conceals.setChecked(tag.conceals)
        else:
            keys.setCurrentIndex(min(1, len(self._keys) - 1))
        everywhere = self.tr("Tags are of the whole lab: what bears this one bears it in every case.")
        self.fill(self._form, self._conceals, label(everywhere, "caption", wrap=True), signed_as=signed_as)

    def entry_forms(self) -> Sequence[forms.Form]:
        """Name, colour, key."""
        return (self._form,)

    def request(self) -> NewTag:
        """What was entered."""
        return NewTag(
            name=self._name.text(),
            colour=self._colours[self._colour.index],
            key=self._keys[self._key.index],
            conceals=self._conceals.isChecked(),
        )
