"""Contents of known formats in the Examine page: their tables, trees, texts and pages, and what is said of others."""

import contextlib
import gzip
import io
import os
import shutil
import signal
import sqlite3
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from evidence.errors import UnreadablePictureError
from evidence.wire import MAX_FRAME_BYTES
from forensics_app.bootstrap import open_lab
from forensics_app.errors import HiddenContentError
from forensics_app.model.mark import MarkKind
from forensics_app.model.tag import NewTag, TagColour
from forensics_app.model.target import entry_target
from forensics_app.model.viewing import Rows
from forensics_app.services.examine import MAX_PICTURE_BYTES
from forensics_app.services.thumbnails import DAMAGED
from tests.builders import PASSPHRASE, QUICK, Clock, make_bench
from tests.evidence.made_images import need, run
from tests.evidence.viewers import windows_samples as made
from tests.evidence.viewers.test_documents import CORE, DATABASE, document, letter, paper
from tests.evidence.viewers.test_windows_files import HIVE
from tests.ui import room
from tests.ui.examine.conftest import Desk, MakeDesk, take_in
from ui.examine.preview_pane import PreviewPane
from ui.examine.structure_parts import MOST_ROWS_SHOWN, PagesView, RowsView, TreePart
from ui.examine.viewers import BYTES, DETAILS, FILE, PREVIEW, STRINGS, TEXT, TIMES, VALUES
from ui.jobs import JobRunner
from ui.widgets.buttons import IconButton
from ui.widgets.notes import EmptyState, Note
from ui.widgets.text_view import TextView


def zipped(name: str) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr(name, b"words " * 30)
    return target.getvalue()


def _photo(**options: object) -> bytes:
    target = io.BytesIO()
    Image.effect_noise((640, 480), 60).convert("RGB").save(target, "JPEG", **options)
    return target.getvalue()


def _fax() -> bytes:
    target = io.BytesIO()
    pages = [Image.new("RGB", (300 * n, 400), colour) for n, colour in ((1, "red"), (2, "lime"), (3, "blue"))]
    pages[0].save(target, "TIFF", save_all=True, append_images=pages[1:])
    return target.getvalue()


CONTENTS = {
    "whole.jpg": _photo(), "cut.jpg": _photo()[:-900], "exif.jpg": _photo(exif=b"Exif\0\0nothing of sense"),
    "fax.tif": _fax(), "photo.heic": b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(400),
    "History": DATABASE, "History-wal": b"x" * 64, "NTUSER.DAT": HIVE, "letter.bin": letter(), "paper.dat": paper(),
    "report.docx": document(CORE), "Security.evtx": made.event_log([(4624, "HOST"), (4625, "OTHER")]),
    "broken.db": DATABASE[:90] + bytes(400), "secret.lnk": made.shortcut(), "NOTEPAD.pf": made.prefetch(),
    "old.doc": made.compound(), "plain.txt": b"plain words\n" * 9, "packed.gz": gzip.compress(b"words\n" * 9),
    "packed.zip": zipped("inner.txt"), "headless.zip": zipped("inner.txt").partition(b"PK\1\2")[0],
}  # fmt: skip


@pytest.fixture(scope="module")
def structured_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A closed lab with a disk that holds one content of every format."""
    need("mke2fs")
    base = tmp_path_factory.mktemp("structured")
    (base / "tree").mkdir()
    for name, content in CONTENTS.items():
        (base / "tree" / name).write_bytes(content)
    with contextlib.closing(sqlite3.connect(base / "logged", isolation_level=None)) as connection:
        for statement in ("PRAGMA journal_mode = WAL", "CREATE TABLE t (x)", "INSERT INTO t VALUES ('old')"):
            connection.execute(statement)
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.execute("UPDATE t SET x = 'new'")
        connection.execute("INSERT INTO t VALUES ('more')")
        for suffix in ("", "-wal"):
            shutil.copy(base / f"logged{suffix}", base / "tree" / f"Logged{suffix}")
    run("mke2fs", "-q", "-t", "ext4", "-d", base / "tree", base / "disk.raw", "16M")
    bench = make_bench(base / "lab")
    image = take_in(bench, base / "disk.raw")
    bench.lab.catalogues.build(bench.examiner, image.id)
    bench.lab.close()
    return base / "lab"


@pytest.fixture
def structured(structured_folder: Path, make_desk: MakeDesk, tmp_path: Path) -> Desk:
    """The page over it, with the preview in sight."""
    shutil.copytree(structured_folder, tmp_path / "lab")
    desk = make_desk(open_lab(tmp_path / "lab", now=Clock(), key_parameters=QUICK))
    desk.read()
    desk.settle(lambda: desk.page.browser.files.model.rowCount())
    desk.page.browser.viewers.show_tab(PREVIEW)
    return desk


def opened(desk: Desk, name: str) -> list[str]:
    """Go to a file and wait until its parts are listed."""
    pane = desk.page.browser.viewers.preview.structure
    desk.go_to(f"/{name}", "v0")
    desk.settle(lambda: pane.parts.count() and pane.isVisible())
    return [pane.parts.itemText(at) for at in range(pane.parts.count())]


def rows_of(desk: Desk, view: RowsView) -> list[list[str]]:
    """Every cell of the table, once it is there."""
    model = view.model
    desk.settle(lambda: model.rowCount() and all(model.record(row) for row in range(model.rowCount())))
    return [
        [str(model.index(row, column).data()) for column in range(model.columnCount())]
        for row in range(model.rowCount())
    ]


def test_a_database_is_shown_table_by_table_whatever_its_name(structured: Desk) -> None:
    pane = structured.page.browser.viewers.preview.structure
    assert opened(structured, "History")[:2] == ["a  (1,003)", "w  (2)"]
    view = pane.shown
    assert isinstance(view, RowsView)
    structured.settle(lambda: view.model.record(1002))
    assert view.model.index(1002, 1).data() == "1000"
    pane.parts.setCurrentIndex(1)
    second = pane.shown
    assert isinstance(second, RowsView)
    assert rows_of(structured, second) == [["a", "2"], ["b", "1"]]
    structured.settle(lambda: structured.child(TextView, "structureRow").toPlainText() == "k: a\nv: 2")
    assert "History-wal lies beside it with 64 bytes" in structured.child(Note, "structureRemarks").text


def test_a_database_is_shown_with_its_log_and_without_by_a_switch(structured: Desk) -> None:
    pane = structured.page.browser.viewers.preview.structure
    assert opened(structured, "Logged")[0] == "t  (2)"
    assert [pane.states.itemText(at) for at in range(pane.states.count())] == [
        "With the write-ahead log", "The database file alone", "Rows that are in only one of both",
    ]  # fmt: skip
    assert pane.states.isVisible()
    view = pane.shown
    assert isinstance(view, RowsView)
    assert rows_of(structured, view) == [["1", "new"], ["2", "more"]]
    pane.states.setCurrentIndex(1)
    assert pane.parts.currentText() == "t  (1)"
    view = pane.shown
    assert isinstance(view, RowsView)
    assert rows_of(structured, view) == [["1", "old"]]
    pane.states.setCurrentIndex(2)
    pane.parts.setCurrentIndex(2)
    view = pane.shown
    assert isinstance(view, RowsView)
    assert rows_of(structured, view) == [["1", "new"], ["2", "more"]]
    said = structured.child(Note, "structureRemarks").text
    assert "Logged-wal lies beside it" in said
    assert "are valid up to the last of 2 commits" in said
    assert opened(structured, "letter.bin")
    assert not pane.states.isVisible()


def test_a_log_that_is_marked_is_not_applied_and_that_is_told(structured: Desk) -> None:
    lab, actor = structured.lab, structured.lab.people.sign_in("Ana Kovač", PASSPHRASE)
    entry, log = structured.entry("/Logged", "v0"), structured.entry("/Logged-wal", "v0")
    image = lab.intake.list(structured.case.id)[0]
    viewing = lab.examine.viewing
    (first, *_) = viewing.open(image, entry).parts
    assert viewing.rows(image, entry, first.key, 0, 9).total == 2
    lab.examine.marks.add(actor, image.id, log, MarkKind.PRIVILEGED, "Letters to counsel")
    with pytest.raises(HiddenContentError):
        viewing.rows(image, entry, first.key, 0, 9)
    sheet = viewing.open(image, entry)
    assert {part.state for part in sheet.parts} == {""}
    assert any("Logged-wal" in one and "is not applied" in one for one in sheet.remarks)


def test_a_hive_is_a_tree_of_keys_with_the_values_of_the_chosen_one(structured: Desk) -> None:
    opened(structured, "NTUSER.DAT")
    part = structured.page.browser.viewers.preview.structure.shown
    assert isinstance(part, TreePart)
    structured.settle(lambda: part.model.index_of("0/0").isValid())
    structured.settle(lambda: part.rows.model.rowCount() == 4)
    assert rows_of(structured, part.rows)[0] == ["Owner", "REG_SZ", "Ana Kovač", "20"]
    part.tree.setCurrentIndex(part.model.index_of("0/0"))
    structured.settle(lambda: part.rows.model.rowCount() == 2)
    assert rows_of(structured, part.rows)[1] == ["(default)", "REG_SZ", "it", "6"]


def test_a_letter_shows_its_text_and_a_pdf_its_pages(structured: Desk) -> None:
    pane = structured.page.browser.viewers.preview.structure
    words = opened(structured, "letter.bin")
    pane.parts.setCurrentIndex(words.index("Text, part 1.1.1"))
    structured.settle(lambda: structured.child(TextView, "structureText").toPlainText() == "Hello,\nAna\n")
    assert opened(structured, "paper.dat")[0] == "Pages  (2)"
    pages = pane.shown
    assert isinstance(pages, PagesView)
    structured.settle(lambda: not pages.picture.image.isNull())
    assert pages.where.text() == "Page 1 of 2"
    before = pages.picture.image
    pages.findChildren(IconButton, "pageNext")[0].click()
    assert pages.picture.image.isNull()  # not the page before under the number of this one
    structured.settle(lambda: not pages.picture.image.isNull() and pages.picture.image != before)
    assert pages.where.text() == "Page 2 of 2"


def test_what_is_damaged_or_unknown_says_so_and_its_bytes_are_still_shown(structured: Desk) -> None:
    said = structured.child(EmptyState, "noPreview")
    structured.go_to("/broken.db", "v0")
    structured.settle(lambda: "A SQLite database cannot be shown: it is damaged" in said.accessibleName())
    assert said.accessibleName().endswith("Hex, text and strings show its bytes.")
    structured.page.browser.viewers.show_tab(FILE)
    source = structured.page.browser.viewers.hex.source
    assert source is not None
    assert source.read(0, 16) == b"SQLite format 3\0"
    structured.page.browser.viewers.show_tab(PREVIEW)
    structured.go_to("/plain.txt", "v0")
    structured.settle(lambda: "There is no preview of this type" in said.accessibleName())


def test_of_an_archive_in_a_catalogue_without_archives_it_is_told_how_to_list_its_members(structured: Desk) -> None:
    build = "Its members are not in the catalogue: build it again with archives"
    assert opened(structured, "packed.zip") == ["Members  (1)"]
    assert build in structured.child(Note, "structureRemarks").text
    assert opened(structured, "headless.zip") == ["Members by own heads  (1)"]
    told = structured.child(Note, "structureRemarks").text
    assert build in told
    assert told.startswith("Its directory is missing or damaged (File is not a zip file): 1 member found by its own")
    structured.go_to("/packed.gz", "v0")
    said = structured.child(EmptyState, "noPreview")
    structured.settle(lambda: build in said.accessibleName())
    for name in ("History", "report.docx"):
        opened(structured, name)
        assert build not in structured.child(Note, "structureRemarks").text


def test_a_process_that_dies_of_a_content_is_told_and_the_next_content_is_shown(structured: Desk) -> None:
    assert opened(structured, "letter.bin")
    view = structured.page.browser.viewers.preview.structure.shown
    assert isinstance(view, RowsView)
    rows_of(structured, view)  # nothing is asked any more
    apart = structured.lab.examine.readers.apart
    child, _ = apart._children[structured.image.id]
    os.kill(child.pid, signal.SIGKILL)
    said = structured.child(EmptyState, "noPreview")
    structured.page.browser.viewers.show_again()
    structured.settle(lambda: "process that reads the evidence was stopped" in said.accessibleName())
    source = structured.page.browser.viewers.hex.source
    assert source is not None
    assert source.read(0, source.length_bytes) == CONTENTS["letter.bin"]
    assert opened(structured, "secret.lnk")[0].startswith("Shortcut")


def test_a_picture_is_decoded_in_another_process_than_the_one_that_reads_bytes(structured: Desk) -> None:
    lab, image = structured.lab, structured.image
    entry = structured.entry("/whole.jpg", "v0")
    assert lab.examine.picture(image, entry, 200).damage == ""
    readers = lab.examine.readers
    os.kill(readers.apart._children[image.id][0].pid, signal.SIGKILL)
    reader, _ = readers._children[image.id]
    assert lab.examine.read_file(image, entry.volume_id, entry.address, 0, 3) == b"\xff\xd8\xff"
    assert readers._children[image.id][0] is reader


def test_a_picture_that_no_message_holds_is_refused_in_words(structured: Desk) -> None:
    assert MAX_PICTURE_BYTES + 4096 < MAX_FRAME_BYTES
    huge = replace(structured.entry("/whole.jpg", "v0"), size_bytes=MAX_PICTURE_BYTES + 1)
    with pytest.raises(UnreadablePictureError, match="larger than 63 MiB"):
        structured.lab.examine.picture(structured.image, huge, 200)


def test_the_thumbnail_of_a_damaged_picture_shows_what_is_there_and_says_so_each_time(structured: Desk) -> None:
    entries = [structured.entry(f"/{name}", "v0") for name in ("whole.jpg", "cut.jpg")]
    for _ in range(2):
        whole, cut = structured.lab.thumbnails.of(structured.image, entries)
        assert (whole.why, cut.why) == ("", DAMAGED)
        assert whole.encoded
        assert cut.encoded


def test_the_pages_of_a_concealed_document_are_not_drawn_without_a_reason(structured: Desk) -> None:
    lab, actor = structured.lab, structured.lab.people.sign_in("Ana Kovač", PASSPHRASE)
    entry = structured.entry("/paper.dat", "v0")
    image = lab.intake.list(structured.case.id)[0]
    assert lab.examine.viewing.page(image, entry, "pages", 0, 100).encoded
    (tag,) = lab.tags.make(actor, NewTag(name="Abuse", colour=next(iter(TagColour)), conceals=True))
    lab.tags.put(actor, tag.id, [entry_target(image, entry)])
    with pytest.raises(HiddenContentError):
        lab.examine.viewing.page(image, entry, "pages", 0, 100)


def test_a_table_of_millions_of_rows_is_numbered_up_to_a_limit_and_read_where_it_is_looked_at(
    qtbot: QtBot, jobs: JobRunner
) -> None:
    asked: list[int] = []

    def load(node: str, first: int, count: int) -> Rows:
        asked.append(first)
        return Rows(rows=tuple((str(row), "x") for row in range(first, first + count)), total=9_000_000)

    view = RowsView(jobs, ("n", "x"), load)
    qtbot.addWidget(view)
    view.show_rows("", 9_000_000)
    qtbot.waitUntil(lambda: view.model.rowCount() == MOST_ROWS_SHOWN, timeout=15_000)
    qtbot.waitUntil(lambda: view.model.record(MOST_ROWS_SHOWN - 1) == (str(MOST_ROWS_SHOWN - 1), "x"), timeout=15_000)
    assert len(asked) <= 3
    jobs.shut_down()


def test_rows_of_a_content_are_copied_whole_page_by_page(qtbot: QtBot, jobs: JobRunner) -> None:
    asked: list[tuple[int, int]] = []

    def load(node: str, first: int, count: int) -> Rows:
        asked.append((first, count))
        return Rows(rows=tuple((str(row), "long " * 200) for row in range(first, first + count)), total=1_500)

    view = RowsView(jobs, ("n", "x"), load)
    qtbot.addWidget(view)
    view.show()
    view.show_rows("", 1_500)
    view.table.selectAll()
    view.table.copy_rows()
    qtbot.waitUntil(lambda: view.told.text() == "Copied 1,500 rows with the heads of their columns.", timeout=15_000)
    lines = QApplication.clipboard().text().split("\n")
    assert lines == ["n\tx", *(f"{row}\t{'long ' * 200}" for row in range(1_500))]
    assert max(count for _, count in asked) <= 200
    jobs.shut_down()


def test_every_viewer_with_something_in_it_is_worked_by_keyboard_and_named(structured: Desk) -> None:
    """With each content in each viewer: every control has a name, Tab reaches it in the order of the layout."""
    page, qtbot = structured.page, structured.qtbot
    for name in ("Logged", "NTUSER.DAT", "letter.bin", "paper.dat", "report.docx", "Security.evtx", "old.doc"):
        opened(structured, name)
        for tab in (*BYTES, TEXT, STRINGS, PREVIEW, DETAILS, TIMES, VALUES):
            page.browser.viewers.show_tab(tab)
            for wrong in (room.unnamed(page), room.unreachable(page), room.against_the_order(page)):
                assert wrong == [], (name, tab)
        page.browser.viewers.show_tab(PREVIEW)
        met, focused = list[QWidget](), page.browser.files.table
        focused.setFocus()
        while focused not in met:
            met.append(focused)
            qtbot.keyClick(focused, Qt.Key.Key_Tab)
            now = QApplication.focusWidget()
            assert isinstance(now, QWidget)
            focused = now
            assert len(met) < 200, f"Tab goes round in {met[-1].objectName()}"
        assert focused is met[0], f"Tab does not come back from {focused.objectName()}: {name}"
        stops = [
            part
            for part in room.visible_parts(page)
            if isinstance(part, room.INTERACTIVE)
            and part.isEnabled()
            and part.focusPolicy() & Qt.FocusPolicy.TabFocus
            and not room.in_reach_by_arrows(part)
        ]
        assert [part.objectName() for part in stops if part not in met] == [], name


def pictured(desk: Desk, name: str) -> PreviewPane:
    """Go to a picture and wait until it is drawn."""
    pane = desk.page.browser.viewers.preview
    desk.go_to(f"/{name}", "v0")
    desk.settle(lambda: not pane.picture.image.isNull() and pane.picture.isVisible())
    return pane


def colour(pane: PreviewPane) -> str:
    image = pane.picture.image
    return image.pixelColor(image.width() // 2, image.height() // 2).name()


def test_the_pages_of_a_fax_are_turned_and_counted(structured: Desk) -> None:
    pane = pictured(structured, "fax.tif")
    assert (pane.bar.where.text(), colour(pane)) == ("Page 1 of 3", "#ff0000")
    structured.child(IconButton, "pageNext").click()
    assert pane.picture.image.isNull()  # nothing of the page before
    structured.settle(lambda: not pane.picture.image.isNull())
    assert (pane.bar.where.text(), colour(pane)) == ("Page 2 of 3", "#00ff00")
    assert structured.child(QLabel, "pictureWords").text().startswith("600 x 400")
    structured.qtbot.keyClick(pane.picture, Qt.Key.Key_PageDown)
    structured.settle(lambda: not pane.picture.image.isNull())
    assert (pane.bar.where.text(), colour(pane)) == ("Page 3 of 3", "#0000ff")
    structured.qtbot.keyClick(pane.picture, Qt.Key.Key_PageDown)  # there is none
    assert not pane.picture.image.isNull()
    pane = pictured(structured, "whole.jpg")
    assert pane.bar.where.text() == ""
    assert not structured.child(IconButton, "pageNext").isVisible()


def test_what_cannot_be_read_of_a_picture_is_told_with_it(structured: Desk) -> None:
    damage, refused = structured.child(Note, "pictureDamage"), structured.child(EmptyState, "noPreview")
    pane = pictured(structured, "cut.jpg")
    assert "Shown as far as it can be decoded: it is damaged (its end is missing)" in damage.text
    assert damage.isVisible()
    pane = pictured(structured, "exif.jpg")
    assert not damage.isVisible()
    assert "There is EXIF in this file that cannot be read" in structured.child(QLabel, "exifDamage").text()
    structured.go_to("/photo.heic", "v0")
    structured.settle(lambda: "HEIC, which this version does not decode" in refused.accessibleName())
    assert refused.accessibleName().endswith("Hex, text and strings show its bytes.")
    assert pane.picture.image.isNull()


def test_a_picture_is_zoomed_by_keys_and_wheel_and_decoded_anew_where_that_is_sharper(structured: Desk) -> None:
    pane = pictured(structured, "whole.jpg")
    view = pane.picture
    fitted, before = view.size_in(view.size()), view.image.width()
    for _ in range(4):
        structured.qtbot.keyClick(view, Qt.Key.Key_Plus)
    assert (view.zoom, view.horizontalScrollBar().maximum() > 0) == (3.0, True)
    assert "3 times as large" in pane.bar.where.text()
    structured.settle(lambda: view.image.width() > 1.9 * before)
    assert abs(view.size_in(view.size()).width() - fitted.width()) <= 1
    structured.qtbot.keyClick(view, Qt.Key.Key_0)
    assert (view.zoom, view.horizontalScrollBar().maximum()) == (1.0, 0)
    at = QPointF(10, 10)
    turn = QWheelEvent(
        at, view.mapToGlobal(at), QPoint(), QPoint(0, 120), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.ControlModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(view.viewport(), turn)
    assert view.zoom == 1.25
    pictured(structured, "cut.jpg")
    assert view.zoom == 1.0


def test_a_page_of_a_document_is_zoomed_and_drawn_sharper(structured: Desk) -> None:
    opened(structured, "paper.dat")
    pages = structured.page.browser.viewers.preview.structure.shown
    assert isinstance(pages, PagesView)
    structured.settle(lambda: not pages.picture.image.isNull())
    before = pages.picture.image.width()
    for _ in range(4):
        pages.bar.findChildren(IconButton, "pictureLarger")[0].click()
    structured.settle(lambda: pages.picture.image.width() > 1.9 * before)
    assert pages.where.text().startswith("Page 1 of ")
    assert pages.where.text().endswith("3 times as large")
