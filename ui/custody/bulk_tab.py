"""The tab for many exhibits at once: scan them into one list, then one sheet, and an entry for each."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QComboBox, QStackedWidget, QWidget

from forensics_app.model.custody import Event
from forensics_app.services.bulk import BulkStep
from ui import text
from ui.announce import announce
from ui.custody.bulk_lines import EVENTS, BulkLine, BulkView, left_numbers, line_columns, read_lines
from ui.custody.bulk_sheet import BulkAsked, BulkSheet
from ui.custody.scan_field import ScanField
from ui.custody.seal_told import SealTold, seen_by_scanning
from ui.custody.step import MAY_HOLD
from ui.custody.tab import CustodyTab
from ui.custody.words import step_words
from ui.latest import Latest
from ui.models.record_table import RecordTableModel
from ui.place_field import PlacesKnown
from ui.recording import record
from ui.theme import Row, Space
from ui.tones import Tone
from ui.widgets import forms
from ui.widgets.buttons import Button
from ui.widgets.labels import label
from ui.widgets.layout import hbox, line, pane, plain, scrolled, vbox
from ui.widgets.notes import EmptyState, note
from ui.widgets.table import LEAST_LIST_PX, Table
from ui.widgets.wrap_layout import WrapLayout

if TYPE_CHECKING:
    from collections.abc import Sequence

    from forensics_app.bootstrap import Lab
    from forensics_app.model.incident import SealSeen
    from forensics_app.model.person import SignedIn
    from forensics_app.services.bulk import BulkResult
    from ui.page import PageContext


class BulkTab(CustodyTab):
    """One list of scans for one step."""

    def __init__(self, context: PageContext) -> None:
        """Begin with an empty list."""
        super().__init__(context, name="bulkTab", title=QCoreApplication.translate("BulkTab", "Many by scanner"))
        self._scanned: list[str] = []
        self._results: dict[str, BulkResult] = {}
        self._seals: dict[str, SealSeen] = {}
        self._listed: set[str] = set()
        self._view = BulkView(lines=(), step=None)
        self._go_to = ""
        self._reading = Latest(self, context.jobs)
        self._model: RecordTableModel[BulkLine] = RecordTableModel(line_columns(), self, key=lambda one: one.scanned)
        self._lay_out()

    def refresh(self) -> None:
        """Look again how what was scanned stands."""
        session = self.context.session
        lab, actor, case_id, event = session.lab, session.actor.person, self.case_id, EVENTS[self._event()]
        scanned, results = tuple(self._scanned), dict(self._results)
        self._reading.ask(
            lambda _: read_lines(lab, scanned, results, case_id, event, actor),
            self._take,
            lambda error: self.context.show_error(self.tr("Look at what was scanned"), error),
        )

    def primary(self) -> Button | None:
        """Going on to sign."""
        return self._sign

    def filter_box(self) -> QWidget | None:
        """The field for scans."""
        return self.scan.entry

    def _lay_out(self) -> None:
        steps = forms.choice([step_words(event) for event in EVENTS])
        self._step = forms.Field(self.tr("Step"), steps, name="bulkStep")
        steps.activated.connect(lambda _: self._on_step())
        self.scan = ScanField(name="bulkScan", hint=self.tr("A number means the exhibit of the case at the top."))
        self.scan.scanned.connect(self._on_scan)
        ways = forms.choice([self.tr("It is whole, as recorded"), self.tr("I tell each one")])
        self._by_scan = forms.Field(self.tr("What a scan says of the seal"), ways, name="bulkSealByScan")
        fields = hbox((self._step, 1), (self._by_scan, 1), (self.scan, 2), gap=Space.M)
        for field in (self._step, self._by_scan):
            fields.setAlignment(field, Qt.AlignmentFlag.AlignTop)
        self.seal = SealTold()
        self.seal.told.connect(self._on_told)
        self.seal.settled.connect(self._show_lines)
        self.table = Table(
            self._model, name="bulkLines", title=self.tr("What was scanned"), row_px=Row.TWO_LINE, is_remembered=False
        )
        self.table.chosen.connect(lambda _: self._show_seal())
        words = self.tr("Nothing is scanned yet. Choose the step, then scan the label of each exhibit.")
        self._list = QStackedWidget()
        self._list.addWidget(self.table)
        self._list.addWidget(EmptyState("exhibit", words, name="noScans"))
        self._list.setCurrentIndex(1)
        self._count = label(role="small", wrap=True, name="bulkCount")
        self._why_not = note(Tone.BAD, "", name="sealLacking")
        self._why_not.hide()
        self._left = Button(self.tr("List what one person left"), name="listLeft", icon="person")
        self._left.setToolTip(self.tr("What in this case is in the hands of somebody whose key ended"))
        self._left.clicked.connect(self._list_left)
        self._left.hide()
        self._off = Button(self.tr("Take off the list"), name="takeOff", icon="return")
        self._off.clicked.connect(self._take_off)
        self._clear = Button(self.tr("Begin a new list"), name="newList", icon="cancel")
        self._clear.clicked.connect(self._begin_anew)
        self._sign = Button(self.tr("Fill in and sign…"), name="bulkSign", kind="primary", icon="sign")
        self._sign.clicked.connect(lambda: self._reading.afterwards(self._open))
        buttons = plain(WrapLayout(self._left, self._off, self._clear, self._sign))
        margins = (Space.L, Space.S + 2, Space.L, Space.S + 2)
        head = plain(vbox(fields, self.seal, gap=Space.S, margins=margins))
        foot = plain(vbox(self._why_not, self._count, buttons, gap=Space.S, margins=margins))
        self._list.setMinimumHeight(LEAST_LIST_PX)
        all_of_it = plain(vbox(head, line(), (self._list, 1), line(), foot, gap=0))
        self.setLayout(vbox(pane(vbox(scrolled(all_of_it, name="bulkScroll"), gap=0)), gap=0))
        self._show_buttons()

    def show_step(self, event: Event) -> None:
        """Choose a step; for what is to be taken over, list at once what one person of the case left."""
        steps = self._step.entry
        if isinstance(steps, QComboBox):
            steps.setCurrentIndex(EVENTS.index(event))
        self._on_step()
        if event is Event.TAKE_OVER and not self._scanned:
            self._list_left()

    def _on_step(self) -> None:
        self._left.setVisible(EVENTS[self._event()] is Event.TAKE_OVER)
        self.refresh()

    def _list_left(self) -> None:
        """Put on the list what somebody has whose key ended; nobody scanned it, so each seal is told by itself."""
        lab, case_id = self.context.session.lab, self.case_id
        if case_id is None:
            return

        def take(numbers: Sequence[str]) -> None:
            new = [one for one in numbers if one not in self._scanned]
            self._listed |= {*new}
            self._scanned += new
            announce(self, self.tr("{n} were listed").format(n=len(new)))
            self.refresh()

        failed = self.tr("List what one person left")
        self.context.jobs.start(
            self, lambda _: left_numbers(lab, case_id), done=take,
            failed=lambda error: self.context.show_error(failed, error),
        )  # fmt: skip

    def _event(self) -> int:
        return max(0, self._step.index)

    def _on_scan(self, words: str) -> None:
        if words in self._scanned and words not in self._results:
            announce(self, self.tr("It is in the list already"))
            self.table.select_key(words)
            return
        self._results.pop(words, None)
        self._listed.discard(words)
        self._go_to = words
        self._scanned = [*(one for one in self._scanned if one != words), words]
        self.refresh()

    def _take(self, view: BulkView) -> None:
        self._view = view
        if self._by_scan.index <= 0:
            asked = [(one.scanned, one.exhibit) for one in view.lines if one.asks_seal and one.exhibit]
            asked = [one for one in asked if one[0] not in self._listed]
            said = {words: seen_by_scanning(held) for words, held in asked if held.id not in view.not_whole}
            self._seals = {**said, **self._seals}
        self._show_lines()
        self._list.setCurrentIndex(0 if view.lines else 1)
        if view.lines and not (self._go_to and self.table.select_key(self._go_to)):
            self.table.selectRow(max(0, self.table.currentIndex().row()))
        self._go_to = ""
        if view.lines:
            announce(self, view.lines[-1].why or self.tr("Ready to sign"))
        self._show_buttons()

    def _show_lines(self) -> None:
        self._why_not.hide()
        lines = tuple(replace(one, seen=self._seals.get(one.scanned)) for one in self._view.lines)
        self._view = replace(self._view, lines=lines)
        self._model.set_records(lines[::-1])  # the newest scan at the top
        self._show_seal()

    def _show_seal(self) -> None:
        chosen = self.table.current_record()
        asked = isinstance(chosen, BulkLine) and chosen.asks_seal and chosen.is_ready
        if isinstance(chosen, BulkLine) and chosen.exhibit and asked:
            held = chosen.exhibit
            self.seal.ask(held.number, held.seal_number, self._seals.get(chosen.scanned))
        else:
            self.seal.ask("", "", None)

    def _on_told(self, seen: SealSeen | None) -> None:
        chosen = self.table.current_record()
        if isinstance(chosen, BulkLine):
            self._seals.pop(chosen.scanned, None)
            if seen is not None:
                self._seals[chosen.scanned] = seen

    def _show_buttons(self) -> None:
        ready, done = len(self._view.ready), sum(one.is_done for one in self._view.lines)
        left = len(self._view.lines) - ready - done
        said = [self.tr("{n} ready").format(n=ready)]
        said += [self.tr("{n} signed").format(n=done)] if done else []
        said += [self.tr("{n} not possible").format(n=left)] if left else []
        self._count.setText(" · ".join(said) if self._view.lines else "")
        session = self.context.session
        may = session.is_open and bool(session.actor.person.roles & MAY_HOLD)
        self._sign.setEnabled(ready > 0 and may)
        self._sign.setToolTip("" if may else self.tr("Only who may hold exhibits takes steps of custody."))
        self._sign.set_text(
            text.plural(ready, self.tr("Fill in and sign 1…"), self.tr("Fill in and sign {n}…"))
            if ready
            else self.tr("Fill in and sign…")
        )
        for button in (self._off, self._clear):
            button.setEnabled(bool(self._view.lines))

    def _take_off(self) -> None:
        chosen = self.table.current_record()
        if isinstance(chosen, BulkLine):
            self._scanned.remove(chosen.scanned)
            self._results.pop(chosen.scanned, None)
            self._seals.pop(chosen.scanned, None)
            self.refresh()

    def _begin_anew(self) -> None:
        self._scanned, self._results, self._seals, self._listed = [], {}, {}, set()
        self.scan.entry.setFocus()
        self.refresh()

    def _open(self) -> None:
        self._show_lines()
        step, ready = self._view.step, self._view.ready
        if step is None or not ready:
            return
        if lacking := next((one for one in ready if one.lacks), None):
            self._why_not.say(Tone.BAD, lacking.lacks)
            self._why_not.show()
            self.table.select_key(lacking.scanned)
            return
        lab = self.context.session.lab
        zone = ZoneInfo(lab.info.zone)
        now = lab.custody.now().astimezone(zone)
        case_id, texts = self.case_id, tuple(one.scanned for one in ready)
        named = dict.fromkeys(one.exhibit.place for one in ready if one.exhibit and one.exhibit.place)
        places = PlacesKnown(lines=self._view.places, named=tuple(named))
        actor, rules = self.context.session.actor.person, self._view.rules
        sheet = BulkSheet(
            self, step, ready, actor, now=now, zone=zone, places=places, scratch=lab.folder.scratch, rules=rules
        )

        def work(lab: Lab, actor: SignedIn, asked: BulkAsked) -> tuple[BulkResult, ...]:
            request = asked.request
            bulk = BulkStep(
                case_id=case_id, event=request.event, occurred_at=request.occurred_at, scanned=texts,
                fields=request.fields, outside_party=request.outside_party, remarks=request.remarks,
                papers=request.papers, seals=asked.seals, new_seals=asked.new_seals,
            )  # fmt: skip
            return take_all(lab, actor, bulk, asked)

        record(self.context, sheet, work, self._on_taken)

    def _on_taken(self, results: Sequence[BulkResult]) -> None:
        self._results |= {one.scanned: one for one in results}
        done = sum(one.event is not None for one in results)
        announce(self, self.tr("{n} of {all} were signed").format(n=done, all=len(results)))
        self.refresh()


def take_all(lab: Lab, actor: SignedIn, step: BulkStep, asked: BulkAsked) -> tuple[BulkResult, ...]:
    """Take the step for each, signed by the actor, and by the other one where there is one.

    Raises:
        AppError: The other's passphrase does not fit, or somebody may not hold exhibits; nothing was recorded.
    """
    if asked.other is None:
        return lab.bulk.take((actor,), step)
    other = lab.people.sign_in(asked.other.name, asked.passphrase)
    try:
        return lab.bulk.take((other, actor) if asked.other_gives else (actor, other), step)
    finally:
        other.key.close()
