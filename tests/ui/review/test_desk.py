"""The supervisor's desk on the review page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from forensics_app.model.case import Case
from forensics_app.model.offer import NewOffer
from forensics_app.model.person import SignedIn
from tests.builders import NOON, Bench, make_bench
from tests.forensics_app.services.end_of_custody import offer_one_and_audit_its_room
from tests.forensics_app.services.scene_of_a_search import begin
from tests.forensics_app.services.test_unreadable import incident, written
from tests.ui import room
from tests.ui.lab_window import LabWindow, open_window, stored
from ui.jobs import JobRunner
from ui.review.page import ReviewPage
from ui.review.queue import Kind, read_review
from ui.widgets.buttons import Button
from ui.widgets.notes import Note


def with_a_deviation(bench: Bench, by: str) -> Case:
    case = bench.case()
    author = getattr(bench, by)
    bench.lab.principles.deviate(author, case.id, "principle-1", "The mouse was moved", "To see the screen")
    return case


@pytest.fixture(params=[("examiner", "supervisor")])
def lab(tmp_path: Path, qtbot: QtBot, jobs: JobRunner, request: pytest.FixtureRequest) -> Iterator[LabWindow]:
    """The queue of a lab with one deviation; the parameter says by whom, and who looks at it."""
    author, looking = request.param

    def prepare(bench: Bench) -> tuple[Case, Callable[[Bench], SignedIn]]:
        return with_a_deviation(bench, author), lambda made: getattr(made, looking)

    def make(context: object) -> ReviewPage:
        return ReviewPage(context, now=lambda: NOON)  # type: ignore[arg-type]

    with open_window(tmp_path / "lab", qtbot, jobs, "review", make, prepare) as made:
        made.until(lambda: "deviation" in keys(made))
        yield made


def keys(lab: LabWindow) -> list[str]:
    page = lab.window.page
    assert isinstance(page, ReviewPage)
    return [str(page.table.model().key_of(row)).partition(":")[0] for row in range(page.table.model().rowCount())]


def choose(lab: LabWindow, kind: str) -> None:
    page = lab.window.page
    assert isinstance(page, ReviewPage)
    page.table.selectRow(keys(lab).index(kind))


@pytest.mark.req("REQ-19", "REQ-38")
def test_a_supervisor_approves_a_deviation_with_a_comment_and_a_second_step(lab: LabWindow) -> None:
    choose(lab, "deviation")
    assert "The mouse was moved" in lab.part(QLabel, "matterWords").text()
    lab.part(Button, "approveMatter").click()
    assert "Write what is decided" in lab.part(QLabel, "decisionWordsError").text()
    lab.qtbot.keyClicks(lab.part(QWidget, "decisionWords"), "Well noted")
    lab.part(Button, "approveMatter").click()
    assert lab.bench.lab.desk.decisions() == ()
    lab.part(Button, "confirmButton").click()
    lab.until(lambda: "deviation" not in keys(lab))
    (kept,) = lab.bench.lab.desk.decisions()
    assert (kept.approved, kept.comment, kept.decided_by) == (True, "Well noted", "Ingrid Solberg")
    assert lab.bench.lab.custody.case_history(lab.session.case.id)[-1].action == "desk.approve"
    assert lab.errors == []


@pytest.mark.req("REQ-19")
@pytest.mark.parametrize("lab", [("examiner", "examiner")], indirect=True)
def test_others_see_why_they_cannot_decide_on_the_desk(lab: LabWindow) -> None:
    choose(lab, "deviation")
    assert not lab.part(Button, "approveMatter").isEnabled()
    assert "another supervisor decides" in lab.part(Note, "mayNotDecide").text


@pytest.mark.req("REQ-19")
@pytest.mark.parametrize("lab", [("supervisor", "supervisor")], indirect=True)
def test_a_supervisor_does_not_decide_about_their_own_act(lab: LabWindow) -> None:
    choose(lab, "deviation")
    assert not lab.part(Button, "approveMatter").isEnabled()
    assert not lab.part(Button, "returnMatter").isEnabled()
    assert "You did what this is about" in lab.part(Note, "mayNotDecide").text


def test_a_departure_without_a_reason_leads_to_its_case_and_counts_apart(lab: LabWindow) -> None:
    bench, case = lab.bench, lab.session.case
    assert case is not None
    begin(bench, case.id)
    lab.window.page.refresh()
    lab.until(lambda: "gap" in keys(lab))
    choose(lab, "gap")
    lab.part(Button, "openPrinciples").click()
    assert lab.visited == [("cases", case.id)]
    assert lab.part(QLabel, "figureDecideNumber").text() == "1"


def test_a_row_that_cannot_be_read_says_what_is_to_be_done_about_it(lab: LabWindow) -> None:
    exhibit = stored(lab.bench, lab.session.case)
    written(lab.bench, exhibit, "incident.raise", {}, beside=incident(lab.bench, exhibit, kind="spaceship"))
    lab.window.page.refresh()
    lab.until(lambda: "unreadable" in keys(lab))
    choose(lab, "unreadable")
    assert "Ask who signed it, correct what can be" in lab.part(Note, "explainElsewhere").text


def test_a_finding_of_an_audit_is_of_the_laboratory_and_of_no_case(lab: LabWindow) -> None:
    offer_one_and_audit_its_room(lab.bench, lab.session.case)
    lab.window.page.refresh()
    lab.until(lambda: "audit_finding" in keys(lab))
    choose(lab, "audit_finding")
    shown = [one.text() for one in lab.window.page.findChildren(QLabel) if one.isVisible()]
    assert any(one.startswith("Digital laboratory · ") for one in shown)
    assert not any("Case Digital laboratory" in one for one in shown)


def test_nothing_of_a_matter_is_cut_unnamed_or_out_of_reach(lab: LabWindow) -> None:
    for size in ((1280, 800), (800, 600)):
        lab.window.resize(*size)
        choose(lab, "deviation")
        lab.until(lambda: room.cut_texts(lab.window.page) == [])
        assert room.unnamed(lab.window.page) == []
        lab.until(lambda: room.unreachable(lab.window.page) == [])


@pytest.mark.req("REQ-22")
def test_an_offer_that_nobody_answered_in_time_is_overdue_and_belongs_to_its_exhibit(tmp_path: Path) -> None:
    bench = make_bench(tmp_path / "lab")
    exhibit = stored(bench, bench.case())
    fields = {"purpose": "Imaging", "expected_return": "2026-11-27T17:00+01:00"}
    fields |= {"seal_number": "0048812", "seal_check": "intact, number agrees"}
    new = NewOffer(
        exhibit_id=exhibit.id, receiver_id=bench.examiner.person.id, event="check_out",
        due=NOON + timedelta(hours=2), fields=fields,
    )  # fmt: skip
    bench.lab.offers.offer(bench.custodian, new)
    assert read_review(bench.lab, NOON, gaps=False).count(Kind.OVERDUE) == 0
    view = read_review(bench.lab, NOON + timedelta(hours=3), gaps=False)
    (item,) = (one for one in view.items if one.kind is Kind.OVERDUE)
    assert (item.title, item.exhibit_id) == ("Offer of LH/01 is not answered", exhibit.id)
    assert item.second == "Tomasz Lis offered it to Ana Kovač"
    bench.lab.close()
