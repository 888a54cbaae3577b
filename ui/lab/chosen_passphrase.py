"""The two fields in which somebody chooses a passphrase: typed twice, with its length beside it."""

from __future__ import annotations

from PySide6.QtWidgets import QLineEdit

from forensics_app.model.person import MINIMUM_PASSPHRASE_CHARACTERS
from ui.widgets import forms


class ChosenPassphrase(forms.Form):
    """Wrong until it is long enough and typed alike twice."""

    def __init__(self, title: str = "") -> None:
        """``title`` names the first field, where "Passphrase" would not do."""
        super().__init__(columns=2)
        hint = self.tr("At least {n} characters; several words are easy to remember.")
        self._first = forms.Field(
            title or self.tr("Passphrase"), forms.PassphraseEdit(), name="passphrase",
            hint=hint.format(n=MINIMUM_PASSPHRASE_CHARACTERS),
        )  # fmt: skip
        self._again = forms.Field(self.tr("The same again"), forms.PassphraseEdit(), name="passphraseAgain")
        self.add(self._first, rule=self._too_short)
        self.add(self._again, rule=self._differs)
        self._first.changed.connect(self._show_length)

    def chosen(self) -> str:
        """What was typed, blanks too."""
        return typed(self._first)

    def _too_short(self, _: str) -> str:
        missing = MINIMUM_PASSPHRASE_CHARACTERS - len(self.chosen())
        return self.tr("Add {n} more characters.").format(n=missing) if missing > 0 else ""

    def _differs(self, _: str) -> str:
        return "" if typed(self._again) == self.chosen() else self.tr("The two differ. Type the same passphrase again.")

    def _show_length(self) -> None:
        length, least = len(self.chosen()), MINIMUM_PASSPHRASE_CHARACTERS
        short, enough = self.tr("{length} of at least {n} characters"), self.tr("{length} characters: long enough")
        self._first.set_hint((short if length < least else enough).format(length=length, n=least))


def taken(field: forms.Field) -> str:
    """What was typed, as of :func:`typed`; the field forgets it."""
    words = typed(field)
    if isinstance(field.entry, QLineEdit):
        field.entry.clear()
    return words


def typed(field: forms.Field) -> str:
    """The text of a field as it was typed, blanks too: they belong to a passphrase."""
    return field.entry.text() if isinstance(field.entry, QLineEdit) else ""
