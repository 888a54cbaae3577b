"""The custody of a laptop's drive in the real window: from the scene to its owner, by mouse and keyboard alone."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication, QComboBox, QLabel, QTabBar
from pytestqt.qtbot import QtBot

from chain_of_custody.states import State
from forensics_app.bootstrap import create_lab
from forensics_app.model.case import LegalBasis, NewCase
from forensics_app.model.lab import NewLab
from forensics_app.model.register import NewOutsider, NewPlace, OutsiderKind, PlaceKind
from resources import path as resource
from tests.builders import PASSPHRASE, PEOPLE, QUICK, new_person
from tests.forensics_app.reports.pdftools import Oracle
from tests.journeys.album import Album
from tests.journeys.hands import Hands
from tests.journeys.program import verify
from tests.ui.signing import sign_on
from ui.application import Application
from ui.custody.page import CustodyPage
from ui.preferences import Preferences
from ui.theme import style
from ui.theme.tokens import LIGHT
from ui.widgets.buttons import Button
from ui.widgets.signature_pad import SignaturePad

ROOT = Path(__file__).parents[2]
EXAMINER, CUSTODIAN, SUPERVISOR = "Ana Kovač", "Tomasz Lis", "Ingrid Solberg"
CASE, LAPTOP, DRIVE, SEAL = "2026-0031", "LH/01", "LH/01/1", "0048813"
COURIER, OWNER = "Jonas Brandt", "Petra Vogel"
JOB_MS = 60_000


def made(folder: Path) -> None:
    """A lab with its people, a shelf, somebody outside, and a case."""
    first, *others = PEOPLE
    new = NewLab(folder=folder, name="Digital laboratory", address="Hafenstr. 3", zone="Europe/Berlin", server="")
    lab = create_lab(new, new_person(first, PEOPLE[first]), PASSPHRASE, key_parameters=QUICK)
    admin = lab.people.sign_in(first, PASSPHRASE)
    people = {name: lab.people.enrol(admin, new_person(name, PEOPLE[name]), PASSPHRASE) for name in others}
    actor = lab.people.sign_in(EXAMINER, PASSPHRASE)
    custodian = lab.people.sign_in(CUSTODIAN, PASSPHRASE)
    lab.places.add(custodian, NewPlace(kind=PlaceKind.SITE, code="HQ", name="Hafenstr. 3", parent_id=None))
    lab.outsiders.add(custodian, NewOutsider(kind=OutsiderKind.COURIER, name=COURIER))
    today = datetime.now(UTC).date()
    basis = LegalBasis(
        instrument="search warrant", number="4 Gs 812/26", issuer="District court", issued_on=today - timedelta(days=9),
        expires_on=date(today.year + 1, 6, 30), scope="Data carriers found there",
    )  # fmt: skip
    lab.cases.create(actor, NewCase(
        number=CASE, title="Lindenhof payment fraud", offence="Fraud", requesting_authority="Public prosecutor",
        questions="", lead_examiner_id=people[EXAMINER].id, supervisor_id=people[SUPERVISOR].id, legal_basis=basis,
    ))  # fmt: skip
    lab.close()


class Custody:
    """The stations of the journey, in order."""

    def __init__(self, application: Application, qtbot: QtBot, folder: Path) -> None:
        self.window, self.qtbot, self.folder = application.window, qtbot, folder
        self.hands = Hands(application.window, qtbot)
        self.album = Album(application.window, qtbot, folder)

    def sign_in_as(self, name: str) -> None:
        hands = self.hands
        if not hands.sees("signInPassphrase"):
            hands.keys("Ctrl+L")
        hands.wait_for("signInPassphrase")
        hands.fill(signInName=name, signInPassphrase=PASSPHRASE)
        hands.keys("Return")
        hands.until(lambda: not hands.sees("signInPassphrase"), f"{name} signed in")
        hands.until(lambda: hands.find("caseNumber", QLabel).text() == CASE, "the case in the top bar")

    def photograph(self, name: str) -> str:
        path = self.folder / f"{name}.jpg"
        shade = 40 + len(list(self.folder.glob("*.jpg"))) * 30
        Image.new("RGB", (640, 480), (shade, 90, 90)).save(path)
        return str(path)

    def go_through_the_scene(self) -> None:
        hands = self.hands
        hands.go("scenesPage", "Alt+7")
        hands.click("beginFirstScene")
        hands.wait_for("beginScene")
        hands.choose("sceneFlow", "Computer that is off")
        hands.fill(sceneSubject="Laptop on the desk", scenePlace="Lindenhofstr. 12", sceneLed="Sgt. Duarte")
        hands.keys("Ctrl+Return")
        answers = ("No light, no fan", "", "", "choice-done", "One drive", "choice-both", "", SEAL)
        for number, answer in enumerate(answers):
            self.at_question(number + 1)
            if answer.startswith("choice-"):
                hands.click(answer)
                hands.click("recordAnswer")
            elif answer:
                hands.type("answerWords", answer)
                hands.keys("Ctrl+Return")
            else:
                self.add_a_photograph(f"scene-{number}")
        hands.until(lambda: "nothing open" in hands.find("pageSubtitle", QLabel).text(), "everything answered")
        self.album.shot("scene")
        hands.click("closeScene")
        hands.click("submitButton")
        hands.until(lambda: hands.find("pageSubtitle", QLabel).text().endswith("closed"), "the scene closed")

    def at_question(self, number: int) -> None:
        self.hands.until(
            lambda: (
                self.hands.sees("questionPlace")
                and self.hands.find("questionPlace", QLabel).text().startswith(f"Question {number} ")
            ),
            f"question {number}",
        )

    def add_a_photograph(self, name: str) -> None:
        hands = self.hands
        hands.click("addScenePhoto")
        hands.wait_for("scenePhotoSheet")
        hands.answer_file_dialog(self.photograph(name))
        hands.click("choosePhotos")
        hands.wait_for("photoView0")
        hands.keys("Ctrl+Return")
        hands.wait_gone("scenePhotoSheet")
        hands.wait_for("photo0")
        hands.until(lambda: isinstance(QApplication.focusWidget(), Button), "the keyboard at the next question")
        focused = QApplication.focusWidget()
        assert focused is not None
        assert focused.objectName() == "questionNext"
        hands.keys("Space")

    def register(self, number: str, kind: str, what: str, seal: str, parent: str = "") -> None:
        hands = self.hands
        hands.go("exhibitsPage", "Alt+2")
        hands.until(lambda: hands.sees("noExhibits") or hands.sees("exhibits"), "the exhibits read")
        hands.keys("Ctrl+N")
        hands.wait_for("registerSheet")
        hands.choose("exhibitType", kind)
        if parent:
            hands.choose("parentExhibit", parent)
        hands.fill(exhibitNumber=number, exhibitDescription=what, exhibitSerial=f"S-{seal}", exhibitCondition="Whole")
        hands.fill(seizedPlace="Lindenhofstr. 12", seizedBy="Sgt. M. Duarte", seizureWitness="Insp. R. Haas")
        hands.type("sealNumber", seal)
        hands.answer_file_dialog(self.photograph(number.replace("/", "-")))
        hands.click("choosePhotos")
        hands.wait_for("photoView0")
        hands.tick("particularsLater")
        hands.keys("Ctrl+Return")
        hands.wait_gone("registerSheet")
        hands.row("exhibits", number)

    def show_the_drive(self) -> None:
        hands = self.hands
        hands.go("custodyPage", "Alt+4")
        hands.wait_for("exhibitChooser")
        hands.until(lambda: hands.find("exhibitChooser", QComboBox).count(), "the exhibits read")
        hands.choose("exhibitChooser", DRIVE)
        hands.until(lambda: hands.find("pageSubtitle", QLabel).text().startswith(f"{DRIVE} "), "the drive")

    def fill_in(self, step: str, **told: str) -> None:
        hands = self.hands
        hands.click(f"step-{step}")
        hands.wait_for("stepSheet")
        check = told.pop("sealCheck", "")
        hands.fill(**told)
        if check:
            hands.choose("sealCheck", check)

    def sign_alone(self, *, outside: bool = False) -> None:
        hands = self.hands
        if outside:
            self.sign_on_the_screen("stepSheet")
        hands.keys("Ctrl+Return")
        hands.until(lambda: hands.sees("statement"), "the text to be signed")
        hands.keys("Ctrl+Return")
        hands.wait_gone("stepSheet")

    def sign_together(self, receiver: str) -> None:
        hands = self.hands
        hands.keys("Ctrl+Return")
        hands.wait_for("giverPassphrase")
        hands.choose("receiverName", receiver)
        hands.until(lambda: receiver in hands.find("statement", QLabel).text(), "the receiver in the text")
        hands.type("giverPassphrase", PASSPHRASE)
        hands.keys("Ctrl+Return")
        hands.wait_for("receiverPassphrase")
        hands.type("receiverPassphrase", PASSPHRASE)
        hands.keys("Ctrl+Return")
        hands.wait_gone("stepSheet")

    def sign_on_the_screen(self, below: str) -> None:
        hands = self.hands
        hands.click("signOnScreen")
        hands.wait_for("signatureSheet")
        sign_on(hands.find("signaturePad", SignaturePad))
        hands.click("keepSignature")
        hands.wait_gone("signatureSheet")
        hands.wait_for(below)

    def stands(self, state: str) -> None:
        self.hands.until(lambda: f" · {state}" in self.hands.find("pageSubtitle", QLabel).text(), state)

    def bring_it_into_the_store(self) -> None:
        self.show_the_drive()
        signed = str(resource("demo/exhibit-photo-drive.jpg"))
        self.fill_in("dispatch", carrier=COURIER, sealNumber=SEAL, sealCheck="intact, number agrees", form=signed)
        self.sign_alone()
        self.stands("IN TRANSIT, due ")
        found = {"condition": "Bag torn", "sealNumber": SEAL, "sealCheck": "broken or opened"}
        self.fill_in("receive", purpose="Examination", place="HQ", **found)
        self.sign_alone(outside=True)
        self.stands("RECEIVED")
        self.hands.until(lambda: "open incident" in self.hands.find("pageSubtitle", QLabel).text(), "the incident")
        self.album.shot("received-broken")
        self.fill_in("store", shelf="HQ")
        self.sign_alone()
        self.fill_in("check_out", purpose="Imaging", place="Bench 2")
        self.sign_together(EXAMINER)
        self.stands("CHECKED OUT")

    def image_it(self) -> None:
        hands = self.hands
        hands.go("exhibitsPage", "Alt+2")
        hands.click_row("exhibits", DRIVE)
        hands.keys("Ctrl+Return")
        hands.wait_for("intakeWizard")
        hands.choose("intakeExhibit", DRIVE)
        for _ in ("seizure", "seal"):
            hands.click("nextButton")
        hands.choose("sealFoundCheck", "broken or opened")
        hands.type("sealFoundNumber", SEAL)
        hands.click("nextButton")
        hands.answer_file_dialog(str(resource("demo/demo.E01")))
        hands.click("chooseSource")
        hands.type("writeBlocker", "Tableau T8u, S/N 77012")
        hands.click("nextButton")
        hands.wait_for("workBar")
        hands.until(lambda: hands.find("nextButton").isEnabled(), "the image read to its end", JOB_MS)
        hands.click("nextButton")
        hands.wait_for("checkTitle")
        hands.click("closeButton")
        hands.wait_gone("intakeWizard")
        hands.row("exhibits", f"{DRIVE}-I1")
        hands.click_row("exhibits", "Solid-state")
        self.fill_in("return_to_store", sealNumber="0048899", shelf="HQ", sealCheck="new seal applied")
        self.sign_together(CUSTODIAN)

    def audit_the_room(self) -> None:
        hands = self.hands
        hands.go("custodyPage", "Alt+4")
        tabs = next(bar for bar in self.window.findChildren(QTabBar) if bar.isVisible() and bar.count() == 6)
        spot = next(tabs.tabRect(at).center() for at in range(6) if tabs.tabText(at).startswith("Audits"))
        self.qtbot.mouseClick(tabs, Qt.MouseButton.LeftButton, pos=spot)
        hands.click("auditFirstRoom")
        hands.wait_for("auditSheet")
        hands.type("auditPlace", "HQ")
        hands.until(lambda: hands.find("auditCount", QLabel).text().startswith("0 of 1"), "what should be there")
        hands.type("auditScan", DRIVE)
        hands.keys("Return")
        hands.until(lambda: hands.find("auditCount", QLabel).text().startswith("1 of 1"), "the drive found")
        hands.keys("Ctrl+Return")
        hands.wait_gone("auditSheet")
        hands.row("auditsTable", "HQ")
        self.album.shot("audit")
        self.qtbot.mouseClick(tabs, Qt.MouseButton.LeftButton, pos=tabs.tabRect(0).center())

    def choose_of_the_menu(self, name: str) -> None:
        """Open the menu and click a line of it; the menu keeps the mouse until then."""
        page = self.window.page
        assert isinstance(page, CustodyPage)
        steps = page.steps
        self.hands.until(
            lambda: steps.menu is not None and name in [one.objectName() for one in steps.menu.actions()], name
        )
        assert steps.menu is not None
        action = next(one for one in steps.menu.actions() if one.objectName() == name)

        def press() -> None:
            assert steps.menu is not None
            spot = steps.menu.actionGeometry(action).center()
            self.qtbot.mouseClick(steps.menu, Qt.MouseButton.LeftButton, pos=spot)

        QTimer.singleShot(100, press)
        self.hands.click("moreStepsButton")
        self.hands.wait_for("askSheet")

    def propose_its_return(self) -> None:
        self.show_the_drive()
        self.choose_of_the_menu("act-propose")
        self.hands.fill(**{"ask-method": "At the counter", "ask-authority": "Order 9", "ask-recipient": OWNER})
        self.hands.keys("Ctrl+Return")
        self.hands.wait_gone("askSheet")

    def decide(self) -> None:
        hands = self.hands
        hands.go("reviewPage", "Alt+5")
        hands.click_row("reviewQueue", f"Seal broken: {DRIVE}")
        hands.wait_for("closeIncident")
        hands.type("decisionWords", "The bag tore on the way; number and content agree")
        hands.click("closeIncident")
        hands.click("confirmButton")
        hands.wait_gone("closeIncident")
        hands.click_row("reviewQueue", f"Disposal of {DRIVE}")
        hands.wait_for("approveDisposal")
        self.album.shot("review")
        hands.click("approveDisposal")
        hands.click("confirmButton")
        hands.wait_gone("approveDisposal")

    def give_it_back(self) -> None:
        hands = self.hands
        self.show_the_drive()
        self.choose_of_the_menu("act-carry-out")
        self.sign_on_the_screen("askSheet")
        hands.choose("witnessName", EXAMINER)
        hands.type("witnessPassphrase", PASSPHRASE)
        self.album.shot("give-back")
        hands.click("askPrimary")
        hands.wait_gone("askSheet")
        self.stands("RETURNED")

    def print_papers(self) -> tuple[Path, Path]:
        hands, form, labels = self.hands, self.folder / "form.pdf", self.folder / "labels.pdf"
        hands.keys("Ctrl+P", self.window)
        hands.wait_for("formSheet")
        hands.answer_file_dialog(str(form))
        hands.click("formPrimary")
        hands.until(form.exists, "the custody form")
        hands.go("exhibitsPage", "Alt+2")
        hands.click("printLabels")
        hands.wait_for("labelsOf")
        hands.choose("labelsOf", "All")
        hands.answer_file_dialog(str(labels))
        hands.click("labelsPrimary")
        hands.until(labels.exists, "the labels")
        return form, labels


@pytest.fixture
def application(
    qapp: QApplication, preferences: Preferences, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> Iterator[Application]:
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    made(tmp_path / "lab")
    preferences.remember_lab(tmp_path / "lab")
    opened = Application(qapp, preferences)
    opened.start()
    opened.window.resize(1280, 800)
    qtbot.waitExposed(opened.window)
    yield opened
    opened.window.close()
    opened.window.deleteLater()
    opened.setParent(None)
    style.apply(qapp, LIGHT, tmp_path)


@pytest.mark.qt_log_level_fail("CRITICAL")  # a platform without a window manager warns of what it cannot do
@pytest.mark.req("REQ-04", "REQ-10", "REQ-12", "REQ-18", "REQ-21", "REQ-23")
def test_a_drive_goes_from_the_scene_to_its_owner_and_every_hand_is_on_the_form(
    application: Application, qtbot: QtBot, tmp_path: Path
) -> None:
    custody = Custody(application, qtbot, tmp_path)
    custody.sign_in_as(CUSTODIAN)
    custody.go_through_the_scene()
    custody.register(LAPTOP, "Computer", "Laptop", "0048812")
    custody.register(DRIVE, "Storage", "Solid-state drive", SEAL, LAPTOP)
    custody.bring_it_into_the_store()
    custody.sign_in_as(EXAMINER)
    custody.image_it()
    custody.sign_in_as(CUSTODIAN)
    custody.audit_the_room()
    custody.propose_its_return()
    custody.sign_in_as(SUPERVISOR)
    custody.decide()
    custody.sign_in_as(CUSTODIAN)
    custody.give_it_back()
    form, labels = custody.print_papers()
    session = application.window.session
    assert session.case is not None
    exhibit = session.lab.exhibits.numbered(session.case.id, DRIVE)
    assert (exhibit.state, exhibit.holder) == (State.RETURNED, OWNER)
    assert len(session.lab.incidents.of_exhibit(exhibit.id)) == 1, "its seal was told to be broken twice"
    oracle = Oracle(tmp_path)
    flat, marks = (oracle.flat(paper.read_bytes()) for paper in (form, labels))
    named = ("JonasBrandt", "AnaKovač", "TomaszLis", "PetraVogel", SEAL, "0048899")
    assert [one for one in named if one not in flat] == []
    assert all(number in marks for number in (LAPTOP, DRIVE, f"{DRIVE}-I1"))
    assert verify(tmp_path / "lab").returncode == 0
