"""Competence, tools and anchors on the Lab page."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from tests.builders import Bench
from tests.ui import room
from tests.ui.desk import Desk, open_desk
from tests.ui.lab.tabs import turn_to
from tests.ui.lab_window import stored
from tests.ui.people import trained
from ui.appearance import Appearance
from ui.jobs import JobRunner
from ui.lab.anchoring import Anchoring
from ui.lab.page import LabPage
from ui.lab.register_tab import RegisterTab
from ui.preferences import Preferences
from ui.widgets.buttons import Button, Chip
from ui.widgets.notes import Note


def prepared(bench: Bench) -> None:
    """A case with five entries, one training in force, one that expired."""
    stored(bench, bench.case())
    trained(bench, bench.examiner.person, date(2099, 1, 1))
    trained(bench, bench.custodian.person, date(2025, 1, 1))


@pytest.fixture(params=["supervisor"])
def desk(
    appearance: Appearance, tmp_path: Path, qtbot: QtBot, jobs: JobRunner, preferences: Preferences,
    request: pytest.FixtureRequest,
) -> Iterator[Desk]:  # fmt: skip
    """The Lab page; the parameter says who looks at it."""

    def make(context: object) -> LabPage:
        return LabPage(context, preferences, appearance)  # type: ignore[arg-type]

    with open_desk(
        tmp_path / "lab", qtbot, jobs, preferences, "lab", make, prepare=prepared,
        who=lambda bench: getattr(bench, request.param),
    ) as made:  # fmt: skip
        yield made


def open_tab(desk: Desk, name: str) -> RegisterTab:
    if name not in ("anchors", "stamps", "schedule"):
        return turn_to(desk, RegisterTab, name)
    turn_to(desk, Anchoring, "anchoring")
    desk.part(Chip, f"chip-{name}").click()
    return desk.part(RegisterTab, name)


def texts(tab: RegisterTab, column: int) -> list[str]:
    model = tab.table.model()
    return [model.index(row, column).data() for row in range(model.rowCount())]


def choose(tab: RegisterTab, words: str, column: int = 0) -> None:
    tab.table.selectRow(texts(tab, column).index(words))


@pytest.mark.req("REQ-37")
def test_trainings_are_shown_with_their_expiry_recorded_and_withdrawn(desk: Desk) -> None:
    tab = open_tab(desk, "competence")
    desk.until(lambda: texts(tab, 2) == ["None recorded", "Until 2099-01-01", "None recorded", "Expired 2025-01-01"])
    desk.open_dialog("recordTraining", "trainingSheet")
    desk.fill(trainingPerson="Tomasz Lis", trainingSubject="Seals", trainingProvider="Our lab", achievedOn="soon")
    desk.press("submitButton")
    assert "Write the day like" in desk.part(QLabel, "achievedOnError").text()
    desk.fill(achievedOn="2026-02-01")
    desk.press("submitButton")
    desk.until(lambda: "In force, no end" in texts(tab, 2))
    choose(tab, "Live data forensics", 1)
    desk.until(lambda: desk.part(Button, "withdrawTraining").isEnabled())
    desk.open_dialog("withdrawTraining", "withdrawTrainingSheet")
    desk.fill(reason="Another person of that name")
    desk.press("submitButton")
    desk.until(lambda: "Withdrawn" in texts(tab, 2))
    assert desk.bench.lab.verification.verify().ok
    assert desk.errors == []


@pytest.mark.req("REQ-34")
def test_a_tool_is_registered_and_validated_until_a_day(desk: Desk) -> None:
    tab = open_tab(desk, "tools")
    desk.until(lambda: desk.seen("toolsEmpty"))
    desk.open_dialog("registerTool", "toolSheet")
    desk.fill(toolName="Tableau T8u", toolVersion="2.1", toolVendor="OpenText")
    desk.press("submitButton")
    desk.until(lambda: texts(tab, 2) == ["Not validated"])
    desk.open_dialog("recordValidation", "validationSheet")
    desk.fill(validationScope="USB write block", validatedBy="Dr. Noor", validatedOn="2025-03-02")
    desk.fill(validationDue="2025-12-31", validationResult="No write reached the disk")
    desk.press("submitButton")
    desk.until(lambda: texts(tab, 2) == ["Lapsed 2025-12-31"])
    desk.open_dialog("recordValidation", "validationSheet")
    desk.fill(validationScope="USB write block", validatedBy="Dr. Noor", validatedOn="2026-03-02")
    desk.fill(validationResult="No write reached the disk")
    desk.press("submitButton")
    desk.until(lambda: texts(tab, 2) == ["Validated, no end", "Followed by a newer"])
    assert desk.errors == []


@pytest.mark.req("REQ-34", "REQ-35")
def test_the_program_is_validated_as_a_job_and_stands_in_the_register(desk: Desk, qtbot: QtBot) -> None:
    tab = open_tab(desk, "tools")
    desk.until(lambda: desk.seen("toolsEmpty"))
    desk.press("validateThisProgram")
    desk.until(lambda: not desk.part(Button, "validateThisProgram").isEnabled())
    qtbot.waitUntil(lambda: texts(tab, 2) == ["Validated, no end"], timeout=120_000)
    desk.until(lambda: "known answers" in desk.part(Note, "validationNote").text)
    assert "0 differ" in desk.part(Note, "validationNote").text
    assert desk.bench.lab.custody.lab_history()[-1].action == "tool.validate"
    desk.until(lambda: desk.part(Button, "validateThisProgram").isEnabled())
    assert desk.errors == []


@pytest.mark.req("REQ-16")
def test_the_head_of_a_case_is_anchored_now(desk: Desk) -> None:
    tab = open_tab(desk, "anchors")
    desk.until(lambda: texts(tab, 1) == ["1 of 5 entries"])
    assert texts(tab, 2) == ["4 entries since"]
    desk.open_dialog("anchorNow", "anchorSheet")
    desk.press("confirmButton")
    desk.until(lambda: texts(tab, 2) == ["Head is anchored"])
    assert texts(tab, 4) == ["Ingrid Solberg"]
    assert not desk.part(Button, "anchorNow").isEnabled()
    assert desk.bench.lab.custody.lab_history()[-1].action == "case.anchor"


@pytest.mark.parametrize("desk", ["examiner"], indirect=True)
def test_who_does_not_keep_a_register_reads_it_and_is_told_who_does(desk: Desk) -> None:
    tab = open_tab(desk, "competence")
    desk.until(lambda: len(texts(tab, 0)) == 4)
    assert not desk.part(Button, "recordTraining").isEnabled()
    assert "Supervisors and administrators" in desk.part(Button, "recordTraining").toolTip()
    open_tab(desk, "tools")
    desk.until(lambda: desk.seen("toolsEmpty"))
    assert desk.part(Button, "registerTool").isEnabled()
    assert not desk.part(Button, "recordValidation").isEnabled()
    assert not desk.part(Button, "validateThisProgram").isEnabled()


def test_nothing_of_the_registers_is_cut_unnamed_or_out_of_reach(desk: Desk) -> None:
    for name in ("competence", "tools", "anchors", "stamps", "schedule"):
        open_tab(desk, name)
        for size in ((1280, 800), (800, 600)):
            desk.window.resize(*size)
            page = desk.window.page
            assert page is not None
            desk.laid_out(page)
            assert room.unnamed(page) == []
            assert room.unreachable(page) == []
