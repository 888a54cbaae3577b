"""Keeps the window in the theme that the person chose or the system wishes, high contrast included."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Qt, QTemporaryDir
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QApplication

from ui.preferences import Look, Preferences
from ui.theme import style
from ui.theme.tokens import DARK, LIGHT, Theme


class Appearance(QObject):
    """Follows the system's colour scheme and its wish for contrast, as far as the preferences let it."""

    def __init__(self, app: QApplication, preferences: Preferences) -> None:
        """Apply the theme at once and again whenever the system changes."""
        super().__init__(app)
        self._app, self._preferences = app, preferences
        self._marks = QTemporaryDir()
        self._system_palette = QPalette(app.palette())
        hints = app.styleHints()
        hints.colorSchemeChanged.connect(self.apply)
        accessibility = getattr(hints, "accessibility", None)
        if accessibility:
            accessibility().contrastPreferenceChanged.connect(self.apply)
        self.apply()

    def choose(self, look: Look) -> None:
        """Take another theme and remember it."""
        self._preferences.look = look
        self.apply()

    def apply(self) -> None:
        """Draw in the theme that is wanted now."""
        if self._high_contrast():
            self._app.setPalette(QPalette())  # so that it is the system's own again, and not that of a theme before
            self._system_palette = QPalette(self._app.palette())
        style.apply(self._app, self.wanted(), Path(self._marks.path()))

    def wanted(self) -> Theme:
        """The theme by preference and system."""
        if self._high_contrast():
            return style.from_palette(self._system_palette)
        look = self._preferences.look
        if look is Look.SYSTEM:
            return DARK if self._app.styleHints().colorScheme() is Qt.ColorScheme.Dark else LIGHT
        return DARK if look is Look.DARK else LIGHT

    def _high_contrast(self) -> bool:
        accessibility = getattr(self._app.styleHints(), "accessibility", None)
        if not accessibility:
            return False
        high = getattr(Qt, "ContrastPreference").HighContrast  # noqa: B009  (Qt 6.10; absent in 6.8)
        return bool(accessibility().contrastPreference() == high)
