"""The gallery: tiles over the rows of the list, chosen and tagged by the same keys; what is flagged is blurred."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPlainTextEdit

from forensics_app.model.catalogue import CatalogueQuery, SortColumn
from tests.ui.examine.conftest import Desk
from tests.ui.examine.test_tagging import on, with_tags
from ui.examine.gallery import Gallery
from ui.examine.places import Place, View
from ui.examine.tile_delegate import TILE
from ui.examine.viewers import PREVIEW
from ui.widgets.form_sheet import ReasonSheet


def opened(desk: Desk) -> Gallery:
    """The gallery over the pictures of the disk, each of which has come."""
    with_tags(desk)
    place = Place(image_id=desk.image.id, view=View(title="JPEG", mime="image/jpeg"))
    desk.go(place, desk.found(CatalogueQuery(mime="image/jpeg", sort=SortColumn.NAME)))
    desk.page.browser.files.head.gallery.click()
    gallery = desk.page.gallery_acts.gallery
    desk.settle(lambda: all(gallery.store.tile(one) for one in desk.ids()))
    return gallery


def test_tiles_show_the_rows_of_the_list_and_what_is_chosen_there_is_chosen_here(desk: Desk) -> None:
    gallery = opened(desk)
    ids, files = desk.ids(), desk.page.browser.files
    assert not any(gallery.store.tile(one).picture.isNull() for one in ids)  # type: ignore[union-attr]
    gallery.setFocus()
    gallery.setCurrentIndex(gallery.tiles.tile(1))
    desk.settle(lambda: (subject := desk.page.browser.subject) and subject.entry and subject.entry.id == ids[1])
    assert files.selected_ids() == [ids[1]]
    desk.qtbot.keyClick(gallery, Qt.Key.Key_Right)
    assert files.selected_ids() == [ids[2]]
    gallery.selectAll()
    assert files.selected_ids() == ids
    desk.qtbot.keyClick(gallery, Qt.Key.Key_1)
    desk.settle(lambda: all(on(desk, one) == ["Relevant"] for one in ids))
    files.head.gallery.click()
    assert files.table.isVisible()
    assert files.selected_ids() == ids


@pytest.mark.req("REQ-39", "REQ-40")
def test_what_is_tagged_as_sensitive_is_blurred_until_a_reason_is_given_and_again_in_another_list(desk: Desk) -> None:
    gallery = opened(desk)
    first = desk.ids()[0]
    gallery.setFocus()
    gallery.setCurrentIndex(gallery.tiles.tile(0))
    desk.qtbot.keyClick(gallery, Qt.Key.Key_4)
    desk.settle(lambda: (tile := gallery.store.tile(first)) and tile.is_blurred)
    assert gallery.store.tile(first).picture.width() <= 8  # type: ignore[union-attr]
    desk.settle(desk.page.gallery_acts.note.isVisible)
    desk.qtbot.keyClick(gallery, Qt.Key.Key_R)
    sheet = desk.sheet()
    assert isinstance(sheet, ReasonSheet)
    reason = sheet.findChild(QPlainTextEdit, "reason")
    assert reason is not None
    reason.setPlainText("To describe it")
    sheet.submit()
    desk.settle(lambda: (tile := gallery.store.tile(first)) and not tile.is_blurred)
    last = desk.lab.custody.case_history(desk.case.id)[-1]
    assert (last.action, last.reason) == ("picture.look", "To describe it")
    place = Place(image_id=desk.image.id, view=View(title="Pictures", mime_prefix="image/"))
    desk.go(place, desk.found(CatalogueQuery(mime_prefix="image/", sort=SortColumn.NAME)))
    desk.settle(lambda: (tile := gallery.store.tile(first)) and tile.is_blurred)
    assert not desk.errors


@pytest.mark.req("REQ-39")
def test_a_preview_that_is_in_sight_is_covered_when_its_picture_is_tagged_as_sensitive_and_when_it_was_looked_at(
    desk: Desk,
) -> None:
    gallery = opened(desk)
    viewers = desk.page.browser.viewers
    viewers.show_tab(PREVIEW)
    gallery.setFocus()
    gallery.setCurrentIndex(gallery.tiles.tile(0))
    picture = viewers.preview.picture
    desk.settle(lambda: picture.isVisible() and not picture.image.isNull())
    desk.qtbot.keyClick(gallery, Qt.Key.Key_4)
    desk.settle(lambda: not picture.isVisible())
    desk.qtbot.keyClick(gallery, Qt.Key.Key_R)
    sheet = desk.sheet()
    reason = sheet.findChild(QPlainTextEdit, "reason")
    assert reason is not None
    reason.setPlainText("To describe it")
    sheet.submit()
    desk.settle(lambda: picture.isVisible() and not picture.image.isNull())
    desk.page.browser.files.head.gallery.click()
    desk.settle(lambda: not picture.isVisible())
    assert not desk.errors


def test_a_deleted_picture_is_told_from_another_by_a_sign_and_a_word_on_its_tile(desk: Desk) -> None:
    gallery = opened(desk)
    names = desk.names()
    at = {name: gallery.tiles.tile(names.index(name)) for name in ("IMG_2042.jpg", "IMG_2043.jpg")}
    said = {name: str(index.data(Qt.ItemDataRole.AccessibleTextRole)) for name, index in at.items()}
    assert said == {"IMG_2042.jpg": "IMG_2042.jpg", "IMG_2043.jpg": "IMG_2043.jpg, Deleted"}
    under_the_name = range(TILE.height() - 20, TILE.height() - 6)
    pictures = {name: gallery.viewport().grab(gallery.visualRect(index)).toImage() for name, index in at.items()}
    colours = {
        name: {picture.pixel(x, y) for x in range(14, 90) for y in under_the_name} for name, picture in pictures.items()
    }
    assert len(colours["IMG_2042.jpg"]) == 1
    assert len(colours["IMG_2043.jpg"]) > 1  # the word
