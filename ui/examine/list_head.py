"""What stands between the filter and the list: back, forward, up, the path, and how much is listed."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from ui.examine.crumbs import Crumb, CrumbBar
from ui.theme import Size, Space
from ui.widgets.buttons import IconButton
from ui.widgets.labels import label
from ui.widgets.layout import hbox


class ListHead(QWidget):
    """``asked`` carries what a step of the path stands for, ``step_asked`` -1 for back and 1 for forward."""

    asked = Signal(object)
    step_asked = Signal(int)
    up_asked = Signal()
    tab_asked = Signal()

    def __init__(self) -> None:
        """Start nowhere."""
        super().__init__()
        small = Size.ICON_SMALL
        self._back = IconButton("chevron-left", self.tr("Back (Alt+Left)"), name="goBack", size_px=small)
        self._forward = IconButton("chevron-right", self.tr("Forward (Alt+Right)"), name="goForward", size_px=small)
        self._up = IconButton("chevron-up", self.tr("Folder above (Backspace)"), name="goUp", size_px=small)
        self._back.clicked.connect(lambda: self.step_asked.emit(-1))
        self._forward.clicked.connect(lambda: self.step_asked.emit(1))
        self._up.clicked.connect(self.up_asked)
        keep = IconButton("plus", self.tr("Keep this list in a tab (Ctrl+T)"), name="openResult", size_px=small)
        keep.clicked.connect(self.tab_asked)
        self.gallery = IconButton(
            "image", self.tr("Gallery of pictures"), name="showGallery", shortcut="Ctrl+Shift+P", size_px=small,
            checkable=True,
        )  # fmt: skip
        self._path = CrumbBar()
        self._path.asked.connect(self.asked)
        self._counts = label(role="small", name="listCounts")
        parts = (self._back, self._forward, self._up, (self._path, 1), self._counts, self.gallery, keep)
        self.setLayout(hbox(*parts, gap=Space.XXS, margins=(Space.XS, Space.XXS, Space.S, Space.XXS)))

    def show_path(self, crumbs: Sequence[Crumb]) -> None:
        """Show where the list is."""
        self._path.show_path(crumbs)

    @property
    def place_words(self) -> str:
        """What the place is called: the last step."""
        return self._path.words[-1]

    def show_ways(self, *, back: bool, forward: bool, up: bool) -> None:
        """Let the buttons be pressed where they lead somewhere."""
        for button, on in ((self._back, back), (self._forward, forward), (self._up, up)):
            button.setEnabled(on)

    def say(self, words: str) -> None:
        """Say how much is listed."""
        self._counts.setText(words)
