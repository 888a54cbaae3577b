"""Notes about an exhibit, written and added to on its page."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QLabel, QWidget

from tests.forensics_app.services.written_notes import write_notes
from tests.ui.exhibits.conftest import Desk
from ui.exhibits.note_sheet import NoteSheet
from ui.widgets.buttons import Button

NOTES = 4


def part(desk: Desk, kind: type[QWidget], name: str) -> QWidget:
    def there() -> list[QWidget]:
        return [one for one in desk.page.window().findChildren(kind, name) if one.isVisibleTo(desk.page.window())]

    desk.wait(lambda: len(there()) == 1)
    return there()[0]


@pytest.mark.req("REQ-36")
def test_a_note_is_written_on_the_page_of_an_exhibit_and_added_to(desk: Desk) -> None:
    exhibit = desk.bench.exhibit(desk.case)
    desk.show()
    desk.page.details.show_tab(NOTES)
    for words, button in (("Battery removed", "writeNote"), ("It was at 40 %", "addTo1")):
        part(desk, Button, button).click()  # type: ignore[attr-defined]
        sheet = part(desk, NoteSheet, "noteSheet")
        assert isinstance(sheet, NoteSheet)
        desk.qtbot.keyClicks(sheet.findChild(QWidget, "noteText"), words)
        sheet.act_button.click()
    desk.wait(lambda: len(desk.page.details.notes.findChildren(QLabel, "note2")) == 1)
    assert desk.page.window().findChildren(NoteSheet) == []
    first, second = desk.bench.lab.notes.list(desk.case.id, exhibit.id)
    assert (first.text, first.author, first.addendum_to) == ("Battery removed", "Ana Kovač", None)
    assert (second.text, second.addendum_to) == ("It was at 40 %", 1)
    assert desk.errors == []


def test_a_note_without_words_is_not_recorded(desk: Desk) -> None:
    desk.bench.exhibit(desk.case)
    desk.show()
    desk.page.details.show_tab(NOTES)
    part(desk, Button, "writeNote").click()  # type: ignore[attr-defined]
    sheet = part(desk, NoteSheet, "noteSheet")
    assert isinstance(sheet, NoteSheet)
    sheet.act_button.click()
    assert sheet.isVisible()
    assert desk.bench.lab.notes.list(desk.case.id) == ()


def test_an_addendum_stands_under_its_note_with_both_times(desk: Desk) -> None:
    exhibit = desk.bench.exhibit(desk.case)
    write_notes(desk.bench, exhibit)
    desk.show()
    desk.page.details.show_tab(NOTES)
    desk.wait(lambda: len(desk.page.details.notes.findChildren(QLabel, "note2")) == 1)
    shown = [one.text() for one in desk.page.details.notes.findChildren(QLabel)]
    assert "Note 2, addendum to 1" in shown
    assert any("Ana Kovač" in words and "+04:00" in words and "Recorded" in words for words in shown)
