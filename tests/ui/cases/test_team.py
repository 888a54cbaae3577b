"""Who works on a case, with how their training stands, and putting somebody to work on it (REQ-37)."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from forensics_app.model.person import Role
from tests.builders import NOON, Bench
from tests.ui import room
from tests.ui.cases.test_cases_page import BASIS, CASE
from tests.ui.desk import Desk, open_desk
from tests.ui.people import trained
from ui.cases.page import CasesPage
from ui.jobs import JobRunner
from ui.page import PageContext
from ui.preferences import Preferences
from ui.widgets.badges import Badge
from ui.widgets.buttons import Button


def with_people(bench: Bench) -> None:
    """A case whose lead is trained, and an examiner whose training expired."""
    bench.case()
    trained(bench, bench.examiner.person, date(2099, 1, 1))
    trained(bench, bench.enrol("Bo Lund", Role.EXAMINER), date(2025, 1, 1))


@pytest.fixture(params=["Ingrid Solberg"])
def desk(
    tmp_path: Path, qtbot: QtBot, jobs: JobRunner, preferences: Preferences, request: pytest.FixtureRequest
) -> Iterator[Desk]:
    """The case in sight; the parameter says who looks."""

    def make(context: PageContext) -> CasesPage:
        return CasesPage(context, now=lambda: NOON)

    with open_desk(
        tmp_path / "lab", qtbot, jobs, preferences, "cases", make, prepare=with_people,
        who=lambda bench: bench.sign_in(request.param),
    ) as made:  # fmt: skip
        made.until(lambda: made.seen("trainingBadge"))
        yield made


def team(desk: Desk) -> str:
    part = desk.part(QWidget, "teamPart")
    words = [label.text() for label in part.findChildren(QLabel)]
    return "\n".join([*words, *(badge.accessibleName() for badge in part.findChildren(Badge))])


def described(desk: Desk, name: str) -> str:
    return next(one.described for one in desk.bench.lab.people.list() if one.name == name)


@pytest.mark.req("REQ-37")
def test_an_untrained_examiner_is_assigned_only_with_a_reason_and_both_stay_in_sight(desk: Desk) -> None:
    assert "Ana Kovač, lead examiner" in team(desk)
    assert "Trained until 2099-01-01" in team(desk)
    desk.until(lambda: desk.part(Button, "assignExaminer").isEnabled())
    desk.open_dialog("assignExaminer", "assignSheet")
    desk.press("submitButton")
    assert desk.part(QLabel, "assignPersonError").text() == "Choose who is to work on it."
    assert not desk.seen("overrideReason")
    desk.fill(assignPerson="Bo Lund")
    assert "Training expired 2025-01-01" in desk.part(QWidget, "trainingState").accessibleName()
    desk.press("submitButton")
    assert "record their training first" in desk.part(QLabel, "overrideReasonError").text()
    desk.fill(overrideReason="Nobody else reads this file system")
    desk.press("submitButton")
    desk.until(lambda: "Bo Lund, examiner" in team(desk))
    assert "although no training was in force: Nobody else reads this file system" in team(desk)
    assert "Training expired 2025-01-01" in team(desk)
    (case,) = desk.bench.lab.cases.list()
    assert [one.override_reason for one in desk.bench.lab.competence.assignments(case.id)] == [
        "", "Nobody else reads this file system",
    ]  # fmt: skip
    assert desk.bench.lab.verification.verify().ok
    assert desk.errors == []


@pytest.mark.req("REQ-37")
@pytest.mark.parametrize("desk", ["Ana Kovač"], indirect=True)
def test_who_does_not_assign_reads_who_works_on_it_and_is_told_who_does(desk: Desk) -> None:
    assert "Ana Kovač, lead examiner" in team(desk)
    button = desk.part(Button, "assignExaminer")
    assert not button.isEnabled()
    assert "supervisor or an administrator" in button.toolTip()


@pytest.mark.req("REQ-37")
def test_a_case_is_opened_with_an_untrained_lead_only_with_a_reason_and_it_stays_in_sight(desk: Desk) -> None:
    sheet = desk.open_dialog("openCaseButton", "openCase")
    desk.fill(leadExaminer=described(desk, "Ana Kovač"))
    assert "Trained until 2099-01-01" in desk.part(QWidget, "trainingState").accessibleName()
    assert not desk.seen("untrainedReason")
    desk.fill(**CASE, **BASIS, leadExaminer=described(desk, "Bo Lund"))
    assert "Training expired 2025-01-01" in desk.part(QWidget, "trainingState").accessibleName()
    desk.laid_out(sheet)
    assert room.unnamed(sheet) == []
    desk.press("submitButton")
    assert "record their training first" in desk.part(QLabel, "untrainedReasonError").text()
    desk.fill(untrainedReason="The only examiner on duty")
    desk.press("submitButton")
    desk.until(lambda: "although no training was in force: The only examiner on duty" in team(desk))
    case = desk.bench.lab.cases.numbered("2026-0200")
    assert [one.override_reason for one in desk.bench.lab.competence.assignments(case.id)] == [
        "The only examiner on duty"
    ]
    assert desk.errors == []


@pytest.mark.req("REQ-37")
def test_what_was_written_about_an_untrained_lead_is_not_recorded_of_a_trained_one(desk: Desk) -> None:
    desk.open_dialog("openCaseButton", "openCase")
    desk.fill(**CASE, **BASIS, leadExaminer=described(desk, "Bo Lund"))
    desk.fill(untrainedReason="The only examiner on duty", leadExaminer=described(desk, "Ana Kovač"))
    desk.press("submitButton")
    desk.until(lambda: len(desk.bench.lab.cases.list()) == 2)
    case = desk.bench.lab.cases.numbered("2026-0200")
    assert [one.override_reason for one in desk.bench.lab.competence.assignments(case.id)] == [""]


@pytest.mark.req("REQ-37")
@pytest.mark.parametrize("desk", ["Bo Lund"], indirect=True)
def test_nobody_opens_a_case_with_themselves_as_its_untrained_lead(desk: Desk) -> None:
    desk.open_dialog("openCaseButton", "openCase")
    desk.fill(**CASE, **BASIS, leadExaminer=described(desk, "Bo Lund"))
    desk.fill(untrainedReason="I have time")
    desk.press("submitButton")
    assert "nobody decides that about themselves" in desk.part(QLabel, "leadExaminerError").text()
    assert len(desk.bench.lab.cases.list()) == 1


def test_nothing_of_the_team_is_cut_unnamed_or_out_of_reach(desk: Desk) -> None:
    for size in ((1280, 800), (800, 600)):
        desk.window.resize(*size)
        page = desk.window.page
        assert page is not None
        desk.laid_out(page)
        assert room.unnamed(page) == []
        assert room.unreachable(page) == []
