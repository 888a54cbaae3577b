"""What is marked, looked for in every pane: bytes, text, strings, preview and facts."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel, QPlainTextEdit, QTextEdit, QWidget

from forensics_app.errors import HiddenContentError
from forensics_app.model.mark import MarkKind
from tests.builders import PASSPHRASE
from tests.ui.examine.conftest import Desk
from ui.examine.structure_parts import RowsView
from ui.examine.viewers import DETAILS, FILE, MEDIA, PREVIEW, SLACK, STRINGS, TEXT, TIMES, VALUES, VOLUME
from ui.widgets.hex_blocks import Blocks
from ui.widgets.notes import EmptyState
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


@pytest.mark.req("REQ-39", "REQ-40")
def test_bytes_of_a_marked_file_are_not_shown_in_its_volume_and_on_the_media_without_a_reason(desk: Desk) -> None:
    viewers, examine = desk.page.browser.viewers, desk.lab.examine
    entry = desk.go_to(PLAN, "v0.p3")
    actor = desk.lab.people.sign_in("Ana Kovač", PASSPHRASE)
    at = examine.viewing.place(desk.image, entry, 0)
    subject = desk.page.browser.subject
    assert at is not None
    assert subject is not None
    content = examine.read_file(desk.image, entry.volume_id, entry.address, 0, 16)
    places = ((VOLUME, at), (MEDIA, subject.volume_start_bytes + at))

    def shown(place: int) -> bytes:
        values = viewers.hex.view.findChildren(Blocks)[-1].at(place, 16)
        return bytes(one for one in values if one is not None)

    def goes_to(tab: str, place: int) -> None:
        viewers.show_tab(FILE)
        viewers.show_tab(tab)
        viewers.hex.view.go_to(place)

    for tab, place in places:
        goes_to(tab, place)
        desk.settle(lambda place=place: shown(place) == content)
    mark = examine.marks.add(actor, desk.image.id, entry, MarkKind.SENSITIVE, "Indecent")
    for tab, place in places:
        goes_to(tab, place)
        desk.settle(lambda: "which is marked as sensitive" in viewers.hex.refusal)
        assert "hidden and shown as ??" in viewers.hex.refusal
        assert "could not be read" not in viewers.hex.refusal
        assert shown(place) == b""
        assert not viewers.hex.view.isHidden(), "what lies around it can still be seen"
    examine.marks.look(actor, desk.image.id, mark, "To describe it")
    for tab, place in places:
        goes_to(tab, place)
        desk.settle(lambda place=place: shown(place) == content)
    desk.go_to("/home/lm/.bash_history", "v0.p3")
    for tab, place in places:
        goes_to(tab, place)
        desk.settle(lambda: "which is marked as sensitive" in viewers.hex.refusal)
        assert shown(place) == b""
    assert desk.errors == []


@pytest.mark.req("REQ-39", "REQ-40")
def test_rows_of_a_marked_database_are_neither_shown_nor_copied_without_a_reason(desk: Desk) -> None:
    viewers, examine = desk.page.browser.viewers, desk.lab.examine
    viewers.show_tab(PREVIEW)
    entry = desk.go_to("/Users/l.mirel/AppData/Local/Browser/History")
    pane = viewers.preview.structure
    part = next(one for one in examine.viewing.open(desk.image, entry).parts if one.title == "urls")

    def opened() -> RowsView:
        desk.settle(lambda: pane.isVisible() and pane.parts.findText("urls", Qt.MatchFlag.MatchStartsWith) >= 0)
        pane.parts.setCurrentIndex(pane.parts.findText("urls", Qt.MatchFlag.MatchStartsWith))
        shown = pane.shown
        assert isinstance(shown, RowsView)
        desk.settle(lambda: shown.model.rowCount() and shown.model.record(0))
        return shown

    def copied(view: RowsView) -> str:
        QApplication.clipboard().setText("nothing")
        view.table.selectAll()
        view.table.copy_rows()
        desk.settle(lambda: QApplication.clipboard().text() != "nothing")
        return QApplication.clipboard().text()

    view = opened()
    cells = [str(view.model.index(0, column).data()) for column in range(view.model.columnCount())]
    first = next(one for one in cells if "://" in one)
    assert first in copied(view)
    actor = desk.lab.people.sign_in("Ana Kovač", PASSPHRASE)
    mark = examine.marks.add(actor, desk.image.id, entry, MarkKind.SENSITIVE, "Indecent")
    for call in (
        lambda: examine.viewing.open(desk.image, entry),
        lambda: examine.viewing.rows(desk.image, entry, part.key, 0, 9),
        lambda: examine.viewing.text(desk.image, entry, part.key),
        lambda: examine.viewing.nodes(desk.image, entry, part.key),
        lambda: examine.viewing.page(desk.image, entry, part.key, 0, 100),
    ):
        with pytest.raises(HiddenContentError):
            call()
    viewers.show_again()
    hidden = desk.child(EmptyState, "noPreview")
    desk.settle(lambda: "marked as sensitive" in hidden.accessibleName())
    assert not [one for one in desk.page.findChildren(RowsView) if one.isVisible()]
    assert first not in words_of(desk)
    examine.marks.look(actor, desk.image.id, mark, "To describe it")
    viewers.show_again()
    assert first in copied(opened())
    desk.go_to("/Users/l.mirel/Pictures/holiday.jpg")
    desk.go_to("/Users/l.mirel/AppData/Local/Browser/History")
    desk.settle(lambda: "marked as sensitive" in hidden.accessibleName())
    assert [one.action for one in desk.lab.custody.case_history(desk.case.id)][-2:] == ["file.mark", "file.look"]
    assert desk.errors == []
