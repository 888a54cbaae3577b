"""Draws one picture that a child process made harmless."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget


class PictureView(QWidget):
    """Draws one picture as large as the room allows, never larger than it came."""

    def __init__(self) -> None:
        """Start without a picture."""
        super().__init__()
        self.setObjectName("picture")
        self._image = QImage()

    def show_image(self, image: QImage) -> None:
        """Draw another picture."""
        self._image = image
        self.updateGeometry()
        self.update()

    @property
    def image(self) -> QImage:
        """What is drawn."""
        return self._image

    def size_in(self, room: QSize) -> QSize:
        """The size that the picture has in a room: its own, or as much smaller as it has to be."""
        own = self._image.size() / self.devicePixelRatioF()
        return own if _fits(own, room) else own.scaled(room, Qt.AspectRatioMode.KeepAspectRatio)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Scale it to fit, in the middle."""
        if self._image.isNull():
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        size = self.size_in(self.size())
        left, top = (self.width() - size.width()) / 2, (self.height() - size.height()) / 2
        painter.drawImage(QRectF(left, top, size.width(), size.height()), self._image)


def _fits(size: QSize, room: QSize) -> bool:
    return size.width() <= room.width() and size.height() <= room.height()
