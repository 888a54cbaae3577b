"""The audit of a room in the window: scanned, held against the record while scanning, and signed."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QLabel, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from forensics_app.model.audit import FindingKind, NewAudit
from forensics_app.model.case import Case
from forensics_app.model.person import SignedIn
from tests.builders import Bench
from tests.forensics_app.services.end_of_custody import stored
from tests.ui import room
from tests.ui.lab_window import LabWindow, open_window
from ui.custody.audit_sheet import AuditSheet
from ui.custody.page import CustodyPage
from ui.jobs import JobRunner
from ui.widgets.buttons import Button


@pytest.fixture
def lab(tmp_path: Path, qtbot: QtBot, jobs: JobRunner) -> Iterator[LabWindow]:
    """Three exhibits on shelf A-07-3, the tab of audits in sight."""

    def prepare(bench: Bench) -> tuple[Case, Callable[[Bench], SignedIn]]:
        case = bench.case()
        for number in ("LH/01", "LH/02", "LH/10"):
            stored(bench, case, number)
        return case, lambda made: made.custodian

    with open_window(tmp_path / "lab", qtbot, jobs, "custody", CustodyPage, prepare) as made:
        page = made.window.page
        assert isinstance(page, CustodyPage)
        page.tabs.setCurrentWidget(page.tabs.audits)
        made.until(lambda: not made.absent("auditFirstRoom"))
        yield made


def begin(lab: LabWindow) -> AuditSheet:
    lab.part(Button, "auditFirstRoom").click()
    sheet = lab.part(AuditSheet, "auditSheet")
    assert isinstance(sheet, AuditSheet)
    return sheet


def scan(lab: LabWindow, words: str) -> None:
    """As a scanner does: it types, and presses Enter."""
    lab.qtbot.keyClicks(lab.part(QLineEdit, "auditScan"), words)
    lab.qtbot.keyClick(lab.part(QLineEdit, "auditScan"), Qt.Key.Key_Return)


def choose(lab: LabWindow, name: str, words: str) -> None:
    """As a person does who opens the list and clicks."""
    box = lab.part(QComboBox, name)
    assert words in [box.itemText(at) for at in range(box.count())]
    box.setCurrentText(words)
    box.activated.emit(box.currentIndex())


def tell(lab: LabWindow, words: str) -> None:
    choose(lab, "sealOfLine", words)


def told_of_seals(lab: LabWindow) -> list[str]:
    """What the entry of the newest audit keeps of the seals."""
    audits = [one for one in lab.bench.lab.custody.lab_history() if one.action == "room.audit"]
    told: list[str] = json.loads(audits[-1].body)["facts"]["seals"]
    return told


def states(sheet: AuditSheet) -> dict[str, str]:
    model = sheet.table.model()
    return {
        model.index(row, 1).data(): model.index(row, 0).data() for row in range(model.rowCount())
    }  # fmt: skip


def test_a_room_is_scanned_compared_while_scanning_and_signed(lab: LabWindow) -> None:
    sheet = begin(lab)
    lab.part(QComboBox, "auditPlace").setCurrentText("A-07")
    lab.until(lambda: list(states(sheet).values()) == ["Not scanned yet"] * 3)
    label = lab.bench.lab.labels.of_case(lab.session.case.id)[0].told.text
    scan(lab, label)
    lab.until(lambda: states(sheet)["LH/01"] == "Found")
    scan(lab, "LH/10")
    lab.until(lambda: states(sheet)["LH/10"] == "Found")
    for words in ("broken or opened", "intact, number agrees", "broken or opened"):  # taken back, and told again
        tell(lab, words)
        state = "Found" if words.startswith("intact") else "Seal broken"
        lab.until(lambda state=state: states(sheet)["LH/10"] == state)
    scan(lab, "XY/99")
    lab.until(lambda: states(sheet).get("XY/99") == "Unknown")
    assert lab.part(QLabel, "auditCount").text() == "2 of 3 found · 2 things differ"
    assert lab.bench.lab.audits.list() == ()
    lab.part(Button, "submitButton").click()
    lab.until(lambda: lab.bench.lab.audits.list())
    (audit,) = lab.bench.lab.audits.list()
    assert (audit.expected, audit.found) == (3, 2)
    assert {(one.kind, one.label) for one in audit.findings} == {
        (FindingKind.MISSING, "LH/02"), (FindingKind.SEAL_BROKEN, "LH/10"), (FindingKind.UNKNOWN, "XY/99"),
    }  # fmt: skip
    lab.until(lambda: not lab.absent("auditsTable"))
    lab.until(lambda: any("LH/02 should be at" in one.text() for one in lab.window.findChildren(QLabel)))
    assert lab.bench.lab.verification.verify().ok
    assert lab.errors == []


@pytest.mark.req("REQ-12")
def test_every_seal_is_told_by_a_closed_choice_with_its_number_and_reason(lab: LabWindow) -> None:
    sheet = begin(lab)
    lab.part(QComboBox, "auditPlace").setCurrentText("A-07-3")
    choose(lab, "sealByScan", "I tell each one")
    for number in ("LH/01", "LH/02", "LH/10"):
        scan(lab, number)
        lab.until(lambda number=number: states(sheet).get(number) == "Found")
    lab.part(Button, "submitButton").click()
    assert lab.part(QLabel, "whyNot").text() == "Say what the seal of LH/01 is like."
    tell(lab, "not checked")
    lab.until(lambda: states(sheet)["LH/01"] == "Seal not checked")
    lab.part(Button, "submitButton").click()
    assert lab.part(QLabel, "whyNot").text() == "Say why the seal of LH/01 was not checked."
    lab.qtbot.keyClicks(lab.part(QLineEdit, "sealRemarksOfLine"), "in the safe, no key")
    lab.part(Button, "submitButton").click()
    assert lab.part(QLabel, "whyNot").text() == "Say what the seal of LH/02 is like."
    tell(lab, "number differs")
    lab.until(lambda: states(sheet)["LH/02"] == "Seal differs")
    lab.part(Button, "submitButton").click()
    assert lab.part(QLabel, "whyNot").text() == "Write the number that stands on the seal of LH/02."
    lab.qtbot.keyClicks(lab.part(QLineEdit, "sealNumberOfLine"), "0099999")
    sheet.table.select_key(str(lab.bench.lab.exhibits.numbered(lab.session.case.id, "LH/10").id))
    tell(lab, "intact, number agrees")
    assert lab.bench.lab.audits.list() == ()
    lab.part(Button, "submitButton").click()
    lab.until(lambda: lab.bench.lab.audits.list())
    (audit,) = lab.bench.lab.audits.list()
    assert {one.what for one in audit.findings} == {
        "The seal 0048812 of LH/01 is not checked (in the safe, no key).",
        "The seal 0048812 of LH/02 is another one, with 0099999.",
    }
    assert told_of_seals(lab) == [
        "LH/01: not checked, in the safe, no key", "LH/02: number differs, 0099999", "LH/10: intact, number agrees",
    ]  # fmt: skip
    assert lab.bench.lab.verification.verify().ok


@pytest.mark.req("REQ-12")
def test_a_scan_says_nothing_of_a_seal_that_is_not_whole_by_the_record(lab: LabWindow) -> None:
    made, case = lab.bench.lab, lab.session.case.id
    exhibit = made.exhibits.numbered(case, "LH/02")
    fields = {"purpose": "Imaging", "expected_return": "2099-01-01T12:00+01:00", "seal_number": "0048812"}
    torn = lab.bench.request(exhibit, "check_out", fields=fields | {"seal_check": "broken or opened"})
    made.custody.perform(lab.bench.custodian, torn)
    (incident,) = made.incidents.of_exhibit(exhibit.id)
    made.incidents.close(lab.bench.supervisor, incident.id, "Torn by the bag")
    back = lab.bench.request(exhibit, "return_to_store", fields={"shelf": "A-07-3"})
    made.custody.perform(lab.bench.custodian, back)
    assert made.incidents.seals_not_whole([exhibit.id]) == {exhibit.id}
    sheet = begin(lab)
    lab.part(QComboBox, "auditPlace").setCurrentText("A-07-3")
    for number in ("LH/01", "LH/02", "LH/10"):
        scan(lab, number)
        lab.until(lambda number=number: states(sheet).get(number) == "Found")
    lab.part(Button, "submitButton").click()
    assert lab.part(QLabel, "whyNot").text() == "Say what the seal of LH/02 is like."
    tell(lab, "broken or opened")
    lab.part(Button, "submitButton").click()
    lab.until(lambda: made.audits.list())
    assert "LH/02: broken or opened" in told_of_seals(lab)
    assert made.audits.list()[0].findings == (), "what a step found, and is decided, is as recorded"
    again = {"shelf": "A-07-3", "seal_number": "0049001", "seal_check": "new seal applied"}
    made.custody.perform(lab.bench.custodian, lab.bench.request(exhibit, "check_out", fields=fields))
    made.custody.perform(lab.bench.custodian, lab.bench.request(exhibit, "return_to_store", fields=again))
    assert made.incidents.seals_not_whole([exhibit.id]) == frozenset()
    torn_in_store = NewAudit(
        place="A-07-3", began_at=lab.bench.clock(), scanned=("LH/01", "LH/02", "LH/10"), broken=("LH/10",)
    )
    made.audits.record(lab.bench.custodian, torn_in_store)
    last = made.exhibits.numbered(case, "LH/10").id
    made.incidents.close(lab.bench.supervisor, made.incidents.of_exhibit(last)[0].id, "Torn by the shelf")
    assert made.incidents.seals_not_whole([last, exhibit.id]) == {last}, "no step since then tells of the seal"


def test_a_scan_is_taken_back_and_leaving_asks_first(lab: LabWindow) -> None:
    sheet = begin(lab)
    lab.part(QComboBox, "auditPlace").setCurrentText("A-07-3")
    scan(lab, "LH/02")
    lab.until(lambda: states(sheet).get("LH/02") == "Found")
    lab.qtbot.keyClick(sheet, Qt.Key.Key_Escape)
    lab.part(Button, "keepButton").click()
    lab.part(Button, "takeScanBack").click()
    lab.until(lambda: states(sheet)["LH/02"] == "Not scanned yet")
    lab.qtbot.keyClick(sheet, Qt.Key.Key_Escape)
    lab.until(lambda: lab.absent("auditSheet"))
    assert lab.bench.lab.audits.list() == ()


def test_nothing_of_an_audit_is_cut_unnamed_or_out_of_reach(lab: LabWindow) -> None:
    begin(lab)
    for size in ((1280, 800), (800, 600)):
        lab.window.resize(*size)
        for part in (lab.window.page, lab.part(QWidget, "auditSheet")):
            lab.until(lambda part=part: room.cut_texts(part) == [])
            assert room.unnamed(part) == []
            assert room.unreachable(part) == []
