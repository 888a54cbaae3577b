"""The dialogs that explain a departure from a principle, write one down, and go on without an authority in force."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from PySide6.QtWidgets import QComboBox, QWidget

from forensics_app.model.case import Case
from forensics_app.model.person import Person
from forensics_app.model.scene import Gap, PrincipleView
from ui.cases.basis_form import day_of
from ui.reason_field import in_words, reason_field
from ui.recording import signed_as
from ui.tones import Tone
from ui.widgets import forms
from ui.widgets.form_sheet import FormSheet
from ui.widgets.labels import label
from ui.widgets.notes import note


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviationRequest:
    """A departure from a principle; ``gap`` is the key of what the records show, empty where a person noticed it."""

    principle: str
    what: str
    reason: str
    gap: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OverrideRequest:
    """Going on without an authority in force, until the last day and for a reason."""

    until: date
    reason: str


class ExplainSheet(FormSheet):
    """Asks why the records depart from a principle; ``submitted`` carries a :class:`DeviationRequest`."""

    def __init__(self, parent: QWidget, view: PrincipleView, gap: Gap, *, actor: Person) -> None:
        """Ask for the reason of ``gap``."""
        super().__init__(
            parent, title=self.tr("Explain a deviation"), subtitle=view.rule.title, name="explainSheet",
            act=self.tr("Record the reason"), width_px=560,
        )  # fmt: skip
        self._view, self._gap = view, gap
        self._form = forms.Form()
        self._reason = self._form.add(
            reason_field(self.tr("Reason"), name="reason", lines=3), rule=in_words(self.tr("Write the reason."))
        )
        stays = self.tr("It stays a deviation; the reason stands beside it, with your name and the time.")
        self.fill(
            note(Tone.WARN, gap.what, name="explainedGap"), label(stays, "small", wrap=True), self._form,
            signed_as=signed_as(actor),
        )  # fmt: skip

    def entry_forms(self) -> Sequence[forms.Form]:
        """The reason."""
        return (self._form,)

    def request(self) -> DeviationRequest:
        """The gap with its reason."""
        gap = self._gap
        return DeviationRequest(principle=self._view.rule.id, what=gap.what, reason=self._reason.text(), gap=gap.key)


class DeviateSheet(FormSheet):
    """Asks for a deviation that no record shows; ``submitted`` carries a :class:`DeviationRequest`."""

    def __init__(self, parent: QWidget, views: Sequence[PrincipleView], case: Case, *, actor: Person) -> None:
        """Offer the principles of ``views``."""
        super().__init__(
            parent, title=self.tr("Record a deviation from a principle"),
            subtitle=self.tr("Case {number} · {title}").format(number=case.number, title=case.title),
            name="deviateSheet", act=self.tr("Record the deviation"), width_px=560,
        )  # fmt: skip
        self._views = tuple(views)
        self._principle = forms.choice([view.rule.title for view in views])
        self._form = forms.Form()
        self._form.add(forms.Field(self.tr("Principle"), self._principle, name="deviatesFrom"))
        what = reason_field(self.tr("What departs from it"), name="deviation", lines=2)
        self._what = self._form.add(what, rule=in_words(self.tr("Write what was done or not done.")))
        self._reason = self._form.add(
            reason_field(self.tr("Reason"), name="reason", lines=3), rule=in_words(self.tr("Write the reason."))
        )
        self.fill(self._form, signed_as=signed_as(actor))

    def entry_forms(self) -> Sequence[forms.Form]:
        """Principle, what departs, and why."""
        return (self._form,)

    def request(self) -> DeviationRequest:
        """The deviation as filled in."""
        chosen = self._views[_index(self._principle)]
        return DeviationRequest(principle=chosen.rule.id, what=self._what.text(), reason=self._reason.text())


class OverrideSheet(FormSheet):
    """Asks to go on although the authority has expired; ``submitted`` carries an :class:`OverrideRequest`."""

    def __init__(self, parent: QWidget, case: Case, *, actor: Person, today: date, most_days: int) -> None:
        """It holds for ``most_days`` from ``today`` at most."""
        super().__init__(
            parent, title=self.tr("Go on without an authority in force"),
            subtitle=self.tr("Case {number} · {title}").format(number=case.number, title=case.title),
            name="overrideSheet", act=self.tr("Go on and sign"), kind="danger", width_px=560,
        )  # fmt: skip
        self._today, self._last = today, today + timedelta(days=most_days)
        basis = case.legal_basis
        expired = self.tr("{instrument} {number} expired on {day}.").format(
            instrument=basis.instrument, number=basis.number, day=basis.expires_on
        ) if basis else ""  # fmt: skip
        stays = self.tr("It is a deviation from legality, and stays in sight in the case and in its report.")
        self._form = forms.Form()
        hint = self.tr("{day} at the latest").format(day=self._last.isoformat())
        until = forms.Field(self.tr("Last day"), forms.line_edit(today.isoformat()), name="overrideUntil", hint=hint)
        self._until = self._form.add(until, rule=self._day_rule)
        why = self.tr("Why it cannot wait for an authority")
        lacking = forms.required(self.tr("Write why it cannot wait."))
        self._reason = self._form.add(_reason_field(why), rule=lacking)
        self.fill(note(Tone.WARN, f"{expired} {stays}", name="overrideStays"), self._form, signed_as=signed_as(actor))

    def entry_forms(self) -> Sequence[forms.Form]:
        """The last day, and the reason."""
        return (self._form,)

    def request(self) -> OverrideRequest:
        """The decision as filled in."""
        return OverrideRequest(until=day_of(self._until.text()) or self._today, reason=self._reason.text())

    def _day_rule(self, words: str) -> str:
        day = day_of(words)
        if day is None:
            return self.tr("Write the day as {day}.").format(day=self._today.isoformat())
        if self._today <= day <= self._last:
            return ""
        span = self.tr("Choose a day from {first} to {last}.")
        return span.format(first=self._today.isoformat(), last=self._last.isoformat())


def _reason_field(title: str) -> forms.Field:
    return forms.Field(title, forms.text_edit(lines=3), name="reason")


def _index(entry: QComboBox) -> int:
    return max(0, entry.currentIndex())
