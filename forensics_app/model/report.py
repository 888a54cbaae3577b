"""Reports: what is asked for one, and one that was issued."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NewType
from uuid import UUID

from forensics_app.model.case import CaseId
from forensics_app.model.dossier import Finding as Finding
from forensics_app.model.dossier import FindingKind as FindingKind
from forensics_app.model.dossier import Statement as Statement
from forensics_app.model.dossier_paper import LANGUAGES as LANGUAGES
from forensics_app.model.person import PersonId

ReportId = NewType("ReportId", UUID)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportRequest:
    """What an examiner says for a report; everything else comes from the record.

    Attributes:
        zone: IANA zone in which times are printed.
        zone_of_local_times: IANA zone in which stamps without a zone are read for their UTC value.
        summary: Conclusions, one paragraph each.
        limitations: Those the examiner names; what the record shows is added.
        language: ISO 639-1 code of the language in which it is printed, one of :data:`LANGUAGES`.
        statements: What the examiner states to items of the standards that no record supplies (REQ-62).
    """

    case_id: CaseId
    title: str = "Report on the examination of digital evidence"
    zone: str = "UTC"
    zone_of_local_times: str = "UTC"
    summary: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    limitations: tuple[str, ...] = ()
    language: str = "en"
    statements: tuple[Statement, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedReport:
    """A report that was issued; it does not change any more (REQ-65).

    Attributes:
        ledger_head: Head of the case chain that is printed in it, hex.
    """

    id: ReportId
    case_id: CaseId
    number: str
    version: int
    title: str
    zone: str
    author_id: PersonId
    sha256: bytes
    size_bytes: int
    pages: int
    ledger_head: str
    issued_at: datetime
