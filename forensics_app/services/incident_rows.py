"""Rows of incidents, for the steps, corrections and audits that find them."""

from __future__ import annotations

from uuid import uuid4

from chain_of_custody.ledger import Json
from chain_of_custody.states import State
from forensics_app.db.mapping import Values, time_text
from forensics_app.db.tables import INCIDENT
from forensics_app.model.exhibit import Exhibit
from forensics_app.model.incident import IncidentId, IncidentKind
from forensics_app.model.person import SignedIn
from forensics_app.services.record import Writer
from forensics_app.services.worded import check_happened


def insert_incident(writer: Writer, exhibit: Exhibit, kind: IncidentKind, what: str, by: SignedIn) -> IncidentId:
    """Add the row of an incident; the entry that is appended next explains it.

    Args:
        writer: Of the open transaction.
        exhibit: What it is about.
        kind: What it is.
        what: In a sentence.
        by: Who found it and signs.

    Raises:
        RefusedError: It is not said what happened.
    """
    check_happened(what)
    incident = uuid4()
    writer.insert(
        INCIDENT,
        {
            "id": str(incident),
            "case_id": str(exhibit.case_id),
            "exhibit_id": str(exhibit.id),
            "kind": kind.value,
            "what": what.strip(),
            "raised_at": time_text(writer.now),
            "raised_by": str(by.person.id),
            "decision": "",
            "decided_by": None,
            "decided_at": None,
        },
    )
    return IncidentId(incident)


def seal_facts(writer: Writer, exhibit: Exhibit, values: Values, by: SignedIn) -> dict[str, Json]:
    """Add the incident that the recorded number of a seal was corrected, which a supervisor decides about (REQ-12).

    A number that is corrected before somebody reads it on the seal would agree with any seal.

    Args:
        writer: Of the open transaction.
        exhibit: As it was recorded before the correction.
        values: The columns after it.
        by: Who corrects.

    Returns:
        The fact ``incident``; nothing where no seal was on it, or its number stays.
    """
    number = values.get("seal_number", exhibit.seal_number)
    if not exhibit.seal_number or number == exhibit.seal_number or exhibit.state is State.IDENTIFIED:
        return {}
    what = f"The seal of {exhibit.number} was recorded as {exhibit.seal_number}; the record was corrected to {number}."
    insert_incident(writer, exhibit, IncidentKind.SEAL_DIFFERS, what, by)
    return {"incident": what}
