"""F1: every key that works here, of the page first and then of the window."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QGridLayout, QWidget

from ui.page import Shortcut
from ui.theme import Space
from ui.widgets.buttons import Button
from ui.widgets.labels import label
from ui.widgets.layout import plain, vbox
from ui.widgets.sheet import Sheet

_KEYS_PX = 168
"""Both lists have their columns in the same places."""


class HelpSheet(Sheet):
    """Lists keys with what they do; ``guide_asked`` says that more is wanted."""

    guide_asked = Signal()

    def __init__(self, parent: QWidget, *, page: str, own: Sequence[Shortcut], common: Sequence[Shortcut]) -> None:
        """Show the page's ``own`` keys above the ``common`` ones."""
        super().__init__(parent, title=self.tr("Keys"), subtitle=page, name="helpSheet", width_px=780)
        column = vbox(gap=Space.M, margins=(Space.XL - 4, Space.M, Space.XL - 4, Space.M))
        if own:
            column.addWidget(label(self.tr("On this page"), "section"))
            column.addWidget(_grid(own))
        column.addWidget(label(self.tr("Everywhere"), "section"))
        column.addWidget(_grid(common))
        column.addStretch(1)
        self.set_body(plain(column))
        close = Button(self.tr("Close"), name="closeHelp", kind="primary")
        guide = Button(self.tr("Open the user guide"), name="openGuide", kind="quiet", icon="help")
        guide.clicked.connect(self._ask_for_guide)
        self.set_buttons(close, guide)
        close.setFocus()

    def _ask_for_guide(self) -> None:
        self.guide_asked.emit()
        self.close()


def _grid(shortcuts: Sequence[Shortcut]) -> QWidget:
    grid = QGridLayout()
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setHorizontalSpacing(Space.L)
    grid.setVerticalSpacing(6)
    half = -(-len(shortcuts) // 2)
    for at, shortcut in enumerate(shortcuts):
        row, column = at % half, at // half * 2
        keys = label(_native(shortcut.keys), "key")
        keys.setAccessibleName(f"{shortcut.keys}: {shortcut.act}")
        grid.addWidget(keys, row, column, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)
        grid.addWidget(label(shortcut.act, wrap=True), row, column + 1, Qt.AlignmentFlag.AlignVCenter)
    for keys_column, act_column in ((0, 1), (2, 3)):
        grid.setColumnMinimumWidth(keys_column, _KEYS_PX)
        grid.setColumnStretch(act_column, 1)
    return plain(grid)


def _native(keys: str) -> str:
    """Each combination as this system writes it; other words stay."""
    parts = (QKeySequence(part).toString(QKeySequence.SequenceFormat.NativeText) or part for part in keys.split(", "))
    return ", ".join(parts)
