"""The fields of a legal basis: instrument, number, issuer, dates and scope."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

from forensics_app.model.case import LegalBasis
from ui.widgets import forms

_SHAPE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class BasisForm(forms.Form):
    """Asks for an authority; :meth:`basis` gives it once no field is wrong."""

    def __init__(self, *, today: date) -> None:
        """``today`` is the day in the lab's zone."""
        super().__init__(columns=2)
        self._today = today
        self._fields: dict[str, forms.Field] = {}
        kinds = forms.choice(self._instruments(), editable=True)
        kinds.setCurrentText("")
        self._put("instrument", self.tr("Instrument"), kinds, self.tr("Name the kind of authority."))
        self._put("basisNumber", self.tr("Its number"), forms.line_edit(), self.tr("Write the number it bears."))
        self._put("issuer", self.tr("Issued by"), forms.line_edit(), self.tr("Write who issued it."), span=2)
        day = self.tr("Year-month-day, such as {day}").format(day=today.isoformat())
        self._put("issuedOn", self.tr("Issued on"), forms.line_edit(placeholder="YYYY-MM-DD"), self._issued, hint=day)
        ends = forms.line_edit(placeholder="YYYY-MM-DD")
        hint = self.tr("Its last day; empty when it names no end")
        self._put("expiresOn", self.tr("Valid until"), ends, self._expires, hint=hint, optional=True)
        scope = forms.text_edit(lines=2, placeholder=self.tr("In the words of the instrument"))
        self._put("scope", self.tr("Scope: what it covers"), scope, self.tr("Write what it covers."), span=2)
        self._fields["expiresOn"].changed.connect(self._warn_of_expiry)

    def basis(self) -> LegalBasis:
        """What was filled in; call when no field is wrong."""
        ends = self._text("expiresOn")
        return LegalBasis(
            instrument=self._text("instrument"),
            number=self._text("basisNumber"),
            issuer=self._text("issuer"),
            issued_on=date.fromisoformat(self._text("issuedOn")),
            scope=self._text("scope"),
            expires_on=date.fromisoformat(ends) if ends else None,
        )

    def _put(
        self, name: str, title: str, entry: forms.Input, rule: str | Callable[[str], str], *, hint: str = "",
        optional: bool = False, span: int = 1,
    ) -> None:  # fmt: skip
        field = forms.Field(title, entry, name=name, hint=hint, optional=optional)
        self._fields[name] = self.add(field, span=span, rule=forms.required(rule) if isinstance(rule, str) else rule)

    def _text(self, name: str) -> str:
        return self._fields[name].text()

    def _issued(self, words: str) -> str:
        day = day_of(words)
        if day is None:
            return self.tr("Write the day as {day}.").format(day=self._today.isoformat())
        return self.tr("This day is still to come.") if day > self._today else ""

    def _expires(self, words: str) -> str:
        if not words:
            return ""
        day, issued = day_of(words), day_of(self._text("issuedOn"))
        if day is None:
            return self.tr("Write the day as {day}, or leave it empty.").format(day=self._today.isoformat())
        return self.tr("It would end before it was issued.") if issued and day < issued else ""

    def _warn_of_expiry(self) -> None:
        day = day_of(self._text("expiresOn"))
        past = self.tr("This day has passed: it is recorded as expired.")
        still = self.tr("Its last day; empty when it names no end")
        self._fields["expiresOn"].set_hint(past if day and day < self._today else still)

    def _instruments(self) -> list[str]:
        return [
            self.tr("Search warrant"),
            self.tr("Seizure order"),
            self.tr("Production order"),
            self.tr("Preservation order"),
            self.tr("Court order"),
            self.tr("Prosecutor's order"),
            self.tr("Mutual legal assistance request"),
            self.tr("Written consent"),
        ]


def day_of(words: str) -> date | None:
    """The day written as ``2026-11-21``; None for anything else."""
    try:
        return date.fromisoformat(words) if _SHAPE.fullmatch(words) else None
    except ValueError:
        return None
