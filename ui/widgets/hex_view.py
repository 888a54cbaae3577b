"""Bytes of any length in hexadecimal and as text, read while they are looked at."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFontMetrics,
    QGuiApplication,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QFrame

from ui import theme
from ui.theme import Size, Space, Theme, mono_font
from ui.widgets.hex_blocks import Blocks, ReadBytes

ROW_BYTES = 16
COPY_LIMIT_BYTES = 1024 * 1024
_ROW_PX, _HEAD_PX = 20, 22
_BAR_LIMIT = 1 << 30
_WHEEL_STEP = 120
_WHEEL_ROWS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A range of bytes that is drawn on the marking ground, such as a hit."""

    offset_bytes: int
    length_bytes: int

    def holds(self, offset_bytes: int) -> bool:
        """Whether the byte at an offset is marked."""
        return self.offset_bytes <= offset_bytes < self.offset_bytes + self.length_bytes


class HexView(QAbstractScrollArea):
    """Offset, 8 + 8 bytes and text. The selection is one for bytes and text; keys move and extend it.

    ``selection_changed`` carries offset and length in bytes, counted from the start of the data as Python ints.
    """

    selection_changed = Signal(object, object)
    offset_asked = Signal()
    copied = Signal(str)

    def __init__(self, *, title: str, name: str = "hexView") -> None:
        """Start without data."""
        super().__init__()
        self.setObjectName(name)
        self.setAccessibleName(title)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.viewport().setCursor(Qt.CursorShape.IBeamCursor)
        self._blocks = Blocks(0, lambda *_: None, self)
        self._base, self._top, self._anchor, self._cursor = 0, 0, 0, 0
        self._marks: tuple[Mark, ...] = ()
        self.verticalScrollBar().valueChanged.connect(self._on_bar)
        self.setMinimumSize(QSize(int(10 * self._cell()), 4 * _ROW_PX))

    def show_bytes(
        self, length_bytes: int, read: ReadBytes, *, base_bytes: int = 0, marks: Sequence[Mark] = ()
    ) -> None:
        """Show other data; ``base_bytes`` is what the offset column counts from, ``read`` as in :class:`Blocks`."""
        self._blocks.deleteLater()
        self._blocks = Blocks(length_bytes, read, self)
        self._blocks.arrived.connect(self.viewport().update)
        self._base, self._top, self._anchor, self._cursor = base_bytes, 0, 0, 0
        self._marks = tuple(marks)
        self._set_bar()
        self._moved()

    @property
    def selection(self) -> tuple[int, int]:
        """Offset and length of the selected bytes; one byte at least unless there is none."""
        first, last = sorted((self._anchor, self._cursor))
        return first, min(last - first + 1, self._blocks.length_bytes - first)

    @property
    def base_bytes(self) -> int:
        """What the offset column counts from."""
        return self._base

    def go_to(self, offset_bytes: int, length_bytes: int = 1) -> bool:
        """Select bytes and scroll to them; tell whether the offset lies in the data."""
        if not 0 <= offset_bytes < self._blocks.length_bytes:
            return False
        self._anchor = min(offset_bytes + max(1, length_bytes), self._blocks.length_bytes) - 1
        self._cursor = offset_bytes
        row = offset_bytes // ROW_BYTES
        if not self._top <= row < self._top + self._rows_shown():
            self._scroll_to(row - self._rows_shown() // 3)
        self._moved()
        return True

    def copy_hex(self) -> None:
        """Put the selected bytes on the clipboard as ``23 20 48``; at most 1 MiB."""
        self._copy(lambda data: data.hex(" "))

    def copy_text(self) -> None:
        """Put the selected bytes on the clipboard as the text column shows them; at most 1 MiB."""
        self._copy(lambda data: "".join(_sign(value) for value in data))

    def sizeHint(self) -> QSize:
        """Wide enough for a whole row."""
        row_px = int(self._text_x() + ROW_BYTES * self._cell()) + Space.M
        return QSize(row_px + self.verticalScrollBar().sizeHint().width(), 16 * _ROW_PX)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows, Page, Home and End move; with Shift they select; Ctrl+C, Ctrl+Shift+C copy; Ctrl+G goes to."""
        control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if control and event.key() == Qt.Key.Key_C:
            (self.copy_text if shift else self.copy_hex)()
            return
        if control and event.key() == Qt.Key.Key_G:
            self.offset_asked.emit()
            return
        target = self._key_target(Qt.Key(event.key()), control)
        if target is None or not self._blocks.length_bytes:
            super().keyPressEvent(event)
            return
        self._cursor = max(0, min(target, self._blocks.length_bytes - 1))
        if not shift:
            self._anchor = self._cursor
        self._reveal()
        self._moved()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Start a selection."""
        offset = self._offset_at(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton and offset is not None:
            self._cursor = offset
            if not event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
                self._anchor = offset
            self._moved()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Extend the selection."""
        offset = self._offset_at(event.position().toPoint())
        if event.buttons() & Qt.MouseButton.LeftButton and offset is not None:
            self._cursor = offset
            self._reveal()
            self._moved()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End a selection."""
        event.accept()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Three rows a notch, whatever the length of the data."""
        self._scroll_to(self._top - event.angleDelta().y() * _WHEEL_ROWS // _WHEEL_STEP)
        event.accept()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit the scroll bar."""
        super().resizeEvent(event)
        self._set_bar()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the rows in sight."""
        look = theme.current()
        painter = QPainter(self.viewport())
        painter.setFont(mono_font())
        painter.fillRect(self.viewport().rect(), QColor(look.surface))
        self._paint_head(painter, look)
        first = self._top * ROW_BYTES
        values = self._blocks.at(first, (self._rows_shown() + 1) * ROW_BYTES)
        for at in range(0, len(values), ROW_BYTES):
            y = _HEAD_PX + Space.XS + at // ROW_BYTES * _ROW_PX
            self._paint_row(painter, look, y, first + at, values[at : at + ROW_BYTES])
        if self.hasFocus():
            painter.setPen(QPen(QColor(look.focus), Size.FOCUS))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(self.viewport().rect().adjusted(1, 1, -1, -1))

    def _paint_head(self, painter: QPainter, look: Theme) -> None:
        painter.fillRect(QRect(0, 0, self.viewport().width(), _HEAD_PX), QColor(look.sunken))
        painter.setPen(QColor(look.text3))
        baseline = _HEAD_PX - 7
        painter.drawText(QPoint(Space.M, baseline), self.tr("Offset"))
        for column in range(ROW_BYTES):
            painter.drawText(QPoint(int(self._byte_x(column)), baseline), f"{column:02X}")
        painter.drawText(QPoint(int(self._text_x()), baseline), self.tr("Text"))

    def _paint_row(self, painter: QPainter, look: Theme, y: int, offset: int, values: Sequence[int | None]) -> None:
        cell, baseline = self._cell(), y + 14
        painter.setPen(QColor(look.text3))
        painter.drawText(QPoint(Space.M, baseline), f"{self._base + offset:0{self._digits()}X}")
        refusal = self._blocks.refusal(offset) if values and values[0] is None else ""
        start, length = self.selection
        for column, value in enumerate(values):
            at = offset + column
            ground = self._ground(look, at, start, length)
            x, text_x = self._byte_x(column), self._text_x() + column * cell
            if ground:
                joined = column < len(values) - 1 and self._ground(look, at + 1, start, length) == ground
                reach = (self._byte_x(column + 1) - x) if joined else 2 * cell + 1
                painter.fillRect(QRect(int(x) - 1, y + 1, int(reach) + 1, _ROW_PX - 2), QColor(ground))
                painter.fillRect(
                    QRect(int(text_x), y + 1, int(text_x + cell) - int(text_x), _ROW_PX - 2), QColor(ground)
                )
            quiet = value is None or (value == 0 and not ground)
            painter.setPen(QColor(look.bad if refusal else look.text3 if quiet else look.text))
            painter.drawText(QPoint(int(x), baseline), "??" if refusal else "··" if value is None else f"{value:02x}")
            painter.setPen(QColor(look.text if value is not None and 32 <= value < 127 else look.text3))
            painter.drawText(QPoint(int(text_x), baseline), " " if value is None else _sign(value))

    def _ground(self, look: Theme, at: int, start: int, length: int) -> str:
        if start <= at < start + length:
            return look.selection
        return look.mark if any(mark.holds(at) for mark in self._marks) else ""

    def _key_target(self, key: Qt.Key, control: bool) -> int | None:
        at, page = self._cursor, max(1, self._rows_shown() - 1) * ROW_BYTES
        row_start = at - at % ROW_BYTES
        return {
            Qt.Key.Key_Left: at - 1,
            Qt.Key.Key_Right: at + 1,
            Qt.Key.Key_Up: at - ROW_BYTES if at >= ROW_BYTES else at,
            Qt.Key.Key_Down: at + ROW_BYTES if at + ROW_BYTES < self._blocks.length_bytes else at,
            Qt.Key.Key_PageUp: at - page,
            Qt.Key.Key_PageDown: at + page,
            Qt.Key.Key_Home: 0 if control else row_start,
            Qt.Key.Key_End: self._blocks.length_bytes - 1 if control else row_start + ROW_BYTES - 1,
        }.get(key)

    def _copy(self, render: Callable[[bytes], str]) -> None:
        start, length = self.selection
        if length <= 0:
            return

        def deliver(data: bytes) -> None:
            text = render(data)
            QGuiApplication.clipboard().setText(text)
            self.copied.emit(text)

        self._blocks.fetch(start, min(length, COPY_LIMIT_BYTES), deliver, lambda reason: None)

    def _moved(self) -> None:
        start, length = self.selection
        row = start - start % ROW_BYTES
        values = self._blocks.at(row, ROW_BYTES) if self._blocks.length_bytes else []
        said = " ".join("??" if value is None else f"{value:02x}" for value in values)
        self.setAccessibleDescription(f"{self._base + row:X}: {said}")
        self.selection_changed.emit(start, max(0, length))
        self.viewport().update()

    def _reveal(self) -> None:
        row = self._cursor // ROW_BYTES
        last = self._top + max(1, self._rows_shown()) - 1
        if row < self._top:
            self._scroll_to(row)
        elif row > last:
            self._scroll_to(self._top + row - last)

    def _rows(self) -> int:
        return -(-self._blocks.length_bytes // ROW_BYTES)

    def _rows_shown(self) -> int:
        return max(1, (self.viewport().height() - _HEAD_PX - Space.XS) // _ROW_PX)

    def _highest_top(self) -> int:
        return max(0, self._rows() - self._rows_shown())

    def _scroll_to(self, row: int) -> None:
        self._top = max(0, min(row, self._highest_top()))
        bar = self.verticalScrollBar()
        bar.blockSignals(True)
        bar.setValue(self._top if self._highest_top() <= _BAR_LIMIT else self._top * _BAR_LIMIT // self._highest_top())
        bar.blockSignals(False)
        self.viewport().update()

    def _on_bar(self, value: int) -> None:
        highest = self._highest_top()
        self._top = value if highest <= _BAR_LIMIT else value * highest // _BAR_LIMIT
        self.viewport().update()

    def _set_bar(self) -> None:
        bar, top = self.verticalScrollBar(), self._top
        bar.setRange(0, min(self._highest_top(), _BAR_LIMIT))
        bar.setPageStep(self._rows_shown())
        self._scroll_to(top)

    def _cell(self) -> float:
        return QFontMetrics(mono_font()).horizontalAdvance("0" * ROW_BYTES) / ROW_BYTES

    def _digits(self) -> int:
        return max(8, len(f"{self._base + max(0, self._blocks.length_bytes - 1):X}"))

    def _byte_x(self, column: int) -> float:
        return Space.M + (self._digits() + 2 + column * 3 + (column >= ROW_BYTES // 2)) * self._cell()

    def _text_x(self) -> float:
        return self._byte_x(ROW_BYTES) + self._cell()

    def _offset_at(self, point: QPoint) -> int | None:
        row = self._top + (point.y() - _HEAD_PX - Space.XS) // _ROW_PX
        if row < 0 or not self._blocks.length_bytes:
            return None
        if point.x() >= self._text_x():
            column = int((point.x() - self._text_x()) / self._cell())
        else:
            column = next((at for at in range(ROW_BYTES) if point.x() < self._byte_x(at + 1)), ROW_BYTES - 1)
        offset = row * ROW_BYTES + max(0, min(column, ROW_BYTES - 1))
        return min(offset, self._blocks.length_bytes - 1)


def _sign(value: int) -> str:
    return chr(value) if 32 <= value < 127 else "·"
