"""The card that asks a supervisor for words and an act."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame

from forensics_app.model.person import Person, Role
from ui.theme import Space
from ui.tones import Tone
from ui.widgets import forms
from ui.widgets.buttons import Button
from ui.widgets.labels import label
from ui.widgets.layout import plain, vbox
from ui.widgets.notes import note
from ui.widgets.wrap_layout import WrapLayout


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A button of the card; ``needs_words`` says that nothing is decided without a sentence."""

    name: str
    words: str
    needs_words: bool = True
    kind: str = ""
    icon: str = ""


class WordsCard(QFrame):
    """``chosen`` carries the name of a choice and the words."""

    chosen = Signal(str, str)

    def __init__(self, words: forms.Field, choices: Sequence[Choice], *, name: str, lacking: str, why_not: str) -> None:
        """Ask for ``words``, where ``lacking`` says that they are missing; ``why_not`` why nobody decides here."""
        super().__init__()
        self.setObjectName(name)
        self.setProperty("card", True)
        self._words, self._lacking = words, lacking
        words.setEnabled(not why_not)
        refused = note(Tone.LOCK, why_not, name="mayNotDecide")
        if not why_not:
            refused.hide()
        self.buttons = tuple(self._button(choice, enabled=not why_not) for choice in choices)
        margins = (Space.L, Space.S + 2, Space.L, Space.M)
        buttons = plain(WrapLayout(*self.buttons))
        self.setLayout(vbox(label(self.tr("Your decision"), "section"), refused, words, buttons, margins=margins))

    @property
    def primary(self) -> Button | None:
        """The last button, where it can be pressed."""
        return self.buttons[-1] if self.buttons[-1].isEnabled() else None

    def _button(self, choice: Choice, *, enabled: bool) -> Button:
        made = Button(choice.words, name=choice.name, kind=choice.kind, icon=choice.icon)
        made.setEnabled(enabled)
        made.clicked.connect(lambda: self._choose(choice))
        return made

    def _choose(self, choice: Choice) -> None:
        words = self._words.text()
        if choice.needs_words and not words:
            self._words.set_error(self._lacking)
            self._words.entry.setFocus()
            return
        self.chosen.emit(choice.name, words)


def why_not_decide(person: Person, sentence: str) -> str:
    """The ``sentence`` with the name and the roles of a person who is no supervisor; empty for one who is."""
    if Role.SUPERVISOR in person.roles:
        return ""
    return sentence.format(name=person.name, roles=", ".join(sorted(person.roles)))
