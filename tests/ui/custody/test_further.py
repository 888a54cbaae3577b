"""Incidents, legal holds and disposals on the custody page."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QComboBox, QWidget
from pytestqt.qtbot import QtBot

from forensics_app.model.case import Case
from forensics_app.model.disposal import Disposal, NewDisposal, Way
from forensics_app.model.exhibit import Exhibit, State
from forensics_app.model.person import SignedIn
from tests.builders import PASSPHRASE, Bench
from tests.forensics_app.services.end_of_custody import stored
from tests.ui.lab_window import LabWindow, open_window
from ui.custody.ask_sheet import AskSheet
from ui.custody.further import read_standing, standing_words
from ui.custody.page import CustodyPage
from ui.jobs import JobRunner
from ui.widgets.buttons import Button
from ui.widgets.notes import Note


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


def approved(lab: LabWindow) -> Disposal:
    new = NewDisposal(
        exhibit_id=exhibit(lab).id, way=Way.DESTROY, method="Shredded", authority="Order 9", recipient="",
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
    lab.part(Button, "askPrimary").click()
    assert sheet.problem() != ""
    way = lab.part(QComboBox, "ask-way")
    way.setCurrentIndex(list(Way).index(Way.DESTROY))
    fill(lab, method="Shredded, 2 mm", authority="Order 9")
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


def test_an_incident_is_reported_and_told_in_the_line_of_the_exhibit(lab: LabWindow) -> None:
    ask(lab, "act-report")
    fill(lab, what="Water on the shelf")
    lab.part(Button, "askPrimary").click()
    lab.until(lambda: lab.bench.lab.incidents.open())
    lab.until(lambda: lab.absent("askSheet"))
    assert standing_words(read_standing(lab.bench.lab, exhibit(lab))) == "open incident: Water on the shelf"


@pytest.mark.parametrize("lab", ["supervisor"], indirect=True)
def test_only_what_may_be_done_now_is_offered(lab: LabWindow) -> None:
    assert {"act-report", "act-hold", "act-propose"} <= names(lab)
    assert not {"act-lift", "act-carry-out"} & names(lab)
