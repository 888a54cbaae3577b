"""What a report lacks is listed, what its author can state is written, and the language is chosen."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QComboBox, QLabel, QPlainTextEdit
from pytestqt.qtbot import QtBot

from forensics_app.model.report import Statement
from forensics_app.reports.completeness import checked
from tests.forensics_app.reports.sample import bare_dossier
from ui.reports.draft import Draft
from ui.reports.standards_editor import StandardsEditor
from ui.theme import dress


@pytest.fixture
def editor(qtbot: QtBot) -> StandardsEditor:
    made = StandardsEditor()
    dress(made)
    qtbot.addWidget(made)
    made.resize(620, 640)
    made.show()
    return made


@pytest.mark.req("REQ-62")
def test_missing_items_come_first_and_a_statement_goes_into_the_draft(editor: StandardsEditor, qtbot: QtBot) -> None:
    draft = Draft()
    editor.show_draft(draft)
    items = checked(bare_dossier())
    editor.show_items(items)
    missing = sum(not one.is_supplied for one in items)
    first = [editor.table.model().index(row, 2).data() for row in range(missing)]
    assert {one.split(" of ")[0] for one in first} == {"not supplied", "missing"}
    statement = editor.findChild(QPlainTextEdit, "reportStatement")
    assert statement is not None
    assert editor.table.select_key("swgde-requester")
    assert not statement.isEnabled()
    assert editor.table.select_key("crimpd-fees")
    assert statement.isEnabled()
    with qtbot.waitSignal(editor.changed):
        statement.setPlainText("A salary; nothing else.")
    assert draft.statements == (Statement(item="crimpd-fees", text="A salary; nothing else."),)
    assert editor.table.select_key("crimpr-19.4-b")
    assert statement.toPlainText() == ""
    assert editor.table.select_key("crimpd-fees")
    assert statement.toPlainText() == "A salary; nothing else."
    statement.setPlainText("")
    assert draft.statements == ()


def test_the_language_of_a_draft_is_shown_and_taken(editor: StandardsEditor, qtbot: QtBot) -> None:
    draft = Draft(language="ro")
    editor.show_draft(draft)
    choice = editor.findChild(QComboBox, "reportLanguage")
    assert choice is not None
    assert choice.currentText() == "română (ro)"
    with qtbot.waitSignal(editor.changed):
        choice.setCurrentText("français (fr)")
    assert draft.language == "fr"
    assert any("No native speaker" in one.text() for one in editor.findChildren(QLabel) if one.isVisible())
    choice.setCurrentText("English (en)")
    assert not any("No native speaker" in one.text() for one in editor.findChildren(QLabel) if one.isVisible())
