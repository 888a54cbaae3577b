from collections.abc import Callable

import pytest
from PySide6.QtCore import QSizeF, Qt
from PySide6.QtGui import QColor, QImage
from pytestqt.qtbot import QtBot

from ui.widgets.paper import Paper

A4 = QSizeF(595, 842)


class Printer:
    def __init__(self) -> None:
        self.asked: list[tuple[int, float]] = []

    def __call__(self, page: int, scale: float, deliver: Callable[[QImage], None]) -> None:
        self.asked.append((page, scale))
        image = QImage(40, 56, QImage.Format.Format_RGB32)
        image.fill(QColor("#ff0000"))
        deliver(image)


@pytest.fixture
def printer() -> Printer:
    return Printer()


@pytest.fixture
def paper(printer: Printer, qtbot: QtBot) -> Paper:
    made = Paper(title="Preview")
    qtbot.addWidget(made)
    made.resize(660, 500)
    made.show_pages([A4] * 38, printer)
    made.show()
    qtbot.waitExposed(made)
    return made


def test_only_pages_in_sight_are_drawn(paper: Paper, printer: Printer, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: bool(printer.asked))
    assert {page for page, _ in printer.asked} == {0}
    assert paper.grab().toImage().pixelColor(330, 250).name() == "#ff0000"


def test_page_keys_turn_pages_and_tell(paper: Paper, qtbot: QtBot) -> None:
    told: list[int] = []
    paper.page_changed.connect(told.append)
    qtbot.keyClick(paper, Qt.Key.Key_PageDown)
    qtbot.keyClick(paper, Qt.Key.Key_PageDown)
    qtbot.keyClick(paper, Qt.Key.Key_PageUp)
    qtbot.keyClick(paper, Qt.Key.Key_End)
    assert told == [2, 3, 2, 38]
    assert paper.page == 38


def test_zooming_keeps_the_page_and_asks_for_a_sharper_picture(paper: Paper, printer: Printer, qtbot: QtBot) -> None:
    paper.set_zoom(1.0)
    paper.go_to_page(3)
    qtbot.keyClick(paper, Qt.Key.Key_Plus)
    assert paper.zoom == 1.25
    assert paper.page == 3
    qtbot.waitUntil(lambda: any(page == 2 and scale > 1.6 for page, scale in printer.asked))
    qtbot.keyClick(paper, Qt.Key.Key_0)
    assert paper.zoom < 1.0


def test_the_width_is_followed_until_a_zoom_is_chosen(paper: Paper) -> None:
    fitted = paper.zoom
    paper.resize(400, 500)
    assert paper.zoom < fitted
    paper.set_zoom(2.0)
    paper.resize(600, 500)
    assert paper.zoom == 2.0


def test_a_page_of_an_old_document_is_not_shown_in_the_new_one(paper: Paper) -> None:
    late: list[Callable[[QImage], None]] = []
    paper.show_pages([A4], lambda page, scale, deliver: late.append(deliver))
    paper.grab()
    paper.show_pages([A4, A4], lambda page, scale, deliver: None)
    image = QImage(10, 10, QImage.Format.Format_RGB32)
    image.fill(QColor("#00ff00"))
    late[0](image)
    assert paper.grab().toImage().pixelColor(330, 250).name() != "#00ff00"
    assert paper.page_count == 2


class Measured(QSizeF):
    """A page that counts how often it is measured."""

    times = 0

    def height(self) -> float:
        Measured.times += 1
        return super().height()


def test_turning_the_pages_of_a_long_document_measures_none_of_the_others(
    paper: Paper, printer: Printer, qtbot: QtBot
) -> None:
    pages = 3_000
    paper.show_pages([Measured(A4)] * pages, printer)
    assert Measured.times <= 2 * pages  # once for all; each paint and scroll took the square of their number
    paper.grab()
    Measured.times = 0
    for page in (2_000, 2_999, 1, pages):
        paper.go_to_page(page)
        paper.grab()
        assert paper.page == page
        assert page - 1 in {asked for asked, _ in printer.asked}
    assert Measured.times < 40


def test_pages_of_different_sizes_lie_below_each_other_with_the_same_gap(printer: Printer, qtbot: QtBot) -> None:
    made = Paper(title="Preview")
    qtbot.addWidget(made)
    made.resize(900, 500)
    made.show_pages([A4, QSizeF(842, 595), A4], printer)
    made.set_zoom(0.75)  # a point is a pixel
    made.show()
    qtbot.waitExposed(made)
    bar, tops = made.verticalScrollBar(), list[int]()
    for page in (1, 2, 3):
        made.go_to_page(page)
        tops.append(bar.value())
    gap = tops[1] - tops[0] - 842
    assert (tops[2] - tops[1] - 595, gap > 0) == (gap, True)
