"""What lets others see later that nothing was changed or cut off: anchors, time stamps, and verifying again."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QWidget

from ui.lab.anchors_tab import AnchorsTab
from ui.lab.register_tab import RegisterTab
from ui.lab.schedule_tab import ScheduleTab
from ui.lab.stamps_tab import StampsTab
from ui.theme import Space
from ui.widgets.buttons import Chip
from ui.widgets.layout import line, plain, vbox
from ui.widgets.wrap_layout import WrapLayout

if TYPE_CHECKING:
    from ui.page import PageContext


class Anchoring(QWidget):
    """Three lists, one of which is in sight."""

    turned = Signal()

    def __init__(self, context: PageContext) -> None:
        """Show the anchors first."""
        super().__init__()
        self.setObjectName("anchoring")
        self.setAccessibleName(self.tr("Anchors"))
        self._lists: tuple[RegisterTab[Any], ...] = (AnchorsTab(context), StampsTab(context), ScheduleTab(context))
        titles = (self.tr("Heads of cases"), self.tr("Time stamps"), self.tr("Verified again"))
        self._stack = QStackedWidget()
        chips = []
        for at, title in enumerate(titles):
            shown = self._lists[at]
            self._stack.addWidget(shown)
            chip = Chip(title, name=f"chip-{shown.objectName()}", exclusive=True, on=shown is self._lists[0])
            chip.toggled.connect(partial(self._turn, shown))
            chips.append(chip)
        row = plain(WrapLayout(*chips, gap=Space.S, margins=(Space.M, Space.S, Space.M, Space.S)))
        self.setLayout(vbox(row, line(), (self._stack, 1), gap=0))

    @property
    def current(self) -> RegisterTab[Any]:
        """The list in sight."""
        return self._lists[self._stack.currentIndex()]

    def _turn(self, shown: RegisterTab[Any], on: bool) -> None:
        if on:
            self._stack.setCurrentWidget(shown)
            self.turned.emit()
