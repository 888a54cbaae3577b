"""Corrects what was told of a step of custody, and what of the exhibit's present state came of it (REQ-20)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from chain_of_custody.correction_rules import OFFICER
from chain_of_custody.hand_rules import one_person
from chain_of_custody.ledger import Json
from chain_of_custody.reasons import has_letter
from chain_of_custody.states import Event, State, arrow
from forensics_app.db.ledger import entries_about
from forensics_app.db.mapping import Values
from forensics_app.db.tables import EXHIBIT
from forensics_app.errors import NotFoundError, RefusedError
from forensics_app.model.case import Case
from forensics_app.model.corrections import OF_STEP, corrects, step_correctable, told_now
from forensics_app.model.custody import CustodyEvent, time_told
from forensics_app.model.exhibit import Exhibit
from forensics_app.model.incident import IncidentKind, SealCondition, SealFinding, seal_condition, seal_finding
from forensics_app.model.person import SignedIn
from forensics_app.model.wording import field_words
from forensics_app.services.corrections import check_reason, checked
from forensics_app.services.custody_rules import DUE
from forensics_app.services.exhibits import exhibit_subject
from forensics_app.services.history import event_of
from forensics_app.services.incident_rows import insert_incident, seal_facts
from forensics_app.services.judged import seal_fault_told
from forensics_app.services.meant import seized_by
from forensics_app.services.namesakes import check_name
from forensics_app.services.places import check_shelf
from forensics_app.services.record import Writer, case_chain
from forensics_app.services.step_findings import (
    TRAIL,
    checked_condition,
    insert_deviation,
    insert_unchecked,
)
from forensics_app.services.step_times import told_out_of_order
from forensics_app.services.told_times import read_due

_Told = Mapping[str, str]
_OF_A_STEP: dict[str, Callable[[_Told], str]] = {
    "place": lambda told: told.get("shelf") or told.get("place") or told.get("agency") or "",
    "seal_number": lambda told: told.get("seal_number", ""),
    "condition": lambda told: told.get("condition", ""),
    "expected_back": lambda told: told.get("expected_return") or told.get("due") or "",
}
_OF_A_SEIZURE: dict[str, Callable[[_Told], str]] = {
    "seized_at": lambda told: told.get("occurred_at", ""),
    "seized_place": lambda told: told.get("place", ""),
    "seized_by": lambda told: told.get("seizing_officer") or told.get("officer") or "",
    "seizure_witness": lambda told: told.get("witness", ""),
}


def correct_step(
    writer: Writer, actor: SignedIn, case: Case, exhibit: Exhibit, sequence: int, changes: Mapping[str, str],
    reason: str,
) -> CustodyEvent:  # fmt: skip
    """Correct what was told of a step by a new entry that names it; its parties and signatures stay as they are.

    Columns of the exhibit that hold what that step told, and no later entry wrote, follow. A seal that turns out to
    have been broken or another one raises the incident that the step would have raised; one that turns out not to have
    been checked is a deviation, and so is a time that does not follow those of the other steps. Another number of the
    seal that is on it now is an incident: a correction silences none (REQ-12).

    Raises:
        NotFoundError: The exhibit has no entry with that number.
        RefusedError: It is no step, no reason is given, nothing differs, or a value cannot be corrected or cannot be.
    """
    check_reason(reason)
    events = [event_of(entry) for entry in entries_about(writer.connection, [str(exhibit.id)])]
    step = _step(events, exhibit, sequence)
    if unknown := set(changes) - set(step_correctable(step)):
        raise RefusedError(
            f"These cannot be corrected of entry {sequence}: {', '.join(sorted(unknown))}.",
            then=f"What can be: {', '.join(step_correctable(step))}. Parties and signatures stay as they were.",
        )
    before = told_now(events, sequence)
    told = {name: checked(name, value, before.get(name, ""), writer.now) for name, value in changes.items()}
    _check_due(step, before, told)
    if (check := told.get("seal_check", "")) and check != before.get("seal_check", ""):
        told["seal_check"] = checked_condition(check)
    check_shelf(writer.connection, told)
    corrected: dict[str, Json] = {
        name: [before.get(name, ""), value] for name, value in told.items() if value != before.get(name, "")
    }
    if not corrected:
        raise RefusedError("Nothing differs from what is recorded.")
    after = before | told
    columns = _columns(events, step, before, after)
    officer = next((name for name in OFFICER if name in corrected), "")
    if officer or "witness" in corrected:
        _check_seizers(exhibit, actor, corrected, after)
    if officer:
        columns |= _other_officer(writer, actor, exhibit, events, step, before[officer], told[officer])
    if columns:
        writer.update(EXHIBIT, exhibit.id, columns)
    facts: dict[str, Json] = {"corrects": sequence, "corrects_digest": step.digest.hex(), "corrected": corrected}
    deviations = []
    if officer:
        what = f"{exhibit.number} was told to be seized by {before[officer]}, and is told to be by {told[officer]}."
        deviations.append(insert_deviation(writer, exhibit, TRAIL, what, reason, actor))
    if "occurred_at" in corrected:
        at = datetime.fromisoformat(told["occurred_at"])
        if wrong := told_out_of_order(events, exhibit.number, sequence, at):
            deviations.append(insert_deviation(writer, exhibit, TRAIL, wrong, reason, actor))
    is_fault_told = seal_fault_told(writer.connection, str(exhibit.id), sequence) is not None
    found = _seal_found(step, after, is_fault_told=is_fault_told)
    if found is not None and found != _seal_found(step, before, is_fault_told=is_fault_told):
        insert_incident(writer, exhibit, IncidentKind(found.fault.value), found.sentence, actor)
        facts["incident"] = found.sentence
    elif columns.get("seal_number") != step.fact("seal_before"):
        facts |= seal_facts(writer, exhibit, columns, actor)
    is_unchecked = seal_condition(told.get("seal_check", "")) is SealCondition.NOT_CHECKED
    if is_unchecked and "seal_check" in corrected:
        deviations.append(insert_unchecked(writer, exhibit, step.fact("event"), reason, actor))
    if deviations:
        facts["deviation"] = " ".join(deviations)
    chain = case_chain(case)
    entry = writer.append(chain, OF_STEP, exhibit_subject(exhibit), facts, [("actor", actor)], reason.strip())
    return event_of(entry)


def _check_due(step: CustodyEvent, before: _Told, told: Mapping[str, str]) -> None:
    """Refuse a due time that does not come after the step as it is told now."""
    happened = time_told(told.get("occurred_at", "")) or time_told(before.get("occurred_at")) or step.recorded_at
    for name in DUE:
        if (due := told.get(name, "")) and due != before.get(name, ""):
            read_due(field_words(name), due, happened)


def _other_officer(
    writer: Writer, actor: SignedIn, exhibit: Exhibit, events: Sequence[CustodyEvent], step: CustodyEvent, was: str,
    officer: str,
) -> Values:  # fmt: skip
    """What changes with the name of the officer who seized an exhibit: who has it, if they do, until they hand it over.

    Raises:
        RefusedError: The officer signed the seizure with their own key, or the one who corrects it would be the officer
            then.
    """
    if any(one_person(was, one.name) for one in step.signatures):
        raise RefusedError(
            f"{was} signed the seizure of {exhibit.number} with their own key; that is no slip of the pen."
        )
    holder, _ = seized_by(writer.connection, officer, actor.person, "")
    if holder is not None:
        raise RefusedError(
            f"{actor.person.name} would be the officer who seized {exhibit.number} by their own correction.",
            then="Let somebody else of the laboratory correct it.",
        )
    told_last = max((one.sequence for one in events if _tells_holder(one)), default=0)
    is_theirs = exhibit.holder_id is None and one_person(was, exhibit.holder)
    if exhibit.state is not State.SEIZED or not is_theirs or told_last != step.sequence:
        return {}
    return {"holder": officer}


def _check_seizers(exhibit: Exhibit, actor: SignedIn, corrected: Mapping[str, Json], after: _Told) -> None:
    """Refuse as officer or witness of a seizure what is no name, one person as both, and a witness who corrects it."""
    for name in (*OFFICER, "witness"):
        if name not in corrected:
            continue
        check_name(after[name])
        if not has_letter(after[name]):
            raise RefusedError(f"{after[name]!r} names nobody.", then="Write the name as it should have been.")
    officer, witness = after.get("seizing_officer") or after.get("officer", ""), after.get("witness", "")
    if one_person(officer, witness):
        raise RefusedError("Who seized it and the witness are two different people.")
    if "witness" in corrected and one_person(witness, actor.person.name):
        raise RefusedError(
            f"{actor.person.name} would be the witness of the seizure of {exhibit.number} by their own correction.",
            then="Let somebody else of the laboratory correct it.",
        )


def _tells_holder(event: CustodyEvent) -> bool:
    """Whether an entry other than a correction changed who has the exhibit."""
    is_told = any(one.table == EXHIBIT.name and one.column == "holder" for one in event.changes)
    return is_told and event.action != OF_STEP


def _step(events: Sequence[CustodyEvent], exhibit: Exhibit, sequence: int) -> CustodyEvent:
    event = next((one for one in events if one.sequence == sequence), None)
    if event is None:
        raise NotFoundError(
            f"{exhibit.number} has no entry {sequence}.", then="Look up its number in the custody record."
        )
    if (first := corrects(event)) is not None:
        raise RefusedError(
            f"Entry {sequence} is itself a correction of entry {first}.", then=f"Correct entry {first} once more."
        )
    if not event.is_step:
        raise RefusedError(
            f"Entry {sequence} is no step of custody.",
            then="What was written of the exhibit itself is corrected with the exhibit.",
        )
    return event


def _columns(events: Sequence[CustodyEvent], step: CustodyEvent, before: _Told, after: _Told) -> Values:
    """The columns of the exhibit that hold what the step told, with what they hold after its correction."""
    event = step.fact("event")
    told_by = _OF_A_STEP | (_OF_A_SEIZURE if event == Event.SEIZE else {})
    if event == Event.DESTROY:
        told_by = {}  # what is destroyed is nowhere
    return {
        column: told(after)
        for column, told in told_by.items()
        if told(after) != told(before) and not _written_later(events, step, column, told)
    }


def _written_later(
    events: Sequence[CustodyEvent], step: CustodyEvent, column: str, told: Callable[[_Told], str]
) -> bool:
    for later in events:
        if (corrects(later) or later.sequence) <= step.sequence:
            continue  # a correction of an earlier step tells of a time before this one
        of_it = (one for one in later.changes if (one.table, one.row_id) == (EXHIBIT.name, step.object_id))
        if any(one.column == column for one in of_it):
            return True
        if later.is_step and column in _OF_A_STEP and told(told_now(events, later.sequence)):
            return True
    return False


def _seal_found(step: CustodyEvent, told: _Told, *, is_fault_told: bool) -> SealFinding | None:
    transition = arrow(step.from_state, step.fact("event"))
    if transition is None:
        return None
    number, check = told.get("seal_number", ""), told.get("seal_check", "")
    remarks = told.get("seal_remarks", "")
    return seal_finding(transition, step.fact("seal_before"), number, check, remarks, is_fault_told=is_fault_told)
