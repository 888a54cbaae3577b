"""The custody form from the window: chosen with the button, written where the person says."""

from pathlib import Path

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from tests.forensics_app.reports.pdftools import Oracle
from tests.ui.custody.test_page import page_of, with_a_stored_exhibit
from tests.ui.exhibits.parts import fill
from tests.ui.lab_window import open_window
from ui.custody.form_order import FormOrderSheet
from ui.custody.page import CustodyPage
from ui.jobs import JobRunner


@pytest.mark.req("REQ-21")
def test_the_form_of_the_exhibit_shown_is_written_as_a_pdf(tmp_path: Path, qtbot: QtBot, jobs: JobRunner) -> None:
    target = tmp_path / "form.pdf"

    def make(context: object) -> CustodyPage:
        return CustodyPage(context, ask=lambda *_: target)  # type: ignore[arg-type]

    with open_window(tmp_path / "lab", qtbot, jobs, "custody", make, with_a_stored_exhibit) as made:
        made.until(lambda: page_of(made).timeline.model().rowCount() == 4)
        made.part(QWidget, "custodyForm").click()  # type: ignore[attr-defined]
        made.until(lambda: made.part(FormOrderSheet, "formSheet").isVisible())
        fill(made.part(FormOrderSheet, "formSheet"), formLanguage="français (fr)")
        made.part(QWidget, "formPrimary").click()  # type: ignore[attr-defined]
        made.until(target.exists)
        flat = Oracle(tmp_path).flat(target.read_bytes())
        assert "Formulairedelachaînedegarde" in flat
        assert "TomaszLis" in flat
        made.until(lambda: "Written to" in made.part(QWidget, "entryCount").text())  # type: ignore[attr-defined]
