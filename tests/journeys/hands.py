"""What a person does at the window: looks for a thing by its name, clicks it, types, and waits for what follows."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import TypeVar

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractScrollArea,
    QApplication,
    QComboBox,
    QDialog,
    QFileDialog,
    QLabel,
    QLineEdit,
    QMainWindow,
    QMessageBox,
    QScrollArea,
    QTabWidget,
    QWidget,
)
from pytestqt.qtbot import QtBot

from tests.ui.signing import sign_on
from ui.main_window import MainWindow
from ui.widgets.badges import Badge
from ui.widgets.signature_pad import SignaturePad
from ui.widgets.table import Table

W = TypeVar("W", bound=QWidget)
WAIT_MS = 20_000
_LOOK_MS = 200


class StrayWindows(QObject):
    """Notes every window that comes into sight and is neither the main window, a dialog nor a menu of it.

    A part that is shown before it has a parent flashes up as a window of its own and takes the keyboard away.
    """

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Show and isinstance(watched, QWidget) and watched.isWindow():
            popup = watched.windowType() in (Qt.WindowType.Popup, Qt.WindowType.ToolTip)
            if not popup and not isinstance(watched, QMainWindow | QDialog):
                self.seen.append(f"{type(watched).__name__} {watched.objectName()!r} {watched.accessibleName()!r}")
        return False


def _words(part: QWidget) -> str:
    if isinstance(part, QComboBox):
        return part.currentText()
    assert isinstance(part, QLabel | Badge), f"{part.objectName()} says nothing"
    return part.text if isinstance(part, Badge) else part.text()


class Hands:
    """Acts on the window by mouse and keyboard only; what cannot be seen or pressed by a person fails here, too."""

    def __init__(self, window: QWidget, qtbot: QtBot) -> None:
        self.window, self.qtbot = window, qtbot
        self.stray = StrayWindows()

    def until(self, check: Callable[[], object], what: str, timeout_ms: int = WAIT_MS) -> None:
        """Wait for something to be so; ``what`` says in a failure what did not come."""

        def holds() -> None:
            assert check(), f"waited in vain: {what}\n{self.sight()}"

        self.qtbot.waitUntil(holds, timeout=timeout_ms)

    def find(self, name: str, kind: type[W] = QWidget) -> W:  # type: ignore[assignment]
        """The newest part in sight with this name, in the window or in a dialog over it."""
        found = [part for part in self.window.findChildren(kind, name) if part.isVisible()]
        assert found, f"nothing called {name} is in sight\n{self.sight()}"
        return found[-1]

    def sees(self, name: str) -> bool:
        """Whether a part with this name is in sight."""
        return any(part.isVisible() for part in self.window.findChildren(QWidget, name))

    def wait_for(self, name: str) -> None:
        """Wait until a part comes into sight, in the window that has the keyboard."""
        self.until(lambda: self.sees(name), f"{name} in sight")
        self.until(lambda: self._has_keyboard(name), f"the keyboard in the window of {name}")

    def _has_keyboard(self, name: str) -> bool:
        """Whether the part's window is the active one; a desktop gives the keyboard back when no window has it."""
        if QApplication.activeWindow() is None:
            (QApplication.activeModalWidget() or self.window).activateWindow()
        return self.find(name).isActiveWindow()

    def wait_gone(self, name: str) -> None:
        """Wait until a part, such as a dialog, is gone."""
        self.until(lambda: not self.sees(name), f"{name} gone")

    def click(self, name: str) -> None:
        """Press a button, once it can be pressed."""
        self.wait_for(name)
        part = self.find(name)
        self.until(part.isEnabled, f"{name} enabled; it says: {part.toolTip()!r}")
        spot = self._reach(part)
        self.qtbot.mouseClick(part, Qt.MouseButton.LeftButton, pos=spot)

    def type(self, name: str, words: str) -> None:
        """Put ``words`` into a field in the place of what stands there."""
        field = self.find(name)
        self.until(field.isEnabled, f"{name} can be typed into")
        self._reach(field)
        field.setFocus(Qt.FocusReason.MouseFocusReason)
        entry = field.lineEdit() if isinstance(field, QComboBox) else field
        self.keys("Ctrl+A", entry)
        if words.isascii():
            self.qtbot.keyClicks(entry, words)
        else:
            QGuiApplication.clipboard().setText(words)
            self.keys("Ctrl+V", entry)

    def fill(self, **fields: str) -> None:
        """Type into several fields."""
        for name, words in fields.items():
            self.type(name, words)

    def choose(self, name: str, words: str) -> None:
        """Choose the line of a list box that begins with ``words``, by the arrow keys."""
        box = self.find(name, QComboBox)
        self.until(box.isEnabled, f"{name} can be chosen from")
        self._reach(box)
        box.setFocus(Qt.FocusReason.MouseFocusReason)
        self.keys("Home", box)
        for _ in range(box.count()):
            if box.currentText().startswith(words):
                return
            self.keys("Down", box)
        raise AssertionError(f"{name} offers no {words}: {[box.itemText(at) for at in range(box.count())]}")

    def tick(self, name: str) -> None:
        """Tick a box with the Space key."""
        box = self.find(name, QAbstractButton)
        self._reach(box)
        box.setFocus(Qt.FocusReason.TabFocusReason)
        if not box.isChecked():
            self.keys("Space", box)
        assert box.isChecked()

    def click_tab(self, tabs: str, title: str) -> None:
        """Click the tab of a register whose title begins so."""
        self.wait_for(tabs)
        bar = self.find(tabs, QTabWidget).tabBar()
        at = next(at for at in range(bar.count()) if bar.tabText(at).startswith(title))
        self.qtbot.mouseClick(bar, Qt.MouseButton.LeftButton, pos=bar.tabRect(at).center())

    def keys(self, keys: str, part: QWidget | str = "") -> None:
        """Press a combination such as ``Ctrl+Return`` where the keyboard is, or in ``part``."""
        if isinstance(part, str) and part:
            part = self.window if part == self.window.objectName() else self.find(part)
        self.qtbot.keySequence(part or QApplication.focusWidget() or self.window, keys)

    def type_here(self, words: str) -> None:
        """Type where the keyboard is."""
        focused = QApplication.focusWidget()
        assert focused is not None, "the keyboard is nowhere"
        self.qtbot.keyClicks(focused, words)

    def sign(self, pad: str) -> None:
        """Sign on the screen."""
        sign_on(self.find(pad, SignaturePad))

    def text(self, name: str) -> str:
        """What a label, badge or list box says."""
        return _words(self.find(name))

    def texts_in(self, name: str) -> list[str]:
        """What all labels within a part say."""
        return [label.text() for label in self.find(name).findChildren(QLabel) if label.isVisible()]

    def can_press(self, name: str) -> bool:
        """Whether a button in sight is enabled."""
        return self.find(name).isEnabled()

    def is_idle(self) -> bool:
        """Whether no job runs or waits."""
        assert isinstance(self.window, MainWindow)
        return not self.window.jobs.active

    def copied(self) -> str:
        """What lies in the clipboard."""
        return QGuiApplication.clipboard().text()

    def go(self, page: str, keys: str) -> None:
        """Go to a page by its key; it reads again when it comes into sight, and what is pressed meanwhile waits."""
        self.keys(keys)
        self.wait_for(page)

    def row(self, table: str, words: str) -> int:
        """The row of a list in which ``words`` stand; waits for it."""
        self.wait_for(table)
        view = self.find(table, Table)

        def at() -> int:
            model = view.model()
            for row in range(model.rowCount()):
                cells = [str(model.index(row, column).data() or "") for column in range(model.columnCount())]
                if any(words in cell for cell in cells):
                    return row
            return -1

        self.until(lambda: at() >= 0, f"{words!r} in the list {table}")
        return at()

    def click_row(self, table: str, words: str) -> None:
        """Click a row of a list."""
        row = self.row(table, words)
        view = self.find(table, Table)
        index = view.model().index(row, 0)
        view.scrollTo(index)
        self.qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=view.visualRect(index).center())

    def answer_file_dialog(self, path: str) -> None:
        """Write ``path`` into the file dialog that opens next, and press Enter there.

        The dialog reads folders in a thread of its own and may swallow an Enter until it has; then it is pressed again.
        """
        timer = QTimer(self.window)
        timer.setInterval(_LOOK_MS)
        tries = itertools.count(1)

        def look() -> None:
            dialog = QApplication.activeModalWidget()
            if isinstance(dialog, QMessageBox):
                dialog.reject()
            if not isinstance(dialog, QFileDialog):
                return
            if next(tries) == 1:
                below = dialog.parentWidget().window()
                dialog.finished.connect(timer.deleteLater)
                dialog.finished.connect(lambda _: QTimer.singleShot(0, below, below.activateWindow))  # as desktops do
            entry = dialog.findChild(QLineEdit, "fileNameEdit")
            entry.selectAll()
            entry.insert(path)
            self.qtbot.keyClick(entry, Qt.Key.Key_Return)

        timer.timeout.connect(look)
        timer.start()

    def sight(self) -> str:
        """What is in sight, for a failure's message: the page, dialogs, and sentences that refuse."""
        dialogs = [one.objectName() for one in self.window.findChildren(QDialog) if one.isVisible()]
        said = []
        for one in self.window.findChildren(QWidget):
            name = one.objectName()
            telling = name in ("whyNot", "refusal", "errorWhat", "errorThen", "signInRefused", "crashWhat")
            if one.isVisible() and (telling or name.endswith(("Error", "Refused"))):
                text = one.accessibleName() or str(getattr(one, "text", lambda: "")())
                said.append(f"{name}: {text}")
        focus = QApplication.focusWidget()
        keyboard = focus.objectName() if focus else "nowhere"
        return f"dialogs {dialogs}; said {said}; the keyboard is at {keyboard}, strays {self.stray.seen}"

    def _reach(self, part: QWidget) -> QPoint:
        """Scroll until the part is in sight as a person would, and tell where to click it."""

        def seen_region() -> QRect:
            parent = part.parentWidget()
            while parent is not None:
                if isinstance(parent, QScrollArea) and isinstance(parent, QAbstractScrollArea):
                    parent.ensureWidgetVisible(part)
                parent = parent.parentWidget()
            return part.visibleRegion().boundingRect()

        modal = QApplication.activeModalWidget()
        assert modal is None or modal is part.window(), f"{part.objectName()} lies behind {modal.objectName()}"
        self.until(lambda: not seen_region().isEmpty(), f"{part.objectName()} to be seen in the window")
        return seen_region().center()
