"""The gallery in the page: turned to and from the table, and concealed pictures looked at for a reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QWidget

from forensics_app.model.concealed import MOST_AT_ONCE
from ui import text
from ui.examine.gallery import Gallery
from ui.examine.words import tr
from ui.recording import record, signed_as
from ui.tones import Tone
from ui.widgets.buttons import Button
from ui.widgets.form_sheet import ReasonSheet
from ui.widgets.layout import plain, vbox
from ui.widgets.notes import Note

if TYPE_CHECKING:
    from collections.abc import Sequence

    from forensics_app.bootstrap import Lab
    from forensics_app.model.catalogue import CatalogueEntry
    from forensics_app.model.image import EvidenceImage
    from forensics_app.model.person import SignedIn
    from ui.examine.browser import Browser
    from ui.page import PageContext
    from ui.preferences import Preferences

_SHOWN = "examine/gallery"


class GalleryActs(QObject):
    """Puts the gallery over the list of files; what was looked at is covered when another list comes."""

    def __init__(self, page: QWidget, context: PageContext, browser: Browser, preferences: Preferences) -> None:
        """Act for ``page``."""
        super().__init__(page)
        self._page, self._context, self._browser = page, context, browser
        self._store = preferences.store
        self._concealed: tuple[object, ...] = ()
        self._place: object = None
        self.gallery = Gallery(browser)
        self.look = Button(tr("Look at the chosen…"), name="lookAtConcealed", icon="eye")
        words = tr("Pictures that are tagged so, or are in an alert set, are blurred. A look takes a reason (R).")
        self.note = Note(Tone.INFO, words, self.look, name="galleryNote")
        self.note.hide()
        self._pane = plain(vbox(self.note, (self.gallery, 1), gap=0))
        browser.files.lists.addWidget(self._pane)
        self._button = browser.files.head.gallery
        self._button.toggled.connect(self._turn)
        self.look.clicked.connect(self.ask)
        self.gallery.look_asked.connect(self.ask)
        self.gallery.store.came.connect(self._show_note)
        browser.files.listed.connect(self._cover_elsewhere)
        self._button.setChecked(self._store.value(_SHOWN) in (True, "true"))

    def renew(self) -> None:
        """Ask for the pictures anew where other ones are concealed than before."""
        shown, tags = self._browser.image, self._browser.case.tags
        if shown is None:
            return
        tagged = tags.of(shown.image.id)
        taggings = (one for some in (*tagged.entries.values(), *tagged.parts.values()) for one in some)
        words = tags.vocabularies.get(shown.image.id)
        concealed = (
            shown.image.id,
            frozenset(one.id for one in taggings if tags.names[one.tag_id].conceals),
            (words.looked_up, *(words.sets.get("alert") or {}).items()) if words else (),
        )
        if concealed != self._concealed:
            before, self._concealed = self._concealed, concealed
            self.gallery.show_again()
            if before and before[0] == shown.image.id:
                self._browser.viewers.preview_again()
        else:
            self.gallery.viewport().update()

    def ask(self) -> None:
        """Ask why the chosen pictures are to be looked at."""
        chosen = len(self._browser.files.selected_ids())
        if not chosen:
            self._browser.messages.tell(tr("Choose pictures in the gallery first."))
        elif chosen > MOST_AT_ONCE:
            most = tr("More than {n} files are chosen. Look at fewer for one reason.")
            self._browser.messages.tell(most.format(n=text.count_text(MOST_AT_ONCE)))
        else:
            self._browser.with_selected(self._ask)

    def _ask(self, image: EvidenceImage, entries: Sequence[CatalogueEntry]) -> None:
        count = text.plural(len(entries), tr("1 chosen file"), tr("{n} chosen files"))
        sheet = ReasonSheet(
            self._page,
            title=tr("Look at what is blurred"),
            subtitle=f"{image.number}, {count}",
            sentences=(
                tr("The record names each concealed picture that is looked at, who looks, and why."),
                tr("They are blurred again when another list comes."),
            ),
            act=tr("Sign and look"),
            kind="primary",
            name="lookSheet",
            signed_as=signed_as(self._context.session.actor.person),
        )
        self._open(sheet, image, entries)

    def _open(self, sheet: ReasonSheet, image: EvidenceImage, entries: Sequence[CatalogueEntry]) -> None:
        def work(lab: Lab, actor: SignedIn, reason: str) -> None:
            lab.examine.concealing.look(actor, image, entries, reason)

        def done(_: None) -> None:
            self.gallery.show_again()
            self._browser.viewers.show_again()

        record(self._context, sheet, work, done)

    def _turn(self, on: bool) -> None:
        self._store.setValue(_SHOWN, on)
        lists = self._browser.files.lists
        had_focus = lists.isAncestorOf(self._page.focusWidget() or self._page)
        if not on:
            self._cover()
        lists.setCurrentWidget(self._pane if on else self._browser.files.table)
        if had_focus:
            (self.gallery if on else self._browser.files.table).setFocus(Qt.FocusReason.OtherFocusReason)

    def _cover_elsewhere(self) -> None:
        place = self._browser.place
        if place != self._place:
            self._place = place
            self._cover()

    def _cover(self) -> None:
        if self._context.session.has_lab:
            was_looked_at = self._context.session.lab.examine.concealing.cover()
            self.gallery.show_again()
            if was_looked_at:
                self._browser.viewers.preview_again()

    def _show_note(self) -> None:
        self.note.setVisible(self.gallery.store.holds_blurred)
