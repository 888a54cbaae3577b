"""Asks after how many days something is due again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from ui.recording import signed_as
from ui.widgets import forms
from ui.widgets.form_sheet import FormSheet

if TYPE_CHECKING:
    from forensics_app.model.person import Person

_LONGEST_DAYS_DIGITS = 4


class IntervalSheet(FormSheet):
    """``submitted`` carries the number of days."""

    def __init__(
        self, parent: QWidget, days: int | None, *, title: str, subtitle: str, counted: str, example: int, name: str,
        actor: Person,
    ) -> None:  # fmt: skip
        """Ask for another interval than ``days``.

        Args:
            parent: The window.
            days: The interval that holds; None where none does.
            title: What is done again.
            subtitle: What that is about.
            counted: The hint under the number: from when it counts.
            example: A number of days that many choose.
            name: What the object names begin with.
            actor: Who signs.
        """
        super().__init__(
            parent, title=title, subtitle=subtitle, name=f"{name}Sheet", act=self.tr("Sign and set"), width_px=520
        )
        self._form = forms.Form()
        wrong = self.tr("Write a number of days, such as {days}.").format(days=example)
        self._days = self._form.add(
            forms.Field(self.tr("Days"), forms.line_edit(str(days or "")), name=f"{name}Days", hint=counted),
            rule=lambda words: "" if _is_number(words) else wrong,
        )
        self.fill(self._form, signed_as=signed_as(actor))

    def entry_forms(self) -> Sequence[forms.Form]:
        """The number."""
        return (self._form,)

    def request(self) -> int:
        """The number of days."""
        return int(self._days.text())


def _is_number(words: str) -> bool:
    return words.isascii() and words.isdigit() and len(words) <= _LONGEST_DAYS_DIGITS
