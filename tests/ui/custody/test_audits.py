"""The audit of a room in the window: scanned, held against the record while scanning, and signed."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QLabel, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from forensics_app.model.audit import FindingKind
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
    lab.qtbot.keyClick(lab.part(QLineEdit, "auditScan"), Qt.Key.Key_B, Qt.KeyboardModifier.AltModifier)
    lab.until(lambda: states(sheet)["LH/10"] == "Seal broken")
    for state in ("Found", "Seal broken"):  # taken back, and marked again
        lab.qtbot.keyClick(lab.part(QLineEdit, "auditScan"), Qt.Key.Key_B, Qt.KeyboardModifier.AltModifier)
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
