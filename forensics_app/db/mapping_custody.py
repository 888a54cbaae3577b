"""Rows of incidents into records."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from forensics_app.db.mapping import Row, of_table
from forensics_app.model.case import CaseId
from forensics_app.model.exhibit import ExhibitId
from forensics_app.model.incident import Incident, IncidentId, IncidentKind


@of_table("incident")
def incident_of(row: Row) -> Incident:
    """An incident, with the names ``number``, ``raiser`` and ``decider`` of the rows that it points at."""
    return Incident(
        id=IncidentId(UUID(row["id"])),
        case_id=CaseId(UUID(row["case_id"])),
        exhibit_id=ExhibitId(UUID(row["exhibit_id"])),
        number=row["number"],
        kind=IncidentKind(row["kind"]),
        what=row["what"],
        raised_at=datetime.fromisoformat(row["raised_at"]),
        raised_by=row["raiser"],
        decision=row["decision"],
        decided_by=row["decider"] or "",
        decided_at=datetime.fromisoformat(row["decided_at"]) if row["decided_at"] else None,
    )
