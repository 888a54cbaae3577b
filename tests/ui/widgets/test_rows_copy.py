"""Copying rows of tables that hold only the pages looked at last."""

from __future__ import annotations

import threading
import time
from array import array
from collections.abc import Sequence
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

import ui
from ui.jobs import JobRunner
from ui.models.cells import Cell, Column
from ui.models.lazy_table import PAGE_ROWS, PAGES_KEPT, Deliver, LazyTableModel
from ui.widgets.rows_copy import LISTED_ROWS, MOST_ROWS_COPIED, RowsCopy
from ui.widgets.table import Table

MANY = PAGE_ROWS * PAGES_KEPT + 5_001


def clipboard() -> str:
    return QGuiApplication.clipboard().text()


class Numbers:
    """A table of numbers, read page by page as jobs; it keeps what is said."""

    def __init__(self, qtbot: QtBot, jobs: JobRunner, count: int) -> None:
        self.jobs, self.said = jobs, list[str]()
        self.gone: set[int] = set()
        self.held = threading.Event()
        self.held.set()
        self.broken = False
        columns: list[Column[int]] = [
            Column(key="id", title="Number", cell=lambda n: Cell(f"row {n}")),
            Column(key="square", title="Square", cell=lambda n: Cell("cut…"), whole=lambda n: str(n * n)),
        ]
        self.model: LazyTableModel[int] = LazyTableModel(columns, self._load)
        self.table = Table(self.model, name="numbers", title="Numbers")
        RowsCopy(
            self.table, jobs, lambda: self.read, say=self.said.append, why=lambda error: str(error), instead="Use CSV."
        )
        qtbot.addWidget(self.table)
        self.table.show()
        self.model.set_ids(array("q", range(count)))

    def read(self, ids: Sequence[int]) -> list[int | None]:
        self.held.wait(10)
        if self.broken and 7_000 in ids:
            raise OSError("the disk is gone")
        return [None if one in self.gone else one for one in ids]

    def _load(self, ids: Sequence[int], deliver: Deliver[int]) -> None:
        wanted = list(ids)
        self.jobs.start(self.table, lambda _: self.read(wanted), done=deliver, failed=lambda error: None)


@pytest.fixture(autouse=True)
def _clipboard(qtbot: QtBot) -> None:
    QGuiApplication.clipboard().setText("what was there before")


def test_every_selected_row_is_copied_whole_and_the_window_answers_meanwhile(qtbot: QtBot, jobs: JobRunner) -> None:
    numbers = Numbers(qtbot, jobs, MANY)
    numbers.table.selectAll()
    beats: list[float] = []
    timer = QTimer()
    timer.timeout.connect(lambda: beats.append(time.thread_time()))
    timer.start(5)
    begun = time.thread_time()
    numbers.table.copy_rows()
    assert clipboard() == "what was there before", "the clipboard is to change once, when all is there"
    assert "tray" in numbers.said[0]
    qtbot.waitUntil(lambda: len(numbers.said) == 2, timeout=15_000)
    lines = clipboard().split("\n")
    assert lines == ["Number\tSquare", *(f"row {n}\t{n * n}" for n in range(MANY))]
    assert numbers.said[1] == f"Copied {MANY:,} rows with the heads of their columns."
    assert [job.card.title for job in jobs.jobs] == [f"Copy {MANY:,} rows"]
    own_s = [after - before for before, after in zip([begun, *beats], beats, strict=False)]
    assert beats
    assert max(own_s) < 0.5, "the thread of the window worked too long at a time"


def test_rows_that_are_apart_come_in_the_order_shown(qtbot: QtBot, jobs: JobRunner) -> None:
    numbers = Numbers(qtbot, jobs, MANY)
    model, selection = numbers.model, numbers.table.selectionModel()
    flags = selection.SelectionFlag
    for row in (MANY - 1, 3, 9_000):
        selection.select(model.index(row, 0), flags.Select | flags.Rows)
    numbers.table.copy_rows()
    qtbot.waitUntil(lambda: bool(numbers.said), timeout=15_000)
    assert clipboard().split("\n")[1:] == [f"row {n}\t{n * n}" for n in (3, 9_000, MANY - 1)]
    assert jobs.jobs == (), "a few rows are no job to be listed"


def test_a_cell_whose_row_is_not_loaded_any_more_is_read_and_copied(qtbot: QtBot, jobs: JobRunner) -> None:
    numbers = Numbers(qtbot, jobs, MANY)
    numbers.table.selectRow(9_999)
    numbers.model.refresh()
    numbers.table.copy_cell()
    qtbot.waitUntil(lambda: clipboard() == "row 9999", timeout=15_000)


def test_more_rows_than_can_be_copied_are_refused_with_what_to_do(
    qtbot: QtBot, jobs: JobRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = Numbers(qtbot, jobs, MOST_ROWS_COPIED + 1)
    numbers.table.selectAll()
    listed: list[Table] = []
    monkeypatch.setattr(Table, "selected_rows", listed.append)
    numbers.table.copy_rows()
    assert not listed, "the rows are not to be listed only to be counted: of 400,000 that keeps the window waiting"
    assert numbers.said == [
        "Nothing was copied: 50,001 rows are selected, and at most 50,000 can be copied at once. Use CSV."
    ]
    assert clipboard() == "what was there before"


def test_copying_that_is_stopped_leaves_the_clipboard_as_it_was(qtbot: QtBot, jobs: JobRunner) -> None:
    numbers = Numbers(qtbot, jobs, LISTED_ROWS * 3)
    numbers.table.selectAll()
    numbers.held.clear()
    numbers.table.copy_rows()
    (job,) = jobs.active
    job.cancel()
    numbers.held.set()
    qtbot.waitUntil(lambda: numbers.said[-1] == "Copying was stopped. The clipboard is as it was.", timeout=15_000)
    assert clipboard() == "what was there before"


@pytest.mark.parametrize("how", ["gone", "broken"])
def test_rows_that_cannot_be_read_are_told_and_nothing_is_copied(qtbot: QtBot, jobs: JobRunner, how: str) -> None:
    numbers = Numbers(qtbot, jobs, MANY)
    numbers.table.selectAll()
    numbers.gone, numbers.broken = ({7_000} if how == "gone" else set()), how == "broken"
    numbers.table.copy_rows()
    qtbot.waitUntil(lambda: len(numbers.said) == 2, timeout=15_000)
    assert numbers.said[1].startswith("Nothing was copied")
    assert ("1 row of those selected" if how == "gone" else "the disk is gone") in numbers.said[1]
    assert clipboard() == "what was there before"


def test_every_list_that_is_read_page_by_page_copies_in_this_way() -> None:
    root = Path(ui.__file__).parent
    for file in root.rglob("*.py"):
        words = file.read_text("utf-8")
        if "= LazyTableModel(" in words or "= HitsModel(" in words:
            assert "RowsCopy(" in words, f"{file.relative_to(root)} would copy rows that are not loaded"
