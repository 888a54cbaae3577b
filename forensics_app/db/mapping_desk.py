"""Rows of decisions into records."""

from __future__ import annotations

from uuid import UUID

from forensics_app.db.mapping import Row, moment, of_table
from forensics_app.model.case import CaseId
from forensics_app.model.desk import Decision, MatterKind


@of_table("decision")
def decision_of(row: Row) -> Decision:
    """A decision; ``decider`` is the name of who decided."""
    return Decision(
        id=UUID(row["id"]),
        case_id=CaseId(UUID(row["case_id"])) if row["case_id"] else None,
        kind=MatterKind(row["kind"]),
        matter=row["matter"],
        what=row["what"],
        approved=bool(row["approved"]),
        comment=row["comment"],
        decided_by=row["decider"],
        decided_at=moment(row["decided_at"]),
    )
