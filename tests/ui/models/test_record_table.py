from dataclasses import dataclass

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.modeltest import ModelTester

from ui.models.cells import Cell, CellRole, Column, Kind, RecordRole
from ui.models.record_table import RecordTableModel
from ui.tones import Tone


@dataclass(frozen=True)
class Item:
    label: str
    size_bytes: int
    place: str = ""


COLUMNS: tuple[Column[Item], ...] = (
    Column(key="label", title="Label", cell=lambda item: Cell(item.label, Kind.TWO, item.place)),
    Column(
        key="size",
        title="Size, bytes",
        cell=lambda item: Cell(f"{item.size_bytes:,}", Kind.NUMBER),
        sort_key=lambda item: item.size_bytes,
        right=True,
    ),
)
ITEMS = (Item("b", 10_000, "Shelf A"), Item("a", 9, "Shelf B"), Item("C", 500, "Safe"))


@pytest.fixture
def model() -> RecordTableModel[Item]:
    made = RecordTableModel(COLUMNS, key=lambda item: item.label)
    made.set_records(ITEMS)
    return made


def labels(model: RecordTableModel[Item]) -> list[str]:
    return [model.record(row).label for row in range(model.rowCount())]


def test_qt_finds_no_fault_with_the_model(model: RecordTableModel[Item], qtmodeltester: ModelTester) -> None:
    qtmodeltester.check(model)
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    model.set_filter("shelf")
    model.sort(1)
    model.set_records(())


def test_a_column_sorts_by_its_key_and_not_by_its_text(model: RecordTableModel[Item]) -> None:
    model.sort(1)
    assert labels(model) == ["a", "C", "b"]
    model.sort(1, Qt.SortOrder.DescendingOrder)
    assert labels(model) == ["b", "C", "a"]
    model.sort(-1)
    assert labels(model) == ["b", "a", "C"]


def test_every_word_must_stand_somewhere_in_the_row(model: RecordTableModel[Item]) -> None:
    model.set_filter("SHELF 9")
    assert labels(model) == ["a"]
    model.set_filter("shelf safe")
    assert labels(model) == []
    model.set_filter("")
    assert len(labels(model)) == 3


def test_a_chip_and_words_filter_together(model: RecordTableModel[Item]) -> None:
    model.set_condition(lambda item: item.size_bytes > 100)
    model.set_filter("shelf")
    assert labels(model) == ["b"]


def test_order_and_filter_stay_when_the_records_are_read_again(model: RecordTableModel[Item]) -> None:
    model.set_filter("shelf")
    model.sort(0)
    model.set_records([*ITEMS, Item("0", 1, "Shelf Z")])
    assert labels(model) == ["0", "a", "b"]
    assert model.row_of("b") == 2
    assert model.key_of(9) is None


def test_a_cell_is_read_aloud_with_both_its_lines(model: RecordTableModel[Item]) -> None:
    index = model.index(0, 0)
    assert index.data() == "b"
    assert index.data(Qt.ItemDataRole.AccessibleTextRole) == "b, Shelf A"
    assert index.data(CellRole) == Cell("b", Kind.TWO, "Shelf A")
    assert index.data(RecordRole) == ITEMS[0]
    assert Cell("", Kind.TAGS, tags=("Relevant", "Payment"), tone=Tone.NONE).whole == "Relevant, Payment"


def test_figures_stand_under_a_head_at_the_right(model: RecordTableModel[Item]) -> None:
    align = model.headerData(1, Qt.Orientation.Horizontal, Qt.ItemDataRole.TextAlignmentRole)
    assert Qt.AlignmentFlag(align) & Qt.AlignmentFlag.AlignRight
    assert model.headerData(1, Qt.Orientation.Horizontal) == "Size, bytes"
    assert model.headerData(1, Qt.Orientation.Vertical) is None
