"""The stills of a video as a row that wraps, each with its time; the chosen one is shown large above."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QIcon, QImage, QPixmap, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QListView, QListWidget, QListWidgetItem

from ui.theme import Space, Type, ui_font

_STILL_PX = 96
_WORDS_PX = 20


class StillsRow(QListWidget):
    """``shown`` carries the still that is chosen; the arrow keys go from one to the next."""

    shown = Signal(QImage)

    def __init__(self) -> None:
        """Start without any."""
        super().__init__()
        self.setObjectName("stills")
        self.setAccessibleName(self.tr("Stills of the video"))
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setMovement(QListView.Movement.Static)
        self.setUniformItemSizes(True)
        self.setIconSize(QSize(_STILL_PX, _STILL_PX))
        self.setGridSize(QSize(_STILL_PX + Space.M, _STILL_PX + _WORDS_PX + Space.S))
        self.setFont(ui_font(Type.CAPTION))
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self._images: list[QImage] = []
        self.currentRowChanged.connect(self._choose)

    def show_stills(self, stills: Sequence[tuple[QImage, str, str]], chosen: int) -> None:
        """Show these: each a picture, its time, and the time in words; ``chosen`` is the one that is shown first."""
        self.clear()
        self._images = [image for image, _, _ in stills]
        for image, time, words in stills:
            small = image.scaled(
                QSize(_STILL_PX, _STILL_PX) * self.devicePixelRatioF(),
                Qt.AspectRatioMode.KeepAspectRatio,
                Qt.TransformationMode.SmoothTransformation,
            )
            small.setDevicePixelRatio(self.devicePixelRatioF())
            icon = QIcon()
            for mode in (QIcon.Mode.Normal, QIcon.Mode.Selected):  # as it is, also where it is chosen
                icon.addPixmap(QPixmap.fromImage(small), mode)
            item = QListWidgetItem(icon, time)
            item.setData(Qt.ItemDataRole.AccessibleTextRole, words)
            item.setToolTip(words)
            self.addItem(item)
        self.setCurrentRow(chosen if self._images else -1)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """As high as its lines need."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        across = max(1, self.viewport().width() // self.gridSize().width())
        lines = -(-self.count() // across)
        self.setFixedHeight(lines * self.gridSize().height() + 2 * self.frameWidth() + Space.XS)

    def _choose(self, row: int) -> None:
        if 0 <= row < len(self._images):
            self.shown.emit(self._images[row])
