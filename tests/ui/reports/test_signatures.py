"""Checking and upgrading an issued report in the window."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from forensics_app.model.case import Case
from forensics_app.model.person import SignedIn
from forensics_app.model.report import ReportRequest
from tests.builders import Bench
from tests.forensics_app.services.signed_reports import certified
from tests.ui.lab_window import LabWindow, open_window, stored
from ui.jobs import JobRunner
from ui.reports.draft import PartKey
from ui.reports.page import ReportsPage
from ui.reports.signatures import SignaturesSheet
from ui.widgets.buttons import Button


def with_a_signed_report(bench: Bench) -> tuple[Case, Callable[[Bench], SignedIn]]:
    case = bench.case()
    stored(bench, case)
    certified(bench, bench.examiner, bench.supervisor)
    draft = bench.lab.drafts.begin(bench.examiner, ReportRequest(case_id=case.id, zone="UTC"))
    bench.lab.drafts.submit(bench.examiner, draft.id)
    bench.lab.drafts.approve(bench.supervisor, draft.id, "Read.", seen=draft.content_sha256)
    bench.lab.reporting.issue(bench.examiner, bench.supervisor, draft.id)
    return case, lambda made: made.examiner


@pytest.fixture
def lab(tmp_path: Path, qtbot: QtBot, jobs: JobRunner) -> Iterator[LabWindow]:
    def make(context: object) -> ReportsPage:
        return ReportsPage(context, ask=lambda *_: None)  # type: ignore[arg-type]

    with open_window(tmp_path / "lab", qtbot, jobs, "report", make, with_a_signed_report) as made:
        page = made.window.page
        assert isinstance(page, ReportsPage)
        made.until(lambda: page.issued.table.current_record() is not None)
        page.parts.choose(PartKey.ISSUED)
        yield made


def test_an_issued_report_is_verified_and_an_upgrade_without_an_authority_says_why(lab: LabWindow) -> None:
    lab.part(Button, "verifyIssued").click()
    lab.until(lambda: not lab.absent("signaturesSheet"))
    sheet = lab.part(SignaturesSheet, "signaturesSheet")
    if folder := os.environ.get("FORENSICS_SCREENS"):
        lab.window.grab().save(f"{folder}/signatures-page.png")
        sheet.grab().save(f"{folder}/signatures.png")
    said = " ".join(part.text() for part in sheet.findChildren(QLabel))
    assert "The report proves itself." in said
    assert "Ana Kovač, Digital laboratory, author" in said
    assert "Ingrid Solberg, Digital laboratory, authoriser" in said
    lab.part(Button, "upgradeReport").click()
    lab.until(lambda: lab.errors)
    assert "no time-stamp authority" in str(lab.errors[0])
    lab.errors.clear()
