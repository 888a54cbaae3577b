"""A table of frozen records that fits in memory; what a column shows is declared, not subclassed."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Any, Generic, TypeVar

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, Qt

from ui.models.cells import Column, Index, RecordRole, cell_data

R = TypeVar("R")
_ROOT = QModelIndex()


class RecordTableModel(QAbstractTableModel, Generic[R]):
    """Read-only rows over records, filtered by words and sorted by a column; for thousands of records, not millions."""

    def __init__(
        self, columns: Sequence[Column[R]], parent: QObject | None = None, *, key: Callable[[R], Hashable] | None = None
    ) -> None:
        """Start empty; ``key`` tells records apart so that a selection survives new records."""
        super().__init__(parent)
        self._columns = tuple(columns)
        self._key = key
        self._all: tuple[R, ...] = ()
        self._shown: list[R] = []
        self._words: tuple[str, ...] = ()
        self._only: Callable[[R], bool] | None = None
        self._sort: tuple[int, bool] | None = None

    @property
    def columns(self) -> tuple[Column[R], ...]:
        """The columns in their first order."""
        return self._columns

    @property
    def records(self) -> tuple[R, ...]:
        """Every record, also those that the filter hides."""
        return self._all

    def set_records(self, records: Sequence[R]) -> None:
        """Show other records; the filter and the order stay."""
        self._all = tuple(records)
        self._rebuild()

    def set_filter(self, text: str) -> None:
        """Show only records that hold every word of ``text`` in some column, whatever the case of letters."""
        self._words = tuple(text.casefold().split())
        self._rebuild()

    def set_condition(self, only: Callable[[R], bool] | None) -> None:
        """Show only records that fulfil ``only`` (a chip), besides the words."""
        self._only = only
        self._rebuild()

    def record(self, row: int) -> R:
        """The record in the row ``row`` as shown."""
        return self._shown[row]

    def key_of(self, row: int) -> Hashable | None:
        """What tells the record of a row from others, for keeping the selection."""
        if not 0 <= row < len(self._shown):
            return None
        record = self._shown[row]
        return self._key(record) if self._key else id(record)

    def row_of(self, key: Hashable) -> int:
        """The row that shows the record with ``key``, or -1."""
        return next((row for row in range(len(self._shown)) if self.key_of(row) == key), -1)

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Order by a column; -1 gives the records' own order back."""
        self._sort = (column, order is Qt.SortOrder.DescendingOrder) if column >= 0 else None
        self._rebuild()

    def rowCount(self, parent: Index = _ROOT) -> int:
        """How many records the filter leaves."""
        return 0 if parent.isValid() else len(self._shown)

    def columnCount(self, parent: Index = _ROOT) -> int:
        """How many columns there are."""
        return 0 if parent.isValid() else len(self._columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """A cell's text, its :class:`Cell`, or the record itself."""
        if not index.isValid():
            return None
        record = self._shown[index.row()]
        if role == RecordRole:
            return record
        return cell_data(self._columns[index.column()].cell(record), role)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """A column's title."""
        return self._columns[section].head(role) if orientation is Qt.Orientation.Horizontal else None

    def _rebuild(self) -> None:
        self.beginResetModel()
        shown = [record for record in self._all if self._passes(record)]
        if self._sort:
            column = self._columns[self._sort[0]]
            shown.sort(key=column.sort_key or (lambda record: column.cell(record).text), reverse=self._sort[1])
        self._shown = shown
        self.endResetModel()

    def _passes(self, record: R) -> bool:
        if self._only and not self._only(record):
            return False
        if not self._words:
            return True
        text = "\n".join(column.cell(record).whole for column in self._columns).casefold()
        return all(word in text for word in self._words)
