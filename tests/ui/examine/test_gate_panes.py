"""What is marked, looked for in every pane: bytes, text, strings, preview and facts."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QLabel, QPlainTextEdit, QTextEdit, QWidget

from forensics_app.model.mark import MarkKind
from tests.builders import PASSPHRASE
from tests.ui.examine.conftest import Desk
from ui.examine.viewers import DETAILS, FILE, PREVIEW, SLACK, STRINGS, TEXT, TIMES, VALUES
from ui.widgets.text_view import TextView

PLAN = "/home/lm/notes/\u043f\u043b\u0430\u043d.txt"


def words_of(desk: Desk) -> str:
    """Every word that any part of the page holds, in sight or not."""
    found = []
    for part in desk.page.findChildren(QWidget):
        found += [part.accessibleName(), part.accessibleDescription(), part.toolTip()]
        if isinstance(part, QPlainTextEdit | QTextEdit | TextView):
            found.append(part.toPlainText())
        elif isinstance(part, QLabel):
            found.append(part.text())
    return "\n".join(found)


@pytest.mark.req("REQ-39", "REQ-40")
def test_nothing_of_a_marked_content_is_in_any_pane(desk: Desk) -> None:
    viewers, examine = desk.page.browser.viewers, desk.lab.examine
    entry = desk.go_to(PLAN, "v0.p3")
    desk.settle(lambda: len(viewers.text.view.toPlainText()) > 20)
    line = max(viewers.text.view.toPlainText().split("\n"), key=len)
    assert line in words_of(desk), "it can be seen before: the test looks in the right places"
    desk.go_to("/home/lm/.bash_history", "v0.p3")
    actor = desk.lab.people.sign_in("Ana Kovač", PASSPHRASE)
    examine.marks.add(actor, desk.image.id, entry, MarkKind.PRIVILEGED, "a letter to counsel")
    desk.go_to(PLAN, "v0.p3")
    for tab in (FILE, SLACK, TEXT, STRINGS, PREVIEW, DETAILS, TIMES, VALUES):
        viewers.show_tab(tab)
        for _ in range(5):
            desk.qtbot.wait(20)
        assert line not in words_of(desk), tab
        if tab in (FILE, SLACK):
            assert viewers.hex.view.isHidden(), tab
    assert desk.errors == []
