"""F1: every key that works here, of the page or dialog first and then of the window."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QAbstractButton, QGridLayout, QWidget

from ui.page import Shortcut
from ui.theme import Space
from ui.widgets.buttons import Button
from ui.widgets.labels import label
from ui.widgets.layout import plain, vbox
from ui.widgets.sheet import Sheet

_PORTABLE = QKeySequence.SequenceFormat.PortableText
_KEYS_PX = 168
"""Both lists have their columns in the same places."""


class HelpSheet(Sheet):
    """Lists keys with what they do; ``guide_asked`` says that more is wanted."""

    guide_asked = Signal()

    def __init__(
        self,
        parent: QWidget,
        *,
        page: str,
        own: Sequence[Shortcut],
        common: Sequence[Shortcut],
        of_dialog: bool = False,
    ) -> None:
        """Show the ``own`` keys of the page, or of the dialog, above the ``common`` ones."""
        super().__init__(parent, title=self.tr("Keys"), subtitle=page, name="helpSheet", width_px=780)
        column = vbox(gap=Space.M, margins=(Space.XL - 4, Space.M, Space.XL - 4, Space.M))
        if own:
            here = self.tr("In this dialog") if of_dialog else self.tr("On this page")
            column.addWidget(label(here, "section"))
            column.addWidget(_grid(own))
        column.addWidget(label(self.tr("In every dialog") if of_dialog else self.tr("Everywhere"), "section"))
        column.addWidget(_grid(common))
        column.addStretch(1)
        self.set_body(plain(column))
        close = Button(self.tr("Close"), name="closeHelp", kind="primary")
        guide = Button(self.tr("Open the user guide"), name="openGuide", kind="quiet", icon="help")
        guide.clicked.connect(self._ask_for_guide)
        guide.setVisible(not of_dialog)
        self.set_buttons(close, guide)
        close.setFocus()

    def _ask_for_guide(self) -> None:
        self.guide_asked.emit()
        self.close()


def keys_of(part: QWidget) -> dict[str, str]:
    """The keys that buttons and actions in sight on a part answer to, in portable form, and what each does."""
    buttons = (one for one in part.findChildren(QAbstractButton) if one.isVisibleTo(part))
    actions = (action for widget in (part, *part.findChildren(QWidget)) for action in widget.actions())
    told = [(one.shortcut(), one.accessibleName() or one.text()) for one in buttons]
    told += [(one.shortcut(), one.text()) for one in actions]
    return {keys.toString(_PORTABLE): words.replace("&", "") for keys, words in told if not keys.isEmpty()}


def open_for_dialog(sheet: Sheet) -> HelpSheet:
    """Show the keys that work in a dialog."""
    tr = partial(QCoreApplication.translate, "HelpSheet")
    own = [Shortcut(keys=keys, act=act) for keys, act in keys_of(sheet).items()]
    common = (
        Shortcut(keys="Ctrl+Return", act=tr("the act of the dialog, at the right of its foot")),
        Shortcut(keys="Esc", act=tr("close it; nothing is changed")),
        Shortcut(keys="Tab, Shift+Tab", act=tr("next, previous field")),
        Shortcut(keys="Space", act=tr("press the button, tick the box")),
        Shortcut(keys="Alt+Down", act=tr("open the list of a field")),
        Shortcut(keys="Alt+E", act=tr("in a passphrase, show what is typed")),
        Shortcut(keys="F1", act=tr("this list")),
    )
    told = {shortcut.keys for shortcut in common}
    own = [shortcut for shortcut in own if shortcut.keys not in told]
    made = HelpSheet(sheet, page=sheet.windowTitle(), own=own, common=common, of_dialog=True)
    made.open()
    return made


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
