import shiboken6
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QLabel, QTabWidget
from pytestqt.qtbot import QtBot

from ui.widgets.later import Later


def test_a_part_is_made_once_when_it_is_first_seen(qtbot: QtBot) -> None:
    made: list[QLabel] = []

    def make() -> QLabel:
        made.append(QLabel("here"))
        return made[-1]

    tabs = QTabWidget()
    qtbot.addWidget(tabs)
    room = Later(make, name="room")
    tabs.addTab(QLabel("first"), "First")
    tabs.addTab(room, "Second")
    tabs.show()
    qtbot.waitExposed(tabs)
    assert not made
    assert not room.is_filled
    tabs.setCurrentIndex(1)
    assert room.is_filled
    assert made[0].isVisible()
    tabs.setCurrentIndex(0)
    tabs.setCurrentIndex(1)
    assert made == [room.part]
    assert room.part.parentWidget() is room


def test_a_part_that_hides_itself_stays_hidden(qtbot: QtBot) -> None:
    part = QLabel("nothing yet")
    part.hide()
    room = Later(part, name="room")
    qtbot.addWidget(room)
    room.show()
    assert room.part is part
    assert not part.isVisible()


def test_a_part_that_was_never_seen_goes_with_its_room() -> None:
    part, seen = QLabel("never seen"), QLabel("seen")
    rooms = [Later(part, name="room"), Later(seen, name="other")]
    rooms[1].fill()
    for room in rooms:
        room.deleteLater()
    for _ in range(2):  # the room, then what it takes with it
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert not shiboken6.isValid(part)
    assert not shiboken6.isValid(seen)
