"""Tags, findings and bookmarks in the window."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QLineEdit, QMenu, QPlainTextEdit, QPushButton

from forensics_app.model.catalogue import CatalogueQuery, SortColumn
from forensics_app.model.tag import FIRST_TAGS
from forensics_app.model.target import TargetArea
from tests.builders import PASSPHRASE
from tests.ui.examine.conftest import Desk
from ui.examine.citing import FindingSheet
from ui.examine.places import Place, View
from ui.examine.tag_sheet import TagSheet
from ui.examine.viewers import MEDIA


def with_tags(desk: Desk) -> None:
    desk.lab.tags.make(desk.lab.people.sign_in("Ana Kovač", PASSPHRASE), *FIRST_TAGS)
    desk.page.refresh()
    desk.settle(lambda: desk.page.browser.case.tags.tags)


def on(desk: Desk, entry_id: int) -> list[str]:
    """The tags that the list shows of an entry."""
    return [tag.name for tag in desk.page.browser.case.tags.on(desk.image.id).get(entry_id, ())]


def press(desk: Desk, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    table = desk.page.browser.files.table
    table.setFocus()
    desk.qtbot.keyClick(table, key, modifier)


def test_a_digit_tags_the_selected_files_again_takes_it_off_and_ctrl_z_takes_that_back(desk: Desk) -> None:
    with_tags(desk)
    table, model = desk.page.browser.files.table, desk.page.browser.files.model
    table.selectAll()
    ids = list(model.ids)
    press(desk, Qt.Key.Key_1)
    desk.settle(lambda: all(on(desk, one) == ["Relevant"] for one in ids))
    column = next(at for at, one in enumerate(desk.page.browser.files.columns) if one.key == "tags")
    assert model.index(0, column).data(Qt.ItemDataRole.AccessibleTextRole) == "Relevant"
    press(desk, Qt.Key.Key_1)
    desk.settle(lambda: not any(on(desk, one) for one in ids))
    press(desk, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    desk.settle(lambda: all(on(desk, one) == ["Relevant"] for one in ids))
    acts = [event.action for event in desk.lab.custody.case_history(desk.case.id)]
    assert acts[-3:] == ["tag.put", "tag.remove", "tag.put"]
    assert desk.page.browser.messages.text == f"Taken back: Took Relevant off {len(ids)} places."
    press(desk, Qt.Key.Key_7)
    assert "No tag has the key 7" in desk.page.browser.messages.text


def test_the_words_after_ctrl_z_say_what_was_taken_back_also_of_one_file(desk: Desk) -> None:
    with_tags(desk)
    entry, messages = first_file(desk), desk.page.browser.messages
    press(desk, Qt.Key.Key_1)
    desk.settle(lambda: on(desk, entry) == ["Relevant"])
    press(desk, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    desk.settle(lambda: not on(desk, entry))
    desk.settle(lambda: messages.text == "Taken back: Put Relevant on 1 place.")
    press(desk, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert messages.text == "There is no act on tags of this session that could be taken back."


def test_an_act_that_could_not_be_taken_back_can_be_tried_again(desk: Desk) -> None:
    with_tags(desk)
    entry = first_file(desk)
    tag = desk.page.browser.case.tags.tags[0]
    for expected in ([tag.name], []):
        press(desk, Qt.Key.Key_1)
        desk.settle(lambda expected=expected: on(desk, entry) == expected)
    desk.lab.tags.retire(desk.lab.people.sign_in("Ingrid Solberg", PASSPHRASE), tag.id, "no longer used")
    for times in (1, 2):
        press(desk, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
        desk.settle(lambda times=times: len(desk.errors) == times)
    assert on(desk, entry) == []


def test_tagged_files_are_listed_by_the_view_of_their_tag_and_by_a_filter(desk: Desk) -> None:
    with_tags(desk)
    entry = first_file(desk)
    press(desk, Qt.Key.Key_2)
    desk.settle(lambda: on(desk, entry) == ["Look again"])
    desk.settle(lambda: [one.text() for one in desk.page.findChildren(QLabel, "tagsOfEntry")][-1:] == ["Look again"])
    desk.go(Place(image_id=desk.image.id, view=View(title="Look again", tag="Look again")), [entry])
    words = {node.words: node.second for node in desk.page.browser.tree.types.nodes()}
    assert desk.page.browser.case.tags.vocabularies[desk.image.id].tags["Look again"] == 1
    assert "Tagged" in words
    desk.page.browser.go(Place(image_id=desk.image.id, view=View(title="All")))
    desk.page.browser.files.filter_by('tag:"look again"')
    desk.shows([entry])


def first_file(desk: Desk) -> int:
    """Choose the first picture."""
    files = desk.page.browser.files
    place = Place(image_id=desk.image.id, view=View(title="Pictures", mime_prefix="image/"))
    desk.go(place, desk.found(CatalogueQuery(mime_prefix="image/", sort=SortColumn.NAME)))
    files.table.selectRow(0)
    entry_id = files.model.ids[0]
    desk.settle(lambda: (subject := desk.page.browser.subject) and subject.entry and subject.entry.id == entry_id)
    return entry_id


def test_a_lab_without_tags_is_offered_some_and_more_are_made_in_a_dialog(desk: Desk) -> None:
    menu = desk.page.tag_acts.open_menu()
    assert isinstance(menu, QMenu)
    menu.actions()[0].trigger()
    desk.settle(lambda: [tag.name for tag in desk.page.browser.case.tags.tags] == [one.name for one in FIRST_TAGS])
    desk.page.tag_acts.open_menu().actions()[5].trigger()
    sheet = desk.sheet()
    assert isinstance(sheet, TagSheet)
    sheet.submit()
    assert sheet.isVisible()  # it needs a name
    name = sheet.findChild(QLineEdit, "tagName")
    assert name is not None
    name.setText("Invoice")
    sheet.submit()
    desk.settle(lambda: desk.page.browser.case.tags.with_key(5))


def test_a_finding_is_written_listed_found_again_and_taken_back(desk: Desk) -> None:
    entry_id = first_file(desk)
    press(desk, Qt.Key.Key_D, Qt.KeyboardModifier.ControlModifier)
    sheet = desk.sheet()
    assert isinstance(sheet, FindingSheet)
    box = sheet.findChild(QPlainTextEdit, "findingSentence")
    assert box is not None
    box.setPlainText("It names the payee.")
    sheet.submit()
    pane = desk.page.browser.tree.findings
    desk.settle(lambda: pane.model.rowCount() == 1)
    assert pane.model.index(0, 0).data() == "1  It names the payee."
    desk.page.browser.go(Place(image_id=desk.image.id, view=View(title="All")))
    desk.settle(lambda: desk.page.browser.files.place and desk.page.browser.files.place.view)
    pane.table.selectRow(0)
    pane.go.click()
    desk.settle(lambda: (one := desk.page.browser.files.table.current_record()) and one.id == entry_id)
    pane.back.click()
    reason = desk.sheet().findChild(QPlainTextEdit, "reason")
    assert reason is not None
    reason.setPlainText("Another person")
    button = desk.sheet().findChild(QPushButton, "submitButton")
    assert button is not None
    button.click()
    desk.settle(lambda: pane.model.rowCount() == 0)


def test_selected_bytes_are_tagged_and_bookmarked_and_the_list_leads_back_to_them(desk: Desk) -> None:
    with_tags(desk)
    browser = desk.page.browser
    first_file(desk)
    browser.viewers.focus_bytes(MEDIA)
    browser.viewers.hex.view.go_to(510, 2)
    desk.page.tag_acts.press(3, on_bytes=True)
    desk.settle(lambda: browser.case.tags.of(desk.image.id).areas)
    (tagging,) = browser.case.tags.of(desk.image.id).areas
    assert (tagging.target.area, tagging.target.offset_bytes, tagging.target.length_bytes) == (TargetArea.MEDIA, 510, 2)
    browser.viewers.hex.view.go_to(0)
    browser.jump.to(tagging.target)
    desk.settle(lambda: browser.viewers.hex.view.selection == (510, 2))
    assert not desk.errors
