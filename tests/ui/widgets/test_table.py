from array import array
from collections.abc import Sequence
from dataclasses import dataclass

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QStyleOptionHeader, QWidget
from pytestqt.qtbot import QtBot

from tests.ui import gallery_parts
from ui.models.cells import Cell, Column, Kind
from ui.models.lazy_table import LazyTableModel
from ui.models.record_table import RecordTableModel
from ui.preferences import Preferences
from ui.widgets.layout import vbox
from ui.widgets.table import Table

CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


@dataclass(frozen=True)
class Item:
    label: str
    place: str


COLUMNS: tuple[Column[Item], ...] = (
    Column(key="label", title="Label", cell=lambda item: Cell(item.label, Kind.STRONG), width_px=80),
    Column(key="place", title="Place", cell=lambda item: Cell(item.place), width_px=100, stretch=True),
    Column(key="note", title="Note", cell=lambda item: Cell("n"), width_px=50, hidden=True),
)
ITEMS = [Item("LH/01", "A"), Item("LH/02", "B"), Item("LH/03", "C")]


@pytest.fixture
def model() -> RecordTableModel[Item]:
    made = RecordTableModel(COLUMNS, key=lambda item: item.label)
    made.set_records(ITEMS)
    return made


@pytest.fixture
def table(model: RecordTableModel[Item], qtbot: QtBot) -> Table:
    made = Table(model, name="items", title="Items")
    qtbot.addWidget(made)
    made.resize(500, 200)
    made.show()
    qtbot.waitExposed(made)
    return made


def test_keys_walk_open_and_preview(table: Table, qtbot: QtBot) -> None:
    opened: list[Item] = []
    previewed: list[Item] = []
    chosen: list[Item | None] = []
    table.opened.connect(opened.append)
    table.previewed.connect(previewed.append)
    table.selectRow(0)
    table.chosen.connect(chosen.append)
    qtbot.keyClick(table, Qt.Key.Key_Down)
    qtbot.keyClick(table, Qt.Key.Key_Return)
    qtbot.keyClick(table, Qt.Key.Key_Space)
    assert (opened, previewed, chosen) == ([ITEMS[1]], [ITEMS[1]], [ITEMS[1]])


def test_copy_takes_the_cell_and_with_shift_the_rows_with_heads(table: Table, qtbot: QtBot) -> None:
    table.selectRow(1)
    qtbot.keyClick(table, Qt.Key.Key_C, CONTROL)
    assert QGuiApplication.clipboard().text() == "LH/02"
    table.selectAll()
    qtbot.keyClick(table, Qt.Key.Key_C, CONTROL | SHIFT)
    assert QGuiApplication.clipboard().text() == "Label\tPlace\nLH/01\tA\nLH/02\tB\nLH/03\tC"


def test_the_selection_survives_a_new_order_and_new_records(
    table: Table, model: RecordTableModel[Item], qtbot: QtBot
) -> None:
    table.select_key("LH/03")
    table.sortByColumn(0, Qt.SortOrder.DescendingOrder)
    assert table.current_record() == ITEMS[2]
    model.set_records([*ITEMS, Item("LH/04", "D")])
    assert table.current_record() == ITEMS[2]
    with qtbot.waitSignal(table.chosen, check_params_cb=lambda record: record is None):
        model.set_records(ITEMS[:1])
    assert table.current_record() is None


class Window(QWidget):
    """Has a place for how lists look, as the main window has."""

    def __init__(self, list_shown: Table, layouts: QSettings) -> None:
        super().__init__()
        self.layouts = layouts
        self.setLayout(vbox(list_shown))


def listed(columns: Sequence[Column[Item]] = COLUMNS, *, is_remembered: bool = True) -> Table:
    made = RecordTableModel(columns, key=lambda item: item.label)
    made.set_records(ITEMS)
    return Table(made, name="items", title="Items", is_remembered=is_remembered)


def test_columns_their_order_widths_and_sort_are_as_they_were_at_the_next_start(
    preferences: Preferences, qtbot: QtBot
) -> None:
    windows: list[Window] = []

    def started(table: Table) -> Table:
        window = Window(table, preferences.store)
        windows.append(window)
        qtbot.addWidget(window)
        window.show()
        qtbot.waitExposed(window)
        return table

    table = started(listed())
    first, place, note = table.column_menu(table).actions()
    assert (first.isEnabled(), place.isChecked(), note.isChecked()) == (False, True, False)
    note.toggle()
    place.toggle()
    table.horizontalHeader().moveSection(2, 0)
    table.setColumnWidth(0, 77)
    table.sortByColumn(0, Qt.SortOrder.DescendingOrder)
    again = started(listed())
    assert (again.visible_columns(), again.columnWidth(0)) == ([2, 0], 77)
    assert [again.model().index(row, 0).data() for row in range(3)] == ["LH/03", "LH/02", "LH/01"]
    assert started(listed(COLUMNS[:2])).visible_columns() == [0, 1], "a state of other columns was taken"
    assert started(listed(is_remembered=False)).visible_columns() == [0, 1]


def test_csv_holds_the_columns_in_sight(table: Table) -> None:
    assert table.as_csv().splitlines() == ["Label,Place", "LH/01,A", "LH/02,B", "LH/03,C"]


def test_the_stretching_column_takes_the_room_but_keeps_its_own_width(table: Table, qtbot: QtBot) -> None:
    table.resize(800, 200)
    qtbot.waitUntil(lambda: table.columnWidth(0) + table.columnWidth(1) == table.viewport().width())
    table.resize(120, 200)
    qtbot.waitUntil(lambda: 100 <= table.columnWidth(1) <= table.viewport().width())


def test_every_kind_of_cell_is_drawn(qtbot: QtBot) -> None:
    page = gallery_parts.table_page()
    qtbot.addWidget(page)
    page.resize(1600, 500)
    page.show()
    qtbot.waitExposed(page)
    table = page.findChild(Table, "exhibits")
    image = table.viewport().grab().toImage()
    for column in range(table.model().columnCount()):
        box = table.visualRect(table.model().index(0, column))
        colours = {
            image.pixel(x, y) for x in range(box.left(), box.right(), 2) for y in range(box.top(), box.bottom(), 3)
        }
        assert len(colours) > 3, f"column {column} shows nothing"


def test_a_million_rows_open_at_their_end(qtbot: QtBot) -> None:
    columns = (Column(key="id", title="Id", cell=lambda number: Cell(str(number))),)
    model: LazyTableModel[int] = LazyTableModel(columns, lambda ids, deliver: deliver(list(ids)))
    model.set_ids(array("q", range(1_000_000)))
    table = Table(model, name="many", title="Many")
    qtbot.addWidget(table)
    table.show()
    assert table.select_key(999_999)
    assert table.current_record() == 999_999


def test_choosing_a_row_leaves_no_other_selected_while_ctrl_is_held_down(table: Table, qtbot: QtBot) -> None:
    table.selectRow(0)
    qtbot.keyPress(table, Qt.Key.Key_Control, CONTROL)
    assert QGuiApplication.keyboardModifiers() & CONTROL
    table.selectRow(1)
    qtbot.keyRelease(table, Qt.Key.Key_Control)
    assert table.selected_rows() == [1]


def numbers(qtbot: QtBot) -> tuple[LazyTableModel[int], Table]:
    columns = (Column(key="id", title="Id", cell=lambda number: Cell(str(number))),)
    model: LazyTableModel[int] = LazyTableModel(columns, lambda ids, deliver: deliver(list(ids)))
    table = Table(model, name="many", title="Many")
    qtbot.addWidget(table)
    table.show()
    return model, table


def test_a_row_that_is_not_at_the_beginning_is_chosen_again_once_the_rest_is_there(qtbot: QtBot) -> None:
    model, table = numbers(qtbot)
    model.set_ids(array("q", range(500)))
    table.select_key(400)
    with qtbot.assertNotEmitted(table.chosen):
        model.set_beginning(array("q", range(200)), list(range(200)))
    model.set_ids(array("q", range(500)))
    assert table.current_record() == 400
    assert table.selected_rows() == [400]


def test_a_row_chosen_at_the_beginning_stays_when_the_rest_comes(qtbot: QtBot) -> None:
    model, table = numbers(qtbot)
    model.set_ids(array("q", range(500)))
    table.select_key(400)
    model.set_beginning(array("q", range(200)), list(range(200)))
    table.selectRow(3)
    model.set_ids(array("q", range(500)))
    assert table.selected_rows() == [3]


def test_a_row_that_does_not_come_back_with_the_rest_is_told(qtbot: QtBot) -> None:
    model, table = numbers(qtbot)
    model.set_ids(array("q", range(500)))
    table.select_key(400)
    model.set_beginning(array("q", range(200)), list(range(200)))
    with qtbot.waitSignal(table.chosen, check_params_cb=lambda record: record is None):
        model.set_ids(array("q", range(300)))


NARROW: tuple[Column[Item], ...] = (
    Column(key="place", title="Place", cell=lambda item: Cell(item.place), width_px=100, stretch=True),
    Column(
        key="when", title="When", cell=lambda item: Cell("2026-11-21 14:02 Z", Kind.TIME), width_px=172, narrow_px=104
    ),
)


@pytest.fixture
def narrow_table(qtbot: QtBot) -> Table:
    model: RecordTableModel[Item] = RecordTableModel(NARROW, key=lambda item: item.label)
    model.set_records(ITEMS)
    made = Table(model, name="narrow", title="Items", row_px=48)
    qtbot.addWidget(made)
    made.show()
    qtbot.waitExposed(made)
    return made


def test_a_column_that_can_be_narrow_leaves_room_for_the_stretching_one(narrow_table: Table) -> None:
    narrow_table.resize(360, 200)
    assert narrow_table.columnWidth(1) == 104
    assert narrow_table.columnWidth(0) == narrow_table.viewport().width() - 104
    narrow_table.resize(600, 200)
    assert narrow_table.columnWidth(1) == 172
    assert narrow_table.horizontalHeader().length() == narrow_table.viewport().width()


def test_a_column_that_can_be_wide_is_where_there_is_ample_room(qtbot: QtBot) -> None:
    columns = (
        Column(key="label", title="Label", cell=lambda item: Cell(item.label), width_px=100, stretch=True),
        Column(key="place", title="Place", cell=lambda item: Cell(item.label), width_px=120, wide_px=220),
        Column(key="seal", title="Seal", cell=lambda item: Cell(item.label), width_px=120, hidden=True),
    )
    model: RecordTableModel[Item] = RecordTableModel(columns, key=lambda item: item.label)
    table = Table(model, name="wide", title="Items")
    qtbot.addWidget(table)
    table.show()
    qtbot.waitExposed(table)
    table.resize(500, 200)
    assert table.columnWidth(1) == 120
    table.resize(900, 200)
    assert table.columnWidth(1) == 220
    assert table.horizontalHeader().length() == table.viewport().width()
    table.setColumnHidden(2, False)
    assert table.horizontalHeader().length() == table.viewport().width()
    table.resize(300, 200)
    assert table.columnWidth(0) == 240, "what has to be scrolled anyway shows enough of the names"


def test_a_column_that_a_person_made_wider_stays_so(narrow_table: Table) -> None:
    narrow_table.setColumnWidth(1, 190)
    narrow_table.resize(360, 200)
    assert narrow_table.columnWidth(1) == 190


def test_a_head_without_room_for_its_zone_leaves_it_out_instead_of_cutting_it(qtbot: QtBot) -> None:
    title = "Opened (Europe/Berlin)"
    zoned = Column(key="opened", title=title, cell=lambda item: Cell(item.label), width_px=220)
    table = Table(RecordTableModel((zoned,), key=lambda item: item.label), name="zoned", title="Zoned")
    qtbot.addWidget(table)
    shown = QStyleOptionHeader()
    table.horizontalHeader().initStyleOptionForIndex(shown, 0)
    table.setColumnWidth(0, 112)
    narrow = QStyleOptionHeader()
    table.horizontalHeader().initStyleOptionForIndex(narrow, 0)
    assert (shown.text, narrow.text) == (title, "Opened")
    assert table.model().headerData(0, Qt.Orientation.Horizontal, Qt.ItemDataRole.ToolTipRole) == title
