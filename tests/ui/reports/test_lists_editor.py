"""Lists of files are chosen by image and filter; a filter that cannot be understood says so where it is typed."""

from __future__ import annotations

from uuid import uuid4

import pytest
from PySide6.QtWidgets import QComboBox, QLabel, QLineEdit
from pytestqt.qtbot import QtBot

from forensics_app.model.case import CaseId
from forensics_app.model.report import ListChoice
from ui.reports.draft import Draft
from ui.reports.lists_editor import ListsEditor
from ui.theme import dress
from ui.widgets.buttons import Button
from ui.widgets.notes import EmptyState

CASE, FIRST, SECOND = CaseId(uuid4()), uuid4(), uuid4()


@pytest.fixture
def editor(qtbot: QtBot) -> ListsEditor:
    made = ListsEditor()
    dress(made)
    qtbot.addWidget(made)
    made.resize(620, 640)
    made.show()
    return made


def test_a_list_is_added_written_checked_and_taken_out(editor: ListsEditor) -> None:
    draft = Draft()
    editor.show_draft(draft)
    add, drop = (editor.findChild(Button, name) for name in ("addList", "dropList"))
    empty = editor.findChild(EmptyState, "noLists")
    assert add is not None
    assert drop is not None
    assert empty is not None
    assert empty.isVisible()
    editor.show_images({})
    assert not add.isEnabled()
    editor.show_images({FIRST: "LH/01-I1", SECOND: "LH/02-I1"})
    add.click()
    assert not empty.isVisible()
    title, words = (editor.findChild(QLineEdit, name) for name in ("listTitle", "listFilter"))
    image = editor.findChild(QComboBox, "listImage")
    assert title is not None
    assert words is not None
    assert image is not None
    assert draft.gaps(CASE) == ["List 1: No title yet"]
    title.setText("Deleted pictures")
    image.setCurrentIndex(1)
    words.setText("type:image size:tall")
    assert draft.request(CASE).lists == ()
    assert draft.gaps(CASE)[0].startswith("List 1: ")
    assert any("tall" in one.text() for one in editor.findChildren(QLabel) if one.isVisible())
    words.setText("type:image deleted")
    (chosen,) = draft.request(CASE).lists
    assert (chosen.title, chosen.image_id, chosen.filter) == ("Deleted pictures", SECOND, "type:image deleted")
    assert draft.gaps(CASE) == []
    drop.click()
    assert draft.lists == []
    assert empty.isVisible()


def test_lists_of_a_recorded_draft_are_shown_before_the_images_are_known_and_stay_as_they_are(
    editor: ListsEditor,
) -> None:
    kept = ListChoice(id=uuid4(), title="All", image_id=SECOND)
    content = Draft().request(CASE)
    draft = Draft.of(type(content)(case_id=CASE, lists=(kept,)))
    editor.show_draft(draft)
    editor.show_images({FIRST: "LH/01-I1", SECOND: "LH/02-I1"})
    assert draft.request(CASE).lists == (kept,)
    image = editor.findChild(QComboBox, "listImage")
    assert image is not None
    assert image.currentText() == "LH/02-I1"
