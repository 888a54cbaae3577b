"""Dialogs about how long cases are kept: periods, legal holds, proposals of an erasure and decisions about them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from PySide6.QtWidgets import QCheckBox, QWidget

from forensics_app.model.case import Case
from forensics_app.model.disposal import Hold, NewHold
from forensics_app.model.person import Person
from forensics_app.model.retention import Erasable, Erasure, NewErasure, Retention
from ui.lab.retention_words import erasable_words
from ui.recording import signed_as
from ui.theme import Space, Type
from ui.tones import Tone
from ui.widgets import forms
from ui.widgets.form_sheet import FormSheet
from ui.widgets.labels import IconLabel, label
from ui.widgets.layout import hbox, plain, vbox
from ui.widgets.notes import note


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodAsked:
    """Until when a case is kept, and the rule that says so."""

    keep_until: date
    basis: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """Whether an erasure is approved, and the words of who decides."""

    approve: bool
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Lifting:
    """By what authority a hold ends, and why."""

    authority: str
    reason: str


class _CaseSheet(FormSheet):
    """A dialog with one form about a case."""

    def __init__(self, parent: QWidget, case: Case, *, title: str, name: str, act: str, kind: str = "primary") -> None:
        super().__init__(
            parent, title=title.format(number=case.number), subtitle=case.title, name=name, act=act, kind=kind,
            width_px=600,
        )  # fmt: skip
        self._form = forms.Form()

    def entry_forms(self) -> Sequence[forms.Form]:
        """The form."""
        return (self._form,)

    def _line(self, title: str, name: str, missing: str, *, hint: str = "", words: str = "") -> forms.Field:
        field = forms.Field(title, forms.line_edit(words), name=name, hint=hint)
        return self._form.add(field, rule=forms.required(missing))

    def _reason(self, name: str = "reason") -> forms.Field:
        field = forms.Field(
            self.tr("Reason"), forms.text_edit(lines=3), name=name, hint=self.tr("It becomes part of the record.")
        )
        return self._form.add(field, rule=forms.required(self.tr("Write the reason.")))


class PeriodSheet(_CaseSheet):
    """``submitted`` carries a :class:`PeriodAsked`."""

    def __init__(self, parent: QWidget, case: Case, before: Retention | None, *, actor: Person) -> None:
        """Ask until when ``case`` is kept, instead of ``before``."""
        super().__init__(
            parent, case, title=self.tr("How long {number} is kept"), name="periodSheet",
            act=self.tr("Sign and set it"),
        )  # fmt: skip
        entry = forms.line_edit(before.keep_until.isoformat() if before else "", placeholder="2036-12-31")
        self._until = self._form.add(
            forms.Field(
                self.tr("Last day on which it is kept"), entry, name="keepUntil",
                hint=self.tr("Year, month, day. Nothing is erased by itself when it is over."),
            ),
            rule=self._no_day,
        )  # fmt: skip
        self._basis = self._line(
            self.tr("Rule or order that says so"), "keepBasis", self.tr("Write the rule or the order."),
            words=before.basis if before else "",
        )  # fmt: skip
        self.fill(self._form, signed_as=signed_as(actor))

    def request(self) -> PeriodAsked:
        """The period as filled in."""
        return PeriodAsked(keep_until=date.fromisoformat(self._until.text()), basis=self._basis.text())

    def _no_day(self, words: str) -> str:
        try:
            date.fromisoformat(words)
        except ValueError:
            return self.tr("Write a day like 2036-12-31.")
        return ""


class HoldSheet(_CaseSheet):
    """``submitted`` carries a :class:`NewHold` on the whole case."""

    def __init__(self, parent: QWidget, case: Case, *, actor: Person) -> None:
        """Ask why nothing of ``case`` may be erased or disposed of."""
        super().__init__(
            parent, case, title=self.tr("Place a legal hold on {number}"), name="holdSheet",
            act=self.tr("Sign and hold"),
        )  # fmt: skip
        self._case = case
        self._authority = self._line(
            self.tr("Authority"), "holdAuthority", self.tr("Write who ordered it, and which number."),
            hint=self.tr("Who ordered it, and which number."),
        )  # fmt: skip
        self._why = self._reason("holdReason")
        words = self.tr("Until a supervisor lifts it, nothing of the case is erased and no exhibit is disposed of.")
        self.fill(self._form, label(words, "small", wrap=True), signed_as=signed_as(actor))

    def request(self) -> NewHold:
        """The hold as filled in."""
        return NewHold(
            case_id=self._case.id, exhibit_id=None, authority=self._authority.text(), reason=self._why.text()
        )


class LiftSheet(_CaseSheet):
    """``submitted`` carries a :class:`Lifting`."""

    def __init__(self, parent: QWidget, case: Case, hold: Hold, *, actor: Person) -> None:
        """Ask what ends ``hold``."""
        super().__init__(
            parent, case, title=self.tr("Lift the legal hold on {number}"), name="liftSheet",
            act=self.tr("Sign and lift it"), kind="danger",
        )  # fmt: skip
        on = self.tr("exhibit {number}").format(number=hold.number) if hold.number else self.tr("the whole case")
        said = self.tr("On {what}: {authority}, placed by {name} ({reason})").format(
            what=on, authority=hold.authority, name=hold.placed_by, reason=hold.reason
        )
        self._authority = self._line(
            self.tr("Authority that ends it"), "liftAuthority", self.tr("Write who ended it, and which number.")
        )
        self._why = self._reason("liftReason")
        self.fill(label(said, wrap=True), self._form, signed_as=signed_as(actor))

    def request(self) -> Lifting:
        """What ends it, as filled in."""
        return Lifting(authority=self._authority.text(), reason=self._why.text())


class ErasureSheet(_CaseSheet):
    """``submitted`` carries a :class:`NewErasure`."""

    def __init__(self, parent: QWidget, case: Case, erased: frozenset[Erasable], *, actor: Person) -> None:
        """Ask what of ``case`` is to be erased; what was ``erased`` is not offered."""
        super().__init__(
            parent, case, title=self.tr("Propose an erasure of {number}"), name="erasureSheet",
            act=self.tr("Sign and propose it"), kind="danger",
        )  # fmt: skip
        self._case = case
        self._kinds: dict[Erasable, QCheckBox] = {
            kind: forms.check(erasable_words(kind), name=f"erase-{kind.value}")
            for kind in Erasable
            if kind not in erased
        }
        self._form.add_wide(plain(vbox(label(self.tr("What is erased"), "small"), *self._kinds.values(), gap=4)))
        self._none = label(role="small", wrap=True, tone="bad", name="eraseError")
        self._none_row = plain(hbox(IconLabel("verify-broken", "bad", Type.SECTION), (self._none, 1), gap=Space.XS))
        self._none_row.hide()
        self._form.add_wide(self._none_row)
        self._authority = self._line(
            self.tr("Authority"), "eraseAuthority", self.tr("Write who ordered or allows it, and which number.")
        )
        self._why = self._reason("eraseReason")
        warning = self.tr(
            "A supervisor other than you decides about it, and whoever approves it cannot carry it out. The ledger, "
            "the rows of the record and the images of evidence stay; backups that were made before hold what is erased."
        )
        kits = self.tr(
            "Make the defence kits of issued reports with lists of files before their catalogues are erased."
        )
        told = f"{warning} {kits}" if Erasable.CATALOGUES in self._kinds else warning
        self.fill(self._form, note(Tone.WARN, told, name="eraseWarning"), signed_as=signed_as(actor))

    def problem(self) -> str:
        """Something has to be chosen."""
        nothing = not any(one.isChecked() for one in self._kinds.values())
        self._none.setText(self.tr("Choose what is erased.") if nothing else "")
        self._none_row.setVisible(nothing)
        return super().problem() or (self._none.text() if nothing else "")

    def request(self) -> NewErasure:
        """The proposal as filled in."""
        return NewErasure(
            case_id=self._case.id,
            what=frozenset(kind for kind, one in self._kinds.items() if one.isChecked()),
            authority=self._authority.text(),
            reason=self._why.text(),
        )


class DecideSheet(_CaseSheet):
    """``submitted`` carries a :class:`Decision`."""

    def __init__(self, parent: QWidget, case: Case, erasure: Erasure, *, actor: Person) -> None:
        """Ask whether ``erasure`` is approved."""
        super().__init__(
            parent, case, title=self.tr("Decide about the erasure of {number}"), name="decideErasureSheet",
            act=self.tr("Sign and decide"), kind="danger",
        )  # fmt: skip
        what = ", ".join(erasable_words(kind) for kind in Erasable if kind in erasure.what)
        said = self.tr("{name} proposes to erase: {what}.\n{authority}. {reason}").format(
            name=erasure.proposed_by, what=what, authority=erasure.authority, reason=erasure.reason
        )
        self._how = self._form.add(
            forms.Field(
                self.tr("Decision"), forms.choice([self.tr("Reject it: nothing is erased"), self.tr("Approve it")]),
                name="erasureDecision",
            )
        )  # fmt: skip
        field = forms.Field(self.tr("Comment"), forms.text_edit(lines=3), name="decisionWords")
        self._words = self._form.add(field, rule=forms.required(self.tr("Write why.")))
        self.fill(label(said, wrap=True), self._form, signed_as=signed_as(actor))

    def request(self) -> Decision:
        """The decision."""
        return Decision(approve=self._how.index == 1, words=self._words.text())
