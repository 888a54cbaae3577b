"""The list of files: one line of filter, the path, and the table over it."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QItemSelection, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QMenu, QStackedWidget, QWidget

from forensics_app.model.catalogue import CatalogueQuery
from forensics_app.model.logical import volume_around
from ui import text
from ui.examine.columns import NAME, PATH, SORT_OF, Shown, file_columns
from ui.examine.crumbs import Crumb, CrumbBar
from ui.examine.latest import Latest
from ui.examine.listing import Counted, Listed, aligned, bytes_of, count_place, first_page, ids_of
from ui.examine.places import Narrowing, Order, Place
from ui.examine.words import is_archive, is_folder
from ui.models.lazy_table import PAGE_ROWS, LazyTableModel
from ui.preferences import Preferences
from ui.theme import Row, Size, Space
from ui.widgets.buttons import Button, Chip, IconButton
from ui.widgets.labels import label
from ui.widgets.layout import hbox, line, vbox
from ui.widgets.notes import EmptyState, FilterRow
from ui.widgets.table import Table

if TYPE_CHECKING:
    from forensics_app.model.catalogue import CatalogueEntry
    from ui.examine.shelf import Reader
    from ui.jobs import JobRunner

DEBOUNCE_MS = 150
SUMMED_LIMIT = 2_000
_SHOWN_COLUMNS = "columns/filesShown"


class FilesPane(QFrame):
    """Lists a place of a catalogue.

    ``place_asked`` carries a :class:`Place` or what a crumb stands for; ``entry_chosen`` the current entry or None;
    ``failed`` an exception that the catalogue raised; ``listed`` follows every list that is shown.
    """

    place_asked = Signal(object)
    entry_chosen = Signal(object)
    opened = Signal(object)
    previewed = Signal(object)
    failed = Signal(object)
    menu_asked = Signal(object)
    csv_asked = Signal()
    listed = Signal()
    step_asked = Signal(int)
    up_asked = Signal()
    unlock_asked = Signal()

    def __init__(self, jobs: JobRunner, preferences: Preferences, shown: Callable[[], Shown]) -> None:
        """Start with nothing listed."""
        super().__init__()
        self.setObjectName("filesPane")
        self.setProperty("pane", True)
        self._jobs, self._preferences = jobs, preferences
        self._place: Place | None = None
        self._reader: Callable[[], Reader] | None = None
        self._order = Order()
        self._first: Listed | None = None
        self._path_chosen = False
        self._waiting = False
        self._total = 0
        self._bytes: int | None = None
        self._listing, self._counting, self._adding, self._opening = (Latest(self, jobs) for _ in range(4))
        self._build_filter()
        self._path = CrumbBar()
        self.columns = file_columns(shown)
        self.model: LazyTableModel[CatalogueEntry] = LazyTableModel(self.columns, self._load, self, sort_key=NAME)
        self.table = Table(self.model, name="files", title=self.tr("Files"), row_px=Row.DENSE)
        self._build_body()
        self._restore_columns()
        self._connect_table()

    @property
    def place(self) -> Place | None:
        """What is listed."""
        return self._place

    @property
    def why_nothing(self) -> str:
        """What is said in the place of the list; empty while there is one."""
        return self._empty.accessibleName() if self._stack.currentWidget() is self._empty else ""

    @property
    def narrowing(self) -> Narrowing:
        """What the line of filter says."""
        return Narrowing(
            words=self.filter.box.text(),
            recursive=self._subfolders.isChecked(),
            deleted=self._deleted.isChecked(),
            mismatch=self._mismatch.isChecked(),
            pictures=self._pictures.isChecked(),
        )

    def show_place(self, place: Place, reader: Callable[[], Reader], crumbs: Sequence[Crumb]) -> None:
        """List another place; words typed for the one before are taken away."""
        if self._place is None or self._place.image_id != place.image_id:
            self.model.set_ids(array("q"))  # ids of one image mean nothing in another
        self._reader, self._place = reader, place
        self._path.show_path(crumbs)
        self.filter.box.blockSignals(True)
        self.filter.box.clear()
        self.filter.box.blockSignals(False)
        self.filter.setEnabled(True)
        self._subfolders.setVisible(place.is_folder)
        placeholder = self.tr("Filter this folder by name") if place.is_folder else self.tr("Filter this list by name")
        self.filter.box.setPlaceholderText(self.tr("{filter}, or by path with /").format(filter=placeholder))
        self.list_again()

    def show_nothing(
        self, why: str, crumbs: Sequence[Crumb], icon: str = "volume", *, can_unlock: bool = False
    ) -> None:
        """Say in words why there is no list here; ``can_unlock`` offers to unlock the volume."""
        self._place = self._reader = None
        self._path.show_path(crumbs)
        for question in (self._listing, self._counting, self._adding):
            question.drop()
        self.model.set_ids(array("q"))
        self.filter.setEnabled(False)
        self._name_chips(None)
        self._say_counts("")
        self._empty.set_sentence(why, icon)
        self.unlock.setVisible(can_unlock)
        self._stack.setCurrentWidget(self._empty)

    def list_again(self) -> None:
        """Read the list again, such as after a chip was pressed."""
        self._debounce.stop()
        place, reader, narrowing, order = self._place, self._reader, self.narrowing, self._order
        if place is None or reader is None:
            return
        self._show_path_column(not place.is_folder or narrowing.recursive)
        self._counting.drop()

        def take(listed: Listed) -> None:
            self._take_beginning(listed)
            if not listed.complete:
                self._listing.ask(lambda _: ids_of(reader(), place, narrowing, order), self._take_ids, self._fail)
            self._counting.ask(lambda _: count_place(reader(), place, narrowing), self._take_counts, self._fail)

        self._listing.ask(lambda _: first_page(reader(), place, narrowing, order), take, self._fail)

    def afterwards(self, act: Callable[[], None]) -> None:
        """Do ``act`` once the list is whole and as the filter asks for it; at once when it is."""
        if self._debounce.isActive():
            self.list_again()
        self._listing.afterwards(act)

    def selected_ids(self) -> list[int]:
        """The ids of the selected rows, in the order shown."""
        ids = self.model.ids
        return [ids[row] for first, last in self._ranges() for row in range(first, last + 1)]

    def visible_columns(self) -> list[int]:
        """The columns in the order shown."""
        return self.table.visible_columns()

    def redraw(self) -> None:
        """Draw cells and heads again, as the zone or the choice for the report changed."""
        self.model.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(self.columns) - 1)
        self.table.viewport().update()

    def show_ways(self, *, back: bool, forward: bool, up: bool) -> None:
        """Let the buttons beside the path be pressed where they lead somewhere."""
        for button, on in ((self._back, back), (self._forward, forward), (self._up, up)):
            button.setEnabled(on)

    def clear_filter(self) -> None:
        """Take words and chips away, so that every entry of the place is listed."""
        for chip in (self._deleted, self._mismatch, self._pictures):
            chip.setChecked(False)
        self.filter.box.clear()

    def open_entry(self, entry: CatalogueEntry | None) -> None:
        """Go into a folder or an archive with members, or say that a file is to be looked at."""
        place, reader = self._place, self._reader
        if entry is None or place is None:
            return
        inside = Place(image_id=place.image_id, volume_id=volume_around(entry.volume_id), folder_id=entry.id)
        if is_folder(entry):
            self.place_asked.emit(inside)
        elif is_archive(entry) and reader is not None:

            def take(holds: int) -> None:
                if holds:
                    self.place_asked.emit(inside)
                else:
                    self.opened.emit(entry)

            self._opening.ask(lambda _: reader().count(CatalogueQuery(folder_id=entry.id)), take, self._fail)
        else:
            self.opened.emit(entry)

    def choose_columns(self) -> QMenu:
        """Open the menu of columns; what is ticked when it closes is kept."""
        menu = self.table.column_menu(self)

        def keep() -> None:
            keys = [self.columns[at].key for at in self.table.visible_columns()]
            if PATH in keys and self._shows_path_by_itself() and not self._path_chosen:
                keys.remove(PATH)
            self._path_chosen = PATH in keys
            self._preferences.store.setValue(_SHOWN_COLUMNS, keys)
            menu.deleteLater()

        menu.aboutToHide.connect(keep)
        button: QWidget = self.filter.columns_button
        menu.popup(button.mapToGlobal(button.rect().bottomLeft()))
        return menu

    def copy_cell(self) -> None:
        """Put the cell at the keyboard's place on the clipboard."""
        QGuiApplication.clipboard().setText(str(self.table.currentIndex().data() or ""))

    def _build_filter(self) -> None:
        self._subfolders = Chip(self.tr("Subfolders"), name="subfoldersChip", icon="folder")
        self._deleted = Chip(self.tr("Deleted"), name="deletedChip", icon="file-deleted")
        self._mismatch = Chip(self.tr("Type differs"), name="mismatchChip", icon="verify-warning")
        self._pictures = Chip(self.tr("Pictures"), name="picturesChip", icon="image")
        chips = (self._subfolders, self._deleted, self._mismatch, self._pictures)
        self.filter = FilterRow(self.tr("Filter this folder by name"), chips)
        self.filter.columns_asked.connect(self.choose_columns)
        self.filter.export_asked.connect(self.csv_asked)
        self._debounce = QTimer(self)
        self._debounce.setSingleShot(True)
        self._debounce.setInterval(DEBOUNCE_MS)
        self._debounce.timeout.connect(self.list_again)
        self.filter.filter_changed.connect(lambda _: self._debounce.start())
        for chip in chips:
            chip.toggled.connect(lambda _: self.list_again())

    def _build_body(self) -> None:
        self._path.asked.connect(self.place_asked)
        self._counts = label(role="small", name="listCounts")
        ways = self._ways()
        head = hbox(
            *ways, (self._path, 1), self._counts, gap=Space.XXS, margins=(Space.XS, Space.XXS, Space.M, Space.XXS)
        )
        self.unlock = Button(self.tr("Unlock…"), name="unlockVolume", kind="primary", icon="unlock")
        self.unlock.clicked.connect(self.unlock_asked)
        self._empty = EmptyState("volume", "", self.unlock, name="noFiles")
        self._stack = QStackedWidget()
        self._stack.addWidget(self.table)
        self._stack.addWidget(self._empty)
        self.setLayout(vbox(self.filter, line(), head, line(), (self._stack, 1), gap=0))

    def _ways(self) -> tuple[IconButton, ...]:
        small = Size.ICON_SMALL
        self._back = IconButton("chevron-left", self.tr("Back (Alt+Left)"), name="goBack", size_px=small)
        self._forward = IconButton("chevron-right", self.tr("Forward (Alt+Right)"), name="goForward", size_px=small)
        self._up = IconButton("chevron-up", self.tr("Folder above (Backspace)"), name="goUp", size_px=small)
        self._back.clicked.connect(lambda: self.step_asked.emit(-1))
        self._forward.clicked.connect(lambda: self.step_asked.emit(1))
        self._up.clicked.connect(self.up_asked)
        return self._back, self._forward, self._up

    def _connect_table(self) -> None:
        self.model.sort_asked.connect(self._sort)
        self.model.dataChanged.connect(lambda *_: self._show_current() if self._waiting else None)
        table = self.table
        table.opened.connect(self.open_entry)
        table.previewed.connect(self.previewed)
        table.chosen.connect(lambda _: self._show_current())
        table.selectionModel().selectionChanged.connect(self._count_selected)
        table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        table.customContextMenuRequested.connect(lambda at: self.menu_asked.emit(table.viewport().mapToGlobal(at)))
        head = table.horizontalHeader()
        for changed in (head.sectionResized, head.sectionMoved, head.sortIndicatorChanged):
            changed.connect(lambda *_: table.save_layout(self._preferences.store))
        head.sortIndicatorChanged.connect(self._keep_indicator)

    def _restore_columns(self) -> None:
        self.table.restore_layout(self._preferences.store)
        stored = self._preferences.store.value(_SHOWN_COLUMNS)
        keys = {str(key) for key in stored} if isinstance(stored, list) else set()
        for at, column in enumerate(self.columns):
            hidden = column.key not in keys if keys else column.hidden
            self.table.setColumnHidden(at, hidden and at > 0)
        self._path_chosen = PATH in keys
        head = self.table.horizontalHeader()
        key = self.columns[head.sortIndicatorSection()].key if 0 <= head.sortIndicatorSection() < head.count() else NAME
        self._order = Order(
            column=SORT_OF.get(key, SORT_OF[NAME]),
            descending=head.sortIndicatorOrder() is Qt.SortOrder.DescendingOrder,
        )
        self._keep_indicator()

    def _shows_path_by_itself(self) -> bool:
        return self._place is not None and (not self._place.is_folder or self.narrowing.recursive)

    def _show_path_column(self, deep: bool) -> None:
        at = next(at for at, column in enumerate(self.columns) if column.key == PATH)
        self.table.setColumnHidden(at, not (deep or self._path_chosen))

    def _sort(self, key: str, descending: bool) -> None:
        self._order = Order(column=SORT_OF[key], descending=descending)
        self.list_again()

    def _keep_indicator(self, *_: object) -> None:
        """The arrow stands where the list is really sorted, also after a press on a head that sorts nothing."""
        key = next(key for key, column in SORT_OF.items() if column is self._order.column)
        at = next(at for at, column in enumerate(self.columns) if column.key == key)
        order = Qt.SortOrder.DescendingOrder if self._order.descending else Qt.SortOrder.AscendingOrder
        head = self.table.horizontalHeader()
        if self.columns[max(0, head.sortIndicatorSection())].sortable and head.sortIndicatorSection() >= 0:
            return
        head.blockSignals(True)
        head.setSortIndicator(at, order)
        head.blockSignals(False)
        head.viewport().update()

    def _take_beginning(self, listed: Listed) -> None:
        self._first = listed
        if listed.complete:
            self._take_ids(listed.ids)
        else:
            self.model.set_beginning(listed.ids, listed.first)
            self._stack.setCurrentWidget(self.table)
            self._say_entries()

    def _take_ids(self, ids: array[int]) -> None:
        self.model.set_ids(ids)
        self._say_entries()
        if not ids:
            self._empty.set_sentence(self._why_empty())
            self.unlock.hide()
        self._stack.setCurrentWidget(self.table if ids else self._empty)
        self.listed.emit()

    def _why_empty(self) -> str:
        narrowing = self.narrowing
        if narrowing.words or narrowing.deleted or narrowing.mismatch or narrowing.pictures:
            return self.tr("Nothing here passes the filter. Press Escape in its box, or take the chips off.")
        return self.tr("There is nothing in this folder.")

    def _take_counts(self, counted: Counted) -> None:
        self._name_chips(counted)
        self._total = counted.entries
        self._say_entries()

    def _name_chips(self, counted: Counted | None) -> None:
        """Write on each chip how many entries it would leave, where that is known."""
        for chip, name, count in (
            (self._deleted, self.tr("Deleted"), counted.deleted if counted else None),
            (self._mismatch, self.tr("Type differs"), counted.mismatch if counted else None),
            (self._pictures, self.tr("Pictures"), counted.pictures if counted else None),
        ):
            chip.set_text(name if count is None else f"{name} {text.count_text(count)}")

    def _say_entries(self) -> None:
        count, selected = len(self.model.ids), sum(last - first + 1 for first, last in self._ranges())
        words = text.plural(count, self.tr("1 entry"), self.tr("{n} entries"))
        if self.model.partial:
            words = self.tr("the first {n} entries; reading the others …").format(n=text.count_text(count))
        elif self._total > count:
            words = self.tr("{n} of {all} entries").format(n=text.count_text(count), all=text.count_text(self._total))
        parts = [words]
        if selected:
            parts.append(self.tr("{n} selected").format(n=text.count_text(selected)))
            if self._bytes is not None:
                parts.append(text.bytes_text(self._bytes))
        self._say_counts(" · ".join(parts))

    def _say_counts(self, words: str) -> None:
        self._counts.setText(words)

    def _count_selected(self, *_: QItemSelection) -> None:
        ids, reader = array("q"), self._reader
        self._bytes = None
        self._adding.drop()
        count = sum(last - first + 1 for first, last in self._ranges())
        self._say_entries()
        if reader is None or not 0 < count <= SUMMED_LIMIT:
            return
        ids.extend(self.selected_ids())

        def take(size_bytes: int) -> None:
            self._bytes = size_bytes
            self._say_entries()

        self._adding.ask(lambda _: bytes_of(reader(), ids), take, self._fail)

    def _ranges(self) -> list[tuple[int, int]]:
        found = self.table.selectionModel().selection()
        ranges = {(found.at(at).top(), found.at(at).bottom()) for at in range(found.count())}
        return sorted(ranges)

    def _show_current(self) -> None:
        index = self.table.currentIndex()
        record = self.model.record(index.row()) if index.isValid() else None
        self._waiting = index.isValid() and record is None
        if not self._waiting:
            self.entry_chosen.emit(record)

    def _load(self, ids: Sequence[int], deliver: Callable[[Sequence[CatalogueEntry | None]], None]) -> None:
        first, reader = self._first, self._reader
        if first is not None and first.ids[:PAGE_ROWS] == ids:
            deliver(first.first)
        elif reader is not None:
            wanted = list(ids)
            self._jobs.start(self, lambda _: aligned(reader(), wanted), done=deliver, failed=self._fail)

    def _fail(self, error: Exception) -> None:
        self.failed.emit(error)
