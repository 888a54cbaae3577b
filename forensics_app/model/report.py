"""Reports: what is asked for one, and one that was issued."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NewType
from uuid import UUID

from forensics_app.model.case import CaseId
from forensics_app.model.dossier_paper import LANGUAGES as LANGUAGES
from forensics_app.model.dossier_paper import Statement as Statement
from forensics_app.model.person import PersonId
from forensics_app.model.report_parts import DEFAULT_SECTIONS as DEFAULT_SECTIONS
from forensics_app.model.report_parts import TITLES as TITLES
from forensics_app.model.report_parts import Block as Block
from forensics_app.model.report_parts import FindingKind as FindingKind
from forensics_app.model.report_parts import ListChoice as ListChoice
from forensics_app.model.report_parts import ReportKind as ReportKind
from forensics_app.model.report_parts import Section as Section

ReportId = NewType("ReportId", UUID)
DraftId = NewType("DraftId", UUID)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportRequest:
    """What an examiner says for a report; everything else comes from the record.

    Attributes:
        zone: IANA zone in which times are printed.
        zone_of_local_times: IANA zone in which stamps without a zone are read for their UTC value.
        sections: What is printed, in this order; nothing given is what the kind begins with.
        summary: Conclusions, one paragraph each.
        blocks: Facts and opinions in the author's words.
        lists: Lists of files for the annex, in their order.
        limitations: Those the examiner names; what the record shows is added.
        language: ISO 639-1 code of the language in which it is printed, one of :data:`LANGUAGES`.
        statements: What the examiner states to items of the standards that no record supplies (REQ-62).
        replaces: The issued report that this one replaces (REQ-65).
        changes: What differs from that one, one sentence each.
    """

    case_id: CaseId
    kind: ReportKind = ReportKind.EXAMINATION
    title: str = TITLES[ReportKind.EXAMINATION]
    zone: str = "UTC"
    zone_of_local_times: str = "UTC"
    sections: tuple[Section, ...] = ()
    summary: tuple[str, ...] = ()
    blocks: tuple[Block, ...] = ()
    lists: tuple[ListChoice, ...] = ()
    limitations: tuple[str, ...] = ()
    language: str = "en"
    statements: tuple[Statement, ...] = ()
    replaces: ReportId | None = None
    changes: tuple[str, ...] = ()

    @property
    def printed(self) -> tuple[Section, ...]:
        """The sections that are printed, in their order."""
        return self.sections or DEFAULT_SECTIONS[self.kind]


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedReport:
    """A report that was issued; it does not change any more (REQ-65).

    Attributes:
        ledger_head: Head of the case chain that is printed in it, hex.
        kind: Of those issued before drafts were kept it is an examination report.
        draft_id: What was reviewed and approved; None for one that was issued before drafts were kept.
        authoriser_id: Who approved it and signed the issue; None as above.
        replaces_id: The report that it replaces.
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
    kind: ReportKind = ReportKind.EXAMINATION
    draft_id: DraftId | None = None
    authoriser_id: PersonId | None = None
    replaces_id: ReportId | None = None
