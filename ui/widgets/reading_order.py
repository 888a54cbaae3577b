"""Tab goes through a window in the order in which its parts are laid out and read, whenever they were made."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from functools import partial

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QAbstractItemView, QApplication, QLayout, QSplitter, QTabWidget, QWidget

_TAB = Qt.FocusPolicy.TabFocus.value


class ReadingOrder(QObject):
    """Lays the chain of Tab anew when Tab is pressed in a window, and follows it.

    Only a pressed key begins this. Qt also moves the keyboard on while parts are hidden or destroyed, and then the
    window must not be walked through.
    """

    def __init__(self, window: QWidget) -> None:
        """Take Tab and Shift+Tab of ``window``."""
        super().__init__(window)
        self._window = window
        for keys, is_on in (("Tab", True), ("Shift+Tab", False)):
            action = QAction(self)
            action.setShortcut(QKeySequence(keys))
            action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
            action.triggered.connect(partial(self._step, is_on=is_on))
            window.addAction(action)

    def _step(self, _: bool = False, *, is_on: bool) -> None:
        """Go on, or back; a list that is open over the window, such as of what can be typed, has the key first."""
        if popup := QApplication.activePopupWidget():
            key = Qt.Key.Key_Tab if is_on else Qt.Key.Key_Backtab
            QApplication.sendEvent(popup, QKeyEvent(QEvent.Type.KeyPress, key, Qt.KeyboardModifier.NoModifier))
            return
        for before, behind in itertools.pairwise(stops(self._window)):
            QWidget.setTabOrder(before, behind)
        self._window.focusNextPrevChild(is_on)


def stops(root: QWidget) -> list[QWidget]:
    """Every part in sight that Tab comes to, in the order of the layouts."""
    return [part for part in _parts(root) if _is_stop(part)]


def _is_stop(part: QWidget) -> bool:
    return bool(part.focusPolicy().value & _TAB) and part.isEnabled() and part.focusProxy() is None


def _parts(part: QWidget) -> Iterator[QWidget]:
    """A part and all within it; what is in no layout follows in the order it was made."""
    yield part
    if isinstance(part, QAbstractItemView):
        return
    for child in _children(part):
        if child.isVisible() and not child.isWindow():
            yield from _parts(child)


def _children(part: QWidget) -> list[QWidget]:
    laid_out: list[QWidget | None] = []
    layout = part.layout()
    if isinstance(part, QSplitter):
        laid_out = [one for at in range(part.count()) for one in (part.handle(at), part.widget(at))]
    elif isinstance(part, QTabWidget):
        laid_out = [part.tabBar(), part.currentWidget()]
    elif layout is not None:
        laid_out = list(_laid_out(layout))
    made = [child for child in part.children() if isinstance(child, QWidget)]
    return list(dict.fromkeys(one for one in (*laid_out, *made) if one is not None))


def _laid_out(layout: QLayout) -> Iterator[QWidget]:
    for at in range(layout.count()):
        item = layout.itemAt(at)
        widget, inner = (item.widget(), item.layout()) if item is not None else (None, None)
        if widget is not None:
            yield widget
        elif inner is not None:
            yield from _laid_out(inner)
