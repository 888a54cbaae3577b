"""How the window looks on this computer."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QFrame

from ui.appearance import Appearance
from ui.preferences import SCALES_PERCENT, Look, Preferences
from ui.theme import Space
from ui.widgets import forms
from ui.widgets.labels import label
from ui.widgets.layout import vbox


class ComputerCard(QFrame):
    """Theme and size; nothing of it belongs to the lab's record."""

    def __init__(self, preferences: Preferences, appearance: Appearance) -> None:
        """Show what is chosen now."""
        super().__init__()
        self.setObjectName("thisComputer")
        self.setAccessibleName(self.tr("This computer"))
        self.setProperty("card", True)
        self._preferences, self._appearance = preferences, appearance
        margins = (Space.L, Space.M, Space.L, Space.M)
        form = forms.Form()
        self._look = self._looks()
        form.add(forms.Field(self.tr("Theme"), self._look, name="themeChoice"))
        hint = self.tr("On top of the system's own scale; taken when the program is started again.")
        form.add(forms.Field(self.tr("Size of everything"), self._scales(), name="scaleChoice", hint=hint))
        self.setLayout(vbox(label(self.tr("This computer"), "section"), form, margins=margins))

    def give_keyboard(self) -> None:
        """Let the keyboard be at the first choice; what scrolls follows it."""
        self._look.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _looks(self) -> QComboBox:
        looks = {Look.SYSTEM: self.tr("As the system"), Look.LIGHT: self.tr("Light"), Look.DARK: self.tr("Dark")}
        entry = forms.choice(list(looks.values()))
        entry.setCurrentText(looks[self._preferences.look])
        entry.currentIndexChanged.connect(lambda at: self._appearance.choose(list(looks)[at]))
        return entry

    def _scales(self) -> QComboBox:
        entry = forms.choice([f"{percent} %" for percent in SCALES_PERCENT])
        entry.setCurrentText(f"{self._preferences.scale_percent} %")
        entry.currentIndexChanged.connect(self._choose_scale)
        return entry

    def _choose_scale(self, at: int) -> None:
        self._preferences.scale_percent = SCALES_PERCENT[at]
