"""Issuing a report in two steps: what both sign, then the result with its SHA-256."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from ui import text
from ui.custody.party import PartyCard
from ui.custody.words import key_words
from ui.lab.chosen_passphrase import taken
from ui.reports.draft import kind_words
from ui.theme import Space
from ui.tones import Tone
from ui.widgets import forms
from ui.widgets.buttons import Button
from ui.widgets.digest_view import DigestView
from ui.widgets.form_sheet import FormSheet
from ui.widgets.labels import IconLabel, label
from ui.widgets.layout import frame, hbox, plain, vbox
from ui.widgets.notes import facts, note
from ui.widgets.sheet import Sheet, sheet_body

if TYPE_CHECKING:
    from forensics_app.model.person import Person, PersonId
    from forensics_app.model.report import IssuedReport
    from forensics_app.model.report_draft import ReportDraft


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueAsked:
    """The passphrase of the other one, and the PINs of tokens by the id of the person."""

    passphrase: str
    pins: Mapping[PersonId, str]


class IssueSheet(FormSheet):
    """Takes the passphrase of the other one of author and authoriser, and the PINs of tokens.

    ``submitted`` carries an :class:`IssueAsked`.
    """

    def __init__(
        self,
        parent: QWidget,
        draft: ReportDraft,
        *,
        signed_in: Person,
        other: Person,
        number: str,
        on_tokens: Sequence[Person] = (),
        leaving: str = "",
    ) -> None:
        """Ask for the issue of ``draft`` as ``number``.

        Args:
            parent: Where it lies.
            draft: What is issued.
            signed_in: Who is at the window.
            other: The other one of author and authoriser.
            number: That the report gets.
            on_tokens: Those of the two who sign with a token.
            leaving: Which entries name hidden content and leave with the report; empty for none.
        """
        title = self.tr("Issue report {number}").format(number=number)
        super().__init__(
            parent, title=title, subtitle=draft.content.title, name="issueSheet", act=self.tr("Sign and issue"),
        )  # fmt: skip
        self.act_button.setObjectName("issueConfirm")
        approval = draft.approval
        reviewer = approval.reviewer if approval else ""
        rows: list[tuple[str, str | QWidget]] = [
            (self.tr("Kind"), kind_words(draft.content.kind)),
            (self.tr("Author"), draft.author),
            (self.tr("Approved by"), reviewer),
            (self.tr("Times printed in"), draft.content.zone),
            (self.tr("Sections"), str(len(draft.content.printed))),
            (self.tr("Facts and opinions"), str(len(draft.content.blocks))),
        ]
        says = self.tr(
            "{author} issues report {number}, and {reviewer} authorises it. The PDF is kept in the lab. Its SHA-256 "
            "and the head of the case chain that is printed in it become an entry of the case chain that both sign. "
            "That chain is anchored in the lab chain."
        ).format(author=draft.author, number=number, reviewer=reviewer)
        role = self.tr("AUTHORISER") if other.id != draft.author_id else self.tr("AUTHOR")
        self.other = PartyCard(role, [other], name="issueOther", fixed=True)
        self.other.await_passphrase(locked=True)
        self._pins = forms.Form()
        self._pin_of = {
            one.id: self._pins.add(
                forms.Field(
                    self.tr("PIN of the token of {name}").format(name=one.name), forms.PassphraseEdit(),
                    name=f"issuePin{at}", hint=self.tr("The token is put in; the PIN is kept nowhere."),
                ),
                rule=forms.required(self.tr("Type the PIN of the token of {name}.").format(name=one.name)),
            )
            for at, one in enumerate(on_tokens)
        }  # fmt: skip
        head = hbox(IconLabel("sign", "accent"), (label(self.tr("What both sign"), "strong"), 1))
        margins = (Space.M, Space.S + 2, Space.M, Space.S + 2)
        statement = vbox(head, label(says, wrap=True, name="issueStatement"), margins=margins)
        for_ever = self.tr("An issued report cannot be changed or removed. One that replaces it gets its own number.")
        self.fill(
            plain(facts(rows, label_px=130)), frame(statement, note="info"), self.other,
            *([self._pins] if on_tokens else []), *([note(Tone.WARN, leaving)] if leaving else []),
            note(Tone.WARN, for_ever),
            signed_as=self.tr("Signed with the open key {key} of {name}, and with the key that is opened above").format(
                key=key_words(signed_in.key_id), name=signed_in.name
            ),
        )  # fmt: skip

    def problem(self) -> str:
        """The other one has to type their passphrase."""
        person = self.other.person
        if self.other.passphrase() or person is None:
            return ""
        return self.tr("{name} types their passphrase.").format(name=person.name)

    def entry_forms(self) -> Sequence[forms.Form]:
        """The PINs."""
        return (self._pins,) if self._pin_of else ()

    def request(self) -> IssueAsked:
        """Passphrase and PINs, which are forgotten here."""
        words = self.other.passphrase()
        self.other.forget()
        return IssueAsked(passphrase=words, pins={person: taken(field) for person, field in self._pin_of.items()})


class IssuedSheet(Sheet):
    """Says what was issued; ``save_asked`` wants a copy."""

    save_asked = Signal()

    def __init__(self, parent: QWidget, report: IssuedReport) -> None:
        """Show ``report``."""
        title = self.tr("{number} was issued").format(number=report.number)
        super().__init__(parent, title=title, subtitle=report.title, name="issuedSheet", width_px=640)
        pages = text.plural(report.pages, self.tr("1 page"), self.tr("{n} pages"))
        words = self.tr("{pages}, {size}. Its SHA-256 stands in the case chain, which is anchored in the lab chain.")
        said = words.format(pages=pages, size=text.bytes_text(report.size_bytes))
        how = self.tr("Whoever gets the file can compute its SHA-256 and compare it with this one.")
        self.set_body(
            sheet_body(
                label(said, wrap=True, name="issuedWords"), DigestView("SHA-256", report.sha256),
                label(how, "caption", wrap=True),
            )
        )  # fmt: skip
        save = Button(self.tr("Save copy…"), name="saveIssuedCopy", kind="primary", icon="export")
        save.clicked.connect(self.save_asked)
        close = Button(self.tr("Close"), name="closeIssued")
        close.clicked.connect(self.reject)
        self.set_buttons(save, close)
        save.setFocus()
