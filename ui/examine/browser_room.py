"""How tree, list and viewers share the room of the page, and how one viewer gets all of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QSettings, Qt
from PySide6.QtWidgets import QWidget

from ui.widgets.layout import splitter
from ui.widgets.sides import Sides

if TYPE_CHECKING:
    from ui.examine.files_pane import FilesPane

_ACROSS_STATE, _DOWN_PX = "examine/splits/examineAcross", "examine/splits/downPx"
_FIRST_DOWN_PX = [330, 350]
_TREE_PX, _WORK_PX, _TURN_PX = 200, 480, 640


class BrowserRoom:
    """The lines between the panes; where they were dragged to is kept in the settings."""

    def __init__(self, settings: QSettings) -> None:
        """Begin with the line between list and viewers."""
        self._settings = settings
        self.down = splitter(Qt.Orientation.Vertical, name="examineDown")
        self.across: Sides

    def put(self, tree: QWidget, work: QWidget) -> Sides:
        """Tree and work side by side."""
        self.across = Sides(
            tree, work, sizes=(290, 1110), stacked_px=(_TREE_PX, _WORK_PX), turn_px=_TURN_PX, short_px=_WORK_PX,
            name="examineAcross",
        )  # fmt: skip
        return self.across

    def share_out(self) -> None:
        """Give the panes the sizes that somebody moved them to, else their first ones: half for the viewers."""
        across = self._settings.value(_ACROSS_STATE)
        if isinstance(across, QByteArray):
            self.across.restore(across)
        down = self._settings.value(_DOWN_PX)
        self.down.hold([int(size) for size in down] if isinstance(down, list) and len(down) == 2 else _FIRST_DOWN_PX)
        self.across.dragged.connect(lambda: self._settings.setValue(_ACROSS_STATE, self.across.state()))
        self.down.splitterMoved.connect(lambda *_: self._settings.setValue(_DOWN_PX, self.down.sizes()))

    def enlarge(self, files: FilesPane, on: bool) -> None:
        """Leave all the room to the viewers, or share it out as before."""
        files.setVisible(not on)
        self.across.show_second_alone(on)
        if not on:
            files.table.scrollTo(files.table.currentIndex())
