"""Adds photographs to an exhibit, and shows one large."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QLabel, QWidget

from forensics_app.model.exhibit import Exhibit, Photo
from forensics_app.model.scene import ScenePhoto
from ui import text
from ui.exhibits.photo_picker import PhotoPicker
from ui.exhibits.words import view_words
from ui.widgets.buttons import Button
from ui.widgets.digest_view import DigestView
from ui.widgets.sheet import Sheet, sheet_body

if TYPE_CHECKING:
    from ui.page import PageContext

_LARGE_PX = 720


class AddPhotoSheet(Sheet):
    """Asks for photographs; ``submitted`` carries a tuple of :class:`NewPhoto`."""

    def __init__(self, parent: QWidget, exhibit: Exhibit) -> None:
        """Ask for photographs of ``exhibit``."""
        super().__init__(
            parent, title=self.tr("Add photographs to {number}").format(number=exhibit.number),
            subtitle=exhibit.description, name="addPhotoSheet", width_px=620, height_px=320,
        )  # fmt: skip
        self.picker = PhotoPicker()
        self.set_body(sheet_body(self.picker))
        self._add = Button(self.tr("Add"), name="addPhotosPrimary", kind="primary", icon="photo")
        self.set_buttons(self._add, self.cancel_button())
        self.picker.changed.connect(lambda: self.say(""))

    def problem(self) -> str:
        """Whether there is anything to add."""
        return "" if self.picker.photos() else self.tr("Choose at least one photograph.")

    def request(self) -> object:
        """The photographs."""
        return self.picker.photos()


class PhotoSheet(Sheet):
    """One photograph, large, with its digest."""

    def __init__(self, parent: QWidget, photo: Photo | ScenePhoto, encoded: bytes, number: str) -> None:
        """Show the ``encoded`` PNG that a child process made of ``photo``."""
        title = self.tr("{number}: {view}").format(number=number, view=view_words(photo.view))
        super().__init__(
            parent, title=title, subtitle=text.bytes_text(photo.size_bytes), name="photoSheet", width_px=_LARGE_PX + 60
        )
        picture = QPixmap()
        picture.loadFromData(encoded, "PNG")
        shown = QLabel()
        shown.setObjectName("photoLarge")
        shown.setAccessibleName(title)
        shown.setPixmap(picture)
        shown.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.set_body(sheet_body(shown, DigestView("SHA-256", photo.sha256, groups_a_line=8)))
        self.set_buttons(Button(self.tr("Close"), name="closePhoto", kind="primary"))


def enlarge(
    page: QWidget, context: PageContext, photo: Photo | ScenePhoto, scaled: Callable[[int], bytes], number: str
) -> None:
    """Show a photograph large over ``page``, once ``scaled(box_px)`` has made the PNG off the UI thread."""
    title = QCoreApplication.translate("PhotoSheet", "Show the photograph")
    context.jobs.start(
        page,
        lambda _: scaled(_LARGE_PX),
        done=lambda encoded: PhotoSheet(page.window(), photo, encoded, number).open(),
        failed=lambda error: context.show_error(title, error),
    )
