"""A table over millions of rows: a vector of ids in the order shown, and the pages that were looked at last."""

from __future__ import annotations

from array import array
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from typing import Any, Generic, TypeVar

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, Qt, Signal

from ui.models.cells import EMPTY, Cell, Column, Index, RecordRole, cell_data

R = TypeVar("R")
Deliver = Callable[[Sequence[R | None]], None]
LoadPage = Callable[[Sequence[int], Deliver[R]], None]
PAGE_ROWS = 200
PAGES_KEPT = 64
_ROOT = QModelIndex()
_WAITING = Cell("…")


class LazyTableModel(QAbstractTableModel, Generic[R]):
    """Read-only rows whose records come page by page through ``load``.

    ``load(ids, deliver)`` fetches the records of at most :data:`PAGE_ROWS` ids and calls ``deliver`` with them in
    the same order (None for one that is gone), at once or later but on the UI thread. Sorting and filtering are
    done by whoever owns the ids: the model says ``sort_asked(column key, descending)`` and gets new ids.
    """

    sort_asked = Signal(str, bool)

    def __init__(
        self, columns: Sequence[Column[R]], load: LoadPage[R], parent: QObject | None = None, *, sort_key: str = ""
    ) -> None:
        """Start empty; ``sort_key`` names the column that the first ids are ordered by."""
        super().__init__(parent)
        self._columns = tuple(columns)
        self._load = load
        self._ids = array("q")
        self._pages: OrderedDict[int, Sequence[R | None]] = OrderedDict()
        self._asked: set[int] = set()
        self._edition = 0
        self._asking = self._partial = False
        self._sort = (sort_key, False)

    @property
    def columns(self) -> tuple[Column[R], ...]:
        """The columns in their first order."""
        return self._columns

    @property
    def ids(self) -> array[int]:
        """The ids in the order shown; not to be changed."""
        return self._ids

    @property
    def partial(self) -> bool:
        """Whether only the beginning is known so far; :meth:`set_ids` brings the rest."""
        return self._partial

    def set_ids(self, ids: array[int]) -> None:
        """Show these ids (signed 64-bit) in this order; what follows a beginning shown before is put behind it."""
        before, self._partial = self._partial, False
        shown = len(self._ids)
        if before and ids[:shown] == self._ids:
            self._append(ids)
        else:
            self._reset(ids)

    def set_beginning(self, ids: array[int], records: Sequence[R | None]) -> None:
        """Show the first page with its records, while the rest is on its way; ``ids`` are :data:`PAGE_ROWS` at most."""
        self._partial = True
        self._reset(ids, records)

    def _reset(self, ids: array[int], first_page: Sequence[R | None] = ()) -> None:
        self.beginResetModel()
        self._ids = ids
        self._forget_pages()
        if first_page:
            self._pages[0] = first_page
        self.endResetModel()

    def _append(self, ids: array[int]) -> None:
        shown = len(self._ids)
        if len(ids) == shown:
            return
        self.beginInsertRows(_ROOT, shown, len(ids) - 1)
        self._ids = ids
        self.endInsertRows()

    def refresh(self) -> None:
        """Load again what is shown, such as after a tag was set."""
        self._forget_pages()
        if self._ids:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._ids) - 1, len(self._columns) - 1))

    def record(self, row: int) -> R | None:
        """The record of a row; None while its page is on its way."""
        page, at = divmod(row, PAGE_ROWS)
        records = self._pages.get(page)
        if records is None or at >= len(records):  # the page may have grown since it was asked for
            self._ask(page)
            records = self._pages.get(page)
        else:
            self._pages.move_to_end(page)
        return records[at] if records is not None and at < len(records) else None

    def held(self, row: int) -> R | None:
        """The record of a row if its page is here; asks for none."""
        page, at = divmod(row, PAGE_ROWS)
        records = self._pages.get(page, ())
        return records[at] if at < len(records) else None

    def key_of(self, row: int) -> Hashable | None:
        """The id of a row, for keeping the selection."""
        return self._ids[row] if 0 <= row < len(self._ids) else None

    def row_of(self, key: Hashable) -> int:
        """The row that shows the id ``key``, or -1."""
        try:
            return self._ids.index(key) if isinstance(key, int) else -1
        except ValueError:
            return -1

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Ask the owner of the ids for another order."""
        if column < 0 or not self._columns[column].sortable:
            return
        asked = (self._columns[column].key, order is Qt.SortOrder.DescendingOrder)
        if asked != self._sort:
            self._sort = asked
            self.sort_asked.emit(*asked)

    def rowCount(self, parent: Index = _ROOT) -> int:
        """How many ids there are."""
        return 0 if parent.isValid() else len(self._ids)

    def columnCount(self, parent: Index = _ROOT) -> int:
        """How many columns there are."""
        return 0 if parent.isValid() else len(self._columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """A cell's text, its :class:`Cell`, or the record; an ellipsis while the page is on its way."""
        if not index.isValid():
            return None
        record = self.record(index.row())
        if role == RecordRole:
            return record
        if record is None:
            return cell_data(_WAITING if index.column() == 0 else EMPTY, role)
        return cell_data(self._columns[index.column()].cell(record), role)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """A column's title."""
        return self._columns[section].head(role) if orientation is Qt.Orientation.Horizontal else None

    def _ask(self, page: int) -> None:
        if page in self._asked:
            return
        self._asked.add(page)
        edition = self._edition
        first = page * PAGE_ROWS
        ids = self._ids[first : first + PAGE_ROWS]
        self._asking = True
        try:
            self._load(ids, lambda records: self._take(edition, page, len(ids), records))
        finally:
            self._asking = False

    def _take(self, edition: int, page: int, asked_rows: int, records: Sequence[R | None]) -> None:
        if edition != self._edition:
            return
        self._asked.discard(page)
        self._pages[page] = (*records, *(None for _ in range(asked_rows - len(records))))
        while len(self._pages) > PAGES_KEPT:
            self._pages.popitem(last=False)
        if not self._asking:
            first = page * PAGE_ROWS
            last = min(first + PAGE_ROWS, len(self._ids)) - 1
            self.dataChanged.emit(self.index(first, 0), self.index(last, len(self._columns) - 1))

    def _forget_pages(self) -> None:
        self._edition += 1
        self._pages.clear()
        self._asked.clear()
