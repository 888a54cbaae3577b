"""Checking and upgrading an issued report in the window."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from PySide6.QtWidgets import QLabel, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

import resources
from forensics_app.model.case import Case
from forensics_app.model.exhibit import NewPhoto, PhotoView
from forensics_app.model.person import SignedIn
from forensics_app.model.proof import TokenPlace
from forensics_app.model.report import ReportRequest
from tests.builders import PASSPHRASE, Bench
from tests.forensics_app.services.signed_reports import certified
from tests.soft_token import MISSING, MODULE, PIN, soft_token
from tests.soft_token import certified as certificate_of
from tests.ui.lab_window import LabWindow, open_window, stored
from ui.jobs import JobRunner
from ui.reports.draft import PartKey
from ui.reports.page import ReportsPage
from ui.reports.signatures import SignaturesSheet
from ui.widgets.buttons import Button
from ui.widgets.notes import Note


def with_a_signed_report(bench: Bench) -> tuple[Case, Callable[[Bench], SignedIn]]:
    case = bench.case()
    stored(bench, case)
    certified(bench, bench.examiner, bench.supervisor)
    draft = bench.lab.drafts.begin(bench.examiner, ReportRequest(case_id=case.id, zone="UTC"))
    draft = bench.lab.drafts.submit(bench.examiner, draft.id)
    bench.lab.drafts.approve(bench.supervisor, draft.id, "Read.", seen=draft.content_sha256)
    bench.lab.reporting.issue(bench.examiner, bench.supervisor, draft.id)
    return case, lambda made: made.examiner


@pytest.fixture
def lab(tmp_path: Path, qtbot: QtBot, jobs: JobRunner) -> Iterator[LabWindow]:
    def make(context: object) -> ReportsPage:
        return ReportsPage(context, ask=lambda *_: tmp_path / "copy.pdf")  # type: ignore[arg-type]

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


@pytest.mark.req("REQ-67")
def test_a_report_whose_file_was_changed_is_neither_opened_nor_saved(lab: LabWindow, tmp_path: Path) -> None:
    (report,) = lab.bench.lab.reporting.list(lab.session.case.id)
    path = lab.bench.lab.reporting.path(report)
    whole = path.read_bytes()
    path.write_bytes(whole[:-2] + b"X\n")
    for name in ("openIssued", "saveIssued"):
        lab.part(Button, name).click()
        lab.until(lambda: lab.errors)
        assert "does not have the recorded SHA-256" in str(lab.errors.pop())
    assert not (tmp_path / "copy.pdf").exists()
    path.write_bytes(whole)
    lab.part(Button, "saveIssued").click()
    lab.until((tmp_path / "copy.pdf").exists)
    assert (tmp_path / "copy.pdf").read_bytes() == whole


@pytest.mark.req("REQ-64")
def test_the_review_says_what_of_the_record_is_not_as_it_was_approved(lab: LabWindow) -> None:
    bench, case = lab.bench, lab.session.case
    draft = bench.approved(ReportRequest(case_id=case.id, zone="UTC"))
    exhibit = bench.lab.exhibits.list(case.id)[0]
    photo = NewPhoto(path=resources.path("demo/exhibit-photo-drive.jpg"), view=PhotoView.WHOLE)
    bench.lab.exhibits.add_photo(bench.custodian, exhibit.id, photo)
    page = lab.window.page
    assert isinstance(page, ReportsPage)
    page.open_target(draft.id)
    page.refresh()
    lab.until(lambda: not lab.absent("reviewDiffers"))
    page.parts.choose(PartKey.REVIEW)
    said = lab.part(Note, "reviewDiffers").text
    assert "The photographs changed since it was submitted (then 0, now 1): entry" in said
    assert lab.absent("issueReport")
    assert not lab.absent("recallDraft")
    if folder := os.environ.get("FORENSICS_SCREENS"):
        lab.window.grab().save(f"{folder}/review-differs.png")


@pytest.mark.skipif(bool(MISSING), reason=MISSING)
@pytest.mark.req("REQ-64", "REQ-67")
def test_a_report_is_issued_in_the_window_with_the_pin_of_a_token(lab: LabWindow, tmp_path: Path) -> None:
    assert MODULE is not None
    bench, case = lab.bench, lab.session.case
    with soft_token(tmp_path / "token") as token:
        private = ec.generate_private_key(ec.SECP256R1())
        token.add_key(private, "signing", "a1")
        token.add_certificate(certificate_of("Ana Kovač", private), "signing", "a1")
        taken = bench.lab.certificates.import_token(bench.examiner, TokenPlace(module=MODULE), PIN)
        draft = bench.approved(ReportRequest(case_id=case.id, zone="UTC"))
        page = lab.window.page
        assert isinstance(page, ReportsPage)
        page.open_target(draft.id)
        page.refresh()
        lab.until(lambda: not lab.absent("issueReport"))
        lab.part(Button, "issueReport").click()
        lab.until(lambda: not lab.absent("issueSheet"))
        lab.qtbot.keyClicks(lab.part(QWidget, "issueOtherPassphrase"), PASSPHRASE)
        lab.part(Button, "issueConfirm").click()
        assert not lab.absent("issueSheet"), "nothing is issued without the PIN"
        lab.qtbot.keyClicks(lab.part(QWidget, "issuePin0"), "999999")
        if folder := os.environ.get("FORENSICS_SCREENS"):
            lab.part(QWidget, "issueSheet").grab().save(f"{folder}/issue-pin.png")
        lab.part(Button, "issueConfirm").click()
        lab.until(lambda: not lab.absent("refusal"))
        assert "The token of Ana Kovač does not sign: the PIN is wrong" in lab.part(Note, "refusal").text
        assert len(bench.lab.reporting.list(case.id)) == 1
        lab.qtbot.keyClicks(lab.part(QWidget, "issueOtherPassphrase"), PASSPHRASE)
        pin = lab.part(QLineEdit, "issuePin0")
        pin.clear()
        lab.qtbot.keyClicks(pin, PIN)
        lab.part(Button, "issueConfirm").click()
        lab.until(lambda: not lab.absent("issuedSheet"))
    newest = bench.lab.reporting.list(case.id)[0]
    found = bench.lab.report_upgrades.check(newest)
    assert found.signatures[0].certificate_sha256 == taken.sha256
    assert lab.errors == []
