"""Labels in the window: the dialog, the file, and a scan that opens the exhibit."""

from pathlib import Path

import pytest
from PySide6.QtWidgets import QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from tests.builders import Bench, make_bench
from tests.forensics_app.reports.pdftools import Oracle
from tests.ui import room
from tests.ui.exhibits.conftest import WAIT_MS, Desk
from tests.ui.exhibits.parts import fill, press, said
from tests.ui.exhibits.test_page import in_sight, shown
from ui.exhibits.label_sheet import LabelOrderSheet
from ui.exhibits.page import ExhibitsPage
from ui.jobs import JobRunner
from ui.main_window import MainWindow
from ui.page import Page, PageSpec
from ui.preferences import Preferences
from ui.scanning import Scanning
from ui.session import Session


@pytest.mark.req("REQ-10")
def test_labels_of_one_exhibit_or_of_all_are_written_for_the_paper_that_is_there(desk: Desk, tmp_path: Path) -> None:
    desk.bench.exhibit(desk.case)
    desk.bench.exhibit(desk.case, "LH/02")
    desk.show()
    desk.wait(lambda: shown(desk, "LH/01"))
    press(desk.page, "printLabels")
    sheet = in_sight(desk, LabelOrderSheet)
    assert room.unnamed(sheet) == []
    fill(sheet, labelStart="25")
    press(sheet, "labelsPrimary")
    assert said(sheet, "labelStartError") == "Write a number from 1 to 24."
    fill(sheet, labelStart="24", labelsOf="All 2 of the case")
    press(sheet, "labelsPrimary")
    target = tmp_path / "labels.pdf"
    desk.wait(target.exists)
    oracle = Oracle(tmp_path)
    assert oracle.info(target.read_bytes())["Pages"] == "2"
    target.unlink()
    press(desk.page, "printLabels")
    desk.wait(lambda: any(one.isVisible() for one in desk.page.findChildren(LabelOrderSheet)))
    sheet = next(one for one in desk.page.findChildren(LabelOrderSheet) if one.isVisible())
    fill(sheet, labelPaper="Printer of single labels", labelWidth="20")
    press(sheet, "labelsPrimary")
    assert "between 40 x 20 mm" in said(sheet, "labelWidthError")
    fill(sheet, labelWidth="62")
    press(sheet, "labelsPrimary")
    desk.wait(target.exists)
    assert "LH/02" not in oracle.flat(target.read_bytes())
    assert desk.errors == []


@pytest.fixture
def scanner(
    tmp_path: Path, qtbot: QtBot, jobs: JobRunner, session: Session, preferences: Preferences
) -> tuple[MainWindow, Bench]:
    """The window with its Exhibits page and a plain one, over a lab with two cases."""
    bench = make_bench(tmp_path / "lab")
    specs = [
        PageSpec(key="cases", title="Cases", icon="case", make=lambda context: Page(context, title="C", name="plain")),
        PageSpec(
            key="exhibits", title="Exhibits", icon="exhibit", make=lambda context: ExhibitsPage(context, preferences)
        ),
    ]
    window = MainWindow(specs, session, jobs)
    qtbot.addWidget(window)
    window.resize(1280, 800)
    window.show()
    session.open_lab(bench.lab)
    session.sign_in(bench.examiner)
    Scanning(window)
    window.show_work("cases")
    return window, bench


def scan(window: MainWindow, text: str) -> None:
    """What a scanner does: it types and presses Enter."""
    box = window.findChild(QLineEdit, "findBox")
    box.setText(text)
    box.returnPressed.emit()


@pytest.mark.req("REQ-10")
def test_a_scan_opens_the_exhibit_of_whatever_case_and_says_what_changed_since(
    scanner: tuple[MainWindow, Bench], qtbot: QtBot, session: Session
) -> None:
    window, bench = scanner
    session.show_case(bench.case())
    other = bench.case("2026-0148")
    exhibit = bench.exhibit(other)
    (label,) = bench.lab.labels.of_case(other.id)
    bench.lab.exhibits.correct(bench.custodian, exhibit.id, {"seal_number": "0048822"}, "misread")
    scan(window, label.told.text)
    qtbot.waitUntil(lambda: isinstance(window.page, ExhibitsPage), timeout=WAIT_MS)
    page = window.page
    assert isinstance(page, ExhibitsPage)
    qtbot.waitUntil(lambda: said(page, "detailNumber") == "LH/01", timeout=WAIT_MS)
    assert session.case == other
    note = page.findChild(QWidget, "scanNote")
    assert note.isVisible()
    assert "which is normal: 1 entry more" in note.accessibleName()
    assert "The label names the seal 0048812; the seal 0048822 is recorded now." in note.accessibleName()
    press(page, "closeScan")
    assert not note.isVisible()


def test_an_unknown_label_is_told_in_words(scanner: tuple[MainWindow, Bench], qtbot: QtBot) -> None:
    window, _ = scanner
    scan(window, "FXL2:0000")
    qtbot.waitUntil(lambda: window.findChild(QWidget, "errorSheet") is not None, timeout=WAIT_MS)
    assert "not read whole" in said(window, "errorWhat")


def test_other_words_are_looked_for_in_the_cases(scanner: tuple[MainWindow, Bench]) -> None:
    window, _ = scanner
    window.go_to("exhibits")
    scan(window, "Lindenhof")
    assert window.page is not None
    assert window.page.objectName() == "plain"
