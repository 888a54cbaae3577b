"""Corrections: what is checked of one before it is signed (REQ-20)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection

from chain_of_custody.names import same_name
from chain_of_custody.reasons import is_in_words
from chain_of_custody.states import State
from forensics_app.db.mapping import Values, told_text
from forensics_app.errors import RefusedError
from forensics_app.model.corrections import BY_THE_SEIZURE, EXHIBIT_CORRECTABLE, told_by_seizure
from forensics_app.model.exhibit import Exhibit, ExhibitType
from forensics_app.services.custody_rules import DUE
from forensics_app.services.history import events_telling_of
from forensics_app.services.told_times import check_told, read_told
from forensics_app.services.worded import WORDS_ASKED

_HAPPENED = ("seized_at", "occurred_at")
_NEVER_EMPTIED = frozenset({
    "type", "description", "seal_number", "seized_at", "seized_by", "occurred_at", "place", "purpose", "shelf",
    "seal_check", "expected_return", "due", "hearing", "departed_at", "seizing_officer", "officer", "witness",
})  # fmt: skip


def exhibit_values(
    connection: Connection, exhibit: Exhibit, changes: Mapping[str, str], reason: str, now: datetime
) -> Values:
    """The columns of an exhibit after a correction.

    Raises:
        RefusedError: No reason, nothing that differs, a value that cannot be, a column that only steps change, or one
            that is corrected with the seizure, which told it.
    """
    check_reason(reason)
    if unknown := set(changes) - set(EXHIBIT_CORRECTABLE):
        raise RefusedError(f"These cannot be corrected here: {', '.join(sorted(unknown))}.")
    _check_seizure(connection, exhibit, changes)
    recorded = {name: recorded_text(exhibit, name) for name in changes}
    told = {name: checked(name, value, recorded[name], now) for name, value in changes.items()}
    if told == recorded:
        raise RefusedError("Nothing differs from what is recorded.")
    if "type" in told:
        _check_type(exhibit, told["type"])
    officer, witness = (told.get(name, getattr(exhibit, name)) for name in ("seized_by", "seizure_witness"))
    if officer and same_name(officer, witness) and {"seized_by", "seizure_witness"} & set(told):
        raise RefusedError("Who seized it and the witness are two different people.")
    values: Values = {**told}
    if "seized_at" in values:
        values["seized_at"] = values["seized_at"] or None
    still_there = exhibit.state in (State.IDENTIFIED, State.SEIZED) and exhibit.place == exhibit.seized_place
    if "seized_place" in values and still_there:
        values["place"] = values["seized_place"]
    return values


def recorded_text(exhibit: Exhibit, name: str) -> str:
    """What is recorded of an exhibit, written as a correction of it is: times in ISO 8601 with their offset."""
    value = getattr(exhibit, name)
    return told_text(value) or "" if name == "seized_at" else str(value)


def check_reason(reason: str) -> None:
    """Refuse a correction without a reason in words.

    Raises:
        RefusedError: There is none, or it has less than three letters or digits.
    """
    if not reason.strip():
        raise RefusedError("A correction needs a reason.")
    if not is_in_words(reason):
        raise RefusedError(f'"{reason.strip()}" is no reason for a correction.', then=WORDS_ASKED)


def differing(record: object, changes: Mapping[str, str]) -> Values:
    """The new values of the columns of a record, without blanks at both ends.

    Raises:
        RefusedError: Nothing differs from what is recorded.
    """
    values: Values = {name: value.strip() for name, value in changes.items()}
    if all(getattr(record, name) == value for name, value in values.items()):
        raise RefusedError("Nothing differs from what is recorded.")
    return values


def checked(name: str, value: str, recorded: str, now: datetime) -> str:
    """A corrected value as it is kept.

    Args:
        name: What it is of.
        value: As typed.
        recorded: What was recorded so far.
        now: The present moment; nothing that happened can be later.

    Raises:
        RefusedError: It is empty where it must not be, or a time without its offset or one that has not come yet.
    """
    value = value.strip()
    words = name.replace("_", " ").capitalize()
    if not value:
        if recorded and name in _NEVER_EMPTIED:
            raise RefusedError(f"{words} cannot be emptied; write what it should have been.")
        return value
    if name not in (*_HAPPENED, *DUE) or value == recorded:
        return value
    moment = read_told(words, value)
    if name in _HAPPENED:
        check_told(words, moment, now)
    return moment.isoformat()


def _check_seizure(connection: Connection, exhibit: Exhibit, changes: Mapping[str, str]) -> None:
    """Refuse a second way to correct what the seizure told, of which who has the exhibit and its place would not know.

    Raises:
        RefusedError: The seizure is recorded as a step of custody and told it.
    """
    if not BY_THE_SEIZURE.keys() & changes.keys():
        return
    number, columns = told_by_seizure(events_telling_of(connection, exhibit))
    if theirs := [name.replace("_", " ") for name in columns if name in changes]:
        raise RefusedError(
            f"The seizure of {exhibit.number}, entry {number} of the custody record, told this: {', '.join(theirs)}. "
            "It is corrected with that entry, so that its custody follows.",
            then=f"Correct entry {number} in the custody record.",
        )


def _check_type(exhibit: Exhibit, told: str) -> None:
    if told not in set(ExhibitType):
        raise RefusedError(f"{told!r} is no type of exhibit.", then=f"One of: {', '.join(ExhibitType)}.")
    if ExhibitType.MEDIUM in (exhibit.type, told) and told != exhibit.type:
        raise RefusedError(
            "What is a medium of the laboratory and what is not cannot be corrected: media have a case of their own."
        )
    if ExhibitType.IMAGE in (exhibit.type, told) and told != exhibit.type:
        raise RefusedError(
            "What is an image and what is not cannot be corrected: an image becomes an exhibit by taking it in."
        )
    if ExhibitType.EXPORT in (exhibit.type, told) and told != exhibit.type:
        raise RefusedError("What is an export and what is not cannot be corrected: an export is made of an image.")
