"""What stands under a picture: which page of how many it is, and the buttons that turn pages and zoom."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from ui.examine.picture_view import ZOOMS, PictureView
from ui.theme import Space
from ui.widgets.buttons import IconButton
from ui.widgets.labels import CutLabel
from ui.widgets.layout import hbox


class PictureBar(QWidget):
    """The bar of one picture; ``turned`` carries by how many pages to go on."""

    turned = Signal(int)

    def __init__(self, picture: PictureView) -> None:
        """Start with one page that is not told."""
        super().__init__()
        self._picture, self._words, self._at, self._count = picture, "", 0, 1
        self.where = CutLabel("", "caption", name="pageWhere")
        self._smaller = IconButton("zoom-out", self.tr("Smaller (-)"), name="pictureSmaller")
        self._fit = IconButton("fit-width", self.tr("All of it in sight (0)"), name="pictureFit")
        self._larger = IconButton("zoom-in", self.tr("Larger (+, Ctrl and the wheel)"), name="pictureLarger")
        self._back = IconButton("chevron-left", self.tr("Page before (PgUp)"), name="pageBack")
        self._on = IconButton("chevron-right", self.tr("Next page (PgDown)"), name="pageNext")
        self._smaller.clicked.connect(lambda: picture.zoom_by(-1))
        self._fit.clicked.connect(picture.fit)
        self._larger.clicked.connect(lambda: picture.zoom_by(1))
        self._back.clicked.connect(lambda: self._turn(-1))
        self._on.clicked.connect(lambda: self._turn(1))
        picture.turned.connect(self._turn)
        picture.zoomed.connect(self._tell)
        buttons = (self._smaller, self._fit, self._larger, self._back, self._on)
        self.setLayout(hbox((self.where, 1), *buttons, margins=(Space.M, Space.XXS, Space.XS, Space.XXS)))
        self.show_page(0, 1, "")

    def show_page(self, at: int, count: int, words: str) -> None:
        """Tell which page, from 0, of how many is in sight."""
        self._at, self._count, self._words = at, count, words
        self._back.setVisible(count > 1)
        self._on.setVisible(count > 1)
        self._back.setEnabled(at > 0)
        self._on.setEnabled(at + 1 < count)
        self._tell()

    def refuse_page(self, at: int, why: str) -> None:
        """Tell why a page is not in sight."""
        words = self.tr("Page {n} of {all}").format(n=f"{at + 1:,}", all=f"{self._count:,}")
        self.show_page(at, self._count, f"{words}: {why}")

    def _turn(self, step: int) -> None:
        if 0 <= self._at + step < self._count:
            self.turned.emit(step)

    def _tell(self) -> None:
        zoom = self._picture.zoom
        times = self.tr("{times} times as large").format(times=f"{zoom:g}") if zoom > 1.0 else ""
        self.where.setText("  \u00b7  ".join(filter(None, (self._words, times))))
        self._smaller.setEnabled(zoom > ZOOMS[0])
        self._fit.setEnabled(zoom > ZOOMS[0])
        self._larger.setEnabled(zoom < ZOOMS[-1])
