"""Whether a step of custody was allowed: the arrow, where it led, and who signed it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from chain_of_custody.absence_rules import stands_in, take_over_breaches
from chain_of_custody.body import Content
from chain_of_custody.canonical import Json
from chain_of_custody.hand_rules import FIFTH, SECOND, hand_breaches, meets_outsider
from chain_of_custody.keyring import KeyRing
from chain_of_custody.offer_rules import Offer
from chain_of_custody.possession_rules import INTAKE, NAMES_WHO_HAS_IT, Passing, had_by, is_alone, passing_breaches
from chain_of_custody.rule_sets import FIRST, REFUSED
from chain_of_custody.states import arrow
from chain_of_custody.vocabulary import Event, State, Transition

_BY_INTAKE: Final = frozenset((Event.IMAGE, Event.IMAGE_ON_SCENE))
_ABOUT_DISPOSAL: Final = frozenset((Event.PROPOSE_DISPOSAL, Event.REJECT_DISPOSAL))


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """What the entries before a step add up to.

    Attributes:
        row: the columns of the exhibit.
        offers: by digest, hexadecimal, of the entry that offers.
        at: time of the step as `utc_text` writes it.
        rules: number of the rules that hold (`rule_sets`).
        is_outsider: whether who holds it is somebody outside with the name of a person of the laboratory.
        last_step: place of the last step of the exhibit in the chain, from 1; 0 where it took none.
    """

    row: Mapping[str, Json]
    offers: Mapping[str, Offer]
    keyring: KeyRing
    at: str
    rules: int = FIRST
    is_outsider: bool = False
    last_step: int = 0

    @property
    def holder(self) -> Json:
        """UUID of the person who holds it; None when somebody without a key does."""
        return self.row.get("holder_id")


def told_step(content: Content) -> str | None:
    """Return the event that an entry says it is; None for an entry that is no step of the custody of an exhibit."""
    if content.object.kind != "exhibit":
        return None
    if content.action == INTAKE:
        event = content.facts.get("event")
        return event if type(event) is str else None
    return event_in(content.action)


def event_in(action: str) -> str | None:
    """Return the event that an action of custody names; None for an attempt that was refused, and for other actions."""
    if action == REFUSED or not action.startswith("custody."):
        return None
    return action.removeprefix("custody.")


def step_breaches(content: Content, event: str, before: Before, after: Mapping[str, Json]) -> Iterator[str]:
    """Say what was not allowed about a step.

    Args:
        content: the entry.
        event: as `told_step` returns it.
        before: what was there.
        after: the columns of the exhibit after it.
    """
    number, state = before.row.get("number"), before.row.get("state")
    told_before, before = before, _as_had(content, before)
    taken = arrow(state, event, before.row.get("type"))
    if taken is not None and taken.since_rules > before.rules:
        taken = None
    is_elsewhere = state == State.RECEIVED and before.holder is None and event != Event.CALL_BACK
    if taken is None or is_elsewhere or (content.action == INTAKE and event not in _BY_INTAKE):
        where = " with another agency" if is_elsewhere else ""
        yield f"{event} is not possible for {number}, which is {state}{where}.".replace("_", " ")
        return
    if after.get("state") != taken.to_state:
        yield f"{event} leads {number} to {after.get('state')}, not to {taken.to_state}.".replace("_", " ")
    told = tuple(content.facts.get(name) for name in ("event", "from_state", "to_state"))
    if told != (event, state, taken.to_state):
        yield f"it does not state the step that {number} took: {event} from {state} to {taken.to_state}."
    yield from _signer_breaches(content, taken, before, after)
    holder = after.get("holder_id")
    if before.rules == SECOND:
        alone = is_alone(content)
        of_intake = content.action == INTAKE
        if meets_outsider(event, state, alone=alone, before=before.holder, after=holder, is_intake=of_intake):
            yield from hand_breaches(content, event, number)
    elif before.rules > SECOND:
        step = Passing(
            content=content,
            event=event,
            was=told_before.row,
            before=before.row,
            after=after,
            keyring=before.keyring,
            at=before.at,
            rules=before.rules,
        )
        yield from passing_breaches(step)
    if holder not in (None, told_before.holder, content.signers[-1].person):
        yield f"it puts {number} into the hands of somebody who does not sign."


def _as_had(content: Content, before: Before) -> Before:
    """The same as who gives it has it, though the record has it otherwise (third rules).

    They are recorded by name alone and sign with their key now, or hand out what another put on the shelf.
    """
    giver, name = gives(content, before.offers)
    if before.rules <= SECOND or giver is None:
        return before
    is_named = before.row.get("state") in NAMES_WHO_HAS_IT and not before.is_outsider
    if (is_named and had_by(before.row, name)) or stands_in(before.row, giver, before.keyring, before.at):
        return replace(before, row={**before.row, "holder_id": giver})
    return before


def gives(content: Content, offers: Mapping[str, Offer]) -> tuple[str | None, str]:
    """Return UUID and name of who signs a step with a key as who had the exhibit: the first signer, or by the offer.

    Args:
        content: the entry.
        offers: those that nobody answered, by digest.
    """
    first = content.signers[0]
    if first.role != "receiver":
        return first.person, first.name
    offer = offers.get(str(content.facts.get("offer")))
    if offer is None or offer.exhibit != content.object.id:
        return None, ""
    return offer.giver, offer.name


def _signer_breaches(content: Content, taken: Transition, before: Before, after: Mapping[str, Json]) -> Iterator[str]:
    number, roles = before.row.get("number"), tuple(slot.role for slot in content.signers)
    people = [slot.person for slot in content.signers]
    if len(set(people)) != len(people):
        yield f"one person signs twice for {number}."
    if before.rules >= FIFTH and "offer" in content.facts and roles != ("receiver",):
        yield f"{taken.event} of {number} names an offer, and is not signed by its receiver alone."
    if taken.signatures == ("actor", "witness"):
        yield from _of_an_end(content, before)
    elif taken.event == Event.TAKE_OVER:
        yield from take_over_breaches(content, before.row, before.keyring, before.at)
    elif roles == ("giver", "receiver"):
        if people[0] != before.holder:
            yield f"{content.signers[0].name} gives {number} and did not hold it."
    elif roles == ("receiver",) and "offer" in content.facts:
        yield from _of_an_offer(content, before)
    elif roles == ("receiver",) and taken.event == Event.RECEIVE:
        if before.holder is not None:
            yield f"{number} was held by somebody of the laboratory, who does not sign as the giver."
    elif before.rules >= SECOND and taken.event == Event.HAND_OVER and roles in (("giver",), ("receiver",)):
        yield from _of_hands_outside(content, before, after)
    elif roles != ("actor",) or taken.signatures != ("actor",):
        needed = " and ".join(taken.signatures)
        yield f"{taken.event} needs the signatures of {needed}; it has those of {' and '.join(roles)}."
    elif taken.event not in _BY_INTAKE | _ABOUT_DISPOSAL and before.holder not in (None, people[0]):
        yield f"{content.signers[0].name} takes {number} out of the hands of somebody who does not sign."


def _is_gone(person: str, before: Before) -> bool:
    """Whether it is known that somebody has no key by the time of the step."""
    return before.keyring.is_known(before.at) and not before.keyring.is_in_force(person, before.at)


def _of_hands_outside(content: Content, before: Before, after: Mapping[str, Json]) -> Iterator[str]:
    """One of the laboratory hands over to, or takes from, somebody who has no key."""
    number, (slot,) = before.row.get("number"), content.signers
    if slot.role == "receiver":
        if before.holder is not None:
            yield f"{number} was held by somebody of the laboratory, who does not sign as the giver."
        return
    if "offer" in content.facts:
        yield f"{slot.name} gives {number} and names an offer, which a receiver accepts."
    if before.holder != slot.person:
        yield f"{slot.name} gives {number} and did not hold it."
    if after.get("holder_id") is not None:
        yield f"{slot.name} gives {number} to nobody who signs, and somebody of the laboratory holds it then."
    if before.row.get("state") in (State.RECEIVED, State.REFUSED):
        yield f"{number} was received and neither stored nor checked out; nobody outside takes it."


def _of_an_end(content: Content, before: Before) -> Iterator[str]:
    number = before.row.get("number")
    if tuple(slot.role for slot in content.signers) != ("actor", "witness"):
        yield f"{content.action} of {number} needs the signatures of who does it and of a witness."
    if content.actor.id != content.signers[0].person:
        yield f"{content.action} of {number} is the act of its witness."
    signed = (None, *(slot.person for slot in content.signers))
    if before.holder not in signed and before.keyring.is_in_force(str(before.holder), before.at):
        yield f"{number} was held by somebody who neither does it nor witnesses it."
    if not any(change.table == "disposal" for change in content.changes):
        yield f"{content.action} of {number} follows no disposal that was approved."


def _of_an_offer(content: Content, before: Before) -> Iterator[str]:
    number, offer = before.row.get("number"), before.offers.get(str(content.facts["offer"]))
    if offer is None or offer.exhibit != content.object.id or offer.event != content.facts.get("event"):
        yield f"it accepts an offer of {number} that was not made, or was answered."
    elif offer.giver is None or offer.giver != before.holder:
        yield f"it accepts an offer of {number} by somebody who did not hold it."
    elif offer.giver == content.signers[0].person:
        yield f"{content.signers[0].name} accepts their own offer of {number}."
    elif before.rules >= FIFTH and _is_gone(offer.giver, before):
        yield f"it accepts an offer of {number} by {offer.name}, whose key had ended."
    elif before.rules >= FIFTH and offer.receiver != content.signers[0].person:
        yield f"{content.signers[0].name} accepts an offer of {number} that was made to another."
    elif before.rules >= FIFTH and (offer.place < before.last_step or offer.from_state != before.row.get("state")):
        yield f"it accepts an offer of {number} that lapsed: another step was taken since."
