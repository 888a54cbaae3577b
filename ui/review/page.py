"""The review page: counts, the queue with the worst first, and what is known of the chosen thing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID
from zoneinfo import ZoneInfo

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QStackedWidget, QWidget

from forensics_app.model.custody import Event
from forensics_app.model.desk import MatterKind
from forensics_app.model.person import Role
from forensics_app.model.report import DraftId
from forensics_app.model.schedule import DueKind
from ui import text
from ui.announce import announce
from ui.custody.verifying import Verifying
from ui.latest import Latest
from ui.models.cells import Cell, Column
from ui.models.cells import Kind as CellKind
from ui.models.record_table import RecordTableModel
from ui.page import Page, PageContext, Shortcut, utc_now
from ui.review.deciding import REJECT, decide, sentences_of, words_card
from ui.review.decision import Decision, DecisionCard, DecisionSheet
from ui.review.details import detail_cards
from ui.review.figures import Figures
from ui.review.queue import Item, ReviewView, read_review
from ui.theme import Row, Space
from ui.tones import Tone
from ui.widgets.buttons import Button
from ui.widgets.labels import label
from ui.widgets.layout import hbox, line, pane, plain, scrolled, vbox
from ui.widgets.notes import EmptyState, FilterRow, note
from ui.widgets.refill import refill
from ui.widgets.sheet import ConfirmSheet
from ui.widgets.sides import Sides
from ui.widgets.table import Table
from ui.widgets.wrap_layout import WrapLayout

if TYPE_CHECKING:
    from forensics_app.model.case import Case
    from forensics_app.model.desk import Matter
    from forensics_app.model.lab import Job
    from forensics_app.model.schedule import Due

LEFT_PX, RIGHT_PX = 690, 510
_PAGE_OF = {
    "acquisition": "exhibits",
    "intake": "exhibits",
    "recheck": "exhibits",
    "catalogue": "examine",
    "export": "examine",
    "report": "reports",
}


class ReviewPage(Page):
    """Shows what waits for a decision in any case, and takes it."""

    def __init__(self, context: PageContext, *, now: Callable[[], datetime] = utc_now) -> None:
        """Show nothing yet; ``now`` tells what is overdue."""
        super().__init__(context, title=QCoreApplication.translate("Pages", "Review"), name="reviewPage")
        self._now = now
        self._view = ReviewView(items=(), read_at=now())
        self._wanted: object = None
        self._primary: Button | None = None
        self._shown: tuple[Item | None, UUID] | None = None
        self._reading, self._verifying = Latest(self, context.jobs), Verifying(self, context)
        self._lay_out()
        self._verifying.progressed.connect(self._show_busy)
        self.session.record_verified.connect(self._on_verified)

    def refresh(self) -> None:
        """Look through every case again."""
        lab, now = self.session.lab, self._now()
        self._reading.ask(
            lambda _: read_review(lab, now, gaps=True),
            self._take,
            self._failed(self.tr("Look for what waits for a decision")),
        )

    def open_target(self, target: object) -> None:
        """Select the image with this id when it waits for a decision."""
        self._wanted = target
        self._select_wanted()

    def shortcuts(self) -> Sequence[Shortcut]:
        """The keys of this page."""
        return (Shortcut(keys="Return", act=self.tr("go to the exhibit of the chosen row")),)

    def panes(self) -> Sequence[QWidget]:
        """Bar, queue, details."""
        return self.bar, self._left, self._side

    def primary(self) -> Button | None:
        """The likeliest act about the chosen thing."""
        return self._primary

    def verify_shown(self) -> None:
        """Verify every chain."""
        self._verifying.start()

    def filter_box(self) -> QWidget | None:
        """The filter of the queue."""
        return self.filter.box

    def _lay_out(self) -> None:
        self.verify_button = Button(
            self.tr("Verify every chain"), name="verifyEvery", icon="shield",
            tip=self.tr("Verify every chain, row and file, and record the result (F5)"),
        )  # fmt: skip
        self.verify_button.clicked.connect(self.verify_shown)
        self.bar.add_action(self.verify_button)
        self.figures = Figures()
        self._model: RecordTableModel[Item] = RecordTableModel(self._columns(), self, key=lambda item: item.key)
        self.table = Table(self._model, name="reviewQueue", title=self.tr("To decide"), row_px=Row.TWO_LINE + Space.XS)
        self.table.chosen.connect(self._show)
        self.table.opened.connect(self._go)
        self.filter = FilterRow(self.tr("Type to filter"), columns=False, export=False)
        self.filter.filter_changed.connect(self._model.set_filter)
        nothing = self.tr("Nothing waits for a decision, nothing is late, and no work was cut off.")
        again = Button(self.tr("Look again"), name="lookAgain", icon="play")
        again.clicked.connect(self.refresh)
        self._nothing = EmptyState("check", nothing, again, name="reviewEmpty")
        self._list = QStackedWidget()
        self._list.addWidget(plain(vbox(self.filter, line(), (self.table, 1), gap=0)))
        self._list.addWidget(self._nothing)
        self._left = pane(vbox(self.figures, line(), (self._list, 1), gap=0))
        self._left.setMinimumWidth(10 * Space.XXL)
        self._detail = vbox(gap=Space.M, margins=(Space.L, Space.M, Space.L, Space.M))
        self._side = scrolled(plain(vbox(self._detail, None, gap=0)), name="reviewSide")
        self._side.setMinimumWidth(8 * Space.XXL)
        self.set_body(Sides(self._left, self._side, sizes=(LEFT_PX, RIGHT_PX), name="reviewSplit"))

    def _columns(self) -> tuple[Column[Item], ...]:
        def due(item: Item) -> Cell:
            tone, words = item.due(self._view.read_at, ZoneInfo(self.session.lab.info.zone))
            return Cell(words, CellKind.BADGE if tone is Tone.LATE else CellKind.TIME, tone=tone)

        def wanted(item: Item) -> Cell:
            tone, words = item.wanted()
            return Cell(words, CellKind.MARK, tone=tone)

        def what(item: Item) -> Cell:
            return Cell(item.title, CellKind.TWO, second=item.second, icon=item.icon)

        return (
            Column(key="what", title=self.tr("To decide"), cell=what, width_px=224, stretch=True),
            Column(key="case", title=self.tr("Case"), cell=lambda item: Cell(item.case), width_px=96, wide_px=130),
            Column(
                key="due",
                title=self.tr("Since, late by"),
                cell=due,
                width_px=184,
                narrow_px=148,
                sort_key=lambda item: item.since,
            ),
            Column(key="wanted", title=self.tr("To do"), cell=wanted, width_px=180, wide_px=240),
        )

    def _take(self, view: ReviewView) -> None:
        self._view = view
        self._model.set_records(view.items)
        self._list.setCurrentIndex(0 if view.items else 1)
        self._show_figures()
        person = self.session.actor.person
        said = [f"{person.name}, {person.function}"]
        to_decide = len(view.items) - view.unexplained
        said.append(text.plural(to_decide, self.tr("1 thing waits"), self.tr("{n} things wait")))
        if view.unexplained:
            said.append(text.plural(view.unexplained, self.tr("1 to explain"), self.tr("{n} to explain")))
        self.bar.set_subtitle(" · ".join(said))
        self._select_wanted()
        if view.items and self.table.current_record() is None:
            self.table.selectRow(0)
        self._show(self.table.current_record())

    def _select_wanted(self) -> None:
        """Select the image that another page pointed at, once it is in the queue."""
        for item in self._view.items:
            if item.image and item.image.id == self._wanted and self.table.select_key(item.key):
                self._wanted = None
                return

    def _show_figures(self) -> None:
        self.figures.show_view(self._view, self.session.verified)

    def _on_verified(self) -> None:
        self._show_figures()
        if any(item.scheduled and item.scheduled.kind is DueKind.CHAINS for item in self._view.items):
            self.refresh()

    def _show_busy(self, words: str) -> None:
        self.verify_button.setEnabled(not words)
        self.verify_button.set_text(words or self.tr("Verify every chain"))

    def _show(self, item: Item | None) -> None:
        shown = (item, self.session.actor.person.id) if self.session.is_open else None
        if item is not None and shown is not None and shown == self._shown:
            return  # what is being typed there stays
        self._primary, self._shown = None, shown
        if item is None or shown is None:
            refill(self._detail, [label(self.tr("Choose something at the left to see what is known."), "muted")])
            return
        zone = ZoneInfo(self.session.lab.info.zone)
        of_lab = item.matter is not None and item.matter.case_id is None
        where = item.case if of_lab else self.tr("Case {number}").format(number=item.case)
        where = f"{where} · {item.second}"
        head: list[QWidget] = [
            plain(vbox(label(item.title, "title", wrap=True), label(where, "muted", wrap=True), gap=Space.XXS))
        ]
        first, *more = detail_cards(item, zone)
        refill(self._detail, [*head, first, self._acts(item), *more])

    def _acts(self, item: Item) -> QWidget:
        if item.image:
            decide = DecisionCard(item.image, self.session.actor.person)
            decide.decided.connect(self._open_decision)
            self._primary = decide.primary
            return decide
        if item.job:
            return self._job_acts(item.job)
        if item.scheduled:
            return self._scheduled_acts(item.scheduled)
        if item.matter and item.matter.kind is MatterKind.REVIEW:
            return self._read_card(item.matter)
        if item.matter and not item.matter.is_decided_here and item.exhibit_id is None:
            return self._explain_card(item.matter)
        if item.incident or item.disposal or (item.matter and item.exhibit_id is None):
            return self._words_card(item)
        go = Button(self.tr("Open its custody"), name="openCustody", kind="primary", icon="custody")
        go.clicked.connect(lambda: self._go(item))
        self._primary = go
        matter = item.matter
        if matter and matter.kind is MatterKind.KEY_ENDED and Role.SUPERVISOR in self.session.actor.person.roles:
            several = Button(self.tr("Take over all they have…"), name="takeOverAll", icon="person")
            several.clicked.connect(lambda: self._go_to_case(matter, "custody", Event.TAKE_OVER))
            return plain(WrapLayout(go, several))
        return plain(hbox(go, None))

    def _explain_card(self, matter: Matter) -> QWidget:
        explain = Button(self.tr("Go to the case"), name="openPrinciples", kind="primary", icon="case")
        explain.clicked.connect(lambda: self.context.go_to("cases", matter.case_id))
        self._primary = explain
        words = self.tr("It is not decided here. Explain it on the tab “Principles” of the case, with the reason.")
        if matter.kind is MatterKind.UNREADABLE:
            words = self.tr("It is not decided here. Ask who signed it, correct what can be, and record a deviation.")
        return note(Tone.INFO, words, explain, name="explainElsewhere")

    def _read_card(self, matter: Matter) -> QWidget:
        read = Button(self.tr("Read it"), name="readDraft", kind="primary", icon="report")
        read.clicked.connect(lambda: self._read_draft(matter))
        self._primary = read
        words = self.tr("Read the draft as it would be printed; it is approved or returned with comments there.")
        if self.session.actor.person.id in matter.actors:
            words = self.tr("You wrote some of it; another supervisor approves or returns it.")
        return note(Tone.INFO, words, read, name="readElsewhere")

    def _read_draft(self, matter: Matter) -> None:
        self._go_to_case(matter, "reports", DraftId(UUID(matter.about)))

    def _go_to_case(self, matter: Matter, page: str, target: object) -> None:
        """Choose the case of a matter, then show a page of it."""
        lab, case_id = self.session.lab, matter.case_id
        if case_id is None:
            return

        def open_it(case: Case) -> None:
            self.session.show_case(case)
            self.context.go_to(page, target)

        failed = self._failed(self.tr("Open the case"))
        self.context.jobs.start(self, lambda _: lab.cases.get(case_id), done=open_it, failed=failed)

    def _words_card(self, item: Item) -> QWidget:
        made = words_card(item, self.session.actor.person)
        made.chosen.connect(lambda name, words: self._open_words(item, name, words))
        self._primary = made.primary
        return made

    def _open_words(self, item: Item, name: str, words: str) -> None:
        sheet = ConfirmSheet(
            self,
            title=item.title,
            sentences=sentences_of(item, name, words, self.session.actor.person),
            act=self.tr("Sign"),
            keep=self.tr("Decide later"),
            name="wordsSheet",
            kind="danger" if name == REJECT else "primary",
        )
        sheet.accepted.connect(lambda: self._take_words(item, name, words))
        sheet.open()

    def _take_words(self, item: Item, name: str, words: str) -> None:
        lab, actor = self.session.lab, self.session.actor
        said = self.tr("The decision about {what} was recorded").format(what=item.title)
        self.context.jobs.start(
            self,
            lambda _: decide(lab, actor, item, name, words),
            done=lambda _: self._recorded(said),
            failed=self._failed(item.title),
        )

    def _job_acts(self, job: Job) -> QWidget:
        again = Button(self.tr("Start again…"), name="startAgain", kind="primary", icon="play")
        again.clicked.connect(lambda: self._open_settle(job, again=True))
        give_up = Button(self.tr("Give up…"), name="giveUp", icon="stop")
        give_up.clicked.connect(lambda: self._open_settle(job, again=False))
        self._primary = again
        return plain(hbox(again, give_up, None))

    def _scheduled_acts(self, due: Due) -> QWidget:
        if due.kind is DueKind.CHAINS:
            act = Button(self.tr("Verify every chain"), name="verifyDue", kind="primary", icon="shield")
            act.clicked.connect(self.verify_shown)
        else:
            act = Button(self.tr("Go to the image"), name="goToImage", kind="primary", icon="hash")
            act.clicked.connect(lambda: self.context.go_to("exhibits", due.image_id))
        self._primary = act
        return plain(hbox(act, None))

    def _go(self, item: Item | None) -> None:
        if item and item.exhibit_id:
            self.context.go_to("custody", item.exhibit_id)
        elif item and item.scheduled and item.scheduled.image_id:
            self.context.go_to("exhibits", item.scheduled.image_id)

    def _open_decision(self, decision: Decision) -> None:
        self._reading.afterwards(lambda: self._open_decision_now(decision))

    def _open_decision_now(self, decision: Decision) -> None:
        """Open the dialog, unless the newest reading shows that somebody has decided."""
        if not any(item.image and item.image.id == decision.image.id for item in self._view.items):
            return
        sheet = DecisionSheet(self, decision, self.session.actor.person)
        sheet.submitted.connect(self._decide)
        sheet.open()

    def _decide(self, decision: Decision) -> None:
        lab, actor = self.session.lab, self.session.actor
        said = self.tr("The decision about {number} was recorded").format(number=decision.image.number)
        self.context.jobs.start(
            self,
            lambda _: lab.intake.decide(actor, decision.image.id, release=decision.release, reason=decision.reason),
            done=lambda _: self._recorded(said),
            failed=self._failed(self.tr("Decide about {number}").format(number=decision.image.number)),
        )

    def _open_settle(self, job: Job, *, again: bool) -> None:
        title = self.tr("Start the {kind} of {subject} again") if again else self.tr("Give up the {kind} of {subject}")
        sheet = ConfirmSheet(
            self,
            title=title.format(kind=job.kind, subject=job.subject),
            sentences=(
                self.tr("The record then says that it was interrupted, when it began, and what {name} decided.").format(
                    name=self.session.actor.person.name
                ),
                self.tr("This adds an entry that cannot be removed."),
            ),
            act=self.tr("Sign and start again") if again else self.tr("Sign and give up"),
            keep=self.tr("Decide later"),
            name="settleSheet",
        )
        sheet.accepted.connect(lambda: self._settle(job, again=again))
        sheet.open()

    def _settle(self, job: Job, *, again: bool) -> None:
        lab, actor = self.session.lab, self.session.actor

        def settled(_: Job) -> None:
            self._recorded(self.tr("The decision about the {kind} was recorded").format(kind=job.kind))
            if again:
                self.context.go_to(_PAGE_OF.get(job.kind, "exhibits"), job)

        self.context.jobs.start(
            self,
            lambda _: lab.journal.settle(actor, job.id, again=again),
            done=settled,
            failed=self._failed(self.tr("Settle the {kind}").format(kind=job.kind)),
        )

    def _recorded(self, said: str) -> None:
        announce(self, said)
        self.session.tell_record_changed()
        self.refresh()

    def _failed(self, title: str) -> Callable[[Exception], None]:
        return lambda error: self.context.show_error(title, error)
