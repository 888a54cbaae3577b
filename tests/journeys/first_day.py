"""The stations of a first day: from an empty computer to an issued report.

They are gone through by whoever has hands: :class:`tests.journeys.hands.Hands` within the process of the window, and
:class:`tests.journeys.outside.Outside` from another process, as a screen reader does.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Protocol

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
LAB, EXPORTED, REPORT = "lab", "exported.docx", "report.pdf"


class Worker(Protocol):
    """What a person does at the window; see :class:`tests.journeys.hands.Hands`."""

    def until(self, check: Callable[[], object], what: str, timeout_ms: int = ...) -> None: ...
    def sees(self, name: str) -> bool: ...
    def wait_for(self, name: str) -> None: ...
    def wait_gone(self, name: str) -> None: ...
    def click(self, name: str) -> None: ...
    def click_tab(self, tabs: str, title: str) -> None: ...
    def type(self, name: str, words: str) -> None: ...
    def type_here(self, words: str) -> None: ...
    def fill(self, **fields: str) -> None: ...
    def choose(self, name: str, words: str) -> None: ...
    def tick(self, name: str) -> None: ...
    def keys(self, keys: str, part: str = "") -> None: ...
    def go(self, page: str, keys: str) -> None: ...
    def row(self, table: str, words: str) -> int: ...
    def click_row(self, table: str, words: str) -> None: ...
    def answer_file_dialog(self, path: str) -> None: ...
    def sign(self, pad: str) -> None: ...
    def text(self, name: str) -> str: ...
    def texts_in(self, name: str) -> list[str]: ...
    def can_press(self, name: str) -> bool: ...
    def is_idle(self) -> bool: ...
    def copied(self) -> str: ...


class Camera(Protocol):
    """Takes pictures of the stations."""

    def shot(self, name: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Paths:
    """Where files lie, for the program and for who looks at them: a program in a root of its own sees other paths."""

    work: Path
    inside: str
    resources: str

    def typed(self, name: str) -> str:
        """What is typed into the window."""
        return f"{self.inside}/{name}"

    def seen(self, name: str) -> Path:
        """The same file from here."""
        return self.work / name

    def resource(self, name: str) -> str:
        """A file of the program, to be typed."""
        return f"{self.resources}/{name}"


class FirstDay:
    """The stations of the journey, in order."""

    def __init__(self, hands: Worker, album: Camera, paths: Paths) -> None:
        self.hands, self.album, self.paths = hands, album, paths

    def create_the_lab(self) -> None:
        hands = self.hands
        hands.wait_for("firstStart")
        self.album.shot("first-start")
        hands.fill(labName="Digital Forensics Laboratory, North", labFolder=self.paths.typed(LAB))
        hands.type("labAddress", "Hafenstr. 3")
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
        hands.until(lambda: hands.can_press("enrolButton"), "enrolling offered")
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

    def make_the_authority(self) -> None:
        hands = self.hands
        hands.click_tab("labTabs", "Certificates")
        hands.click("makeAuthority")
        self.sign_sheet("authorityCertificateSheet")
        self.album.shot("lab-authority")

    def ask_for_a_certificate(self) -> None:
        hands = self.hands
        hands.go("labPage", "Alt+8")
        hands.click_tab("labTabs", "Certificates")
        hands.click("askCertificate")
        self.sign_sheet("askCertificateSheet")

    def certify_who_asked(self) -> None:
        hands = self.hands
        hands.go("labPage", "Alt+8")
        hands.click_tab("labTabs", "Certificates")
        hands.click("issueCertificates")
        self.sign_sheet("issueSheet")
        self.album.shot("lab-certificates")

    def sign_sheet(self, name: str) -> None:
        self.hands.wait_for(name)
        self.hands.keys("Ctrl+Return")
        self.hands.wait_gone(name)

    def sign_in_as(self, name: str) -> None:
        hands = self.hands
        hands.keys("Ctrl+L")
        hands.wait_for("signInPassphrase")
        hands.type("signInName", name)
        hands.type("signInPassphrase", PASSPHRASES[name])
        hands.keys("Return")
        hands.until(lambda: not hands.sees("signInPassphrase"), f"{name} signed in")
        hands.until(lambda: hands.text("personName") == name, f"{name} in the top bar")

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
        hands.until(lambda: hands.text("caseNumber") == CASE, "the case in the top bar")
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
        hands.answer_file_dialog(self.paths.resource("demo/exhibit-photo-drive.jpg"))
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
        hands.sign("signaturePad")
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
        hands.until(lambda: EXAMINER in hands.text("statement"), "the receiver in the text")
        hands.type("giverPassphrase", PASSPHRASES[CUSTODIAN])
        self.album.shot("check-out-giver")
        hands.keys("Ctrl+Return")
        hands.wait_for("receiverPassphrase")
        hands.type("receiverPassphrase", PASSPHRASES[EXAMINER])
        self.album.shot("check-out-receiver")
        hands.keys("Ctrl+Return")
        hands.wait_gone("stepSheet")
        hands.until(lambda: EXAMINER in hands.text("pageSubtitle"), "the exhibit with the examiner")
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
            if shot == "intake-seal":
                hands.choose("sealFoundCheck", "intact, number agrees")
                hands.type("sealFoundNumber", SEAL)
            self.album.shot(shot)
        hands.answer_file_dialog(self.paths.resource("demo/demo.E01"))
        hands.click("chooseSource")
        hands.type("writeBlocker", "Tableau T8u, S/N 77012")
        hands.until(lambda: hands.can_press("nextButton"), "the source opened")
        self.album.shot("intake-source-filled")

    def take_in_the_image(self) -> None:
        hands = self.hands
        hands.click("nextButton")
        hands.wait_for("workBar")
        hands.until(lambda: hands.can_press("nextButton"), "the image read to its end", JOB_MS)
        hands.click("nextButton")
        hands.wait_for("checkTitle")

    def build_the_catalogue(self) -> None:
        hands = self.hands
        hands.click("wizardFinish")
        hands.wait_gone("intakeWizard")
        hands.until(hands.is_idle, "the catalogue built", JOB_MS)

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
        hands.type_here("draft")
        hands.click_row("files", "draft 1.docx")
        hands.until(lambda: hands.text("entryName") == "draft 1.docx", "the facts of the file")
        hands.keys("Return", "files")
        hands.keys("Shift+Right")
        hands.until(self.copies_a_zip_signature, "the bytes of the file, a zip archive")
        self.album.shot("examine-file")
        hands.answer_file_dialog(self.paths.typed(EXPORTED))
        hands.keys("Ctrl+E")
        hands.until(self.paths.seen(EXPORTED).exists, "the exported file")
        hands.wait_for("lastAct")
        self.album.shot("examine-exported")
        self.choose_for_the_report("draft 1.docx", "The letter before it was changed")

    def choose_a_picture(self) -> None:
        hands = self.hands
        hands.click("deletedChip")
        hands.click("picturesChip")
        hands.keys("Ctrl+F")
        hands.keys("Ctrl+A")
        hands.type_here("IMG_2041")
        hands.click_row("files", "IMG_2041.jpg")
        self.choose_for_the_report("IMG_2041.jpg", "The transfer slip")
        self.album.shot("examine-chosen")
        hands.keys("Space", "files")
        hands.wait_for("pictureWords")
        self.album.shot("examine-picture")

    def choose_for_the_report(self, name: str, note: str) -> None:
        hands = self.hands
        hands.until(lambda: hands.text("entryName") == name, f"{name} in the details")
        hands.keys("Ctrl+R")
        hands.wait_for("chooseSheet")
        assert any(name in said for said in hands.texts_in("chooseSheet")), hands.texts_in("chooseSheet")
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
                partial(self.answers, name, word),
                f"the answer {word}", JOB_MS,
            )  # fmt: skip
        self.album.shot("custody-verified")

    def issue_the_report(self) -> None:
        hands = self.hands
        hands.go("reportsPage", "Alt+6")
        hands.until(lambda: hands.text("previewPage").startswith("Page 1 of"), "the preview", JOB_MS)
        self.album.shot("reports-preview")
        hands.click_row("reportParts", "Summary")
        hands.type("report-summary", "Two files bear on the questions of the prosecutor.")
        hands.until(lambda: hands.text("previewState") == "Draft, not signed", "the new preview", JOB_MS)
        self.album.shot("reports-summary")
        hands.keys("Ctrl+Return", "mainWindow")
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
        hands.until(lambda: hands.text("previewPage").startswith("Page 1 of"), "the draft", JOB_MS)
        self.album.shot("reports-in-review")
        hands.click("approveDraft")
        hands.wait_for("approveSheet")
        hands.click("confirmButton")
        hands.wait_for("issueReport")
        self.sign_in_as(EXAMINER)
        hands.go("reportsPage", "Alt+6")
        hands.wait_for("issueReport")
        hands.keys("Ctrl+Return", "mainWindow")
        hands.wait_for("issueSheet")
        hands.type("issueOtherPassphrase", PASSPHRASES[SUPERVISOR])
        self.album.shot("issue")
        hands.keys("Ctrl+Return")
        hands.until(lambda: hands.sees("issuedSheet"), "the issued report", JOB_MS)
        self.album.shot("issued")
        hands.answer_file_dialog(self.paths.typed(REPORT))
        hands.click("saveIssuedCopy")
        hands.until(self.paths.seen(REPORT).exists, "the copy of the report")
        hands.wait_gone("issuedSheet")
        self.album.shot("reports-issued")

    def answers(self, name: str, word: str) -> bool:
        return self.hands.text(f"{name}Answer") == word

    def copies_a_zip_signature(self) -> bool:
        self.hands.keys("Ctrl+C")
        return self.hands.copied().lower().startswith("50 4b")

    def live_through(self) -> None:
        """Go through every station."""
        self.create_the_lab()
        self.enrol_people()
        self.make_the_authority()
        self.sign_in_as(SUPERVISOR)
        self.ask_for_a_certificate()
        self.sign_in_as(EXAMINER)
        self.ask_for_a_certificate()
        self.sign_in_as(ADMIN)
        self.certify_who_asked()
        self.sign_in_as(EXAMINER)
        self.open_the_case()
        self.register_the_exhibit()
        self.sign_in_as(CUSTODIAN)
        self.bring_it_into_the_store()
        self.check_it_out()
        self.sign_in_as(EXAMINER)
        self.fill_in_the_intake()
        self.take_in_the_image()
        self.build_the_catalogue()
        self.look_at_the_jobs()
        self.look_into_it()
        self.choose_a_picture()
        self.verify()
        self.issue_the_report()
