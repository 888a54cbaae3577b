"""Text that wraps inside a word when the word is wider than the room, and is copied as it stands in the record."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import (
    QContextMenuEvent,
    QFocusEvent,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QTextCharFormat,
    QTextLayout,
    QTextOption,
)
from PySide6.QtWidgets import QLabel, QMenu

_BREAK = "\u2028"
_LONG_LINE_CHARS = 48
_Key = QKeySequence.StandardKey


class WrappedText(QLabel):
    """Selectable plain text that never needs more width than it has.

    A :class:`QLabel` breaks lines at spaces only and cuts off a long name, path or type. It also copies a no-break
    space as a space; here what is copied is exactly what was set. Positions count UTF-16 units, as Qt does.
    """

    def __init__(self, text: str = "") -> None:
        """Show ``text``."""
        super().__init__()
        self._anchor = self._place = 0
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)
        self.setMinimumWidth(1)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setCursor(Qt.CursorShape.IBeamCursor)
        self.setText(text)

    def setText(self, text: str) -> None:
        """Show another text; nothing of it is selected."""
        self._anchor = self._place = 0
        super().setText(text)

    def selectedText(self) -> str:
        """The part that is selected, character for character."""
        return self._between(*sorted((self._anchor, self._place)))

    def hasSelectedText(self) -> bool:
        """Whether any character is selected."""
        return self._anchor != self._place

    def select_all(self) -> None:
        """Select the whole text."""
        self._select(0, self._length())

    def copy(self) -> None:
        """Put what is selected on the clipboard."""
        if self.hasSelectedText():
            QGuiApplication.clipboard().setText(self.selectedText())

    def heightForWidth(self, width_px: int) -> int:
        """The height of all lines in this width."""
        margins = self.contentsMargins()
        inner = width_px - margins.left() - margins.right()
        return self._height_px(self._laid_out(inner)) + margins.top() + margins.bottom()

    def sizeHint(self) -> QSize:
        """The width of the longest line, but of no more than a readable one."""
        metrics = self.fontMetrics()
        longest = max((metrics.horizontalAdvance(one) for one in self.text().split("\n")), default=0)
        margins = self.contentsMargins()
        width = min(longest + 1, metrics.averageCharWidth() * _LONG_LINE_CHARS) + margins.left() + margins.right()
        return QSize(width, self.heightForWidth(width))

    def minimumSizeHint(self) -> QSize:
        """One line; how many there are follows from the width."""
        return QSize(1, self.fontMetrics().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the lines, and what is selected on the colour of a selection."""
        painter = QPainter(self)
        painter.setPen(self.palette().color(self.foregroundRole()))
        layout = self._laid_out(self.contentsRect().width())
        layout.draw(painter, QPointF(self.contentsRect().topLeft()), self._selections(), QRectF(event.rect()))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a selection, or with Shift move its end."""
        if event.button() != Qt.MouseButton.LeftButton:
            super().mousePressEvent(event)
            return
        place = self._place_at(event.position().toPoint())
        extends = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        self._select(self._anchor if extends else place, place)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Move the end of the selection."""
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._select(self._anchor, self._place_at(event.position().toPoint()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Offer the selection to the middle mouse button where the desktop has that."""
        clipboard = QGuiApplication.clipboard()
        if self.hasSelectedText() and clipboard.supportsSelection():
            clipboard.setText(self.selectedText(), clipboard.Mode.Selection)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Select the word under the pointer."""
        layout, place = self._laid_out(self.contentsRect().width()), self._place_at(event.position().toPoint())
        words = QTextLayout.CursorMode.SkipWords
        first = layout.previousCursorPosition(min(place + 1, self._length()), words)
        last = layout.nextCursorPosition(first, words)
        self._select(first, first + _units(self._between(first, last).rstrip()))

    def event(self, event: QEvent) -> bool:
        """Keep the keys of copying from the page while this has the keyboard."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and self._takes(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Copy, select all, or move the end of the selection by a character."""
        layout = self._laid_out(self.contentsRect().width())
        if event.matches(_Key.Copy) and self.hasSelectedText():
            self.copy()
        elif event.matches(_Key.SelectAll):
            self.select_all()
        elif event.matches(_Key.SelectNextChar):
            self._select(self._anchor, layout.nextCursorPosition(self._place))
        elif event.matches(_Key.SelectPreviousChar):
            self._select(self._anchor, layout.previousCursorPosition(self._place))
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Select nothing any more, except while a menu is open or another window is in front."""
        if event.reason() not in (Qt.FocusReason.PopupFocusReason, Qt.FocusReason.ActiveWindowFocusReason):
            self._select(0, 0)
        super().focusOutEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offer copying."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        copy = menu.addAction(self.tr("Copy"), self.copy)
        copy.setEnabled(self.hasSelectedText())
        menu.addAction(self.tr("Select all"), self.select_all)
        menu.popup(event.globalPos())

    def _takes(self, event: QKeyEvent) -> bool:
        return event.matches(_Key.SelectAll) or (event.matches(_Key.Copy) and self.hasSelectedText())

    def _select(self, anchor: int, place: int) -> None:
        self._anchor, self._place = anchor, place
        self.update()

    def _length(self) -> int:
        return _units(self.text())

    def _between(self, first: int, last: int) -> str:
        units = self.text().encode("utf-16-le", "surrogatepass")
        return units[2 * first : 2 * last].decode("utf-16-le", "surrogatepass")

    def _laid_out(self, width_px: int) -> QTextLayout:
        layout = QTextLayout(self.text().replace("\n", _BREAK), self.font(), self)
        option = QTextOption()
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        option.setTextDirection(self.layoutDirection())
        layout.setTextOption(option)
        layout.setCacheEnabled(True)
        layout.beginLayout()
        top = 0.0
        while (one := layout.createLine()).isValid():
            one.setLineWidth(max(1, width_px))
            one.setPosition(QPointF(0, top))
            top += one.height()
        layout.endLayout()
        return layout

    def _height_px(self, layout: QTextLayout) -> int:
        return max(self.fontMetrics().height(), -int(-layout.boundingRect().height() // 1))

    def _place_at(self, spot: QPoint) -> int:
        layout = self._laid_out(self.contentsRect().width())
        inside = spot - self.contentsRect().topLeft()
        for at in range(layout.lineCount()):
            one = layout.lineAt(at)
            if inside.y() < one.y() + one.height():
                return one.xToCursor(max(0, inside.x()))
        return self._length()

    def _selections(self) -> list[QTextLayout.FormatRange]:
        if not self.hasSelectedText():
            return []
        chosen = QTextLayout.FormatRange()
        chosen.start = min(self._anchor, self._place)
        chosen.length = abs(self._anchor - self._place)
        look = QTextCharFormat()
        look.setBackground(self.palette().highlight())
        look.setForeground(self.palette().highlightedText())
        chosen.format = look
        return [chosen]


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
