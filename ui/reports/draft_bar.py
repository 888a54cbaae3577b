"""Which draft is worked at, and the steps that are open to whom is signed in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from forensics_app.model.person import Role
from forensics_app.model.report_draft import ENDED, DraftState, DraftStep, ReportDraft
from ui.reports.draft import Draft, draft_state_words
from ui.theme import Space
from ui.widgets import forms
from ui.widgets.buttons import Button, allow
from ui.widgets.layout import hbox

if TYPE_CHECKING:
    from forensics_app.model.person import Person

_CHOICE_PX = 190


class DraftBar(QWidget):
    """``chosen`` carries the id of a draft, None for a new one; ``asked`` what is to be done with it."""

    chosen = Signal(object)
    asked = Signal(str)

    def __init__(self) -> None:
        """Start with a new draft."""
        super().__init__()
        self._ids: list[object] = []
        self._choice = forms.choice([])
        self._choice.setObjectName("draftChoice")
        self._choice.setAccessibleName(self.tr("Draft that is worked at"))
        self._choice.setMinimumWidth(_CHOICE_PX)
        self._choice.activated.connect(lambda at: self.chosen.emit(self._ids[at]))
        self._buttons = {
            "save": Button(
                self.tr("Save"), name="saveDraft", tip=self.tr("Write the draft into the record"), shortcut="Ctrl+S"
            ),
            DraftStep.DISCARD: Button(self.tr("Discard…"), name="discardDraft"),
            DraftStep.RECALL: Button(self.tr("Take back…"), name="recallDraft", icon="return"),
            DraftStep.RETURN: Button(self.tr("Return…"), name="returnDraft", icon="return"),
            DraftStep.SUBMIT: Button(self.tr("Submit…"), name="submitDraft", kind="primary", icon="sign"),
            DraftStep.APPROVE: Button(self.tr("Approve…"), name="approveDraft", kind="primary", icon="sign"),
            DraftStep.ISSUE: Button(self.tr("Issue…"), name="issueReport", kind="primary", icon="sign"),
        }  # fmt: skip
        for what, button in self._buttons.items():
            button.clicked.connect(lambda _=False, what=what: self.asked.emit(str(what)))
        self.setLayout(hbox(self._choice, *self._buttons.values(), gap=Space.S))

    @property
    def primary(self) -> Button | None:
        """The likeliest step, if one is open."""
        likely = (DraftStep.SUBMIT, DraftStep.APPROVE, DraftStep.ISSUE)
        return next((self._buttons[step] for step in likely if not self._buttons[step].isHidden()), None)

    def show_state(
        self, draft: Draft, drafts: Sequence[ReportDraft], person: Person | None, *, is_saved: bool, why_not: str
    ) -> None:
        """Offer the drafts of a case and the steps of ``draft``; ``why_not`` says why it is not submitted yet."""
        self._offer(draft, drafts)
        recorded = draft.recorded
        open_steps = _open_to(recorded, person)
        is_examiner = person is not None and Role.EXAMINER in person.roles
        self._buttons["save"].setVisible(draft.is_open and is_examiner)
        self._buttons["save"].setEnabled(not is_saved)
        for step in (one for one in self._buttons if isinstance(one, DraftStep)):
            self._buttons[step].setVisible(step in open_steps)
        allow(self._buttons[DraftStep.APPROVE], " ".join(recorded.differs) if recorded else "")
        submit = self._buttons[DraftStep.SUBMIT]
        allow(submit, why_not)
        if not why_not:
            submit.setToolTip(self.tr("Sign it as its author and let a supervisor read it (Ctrl+Return)"))

    def _offer(self, draft: Draft, drafts: Sequence[ReportDraft]) -> None:
        mine = None if draft.recorded is None else draft.recorded.id
        shown = [one for one in drafts if one.state not in ENDED or one.id == mine]
        self._ids = [*(one.id for one in shown), None]
        words = self.tr("Draft {number} · {state}")
        texts = [words.format(number=one.number, state=draft_state_words(one.state)) for one in shown]
        self._choice.blockSignals(True)
        self._choice.clear()
        self._choice.addItems([*texts, self.tr("New draft")])
        self._choice.setCurrentIndex(self._ids.index(mine) if mine in self._ids else len(self._ids) - 1)
        self._choice.blockSignals(False)


def _open_to(draft: ReportDraft | None, person: Person | None) -> set[DraftStep]:
    """The steps that are open to a person; the services ask again."""
    if person is None:
        return set()
    examines, supervises = Role.EXAMINER in person.roles, Role.SUPERVISOR in person.roles
    if draft is None:
        return {DraftStep.SUBMIT} if examines else set()
    steps = {step for step in DraftStep if draft.allows(step)} - {DraftStep.EDIT}
    approval = draft.approval
    issues = draft.state is DraftState.APPROVED and approval is not None
    may = {
        DraftStep.SUBMIT: examines,
        DraftStep.RECALL: examines,
        DraftStep.DISCARD: examines,
        DraftStep.RETURN: supervises and person.id not in draft.writers,
        DraftStep.APPROVE: supervises and person.id not in draft.writers,
        DraftStep.ISSUE: issues and approval is not None and person.id in (draft.author_id, approval.reviewer_id),
    }
    return {step for step in steps if may[step]}
