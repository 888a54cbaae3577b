"""The table of every list: rows by keyboard, columns to choose, copy, and a selection that survives a new order."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Any, Protocol, cast

from PySide6.QtCore import QAbstractItemModel, QByteArray, QItemSelectionModel, QPoint, QSettings, Qt, Signal
from PySide6.QtGui import QFontMetrics, QGuiApplication, QKeyEvent, QKeySequence, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QMenu, QStyleOptionHeader, QTableView, QWidget

from ui.models import export
from ui.models.cells import Column, Index, RecordRole
from ui.theme import SEMIBOLD, Row, Space, Type, ui_font
from ui.widgets.cell_delegate import CellDelegate

LEAST_LIST_PX = 4 * Row.TWO_LINE
"""The least height of a list under fields, which are scrolled with it where the room is short."""
_COMFORT_PX = 240
"""With less room than this for the stretching column, those that can be narrower are."""
_FITTED_ROWS = 50
_AMPLE_PX = 380
"""With more room than this for the stretching column, those that can be wider are."""


class TableModel(Protocol):
    """What the table asks of its model besides Qt's own interface."""

    @property
    def columns(self) -> Sequence[Column[Any]]:
        """The declared columns."""
        ...

    def key_of(self, row: int) -> Hashable | None:
        """What tells a row's record from others."""
        ...

    def row_of(self, key: Hashable) -> int:
        """The row of the record with ``key``, or -1."""
        ...


class Copy(Protocol):
    """Puts rows on the clipboard, or one column of one."""

    def __call__(
        self, count: int, rows: Callable[[], Sequence[int]], columns: Sequence[int], *, with_heads: bool
    ) -> None:
        """Copy the cells of these columns; ``rows`` names the rows, of which there are ``count``."""
        ...


class _Head(QHeaderView):
    """The heads of the columns; a title such as "Opened (Europe/Berlin)" is never cut within its brackets."""

    def initStyleOptionForIndex(self, option: QStyleOptionHeader, section: int) -> None:
        """Leave the brackets out where there is no room for them; the tooltip has the whole title."""
        super().initStyleOptionForIndex(option, section)
        if option.fontMetrics.horizontalAdvance(option.text) > self.sectionSize(section) - 2 * Space.S:
            option.text = option.text.split(" (")[0]


class Table(QTableView):
    """A list of records.

    ``opened`` (Enter, double click) and ``previewed`` (Space) and ``chosen`` (another row became current) carry the
    record, or None while its page is on its way.
    """

    opened = Signal(object)
    previewed = Signal(object)
    chosen = Signal(object)

    def __init__(
        self, model: QAbstractItemModel, *, name: str, title: str, row_px: int = Row.NORMAL, is_remembered: bool = True
    ) -> None:
        """Show ``model``, which also answers :class:`TableModel`; ``title`` is what a screen reader says.

        ``is_remembered`` is False where the order of the rows is what the list is about, and where the columns come out
        of evidence: then neither sort nor columns are kept for the next start.
        """
        super().__init__()
        self._is_remembered, self._layouts = is_remembered, cast(QSettings | None, None)
        self.setObjectName(name)
        self.setAccessibleName(title)
        self._kept: Hashable | None = None
        self._copy: Copy | None = None
        self.setModel(model)
        self.setItemDelegate(CellDelegate(self))
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setMouseTracking(True)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        side = self.verticalHeader()
        side.hide()
        side.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        side.setMinimumSectionSize(row_px)
        side.setDefaultSectionSize(row_px)
        self._set_up_head()
        self.doubleClicked.connect(lambda index: self.opened.emit(index.data(RecordRole)))
        model.modelAboutToBeReset.connect(self._keep)
        model.modelReset.connect(self._restore)
        model.rowsInserted.connect(self._restore_behind)

    @property
    def _columns(self) -> Sequence[Column[Any]]:
        return cast(TableModel, self.model()).columns

    def current_record(self) -> Any:
        """The record of the current row, or None."""
        index = self.currentIndex()
        return index.data(RecordRole) if index.isValid() else None

    def selected_rows(self) -> list[int]:
        """The selected rows, from the top."""
        return sorted({row for first, last in self._selected_ranges() for row in range(first, last + 1)})

    def selected_count(self) -> int:
        """How many rows are selected."""
        return sum(last - first + 1 for first, last in self._selected_ranges())

    def _selected_ranges(self) -> set[tuple[int, int]]:
        found = self.selectionModel().selection()
        return {(found.at(at).top(), found.at(at).bottom()) for at in range(found.count())}

    def selectRow(self, row: int) -> None:
        """Make one row current, and the only selected one, also while Ctrl or Shift is still held down."""
        flags = QItemSelectionModel.SelectionFlag
        self.selectionModel().setCurrentIndex(self.model().index(row, 0), flags.ClearAndSelect | flags.Rows)

    def select_key(self, key: Hashable) -> bool:
        """Make the record with ``key`` current and show it; tell whether it is in the list."""
        row = cast(TableModel, self.model()).row_of(key)
        if row < 0:
            return False
        self.selectRow(row)
        self.scrollTo(self.model().index(row, 0))
        return True

    def column_menu(self, parent: QWidget) -> QMenu:
        """A menu with a tick for every shown column; the first column always stays."""
        menu = QMenu(parent)
        for at, column in enumerate(self._columns):
            action = menu.addAction(column.title)
            action.setCheckable(True)
            action.setChecked(not self.isColumnHidden(at))
            action.setEnabled(at > 0)
            action.toggled.connect(lambda on, at=at: self.setColumnHidden(at, not on))
        return menu

    def choose_columns(self, beside: QWidget) -> None:
        """Open the menu of columns under ``beside``."""
        menu = self.column_menu(self)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(beside.mapToGlobal(QPoint(0, beside.height())))

    def fit_columns(self, most_px: Sequence[int]) -> None:
        """Make each column as wide as its head and the first rows need, and at most as wide as ``most_px`` says."""
        head, model = self.horizontalHeader(), self.model()
        metrics, heads = QFontMetrics(ui_font(Type.BODY)), QFontMetrics(ui_font(Type.SMALL, SEMIBOLD))
        for at, most in enumerate(most_px):
            cells = (str(model.index(row, at).data() or "") for row in range(min(model.rowCount(), _FITTED_ROWS)))
            widest = max((metrics.horizontalAdvance(cell) for cell in cells), default=0)
            widest = max(widest, heads.horizontalAdvance(self._columns[at].title))
            head.resizeSection(at, min(most, widest + 2 * Space.M))
        self._share_out()

    def visible_columns(self) -> list[int]:
        """The shown columns in the order shown."""
        head = self.horizontalHeader()
        order = (head.logicalIndex(at) for at in range(head.count()))
        return [column for column in order if not self.isColumnHidden(column)]

    def remember(self, layouts: QSettings) -> None:
        """Take widths, order, choice and sort of columns as they were last, and keep them from now on."""
        self._layouts = layouts
        state = layouts.value(self._layout_key)
        if isinstance(state, QByteArray) and self.horizontalHeader().restoreState(state):
            self._share_out()
        head = self.horizontalHeader()
        for changed in (head.sectionResized, head.sectionMoved, head.sortIndicatorChanged):
            changed.connect(self._save_layout)

    @property
    def _layout_key(self) -> str:
        """With the number of columns: a state of other columns fits none of these."""
        return f"columns/{self.objectName()}-{len(self._columns)}"

    def _save_layout(self) -> None:
        if self._layouts is not None:
            self._layouts.setValue(self._layout_key, self.horizontalHeader().saveState())

    def showEvent(self, event: QShowEvent) -> None:
        """Look as it did last: where nobody gave a place to remember it in, the window has one."""
        super().showEvent(event)
        if self._layouts is None and self._is_remembered:
            part: QWidget | None = self
            while part is not None and self._layouts is None:
                if isinstance(layouts := getattr(part, "layouts", None), QSettings):
                    self.remember(layouts)
                part = part.parentWidget()

    def currentChanged(self, current: Index, previous: Index) -> None:
        """Tell which record is current."""
        super().currentChanged(current, previous)
        if current.row() != previous.row():
            self.chosen.emit(current.data(RecordRole) if current.isValid() else None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter opens, Space previews, Ctrl+C copies the cell and Ctrl+Shift+C the rows with their heads."""
        modifiers, key = event.modifiers(), event.key()
        control_shift = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
        if key == Qt.Key.Key_C and modifiers == control_shift:
            self.copy_rows()
        elif event.matches(QKeySequence.StandardKey.Copy):
            self.copy_cell()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not modifiers:
            self.opened.emit(self.current_record())
        elif key == Qt.Key.Key_Space and not modifiers:
            self.previewed.emit(self.current_record())
        else:
            super().keyPressEvent(event)

    def copy_rows(self) -> None:
        """Put the selected rows with their heads on the clipboard, cells parted by tabs."""
        columns = self.visible_columns()
        if self._copy is not None:
            self._copy(self.selected_count(), self.selected_rows, columns, with_heads=True)
            return
        lines = export.rows(self.model(), columns, self.selected_rows())
        QGuiApplication.clipboard().setText(export.as_tabbed([export.heads(self.model(), columns), *lines]))

    def copy_cell(self) -> None:
        """Put the cell at the keyboard's place on the clipboard."""
        index = self.currentIndex()
        if self._copy is not None:
            self._copy(int(index.isValid()), lambda: [index.row()], [index.column()], with_heads=False)
        else:
            QGuiApplication.clipboard().setText(str(index.data() or ""))

    def copy_by(self, copy: Copy) -> None:
        """Let rows be copied by ``copy``, as not all of them are in the model."""
        self._copy = copy

    def as_csv(self) -> str:
        """Every row of the list, as shown, as CSV."""
        columns = self.visible_columns()
        lines = export.rows(self.model(), columns, range(self.model().rowCount()))
        return export.as_csv([export.heads(self.model(), columns), *lines])

    def _set_up_head(self) -> None:
        head = _Head(Qt.Orientation.Horizontal, self)
        self.setHorizontalHeader(head)
        head.setSelectionModel(QItemSelectionModel(self.model(), self))  # else each paint asks every selected row
        head.setHighlightSections(False)
        head.setMinimumSectionSize(Row.DENSE)
        head.setFixedHeight(Row.HEAD)
        head.setSectionsMovable(True)
        head.setSectionsClickable(True)
        head.setTextElideMode(Qt.TextElideMode.ElideRight)
        for at, column in enumerate(self._columns):
            head.resizeSection(at, column.width_px)
            super().setColumnHidden(at, column.hidden)
        self._share_out()
        head.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        self.setSortingEnabled(True)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the room out anew."""
        super().resizeEvent(event)
        self._share_out()

    def setColumnHidden(self, column: int, hide: bool) -> None:
        """Share the room out anew when a column comes or goes."""
        if hide != self.isColumnHidden(column):
            super().setColumnHidden(column, hide)
            self._share_out()

    def _share_out(self) -> None:
        """Give the room that is left to the stretching column.

        Where that is little, columns that can be narrower are, where it is ample those that can be wider; one that a
        person made wider or narrower stays so. Where the columns do not fit at all, the list is scrolled, and the
        stretching column is as wide as is comfortable.
        """
        at = next((at for at, column in enumerate(self._columns) if column.stretch), None)
        if at is None or self.isColumnHidden(at):
            return
        ours = [
            other for other in range(len(self._columns)) if self.columnWidth(other) in _widths(self._columns[other])
        ]
        left = 0
        for least_px, wish in ((_AMPLE_PX, _wide), (_COMFORT_PX, _own), (0, _narrow)):
            for other in ours:
                if other != at:
                    self.setColumnWidth(other, wish(self._columns[other]))
            others = sum(self.columnWidth(other) for other in range(len(self._columns)) if other != at)
            left = self.viewport().width() - others
            if left >= least_px:
                break
        fits = left >= self._columns[at].width_px
        self.setColumnWidth(
            at, left if fits else max(self._columns[at].width_px, min(_COMFORT_PX, self.viewport().width()))
        )

    def _keep(self) -> None:
        index = self.currentIndex()
        if index.isValid():
            self._kept = cast(TableModel, self.model()).key_of(index.row())

    def _restore(self) -> None:
        """A record that is not at the beginning of a list may still come with the rest of it."""
        partial = bool(getattr(self.model(), "partial", False))
        if self._kept is not None and not self.select_key(self._kept) and not partial:
            self._kept = None
            self.chosen.emit(None)

    def _restore_behind(self) -> None:
        if not self.currentIndex().isValid():
            self._restore()


def _own(column: Column[Any]) -> int:
    return column.width_px


def _narrow(column: Column[Any]) -> int:
    return column.narrow_px or column.width_px


def _wide(column: Column[Any]) -> int:
    return column.wide_px or column.width_px


def _widths(column: Column[Any]) -> tuple[int, ...]:
    """The widths of a column that nobody dragged; none for one that has only one."""
    return (_narrow(column), _own(column), _wide(column)) if column.narrow_px or column.wide_px else ()
