"""Rows of incidents, legal holds, disposals, offers and audits into records."""

from __future__ import annotations

import json
from datetime import datetime
from uuid import UUID

from forensics_app.db.mapping import Row, moment, of_table
from forensics_app.model.audit import AuditFinding, AuditId, FindingKind, RoomAudit
from forensics_app.model.case import CaseId
from forensics_app.model.disposal import Disposal, DisposalId, DisposalState, Hold, HoldId, Way
from forensics_app.model.exhibit import ExhibitId, State
from forensics_app.model.incident import Incident, IncidentId, IncidentKind
from forensics_app.model.offer import Offer, OfferId, OfferState
from forensics_app.model.person import PersonId


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
        raised_at=moment(row["raised_at"]),
        raised_by=row["raiser"],
        decision=row["decision"],
        decided_by=row["decider"] or "",
        decided_at=_time(row["decided_at"]),
    )


@of_table("legal_hold")
def hold_of(row: Row) -> Hold:
    """A legal hold, with ``number``, ``placer`` and ``lifter`` of the rows that it points at."""
    return Hold(
        id=HoldId(UUID(row["id"])),
        case_id=CaseId(UUID(row["case_id"])),
        exhibit_id=ExhibitId(UUID(row["exhibit_id"])) if row["exhibit_id"] else None,
        number=row["number"] or "",
        authority=row["authority"],
        reason=row["reason"],
        placed_at=moment(row["placed_at"]),
        placed_by=row["placer"],
        lifted_at=_time(row["lifted_at"]),
        lifted_by=row["lifter"] or "",
        lift_authority=row["lift_authority"],
        lift_reason=row["lift_reason"],
    )


@of_table("disposal")
def disposal_of(row: Row) -> Disposal:
    """A disposal, with ``number``, ``proposer``, ``decider``, ``doer`` and ``onlooker`` of the rows it points at."""
    return Disposal(
        id=DisposalId(UUID(row["id"])),
        case_id=CaseId(UUID(row["case_id"])),
        exhibit_id=ExhibitId(UUID(row["exhibit_id"])),
        number=row["number"],
        way=Way(row["way"]),
        method=row["method"],
        authority=row["authority"],
        recipient=row["recipient"],
        state=DisposalState(row["state"]),
        proposed_by_id=PersonId(UUID(row["proposed_by"])),
        proposed_by=row["proposer"],
        proposed_at=moment(row["proposed_at"]),
        decision=row["decision"],
        decided_by_id=PersonId(UUID(row["decided_by"])) if row["decided_by"] else None,
        decided_by=row["decider"] or "",
        decided_at=_time(row["decided_at"]),
        carried_out_by=row["doer"] or "",
        witness=row["onlooker"] or "",
        carried_out_at=_time(row["carried_out_at"]),
    )


@of_table("transfer_offer")
def offer_of(row: Row) -> Offer:
    """An offer, with ``number``, ``giver`` and ``receiver`` of the rows that it points at."""
    return Offer(
        id=OfferId(UUID(row["id"])),
        case_id=CaseId(UUID(row["case_id"])),
        exhibit_id=ExhibitId(UUID(row["exhibit_id"])),
        number=row["number"],
        event=row["event"],
        from_state=State(row["from_state"]),
        giver_id=PersonId(UUID(row["giver_id"])),
        giver=row["giver"],
        receiver_id=PersonId(UUID(row["receiver_id"])),
        receiver=row["receiver"],
        fields=json.loads(row["fields"]),
        remarks=row["remarks"],
        due=moment(row["due"]),
        state=OfferState(row["state"]),
        offered_at=moment(row["offered_at"]),
        answered_at=_time(row["answered_at"]),
        reason=row["reason"],
    )


@of_table("room_audit")
def audit_of(row: Row) -> RoomAudit:
    """An audit without its findings, with ``auditor`` of the row that it points at."""
    return RoomAudit(
        id=AuditId(UUID(row["id"])),
        place=row["place"],
        by=row["auditor"],
        began_at=moment(row["began_at"]),
        expected=row["expected"],
        found=row["found"],
        remarks=row["remarks"],
        recorded_at=moment(row["recorded_at"]),
    )


@of_table("audit_finding")
def audit_finding_of(row: Row) -> AuditFinding:
    """A finding of an audit."""
    return AuditFinding(
        kind=FindingKind(row["kind"]),
        exhibit_id=ExhibitId(UUID(row["exhibit_id"])) if row["exhibit_id"] else None,
        label=row["label"],
        what=row["what"],
    )


def _time(text: str | None) -> datetime | None:
    return None if text is None else moment(text)
