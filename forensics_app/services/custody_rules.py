"""What a step of custody asks for, what it changes and what its entry states."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from chain_of_custody.absence_rules import KEY_ENDED
from chain_of_custody.ledger import Json
from chain_of_custody.rule_sets import RULES, STATED
from chain_of_custody.seal_faults import TOLD_BEFORE
from chain_of_custody.states import Event, State, Transition
from forensics_app.db.mapping import Values, time_text, told_text
from forensics_app.errors import RefusedError
from forensics_app.model.custody import NOT_SIGNED, ON_PAPER, ON_SCREEN, CustodyRequest, PaperKind
from forensics_app.model.exhibit import Exhibit, ExhibitType
from forensics_app.model.person import Person
from forensics_app.model.wording import field_words
from forensics_app.services.absences import STORED_BY
from forensics_app.services.hands import OUTSIDERS, Signers, outside_role
from forensics_app.services.papers import KeptPaper
from forensics_app.services.told_times import check_told, read_due, read_told

NOBODY_OF_THE_LAB = "Nobody of the laboratory"
"""Who holds what was never taken away from where it was found."""
STILL_OUT = (State.CHECKED_OUT, State.IMAGED, State.UNDER_EXAM, State.IN_COURT)
"""States in which an exhibit that was checked out is still due."""
PARTIES = frozenset({"giver", "receiver", "actor"})
OF_THE_PROGRAM = frozenset({
    "event", "from_state", "to_state", "occurred_at", "seal_before", "offer", "offer_entry", "offered", "offered_to",
    "leads_to", "incident", "deviation", "clock", "proposed_by", "approved_by", "carried_out_by", "legal_hold_check",
    "outsider", "form_also_of", KEY_ENDED, STORED_BY, STATED, TOLD_BEFORE,
})  # fmt: skip
"""Facts of a step that nobody types in."""
DUE = ("expected_return", "due")
"""Fields that say when an exhibit, or the receipt for it, is to be there again; what is late is told (REQ-22)."""


def with_papers(fields: Mapping[str, str], papers: tuple[KeptPaper, ...]) -> dict[str, str]:
    """What was filled in; a paper is there when its file is, whatever was typed."""
    typed = {name: value for name, value in fields.items() if name not in set(PaperKind)}
    return typed | {paper.kind.value: paper.source.name for paper in papers}


def why_not_here(exhibit: Exhibit, event: Event) -> str:
    """Why a step that its state allows cannot be taken; empty where it can.

    An agency that confirms the receipt has received an exhibit, and the laboratory has not: it can only be called back.
    """
    if exhibit.type is ExhibitType.MEDIUM and event in (Event.SEIZE, Event.LEAVE_IN_PLACE):
        return f"{exhibit.number} belongs to the laboratory: nobody seizes it, and it is no find of a scene."
    is_with_agency = exhibit.state is State.RECEIVED and exhibit.holder_id is None
    if is_with_agency and event is not Event.CALL_BACK:
        return f"{exhibit.number} is with {exhibit.holder}, who confirmed the receipt; it can only be called back."
    if exhibit.state is State.RECEIVED and event is Event.CALL_BACK and not is_with_agency:
        return f"{exhibit.number} is in the laboratory; there is nothing to call back."
    return ""


def check_told_fields(request: CustodyRequest) -> None:
    """Refuse fields by which somebody would be told to be a party, or what the program itself writes.

    Who gave and who received is told by the signatures, and of somebody without a key by ``outside_party``.
    """
    names = {name.strip().lower() for name, value in request.fields.items() if value.strip()}
    if parties := sorted(names & PARTIES):
        raise RefusedError(
            f"{' and '.join(parties)} cannot be typed in: who gives and who receives is told by who signs.",
            then="Let them sign; name somebody without a key in this lab as the other party.",
        )
    written = sorted(name for name in names if name in OF_THE_PROGRAM or name.endswith("_sha256"))
    if written:
        raise RefusedError(f"{', '.join(written)} cannot be typed in: the program writes it.", then="Leave it out.")


def check_times(request: CustodyRequest, now: datetime) -> None:
    """Refuse a step that has not happened yet, and a due time that is none, has no zone or comes before (REQ-13)."""
    check_told(f"{request.event.replace('_', ' ').capitalize()}", request.occurred_at, now)
    for name in DUE:
        if told := request.fields.get(name, "").strip():
            read_due(field_words(name), told, request.occurred_at)


def as_told(fields: Mapping[str, str]) -> dict[str, str]:
    """What was filled in, as an entry states it: times in one form of ISO 8601, however they were typed.

    Raises:
        RefusedError: A time until which something is due is none.
    """
    told = {name: value.strip() for name, value in fields.items() if value.strip()}
    return told | {name: read_told(field_words(name), told[name]).isoformat() for name in DUE if name in told}


def values_after(
    exhibit: Exhibit, request: CustodyRequest, transition: Transition, holder: Person | None, now: datetime
) -> Values:
    """The columns of an exhibit after a step; ``holder`` has it then, or somebody outside the laboratory."""
    told = as_told(request.fields)
    values: Values = {
        "state": transition.to_state.value,
        "state_since": time_text(now),
        "place": told.get("shelf") or told.get("place") or told.get("agency") or exhibit.place,
        "seal_number": told.get("seal_number") or exhibit.seal_number,
        "condition": told.get("condition") or exhibit.condition,
    }
    due = next((told[name] for name in DUE if told.get(name)), None)
    if due is not None or transition.to_state not in (*STILL_OUT, transition.from_state):
        values["expected_back"] = due
    if transition.event is Event.SEIZE:
        values |= {
            "seized_at": told_text(request.occurred_at),
            "seized_by": told["seizing_officer"],
            "seizure_witness": told["witness"],
            "seized_place": told.get("place") or exhibit.seized_place,
        }
    if holder is None:
        outside = request.outside_party.strip() or next((told[name] for name in OUTSIDERS if told.get(name)), "")
        if transition.event is Event.DISPATCH:
            outside = told["carrier"]
        had = exhibit.holder if exhibit.holder_id is None or transition.event is not Event.CONFIRM_RECEIPT else ""
        left = transition.to_state is State.LEFT_IN_PLACE
        values |= {"holder_id": None, "holder": outside or (NOBODY_OF_THE_LAB if left else had or exhibit.place)}
    else:
        values |= {"holder_id": str(holder.id), "holder": holder.name}
    return values


def told_words(value: str) -> str:
    """A value as people read it: a time with its offset apart, anything else as it is."""
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return value
    if moment.utcoffset() is None:
        return value
    return f"{moment:%Y-%m-%d %H:%M} {moment.isoformat()[-6:]}"


def gate_fields(exhibit: Exhibit, request: CustodyRequest, signers: Signers) -> dict[str, object]:
    """What was filled in, by the names of the machine's gates; people of the lab by id."""
    people: dict[str, object] = {role: str(signed.person.id) for role, signed in signers if role != "actor"}
    if (outside := outside_role(signers)) and request.outside_party.strip():
        people[outside] = request.outside_party.strip()
    return {**request.fields, "exhibit_number": exhibit.number, **people}


def _how_signed(request: CustodyRequest) -> str:
    """How the party without a key signed, by the papers that are there."""
    if PaperKind.SIGNATURE in request.papers:
        return ON_SCREEN
    return ON_PAPER if PaperKind.FORM in request.papers else NOT_SIGNED


def step_facts(exhibit: Exhibit, request: CustodyRequest, transition: Transition, signers: Signers) -> dict[str, Json]:
    """What the entry about a step states."""
    people: dict[str, Json] = {
        role: f"{signed.person.name}, {signed.person.function}" for role, signed in signers if role != "actor"
    }
    if (outside := outside_role(signers)) and request.outside_party.strip():
        people[outside] = f"{request.outside_party.strip()}{_how_signed(request)}"
    elif request.outside_party.strip():
        people["outside_party"] = request.outside_party.strip()
    return {
        **as_told(request.fields),
        **people,
        "event": transition.event.value,
        "from_state": exhibit.state.value,
        "to_state": transition.to_state.value,
        "occurred_at": told_text(request.occurred_at),
        "seal_before": exhibit.seal_number,
        "remarks": request.remarks.strip(),
        STATED: RULES,
    }
