"""The card that asks a supervisor for words and an act, about an incident or a disposal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtWidgets import QFrame

from forensics_app.model.disposal import DisposalState
from forensics_app.model.person import Role
from ui.theme import Space
from ui.tones import Tone
from ui.widgets import forms
from ui.widgets.buttons import Button
from ui.widgets.labels import label
from ui.widgets.layout import plain, vbox
from ui.widgets.notes import note
from ui.widgets.wrap_layout import WrapLayout

if TYPE_CHECKING:
    from forensics_app.bootstrap import Lab
    from forensics_app.model.person import Person, SignedIn
    from ui.review.queue import Item

CLOSE, APPROVE, REJECT = "closeIncident", "approveDisposal", "rejectDisposal"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A button of the card; ``needs_words`` says that nothing is decided without a sentence."""

    name: str
    words: str
    needs_words: bool = True
    kind: str = ""


class WordsCard(QFrame):
    """``decided`` carries the name of a choice and the words."""

    decided = Signal(str, str)

    def __init__(self, *, title: str, hint: str, choices: Sequence[Choice], person: Person, why_not: str = "") -> None:
        """Let ``person`` decide, unless ``why_not`` says why they may not; only a supervisor may."""
        super().__init__()
        self.setObjectName("wordsCard")
        self.setProperty("card", True)
        if not why_not and Role.SUPERVISOR not in person.roles:
            why_not = self.tr("Only a supervisor decides. {name} is signed in as {roles}.").format(
                name=person.name, roles=", ".join(sorted(person.roles))
            )
        self._words = forms.Field(
            self.tr("Decision and reason"), forms.text_edit(lines=3), name="decisionWords", hint=hint
        )
        self._words.setEnabled(not why_not)
        refused = note(Tone.LOCK, why_not, name="mayNotDecide")
        if not why_not:
            refused.hide()
        self.buttons = tuple(self._button(choice, enabled=not why_not) for choice in choices)
        margins = (Space.L, Space.S + 2, Space.L, Space.M)
        buttons = plain(WrapLayout(*self.buttons))
        self.setLayout(vbox(label(title, "section"), refused, self._words, buttons, margins=margins))

    def _button(self, choice: Choice, *, enabled: bool) -> Button:
        made = Button(choice.words, name=choice.name, kind=choice.kind)
        made.setEnabled(enabled)
        made.clicked.connect(lambda: self._decide(choice))
        return made

    def _decide(self, choice: Choice) -> None:
        words = self._words.text()
        if choice.needs_words and not words:
            self._words.set_error(self.tr("Write what is decided and why; without it nothing is."))
            self._words.entry.setFocus()
            return
        self.decided.emit(choice.name, words)


def words_card(item: Item, person: Person) -> WordsCard:
    """The card for an incident or a disposal."""
    if item.incident:
        return WordsCard(
            title=_tr("Your decision"),
            hint=_tr("Required: what was found out, and what follows. It becomes part of the record."),
            choices=(Choice(name=CLOSE, words=_tr("Close the incident…"), kind="primary"),),
            person=person,
        )
    disposal = item.disposal
    choices = [Choice(name=REJECT, words=_tr("Reject…"), kind="danger")]
    if disposal and disposal.state is DisposalState.PROPOSED:
        choices.append(Choice(name=APPROVE, words=_tr("Approve…"), needs_words=False, kind="primary"))
    why_not = ""
    if disposal and disposal.proposed_by_id == person.id:
        why_not = _tr("You proposed this disposal; another supervisor decides about it.")
    return WordsCard(
        title=_tr("Your decision"),
        hint=_tr("Required to reject. The exhibit is then in store again."),
        choices=choices,
        person=person,
        why_not=why_not,
    )


def sentences_of(item: Item, name: str, words: str, person: Person) -> tuple[str, ...]:
    """What is signed when a choice is confirmed."""
    said = {
        CLOSE: _tr("{name} closes this incident. Decision: {words}"),
        APPROVE: _tr("{name} approves this disposal. {words}"),
        REJECT: _tr("{name} rejects this disposal. Reason: {words}"),
    }[name].format(name=person.name, words=words)
    return (item.second, said, _tr("This adds an entry that cannot be removed."))


def decide(lab: Lab, actor: SignedIn, item: Item, name: str, words: str) -> None:
    """Record what was decided.

    Raises:
        AppError: It was refused.
    """
    if item.incident and name == CLOSE:
        lab.incidents.close(actor, item.incident.id, words)
    elif item.disposal and name == APPROVE:
        lab.disposals.approve(actor, item.disposal.id, words)
    elif item.disposal and name == REJECT:
        lab.disposals.reject(actor, item.disposal.id, words)


def _tr(words: str) -> str:
    return QCoreApplication.translate("ReviewDeciding", words)
