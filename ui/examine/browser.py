"""Tree, list and viewers together: going from place to place, and looking at what is chosen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import QStackedWidget, QWidget

from ui.examine.bound_keys import bind
from ui.examine.browser_room import BrowserRoom
from ui.examine.case_reading import CaseShown, ImageShown, ancestors, differ, first_place, kept_place, place_of
from ui.examine.columns import Shown
from ui.examine.files_menu import acts_on, open_menu
from ui.examine.files_pane import FilesPane
from ui.examine.gate import Gate, barrier_of
from ui.examine.history import History
from ui.examine.jump import Jump
from ui.examine.messages import Messages
from ui.examine.places import BytesWanted, Destination, ListState, Place, Subject
from ui.examine.results import Result, Results
from ui.examine.shelf import Shelf
from ui.examine.sources import in_words
from ui.examine.tree_pane import TreePane
from ui.examine.viewers import FILE, MEDIA, PREVIEW, VOLUME, Viewers
from ui.examine.way import crumbs_of, warning_of
from ui.examine.words import unallocated_words, why_no_files
from ui.examine.zone_choice import UTC
from ui.latest import Latest
from ui.widgets.layout import plain, vbox

if TYPE_CHECKING:
    from forensics_app.model.catalogue import CatalogueEntry
    from forensics_app.model.finding import ChosenFile
    from forensics_app.model.image import EvidenceImage, ImageId
    from ui.examine.case_reading import LabGiver
    from ui.jobs import JobRunner
    from ui.preferences import Preferences


class Browser(QWidget):
    """Shows the images of a case.

    ``moved`` carries the image in sight (or None); ``export_asked``, ``choose_asked`` and ``mark_asked`` the image and
    its selected entries; ``tags_asked`` wants the tags, ``cite_asked`` carries a kind of citing; ``unlock_asked`` the
    image and an encrypted volume of it; ``withdraw_asked`` a chosen file; ``csv_asked`` the image;
    ``area_export_asked`` carries a :class:`BytesWanted`; ``failed`` what could not be read.
    """

    moved = Signal(object)
    export_asked = Signal(object, object)
    choose_asked = Signal(object, object)
    mark_asked = Signal(object, object)
    same_asked = Signal(object, object)
    has_same = False
    tags_asked = Signal()
    cite_asked = Signal(object)
    withdraw_asked = Signal(object)
    csv_asked = Signal(object)
    area_export_asked = Signal(object)
    unlock_asked = Signal(object, object)
    failed = Signal(object)

    def __init__(
        self, session: LabGiver, jobs: JobRunner, preferences: Preferences, shelf: Shelf, parent: QWidget
    ) -> None:
        """Start without a case.

        The large parts are made where they belong: one that is moved is styled anew with all that is in it.
        """
        super().__init__(parent)
        self.setObjectName("browser")
        self.session, self.jobs, self._shelf = session, jobs, shelf
        self._room = BrowserRoom(preferences.store)
        self._case = CaseShown()
        self._place: Place | None = None
        self._subject: Subject | None = None
        self._select_id: int | None = None
        self._coming: ListState | None = None  # how the place on its way is filtered, until it is listed
        self._read_all = False
        self._history = History()
        self._going, self._acting = Latest(self, jobs), Latest(self, jobs)
        self._zone, self._zone_name = ZoneInfo(UTC), UTC
        self._shown = Shown(self._zone, self._zone_name)
        self.tree = TreePane(jobs, shelf)
        self.results = Results(preferences.store, self._result)
        self.gate = Gate()
        self.messages = Messages()
        self._build()
        self.files = FilesPane(jobs, preferences, lambda: self._shown, self._room.down)
        self.viewers = Viewers(jobs, preferences.store, self._room.down)
        self.viewers.details.tags_of = lambda entry: tuple(tag.name for tag in self._shown.tags.get(entry.id, ()))
        self._room.share_out()
        self.jump = Jump(self)
        self._connect()
        self._add_keys()
        self.results.add_keys(self)

    @property
    def case(self) -> CaseShown:
        """What is shown of the case."""
        return self._case

    @property
    def zone(self) -> ZoneInfo:
        """The zone of times."""
        return self._zone

    @property
    def place(self) -> Place | None:
        """What is listed."""
        return self._place

    @property
    def subject(self) -> Subject | None:
        """What the viewers look at."""
        return self._subject

    @property
    def image(self) -> ImageShown | None:
        """The image in sight."""
        return self._case.image(self._place.image_id) if self._place else None

    def show_case(self, case: CaseShown, *, anew: bool) -> None:
        """Show the images of a case; ``anew`` when another case was opened, otherwise the place is kept."""
        before, self._case = self._case, case
        rebuilt = case.rebuilt_since(before)
        if anew or rebuilt:
            self._history.clear()
        if anew:
            self._place = self._subject = self._coming = None
            self._going.drop()
            self.files.leave()
            if case.images:
                self.results.use_case(case.images[0].image.case_id, case.catalogues)
        self.results.use_catalogues(case.catalogues)
        read_all, self._read_all = self._read_all, False
        if anew or read_all or differ(before, case):
            self.tree.show_case(case)
            last = self.results.resume() if anew and case.images else None
            was_barred = self._right.currentWidget() is self.gate
            place = kept_place(case, self._place, rebuilt, was_barred=was_barred) or first_place(case.images)
            if last is not None:
                self._list(last.place, remember=True, select_id=last.entry_id, state=last.state)
                self.tree.open_volume(last.place)
            elif place and not self.results.is_browsing:
                self._list(place, state=self._coming or self.files.state)
            elif place:
                self.go(place)
                self.tree.open_volume(place)
        else:
            self.tree.show_tags(case)
            self._remember_chosen()
            self._show_facts()
            self._warn()

    def forget_case(self) -> None:
        """Read tree and list again with the next reading of the case, whatever it says; the place is kept."""
        self._read_all = True

    def show_building(self, number: str, entries: int) -> None:
        """Say how far the catalogue of the image in sight is."""
        self.gate.show_building(number, entries)
        self._right.setCurrentWidget(self.gate)

    def set_zone(self, zone: ZoneInfo, name: str) -> None:
        """Show times in another zone."""
        self._zone, self._zone_name = zone, name
        self._remember_chosen()
        self._show_facts()

    def go(self, place: Place, *, remember: bool = True, select_id: int | None = None) -> None:
        """List a place in the tab for browsing; ``select_id`` is the entry to be chosen in it."""
        self._browse()
        self._list(place, remember=remember, select_id=select_id)

    def _browse(self) -> None:
        """Leave a result as it is."""
        state = self.results.browse()
        if state is not None:
            self._coming = None
            self.files.set_state(state)

    def _list(
        self, place: Place, *, remember: bool = False, select_id: int | None = None, state: ListState | None = None
    ) -> None:
        shown = self._case.image(place.image_id)
        if shown is None:
            return
        if remember:
            self._history.visit(place)
        coming = state or replace(self._coming or self.files.state, text="")
        if place != self.files.place or coming != self.files.state:
            self.files.leave()
        if place != self._place or barrier_of(shown):
            self.viewers.shrink()
        self._place, self._select_id, self._coming = place, select_id, coming
        self.files.show_ways(
            back=self._history.can_go_back, forward=self._history.can_go_forward, up=place.volume_id is not None
        )
        self._remember_chosen()
        self._warn()
        barrier = barrier_of(shown)
        self._right.setCurrentWidget(self.gate if barrier else self._work)
        self.moved.emit(shown)
        if barrier:
            self.gate.show_barrier(barrier)
            self.tree.reveal(place, ())
            return
        self._going.ask(
            lambda _: ancestors(self._shelf.reader(shown.image), place.folder_id),
            lambda chain: self._arrive(shown, place, chain, state or replace(self.files.state, text="")),
            self.failed.emit,
        )

    def go_to_entry(self, destination: Destination) -> None:
        """List the folder of an entry and choose it there; without an entry, show the image."""
        shown, entry_id = self._case.image(destination.image_id), destination.entry_id
        if shown is None:
            return
        if entry_id is None or barrier_of(shown):
            self.go(first_place((shown,)) or Place(image_id=destination.image_id))
            return

        def take(entry: CatalogueEntry | None) -> None:
            if entry:
                self._browse()
                self.files.set_state(ListState(recursive=self.files.state.recursive))
                self.go(place_of(shown, entry), select_id=entry.id)

        self._going.ask(lambda _: self._shelf.reader(shown.image).entry(entry_id), take, self.failed.emit)

    def step(self, step: int) -> None:
        """Go back (-1) or forward (1)."""
        place = self._history.move(step)
        if place:
            self.go(place, remember=False)

    def up(self) -> None:
        """List the folder above, then the volume, then the image; what was listed is chosen there."""
        place, shown = self._place, self.image
        if place is None or shown is None:
            return
        if place.folder_id is None:
            above = place.volume_id if place.unallocated else None
            self.go(Place(image_id=place.image_id, volume_id=above))
            return
        below = place.folder_id

        def take(entry: CatalogueEntry | None) -> None:
            if entry:
                self.go(place_of(shown, entry), select_id=below)

        self._going.ask(lambda _: self._shelf.reader(shown.image).entry(below), take, self.failed.emit)

    def panes(self) -> Sequence[QWidget]:
        """The parts that F6 goes through."""
        if self._right.currentWidget() is self.gate:
            return (*self.tree.panes(), self.gate)
        return (*self.tree.panes(), self.files.filter, self.files.table, *self.viewers.panes())

    def _build(self) -> None:
        self._work = plain(vbox(self.messages, self.results, (self._room.down, 1), gap=0))
        self._right = QStackedWidget()
        self._right.addWidget(self._work)
        self._right.addWidget(self.gate)
        self.setLayout(vbox((self._room.put(self.tree, self._right), 1), gap=0))

    def _connect(self) -> None:
        files, details = self.files, self.viewers.details
        self.tree.place_asked.connect(self.go)
        self.tree.bytes_asked.connect(self.go_to_bytes_of)
        self.tree.unlock_asked.connect(self._ask_to_unlock)
        files.unlock_asked.connect(lambda: self._ask_to_unlock(self._place))
        self.tree.failed.connect(self.failed)
        files.place_asked.connect(self.go)
        files.step_asked.connect(self.step)
        files.up_asked.connect(self.up)
        files.failed.connect(self._on_list_failure)
        files.entry_chosen.connect(self._look_at)
        files.opened.connect(lambda _: self.viewers.focus_bytes(FILE))
        files.previewed.connect(lambda _: self.viewers.show_tab(PREVIEW))
        files.menu_asked.connect(self._open_menu)
        files.csv_asked.connect(lambda: files.afterwards(self._ask_csv))
        files.listed.connect(self._select_wanted)
        files.listed.connect(self.results.note)
        for changed in (files.listed, files.entry_chosen):
            changed.connect(lambda *_: self.results.keep())
        files.tab_asked.connect(self.results.add)
        files.told.connect(self.messages.tell)
        self.results.turned.connect(self._show_result)
        details.choose_asked.connect(self._ask_choice)
        details.export_asked.connect(self._ask_export)
        self.viewers.enlarged.connect(lambda on: self._room.enlarge(files, on))
        self.viewers.bytes_export_asked.connect(self.area_export_asked)
        self.viewers.hex.marks_asked.connect(lambda: self.with_selected(self.mark_asked.emit))
        details.withdraw_asked.connect(self.withdraw_asked)
        self.tree.findings.asked.connect(self.jump.to)

    def _add_keys(self) -> None:
        for keys, call in (("Backspace", self.up), ("Ctrl+G", lambda: self.viewers.focus_bytes(FILE))):
            bind(self.files.table, keys, call, Qt.ShortcutContext.WidgetShortcut)
        for keys, step in (("Alt+Left", -1), ("Alt+Right", 1)):
            bind(self, keys, partial(self.step, step))
        bind(self, "Alt+Up", self.up)
        bind(self, "Ctrl+Shift+M", self.viewers.enlarge)
        in_window = Qt.ShortcutContext.WindowShortcut
        for keys, call in (("Ctrl+E", self._ask_export), ("Ctrl+R", self._ask_choice)):
            bind(self._work, keys, call, in_window)  # the buttons for it are out of sight behind another viewer

    def _arrive(self, shown: ImageShown, place: Place, chain: Sequence[CatalogueEntry], state: ListState) -> None:
        self._coming = None
        crumbs = crumbs_of(shown, place, chain)
        volume = shown.volume_at(place)
        if place.unallocated and volume is not None:
            self.files.show_nothing(unallocated_words(volume), crumbs, "gap")
        elif volume is not None and (volume.file_system is None or volume.locked):
            self.files.show_nothing(why_no_files(volume), crumbs, can_unlock=volume.locked)
        else:
            words = self._case.tags.vocabularies.get(shown.image.id)
            self.files.show_place(place, lambda: self._shelf.reader(shown.image), crumbs, words, state)
        self.tree.reveal(place, chain)
        folder = chain[-1] if chain else None
        if self._select_id is None:
            self._show(shown.subject(place.volume_id, folder, unallocated=place.unallocated))

    def _result(self) -> Result | None:
        """What is listed, to be found again; None while another list is on its way: the box is still of this one."""
        place, files = self._place, self.files
        if place is None or self._coming is not None or place != files.place:
            return None
        entry: CatalogueEntry | None = files.table.current_record()
        chosen_id = self._select_id or (entry.id if entry else None)
        return Result(place=place, place_words=files.place_words, state=files.state, entry_id=chosen_id)

    def _show_result(self, result: Result | None) -> None:
        if result is not None:
            self._list(result.place, select_id=result.entry_id, state=result.state)
        elif self._place is not None:
            self._list(self._place, state=ListState())

    def _select_wanted(self) -> None:
        if self._coming is not None:
            return
        wanted, self._select_id = self._select_id, None
        if wanted is not None:
            self.files.table.select_key(wanted)

    def _look_at(self, entry: CatalogueEntry | None) -> None:
        shown, place = self.image, self._place
        if shown is None or place is None:
            return
        if entry is not None:
            self._show(shown.subject(entry=entry))
        elif self._subject and self._subject.entry:
            self._show(shown.subject(place.volume_id))

    def _show(self, subject: Subject) -> None:
        self._subject = subject
        self.viewers.show_subject(self.session.lab, subject, self._chosen(subject), self._zone, self._zone_name)

    def _show_facts(self) -> None:
        self.files.redraw()
        subject = self._subject
        if subject:
            self.viewers.show_facts(subject, self._chosen(subject), self._zone, self._zone_name)

    def _chosen(self, subject: Subject) -> ChosenFile | None:
        return self._case.chosen_of(subject.image.id, subject.entry.id) if subject.entry else None

    def _remember_chosen(self) -> None:
        image_id: ImageId | None = self._place.image_id if self._place else None
        ids = frozenset(file.entry_id for file in self._case.chosen if file.image_id == image_id)
        self._shown = Shown(self._zone, self._zone_name, ids, self._case.tags.on(image_id))

    def _warn(self) -> None:
        shown = self.image
        self.messages.warn(warning_of(shown, is_unfinished=self._shelf.is_unfinished(shown.image.id)) if shown else "")

    def go_to_bytes_of(self, place: Place) -> None:
        """Show the bytes of a folder, a volume or the media, with the keyboard in them."""
        shown = self._case.image(place.image_id)
        if shown is None or barrier_of(shown):
            return
        self.go(place)
        if place.folder_id is None:
            self._show(shown.subject(place.volume_id, unallocated=place.unallocated))
            self.viewers.focus_bytes(FILE if place.unallocated else VOLUME if place.volume_id else MEDIA)

    def _ask_to_unlock(self, place: Place | None) -> None:
        shown = self._case.image(place.image_id) if place else None
        volume = shown.volume_at(place) if shown and place else None
        if shown and volume:
            self.unlock_asked.emit(shown, volume)

    def with_selected(self, act: Callable[[EvidenceImage, Sequence[CatalogueEntry]], None]) -> None:
        """Do ``act`` with the image and the selected entries, which are read first."""
        self.files.afterwards(lambda: self._send_selected(act))

    def _send_selected(self, act: Callable[[EvidenceImage, Sequence[CatalogueEntry]], None]) -> None:
        shown, ids = self.image, self.files.selected_ids()
        subject = self._subject
        if shown is None:
            return
        if not ids and subject and subject.entry:
            act(shown.image, (subject.entry,))
        elif ids:
            self._acting.afterwards(  # an act asked for while another one reads its files waits for it
                lambda: self._acting.ask(
                    lambda _: self._shelf.reader(shown.image).rows(ids),
                    lambda entries: act(shown.image, entries),
                    self.failed.emit,
                )
            )

    def _ask_export(self) -> None:
        subject = self._subject
        if subject and subject.entry is None and not self.files.selected_ids():
            self.area_export_asked.emit(BytesWanted(image=subject.image, area=subject.whole_area()))
        else:
            self.with_selected(self.export_asked.emit)

    def _ask_choice(self) -> None:
        subject, several = self._subject, len(self.files.selected_ids()) > 1
        if subject and self._chosen(subject) and not several:
            self.messages.tell(self.tr("This file is chosen for the report. Take back… in its details takes it out."))
        elif subject and (subject.entry or several):
            self.with_selected(self.choose_asked.emit)

    def _open_menu(self, at: QPoint) -> None:
        entry: CatalogueEntry | None = self.files.table.current_record()
        if entry is not None and self.image is not None:
            open_menu(self, at, acts_on(self, self.image, entry))

    def _ask_csv(self) -> None:
        if self.files.place:
            self.csv_asked.emit(self.image)

    def _on_list_failure(self, error: Exception) -> None:
        self.files.show_nothing(in_words(error), (), "verify-warning")
        self.failed.emit(error)
