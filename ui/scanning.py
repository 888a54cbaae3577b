"""Finds what is typed or scanned into the box at the top: a label opens its exhibit, other words search the cases."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from forensics_app.model.label import is_label
from ui.main_window import MainWindow

if TYPE_CHECKING:
    from forensics_app.model.label import Scanned


class Scanning(QObject):
    """A scanner types the text of the label and Enter; nothing else of it needs to be known."""

    def __init__(self, window: MainWindow) -> None:
        """Follow the box of ``window``."""
        super().__init__(window)
        self._window = window
        window.top_bar.find_asked.connect(self.find)

    def find(self, words: str) -> None:
        """Open the exhibit of a label, or search for words."""
        if is_label(words):
            self._scan(words)
        elif words:
            self._window.go_to("cases", f"find:{words}")

    def _scan(self, text: str) -> None:
        lab, box = self._window.session.lab, self._window.top_bar.find_box

        def failed(error: Exception) -> None:
            box.selectAll()  # so that the next scan takes the place of this one
            self._window.show_error(self.tr("Find the exhibit of a label"), error)

        self._window.jobs.start(self, lambda _: lab.labels.scanned(text), done=self._show, failed=failed)

    def _show(self, scanned: Scanned) -> None:
        self._window.top_bar.find_box.clear()
        session = self._window.session
        if session.case is None or session.case.id != scanned.case.id:
            session.show_case(scanned.case)
        self._window.go_to("exhibits", scanned)
