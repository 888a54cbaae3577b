import hashlib
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from PySide6.QtWidgets import QComboBox, QLabel, QScrollArea, QWidget
from pytestqt.qtbot import QtBot

import resources
from forensics_app.model.case import Case
from forensics_app.model.catalogue import CatalogueQuery
from forensics_app.model.image import IntakeRequest, WriteBlocker
from forensics_app.model.incident import SealSeen
from forensics_app.model.person import SignedIn
from forensics_app.model.report import DEFAULT_SECTIONS, ReportKind, Section
from forensics_app.model.report_draft import DraftState, ReportDraft
from tests.builders import PASSPHRASE, Bench
from tests.ui import room
from tests.ui.lab_window import LabWindow, open_window, stored
from ui.jobs import JobRunner, State
from ui.reports.draft import PartKey
from ui.reports.page import ReportsPage
from ui.widgets.buttons import Button
from ui.widgets.notes import EmptyState, Note


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
        exhibit_id=exhibit.id, paths=(resources.path("demo/demo.E01"),), write_blocker=WriteBlocker(device="T8u"),
        seal=SealSeen(condition="intact"),
    )  # fmt: skip
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
def test_an_opinion_without_its_basis_keeps_the_report_from_being_submitted(lab: LabWindow) -> None:
    write_opinion(lab, "")
    assert not lab.part(Button, "submitDraft").isEnabled()
    assert "basis missing" in lab.part(QLabel, "pageSubtitle").text()
    lab.qtbot.keyClicks(lab.part(QWidget, "findingBasis"), "The MFT entry")
    assert lab.part(Button, "submitDraft").isEnabled()
    assert state_of(lab, PartKey.FINDINGS) == "1 of 1"


def test_what_is_done_with_an_issued_report_is_in_sight_without_scrolling(lab: LabWindow) -> None:
    side = lab.part(QScrollArea, "reportSide")
    page_of(lab).parts.choose(PartKey.FINDINGS)
    page_of(lab).parts.choose(PartKey.ISSUED)
    lab.until(lambda: side.verticalScrollBar().maximum() == 0)


def submitted(lab: LabWindow) -> ReportDraft:
    """The draft that is on the screen, saved and submitted."""
    write_opinion(lab, "The MFT entry")
    lab.part(Button, "saveDraft").click()
    lab.until(lambda: page_of(lab).draft.recorded)
    lab.part(Button, "submitDraft").click()
    lab.part(Button, "confirmButton").click()
    lab.until(lambda: state_of(lab, PartKey.REVIEW) == "In review")
    (draft,) = lab.bench.lab.drafts.list(lab.session.case.id)
    return draft


@pytest.mark.req("REQ-64")
def test_a_supervisor_returns_a_draft_and_its_author_sees_why_and_mends_it(lab: LabWindow) -> None:
    draft = submitted(lab)
    assert lab.absent("saveDraft")
    assert lab.absent("approveDraft"), "nobody reviews what they wrote"
    lab.session.sign_in(lab.bench.sign_in("Ingrid Solberg"))
    page_of(lab).refresh()
    lab.until(lambda: not lab.absent("returnDraft"))
    lab.part(Button, "returnDraft").click()
    lab.qtbot.keyClicks(lab.part(QWidget, "reason"), "Say which list.")
    lab.part(Button, "submitButton").click()
    lab.until(lambda: lab.bench.lab.drafts.get(draft.id).reviews)
    lab.session.sign_in(lab.bench.sign_in("Ana Kovač"))
    page_of(lab).refresh()
    page_of(lab).parts.choose(PartKey.REVIEW)
    lab.until(lambda: state_of(lab, PartKey.REVIEW) == "Returned")
    assert "Say which list." in lab.part(Note, "reviewWords").text
    page_of(lab).parts.choose(PartKey.FINDINGS)
    lab.qtbot.keyClicks(lab.part(QWidget, "findingText"), " The list of accounts.")
    lab.part(Button, "submitDraft").click()
    lab.part(Button, "confirmButton").click()
    lab.until(lambda: lab.bench.lab.drafts.get(draft.id).state is DraftState.IN_REVIEW)
    assert "The list of accounts." in lab.bench.lab.drafts.get(draft.id).content.blocks[0].text
    assert lab.errors == []


@pytest.mark.req("REQ-64")
def test_a_submission_is_a_job_that_can_be_stopped_and_then_nothing_is_submitted(
    lab: LabWindow, jobs: JobRunner
) -> None:
    write_opinion(lab, "The MFT entry")
    lab.part(Button, "saveDraft").click()
    lab.until(lambda: page_of(lab).draft.recorded)
    history = lab.bench.lab.custody.case_history(lab.session.case.id)
    lab.part(Button, "submitDraft").click()
    lab.part(Button, "confirmButton").click()
    (job,) = jobs.active
    assert job.card.if_stopped == "The draft is saved; it is not submitted."
    assert not lab.part(Button, "submitDraft").isEnabled()
    job.cancel()
    lab.until(lambda: not job.active)
    assert job.state is State.CANCELLED
    lab.until(lambda: lab.part(Button, "submitDraft").isEnabled())
    assert lab.bench.lab.custody.case_history(lab.session.case.id) == history
    assert lab.errors == []


@pytest.mark.req("REQ-64", "REQ-65", "REQ-67")
def test_an_approved_report_is_issued_by_two_passphrases_and_recorded_with_its_sha256(
    lab: LabWindow, saved_as: Path
) -> None:
    draft = submitted(lab)
    lab.bench.lab.drafts.approve(lab.bench.supervisor, draft.id, seen=draft.content_sha256)
    page_of(lab).refresh()
    lab.until(lambda: not lab.absent("issueReport"))
    lab.part(Button, "issueReport").click()
    assert "become an entry of the case chain that both sign" in lab.part(QLabel, "issueStatement").text()
    lab.qtbot.keyClicks(lab.part(QWidget, "issueOtherPassphrase"), "not the right one at all")
    lab.part(Button, "issueConfirm").click()
    lab.until(lambda: not lab.absent("refusal"))
    assert lab.bench.lab.reporting.list(lab.session.case.id) == ()
    lab.bench.clock.at += timedelta(minutes=5)
    lab.qtbot.keyClicks(lab.part(QWidget, "issueOtherPassphrase"), PASSPHRASE)
    lab.part(Button, "issueConfirm").click()
    lab.until(lambda: not lab.absent("issuedSheet"))
    report = lab.bench.lab.reporting.list(lab.session.case.id)[0]
    assert report.number == "R-2026-0147-1"
    next_words = "R-2026-0147-1 was issued. Next: save a copy, verify it, or replace it."
    lab.until(lambda: lab.part(QLabel, "pageSubtitle").text() == next_words)
    lab.part(Button, "saveIssuedCopy").click()
    lab.until(saved_as.exists)
    assert hashlib.sha256(saved_as.read_bytes()).digest() == report.sha256
    event = lab.bench.lab.custody.case_history(lab.session.case.id)[-1]
    assert (event.action, event.fact("sha256")) == ("report.issue", report.sha256.hex())
    assert [one.name for one in event.signatures] == ["Ana Kovač", "Ingrid Solberg"]
    lab.until(lambda: state_of(lab, PartKey.ISSUED) == "1 issued")
    lab.until(lambda: lab.part(QLabel, "previewState").text().startswith("R-2026-0147-1, as issued 20"))
    said = lab.part(QLabel, "previewState")
    lab.until(lambda: room.cut_texts(page_of(lab).preview) == [])
    assert said.width() >= said.fontMetrics().horizontalAdvance(said.text()), "its time stands there with its zone"
    assert page_of(lab).preview.pdf == lab.bench.lab.reporting.path(report).read_bytes()
    lab.part(Button, "replaceIssued").click()
    lab.until(lambda: page_of(lab).draft.replaces == report.id)
    assert not lab.part(Button, "submitDraft").isEnabled(), "it does not say yet what changed"
    assert lab.errors == []


def test_sections_are_chosen_and_ordered_and_each_kind_begins_with_its_own(lab: LabWindow) -> None:
    page = page_of(lab)
    page.parts.choose(PartKey.SECTIONS)
    lab.part(QComboBox, "reportKind").setCurrentIndex(list(ReportKind).index(ReportKind.CUSTODY))
    assert page.draft.sections == DEFAULT_SECTIONS[ReportKind.CUSTODY]
    page.editors.sections.table.select_key(Section.NOTES)
    lab.part(Button, "printSection").click()
    lab.part(Button, "sectionEarlier").click()
    assert page.draft.sections[-2:] == (Section.NOTES, Section.DECLARATION)
    page.editors.sections.table.select_key(Section.VERIFY)
    assert not lab.part(Button, "printSection").isEnabled(), "no report goes without it"
    lab.part(Button, "saveDraft").click()
    lab.until(lambda: page.draft.recorded)
    (draft,) = lab.bench.lab.drafts.list(lab.session.case.id)
    assert draft.content.sections == page.draft.sections


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


@pytest.mark.req("REQ-62")
def test_what_the_standards_ask_is_checked_and_a_statement_comes_into_the_preview(lab: LabWindow) -> None:
    page = page_of(lab)
    page.parts.choose(PartKey.STANDARDS)
    lab.part(Button, "checkStandards").click()
    lab.until(lambda: page.standards.table.model().rowCount() > 40)
    before = page.preview.pdf
    assert page.standards.table.select_key("crimpd-fees")
    lab.qtbot.keyClicks(lab.part(QWidget, "reportStatement"), "A salary.")
    assert state_of(lab, PartKey.STANDARDS) == "1 statement"
    lab.until(lambda: page.preview.pdf != before)


@pytest.mark.parametrize("size", [(1280, 800), (640, 400)], ids=["1280x800", "200 %"])
def test_nothing_is_cut_unnamed_or_out_of_reach(lab: LabWindow, size: tuple[int, int]) -> None:
    lab.window.resize(*size)
    for key in PartKey:
        page_of(lab).parts.choose(key)
        lab.qtbot.wait(40)
        assert room.cut_texts(page_of(lab)) == []
        assert room.unnamed(page_of(lab)) == []
        assert room.unreachable(page_of(lab)) == []
