"""The room of the Examine page: one viewer enlarged and back, lines moved by keyboard, all of it kept."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QApplication, QLabel, QTabBar, QWidget
from pytestqt.qtbot import QtBot

from forensics_app.model.catalogue import CatalogueQuery
from tests.ui import room
from tests.ui.examine.conftest import Desk, MakeDesk
from ui.examine.places import Destination
from ui.examine.tab_group import TabGroup
from ui.examine.viewers import DETAILS, MEDIA, PREVIEW, TEXT, TIMES
from ui.tones import Tone
from ui.widgets.buttons import IconButton
from ui.widgets.dividers import Divider
from ui.widgets.folding_note import FoldingNote
from ui.widgets.reading_order import ReadingOrder
from ui.widgets.text_view import TextView

SIZES = (QSize(1204, 708), QSize(948, 608), QSize(584, 308))
"""Of the page in a window of 1280x800 and 1024x700, and of 1280x800 at 200 %."""
CONTROL_SHIFT = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier


def enlarge(desk: Desk, part: QWidget) -> None:
    desk.qtbot.keyClick(part, Qt.Key.Key_M, CONTROL_SHIFT)


def groups(desk: Desk) -> list[TabGroup]:
    return [one for one in desk.page.findChildren(TabGroup) if one.isVisible()]


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size.width()}x{size.height()}")
def test_a_viewer_gets_all_the_room_by_key_and_gives_it_back(desk: Desk, size: QSize) -> None:
    page, viewers, files = desk.page, desk.page.browser.viewers, desk.page.browser.files
    page.resize(size)
    down, seen = page.browser._room.down, list[list[int]]()

    def is_still() -> bool:
        seen.append(down.sizes())
        return len(seen) > 20 and seen[-20:] == [seen[-1]] * 20

    desk.settle(is_still)
    files.table.setFocus()
    before = [(part, part.isVisible()) for part in (page.browser.tree, files, *page.findChildren(TabGroup))]
    sizes = page.browser._room.down.sizes()
    viewers.show_tab(PREVIEW)
    enlarge(desk, files.table)
    (large,) = [one for one in groups(desk) if viewers.isAncestorOf(one)]
    assert large.current == PREVIEW
    assert large.isAncestorOf(QApplication.focusWidget())
    assert not files.isVisible()
    assert not page.browser.tree.isVisible()
    desk.settle(lambda: large.height() > page.browser.height() - 80 and large.width() > page.browser.width() - 4)
    assert room.unnamed(page) == room.unreachable(page) == []
    enlarge(desk, large)
    desk.settle(lambda: [(part, part.isVisible()) for part, _ in before] == before)
    desk.settle(lambda: page.browser._room.down.sizes() == sizes)
    assert QApplication.focusWidget() is files.table


def test_the_button_at_a_viewer_enlarges_it_and_says_whose_bytes_they_are(desk: Desk) -> None:
    path = "/Users/l.mirel/Pictures"
    desk.go_to(path)
    viewers = desk.page.browser.viewers
    desk.child(IconButton, "bytesGroupEnlarge").click()
    (large,) = groups(desk)
    assert large.objectName() == "bytesGroup"
    said = desk.child(QLabel, "enlargedOf")
    assert said.isVisible()
    assert said.text() == f"{desk.image.number}  v0.p1  {path}"
    desk.page.resize(600, 700)  # the arrangement for a narrow page waits until the room is given back
    assert groups(desk) == [large]
    desk.child(IconButton, "bytesGroupEnlarge").click()
    assert not viewers.is_enlarged
    assert not said.isVisible()
    assert TEXT in groups(desk)[0].keys, "one row of tabs on a narrow page"


def test_what_leads_to_the_list_gives_the_room_back(desk: Desk) -> None:
    viewers, files = desk.page.browser.viewers, desk.page.browser.files
    enlarge(desk, files.table)
    assert viewers.is_enlarged
    box = desk.page.filter_box()
    assert box is not None
    assert box.isVisible()
    enlarge(desk, files.table)
    desk.go_to("/Users/l.mirel/Pictures")
    assert not viewers.is_enlarged
    assert files.isVisible()


def test_lines_between_panes_are_reached_by_tab_moved_by_arrows_and_stay_there(desk: Desk, make_desk: MakeDesk) -> None:
    lines = {one.splitter().objectName(): one for one in desk.page.findChildren(Divider) if one.isVisible()}
    assert set(lines) >= {"examineDown", "examineAcross", "viewerSplit"}
    for name, key in (("examineDown", Qt.Key.Key_Up), ("examineAcross", Qt.Key.Key_Right)):
        line = lines[name]
        assert line.focusPolicy() & Qt.FocusPolicy.TabFocus
        assert line.accessibleName()
        line.setFocus()
        thin = line.mask().boundingRect().size()
        before = line.splitter().sizes()
        desk.qtbot.keyClick(line, key)
        desk.qtbot.keyClick(line, key)
        after = line.splitter().sizes()
        step = -32 if key == Qt.Key.Key_Up else 32
        assert (after[0] - before[0], after[1] - before[1]) == (step, -step)
        assert thin.isEmpty(), "the line is as wide as can be grabbed while it has the keyboard"
    down, across = (desk.page.browser._room.down.sizes(), desk.page.browser._room.across.splitter.sizes())
    again = make_desk(desk.lab)
    again.read()
    again.settle(again.ids)
    again.settle(lambda: again.page.browser._room.down.sizes() == down)
    assert again.page.browser._room.across.splitter.sizes() == across


def test_half_of_the_page_is_for_the_viewers_at_first(desk: Desk) -> None:
    desk.page.resize(SIZES[0])
    files, viewers = desk.page.browser.files, desk.page.browser.viewers
    assert viewers.height() >= files.height()


def test_a_note_folds_where_the_room_is_short_and_unfolds_when_asked(qtbot: QtBot) -> None:
    text = "It is damaged.\n" + "Not all of it was read. " * 20
    note = FoldingNote(Tone.INFO, text, name="note")
    qtbot.addWidget(note)
    note.resize(300, 400)
    note.show()
    more = note.findChild(IconButton, "noteMore")
    assert more is not None
    assert not more.isVisible()
    tall = note.sizeHint().height()
    note.fit(is_short=True)
    assert note.text == text
    assert note.accessibleName() == text
    assert note.sizeHint().height() < min(tall, 60)
    more.click()
    assert note.sizeHint().height() >= tall
    note.say(Tone.WARN, "Another.")
    assert note.sizeHint().height() < 60


@pytest.fixture
def ordered(desk: Desk) -> Desk:
    """The page as a window, with the Tab of one."""
    ReadingOrder(desk.page)
    return desk


def stops(
    desk: Desk,
    key: Qt.Key = Qt.Key.Key_Tab,
    modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
) -> list[QWidget]:
    """Where Tab comes to, from the list on round the page."""
    table = desk.page.browser.files.table
    table.setFocus()
    met, focused = list[QWidget](), QApplication.focusWidget()
    while focused is not None and focused not in met and len(met) < 200:
        met.append(focused)
        desk.qtbot.keyClick(focused, key, modifier)
        focused = QApplication.focusWidget()
    assert focused is table, "Tab does not come back to the list"
    return met


def test_tab_goes_through_the_page_as_it_is_read_and_back(ordered: Desk) -> None:
    ordered.go_to("/Users/l.mirel/Pictures")
    page, browser = ordered.page, ordered.page.browser
    bytes_, text, facts = browser.viewers.panes()
    parts = (page.bar, browser.tree, browser.files.filter, browser.files.head, browser.files.table, bytes_, text, facts)
    ordered.settle(lambda: any(one.isVisible() for one in text.findChildren(TextView)))
    met = stops(ordered)

    def part_of(stop: QWidget) -> int:
        return next((at for at, part in enumerate(parts) if part is stop or part.isAncestorOf(stop)), -1)

    found = [at for stop in met if (at := part_of(stop)) >= 0 or not isinstance(stop, Divider)]
    first = found.index(0)
    expected = sorted(found[:first]) + sorted(found[first:])
    assert found == expected, [(stop.objectName(), part_of(stop)) for stop in met]
    assert found[0] == parts.index(browser.files.table)
    assert set(found) == set(range(len(parts)))
    assert stops(ordered, Qt.Key.Key_Backtab, Qt.KeyboardModifier.ShiftModifier) == [met[0], *reversed(met[1:])]


def test_the_buttons_that_copy_a_digest_follow_their_facts(ordered: Desk) -> None:
    entry = ordered.found(CatalogueQuery(mime_prefix="image/"))[0]
    ordered.page.open_target(Destination(image_id=ordered.image.id, entry_id=entry))
    ordered.settle(lambda: (subject := ordered.page.browser.subject) and subject.entry and subject.entry.id == entry)
    met = stops(ordered)
    details = ordered.page.browser.viewers.details
    at = [met.index(stop) for stop in met if details.isAncestorOf(stop)]
    assert len(at) >= 4
    assert at == list(range(at[0], at[0] + len(at)))
    assert met[at[-1]].objectName() == "exportFile"


def test_the_chosen_viewer_stays_when_the_page_is_made_wider_or_narrower(desk: Desk) -> None:
    viewers = desk.page.browser.viewers

    def shown(across: int) -> list[str]:
        desk.settle(lambda: viewers._across == across)
        return [one.current for one in viewers.panes() if isinstance(one, TabGroup) and one.keys]

    desk.page.resize(SIZES[0])
    assert shown(2)[1] == DETAILS
    viewers.show_tab(PREVIEW)
    viewers.show_tab(MEDIA)
    desk.page.resize(1800, 900)
    assert shown(3) == [MEDIA, PREVIEW, DETAILS]
    desk.page.resize(SIZES[0])
    assert shown(2) == [MEDIA, PREVIEW]
    for pane in viewers.panes():
        bar = pane.findChild(QTabBar)
        if bar.count():
            assert bar.tabRect(bar.count() - 1).right() < bar.width(), "every name of a tab is whole"
    viewers.show_tab(TIMES)
    desk.page.resize(1800, 900)
    assert shown(3) == [MEDIA, PREVIEW, TIMES]
    desk.page.resize(SIZES[2])
    assert shown(1) == [TIMES]
    desk.page.resize(1800, 900)
    assert shown(3) == [MEDIA, PREVIEW, TIMES]


def test_in_a_small_window_the_filter_says_whole_what_it_takes_and_the_state_of_each_file_is_in_sight(
    desk: Desk,
) -> None:
    desk.page.resize(SIZES[0])
    files = desk.page.browser.files
    box, table = files.filter.box, files.table
    desk.settle(lambda: files.filter.height() < 2 * box.height())
    words_px = box.fontMetrics().horizontalAdvance(box.placeholderText())
    assert words_px + 3 * box.height() // 2 <= box.width()
    state = next(at for at, column in enumerate(files.columns) if column.key == "state")
    assert table.columnViewportPosition(state) + table.columnWidth(state) < table.viewport().width() // 2


def test_bytes_are_looked_for_by_key_while_text_stands_before_them(desk: Desk) -> None:
    desk.page.resize(SIZES[0])
    desk.go_to("/Users/l.mirel/Pictures/holiday.jpg")
    viewers = desk.page.browser.viewers
    viewers.show_tab(TEXT)
    desk.qtbot.keyClick(desk.page.browser.files.table, Qt.Key.Key_H, CONTROL_SHIFT)
    assert viewers.hex.find_bar.box.hasFocus()
