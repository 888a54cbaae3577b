"""The tab with the photographs of an exhibit; each is decoded by a child process, never here."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from forensics_app.model.exhibit import Exhibit, Photo
from forensics_app.model.scene import ScenePhoto
from ui import text
from ui.exhibits.parts import refill, tab_column
from ui.exhibits.words import view_words
from ui.theme import Space
from ui.widgets.buttons import Button, RowButton
from ui.widgets.labels import CutLabel, label
from ui.widgets.layout import vbox
from ui.widgets.notes import EmptyState
from ui.widgets.wrap_layout import WrapLayout

THUMBNAIL_PX = 160
SHARP_PX = 2 * THUMBNAIL_PX
"""What is asked of the child process, for screens with more than one pixel to a point."""


class PhotosTab(QWidget):
    """Shows thumbnails; ``wanted`` asks for one that is not there yet, ``enlarge_asked`` for a large view."""

    add_asked = Signal()
    wanted = Signal(object)
    enlarge_asked = Signal(object)

    def __init__(self) -> None:
        """Start empty."""
        super().__init__()
        self.setObjectName("photosTab")
        self._column = tab_column()
        self._photographs: Photographs | None = None
        self._made: dict[bytes, bytes] = {}
        self.setLayout(self._column)

    def show_photos(self, exhibit: Exhibit, photos: Sequence[Photo], *, may_act: bool) -> None:
        """Show the photographs of ``exhibit``."""
        self._photographs = None
        add = Button(self.tr("Add photograph…"), name="addPhotoHere", icon="photo")
        add.clicked.connect(self.add_asked)
        if not photos:
            sentence = self.tr("No photographs yet. Add the first one.")
            if exhibit.no_photo_reason:
                sentence = self.tr("No photographs: {reason}").format(reason=exhibit.no_photo_reason)
            refill(self._column, [EmptyState("photo", sentence, add if may_act else None, name="noPhotos")])
            return
        self._photographs = Photographs(photos, enlarge=self.enlarge_asked.emit)
        refill(self._column, [self._photographs, add] if may_act else [self._photographs])
        for photo in photos:
            if photo.sha256 in self._made:
                self.show_thumbnail(photo, self._made[photo.sha256])
            else:
                self.wanted.emit(photo)

    def show_thumbnail(self, photo: Photo, encoded: bytes) -> None:
        """Put a thumbnail into its place; ``encoded`` is the PNG that a child process made."""
        self._made[photo.sha256] = encoded
        if self._photographs:
            self._photographs.show_picture(photo, encoded)

    def show_refused(self, photo: Photo, why: str) -> None:
        """Say that a photograph cannot be shown."""
        if self._photographs:
            self._photographs.show_refused(photo, why)


class Photographs(QWidget):
    """Thumbnails; ``enlarge`` is called with the one that was pressed."""

    def __init__(
        self, photos: Sequence[Photo | ScenePhoto], *, enlarge: Callable[[Photo | ScenePhoto], object]
    ) -> None:
        """Show each as waiting for its picture."""
        super().__init__()
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)  # and not fixed: that keeps to one line
        self.setSizePolicy(policy)
        self._thumbs: dict[object, Thumbnail] = {}
        row = WrapLayout(gap=Space.M)
        for at, photo in enumerate(photos):
            made = Thumbnail(photo, number=at)
            made.clicked.connect(lambda _=False, photo=photo: enlarge(photo))
            self._thumbs[photo.id] = made
            row.addWidget(made)
        self.setLayout(row)

    def show_picture(self, photo: Photo | ScenePhoto, encoded: bytes) -> None:
        """Put the PNG that a child process made into its place."""
        if photo.id in self._thumbs:
            self._thumbs[photo.id].show_picture(encoded)

    def show_refused(self, photo: Photo | ScenePhoto, why: str) -> None:
        """Say why there is no picture."""
        if photo.id in self._thumbs:
            self._thumbs[photo.id].show_refused(why)


class Thumbnail(RowButton):
    """A photograph with what it shows and when it was added; a press enlarges it."""

    def __init__(self, photo: Photo | ScenePhoto, *, number: int) -> None:
        """Wait for the picture."""
        super().__init__(name=f"photo{number}", ground="sunken", edge="border")
        self._picture = QLabel(self.tr("Opening …"))
        self._picture.setFixedSize(THUMBNAIL_PX, THUMBNAIL_PX)
        self._picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._picture.setWordWrap(True)
        self._picture.setTextFormat(Qt.TextFormat.PlainText)
        view = view_words(photo.view)
        when = text.time_text(photo.taken_at, to_minute=True) if photo.taken_at else self.tr("time not recorded")
        shown = (CutLabel(view, "strong"), CutLabel(when, "caption"), CutLabel(photo.caption or " ", "caption"))
        for part in shown:
            part.setMaximumWidth(THUMBNAIL_PX)
        digest = label(text.short_digest_text(photo.sha256, groups=1), "mono")
        digest.setToolTip(f"SHA-256 {text.hex_text(photo.sha256)}")
        margins = (Space.XS, Space.XS, Space.XS, Space.XS)
        self.setLayout(vbox(self._picture, *shown, digest, gap=Space.XXS, margins=margins))
        self.adopt()
        self.setAccessibleName(self.tr("Photograph, {view}, {when}: enlarge").format(view=view, when=when))
        self.setToolTip(self.tr("Enlarge; SHA-256 {digest}").format(digest=text.hex_text(photo.sha256)))
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def show_picture(self, encoded: bytes) -> None:
        """Show the PNG that a child process made."""
        picture = QPixmap()
        picture.loadFromData(encoded, "PNG")
        ratio = self.devicePixelRatioF()
        side = round(THUMBNAIL_PX * ratio)
        kept, smooth = Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
        fitted = picture.scaled(side, side, kept, smooth)
        fitted.setDevicePixelRatio(ratio)
        self._picture.setPixmap(fitted)

    def show_refused(self, why: str) -> None:
        """Say why there is no picture."""
        self._picture.setText(why)
