"""Signs on the screen as a hand does."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from tests.ui.strokes import LINES
from ui.widgets.signature_pad import SignaturePad


def sign_on(pad: SignaturePad) -> None:
    """Draw two lines."""
    for first, *others in LINES:
        QTest.mousePress(pad, Qt.MouseButton.LeftButton, pos=QPoint(*first))
        for point in others:
            QTest.mouseMove(pad, QPoint(*point))
        QTest.mouseRelease(pad, Qt.MouseButton.LeftButton, pos=QPoint(*others[-1]))
