"""A dossier: everything one report says, gathered in one read of the record, and nothing else.

Plain values only, so that a report can be rendered without a database, an image or an engine, and so that equal
dossiers give equal bytes. A value that nobody supplied stays None and is printed as "not supplied" (REQ-62).
Times are aware; file-system times are integers as found. Digests are bytes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from forensics_app.model.dossier_evidence import ChosenFile as ChosenFile
from forensics_app.model.dossier_evidence import CitedFile as CitedFile
from forensics_app.model.dossier_evidence import DigestCheck as DigestCheck
from forensics_app.model.dossier_evidence import Exhibit as Exhibit
from forensics_app.model.dossier_evidence import FileList as FileList
from forensics_app.model.dossier_evidence import FileTime as FileTime
from forensics_app.model.dossier_evidence import ImageFacts as ImageFacts
from forensics_app.model.dossier_evidence import ListedFile as ListedFile
from forensics_app.model.dossier_evidence import MediaRegion as MediaRegion
from forensics_app.model.dossier_evidence import Photo as Photo
from forensics_app.model.dossier_evidence import Seizure as Seizure
from forensics_app.model.dossier_evidence import TimeColumn as TimeColumn
from forensics_app.model.dossier_evidence import VolumeFacts as VolumeFacts
from forensics_app.model.dossier_evidence import WriteBlock as WriteBlock
from forensics_app.model.dossier_paper import Operation as Operation
from forensics_app.model.dossier_paper import Statement as Statement
from forensics_app.model.dossier_paper import Stationery as Stationery
from forensics_app.model.dossier_paper import Text as Text
from forensics_app.model.dossier_record import Authority as Authority
from forensics_app.model.dossier_record import CaseFacts as CaseFacts
from forensics_app.model.dossier_record import CustodyEntry as CustodyEntry
from forensics_app.model.dossier_record import CustodyLog as CustodyLog
from forensics_app.model.dossier_record import Deviation as Deviation
from forensics_app.model.dossier_record import Laboratory as Laboratory
from forensics_app.model.dossier_record import LedgerHead as LedgerHead
from forensics_app.model.dossier_record import Person as Person
from forensics_app.model.dossier_record import Program as Program
from forensics_app.model.dossier_record import Request as Request
from forensics_app.model.dossier_record import Signer as Signer
from forensics_app.model.dossier_record import Tool as Tool
from forensics_app.model.dossier_written import ApprovedContent as ApprovedContent
from forensics_app.model.dossier_written import LedgerSignature as LedgerSignature
from forensics_app.model.dossier_written import Note as Note
from forensics_app.model.dossier_written import TimelineBar as TimelineBar
from forensics_app.model.dossier_written import TimelineFigure as TimelineFigure
from forensics_app.model.report_parts import DEFAULT_SECTIONS as DEFAULT_SECTIONS
from forensics_app.model.report_parts import FindingKind as FindingKind
from forensics_app.model.report_parts import ReportKind as ReportKind
from forensics_app.model.report_parts import Section as Section


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation:
    """Where a finding leads back to: a file reference, a place in an image, or a ledger entry.

    Attributes:
        number: Of the finding; None where it is not of the record.
        image: Number of the image.
        name: Path of the file; else what of the image it is in, such as the media.
        span_bytes: Where the bytes begin of which `digest` is, and how many they are; None for a whole content.
    """

    what: str
    where: str
    digest: bytes | None = None
    check: str | None = None
    number: int | None = None
    image: str = ""
    name: str = ""
    span_bytes: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One block of findings or remarks; an opinion needs its `basis` before the report can be issued (REQ-63).

    Attributes:
        file: That it cites; None where it cites none.
        section: Under which it is printed, after what the record gives there.
        thumbnail: JPEG of the picture that it cites, or of a frame of the video, if that can be shown.
        thumbnail_absent: Why there is none, where it cites a picture or video.
        still: Of a video, which frame of it the thumbnail is.
        thumbnail_part: Of a picture with several pages or frames, which the thumbnail is.
    """

    heading: str
    kind: FindingKind
    text: str
    basis: str | None = None
    author: str | None = None
    citations: tuple[Citation, ...] = ()
    file: CitedFile | None = None
    section: Section = Section.FINDINGS
    thumbnail: bytes | None = None
    thumbnail_absent: str | None = None
    still: str | None = None
    thumbnail_part: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciled:
    """Closing count of one kind of item: what was selected, written to this report, and hashed again."""

    what: str
    selected: int
    written: int
    rehashed: int | None
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportHead:
    """What identifies this report (ISO/IEC 17025 7.8.2.1).

    Attributes:
        number: Printed on every page; a re-issue has a new one (REQ-65).
        issued_at: None for a draft, which says so on every page.
        made_at: When the dossier was gathered; for an issued report it is printed beside `issued_at`.
        replaces: Number of the report that this one replaces.
        changes: What differs from the replaced report, one sentence each.
        activity_from, activity_to: When the first and the last entry of the case were recorded, aware.
        zone: IANA name of the zone in which times are printed.
        tzdata_version: Version of the zone rules.
        zone_of_local_times: IANA name of the zone in which stamps without a zone are read for their UTC value.
    """

    title: str
    number: str
    version: int
    made_at: datetime
    zone: str
    tzdata_version: str
    issued_at: datetime | None = None
    zone_of_local_times: str = "UTC"
    replaces: str | None = None
    changes: tuple[str, ...] = ()
    activity_from: datetime | None = None
    activity_to: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Dossier:
    """Everything a report needs; see the parts for their meaning.

    Attributes:
        author: The examiner, who signs first.
        reviewer: Another person, who authorises the issue (REQ-64).
        summary: Conclusions in short, one paragraph each.
        limitations: Those of this case; standing and computed ones are added when the report is rendered.
        literature: What was relied on, CrimPR 19.4(b).
        statements: What the author states to items of the standards that no record supplies (REQ-62).
        operations: What was done, as the ledger tells; the limitations of each are printed.
        not_examined: What nobody looked at, as the records tell, one sentence each.
        stationery: Language, letterhead and the laboratory's own words.
        sections: What is printed, in this order; empty is what the kind begins with.
        findings: Those of the record first, by number, then the author's blocks in their order, each with its section.
        signatures: Under the submission by the author and under the approval, as they stand in the ledger (REQ-64).
        approved: What was approved; None of what nobody approved.
    """

    head: ReportHead
    laboratory: Laboratory
    case: CaseFacts
    author: Person
    request: Request
    program: Program
    reviewer: Person | None = None
    authorities: tuple[Authority, ...] = ()
    people: tuple[Person, ...] = ()
    exhibits: tuple[Exhibit, ...] = ()
    images: tuple[ImageFacts, ...] = ()
    custody: tuple[CustodyLog, ...] = ()
    ledger_heads: tuple[LedgerHead, ...] = ()
    tools: tuple[Tool, ...] = ()
    files: tuple[ChosenFile, ...] = ()
    file_lists: tuple[FileList, ...] = ()
    summary: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    limitations: tuple[str, ...] = ()
    deviations: tuple[Deviation, ...] = ()
    literature: tuple[str, ...] = ()
    reconciliation: tuple[Reconciled, ...] = ()
    statements: tuple[Statement, ...] = ()
    operations: tuple[Operation, ...] = ()
    not_examined: tuple[str, ...] = ()
    stationery: Stationery = field(default_factory=Stationery)
    kind: ReportKind = ReportKind.EXAMINATION
    sections: tuple[Section, ...] = ()
    notes: tuple[Note, ...] = ()
    timeline: TimelineFigure | None = None
    signatures: tuple[LedgerSignature, ...] = ()
    approved: ApprovedContent | None = None

    @property
    def printed(self) -> tuple[Section, ...]:
        """The sections that are printed, in their order."""
        return self.sections or DEFAULT_SECTIONS[self.kind]

    def findings_of(self, section: Section) -> tuple[Finding, ...]:
        """What is said under one section, in its order."""
        return tuple(finding for finding in self.findings if finding.section is section)

    @property
    def is_draft(self) -> bool:
        """Whether the report has not been issued."""
        return self.head.issued_at is None
