"""One party to a step: who it is, and the passphrase that opens their own key."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QFrame, QLineEdit

from ui import text
from ui.announce import announce
from ui.custody.words import key_words
from ui.theme import Size, Space
from ui.tones import Tone
from ui.widgets import forms
from ui.widgets.labels import IconLabel, label
from ui.widgets.layout import hbox, vbox
from ui.widgets.notes import note

if TYPE_CHECKING:
    from forensics_app.model.person import Person


class PartyCard(QFrame):
    """A giver who is known, or a receiver to be chosen; shows the signature once it was given."""

    chosen = Signal()

    def __init__(self, title: str, people: Sequence[Person], *, name: str, fixed: bool) -> None:
        """Offer ``people``; a ``fixed`` party is the first of them."""
        super().__init__()
        self.setObjectName(name)
        self.setProperty("card", True)
        self._people, self._fixed = tuple(people), fixed
        self._who = forms.Field(self.tr("Name"), self._names(fixed), name=f"{name}Name")
        self._who.changed.connect(self._on_chosen)
        self._name = label(role="strong", name=f"{name}Who")
        self._function = label(role="caption", wrap=True)
        self._passphrase = forms.Field(self.tr("Passphrase"), forms.PassphraseEdit(), name=f"{name}Passphrase")
        self._signed = note(Tone.OK, "", name=f"{name}Signed")
        self._signed.hide()
        (self._who if fixed else self._name).hide()
        person_row = hbox(
            IconLabel("person", "text2", Size.ICON_TWO_LINE), (vbox(self._name, self._who, self._function, gap=1), 1)
        )
        self.setLayout(
            vbox(
                label(title, "overline"), person_row, self._passphrase, self._signed, None,
                margins=(Space.L, Space.M, Space.L, Space.M),
            )
        )  # fmt: skip
        self._on_chosen()

    @property
    def person(self) -> Person | None:
        """Who it is; None while nobody is chosen."""
        if self._fixed:
            return self._people[0]
        at = self._who.index
        return self._people[at - 1] if at > 0 else None

    def choose(self, person: Person | None) -> None:
        """Choose somebody, or nobody."""
        entry = self._who.entry
        if isinstance(entry, QComboBox):
            entry.setCurrentIndex(self._people.index(person) + 1 if person in self._people else 0)

    def passphrase(self) -> str:
        """What was typed, untouched."""
        entry = self._passphrase.entry
        return entry.text() if isinstance(entry, QLineEdit) else ""

    def await_choice(self) -> None:
        """Let the party be chosen; nobody signs here yet."""
        self._who.entry.setEnabled(True)
        self._passphrase.hide()
        self._signed.hide()

    def await_passphrase(self, *, locked: bool) -> None:
        """Let the party sign; a ``locked`` one cannot be exchanged any more."""
        self._who.entry.setEnabled(not locked)
        self._signed.hide()
        self._passphrase.show()
        self._passphrase.entry.setEnabled(True)
        self._passphrase.entry.setFocus()

    def show_busy(self) -> None:
        """Wait until the key is open."""
        self._passphrase.entry.setEnabled(False)

    def refuse(self, sentence: str) -> None:
        """Say that name and passphrase do not fit, and no more."""
        self.forget()
        self._passphrase.entry.setEnabled(True)
        self._passphrase.set_error(sentence)
        self._passphrase.entry.setFocus()
        announce(self, sentence, urgent=True)

    def show_signed(self, at: datetime) -> None:
        """Show that the key was opened for this text, and when."""
        person = self.person
        key = key_words(person.key_id) if person else ""
        self.forget()
        self._who.entry.setEnabled(False)
        self._passphrase.hide()
        self._signed.say(
            Tone.OK,
            self.tr("Signature given {time}\nKey {key}, opened with their own passphrase").format(
                time=text.time_text(at), key=key
            ),
        )
        self._signed.show()

    def forget(self) -> None:
        """Empty the passphrase."""
        entry = self._passphrase.entry
        if isinstance(entry, QLineEdit):
            entry.clear()

    def _names(self, fixed: bool) -> QComboBox:
        first = [] if fixed else [self.tr("Choose …")]
        return forms.choice([*first, *(person.name for person in self._people)])

    def _on_chosen(self) -> None:
        person = self.person
        self._name.setText(person.name if person else "")
        words = self.tr("{function} · badge {number} · {organisation}")
        self._function.setText(
            words.format(function=person.function, number=person.id_number, organisation=person.organisation)
            if person
            else self.tr("Nobody chosen yet")
        )
        self.forget()
        self.chosen.emit()
