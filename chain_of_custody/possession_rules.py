"""Whether an exhibit passed from hand to hand as the third rules have it: who gives signs, and who takes signs.

A signature is made with a key, or on a screen or form whose SHA-256 the entry states; where somebody outside cannot be
had to sign, the entry states why. What is told of a step names the people whom the columns name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from chain_of_custody.body import Content
from chain_of_custody.canonical import Json
from chain_of_custody.hand_rules import (
    ENDS_OUTSIDE,
    FIFTH,
    FORM,
    HOLDERS,
    NOT_SIGNED,
    RECEIPT,
    SIGNED,
    THIRD,
    TO_OUTSIDE,
    meets_outsider,
    namesake_breaches,
    one_person,
    states_digest,
)
from chain_of_custody.keyring import KeyRing
from chain_of_custody.names import names
from chain_of_custody.reasons import has_letter
from chain_of_custody.vocabulary import Event, State

UNSIGNED: Final = "unsigned_reason"
"""The fact that says why somebody outside could not be had to sign."""
INTAKE: Final = "image.intake"
NAMES_WHO_HAS_IT: Final = frozenset(
    (State.SEIZED, State.IN_TRANSIT, State.LOST_INCIDENT, State.CHECKED_OUT, State.IMAGED, State.UNDER_EXAM)
)
"""States in which the column `holder` names the very person who has it; elsewhere it may name a court or an agency."""
STAYS_PUT: Final = frozenset((State.STORED, State.DISPOSAL_PENDING))
"""States in which nobody gives an exhibit that nobody holds: it lies on a shelf."""
NOBODY: Final = "Nobody of the laboratory"
"""Who has what was left where it was found."""
_AT_THE_SCENE: Final = frozenset((Event.LEAVE_IN_PLACE, Event.IMAGE_ON_SCENE))
_LEAVES: Final = frozenset(
    (*ENDS_OUTSIDE, *_AT_THE_SCENE, Event.DESTROY, Event.RETAIN_BY_COURT, Event.CONFIRM_RECEIPT, Event.REPORT_LOST)
)
"""Steps after which nobody of the laboratory has it."""
_MAY_LEAVE: Final = frozenset((Event.SEIZE, Event.DISPATCH, Event.TRANSFER_OUT, Event.SEND_BACK, Event.GO_TO_COURT))
"""Steps after which who signs last has it, or nobody of the laboratory."""
_DECIDES: Final = frozenset((Event.PROPOSE_DISPOSAL, Event.REJECT_DISPOSAL))
"""Steps that no hands have part in."""
_TOLD: Final[Mapping[str, tuple[str, ...]]] = {
    Event.DISPATCH: ("carrier",),
    Event.SEIZE: ("seizing_officer", "officer", "outside_party"),
    Event.HAND_OVER: ("receiver",),
    **dict.fromkeys(ENDS_OUTSIDE, ("recipient",)),
}
_TOLD_ELSE: Final = ("outside_party", "agency", "carrier", "court")
"""The facts of which one names who has it after a step, where nobody of the laboratory does."""
_STAYS_OUTSIDE: Final = frozenset((Event.REPORT_LOST, Event.CALL_BACK, Event.CONFIRM_RECEIPT))
"""Steps after which it may be told to be with whom, or where, it was."""
_TAKEN_BY: Final[Mapping[str, tuple[str, ...]]] = {
    Event.SEIZE: ("seizing_officer", "officer"),
    Event.DISPATCH: ("carrier",),
    Event.TRANSFER_OUT: ("carrier",),
    Event.SEND_BACK: ("carrier",),
}
"""The facts of a step that name who has the exhibit after it."""
_TAKER: Final[Mapping[str, str]] = {Event.DISPATCH: "carrier", Event.GO_TO_COURT: "court"}
"""The fact that names whoever outside takes what somebody else outside has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Passing:
    """A step: its entry, and the columns of the exhibit before and after it.

    The `holder_id` before is also that of somebody who was recorded by name alone and signs with their key; `was` is
    without that. `keyring` and the time `at` tell who is known then, in the laboratory and outside; `rules` is the
    number of those that hold.
    """

    content: Content
    event: str
    was: Mapping[str, Json]
    before: Mapping[str, Json]
    after: Mapping[str, Json]
    keyring: KeyRing
    at: str
    rules: int

    @property
    def told_giver(self) -> Json:
        """Whom the entry names as who gives it from outside."""
        facts = self.content.facts
        return facts["giver"] if "giver" in facts else facts.get("outside_party")

    @property
    def gave(self) -> Json:
        """UUID of who of the laboratory held it before."""
        return self.before.get("holder_id")

    @property
    def holds(self) -> Json:
        """UUID of who of the laboratory holds it after."""
        return self.after.get("holder_id")


def had_by(row: Mapping[str, Json], name: str) -> bool:
    """Whether nobody holds an exhibit by their key, and the column `holder` names somebody of this name."""
    return row.get("holder_id") is None and _same(row.get("holder"), name)


def is_alone(content: Content) -> bool:
    """Whether one person of the laboratory signs a step, and accepts no offer by it."""
    first = content.signers[0]
    return len(content.signers) == 1 and not (first.role == "receiver" and "offer" in content.facts)


def meets(event: str, state: object, *, alone: bool, before: object, after: object, is_intake: bool = False) -> bool:
    """Whether somebody without a key gives or takes the exhibit; the arguments are those of `meets_outsider`."""
    if meets_outsider(event, state, alone=alone, before=before, after=after, is_intake=is_intake):
        return True
    if before is not None or is_intake:
        return False
    return state == State.SEIZED or (after is not None and state not in STAYS_PUT)


def has_two_outside(event: str, row: Mapping[str, Json], told: Mapping[str, Json], *, after: object) -> bool:
    """Whether somebody outside hands an exhibit to somebody else outside, so that both have to sign.

    Args:
        event: the step.
        row: the columns before it.
        told: the facts of the step.
        after: UUID of who of the laboratory holds it then.
    """
    if event not in _TAKER or row.get("holder_id") is not None or after is not None:
        return False
    had, taker = row.get("holder"), told.get(_TAKER[event])
    return type(had) is str and type(taker) is str and not one_person(had, taker)


def passing_breaches(step: Passing) -> Iterator[str]:
    """Say what was not allowed about the hands through which an exhibit passed."""
    content, event, number = step.content, step.event, step.before.get("number")
    state = step.before.get("state")
    yield from _of_hands(step)
    has_receipt = event == Event.CONFIRM_RECEIPT or (event == Event.CALL_BACK and state == State.TRANSFERRED)
    if state in (State.TRANSFERRED, State.RETURN_IN) or step.rules >= FIFTH:
        yield from _of_a_transfer(step)
    if has_receipt and not states_digest(content, RECEIPT):
        yield f"{event} of {number} states no receipt that was signed."
    yield from _of_taking(step)
    is_intake = content.action == INTAKE
    if not meets(event, state, alone=is_alone(content), before=step.gave, after=step.holds, is_intake=is_intake):
        return
    yield from _of_signatures(step)
    stays = step.holds is not None and event in _TAKEN_BY
    outsider = step.keyring.outsider(content.facts.get("outsider"), step.at)
    enrolled = step.keyring.names_of(HOLDERS, step.at)
    yield from namesake_breaches(content, event, number, rules=THIRD, outsider=outsider, enrolled=enrolled, stays=stays)
    yield from _of_giving(step)


def _of_a_transfer(step: Passing) -> Iterator[str]:
    """What was transferred, and nobody signed for, came back with a seal that was looked at; or it was lost."""
    number, facts = step.before.get("number"), step.content.facts
    is_unsigned = step.event == Event.RECEIVE and step.before.get("state") == State.TRANSFERRED
    if is_unsigned and not all(_is_worded(facts.get(name)) for name in ("reason", "seal_check")):
        yield f"{number} comes back from a transfer without a receipt, and it is not said why, or how its seal is."
    if step.event == Event.REPORT_LOST and not _is_incident(step.content):
        after = " after a transfer" if step.before.get("state") in (State.TRANSFERRED, State.RETURN_IN) else ""
        yield f"{number} was lost{after}, and no incident is stated."


def _of_taking(step: Passing) -> Iterator[str]:
    """Who is told to carry or seize an exhibit is who holds it then."""
    facts = _TAKEN_BY.get(step.event, ())
    told = next((step.content.facts[name] for name in facts if name in step.content.facts), None)
    number, last = step.before.get("number"), step.content.signers[-1]
    is_they = _same if step.event == Event.SEIZE else _names
    if facts and step.holds is not None and not is_they(told, last.name):
        yield f"{step.event} of {number} leaves it with {last.name}, and names {told} as who has it."


def _of_hands(step: Passing) -> Iterator[str]:
    """After a step who took it has it, and is named; a step in which nobody takes it changes nothing of that."""
    event, number, last = step.event, step.was.get("number"), step.content.signers[-1]
    has_it, was_with = (tuple(row.get(name) for name in ("holder_id", "holder")) for row in (step.after, step.was))
    if event in _DECIDES or (event == Event.IMAGE and step.content.action == INTAKE):
        if has_it != was_with:
            yield f"{event} of {number} changes who has it, and nobody takes it by that."
        return
    if event == Event.CALL_BACK:
        if step.holds != step.was.get("holder_id"):
            yield f"{event} of {number} changes who has it, and nobody takes it by that."
    elif event in _LEAVES:
        if step.holds is not None:
            yield f"{event} of {number} leaves it in the hands of somebody of the laboratory."
    elif last.role != "giver" and step.holds != last.person and (event not in _MAY_LEAVE or step.holds is not None):
        yield f"{event} of {number} is signed last by {last.name}, and leaves it with somebody else."
    if step.holds is not None:
        if has_it != was_with and step.after.get("holder") != last.name:
            yield f"{event} of {number} names {step.after.get('holder')} as who has it, and {last.name} signs for it."
    elif event != Event.DESTROY and not _is_told(step):
        yield f"{event} of {number} leaves it with {step.after.get('holder')}, whom it does not name as who takes it."
    elif step.rules >= FIFTH and event != Event.DESTROY:
        yield from _of_who_has_it(step)


def _of_who_has_it(step: Passing) -> Iterator[str]:
    """Nobody of the laboratory gets an exhibit by being named; an officer who seized it is known by name alone."""
    event, number, holder, had = step.event, step.was.get("number"), step.after.get("holder"), step.was.get("holder")
    if not _is_worded(holder) and event not in ENDS_OUTSIDE:
        yield f"{event} of {number} leaves it with nobody: it names no one in words."
    if event == Event.SEIZE or holder == had or _same(holder, had):
        return
    named = next((one for one in step.keyring.names_of(HOLDERS, step.at) if _same(holder, one)), None)
    if named is not None and not _is_registered(step):
        yield f"{event} of {number} leaves it with {holder}, who has a key of the laboratory and does not sign for it."


def _is_registered(step: Passing) -> bool:
    """Whether who has it is somebody in the register of people outside, whom no signer put there."""
    if "outsider" not in step.content.facts:
        return False
    outsider = step.keyring.outsider(step.content.facts["outsider"], step.at)
    if outsider is None:
        return True
    signers = {slot.person for slot in step.content.signers}
    return bool(outsider.writers) and not outsider.writers & signers and _same(step.after.get("holder"), outsider.name)


def _is_told(step: Passing) -> bool:
    """Whether a step tells who outside has the exhibit then."""
    holder, facts = step.after.get("holder"), step.content.facts
    told = [facts.get(name) for name in _TOLD.get(step.event, _TOLD_ELSE)]
    if step.event in ENDS_OUTSIDE and not _is_text(holder):
        return not any(_is_text(one) for one in told)
    if step.event in _STAYS_OUTSIDE:
        told += [step.was.get("holder"), step.was.get("place")]
    if step.event in _AT_THE_SCENE:
        told.append(NOBODY)
    return type(holder) is str and any(holder == one or _same(one, holder) for one in told)


def _of_signatures(step: Passing) -> Iterator[str]:
    content, event, number = step.content, step.event, step.before.get("number")
    if event not in ENDS_OUTSIDE and is_explained(content):
        return
    if not states_digest(content, *SIGNED):
        yield NOT_SIGNED.format(event=event, number=number)
    elif not states_digest(content, FORM) and has_two_outside(event, step.before, content.facts, after=step.holds):
        yield f"{event} of {number} passes it from one outside to another, and states the signature of one of them."


def _of_giving(step: Passing) -> Iterator[str]:
    """Who brings an exhibit is who is recorded to have it; another bringer is an incident."""
    leaves = step.event in TO_OUTSIDE and step.holds is None
    if leaves or step.gave is not None or step.before.get("state") not in NAMES_WHO_HAS_IT:
        return
    number, had, told = step.before.get("number"), step.before.get("holder"), step.told_giver
    if type(told) is not str or not told.strip():
        yield f"{step.event} of {number} does not name who gives it from outside."
    elif not _same(told, had) and not _is_incident(step.content):
        yield f"{step.event} of {number} names {told} as who gives it; {had} had it, and no incident is stated."


def is_explained(content: Content) -> bool:
    """Whether an entry says in words why somebody did not sign, and makes that a deviation that is decided about."""
    reason = content.facts.get(UNSIGNED)
    return type(reason) is str and has_letter(reason) and reason in _made(content, "deviation", "reason")


def _is_incident(content: Content) -> bool:
    told = content.facts.get("incident")
    return type(told) is str and any(has_letter(one) and one in told for one in _made(content, "incident", "what"))


def _made(content: Content, table: str, column: str) -> list[str]:
    """The texts of a column in the rows that an entry adds to a table."""
    pairs = (change.set.get(column, (None, None)) for change in content.changes if change.table == table)
    return [new for old, new in pairs if old is None and type(new) is str]


def _is_worded(value: Json) -> bool:
    return type(value) is str and has_letter(value)


def _names(told: Json, name: str) -> bool:
    return type(told) is str and names(told, name)


def _same(told: Json, name: Json) -> bool:
    return type(told) is str and type(name) is str and one_person(told, name)


def _is_text(value: Json) -> bool:
    return type(value) is str and bool(value.strip())
