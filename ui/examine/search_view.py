"""The searches of an image: which there are, their hits as they are found, and what surrounds the chosen one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from PySide6.QtCore import QSettings, QSignalBlocker, QTimer, Signal
from PySide6.QtWidgets import QStackedWidget, QWidget

from ui import text
from ui.announce import announce
from ui.examine.bound_keys import bind
from ui.examine.search_hits import HitsModel, Reading, ShownHit, columns, read_rows, read_search
from ui.examine.sources import in_words
from ui.examine.words import visible
from ui.latest import Latest
from ui.models.lazy_table import Deliver
from ui.theme import Space
from ui.tones import Tone
from ui.widgets import forms
from ui.widgets.buttons import Button
from ui.widgets.labels import label
from ui.widgets.layout import hbox, line, plain, vbox
from ui.widgets.notes import EmptyState, Note
from ui.widgets.rows_copy import Read, RowsCopy
from ui.widgets.table import Table
from ui.widgets.wrap_layout import WrapLayout

if TYPE_CHECKING:
    from forensics_app.bootstrap import Lab
    from forensics_app.model.image import EvidenceImage
    from forensics_app.model.search import SearchId, SearchInfo
    from ui.jobs import JobRunner
    from ui.session import Session

_LOOK_AGAIN_MS = 1000


class SearchView(QWidget):
    """Searches and hits.

    ``left`` says that the files are to be shown again; ``new_asked``, ``go_on_asked`` and ``stop_asked`` that a search
    is to begin, go on or stop; ``jump_asked`` and ``reveal_asked`` carry a :class:`ShownHit`; ``missed_asked`` carries
    the search; ``tags_asked`` says that the selected hits are to be tagged; ``failed`` what could not be read.
    """

    left = Signal()
    new_asked = Signal()
    go_on_asked = Signal(object)
    stop_asked = Signal(object)
    jump_asked = Signal(object)
    reveal_asked = Signal(object)
    missed_asked = Signal(object)
    tags_asked = Signal()
    failed = Signal(object)

    def __init__(self, session: Session, jobs: JobRunner, settings: QSettings) -> None:
        """Start without an image; ``settings`` keeps columns and order."""
        super().__init__()
        self.setObjectName("searchView")
        self._session, self._jobs = session, jobs
        self._lab: Lab | None = None
        self._image: EvidenceImage | None = None
        self._infos: tuple[SearchInfo, ...] = ()
        self._shown_id: SearchId | None = None
        self._running: SearchId | None = None
        self._order = ("", False)
        self._is_current = True
        self._listing, self._reading = Latest(self, jobs), Latest(self, jobs)
        self.model = HitsModel(columns(), self._load, self)
        self._timer = QTimer(self)
        self._timer.setInterval(_LOOK_AGAIN_MS)
        self._timer.timeout.connect(self._read)
        self._build()
        self._connect()
        self.table.remember(settings)

    @property
    def search_id(self) -> SearchId | None:
        """The search in sight."""
        return self._shown_id

    @property
    def running(self) -> SearchId | None:
        """The search that runs."""
        return self._running

    def show_image(self, image: EvidenceImage, search_id: SearchId | None = None) -> None:
        """List the searches of an image; put one of them in sight, by default the one that is, or the newest."""
        if self._image is None or self._image.id != image.id:
            self._shown_id = None
        self._image = image
        self._shown_id = search_id or self._shown_id
        lab = self._lab = self._session.lab
        self._listing.ask(lambda _: lab.searching.list(image), self._take_list, self.failed.emit)

    def say_running(self, search_id: SearchId | None) -> None:
        """A search runs, or none does any more: what it finds is listed as it comes."""
        self._running = search_id
        if search_id is None:
            self._timer.stop()
        else:
            self._timer.start()
        if self._image is not None and self._session.has_lab:
            self.show_image(self._image, search_id)

    def say(self, words: str) -> None:
        """Say how an act on hits ended, below their list."""
        self.told.setText(words)
        announce(self, words)

    def say_old(self) -> None:
        """Say that the hits are of another catalogue than the one in sight, which does not know their entries."""
        self._is_current = False
        words = self.tr("This search is of another catalogue than the one in sight, which was built anew: paths of its "
                        "hits are not known, and their bytes cannot be gone to. Search again.")  # fmt: skip
        self.old.say(Tone.WARN, words)
        self.old.show()
        self._describe(self.table.current_record())

    def panes(self) -> Sequence[QWidget]:
        """The parts that F6 goes through."""
        return (self.searches, self.table)

    def take_focus(self) -> None:
        """Take the keyboard: to the hits, or where none are in sight to the button of a new search."""
        parts = (self.table, self.new, self.back)
        next(part for part in parts if part.isVisibleTo(self) and part.isEnabled()).setFocus()

    @contextmanager
    def _keeping_focus(self) -> Iterator[None]:
        """Hiding or disabling the part that has the keyboard would give it to another part of the window."""
        held, page = self.window().focusWidget(), self._stack.currentIndex()
        is_mine = held is not None and self.isAncestorOf(held)
        yield
        held = self.window().focusWidget()
        is_lost = held is None or not self.isAncestorOf(held)
        if is_mine and (is_lost or page != self._stack.currentIndex()):
            self.take_focus()

    def _build(self) -> None:
        self.searches, self.terms = forms.choice(()), forms.choice(())
        for box, name, title in (
            (self.searches, "searchChoice", self.tr("Searches of this image")),
            (self.terms, "searchTerm", self.tr("Only the hits of")),
        ):
            box.setObjectName(name)
            box.setAccessibleName(title)
            box.setToolTip(title)
            box.setMinimumWidth(18 * Space.M)
        self.back = Button(self.tr("Files"), name="searchBack", icon="return", tip=self.tr("Back to the files (Esc)"))
        self.new = Button(self.tr("New search…"), name="newSearch", kind="primary", icon="search")
        self.stop = Button(self.tr("Stop"), name="stopSearch", icon="stop")
        self.go_on = Button(self.tr("Go on"), name="goOnWithSearch", icon="play")
        self.missed = Button("", name="searchMissed", icon="verify-warning")
        self.status = label(role="small", name="searchStatus")
        head = WrapLayout(
            self.back, self.searches, self.terms, self.new, self.stop, self.go_on, self.missed, self.status,
            margins=(Space.M, Space.S, Space.S, Space.S),
        )  # fmt: skip
        self.table = Table(self.model, name="searchHits", title=self.tr("Hits of the search"))
        self.context = label(role="mono", wrap=True, select=True, name="hitContext")
        self.place = label(role="small", wrap=True, select=True, name="hitPlace")
        self.jump = Button(self.tr("Go to these bytes"), name="jumpToHit", icon="arrow-right", tip=self.tr("Return"))
        self.reveal = Button(self.tr("Show the secret…"), name="revealSecret", icon="eye")
        self.old = Note(Tone.WARN, "", name="oldSearch")
        self.old.hide()
        self.tags = Button(self.tr("Tags…"), name="tagHits", icon="tag", tip=self.tr("T, or a digit"))
        self.told = label(role="small", name="hitsTold")
        acts = hbox(self.jump, self.tags, self.reveal, self.told, None)
        foot = vbox(self.context, self.place, acts, margins=(Space.M, Space.S, Space.M, Space.M))
        hits = plain(vbox(self.old, (self.table, 1), line(), foot, gap=0))
        self.empty = EmptyState("search", "", name="noSearch")
        self._stack = QStackedWidget()
        for part in (self.empty, hits):
            self._stack.addWidget(part)
        self.setLayout(vbox(plain(head), line(), (self._stack, 1), gap=0))
        self._show_buttons(None)
        self._describe(None)

    def _connect(self) -> None:
        self.back.clicked.connect(self.left)
        self.new.clicked.connect(self.new_asked)
        self.stop.clicked.connect(lambda: self.stop_asked.emit(self._running))
        self.go_on.clicked.connect(lambda: self.go_on_asked.emit(self._shown_id))
        self.missed.clicked.connect(lambda: self.missed_asked.emit(self._shown_id))
        self.searches.activated.connect(self._choose)
        self.terms.activated.connect(lambda _: self._read())
        self.model.sort_asked.connect(self._sort)
        self.table.chosen.connect(self._describe)
        self.table.opened.connect(self._jump)
        self.jump.clicked.connect(lambda: self._jump(self.table.current_record()))
        self.tags.clicked.connect(self.tags_asked)
        self.reveal.clicked.connect(lambda: self.reveal_asked.emit(self.table.current_record()))
        RowsCopy(
            self.table, self._jobs, self._reading_now, say=self.say, why=in_words,
            instead=self.tr("Choose one of the terms above, or fewer rows."),
        )  # fmt: skip
        bind(self, "Escape", self.left.emit)
        self.model.dataChanged.connect(lambda *_: self._describe(self.table.current_record()))

    def _take_list(self, infos: tuple[SearchInfo, ...]) -> None:
        with self._keeping_focus():
            self._show_list(infos)

    def _show_list(self, infos: tuple[SearchInfo, ...]) -> None:
        self._infos = infos
        with QSignalBlocker(self.searches):
            self.searches.clear()
            for info in infos:
                self.searches.addItem(_title(info, ZoneInfo(self._session.lab.info.zone)), info.id)
        ids = [info.id for info in infos]
        if self._shown_id not in ids:
            self._shown_id = ids[0] if ids else None
        shown_id = self._shown_id
        has_any = shown_id is not None
        for part in (self.searches, self.terms):
            part.setVisible(has_any)
        if shown_id is None:
            self._stack.setCurrentWidget(self.empty)
            self.empty.set_sentence(
                self.tr("This image has not been searched. A search goes through files, deleted files, slack, "
                        "unallocated space, metadata and gaps, and lists what it finds here while it runs.")
            )  # fmt: skip
            self._show_buttons(None)
            return
        with QSignalBlocker(self.searches):
            self.searches.setCurrentIndex(ids.index(shown_id))
        self._read()

    def _choose(self, at: int) -> None:
        self._shown_id = self.searches.itemData(at)
        with QSignalBlocker(self.terms):
            self.terms.clear()
        self._read()

    def _sort(self, key: str, descending: bool) -> None:
        self._order = (key, descending)
        self._read()

    def _read(self) -> None:
        image, search_id, lab = self._image, self._shown_id, self._lab
        if image is None or search_id is None or lab is None or not self._session.has_lab:
            return
        term = self.terms.currentData()
        order = self._order
        self._reading.ask(
            lambda _: read_search(lab, image, search_id, term, order), self._take_reading, self.failed.emit
        )

    def _take_reading(self, reading: Reading) -> None:
        info = reading.info
        if info.id == self._shown_id:
            with self._keeping_focus():
                self._show_reading(reading, info)

    def _show_reading(self, reading: Reading, info: SearchInfo) -> None:
        self._stack.setCurrentIndex(1)
        if info.id != self.model.search_id:
            self.model.forget(info.id)
        self.model.grow(reading.ids)
        self._fill_terms(reading)
        self._show_buttons(info)
        self._show_age(info)
        if self.model.rowCount() and not self.table.currentIndex().isValid():
            self.table.selectRow(0)
        if not self.model.rowCount():
            self._describe(None)

    def _fill_terms(self, reading: Reading) -> None:
        chosen = self.terms.currentData()
        request = reading.info.request
        with QSignalBlocker(self.terms):
            self.terms.clear()
            self.terms.addItem(self.tr("All terms ({n})").format(n=f"{reading.info.hits:,}"), None)
            for number, count in sorted(reading.counts.items()):
                words = visible(request.term(number)) or self.tr("detected")
                self.terms.addItem(f"{words} ({count:,})", number)
            self.terms.setCurrentIndex(max(0, self.terms.findData(chosen)))

    def _show_buttons(self, info: SearchInfo | None) -> None:
        is_running = info is not None and info.id == self._running
        self.stop.setVisible(self._running is not None)
        self.new.setEnabled(self._running is None)
        self.new.setToolTip("" if self._running is None else self.tr("A search of this case is running."))
        may_go_on = info is not None and not is_running and not info.is_complete and info.is_current
        self.go_on.setVisible(may_go_on and self._running is None)
        self.missed.setVisible(info is not None and info.missed > 0)
        self.status.setText("")
        self.status.setToolTip("")
        if info is None:
            return
        self.missed.set_text(
            text.plural(info.missed, self.tr("1 stretch not searched…"), self.tr("{n} stretches not searched…"))
        )
        share = f"{100 * info.done // max(info.units, 1)} %"
        hits = text.plural(info.hits, self.tr("1 hit"), self.tr("{n} hits"))
        if is_running:
            self.status.setText(self.tr("Searching, {share}: {hits} so far").format(share=share, hits=hits))
        elif info.is_complete:
            is_whole = info.request.is_across_files
            words = self.tr("Complete: {hits}") if is_whole else self.tr("Complete, but not across files: {hits}")
            self.status.setText(words.format(hits=hits))
            self.status.setToolTip(info.request.limit)
        else:
            self.status.setText(self.tr("Stopped at {share}: {hits} so far").format(share=share, hits=hits))

    def _show_age(self, info: SearchInfo) -> None:
        self._is_current = info.is_current
        self.old.setVisible(not info.is_current)
        if info.is_current:
            self._describe(self.table.current_record())
        else:
            self.say_old()

    def _describe(self, one: ShownHit | None) -> None:
        self.jump.setEnabled(one is not None and self._is_current)
        self.tags.setEnabled(one is not None and self._is_current)
        self.reveal.setVisible(one is not None and one.hit.is_secret)
        if one is None:
            self.context.setText("")
            self.place.setText(self.tr("No hit is chosen.") if self.model.rowCount() else self.tr("There is no hit."))
            return
        before, after = one.hit.context()
        self.context.setText(one.text if one.hit.is_hidden else f"{before}\u2039{one.text}\u203a{after}")
        length = text.plural(one.hit.length_bytes, self.tr("1 byte"), self.tr("{n} bytes"))
        parts = [one.where, self.tr("volume {id}").format(id=one.hit.volume_id), one.offset]
        self.place.setText(" · ".join(parts if one.hit.is_in_text else [*parts, length]))

    def _jump(self, one: ShownHit | None) -> None:
        if one is not None:
            self.jump_asked.emit(one)

    def _reading_now(self) -> Read | None:
        image, search_id, lab = self._image, self._shown_id, self._lab
        if image is None or search_id is None or lab is None:
            return None
        return lambda ids: read_rows(lab, image, search_id, ids)

    def _load(self, ids: Sequence[int], deliver: Deliver[ShownHit]) -> None:
        read, wanted = self._reading_now(), tuple(ids)
        if read is not None:
            self._jobs.start(self, lambda _: read(wanted), done=deliver, failed=self.failed.emit)


def _title(info: SearchInfo, zone: ZoneInfo) -> str:
    return f"{text.time_text(info.started_at, zone, to_minute=True)}  {visible(info.request.words)}"
