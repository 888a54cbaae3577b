"""The filter above the list speaks its language: it filters, names what is wrong, offers values, and is kept."""

from zoneinfo import ZoneInfo

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtWidgets import QLineEdit

from forensics_app.model.catalogue import CatalogueQuery, SortColumn
from forensics_app.model.filter_language.parser import parse
from tests.ui.examine.conftest import Desk
from ui.examine.filter_help import FilterHelp
from ui.examine.filter_line import FilterLine
from ui.examine.places import ListState, Place
from ui.widgets.buttons import IconButton

POPUPS = pytest.mark.qt_log_ignore("This plugin does not support", extend=True)


def everything(desk: Desk) -> FilterLine:
    """List all entries of the image; the filter above them."""
    desk.go(Place(image_id=desk.image.id), desk.found(CatalogueQuery(sort=SortColumn.NAME)))
    return desk.child(FilterLine, "filterLine")


def found(desk: Desk, text: str) -> list[int]:
    """What the catalogue itself answers to a filter."""
    query = CatalogueQuery(filter=parse(text, ZoneInfo(desk.page.zone.zone)), sort=SortColumn.NAME)
    ids = desk.found(query)
    assert ids
    return ids


@POPUPS
@pytest.mark.parametrize(
    "text",
    [
        "type:image size>10K",
        "deleted -ext:csv or name:*.pdf",
        "path:*/Pictures/*",
        "modified:2026-02..2026-03 type:image",
    ],
)
def test_a_filter_lists_what_the_catalogue_answers_to_it(desk: Desk, text: str) -> None:
    line = everything(desk)
    desk.qtbot.keyClicks(line.box, text)
    desk.shows(found(desk, text))


@POPUPS
def test_what_is_wrong_is_named_and_underlined_and_the_rows_stay_until_it_is_mended(desk: Desk) -> None:
    line = everything(desk)
    line.box.setText("type:image")
    desk.shows(images := found(desk, "type:image"))
    line.box.setText("type:imagination")
    desk.settle(lambda: line.says)
    assert line.says.startswith('There is no type "imagination". Write one of image, video')
    assert line.box.property("state") == "bad"
    assert line.box.accessibleDescription() == line.says
    assert underlined(line.box)
    assert desk.ids() == images
    line.box.setText("type:image ")
    desk.settle(lambda: not line.says)
    assert not line.box.property("state")
    assert not underlined(line.box)


def underlined(box: QLineEdit) -> bool:
    """Whether the lower part of the box, within its outline, has red pixels."""
    picture = box.grab(QRect(30, box.height() // 2, box.width() - 40, box.height() // 2 - 3)).toImage()
    colours = (picture.pixelColor(x, y) for y in range(picture.height()) for x in range(picture.width()))
    return any(colour.red() > 60 + max(colour.green(), colour.blue()) for colour in colours)


@POPUPS
def test_nobody_is_told_of_a_word_that_they_are_still_writing(desk: Desk) -> None:
    line = everything(desk)
    line.box.setFocus()
    desk.settle(line.box.hasFocus)
    desk.qtbot.keyClicks(line.box, "size>")
    desk.page.browser.files.list_again()
    assert line.says == ""
    desk.qtbot.keyClicks(line.box, "10K")
    desk.shows(found(desk, "size>10K"))
    assert line.says == ""


@POPUPS
def test_times_are_those_of_the_zone_shown_and_a_new_zone_lists_anew(desk: Desk) -> None:
    line = everything(desk)
    entry = desk.entry("/Users/l.mirel/Pictures/holiday.jpg")
    stamp = entry.time("modified")
    assert stamp is not None
    line.box.setText("modified:2026-02-11T20..2026-02-12T03 volume:v0.p1")
    for zone in ("Asia/Tokyo", "America/New_York", "Europe/Berlin"):
        desk.page.zone.setCurrentText(zone)
        edit = desk.page.zone.lineEdit()
        assert edit is not None
        edit.editingFinished.emit()
        desk.page.browser.files.list_again()
        query = CatalogueQuery(filter=parse(line.box.text(), ZoneInfo(zone)), sort=SortColumn.NAME)
        desk.shows(desk.found(query))


@POPUPS
def test_a_local_time_is_filtered_as_it_reads_and_that_is_said(desk: Desk) -> None:
    line = everything(desk)
    line.box.setText("modified:2026")
    desk.settle(lambda: "v0.p2" in line.says)
    assert "kept without its zone, and is compared as it is written" in line.says
    assert not line.box.property("state")


@POPUPS
def test_a_word_that_stands_for_a_state_is_explained_where_it_finds_nothing(desk: Desk) -> None:
    line = everything(desk)
    line.box.setText("realloc ext:doc")
    desk.settle(lambda: desk.ids() == [])
    assert 'write "realloc" in quotes' in desk.why_nothing


@POPUPS
def test_values_are_offered_behind_a_key_and_keys_when_asked_for(desk: Desk) -> None:
    line = everything(desk)
    line.box.setFocus()
    desk.settle(line.box.hasFocus)
    desk.qtbot.keyClicks(line.box, "mis")
    popup = line.typing.completer.popup()
    assert popup is not None
    assert not popup.isVisible()
    desk.qtbot.keyClick(line.box, Qt.Key.Key_Space, Qt.KeyboardModifier.ControlModifier)
    assert popup.isVisible()
    desk.qtbot.keyClick(popup, Qt.Key.Key_Return)
    assert line.box.text() == "mismatch"
    desk.qtbot.keyClicks(line.box, " volume:v0.p")
    offered = [popup.model().index(row, 0).data() for row in range(popup.model().rowCount())]
    assert offered == ["v0.p1  ·  System", "v0.p2  ·  TRANSFER", "v0.p3  ·  lm-home"]
    desk.qtbot.keyClick(popup, Qt.Key.Key_Down)
    desk.qtbot.keyClick(popup, Qt.Key.Key_Return)
    assert line.box.text() == "mismatch volume:v0.p1"
    desk.shows(found(desk, "mismatch volume:v0.p1"))


@POPUPS
def test_a_filter_is_kept_taken_again_and_forgotten(desk: Desk) -> None:
    line = everything(desk)
    line.box.setText("type:image -deleted")
    desk.shows(images := found(desk, "type:image -deleted"))
    keep = next(action for action in line.open_kept().actions() if action.text() == "Keep this filter")
    keep.trigger()
    line.box.clear()
    desk.shows(desk.found(CatalogueQuery(sort=SortColumn.NAME)))
    line.open_kept().actions()[0].trigger()
    desk.shows(images)
    assert line.box.text() == "type:image -deleted"
    forget = line.open_kept().actions()[-1].menu()
    assert forget is not None
    forget.actions()[0].trigger()
    assert not any("type:image" in action.text() for action in line.open_kept().actions())


@POPUPS
def test_help_shows_every_key_with_an_example(desk: Desk) -> None:
    desk.child(IconButton, "filterHelp").click()
    sheet = desk.sheet()
    assert isinstance(sheet, FilterHelp)
    sheet.submit()


@POPUPS
def test_a_character_of_two_units_shifts_neither_the_cursor_nor_what_is_taken(desk: Desk) -> None:
    line = everything(desk)
    line.box.setFocus()
    desk.settle(line.box.hasFocus)
    line.box.setText("\U0001f600 mis")
    desk.qtbot.keyClick(line.box, Qt.Key.Key_Space, Qt.KeyboardModifier.ControlModifier)
    popup = line.typing.completer.popup()
    assert popup is not None
    desk.qtbot.keyClick(popup, Qt.Key.Key_Return)
    assert (line.box.text(), line.box.cursorPosition()) == ("\U0001f600 mismatch", len("xx mismatch"))
    desk.settle(lambda: desk.why_nothing)


@POPUPS
def test_the_hint_is_of_what_was_listed_and_not_of_what_stands_in_the_box_by_now(desk: Desk) -> None:
    line = everything(desk)
    line.box.setText("realloc ext:doc")
    desk.page.browser.files.list_again()
    line.box.setText('zzz "')
    assert 'write "realloc" in quotes' in line.hint()


def test_a_place_with_a_filter_that_cannot_be_understood_lists_nothing_of_another(desk: Desk) -> None:
    everything(desk)
    files = desk.page.browser.files
    place, reader = files.place, files._reader
    assert place is not None
    assert reader is not None
    heard: list[int] = []
    files.listed.connect(lambda: heard.append(len(files.model.ids)))
    files.list_again()
    files.show_place(place, reader, (), state=ListState(text="type:"))
    assert not files._listing._open
    assert (heard, desk.ids()) == ([], [])
    assert desk.why_nothing.startswith("Nothing is listed, because the filter above")
