"""The dialog that changes what a case says: the old words beside the new, and the reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtWidgets import QWidget

from forensics_app.model.case import Case
from forensics_app.model.person import Person
from ui.recording import signed_as
from ui.widgets import forms
from ui.widgets.form_sheet import FormSheet
from ui.widgets.labels import label
from ui.widgets.layout import line


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeRequest:
    """The new words by the names of the case's fields, only those that differ, and why."""

    changes: dict[str, str]
    reason: str


class ChangeSheet(FormSheet):
    """``submitted`` carries a :class:`ChangeRequest`."""

    def __init__(self, parent: QWidget, case: Case, *, actor: Person) -> None:
        """Show what ``case`` says now, and ask for what it is to say."""
        super().__init__(
            parent,
            title=self.tr("Change {number}").format(number=case.number),
            subtitle=self.tr("The entry keeps the old words beside the new"),
            name="changeCase",
            act=self.tr("Change the case"),
            width_px=760,
        )
        self._old = {
            "title": case.title,
            "offence": case.offence,
            "requesting_authority": case.requesting_authority,
            "questions": case.questions,
        }
        self._new: dict[str, forms.Field] = {}
        self._words = forms.Form(columns=2)
        for name, title, error in (
            ("title", self.tr("Title"), self.tr("A case needs a title.")),
            ("offence", self.tr("Offence"), self.tr("A case needs an offence.")),
            ("requesting_authority", self.tr("Requesting authority"), self.tr("A case needs a requesting authority.")),
            ("questions", self.tr("Questions"), ""),
        ):
            self._add_pair(name, title, error)
        self._why = forms.Form()
        field = forms.Field(self.tr("Why it is changed"), forms.text_edit(lines=2), name="reason")
        self._reason = self._why.add(field, rule=forms.required(self.tr("Write the reason.")))
        hint = label(self.tr("Left: what the record says now. Right: what it is to say."), "small", wrap=True)
        self.fill(hint, self._words, line(), self._why, signed_as=signed_as(actor))

    def entry_forms(self) -> Sequence[forms.Form]:
        """The words and the reason."""
        return self._words, self._why

    def problem(self) -> str:
        """A field that is wrong, or that nothing differs."""
        found = super().problem()
        return found or ("" if self._changes() else self.tr("Nothing differs yet."))

    def request(self) -> ChangeRequest:
        """What differs."""
        return ChangeRequest(changes=self._changes(), reason=self._reason.text())

    def _add_pair(self, name: str, title: str, error: str) -> None:
        many_lines = name == "questions"
        old, new = (forms.text_edit(lines=3) if many_lines else forms.line_edit() for _ in range(2))
        old.setReadOnly(True)
        before = forms.Field(self.tr("{field}, now").format(field=title), old, name=f"{name}Now")
        after = forms.Field(self.tr("{field}, new").format(field=title), new, name=f"{name}New")
        for field in (before, after):
            field.set_text(self._old[name])
        self._words.add(before)
        self._new[name] = self._words.add(after, rule=forms.required(error) if error else None)

    def _changes(self) -> dict[str, str]:
        return {name: field.text() for name, field in self._new.items() if field.text() != self._old[name].strip()}
