"""A picture as the child process made it harmless, with what its EXIF says; nothing of evidence is decoded here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from ui import text
from ui.examine.decoding import harmless
from ui.examine.latest import Latest
from ui.examine.sources import refusal
from ui.examine.words import type_name
from ui.jobs import JobRunner
from ui.theme import Space
from ui.widgets.labels import label
from ui.widgets.layout import plain, scrolled, vbox
from ui.widgets.notes import EmptyState, facts

if TYPE_CHECKING:
    from forensics_app.bootstrap import Lab
    from forensics_app.model.image import Picture
    from ui.examine.places import Subject

LARGEST_BOX_PX = 1600
_SMALLEST_BOX_PX = 240
_FOLDED_EXIF = 40
_BY_NAME = ("jpg", "jpeg", "png", "gif", "bmp", "tif", "tiff", "webp", "ico")


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


class PreviewPane(QFrame):
    """Shows a picture file; says of others why there is nothing to see."""

    def __init__(self, jobs: JobRunner) -> None:
        """Start without a file."""
        super().__init__()
        self.setObjectName("previewPane")
        self.setProperty("pane", True)
        self._question = Latest(self, jobs)
        self._lab: Lab | None = None
        self._subject: Subject | None = None
        self._stale = False
        self.picture = PictureView()
        self._words = label(role="caption", wrap=True, select=True, name="pictureWords")
        self._exif = QVBoxLayout()
        body = plain(vbox(self.picture, self._words, self._exif, None, margins=(Space.M, Space.S, Space.M, Space.S)))
        self._scroll: QScrollArea = scrolled(body, name="previewScroll")
        self._empty = EmptyState("image", "", name="noPreview")
        self._stack = QStackedWidget()
        self._stack.addWidget(self._scroll)
        self._stack.addWidget(self._empty)
        self.setLayout(vbox((self._stack, 1), gap=0))
        self._say(self.tr("Choose a picture."))

    def show_subject(self, lab: Lab, subject: Subject | None) -> None:
        """Look at another file, once the pane is in sight."""
        self._question.drop()
        self._lab, self._subject = lab, subject
        why = self._why_not(subject)
        self._stale = not why
        if why:
            self._say(why)
        self._read_if_seen()

    def showEvent(self, event: QShowEvent) -> None:
        """Read what was not read while nobody looked."""
        super().showEvent(event)
        self._read_if_seen()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the picture in the room that there is."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """As high as the picture is in this width, and so that something of the words stays in sight."""
        image = self.picture.image
        if not image.isNull():
            room = QSize(self.width() - 3 * Space.M, max(6 * Space.L, self.height() - 3 * Space.XXL))
            self.picture.setFixedHeight(self.picture.size_in(room).height())

    def _why_not(self, subject: Subject | None) -> str:
        entry = subject.entry if subject else None
        if entry is None:
            return self.tr("Choose a picture.")
        if not entry.size_bytes:
            return self.tr("There is no content to show.")
        if entry.mime and not entry.mime.startswith("image/"):
            words = self.tr("There is no preview of this type ({type}). Hex, text and strings show what it holds.")
            return words.format(type=type_name(entry.mime))
        if not entry.mime and entry.extension not in _BY_NAME:
            return self.tr("There is no preview. Hex, text and strings show what it holds.")
        return ""

    def _read_if_seen(self) -> None:
        lab, subject = self._lab, self._subject
        if not self._stale or lab is None or subject is None or subject.entry is None or not self.isVisible():
            return
        self._stale = False
        image, entry = subject.image, subject.entry
        ratio = self.devicePixelRatioF()
        box = min(LARGEST_BOX_PX, max(_SMALLEST_BOX_PX, round(max(self.width(), self.height()) * ratio)))

        def read() -> tuple[Picture, QImage]:
            picture = lab.examine.picture(image, entry, box)
            return picture, QImage.fromData(picture.encoded)

        self._question.ask(lambda _: read(), self._take, lambda error: self._say(*refusal(error, "image")))

    def _take(self, read: tuple[Picture, QImage]) -> None:
        picture, image = read
        image.setDevicePixelRatio(1.0)
        self.picture.show_image(image)
        self._fit()
        size = self.tr("{width} x {height} pixels, {format}").format(
            width=text.count_text(picture.width_pixels),
            height=text.count_text(picture.height_pixels),
            format=picture.format,
        )
        self._words.setText(size)
        self.picture.setAccessibleName(self.tr("Picture, {size}").format(size=size))
        self._fill_exif(picture.exif)
        self._stack.setCurrentWidget(self._scroll)

    def _fill_exif(self, fields: tuple[tuple[str, str], ...]) -> None:
        while item := self._exif.takeAt(0):
            if widget := item.widget():
                widget.deleteLater()
        if not fields:
            self._exif.addWidget(label(self.tr("No EXIF in this file."), "caption"))
            return
        shown = [(harmless(name), harmless(value).replace("\n", " ")) for name, value in fields[:_FOLDED_EXIF]]
        self._exif.addWidget(label(self.tr("EXIF, as stored in the file"), "label"))
        self._exif.addWidget(plain(facts(shown, label_px=8 * Space.M, gap=Space.XXS)))
        if len(fields) > _FOLDED_EXIF:
            more = self.tr("{n} more fields").format(n=len(fields) - _FOLDED_EXIF)
            self._exif.addWidget(label(more, "caption"))

    def _say(self, sentence: str, icon: str = "image") -> None:
        self.picture.show_image(QImage())
        self._empty.set_sentence(sentence, icon)
        self._stack.setCurrentWidget(self._empty)
