import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from tests.ui import gallery_viewers
from ui.widgets.timeline import Event, Timeline, TimelineModel, state_lines


@pytest.fixture
def timeline(qtbot: QtBot) -> Timeline:
    model = TimelineModel()
    made = Timeline(model, title="Custody events, newest first")
    model.setParent(made)
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal, made)
    qtbot.addWidget(made)
    model.set_rows(gallery_viewers.events())
    made.resize(900, 500)
    made.show()
    qtbot.waitExposed(made)
    return made


def test_an_event_is_read_aloud_as_one_sentence(timeline: Timeline) -> None:
    sentence = timeline.model().index(0, 0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert sentence.startswith("47: Image read back, by Ana Kovač, 2026-11-21 14:02:11 +01:00, SHA-256 equal")
    assert sentence.endswith("UNDER EXAMINATION, Signed, Time-stamped")


def test_a_gap_in_custody_tells_its_length_and_cannot_be_chosen(timeline: Timeline) -> None:
    gap = timeline.model().index(2, 0)
    assert gap.data() == "No custody is recorded for 2 h 30 min"
    assert not gap.flags() & Qt.ItemFlag.ItemIsSelectable


def test_keys_choose_events_and_pass_the_gap(timeline: Timeline, qtbot: QtBot) -> None:
    chosen: list[Event | None] = []
    opened: list[Event] = []
    timeline.chosen.connect(chosen.append)
    timeline.opened.connect(opened.append)
    assert timeline.select_key(40)
    qtbot.keyClick(timeline, Qt.Key.Key_Down)
    qtbot.keyClick(timeline, Qt.Key.Key_Return)
    assert [event.sequence for event in chosen if event] == [40, 31]
    assert [event.sequence for event in opened] == [31]
    assert not timeline.select_key(99)


def test_no_state_is_cut_where_both_do_not_fit_on_a_line(timeline: Timeline) -> None:
    assert state_lines("STORED") == ("STORED",)
    assert state_lines("SEIZED → RECEIVED") == ("SEIZED → RECEIVED",)
    assert state_lines("DISPOSAL PENDING → RETURNED") == ("DISPOSAL PENDING →", "RETURNED")
