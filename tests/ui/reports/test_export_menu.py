from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from forensics_app.services.kit_files import read_kit
from tests.ui.lab_window import LabWindow, open_window
from tests.ui.reports.test_page import with_a_case, with_a_chosen_file
from ui.jobs import JobRunner
from ui.reports.page import ReportsPage


@pytest.fixture
def lab(tmp_path: Path, qtbot: QtBot, jobs: JobRunner) -> Iterator[LabWindow]:
    def make(context: object) -> ReportsPage:
        return ReportsPage(context, ask=lambda *_: tmp_path / "out")  # type: ignore[arg-type]

    with open_window(tmp_path / "lab", qtbot, jobs, "report", make, with_a_case) as made:
        yield made


def test_every_format_is_offered_and_written_into_a_new_folder(lab: LabWindow, tmp_path: Path) -> None:
    page = lab.window.page
    assert isinstance(page, ReportsPage)
    menu = page.export.menu
    assert [action.objectName() for action in menu.actions() if action.objectName()] == [
        *("export-docx", "export-html", "export-csv", "export-bodyfile", "export-case", "export-all", "export-kit"),
    ]
    action = menu.findChild(QAction, "export-all")
    assert isinstance(action, QAction)
    action.trigger()
    lab.until((tmp_path / "out").is_dir)
    assert {path.suffix for path in (tmp_path / "out").iterdir()} == {".docx", ".html", ".csv", ".bodyfile", ".jsonld"}
    lab.until(page.export.button.isEnabled)


def test_a_kit_of_a_case_without_images_is_refused_in_words(lab: LabWindow, tmp_path: Path) -> None:
    page = lab.window.page
    assert isinstance(page, ReportsPage)
    action = page.export.menu.findChild(QAction, "export-kit")
    assert isinstance(action, QAction)
    action.trigger()
    lab.until(lambda: "no image" in str(lab.errors))
    assert not (tmp_path / "out").exists()


def test_a_kit_says_of_which_report_it_is_and_what_is_in_it(tmp_path: Path, qtbot: QtBot, jobs: JobRunner) -> None:
    def make(context: object) -> ReportsPage:
        return ReportsPage(context, ask=lambda *_: tmp_path / "out")  # type: ignore[arg-type]

    with open_window(tmp_path / "lab", qtbot, jobs, "report", make, with_a_chosen_file) as lab:
        page = lab.window.page
        assert isinstance(page, ReportsPage)
        action = page.export.menu.findChild(QAction, "export-kit")
        assert isinstance(action, QAction)
        action.trigger()
        lab.until((tmp_path / "out").is_dir)
        lab.until(page.export.button.isEnabled)

        def said() -> str:
            return " ".join(label.text() for label in page.findChildren(QLabel))

        told = "Findings: 0; chosen files: 1; files in lists: 0."
        lab.until(lambda: told in said())
        page.refresh()
        lab.until(lambda: "not saved" not in said() and told in said())
        assert read_kit(tmp_path / "out").files[0].reference == "F-1"
        assert not lab.errors
