"""Scrolls to whatever gets the keyboard, wherever a page or dialog is larger than its room."""

from __future__ import annotations

import shiboken6
from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtWidgets import QApplication, QWidget

from ui.widgets.sight import bring_into_sight


class FollowFocus(QObject):
    """Watches the focus of the whole program; a click scrolls nothing, as it goes to what is in sight already."""

    def __init__(self, parent: QObject, app: QApplication) -> None:
        """Watch ``app`` as long as ``parent`` lives."""
        super().__init__(parent)
        app.focusChanged.connect(self._on_focus)

    def _on_focus(self, old: QWidget | None, now: QWidget | None) -> None:
        if now is not None and QApplication.mouseButtons() == Qt.MouseButton.NoButton:
            QTimer.singleShot(0, now, lambda: _follow(now))


def _follow(part: QWidget) -> None:
    """Bring a part into sight, unless its window was closed meanwhile."""
    if shiboken6.isValid(part):
        bring_into_sight(part)
