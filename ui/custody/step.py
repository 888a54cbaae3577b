"""A step of custody as it is asked for: what must be filled in, who signs, and what it makes of the answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from forensics_app.model.corrections import told_now
from forensics_app.model.custody import AWAY, STAYS_PUT, UNSIGNED, Event
from forensics_app.model.exhibit import State
from forensics_app.model.image import hash_pairs
from forensics_app.model.incident import SealCondition, seal_condition, seal_is_asked
from forensics_app.model.person import Role
from ui.place_field import PlacesKnown

if TYPE_CHECKING:
    from forensics_app.model.custody import CustodyEvent, Transition
    from forensics_app.model.exhibit import Exhibit
    from forensics_app.model.image import EvidenceImage
    from forensics_app.model.person import Person
    from ui.custody.reading import CustodyView

MAY_HOLD = frozenset({Role.EXAMINER, Role.EXHIBITS_OFFICER, Role.SUPERVISOR})
OFFERED_FIRST = (
    Event.TAKE_OVER, Event.RECEIVE, Event.CHECK_OUT, Event.RETURN_TO_STORE, Event.STORE, Event.SEND_BACK,
    Event.ACCEPT_REFUSED, Event.HAND_OVER, Event.DISPATCH,
)  # fmt: skip
"""Steps with a button of their own, in this order; the others are in the menu."""
BETWEEN_HANDS = frozenset({Event.CHECK_OUT, Event.RETURN_TO_STORE, Event.HAND_OVER})
"""Steps from one person's hands into another's; these can also be offered, and accepted later."""
_PEOPLE = frozenset({"giver", "receiver", "exhibit_number"})
_TAKEN_OUTSIDE = frozenset({Event.DISPATCH, Event.TRANSFER_OUT, Event.SEND_BACK, Event.RETAIN_BY_COURT})
"""Steps by which somebody outside takes it, and signs."""
_ARRIVING_SOMEWHERE = frozenset({Event.DISPATCH, Event.TRANSFER_OUT, Event.SEND_BACK})
_NOT_LEAVING = frozenset({State.RECEIVED, State.REFUSED})
"""States in which nothing is handed to somebody outside: it was received, and neither stored nor checked out."""
_RESEALING = frozenset({Event.STORE, Event.RETURN_TO_STORE})
_SEALED_MOVES = frozenset({Event.STORE, Event.CHECK_OUT, Event.RETURN_TO_STORE, Event.HAND_OVER, Event.RECEIVE})


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldAsked:
    """One field of the form; ``sentence`` asks for it when it is required, and is empty when it is not."""

    name: str
    sentence: str = ""
    value: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A step that is open for an exhibit.

    ``givers`` are those of the lab of whom one signs as who gives it: who holds it, any exhibits officer for what lies
    on a shelf, the supervisor for what is taken over. ``absent`` has it by the record and need not sign.
    ``from_outside`` says that somebody without a key hands it over, so that one person of the lab signs;
    ``between_hands`` that both a giver and a receiver sign; ``may_leave`` that it may also pass to somebody outside.
    ``enrolled`` are the names of everybody with a key. ``wants_seal`` says that it goes onto the shelf with a seal that
    was found broken or missing, so that a new one is to be put on.
    """

    exhibit: Exhibit
    transition: Transition
    givers: tuple[Person, ...]
    absent: Person | None
    receivers: tuple[Person, ...]
    fields: tuple[FieldAsked, ...]
    from_outside: bool
    between_hands: bool
    may_stay: bool
    may_leave: bool = False
    enrolled: tuple[str, ...] = ()
    wants_seal: bool = False

    @property
    def event(self) -> str:
        """The name of the step."""
        return self.transition.event.value

    @property
    def giver(self) -> Person | None:
        """Who gives it as far as is known: whoever holds it, or comes first."""
        return self.givers[0] if self.givers else None

    @property
    def is_order(self) -> bool:
        """Whether a supervisor orders it in the stead of somebody whose key ended."""
        return self.transition.event is Event.TAKE_OVER


def in_order(steps: Sequence[Transition]) -> list[Transition]:
    """The usual steps first, then the others as they come."""
    usual = {event: at for at, event in enumerate(OFFERED_FIRST)}
    return sorted(steps, key=lambda one: usual.get(one.event, len(usual)))


def is_left(view: CustodyView) -> bool:
    """Whether who has the exhibit cannot sign any more."""
    return any(one.event is Event.TAKE_OVER for one in view.steps)


def steps_for(view: CustodyView, actor: Person) -> list[Transition]:
    """The steps that are offered to ``actor``; only supervisors order that something is taken over."""
    is_supervisor = Role.SUPERVISOR in actor.roles
    return [one for one in view.steps if is_supervisor or one.event is not Event.TAKE_OVER]


def step_of(view: CustodyView, exhibit: Exhibit, transition: Transition, actor: Person) -> Step:
    """Work out who signs a step and what is asked for it.

    An exhibit that somebody of the lab holds leaves their hands with two signatures only. The holder may take a step
    alone where the exhibit stays with them, such as putting it on a shelf. Any exhibits officer stands for who put
    something on a shelf.
    """
    holder_id = view.had_by if view.exhibit is not None and view.exhibit.id == exhibit.id else exhibit.holder_id
    holder = next((person for person in view.people if person.id == holder_id), None)
    givers = _givers(view, exhibit, transition, holder, actor)
    two = transition.signatures[1:] == ("receiver",)
    comes_back = exhibit.state in (*AWAY, State.SEIZED) and transition.event is not Event.RETAIN_BY_COURT
    from_outside = holder is None and (transition.event in (Event.RECEIVE, Event.HAND_OVER) or comes_back)
    is_holder = holder is not None and actor in givers
    between = holder is not None and (two or not is_holder or transition.event in BETWEEN_HANDS)
    may_stay = between and is_holder and not two
    may_leave = is_holder and transition.event is Event.HAND_OVER and exhibit.state not in _NOT_LEAVING
    receivers = [
        person
        for person in view.people
        if person.revoked_at is None and person.roles & MAY_HOLD and person not in givers[:1]
    ]
    return Step(
        exhibit=exhibit,
        transition=transition,
        givers=givers,
        absent=holder if holder is not None and holder not in givers[:1] else None,
        receivers=tuple(receivers),
        fields=tuple(_fields(view, exhibit, transition, from_outside=from_outside, may_leave=may_leave)),
        from_outside=from_outside,
        between_hands=between,
        may_stay=may_stay,
        may_leave=may_leave,
        enrolled=tuple(person.name for person in view.people if person.revoked_at is None),
        wants_seal=_wants_seal(view, exhibit, transition),
    )


def _wants_seal(view: CustodyView, exhibit: Exhibit, transition: Transition) -> bool:
    if transition.event not in _RESEALING or not exhibit.seal_number:
        return False
    events = [one for one in view.events if one.object_id == str(exhibit.id)]
    for step in reversed([one for one in events if one.is_step]):
        found = seal_condition(told_now(events, step.sequence).get("seal_check", ""))
        if found not in (None, SealCondition.NOT_CHECKED):
            return found in (SealCondition.BROKEN, SealCondition.MISSING, SealCondition.UNSEALED)
    return False


def _givers(
    view: CustodyView, exhibit: Exhibit, transition: Transition, holder: Person | None, actor: Person
) -> tuple[Person, ...]:
    if holder is None or transition.event is Event.TAKE_OVER:
        return () if holder is None else (actor,)
    if exhibit.state not in STAYS_PUT:
        return (holder,)
    officers = [one for one in view.people if one.id == holder.id or Role.EXHIBITS_OFFICER in one.roles]
    in_force = [one for one in officers if one.revoked_at is None]
    return tuple(sorted(in_force, key=lambda one: (one.id != actor.id, one.id != holder.id)))


def places_known(view: CustodyView, events: tuple[CustodyEvent, ...]) -> PlacesKnown:
    """The register of places, and other places and shelves that the case has named already, as suggestions."""
    named = [exhibit.place for exhibit in view.exhibits]
    named += [event.fact(name) for event in events for name in ("place", "shelf")]
    return PlacesKnown(lines=view.places, named=tuple(dict.fromkeys(place for place in named if place)))


def _fields(
    view: CustodyView, exhibit: Exhibit, transition: Transition, *, from_outside: bool, may_leave: bool
) -> list[FieldAsked]:
    asked = []
    if may_leave:
        asked.append(FieldAsked(name="outside_party", sentence=_tr("Name the person outside who takes it.")))
    if from_outside:
        asked.append(
            FieldAsked(
                name="outside_party",
                sentence=_tr("Name the person who hands it over."),
                value="" if exhibit.state is State.TRANSFERRED else exhibit.holder,
            )
        )
    known = _known(exhibit, view.images)
    gates = {gate.field: gate.sentence for gate in transition.gates if gate.field not in _PEOPLE}
    if exhibit.seal_number and seal_is_asked(transition):
        gates = {**gates, "seal_number": gates.get("seal_number") or _tr("Read the number on the seal.")}
        gates.setdefault("seal_check", _tr("State the condition of the seal."))
    asked += [FieldAsked(name=name, sentence=sentence, value=known.get(name, "")) for name, sentence in gates.items()]
    if transition.event in _SEALED_MOVES and exhibit.seal_number:
        more = [name for name in ("seal_number", "seal_check") if name not in gates]
        asked += [FieldAsked(name=name, value=known.get(name, "")) for name in more]
    if any(one.name == "seal_check" for one in asked):
        asked.append(FieldAsked(name="seal_remarks"))
    if transition.event is Event.CHECK_OUT:
        asked.append(FieldAsked(name="place"))
    if transition.event in _ARRIVING_SOMEWHERE:
        asked.append(FieldAsked(name="due", sentence=_tr("State when it, or the receipt for it, is due.")))
    if from_outside or may_leave or transition.event in _TAKEN_OUTSIDE:
        sentence = _tr(
            "Let the person sign here, choose the form that was signed on paper, or say below why nobody signed."
        )
        if from_outside and transition.event is Event.DISPATCH:
            sentence = _tr("Choose the form that both signed, scanned; who carries on what they had may sign here.")
        asked += [FieldAsked(name="signature", sentence=sentence), FieldAsked(name="form")]
        asked.append(FieldAsked(name=UNSIGNED))
    elif transition.event is Event.GO_TO_COURT:
        asked += [FieldAsked(name="signature"), FieldAsked(name="form")]
    return asked


def _tr(words: str) -> str:
    return QCoreApplication.translate("StepForm", words)


def _known(exhibit: Exhibit, images: tuple[EvidenceImage, ...]) -> Mapping[str, str]:
    """What the record already says and the person only has to confirm; what stands on a seal is read anew."""
    blocker = next((image.write_blocker.device for image in images if image.write_blocker.device), "")
    return {
        "condition": exhibit.condition,
        "hash_pair": hash_pairs(images),
        "write_blocker": blocker,
    }
