"""The register of tools: which version was validated here, for what, until when (REQ-34)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from PySide6.QtCore import QCoreApplication

from forensics_app.model.person import Role
from ui import text
from ui.announce import announce
from ui.days import is_soon
from ui.jobs import JobCard
from ui.lab.register_tab import RegisterTab
from ui.lab.tool_sheets import ToolSheet, ValidationSheet
from ui.models.cells import Cell, Column, Kind
from ui.page import utc_now
from ui.recording import record
from ui.tones import Tone
from ui.widgets.buttons import Button, allow
from ui.widgets.notes import Note

if TYPE_CHECKING:
    from forensics_app.bootstrap import Lab
    from forensics_app.model.person import SignedIn
    from forensics_app.model.tool import NewTool, NewValidation, Tool, Validation
    from forensics_app.services.validating import Validated
    from ui.page import PageContext

_VALIDATE = frozenset({Role.SUPERVISOR, Role.ADMINISTRATOR})
_ADD = _VALIDATE | {Role.EXAMINER}


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolRow:
    """A tool with one of its validations, the newest first; None where it has none."""

    tool: Tool
    validation: Validation | None
    is_newest: bool
    today: date


class ToolsTab(RegisterTab[ToolRow]):
    """Tools with every validation of each."""

    def __init__(self, context: PageContext, *, now: Callable[[], datetime] = utc_now) -> None:
        """Show nothing yet; ``now`` tells what has lapsed."""
        add = Button(_tr("Register a tool…"), name="registerTool", icon="plus")
        self._this = Button(_tr("Register this program"), name="registerThisProgram")
        self._validate = Button(_tr("Record a validation…"), name="recordValidation", icon="sign")
        self._said = Note(Tone.NONE, "", name="validationNote")
        self._run = Button(_tr("Validate this program"), name="validateThisProgram", icon="verify-ok")
        super().__init__(
            context, name="tools", title=_tr("Tools"), columns=_columns(),
            key=lambda row: (row.tool.id, row.validation.id if row.validation else None),
            read=lambda lab: read_tools(lab, now()), hint=_tr("Type to filter: tool, vendor, scope, state"),
            acts=(add, self._this, self._validate, self._run),
            empty=_tr("No tool is registered yet. Register the versions that this lab uses, this program first."),
            note=self._said,
        )  # fmt: skip
        add.clicked.connect(self._add)
        self._this.clicked.connect(self._add_this)
        self._validate.clicked.connect(lambda: self.act_upon_chosen(self._ask_validation))
        self._run.clicked.connect(lambda: self.reading.afterwards(self._run_set))
        self._running = False
        self._said.hide()

    def show_acts(self) -> None:
        """Examiners register; supervisors and administrators validate."""
        roles = self.context.session.actor.person.roles
        no_add = "" if roles & _ADD else self.tr("Examiners, supervisors and administrators register tools.")
        no_validation = "" if roles & _VALIDATE else self.tr("Supervisors and administrators record validations.")
        allow(self.add_button, no_add)
        allow(self._this, no_add)
        allow(self._run, no_validation or (self.tr("It runs already; see the jobs.") if self._running else ""))
        allow(self._validate, no_validation or ("" if self.chosen() else self.tr("Choose a tool.")))

    def _add(self) -> None:
        def work(lab: Lab, signer: SignedIn, new: NewTool) -> Tool:
            return lab.tools.add(signer, new)

        record(self.context, ToolSheet(self, actor=self.context.session.actor.person), work, lambda _: None)

    def _add_this(self) -> None:
        session = self.context.session
        lab, actor = session.lab, session.actor
        self.context.jobs.start(
            self,
            lambda _: lab.tools.add_this_program(actor),
            done=lambda _: session.tell_record_changed(),
            failed=lambda error: self.context.show_error(self.tr("Register this program"), error),
        )

    def _run_set(self) -> None:
        session = self.context.session
        lab, actor = session.lab, session.actor
        if self._running:
            return
        self._running = True
        self.show_acts()
        card = JobCard(
            title=self.tr("Validate this program"), icon="verify-ok", unit=self.tr("thousandths"), needs_key=True,
            if_stopped=self.tr("Nothing was recorded."),
        )  # fmt: skip
        self.context.jobs.start(
            self, lambda on_progress: lab.validating.run(actor, on_progress=on_progress), done=self._ran,
            failed=self._failed, cancelled=lambda: self._end(Tone.LATE, card.if_stopped), card=card,
            warning=lambda made: "" if made.run.passed else made.run.words,
        )  # fmt: skip

    def _ran(self, made: Validated) -> None:
        words = self.tr("{outcome} The signed record is {file}.").format(outcome=made.run.words, file=made.record.name)
        self._end(Tone.OK if made.run.passed else Tone.BAD, words)
        announce(self, words, urgent=not made.run.passed)

    def _failed(self, error: Exception) -> None:
        self._end(Tone.BAD, self.tr("The validation set was not run to its end, and nothing was recorded."))
        self.context.show_error(self.tr("Validate this program"), error)

    def _end(self, tone: Tone, words: str) -> None:
        self._running = False
        self._said.say(tone, words)
        self._said.show()
        self.context.session.tell_record_changed()

    def _ask_validation(self, row: ToolRow) -> None:
        def work(lab: Lab, signer: SignedIn, new: NewValidation) -> Tool:
            return lab.tools.validate(signer, row.tool.id, new)

        sheet = ValidationSheet(self, row.tool, actor=self.context.session.actor.person)
        record(self.context, sheet, work, lambda _: None)


def read_tools(lab: Lab, now: datetime) -> tuple[ToolRow, ...]:
    """The register by name and version, each tool with its validations, the newest first."""
    today, rows = now.astimezone(ZoneInfo(lab.info.zone)).date(), []
    for tool in lab.tools.list():
        newest = sorted(tool.validations, key=lambda one: (one.validated_on, one.recorded_at), reverse=True)
        if not newest:
            rows.append(ToolRow(tool=tool, validation=None, is_newest=True, today=today))
        for at, one in enumerate(newest):
            rows.append(ToolRow(tool=tool, validation=one, is_newest=at == 0, today=today))
    return tuple(rows)


def validation_mark(row: ToolRow) -> tuple[Tone, str]:
    """Whether a tool may be used for the scope now."""
    validation = row.validation
    if validation is None:
        return Tone.WARN, _tr("Not validated")
    if not row.is_newest:
        return Tone.NONE, _tr("Followed by a newer")
    if not validation.passed:
        return Tone.BAD, _tr("Not passed")
    if validation.next_due is None:
        return Tone.OK, _tr("Validated, no end")
    if validation.next_due < row.today:
        return Tone.BAD, _tr("Lapsed {day}").format(day=validation.next_due)
    if is_soon(validation.next_due, row.today):
        return Tone.LATE, _tr("Due {day}").format(day=validation.next_due)
    return Tone.OK, _tr("Until {day}").format(day=validation.next_due)


def _columns() -> tuple[Column[ToolRow], ...]:
    def tool(row: ToolRow) -> Cell:
        digest = row.tool.sha256
        known = text.short_digest_text(digest.hex(), groups=1) if digest else _tr("SHA-256 not known")
        return Cell(row.tool.label, Kind.TWO, f"{row.tool.vendor} · {known}", "settings")

    def scope(row: ToolRow) -> Cell:
        one = row.validation
        return Cell(one.scope, Kind.TWO, one.result) if one else Cell("")

    def state(row: ToolRow) -> Cell:
        tone, words = validation_mark(row)
        return Cell(words, Kind.BADGE, tone=tone)

    def made(row: ToolRow) -> Cell:
        one = row.validation
        return Cell(str(one.validated_on), Kind.TWO, one.validated_by) if one else Cell("")

    return (
        Column(key="tool", title=_tr("Tool"), cell=tool, width_px=250),
        Column(key="scope", title=_tr("Validated for, result"), cell=scope, width_px=170, stretch=True),
        Column(key="state", title=_tr("Counts"), cell=state, width_px=164),
        Column(key="made", title=_tr("Validated, by"), cell=made, width_px=120, wide_px=220),
    )


def _tr(words: str) -> str:
    return QCoreApplication.translate("Tools", words)
