from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from ui.models.cells import Cell, Column
from ui.models.lazy_table import PAGE_ROWS, PAGES_KEPT, LazyTableModel


@dataclass(frozen=True)
class File:
    id: int


COLUMNS: tuple[Column[File], ...] = (
    Column(key="name", title="Name", cell=lambda file: Cell(f"file {file.id}")),
    Column(key="tags", title="Tags", cell=lambda file: Cell(""), sortable=False),
)
Deliver = Callable[[Sequence[File | None]], None]


class Loader:
    """Fetches pages at once, or keeps them back until it is told to deliver."""

    def __init__(self, *, at_once: bool = True) -> None:
        self.asked: list[tuple[int, ...]] = []
        self.waiting: list[Callable[[], None]] = []
        self._at_once = at_once

    def __call__(self, ids: Sequence[int], deliver: Deliver) -> None:
        self.asked.append(tuple(ids))
        files = [File(id_) for id_ in ids]
        if self._at_once:
            deliver(files)
        else:
            self.waiting.append(lambda: deliver(files))


def test_qt_finds_no_fault_with_the_model(qtmodeltester: ModelTester) -> None:
    model = LazyTableModel(COLUMNS, Loader())
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    model.set_ids(array("q", range(1000)))
    qtmodeltester.check(model)


def test_only_pages_that_are_looked_at_are_fetched() -> None:
    loader = Loader()
    model = LazyTableModel(COLUMNS, loader)
    model.set_ids(array("q", range(10, 1_000_010)))
    assert model.rowCount() == 1_000_000
    assert model.index(999_999, 0).data() == "file 1000009"
    assert model.index(999_900, 0).data() == "file 999910"
    assert [len(ids) for ids in loader.asked] == [PAGE_ROWS]


def test_pages_looked_at_long_ago_are_forgotten() -> None:
    loader = Loader()
    model = LazyTableModel(COLUMNS, loader)
    model.set_ids(array("q", range(PAGE_ROWS * (PAGES_KEPT + 1))))
    for page in range(PAGES_KEPT):
        model.record(page * PAGE_ROWS)
    model.record(0)
    model.record(PAGES_KEPT * PAGE_ROWS)
    asked = len(loader.asked)
    model.record(0)
    assert len(loader.asked) == asked
    model.record(PAGE_ROWS)
    assert len(loader.asked) == asked + 1


def test_a_page_on_its_way_is_asked_for_once_and_shown_when_it_comes(qtbot: QtBot) -> None:
    loader = Loader(at_once=False)
    model = LazyTableModel(COLUMNS, loader)
    model.set_ids(array("q", range(300)))
    assert [model.index(row, 0).data() for row in (0, 1)] == ["…", "…"]
    assert len(loader.asked) == 1
    with qtbot.waitSignal(model.dataChanged) as changed:
        loader.waiting.pop()()
    first, last, _ = changed.args
    assert (first.row(), last.row()) == (0, PAGE_ROWS - 1)
    assert model.index(1, 0).data() == "file 1"


def test_a_page_of_an_old_order_is_not_shown_in_the_new_one() -> None:
    loader = Loader(at_once=False)
    model = LazyTableModel(COLUMNS, loader)
    model.set_ids(array("q", [1, 2, 3]))
    model.record(0)
    model.set_ids(array("q", [3, 2, 1]))
    model.record(0)
    loader.waiting[0]()
    assert model.record(0) is None
    loader.waiting[1]()
    assert model.record(0) == File(3)


def test_what_is_gone_shows_nothing_and_does_not_break_the_page() -> None:
    model = LazyTableModel(COLUMNS, lambda ids, deliver: deliver([None, File(2)]))
    model.set_ids(array("q", [1, 2]))
    assert model.index(1, 0).data() == "file 2"
    assert model.record(0) is None


def test_sorting_is_asked_of_the_owner_of_the_ids(qtbot: QtBot) -> None:
    model = LazyTableModel(COLUMNS, Loader(), sort_key="name")
    asked: list[tuple[str, bool]] = []
    model.sort_asked.connect(lambda key, descending: asked.append((key, descending)))
    model.sort(0)
    model.sort(1)
    model.sort(-1)
    model.sort(0, Qt.SortOrder.DescendingOrder)
    assert asked == [("name", True)]


def test_a_row_is_found_again_by_its_id() -> None:
    model = LazyTableModel(COLUMNS, Loader())
    model.set_ids(array("q", range(1_000_000, 0, -1)))
    assert model.row_of(1) == 999_999
    assert model.row_of(5_000_000) == -1
    assert model.row_of("1") == -1
    assert model.key_of(0) == 1_000_000


def test_refreshing_fetches_what_is_shown_again() -> None:
    loader = Loader()
    model = LazyTableModel(COLUMNS, loader)
    model.set_ids(array("q", range(5)))
    model.record(0)
    model.refresh()
    model.record(0)
    assert len(loader.asked) == 2


def test_the_beginning_is_shown_before_the_rest_is_known(qtbot: QtBot) -> None:
    loader = Loader()
    model = LazyTableModel(COLUMNS, loader)
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    model.set_beginning(array("q", range(PAGE_ROWS)), [File(id_) for id_ in range(PAGE_ROWS)])
    assert model.partial
    assert model.index(7, 0).data() == "file 7"
    with qtbot.waitSignal(model.rowsInserted), qtbot.assertNotEmitted(model.modelReset):
        model.set_ids(array("q", range(1000)))
    assert not model.partial
    assert model.rowCount() == 1000
    assert model.index(7, 0).data() == "file 7"
    assert loader.asked == []
    assert model.index(PAGE_ROWS, 0).data() == f"file {PAGE_ROWS}"


def test_a_rest_that_does_not_follow_the_beginning_begins_anew(qtbot: QtBot) -> None:
    model = LazyTableModel(COLUMNS, Loader())
    model.set_beginning(array("q", [1, 2]), [File(1), File(2)])
    with qtbot.waitSignal(model.modelReset):
        model.set_ids(array("q", [3, 1, 2]))
    assert [model.index(row, 0).data() for row in range(3)] == ["file 3", "file 1", "file 2"]


def test_the_last_page_of_a_short_beginning_is_fetched_whole() -> None:
    model = LazyTableModel(COLUMNS, Loader())
    model.set_beginning(array("q", [1, 2]), [File(1), File(2)])
    model.set_ids(array("q", [1, 2, 3]))
    assert [model.index(row, 0).data() for row in range(3)] == ["file 1", "file 2", "file 3"]


def test_rows_that_come_while_their_page_is_on_its_way_are_fetched_behind_it(qtbot: QtBot) -> None:
    loader = Loader(at_once=False)
    model = LazyTableModel(COLUMNS, loader)
    model.set_beginning(array("q", range(2)), ())
    assert model.index(1, 0).data() == "…"
    model.set_ids(array("q", range(50)))
    assert model.index(49, 0).data() == "…"
    with qtbot.waitSignal(model.dataChanged):
        loader.waiting.pop(0)()
    assert [model.index(row, 0).data() for row in (1, 2, 49)] == ["file 1", "…", "…"]
    assert loader.asked == [(0, 1), tuple(range(50))]
    with qtbot.waitSignal(model.dataChanged):
        loader.waiting.pop(0)()
    assert [model.index(row, 0).data() for row in (1, 2, 49)] == ["file 1", "file 2", "file 49"]
    assert len(loader.asked) == 2


def test_a_page_that_comes_short_is_not_asked_for_again(qtbot: QtBot) -> None:
    waiting: list[Deliver] = []
    model = LazyTableModel(COLUMNS, lambda ids, deliver: waiting.append(deliver))
    model.set_ids(array("q", range(3)))
    assert model.index(2, 0).data() == "…"
    with qtbot.waitSignal(model.dataChanged):
        waiting[0]([File(0)])
    assert [model.index(row, 0).data() for row in range(3)] == ["file 0", "…", "…"]
    assert len(waiting) == 1
