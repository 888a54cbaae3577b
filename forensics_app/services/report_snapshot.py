"""What a report reads of the record, from one look at it: nothing written meanwhile stands in a part of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Connection, func, select

from chain_of_custody.ledger import Entry
from chain_of_custody.report_rules import ISSUE
from forensics_app.db.ledger import entries_of, newest_about
from forensics_app.db.mapping import person_of
from forensics_app.db.mapping_exhibit import exhibit_of, photo_of
from forensics_app.db.rows import readable, records
from forensics_app.db.tables import EXHIBIT, EXHIBIT_DETAIL, PERSON, PHOTO, REPORT
from forensics_app.model.case import Case, CaseId
from forensics_app.model.cited import Cited, CitedKind
from forensics_app.model.custody import CustodyEvent, LabReport
from forensics_app.model.dossier import LedgerSignature
from forensics_app.model.exhibit import Exhibit, ExhibitId, Photo
from forensics_app.model.finding import ChosenFile
from forensics_app.model.image import EvidenceImage, ImageCheck
from forensics_app.model.names import counting_key
from forensics_app.model.note import Note
from forensics_app.model.person import Person
from forensics_app.model.report import IssuedReport, ReportId, ReportRequest, Section
from forensics_app.model.report_draft import ReportDraft
from forensics_app.model.scene import PrincipleView
from forensics_app.model.told import Told
from forensics_app.model.tool import Tool
from forensics_app.services.cases import case_with
from forensics_app.services.chosen import chosen_files
from forensics_app.services.draft_record import signatures_of
from forensics_app.services.draft_rules import check_replaced
from forensics_app.services.drawn_around import Undone, custody_until, submission_of, undone_since
from forensics_app.services.findings import cited_in
from forensics_app.services.history import event_of
from forensics_app.services.intake import checks_of, images_of
from forensics_app.services.notes import notes_of
from forensics_app.services.particulars import form_of
from forensics_app.services.principles import Principles
from forensics_app.services.tools import tools_of

CLOCK_FIELDS = ("bios_time", "time_offset")
"""Particulars of a device that tell what its clock says (REQ-13)."""

UNPRINTED_FIELDS = frozenset({*CLOCK_FIELDS, "credentials"})
"""Particulars that are not in the list of a report: printed as the clock of the device, or secret."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportSnapshot:
    """One state of the record.

    Attributes:
        notes: Of the case, by number; none where the report prints none.
        events: The entries of the case; of a draft that was submitted those before its submission.
        later: How many entries the case has behind them; None while nothing was submitted.
        replaced: The issued report that it is to replace.
        signatures: Under the submission and the approval of the draft, as far as they are there.
        approved_by: Id of who approved the draft as it stands.
        ordinal: Which report of the case the next one is, from 1; only an issue takes that number.
        draft_number: What is printed as the number while nothing is issued.
        clocks: What is recorded of the clock of an exhibit; nothing of those without a word about it.
        particulars: Label and value of what else is recorded of an exhibit by the guidance, but no credentials.
        verified: The whole lab, verified in the same state; the heads that a report prints are those of it.
    """

    case: Case
    ordinal: int
    draft_number: str
    people: Mapping[UUID, Person]
    exhibits: tuple[Exhibit, ...]
    photos: Mapping[ExhibitId, tuple[Photo, ...]]
    clocks: Mapping[ExhibitId, str]
    particulars: Mapping[ExhibitId, tuple[tuple[str, str], ...]]
    images: Mapping[UUID, EvidenceImage]
    checks: Mapping[UUID, tuple[ImageCheck, ...]]
    events: tuple[CustodyEvent, ...]
    later: int | None
    chosen: tuple[ChosenFile, ...]
    cited: tuple[Cited, ...]
    register: tuple[Tool, ...]
    principles: tuple[PrincipleView, ...]
    notes: tuple[Note, ...]
    replaced: IssuedReport | None
    signatures: tuple[LedgerSignature, ...]
    approved_by: UUID | None
    verified: LabReport


def read_snapshot(
    connection: Connection,
    request: ReportRequest,
    draft: ReportDraft | None,
    principles: Principles,
    verify: Callable[[Connection], LabReport],
) -> ReportSnapshot:
    """Read all that a report of a case says of the record.

    Args:
        connection: Of one transaction that reads.
        request: What is written in the report.
        draft: The draft whose signatures are printed.
        principles: Says how the case stands to the guidance.
        verify: Verifies the lab.

    Raises:
        NotFoundError: There is no such case.
        LabUnusableError: The record cannot be read.
    """
    case = case_with(connection, request.case_id)
    submission = None if draft is None else submission_of(connection, draft.id, draft.state)
    until, entries = custody_until(submission), list(entries_of(connection, str(case.id)))
    undone = undone_since(entries, until)
    if draft is not None and draft.report_id is not None:
        entries = _before_its_issue(connection, entries, draft.report_id)
    issued = select(func.count()).select_from(REPORT).where(REPORT.c.case_id == str(case.id))
    exhibits, images = _exhibits(connection, case.id, undone), images_of(connection, case.id)
    return ReportSnapshot(
        case=case,
        ordinal=(connection.scalar(issued) or 0) + 1,
        draft_number=_draft_number(connection, draft),
        people={person.id: person for person in records(connection, select(PERSON).order_by(PERSON.c.name), person_of)},
        exhibits=exhibits,
        photos=_photos(connection, case.id, exhibits),
        clocks=_clocks(connection, case.id),
        particulars={
            one.id: form_of(connection, principles.guidance, one).facts_without(UNPRINTED_FIELDS) for one in exhibits
        },
        images={image.id: image for image in images},
        checks={
            image.id: tuple(one for one in checks_of(connection, image.id) if one.id not in undone.new_checks)
            for image in images
        },
        events=tuple(event_of(entry) for entry in entries[:until]),
        later=None if until is None else len(entries) - until,
        chosen=chosen_files(connection, case.id),
        cited=cited_in(connection, case.id, CitedKind.FINDING),
        register=tools_of(connection),
        principles=principles.of_case_in(connection, case.id),
        notes=notes_of(connection, case.id) if Section.NOTES in request.printed else (),
        replaced=_replaced(connection, request, draft),
        signatures=() if draft is None else signatures_of(connection, draft),
        approved_by=None if draft is None or draft.approval is None else draft.approval.reviewer_id,
        verified=verify(connection),
    )


def _replaced(connection: Connection, request: ReportRequest, draft: ReportDraft | None) -> IssuedReport | None:
    if request.replaces is None:
        return None
    return check_replaced(connection, request.case_id, request.replaces, None if draft is None else draft.id)


def _exhibits(connection: Connection, case_id: CaseId, undone: Undone) -> tuple[Exhibit, ...]:
    """The exhibits of a case as they stood, by number as people count."""
    query = select(EXHIBIT).where(EXHIBIT.c.case_id == str(case_id))
    found = records(connection, query, lambda row: exhibit_of(undone.row(row)))
    return tuple(sorted(found, key=lambda exhibit: counting_key(exhibit.number)))


def _before_its_issue(connection: Connection, entries: list[Entry], report_id: ReportId) -> list[Entry]:
    """What the record held when a report was issued, which its other formats tell, too."""
    issued = newest_about(connection, str(report_id), ISSUE)
    return entries if issued is None else entries[: issued.content.sequence - 1]


def _draft_number(connection: Connection, draft: ReportDraft | None) -> str:
    """``draft N``; of an issued draft the number of its report."""
    if draft is None:
        return Told("draft, not recorded")
    number = connection.scalar(select(REPORT.c.number).where(REPORT.c.draft_id == str(draft.id)))
    return Told("draft {number}", number=draft.number) if number is None else str(number)


def _photos(
    connection: Connection, case_id: CaseId, exhibits: tuple[Exhibit, ...]
) -> Mapping[ExhibitId, tuple[Photo, ...]]:
    """The photographs of every exhibit, oldest first."""
    mine = select(PHOTO).join(EXHIBIT, EXHIBIT.c.id == PHOTO.c.exhibit_id).where(EXHIBIT.c.case_id == str(case_id))
    photos = readable(connection, mine.order_by(PHOTO.c.recorded_at, PHOTO.c.id), photo_of)
    return {exhibit.id: tuple(one for one in photos if one.exhibit_id == exhibit.id) for exhibit in exhibits}


def _clocks(connection: Connection, case_id: CaseId) -> Mapping[ExhibitId, str]:
    """What the particulars of the exhibits tell of their clocks."""
    query = select(EXHIBIT_DETAIL).join(EXHIBIT, EXHIBIT.c.id == EXHIBIT_DETAIL.c.exhibit_id)
    query = query.where(EXHIBIT.c.case_id == str(case_id), EXHIBIT_DETAIL.c.field.in_(CLOCK_FIELDS))
    told: dict[ExhibitId, str] = {}
    for row in connection.execute(query.order_by(EXHIBIT_DETAIL.c.field)):
        if row.value:
            exhibit = ExhibitId(UUID(row.exhibit_id))
            told[exhibit] = f"{told[exhibit]}; {row.value}" if exhibit in told else row.value
    return told
