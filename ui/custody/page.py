"""The custody page: one exhibit's timeline, its next steps and the case chain; further tabs for all cases."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from PySide6.QtCore import QCoreApplication, QModelIndex
from PySide6.QtWidgets import QStackedWidget, QWidget

from forensics_app.model.custody import Event as Taken
from ui import text
from ui.announce import announce
from ui.custody.chain_card import ChainCard
from ui.custody.columns import events_csv
from ui.custody.correct_sheet import CorrectStepSheet
from ui.custody.entry_card import EntryCard
from ui.custody.exhibit_bar import ExhibitBar
from ui.custody.form_order import FormOrderSheet
from ui.custody.further import Act, acts_open, standing_words
from ui.custody.further_taking import FurtherTaking
from ui.custody.offer_words import offer_line
from ui.custody.reading import CustodyView, read_custody
from ui.custody.signed_text import SignedTextSheet
from ui.custody.step import MAY_HOLD, is_left, places_known, step_of, steps_for
from ui.custody.step_bar import StepBar
from ui.custody.step_sheet import StepSheet
from ui.custody.story import Shown, Story, is_deviation, passes, rows_of, story_of
from ui.custody.tabs import CustodyTabs
from ui.custody.taking import StepTaking
from ui.custody.verifying import Verifying
from ui.custody.words import state_words
from ui.exhibits.words import delay_words, where_words
from ui.latest import Latest
from ui.page import Page, PageContext, Shortcut
from ui.recording import record, signed_as
from ui.saving import AskWhere, ask_where, file_name
from ui.theme import Space
from ui.tones import Tone
from ui.widgets.buttons import Button
from ui.widgets.layout import line, pane, plain, scrolled, vbox
from ui.widgets.notes import EmptyState, note
from ui.widgets.sides import Sides
from ui.widgets.timeline import Event, Timeline, TimelineModel

if TYPE_CHECKING:
    from pathlib import Path

    from forensics_app.bootstrap import Lab
    from forensics_app.model.case import CaseId
    from forensics_app.model.custody import CustodyEvent, Transition
    from forensics_app.model.exhibit import Exhibit, ExhibitId
    from forensics_app.model.person import SignedIn
    from ui.correction_sheet import Correction

SIDE_PX = 384
TURN_PX = 960
"""Below this width the words of the timeline would be cut to a few letters beside the cards."""


class CustodyPage(Page):
    """Shows what happened to one exhibit, and takes its next step."""

    def __init__(self, context: PageContext, *, ask: AskWhere = ask_where) -> None:
        """Show nothing yet; ``ask`` tells where a file is to be written."""
        super().__init__(context, title=QCoreApplication.translate("Pages", "Custody"), name="custodyPage")
        self._ask = ask
        self._case_id: CaseId | None = None
        self._wanted: ExhibitId | None = None
        self._wanted_entry: int | None = None
        self._view: CustodyView | None = None
        self._story = Story(events=(), corrected_by={})
        self._reading = Latest(self, context.jobs)
        self._verifying = Verifying(self, context)
        self._further = FurtherTaking(self, context)
        self._lay_out()
        self._connect()

    def show_case(self, case_id: CaseId | None) -> None:
        """Show the first exhibit of another case."""
        if case_id != self._case_id:
            self._case_id, self._wanted, self._view = case_id, None, None
            self.exhibit_bar.forget()
            self.tabs.show_case(case_id)

    def refresh(self) -> None:
        """Read the exhibit and its entries again, and what the tab in sight shows."""
        self.tabs.refresh()
        case_id = self._case_id
        if case_id is None:
            self._show_empty(self.tr("No case is open. Choose one at the top, or open the first."), cases=True)
            return
        lab, wanted = self.session.lab, self._wanted
        self._reading.ask(
            lambda _: read_custody(lab, case_id, wanted),
            self._take,
            lambda error: self.context.show_error(self.tr("Read the custody record"), error),
        )

    def open_target(self, target: object) -> None:
        """Show an exhibit by its id, ``(exhibit id, entry number)``, or ``(exhibit id, event)`` to take a step.

        An event alone is a step of many exhibits.
        """
        if isinstance(target, Taken):
            self.tabs.show_many(target)
            return
        self.tabs.show_first()
        exhibit, further = target if isinstance(target, tuple) else (target, None)
        self._wanted = getattr(exhibit, "id", exhibit)
        self._wanted_entry = None if isinstance(further, Taken) else further
        self.refresh()
        if isinstance(further, Taken):
            self._reading.afterwards(lambda: self._open_step_now(further))

    def shortcuts(self) -> Sequence[Shortcut]:
        """The keys of this page."""
        return (
            Shortcut(keys="Alt+X", act=self.tr("choose the exhibit")),
            Shortcut(keys="Ctrl+P", act=self.tr("custody form as PDF")),
            Shortcut(keys="Return", act=self.tr("signed text of the chosen entry")),
        )

    def panes(self) -> Sequence[QWidget]:
        """Bar, and timeline, chain and entry, or the tab in sight."""
        tab = self.tabs.further
        return (self.bar, tab) if tab else (self.bar, self._left, self._side)

    def primary(self) -> Button | None:
        """The most likely next step, or act of the tab in sight."""
        tab = self.tabs.further
        return tab.primary() if tab else self.steps.primary

    def verify_shown(self) -> None:
        """Verify the whole record and note who had it done."""
        self._verifying.start()

    def filter_box(self) -> QWidget | None:
        """The choice of the exhibit, or the filter of the tab in sight."""
        tab = self.tabs.further
        return tab.filter_box() if tab else self.exhibit_bar.chooser

    def _lay_out(self) -> None:
        self.steps = StepBar()
        self.bar.add_action(self.steps)
        self.exhibit_bar = ExhibitBar()
        self._model = TimelineModel(self)
        self.timeline = Timeline(self._model, title=self.tr("Custody, newest first"))
        self.timeline.setMinimumWidth(9 * Space.XXL)
        self._none = EmptyState("filter", "", name="noEntryFits")
        self._list = QStackedWidget()
        self._list.addWidget(self.timeline)
        self._list.addWidget(self._none)
        show_offer = Button(self.tr("Show the offer"), name="showOffer")
        show_offer.clicked.connect(self._go_to_offer)
        self._offered = note(Tone.INFO, "", show_offer, name="offeredNote")
        self._offered.hide()
        self._key_ended = note(Tone.WARN, "", name="keyEndedNote")
        self._key_ended.hide()
        self._left = pane(vbox(self.exhibit_bar, self._offered, self._key_ended, line(), (self._list, 1), gap=0))
        self.chain, self.entry = ChainCard(), EntryCard()
        margins = (Space.M, Space.M, Space.M, Space.M)
        side = plain(vbox(self.chain, (self.entry, 1), gap=Space.M, margins=margins))
        self._side = scrolled(side, name="custodySide")
        self._side.setMinimumWidth(8 * Space.XXL)
        self._split = Sides(self._left, self._side, sizes=(820, SIDE_PX), name="custodySplit", turn_px=TURN_PX)
        self._empty = EmptyState("custody", "", self._empty_button(), name="custodyEmpty")
        self._stack = QStackedWidget()
        self._stack.addWidget(self._split)
        self._stack.addWidget(self._empty)
        self.tabs = CustodyTabs(self.context, self._ask, self._stack)
        self.set_body(self.tabs)

    def _empty_button(self) -> Button:
        self._go = Button("", name="custodyEmptyGo", kind="primary")
        self._go_to = "exhibits"
        self._go.clicked.connect(lambda: self.context.go_to(self._go_to, None))
        return self._go

    def _connect(self) -> None:
        self.tabs.currentChanged.connect(self._on_tab)
        self.steps.step_asked.connect(self._open_step)
        self.steps.further_asked.connect(self._open_further)
        self._further.done.connect(self._on_further)
        self._further.refused.connect(self.session.tell_record_changed)
        self.exhibit_bar.exhibit_chosen.connect(self._choose)
        self.exhibit_bar.shown_changed.connect(lambda _: self._show_rows())
        self.exhibit_bar.export_asked.connect(lambda: self._reading.afterwards(self._export_csv))
        self.exhibit_bar.form_asked.connect(lambda: self._reading.afterwards(self._write_form))
        self.timeline.chosen.connect(self._show_entry)
        self.timeline.opened.connect(lambda _: self._open_text(self.entry.event_shown))
        self.entry.text_asked.connect(self._open_text)
        self.entry.correct_asked.connect(lambda event: self._reading.afterwards(lambda: self._correct_step(event)))
        self.chain.verify_asked.connect(self.verify_shown)
        self.chain.export_asked.connect(self._export_ledger)
        self._verifying.progressed.connect(self.chain.show_busy)
        self.session.record_verified.connect(self._on_verified)

    def _take(self, view: CustodyView) -> None:
        self._view = view
        if view.exhibit is None:
            self._show_empty(self.tr("No exhibits yet. Take in the first one, then its custody is shown here."))
            return
        self._wanted = view.exhibit.id
        self._stack.setCurrentWidget(self._split)
        self._model.zone = self._zone()
        self._story = story_of(view.events)
        self.exhibit_bar.show_exhibits(view.exhibits, view.exhibit)
        self.exhibit_bar.show_counts(
            deviations=sum(is_deviation(event) for event in view.events),
            entries=len(view.events),
            of_chain=view.case_entries,
        )
        self._say_where()
        actor = self.session.actor.person
        self.steps.show_steps(steps_for(view, actor), acts_open(view.standing, view.exhibit, actor))
        self.entry.let_correct(bool(self.session.actor.person.roles & MAY_HOLD))
        self._show_offer(view)
        self._show_chain()
        self._show_rows()

    def _go_to_offer(self) -> None:
        if self._wanted:
            self.tabs.show_offer(self._wanted)

    def _show_offer(self, view: CustodyView) -> None:
        offer, now = view.standing.offer, datetime.now(self._zone())
        self._offered.setVisible(offer is not None)
        if offer:
            tone = Tone.LATE if offer.is_overdue(now) else Tone.INFO
            self._offered.say(tone, offer_line(offer, now, self._zone()))
        self._key_ended.setVisible(is_left(view))
        if view.exhibit:
            words = self.tr("{name} has it, and cannot sign: their key ended. A supervisor orders who takes it over.")
            self._key_ended.say(Tone.WARN, words.format(name=view.exhibit.holder))

    def _show_chain(self) -> None:
        report, view = self.session.verified, self._view
        if view is None:
            return
        if report is None:
            self.chain.show_unchecked(view.last_check, self._zone())
        else:
            self.chain.show_report(
                report, self.session.verified_by, self._case_id, self._zone(), entries_now=view.case_entries
            )
        self.chain.show_facts(view.head, view.case_entries, view.root_fingerprint)

    def _show_rows(self) -> None:
        current = self.timeline.currentIndex().row()
        shown, event = self.exhibit_bar.shown, self.entry.event_shown
        rows = rows_of(self._story, shown, self._verified_entries())
        self._model.set_rows(rows)
        self._none.set_sentence(self._why_no_rows(shown))
        self._list.setCurrentWidget(self.timeline if rows else self._none)
        wanted = self._wanted_entry or (event.sequence if event and current >= 0 else None)
        self._wanted_entry = None
        if wanted is None or not self.timeline.select_key(wanted):
            first = next((row for row in rows if isinstance(row, Event)), None)
            if first is None or not self.timeline.select_key(first.key):
                self.entry.show_nothing()

    def _why_no_rows(self, shown: Shown) -> str:
        if shown is not Shown.ALL:
            return self.tr("No entry fits; choose “All events”.")
        return self.tr("No entry tells of this exhibit.")

    def _show_entry(self, row: Event | None) -> None:
        found = next((one for one in self._story.events if row and one.sequence == row.key), None)
        if found is None:
            return
        checked = Tone.OK if found.sequence <= self._verified_entries() else Tone.NONE
        self.entry.show_entry(self._story, found, self._zone(), checked)

    def _verified_entries(self) -> int:
        report = self.session.verified
        chain = next((one for one in report.chains if one.chain == self._case_id), None) if report else None
        return chain.entries if chain and chain.ok else 0

    def _on_verified(self) -> None:
        self._show_chain()
        if self._view and self._view.exhibit:
            self._show_rows()

    def _on_tab(self) -> None:
        self.steps.setVisible(self.tabs.further is None)
        self._say_where()
        if self.session.is_open:
            self.tabs.refresh()

    def _choose(self, exhibit: Exhibit) -> None:
        self._wanted, self._wanted_entry = exhibit.id, None
        self.entry.show_nothing()
        self.refresh()

    def _open_step(self, transition: Transition) -> None:
        self._reading.afterwards(lambda: self._open_step_now(transition.event))

    def _open_step_now(self, pressed: Taken) -> None:
        """Open the dialog for the step as it is open now; nothing where the newest reading does not offer it."""
        view = self._view
        transition = next((one for one in view.steps if one.event == pressed), None) if view else None
        if view is None or view.exhibit is None or transition is None:
            return
        actor, zone = self.session.actor.person, self._zone()
        step, now = step_of(view, view.exhibit, transition, actor), self.session.lab.custody.now().astimezone(zone)
        rules, places = view.rules_at(transition.event), places_known(view, view.events)
        sheet = StepSheet(
            self, step, actor, now=now, zone=zone, places=places, rules=rules, scratch=self.session.lab.folder.scratch
        )
        StepTaking(self.context, sheet, done=self._on_done, recorded=self.session.tell_record_changed)
        sheet.open()

    def _open_further(self, act: Act) -> None:
        self._reading.afterwards(lambda: self._open_further_now(act))

    def _open_further_now(self, act: Act) -> None:
        """Open the dialog, unless the newest reading does not offer the act any more."""
        view = self._view
        if view is None or view.exhibit is None:
            return
        if act not in acts_open(view.standing, view.exhibit, self.session.actor.person):
            return
        if act is Act.OFFER:
            self.tabs.offers.acts.offer(view, view.exhibit)
        else:
            self._further.open(act, view, view.exhibit)

    def _on_further(self, words: str) -> None:
        self.timeline.setCurrentIndex(QModelIndex())  # so that the newest entry is chosen, which is this one
        self.timeline.setFocus()
        announce(self, self.tr("Recorded: {act}").format(act=words))
        self.session.tell_record_changed()
        self.refresh()

    def _on_done(self, event: CustodyEvent) -> None:
        self._wanted_entry = event.sequence
        self.timeline.setFocus()
        announce(self, self.tr("Entry {number} was recorded").format(number=event.sequence))
        self.session.tell_record_changed()
        self.refresh()

    def _correct_step(self, event: CustodyEvent) -> None:
        """Ask for a correction of a step, unless another exhibit is shown by now."""
        view, actor = self._view, self.session.actor.person
        if view is None or view.exhibit is None or event not in self._story.events:
            return
        exhibit_id = view.exhibit.id
        sheet = CorrectStepSheet(self.window(), self._story, event, signed_as=signed_as(actor))

        def work(lab: Lab, actor: SignedIn, asked: Correction) -> CustodyEvent:
            return lab.custody.correct(actor, exhibit_id, event.sequence, asked.changes, asked.reason)

        record(self.context, sheet, work, self._on_done)

    def _open_text(self, event: CustodyEvent | None) -> None:
        if event:
            SignedTextSheet(self, event).open()

    def _export_csv(self) -> None:
        view = self._view
        if view is None or view.exhibit is None:
            return
        title, case = self.tr("Export the events"), self.session.case
        name = file_name(case.number if case else "", view.exhibit.number, self.tr("custody"), suffix=".csv")
        path = self._ask(self, title, name, "CSV (*.csv)")
        if path is None:
            return
        events = [event for event in self._story.events if passes(event, self.exhibit_bar.shown)]
        words = events_csv(self._story, events, self._zone())
        lab = self.session.lab
        self._write(title, path, partial(lab.reporting.save_copy, words.encode("utf-8-sig"), path))

    def _write_form(self) -> None:
        view, case = self._view, self.session.case
        if case is None or view is None or view.exhibit is None:
            return
        title, exhibit, lab = self.tr("Custody form"), view.exhibit, self.session.lab
        name = file_name(case.number, exhibit.number, self.tr("custody-form"), suffix=".pdf")
        made_by = self.session.actor.person.name if self.session.is_open else ""

        def write(language: str) -> None:
            path = self._ask(self, title, name, "PDF (*.pdf)")
            if path is not None:
                self._write(title, path, lambda: lab.reporting.save_copy(made(language), path))

        def made(language: str) -> bytes:
            return lab.custody_forms.pdf(case.id, exhibit.id, made_by, language)

        sheet = FormOrderSheet(self.window(), exhibit)
        sheet.submitted.connect(write)
        sheet.open()

    def _export_ledger(self) -> None:
        title, case = self.tr("Export the custody folder"), self.session.case
        if case is None:
            return
        path = self._ask(self, title, file_name(case.number, self.tr("custody"), suffix=""), "")
        if path is not None:
            export = self.session.lab.custody.export
            self._write(title, path, partial(export, case.id, path, self.session.actor))

    def _write(self, title: str, path: Path, work: Callable[[], object]) -> None:
        said = self.tr("Written to {path}").format(path=path)
        self.context.jobs.start(
            self,
            lambda _: work(),
            done=lambda _: self._say(said),
            failed=lambda error: self.context.show_error(title, error),
        )

    def _say(self, sentence: str) -> None:
        self.exhibit_bar.say(sentence)
        announce(self, sentence)

    def _show_empty(self, sentence: str, *, cases: bool = False) -> None:
        self._go_to = "cases" if cases else "exhibits"
        self._go.set_text(self.tr("Go to Cases") if cases else self.tr("Go to Exhibits"))
        self._empty.set_sentence(sentence)
        self._stack.setCurrentWidget(self._empty)
        self.bar.set_subtitle("")
        self.steps.show_steps(())

    def _say_where(self) -> None:
        exhibit = self._view.exhibit if self._view else None
        self.bar.set_subtitle(self._where(exhibit) if exhibit and not self.tabs.further else "")

    def _where(self, exhibit: Exhibit) -> str:
        state = state_words(exhibit.state)
        if exhibit.expected_back:
            due = text.time_text(exhibit.expected_back, self._zone(), to_minute=True)
            state = self.tr("{state}, due {time}").format(state=state, time=due)
        if late := delay_words(exhibit, self.session.lab.custody.now()):
            state = f"{state}, {late}"
        if standing := standing_words(self._view.standing) if self._view else "":
            state = f"{state} · {standing}"  # what is cut where room is short is where it lies, and no state
        words = self.tr("{number} · {state} · with {holder}").format(
            number=exhibit.number, state=state, holder=exhibit.holder or self.tr("nobody")
        )
        where = where_words(exhibit)
        return f"{words}, {where}" if where else words

    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self.session.lab.info.zone)
