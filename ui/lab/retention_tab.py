"""How long cases are kept: periods, legal holds, and erasures that one proposes, another approves and a third does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from PySide6.QtCore import QCoreApplication

from forensics_app.model.person import Role
from forensics_app.model.retention import Erasable, ErasureState
from ui import text
from ui.announce import announce
from ui.jobs import JobCard
from ui.lab.register_tab import RegisterTab
from ui.lab.retention_sheets import (
    DecideSheet,
    Decision,
    ErasureSheet,
    HoldSheet,
    Lifting,
    LiftSheet,
    PeriodAsked,
    PeriodSheet,
)
from ui.lab.retention_words import erasable_words, state_words
from ui.lab.sign_sheet import SignSheet
from ui.models.cells import Cell, Column, Kind
from ui.recording import record, signed_as
from ui.tones import Tone
from ui.widgets.buttons import Button, allow

if TYPE_CHECKING:
    from collections.abc import Sequence

    from forensics_app.bootstrap import Lab
    from forensics_app.model.case import Case
    from forensics_app.model.disposal import Hold, NewHold
    from forensics_app.model.image import OnProgress
    from forensics_app.model.person import SignedIn
    from forensics_app.model.retention import Erasure, NewErasure, RetentionLine
    from ui.page import PageContext
    from ui.widgets.form_sheet import FormSheet

R = TypeVar("R")
_SET = frozenset({Role.ADMINISTRATOR, Role.SUPERVISOR})
_HOLD = frozenset({Role.EXAMINER, Role.EXHIBITS_OFFICER, Role.SUPERVISOR})
_ERASE = frozenset({Role.ADMINISTRATOR, Role.EXHIBITS_OFFICER, Role.SUPERVISOR})
_LIFT = frozenset({Role.SUPERVISOR})


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseKept:
    """A case with its period, the holds in force and its newest erasure."""

    case: Case
    line: RetentionLine | None
    holds: tuple[Hold, ...]
    erasure: Erasure | None

    @property
    def erased(self) -> frozenset[Erasable]:
        """What was erased already."""
        return self.line.erased if self.line else frozenset()

    @property
    def is_unfinished(self) -> bool:
        """Whether its erasure waits for somebody."""
        return self.erasure is not None and self.erasure.is_waiting


def read_kept(lab: Lab) -> Sequence[CaseKept]:
    """Read how long every case is kept: first those that wait for somebody, then those whose period ends first."""
    lines = {line.retention.case_id: line for line in lab.retentions.all()}
    rows = [
        CaseKept(
            case=case,
            line=lines.get(case.id),
            holds=tuple(one for one in lab.holds.list(case.id) if one.is_in_force),
            erasure=next(iter(reversed(lab.erasing.list(case.id))), None),
        )
        for case in lab.cases.list()
    ]

    def order(row: CaseKept) -> tuple[bool, bool, str, str]:
        until = row.line.retention.keep_until.isoformat() if row.line else ""
        return not row.is_unfinished, row.line is None, until, row.case.number

    return sorted(rows, key=order)


class RetentionTab(RegisterTab[CaseKept]):
    """Every case of the lab."""

    def __init__(self, context: PageContext) -> None:
        """Show nothing yet."""
        period = Button(_tr("Set the period…"), name="setPeriod", icon="calendar")
        self._hold = Button(_tr("Place a hold…"), name="placeHold", icon="lock")
        self._lift = Button(_tr("Lift the hold…"), name="liftHold", icon="unlock")
        self._propose = Button(_tr("Propose an erasure…"), name="proposeErasure")
        self._decide = Button(_tr("Decide…"), name="decideErasure", icon="review")
        self._erase = Button(_tr("Erase…"), name="carryOutErasure", kind="danger")
        super().__init__(
            context, name="retention", title=_tr("Retention"), columns=_columns(), key=lambda row: row.case.id,
            read=read_kept, hint=_tr("Type to filter: case, rule, state"),
            acts=(period, self._hold, self._lift, self._propose, self._decide, self._erase),
            empty=_tr("No cases yet. Open one on the page Cases; how long it is kept is said here."),
        )  # fmt: skip
        self._running = False
        for button, ask in (
            (period, self._ask_period), (self._hold, self._ask_hold), (self._lift, self._ask_lift),
            (self._propose, self._ask_erasure), (self._decide, self._ask_decision), (self._erase, self._ask_to_erase),
        ):  # fmt: skip
            button.clicked.connect(lambda _=False, ask=ask: self.act_upon_chosen(ask))

    def show_acts(self) -> None:
        """What the state of the chosen case allows, and to whom; the services check it again."""
        row, person = self.chosen(), self.context.session.actor.person
        none = "" if row else self.tr("Choose a case.")

        def may(roles: frozenset[Role], who: str) -> str:
            return none or ("" if person.roles & roles else who)

        erasure = row.erasure if row else None
        state = erasure.state if erasure else None
        not_over = "" if row and row.line and row.line.is_over else self.tr("Its period is not over, or not set.")
        held = self.tr("It is under a legal hold.") if row and row.holds else ""
        waits = self.tr("An erasure of it waits already.") if row and row.is_unfinished else ""
        nothing = self.tr("Nothing is left to be erased.") if row and row.erased == frozenset(Erasable) else ""
        undecided = "" if state is ErasureState.PROPOSED else self.tr("No erasure of it waits for a decision.")
        own = erasure is not None and erasure.proposer_id == person.id
        own_words = self.tr("You proposed it; another supervisor decides.") if own else ""
        approved = state in (ErasureState.APPROVED, ErasureState.CARRIED_OUT)
        unapproved = "" if approved else self.tr("No erasure of it is approved.")
        theirs = self.tr("You approved it; somebody else carries it out.")
        decided = theirs if erasure is not None and erasure.decider_id == person.id and approved else ""
        busy = self.tr("It runs already; see the jobs.") if self._running else ""
        erasers = self.tr("Administrators, exhibits officers and supervisors do this.")
        allow(self.add_button, may(_SET, self.tr("Administrators and supervisors set it.")))
        allow(self._hold, may(_HOLD, self.tr("Examiners, exhibits officers and supervisors place holds.")))
        no_hold = "" if row and row.holds else self.tr("No hold is in force.")
        allow(self._lift, may(_LIFT, self.tr("Supervisors lift holds.")) or no_hold)
        allow(self._propose, may(_ERASE, erasers) or held or not_over or waits or nothing)
        allow(self._decide, may(_LIFT, self.tr("Supervisors decide.")) or undecided or own_words)
        allow(self._erase, may(_ERASE, erasers) or unapproved or decided or held or busy)
        finish = state is ErasureState.CARRIED_OUT
        self._erase.set_text(self.tr("Finish the erasure…") if finish else self.tr("Erase…"))

    def _ask_period(self, row: CaseKept) -> None:
        before = row.line.retention if row.line else None

        def work(lab: Lab, actor: SignedIn, asked: PeriodAsked) -> object:
            return lab.retentions.set(actor, row.case.id, asked.keep_until, asked.basis)

        self._record(PeriodSheet(self, row.case, before, actor=self._person), work)

    def _ask_hold(self, row: CaseKept) -> None:
        def work(lab: Lab, actor: SignedIn, asked: NewHold) -> object:
            return lab.holds.place(actor, asked)

        self._record(HoldSheet(self, row.case, actor=self._person), work)

    def _ask_lift(self, row: CaseKept) -> None:
        hold = row.holds[0]

        def work(lab: Lab, actor: SignedIn, asked: Lifting) -> object:
            return lab.holds.lift(actor, hold.id, asked.authority, asked.reason)

        self._record(LiftSheet(self, row.case, hold, actor=self._person), work)

    def _ask_erasure(self, row: CaseKept) -> None:
        def work(lab: Lab, actor: SignedIn, asked: NewErasure) -> object:
            return lab.erasing.propose(actor, asked)

        self._record(ErasureSheet(self, row.case, row.erased, actor=self._person), work)

    def _ask_decision(self, row: CaseKept) -> None:
        erasure = row.erasure
        if erasure is None:
            return

        def work(lab: Lab, actor: SignedIn, asked: Decision) -> object:
            return lab.erasing.decide(actor, row.case.id, erasure.id, approve=asked.approve, words=asked.words)

        self._record(DecideSheet(self, row.case, erasure, actor=self._person), work)

    def _ask_to_erase(self, row: CaseKept) -> None:
        erasure = row.erasure
        if erasure is None:
            return
        what = ", ".join(erasable_words(kind) for kind in Erasable if kind in erasure.what)
        title = self.tr("Erase of {number}").format(number=row.case.number)
        sheet = SignSheet(
            self, title=title, subtitle=row.case.title, name="carryOutSheet", act=self.tr("Sign and erase"),
            kind="danger", signed_as=signed_as(self._person),
            sentences=(
                self.tr("Erased: {what}.").format(what=what),
                self.tr("Each file is listed with its SHA-256 in the record before it is removed."),
            ),
            warning=self.tr("It cannot be taken back. Backups that were made before hold what is erased."),
        )  # fmt: skip

        def asked(_: object) -> None:
            sheet.finish()
            self._carry_out(row, erasure, title)

        sheet.submitted.connect(asked)
        sheet.open()

    def _carry_out(self, row: CaseKept, erasure: Erasure, title: str) -> None:
        session = self.context.session
        lab, actor = session.lab, session.actor
        self._running = True
        self.show_acts()

        def work(on_progress: OnProgress) -> Erasure:
            return lab.erasing.carry_out(actor, row.case.id, erasure.id, on_progress)

        def end() -> None:
            self._running = False
            session.tell_record_changed()

        def done(made: Erasure) -> None:
            end()
            announce(self, text.plural(len(made.files), self.tr("1 file erased"), self.tr("{n} files erased")))

        def failed(error: Exception) -> None:
            end()
            self.context.show_error(title, error)

        stopped = self.tr("Nothing was erased, unless its entry was written already; the list says so.")
        card = JobCard(title=title, icon="stop", unit="bytes", needs_key=True, if_stopped=stopped)
        self.context.jobs.start(self, work, done=done, failed=failed, cancelled=end, card=card)

    @property
    def _person(self) -> Any:
        return self.context.session.actor.person

    def _record(self, sheet: FormSheet, work: Callable[[Lab, SignedIn, R], object]) -> None:
        record(self.context, sheet, work, lambda _: None)


def _columns() -> tuple[Column[CaseKept], ...]:
    def until(row: CaseKept) -> Cell:
        if row.line is None:
            return Cell(_tr("Not set"), Kind.TWO, _tr("Nobody has said how long it is kept"))
        return Cell(row.line.retention.keep_until.isoformat(), Kind.TWO, row.line.retention.basis)

    def standing(row: CaseKept) -> Cell:
        if row.holds:
            held = text.plural(len(row.holds), _tr("1 legal hold"), _tr("{n} legal holds"))
            return Cell(held, Kind.BADGE, tone=Tone.LOCK)
        if row.line is None:
            return Cell(_tr("No period"), Kind.BADGE, tone=Tone.NONE)
        if row.line.is_due:
            return Cell(_tr("Period is over"), Kind.BADGE, tone=Tone.LATE)
        return Cell(_tr("Over"), Kind.BADGE) if row.line.is_over else Cell(_tr("Runs"), Kind.BADGE, tone=Tone.RUN)

    def erasure(row: CaseKept) -> Cell:
        one = row.erasure
        if one is None:
            return Cell("")
        who = one.carried_out_by or one.decided_by or one.proposed_by
        return Cell(state_words(one.state), Kind.TWO, who)

    return (
        Column(
            key="case", title=_tr("Case"), width_px=200, stretch=True,
            cell=lambda row: Cell(row.case.number, Kind.TWO, row.case.title, "case"),
        ),
        Column(key="until", title=_tr("Kept until, by what rule"), cell=until, width_px=230),
        Column(key="standing", title=_tr("State"), cell=standing, width_px=130),
        Column(key="erasure", title=_tr("Erasure"), cell=erasure, width_px=160),
    )  # fmt: skip


def _tr(words: str) -> str:
    return QCoreApplication.translate("Retention", words)
