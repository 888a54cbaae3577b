"""The dialog that opens a case."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from PySide6.QtWidgets import QWidget

from forensics_app.model.case import NewCase
from forensics_app.model.person import Person
from ui.cases.basis_form import BasisForm
from ui.cases.posts import Posts
from ui.cases.team import Team
from ui.recording import signed_as
from ui.tones import Tone
from ui.widgets import forms
from ui.widgets.form_sheet import FormSheet
from ui.widgets.labels import label
from ui.widgets.layout import line
from ui.widgets.notes import note


class OpenCaseSheet(FormSheet):
    """``submitted`` carries a :class:`NewCase`; without a legal basis it becomes a draft, and the dialog says so."""

    def __init__(self, parent: QWidget, *, actor: Person, team: Team, taken: Sequence[str], today: date) -> None:
        """Offer the people of ``team`` for the posts their roles allow; the numbers ``taken`` are refused."""
        super().__init__(
            parent,
            title=self.tr("Open a case"),
            subtitle=self.tr("Its first entry begins the case's own chain"),
            name="openCase",
            act=self.tr("Open the case"),
            width_px=680,
        )
        self._taken = frozenset(number.casefold() for number in taken)
        self._fields: dict[str, forms.Field] = {}
        self._case = self._case_form()
        self._posts = Posts(self._case, team, actor=actor, today=today)
        self._basis = BasisForm(today=today)
        self._later = forms.check(self.tr("Record the authority later"), name="authorityLater")
        self._later.toggled.connect(self._show_later)
        words = self.tr(
            "The case becomes a draft: nothing is seized, taken in or examined before its authority is recorded."
        )
        self._draft_note = note(Tone.WARN, words, name="becomesDraft")
        self._draft_note.hide()
        head = label(self.tr("Legal basis"), "section")
        self.fill(
            self._case, line(), head, self._basis, self._later, self._draft_note, signed_as=signed_as(actor)
        )  # fmt: skip

    def entry_forms(self) -> Sequence[forms.Form]:
        """The case, and the authority unless it follows later."""
        return (self._case,) if self._later.isChecked() else (self._case, self._basis)

    def request(self) -> NewCase:
        """The case as filled in."""
        return NewCase(
            number=self._text("caseNumberEntry"),
            title=self._text("caseTitleEntry"),
            offence=self._text("offence"),
            requesting_authority=self._text("requestingAuthority"),
            questions=self._text("questions"),
            lead_examiner_id=self._posts.lead,
            supervisor_id=self._posts.supervisor,
            untrained_reason=self._posts.untrained_reason,
            legal_basis=None if self._later.isChecked() else self._basis.basis(),
        )

    def _case_form(self) -> forms.Form:
        form = forms.Form(columns=2)
        number = forms.Field(self.tr("Case number"), forms.line_edit(placeholder="2026-0147"), name="caseNumberEntry")
        self._fields["caseNumberEntry"] = form.add(number, rule=self._number_rule)
        for name, title, error, span in (
            ("caseTitleEntry", self.tr("Title"), self.tr("Give the case a title."), 1),
            ("offence", self.tr("Offence"), self.tr("Write the offence that is investigated."), 1),
            ("requestingAuthority", self.tr("Requesting authority"), self.tr("Write who asks for the work."), 1),
        ):
            field = forms.Field(title, forms.line_edit(), name=name)
            self._fields[name] = form.add(field, span=span, rule=forms.required(error))
        questions = forms.Field(
            self.tr("Questions to be answered"), forms.text_edit(lines=2), name="questions", optional=True
        )
        self._fields["questions"] = form.add(questions, span=2)
        return form

    def _number_rule(self, number: str) -> str:
        if not number:
            return self.tr("Write the number of the case.")
        taken = self.tr("This number is in use already; a number is never used twice.")
        return taken if number.casefold() in self._taken else ""

    def _text(self, name: str) -> str:
        return self._fields[name].text()

    def _show_later(self, later: bool) -> None:
        self._basis.setVisible(not later)
        self._draft_note.setVisible(later)
        self.act_button.set_text(self.tr("Open as a draft") if later else self.tr("Open the case"))
