"""A field for a scanner that types what it reads and presses Enter; numbers can be typed into it, too."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtWidgets import QLineEdit

from ui.widgets import forms


class ScanField(forms.Field):
    """``scanned`` carries the text of each scan; the field is empty again at once, for the next."""

    scanned = Signal(str)

    def __init__(self, *, name: str, hint: str) -> None:
        """Say in ``hint`` what a typed number means."""
        edit = forms.line_edit()
        title = QCoreApplication.translate("ScanField", "Scan a label, or type a number and Enter")
        super().__init__(title, edit, name=name, hint=hint)
        self._edit: QLineEdit = edit
        edit.returnPressed.connect(self._take)

    def _take(self) -> None:
        words = self._edit.text().strip()
        self._edit.clear()
        if words:
            self.scanned.emit(words)
