"""What was found wrong in a step of custody: incidents and deviations, explained by the entry of the step (REQ-12)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import uuid4

from chain_of_custody.ledger import Json
from chain_of_custody.possession_rules import UNSIGNED
from chain_of_custody.reasons import is_in_words
from chain_of_custody.seal_faults import TOLD_BEFORE
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
    SealSeen,
    seal_condition,
    seal_finding,
    seal_is_asked,
)
from forensics_app.model.person import SignedIn
from forensics_app.services.absences import taken_over_words
from forensics_app.services.hands import Signers, other_than_expected
from forensics_app.services.incident_rows import insert_incident
from forensics_app.services.judged import seal_fault_told
from forensics_app.services.record import Writer
from forensics_app.services.step_times import told_earlier
from forensics_app.services.worded import WORDS_ASKED, check_reason_told

INTEGRITY, TRAIL = "principle-1", "principle-2"
"""The principles that a seal serves which nobody checked, and the order of times, and a signature that nobody gave."""
NOT_EXPLAINED = "No reason was told with the step."
"""Stands for the reason of a step that is told to be earlier than one before it, where its remarks tell none."""


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


def fields_of_seal(exhibit: Exhibit, seen: SealSeen) -> dict[str, str]:
    """What was seen of a seal as a step tells it; where no number is told it is the recorded one that was read."""
    number = "" if seal_condition(seen.condition) in WITHOUT_NUMBER else exhibit.seal_number
    told = {"seal_check": seen.condition, "seal_number": seen.number or number, "seal_remarks": seen.remarks}
    return with_seal({name: value.strip() for name, value in told.items() if value.strip()})


def check_seal(exhibit: Exhibit, fields: Mapping[str, str], transition: Transition) -> None:
    """Ask for number and condition of a seal where somebody relies on it (REQ-12).

    Raises:
        RefusedError: One of them is missing, the condition is none that can be chosen, or the seal was not checked and
            nobody says why.
    """
    told = {name: value.strip() for name, value in fields.items()}
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
    if condition is SealCondition.NOT_CHECKED and not is_in_words(told.get("seal_remarks", "")):
        raise RefusedError(
            f"The seal of {exhibit.number} was not checked, and it is not said why.",
            then=f"Look at the seal, or give the reason in seal_remarks. {WORDS_ASKED}",
        )


def insert_findings(
    writer: Writer, exhibit: Exhibit, request: CustodyRequest, transition: Transition, signers: Signers
) -> dict[str, Json]:
    """Add the incidents and deviations of a step; the entry that is appended next explains them.

    Returns:
        The facts ``incident``, ``deviation`` and ``seal_incident_entry`` of that entry, where there are any.
    """
    by, told = signers[-1][1], {name: value.strip() for name, value in request.fields.items()}
    found = []
    if transition.event is Event.REPORT_LOST:
        lost = f"{exhibit.number} was reported lost: {told['reason']}."
        insert_incident(writer, exhibit, IncidentKind.LOST, lost, by)
        found.append(lost)
    seal = insert_seal_findings(writer, exhibit, told, transition, by)
    found += [str(seal["incident"])] if "incident" in seal else []
    if other := other_than_expected(exhibit, request, transition, signers):
        insert_incident(writer, exhibit, IncidentKind.OTHER, other, by)
        found.append(other)
    facts: dict[str, Json] = {"incident": " ".join(found)} if found else {}
    facts |= {name: value for name, value in seal.items() if name == TOLD_BEFORE}
    deviations = insert_earlier(writer, exhibit, transition.event, request.occurred_at, request.remarks, by)
    deviations += [str(seal["deviation"])] if "deviation" in seal else []
    if reason := told.get(UNSIGNED, ""):
        act = transition.event.replace("_", " ")
        what = f"Nobody outside signed for {exhibit.number} at this step: {act}."
        if transition.event is Event.TAKE_OVER:
            what = taken_over_words(writer.connection, exhibit, signers)
        deviations.append(insert_deviation(writer, exhibit, TRAIL, what, reason, by))
    return facts | ({"deviation": " ".join(deviations)} if deviations else {})


def insert_seal_findings(
    writer: Writer, exhibit: Exhibit, fields: Mapping[str, str], transition: Transition, by: SignedIn
) -> dict[str, Json]:
    """Add the incident that a seal is not as recorded, or the deviation that nobody looked at it.

    A seal that is broken or missing by the record, and has no other in its place since, is found so again without
    another incident: the entry names the one that raised it.

    Returns:
        The fact ``incident``, ``deviation`` or ``seal_incident_entry`` of the entry that is appended next, where there
        is one.
    """
    number, check, remarks = (fields.get(name, "").strip() for name in ("seal_number", "seal_check", "seal_remarks"))
    if exhibit.seal_number and seal_condition(check) is SealCondition.NOT_CHECKED:
        return {"deviation": insert_unchecked(writer, exhibit, transition.event, remarks, by)}
    fault = seal_finding(transition, exhibit.seal_number, number, check, remarks)
    if fault is None:
        return {}
    told = seal_fault_told(writer.connection, str(exhibit.id))
    if told and not seal_finding(transition, exhibit.seal_number, number, check, remarks, is_fault_told=True):
        return {}
    if told is not None and told[0] == fault.fault.value and number in ("", exhibit.seal_number):
        return {TOLD_BEFORE: told[1]}
    insert_incident(writer, exhibit, IncidentKind(fault.fault.value), fault.sentence, by)
    return {"incident": fault.sentence}


def insert_earlier(writer: Writer, exhibit: Exhibit, event: str, at: datetime, remarks: str, by: SignedIn) -> list[str]:
    """Add the deviation that a step is told to be earlier than one before it, if it is; returns what tells it."""
    what = told_earlier(writer.connection, exhibit.id, exhibit.number, event, at)
    if not what:
        return []
    reason = remarks if is_in_words(remarks) else NOT_EXPLAINED
    return [insert_deviation(writer, exhibit, TRAIL, what, reason, by)]


def insert_unchecked(writer: Writer, exhibit: Exhibit, event: str, reason: str, by: SignedIn) -> str:
    """Add the deviation that the seal of an exhibit was not checked at a step; returns the sentence that tells it."""
    act = event.replace("_", " ")
    what = f"The seal {exhibit.seal_number} of {exhibit.number} was not checked at this step: {act}."
    return insert_deviation(writer, exhibit, INTEGRITY, what, reason, by)


def insert_deviation(writer: Writer, exhibit: Exhibit, principle: str, what: str, reason: str, by: SignedIn) -> str:
    """Add a deviation of a step from a principle; returns the sentence that tells it.

    Raises:
        RefusedError: The reason says nothing.
    """
    check_reason_told(reason, what)
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
