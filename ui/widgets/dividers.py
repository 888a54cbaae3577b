"""Panes with lines between them that are moved by mouse or keyboard."""

from __future__ import annotations

from PySide6.QtCore import QByteArray, QEvent, QSettings, Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent, QPainter, QPaintEvent, QRegion, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QSplitter, QSplitterHandle, QWidget

from ui import theme
from ui.theme import Space

_STEP_PX = Space.L
_SPLITS = "splits"


class Divider(QSplitterHandle):
    """The line between two panes; Tab reaches it, and arrow keys move it."""

    def __init__(self, orientation: Qt.Orientation, parent: QSplitter) -> None:
        """Stand between two panes of ``parent``."""
        super().__init__(orientation, parent)
        self.setAccessibleName(self.tr("Line between two panes; arrow keys move it"))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move by a step."""
        is_across = self.orientation() is Qt.Orientation.Horizontal
        back, on = (Qt.Key.Key_Left, Qt.Key.Key_Right) if is_across else (Qt.Key.Key_Up, Qt.Key.Key_Down)
        if event.key() not in (back, on):
            super().keyPressEvent(event)
            return
        splitter = self.splitter()
        at = next(at for at in range(splitter.count()) if splitter.handle(at) is self)
        behind = splitter.widget(at)
        pane = behind.geometry() if behind else self.geometry()
        edge = (pane.left() if is_across else pane.top()) - splitter.handleWidth()
        self.moveSplitter(edge + (_STEP_PX if event.key() == on else -_STEP_PX))

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Be as wide as can be grabbed, so that it is seen where the keyboard is."""
        super().focusInEvent(event)
        self.clearMask()
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Be a thin line again."""
        super().focusOutEvent(event)
        self.setMask(QRegion(self.contentsRect()))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the line."""
        super().paintEvent(event)
        if self.hasFocus():
            QPainter(self).fillRect(self.rect(), theme.current().focus)


class Splitter(QSplitter):
    """Keeps where its panes part in the window's settings, if ``is_remembered``."""

    def __init__(self, orientation: Qt.Orientation, *, name: str, is_remembered: bool = False) -> None:
        """Start without panes."""
        super().__init__(orientation)
        self.setObjectName(name)
        self.setHandleWidth(1)
        self.setChildrenCollapsible(False)
        self._is_remembered, self._is_restored = is_remembered, False
        self._held: list[int] = []

    def hold(self, sizes: list[int]) -> None:
        """Keep to the proportions of these sizes however large it becomes, until somebody moves a line."""
        if not self._held:
            self.splitterMoved.connect(self._hold_moved)
        self._held = sizes
        self.setSizes(sizes)

    def _hold_moved(self) -> None:
        self._held = self.sizes()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the room out anew."""
        super().resizeEvent(event)
        if self._held:
            self.setSizes(self._held)

    def event(self, event: QEvent) -> bool:
        """Keep to the proportions also where a pane came to need more or less room."""
        taken = super().event(event)
        if event.type() == QEvent.Type.LayoutRequest and self._held:
            self.setSizes(self._held)
        return taken

    def createHandle(self) -> QSplitterHandle:
        """Lines that the keyboard reaches."""
        return Divider(self.orientation(), self)

    def showEvent(self, event: QShowEvent) -> None:
        """Part the panes as they were last."""
        super().showEvent(event)
        if not self._is_remembered or self._is_restored:
            return
        part: QWidget | None = self
        while part is not None and not self._is_restored:
            if isinstance(layouts := getattr(part, "layouts", None), QSettings):
                self._restore(layouts)
            part = part.parentWidget()

    def _restore(self, layouts: QSettings) -> None:
        self._is_restored = True
        key = f"{_SPLITS}/{self.objectName()}"
        state = layouts.value(key)
        if isinstance(state, QByteArray):
            self.restoreState(state)
        self.splitterMoved.connect(lambda *_: layouts.setValue(key, self.saveState()))
