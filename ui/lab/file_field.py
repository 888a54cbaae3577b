"""A field for a file, with a button that chooses one."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QFileDialog

from ui.widgets import forms
from ui.widgets.buttons import Button


class FileField(forms.Field):
    """The path of a file."""

    def __init__(self, title: str, *, name: str, hint: str = "", optional: bool = True) -> None:
        """Ask for a file called ``title``."""
        words = QCoreApplication.translate("FileField", "Choose…")
        choose = Button(words, name=f"{name}Choose", kind="quiet")
        said = QCoreApplication.translate("FileField", "Choose a file: {title}").format(title=title)
        choose.setAccessibleName(said)
        super().__init__(title, forms.line_edit(), name=name, optional=optional, hint=hint, beside=choose)
        self._title_words = title
        choose.clicked.connect(self._choose)

    def _choose(self) -> None:
        path, _ = QFileDialog.getOpenFileName(self, self._title_words)
        if path:
            self.set_text(path)
