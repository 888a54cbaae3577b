import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QComboBox, QLabel, QWidget
from pytestqt.qtbot import QtBot

import resources
from forensics_app.model.case import Case
from forensics_app.model.catalogue import CatalogueQuery
from forensics_app.model.image import IntakeRequest, WriteBlocker
from forensics_app.model.person import SignedIn
from tests.builders import Bench
from tests.ui import room
from tests.ui.lab_window import LabWindow, open_window, stored
from ui.jobs import JobRunner
from ui.reports.draft import PartKey
from ui.reports.page import ReportsPage
from ui.widgets.buttons import Button
from ui.widgets.notes import EmptyState


def with_a_case(bench: Bench) -> tuple[Case, Callable[[Bench], SignedIn]]:
    case = bench.case()
    stored(bench, case)
    return case, lambda made: made.examiner


def with_a_chosen_file(bench: Bench) -> tuple[Case, Callable[[Bench], SignedIn]]:
    case = bench.case()
    exhibit = stored(bench, case)
    taking = {"purpose": "Imaging", "expected_return": "2026-11-24T17:00+01:00"}
    bench.lab.custody.hand_over(bench.custodian, bench.examiner, bench.request(exhibit, "check_out", fields=taking))
    request = IntakeRequest(
        exhibit_id=exhibit.id, paths=(resources.path("demo/demo.E01"),), write_blocker=WriteBlocker(device="T8u")
    )
    image = bench.lab.intake.take_in(bench.examiner, request)
    image = bench.lab.catalogues.build(bench.examiner, image.id)
    with bench.lab.catalogues.open(image) as catalogue:
        entries = catalogue.page(CatalogueQuery(kinds=("file",)), None, 500).entries
    entry = next(one for one in entries if one.sha256 and one.size_bytes)
    bench.lab.examine.choose(bench.examiner, image.id, entry)
    return case, lambda made: made.examiner


@pytest.fixture
def saved_as(tmp_path: Path) -> Path:
    return tmp_path / "copy.pdf"


@pytest.fixture
def lab(
    tmp_path: Path, qtbot: QtBot, jobs: JobRunner, saved_as: Path, request: pytest.FixtureRequest
) -> Iterator[LabWindow]:
    def make(context: object) -> ReportsPage:
        return ReportsPage(context, ask=lambda *_: saved_as)  # type: ignore[arg-type]

    prepare = getattr(request, "param", with_a_case)
    with open_window(tmp_path / "lab", qtbot, jobs, "report", make, prepare) as made:
        made.until(lambda: page_of(made).preview.paper.page_count > 0)
        yield made


def page_of(lab: LabWindow) -> ReportsPage:
    page = lab.window.page
    assert isinstance(page, ReportsPage)
    return page


def state_of(lab: LabWindow, key: PartKey) -> str:
    model = page_of(lab).parts.table.model()
    return next(str(model.index(row, 1).data()) for row in range(model.rowCount()) if list(PartKey)[row] == key)


def write_opinion(lab: LabWindow, basis: str) -> None:
    page_of(lab).parts.choose(PartKey.FINDINGS)
    lab.part(Button, "addFinding").click()
    lab.qtbot.keyClicks(lab.part(QWidget, "findingHeading"), "Accounts")
    lab.part(QComboBox, "findingKind").setCurrentIndex(1)
    lab.qtbot.keyClicks(lab.part(QWidget, "findingText"), "The list was deleted on purpose.")
    lab.qtbot.keyClicks(lab.part(QWidget, "findingBasis"), basis)


def test_the_preview_shows_white_pages_of_the_draft(lab: LabWindow) -> None:
    page = page_of(lab)
    assert page.preview.pdf is not None
    assert page.preview.pdf.startswith(b"%PDF-")
    assert lab.part(QLabel, "previewState").text() == "Draft, not signed"
    lab.part(QWidget, "nextPage").click()  # type: ignore[attr-defined]
    assert lab.part(QLabel, "previewPage").text().startswith("Page 2 of ")


def test_a_preview_that_is_being_made_is_not_called_not_made(lab: LabWindow) -> None:
    page = page_of(lab)
    page.preview.show_nothing("The preview of this case was not made yet.")
    assert lab.part(Button, "showPreview").isEnabled()
    page.refresh_preview()
    assert lab.absent("showPreview")
    assert lab.part(EmptyState, "previewEmpty").accessibleName() == "The preview of this case is being made."
    lab.until(lambda: page.preview.pdf)


def test_what_is_written_comes_into_the_preview(lab: LabWindow) -> None:
    page = page_of(lab)
    before = page.preview.pdf
    page.parts.choose(PartKey.SUMMARY)
    lab.qtbot.keyClicks(lab.part(QWidget, "report-summary"), "One account was found.")
    assert state_of(lab, PartKey.SUMMARY) == "Written"
    lab.until(lambda: page.preview.pdf != before)


@pytest.mark.req("REQ-63")
def test_an_opinion_without_its_basis_keeps_the_report_from_being_issued(lab: LabWindow) -> None:
    write_opinion(lab, "")
    assert not lab.part(Button, "issueReport").isEnabled()
    assert "basis missing" in lab.part(QLabel, "pageSubtitle").text()
    lab.qtbot.keyClicks(lab.part(QWidget, "findingBasis"), "The MFT entry")
    assert lab.part(Button, "issueReport").isEnabled()
    assert state_of(lab, PartKey.FINDINGS) == "1 of 1"


@pytest.mark.req("REQ-65", "REQ-67")
def test_an_issued_report_is_recorded_with_its_sha256_and_can_be_saved(lab: LabWindow, saved_as: Path) -> None:
    write_opinion(lab, "The MFT entry")
    lab.part(Button, "issueReport").click()
    assert "become an entry of the case chain" in lab.part(QLabel, "issueStatement").text()
    lab.part(Button, "issueConfirm").click()
    lab.until(lambda: not lab.absent("issuedSheet"))
    report = lab.bench.lab.reporting.list(lab.session.case.id)[0]
    assert report.number == "R-2026-0147-1"
    lab.part(Button, "saveIssuedCopy").click()
    lab.until(saved_as.exists)
    assert hashlib.sha256(saved_as.read_bytes()).digest() == report.sha256
    event = lab.bench.lab.custody.case_history(lab.session.case.id)[-1]
    assert (event.action, event.fact("sha256")) == ("report.issue", report.sha256.hex())
    lab.until(lambda: state_of(lab, PartKey.ISSUED) == "1 issued")
    assert lab.errors == []


@pytest.mark.parametrize("lab", [with_a_chosen_file], indirect=True)
def test_a_chosen_file_is_compared_and_taken_back_with_a_reason(lab: LabWindow) -> None:
    page = page_of(lab)
    lab.until(lambda: state_of(lab, PartKey.FILES) == "1 file, not compared")
    page.parts.choose(PartKey.FILES)
    lab.part(Button, "compareFiles").click()
    lab.until(lambda: state_of(lab, PartKey.FILES) == "1 file, equal")
    page.files.table.selectRow(0)
    lab.part(Button, "goToBytes").click()
    assert lab.visited[-1][0] == "examine"
    lab.part(Button, "withdrawFile").click()
    lab.part(Button, "withdrawConfirm").click()
    assert "why it is taken back" in lab.part(QLabel, "withdrawReasonError").text()
    lab.qtbot.keyClicks(lab.part(QWidget, "withdrawReason"), "Not relevant")
    lab.part(Button, "withdrawConfirm").click()
    lab.until(lambda: state_of(lab, PartKey.FILES) == "None chosen")
    assert lab.bench.lab.examine.chosen(lab.session.case.id) == ()


@pytest.mark.parametrize("size", [(1280, 800), (640, 400)], ids=["1280x800", "200 %"])
def test_nothing_is_cut_unnamed_or_out_of_reach(lab: LabWindow, size: tuple[int, int]) -> None:
    lab.window.resize(*size)
    for key in PartKey:
        page_of(lab).parts.choose(key)
        lab.qtbot.wait(40)
        assert room.cut_texts(page_of(lab)) == []
        assert room.unnamed(page_of(lab)) == []
        assert room.unreachable(page_of(lab)) == []
