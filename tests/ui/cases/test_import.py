"""A case of another laboratory comes in by the Cases page: who works on it is asked, and a wrong file costs nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from forensics_app.model.report import ReportRequest
from forensics_app.model.report_format import ReportFormat
from tests.builders import NOON, Bench, make_bench
from tests.ui.desk import Desk, open_desk
from ui.cases.page import CasesPage
from ui.jobs import JobRunner
from ui.preferences import Preferences
from ui.widgets.buttons import Button


@pytest.fixture
def exported(tmp_path: Path) -> Path:
    other = make_bench(tmp_path / "other", of_its_own=True)
    case = other.case("2026-0311")
    other.exhibit(case, "HT/01")
    written = other.lab.report_exports.export(
        other.examiner, ReportRequest(case_id=case.id), [ReportFormat.CASE], tmp_path / "out"
    )
    other.lab.close()
    return written[0].path


@pytest.fixture
def desk(tmp_path: Path, qtbot: QtBot, jobs: JobRunner, preferences: Preferences) -> Iterator[Desk]:
    def make(context: object) -> CasesPage:
        return CasesPage(context, now=lambda: NOON)  # type: ignore[arg-type]

    with open_desk(tmp_path / "lab", qtbot, jobs, preferences, "cases", make, prepare=Bench.case) as made:
        made.until(lambda: made.seen("cases"))
        yield made


@pytest.mark.req("REQ-56")
def test_a_case_is_imported_under_another_number_and_a_file_that_is_none_is_refused(
    desk: Desk, exported: Path, tmp_path: Path
) -> None:
    desk.open_dialog("importCaseButton", "importCase")
    desk.press("submitButton")
    assert desk.part(QLabel, "importFileError").text() == "Choose the file."
    (tmp_path / "none.jsonld").write_text("{}", encoding="utf-8")
    desk.fill(importFile=str(tmp_path / "none.jsonld"), importNumber="2026-0147")
    desk.press("submitButton")
    assert "in use already" in desk.part(QLabel, "importNumberError").text()
    desk.fill(importNumber="2026-0400")
    desk.press("submitButton")
    desk.until(lambda: desk.seen("refusal"))
    assert len(desk.bench.lab.cases.list()) == 1
    desk.laid_out(desk.window)
    desk.fill(importFile=str(exported))
    desk.press("submitButton")
    desk.until(lambda: len(desk.bench.lab.cases.list()) == 2)
    case = desk.bench.lab.cases.numbered("2026-0400")
    assert case.lead_examiner_id == desk.bench.examiner.person.id
    assert [one.number for one in desk.bench.lab.exhibits.list(case.id)] == ["HT/01"]
    desk.until(lambda: desk.part(QLabel, "caseNumber").text() == "2026-0400")
    assert desk.errors == []

    desk.sign_in(desk.bench.sign_in("Tomasz Lis"))
    desk.until(lambda: "imported by an examiner" in desk.part(Button, "importCaseButton").toolTip())
