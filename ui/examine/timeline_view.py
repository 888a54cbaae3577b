"""The timeline of a case: bars to brush and to see closer, and the list of events below them."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from PySide6.QtCore import QSettings, QSignalBlocker, QTimer, Signal
from PySide6.QtWidgets import QComboBox, QMenu, QStackedWidget, QWidget

from forensics_app.model.filter_language.errors import FilterError
from forensics_app.model.filter_language.parser import parse
from forensics_app.model.timeline import (
    INODE_FIELDS,
    NAME_FIELDS,
    TimelineForm,
    TimelineQuery,
    TimelineState,
    beyond_words,
)
from ui.examine.bound_keys import bind
from ui.examine.messages import Messages
from ui.examine.sources import in_words
from ui.examine.stamps import field_names
from ui.examine.timeline_reading import Asked, OpenTimeline, Seen, Span
from ui.examine.timeline_words import columns, status_words, time_bars
from ui.examine.words import visible
from ui.examine.zone_choice import UTC
from ui.latest import Latest
from ui.models.lazy_table import Deliver, LazyTableModel
from ui.theme import Space
from ui.tones import Tone
from ui.widgets import forms
from ui.widgets.buttons import Button, IconButton
from ui.widgets.labels import label
from ui.widgets.layout import hbox, line, pane, plain, vbox
from ui.widgets.notes import EmptyState, Note, SearchBox
from ui.widgets.rows_copy import Read, RowsCopy
from ui.widgets.table import Table
from ui.widgets.time_bars import TimeBars
from ui.widgets.wrap_layout import WrapLayout

if TYPE_CHECKING:
    from forensics_app.model.timeline import TimelineEvent
    from ui.jobs import JobRunner

_TYPING_MS = 400


class TimelineView(QWidget):
    """``left`` says that the files are to be shown again, ``make_asked`` that the timeline is to be made.

    ``jump_asked`` carries an event; ``export_asked`` a form, with what is listed in :attr:`listed`; ``failed`` what
    could not be read.
    """

    left = Signal()
    make_asked = Signal()
    jump_asked = Signal(object)
    export_asked = Signal(object)
    failed = Signal(object)

    def __init__(self, jobs: JobRunner, settings: QSettings) -> None:
        """Start without a timeline."""
        super().__init__()
        self.setObjectName("timelineView")
        self._jobs, self._settings = jobs, settings
        self._open: OpenTimeline | None = None
        self._zone = ZoneInfo(UTC)
        self._seen: Seen | None = None
        self._span: Span | None = None
        self._reading = Latest(self, jobs)
        self.model = LazyTableModel(columns(lambda: self._zone), self._load, self)
        self._typing = QTimer(self)
        self._typing.setSingleShot(True)
        self._typing.setInterval(_TYPING_MS)
        self._build()
        self._connect()

    def show_timeline(self, timeline: OpenTimeline) -> None:
        """Show a timeline from its usual beginning."""
        self.leave_timeline()
        self._open, self._span = timeline, None
        with QSignalBlocker(self.images):
            chosen = self.images.currentText()
            self.images.clear()
            self.images.addItem(self.tr("All images"), None)
            for image in timeline.state.images:
                self.images.addItem(image.number, image.id)
            self.images.setCurrentIndex(max(0, self.images.findText(chosen)))
        self._tell_left_out(timeline.state)
        self._stack.setCurrentWidget(self._work)
        self.read()

    def show_again(self) -> None:
        """Show the timeline as it was left: its stretch, what is brushed and chosen."""
        self._stack.setCurrentWidget(self._work)
        self.panes()[0].setFocus()

    def show_unmade(self, state: TimelineState) -> None:
        """Say that there is none yet, and how it comes to be."""
        self.leave_timeline()
        self._tell_left_out(state)
        self.make.setVisible(bool(state.images))
        words = self.tr("No image of this case has a catalogue yet. Build one under Files; then its times stand here.")
        if state.images:
            words = self.tr(
                "The times of this case have not been gathered since its catalogues were built. Make the timeline to "
                "see every time of every file in order; that takes some seconds for each million of files."
            )
        self.empty.set_sentence(words)
        self._stack.setCurrentWidget(self._unmade)

    def show_making(self) -> None:
        """Say that it is being made."""
        self.make.hide()
        self.empty.set_sentence(
            self.tr("The times are being gathered. How far that is stands in the tray of operations.")
        )
        self._stack.setCurrentWidget(self._unmade)

    def leave_timeline(self) -> None:
        """Want nothing more of what is open."""
        self._reading.drop()
        self._open = self._seen = None
        self.model.set_ids(array("q"))

    def set_zone(self, zone: ZoneInfo) -> None:
        """Show times in this zone; what is brushed and chosen stays unless it is another."""
        if zone == self._zone:
            return
        self._zone = zone
        self.read()

    @property
    def zone(self) -> ZoneInfo:
        """The zone that times are shown in."""
        return self._zone

    @property
    def listed(self) -> TimelineQuery | None:
        """What is listed, with its stretch of time; None while nothing is."""
        seen = self._seen
        if seen is None or not seen.histogram.bars:
            return None
        bars = seen.histogram.bars
        start, end = seen.asked.part or (bars[0].start_ns, bars[-1].end_ns)
        return replace(seen.asked.query, from_ns=start, before_ns=end)

    def panes(self) -> Sequence[QWidget]:
        """The parts that F6 goes through."""
        return (self.box, self.bars, self.table) if self._open else (self.make,)

    def read(self) -> None:
        """Find what is asked for."""
        timeline, asked = self._open, self._asked()
        if timeline is None or asked is None:
            return
        self._reading.ask(lambda _: timeline.see(asked), self._take, self.failed.emit)

    def _asked(self, part: Span | None = None) -> Asked | None:
        words = self.box.text().strip()
        try:
            expression = parse(words, self._zone)
        except FilterError as error:
            self.wrong.say(Tone.BAD, visible(f"{error} {error.then}"))
            self.wrong.show()
            return None
        self.wrong.hide()
        image, fields = self.images.currentData(), self.stamps.currentData()
        query = TimelineQuery(images=(image,) if image else (), fields=tuple(fields or ()), filter=expression)
        return Asked(query=query, zone=self._zone, span=self._span, part=part)

    def _build(self) -> None:
        tip = self.tr("Back to the files (Esc)")
        self.back = Button(self.tr("Files"), name="timelineBack", icon="return", tip=tip)
        self.back_early = Button(self.tr("Files"), name="timelineBackEarly", icon="return", tip=tip)
        self.images, self.stamps = forms.choice(()), forms.choice(())
        for box, name, title in (
            (self.images, "timelineImage", self.tr("Times of the image")),
            (self.stamps, "timelineStamp", self.tr("Which times")),
        ):
            _name(box, name, title)
        self._fill_stamps()
        self.box = SearchBox(self.tr("Filter: name, type:image, deleted …"), name="timelineFilter")
        self.box.setMinimumWidth(12 * Space.L)
        self.closer = IconButton("zoom-in", self.tr("See closer (+)"), name="timelineCloser")
        self.wider = IconButton("zoom-out", self.tr("See wider (-)"), name="timelineWider")
        self.whole = IconButton("fit-width", self.tr("See all times (Home)"), name="timelineWhole")
        self.export = Button(self.tr("Export…"), name="exportTimeline", icon="export")
        self.columns_button = IconButton("columns", self.tr("Choose columns"), name="timelineColumns")
        head = WrapLayout(
            self.back, self.images, self.stamps, self.box, self.closer, self.wider, self.whole, self.columns_button,
            self.export, margins=(Space.M, Space.S, Space.S, Space.S),
        )  # fmt: skip
        self.wrong = Note(Tone.BAD, "", name="timelineWrong")
        self.messages = Messages()
        self.wrong.hide()
        self.bars = TimeBars(name="timelineBars", title=self.tr("Events over time"))
        self.status = label(role="small", name="timelineStatus", wrap=True)
        foot = plain(vbox(self.status, margins=(Space.M, Space.XS, Space.M, Space.S)))
        self.table = Table(self.model, name="timelineEvents", title=self.tr("Events in the order of their times"))
        self.table.remember(self._settings)
        self._work = pane(vbox(plain(head), self.wrong, self.bars, foot, line(), (self.table, 1), gap=0))
        self.make = Button(self.tr("Make the timeline"), name="makeTimeline", kind="primary", icon="clock")
        self.empty = EmptyState("clock", "", self.make, name="noTimeline")
        early = hbox(self.back_early, None, margins=(Space.M, Space.S, Space.S, Space.S))
        self._unmade = plain(vbox(plain(early), (self.empty, 1), gap=0))
        self._stack = QStackedWidget()
        for part in (self._unmade, self._work):
            self._stack.addWidget(part)
        self.setLayout(vbox(self.messages, (self._stack, 1), gap=0))

    def _fill_stamps(self) -> None:
        names = field_names()
        self.stamps.addItem(self.tr("All times"), ())
        for field in INODE_FIELDS:
            self.stamps.addItem(names[field], (field,))
        self.stamps.addItem(self.tr("All times of names ($FILE_NAME)"), NAME_FIELDS)
        for field in NAME_FIELDS:
            self.stamps.addItem(self.tr("{time}, of the name").format(time=names[field]), (field,))

    def _connect(self) -> None:
        self.back.clicked.connect(self.left)
        self.back_early.clicked.connect(self.left)
        self.make.clicked.connect(self.make_asked)
        for box in (self.images, self.stamps):
            box.currentIndexChanged.connect(lambda _: self.read())
        self.box.textChanged.connect(lambda _: self._typing.start())
        self.box.returnPressed.connect(self.read)
        self._typing.timeout.connect(self.read)
        self.bars.brushed.connect(self._brush)
        self.bars.closer_asked.connect(self._see_closer)
        self.bars.wider_asked.connect(self._see_wider)
        self.bars.whole_asked.connect(self._see_whole)
        self.closer.clicked.connect(self._see_brushed)
        self.wider.clicked.connect(self._see_wider)
        self.whole.clicked.connect(self._see_whole)
        self.columns_button.clicked.connect(lambda: self.table.choose_columns(self.columns_button))
        self.table.opened.connect(self._jump)
        self.export.clicked.connect(self.open_forms)
        RowsCopy(
            self.table, self._jobs, self._reading_now, say=self.messages.tell, why=in_words,
            instead=self.tr("Export writes all that is listed to a file (Ctrl+E)."),
        )  # fmt: skip
        bind(self, "Escape", self.left.emit)
        bind(self, "Ctrl+E", self.open_forms)

    def open_forms(self) -> QMenu:
        """The menu of the forms that events can be written in."""
        menu = QMenu(self)
        menu.setObjectName("timelineForms")
        for form, words in (
            (TimelineForm.CSV, self.tr("CSV, in the columns of log2timeline…")),
            (TimelineForm.BODYFILE, self.tr("Body file for mactime…")),
        ):
            act = menu.addAction(words)
            act.setEnabled(self.listed is not None)
            act.triggered.connect(lambda _=False, form=form: self.export_asked.emit(form))
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self.export.mapToGlobal(self.export.rect().bottomLeft()))
        return menu

    def _take(self, seen: Seen) -> None:
        is_part = seen.asked.part is not None
        self._seen = seen
        if not is_part:
            self.bars.set_bars(time_bars(seen.histogram, self._zone))
        self.model.set_ids(seen.ids)
        if not seen.histogram.bars:
            self.status.setText(self.tr("No time is left by this filter. Empty the box or choose other times."))
            return
        self.status.setText(status_words(seen.histogram, len(seen.ids), self.bars.brush))

    def _brush(self, brush: tuple[int, int] | None) -> None:
        timeline, seen = self._open, self._seen
        if timeline is None or seen is None:
            return
        part = self._stretch(*brush) if brush else None
        asked = replace(seen.asked, part=part)
        self._reading.ask(lambda _: timeline.see(asked), self._take_list, self.failed.emit)

    def _take_list(self, seen: Seen) -> None:
        self._seen = seen
        self.model.set_ids(seen.ids)
        self.status.setText(status_words(seen.histogram, len(seen.ids), self.bars.brush))

    def _stretch(self, first: int, last: int) -> Span:
        assert self._seen is not None
        bars = self._seen.histogram.bars
        return bars[first].start_ns, bars[last].end_ns

    def _see_closer(self, first: int, last: int) -> None:
        if self._seen is not None and self._seen.histogram.bars:
            self._span = self._stretch(first, last)
            self.read()

    def _see_brushed(self) -> None:
        bars = len(self._seen.histogram.bars) if self._seen else 0
        self._see_closer(*(self.bars.brush or (bars // 4, max(bars // 4, bars - 1 - bars // 4))))

    def _see_wider(self) -> None:
        if self._seen is not None and self._seen.histogram.bars:
            start, end = self._stretch(0, -1)
            self._span = start - (end - start), end + (end - start)
            self.read()

    def _see_whole(self) -> None:
        timeline, asked = self._open, self._asked()
        if timeline is None or asked is None:
            return

        def work() -> Seen:
            return timeline.see(replace(asked, span=timeline.whole(asked.query)))

        def take(seen: Seen) -> None:
            self._span = seen.asked.span
            self._take(seen)

        self._reading.ask(lambda _: work(), take, self.failed.emit)

    def _tell_left_out(self, state: TimelineState) -> None:
        said = "  ".join(f"{one.number}: {one.why}" for one in state.left_out)
        parts = [self.tr("Not in the timeline: {images}").format(images=visible(said))] if said else []
        if state.is_made:
            parts += filter(None, [beyond_words(state.beyond)])
        self.messages.warn("  ".join(parts))

    def _jump(self, event: TimelineEvent | None) -> None:
        if event is not None:
            self.jump_asked.emit(event)

    def _reading_now(self) -> Read | None:
        return self._open.events if self._open is not None else None

    def _load(self, ids: Sequence[int], deliver: Deliver[TimelineEvent]) -> None:
        timeline, wanted = self._open, tuple(ids)
        if timeline is None:
            return

        def fail(error: Exception) -> None:
            if timeline is self._open:
                self.failed.emit(error)

        self._jobs.start(self, lambda _: timeline.events(wanted), done=deliver, failed=fail)


def _name(box: QComboBox, name: str, title: str) -> None:
    box.setObjectName(name)
    box.setAccessibleName(title)
    box.setToolTip(title)
    box.setMinimumWidth(10 * Space.M)
