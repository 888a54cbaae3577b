"""The log of all cases on the custody page."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QLabel, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from forensics_app.model.case import Case
from forensics_app.model.custody_log import LogQuery
from forensics_app.model.person import SignedIn
from tests.builders import Bench
from tests.ui import room
from tests.ui.lab_window import LabWindow, open_window, stored
from ui.custody.page import CustodyPage
from ui.jobs import JobRunner
from ui.widgets.buttons import Button
from ui.widgets.table import Table


@pytest.fixture
def lab(tmp_path: Path, qtbot: QtBot, jobs: JobRunner) -> Iterator[LabWindow]:
    """Two cases, the log in sight."""

    def prepare(bench: Bench) -> tuple[Case, Callable[[Bench], SignedIn]]:
        case = bench.case()
        stored(bench, case)
        bench.case("2026-0200")
        return case, lambda made: made.supervisor

    def make(context: object) -> CustodyPage:
        return CustodyPage(context, ask=lambda *_: tmp_path / "log.csv")  # type: ignore[arg-type]

    with open_window(tmp_path / "lab", qtbot, jobs, "custody", make, prepare) as made:
        page = made.window.page
        assert isinstance(page, CustodyPage)
        page.tabs.setCurrentWidget(page.tabs.log)
        made.until(lambda: shown(made) == everything(made))
        yield made


def everything(lab: LabWindow) -> int:
    return len(lab.bench.lab.custody_log.list(LogQuery()))


def shown(lab: LabWindow) -> int:
    return lab.part(QWidget, "logTab").table.model().rowCount()


def choose(lab: LabWindow, name: str, words: str) -> None:
    box = lab.part(QComboBox, name)
    at = next(at for at in range(box.count()) if box.itemText(at).startswith(words))
    box.setCurrentIndex(at)
    box.activated.emit(at)


@pytest.mark.req("REQ-38")
def test_the_log_is_filtered_by_case_exhibit_person_kind_and_days(lab: LabWindow) -> None:
    choose(lab, "logCase", "2026-0147")
    lab.until(lambda: shown(lab) == 5)
    choose(lab, "logExhibit", "LH/01")
    lab.until(lambda: shown(lab) == 4)
    choose(lab, "logKind", "Steps of custody")
    lab.until(lambda: shown(lab) == 3)
    choose(lab, "logPerson", "Ana Kovač")
    lab.until(lambda: not lab.absent("noLog"))
    choose(lab, "logPerson", "All")
    lab.until(lambda: shown(lab) == 3)
    last = lab.part(QLineEdit, "logLastDay")
    lab.qtbot.keyClicks(last, "2026-11-19")
    lab.qtbot.keyClick(last, Qt.Key.Key_Return)
    lab.until(lambda: not lab.absent("noLog"))
    last.clear()
    lab.qtbot.keyClicks(last, "2026-11-20")
    lab.qtbot.keyClick(last, Qt.Key.Key_Return)
    lab.until(lambda: lab.absent("noLog"))
    assert shown(lab) == 3
    choose(lab, "logCase", "2026-0200")
    lab.until(lambda: lab.part(QComboBox, "logExhibit").count() == 1)
    assert lab.errors == []


def test_a_day_that_is_none_is_told_at_its_field_and_asks_nothing(lab: LabWindow) -> None:
    first = lab.part(QLineEdit, "logFirstDay")
    lab.qtbot.keyClicks(first, "yesterday")
    lab.qtbot.keyClick(first, Qt.Key.Key_Return)
    assert "Write the day like" in lab.part(QLabel, "logFirstDayError").text()
    assert shown(lab) == everything(lab)


def test_the_signed_text_of_an_entry_opens_and_the_list_is_written_as_csv(lab: LabWindow, tmp_path: Path) -> None:
    table = lab.part(Table, "logTable")
    lab.qtbot.keyClick(table, Qt.Key.Key_Return)
    assert '"action":' in lab.part(QWidget, "signedText").toPlainText()
    lab.part(Button, "closeSignedText").click()
    lab.part(QWidget, "exportLog").click()
    lab.until(lambda: (tmp_path / "log.csv").exists())
    assert "Case opened" in (tmp_path / "log.csv").read_text("utf-8-sig")


def test_nothing_of_the_log_is_cut_unnamed_or_out_of_reach(lab: LabWindow) -> None:
    for size in ((1280, 800), (800, 600), (640, 400)):
        lab.window.resize(*size)
        lab.until(lambda: room.cut_texts(lab.window.page) == [])
        assert room.unnamed(lab.window.page) == []
        lab.until(lambda: room.unreachable(lab.window.page) == [])
