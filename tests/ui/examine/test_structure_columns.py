"""Columns of what is taken apart are as wide as what is in them."""

from pytestqt.qtbot import QtBot

from forensics_app.model.viewing import Rows
from ui.examine.structure_parts import RowsView
from ui.jobs import JobRunner

TIME = "2026-01-12T11:00:00.0000001Z"


def shown(qtbot: QtBot, jobs: JobRunner, heads: tuple[str, ...], *rows: tuple[str, ...]) -> RowsView:
    view = RowsView(jobs, heads, lambda node, first, count: Rows(rows=rows[first : first + count], total=len(rows)))
    qtbot.addWidget(view)
    view.resize(330, 300)
    view.show()
    view.show_rows("", len(rows))
    qtbot.waitUntil(lambda: view.model.record(0) is not None, timeout=10_000)
    return view


def test_a_number_takes_little_room_a_time_is_seen_with_its_zone_and_a_long_value_has_a_bound(
    qtbot: QtBot, jobs: JobRunner
) -> None:
    heads = ("Record", "Written (UTC, FILETIME of the record)", "Computer", "Message")
    table = shown(qtbot, jobs, heads, ("1", TIME, "HOST", "words " * 90), ("2", TIME, "HOST", "")).table
    number, time, name, message = (table.columnWidth(at) for at in range(4))
    assert number < name < 100
    assert table.fontMetrics().horizontalAdvance(TIME) < time <= 250
    assert message == 190


def test_a_name_leaves_half_of_the_room_to_its_value(qtbot: QtBot, jobs: JobRunner) -> None:
    rows = (("Target created (UTC, FILETIME as found)", TIME), ("Arguments", "/x"))
    table = shown(qtbot, jobs, ("What", "Value"), *rows).table
    assert not table.horizontalScrollBar().isVisible()
    assert table.columnWidth(0) <= table.viewport().width() // 2
