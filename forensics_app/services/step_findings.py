"""What was found wrong in a step of custody: incidents and deviations, explained by the entry of the step (REQ-12)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import uuid4

from chain_of_custody.ledger import Json
from chain_of_custody.possession_rules import UNSIGNED
from chain_of_custody.states import Event, Transition
from forensics_app.db.mapping import Values, time_text
from forensics_app.db.tables import DEVIATION
from forensics_app.errors import RefusedError
from forensics_app.model.custody import CustodyRequest
from forensics_app.model.exhibit import Exhibit
from forensics_app.model.incident import (
    WITHOUT_NUMBER,
    IncidentKind,
    SealCondition,
    seal_condition,
    seal_finding,
    seal_is_asked,
)
from forensics_app.model.person import SignedIn
from forensics_app.services.absences import taken_over_words
from forensics_app.services.hands import Signers, other_than_expected
from forensics_app.services.incident_rows import insert_incident
from forensics_app.services.record import Writer
from forensics_app.services.step_times import told_earlier

INTEGRITY, TRAIL = "principle-1", "principle-2"
"""The principles that a seal serves which nobody checked, and the order of times, and a signature that nobody gave."""


def with_seal(fields: Mapping[str, str]) -> dict[str, str]:
    """What was filled in, with the condition of the seal by its whole name."""
    condition = seal_condition(fields.get("seal_check", ""))
    return {**fields} if condition is None else {**fields, "seal_check": condition.value}


def checked_condition(told: str) -> str:
    """The condition of a seal that is told.

    Raises:
        RefusedError: It is none of those that can be chosen.
    """
    condition = seal_condition(told)
    if condition is None:
        raise RefusedError(
            f"{told!r} is no condition of a seal.",
            then=f"Choose one of: {'; '.join(SealCondition)}. Say anything else in seal_remarks.",
        )
    return condition.value


def check_seal(exhibit: Exhibit, request: CustodyRequest, transition: Transition) -> None:
    """Ask for number and condition of a seal where somebody relies on it (REQ-12).

    Raises:
        RefusedError: One of them is missing, the condition is none that can be chosen, or the seal was not checked and
            nobody says why.
    """
    told = {name: value.strip() for name, value in request.fields.items()}
    check, number = told.get("seal_check", ""), told.get("seal_number", "")
    condition = seal_condition(checked_condition(check)) if check else None
    needs_number = condition not in WITHOUT_NUMBER
    if exhibit.seal_number and seal_is_asked(transition) and not (condition and (number or not needs_number)):
        raise RefusedError(
            f"{exhibit.number} is recorded as sealed with {exhibit.seal_number}: give the number that is read on the "
            "seal, or that of the new one, and its condition.",
            then="Look at the seal and fill in seal_number and seal_check.",
        )
    if condition is SealCondition.DIFFERS and number in ("", exhibit.seal_number):
        raise RefusedError(
            "The number of the seal is said to differ, and no other number is given.",
            then="Give the number that is read on the seal as seal_number.",
        )
    if condition is SealCondition.NOT_CHECKED and not told.get("seal_remarks", ""):
        raise RefusedError(
            f"The seal of {exhibit.number} was not checked, and it is not said why.",
            then="Look at the seal, or give the reason in seal_remarks.",
        )


def insert_findings(
    writer: Writer, exhibit: Exhibit, request: CustodyRequest, transition: Transition, signers: Signers
) -> dict[str, Json]:
    """Add the incidents and deviations of a step; the entry that is appended next explains them.

    Returns:
        The facts ``incident`` and ``deviation`` of that entry, where there are any.
    """
    found = _incidents(exhibit, request, transition, signers)
    for kind, sentence in found:
        insert_incident(writer, exhibit, kind, sentence, signers[-1][1])
    facts: dict[str, Json] = {"incident": " ".join(sentence for _, sentence in found)} if found else {}
    told = {name: value.strip() for name, value in request.fields.items()}
    deviations = insert_earlier(writer, exhibit, transition.event, request.occurred_at, request.remarks, signers[-1][1])
    if exhibit.seal_number and seal_condition(told.get("seal_check", "")) is SealCondition.NOT_CHECKED:
        by = signers[-1][1]
        deviations.append(insert_unchecked(writer, exhibit, transition.event, told["seal_remarks"], by))
    if reason := told.get(UNSIGNED, ""):
        act = transition.event.replace("_", " ")
        what = f"Nobody outside signed for {exhibit.number} at this step: {act}."
        if transition.event is Event.TAKE_OVER:
            what = taken_over_words(writer.connection, exhibit, signers)
        deviations.append(insert_deviation(writer, exhibit, TRAIL, what, reason, signers[-1][1]))
    return facts | ({"deviation": " ".join(deviations)} if deviations else {})


def insert_earlier(writer: Writer, exhibit: Exhibit, event: str, at: datetime, remarks: str, by: SignedIn) -> list[str]:
    """Add the deviation that a step is told to be earlier than one before it, if it is; returns what tells it."""
    what = told_earlier(writer.connection, exhibit.id, exhibit.number, event, at)
    if not what:
        return []
    return [insert_deviation(writer, exhibit, TRAIL, what, remarks.strip() or "No reason was told with the step.", by)]


def insert_unchecked(writer: Writer, exhibit: Exhibit, event: str, reason: str, by: SignedIn) -> str:
    """Add the deviation that the seal of an exhibit was not checked at a step; returns the sentence that tells it."""
    act = event.replace("_", " ")
    what = f"The seal {exhibit.seal_number} of {exhibit.number} was not checked at this step: {act}."
    return insert_deviation(writer, exhibit, INTEGRITY, what, reason, by)


def insert_deviation(writer: Writer, exhibit: Exhibit, principle: str, what: str, reason: str, by: SignedIn) -> str:
    """Add a deviation of a step from a principle; returns the sentence that tells it."""
    values: Values = {
        "id": str(uuid4()),
        "case_id": str(exhibit.case_id),
        "principle": principle,
        "gap": "",
        "what": what,
        "reason": reason.strip(),
        "author_id": str(by.person.id),
        "recorded_at": time_text(writer.now),
    }
    writer.insert(DEVIATION, values)
    return what


def _incidents(
    exhibit: Exhibit, request: CustodyRequest, transition: Transition, signers: Signers
) -> list[tuple[IncidentKind, str]]:
    told = {name: value.strip() for name, value in request.fields.items()}
    found = []
    if transition.event is Event.REPORT_LOST:
        found.append((IncidentKind.LOST, f"{exhibit.number} was reported lost: {told['reason']}."))
    number, check = told.get("seal_number", ""), told.get("seal_check", "")
    fault = seal_finding(transition, exhibit.seal_number, number, check, told.get("seal_remarks", ""))
    if fault is not None:
        found.append((IncidentKind(fault.fault.value), fault.sentence))
    if other := other_than_expected(exhibit, request, transition, signers):
        found.append((IncidentKind.OTHER, other))
    return found
