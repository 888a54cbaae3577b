"""Hands outside the laboratory: who they are, that they sign, and whether the record expects them (REQ-14, REQ-18)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import Connection, select

from chain_of_custody.hand_rules import AWAY, ENDS_OUTSIDE, TO_OUTSIDE, one_person
from chain_of_custody.ledger import Json, SignerRole
from chain_of_custody.names import names
from chain_of_custody.possession_rules import NAMES_WHO_HAS_IT, UNSIGNED, has_two_outside
from chain_of_custody.possession_rules import meets as meets_outside
from chain_of_custody.states import Event, State, Transition
from forensics_app.db.mapping import person_of
from forensics_app.db.tables import PERSON
from forensics_app.errors import RefusedError
from forensics_app.model.custody import CustodyRequest, PaperKind
from forensics_app.model.exhibit import Exhibit
from forensics_app.model.meant import NAME_MEANS, NameMeans
from forensics_app.model.person import Person, PersonId, SignedIn
from forensics_app.services.absences import handed_out_by
from forensics_app.services.judged import is_with_namesake
from forensics_app.services.meant import check_carrier
from forensics_app.services.namesakes import MAY_HOLD, check_stranger

Signers = Sequence[tuple[SignerRole, SignedIn]]

OUT_OF_THE_LAB = frozenset({
    State.LEFT_IN_PLACE, State.IN_TRANSIT, State.LOST_INCIDENT, State.IN_COURT, State.RETAINED_BY_COURT,
    State.TRANSFERRED, State.RETURN_IN,
})  # fmt: skip
STAYS_OUTSIDE = frozenset({Event.SEIZE, Event.CONFIRM_RECEIPT})
"""Events that may name somebody outside, whatever the state is called."""
OUTSIDERS = ("agency", "carrier", "court", "seizing_officer")
TAKEN_BY = {
    Event.SEIZE: "seizing_officer", Event.DISPATCH: "carrier",
    Event.TRANSFER_OUT: "carrier", Event.SEND_BACK: "carrier",
}  # fmt: skip
"""The field that names who has an exhibit after the step: somebody of the lab, if they sign it, or somebody outside."""
SIGNED = (PaperKind.SIGNATURE, PaperKind.FORM)


def role_alone(exhibit: Exhibit, request: CustodyRequest) -> SignerRole:
    """The role in which one person of the lab signs a step, by who stands on the other side."""
    if request.outside_party.strip():
        if request.event == Event.RECEIVE:
            return "receiver"
        if request.event == Event.HAND_OVER:
            return "receiver" if exhibit.holder_id is None else "giver"
    return "actor"


def outside_role(signers: Signers) -> str:
    """Whether somebody outside gives or receives in a step; empty where the signers are all, or one acts alone."""
    roles = [role for role, _ in signers]
    return {"receiver": "giver", "giver": "receiver"}.get(roles[0], "") if len(roles) == 1 else ""


def holder_after(exhibit: Exhibit, request: CustodyRequest, transition: Transition, signers: Signers) -> Person | None:
    """Who of the lab holds an exhibit after a step; None where somebody outside does.

    Somebody of the lab who carries it themselves, or takes it to a court where nobody signs for it, holds it on.
    """
    last, event = signers[-1][1].person, transition.event
    if outside_role(signers) == "receiver" or event is Event.CONFIRM_RECEIPT:
        return None
    if event in TAKEN_BY:
        is_they = one_person if event is Event.SEIZE else names
        if request.fields.get(NAME_MEANS, "").strip() == NameMeans.OTHER:
            return None
        return last if is_they(request.fields.get(TAKEN_BY[event], ""), last.name) else None
    if event is Event.GO_TO_COURT:
        return None if is_signed_for(request) else last
    if event in (Event.HAND_OVER, Event.TAKE_OVER) or (event is Event.CALL_BACK and exhibit.holder_id is not None):
        return last
    return None if transition.to_state in OUT_OF_THE_LAB else last


def as_had(connection: Connection, exhibit: Exhibit, signer: Person) -> Exhibit:
    """The exhibit as somebody holds it whom the record names alone, such as the officer who seized it, and who signs.

    Their key is a better signature than any on paper; only somebody outside of the same name is not them. What lies on
    a shelf is held by any exhibits officer who hands it out.
    """
    if exhibit.holder_id is not None:
        return handed_out_by(exhibit, signer)
    is_theirs = exhibit.state in NAMES_WHO_HAS_IT and one_person(exhibit.holder, signer.name)
    if not is_theirs or is_with_namesake(connection, str(exhibit.id)):
        return exhibit
    return replace(exhibit, holder_id=signer.id)


def had_by_key(connection: Connection, exhibit: Exhibit) -> PersonId | None:
    """Who of the lab has an exhibit and signs for it with a key, even where the record names them alone."""
    if exhibit.holder_id is not None or exhibit.state not in NAMES_WHO_HAS_IT:
        return exhibit.holder_id
    query = select(PERSON).where(PERSON.c.revoked_at.is_(None)).order_by(PERSON.c.id)
    people = (person_of(row) for row in connection.execute(query).mappings())
    named = next((one for one in people if one.roles & MAY_HOLD and one_person(exhibit.holder, one.name)), None)
    return None if named is None else as_had(connection, exhibit, named).holder_id


def meets(exhibit: Exhibit, request: CustodyRequest, transition: Transition, signers: Signers) -> bool:
    """Whether somebody without a key gives or takes the exhibit in a step."""
    return meets_outside(
        transition.event,
        exhibit.state,
        alone=len(signers) == 1,
        before=exhibit.holder_id,
        after=holder_after(exhibit, request, transition, signers),
    )


def is_signed_for(request: CustodyRequest) -> bool:
    """Whether what somebody outside signed is there, drawn on the screen or scanned."""
    return any(kind in request.papers for kind in SIGNED)


def check_outside(
    connection: Connection, exhibit: Exhibit, request: CustodyRequest, transition: Transition, signers: Signers
) -> dict[str, str]:
    """Refuse a step with somebody outside who did not sign, or who is somebody of the lab.

    Returns:
        The fact ``outsider`` where somebody in the register bears the name of a person of the lab; else nothing.

    Raises:
        RefusedError: Nobody outside has part in the step and one is named, there is neither a drawn signature nor a
            scanned form, or the name is that of somebody enrolled.
    """
    party = request.outside_party.strip()
    if (carrier := request.fields.get("carrier", "").strip()) and transition.event in TAKEN_BY:
        check_carrier(connection, carrier, signers[-1][1].person, request.fields.get(NAME_MEANS, "").strip())
    is_met = meets(exhibit, request, transition, signers)
    may_be_named = transition.to_state in OUT_OF_THE_LAB or transition.event in STAYS_OUTSIDE
    if party and not is_met and not may_be_named:
        raise RefusedError(
            f"Nobody outside the laboratory gives or takes {exhibit.number} by this step; {party} is named.",
            then="Leave the other party out, or let two people of the laboratory sign.",
        )
    if is_met and exhibit.state in (State.RECEIVED, State.REFUSED) and transition.event is Event.HAND_OVER:
        raise RefusedError(
            f"{exhibit.number} was received and neither stored nor checked out; it is not handed to somebody outside.",
            then="Send it back, if it was refused. Else check it out first; then hand it over.",
        )
    comes_back = is_met and exhibit.holder_id is None and exhibit.state in (*AWAY, State.SEIZED)
    after = holder_after(exhibit, request, transition, signers)
    if comes_back and not party and (after is not None or transition.event not in TO_OUTSIDE):
        raise RefusedError(
            f"{exhibit.number} is with {exhibit.holder}, who has no key in this laboratory.",
            then="Name who hands it over as the other party; they sign on the screen or on the form.",
        )
    who = party or _told_outside(exhibit, request, transition)
    namesake: dict[str, str] = {}
    if is_met or party:
        is_carried = after is not None and transition.event in TAKEN_BY
        outside = ("agency", "court") if is_carried else ("carrier", "agency", "court")
        beside = [request.fields.get(name, "").strip() for name in outside]
        if is_met and exhibit.holder_id is None and exhibit.state in NAMES_WHO_HAS_IT:
            beside.append(exhibit.holder)
        for told in dict.fromkeys(name for name in (who, *beside) if name):
            has_it = exhibit.holder_id is None and one_person(told, exhibit.holder)
            signing = [by.person for _, by in signers]
            namesake |= check_stranger(connection, exhibit.number, told, signing, has_it=has_it)
    _check_signed(exhibit, request, transition, after, who, is_met=is_met)
    return namesake


def _check_signed(
    exhibit: Exhibit, request: CustodyRequest, transition: Transition, holder: Person | None, who: str, *, is_met: bool
) -> None:
    """Refuse a step that somebody outside did not sign, and of which it is not said why they could not be had to."""
    reason = request.fields.get(UNSIGNED, "").strip()
    if transition.event is Event.TAKE_OVER:
        return
    if reason and (not is_met or transition.event in ENDS_OUTSIDE):
        raise RefusedError(
            f"A reason is given why nobody outside signed, and {exhibit.number} meets nobody outside by this step.",
            then=f"Leave {UNSIGNED} out.",
        )
    if reason or not is_met:
        return
    if not is_signed_for(request):
        raise RefusedError(
            f"{who or 'Somebody outside'} has no key in this laboratory, and no signature of theirs is there.",
            then="Let them sign on the screen (paper signature), or sign the form and add its scan (paper form). "
            f"Where they cannot be had to sign, such as a parcel service, say why in {UNSIGNED}.",
        )
    had_id = None if exhibit.holder_id is None else str(exhibit.holder_id)
    row: dict[str, Json] = {"holder_id": had_id, "holder": exhibit.holder}
    if PaperKind.FORM not in request.papers and has_two_outside(
        transition.event, row, request.fields, after=holder and str(holder.id)
    ):
        raise RefusedError(
            f"{exhibit.number} passes from {exhibit.holder} to somebody else outside, and one of them signed.",
            then=f"Let both sign the form and add its scan (paper form), or say in {UNSIGNED} why one could not.",
        )


def other_than_expected(exhibit: Exhibit, request: CustodyRequest, transition: Transition, signers: Signers) -> str:
    """A sentence where somebody brings an exhibit whom the record does not name as who has it; else empty."""
    party = request.outside_party.strip()
    after = holder_after(exhibit, request, transition, signers)
    is_brought = (
        exhibit.holder_id is None
        and exhibit.state in NAMES_WHO_HAS_IT
        and (request.event not in TO_OUTSIDE or after is not None)
        and meets(exhibit, request, transition, signers)
    )
    if not is_brought or one_person(party, exhibit.holder):
        return ""
    had = "was dispatched with" if exhibit.state is State.IN_TRANSIT else "is recorded with"
    return f"{exhibit.number} {had} {exhibit.holder or 'nobody'}, and was handed over by {party}."


def _told_outside(exhibit: Exhibit, request: CustodyRequest, transition: Transition) -> str:
    """Whom a step names outside in its fields; who has it, where it comes back."""
    told_by = ("carrier", "agency", "court")
    told = next((request.fields[name].strip() for name in told_by if request.fields.get(name, "").strip()), "")
    if transition.event in TO_OUTSIDE:
        return told
    return exhibit.holder if exhibit.holder_id is None and exhibit.state in (*AWAY, State.SEIZED) else told
