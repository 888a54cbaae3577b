"""What can be done about an exhibit beside the machine's steps: offers, incidents, legal holds, the end of custody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from forensics_app.errors import RefusedError
from forensics_app.model.disposal import CarryingOut, DisposalState, NewDisposal, NewHold, Way
from forensics_app.model.exhibit import State
from forensics_app.model.person import Role
from ui.custody.ask_sheet import Answers, Asked
from ui.custody.step import BETWEEN_HANDS

if TYPE_CHECKING:
    from forensics_app.bootstrap import Lab
    from forensics_app.model.disposal import Disposal, Hold
    from forensics_app.model.exhibit import Exhibit
    from forensics_app.model.incident import Incident
    from forensics_app.model.offer import Offer
    from forensics_app.model.person import Person, SignedIn


class Act(StrEnum):
    """An act of the menu."""

    OFFER = "offer"
    REPORT = "report"
    HOLD = "hold"
    LIFT = "lift"
    PROPOSE = "propose"
    CARRY_OUT = "carry-out"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What is open about an exhibit: its incidents, the holds in force on it, a disposal and an offer that wait.

    ``may_pass`` says that a step into another person's hands is open.
    """

    incidents: tuple[Incident, ...] = ()
    holds: tuple[Hold, ...] = ()
    disposal: Disposal | None = None
    offer: Offer | None = None
    may_pass: bool = False


def read_standing(lab: Lab, exhibit: Exhibit) -> Standing:
    """Read what is open about an exhibit."""
    incidents = lab.incidents.of_exhibit(exhibit.id)
    return Standing(
        incidents=tuple(one for one in incidents if one.is_open),
        holds=lab.holds.in_force_on(exhibit),
        disposal=lab.disposals.of_exhibit(exhibit.id),
        offer=next((one for one in lab.offers.open() if one.exhibit_id == exhibit.id), None),
        may_pass=any(one.event in BETWEEN_HANDS for one in lab.custody.possible(exhibit.id)),
    )


def standing_words(standing: Standing) -> str:
    """What a reader of the exhibit's line has to know, most urgent first; empty where nothing is open."""
    parts = [_tr("open incident: {what}").format(what=one.what.rstrip(".")) for one in standing.incidents]
    parts += [_tr("legal hold: {authority}").format(authority=one.authority) for one in standing.holds]
    if standing.disposal:
        parts.append(_tr("disposal {state}").format(state=standing.disposal.state.value))
    return " · ".join(parts)


def acts_open(standing: Standing, exhibit: Exhibit, person: Person) -> tuple[Act, ...]:
    """The acts that ``person`` may take now."""
    if not person.roles & {Role.EXAMINER, Role.EXHIBITS_OFFICER, Role.SUPERVISOR}:
        return ()
    acts = [Act.REPORT, Act.HOLD]
    if standing.may_pass and standing.offer is None and exhibit.holder_id == person.id:
        acts.insert(0, Act.OFFER)
    if standing.holds and Role.SUPERVISOR in person.roles:
        acts.append(Act.LIFT)
    if exhibit.state is State.STORED:
        acts.append(Act.PROPOSE)
    if standing.disposal and standing.disposal.state is DisposalState.APPROVED:
        acts.append(Act.CARRY_OUT)
    return tuple(acts)


def act_words(act: Act) -> str:
    """What an act is called."""
    return {
        Act.OFFER: _tr("Offer to another person"),
        Act.REPORT: _tr("Report an incident"),
        Act.HOLD: _tr("Place a legal hold"),
        Act.LIFT: _tr("Lift a legal hold"),
        Act.PROPOSE: _tr("Propose disposal"),
        Act.CARRY_OUT: _tr("Carry out the disposal"),
    }[act]


def way_words(way: Way) -> str:
    """What a way to end custody is called."""
    return {
        Way.RETURN_TO_OWNER: _tr("Return to the owner"),
        Way.DESTROY: _tr("Destroy"),
        Way.FORFEIT: _tr("Forfeit"),
        Way.ARCHIVE: _tr("Archive"),
    }[way]


def fields_of(act: Act, standing: Standing) -> tuple[Asked, ...]:
    """What an act asks for."""
    authority = Asked(
        name="authority", title=_tr("Authority"), sentence=_tr("State who ordered it, and under which number.")
    )
    reason = Asked(name="reason", title=_tr("Reason"), sentence=_tr("State the reason."), lines=2)
    match act:
        case Act.REPORT:
            what = Asked(
                name="what", title=_tr("What happened"), sentence=_tr("Say what happened."), lines=3, in_words=True
            )
            return (what,)
        case Act.HOLD:
            scope = (_tr("This exhibit and what comes from it"), _tr("The whole case"))
            return (Asked(name="scope", title=_tr("What is held"), options=scope), authority, reason)
        case Act.LIFT:
            held = tuple(f"{one.number or _tr('Whole case')}: {one.authority}" for one in standing.holds)
            return (Asked(name="hold", title=_tr("Legal hold"), options=held), authority, reason)
        case Act.PROPOSE:
            ways = tuple(way_words(way) for way in Way)
            return (
                Asked(name="way", title=_tr("How it ends"), options=ways),
                Asked(name="method", title=_tr("Method"), sentence=_tr("State the method of disposal.")),
                authority,
                Asked(name="recipient", title=_tr("Who receives it"), hint=_tr("Nobody, where it is destroyed.")),
            )
    return (
        Asked(name="place", title=_tr("Place")),
        Asked(name="remarks", title=_tr("Remarks"), lines=2),
    )


def statement_of(act: Act, exhibit: Exhibit, standing: Standing) -> str:
    """What is signed, in a sentence, before the particulars."""
    if act is Act.CARRY_OUT and standing.disposal:
        disposal = standing.disposal
        to = _tr(" to {who}").format(who=disposal.recipient) if disposal.recipient else ""
        return _tr("Exhibit {number}, {what}: {way}{to}, {method}; {authority}; approved by {name}.").format(
            number=exhibit.number, what=exhibit.description, way=way_words(disposal.way).lower(), to=to,
            method=disposal.method, authority=disposal.authority, name=disposal.decided_by,
        )  # fmt: skip
    words = act_words(act)
    return _tr("Exhibit {number}, {what}: {act}.").format(
        number=exhibit.number, what=exhibit.description, act=words[:1].lower() + words[1:]
    )


def take(
    lab: Lab, actor: SignedIn, act: Act, exhibit: Exhibit, standing: Standing, told: Answers, now: datetime
) -> None:
    """Do what was asked; ``now`` is when it happened.

    Raises:
        AppError: It was refused.
    """
    fields = told.fields
    match act:
        case Act.REPORT:
            lab.incidents.report(actor, exhibit.id, fields["what"])
        case Act.HOLD:
            exhibit_id = exhibit.id if told.chosen["scope"] == 0 else None
            new = NewHold(
                case_id=exhibit.case_id, exhibit_id=exhibit_id, authority=fields["authority"], reason=fields["reason"]
            )
            lab.holds.place(actor, new)
        case Act.LIFT:
            hold = standing.holds[told.chosen["hold"]]
            lab.holds.lift(actor, hold.id, fields["authority"], fields["reason"])
        case Act.PROPOSE:
            disposal = NewDisposal(
                exhibit_id=exhibit.id, way=tuple(Way)[told.chosen["way"]], method=fields["method"],
                authority=fields["authority"], recipient=fields["recipient"], occurred_at=now,
            )  # fmt: skip
            lab.disposals.propose(actor, disposal)
        case Act.CARRY_OUT:
            _carry_out(lab, actor, standing, told, now)


def _carry_out(lab: Lab, actor: SignedIn, standing: Standing, told: Answers, now: datetime) -> None:
    if standing.disposal is None or told.witness is None:
        raise RefusedError(_tr("Choose the witness."))
    witness = lab.people.sign_in(told.witness.name, told.passphrase)
    try:
        done = CarryingOut(
            disposal_id=standing.disposal.id,
            occurred_at=now,
            place=told.fields["place"],
            remarks=told.fields["remarks"],
            papers=told.papers,
        )
        lab.disposals.carry_out(actor, witness, done)
    finally:
        witness.key.close()


def _tr(words: str) -> str:
    return QCoreApplication.translate("CustodyFurther", words)
