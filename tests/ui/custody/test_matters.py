"""Incidents, legal holds and disposals of a case on one tab: the open ones first, and how the others ended."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from forensics_app.model.case import Case
from forensics_app.model.disposal import NewDisposal, NewHold, Way
from forensics_app.model.person import SignedIn
from tests.builders import Bench
from tests.forensics_app.services.end_of_custody import stored
from tests.ui import room
from tests.ui.lab_window import LabWindow, open_window
from ui.custody.page import CustodyPage
from ui.jobs import JobRunner


def prepared(bench: Bench) -> tuple[Case, Callable[[Bench], SignedIn]]:
    """An incident that was closed and one that is open, a hold that was lifted, and a disposal that was proposed."""
    case, lab = bench.case(), bench.lab
    first, second = stored(bench, case, "LH/01"), stored(bench, case, "LH/02")
    closed = lab.incidents.report(bench.custodian, first.id, "Water dripped on the bag.")
    lab.incidents.close(bench.supervisor, closed.id, "Dried and photographed")
    hold = lab.holds.place(
        bench.custodian, NewHold(case_id=case.id, exhibit_id=None, authority="Court, 4 Gs 8/26", reason="Appeal")
    )
    lab.holds.lift(bench.supervisor, hold.id, "Court, 4 Gs 9/26", "Withdrawn")
    new = NewDisposal(
        exhibit_id=first.id, way=Way.RETURN_TO_OWNER, method="at the counter", authority="Order 9",
        recipient="P. Vogel", occurred_at=bench.clock(),
    )  # fmt: skip
    lab.disposals.propose(bench.custodian, new)
    lab.incidents.report(bench.custodian, second.id, "The bag is torn.")
    return case, lambda made: made.custodian


@pytest.fixture
def lab(tmp_path: Path, qtbot: QtBot, jobs: JobRunner) -> Iterator[LabWindow]:
    with open_window(tmp_path / "lab", qtbot, jobs, "custody", CustodyPage, prepared) as made:
        page = made.window.page
        assert isinstance(page, CustodyPage)
        page.tabs.setCurrentWidget(page.tabs.matters)
        made.until(lambda: page.tabs.matters.table.model().rowCount())
        yield made


@pytest.mark.req("REQ-12", "REQ-23")
def test_what_is_open_stands_first_and_what_ended_says_by_whom_and_why(lab: LabWindow) -> None:
    page = lab.window.page
    assert isinstance(page, CustodyPage)
    table = page.tabs.matters.table
    model = table.model()
    lines = [tuple(model.index(row, column).data() for column in (0, 1, 2)) for row in range(model.rowCount())]
    assert lines == [
        ("Open", "Incident: LH/02", "Tomasz Lis"),
        ("Proposed", "Disposal: LH/01", "Tomasz Lis"),
        ("Lifted", "Legal hold: the whole case", "Tomasz Lis"),
        ("Closed", "Incident: LH/01", "Tomasz Lis"),
    ]
    assert lab.part(QLabel, "matterWhat").text() == "The bag is torn."
    for row, words in ((2, "Court, 4 Gs 9/26"), (2, "Withdrawn"), (3, "Dried and photographed")):
        table.selectRow(row)
        side = lab.part(QWidget, "matterSide")
        lab.until(lambda words=words, side=side: words in [one.text() for one in side.findChildren(QLabel)])
    assert lab.absent("showMatter") is False
    lab.qtbot.keyClick(table, Qt.Key.Key_Return)
    assert lab.visited == [("custody", lab.bench.lab.exhibits.numbered(lab.session.case.id, "LH/01").id)]
    for size in ((1280, 800), (800, 600)):
        lab.window.resize(*size)
        lab.until(lambda: room.cut_texts(page) == [])
        assert room.unnamed(page) == []
        lab.until(lambda: room.unreachable(page) == [])
    assert lab.errors == []
