"""The Exhibits page: what is in the case, one exhibit in detail, registering, intake."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from PySide6.QtGui import QDragEnterEvent, QDropEvent, QKeySequence
from PySide6.QtWidgets import QStackedWidget, QWidget

from forensics_app.model.exhibit import ExhibitType
from forensics_app.model.lab import Job
from forensics_app.model.label import Scanned
from ui import text
from ui.acquire.acquisitions import Acquisitions
from ui.exhibits.acts import ExhibitActs
from ui.exhibits.details_pane import HANDLERS, WIDTH_PX, DetailsPane
from ui.exhibits.intakes import Intakes
from ui.exhibits.interrupted import InterruptedNotes
from ui.exhibits.labels import LabelPrinting, ScanRow
from ui.exhibits.list_pane import ListPane
from ui.exhibits.memory import Memory
from ui.exhibits.reading import ExhibitDetail, ExhibitLine, ExhibitsView, read_detail, read_exhibits
from ui.exhibits.words import needs_attention
from ui.jobs import State as RowState
from ui.latest import Latest
from ui.page import Page, PageContext, Shortcut
from ui.preferences import Preferences
from ui.saving import AskWhere, ask_where
from ui.theme import Space
from ui.tones import Tone
from ui.widgets.buttons import Button
from ui.widgets.layout import hbox, plain, vbox
from ui.widgets.notes import EmptyState, note
from ui.widgets.sides import Sides

if TYPE_CHECKING:
    from forensics_app.model.case import CaseId
    from forensics_app.model.exhibit import Exhibit, ExhibitId


class ExhibitsPage(Page):
    """List at the left, details at the right; windows for registering, correcting and taking in."""

    def __init__(self, context: PageContext, preferences: Preferences, *, ask: AskWhere = ask_where) -> None:
        """Build the page; it reads when it comes into sight. ``ask`` tells where a file is to be written."""
        super().__init__(context, title=self.tr("Exhibits"), name="exhibitsPage")
        self._case_id: CaseId | None = None
        self._view: ExhibitsView | None = None
        self._detail: ExhibitDetail | None = None
        self._wanted: object = None
        self._register_when_read = False
        self._reading, self._detailing = Latest(self, context.jobs), Latest(self, context.jobs)
        memory = Memory(preferences.store)
        self.intakes = Intakes(self, context, memory)
        self.acquisitions = Acquisitions(self, context, memory)
        self.acts = ExhibitActs(self, context, memory)
        self.labels = LabelPrinting(self, context, ask)
        self.list = ListPane(self._zone, self._share_of, preferences.store)
        self.details = DetailsPane()
        self.interrupted = InterruptedNotes()
        self._lay_out()
        self._connect()
        self.setAcceptDrops(True)

    def show_case(self, case_id: CaseId | None) -> None:
        """Show the exhibits of another case."""
        self._case_id, self._view, self._detail = case_id, None, None
        self._reading.drop()
        self._detailing.drop()
        self.scan_row.hide()
        self.list.show_lines(())
        self.details.show_nothing()

    def refresh(self) -> None:
        """Read the list again, and what is shown of the current exhibit."""
        session, case_id = self.session, self._case_id
        if not session.has_lab or case_id is None:
            self._show_nothing(self.tr("No case is open. Open or choose one first."), self._go_to_cases)
            return
        lab = session.lab
        self._reading.ask(
            lambda _: read_exhibits(lab, case_id),
            self._show,
            lambda error: self.context.show_error(self.tr("Read the exhibits"), error),
        )

    def open_target(self, target: object) -> None:
        """Show an exhibit by its id, start interrupted work again, or open a window: ``new``, ``intake``, a path."""
        if isinstance(target, Job):
            self._restart(target)
        elif isinstance(target, Path):
            self._open_intake(paths=(target,))
        elif target == "new":
            self._register_when_read = True
            self.refresh()
        elif isinstance(target, Scanned):
            self.scan_row.show_scan(target)
            self._wanted = target.exhibit.id
            self.refresh()
        elif target == "intake":
            self._open_intake()
        else:
            self._wanted = getattr(target, "id", target)
            self.refresh()

    def shortcuts(self) -> Sequence[Shortcut]:
        """The keys of this page."""
        return (
            Shortcut(keys="Ctrl+N", act=self.tr("register an exhibit")),
            Shortcut(keys="Ctrl+Return", act=self.tr("take in an image")),
            Shortcut(keys="Ctrl+P", act=self.tr("print labels")),
            Shortcut(keys="Return", act=self.tr("custody of the chosen exhibit")),
        )

    def panes(self) -> Sequence[QWidget]:
        """Bar, list and details."""
        return self.bar, self.list, self.details

    def primary(self) -> Button | None:
        """Taking in an image."""
        return self._take_in

    def new_button(self) -> Button | None:
        """Registering an exhibit."""
        return self._register

    def filter_box(self) -> QWidget | None:
        """The filter of the list."""
        return self.list.filter.box

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take files that are dragged over the page."""
        if self._dropped(event) and self._may_act():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Start an intake with the dropped file as its source."""
        paths = self._dropped(event)
        if paths:
            event.acceptProposedAction()
            self._open_intake(paths=paths)

    def _lay_out(self) -> None:
        self._register = Button(
            self.tr("Register exhibit…"), name="registerExhibit", icon="plus", tip=self.tr("Register exhibit (Ctrl+N)")
        )
        self._take_in = Button(self.tr("Take in image…"), name="takeInImage", kind="primary", icon="import")
        self._take_in.setToolTip(self.tr("Or drop an image file anywhere on this page"))
        self._print = Button(
            self.tr("Labels…"), name="printLabels", icon="print", tip=self.tr("Print labels with QR codes (Ctrl+P)")
        )
        self._print.setShortcut(QKeySequence("Ctrl+P"))
        self.scan_row = ScanRow()
        self.bar.add_action(self._print)
        self.bar.add_action(self._register)
        self.bar.add_action(self._take_in)
        go_on = Button(self.tr("Go on"), name="goOnWithDraft")
        go_on.clicked.connect(lambda: self._open_intake())
        discard = Button(self.tr("Discard"), name="discardDraft")
        discard.clicked.connect(self.intakes.discard_draft)
        words = self.tr("An intake was filled in and not started; nothing of it is recorded.")
        self._parked = note(Tone.INFO, words, plain(hbox(go_on, discard)), name="parkedIntake")
        self._parked_row = plain(vbox(self._parked, margins=(Space.M, Space.S, Space.M, Space.S)))
        self._parked_row.hide()
        self._empty_button = Button(self.tr("Register exhibit…"), name="emptyAct", kind="primary")
        self._empty = EmptyState("exhibit", "", self._empty_button, name="noExhibits")
        self._empty_act: Callable[[], None] = self._go_to_cases
        self._empty_button.clicked.connect(lambda: self._empty_act())
        self._shown = QStackedWidget()
        self.set_body(plain(vbox(self.interrupted, self._parked_row, self.scan_row, (self._shown, 1), gap=0)))
        self._shown.addWidget(
            Sides(self.list, self.details, sizes=(1000, WIDTH_PX), stacked_px=(260, 380), name="exhibitsSplit")
        )
        self._shown.addWidget(self._empty)

    def _connect(self) -> None:
        self._register.clicked.connect(lambda: self._when_read(self._open_register))
        self._print.clicked.connect(lambda: self._when_read(self._open_labels))
        self._take_in.clicked.connect(lambda: self._when_read(self._open_intake))
        self.list.chosen.connect(self._choose)
        self.list.opened.connect(lambda one: self._go_to_custody() if one else None)
        self.list.export_failed.connect(lambda error: self.context.show_error(self.tr("Export the list"), error))
        self.intakes.changed.connect(self._on_intakes)
        self.acquisitions.changed.connect(self.list.draw_again)
        self.acquisitions.catalogue_asked.connect(self.intakes.build_catalogue)
        self.acts.registered.connect(self._on_registered)
        self.interrupted.again_asked.connect(lambda job: self._settle(job, again=True))
        self.interrupted.given_up.connect(lambda job: self._settle(job, again=False))
        details = self.details
        details.custody_asked.connect(self._go_to_custody)
        details.step_asked.connect(
            lambda event: self._with_exhibit(lambda one: self.context.go_to("custody", (one.id, event)))
        )
        details.intake_asked.connect(lambda: self._when_read(lambda: self._open_intake(exhibit=self._imaged())))
        details.acquire_asked.connect(lambda: self._when_read(self._open_acquisition))
        details.images.go_on_asked.connect(self.acquisitions.go_on)
        details.correct_asked.connect(lambda: self._when_read(self._open_correction))
        details.tell_asked.connect(lambda: self._when_read(self._open_particulars))
        details.derive_asked.connect(lambda: self._with_exhibit(self._open_derive))
        details.photo_asked.connect(lambda: self._with_exhibit(self.acts.add_photos))
        details.photos.wanted.connect(lambda photo: self.acts.fetch_thumbnail(details.photos, photo))
        details.photos.enlarge_asked.connect(
            lambda photo: self._with_exhibit(lambda one: self.acts.enlarge(photo, one.number))
        )
        details.notes.add_asked.connect(lambda first: self._with_exhibit(lambda one: self.acts.add_note(one, first)))
        details.images.catalogue_asked.connect(self.intakes.build_catalogue)
        details.images.recheck_asked.connect(self.intakes.recheck)
        details.images.parts_asked.connect(self.intakes.recheck_parts)
        details.images.examine_asked.connect(lambda image: self.context.go_to("examine", image.id))
        details.images.review_asked.connect(lambda image: self.context.go_to("review", image.id))

    def _show(self, view: ExhibitsView) -> None:
        if view.case.id != self._case_id:
            return
        self._view = view
        self.interrupted.show_jobs(view.interrupted, self._zone())
        count, now = len(view.lines), datetime.now(UTC)
        waiting = sum(1 for one in view.exhibits if needs_attention(one, now))
        words = [text.plural(count, self.tr("1 in this case"), self.tr("{n} in this case"))]
        if waiting:
            words.append(text.plural(waiting, self.tr("1 needs attention"), self.tr("{n} need attention")))
        self.bar.set_subtitle(" · ".join(words))
        may_act = self._may_act()
        needs = "" if may_act else self.tr("Needs the role examiner or exhibits officer")
        for button in (self._register, self._take_in):
            button.setEnabled(may_act)
            if needs:
                button.setToolTip(needs)
        self._print.setEnabled(bool(view.lines))
        if not view.lines:
            sentence = self.tr("No exhibits in this case yet. Register the first one, or drop an image here.")
            self._show_nothing(sentence, self._open_register if may_act else None)
        else:
            self._shown.setCurrentIndex(0)
            self.list.show_lines(view.lines)
            self._select_wanted()
            self._read_detail()
        if self._register_when_read:
            self._register_when_read = False
            self._open_register()

    def _select_wanted(self) -> None:
        wanted, self._wanted = self._wanted, None
        if wanted is not None:
            self.list.select(wanted)

    def _show_nothing(self, sentence: str, act: Callable[[], None] | None) -> None:
        self._shown.setCurrentIndex(1)
        self._empty.set_sentence(sentence)
        self._empty_button.setVisible(act is not None)
        if act:
            self._empty_act = act
            cases = self._case_id is None
            self._empty_button.set_text(self.tr("Go to Cases") if cases else self.tr("Register exhibit…"))
        if self._case_id is None:
            self.bar.set_subtitle("")
            for button in (self._register, self._take_in, self._print):
                button.setEnabled(False)

    def _choose(self, one: ExhibitLine | None) -> None:
        if one is None:
            self._detail = None
            self.details.show_nothing()
        elif self._detail is None or self._detail.line != one:
            self._read_detail()

    def _read_detail(self) -> None:
        one = self.list.table.current_record()
        if one is None:
            return
        self.details.show_reading(one.exhibit.number)
        lab = self.session.lab
        self._detailing.ask(
            lambda _: read_detail(lab, one),
            self._show_detail,
            lambda error: self.context.show_error(self.tr("Read the exhibit"), error),
        )

    def _show_detail(self, detail: ExhibitDetail) -> None:
        current = self.list.table.current_record()
        if current is None or current.exhibit.id != detail.exhibit.id or detail == self._detail:
            return
        self._detail = detail
        person = self.session.actor.person if self.session.is_open else None
        self.details.show_detail(detail, self._zone(), person)

    def _open_register(self) -> None:
        if self._view:
            self.acts.register(self._view)

    def _open_particulars(self) -> None:
        if self._detail and self._detail.form:
            self.acts.tell(self._detail.exhibit, self._detail.form)

    def _open_derive(self, exhibit: Exhibit) -> None:
        if self._view:
            self.acts.derive(exhibit, self._view.exhibits)

    def _open_labels(self) -> None:
        if self._view and self._view.exhibits:
            self.labels.open(self._view.case, self._view.exhibits, self._detail.exhibit if self._detail else None)

    def _open_intake(self, *, exhibit: Exhibit | None = None, paths: Sequence[Path] = ()) -> None:
        if self._view:
            view = self._view
            self.intakes.open(view.case, view.exhibits, exhibit=exhibit, paths=paths, places=view.places)

    def _open_acquisition(self) -> None:
        exhibit = self._imaged()
        if self._view and exhibit:
            self.acquisitions.open(self._view.case, exhibit)

    def _share_of(self, exhibit_id: ExhibitId) -> float | None:
        """How far what runs of an exhibit is: its intake or its acquisition."""
        share = self.intakes.share_of(exhibit_id)
        return self.acquisitions.share_of(exhibit_id) if share is None else share

    def _restart(self, job: Job) -> None:
        (self.acquisitions if job.kind == "acquisition" else self.intakes).restart(job)

    def _imaged(self) -> Exhibit | None:
        exhibit = self._detail.exhibit if self._detail else None
        return None if exhibit is None or exhibit.type is ExhibitType.IMAGE else exhibit

    def _when_read(self, act: Callable[[], None]) -> None:
        """Act upon what is recorded now, also when it changed a moment ago and is being read again."""
        self._reading.afterwards(lambda: self._detailing.afterwards(act))

    def _with_exhibit(self, act: Callable[[Exhibit], None]) -> None:
        self._when_read(lambda: act(self._detail.exhibit) if self._detail else None)

    def _open_correction(self) -> None:
        if self._detail:
            self.acts.correct(self._detail.exhibit, self._detail.events)

    def _go_to_custody(self) -> None:
        self._with_exhibit(lambda one: self.context.go_to("custody", one.id))

    def _go_to_cases(self) -> None:
        self.context.go_to("cases", None)

    def _on_intakes(self) -> None:
        self._parked_row.setVisible(self.intakes.draft is not None)
        self.list.draw_again()

    def _on_registered(self, exhibit: Exhibit) -> None:
        self._wanted = exhibit.id
        self.session.tell_record_changed()

    def _settle(self, job: Job, *, again: bool) -> None:
        lab, actor = self.session.lab, self.session.actor

        def settled(_: Job) -> None:
            self._forget_row(job)
            self.session.tell_record_changed()
            if again:
                self._restart(job)

        self.context.jobs.start(
            self,
            lambda _: lab.journal.settle(actor, job.id, again=again),
            done=settled,
            failed=lambda error: self.context.show_error(self.tr("Settle what was interrupted"), error),
        )

    def _forget_row(self, job: Job) -> None:
        """Take the row that the job tray shows for it off its list, too."""
        title = f"{job.kind.capitalize()} of {job.subject}"
        for row in self.context.jobs.jobs:
            if row.state is RowState.INTERRUPTED and row.card.title == title:
                self.context.jobs.forget(row)

    def _may_act(self) -> bool:
        return self.session.is_open and bool(HANDLERS & self.session.actor.person.roles)

    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self.session.lab.info.zone) if self.session.has_lab else ZoneInfo("UTC")

    def _dropped(self, event: QDropEvent) -> tuple[Path, ...]:
        urls = event.mimeData().urls() if event.mimeData().hasUrls() else []
        return tuple(Path(url.toLocalFile()) for url in urls if url.isLocalFile())
