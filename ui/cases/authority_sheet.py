"""The dialog that records or replaces the authority of a case."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from PySide6.QtWidgets import QWidget

from forensics_app.model.case import Case, CaseStatus, LegalBasis
from forensics_app.model.person import Person
from ui.cases.basis_form import BasisForm
from ui.recording import signed_as
from ui.tones import Tone
from ui.widgets import forms
from ui.widgets.form_sheet import FormSheet
from ui.widgets.labels import label
from ui.widgets.layout import line
from ui.widgets.notes import note


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorityRequest:
    """The new authority; ``reason`` says why it replaces another, and is empty for the first one."""

    basis: LegalBasis
    reason: str


class AuthoritySheet(FormSheet):
    """``submitted`` carries an :class:`AuthorityRequest`."""

    def __init__(self, parent: QWidget, case: Case, *, actor: Person, today: date) -> None:
        """Ask for the authority of ``case``; when there is one already it stays in sight and a reason is needed."""
        old = case.legal_basis
        title = self.tr("Replace the authority of {number}") if old else self.tr("Record the authority of {number}")
        super().__init__(
            parent,
            title=title.format(number=case.number),
            subtitle=case.title,
            name="authoritySheet",
            act=self.tr("Replace the authority") if old else self.tr("Record the authority"),
            width_px=680,
        )
        self._basis = BasisForm(today=today)
        self._why = forms.Form()
        field = forms.Field(self.tr("Why it is replaced"), forms.text_edit(lines=2), name="reason")
        self._reason = self._why.add(field, rule=forms.required(self.tr("Write why the authority is replaced.")))
        self._replaces = old is not None
        parts: list[QWidget] = []
        if old:
            until = self.tr(", valid until {day}").format(day=old.expires_on) if old.expires_on else ""
            words = self.tr("Recorded now: {instrument} {number} of {issuer}, {day}{until}. It stays in the record.")
            said = words.format(
                instrument=old.instrument, number=old.number, issuer=old.issuer, day=old.issued_on, until=until
            )
            parts = [note(Tone.INFO, said, name="authorityNow"), self._basis, line(), self._why]
        else:
            parts = [label(self._opens(case), wrap=True), self._basis]
        self.fill(*parts, signed_as=signed_as(actor))

    def entry_forms(self) -> Sequence[forms.Form]:
        """The authority, and the reason when one is replaced."""
        return (self._basis, self._why) if self._replaces else (self._basis,)

    def request(self) -> AuthorityRequest:
        """The authority as filled in."""
        return AuthorityRequest(basis=self._basis.basis(), reason=self._reason.text() if self._replaces else "")

    def _opens(self, case: Case) -> str:
        if case.status is CaseStatus.DRAFT:
            return self.tr("With its authority the draft becomes an open case.")
        return self.tr("No authority is recorded yet.")
