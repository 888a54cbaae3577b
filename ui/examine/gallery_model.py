"""The rows of the list as tiles beside each other, so many across as there is room for."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, Qt

from ui.models.cells import Index, RecordRole

if TYPE_CHECKING:
    from forensics_app.model.catalogue import CatalogueEntry
    from ui.models.lazy_table import LazyTableModel

_ROOT = QModelIndex()


class GalleryModel(QAbstractTableModel):
    """Tile ``row * across + column`` is that row of the list; it holds no records of its own."""

    def __init__(
        self, rows: LazyTableModel[CatalogueEntry], say: Callable[[CatalogueEntry], str], parent: QObject
    ) -> None:
        """Show ``rows``; ``say`` gives everything that a tile shows of a file, as words."""
        super().__init__(parent)
        self._rows, self._say, self._across = rows, say, 1
        rows.modelAboutToBeReset.connect(self.beginResetModel)
        rows.modelReset.connect(self.endResetModel)
        rows.rowsInserted.connect(lambda *_: self._renew())
        rows.dataChanged.connect(lambda *_: self._say_changed())

    @property
    def across(self) -> int:
        """How many tiles stand beside each other."""
        return self._across

    def set_across(self, across: int) -> None:
        """Put so many beside each other."""
        if across != self._across:
            self.beginResetModel()
            self._across = max(1, across)
            self.endResetModel()

    def number(self, index: Index) -> int:
        """Which row of the list a tile is; -1 where none is."""
        at = index.row() * self._across + index.column() if index.isValid() else -1
        return at if 0 <= at < self._rows.rowCount() else -1

    def tile(self, number: int) -> QModelIndex:
        """Where a row of the list stands."""
        return self.index(number // self._across, number % self._across)

    def entry(self, index: Index) -> CatalogueEntry | None:
        """The record of a tile; None while it is on its way."""
        number = self.number(index)
        return self._rows.record(number) if number >= 0 else None

    def rowCount(self, parent: Index = _ROOT) -> int:
        """How many rows of tiles there are."""
        return 0 if parent.isValid() else -(-self._rows.rowCount() // self._across)

    def columnCount(self, parent: Index = _ROOT) -> int:
        """How many tiles stand beside each other."""
        return 0 if parent.isValid() else self._across

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Where there is no tile, nothing can be chosen."""
        if self.number(index) < 0:
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The name of the file, or its record."""
        entry = self.entry(index)
        if role == RecordRole:
            return entry
        if entry is None:
            return None
        if role in (Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.ToolTipRole):
            return self._say(entry)
        if role == Qt.ItemDataRole.DisplayRole:
            return entry.name
        return None

    def _renew(self) -> None:
        self.beginResetModel()
        self.endResetModel()

    def _say_changed(self) -> None:
        if self.rowCount():
            self.dataChanged.emit(self.index(0, 0), self.index(self.rowCount() - 1, self._across - 1))
