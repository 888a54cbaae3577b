"""Draws one picture that a child process made harmless: as a whole, or larger and to be moved about."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QImage,
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
from ui.theme import Size

ZOOMS = (1.0, 1.25, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0, 16.0)
"""How many times the size at which all of the picture is in sight."""
_SHARP_STEP = 1.2
_EDGE_PX = 1


class PictureView(QAbstractScrollArea):
    """Draws one picture as large as the room allows, never larger than it came, until it is zoomed.

    ``zoomed`` tells that it is; ``turned`` carries by how many pages the keyboard wants to go on.
    """

    zoomed = Signal()
    turned = Signal(int)

    def __init__(self) -> None:
        """Start without a picture."""
        super().__init__()
        self.setObjectName("picture")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.viewport().setAutoFillBackground(False)
        self.setMinimumSize(0, 0)
        self._image = QImage()
        self._first_px = QSize()
        self._zoom = 1.0
        self._held: QPoint | None = None

    def show_image(self, image: QImage, *, is_sharper: bool = False) -> None:
        """Draw another picture, or the same from more pixels and in the same size."""
        self._image = image
        if not is_sharper or self._first_px.isEmpty():
            self._first_px = image.size()
        self._lay_out()

    @property
    def image(self) -> QImage:
        """What is drawn."""
        return self._image

    @property
    def zoom(self) -> float:
        """How many times the size at which all of it is in sight."""
        return self._zoom

    def set_zoom(self, zoom: float, about: QPointF | None = None) -> None:
        """Draw it so many times as large; what is at ``about``, or in the middle, stays there."""
        zoom = min(max(zoom, ZOOMS[0]), ZOOMS[-1])
        if zoom == self._zoom or self._image.isNull():
            return
        at = about or QPointF(self.viewport().rect().center())
        before = self._target()
        part = QPointF((at.x() - before.x()) / before.width(), (at.y() - before.y()) / before.height())
        self._zoom = zoom
        self._lay_out()
        size = self._size()
        self.horizontalScrollBar().setValue(round(part.x() * size.width() - at.x()))
        self.verticalScrollBar().setValue(round(part.y() * size.height() - at.y()))
        self.zoomed.emit()

    def zoom_by(self, steps: int, about: QPointF | None = None) -> None:
        """Go to the next larger or smaller of the usual zooms."""
        larger = [zoom for zoom in ZOOMS if zoom > self._zoom]
        smaller = [zoom for zoom in ZOOMS if zoom < self._zoom]
        if found := larger[:1] if steps > 0 else smaller[-1:]:
            self.set_zoom(found[0], about)

    def fit(self) -> None:
        """Have all of it in sight again."""
        if self._zoom != 1.0:
            self._zoom = 1.0
            self._lay_out()
            self.zoomed.emit()

    def size_in(self, room: QSize) -> QSize:
        """The size that the picture has in a room, without its edge: its own, or as much smaller as it has to be."""
        own, edges_px = self._first_px / self.devicePixelRatioF(), 2 * _EDGE_PX
        room = QSize(room.width() - edges_px, room.height() - edges_px).expandedTo(QSize(1, 1))
        return own if _fits(own, room) else own.scaled(room, Qt.AspectRatioMode.KeepAspectRatio)

    def height_in(self, room: QSize) -> int:
        """The height that the picture takes in a room, with its edge."""
        return self.size_in(room).height() + 2 * _EDGE_PX

    def sharper_px(self, most_px: int) -> int:
        """The side of the box, in pixels of the screen, that would make it sharper; 0 where it is sharp enough."""
        size, shown = self._size(), max(self._image.width(), self._image.height())
        wanted = max(size.width(), size.height()) * self.devicePixelRatioF()
        if self._image.isNull() or shown >= most_px or wanted < shown * _SHARP_STEP:
            return 0
        box = shown
        while box < min(wanted, most_px):
            box *= 2
        return min(box, most_px)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Plus and minus zoom, 0 fits it, page keys turn pages, arrows move it about."""
        match event.key():
            case Qt.Key.Key_Plus | Qt.Key.Key_Equal:
                self.zoom_by(1)
            case Qt.Key.Key_Minus:
                self.zoom_by(-1)
            case Qt.Key.Key_0:
                self.fit()
            case Qt.Key.Key_PageDown:
                self.turned.emit(1)
            case Qt.Key.Key_PageUp:
                self.turned.emit(-1)
            case _:
                super().keyPressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Ctrl and the wheel zoom about the pointer."""
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            if turned := event.angleDelta().y():
                self.zoom_by(1 if turned > 0 else -1, event.position())
            event.accept()
            return
        super().wheelEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take hold of a picture that is larger than its room."""
        if self._zoom > 1.0 and event.button() == Qt.MouseButton.LeftButton:
            self._held = event.position().toPoint()
            self.viewport().setCursor(Qt.CursorShape.ClosedHandCursor)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Move it about."""
        if self._held is not None:
            moved = event.position().toPoint() - self._held
            self._held = event.position().toPoint()
            for bar, by in ((self.horizontalScrollBar(), moved.x()), (self.verticalScrollBar(), moved.y())):
                bar.setValue(bar.value() - by)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go of it."""
        self._held = None
        self._show_cursor()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit it anew."""
        super().resizeEvent(event)
        self._lay_out()

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        """Draw what has come into sight."""
        self.viewport().update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw it, in the middle where there is more room than it needs."""
        painter = QPainter(self.viewport())
        if not self._image.isNull():
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            target = self._target()
            painter.drawImage(target, self._image)
            painter.setPen(QColor(theme.current().border_strong))  # around it: a white picture is seen, and all of it
            painter.drawRect(target.toAlignedRect().adjusted(-_EDGE_PX, -_EDGE_PX, 0, 0))
        if self.hasFocus():
            painter.setPen(QPen(QColor(theme.current().focus), Size.FOCUS))
            painter.drawRect(self.viewport().rect().adjusted(1, 1, -1, -1))

    def _size(self) -> QSize:
        return self.size_in(self.size()) * self._zoom

    def _target(self) -> QRectF:
        size, room = self._size(), self.viewport().size()
        left, top = (room.width() - size.width()) / 2, (room.height() - size.height()) / 2
        if left < 0:
            left = -self.horizontalScrollBar().value()
        if top < 0:
            top = -self.verticalScrollBar().value()
        return QRectF(left, top, size.width(), size.height())

    def _lay_out(self) -> None:
        size, room = self._size(), self.viewport().size()
        for bar, length, seen in (
            (self.horizontalScrollBar(), size.width(), room.width()),
            (self.verticalScrollBar(), size.height(), room.height()),
        ):
            bar.setRange(0, max(0, length - seen) if self._zoom > 1.0 else 0)
            bar.setPageStep(seen)
            bar.setSingleStep(max(1, seen // 10))
        self._show_cursor()
        self.viewport().update()

    def _show_cursor(self) -> None:
        shape = Qt.CursorShape.OpenHandCursor if self._zoom > 1.0 else Qt.CursorShape.ArrowCursor
        self.viewport().setCursor(shape)


def _fits(size: QSize, room: QSize) -> bool:
    return size.width() <= room.width() and size.height() <= room.height()
