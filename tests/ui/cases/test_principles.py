"""How a case stands to the five principles, in the window: computed from the record, explained by people."""

from contextlib import AbstractContextManager
from datetime import date
from pathlib import Path

import pytest
from PySide6.QtWidgets import QLabel, QTabBar, QWidget
from pytestqt.qtbot import QtBot

from tests.builders import NOON, Bench
from tests.forensics_app.services.scene_of_a_search import answer, begin, memory
from tests.ui import room
from tests.ui.desk import Desk, open_desk
from ui.cases.page import CasesPage
from ui.jobs import JobRunner
from ui.page import PageContext
from ui.preferences import Preferences
from ui.widgets.badges import Badge
from ui.widgets.buttons import Button
from ui.widgets.notes import Note


def out_of_order(bench: Bench) -> None:
    """A case in which memory was captured after an open volume, and nobody said why."""
    scene = begin(bench, bench.case().id)
    answer(bench, scene, "live-decision", "live-capture", "An open volume")
    for rule, what in (("volatile-disk", "Open volume"), ("volatile-memory", "Memory")):
        bench.lab.scenes.add_capture(bench.custodian, scene.id, "live-capture", memory(bench, rule=rule, what=what))


def expired(bench: Bench) -> None:
    """A case whose authority ended ten days ago."""
    bench.case(expires_on=date(2026, 11, 10))


@pytest.fixture
def over(tmp_path: Path, qtbot: QtBot, jobs: JobRunner, preferences: Preferences) -> "OpenOver":
    return OpenOver(tmp_path, qtbot, jobs, preferences)


class OpenOver:
    """Opens the Cases page over a lab that a function filled."""

    def __init__(self, folder: Path, qtbot: QtBot, jobs: JobRunner, preferences: Preferences) -> None:
        self._parts = (folder / "lab", qtbot, jobs, preferences)

    def __call__(self, prepare: object) -> AbstractContextManager[Desk]:
        def make(context: PageContext) -> CasesPage:
            return CasesPage(context, now=lambda: NOON)

        return open_desk(*self._parts, "cases", make, prepare=prepare)  # type: ignore[arg-type]


def show_principles(desk: Desk) -> None:
    desk.until(lambda: desk.seen("caseTabs"))
    desk.part(QTabBar, "caseTabs").setCurrentIndex(1)
    desk.until(lambda: desk.seen("standing5"))


def said(desk: Desk, name: str) -> str:
    return "\n".join(part.text() for part in desk.part(QWidget, name).findChildren(QLabel))


def standings(desk: Desk) -> list[str]:
    return [desk.part(Badge, f"standing{number}").text for number in range(1, 6)]


@pytest.mark.req("REQ-02")
def test_what_is_met_is_shown_with_the_records_that_show_it_and_there_is_nothing_to_tick(over: OpenOver) -> None:
    with over(lambda bench: bench.exhibit(bench.case())) as desk:
        show_principles(desk)
        met, nothing = "Met by these records", "Nothing yet"
        assert standings(desk) == [met, met, nothing, nothing, met]
        assert "Sealed exhibits: 1." in said(desk, "principle1")
        assert "search warrant 4 Gs 812/26" in said(desk, "principle5")
        assert "Structured to follow Electronic Evidence Guide" in said(desk, "principle1")
        assert desk.part(QTabBar, "caseTabs").tabText(1) == "Principles"
        assert desk.errors == []


@pytest.mark.req("REQ-02")
def test_a_departure_that_the_records_show_is_explained_with_reason_author_and_time(over: OpenOver) -> None:
    with over(out_of_order) as desk:
        show_principles(desk)
        assert standings(desk)[1] == "Deviation, no reason yet"
        assert "The capture of Memory came after something less volatile." in said(desk, "principle2")
        assert desk.part(QTabBar, "caseTabs").tabText(1).endswith(" to explain")
        desk.open_dialog("explain-principle-2-0", "explainSheet")
        desk.press("submitButton")
        assert desk.part(QLabel, "reasonError").text().startswith("Write the reason. In words: ")
        desk.fill(reason="The volume was about to lock itself")
        desk.press("submitButton")
        desk.until(lambda: not desk.seen("explainSheet"))
        desk.until(lambda: "The volume was about to lock itself" in said(desk, "principle2"))
        assert "by Ana Kovač, 2026-11-20" in said(desk, "principle2")
        assert standings(desk)[1] == "Deviation, with reason"
        assert not desk.seen("explain-principle-2-0")
        (case,) = desk.bench.lab.cases.list()
        entry = desk.bench.lab.custody.case_history(case.id)[-1]
        assert (entry.action, entry.actor, entry.reason) == (
            "case.deviation", "Ana Kovač", "The volume was about to lock itself",
        )  # fmt: skip
        assert desk.bench.lab.verification.verify().ok


@pytest.mark.req("REQ-02")
def test_a_deviation_that_no_record_shows_is_written_down(over: OpenOver) -> None:
    with over(Bench.case) as desk:
        show_principles(desk)
        desk.open_dialog("recordDeviation", "deviateSheet")
        desk.fill(deviatesFrom="Data integrity", deviation="The mouse was moved")
        desk.press("submitButton")
        assert desk.part(QLabel, "reasonError").text().startswith("Write the reason. In words: ")
        desk.fill(reason="To see whether the screen was locked")
        desk.press("submitButton")
        desk.until(lambda: desk.seen("principle1") and "The mouse was moved" in said(desk, "principle1"))
        assert standings(desk)[0] == "Deviation, with reason"
        assert "To see whether the screen was locked" in said(desk, "principle1")


@pytest.mark.req("REQ-01")
def test_an_expired_authority_is_gone_on_without_for_some_days_and_a_reason_and_that_stays_in_sight(
    over: OpenOver,
) -> None:
    with over(expired) as desk:
        desk.until(lambda: desk.seen("overrideAuthority"))
        desk.open_dialog("overrideAuthority", "overrideSheet")
        desk.fill(overrideUntil="2026-12-24")
        desk.press("submitButton")
        assert desk.part(QLabel, "overrideUntilError").text() == "Choose a day from 2026-11-20 to 2026-11-27."
        assert desk.part(QLabel, "reasonError").text() == "Write why it cannot wait."
        desk.fill(overrideUntil="2026-11-22", reason="The server is being wiped")
        desk.press("submitButton")
        desk.until(lambda: not desk.seen("overrideSheet"))
        (case,) = desk.bench.lab.cases.list()
        assert case.override is not None
        assert (case.override.until, case.override.by) == (date(2026, 11, 22), "Ana Kovač")
        desk.until(lambda: "decided to go on without one until 2026-11-22" in desk.part(Note, "authorityWarning").text)
        assert not desk.seen("overrideAuthority")
        desk.bench.exhibit(case)
        show_principles(desk)
        assert standings(desk)[4] == "Deviation, with reason"
        assert "Explained by the record: The server is being wiped" in said(desk, "principle5")
        assert desk.errors == []


def test_somebody_without_a_role_for_it_reads_the_principles_and_is_told_why_they_explain_nothing(
    over: OpenOver,
) -> None:
    with over(out_of_order) as desk:
        desk.sign_in(desk.bench.admin)
        show_principles(desk)
        desk.until(lambda: desk.seen("whyNotDeviate"))
        assert not desk.part(Button, "recordDeviation").isEnabled()
        assert not desk.part(Button, "explain-principle-2-0").isEnabled()
        assert "examiner, an exhibits officer or a supervisor" in desk.part(QLabel, "whyNotDeviate").text()


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (800, 600), (640, 400)])
def test_nothing_is_cut_unnamed_or_out_of_reach(over: OpenOver, width: int, height: int) -> None:
    with over(out_of_order) as desk:
        desk.window.resize(width, height)
        show_principles(desk)
        desk.laid_out(desk.window)
        assert room.unnamed(desk.window) == []
        assert room.unreachable(desk.window) == []
        for button, name in (("recordDeviation", "deviateSheet"), ("explain-principle-2-0", "explainSheet")):
            sheet = desk.open_dialog(button, name)
            desk.laid_out(sheet)
            assert room.unnamed(sheet) == []
            sheet.close()
            desk.until(lambda name=name: not desk.seen(name))  # type: ignore[misc]
