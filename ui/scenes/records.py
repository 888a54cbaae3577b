"""The photographs and the steps of a live capture that answer a question."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from zoneinfo import ZoneInfo

from PySide6.QtWidgets import QSizePolicy, QWidget

from forensics_app.model.scene import Capture, ScenePhoto
from ui.exhibits.photos_tab import Thumbnail
from ui.models.record_table import RecordTableModel
from ui.scenes.columns import capture_columns
from ui.theme import Row, Space
from ui.widgets.table import Table
from ui.widgets.wrap_layout import WrapLayout

_ROWS_SHOWN = 5


class Photographs(QWidget):
    """Thumbnails; ``enlarge`` is called with the one that was pressed."""

    def __init__(self, photos: Sequence[ScenePhoto], *, enlarge: Callable[[ScenePhoto], None]) -> None:
        """Show each as waiting for its picture."""
        super().__init__()
        self.setObjectName("scenePhotos")
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self._thumbs: dict[object, Thumbnail] = {}
        row = WrapLayout(gap=Space.M)
        for at, photo in enumerate(photos):
            made = Thumbnail(photo, number=at)
            made.clicked.connect(lambda _=False, photo=photo: enlarge(photo))
            self._thumbs[photo.id] = made
            row.addWidget(made)
        self.setLayout(row)

    def show_picture(self, photo: ScenePhoto, encoded: bytes) -> None:
        """Put the PNG that a child process made into its place."""
        if photo.id in self._thumbs:
            self._thumbs[photo.id].show_picture(encoded)

    def show_refused(self, photo: ScenePhoto, why: str) -> None:
        """Say why there is no picture."""
        if photo.id in self._thumbs:
            self._thumbs[photo.id].show_refused(why)


def capture_table(captures: Sequence[Capture], zone: ZoneInfo, title: str) -> Table:
    """The steps of a capture in the order of recording; as high as they need, five of them at most."""
    model: RecordTableModel[Capture] = RecordTableModel(capture_columns(zone, zone.key), key=lambda one: one.id)
    model.set_records(captures)
    table = Table(model, name="captures", title=title, row_px=Row.TWO_LINE)
    model.setParent(table)
    shown = min(max(1, len(captures)), _ROWS_SHOWN)
    table.setFixedHeight(Row.HEAD + shown * Row.TWO_LINE + Space.L)
    return table
