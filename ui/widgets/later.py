"""Room for a part that is made or put in when it is first seen, or before in a turn of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QWidget

from ui.widgets.layout import vbox

W = TypeVar("W", bound=QWidget)


class Later(QWidget, Generic[W]):
    """What lies behind a tab; to make it, style it and lay it out with the page would keep the window for too long."""

    def __init__(self, part: W | Callable[[], W], *, name: str) -> None:
        """Keep the room.

        Args:
            part: What is put in, or what makes it; one that is made already goes with this room.
            name: Object name of the room.
        """
        super().__init__()
        self.setObjectName(name)
        self._part: W | Callable[[], W] = part
        self._box = vbox(gap=0)
        self.setLayout(self._box)
        if isinstance(part, QWidget):
            self.destroyed.connect(part.deleteLater)

    @property
    def is_filled(self) -> bool:
        """Whether the part is in its place."""
        return self._box.count() > 0

    @property
    def part(self) -> W:
        """The part, in its place from now on."""
        made = self._part if isinstance(self._part, QWidget) else self._part()
        if not self.is_filled:
            self._part = made
            self._box.addWidget(made)
            if self.isVisible() and not made.testAttribute(Qt.WidgetAttribute.WA_WState_ExplicitShowHide):
                made.show()  # at once: otherwise one picture is drawn without it
        return made

    def fill(self) -> None:
        """Put the part in its place now."""
        _ = self.part

    def showEvent(self, event: QShowEvent) -> None:
        """Put the part in, as it is seen now."""
        self.fill()
        super().showEvent(event)
