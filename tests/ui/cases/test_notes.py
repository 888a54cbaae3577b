"""The notes of a case in the window, with those about its exhibits, and addenda to them."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QLabel, QTabBar, QWidget
from pytestqt.qtbot import QtBot

from forensics_app.model.note import NewNote
from forensics_app.model.person import Role
from tests.builders import NOON, Bench
from tests.ui import room
from tests.ui.desk import Desk, open_desk
from ui.cases.page import CasesPage
from ui.jobs import JobRunner
from ui.page import PageContext
from ui.preferences import Preferences

NOTES = 2


def with_a_note(bench: Bench) -> None:
    """A note about an exhibit of the case, and somebody who may only read."""
    case = bench.case()
    exhibit = bench.exhibit(case)
    new = NewNote(case_id=case.id, exhibit_id=exhibit.id, text="The lid is scratched", told_at=NOON)
    bench.lab.notes.add(bench.examiner, new)
    bench.enrol("Olga Auditor", Role.AUDITOR)


@pytest.fixture(params=["Ana Kovač"])
def desk(
    tmp_path: Path, qtbot: QtBot, jobs: JobRunner, preferences: Preferences, request: pytest.FixtureRequest
) -> Iterator[Desk]:
    """The tab of notes in sight; the parameter says who looks."""

    def make(context: PageContext) -> CasesPage:
        return CasesPage(context, now=lambda: NOON)

    with open_desk(
        tmp_path / "lab", qtbot, jobs, preferences, "cases", make, prepare=with_a_note,
        who=lambda bench: bench.sign_in(request.param),
    ) as made:  # fmt: skip
        made.until(lambda: made.seen("caseTabs"))
        made.part(QTabBar, "caseTabs").setCurrentIndex(NOTES)
        made.until(lambda: made.seen("note1"))
        yield made


def said(desk: Desk) -> str:
    shown = desk.part(QWidget, "notesTab").findChildren(QLabel)
    return "\n".join(part.text() for part in shown if part.isVisible())


@pytest.mark.req("REQ-36")
def test_a_note_of_the_case_is_written_and_an_addendum_stands_under_its_note(desk: Desk) -> None:
    assert "Note 1, about LH/01" in said(desk)
    for button, words, shown in (
        ("writeNote", "Called the prosecutor", "note2"),
        ("addTo1", "On the left side", "note3"),
    ):
        desk.open_dialog(button, "noteSheet")
        desk.press("submitButton")
        assert "Write the note" in desk.part(QLabel, "noteTextError").text()
        desk.fill(noteText=words)
        desk.press("submitButton")
        desk.until(lambda shown=shown: desk.seen(shown))
    _, second, third = desk.bench.lab.notes.list(desk.bench.lab.cases.list()[0].id)
    assert (second.exhibit, second.addendum_to) == ("", None)
    assert (third.exhibit, third.addendum_to) == ("LH/01", 1)
    words = said(desk)
    assert words.index("The lid is scratched") < words.index("On the left side") < words.index("Called the prosecutor")
    assert desk.part(QTabBar, "caseTabs").tabText(NOTES) == "Notes 3"
    assert desk.errors == []


@pytest.mark.parametrize("desk", ["Olga Auditor"], indirect=True)
def test_who_only_reads_is_offered_no_note(desk: Desk) -> None:
    assert not desk.seen("writeNote")
    assert not desk.seen("addTo1")


def test_nothing_of_the_notes_is_cut_unnamed_or_out_of_reach(desk: Desk) -> None:
    for size in ((1280, 800), (800, 600)):
        desk.window.resize(*size)
        page = desk.window.page
        assert page is not None
        desk.laid_out(page)
        assert room.unnamed(page) == []
        assert room.unreachable(page) == []
