"""Pages of which one is seen, and which take the room of that one alone."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from ui.widgets.layout import vbox


class PageStack(QWidget):
    """As tall as the page in sight needs; a stacked widget is as tall as the tallest, and its buttons out of sight."""

    def __init__(self, *pages: QWidget) -> None:
        """Show the first of ``pages``."""
        super().__init__()
        self._pages = pages
        self.setLayout(vbox(*((page, 1) for page in pages), gap=0))
        self.show_page(pages[0])

    def show_page(self, page: QWidget) -> None:
        """Show another page, which is one of them."""
        for one in self._pages:
            if one is not page:
                one.hide()
        page.show()
