"""The Examine page: the images of a case, their files, and everything that can be seen of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast
from uuid import UUID

from PySide6.QtWidgets import QStackedWidget, QWidget

from forensics_app.model.catalogue import CatalogueError
from forensics_app.model.finding import ChosenFile
from forensics_app.model.image import EvidenceImage, ImageId
from forensics_app.model.lab import Job as LabJob
from ui import text
from ui.examine.acts import Acts
from ui.examine.bound_keys import bind
from ui.examine.browser import Browser
from ui.examine.case_reading import CaseShown, ImageShown, read_case
from ui.examine.citing import Citing
from ui.examine.gallery_acts import GalleryActs
from ui.examine.gate import BUILD, CANCEL, LOOK_AGAIN, LOOK_SO_FAR, REVIEW
from ui.examine.looking_up import LookUps
from ui.examine.marking import Marking
from ui.examine.places import Destination, Place
from ui.examine.second_reader import SecondReader
from ui.examine.sheets import CatalogueSheet, Rebuild, rebuild_of
from ui.examine.shelf import Shelf
from ui.examine.tagging import TagActs
from ui.examine.targets import SYSTEM_DIALOGS, Targets
from ui.examine.words import visible
from ui.examine.zone_choice import ZoneChoice, zone_or_none
from ui.latest import Latest
from ui.page import Page, PageContext, Shortcut
from ui.preferences import Preferences
from ui.widgets.buttons import Button
from ui.widgets.notes import EmptyState

if TYPE_CHECKING:
    from forensics_app.model.case import CaseId
    from forensics_app.model.catalogue import CatalogueEntry
    from ui.examine.case_timeline import CaseTimeline
    from ui.examine.content_search import ContentSearch
    from ui.examine.same_content import SameActs

_ZONE = "examine/zone"
_LOW_PX = 420
"""A lower page leaves the room of its bar to an enlarged viewer, too."""


class ExaminePage(Page):
    """Tree at the left, list above, viewers below. ``targets`` asks where exported files go."""

    def __init__(self, context: PageContext, preferences: Preferences, *, targets: Targets = SYSTEM_DIALOGS) -> None:
        """Build the page; it reads when it comes into sight."""
        super().__init__(context, title=self.tr("Examine"), name="examinePage")
        self._preferences, self._targets = preferences, targets
        self._case_id: CaseId | None = None
        self._case = CaseShown()
        self._anew = True
        self._wanted: Destination | None = None
        self._reading = Latest(self, context.jobs)
        shelf = Shelf(
            lambda image: self.session.lab.catalogues.open(image),
            lambda image: self.session.lab.catalogues.open_unfinished(image),
        )
        self.destroyed.connect(shelf.close)
        self._shelf = shelf
        self._stack = QStackedWidget()
        self.set_body(self._stack)
        self.browser = Browser(self.session, context.jobs, preferences, shelf, self._stack)
        self.acts = Acts(self, context, preferences, shelf, targets)
        self._marking = Marking(self, context, self.browser.viewers.show_again)
        self.tag_acts = TagActs(self, context, self.browser)
        self.citing = Citing(self, context, self.browser)
        self.second_reader = SecondReader(self, context, self.browser)
        self.look_ups = LookUps(self, context, self.browser)
        self.gallery_acts = GalleryActs(self, context, self.browser, preferences)
        self.tag_acts.listen(self.gallery_acts.gallery)
        self.content_search: ContentSearch | None = None
        self.timeline: CaseTimeline | None = None
        self.same: SameActs | None = None
        self._build()
        self._connect()

    def show_case(self, case_id: CaseId | None) -> None:
        """Another case was chosen."""
        self._case_id, self._anew = case_id, True
        self._reading.drop()

    def refresh(self) -> None:
        """Read the images, their catalogues and what is chosen."""
        if not self.session.has_lab or self._case_id is None:
            self._say_empty(self._no_case)
            return
        lab, case_id, shelf = self.session.lab, self._case_id, self._shelf
        if self._anew:
            self._offer_zone(lab.info.zone)
        title = self.tr("Read the images of the case")
        self._reading.ask(
            lambda _: read_case(lab, shelf, case_id),
            self._take_case,
            lambda error: self.context.show_error(title, error),
        )

    def open_target(self, target: object) -> None:
        """Show an image, a chosen file, or another :class:`Destination`; or build what was interrupted."""
        match target:
            case Destination():
                self._wanted = target
            case ChosenFile():
                self._wanted = Destination(image_id=target.image_id, entry_id=target.entry_id)
            case EvidenceImage():
                self._wanted = Destination(image_id=target.id)
            case UUID():
                self._wanted = Destination(image_id=ImageId(target))
            case LabJob():
                image_id = target.parameters.get("image_id")
                self._wanted = Destination(image_id=ImageId(UUID(image_id))) if image_id else None
        self._go_to_wanted()

    def open_search(self) -> None:
        """Show the searches of the image in sight, or ask for the first."""
        if self.content_search is None:
            from ui.examine.content_search import ContentSearch  # nobody waits for it who does not search

            self.content_search = ContentSearch(
                self, self.context, self._stack, self.browser, self.tag_acts, self._preferences.store
            )
        self.content_search.open()

    def open_timeline(self) -> None:
        """Show every time of the case in order."""
        if self._case_id is None or not self._case.images:
            return
        if self.timeline is None:
            from ui.examine.case_timeline import CaseTimeline  # nobody waits for it who does not look at times

            self.timeline = CaseTimeline(
                self, self.context, self._stack, self.browser, self._targets, self._preferences
            )
            self._use_zone()
        self.timeline.show_case(self._case_id)

    def find_same(self, image: EvidenceImage, entries: Sequence[CatalogueEntry]) -> None:
        """Look for the same content on all images; without entries, show what was found before."""
        if self.same is None:
            from ui.examine.same_content import SameActs  # nobody waits for it who does not look for it

            self.same = SameActs(self, self.context, self._stack, self.browser)
        if entries:
            self.same.find(image, entries)
        else:
            self.same.show()

    def panes(self) -> Sequence[QWidget]:
        """Tree, filter, list, viewers; searches and hits; bars and events; files of the same content."""
        if self.same and self.same.is_shown:
            return self.same.view.panes()
        if self.timeline and self.timeline.is_shown:
            return self.timeline.view.panes()
        if self.content_search and self._is_searching():
            return self.content_search.view.panes()
        return self.browser.panes() if self._stack.currentWidget() is self.browser else ()

    def filter_box(self) -> QWidget | None:
        """The filter of the list, which an enlarged viewer would hide."""
        self.browser.viewers.shrink()
        return self.browser.files.filter.box

    def primary(self) -> Button | None:
        """Choose for the report; the act of the gate while there is one."""
        gate = self.browser.gate
        return gate.act if gate.isVisible() else self.browser.viewers.details.choose

    def shortcuts(self) -> Sequence[Shortcut]:
        """The keys of this page alone."""
        return (
            Shortcut(keys="Return", act=self.tr("go into a folder; look at the bytes of a file")),
            Shortcut(keys="Backspace, Alt+Up", act=self.tr("the folder above")),
            Shortcut(keys="Alt+Left, Alt+Right", act=self.tr("back, forward")),
            Shortcut(keys="Space", act=self.tr("preview")),
            Shortcut(keys="+, -, 0", act=self.tr("in a picture or page: larger, smaller, all; PgUp, PgDown turn")),
            Shortcut(keys="Shift+F1", act=self.tr("how to write a filter")),
            Shortcut(keys="Ctrl+Space", act=self.tr("in the filter, what can stand there")),
            Shortcut(keys="Ctrl+T, Ctrl+W", act=self.tr("keep this list in a tab, close the tab")),
            Shortcut(keys="Ctrl+PgUp, Ctrl+PgDown", act=self.tr("the tab before, the next tab")),
            Shortcut(keys="1 … 9", act=self.tr("put the tag with this key, or take it off")),
            Shortcut(keys="T", act=self.tr("tags of the lab, on files, hits or selected bytes")),
            Shortcut(keys="Ctrl+Z", act=self.tr("take the last act on tags back")),
            Shortcut(keys="Ctrl+Shift+P, R", act=self.tr("gallery or table; in the gallery, look at blurred pictures")),
            Shortcut(keys="Ctrl+D, Ctrl+B", act=self.tr("record a finding; set a bookmark")),
            Shortcut(keys="Ctrl+R", act=self.tr("choose for the report")),
            Shortcut(keys="Ctrl+E", act=self.tr("export")),
            Shortcut(keys="Ctrl+G", act=self.tr("go to the bytes; in the bytes, go to an offset")),
            Shortcut(keys="Ctrl+Shift+F", act=self.tr("search the content of the image")),
            Shortcut(keys="Esc", act=self.tr("from a search or the timeline back to the files")),
            Shortcut(keys="Ctrl+Shift+L", act=self.tr("timeline of the case; there + and -, arrows, Home")),
            Shortcut(
                keys="Ctrl+Shift+M", act=self.tr("enlarge a viewer: that with the keyboard, or the preview; and back")
            ),
            Shortcut(keys="Ctrl+Shift+H, F3", act=self.tr("find bytes or text in what is shown, find next")),
        )

    def _build(self) -> None:
        cases = Button(self.tr("Go to Cases"), name="examineEmptyGo", kind="primary")
        cases.clicked.connect(lambda: self.context.go_to("cases", None))
        sentence = self.tr("No case is open. Choose one at the top, or open a new one.")
        self._no_case = EmptyState("examine", sentence, cases, name="noCase")
        take_in = Button(self.tr("Take in an image…"), name="takeInImage", kind="primary", icon="import")
        take_in.clicked.connect(lambda: self.context.go_to("exhibits", None))
        self._no_images = EmptyState(
            "disk",
            self.tr("There is no image in this case yet. Take one in for an exhibit; then it can be looked into here."),
            take_in,
            name="noImages",
        )
        for part in (self._no_case, self._no_images, self.browser):
            self._stack.addWidget(part)
        self.zone = ZoneChoice(self.context.jobs)
        self.catalogue = Button(self.tr("Catalogue…"), name="aboutCatalogue", icon="info")
        self.times = Button(self.tr("Timeline"), name="openTimeline", icon="clock", tip=self.tr("Ctrl+Shift+L"))
        self.search = Button(self.tr("Search…"), name="searchContent", icon="search", tip=self.tr("Ctrl+Shift+F"))
        self.bar.add_action(self.times)
        self.bar.add_action(self.search)
        self.bar.add_action(self.zone)
        self.bar.add_action(self.catalogue)
        self._say_empty(self._no_case)

    def _connect(self) -> None:
        browser, acts = self.browser, self.acts
        self.zone.zone_chosen.connect(self._choose_zone)
        self.catalogue.clicked.connect(self._open_catalogue)
        self.search.clicked.connect(self.open_search)
        bind(self, "Ctrl+Shift+F", self.open_search)
        self.times.clicked.connect(self.open_timeline)
        bind(self, "Ctrl+Shift+L", self.open_timeline)
        browser.moved.connect(self._on_moved)
        self._stack.currentChanged.connect(lambda _: self._show_subtitle())
        browser.viewers.enlarged.connect(lambda on: self.bar.setVisible(not on or self.height() >= _LOW_PX))
        browser.gate.asked.connect(self._pass_gate)
        browser.export_asked.connect(acts.export)
        browser.area_export_asked.connect(acts.export_area)
        browser.tree.export_asked.connect(self._export_folder)
        browser.choose_asked.connect(acts.choose)
        browser.mark_asked.connect(self._marking.ask)
        browser.same_asked.connect(self.find_same)
        browser.withdraw_asked.connect(acts.withdraw)
        browser.unlock_asked.connect(acts.unlock)
        browser.csv_asked.connect(self._export_list)
        browser.failed.connect(self._on_failure)
        acts.told.connect(browser.messages.tell)
        acts.building.connect(self._show_building)
        acts.built.connect(self._on_built)
        acts.record_changed.connect(self.session.tell_record_changed)

    def _take_case(self, case: CaseShown) -> None:
        self._case, edition = case, self._reading.edition
        if not case.images:
            self._anew = False
            self._say_empty(self._no_images)
            return
        if self._anew and self.same:
            self.same.clear()
        others = (self.timeline, self.same)
        if self._anew or not (self._is_searching() or any(one and one.is_shown for one in others)):
            was_shown = self._stack.currentWidget() is self.browser
            self._stack.setCurrentWidget(self.browser)
            if not was_shown:  # its parts take a turn to be laid out
                self.context.jobs.next_turn(self, lambda: self._fill(case, edition))
                return
        self._fill(case, edition)

    def _fill(self, case: CaseShown, edition: int) -> None:
        """Show what was read, unless something else is wanted by now."""
        if edition != self._reading.edition:
            return
        anew, self._anew = self._anew, False
        self.browser.show_case(case, anew=anew)
        self.gallery_acts.renew()
        self.look_ups.renew()
        self._go_to_wanted()

    def _export_folder(self, place: Place) -> None:
        shown = self._case.image(place.image_id)
        if shown is not None and place.folder_id is not None:
            self.acts.export_folder(shown.image, place.folder_id)

    def _is_searching(self) -> bool:
        return self.content_search is not None and self._stack.currentWidget() is self.content_search.view

    def _go_to_wanted(self) -> None:
        wanted = self._wanted
        if wanted and not self._anew and self._case.image(wanted.image_id):
            self._wanted = None
            self.browser.go_to_entry(wanted)

    def _say_empty(self, state: QWidget) -> None:
        self._stack.setCurrentWidget(state)
        self.bar.set_subtitle("")
        for act in (self.zone, self.catalogue, self.search, self.times):
            act.hide()

    def _on_moved(self, shown: ImageShown) -> None:
        content = shown.content
        self.zone.setVisible(content is not None)
        self.catalogue.setVisible(content is not None)
        self.search.setVisible(content is not None)
        self.times.show()
        self._show_subtitle()
        if content is not None:
            self.catalogue.set_text(self._problems_words(len(content.problems)))
        if shown.image.id in self.acts.builds:
            self._show_building(shown.image.id)

    def _show_subtitle(self) -> None:
        """Say what is in sight: the times of the case, or an image."""
        shown = self.browser.image
        if self.timeline and self.timeline.is_shown:
            self.bar.set_subtitle(self.tr("Timeline of the case · times in {zone}").format(zone=self.zone.zone))
        elif shown is not None and self._stack.currentWidget() not in (self._no_case, self._no_images):
            self.bar.set_subtitle(self._subtitle(shown))

    def _subtitle(self, shown: ImageShown) -> str:
        content = shown.content
        if content is None:
            return shown.image.number
        count = text.plural(content.entries, self.tr("1 entry"), self.tr("{n} entries"))
        depth = self.tr("catalogue complete") if content.header.content_examined else self.tr("names and times only")
        if self._shelf.is_unfinished(shown.image.id):
            depth = self.tr("catalogue not complete")
        zone = self.tr("times in {zone}").format(zone=self.zone.zone)
        return f"{shown.image.number} · {depth}, {count} · {zone}"

    def _problems_words(self, problems: int) -> str:
        if not problems:
            return self.tr("Catalogue…")
        return text.plural(problems, self.tr("Catalogue, 1 problem…"), self.tr("Catalogue, {n} problems…"))

    def _offer_zone(self, lab_zone: str) -> None:
        stored = str(self._preferences.store.value(_ZONE, ""))
        self.zone.offer(lab_zone, stored or lab_zone)
        self._use_zone()

    def _choose_zone(self, name: str) -> None:
        self._preferences.store.setValue(_ZONE, "" if name == self.session.lab.info.zone else name)
        self._use_zone()
        self._show_subtitle()

    def _use_zone(self) -> None:
        zone = zone_or_none(self.zone.zone)
        if zone:
            self.browser.set_zone(zone, self.zone.zone)
            if self.timeline:
                self.timeline.view.set_zone(zone)

    def _pass_gate(self, act: str) -> None:
        shown = self.browser.image
        if shown is None:
            return
        match act:
            case _ if act == BUILD:
                gate = self.browser.gate
                self._build_catalogue(shown, rebuild_of(gate.names_only, gate.archives))
            case _ if act == CANCEL:
                self.acts.builds[shown.image.id].cancel()
            case _ if act == REVIEW:
                self.context.go_to("review", shown.image.id)
            case _ if act == LOOK_AGAIN:
                self._read_anew()
            case _ if act == LOOK_SO_FAR:
                self._shelf.ask_unfinished(shown.image.id)
                self._read_anew()

    def _open_catalogue(self) -> None:
        shown = self.browser.image
        zone = zone_or_none(self.zone.zone)
        if shown is None or shown.content is None or zone is None:
            return
        sheet = CatalogueSheet(self, shown, zone)
        sheet.submitted.connect(lambda request: self._build_catalogue(shown, request))
        sheet.open()

    def _build_catalogue(self, shown: ImageShown, request: Rebuild) -> None:
        self.acts.build(shown.image, request)

    def _show_building(self, image_id: object) -> None:
        shown, build = self.browser.image, self.acts.builds.get(cast(UUID, image_id))
        if shown and build and shown.image.id == image_id and not self._shelf.is_asked(shown.image.id):
            self.browser.show_building(build.number, build.entries)

    def _on_built(self, image_id: object) -> None:
        self._shelf.forget(cast(UUID, image_id))
        self._read_anew()
        self.session.tell_record_changed()

    def _read_anew(self) -> None:
        self.browser.forget_case()
        self.refresh()

    def _export_list(self, shown: ImageShown) -> None:
        files, image = self.browser.files, shown.image
        columns = [files.columns[at] for at in files.table.visible_columns()]
        heads = [str(column.head(0)) for column in columns]
        place = self.browser.place
        name = visible(place.view.title) if place and place.view else image.number
        self.acts.export_list(name, lambda: self._shelf.reader(image), files.model.ids, heads, columns)

    def _on_failure(self, error: Exception) -> None:
        """A catalogue that broke while it was read is looked at again, so that the gate says what is wrong."""
        if isinstance(error, CatalogueError):
            shown = self.browser.image
            if shown:
                self._shelf.forget(shown.image.id)
            self._read_anew()
        else:
            self.context.show_error(self.tr("Read the catalogue"), error)
