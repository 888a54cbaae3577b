"""One-series charts with the number in words beside them: how far something is, and the reading rate."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QProgressBar, QSizePolicy, QWidget

from ui import theme
from ui.theme import Type, ui_font

_CHART_PX, _AXIS_PX = 72, 42
_AXIS_ALIGN = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
_STEPS = (1, 2, 2.5, 5, 10)


def axis_top(greatest: float) -> float:
    """The least round number at the top of an axis that ``greatest`` fits under."""
    if greatest <= 0:
        return 1.0
    unit = 10.0 ** math.floor(math.log10(greatest))
    return next(step * unit for step in _STEPS if step * unit >= greatest)


class ProgressBar(QProgressBar):
    """A thin bar; its accessible text says of what it is a part."""

    def __init__(self, *, name: str = "progress") -> None:
        """Start at nothing."""
        super().__init__()
        self.setObjectName(name)
        self.setRange(0, 1000)
        self.setTextVisible(False)

    def set_share(self, share: float, of_what: str) -> None:
        """Show ``share`` (0 to 1) ``of_what``."""
        self.setUpdatesEnabled(False)  # Qt paints a bar at once else, and all that lies under it, seven times over
        self.setValue(round(max(0.0, min(1.0, share)) * 1000))
        self.setUpdatesEnabled(True)
        self.setAccessibleName(f"{share * 100:.0f} % {of_what}")


class RateChart(QWidget):
    """A rate over time: an accent line on a pale fill, an axis with round numbers."""

    def __init__(self, *, unit: str, name: str = "rateChart") -> None:
        """Start without values; ``unit`` stands in what a screen reader says."""
        super().__init__()
        self.setObjectName(name)
        self._unit = unit
        self._values: tuple[float, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.set_values(())

    def set_values(self, values: Sequence[float]) -> None:
        """Show values at even distances in time, the last one at the right."""
        self._values = tuple(values)
        last = f"{self._values[-1]:,.0f} {self._unit}" if values else self.tr("no value yet")
        self.setAccessibleName(self.tr("Rate, last value {value}").format(value=last))
        self.update()

    def sizeHint(self) -> QSize:
        """72 px high."""
        return QSize(6 * _CHART_PX, _CHART_PX)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the axis and the line."""
        look = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(_AXIS_PX, 6, self.width() - _AXIS_PX - 1, self.height() - 12)
        top = axis_top(max(self._values, default=0))
        painter.setFont(ui_font(Type.CAPTION))
        for share in (1.0, 0.5, 0.0):
            y = box.bottom() - share * box.height()
            painter.setPen(QPen(QColor(look.grid), 1))
            painter.drawLine(QPointF(box.x(), y), QPointF(box.right(), y))
            painter.setPen(QColor(look.text3))
            number = f"{top * share:,.0f}" if top >= 4 else f"{top * share:g}"
            painter.drawText(QRectF(0, y - 8, _AXIS_PX - 8, 16), _AXIS_ALIGN, number)
        if len(self._values) > 1:
            self._draw_line(painter, box, top, QColor(look.accent))

    def _draw_line(self, painter: QPainter, box: QRectF, top: float, colour: QColor) -> None:
        step = box.width() / (len(self._values) - 1)
        points = [
            QPointF(box.x() + at * step, box.bottom() - value / top * box.height())
            for at, value in enumerate(self._values)
        ]
        path = QPainterPath(points[0])
        for point in points[1:]:
            path.lineTo(point)
        fill = QPainterPath(path)
        fill.lineTo(box.bottomRight())
        fill.lineTo(box.bottomLeft())
        pale = QColor(colour)
        pale.setAlpha(36)
        painter.fillPath(fill, pale)
        painter.setPen(QPen(colour, 1.5))
        painter.drawPath(path)
