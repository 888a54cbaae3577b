"""Hands outside the laboratory: who they are, that they sign, and whether the record expects them (REQ-14, REQ-18)."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection

from chain_of_custody.hand_rules import AWAY, TO_OUTSIDE, meets_outsider
from chain_of_custody.ledger import SignerRole
from chain_of_custody.names import names
from chain_of_custody.states import Event, State, Transition
from forensics_app.errors import RefusedError
from forensics_app.model.custody import CustodyRequest, PaperKind
from forensics_app.model.exhibit import Exhibit
from forensics_app.model.person import Person, SignedIn
from forensics_app.services.namesakes import check_stranger, same_outside

Signers = Sequence[tuple[SignerRole, SignedIn]]

OUT_OF_THE_LAB = frozenset({
    State.LEFT_IN_PLACE, State.IN_TRANSIT, State.LOST_INCIDENT, State.IN_COURT, State.RETAINED_BY_COURT,
    State.TRANSFERRED, State.RETURN_IN,
})  # fmt: skip
STAYS_OUTSIDE = frozenset({Event.SEIZE, Event.CONFIRM_RECEIPT})
"""Events after which nobody of the lab holds the exhibit, whatever the state is called."""
OUTSIDERS = ("agency", "carrier", "court", "seizing_officer")
EXPECTED_FROM = frozenset({State.SEIZED, State.IN_TRANSIT, State.CHECKED_OUT, State.IMAGED, State.UNDER_EXAM})
"""States in which the record names the very person outside who has the exhibit."""
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
    if outside_role(signers) == "receiver" or event in STAYS_OUTSIDE:
        return None
    if event in (Event.DISPATCH, Event.TRANSFER_OUT):
        return last if names(request.fields.get("carrier", ""), last.name) else None
    if event is Event.GO_TO_COURT:
        return None if is_signed_for(request) else last
    if event is Event.HAND_OVER or (event is Event.CALL_BACK and exhibit.holder_id is not None):
        return last
    return None if transition.to_state in OUT_OF_THE_LAB else last


def meets(exhibit: Exhibit, request: CustodyRequest, transition: Transition, signers: Signers) -> bool:
    """Whether somebody without a key gives or takes the exhibit in a step."""
    return meets_outsider(
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
    is_met = meets(exhibit, request, transition, signers)
    may_be_named = transition.to_state in OUT_OF_THE_LAB or transition.event in STAYS_OUTSIDE
    if party and not is_met and not may_be_named:
        raise RefusedError(
            f"Nobody outside the laboratory gives or takes {exhibit.number} by this step; {party} is named.",
            then="Leave the other party out, or let two people of the laboratory sign.",
        )
    if is_met and exhibit.state is State.RECEIVED and transition.event is Event.HAND_OVER:
        raise RefusedError(
            f"{exhibit.number} was received and neither stored nor checked out; it is not handed to somebody outside.",
            then="Check it out first; then hand it over.",
        )
    comes_back = is_met and exhibit.holder_id is None and exhibit.state in AWAY
    if comes_back and not party and transition.event not in TO_OUTSIDE:
        raise RefusedError(
            f"{exhibit.number} is with {exhibit.holder}, who has no key in this laboratory.",
            then="Name who hands it over as the other party; they sign on the screen or on the form.",
        )
    who = party or _told_outside(exhibit, request, transition)
    namesake: dict[str, str] = {}
    if is_met or party:
        beside = (request.fields.get(name, "").strip() for name in ("carrier", "agency", "court"))
        for told in dict.fromkeys(name for name in (who, *beside) if name):
            has_it = exhibit.holder_id is None and same_outside(told, exhibit.holder)
            signing = [by.person for _, by in signers]
            namesake |= check_stranger(connection, exhibit.number, told, signing, has_it=has_it)
    if is_met and not is_signed_for(request):
        raise RefusedError(
            f"{who or 'Somebody outside'} has no key in this laboratory, and no signature of theirs is there.",
            then="Let them sign on the screen (paper signature), or sign the form and add its scan (paper form).",
        )
    return namesake


def other_than_expected(exhibit: Exhibit, request: CustodyRequest, signers: Signers) -> str:
    """A sentence where somebody brings an exhibit whom the record does not name as who has it; else empty."""
    party = request.outside_party.strip()
    is_brought = outside_role(signers) == "giver" and exhibit.holder_id is None and exhibit.state in EXPECTED_FROM
    if not is_brought or not exhibit.holder or same_outside(party, exhibit.holder):
        return ""
    had = "was dispatched with" if exhibit.state is State.IN_TRANSIT else "is recorded with"
    return f"{exhibit.number} {had} {exhibit.holder}, and was handed over by {party}."


def _told_outside(exhibit: Exhibit, request: CustodyRequest, transition: Transition) -> str:
    """Whom a step names outside in its fields; who has it, where it comes back."""
    names = ("carrier", "agency", "court")
    told = next((request.fields[name].strip() for name in names if request.fields.get(name, "").strip()), "")
    if transition.event in TO_OUTSIDE:
        return told
    return exhibit.holder if exhibit.holder_id is None and exhibit.state in AWAY else told
