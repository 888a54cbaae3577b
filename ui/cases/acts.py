"""What can be done with cases: who may, and the dialogs that ask for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from PySide6.QtCore import QCoreApplication, QObject
from PySide6.QtWidgets import QWidget

from forensics_app.model.case import Case, CaseStatus, NewCase
from forensics_app.model.person import Person, Role
from forensics_app.services.cases import OVERRIDE_DAYS
from ui.cases.assign_sheet import AssignRequest, AssignSheet
from ui.cases.authority_sheet import AuthorityRequest, AuthoritySheet
from ui.cases.change_sheet import ChangeRequest, ChangeSheet
from ui.cases.deviation_sheets import DeviateSheet, DeviationRequest, ExplainSheet, OverrideRequest, OverrideSheet
from ui.cases.import_sheet import ImportCaseSheet
from ui.cases.open_sheet import OpenCaseSheet
from ui.cases.reading import CaseRow, CasesView
from ui.cases.words import lacks_authority
from ui.exhibits.note_sheet import NoteSheet
from ui.recording import record, signed_as
from ui.widgets.form_sheet import ReasonSheet

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from forensics_app.bootstrap import Lab
    from forensics_app.model.case_export import ImportRequest
    from forensics_app.model.competence import Assignment
    from forensics_app.model.note import NewNote, Note
    from forensics_app.model.person import SignedIn
    from forensics_app.model.scene import Deviation, Gap, PrincipleView
    from ui.cases.team import Team
    from ui.page import PageContext

_OPEN_SHOWN = 8
"""How many things that a closed case leaves open are told in the dialog; the entry keeps all."""
MAY_OPEN = (Role.EXAMINER, Role.EXHIBITS_OFFICER, Role.SUPERVISOR, Role.ADMINISTRATOR)
MAY_CHANGE = (Role.EXAMINER, Role.SUPERVISOR)
MAY_CLOSE = (Role.SUPERVISOR,)
MAY_ASSIGN = (Role.SUPERVISOR, Role.ADMINISTRATOR)
MAY_DEVIATE = (Role.EXAMINER, Role.EXHIBITS_OFFICER, Role.SUPERVISOR)


class CaseActs(QObject):
    """Opens the dialogs over ``page``; ``done`` is called with the case that was opened or changed."""

    def __init__(self, page: QWidget, context: PageContext, *, opened: Callable[[Case], None]) -> None:
        """``opened`` is called with a case that is new."""
        super().__init__(page)
        self._page, self._context, self._opened = page, context, opened

    @property
    def _actor(self) -> Person:
        return self._context.session.actor.person

    def open_case(self, view: CasesView, today: date) -> None:
        """Ask for a new case."""
        taken = [row.case.number for row in view.rows]
        sheet = OpenCaseSheet(self._page, actor=self._actor, team=view.team, taken=taken, today=today)

        def work(lab: Lab, actor: SignedIn, new: NewCase) -> Case:
            return lab.cases.create(actor, new)

        record(self._context, sheet, work, self._opened)

    def import_case(self, view: CasesView, today: date) -> None:
        """Ask for a case of another laboratory."""
        taken = [row.case.number for row in view.rows]
        sheet = ImportCaseSheet(self._page, actor=self._actor, team=view.team, taken=taken, today=today)

        def work(lab: Lab, actor: SignedIn, asked: ImportRequest) -> Case:
            return lab.case_imports.take_in(actor, asked).case

        record(self._context, sheet, work, self._opened)

    def note(self, row: CaseRow, first: Note | None) -> None:
        """Ask for a note about the case, or for an addendum to ``first``."""
        lab = self._context.session.lab
        zone = ZoneInfo(lab.info.zone)
        now, actor = lab.notes.now().astimezone(zone), signed_as(self._actor)
        sheet = NoteSheet(self._page, row.case, first, now=now, zone=zone, signed_as=actor)

        def work(lab: Lab, signer: SignedIn, new: NewNote) -> Note:
            return lab.notes.add(signer, new)

        record(self._context, sheet, work, lambda _: None)

    def record_authority(self, row: CaseRow) -> None:
        """Ask for the authority of a case."""
        case_id = row.case.id
        sheet = AuthoritySheet(self._page, row.case, actor=self._actor, today=row.today)

        def work(lab: Lab, actor: SignedIn, asked: AuthorityRequest) -> Case:
            return lab.cases.record_legal_basis(actor, case_id, asked.basis, asked.reason)

        record(self._context, sheet, work, lambda _: None)

    def change(self, row: CaseRow) -> None:
        """Ask for other words."""
        case_id = row.case.id
        sheet = ChangeSheet(self._page, row.case, actor=self._actor)

        def work(lab: Lab, actor: SignedIn, asked: ChangeRequest) -> Case:
            return lab.cases.change(actor, case_id, asked.changes, asked.reason)

        record(self._context, sheet, work, lambda _: None)

    def close(self, row: CaseRow) -> None:
        """Look what would be left open, then ask why the case is closed."""
        lab, case_id = self._context.session.lab, row.case.id
        title = self.tr("Close {number}").format(number=row.case.number)
        self._context.jobs.start(
            self._page,
            lambda _: lab.cases.left_open(case_id),
            done=lambda known: self._ask_to_close(row, known),
            failed=lambda error: self._context.show_error(title, error),
        )

    def _ask_to_close(self, row: CaseRow, known: tuple[str, ...]) -> None:
        case_id = row.case.id
        warning = ""
        if known:
            shown = "\n".join(known[:_OPEN_SHOWN])
            more = self.tr("and {n} more").format(n=len(known) - _OPEN_SHOWN) if len(known) > _OPEN_SHOWN else ""
            warning = self.tr("This is still open, and stays so. Say in the reason why it may:")
            warning = "\n".join(part for part in (warning, shown, more) if part)
        sheet = ReasonSheet(
            self._page,
            title=self.tr("Close {number}").format(number=row.case.number),
            subtitle=row.case.title,
            sentences=(
                self.tr("Nothing more is seized, taken in or examined in a closed case. Its record stays whole."),
            ),
            act=self.tr("Close the case"),
            name="closeCase",
            signed_as=signed_as(self._actor),
            warning=warning,
        )

        def work(lab: Lab, actor: SignedIn, reason: str) -> Case:
            return lab.cases.close(actor, case_id, reason, known_open=known)

        record(self._context, sheet, work, lambda _: None)

    def assign(self, row: CaseRow, team: Team) -> None:
        """Ask who is to work on the case."""
        case_id = row.case.id
        sheet = AssignSheet(self._page, row.case, team, actor=self._actor, today=row.today)

        def work(lab: Lab, actor: SignedIn, asked: AssignRequest) -> Assignment:
            return lab.competence.assign(actor, case_id, asked.person_id, asked.override_reason)

        record(self._context, sheet, work, lambda _: None)

    def override(self, row: CaseRow) -> None:
        """Ask to go on although the authority has expired."""
        case_id = row.case.id
        sheet = OverrideSheet(self._page, row.case, actor=self._actor, today=row.today, most_days=OVERRIDE_DAYS)

        def work(lab: Lab, actor: SignedIn, asked: OverrideRequest) -> Case:
            return lab.cases.override_authority(actor, case_id, asked.until, asked.reason)

        record(self._context, sheet, work, lambda _: None)

    def explain(self, row: CaseRow, view: PrincipleView, gap: Gap) -> None:
        """Ask why the records depart from a principle."""
        self._deviate(row, ExplainSheet(self._page, view, gap, actor=self._actor))

    def deviate(self, row: CaseRow, views: Sequence[PrincipleView]) -> None:
        """Ask for a deviation that no record shows."""
        self._deviate(row, DeviateSheet(self._page, views, row.case, actor=self._actor))

    def _deviate(self, row: CaseRow, sheet: ExplainSheet | DeviateSheet) -> None:
        case_id = row.case.id

        def work(lab: Lab, actor: SignedIn, asked: DeviationRequest) -> Deviation:
            return lab.principles.deviate(actor, case_id, asked.principle, asked.what, asked.reason, gap=asked.gap)

        record(self._context, sheet, work, lambda _: None)


def why_not_open(person: Person) -> str:
    """Why a person may not open a case; empty when they may."""
    return _lacking(person, MAY_OPEN, _tr("A case is opened by an examiner, exhibits officer or supervisor."))


def why_not_import(person: Person) -> str:
    """Why a person may not import a case; empty when they may."""
    return _lacking(person, (Role.EXAMINER,), _tr("A case is imported by an examiner."))


def why_not_change(person: Person, case: Case) -> str:
    """Why a person may not change a case or its authority; empty when they may."""
    if case.status is CaseStatus.CLOSED:
        return _tr("The case is closed.")
    return _lacking(person, MAY_CHANGE, _tr("This is for an examiner or a supervisor."))


def why_not_close(person: Person, case: Case) -> str:
    """Why a person may not close a case; empty when they may."""
    if case.status is CaseStatus.CLOSED:
        return _tr("The case is closed.")
    return _lacking(person, MAY_CLOSE, _tr("Only a supervisor closes a case."))


def why_not_assign(person: Person, case: Case) -> str:
    """Why a person may not put an examiner to work on a case; empty when they may."""
    if case.status is CaseStatus.CLOSED:
        return _tr("The case is closed.")
    return _lacking(person, MAY_ASSIGN, _tr("Examiners are assigned by a supervisor or an administrator."))


def why_not_deviate(person: Person) -> str:
    """Why a person may not write down a deviation; empty when they may."""
    sentence = _tr("Deviations are recorded by an examiner, an exhibits officer or a supervisor.")
    return _lacking(person, MAY_DEVIATE, sentence)


def may_override(person: Person, row: CaseRow) -> bool:
    """Whether a person may decide to go on without an authority in force; nothing is to decide while one holds."""
    return lacks_authority(row.case, row.today) and not why_not_deviate(person)


def _lacking(person: Person, roles: tuple[Role, ...], sentence: str) -> str:
    return "" if person.roles & set(roles) else sentence


def _tr(words: str) -> str:
    return QCoreApplication.translate("Cases", words)
