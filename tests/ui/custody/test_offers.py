"""Transfers that are offered on the custody page, and accepted, refused or withdrawn there."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QLabel, QLineEdit, QPlainTextEdit, QWidget
from pytestqt.qtbot import QtBot

from forensics_app.model.case import Case
from forensics_app.model.exhibit import Exhibit, State
from forensics_app.model.offer import NewOffer, Offer, OfferState
from forensics_app.model.person import SignedIn
from tests.builders import Bench
from tests.ui import room
from tests.ui.lab_window import LabWindow, open_window, stored
from ui.custody.page import CustodyPage
from ui.jobs import JobRunner
from ui.preferences import Preferences
from ui.record_keeper import RecordKeeper
from ui.widgets.buttons import Button
from ui.widgets.notes import Note

SEAL = {"seal_number": "0048812", "seal_check": "intact, number agrees"}


@pytest.fixture(params=[("custodian", False)])
def lab(tmp_path: Path, qtbot: QtBot, jobs: JobRunner, request: pytest.FixtureRequest) -> Iterator[LabWindow]:
    """One exhibit in store; the parameter says who looks, and whether it is offered to the examiner already."""
    who, is_offered = request.param

    def prepare(bench: Bench) -> tuple[Case, Callable[[Bench], SignedIn]]:
        case = bench.case()
        exhibit = stored(bench, case)
        if is_offered:
            offered(bench, exhibit)
        return case, lambda made: getattr(made, who)

    with open_window(tmp_path / "lab", qtbot, jobs, "custody", CustodyPage, prepare) as made:
        made.until(lambda: page(made).steps.menu is not None)
        made.bench.clock.at = datetime.now(UTC)  # what happened is told by the clock of this computer
        yield made


def offered(bench: Bench, exhibit: Exhibit) -> Offer:
    """Offered by the custodian to the examiner; the answer is due within a day of the lab's clock."""
    new = NewOffer(
        exhibit_id=exhibit.id, receiver_id=bench.examiner.person.id, event="check_out",
        due=bench.clock() + timedelta(days=1),
        fields={"purpose": "Imaging", "expected_return": "2026-12-24T17:00+01:00", **SEAL},
    )  # fmt: skip
    return bench.lab.offers.offer(bench.custodian, new)


def page(lab: LabWindow) -> CustodyPage:
    found = lab.window.page
    assert isinstance(found, CustodyPage)
    return found


def exhibit_of(lab: LabWindow) -> Exhibit:
    return lab.bench.lab.exhibits.numbered(lab.session.case.id, "LH/01")


def the_offer(lab: LabWindow) -> Offer:
    (one,) = lab.bench.lab.offers.list(lab.session.case.id)
    return one


@pytest.mark.req("REQ-18")
def test_who_holds_an_exhibit_offers_it_and_it_stays_with_them(lab: LabWindow) -> None:
    menu = page(lab).steps.menu
    assert menu is not None
    next(one for one in menu.actions() if one.objectName() == "act-offer").trigger()
    lab.part(QWidget, "offerSheet")
    assert "Work is done on copies" in lab.part(QLabel, "rule-laboratory-copy").text()
    lab.part(Button, "submitButton").click()
    assert "Choose who is to receive it" in lab.part(QLabel, "offerToError").text()
    assert "purpose" in lab.part(QLabel, "purposeError").text()
    lab.part(QComboBox, "offerTo").setCurrentText("Ana Kovač")
    lab.qtbot.keyClicks(lab.part(QLineEdit, "purpose"), "Imaging")
    lab.part(QLineEdit, "sealNumber").setText("0048812")
    lab.part(QComboBox, "sealCheck").setCurrentText("intact, number agrees")
    lab.part(Button, "submitButton").click()
    lab.until(lambda: lab.bench.lab.offers.open())
    lab.until(lambda: lab.absent("offerSheet"))
    assert (the_offer(lab).receiver, the_offer(lab).event) == ("Ana Kovač", "check_out")
    assert exhibit_of(lab).holder == "Tomasz Lis"
    assert "Offered by Tomasz Lis to Ana Kovač" in lab.part(Note, "offeredNote").text
    assert lab.errors == []


@pytest.mark.req("REQ-18")
@pytest.mark.parametrize("lab", [("examiner", True)], indirect=True)
def test_the_receiver_accepts_with_what_they_found_of_the_seal(lab: LabWindow) -> None:
    lab.part(Button, "showOffer").click()
    lab.part(Button, "acceptOffer").click()
    assert "Work is done on copies" in lab.part(QLabel, "rule-laboratory-copy").text()
    lab.part(Button, "submitButton").click()
    assert "Read the number on the seal" in lab.part(QLabel, "acceptedSealError").text()
    lab.qtbot.keyClicks(lab.part(QLineEdit, "acceptedSeal"), "0048812")
    lab.part(QComboBox, "acceptedSealCheck").setCurrentText("broken or opened")
    lab.part(Button, "submitButton").click()
    lab.until(lambda: exhibit_of(lab).state is State.CHECKED_OUT)
    lab.until(lambda: lab.absent("acceptSheet"))
    assert exhibit_of(lab).holder == "Ana Kovač"
    assert the_offer(lab).state is OfferState.ACCEPTED
    assert [one.exhibit_id for one in lab.bench.lab.incidents.open()] == [exhibit_of(lab).id]
    assert lab.bench.lab.verification.verify().ok
    assert lab.errors == []


@pytest.mark.parametrize(
    ("lab", "button", "state"),
    [
        (("examiner", True), "refuseOffer", OfferState.REFUSED),
        (("custodian", True), "withdrawOffer", OfferState.WITHDRAWN),
    ],
    indirect=["lab"],
)
def test_an_offer_is_refused_by_the_receiver_or_withdrawn_by_the_giver(
    lab: LabWindow, button: str, state: OfferState
) -> None:
    lab.part(Button, "showOffer").click()
    lab.part(Button, button).click()
    lab.part(Button, "submitButton").click()
    assert lab.bench.lab.offers.open() != ()
    lab.qtbot.keyClicks(lab.part(QPlainTextEdit, "reason"), "The seal is not the one")
    lab.part(Button, "submitButton").click()
    lab.until(lambda: the_offer(lab).state is state)
    assert the_offer(lab).reason == "The seal is not the one"
    lab.until(lambda: lab.absent("acceptOffer") and lab.absent("withdrawOffer"))


@pytest.mark.req("REQ-22")
@pytest.mark.parametrize("lab", [("supervisor", True)], indirect=True)
def test_others_see_what_is_late_and_who_answers_it(lab: LabWindow) -> None:
    page(lab).tabs.show_offer(exhibit_of(lab).id)
    assert "Ana Kovač accepts or refuses it" in lab.part(QLabel, "whoAnswers").text()
    assert lab.part(QWidget, "offerState").accessibleName().endswith("late")
    lab.qtbot.keyClick(page(lab).tabs.offers.table, Qt.Key.Key_Return)
    assert lab.visited == [("custody", exhibit_of(lab).id)]


@pytest.mark.parametrize("lab", [("examiner", True)], indirect=True)
def test_what_is_offered_to_oneself_is_counted_in_the_rail_and_on_the_tab(
    lab: LabWindow, preferences: Preferences
) -> None:
    keeper = RecordKeeper(lab.window, preferences)
    keeper.enter()
    lab.until(lambda: lab.window.rail.button("custody").accessibleName() == "Custody, 1")
    lab.until(lambda: "1 for you" in page(lab).tabs.tabText(1))
    lab.until(lambda: not lab.jobs.active)


@pytest.mark.parametrize("lab", [("examiner", True)], indirect=True)
def test_nothing_of_an_offer_is_cut_unnamed_or_out_of_reach(lab: LabWindow) -> None:
    page(lab).tabs.show_offer(exhibit_of(lab).id)
    for size in ((1280, 800), (800, 600)):
        lab.window.resize(*size)
        lab.until(lambda: room.cut_texts(page(lab)) == [])
        assert room.unnamed(page(lab)) == []
        lab.until(lambda: room.unreachable(page(lab)) == [])


@pytest.mark.req("REQ-22")
def test_an_exhibit_that_is_late_is_said_to_be_overdue(lab: LabWindow) -> None:
    bench, exhibit = lab.bench, lab.bench.lab.exhibits.list(lab.session.case.id)[0]
    due = (bench.clock() + timedelta(hours=2)).isoformat()
    told = {"purpose": "Imaging", "expected_return": due, "place": "Bench 2", **SEAL}
    bench.lab.custody.hand_over(bench.custodian, bench.examiner, bench.request(exhibit, "check_out", fields=told))
    bench.clock.at += timedelta(days=2)
    page(lab).refresh()
    lab.until(lambda: "CHECKED OUT, due " in lab.part(QLabel, "pageSubtitle").text())
    assert ", 1 day 22 h overdue · " in lab.part(QLabel, "pageSubtitle").text()
