"""Searching the content in the real window: from the words to the bytes, stopped and gone on with, secrets for two."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QCheckBox, QComboBox, QLabel, QLineEdit, QPlainTextEdit, QWidget
from pytestqt.qtbot import QtBot

from forensics_app.bootstrap import Lab, open_lab
from forensics_app.db.search_file import SearchFile
from forensics_app.model.catalogue import CatalogueQuery
from forensics_app.model.tag import FIRST_TAGS
from tests.builders import PASSPHRASE, QUICK, Clock, make_bench
from tests.forensics_app.services.searched_image import PHRASE, WALLET, fragmented_content, make_image
from tests.ui.examine.conftest import Desk, take_in
from ui.examine.content_search import TellSheet
from ui.examine.search_hits import ShownHit
from ui.examine.search_sheet import RevealSheet, SearchSheet
from ui.examine.search_view import SearchView
from ui.jobs import JobRunner
from ui.preferences import Preferences
from ui.session import Session
from ui.widgets.notes import Note
from ui.widgets.sheet import Sheet


@pytest.fixture(scope="module")
def searched_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a closed lab with the image for searches, catalogued."""
    folder = tmp_path_factory.mktemp("searched")
    bench = make_bench(folder / "lab")
    image = take_in(bench, make_image(folder))
    bench.lab.catalogues.build(bench.examiner, image.id)
    bench.lab.close()
    return folder


class Searcher:
    """The page over that lab, as somebody searches in it."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    @property
    def view(self) -> SearchView:
        search = self.desk.page.content_search
        assert search is not None
        return search.view

    def search(self, *words: str, detect: bool = False) -> list[ShownHit]:
        """Type what to look for, and wait until all is found."""
        sheet = self.desk.sheet()
        terms = sheet.findChild(QPlainTextEdit, "searchTerms")
        assert terms is not None
        terms.setPlainText("\n".join(words))
        box = sheet.findChild(QCheckBox, "searchDetect")
        assert box is not None
        box.setChecked(detect)
        before = self.view.searches.count()
        sheet.submit()
        self.desk.settle(lambda: self.view.searches.count() > before and not self.desk.page.context.jobs.active)
        self.desk.settle(lambda: self.view.running is None and self.view.model.search_id == self.view.search_id)
        self.desk.settle(lambda: "Complete" in self.view.status.text())
        model = self.view.model
        self.desk.settle(lambda: all(model.record(row) for row in range(model.rowCount())))
        return [record for row in range(model.rowCount()) if (record := model.record(row))]

    def choose(self, row: int) -> ShownHit:
        self.view.table.selectRow(row)
        record = self.view.model.record(row)
        assert record is not None
        return record

    def shows_bytes(self, expected: bytes) -> None:
        """Wait until exactly these bytes are marked in the hex view."""
        hexes = self.desk.page.browser.viewers.hex

        def marked() -> bytes:
            source, (at, length) = hexes.source, hexes.view.selection
            return source.read(at, length) if source is not None else b""

        self.desk.settle(lambda: marked() == expected)
        assert self.desk.page.browser.isVisible()


@pytest.fixture
def lab(searched_folder: Path, tmp_path: Path) -> Lab:
    """A lab of this test's own with that image; the session closes it."""
    folder = tmp_path / "lab"
    shutil.copytree(searched_folder / "lab", folder)
    return open_lab(folder, now=Clock(), key_parameters=QUICK)


@pytest.fixture
def searcher(desk: Desk) -> Searcher:
    """The page with the searches of the image in sight, asking for the first."""
    desk.qtbot.keyClick(
        desk.page, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    )
    return Searcher(desk)


@pytest.mark.req("REQ-57")
def test_a_wallet_is_found_in_unallocated_space_and_its_bytes_are_gone_to(searcher: Searcher) -> None:
    found = searcher.search(detect=True)
    (row,) = [at for at, one in enumerate(found) if one.hit.text == WALLET and one.hit.space == "unallocated"]
    one = searcher.choose(row)
    assert (one.found, one.hit.validity) == ("Bitcoin address", "checked")
    assert "send it to" in searcher.view.context.text()
    searcher.view.jump.click()
    searcher.shows_bytes(WALLET.encode())
    picture(searcher, "wallet-bytes")


def test_words_of_a_file_in_fragments_and_of_slack_are_gone_to_and_searches_are_kept(searcher: Searcher) -> None:
    found = searcher.search("fragmented", "behind a end")
    assert len([one for one in found if one.term == "fragmented"]) == fragmented_content().count(b"fragmented")
    picture(searcher, "hits")
    searcher.choose(3)
    searcher.view.table.setFocus()
    searcher.desk.qtbot.keyClick(searcher.view.table, Qt.Key.Key_Return)
    searcher.shows_bytes(b"fragmented")
    searcher.desk.page.open_search()
    (slack,) = [at for at, one in enumerate(found) if one.hit.space == "slack"]
    searcher.choose(slack)
    searcher.view.jump.click()
    searcher.shows_bytes(b"behind a end")
    searcher.desk.page.open_search()
    searcher.view.new.click()
    assert searcher.search("was deleted") != []
    assert searcher.view.searches.count() == 2
    searcher.view.searches.setCurrentIndex(1)
    searcher.view.searches.activated.emit(1)
    searcher.desk.settle(lambda: searcher.view.model.rowCount() == len(found))


@pytest.mark.req("REQ-57")
def test_hits_of_an_older_catalogue_stand_under_no_path_and_are_not_gone_to(searcher: Searcher) -> None:
    one = searcher.search("fragmented")[0]
    assert one.path.endswith("whole.bin")
    desk, view = searcher.desk, searcher.view
    desk.lab.catalogues.build(desk.page.context.session.actor, desk.image.id, with_content=False)
    view.searches.activated.emit(0)
    desk.settle(lambda: view.old.isVisible() and not view.jump.isEnabled())
    assert "Search again" in view.old.text
    view.model.forget(one.hit.id)  # type: ignore[arg-type]
    view.searches.activated.emit(0)
    desk.settle(lambda: view.model.rowCount() and view.model.record(0))
    assert searcher.choose(0).path == f"address {one.hit.address}"
    desk.page.refresh()
    desk.settle(lambda: not one.is_in_catalogue_of(desk.image))
    view.table.setFocus()
    desk.qtbot.keyClick(view.table, Qt.Key.Key_Return)
    assert view.isVisible()
    picture(searcher, "old-search")


def test_how_many_more_were_not_searched_is_told_below_the_first_of_them(searcher: Searcher) -> None:
    searcher.search("fragmented")
    desk, view = searcher.desk, searcher.view
    with desk.lab.catalogues.open(desk.image) as catalogue:
        entry = next(one for one in catalogue.rows(tuple(catalogue.ids(CatalogueQuery()))) if one.size_bytes)
    folder = desk.lab.folder.searches(desk.image.case_id, desk.image.id)
    with SearchFile(folder / f"{view.search_id}.db") as file:
        of_file = (entry.id, "v0", entry.address, "file", 0, 0, "Its text is not whole.")
        areas = [(None, "v0", "", "unallocated", number, 1, "unreadable") for number in range(1500)]
        file.note_missed([of_file, *areas])
    view.missed_asked.emit(view.search_id)
    desk.settle(lambda: [one for one in desk.page.findChildren(TellSheet) if one.isVisible()])
    (told,) = [one for one in desk.page.findChildren(TellSheet) if one.isVisible()]
    lines = told.words.text().splitlines()
    assert lines[0] == f"v0 {entry.path}: Its text is not whole."
    assert lines[1] == "v0 unallocated space, 1 bytes from byte 0: unreadable"
    assert sum("unreadable" in line for line in lines) == 199
    assert "and 1,301 more" in told.words.text()
    told.reject()


def test_only_the_hits_of_one_term_are_listed_and_sorted(searcher: Searcher) -> None:
    found = searcher.search("fragmented", "was deleted")
    view = searcher.view
    view.terms.setCurrentIndex(view.terms.findData(0))
    view.terms.activated.emit(0)
    only = [one.hit.id for one in found if one.hit.term == 0]
    searcher.desk.settle(lambda: sorted(view.model.ids) == only)
    offset = next(at for at, column in enumerate(view.model.columns) if column.key == "offset")
    view.table.sortByColumn(offset, Qt.SortOrder.DescendingOrder)
    by_offset = sorted(only, key=lambda hit_id: -next(one.hit.offset_bytes for one in found if one.hit.id == hit_id))
    searcher.desk.settle(lambda: list(view.model.ids) == by_offset)


def test_what_cannot_be_looked_for_is_told_in_the_dialog_which_keeps_what_was_typed(searcher: Searcher) -> None:
    sheet = searcher.desk.sheet()
    sheet.submit()
    assert "marked fields" in searcher.desk.sheet().findChild(QWidget, "whyNot").text()  # type: ignore[union-attr]
    expressions = sheet.findChild(QPlainTextEdit, "searchExpressions")
    assert expressions is not None
    expressions.setPlainText("a(b")
    picture(searcher, "sheet")
    sheet.submit()
    refusal = sheet.findChild(Note, "refusal")
    assert refusal is not None
    searcher.desk.settle(lambda: "not closed" in refusal.text)
    assert expressions.toPlainText() == "a(b"
    sheet.reject()


@pytest.mark.req("REQ-58")
def test_a_seed_phrase_is_shown_when_a_second_person_gives_the_passphrase(searcher: Searcher) -> None:
    found = searcher.search(detect=True)
    (row,) = [at for at, one in enumerate(found) if one.hit.kind == "seed phrase (BIP-39)" and one.hit.space == "file"]
    one = searcher.choose(row)
    assert "abandon" not in one.context
    assert "abandon" not in searcher.view.context.text()
    searcher.view.reveal.click()
    sheet = searcher.desk.sheet()
    assert isinstance(sheet, RevealSheet)
    for kind, name, words in (
        (QComboBox, "revealSecond", "Ingrid Solberg"),
        (QLineEdit, "revealPassphrase", PASSPHRASE),
        (QPlainTextEdit, "revealReason", "to seize what it opens"),
    ):
        entry = sheet.findChild(kind, name)
        if isinstance(entry, QComboBox):
            entry.setCurrentText(words)
        elif isinstance(entry, QLineEdit):
            entry.setText(words)
        elif isinstance(entry, QPlainTextEdit):
            entry.setPlainText(words)
    sheet.submit()
    searcher.desk.settle(lambda: [one for one in searcher.desk.page.findChildren(TellSheet) if one.isVisible()])
    (told,) = [one for one in searcher.desk.page.findChildren(TellSheet) if one.isVisible()]
    assert told.words.text() == PHRASE
    told.reject()
    events = searcher.desk.lab.custody.case_history(searcher.desk.case.id)
    assert (events[-1].action, events[-1].reason) == ("secret.reveal", "to seize what it opens")


def picture(searcher: Searcher, name: str) -> None:
    """Keep a picture of the page where somebody asks for pictures."""
    if folder := os.environ.get("FORENSICS_PICTURES"):
        sheets = [one for one in searcher.desk.page.window().findChildren(Sheet) if one.isVisible()]
        (sheets[0] if sheets else searcher.desk.page).grab().save(str(Path(folder) / f"{name}.png"))


def test_hits_are_tagged_from_their_list_and_the_tag_is_taken_back_from_there(lab: Lab, searcher: Searcher) -> None:
    desk = searcher.desk
    lab.tags.make(desk.page.session.actor, *FIRST_TAGS)
    desk.page.session.tell_record_changed()
    desk.settle(lambda: desk.page.browser.case.tags.with_key(1))
    found = searcher.search(detect=True)
    view = searcher.view
    (row,) = [at for at, one in enumerate(found) if one.hit.text == WALLET and one.hit.space == "unallocated"]
    secret = next(at for at, one in enumerate(found) if one.hit.is_secret and not one.hit.is_in_text)
    for at, area in ((row, "unallocated space"), (secret, "file")):
        hit = searcher.choose(at).hit
        view.table.setFocus()
        desk.qtbot.keyClick(view.table, "1")
        desk.settle(lambda at=at: (one := view.model.record(at)) and one.tags == ("Relevant",))  # type: ignore[misc]
        with lab.catalogues.open(desk.image) as catalogue:
            tagged = lab.tags.of_image(desk.image, catalogue)
        (one,) = tagged.areas if area == "unallocated space" else tagged.parts[hit.entry_id or 0]
        target = one.target
        assert (target.area.value, target.offset_bytes, target.length_bytes) == (
            area,
            hit.offset_bytes,
            hit.length_bytes,
        )
        assert PHRASE not in target.term
    assert "Put Relevant on 1 place" in view.told.text()
    searcher.choose(row)
    desk.qtbot.keyClick(view.table, "1")
    desk.settle(lambda: (one := view.model.record(row)) and one.tags == ())
    assert "Took Relevant off 1 place" in view.told.text()
    assert desk.errors == []


def test_columns_and_order_of_hits_are_there_again_in_the_next_window(
    session: Session, jobs: JobRunner, preferences: Preferences, qtbot: QtBot
) -> None:
    first = SearchView(session, jobs, preferences.store)
    head = first.table.horizontalHeader()
    head.moveSection(3, 0)
    head.resizeSection(1, 211)
    head.setSortIndicator(1, Qt.SortOrder.DescendingOrder)
    again = SearchView(session, jobs, preferences.store)
    for view in (first, again):
        qtbot.addWidget(view)
    kept = again.table.horizontalHeader()
    assert (kept.visualIndex(3), again.table.columnWidth(1)) == (0, 211)
    assert (kept.sortIndicatorSection(), kept.sortIndicatorOrder()) == (1, Qt.SortOrder.DescendingOrder)


@pytest.mark.req("REQ-57")
def test_the_keyboard_stays_in_the_search_when_its_sheet_is_closed_and_while_it_runs(searcher: Searcher) -> None:
    desk, view = searcher.desk, searcher.view
    search = desk.page.content_search
    assert search is not None
    search.open()
    sheet = desk.sheet()
    assert isinstance(sheet, SearchSheet)
    desk.settle(lambda: not view.table.isVisible())
    sheet.reject()
    desk.settle(lambda: view.window().focusWidget() is view.new)
    search.ask()
    assert searcher.search("letter") is not None
    held = view.window().focusWidget()
    assert held is not None
    assert view.isAncestorOf(held), held.objectName()


def test_words_from_a_file_may_be_in_utf_16(searcher: Searcher, tmp_path: Path) -> None:
    search = searcher.desk.page.content_search
    assert search is not None
    search.ask()
    sheet = searcher.desk.sheet()
    assert isinstance(sheet, SearchSheet)
    (tmp_path / "terms.txt").write_text("гроші\nharbour\n", encoding="utf-16")
    sheet.take_file(tmp_path / "terms.txt")
    assert sheet.request().terms == ("гроші", "harbour")
    (tmp_path / "terms.txt").write_bytes(b"\xff\xfa\x80 no text")
    sheet.take_file(tmp_path / "terms.txt")
    error = sheet.findChild(QWidget, "searchTermsError")
    assert isinstance(error, QLabel)
    assert "no text in UTF-8 or UTF-16" in error.text()
    sheet.reject()


def test_hits_are_copied_whole_and_what_was_copied_is_told(searcher: Searcher) -> None:
    found = searcher.search(PHRASE)
    view = searcher.view
    view.table.selectAll()
    view.model.refresh()
    view.table.copy_rows()
    searcher.desk.settle(lambda: view.told.text().startswith(f"Copied {len(found)} row"))
    lines = QApplication.clipboard().text().split("\n")
    assert len(lines) == 1 + len(found)
    assert all(PHRASE in line for line in lines[1:])
