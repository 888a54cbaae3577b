"""What can be done with the entry under the pointer, as a menu."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QMenu, QWidget

from forensics_app.model.cited import CitedKind
from ui.examine.case_reading import place_of
from ui.examine.viewers import FILE
from ui.examine.words import is_archive, is_folder, tr

if TYPE_CHECKING:
    from forensics_app.model.catalogue import CatalogueEntry
    from ui.examine.browser import Browser
    from ui.examine.case_reading import ImageShown

Act = tuple[str, Callable[[], object]]


def open_menu(parent: QWidget, at: QPoint, groups: Sequence[Sequence[Act]]) -> QMenu:
    """Open the menu at a place of the screen; groups are parted by a line."""
    menu = QMenu(parent)
    menu.setObjectName("filesMenu")
    for number, group in enumerate(groups):
        if number:
            menu.addSeparator()
        for words, act in group:
            menu.addAction(words).triggered.connect(lambda _=False, act=act: act())
    menu.aboutToHide.connect(menu.deleteLater)
    menu.popup(at)
    return menu


def acts_on(browser: Browser, shown: ImageShown, entry: CatalogueEntry) -> tuple[list[Act], ...]:
    """The acts on an entry of the list: ways to go, what is recorded of the selected files, what is copied."""
    files, place, ways = browser.files, browser.place, list[Act]()
    if is_folder(entry):
        ways.append((tr("Open folder"), lambda: files.open_entry(entry)))
    elif is_archive(entry) and shown.content and shown.content.header.archives_opened:
        ways.append((tr("Open archive"), lambda: files.open_entry(entry)))
    if place and entry.parent_id != place.folder_id:
        ways.append((tr("Go to its folder"), lambda: browser.go(place_of(shown, entry), select_id=entry.id)))
    ways.append((tr("Go to bytes\tCtrl+G"), lambda: browser.viewers.focus_bytes(FILE)))
    ways.append((tr("Same content elsewhere…"), lambda: browser.with_selected(browser.same_asked.emit)))
    if browser.has_same:
        ways.append((tr("Same content that was found"), lambda: browser.same_asked.emit(shown.image, ())))
    acts: list[Act] = [
        (tr("Tags…\tT"), browser.tags_asked.emit),
        (tr("Record a finding…\tCtrl+D"), lambda: browser.cite_asked.emit(CitedKind.FINDING)),
        (tr("Bookmark\tCtrl+B"), lambda: browser.cite_asked.emit(CitedKind.BOOKMARK)),
        (tr("Choose for report…\tCtrl+R"), lambda: browser.with_selected(browser.choose_asked.emit)),
        (tr("Export…\tCtrl+E"), lambda: browser.with_selected(browser.export_asked.emit)),
        (tr("Privileged or sensitive…"), lambda: browser.with_selected(browser.mark_asked.emit)),
    ]
    copies: list[Act] = [
        (tr("Copy cell\tCtrl+C"), files.table.copy_cell),
        (tr("Copy rows with heads\tCtrl+Shift+C"), files.table.copy_rows),
    ]
    return ways, acts, copies
