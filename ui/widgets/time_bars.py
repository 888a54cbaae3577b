"""Bars over time: a stretch of them is brushed by mouse or by keyboard, and asked to be seen closer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleEvent,
    QColor,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from ui import theme
from ui.theme import Type, ui_font
from ui.widgets.charts import axis_top

_HEIGHT_PX, _AXIS_PX, _FOOT_PX, _TOP_PX = 148, 56, 22, 8
_LEAST_BAR_PX = 2.0
_LABEL_GAP_PX = 16
_SIDE = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
_MIDDLE = int(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignVCenter)


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeBar:
    """One bar: how many, what stands under it where there is room, and what it says when it is pointed at."""

    count: int
    label: str
    words: str


class TimeBars(QWidget):
    """``brushed`` carries the first and the last bar that are brushed, or None.

    ``closer_asked`` carries those that are to fill the width, ``wider_asked`` and ``whole_asked`` nothing.
    """

    brushed = Signal(object)
    closer_asked = Signal(int, int)
    wider_asked = Signal()
    whole_asked = Signal()

    def __init__(self, *, name: str, title: str) -> None:
        """Start without bars; ``title`` is what a screen reader says before what is brushed."""
        super().__init__()
        self.setObjectName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._title = title
        self._bars: tuple[TimeBar, ...] = ()
        self._anchor: int | None = None
        self._at: int | None = None
        self._drags = False
        self._say()

    @property
    def brush(self) -> tuple[int, int] | None:
        """The first and the last bar that are brushed."""
        if self._anchor is None or self._at is None:
            return None
        return min(self._anchor, self._at), max(self._anchor, self._at)

    def set_bars(self, bars: Sequence[TimeBar]) -> None:
        """Show other bars; nothing is brushed then."""
        self._bars = tuple(bars)
        self._anchor = self._at = None
        self._say()
        self.update()

    def clear_brush(self) -> None:
        """Brush nothing."""
        self._set(None, None)

    def sizeHint(self) -> QSize:
        """As high as is needed to tell bars apart."""
        return QSize(600, _HEIGHT_PX)

    def minimumSizeHint(self) -> QSize:
        """Narrower than any window."""
        return QSize(200, _HEIGHT_PX)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows brush, with Shift further; plus, minus and Home see closer, wider and all; Escape brushes nothing."""
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if step is not None and self._bars:
            self._step(step, extend=shift)
        elif event.key() in (Qt.Key.Key_Plus, Qt.Key.Key_Equal, Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._bars:
            self._ask_closer()
        elif event.key() == Qt.Key.Key_Minus:
            self.wider_asked.emit()
        elif event.key() == Qt.Key.Key_Home:
            self.whole_asked.emit()
        elif event.key() == Qt.Key.Key_Escape and self.brush is not None:
            self.clear_brush()
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        """Keep Escape from those around while something is brushed."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            ours = event.key() == Qt.Key.Key_Escape and self.brush is not None
            if ours or event.key() in (Qt.Key.Key_Home, Qt.Key.Key_Plus, Qt.Key.Key_Minus, Qt.Key.Key_Equal):
                event.accept()
                return True
        return super().event(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin to brush."""
        at = self._bar_at(event.position())
        if event.button() is Qt.MouseButton.LeftButton and at is not None:
            self._drags = True
            extend = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier) and self._anchor is not None
            self._set(self._anchor if extend else at, at)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Brush on, or say what a bar is."""
        at = self._bar_at(event.position())
        if at is None:
            return
        if self._drags:
            self._set(self._anchor, at)
        QToolTip.showText(event.globalPosition().toPoint(), self._bars[at].words, self)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Brush no further."""
        self._drags = False

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """See one bar closer."""
        at = self._bar_at(event.position())
        if at is not None:
            self._drags = False
            self.closer_asked.emit(at, at)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """With Ctrl, see closer where the mouse is, or wider."""
        at = self._bar_at(event.position())
        if not event.modifiers() & Qt.KeyboardModifier.ControlModifier or at is None:
            event.ignore()
            return
        if event.angleDelta().y() > 0:
            quarter = max(1, len(self._bars) // 4)
            self.closer_asked.emit(max(0, at - quarter), min(len(self._bars) - 1, at + quarter))
        elif event.angleDelta().y() < 0:
            self.wider_asked.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw axis, bars, brush and labels."""
        look = theme.current()
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(look.surface))
        painter.setFont(ui_font(Type.CAPTION))
        box, top = self._box(), axis_top(max((bar.count for bar in self._bars), default=0))
        for share in (1.0, 0.5, 0.0):
            y = round(box.bottom() - share * box.height()) + 0.5
            painter.setPen(QPen(QColor(look.grid), 1))
            painter.drawLine(QPointF(box.x(), y), QPointF(box.right(), y))
            painter.setPen(QColor(look.text3))
            number = f"{top * share:,.0f}" if top >= 2 or share != 0.5 else ""
            painter.drawText(QRectF(0, y - 8, _AXIS_PX - 8, 16), _SIDE, number)
        self._draw_bars(painter, box, top)
        self._draw_labels(painter, box)
        if self.hasFocus():
            painter.setPen(QPen(QColor(look.focus), 2))
            painter.drawRect(QRectF(self.rect()).adjusted(1, 1, -1, -1))

    def _draw_bars(self, painter: QPainter, box: QRectF, top: float) -> None:
        look, width, brush = theme.current(), self._width(box), self.brush
        if brush is not None:
            stretch = QRectF(box.x() + brush[0] * width, box.y(), (brush[1] - brush[0] + 1) * width, box.height())
            painter.fillRect(stretch, QColor(look.selection))
        gap = 1.0 if width >= 4 else 0.0
        for at, bar in enumerate(self._bars):
            if not bar.count:
                continue
            height = max(_LEAST_BAR_PX, bar.count / top * box.height())
            inside = brush is not None and brush[0] <= at <= brush[1]
            colour = QColor(look.accent if brush is None or inside else look.border_strong)
            painter.fillRect(QRectF(box.x() + at * width, box.bottom() - height, max(1.0, width - gap), height), colour)

    def _draw_labels(self, painter: QPainter, box: QRectF) -> None:
        look, width = theme.current(), self._width(box)
        painter.setPen(QColor(look.text2))
        free_from = 0.0
        for at, bar in enumerate(self._bars):
            if not bar.label:
                continue
            needed = painter.fontMetrics().horizontalAdvance(bar.label) + _LABEL_GAP_PX
            left = box.x() + at * width - needed / 2
            if left < free_from or left + needed > self.width():
                continue
            foot = QPointF(box.x() + at * width, box.bottom())
            painter.drawLine(foot, foot + QPointF(0, 3))
            painter.drawText(QRectF(left, box.bottom() + 3, needed, _FOOT_PX - 4), _MIDDLE, bar.label)
            free_from = left + needed

    def _box(self) -> QRectF:
        return QRectF(_AXIS_PX, _TOP_PX, max(1, self.width() - _AXIS_PX - 12), self.height() - _TOP_PX - _FOOT_PX)

    def _width(self, box: QRectF) -> float:
        return box.width() / max(1, len(self._bars))

    def _bar_at(self, point: QPointF) -> int | None:
        if not self._bars:
            return None
        box = self._box()
        at = int((point.x() - box.x()) // self._width(box))
        return min(max(at, 0), len(self._bars) - 1)

    def _step(self, step: int, *, extend: bool) -> None:
        first = 0 if step > 0 else len(self._bars) - 1
        at = first if self._at is None else min(max(self._at + step, 0), len(self._bars) - 1)
        self._set(self._anchor if extend and self._anchor is not None else at, at)

    def _ask_closer(self) -> None:
        quarter = len(self._bars) // 4
        first, last = self.brush or (quarter, max(quarter, len(self._bars) - 1 - quarter))
        self.closer_asked.emit(first, last)

    def _set(self, anchor: int | None, at: int | None) -> None:
        if (anchor, at) == (self._anchor, self._at):
            return
        self._anchor, self._at = anchor, at
        self._say()
        self.update()
        self.brushed.emit(self.brush)

    def _say(self) -> None:
        """What a screen reader says: the brushed bars in words."""
        brush, words = self.brush, self.tr("nothing is brushed")
        if brush is not None:
            first, last = self._bars[brush[0]], self._bars[brush[1]]
            words = self.tr("from {first} to {last}").format(first=first.words, last=last.words)
            words = first.words if first is last else words
        self.setAccessibleName(f"{self._title}: {words}")
        QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.NameChanged))
