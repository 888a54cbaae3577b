"""Incidents and disposals in the queue: what they say, and the decision of a supervisor."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from forensics_app.model.case import Case
from forensics_app.model.disposal import DisposalState, NewDisposal, Way
from forensics_app.model.exhibit import State
from forensics_app.model.person import SignedIn
from tests.builders import Bench
from tests.forensics_app.services.end_of_custody import stored
from tests.ui.lab_window import LabWindow, open_window
from ui.jobs import JobRunner
from ui.review.page import ReviewPage
from ui.widgets.buttons import Button
from ui.widgets.notes import Note


def with_an_incident_and_a_disposal(bench: Bench) -> Case:
    case = bench.case()
    first = stored(bench, case, "LH/01")
    moving = {"shelf": "B-01-1", "seal_number": "0048812", "seal_check": "broken", "seal_remarks": "at one end"}
    bench.lab.custody.perform(bench.custodian, bench.request(first, "move", fields=moving))
    second = stored(bench, case, "LH/02")
    new = NewDisposal(
        exhibit_id=second.id, way=Way.RETURN_TO_OWNER, method="At the counter", authority="Order 9",
        recipient="L. Hansen", occurred_at=bench.clock(),
    )  # fmt: skip
    bench.lab.disposals.propose(bench.custodian, new)
    return case


@pytest.fixture(params=["supervisor"])
def lab(tmp_path: Path, qtbot: QtBot, jobs: JobRunner, request: pytest.FixtureRequest) -> Iterator[LabWindow]:
    def prepare(bench: Bench) -> tuple[Case, Callable[[Bench], SignedIn]]:
        return with_an_incident_and_a_disposal(bench), lambda made: getattr(made, request.param)

    with open_window(tmp_path / "lab", qtbot, jobs, "review", ReviewPage, prepare) as made:
        made.until(lambda: len(titles(made)) == 2)
        yield made


def titles(lab: LabWindow) -> list[str]:
    model = page(lab).table.model()
    return [str(model.index(row, 0).data()) for row in range(model.rowCount())]


def page(lab: LabWindow) -> ReviewPage:
    found = lab.window.page
    assert isinstance(found, ReviewPage)
    return found


@pytest.mark.req("REQ-12")
def test_an_open_incident_stands_in_the_queue_until_a_supervisor_closes_it_with_a_decision(lab: LabWindow) -> None:
    assert titles(lab) == ["Seal broken: LH/01", "Disposal of LH/02"]
    lab.part(Button, "closeIncident").click()
    lab.qtbot.keyClicks(lab.part(QWidget, "decisionWords"), "Torn by the shelf; photographed")
    lab.part(Button, "closeIncident").click()
    lab.part(Button, "confirmButton").click()
    lab.until(lambda: titles(lab) == ["Disposal of LH/02"])
    (incident,) = lab.bench.lab.incidents.list(lab.session.case.id)
    assert (incident.decided_by, incident.decision) == ("Ingrid Solberg", "Torn by the shelf; photographed")
    assert lab.errors == []


@pytest.mark.req("REQ-19", "REQ-23")
def test_a_supervisor_approves_a_disposal_and_then_it_waits_for_being_carried_out(lab: LabWindow) -> None:
    page(lab).table.selectRow(1)
    lab.until(lambda: not lab.absent("approveDisposal"))
    lab.part(Button, "approveDisposal").click()
    lab.part(Button, "confirmButton").click()
    lab.until(lambda: lab.bench.lab.disposals.waiting()[0].state is DisposalState.APPROVED)
    lab.until(lambda: lab.absent("approveDisposal"))
    assert not lab.absent("rejectDisposal")
    assert lab.errors == []


@pytest.mark.req("REQ-23")
def test_a_disposal_is_rejected_with_a_reason_only(lab: LabWindow) -> None:
    page(lab).table.selectRow(1)
    lab.until(lambda: not lab.absent("rejectDisposal"))
    lab.part(Button, "rejectDisposal").click()
    assert lab.absent("wordsSheet")
    lab.qtbot.keyClicks(lab.part(QWidget, "decisionWords"), "The owner appealed")
    lab.part(Button, "rejectDisposal").click()
    lab.part(Button, "confirmButton").click()
    lab.until(lambda: titles(lab) == ["Seal broken: LH/01"])
    exhibit = lab.bench.lab.exhibits.numbered(lab.session.case.id, "LH/02")
    assert exhibit.state is State.STORED


@pytest.mark.parametrize("lab", ["examiner"], indirect=True)
def test_others_see_why_they_cannot_decide_about_an_incident(lab: LabWindow) -> None:
    assert not lab.part(Button, "closeIncident").isEnabled()
    assert "Only a supervisor decides" in lab.part(Note, "mayNotDecide").text
