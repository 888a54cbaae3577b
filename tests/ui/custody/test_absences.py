"""In the window: who cannot sign any more, who is not at their shelf, and what nobody signed a receipt for."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QCheckBox, QComboBox, QLabel, QLineEdit
from pytestqt.qtbot import QtBot

from forensics_app.model.case import Case
from forensics_app.model.custody import Event
from forensics_app.model.exhibit import State
from forensics_app.model.person import Role, SignedIn
from tests.builders import PASSPHRASE, SIGNED_FORM, Bench
from tests.forensics_app.services.end_of_custody import stored as in_store
from tests.ui import room
from tests.ui.custody.test_page import SEAL, open_step, page_of, sentences, sign
from tests.ui.lab_window import open_window, stored
from ui.custody.bulk_sheet import BulkSheet
from ui.custody.page import CustodyPage
from ui.custody.party import PartyCard
from ui.custody.step_sheet import Phase
from ui.jobs import JobRunner
from ui.widgets.buttons import Button
from ui.widgets.notes import Note

OUT = {"purpose": "Examination", "expected_return": "2026-12-01T17:00+01:00"}
Prepared = tuple[Case, Callable[[Bench], SignedIn]]


def with_a_key_that_ended(bench: Bench) -> Prepared:
    """Tomasz checked it out to himself, and died."""
    case = bench.case()
    exhibit = stored(bench, case)
    bench.lab.custody.perform(bench.custodian, bench.request(exhibit, "check_out", fields=OUT))
    bench.lab.people.revoke(bench.admin, bench.custodian.person.id, "Died on 18 November")
    return case, lambda made: made.supervisor


def with_an_absent_storekeeper(bench: Bench) -> Prepared:
    case = bench.case()
    stored(bench, case)
    bench.enrol("Olaf Berg", Role.EXHIBITS_OFFICER)
    return case, lambda made: made.examiner


def with_a_transfer(bench: Bench) -> Prepared:
    case = bench.case()
    exhibit = stored(bench, case)
    told = {"agency": "Customs laboratory", "authority": "4 Gs 812/26", "carrier": "Parcel service, no. 0034", **SEAL}
    told |= {"departed_at": "2026-11-20T13:00+01:00"}
    request = bench.request(exhibit, "transfer_out", fields=told, papers=SIGNED_FORM)
    bench.lab.custody.perform(bench.custodian, request)
    return case, lambda made: made.custodian


@pytest.mark.req("REQ-02", "REQ-18", "REQ-19")
def test_a_supervisor_has_it_taken_over_and_the_window_says_who_did_not_sign(
    tmp_path: Path, qtbot: QtBot, jobs: JobRunner
) -> None:
    with open_window(tmp_path / "lab", qtbot, jobs, "custody", CustodyPage, with_a_key_that_ended) as lab:
        lab.until(lambda: page_of(lab).timeline.model().rowCount() > 4)
        primary = page_of(lab).steps.primary
        assert primary is not None
        assert primary.objectName() == "step-take_over"
        assert lab.part(Note, "keyEndedNote").text.startswith("Tomasz Lis has it, and cannot sign: their key ended.")
        sheet = open_step(lab, "step-take_over")
        told = lab.part(Note, "keyEnded").text
        assert told.startswith("It is in the hands of Tomasz Lis, whose key ended on ")
        assert "another supervisor decides about" in told
        for name, words in (("place", "Reception"), ("unsigned_reason", "He died"), ("seal_number", "0048812")):
            sheet.form.field(name).set_text(words)
        sheet.form.field("seal_check").set_text("intact, number agrees")
        lab.part(Button, "stepPrimary").click()
        lab.until(lambda: sheet.phase is Phase.GIVER)
        sheet.receiver.choose(lab.bench.lab.people.named("Ana Kovač"))
        lab.until(lambda: "to Ana Kovač" in lab.part(QLabel, "statement").text())
        assert "from Tomasz Lis, who does not sign because their key ended" in lab.part(QLabel, "statement").text()
        lab.until(lambda: room.cut_texts(sheet) == [])
        sign(lab, "giver", PASSPHRASE)
        lab.until(lambda: sheet.phase is Phase.RECEIVER)
        sign(lab, "receiver", PASSPHRASE)
        lab.until(lambda: "Taken over, key of the holder ended" in sentences(lab)[0])
        assert "Giver did not sign" in sentences(lab)[0]
        assert lab.absent("keyEndedNote")


@pytest.mark.req("REQ-18")
def test_to_others_nothing_is_offered_that_who_has_it_cannot_sign(
    tmp_path: Path, qtbot: QtBot, jobs: JobRunner
) -> None:
    def prepare(bench: Bench) -> Prepared:
        return with_a_key_that_ended(bench)[0], lambda made: made.examiner

    with open_window(tmp_path / "lab", qtbot, jobs, "custody", CustodyPage, prepare) as lab:
        lab.until(lambda: page_of(lab).timeline.model().rowCount() > 4)
        assert "A supervisor orders who takes it over." in lab.part(Note, "keyEndedNote").text
        assert not [one for one in page_of(lab).steps.findChildren(Button) if one.objectName().startswith("step-")]


@pytest.mark.req("REQ-18")
def test_another_exhibits_officer_is_chosen_who_hands_out_what_lies_on_the_shelf(
    tmp_path: Path, qtbot: QtBot, jobs: JobRunner
) -> None:
    with open_window(tmp_path / "lab", qtbot, jobs, "custody", CustodyPage, with_an_absent_storekeeper) as lab:
        lab.until(lambda: page_of(lab).timeline.model().rowCount() == 4)
        sheet = open_step(lab, "step-check_out")
        sheet.form.field("purpose").set_text("Logical examination")
        lab.part(Button, "stepPrimary").click()
        lab.until(lambda: sheet.phase is Phase.GIVER)
        assert "from Tomasz Lis to Ana Kovač" in lab.part(QLabel, "statement").text()
        sheet.giver.choose(lab.bench.lab.people.named("Olaf Berg"))
        lab.until(lambda: "(stored by Tomasz Lis, who does not sign)" in lab.part(QLabel, "statement").text())
        assert lab.part(Button, "stepPrimary").text().strip() == "Sign as Olaf Berg"
        sign(lab, "giver", PASSPHRASE)
        lab.until(lambda: sheet.phase is Phase.RECEIVER)
        sign(lab, "receiver", PASSPHRASE)
        lab.until(lambda: "Olaf Berg → Ana Kovač" in sentences(lab)[0])


@pytest.mark.req("REQ-12", "REQ-18")
def test_what_comes_back_without_a_receipt_is_received_with_its_seal_and_why(
    tmp_path: Path, qtbot: QtBot, jobs: JobRunner
) -> None:
    with open_window(tmp_path / "lab", qtbot, jobs, "custody", CustodyPage, with_a_transfer) as lab:
        lab.until(lambda: page_of(lab).timeline.model().rowCount() > 4)
        menu = page_of(lab).steps.menu
        assert menu is not None
        offered = {one.objectName() for one in menu.findChildren(QAction)}
        assert {"step-report_lost", "step-confirm_receipt", "step-call_back"} <= offered
        sheet = open_step(lab, "step-receive")
        assert sheet.form.field("outside_party").text() == "", (
            "who brings it back is asked, and not taken from the agency"
        )
        lab.part(Button, "stepPrimary").click()
        assert "State the reason." in [one.text() for one in sheet.findChildren(QLabel)]
        fields = {"outside_party": "Driver of the parcel service", "purpose": "Undelivered", "place": "Reception"}
        fields |= {"reason": "The address is closed", "condition": "Undamaged", "seal_number": "0048812"}
        for name, words in (fields | {"unsigned_reason": "The driver signs nothing"}).items():
            sheet.form.field(name).set_text(words)
        sheet.form.field("seal_check").set_text("intact, number agrees")
        lab.until(lambda: room.cut_texts(sheet) == [])
        lab.part(Button, "stepPrimary").click()
        lab.until(lambda: sheet.phase is Phase.SIGN)
        lab.part(Button, "stepPrimary").click()
        lab.until(lambda: "TRANSFERRED → RECEIVED" in sentences(lab)[0])
        (exhibit,) = lab.bench.lab.exhibits.list(lab.bench.lab.cases.list()[0].id)
        assert (exhibit.state, exhibit.holder) == (State.RECEIVED, "Tomasz Lis")
        assert Event.STORE in {one.event for one in lab.bench.lab.custody.possible(exhibit.id)}


def with_three_left(bench: Bench) -> Prepared:
    """Tomasz checked two out to himself and died; a third lies on its shelf."""
    case = bench.case()
    for number in ("LH/01", "LH/02", "LH/03"):
        exhibit = in_store(bench, case, number)
        if number != "LH/03":
            bench.lab.custody.perform(bench.custodian, bench.request(exhibit, "check_out", fields=OUT))
    bench.lab.people.revoke(bench.admin, bench.custodian.person.id, "Died on 18 November")
    return case, lambda made: made.supervisor


@pytest.mark.req("REQ-18", "REQ-22")
def test_all_that_somebody_left_is_taken_over_in_one_list_with_an_entry_for_each(
    tmp_path: Path, qtbot: QtBot, jobs: JobRunner
) -> None:
    with open_window(tmp_path / "lab", qtbot, jobs, "custody", CustodyPage, with_three_left) as lab:
        page_of(lab).open_target(Event.TAKE_OVER)
        bulk = page_of(lab).tabs.bulk
        lab.until(lambda: bulk.table.model().rowCount() == 2)
        lab.part(Button, "bulkSign").click()
        assert "seal" in lab.part(Note, "sealLacking").text, "nobody scanned it: each seal is told"
        lab.bench.clock.at = datetime.now(UTC)
        for row in (0, 1):
            bulk.table.selectRow(row)
            box = lab.part(QComboBox, "sealOfLine")
            box.setCurrentText("intact, number agrees")
            box.activated.emit(box.currentIndex())
        lab.until(lambda: lab.part(Button, "bulkSign").text().strip() == "Fill in and sign 2…")
        lab.part(Button, "bulkSign").click()
        sheet = lab.part(BulkSheet, "bulkSheet")
        lab.until(lambda: room.cut_texts(sheet) == [])
        for name, words in {"place": "Reception", "unsigned_reason": "He died on 18 November"}.items():
            sheet.form.field(name).set_text(words)
        lab.part(QCheckBox, "sealsAgree").setChecked(True)
        party = sheet.findChild(PartyCard, "bulkParty")
        party.choose(lab.bench.lab.people.named("Ana Kovač"))
        party.findChild(QLineEdit).setText(PASSPHRASE)
        lab.part(Button, "submitButton").click()
        case_id, exhibits = lab.session.case.id, lab.bench.lab.exhibits
        lab.until(lambda: exhibits.numbered(case_id, "LH/02").holder == "Ana Kovač")
        for number, holder in (("LH/01", "Ana Kovač"), ("LH/02", "Ana Kovač"), ("LH/03", "Tomasz Lis")):
            assert exhibits.numbered(case_id, number).holder == holder
        assert lab.bench.lab.verification.verify().ok
