"""Ctrl+F1: the user guide, in a window beside the work."""

from __future__ import annotations

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QPixmap, QTextDocument
from PySide6.QtWidgets import QDialog, QTextBrowser, QWidget

from resources import path as resource
from ui.theme import Space
from ui.widgets.buttons import Button
from ui.widgets.layout import hbox, line, plain, vbox

FIRST_PAGE = "index.html"
_SIZE_PX = (900, 760)
_PICTURE_MARGIN_PX = 132


class GuideWindow(QDialog):
    """Shows the pages that are shipped; nothing is fetched from anywhere."""

    def __init__(self, parent: QWidget) -> None:
        """Open the first page."""
        super().__init__(parent)
        self.setObjectName("guideWindow")
        self.setWindowTitle(self.tr("User guide"))
        self.setAccessibleName(self.tr("User guide"))
        self.setModal(False)
        self.resize(*_SIZE_PX)
        self.browser = _Browser()
        back = Button(self.tr("Back"), name="guideBack", icon="chevron-left", shortcut="Alt+Left")
        contents = Button(self.tr("Contents"), name="guideContents")
        close = Button(self.tr("Close"), name="guideClose")
        back.clicked.connect(self.browser.backward)
        back.setEnabled(False)
        self.browser.backwardAvailable.connect(back.setEnabled)
        contents.clicked.connect(self.browser.home)
        close.clicked.connect(self.close)
        margins = (Space.M, Space.S, Space.M, Space.S)
        bar = plain(hbox(back, contents, None, close, gap=Space.S, margins=margins))
        self.setLayout(vbox(bar, line(), (self.browser, 1), gap=0))
        self.browser.setSource(QUrl(FIRST_PAGE))
        self.browser.setFocus()


class _Browser(QTextBrowser):
    """Reads pages and pictures from the program's own resources, pictures as wide as there is room."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("guidePage")
        self.setAccessibleName(self.tr("Page of the guide"))
        self.setOpenExternalLinks(False)
        self.setSearchPaths([str(resource("guide"))])
        self.document().setDocumentMargin(Space.L)

    def loadResource(self, kind: int, name: QUrl | str) -> object:
        """A page or picture of the guide, and nothing else."""
        file = QUrl(name).fileName()
        found = resource("guide") / file
        if kind == QTextDocument.ResourceType.ImageResource.value:
            shown = QPixmap(str(resource("guide") / "pictures" / file))
            room = self.viewport().width() - _PICTURE_MARGIN_PX
            if shown.width() > room > 0:
                return shown.scaledToWidth(room, Qt.TransformationMode.SmoothTransformation)
            return shown
        return found.read_text("utf-8") if found.is_file() and found.suffix == ".html" else ""
