import contextlib
import hashlib
import os
import re
import signal
from collections.abc import Iterator
from zoneinfo import ZoneInfo

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel, QWidget

from tests.ui.examine.conftest import Desk
from ui.examine.places import Place
from ui.examine.stamps import exact_text, stamp_text
from ui.examine.viewers import DETAILS, FILE, MEDIA, PREVIEW, STRINGS, TEXT, TIMES, TWO_PX, VALUES, VOLUME
from ui.widgets.buttons import IconButton
from ui.widgets.digest_view import DigestView
from ui.widgets.hex_view import HexView
from ui.widgets.labels import CutLabel
from ui.widgets.sight import bring_into_sight

RTL = "/Users/l.mirel/Downloads/INV-0417_\u202efdp.scr"


def shown_bytes(desk: Desk, count: int) -> bytes:
    """The first bytes that the viewer has, once they are there."""
    source = desk.page.browser.viewers.hex.source
    assert source is not None
    view = desk.page.browser.viewers.hex.view
    view.go_to(0, count)
    got: list[str] = []
    view.copied.connect(got.append)
    view.copy_hex()
    desk.settle(lambda: got)
    return bytes.fromhex(got[0])


def said(desk: Desk, pane: str) -> str:
    """Every word in a pane, one part a line."""
    found = desk.page.findChild(object, pane)
    assert found is not None
    return "\n".join(part.text() for part in found.findChildren(QLabel) if part.isVisible())


def test_the_bytes_of_a_file_are_its_content_and_the_digest_agrees(desk: Desk) -> None:
    entry = desk.go_to("/Users/l.mirel/Pictures/holiday.jpg")
    assert hashlib.sha256(shown_bytes(desk, entry.size_bytes)).digest() == entry.sha256


def test_the_bytes_of_a_deleted_file_are_still_its_content(desk: Desk) -> None:
    entry = desk.go_to("/Users/l.mirel/Pictures/2026-02/IMG_2043.jpg")
    assert not entry.allocated
    assert hashlib.sha256(shown_bytes(desk, entry.size_bytes)).digest() == entry.sha256


def test_volume_and_media_show_raw_bytes_at_their_own_offsets(desk: Desk) -> None:
    viewers = desk.page.browser.viewers
    viewers.show_tab(VOLUME)
    assert shown_bytes(desk, 8) == b"\xebR\x90NTFS "
    viewers.show_tab(MEDIA)
    assert shown_bytes(desk, 512)[510:] == b"\x55\xaa"
    viewers.hex.go_to_text("0x100000")
    assert viewers.hex.view.selection == (0x100000, 1)
    assert desk.child(CutLabel, "hexSelection").text() == "Selection 0x100000, 1 byte"
    viewers.resize(TWO_PX - 1, 400)  # one row of tabs has no room for it
    assert desk.child(QLabel, "hexSelectionBelow").text() == "Selection 0x100000, 1 byte"
    assert viewers.hex.isAncestorOf(desk.child(QLabel, "hexSelectionBelow"))


def test_beside_an_offset_in_a_file_stands_where_it_lies_in_the_volume_and_on_the_media(desk: Desk) -> None:
    entry = desk.go_to("/Users/l.mirel/Pictures/2026-02/IMG_2041.jpg")
    viewers = desk.page.browser.viewers
    first = shown_bytes(desk, 16)
    place = desk.child(CutLabel, "hexPlace")
    viewers.hex.view.go_to(0)
    desk.settle(lambda: "media 0x" in place.text())
    assert place.text().startswith(f"0x0 of {entry.name}  \u00b7  volume 0x")
    at = int(place.text().rpartition("0x")[2], 16)
    assert desk.lab.examine.read_media(desk.image, at, 16) == first


def test_an_offset_outside_is_refused_in_words(desk: Desk) -> None:
    desk.go_to("/Users/l.mirel/Pictures/holiday.jpg")
    bytes_ = desk.page.browser.viewers.hex
    bytes_.open_goto()
    bytes_.go_to_text("9999")
    assert bytes_.goto_bar.status.text() == "The last byte is 0x10F."
    bytes_.go_to_text("nowhere")
    assert bytes_.goto_bar.status.text().startswith("That is no offset")


def test_the_bytes_at_the_place_of_the_keyboard_are_read_as_numbers_and_times(desk: Desk) -> None:
    viewers = desk.page.browser.viewers
    desk.go_to("/Users/l.mirel/Pictures/holiday.jpg")
    viewers.show_tab(VALUES)
    viewers.hex.view.go_to(10)  # of a ZIP: time and date of its first member, as DOS has them
    desk.settle(lambda: desk.child(CutLabel, "valuesWhere").text() == "From 0xA of holiday.jpg")
    data = shown_bytes(desk, 14)[10:]
    viewers.hex.view.go_to(10)
    desk.settle(lambda: desk.child(CutLabel, "valuesWhere").text() == "From 0xA of holiday.jpg")
    told = {one.name: one for one in viewers.values.model.records}
    time, date = int.from_bytes(data[:2], "little"), int.from_bytes(data[2:], "little")
    clock = f"{time >> 11:02d}:{time >> 5 & 63:02d}:{(time & 31) * 2:02d}"
    expected = f"{1980 + (date >> 9)}-{date >> 5 & 15:02d}-{date & 31:02d} {clock}"
    assert told["DOS, time then date"].little == expected
    viewers.hex.view.go_to(271)
    desk.settle(lambda: len(viewers.values.model.records) == 3)


def test_text_is_found_and_found_again_from_the_beginning(desk: Desk) -> None:
    desk.go_to("/Users/l.mirel/Pictures/holiday.jpg")
    bytes_ = desk.page.browser.viewers.hex
    content = shown_bytes(desk, 272)
    first = content.index(b"accounts.txt")
    second = content.index(b"accounts.txt", first + 1)
    bytes_.view.go_to(0)
    bytes_.open_find()
    desk.qtbot.keyClicks(bytes_.find_bar.box, "accounts.txt")
    for expected in (first, second, first):
        desk.qtbot.keyClick(bytes_.find_bar.box, Qt.Key.Key_Return)
        desk.settle(lambda expected=expected: bytes_.view.selection == (expected, 12))
    assert bytes_.find_bar.status.text() == f"Found at 0x{first:X}, from the beginning on"


def test_bytes_are_found_anywhere_on_the_media(desk: Desk) -> None:
    desk.page.browser.viewers.show_tab(MEDIA)
    bytes_ = desk.page.browser.viewers.hex
    bytes_.open_find()
    bytes_._kind.setCurrentIndex(1)
    bytes_.find_typed("45 46 49 20 50 41 52 54")
    desk.settle(lambda: bytes_.view.selection == (512, 8))
    bytes_.find_typed("45 4")
    assert bytes_.find_bar.status.text().startswith("Type whole bytes")


def test_text_says_in_which_encoding_it_was_read_and_another_can_be_chosen(desk: Desk) -> None:
    pane = desk.page.browser.viewers.text
    desk.go_to("/\u0424\u043e\u0442\u043e/\u0443\u043b\u0438\u0446\u0430.jpg", "v0.p2")
    desk.go_to("/home/lm/notes/\u043f\u043b\u0430\u043d.txt", "v0.p3")
    desk.settle(lambda: pane.encoding.itemText(0) == "Auto: UTF-8")
    text = pane.view.toPlainText()
    assert re.search("[\u0430-\u044f]{4}", text)
    pane.encoding.setCurrentText("CP1252")
    desk.settle(lambda: pane.view.toPlainText() == text.encode().decode("cp1252", "replace"))


def test_strings_stand_with_their_offsets(desk: Desk) -> None:
    desk.go_to("/Users/l.mirel/Pictures/holiday.jpg")
    viewers = desk.page.browser.viewers
    viewers.show_tab(STRINGS)
    offset = shown_bytes(desk, 272).index(b"accounts.txt")
    desk.settle(lambda: f"{offset:08X}  accounts.txt" in viewers.strings.view.toPlainText())


def test_a_picture_is_drawn_with_its_size_and_what_its_exif_says(desk: Desk) -> None:
    viewers = desk.page.browser.viewers
    viewers.show_tab(PREVIEW)
    desk.go_to("/Users/l.mirel/Pictures/2026-02/IMG_2041.jpg")
    desk.settle(lambda: not viewers.preview.picture.image.isNull())
    desk.settle(lambda: "Aravel K7" in said(desk, "previewPane"))
    assert "1,280 x 960 pixels, JPEG" in said(desk, "previewPane")


def test_a_file_that_only_calls_itself_a_picture_is_not_drawn(desk: Desk) -> None:
    viewers = desk.page.browser.viewers
    viewers.show_tab(PREVIEW)
    desk.go_to("/Users/l.mirel/Pictures/holiday.jpg")
    pane = viewers.preview.structure
    desk.settle(lambda: pane.isVisible() and pane.parts.itemText(0).startswith("Members"))
    assert viewers.preview.picture.image.isNull()
    assert "ZIP archive" in said(desk, "previewPane")


def test_details_tell_path_address_and_digests_whole(desk: Desk) -> None:
    entry = desk.go_to("/Users/l.mirel/Pictures/holiday.jpg")
    desk.settle(lambda: entry.path in said(desk, "detailsPane"))
    words = said(desk, "detailsPane")
    assert entry.sha256 is not None
    for part in (entry.path, "92-128-2 in v0.p1", "272 bytes", "ZIP archive", "Extension .jpg is not of this type"):
        assert part in words
    digest = desk.child(DigestView, "digest-sha-256")
    copy = digest.findChild(IconButton, "copyDigest")
    assert copy is not None
    copy.click()
    assert QGuiApplication.clipboard().text() == entry.sha256.hex()


def test_a_name_that_reads_backward_is_shown_with_what_turns_it(desk: Desk) -> None:
    desk.go_to(RTL)
    assert "INV-0417_[U+202E]fdp.scr" in desk.names()
    desk.settle(lambda: "Name, code points" in said(desk, "detailsPane"))
    words = said(desk, "detailsPane")
    assert "\u202e" not in words
    assert "005F 202E 0066" in words


def test_times_of_a_known_basis_stand_in_both_zones_and_others_are_not_shifted(desk: Desk) -> None:
    viewers = desk.page.browser.viewers
    viewers.show_tab(TIMES)
    entry = desk.go_to("/Users/l.mirel/Downloads/INV-2026-0417.pdf")
    stamp = entry.time("modified")
    assert stamp is not None
    desk.settle(lambda: "2026-02-17 06:12:40.0000000 +01:00" in said(desk, "timesPane"))
    words = said(desk, "timesPane")
    assert "2026-02-17 05:12:40.0000000 Z" in words
    assert "Modified, $FN" in words
    local = desk.go_to("/READ ME.txt", "v0.p2")
    modified = local.time("modified")
    assert modified is not None
    desk.settle(lambda: exact_text(modified, ZoneInfo("Asia/Tokyo")) in said(desk, "timesPane"))
    words = said(desk, "timesPane")
    assert "wall time on the disk, of a zone that is not stored, steps of 2 s" in words
    assert "date only" in words.replace("\u00a0", " ")
    assert " Z" not in words


def test_another_zone_is_shown_at_once_in_head_cells_and_times(desk: Desk) -> None:
    entry = desk.go_to("/Users/l.mirel/Downloads/INV-2026-0417.pdf")
    files = desk.page.browser.files
    at = next(at for at, column in enumerate(files.columns) if column.key == "modified")
    row = files.model.row_of(entry.id)
    assert files.model.index(row, at).data() == "2026-02-17 06:12:40 +01:00"
    desk.page.zone.setCurrentText("Asia/Tbilisi")
    edit = desk.page.zone.lineEdit()
    assert edit is not None
    edit.editingFinished.emit()
    assert files.model.headerData(at, Qt.Orientation.Horizontal) == "Modified, Asia/Tbilisi"
    assert files.model.index(row, at).data() == "2026-02-17 09:12:40 +04:00"
    desk.page.browser.viewers.show_tab(TIMES)
    desk.settle(lambda: "2026-02-17 09:12:40.0000000 +04:00" in said(desk, "timesPane"))


def test_a_zone_that_does_not_exist_is_marked_and_not_taken(desk: Desk) -> None:
    desk.page.zone.setCurrentText("Europe/Nowhere")
    edit = desk.page.zone.lineEdit()
    assert edit is not None
    edit.editingFinished.emit()
    assert desk.page.zone.zone == "Europe/Berlin"
    assert "There is no zone Europe/Nowhere" in desk.page.zone.toolTip()


def test_only_the_last_of_many_quick_choices_reaches_the_viewers(desk: Desk) -> None:
    folder = desk.entry("/Users/l.mirel/Pictures/2026-02")
    place = Place(image_id=desk.image.id, volume_id="v0.p1", folder_id=folder.id)
    desk.page.browser.go(place)
    desk.settle(lambda: desk.names() == ["IMG_2041.jpg", "IMG_2042.jpg", "IMG_2043.jpg"])
    viewers, table = desk.page.browser.viewers, desk.page.browser.files.table
    viewers.show_tab(PREVIEW)
    for _ in range(4):
        for row in (0, 1, 2):
            table.selectRow(row)
    last = desk.entry("/Users/l.mirel/Pictures/2026-02/IMG_2043.jpg")
    assert hashlib.sha256(shown_bytes(desk, last.size_bytes)).digest() == last.sha256
    desk.settle(lambda: "pixels, JPEG" in said(desk, "previewPane"))
    assert desk.page.browser.viewers.hex.source is not None
    assert desk.page.browser.viewers.hex.source.name == "IMG_2043.jpg"


def test_enter_on_a_file_goes_to_its_bytes_and_space_to_its_picture(desk: Desk) -> None:
    desk.go_to("/Users/l.mirel/Pictures/2026-02/IMG_2041.jpg")
    files, viewers = desk.page.browser.files, desk.page.browser.viewers
    viewers.show_tab(MEDIA)
    viewers.show_tab(TEXT)
    files.table.setFocus()
    desk.qtbot.keyClick(files.table, Qt.Key.Key_Space)
    desk.settle(viewers.preview.isVisible)
    assert files.table.hasFocus()
    desk.qtbot.keyClick(files.table, Qt.Key.Key_Return)
    assert desk.child(HexView, "hexView").hasFocus()
    assert viewers.panes()[0].current == FILE


def test_every_part_can_be_reached_and_has_a_name(desk: Desk) -> None:
    desk.go_to("/Users/l.mirel/Pictures/2026-02/IMG_2041.jpg")
    for pane in desk.page.panes():
        parts = [pane, *pane.findChildren(object)]
        reachable = [
            part
            for part in parts
            if part.isWidgetType() and part.focusPolicy() & Qt.FocusPolicy.TabFocus and part.isVisible()
        ]
        assert reachable, pane.objectName()
        for part in reachable:
            assert part.accessibleName() or part.metaObject().className() in ("QTabBar", "QScrollArea"), (
                part.objectName()
            )


def test_times_in_the_list_are_those_of_the_catalogue(desk: Desk) -> None:
    entry = desk.go_to("/Users/l.mirel/Desktop/to do.txt")
    files = desk.page.browser.files
    for field in ("modified", "created"):
        at = next(at for at, column in enumerate(files.columns) if column.key == field)
        stamp = entry.time(field)
        assert stamp is not None
        shown = files.model.index(files.model.row_of(entry.id), at).data()
        assert shown == stamp_text(stamp, ZoneInfo("Europe/Berlin"))


def test_the_keyboard_stays_in_a_viewer_when_the_window_gets_another_size(desk: Desk) -> None:
    desk.go_to("/Users/l.mirel/Documents/Letters/draft 1.docx")
    page = desk.page
    bytes_view = page.browser.viewers.hex.view
    for part, key in ((bytes_view, FILE), (page.browser.viewers.details.choose, DETAILS)):
        page.resize(1600, 748)
        page.browser.viewers.show_tab(key)
        part.setFocus()
        desk.settle(part.hasFocus)
        for width in (1000, 760, 600, 1600):
            page.resize(width, 748)
            desk.settle(lambda part=part, width=width: page.width() == width and part.isVisible())
            assert part.hasFocus(), (part.objectName(), width)


def test_every_pane_can_be_scrolled_to_in_a_small_window(desk: Desk) -> None:
    page = desk.page
    page.resize(590, 250)
    desk.settle(lambda: page.browser.viewers.hex.view.height() > 0)
    for part in (page.browser.tree.tree, page.browser.files.table, page.browser.viewers.hex.view):

        def is_seen(part: QWidget = part) -> bool:
            bring_into_sight(part)
            return not part.visibleRegion().isEmpty()

        desk.settle(is_seen)
        assert part.height() >= 60, part.objectName()


@contextlib.contextmanager
def stopped(desk: Desk) -> Iterator[None]:
    """While what reads the image does not answer, as over slow media."""
    readers = desk.lab.examine.readers
    pids = [child.pid for one in (readers, readers.apart) for child, _ in one._children.values()]
    assert pids
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


def in_sight(desk: Desk) -> dict[str, str]:
    """What every viewer but the hex view shows of a content."""
    viewers = desk.page.browser.viewers
    picture = viewers.preview.picture.image
    return {
        "text": viewers.text.view.toPlainText(),
        "strings": viewers.strings.view.toPlainText(),
        "picture": "" if picture.isNull() else f"{picture.size().toTuple()}",
        "values": viewers.values.where.text(),
    }


def test_nothing_of_the_file_before_stands_under_the_name_of_the_next_one(desk: Desk) -> None:
    viewers = desk.page.browser.viewers
    for tab, key in ((TEXT, "text"), (STRINGS, "strings"), (PREVIEW, "picture"), (VALUES, "values")):
        viewers.show_tab(tab)
        desk.go_to("/Users/l.mirel/Pictures/2026-02/IMG_2041.jpg")
        desk.settle(lambda key=key: in_sight(desk)[key])
        before = in_sight(desk)[key]
        with stopped(desk):
            desk.go_to("/Users/l.mirel/Pictures/2026-02/IMG_2042.jpg")
            assert not in_sight(desk)[key]
        desk.settle(lambda key=key: in_sight(desk)[key])
        assert key == "picture" or in_sight(desk)[key] != before
