"""Checking out many exhibits by scanner: one list, one sheet, an entry for each."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QComboBox, QLabel, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from forensics_app.model.case import Case
from forensics_app.model.exhibit import State
from forensics_app.model.image import WriteBlocker
from forensics_app.model.person import SignedIn
from forensics_app.services.intake import IntakeRequest
from tests.builders import PASSPHRASE, Bench
from tests.forensics_app.services.end_of_custody import stored
from tests.ui import room
from tests.ui.custody.test_signature import let_sign
from tests.ui.lab_window import LabWindow, open_window
from ui.custody.page import CustodyPage
from ui.custody.seal_told import seal_words
from ui.custody.words import step_words
from ui.jobs import JobRunner
from ui.widgets.buttons import Button
from ui.widgets.notes import Note


@pytest.fixture(params=["custodian"])
def lab(tmp_path: Path, qtbot: QtBot, jobs: JobRunner, request: pytest.FixtureRequest) -> Iterator[LabWindow]:
    """Three exhibits that the custodian holds in store, and one that was only registered; the tab in sight."""

    def prepare(bench: Bench) -> tuple[Case, Callable[[Bench], SignedIn]]:
        case = bench.case()
        for number in ("LH/01", "LH/02", "LH/03"):
            stored(bench, case, number)
        bench.exhibit(case, "LH/04")
        return case, lambda made: getattr(made, request.param)

    with open_window(tmp_path / "lab", qtbot, jobs, "custody", CustodyPage, prepare) as made:
        page = made.window.page
        assert isinstance(page, CustodyPage)
        page.tabs.setCurrentWidget(page.tabs.bulk)
        made.until(lambda: not made.absent("noScans"))
        made.bench.clock.at = datetime.now(UTC)  # what happened is told by the clock of this computer
        yield made


def scan(lab: LabWindow, *all_words: str) -> None:
    """As a scanner does: it types, and presses Enter."""
    for words in all_words:
        field = lab.part(QLineEdit, "bulkScan")
        lab.qtbot.keyClicks(field, words)
        lab.qtbot.keyClick(field, Qt.Key.Key_Return)


def states(lab: LabWindow) -> dict[str, str]:
    page = lab.window.page
    assert isinstance(page, CustodyPage)
    model = page.tabs.bulk.table.model()
    return {model.index(row, 1).data(): model.index(row, 0).data() for row in range(model.rowCount())}


def told(lab: LabWindow) -> dict[str, str]:
    """The recorded seal of each line, and what was told of it."""
    page = lab.window.page
    assert isinstance(page, CustodyPage)
    model = page.tabs.bulk.table.model()
    lines = [model.record(row) for row in range(model.rowCount())]  # type: ignore[attr-defined]
    return {one.exhibit.number: f"{one.exhibit.seal_number}, {seal_words(one.seen)}" for one in lines}


def tell(lab: LabWindow, words: str) -> None:
    """As a person does who opens the list of conditions and clicks."""
    box = lab.part(QComboBox, "sealOfLine")
    box.setCurrentText(words)
    assert box.currentText() == words
    box.activated.emit(box.currentIndex())


def held(lab: LabWindow, number: str) -> tuple[State, str]:
    exhibit = lab.bench.lab.exhibits.numbered(lab.session.case.id, number)
    return exhibit.state, exhibit.holder


@pytest.mark.req("REQ-18")
def test_what_was_scanned_is_checked_out_in_one_sheet_with_an_entry_for_each(lab: LabWindow) -> None:
    label = lab.bench.lab.labels.of_case(lab.session.case.id)[0].told.text
    scan(lab, label, "LH/02", "LH/04", "XY/99")
    lab.until(lambda: len(states(lab)) == 4)
    assert states(lab) == {
        "LH/01": "Ready to sign", "LH/02": "Ready to sign", "LH/04": "Not possible", "XY/99": "Not possible",
    }  # fmt: skip
    lab.part(Button, "bulkSign").click()
    lab.qtbot.keyClicks(lab.part(QLineEdit, "purpose"), "Imaging")
    lab.part(Button, "submitButton").click()
    assert "Look at each seal" in lab.part(Note, "sealsError").text
    lab.part(QCheckBox, "sealsAgree").setChecked(True)
    lab.part(QComboBox, "bulkPartyName").setCurrentText("Ana Kovač")
    lab.qtbot.keyClicks(lab.part(QLineEdit, "bulkPartyPassphrase"), "not the right words")
    lab.part(Button, "submitButton").click()
    lab.until(lambda: "do not belong together" in lab.part(Note, "refusal").text)
    assert held(lab, "LH/01") == (State.STORED, "Tomasz Lis")
    lab.bench.clock.at += timedelta(hours=1)
    lab.qtbot.keyClicks(lab.part(QLineEdit, "bulkPartyPassphrase"), PASSPHRASE)
    lab.part(Button, "submitButton").click()
    lab.until(lambda: states(lab).get("LH/02", "").startswith("Entry #"))
    for number in ("LH/01", "LH/02"):
        assert held(lab, number) == (State.CHECKED_OUT, "Ana Kovač")
        event = lab.bench.lab.custody.history(lab.bench.lab.exhibits.numbered(lab.session.case.id, number).id)[-1]
        assert [one.role for one in event.signatures] == ["giver", "receiver"]
        assert event.fact("seal_check") == "intact, number agrees"
    assert held(lab, "LH/03") == (State.STORED, "Tomasz Lis")
    assert states(lab)["LH/04"] == "Not possible"
    assert lab.bench.lab.verification.verify().ok
    assert lab.errors == []


@pytest.mark.req("REQ-18")
@pytest.mark.parametrize("lab", ["examiner"], indirect=True)
def test_who_receives_signs_with_the_passphrase_of_the_giver(lab: LabWindow) -> None:
    scan(lab, "LH/02", "LH/03")
    lab.until(lambda: len(states(lab)) == 2)
    lab.part(Button, "takeOff").click()
    lab.until(lambda: len(states(lab)) == 1)
    lab.part(Button, "bulkSign").click()
    lab.qtbot.keyClicks(lab.part(QLineEdit, "purpose"), "Imaging")
    lab.part(QCheckBox, "sealsAgree").setChecked(True)
    assert lab.part(QLabel, "bulkPartyWho").text() == "Tomasz Lis"
    lab.qtbot.keyClicks(lab.part(QLineEdit, "bulkPartyPassphrase"), PASSPHRASE)
    lab.part(Button, "submitButton").click()
    lab.until(lambda: held(lab, "LH/02") == (State.CHECKED_OUT, "Ana Kovač"))
    lab.part(Button, "newList").click()
    lab.until(lambda: not lab.absent("noScans"))


@pytest.mark.req("REQ-18")
def test_what_is_received_from_outside_is_signed_for_once_on_the_screen_and_each_entry_names_it(
    lab: LabWindow,
) -> None:
    lab.bench.exhibit(lab.session.case, "LH/05")
    step = lab.part(QComboBox, "bulkStep")
    step.setCurrentText(step_words("receive"))
    step.activated.emit(step.currentIndex())
    scan(lab, "LH/04", "LH/05")
    lab.until(lambda: list(states(lab).values()) == ["Ready to sign"] * 2)
    lab.part(Button, "bulkSign").click()
    lab.part(QComboBox, "place").setCurrentText("Reception")
    for name, words in (("purpose", "Examination"), ("condition", "Undamaged")):
        lab.qtbot.keyClicks(lab.part(QLineEdit, name), words)
    lab.part(QCheckBox, "sealsAgree").setChecked(True)
    lab.part(Button, "submitButton").click()
    assert "Let the person sign here" in lab.part(QLabel, "signatureError").text()
    let_sign(lab)
    lab.part(Button, "submitButton").click()
    lab.until(lambda: all(words.startswith("Entry #") for words in states(lab).values()))
    case = lab.session.case.id
    entries = [
        lab.bench.lab.custody.history(lab.bench.lab.exhibits.numbered(case, number).id)[-1]
        for number in ("LH/04", "LH/05")
    ]
    assert entries[0].fact("signature_sha256") == entries[1].fact("signature_sha256") != ""
    assert {one.fact("giver") for one in entries} == {"Sgt. Duarte (on the screen)"}
    assert lab.bench.lab.verification.verify().ok
    assert lab.errors == []


@pytest.mark.req("REQ-12")
def test_what_stays_with_who_brings_it_back_is_signed_by_one_and_sealed_anew(lab: LabWindow, tmp_path: Path) -> None:
    custody, case = lab.bench.lab.custody, lab.session.case.id
    exhibits = [lab.bench.lab.exhibits.numbered(case, number) for number in ("LH/01", "LH/02", "LH/03")]
    taking = {"purpose": "Imaging", "expected_return": "2099-01-01T12:00:00+00:00"}
    for exhibit in exhibits:
        custody.perform(lab.bench.custodian, lab.bench.request(exhibit, "check_out", fields=taking))
    opening = {"write_blocker": "Tableau T8u", "seal_number": "0048812", "seal_check": "intact"}
    for exhibit in exhibits[1:]:
        custody.perform(lab.bench.custodian, lab.bench.request(exhibit, "begin_examination", fields=opening))
    (path := tmp_path / "disk.dd").write_bytes(bytes(1 << 16))
    blocker = WriteBlocker(device="Tableau T8u")
    request = IntakeRequest(exhibit_id=exhibits[1].id, paths=(path,), write_blocker=blocker)
    lab.bench.lab.intake.take_in(lab.bench.custodian, request)
    step = lab.part(QComboBox, "bulkStep")
    step.setCurrentText(step_words("return_to_store"))
    step.activated.emit(step.currentIndex())
    scan(lab, "LH/01", "LH/02", "LH/03")
    ready = {"LH/01": "Ready to sign", "LH/02": "Ready to sign", "LH/03": "Not possible"}
    lab.until(lambda: states(lab) == ready)
    lab.part(Button, "bulkSign").click()
    lab.part(QComboBox, "shelf").setCurrentText("A-07-3")
    lab.part(QCheckBox, "sealsAgree").setChecked(True)
    lab.part(QComboBox, "holderAfterwards").setCurrentIndex(1)
    assert lab.absent("bulkParty")
    lab.part(Button, "submitButton").click()
    assert "write the number of the new seal" in lab.part(QLabel, "newSeal-LH/02Error").text()
    lab.qtbot.keyClicks(lab.part(QLineEdit, "newSeal-LH/02"), "0049002")
    lab.part(Button, "submitButton").click()
    lab.until(lambda: states(lab)["LH/01"].startswith("Entry #"))
    assert held(lab, "LH/01") == held(lab, "LH/02") == (State.STORED, "Tomasz Lis")
    entries = [custody.history(one.id)[-1] for one in exhibits[:2]]
    assert [one.role for entry in entries for one in entry.signatures] == ["actor", "actor"]
    assert [one.fact("seal_number") for one in entries] == ["0048812", "0049002"]
    assert lab.bench.lab.verification.verify().ok


@pytest.mark.req("REQ-12")
def test_each_seal_is_told_in_the_list_and_what_is_wrong_with_one_is_an_incident(lab: LabWindow) -> None:
    scan(lab, "LH/01", "LH/02", "LH/03")
    lab.until(lambda: len(states(lab)) == 3)
    assert told(lab) == dict.fromkeys(("LH/01", "LH/02", "LH/03"), "0048812, intact, number agrees")
    tell(lab, "not checked")  # of LH/03, the newest scan
    lab.part(Button, "bulkSign").click()
    lab.until(lambda: not lab.absent("sealLacking"))
    assert lab.part(Note, "sealLacking").text == "Say why the seal of LH/03 was not checked."
    lab.qtbot.keyClicks(lab.part(QLineEdit, "sealRemarksOfLine"), "inside a second bag")
    lab.window.page.tabs.bulk.table.selectRow(1)  # type: ignore[attr-defined]
    tell(lab, "broken or opened")
    lab.qtbot.keyClicks(lab.part(QLineEdit, "sealRemarksOfLine"), "torn")
    lab.part(Button, "bulkSign").click()
    lab.part(QWidget, "bulkSheet")
    assert lab.part(Note, "sealsNotAsRecorded").text.splitlines()[:2] == [
        "Seal of LH/02: broken or opened, torn.", "Seal of LH/03: not checked, inside a second bag.",
    ]  # fmt: skip
    assert "the one seal" in lab.part(QCheckBox, "sealsAgree").text()
    asked = [one.text() for one in lab.part(QWidget, "askedHere").findChildren(QLabel) if "•" in one.text()]
    assert any("Work is done on copies" in one for one in asked)
    lab.qtbot.keyClicks(lab.part(QLineEdit, "purpose"), "Imaging")
    lab.part(QCheckBox, "sealsAgree").setChecked(True)
    lab.part(QComboBox, "bulkPartyName").setCurrentText("Ana Kovač")
    lab.qtbot.keyClicks(lab.part(QLineEdit, "bulkPartyPassphrase"), PASSPHRASE)
    lab.part(Button, "submitButton").click()
    lab.until(lambda: all(one.startswith("Entry #") for one in states(lab).values()))
    made, case = lab.bench.lab, lab.session.case.id
    newest = [made.custody.history(made.exhibits.numbered(case, one).id)[-1] for one in ("LH/01", "LH/02", "LH/03")]
    assert [(one.fact("seal_check"), one.fact("seal_remarks")) for one in newest] == [
        ("intact, number agrees", ""), ("broken or opened", "torn"), ("not checked", "inside a second bag"),
    ]  # fmt: skip
    (incident,) = made.incidents.of_exhibit(made.exhibits.numbered(case, "LH/02").id)
    assert "broken or opened: torn" in incident.what
    assert "not checked" in newest[2].fact("deviation")
    assert made.verification.verify().ok


def test_nothing_of_the_list_is_cut_unnamed_or_out_of_reach(lab: LabWindow) -> None:
    lab.window.resize(640, 400)
    lab.until(lambda: room.cut_texts(lab.window.page) == [])
    assert room.unreachable(lab.window.page) == []
    scan(lab, "LH/01", "LH/04")
    lab.until(lambda: len(states(lab)) == 2)
    lab.part(Button, "bulkSign").click()
    for size in ((1280, 800), (800, 600)):
        lab.window.resize(*size)
        for part in (lab.window.page, lab.part(QWidget, "bulkSheet")):
            lab.until(lambda part=part: room.cut_texts(part) == [])
            assert room.unnamed(part) == []
            assert room.unreachable(part) == []
