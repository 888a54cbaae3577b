"""The timeline of a case in the window: made, seen closer, brushed, narrowed, jumped from, exported; by keyboard."""

from pathlib import Path
from zoneinfo import ZoneInfo

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtWidgets import QLabel, QMenu

from forensics_app.model.filter_language.parser import parse
from forensics_app.model.timeline import TimelineQuery
from tests.ui.examine.conftest import Desk
from ui.examine.timeline_view import TimelineView
from ui.models.cells import CellRole
from ui.widgets.buttons import Button
from ui.widgets.notes import EmptyState, Note
from ui.widgets.time_bars import TimeBars

LONG_ENOUGH_TO_READ_AGAIN_MS = 500


def opened(desk: Desk) -> TimelineView:
    """The timeline, made and in sight, with its first events."""
    desk.page.open_timeline()
    view = desk.child(TimelineView, "timelineView")
    desk.settle(desk.child(EmptyState, "noTimeline").isVisible)
    desk.settle(desk.child(Button, "makeTimeline").isVisible)
    desk.child(Button, "makeTimeline").click()
    desk.settle(lambda: view.model.rowCount())
    return view


def found(desk: Desk, query: TimelineQuery) -> list[int]:
    """The ids that the timeline itself finds."""
    with desk.lab.timelines.open(desk.case.id) as reader:
        return list(reader.ids(query))


def status(desk: Desk) -> str:
    return desk.child(QLabel, "timelineStatus").text()


def test_a_case_without_a_timeline_offers_to_make_one_and_shows_it(desk: Desk) -> None:
    view = opened(desk)
    assert list(view.model.ids) == found(desk, TimelineQuery())
    desk.settle(lambda: all(view.model.record(row) for row in range(5)))
    said = [str(view.model.index(0, column).data()) for column in range(3)]
    assert said[0].startswith("2026-02-02 05:53:00")
    assert said[1:] == ["...B", "$SI  ·  Created"]
    assert desk.errors == []


def test_bars_are_brushed_and_seen_closer_and_wider_by_keyboard(desk: Desk) -> None:
    view = opened(desk)
    everything = list(view.model.ids)
    bars = desk.child(TimeBars, "timelineBars")
    bars.setFocus()
    desk.qtbot.keyClick(bars, Qt.Key.Key_Left)
    desk.settle(lambda: 0 < view.model.rowCount() < len(everything))
    assert "in the brushed stretch" in status(desk)
    brushed = list(view.model.ids)
    assert brushed == everything[-len(brushed) :]
    desk.qtbot.keyClick(bars, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    desk.settle(lambda: bars.brush is not None and bars.brush[0] < bars.brush[1])
    desk.qtbot.keyClick(bars, Qt.Key.Key_Plus)
    desk.settle(lambda: "before" in status(desk))
    desk.qtbot.keyClick(bars, Qt.Key.Key_Minus)
    desk.qtbot.keyClick(bars, Qt.Key.Key_Home)
    desk.settle(lambda: list(view.model.ids) == everything)
    desk.qtbot.keyClick(bars, Qt.Key.Key_Right)
    desk.settle(lambda: bars.brush is not None and view.model.rowCount() < len(everything))
    desk.qtbot.keyClick(bars, Qt.Key.Key_Escape)
    desk.settle(lambda: bars.brush is None and list(view.model.ids) == everything)
    assert view.isVisible()
    desk.qtbot.keyClick(bars, Qt.Key.Key_Escape)
    desk.settle(lambda: not view.isVisible())


def test_what_is_brushed_stays_when_the_record_changes_and_when_one_comes_back_from_the_files(desk: Desk) -> None:
    view = opened(desk)
    bars = desk.child(TimeBars, "timelineBars")
    bars.setFocus()
    desk.qtbot.keyClick(bars, Qt.Key.Key_Left)
    desk.settle(lambda: "in the brushed stretch" in status(desk))
    brush, brushed = bars.brush, list(view.model.ids)
    view.table.selectRow(0)
    resets = list[int]()
    view.model.modelReset.connect(lambda: resets.append(1))
    desk.page.session.tell_record_changed()
    desk.page.refresh()
    desk.qtbot.wait(LONG_ENOUGH_TO_READ_AGAIN_MS)
    view.back.click()
    desk.settle(desk.page.browser.isVisible)
    desk.page.open_timeline()
    desk.settle(view.box.hasFocus)
    desk.qtbot.wait(LONG_ENOUGH_TO_READ_AGAIN_MS)
    assert (bars.brush, list(view.model.ids), resets) == (brush, brushed, [])
    assert [index.row() for index in view.table.selectionModel().selectedRows()] == [0]


def test_events_are_narrowed_by_stamp_and_filter_and_a_wrong_filter_is_told(desk: Desk) -> None:
    view = opened(desk)
    view.box.setText("deleted ext:jpg")
    expression = parse("deleted ext:jpg", ZoneInfo("Europe/Berlin"))
    expected = found(desk, TimelineQuery(filter=expression))
    desk.settle(lambda: list(view.model.ids) == expected)
    view.stamps.setCurrentIndex(view.stamps.findText("Created"))
    expected = found(desk, TimelineQuery(filter=expression, fields=("created",)))
    desk.settle(lambda: list(view.model.ids) == expected)
    view.box.setText("size>many")
    desk.settle(desk.child(Note, "timelineWrong").isVisible)
    view.box.setText("no-file-is-called-so")
    desk.settle(lambda: "No time is left" in status(desk))


def test_a_date_is_a_day_and_a_wall_time_says_by_which_zone_it_stands_there(desk: Desk) -> None:
    view = opened(desk)
    view.box.setText("volume:v0.p2")
    expected = found(desk, TimelineQuery(filter=parse("volume:v0.p2", ZoneInfo("UTC"))))
    desk.settle(lambda: list(view.model.ids) == expected)
    rows = range(len(expected))
    desk.settle(lambda: all(view.model.record(row) for row in rows))
    cells = [view.model.index(row, 0).data(CellRole) for row in rows]
    assert any(cell.text == "2026-02-25 date\u00a0only" for cell in cells)
    assert any(cell.second == "wall time on the disk, taken as Europe/Berlin" for cell in cells)
    of_wall_time = [cell.text for cell in cells if cell.second.startswith("wall time on the disk")]
    assert of_wall_time
    assert all(words.endswith(" +01:00\u00a0wall\u00a0time\u00a0as\u00a0Europe/Berlin") for words in of_wall_time)
    assert not any("00:00" in cell.text for cell in cells if "date" in cell.text)


def test_what_stands_on_the_disk_in_utc_bears_no_mark_of_a_wall_time(desk: Desk) -> None:
    view = opened(desk)
    desk.settle(lambda: all(view.model.record(row) for row in range(5)))
    assert "wall" not in str(view.model.index(0, 0).data())


def test_from_an_event_one_goes_to_its_file(desk: Desk) -> None:
    view = opened(desk)
    desk.settle(lambda: view.model.record(0))
    view.table.selectRow(0)
    event = view.table.current_record()
    view.table.setFocus()
    desk.qtbot.keyClick(view.table, Qt.Key.Key_Return)
    desk.settle(lambda: (subject := desk.page.browser.subject) and subject.entry and subject.entry.id == event.entry.id)
    assert desk.page.browser.isVisible()


def test_what_is_listed_is_exported_and_recorded(desk: Desk) -> None:
    view = opened(desk)
    view.box.setText("ext:jpg")
    count = len(found(desk, TimelineQuery(filter=parse("ext:jpg", ZoneInfo("UTC")))))
    desk.settle(lambda: view.model.rowCount() == count)
    menu: QMenu = view.open_forms()
    act: QAction = menu.actions()[0]
    act.trigger()
    target: Path = desk.out / "timeline.csv"
    desk.settle(lambda: "Exported to" in view.messages.text)
    assert len(target.read_text().splitlines()) == count + 1
    assert desk.lab.custody.case_history(desk.case.id)[-1].action == "timeline.export"
    menu.close()


def test_events_are_copied_whole_however_far_apart_they_are(desk: Desk) -> None:
    view = opened(desk)
    desk.settle(lambda: view.model.rowCount() > 0)
    view.table.selectAll()
    view.model.refresh()
    view.table.copy_rows()
    desk.settle(lambda: 0 < view.model.rowCount() == QGuiApplication.clipboard().text().count("\n"))
    lines = QGuiApplication.clipboard().text().split("\n")
    assert lines[1].startswith("2026-02-02 05:53:00")
    assert not any(line.startswith("…") for line in lines)


def test_what_is_said_above_the_timeline_is_of_the_case_and_a_button_leads_back_before_it_is_made(desk: Desk) -> None:
    subtitle = desk.child(QLabel, "pageSubtitle")
    assert desk.image.number in subtitle.text()
    desk.page.open_timeline()
    desk.settle(desk.child(Button, "timelineBackEarly").isVisible)
    assert subtitle.text() == f"Timeline of the case · times in {desk.page.zone.zone}"
    desk.child(Button, "timelineBackEarly").click()
    desk.settle(desk.page.browser.isVisible)
    assert desk.image.number in subtitle.text()
