"""A sheet of paper on the screen to sign on with a mouse, a finger or a pen."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from itertools import pairwise

from PySide6.QtCore import QBuffer, QElapsedTimer, QIODevice, QPoint, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygon
from PySide6.QtWidgets import QWidget

from ui import theme
from ui.theme import Space

WIDTH_PX, HEIGHT_PX = 560, 180
SHORTEST_PX = 40
"""A shorter line is a slip of the hand, not a signature."""
STROKES = "strokes"
"""Key of the text in the picture that holds the strokes."""
_INK = "#101418"
_PEN_PX, _SCALE = 2, 2
_BASE_PX = 44

Stroke = list[tuple[int, int, int]]
"""Points of one movement of the pen: x and y in pixels of the pad, and milliseconds since the first touch."""


class SignaturePad(QWidget):
    """Keeps what is drawn as strokes, with the time of each point; ``changed`` says that it is more or less now."""

    changed = Signal()

    def __init__(self, *, title: str, name: str = "signaturePad") -> None:
        """Show an empty sheet."""
        super().__init__()
        self.setObjectName(name)
        self.setAccessibleName(title)
        self.setFixedSize(WIDTH_PX, HEIGHT_PX)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._strokes: list[Stroke] = []
        self._clock = QElapsedTimer()

    @property
    def strokes(self) -> tuple[tuple[tuple[int, int, int], ...], ...]:
        """What was drawn, in the order of drawing."""
        return tuple(tuple(stroke) for stroke in self._strokes)

    @property
    def is_signed(self) -> bool:
        """Whether more was drawn than a slip of the hand."""
        return sum(map(_length, self._strokes)) >= SHORTEST_PX

    def clear(self) -> None:
        """Take an empty sheet."""
        self._strokes.clear()
        self.update()
        self.changed.emit()

    def png(self, said: Mapping[str, str]) -> bytes:
        """The signature as a picture, which also holds the strokes and ``said`` as texts."""
        image = QImage(QSize(WIDTH_PX, HEIGHT_PX) * _SCALE, QImage.Format.Format_RGB32)
        image.fill(QColor(theme.current().paper))
        painter = QPainter(image)
        painter.scale(_SCALE, _SCALE)
        self._draw(painter)
        painter.end()
        for key, words in {**said, STROKES: json.dumps(self._strokes, separators=(",", ":"))}.items():
            image.setText(key, words)
        buffer = QBuffer()
        buffer.open(QIODevice.OpenModeFlag.WriteOnly)
        image.save(buffer, "PNG")  # type: ignore[call-overload]
        return bytes(buffer.data().data())

    def sizeHint(self) -> QSize:
        """One size on every screen, so that a signature is not cut."""
        return QSize(WIDTH_PX, HEIGHT_PX)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Put the pen down."""
        if event.button() is not Qt.MouseButton.LeftButton:
            return
        if not self._strokes:
            self._clock.start()
        self._strokes.append([])
        self._add(event.position().toPoint())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Draw."""
        if event.buttons() & Qt.MouseButton.LeftButton and self._strokes:
            self._add(event.position().toPoint())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the sheet, the line to sign on, and the ink."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(theme.current().paper))
        edge = QPen(QColor(theme.current().paper_edge), 1)
        painter.setPen(QPen(QColor(theme.current().accent), 2) if self.hasFocus() else edge)
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.setPen(edge)
        base = HEIGHT_PX - _BASE_PX
        painter.drawLine(Space.XL, base, WIDTH_PX - Space.XL, base)
        self._draw(painter)
        painter.end()

    def _add(self, at: QPoint) -> None:
        x = min(max(at.x(), 0), WIDTH_PX - 1)
        y = min(max(at.y(), 0), HEIGHT_PX - 1)
        self._strokes[-1].append((x, y, self._clock.elapsed()))
        self.update()
        self.changed.emit()

    def _draw(self, painter: QPainter) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(
            QPen(QColor(_INK), _PEN_PX, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
        )
        for stroke in self._strokes:
            points = [QPoint(x, y) for x, y, _ in stroke]
            if len(points) == 1:
                painter.drawPoint(points[0])
            else:
                painter.drawPolyline(QPolygon(points))


def _length(stroke: Stroke) -> float:
    return sum(math.dist(before[:2], after[:2]) for before, after in pairwise(stroke))
