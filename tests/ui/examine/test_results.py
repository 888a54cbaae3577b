"""Results in tabs: none takes another's place, browsing goes on beside them, and a restart keeps them."""

import json
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from PySide6.QtCore import Qt

from forensics_app.model.catalogue import CatalogueQuery, SortColumn
from forensics_app.model.filter_language.parser import parse
from tests.ui.examine.conftest import Desk, MakeDesk
from ui.examine.places import ListState, Place, View
from ui.examine.results import Result, Results
from ui.widgets.buttons import Chip, IconButton


def results(desk: Desk) -> Results:
    return desk.child(Results, "results")


def tabs(desk: Desk) -> list[str]:
    bar = results(desk).bar
    return [bar.tabText(at) for at in range(bar.count())]


def all_by_name(desk: Desk, text: str = "") -> list[int]:
    expression = parse(text, ZoneInfo(desk.page.zone.zone))
    return desk.found(CatalogueQuery(filter=expression, sort=SortColumn.NAME))


def keep(desk: Desk, text: str) -> list[int]:
    """Filter everything by a text and keep that in a tab."""
    desk.go(Place(image_id=desk.image.id), all_by_name(desk))
    desk.page.browser.files.filter.box.setText(text)
    found = all_by_name(desk, text)
    desk.shows(found)
    desk.child(IconButton, "openResult").click()
    return found


def test_each_result_keeps_its_tab_and_browsing_goes_on_without_its_filter(desk: Desk) -> None:
    assert not results(desk).isVisible()
    pictures = keep(desk, "type:image size>10K")
    assert (tabs(desk), desk.ids()) == (["Browse", "type:image size>10K"], pictures)
    deleted = keep(desk, "deleted ext:jpg")
    assert tabs(desk) == ["Browse", "type:image size>10K", "deleted ext:jpg"]
    bar = results(desk).bar
    bar.setCurrentIndex(1)
    desk.shows(pictures)
    assert desk.page.browser.files.filter.box.text() == "type:image size>10K"
    bar.setCurrentIndex(2)
    desk.shows(deleted)
    bar.setCurrentIndex(0)
    desk.shows(all_by_name(desk))
    assert desk.page.browser.files.filter.box.text() == ""


def test_who_goes_elsewhere_from_a_result_goes_in_the_tab_for_browsing(desk: Desk) -> None:
    pictures = keep(desk, "type:image")
    desk.go(
        Place(image_id=desk.image.id, view=View(title="Deleted", deleted=True)),
        desk.found(CatalogueQuery(deleted=True, sort=SortColumn.NAME)),
    )
    assert results(desk).bar.currentIndex() == 0
    desk.page.browser.files.table.setFocus()
    desk.page.activateWindow()
    desk.settle(desk.page.browser.files.table.hasFocus)
    desk.qtbot.keyClick(desk.page.browser.files.table, Qt.Key.Key_PageDown, Qt.KeyboardModifier.ControlModifier)
    desk.shows(pictures)
    assert results(desk).bar.currentIndex() == 1


def test_the_chosen_entry_and_the_chips_of_a_tab_are_as_they_were_left(desk: Desk) -> None:
    keep(desk, "ext:jpg")
    files = desk.page.browser.files
    desk.child(Chip, "deletedChip").click()
    left = all_by_name(desk, "ext:jpg deleted")
    desk.shows(left)
    files.table.select_key(left[-1])
    results(desk).bar.setCurrentIndex(0)
    desk.shows(all_by_name(desk))
    assert not desk.child(Chip, "deletedChip").isChecked()
    results(desk).bar.setCurrentIndex(1)
    desk.shows(left)
    assert desk.child(Chip, "deletedChip").isChecked()
    desk.settle(lambda: files.selected_ids() == [left[-1]])


def test_tabs_that_are_passed_quickly_keep_their_filters(desk: Desk) -> None:
    pictures = keep(desk, "type:image")
    tables = keep(desk, "ext:csv")
    keep(desk, "deleted")
    row = results(desk)
    row.step(-1)
    desk.page.browser.files.list_again()
    row.step(-1)
    desk.shows(pictures)
    assert tabs(desk) == ["Browse", "type:image", "ext:csv", "deleted"]
    row.step(1)
    row.add()
    row.step(1)
    row.close_tab()
    desk.shows(tables)
    assert tabs(desk) == ["Browse", "type:image", "ext:csv"]
    row.step(-1)
    row.step(-1)
    desk.shows(all_by_name(desk))
    assert desk.page.browser.files.filter.box.text() == ""


def test_a_closed_tab_gives_its_place_to_the_one_before_it(desk: Desk) -> None:
    pictures = keep(desk, "type:image")
    keep(desk, "ext:csv")
    results(desk).close_tab()
    desk.shows(pictures)
    results(desk).close_tab()
    desk.shows(all_by_name(desk))
    assert not results(desk).isVisible()
    results(desk).close_tab()
    assert tabs(desk) == ["Browse"]


def test_tabs_are_there_again_in_the_next_window(desk: Desk, make_desk: MakeDesk) -> None:
    pictures = keep(desk, "type:image")
    desk.page.browser.files.filter.box.setText("type:image deleted")
    narrowed = all_by_name(desk, "type:image deleted")
    desk.shows(narrowed)
    assert narrowed != pictures
    again = make_desk(desk.lab)
    again.read()
    again.settle(lambda: tabs(again) == ["Browse", "type:image deleted"])
    again.settle(lambda: again.page.browser.files.model.rowCount())
    results(again).bar.setCurrentIndex(1)
    again.shows(narrowed)


def test_what_is_stored_by_something_else_opens_no_tab(desk: Desk, make_desk: MakeDesk) -> None:
    store = desk.page._preferences.store
    for nonsense in ("nonsense", "[1]", '[{"place": {}}]', "{}"):
        store.setValue(f"examine/results/{desk.case.id}", nonsense)
        again = make_desk(desk.lab)
        again.read()
        again.settle(again.ids)
        assert tabs(again) == ["Browse"]


def test_a_folder_in_a_tab_is_not_another_one_once_the_catalogue_was_built_anew(desk: Desk) -> None:
    folder = desk.entry("/Users/l.mirel/Pictures")
    made, image_id = results(desk), desk.image.id
    made.use_case(uuid4(), {image_id: "aa"})
    place = Place(image_id=image_id, volume_id=folder.volume_id, folder_id=folder.id)
    view = Result(place=Place(image_id=image_id), place_words="All entries", state=ListState(text="pdf"), entry_id=7)
    in_folder = Result(place=place, place_words="Documents", state=ListState(), entry_id=folder.id)
    again = Results(made._store, lambda: in_folder)
    again.use_case(case_id := uuid4(), {image_id: "aa"})
    again.add()
    for catalogue, kept in (("aa", folder.id), ("bb", None)):
        after = Results(made._store, lambda: view)
        after.use_case(case_id, {image_id: catalogue})
        (found,) = after._results[1:]
        assert found is not None
        assert (found.place.folder_id, found.place.volume_id) == (kept, folder.volume_id)
        assert ("built anew" in found.title) is (kept is None)
    again.use_catalogues({image_id: "bb"})
    assert "built anew" in again.bar.tabText(1) or "built anew" in again.bar.tabToolTip(1)


def test_one_stored_tab_that_cannot_be_read_does_not_take_the_others_with_it(desk: Desk) -> None:
    keep(desk, "type:image")
    made = results(desk)
    stored = json.loads(str(made._store.value(made._key)))
    made._store.setValue(made._key, json.dumps([{"place": "nowhere"}, *stored]))
    case_id = UUID(made._key.rpartition("/")[2])
    made.use_case(case_id, {desk.image.id: ""})
    assert tabs(desk) == ["Browse", "type:image"]


def test_the_place_is_there_again_in_the_next_window_with_filter_and_chosen_row(
    desk: Desk, make_desk: MakeDesk
) -> None:
    folder = desk.entry("/Users/l.mirel/Pictures")
    place = Place(image_id=desk.image.id, volume_id=folder.volume_id, folder_id=folder.id)
    desk.page.browser.go(place)
    desk.settle(lambda: desk.page.browser.files.place == place and len(desk.ids()) > 2)
    everything = desk.ids()
    desk.page.browser.files.filter_by("ext:jpg")
    desk.settle(lambda: 0 < len(desk.ids()) < len(everything))
    shown = desk.ids()
    desk.page.browser.files.table.selectRow(0)
    again = make_desk(desk.lab)
    again.read()
    again.shows(shown)
    browser = again.page.browser
    again.settle(lambda: browser.subject and browser.subject.entry and browser.subject.entry.id == shown[0])
    assert browser.place == place
    assert browser.files.filter.box.text() == "ext:jpg"
    assert browser.results.is_browsing


def test_the_tab_that_was_in_sight_is_in_sight_again(desk: Desk, make_desk: MakeDesk) -> None:
    pictures = keep(desk, "type:image")
    again = make_desk(desk.lab)
    again.read()
    again.shows(pictures)
    assert results(again).bar.currentIndex() == 1
    assert tabs(again) == ["Browse", "type:image"]


def test_the_place_of_another_catalogue_or_image_is_not_taken_for_one_of_this(desk: Desk) -> None:
    folder = desk.entry("/Users/l.mirel/Pictures")
    made, image_id = results(desk), desk.image.id
    place = Place(image_id=image_id, volume_id=folder.volume_id, folder_id=folder.id)
    now = Result(place=place, place_words="Pictures", state=ListState(), entry_id=7)
    first = Results(made._store, lambda: now)
    first.use_case(case_id := uuid4(), {image_id: "aa"})
    first.keep()
    for catalogues, folder_id, entry_id in (({image_id: "aa"}, folder.id, 7), ({image_id: "bb"}, None, None)):
        after = Results(made._store, lambda: None)
        after.use_case(case_id, catalogues)
        found = after.resume()
        assert found is not None
        assert (found.place.folder_id, found.entry_id) == (folder_id, entry_id)
    after.use_case(case_id, {})
    assert after.resume() is None
    for nonsense in ("nonsense", "[1]", '{"place": {}}', "{}", "3"):
        made._store.setValue(f"examine/place/{case_id}", nonsense)
        after.use_case(case_id, {image_id: "aa"})
        assert after.resume() is None
