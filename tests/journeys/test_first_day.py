"""From the first start to an issued report in the real window, by mouse and keyboard alone."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from resources import path as resource
from tests.journeys.album import Album
from tests.journeys.hands import Hands
from tests.ui.signing import sign_on
from ui.application import Application
from ui.preferences import Preferences
from ui.theme import style
from ui.theme.tokens import LIGHT
from ui.widgets.badges import Badge
from ui.widgets.signature_pad import SignaturePad

ROOT = Path(__file__).parents[2]
ADMIN, EXAMINER, CUSTODIAN, SUPERVISOR = "Ada Admin", "Ana Kovač", "Tomasz Lis", "Ingrid Solberg"
PASSPHRASES = {
    ADMIN: "admin horse battery",
    EXAMINER: "examiner horse battery",
    CUSTODIAN: "custodian horse battery",
    SUPERVISOR: "supervisor horse battery",
}
CASE, EXHIBIT, SEAL = "2026-0031", "LM/01", "0048812"
PARTICULARS = {
    "marks": "Label of the maker",
    "power_state": "off",
    "find_spot": "In the desktop computer under the desk",
    "capacity": "64 MB",
    "interface": "not available: the connector is covered by the label",
}
JOB_MS = 60_000


class FirstDay:
    """The stations of the journey, in order."""

    def __init__(self, application: Application, qtbot: QtBot, tmp_path: Path) -> None:
        self.window = application.window
        self.qtbot = qtbot
        self.hands = Hands(application.window, qtbot)
        self.album = Album(application.window, qtbot, tmp_path)
        self.lab, self.exported = tmp_path / "lab", tmp_path / "exported.docx"
        self.report = tmp_path / "report.pdf"

    def create_the_lab(self) -> None:
        hands = self.hands
        hands.wait_for("firstStart")
        self.album.shot("first-start")
        hands.fill(labName="Digital Forensics Laboratory, North", labFolder=str(self.lab), labAddress="Hafenstr. 3")
        hands.type("labZone", "Europe/Berlin")
        hands.fill(personName=ADMIN, function="Head of laboratory", organisation="Police", idNumber="1001")
        hands.fill(passphrase=PASSPHRASES[ADMIN], passphraseAgain=PASSPHRASES[ADMIN])
        self.album.shot("first-start-filled")
        hands.click("createLab")
        hands.wait_for("casesPage")
        hands.wait_for("noCases")
        self.album.shot("cases-empty")

    def enrol_people(self) -> None:
        hands = self.hands
        hands.go("labPage", "Alt+8")
        self.enrol(EXAMINER, "Examiner", "2217", "role-examiner", "role-exhibits-officer")
        self.album.shot("lab-one-enrolled")
        self.enrol(CUSTODIAN, "Custodian", "2218", "role-exhibits-officer")
        self.enrol(SUPERVISOR, "Supervisor", "2219", "role-supervisor")
        self.album.shot("lab")

    def enrol(self, name: str, function: str, number: str, *roles: str) -> None:
        hands = self.hands
        hands.until(lambda: hands.find("enrolButton").isEnabled(), "enrolling offered")
        hands.keys("Ctrl+N")
        hands.wait_for("enrolPerson")
        hands.fill(personName=name, function=function, organisation="Police", idNumber=number)
        for role in roles:
            hands.tick(role)
        hands.fill(passphrase=PASSPHRASES[name], passphraseAgain=PASSPHRASES[name])
        if name == EXAMINER:
            self.album.shot("enrol")
        hands.keys("Ctrl+Return")
        hands.wait_gone("enrolPerson")
        hands.row("people", name)

    def sign_in_as(self, name: str) -> None:
        hands = self.hands
        hands.keys("Ctrl+L")
        hands.wait_for("signInPassphrase")
        hands.type("signInName", name)
        hands.type("signInPassphrase", PASSPHRASES[name])
        hands.keys("Return")
        hands.until(lambda: not hands.sees("signInPassphrase"), f"{name} signed in")
        hands.until(lambda: hands.find("personName", QLabel).text() == name, f"{name} in the top bar")

    def open_the_case(self) -> None:
        hands = self.hands
        hands.go("casesPage", "Alt+1")
        hands.click("openFirstCase")
        hands.wait_for("openCase")
        today = datetime.now(UTC).date()
        hands.fill(caseNumberEntry=CASE, caseTitleEntry="Lindenhof payment fraud", offence="Fraud")
        hands.fill(requestingAuthority="Public prosecutor", questions="Which invoices were altered?")
        hands.choose("supervisor", SUPERVISOR)
        hands.fill(instrument="Search warrant", basisNumber="4 Gs 812/26", issuer="District court")
        hands.fill(issuedOn=str(today - timedelta(days=20)), expiresOn=str(today + timedelta(days=90)))
        hands.type("scope", "Data carriers found at Lindenhofstr. 12")
        self.album.shot("open-case")
        hands.keys("Ctrl+Return")
        hands.wait_gone("openCase")
        hands.until(lambda: hands.find("caseNumber", QLabel).text() == CASE, "the case in the top bar")
        hands.row("cases", CASE)
        self.album.shot("cases")

    def register_the_exhibit(self) -> None:
        hands = self.hands
        hands.go("exhibitsPage", "Alt+2")
        hands.wait_for("noExhibits")
        self.album.shot("exhibits-empty")
        hands.keys("Ctrl+N")
        hands.wait_for("registerSheet")
        hands.choose("exhibitType", "Storage")
        hands.fill(exhibitNumber=EXHIBIT, exhibitDescription="Hard disk from a desktop computer", exhibitMake="WD")
        hands.fill(exhibitModel="Blue 64 MB", exhibitSerial="WX-77012", exhibitCondition="Undamaged")
        hands.wait_for("particular-capacity")
        for name, words in PARTICULARS.items():
            hands.type(f"particular-{name}", words)
        hands.fill(seizedPlace="Lindenhofstr. 12, office", seizedBy="Sgt. M. Duarte", seizureWitness="Insp. R. Haas")
        hands.type("sealNumber", SEAL)
        hands.answer_file_dialog(str(resource("demo/exhibit-photo-drive.jpg")))
        hands.click("choosePhotos")
        hands.wait_for("photoView0")
        hands.tick("particularsLater")
        self.album.shot("register")
        hands.keys("Ctrl+Return")
        hands.wait_gone("registerSheet")
        hands.click_row("exhibits", EXHIBIT)
        self.album.shot("exhibits")

    def bring_it_into_the_store(self) -> None:
        hands = self.hands
        hands.go("custodyPage", "Alt+4")
        hands.click("step-receive")
        hands.wait_for("stepSheet")
        hands.fill(outsideParty="Sgt. M. Duarte", place="Laboratory, reception", purpose="Examination")
        hands.fill(condition="Undamaged", sealNumber=SEAL)
        hands.choose("sealCheck", "intact, number agrees")
        hands.click("signOnScreen")
        hands.wait_for("signatureSheet")
        sign_on(hands.find("signaturePad", SignaturePad))
        hands.click("keepSignature")
        hands.wait_gone("signatureSheet")
        hands.wait_for("stepSheet")
        self.album.shot("receive")
        self.sign_alone("receive-sign")
        hands.click("step-store")
        hands.wait_for("stepSheet")
        hands.type("shelf", "A-07-3")
        self.sign_alone("store-sign")
        self.album.shot("custody-stored")

    def sign_alone(self, shot: str) -> None:
        hands = self.hands
        hands.keys("Ctrl+Return")
        hands.until(lambda: hands.sees("statement"), "the text to be signed")
        self.album.shot(shot)
        hands.keys("Ctrl+Return")
        hands.wait_gone("stepSheet")

    def check_it_out(self) -> None:
        hands = self.hands
        hands.click("step-check_out")
        hands.wait_for("stepSheet")
        hands.fill(purpose="Imaging and examination", place="Bench 2, room 114")
        hands.keys("Ctrl+Return")
        hands.wait_for("giverPassphrase")
        hands.choose("receiverName", EXAMINER)
        hands.until(lambda: EXAMINER in hands.find("statement", QLabel).text(), "the receiver in the text")
        hands.type("giverPassphrase", PASSPHRASES[CUSTODIAN])
        self.album.shot("check-out-giver")
        hands.keys("Ctrl+Return")
        hands.wait_for("receiverPassphrase")
        hands.type("receiverPassphrase", PASSPHRASES[EXAMINER])
        self.album.shot("check-out-receiver")
        hands.keys("Ctrl+Return")
        hands.wait_gone("stepSheet")
        hands.until(lambda: EXAMINER in hands.find("pageSubtitle", QLabel).text(), "the exhibit with the examiner")
        self.album.shot("custody-checked-out")

    def fill_in_the_intake(self) -> None:
        hands = self.hands
        hands.go("exhibitsPage", "Alt+2")
        hands.click_row("exhibits", EXHIBIT)
        hands.keys("Ctrl+Return")
        hands.wait_for("intakeWizard")
        hands.choose("intakeExhibit", EXHIBIT)
        self.album.shot("intake-exhibit")
        for shot in ("intake-seizure", "intake-seal", "intake-source"):
            hands.click("nextButton")
            self.album.shot(shot)
        hands.answer_file_dialog(str(resource("demo/demo.E01")))
        hands.click("chooseSource")
        hands.type("writeBlocker", "Tableau T8u, S/N 77012")
        hands.until(lambda: hands.find("nextButton").isEnabled(), "the source opened")
        self.album.shot("intake-source-filled")

    def take_in_the_image(self) -> None:
        hands = self.hands
        hands.click("nextButton")
        hands.wait_for("workBar")
        hands.until(lambda: hands.find("nextButton").isEnabled(), "the image read to its end", JOB_MS)
        hands.click("nextButton")
        hands.wait_for("checkTitle")

    def build_the_catalogue(self) -> None:
        hands = self.hands
        hands.click("wizardFinish")
        hands.wait_gone("intakeWizard")
        jobs = self.window.jobs
        hands.until(lambda: not jobs.active, "the catalogue built", JOB_MS)

    def look_at_the_jobs(self) -> None:
        hands = self.hands
        hands.keys("F8")
        self.album.shot("exhibits-with-image-and-tray")
        hands.keys("F8")

    def look_into_it(self) -> None:
        hands = self.hands
        hands.go("examinePage", "Alt+3")
        hands.wait_for("subfoldersChip")
        self.album.shot("examine")
        hands.click("subfoldersChip")
        hands.click("deletedChip")
        hands.row("files", "IMG_2043.jpg")
        self.album.shot("examine-deleted")
        hands.keys("Ctrl+F")
        hands.keys("Ctrl+A")
        self.type_here("draft")
        hands.click_row("files", "draft 1.docx")
        hands.until(lambda: hands.find("entryName", QLabel).text() == "draft 1.docx", "the facts of the file")
        hands.keys("Return", hands.find("files"))
        hands.keys("Shift+Right")
        hands.until(self.copies_a_zip_signature, "the bytes of the file, a zip archive")
        self.album.shot("examine-file")
        hands.answer_file_dialog(str(self.exported))
        hands.keys("Ctrl+E")
        hands.until(self.exported.exists, "the exported file")
        hands.wait_for("lastAct")
        self.album.shot("examine-exported")
        self.choose_for_the_report("draft 1.docx", "The letter before it was changed")

    def choose_a_picture(self) -> None:
        hands = self.hands
        hands.click("deletedChip")
        hands.click("picturesChip")
        hands.keys("Ctrl+F")
        hands.keys("Ctrl+A")
        self.type_here("IMG_2041")
        hands.click_row("files", "IMG_2041.jpg")
        self.choose_for_the_report("IMG_2041.jpg", "The transfer slip")
        self.album.shot("examine-chosen")
        hands.keys("Space", hands.find("files"))
        hands.wait_for("pictureWords")
        self.album.shot("examine-picture")

    def choose_for_the_report(self, name: str, note: str) -> None:
        hands = self.hands
        hands.until(lambda: hands.find("entryName", QLabel).text() == name, f"{name} in the details")
        hands.keys("Ctrl+R")
        hands.wait_for("chooseSheet")
        said = [one.text() for one in hands.find("chooseSheet").findChildren(QLabel)]
        assert any(name in text for text in said), said
        hands.type("chooseNote", note)
        hands.keys("Ctrl+Return")
        hands.wait_gone("chooseSheet")
        hands.wait_for("chosenNote")

    def verify(self) -> None:
        hands = self.hands
        hands.go("custodyPage", "Alt+4")
        hands.keys("F5")
        for name, word in (("intact", "Intact"), ("signed", "Signed"), ("trusted", "Trusted")):
            hands.until(
                lambda name=name, word=word: hands.find(f"{name}Answer", Badge).text == word,  # type: ignore[misc]
                f"the answer {word}", JOB_MS,
            )  # fmt: skip
        self.album.shot("custody-verified")

    def issue_the_report(self) -> None:
        hands = self.hands
        hands.go("reportsPage", "Alt+6")
        hands.until(lambda: hands.find("previewPage", QLabel).text().startswith("Page 1 of"), "the preview", JOB_MS)
        self.album.shot("reports-preview")
        hands.click_row("reportParts", "Summary")
        hands.type("report-summary", "Two files bear on the questions of the prosecutor.")
        hands.until(lambda: hands.find("previewState", QLabel).text() == "Draft, not signed", "the new preview", JOB_MS)
        self.album.shot("reports-summary")
        hands.keys("Ctrl+Return", self.window)
        hands.wait_for("submitSheet")
        self.album.shot("submit")
        hands.click("confirmButton")
        hands.wait_for("recallDraft")
        self.sign_in_as(SUPERVISOR)
        hands.go("reviewPage", "Alt+5")
        hands.click_row("reviewQueue", "Report in review")
        self.album.shot("review-report")
        hands.click("readDraft")
        hands.wait_for("approveDraft")
        hands.until(lambda: hands.find("previewPage", QLabel).text().startswith("Page 1 of"), "the draft", JOB_MS)
        self.album.shot("reports-in-review")
        hands.click("approveDraft")
        hands.wait_for("approveSheet")
        hands.click("confirmButton")
        hands.wait_for("issueReport")
        self.sign_in_as(EXAMINER)
        hands.go("reportsPage", "Alt+6")
        hands.wait_for("issueReport")
        hands.keys("Ctrl+Return", self.window)
        hands.wait_for("issueSheet")
        hands.type("issueOtherPassphrase", PASSPHRASES[SUPERVISOR])
        self.album.shot("issue")
        hands.keys("Ctrl+Return")
        hands.until(lambda: hands.sees("issuedSheet"), "the issued report", JOB_MS)
        self.album.shot("issued")
        hands.answer_file_dialog(str(self.report))
        hands.click("saveIssuedCopy")
        hands.until(self.report.exists, "the copy of the report")
        hands.wait_gone("issuedSheet")
        self.album.shot("reports-issued")

    def type_here(self, words: str) -> None:
        focused = QApplication.focusWidget()
        assert focused is not None, "the keyboard is nowhere"
        self.qtbot.keyClicks(focused, words)

    def copies_a_zip_signature(self) -> bool:
        self.hands.keys("Ctrl+C")
        return QGuiApplication.clipboard().text().lower().startswith("50 4b")


@pytest.fixture
def application(
    qapp: QApplication, preferences: Preferences, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> Iterator[Application]:
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    made = Application(qapp, preferences)
    made.start()
    made.window.resize(1280, 800)
    qtbot.waitExposed(made.window)
    yield made
    made.window.close()
    made.window.deleteLater()
    made.setParent(None)
    style.apply(qapp, LIGHT, tmp_path)


@pytest.mark.qt_log_level_fail("CRITICAL")  # a platform without a window manager warns of what it cannot do
def test_a_first_day_leads_from_an_empty_computer_to_an_issued_report(
    application: Application, qapp: QApplication, qtbot: QtBot, tmp_path: Path
) -> None:
    day = FirstDay(application, qtbot, tmp_path)
    stray = day.hands.stray
    qapp.installEventFilter(stray)
    try:
        lived_through(day)
    finally:
        qapp.removeEventFilter(stray)
        day.album.shot("end")
    assert stray.seen == []
    assert CASE in text_of(day.report)
    assert verdict_of(day.lab) == 0


def lived_through(day: FirstDay) -> None:
    """Go through every station."""
    day.create_the_lab()
    day.enrol_people()
    day.sign_in_as(EXAMINER)
    day.open_the_case()
    day.register_the_exhibit()
    day.sign_in_as(CUSTODIAN)
    day.bring_it_into_the_store()
    day.check_it_out()
    day.sign_in_as(EXAMINER)
    day.fill_in_the_intake()
    day.take_in_the_image()
    day.build_the_catalogue()
    day.look_at_the_jobs()
    day.look_into_it()
    day.choose_a_picture()
    day.verify()
    day.issue_the_report()


def text_of(pdf: Path) -> str:
    """The words of a PDF as pdftotext reads them."""
    assert pdf.read_bytes().startswith(b"%PDF-")
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext is not installed, so the words of the report cannot be read from outside")
    done = subprocess.run(["pdftotext", str(pdf), "-"], capture_output=True, text=True, timeout=60, check=True)
    return done.stdout


def verdict_of(lab: Path) -> int:
    """What the command line says of the record, in a process of its own."""
    command = [sys.executable, "-m", "forensics_app", "verify", str(lab)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, timeout=60, check=False).returncode
