import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QStackedWidget

from forensics_app.bootstrap import Lab
from forensics_app.model.catalogue import CatalogueQuery
from forensics_app.model.filter_language.tree import Words
from tests.builders import Bench, make_bench
from tests.ui import room
from tests.ui.examine.conftest import DEMO, Desk, MakeDesk, take_in
from ui.examine.places import Destination, Place
from ui.widgets.buttons import Button, Chip
from ui.widgets.hex_blocks import BLOCK_BYTES
from ui.widgets.notes import EmptyState
from ui.widgets.sheet import Sheet


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    bench = make_bench(tmp_path / "lab")
    yield bench
    bench.lab.close()


@pytest.fixture
def damaged(tmp_path: Path) -> Path:
    """The demonstration disk with one byte changed where the content of files lies."""
    data = bytearray(DEMO.read_bytes())
    data[len(data) // 2] ^= 0xFF
    target = tmp_path / "damaged.E01"
    target.write_bytes(bytes(data))
    return target


def act(desk: Desk) -> Button:
    return desk.page.browser.gate.act


def gate_says(desk: Desk, words: str) -> None:
    gate = desk.page.browser.gate
    desk.settle(lambda: gate.isVisible() and words in gate.accessibleName())


def test_without_a_case_the_page_says_so(make_desk: MakeDesk, bench: Bench) -> None:
    bench.case()
    desk = make_desk(bench.lab)
    desk.page.show_case(None)
    desk.page.refresh()
    assert desk.child(EmptyState, "noCase").accessibleName().startswith("No case is open.")


def test_a_case_without_an_image_leads_to_where_one_is_taken_in(make_desk: MakeDesk, bench: Bench) -> None:
    bench.case()
    desk = make_desk(bench.lab)
    desk.read()
    desk.settle(desk.child(Button, "takeInImage").isVisible)
    desk.child(Button, "takeInImage").click()
    assert desk.gone_to == [("exhibits", None)]


def test_a_catalogue_is_built_on_request_and_the_files_appear(make_desk: MakeDesk, bench: Bench) -> None:
    take_in(bench, DEMO)
    desk = make_desk(bench.lab)
    desk.read()
    gate_says(desk, "LH/01-I1 has no catalogue yet.")
    assert desk.page.primary() is act(desk)
    act(desk).click()
    gate_says(desk, "is being built")
    desk.settle(lambda: desk.page.browser.files.model.rowCount() == 18)
    assert desk.page.browser.place == Place(image_id=desk.image.id, volume_id="v0.p1")
    assert desk.entry("/Users/l.mirel/Pictures/holiday.jpg").sha256 is not None


def test_names_and_times_alone_can_be_asked_for(make_desk: MakeDesk, bench: Bench) -> None:
    take_in(bench, DEMO)
    desk = make_desk(bench.lab)
    desk.read()
    gate_says(desk, "has no catalogue yet.")
    desk.page.browser.gate.names_only.setChecked(True)
    act(desk).click()
    desk.settle(lambda: desk.page.browser.files.model.rowCount() == 18)
    entry = desk.go_to("/Users/l.mirel/Pictures/holiday.jpg")
    assert (entry.sha256, entry.mime) == (None, None)


def test_a_building_that_is_stopped_leaves_no_catalogue(make_desk: MakeDesk, bench: Bench) -> None:
    image = take_in(bench, DEMO)
    desk = make_desk(bench.lab)
    desk.read()
    gate_says(desk, "has no catalogue yet.")
    act(desk).click()
    desk.page.browser.gate.second.click()
    gate_says(desk, "has no catalogue yet.")
    assert not bench.lab.catalogues.path(image).exists()
    assert not desk.errors


def test_an_image_whose_integrity_failed_waits_for_a_supervisor(
    make_desk: MakeDesk, bench: Bench, damaged: Path
) -> None:
    image = take_in(bench, damaged)
    desk = make_desk(bench.lab)
    desk.read()
    gate_says(desk, "The integrity of LH/01-I1 failed. It is not examined until a supervisor has decided about it.")
    act(desk).click()
    assert desk.gone_to == [("review", image.id)]
    bench.lab.intake.decide(bench.supervisor, image.id, release=False, reason="The copy is broken")
    desk.page.refresh()
    gate_says(desk, "is quarantined")
    assert "The copy is broken" in desk.page.browser.gate.accessibleName()
    assert not act(desk).isVisible()


def test_what_cannot_be_read_is_said_with_its_place_and_never_shown_as_zeros(
    make_desk: MakeDesk, bench: Bench, damaged: Path
) -> None:
    image = take_in(bench, damaged)
    bench.lab.intake.decide(bench.supervisor, image.id, release=True, reason="One region is damaged")
    bench.lab.catalogues.build(bench.examiner, image.id)
    with bench.lab.catalogues.open(image) as catalogue:
        entries = catalogue.rows(catalogue.ids(CatalogueQuery()))
    broken = next(one for one in entries if one.note and one.note.startswith("content not readable"))
    desk = make_desk(bench.lab)
    desk.read()
    desk.settle(lambda: desk.ids())
    desk.page.open_target(Destination(image_id=image.id, entry_id=broken.id))
    viewer = desk.page.browser.viewers.hex
    desk.settle(lambda: (subject := desk.page.browser.subject) and subject.entry == broken)
    for offset_bytes in range(0, broken.size_bytes, BLOCK_BYTES):
        viewer.view.go_to(offset_bytes)
        desk.qtbot.wait(200)
    desk.settle(lambda: "of the media at" in viewer.refusal)
    assert "are shown as ??, never as zeros" in viewer.refusal
    files = desk.page.browser.files
    state = next(at for at, column in enumerate(files.columns) if column.key == "state")
    assert files.model.index(files.model.row_of(broken.id), state).data() == "Not readable"


def test_a_missing_image_file_is_named_and_the_catalogue_still_lists(
    make_desk: MakeDesk, bench: Bench, tmp_path: Path
) -> None:
    source = tmp_path / "moved.E01"
    shutil.copy(DEMO, source)
    image = take_in(bench, source)
    bench.lab.catalogues.build(bench.examiner, image.id)
    source.unlink()
    desk = make_desk(bench.lab)
    desk.read()
    desk.settle(lambda: desk.page.browser.files.model.rowCount() == 18)
    assert f"{source} is not there." in desk.page.browser.messages.warning
    desk.go_to("/Users/l.mirel/Pictures/holiday.jpg")
    desk.settle(lambda: "cannot be read" in desk.page.browser.viewers.hex.refusal)


def test_a_damaged_catalogue_is_said_and_can_be_built_again(make_desk: MakeDesk, bench: Bench) -> None:
    image = take_in(bench, DEMO)
    bench.lab.catalogues.build(bench.examiner, image.id)
    path = bench.lab.catalogues.path(image)
    path.write_bytes(path.read_bytes()[:5000])
    desk = make_desk(bench.lab)
    desk.read()
    gate_says(desk, "A catalogue can be built again at any time.")
    act(desk).click()
    desk.settle(lambda: desk.page.browser.files.model.rowCount() == 18)


def test_ids_of_one_image_choose_nothing_in_another(make_desk: MakeDesk, bench: Bench) -> None:
    first, second = (take_in(bench, DEMO) for _ in range(2))
    for image in (first, second):
        bench.lab.catalogues.build(bench.examiner, image.id)
    desk = make_desk(bench.lab)
    desk.read()
    desk.settle(lambda: desk.ids())
    desk.go_to("/Users/l.mirel/Pictures/holiday.jpg")
    desk.page.browser.go(Place(image_id=second.id))
    desk.settle(lambda: len(desk.ids()) == 100)
    assert desk.page.browser.files.selected_ids() == []
    subject = desk.page.browser.subject
    assert subject is not None
    assert (subject.image.id, subject.entry) == (second.id, None)


def test_a_place_that_another_page_points_at_is_shown_before_the_first_reading_ends(
    make_desk: MakeDesk, bench: Bench
) -> None:
    image = take_in(bench, DEMO)
    bench.lab.catalogues.build(bench.examiner, image.id)
    with bench.lab.catalogues.open(image) as catalogue:
        entry = catalogue.rows(catalogue.ids(CatalogueQuery(filter=Words(column="name", text="holiday.jpg"))))[0]
    chosen = bench.lab.examine.choose(bench.examiner, image.id, entry)
    desk = make_desk(bench.lab)
    desk.read()
    desk.page.open_target(chosen)
    desk.settle(lambda: (subject := desk.page.browser.subject) and subject.entry and subject.entry.id == entry.id)
    assert desk.page.browser.files.selected_ids() == [entry.id]
    assert desk.child(Chip, "deletedChip").isEnabled()


def test_the_page_is_laid_out_in_one_turn_and_filled_in_the_next(make_desk: MakeDesk, lab: Lab) -> None:
    desk = make_desk(lab)
    stack, between = desk.page.browser.parent(), list[int]()
    assert isinstance(stack, QStackedWidget)

    def look() -> None:
        between.append(len(desk.page.browser.case.images))

    stack.currentChanged.connect(lambda _: desk.page.context.jobs.next_turn(desk.page, look))
    desk.read()
    desk.settle(lambda: desk.page.browser.case.images)
    assert between == [0]


def test_another_case_that_is_chosen_before_a_page_is_filled_is_the_one_that_is_shown(
    make_desk: MakeDesk, lab: Lab
) -> None:
    desk = make_desk(lab)
    stack = desk.page.browser.parent()
    assert isinstance(stack, QStackedWidget)
    left = stack.currentChanged.connect(lambda _: desk.page.show_case(None))
    desk.read()
    desk.settle(lambda: stack.currentWidget() is desk.page.browser)
    stack.disconnect(left)
    over: list[bool] = []
    desk.page.context.jobs.next_turn(desk.page, lambda: over.append(True))
    desk.settle(lambda: over)
    assert desk.page.browser.case.images == ()
    desk.read()
    desk.settle(lambda: desk.page.browser.case.images)


def test_the_list_on_f1_has_every_key_of_files_searches_and_the_timeline(desk: Desk) -> None:
    desk.go_to("/Users/l.mirel/Pictures/holiday.jpg")
    desk.page.open_timeline()
    desk.settle(lambda: desk.page.timeline and desk.page.timeline.is_shown)
    desk.page.open_search()
    assert not [one for one in desk.page.window().findChildren(Sheet) if one.isVisible()]  # made in a later turn
    desk.sheet().reject()
    common = {"Alt+E", "Ctrl+F"}  # of every dialog and of the window; see the test of every page
    told = room.told_keys(desk.page.shortcuts()) | common
    assert room.registered_keys(desk.page) - told == set()
