"""What a supervisor decides about an incident, a disposal or a matter: what is asked, signed, and recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from forensics_app.model.disposal import DisposalState
from ui.reason_field import reason_field
from ui.review.words_card import Choice, WordsCard, why_not_decide

if TYPE_CHECKING:
    from collections.abc import Sequence

    from forensics_app.bootstrap import Lab
    from forensics_app.model.desk import Matter
    from forensics_app.model.person import Person, SignedIn
    from ui.review.queue import Item

CLOSE, APPROVE, REJECT = "closeIncident", "approveDisposal", "rejectDisposal"
RETURN, ACCEPT = "returnMatter", "approveMatter"


def words_card(item: Item, person: Person) -> WordsCard:
    """The card for an incident, a disposal, or a matter that is approved or returned."""
    if item.matter:
        return _matter_card(item.matter, person)
    if item.incident:
        hint = _tr("Required: what was found out, and what follows. It becomes part of the record.")
        return _card(hint, [Choice(name=CLOSE, words=_tr("Close the incident…"), kind="primary")], _why_not(person))
    disposal = item.disposal
    choices = [Choice(name=REJECT, words=_tr("Reject…"), kind="danger")]
    if disposal and disposal.state is DisposalState.PROPOSED:
        is_open = bool(disposal.open_incidents)
        choices.append(Choice(name=APPROVE, words=_tr("Approve…"), needs_words=is_open, kind="primary"))
    why_not = ""
    if disposal and disposal.proposed_by_id == person.id:
        why_not = _tr("You proposed this disposal; another supervisor decides about it.")
    hint = _tr("Required to reject. The exhibit is then in store again.")
    if disposal and disposal.open_incidents:
        hint = _tr("Required: an incident of it is open. Say why it may be disposed of before, or reject it.")
    return _card(hint, choices, why_not or _why_not(person))


def _matter_card(matter: Matter, person: Person) -> WordsCard:
    own = _tr("You did what this is about; another supervisor decides about it.") if person.id in matter.actors else ""
    choices = [
        Choice(name=RETURN, words=_tr("Return…"), icon="return"),
        Choice(name=ACCEPT, words=_tr("Approve…"), kind="primary", icon="sign"),
    ]
    hint = _tr("Required. It is signed with the decision and stays in the record.")
    return _card(hint, choices, own or _why_not(person))


def _card(hint: str, choices: Sequence[Choice], why_not: str) -> WordsCard:
    words = reason_field(_tr("Decision and reason"), name="decisionWords", lines=3, hint=hint)
    lacking = _tr("Write what is decided and why; without it nothing is.")
    return WordsCard(words, choices, name="wordsCard", lacking=lacking, why_not=why_not)


def _why_not(person: Person) -> str:
    return why_not_decide(person, _tr("Only a supervisor decides. {name} is signed in as {roles}."))


def sentences_of(item: Item, name: str, words: str, person: Person) -> tuple[str, ...]:
    """What is signed when a choice is confirmed."""
    said = {
        CLOSE: _tr("{name} closes this incident. Decision: {words}"),
        APPROVE: _tr("{name} approves this disposal. {words}"),
        REJECT: _tr("{name} rejects this disposal. Reason: {words}"),
        ACCEPT: _tr("{name} approves this. Comment: {words}"),
        RETURN: _tr("{name} returns this to who did it. Comment: {words}"),
    }[name].format(name=person.name, words=words)
    waiting = item.disposal.open_incidents if item.disposal and name == APPROVE else ()
    still = [_tr("An incident of it is open: {what}").format(what=one) for one in waiting]
    return (item.second, *still, said, _tr("This adds an entry that cannot be removed."))


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
    elif item.matter:
        lab.desk.decide(actor, item.matter.key, approve=name == ACCEPT, comment=words)


def _tr(words: str) -> str:
    return QCoreApplication.translate("ReviewDeciding", words)
