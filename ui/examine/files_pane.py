"""The list of files: one line of filter, the path, and the table over it."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QItemSelection, QSignalBlocker, Qt, QTimer, Signal
from PySide6.QtWidgets import QFrame, QMenu, QStackedWidget, QWidget

from forensics_app.model.catalogue import CatalogueQuery
from forensics_app.model.filter_language.errors import FilterError
from forensics_app.model.filter_language.vocabulary import Vocabulary
from forensics_app.model.logical import volume_around
from ui import text
from ui.examine.columns import NAME, PATH, SORT_OF, Shown, file_columns
from ui.examine.crumbs import Crumb
from ui.examine.filter_line import FilterLine
from ui.examine.kept_filters import KeptFilters
from ui.examine.list_head import ListHead
from ui.examine.listing import Counted, Listed, aligned, beginning, bytes_of, count_place, ids_of, stopping
from ui.examine.places import ListState, Narrowing, Order, Place
from ui.examine.sources import in_words
from ui.examine.words import is_archive, is_folder
from ui.latest import Latest
from ui.models.lazy_table import PAGE_ROWS, LazyTableModel
from ui.preferences import Preferences
from ui.theme import Row
from ui.widgets.buttons import Button, Chip
from ui.widgets.layout import line, vbox
from ui.widgets.notes import EmptyState
from ui.widgets.rows_copy import Read, RowsCopy
from ui.widgets.table import Table

if TYPE_CHECKING:
    from forensics_app.model.catalogue import CatalogueEntry
    from forensics_app.model.filter_language.tree import Expression
    from ui.examine.shelf import Reader
    from ui.jobs import JobRunner

DEBOUNCE_MS = 150
SUMMED_LIMIT = 2_000
_SHOWN_COLUMNS = "columns/filesShown"


class FilesPane(QFrame):
    """Lists a place of a catalogue.

    ``place_asked`` carries a :class:`Place` or what a crumb stands for; ``entry_chosen`` the current entry or None;
    ``failed`` an exception that the catalogue raised; ``listed`` follows every list that is shown; ``told``
    carries how copying ended.
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
    tab_asked = Signal()
    told = Signal(str)

    def __init__(
        self,
        jobs: JobRunner,
        preferences: Preferences,
        shown: Callable[[], Shown],
        parent: QWidget | None = None,
    ) -> None:
        """Start with nothing listed."""
        super().__init__(parent)
        self.setObjectName("filesPane")
        self.setProperty("pane", True)
        self._jobs, self._preferences, self.shown, self._waiting = jobs, preferences, shown, False
        self._place: Place | None = None
        self._reader: Callable[[], Reader] | None = None
        self._order = Order()
        self._first: Listed | None = None
        self._path_chosen = False
        self._total = 0
        self._bytes: int | None = None
        self._expression: Expression | None = None
        self._listing, self._counting, self._adding, self._opening = (Latest(self, jobs) for _ in range(4))
        self._build_filter()
        self.head = ListHead()
        self.show_ways = self.head.show_ways
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
    def narrowing(self) -> Narrowing:
        """What the line of filter says, as far as it was understood."""
        return Narrowing(
            filter=self._expression,
            **{name: chip.isChecked() for name, chip in self._chips.items()},
        )

    @property
    def state(self) -> ListState:
        """How the line of filter stands."""
        chips = {name: chip.isChecked() for name, chip in self._chips.items()}
        return ListState(text=self.filter.box.text(), **chips)

    def set_state(self, state: ListState) -> None:
        """Let the line of filter stand so; nothing is listed by that."""
        self.filter.box.setText(state.text)
        self._debounce.stop()
        for name, chip in self._chips.items():
            with QSignalBlocker(chip):
                chip.setChecked(getattr(state, name))

    def leave(self) -> None:
        """Want no answer for what is listed any more: another list is on its way."""
        self._debounce.stop()
        for question in (self._listing, self._counting, self._adding):
            question.drop()

    @property
    def place_words(self) -> str:
        """What the place is called that is listed."""
        return self.head.place_words

    def show_place(
        self,
        place: Place,
        reader: Callable[[], Reader],
        crumbs: Sequence[Crumb],
        vocabulary: Vocabulary | None = None,
        state: ListState | None = None,
    ) -> None:
        """List another place, filtered as ``state`` says; else a filter typed for the one before is taken away."""
        if self._place is None or self._place.image_id != place.image_id:
            self.model.set_ids(array("q"))  # ids of one image mean nothing in another
        self._reader, self._place = reader, place
        self.head.show_path(crumbs)
        self._line.use(vocabulary or Vocabulary())
        self.set_state(state or replace(self.state, text=""))
        self.filter.setEnabled(True)
        self._subfolders.setVisible(place.is_folder)
        self._line.name_scope(is_folder=place.is_folder)
        if not self.list_again():  # what another place held is not to stand under this one's name
            self._list_nothing(self.tr("Nothing is listed, because the filter above cannot be understood."), "filter")

    def show_nothing(
        self, why: str, crumbs: Sequence[Crumb], icon: str = "volume", *, can_unlock: bool = False
    ) -> None:
        """Say in words why there is no list here; ``can_unlock`` offers to unlock the volume."""
        self._place = self._reader = None
        self.head.show_path(crumbs)
        self.filter.setEnabled(False)
        self._list_nothing(why, icon, can_unlock=can_unlock)

    def _list_nothing(self, why: str, icon: str, *, can_unlock: bool = False) -> None:
        self.leave()
        self.model.set_ids(array("q"))
        self._name_chips(None)
        self.head.say("")
        self._empty.set_sentence(why, icon)
        self.unlock.setVisible(can_unlock)
        self._stack.setCurrentWidget(self._empty)

    def list_again(self) -> bool:
        """Read the list again, such as after a chip was pressed; not with a filter that cannot be understood."""
        self._debounce.stop()
        try:
            self._expression = self._line.read(self.shown().zone)
        except FilterError:
            return False
        place, reader, narrowing = self._place, self._reader, self.narrowing
        if place is None or reader is None:
            return False
        asked = (place, narrowing, self._order)
        self._show_path_column(not place.is_folder or narrowing.recursive)
        self._counting.drop()

        def take(listed: Listed) -> None:
            self._take_beginning(listed)
            if not listed.complete:
                self._listing.ask(stopping(reader, ids_of, *asked), self._take_ids, self._fail)
            self._counting.ask(stopping(reader, count_place, place, narrowing), self._take_counts, self._fail)

        self._listing.ask(stopping(reader, beginning, *asked), take, self._fail)
        return True

    def afterwards(self, act: Callable[[], None]) -> None:
        """Do ``act`` once the list is whole and as the filter asks for it; at once when it is."""
        if self._debounce.isActive():
            self.list_again()
        self._listing.afterwards(act)

    def selected_ids(self) -> list[int]:
        """The ids of the selected rows, in the order shown."""
        ids = self.model.ids
        return [ids[row] for row in self.table.selected_rows()]

    def redraw(self) -> None:
        """Draw cells and heads again, as the zone or the choice for the report changed; list anew what that filters."""
        self.model.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(self.columns) - 1)
        self.table.viewport().update()
        before = self._expression
        with suppress(FilterError):
            if self._place is not None and self._line.read(self.shown().zone) != before:
                self.list_again()

    def filter_by(self, text: str) -> None:
        """Filter what is listed by a text, as if it had been typed."""
        self.filter.box.setText(text)
        self.list_again()

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

    def _build_filter(self) -> None:
        self._subfolders = Chip(self.tr("Subfolders"), name="subfoldersChip")
        chips = (
            self._subfolders,
            Chip(self.tr("Deleted"), name="deletedChip", icon="file-deleted"),
            Chip(self.tr("Type differs"), name="mismatchChip"),
            Chip(self.tr("Pictures"), name="picturesChip"),
        )
        self._chips = dict(zip(("recursive", "deleted", "mismatch", "pictures"), chips, strict=True))
        kept = KeptFilters(self._preferences.store)
        self._line = FilterLine(chips, kept)
        self._line.taken.connect(self.filter_by)
        self.filter = self._line.row
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
        self.head.asked.connect(self.place_asked)
        self.head.step_asked.connect(self.step_asked)
        self.head.up_asked.connect(self.up_asked)
        self.head.tab_asked.connect(self.tab_asked)
        self.unlock = Button(self.tr("Unlock…"), name="unlockVolume", kind="primary", icon="unlock")
        self.unlock.clicked.connect(self.unlock_asked)
        self._empty = EmptyState("volume", "", self.unlock, name="noFiles")
        self._stack = QStackedWidget()
        self.lists = QStackedWidget()  # the table, or the gallery over the same rows
        self.lists.addWidget(self.table)
        self._stack.addWidget(self.lists)
        self._stack.addWidget(self._empty)
        self.setLayout(vbox(self._line, line(), self.head, line(), (self._stack, 1), gap=0))

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
        head.sortIndicatorChanged.connect(self._keep_indicator)

        RowsCopy(
            table, self._jobs, self._reading, say=self.told.emit, why=in_words,
            instead=self.tr("CSV above the list writes all that is listed to a file."),
        )  # fmt: skip

    def _reading(self) -> Read | None:
        reader = self._reader
        return None if reader is None else lambda ids: aligned(reader(), ids)

    def _restore_columns(self) -> None:
        self.table.remember(self._preferences.store)
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
            self._stack.setCurrentWidget(self.lists)
            self._say_entries()

    def _take_ids(self, ids: array[int]) -> None:
        self.model.set_ids(ids)
        self._say_entries()
        if not ids:
            self._empty.set_sentence(self._why_empty())
            self.unlock.hide()
        self._stack.setCurrentWidget(self.lists if ids else self._empty)
        self.listed.emit()

    def _why_empty(self) -> str:
        narrowing = self.narrowing
        if narrowing.filter or narrowing.deleted or narrowing.mismatch or narrowing.pictures:
            words = self.tr("Nothing here passes the filter. Press Escape in its box, or take the chips off.")
            return f"{words} {self._line.hint()}".strip()
        return self.tr("There is nothing in this folder.")

    def _take_counts(self, counted: Counted) -> None:
        self._name_chips(counted)
        self._total = counted.entries
        self._say_entries()

    def _name_chips(self, counted: Counted | None) -> None:
        """Write on each chip how many entries it would leave, where that is known."""
        names = {"deleted": self.tr("Deleted"), "mismatch": self.tr("Type differs"), "pictures": self.tr("Pictures")}
        for key, name in names.items():
            count = f" {text.count_text(getattr(counted, key))}" if counted else ""
            self._chips[key].set_text(f"{name}{count}")

    def _say_entries(self) -> None:
        count, selected = len(self.model.ids), self.table.selected_count()
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
        self.head.say(" · ".join(parts))

    def _count_selected(self, *_: QItemSelection) -> None:
        ids, reader = array("q"), self._reader
        self._bytes = None
        self._adding.drop()
        count = self.table.selected_count()
        self._say_entries()
        if reader is None or not 0 < count <= SUMMED_LIMIT:
            return
        ids.extend(self.selected_ids())

        def take(size_bytes: int) -> None:
            self._bytes = size_bytes
            self._say_entries()

        self._adding.ask(lambda _: bytes_of(reader(), ids), take, self._fail)

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
