"""The gallery: the files of the list as tiles, chosen by the same keys, with what is concealed blurred."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QItemSelection, QItemSelectionModel, QSignalBlocker, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QAbstractItemView, QTableView

from ui.examine.gallery_model import GalleryModel
from ui.examine.thumbnail_store import ThumbnailStore
from ui.examine.tile_delegate import TILE, TileDelegate
from ui.examine.words import state_cell, visible
from ui.models.cells import RecordRole

if TYPE_CHECKING:
    from forensics_app.model.catalogue import CatalogueEntry
    from forensics_app.model.tag import Tag
    from ui.examine.browser import Browser
    from ui.examine.files_pane import FilesPane

_SETTLE_MS = 60
"""While somebody scrolls, nothing is asked for that is out of sight before it could come."""


class Gallery(QTableView):
    """Shows the rows of the list; what is chosen here is chosen there, so that every act on files acts on it.

    ``look_asked`` wants a reason to look at what is concealed.
    """

    look_asked = Signal()

    def __init__(self, browser: Browser) -> None:
        """Show the list of ``browser``."""
        super().__init__()
        self.setObjectName("gallery")
        self.setAccessibleName(self.tr("Gallery of the files"))
        self._browser = browser
        self._files: FilesPane = browser.files
        self.store = ThumbnailStore(self, browser.jobs, lambda: browser.session.lab)
        self.tiles = GalleryModel(self._files.model, self._words, self)
        self.setModel(self.tiles)
        self.setItemDelegate(TileDelegate(self.store.tile, self._tags_on, self))
        for head, size in ((self.horizontalHeader(), TILE.width()), (self.verticalHeader(), TILE.height())):
            head.hide()
            head.setMinimumSectionSize(size)
            head.setDefaultSectionSize(size)
        self.setShowGrid(False)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectItems)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setTabKeyNavigation(False)
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(_SETTLE_MS)
        self._settle.timeout.connect(self.want_seen)
        self._connect()

    def _connect(self) -> None:
        self.verticalScrollBar().valueChanged.connect(lambda _: self._settle.start())
        self.tiles.modelReset.connect(self._on_rows)
        self.tiles.dataChanged.connect(lambda *_: self._settle.start())
        self.store.came.connect(self.viewport().update)
        self.store.failed.connect(self._browser.failed)
        self.selectionModel().selectionChanged.connect(self._choose_rows)
        self.selectionModel().currentChanged.connect(lambda *_: self._choose_rows())
        self.doubleClicked.connect(lambda index: self._files.open_entry(index.data(RecordRole)))
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(lambda at: self._files.menu_asked.emit(self.viewport().mapToGlobal(at)))

    def _words(self, entry: CatalogueEntry) -> str:
        """Everything that a tile shows, for who does not see it."""
        tile, tags = self.store.tile(entry.id), ", ".join(tag.name for tag in self._tags_on(entry.id))
        blurred = self.tr("blurred") if tile and tile.is_blurred else ""
        still = self.tr("still of a video, {time}").format(time=tile.caption) if tile and tile.caption else ""
        said = (visible(entry.name), state_cell(entry).text, tags, blurred, visible(tile.why) if tile else "", still)
        return ", ".join(part for part in said if part)

    def _tags_on(self, entry_id: int) -> tuple[Tag, ...]:
        return self._files.shown().tags.get(entry_id, ())

    def show_again(self) -> None:
        """Ask for every picture anew, such as after something was concealed or looked at."""
        self.store.forget()
        self.viewport().update()
        self._settle.start()

    def want_seen(self) -> None:
        """Ask for the pictures in sight."""
        shown = self._browser.image
        if not self.isVisible() or shown is None:
            return
        self.store.show_image(shown.image)
        first = max(0, self.rowAt(0))
        last = self.rowAt(self.viewport().height() - 1)
        last = self.tiles.rowCount() - 1 if last < 0 else last
        seen = (
            self.tiles.entry(self.tiles.index(row, column))
            for row in range(first, last + 1)
            for column in range(self.tiles.across)
        )
        self.store.want([entry for entry in seen if entry is not None])

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put as many tiles beside each other as there is room for."""
        super().resizeEvent(event)
        self.tiles.set_across(max(1, self.viewport().width() // TILE.width()))
        self._settle.start()

    def showEvent(self, event: QShowEvent) -> None:
        """Choose what the table has chosen."""
        super().showEvent(event)
        self._take_current()
        self._settle.start()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter opens and Space previews, as in the table; R asks to look at what is concealed."""
        key, entry = event.key(), self.tiles.entry(self.currentIndex())
        if event.modifiers():
            super().keyPressEvent(event)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._files.open_entry(entry)
        elif key == Qt.Key.Key_Space:
            self._files.previewed.emit(entry)
        elif key == Qt.Key.Key_R:
            self.look_asked.emit()
        elif key == Qt.Key.Key_Backspace:
            self._files.up_asked.emit()
        else:
            super().keyPressEvent(event)

    def _on_rows(self) -> None:
        self._take_current()
        self._settle.start()

    def _take_current(self) -> None:
        row = self._files.table.currentIndex().row()
        if row >= 0:
            with QSignalBlocker(self.selectionModel()):
                self.selectionModel().setCurrentIndex(
                    self.tiles.tile(row), QItemSelectionModel.SelectionFlag.ClearAndSelect
                )
            self.scrollTo(self.tiles.tile(row))

    def _choose_rows(self, *_: QItemSelection) -> None:
        """Choose in the table what is chosen here: acts, viewers and tags go by that."""
        if not self.isVisible():
            return
        table, model = self._files.table, self._files.model
        chosen, last_column = QItemSelection(), model.columnCount() - 1
        for first, last in self._blocks():
            chosen.select(model.index(first, 0), model.index(last, last_column))
        flags = QItemSelectionModel.SelectionFlag
        current = self.tiles.number(self.currentIndex())
        selection = table.selectionModel()
        if current >= 0 and current != table.currentIndex().row():
            selection.setCurrentIndex(model.index(current, 0), flags.NoUpdate)
        selection.select(chosen, flags.ClearAndSelect)

    def _blocks(self) -> Sequence[tuple[int, int]]:
        """The chosen rows of the list, from each first to its last; whole rows of tiles are one block."""
        selection, across, count = self.selectionModel().selection(), self.tiles.across, self._files.model.rowCount()
        found: list[tuple[int, int]] = []
        for at in range(selection.count()):
            part = selection.at(at)
            left, right, top, bottom = part.left(), part.right(), part.top(), part.bottom()
            if right - left + 1 == across:
                found.append((top * across, bottom * across + right))
            else:
                found += [(row * across + left, row * across + right) for row in range(top, bottom + 1)]
        return [(first, min(last, count - 1)) for first, last in sorted(found) if first < count]
