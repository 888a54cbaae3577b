import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QLineEdit, QListWidget, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from ui.widgets.layout import plain, scrolled, vbox
from ui.widgets.sides import Sides
from ui.widgets.sight import bring_into_sight

WIDE, NARROW, LOW = QSize(1200, 700), QSize(560, 260), QSize(1200, 200)


@pytest.fixture
def sides(qtbot: QtBot) -> Sides:
    made = Sides(QListWidget(), QListWidget(), sizes=(800, 400), stacked_px=(300, 340), name="testSplit")
    qtbot.addWidget(made)
    made.resize(WIDE)
    made.show()
    qtbot.waitExposed(made)
    return made


def test_two_panes_stand_above_each_other_where_it_is_narrow_and_are_scrolled_as_one(sides: Sides) -> None:
    assert not sides.stacked
    sides.resize(NARROW)
    assert sides.stacked
    assert sides.splitter.height() == 640
    assert sides.verticalScrollBar().maximum() > 0
    assert sides.horizontalScrollBar().maximum() == 0


def test_panes_keep_a_height_to_work_in_where_it_is_low(sides: Sides) -> None:
    sides.resize(LOW)
    assert not sides.stacked
    assert sides.splitter.height() >= 320
    assert sides.verticalScrollBar().maximum() > 0


def test_the_smaller_pane_gets_a_part_of_a_large_window_until_somebody_drags_the_line(sides: Sides) -> None:
    sides.resize(1800, 700)
    assert sides.splitter.sizes() == [1249, 550]
    sides.resize(NARROW)
    sides.resize(WIDE)
    assert sides.splitter.sizes() == [799, 400]
    drag(sides, 500)
    sides.resize(1800, 700)
    assert sides.splitter.sizes()[1] > 600


def drag(sides: Sides, to_px: int) -> None:
    """Move the line as the mouse does."""
    sides.splitter.handle(1).moveSplitter(to_px)


def test_the_widths_that_somebody_chose_come_back_when_there_is_room_again(sides: Sides) -> None:
    drag(sides, 500)
    chosen = sides.splitter.sizes()
    sides.resize(NARROW)
    sides.resize(WIDE)
    assert not sides.stacked
    assert sides.splitter.sizes() == chosen


def test_what_is_kept_of_the_line_is_of_panes_beside_each_other(sides: Sides, qtbot: QtBot) -> None:
    drag(sides, 500)
    sides.resize(NARROW)
    kept = sides.state()
    other = Sides(QListWidget(), QListWidget(), sizes=(800, 400), name="otherSplit")
    qtbot.addWidget(other)
    other.resize(WIDE)
    other.show()
    other.restore(kept)
    assert other.splitter.orientation() is Qt.Orientation.Horizontal
    assert other.splitter.sizes()[0] < other.splitter.sizes()[1]


def long_column(qtbot: QtBot) -> tuple[QWidget, list[QLineEdit]]:
    fields = [QLineEdit() for _ in range(30)]
    area = scrolled(plain(vbox(*fields)), name="longColumn")
    qtbot.addWidget(area)
    area.resize(300, 200)
    area.show()
    qtbot.waitExposed(area)
    return area, fields


def test_a_part_below_the_edge_is_scrolled_into_sight(qtbot: QtBot) -> None:
    _, fields = long_column(qtbot)
    assert fields[-1].visibleRegion().isEmpty()
    bring_into_sight(fields[-1])
    assert fields[-1].visibleRegion().boundingRect().height() == fields[-1].height()


def test_a_part_in_sight_stays_where_it_is(qtbot: QtBot) -> None:
    area, fields = long_column(qtbot)
    bring_into_sight(fields[10])
    before = fields[10].mapTo(area, fields[10].rect().topLeft())
    bring_into_sight(fields[10])
    assert fields[10].mapTo(area, fields[10].rect().topLeft()) == before


def test_a_part_larger_than_its_area_shows_its_beginning(qtbot: QtBot) -> None:
    above, large = QPushButton("above"), QListWidget()
    large.setMinimumHeight(600)
    area = scrolled(plain(vbox(above, large)), name="largeColumn")
    qtbot.addWidget(area)
    area.resize(300, 200)
    area.show()
    qtbot.waitExposed(area)
    area.verticalScrollBar().setValue(area.verticalScrollBar().maximum())
    bring_into_sight(above)
    assert not above.visibleRegion().isEmpty()
    area.verticalScrollBar().setValue(0)
    bring_into_sight(large)
    assert area.verticalScrollBar().value() == 0  # most of what is seen is the part already
