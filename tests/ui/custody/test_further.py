"""Incidents, legal holds and disposals on the custody page."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QComboBox, QLabel, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from forensics_app.model.case import Case
from forensics_app.model.disposal import Disposal, NewDisposal, Way
from forensics_app.model.exhibit import Exhibit, State
from forensics_app.model.person import SignedIn
from tests.builders import PASSPHRASE, Bench
from tests.forensics_app.services.end_of_custody import stored
from tests.ui.lab_window import LabWindow, open_window
from tests.ui.signing import sign_on
from ui.custody.ask_sheet import AskSheet
from ui.custody.further import read_standing, standing_words
from ui.custody.page import CustodyPage
from ui.jobs import JobRunner
from ui.widgets.buttons import Button
from ui.widgets.notes import Note
from ui.widgets.signature_pad import SignaturePad


@pytest.fixture(params=["custodian"])
def lab(tmp_path: Path, qtbot: QtBot, jobs: JobRunner, request: pytest.FixtureRequest) -> Iterator[LabWindow]:
    def prepare(bench: Bench) -> tuple[Case, Callable[[Bench], SignedIn]]:
        case = bench.case()
        stored(bench, case)
        return case, lambda made: getattr(made, request.param)

    with open_window(tmp_path / "lab", qtbot, jobs, "custody", CustodyPage, prepare) as made:
        made.until(lambda: page(made).steps.menu is not None)
        yield made


def page(lab: LabWindow) -> CustodyPage:
    found = lab.window.page
    assert isinstance(found, CustodyPage)
    return found


def exhibit(lab: LabWindow) -> Exhibit:
    return lab.bench.lab.exhibits.numbered(lab.session.case.id, "LH/01")


def names(lab: LabWindow) -> set[str]:
    menu = page(lab).steps.menu
    return {action.objectName() for action in menu.actions()} if menu else set()


def ask(lab: LabWindow, name: str) -> AskSheet:
    """Choose an act of the menu, and wait for its dialog."""
    lab.until(lambda: name in names(lab))
    menu = page(lab).steps.menu
    assert menu is not None
    action: QAction = next(one for one in menu.actions() if one.objectName() == name)
    action.trigger()
    lab.until(lambda: lab.window.findChildren(AskSheet))
    return lab.window.findChildren(AskSheet)[-1]


def fill(lab: LabWindow, **told: str) -> None:
    for name, words in told.items():
        lab.qtbot.keyClicks(lab.part(QWidget, f"ask-{name}"), words)


def approved(lab: LabWindow, way: Way = Way.DESTROY, recipient: str = "") -> Disposal:
    new = NewDisposal(
        exhibit_id=exhibit(lab).id, way=way, method="As ordered", authority="Order 9", recipient=recipient,
        occurred_at=lab.bench.clock(),
    )  # fmt: skip
    disposal = lab.bench.lab.disposals.propose(lab.bench.custodian, new)
    return lab.bench.lab.disposals.approve(lab.bench.supervisor, disposal.id, "")


@pytest.mark.req("REQ-23")
def test_a_hold_that_was_placed_is_in_sight_and_a_disposal_is_refused_in_words(lab: LabWindow) -> None:
    ask(lab, "act-hold")
    fill(lab, authority="Court, 2 Ws 14/26", reason="Appeal")
    lab.part(Button, "askPrimary").click()
    lab.until(lambda: lab.bench.lab.holds.in_force_on(exhibit(lab)))
    lab.until(lambda: lab.absent("askSheet"))
    ask(lab, "act-propose")
    fill(lab, method="Shredded", authority="Order 9", recipient="L. Hansen")
    lab.part(Button, "askPrimary").click()
    assert "under a legal hold" in lab.part(Note, "askRefused").text
    assert exhibit(lab).state is State.STORED
    assert lab.errors == []


@pytest.mark.req("REQ-23")
def test_a_disposal_is_proposed_with_what_is_missing_said_first(lab: LabWindow) -> None:
    sheet = ask(lab, "act-propose")
    assert "legal hold" in lab.part(QLabel, "rule-disposal-hold").text()
    assert "rule version" in lab.part(QLabel, "rule-disposal-copies").toolTip()
    lab.part(Button, "askPrimary").click()
    assert sheet.problem() != ""
    way = lab.part(QComboBox, "ask-way")
    way.setCurrentIndex(list(Way).index(Way.DESTROY))
    fill(lab, method="Shredded, 2 mm", authority="Order 9")
    signed = lab.part(QLabel, "askStatement").text()
    assert signed.endswith("propose disposal. How it ends: Destroy; Method: Shredded, 2 mm; Authority: Order 9.")
    lab.part(Button, "askPrimary").click()
    lab.until(lambda: exhibit(lab).state is State.DISPOSAL_PENDING)
    assert lab.bench.lab.disposals.waiting()[0].way is Way.DESTROY


@pytest.mark.req("REQ-19", "REQ-23")
def test_a_disposal_is_carried_out_with_the_passphrase_of_a_witness(lab: LabWindow) -> None:
    approved(lab)
    page(lab).refresh()
    ask(lab, "act-carry-out")
    choice = lab.part(QComboBox, "witnessName")
    choice.setCurrentIndex(choice.findText("Ana Kovač"))
    lab.qtbot.keyClicks(lab.part(QWidget, "witnessPassphrase"), "not the right words")
    lab.part(Button, "askPrimary").click()
    assert "do not belong together" in lab.part(Note, "askRefused").text
    assert exhibit(lab).state is State.DISPOSAL_PENDING
    lab.bench.clock.at = lab.bench.clock.at.replace(hour=23)
    lab.qtbot.keyClicks(lab.part(QWidget, "witnessPassphrase"), PASSPHRASE)
    lab.part(Button, "askPrimary").click()
    lab.until(lambda: exhibit(lab).state is State.DESTROYED)
    entry = lab.bench.lab.custody.history(exhibit(lab).id)[-1]
    assert [one.role for one in entry.signatures] == ["actor", "witness"]
    assert lab.bench.lab.verification.verify().ok


@pytest.mark.req("REQ-18", "REQ-23")
def test_who_gets_something_back_signs_on_the_screen_and_the_form_prints_the_signature(lab: LabWindow) -> None:
    approved(lab, Way.RETURN_TO_OWNER, "Petra Vogel")
    page(lab).refresh()
    ask(lab, "act-carry-out")
    lab.part(Button, "signOnScreen").click()
    pad = lab.part(SignaturePad, "signaturePad")
    sign_on(pad)
    lab.part(Button, "keepSignature").click()
    assert lab.part(QLineEdit, "signature").text() == "Signed here by Petra Vogel"
    assert lab.part(Button, "chooseForm").accessibleName() == "Choose a file: Signed form, scanned"
    choice = lab.part(QComboBox, "witnessName")
    choice.setCurrentIndex(choice.findText("Ana Kovač"))
    lab.qtbot.keyClicks(lab.part(QWidget, "witnessPassphrase"), PASSPHRASE)
    lab.bench.clock.at = lab.bench.clock.at.replace(hour=23)
    lab.part(Button, "askPrimary").click()
    lab.until(lambda: exhibit(lab).state is State.RETURNED)
    lab.until(lambda: page(lab).entry.event_shown and page(lab).entry.event_shown.action == "custody.return_to_owner")
    (item,) = lab.bench.lab.custody_forms.gather(lab.session.case.id).items
    (signed,) = [one for one in item.signatures if one.sequence == item.events[-1].sequence]
    assert (signed.who, signed.absent, signed.jpeg != b"") == ("Petra Vogel", "", True)
    assert item.ending[0] == "Returned to the owner"
    assert item.ending[3:] == ("Ingrid Solberg", "As ordered", "Tomasz Lis", "Ana Kovač, Officer", "Petra Vogel")
    giver, receiver = item.events[-1].giver, item.events[-1].receiver
    assert giver is not None
    assert receiver is not None
    assert (giver.name, receiver.name) == ("Tomasz Lis", "Petra Vogel")
    assert lab.bench.lab.verification.verify().ok
    assert lab.errors == []


def test_an_incident_is_reported_and_told_in_the_line_of_the_exhibit(lab: LabWindow) -> None:
    ask(lab, "act-report")
    fill(lab, what="Water on the shelf")
    lab.part(Button, "askPrimary").click()
    lab.until(lambda: lab.bench.lab.incidents.open())
    lab.until(lambda: lab.absent("askSheet"))
    assert standing_words(read_standing(lab.bench.lab, exhibit(lab))) == "open incident: Water on the shelf"
    told = "LH/01 · STORED · open incident: Water on the shelf · with Tomasz Lis, A-07-3"
    lab.until(lambda: lab.part(QLabel, "pageSubtitle").text() == told)


@pytest.mark.parametrize("lab", ["supervisor"], indirect=True)
def test_only_what_may_be_done_now_is_offered(lab: LabWindow) -> None:
    assert {"act-report", "act-hold", "act-propose"} <= names(lab)
    assert not {"act-lift", "act-carry-out"} & names(lab)
