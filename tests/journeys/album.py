"""Pictures of the stations of a journey, kept where ``FORENSICS_JOURNEY_SHOTS`` names a folder."""

from __future__ import annotations

import os
from pathlib import Path

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from tests.ui.gallery import THEMES, draw
from ui.theme import style

SIZES = (QSize(1920, 1080), QSize(1280, 800))
_SETTLE_MS = 250


class Album:
    """Draws the window with whatever dialog is open, in both themes and two sizes."""

    def __init__(self, window: QWidget, qtbot: QtBot, marks: Path) -> None:
        told = os.environ.get("FORENSICS_JOURNEY_SHOTS")
        self._folder = Path(told) if told else None
        self._window, self._qtbot, self._marks = window, qtbot, marks
        self._number = 0

    def shot(self, name: str) -> None:
        """Take the pictures of one station; nothing where no folder is named."""
        self._number += 1
        if self._folder is None:
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        for name_of_theme, theme in THEMES.items():
            style.apply(app, theme, self._marks)
            for size in SIZES:
                self._window.resize(size)
                self._qtbot.wait(_SETTLE_MS)
                draw(self._window, size, self._folder / f"{self._number:02}-{name}-{name_of_theme}-{size.width()}.png")
