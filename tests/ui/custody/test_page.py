import json
import re
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtWidgets import QFrame, QLabel, QLineEdit, QPlainTextEdit, QWidget
from pytestqt.qtbot import QtBot

from forensics_app.model.case import Case
from forensics_app.model.custody import Event
from forensics_app.model.exhibit import State
from forensics_app.model.person import SignedIn
from tests.builders import PASSPHRASE, Bench
from tests.ui import room
from tests.ui.lab_window import LabWindow, open_window, received, stored
from ui.custody.page import CustodyPage
from ui.custody.step_sheet import Phase, StepSheet
from ui.jobs import JobRunner
from ui.tones import Tone
from ui.widgets.badges import Badge
from ui.widgets.buttons import Button, Chip
from ui.widgets.cut_combo import CutCombo
from ui.widgets.notes import Note

ROOT = Path(__file__).parents[3]
SEAL = {"seal_number": "0048812", "seal_check": "intact, number agrees"}


def with_a_stored_exhibit(bench: Bench) -> tuple[Case, Callable[[Bench], SignedIn]]:
    case = bench.case()
    stored(bench, case)
    return case, lambda made: made.custodian


@pytest.fixture
def saved_as(tmp_path: Path) -> Path:
    return tmp_path / "saved"


@pytest.fixture
def lab(tmp_path: Path, qtbot: QtBot, jobs: JobRunner, saved_as: Path) -> Iterator[LabWindow]:
    def make(context: object) -> CustodyPage:
        return CustodyPage(context, ask=lambda *_: saved_as)  # type: ignore[arg-type]

    with open_window(tmp_path / "lab", qtbot, jobs, "custody", make, with_a_stored_exhibit) as made:
        made.until(lambda: page_of(made).timeline.model().rowCount() == 4)
        yield made


def page_of(lab: LabWindow) -> CustodyPage:
    page = lab.window.page
    assert isinstance(page, CustodyPage)
    return page


def sentences(lab: LabWindow) -> list[str]:
    model = page_of(lab).timeline.model()
    return [str(model.index(row, 0).data()) for row in range(model.rowCount())]


def menu_action(lab: LabWindow, name: str) -> QAction:
    menu = page_of(lab).steps.menu
    assert menu is not None
    return next(action for action in menu.actions() if action.objectName() == name)


def open_step(lab: LabWindow, name: str) -> StepSheet:
    lab.part(Button, name).click()
    lab.until(lambda: lab.window.findChildren(StepSheet))
    return lab.window.findChildren(StepSheet)[-1]


def check_out_to(lab: LabWindow, receiver: str) -> StepSheet:
    """Fill in a check-out up to the giver's passphrase."""
    sheet = open_step(lab, "step-check_out")
    sheet.form.field("purpose").set_text("Logical examination")
    sheet.form.field("place").set_text("Bench 2, room 114")
    lab.part(Button, "stepPrimary").click()
    lab.until(lambda: sheet.phase is Phase.GIVER)
    person = lab.bench.lab.people.named(receiver)
    sheet.receiver.choose(person)
    lab.until(lambda: receiver in lab.part(QLabel, "statement").text())
    return sheet


@pytest.mark.req("REQ-03", "REQ-06")
def test_a_step_shows_what_the_guidance_asks_at_it_until_it_is_signed(lab: LabWindow) -> None:
    sheet = open_step(lab, "step-check_out")
    rule = lab.part(QLabel, "rule-laboratory-copy")
    assert "Work is done on copies" in rule.text()
    assert "rule version 1" in rule.toolTip()
    sheet.reject()
    sheet = check_out_to(lab, "Ana Kovač")
    assert not any(one.isVisible() for one in sheet.findChildren(QFrame, "askedHere"))


def sign(lab: LabWindow, party: str, passphrase: str) -> None:
    lab.qtbot.keyClicks(lab.part(QWidget, f"{party}Passphrase"), passphrase)
    lab.part(Button, "stepPrimary").click()


def test_the_timeline_tells_the_newest_entry_first_with_people_seal_and_change_of_state(lab: LabWindow) -> None:
    newest, received, *_ = sentences(lab)
    assert newest.startswith("5: Stored, by Tomasz Lis")
    assert "RECEIVED → STORED" in newest
    assert "Sgt. Duarte → Tomasz Lis" in received
    assert "0048812: intact, number agrees" in received
    assert received.endswith("Giver, on paper, Receiver signed")


def test_who_registered_an_exhibit_is_told_apart_from_who_seized_it(lab: LabWindow) -> None:
    *_, seized, registered = sentences(lab)
    assert "Seized, by Sgt. Duarte, witness Insp. Haas" in seized
    assert "Registered, by Tomasz Lis" in registered


def test_signatures_are_not_shown_as_checked_before_a_verification(lab: LabWindow) -> None:
    assert [lab.part(Badge, f"{name}Answer").tone for name in ("intact", "signed", "trusted")] == [Tone.NONE] * 3
    assert lab.part(Badge, "entryBadge").text == "Signed, not checked"
    assert "No check was ever recorded" in lab.part(QLabel, "chainCheckedAt").text()


@pytest.mark.req("REQ-18", "REQ-19")
def test_a_check_out_is_signed_by_giver_and_receiver_with_their_own_passphrases_on_one_entry(lab: LabWindow) -> None:
    sheet = check_out_to(lab, "Ana Kovač")
    statement = lab.part(QLabel, "statement").text()
    assert "from Tomasz Lis to Ana Kovač" in statement
    assert "Purpose: Logical examination; " in statement
    assert "cannot be removed" in lab.part(Note, "cannotBeRemoved").text
    sign(lab, "giver", PASSPHRASE)
    lab.until(lambda: sheet.phase is Phase.RECEIVER)
    assert "locked" in lab.part(QLabel, "particularsState").text()
    sign(lab, "receiver", PASSPHRASE)
    lab.until(lambda: sentences(lab)[0].startswith("6: Checked out"))
    exhibit = lab.bench.lab.exhibits.list(lab.session.case.id)[0]
    assert (exhibit.state, exhibit.holder, exhibit.place) == (State.CHECKED_OUT, "Ana Kovač", "Bench 2, room 114")
    event = lab.bench.lab.custody.history(exhibit.id)[-1]
    assert [(one.role, one.name) for one in event.signatures] == [("giver", "Tomasz Lis"), ("receiver", "Ana Kovač")]
    assert lab.bench.lab.verification.verify().ok
    assert lab.absent("stepSheet")


def test_a_wrong_passphrase_is_told_without_saying_which_part_is_wrong_and_nothing_is_recorded(lab: LabWindow) -> None:
    sheet = check_out_to(lab, "Ana Kovač")
    sign(lab, "giver", "not the passphrase")
    lab.until(lambda: not lab.absent("giverPassphraseError"))
    assert lab.part(QLabel, "giverPassphraseError").text() == "Name and passphrase do not belong together."
    assert sheet.phase is Phase.GIVER
    assert len(lab.bench.lab.custody.case_history(lab.session.case.id)) == 5


def test_changing_the_particulars_discards_the_givers_signature(lab: LabWindow) -> None:
    sheet = check_out_to(lab, "Ana Kovač")
    sign(lab, "giver", PASSPHRASE)
    lab.until(lambda: sheet.phase is Phase.RECEIVER)
    lab.part(Button, "changeParticulars").click()
    lab.part(Button, "confirmButton").click()
    assert sheet.phase is Phase.FILL
    assert sheet.form.field("purpose").entry.isEnabled()
    sheet.form.field("purpose").set_text("Another purpose")
    lab.part(Button, "stepPrimary").click()
    lab.until(lambda: "Another purpose" in lab.part(QLabel, "statement").text())
    assert sheet.phase is Phase.GIVER
    assert not lab.absent("giverPassphrase")


def test_another_page_opens_the_dialog_of_a_step(lab: LabWindow) -> None:
    shown = page_of(lab)
    exhibit = lab.bench.lab.exhibits.numbered(lab.session.case.id, "LH/01")
    shown.open_target((exhibit.id, Event.CHECK_OUT))
    lab.until(lambda: lab.window.findChildren(StepSheet))
    assert lab.part(QLabel, "sheetTitle").text() == "Check out LH/01"


def test_what_is_on_its_way_is_not_told_to_be_where_it_was_and_its_due_time_comes_first(lab: LabWindow) -> None:
    exhibit = lab.bench.lab.exhibits.numbered(lab.session.case.id, "LH/01")
    sent = {"carrier": "Courier 7", "departed_at": "2026-11-20T13:00+01:00", "due": "2026-11-25T17:00+01:00", **SEAL}
    lab.bench.lab.custody.perform(lab.bench.custodian, lab.bench.request(exhibit, "dispatch", fields=sent))
    page_of(lab).refresh()
    told = "LH/01 · IN TRANSIT, due 2026-11-25 17:00 +01:00 · with Courier 7, on the way, from A-07-3"
    lab.until(lambda: lab.part(QLabel, "pageSubtitle").text() == told)


def test_the_chosen_exhibit_is_cut_with_an_ellipsis_where_room_is_short(qtbot: QtBot) -> None:
    chooser = CutCombo()
    qtbot.addWidget(chooser)
    chooser.addItem("LH/01/1   Solid-state drive out of the laptop")
    chooser.resize(160, 28)
    assert chooser.shown_text().endswith("…")
    chooser.resize(600, 28)
    assert chooser.shown_text() == chooser.currentText()


def test_a_missing_particular_is_asked_for_under_its_field(lab: LabWindow) -> None:
    sheet = open_step(lab, "step-check_out")
    lab.part(Button, "stepPrimary").click()
    assert sheet.form.field("purpose").error == "State the purpose."
    assert sheet.phase is Phase.FILL


def test_a_step_that_one_person_signs_is_signed_with_the_open_key(lab: LabWindow) -> None:
    menu_action(lab, "step-move").trigger()
    sheet = lab.window.findChildren(StepSheet)[-1]
    sheet.form.field("shelf").set_text("B-01-1")
    lab.part(Button, "stepPrimary").click()
    lab.until(lambda: sheet.phase is Phase.SIGN)
    assert lab.part(Button, "stepPrimary").accessibleName() == "Sign and move to another shelf"
    lab.part(Button, "stepPrimary").click()
    lab.until(lambda: "Shelf B-01-1" in sentences(lab)[0])


@pytest.mark.req("REQ-17")
def test_a_step_that_became_illegal_is_refused_in_words_and_the_attempt_recorded(lab: LabWindow) -> None:
    menu_action(lab, "step-move").trigger()
    sheet = lab.window.findChildren(StepSheet)[-1]
    sheet.form.field("shelf").set_text("B-01-1")
    lab.part(Button, "stepPrimary").click()
    lab.until(lambda: sheet.phase is Phase.SIGN)
    exhibit = lab.bench.lab.exhibits.list(lab.session.case.id)[0]
    sent = {"carrier": "Courier 7", "departed_at": "2026-11-20T13:00+01:00", **SEAL}
    lab.bench.lab.custody.perform(lab.bench.custodian, lab.bench.request(exhibit, "dispatch", fields=sent))
    lab.part(Button, "stepPrimary").click()
    lab.until(lambda: not lab.absent("stepRefused"))
    said = lab.part(Note, "stepRefused").text
    assert "not possible" in said
    assert "attempt was recorded" in said
    sheet.reject()
    lab.until(lambda: sentences(lab)[0].startswith("7: Step refused"))
    assert lab.part(Chip, "chipDeviations").text().strip() == "Deviations 1"
    lab.part(Chip, "chipDeviations").click()
    assert len(sentences(lab)) == 1


def test_f5_verifies_records_the_check_and_gives_each_answer_its_own_mark(lab: LabWindow) -> None:
    lab.qtbot.keyClick(lab.window, Qt.Key.Key_F5)
    lab.until(lambda: lab.part(Badge, "intactAnswer").text == "Intact")
    assert [lab.part(Badge, f"{name}Answer").tone for name in ("intact", "signed", "trusted")] == [Tone.OK] * 3
    assert lab.part(Badge, "entryBadge").text == "Signed"
    last = lab.bench.lab.verification.last()
    assert last is not None
    assert (last.by, last.ok) == ("Tomasz Lis", True)


@pytest.mark.req("REQ-15")
def test_a_changed_row_is_named_on_the_page(lab: LabWindow) -> None:
    with sqlite3.connect(lab.bench.lab.folder.database) as database:
        database.execute("UPDATE exhibit SET serial = 'PF-OTHER' WHERE number = 'LH/01'")
    lab.part(Button, "verifyNow").click()
    lab.until(lambda: lab.part(Badge, "intactAnswer").text == "Not intact")
    assert lab.part(Badge, "intactAnswer").tone is Tone.BAD
    assert lab.part(Badge, "signedAnswer").tone is Tone.OK
    found = lab.part(Note, "chainFinding").text
    assert "exhibit" in found
    assert "serial" in found
    assert "PF-OTHER" in found


def test_the_signed_text_is_the_very_body_and_can_be_copied(lab: LabWindow) -> None:
    lab.part(Button, "showSignedText").click()
    event = lab.bench.lab.custody.case_history(lab.session.case.id)[-1]
    assert lab.part(QPlainTextEdit, "signedText").toPlainText() == event.body
    lab.part(Button, "copySignedText").click()
    assert QGuiApplication.clipboard().text() == event.body


@pytest.mark.req("REQ-20")
def test_a_correction_points_at_the_entry_it_corrects_and_both_stay(lab: LabWindow) -> None:
    exhibit = lab.bench.lab.exhibits.list(lab.session.case.id)[0]
    lab.bench.lab.exhibits.correct(
        lab.bench.custodian, exhibit.id, {"serial": "PF-3X7K2N"}, "Misread, photo 2 shows it"
    )
    page_of(lab).refresh()
    lab.until(lambda: "Correction of entry 2" in sentences(lab)[0])
    assert "Serial number was “PF-3X7K2M”, is “PF-3X7K2N”; reason: Misread" in sentences(lab)[0]
    assert "Corrected by entry 6" in sentences(lab)[-1]


@pytest.mark.req("REQ-20")
def test_a_step_is_corrected_in_the_window_and_is_struck_through(lab: LabWindow) -> None:
    lab.part(Button, "correctStep").click()
    assert re.fullmatch(r"[-0-9]{10} [:0-9]{8} (Z|[+-][:0-9]{5})", lab.part(QLineEdit, "old-occurred_at").text())
    lab.part(QLineEdit, "new-shelf").setText("B-02")
    lab.part(QLineEdit, "new-occurred_at").setText("yesterday")
    lab.part(QLineEdit, "correctionReason").setText("Wrong shelf written")
    lab.part(Button, "submitButton").click()
    lab.until(lambda: "no time with its offset" in lab.part(Note, "refusal").text)
    lab.part(QLineEdit, "new-occurred_at").setText(lab.part(QLineEdit, "old-occurred_at").text())
    lab.part(Button, "submitButton").click()
    lab.until(lambda: "Shelf was “A-07-3”, is “B-02”" in sentences(lab)[0])
    assert "Correction of entry 5" in sentences(lab)[0]
    assert sentences(lab)[1].startswith("6: Step refused: correct step, by Tomasz Lis")
    assert "Corrected by entry 7" in sentences(lab)[2]
    assert "correctStep" not in [one.objectName() for one in lab.window.findChildren(Button) if one.isVisible()]


@pytest.mark.req("REQ-16", "REQ-68")
def test_the_custody_folder_of_the_page_is_anchored_and_verifies_without_the_program(
    lab: LabWindow, saved_as: Path
) -> None:
    lab.part(Button, "exportCustody").click()
    lab.until(saved_as.exists)
    command = [sys.executable, "-m", "chain_of_custody", "verify", str(saved_as), "--json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    case = json.loads(done.stdout)["chains"][1]
    assert case["anchored_until"]["sequence"] == case["entries"]


def test_the_events_are_written_as_csv(lab: LabWindow, saved_as: Path) -> None:
    lab.part(QWidget, "exportEvents").click()  # type: ignore[attr-defined]
    lab.until(saved_as.exists)
    lines = saved_as.read_text("utf-8-sig").splitlines()
    assert lines[0].startswith("Entry,Occurred,Recorded,Act,People")
    assert lines[1].startswith("5,")
    assert len(lines) == 5


@pytest.mark.parametrize("size", [(1280, 800), (640, 400)], ids=["1280x800", "200 %"])
def test_nothing_is_cut_unnamed_or_out_of_reach(lab: LabWindow, size: tuple[int, int]) -> None:
    lab.window.resize(*size)
    lab.qtbot.wait(60)
    page = page_of(lab)
    assert room.cut_texts(page) == []
    assert room.unnamed(page) == []
    assert room.unreachable(page) == []
    sheet = check_out_to(lab, "Ana Kovač")
    lab.qtbot.wait(60)
    assert room.cut_texts(sheet) == []
    assert room.unnamed(sheet) == []


@pytest.mark.req("REQ-18")
def test_nobody_signs_before_the_text_names_the_receiver_that_was_chosen_last(lab: LabWindow) -> None:
    sheet = check_out_to(lab, "Ana Kovač")
    ana, ingrid = (lab.bench.lab.people.named(name) for name in ("Ana Kovač", "Ingrid Solberg"))
    for person in (ingrid, ana, ingrid, ana, ingrid):
        sheet.receiver.choose(person)
        assert not lab.part(Button, "stepPrimary").isEnabled()
    lab.until(lab.part(Button, "stepPrimary").isEnabled)
    lab.qtbot.wait(100)
    assert "from Tomasz Lis to Ingrid Solberg" in lab.part(QLabel, "statement").text()


def test_a_stray_enter_does_not_sign_a_step_that_one_person_signs_alone(
    tmp_path: Path, qtbot: QtBot, jobs: JobRunner
) -> None:
    def prepare(bench: Bench) -> tuple[Case, Callable[[Bench], SignedIn]]:
        case = bench.case()
        received(bench, case)
        return case, lambda made: made.custodian

    with open_window(tmp_path / "lab", qtbot, jobs, "custody", CustodyPage, prepare) as lab:
        sheet = open_step(lab, "step-store")
        sheet.form.field("shelf").set_text("A-07-3")
        lab.part(Button, "stepPrimary").click()
        lab.until(lambda: sheet.phase is Phase.SIGN)
        focused = sheet.focusWidget()
        assert focused is not None
        assert focused.objectName() == "cancelButton"
        assert not lab.part(QLabel, "statement").visibleRegion().isEmpty()
        qtbot.keyClick(focused, Qt.Key.Key_Return)
        lab.until(lambda: lab.absent("stepSheet"))
        assert [one.state for one in lab.bench.lab.exhibits.list(lab.session.case.id)] == [State.RECEIVED]


@pytest.mark.parametrize(("condition", "asked"), [("broken", True), ("intact", False)])
def test_a_new_seal_is_asked_for_where_what_goes_onto_the_shelf_was_found_broken(
    tmp_path: Path, qtbot: QtBot, jobs: JobRunner, condition: str, asked: bool
) -> None:
    def prepare(bench: Bench) -> tuple[Case, Callable[[Bench], SignedIn]]:
        case = bench.case()
        told = {"place": "Reception", "purpose": "Imaging", "condition": "Torn", "seal_number": "0048812"}
        fields = {**told, "seal_check": condition}
        request = bench.request(bench.exhibit(case), "receive", fields=fields, outside_party="Sgt. Duarte")
        bench.lab.custody.perform(bench.custodian, request)
        return case, lambda made: made.custodian

    with open_window(tmp_path / "lab", qtbot, jobs, "custody", CustodyPage, prepare) as lab:
        sheet = open_step(lab, "step-store")
        said = " ".join(one.text() for one in sheet.form.field("seal_number").findChildren(QLabel))
        assert ("The seal 0048812 was found broken or missing. Put a new one on" in said) == asked


def test_a_step_pressed_while_the_page_reads_again_is_about_what_is_recorded_now(lab: LabWindow) -> None:
    exhibit = lab.bench.lab.exhibits.list(lab.session.case.id)[0]
    button = lab.part(Button, "step-check_out")
    page = page_of(lab)
    taking = {"purpose": "Imaging", "expected_return": "2026-11-24T17:00+01:00", "place": "Bench 2"}
    bench = lab.bench
    bench.lab.custody.hand_over(bench.custodian, bench.examiner, bench.request(exhibit, "check_out", fields=taking))
    page.refresh()
    button.click()
    lab.until(lambda: lab.absent("step-check_out"))
    assert lab.window.findChildren(StepSheet) == []
    assert lab.errors == []


def test_a_step_pressed_before_the_new_state_is_read_is_taken_from_the_new_state(
    tmp_path: Path, qtbot: QtBot, jobs: JobRunner
) -> None:
    def prepare(bench: Bench) -> tuple[Case, Callable[[Bench], SignedIn]]:
        case = bench.case()
        received(bench, case)
        return case, lambda made: made.custodian

    with open_window(tmp_path / "lab", qtbot, jobs, "custody", CustodyPage, prepare) as lab:
        button, bench = lab.part(Button, "step-check_out"), lab.bench
        exhibit = bench.lab.exhibits.list(lab.session.case.id)[0]
        bench.lab.custody.perform(bench.custodian, bench.request(exhibit, "store", fields={"shelf": "A-07-3"}))
        page_of(lab).refresh()
        button.click()
        lab.until(lambda: lab.window.findChildren(StepSheet))
        said = [one.text() for one in lab.window.findChildren(StepSheet)[-1].findChildren(QLabel)]
        assert any(words.upper() == "STORED → CHECKED OUT" for words in said), said


@pytest.mark.req("REQ-18", "REQ-19")
def test_where_a_carrier_could_be_who_signs_or_a_firm_it_is_asked_which(lab: LabWindow) -> None:
    sheet = open_step(lab, "step-dispatch")
    asked = sheet.form.field("name_means")
    sheet.form.field("carrier").set_text("Tomasz Lis")
    assert not asked.isVisible()
    sheet.form.field("carrier").set_text("Tomasz Lis Couriers")
    assert asked.isVisible()
    assert "name_means" not in sheet.form.request().fields
    lab.part(Button, "stepPrimary").click()
    assert asked.error == "Choose who is meant."
    sheet.form.field("name_means").set_text("somebody else, or a firm")
    assert sheet.form.request().fields["name_means"] == "somebody else, or a firm"
    sheet.form.field("carrier").set_text("Tomasz Lis")
    assert not asked.isVisible()
    assert "name_means" not in sheet.form.request().fields
