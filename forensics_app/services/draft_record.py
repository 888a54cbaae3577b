"""Drafts of reports as rows: read with their blocks, reviews and writers; written with what changed of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Select, func, select

from chain_of_custody.ledger import Entry, Subject
from forensics_app.db.ledger import newest_about
from forensics_app.db.mapping import Row, Values, time_text
from forensics_app.db.mapping_draft import block_of, block_values, content_values, draft_of, review_of, written_blocks
from forensics_app.db.rows import record_with, records
from forensics_app.db.tables import ENTRY, PERSON, REPORT_BLOCK, REPORT_DRAFT, REPORT_REVIEW
from forensics_app.errors import RefusedError
from forensics_app.model.case import CaseId
from forensics_app.model.dossier import LedgerSignature
from forensics_app.model.person import PersonId
from forensics_app.model.report import DraftId, IssuedReport, ReportRequest
from forensics_app.model.report_draft import EDITABLE, DraftState, Drawn, Records, ReportDraft
from forensics_app.services.draft_rules import issued_with
from forensics_app.services.drawn_around import Around, Drawing, custody_until, submission_of
from forensics_app.services.drawn_records import content_sha256, differences, records_of, signer_changed
from forensics_app.services.record import Writer

WRITING = ("report.draft", "report.edit", "report.submit")
"""Actions whose signers wrote a draft; none of them approves it (REQ-64)."""


def drafts_of(connection: Connection, case_id: CaseId, drawing: Drawing) -> tuple[ReportDraft, ...]:
    """The drafts of a case, by number."""
    query = _drafts().where(REPORT_DRAFT.c.case_id == str(case_id)).order_by(REPORT_DRAFT.c.number)
    around = Around(drawing=drawing, connection=connection, case_id=case_id)
    known: dict[Drawn, Records] = {}
    return records(connection, query, lambda row: _whole(row, around, known))


def draft_with(connection: Connection, draft_id: DraftId, drawing: Drawing) -> ReportDraft:
    """The draft with this id.

    Raises:
        NotFoundError: There is none.
    """
    query = _drafts().where(REPORT_DRAFT.c.id == str(draft_id))

    def whole(row: Row) -> ReportDraft:
        case_id = CaseId(UUID(row["case_id"]))
        return _whole(row, Around(drawing=drawing, connection=connection, case_id=case_id), {})

    return record_with(connection, query, whole, f"draft of a report with the id {draft_id}")


def draft_subject(draft: ReportDraft) -> Subject:
    """The draft as the object of an entry."""
    return Subject(kind="report_draft", id=str(draft.id), label=draft.label)


def next_number(connection: Connection, case_id: CaseId) -> int:
    """The number that the next draft of a case gets."""
    query = select(func.coalesce(func.max(REPORT_DRAFT.c.number), 0)).where(REPORT_DRAFT.c.case_id == str(case_id))
    return int(connection.execute(query).scalar_one()) + 1


def write_new(writer: Writer, values: Values, content: ReportRequest) -> None:
    """Write the rows of a draft that begins; ``values`` are those that its author does not write."""
    writer.insert(REPORT_DRAFT, {**values, **content_values(content)})
    for position, block in enumerate(written_blocks(content)):
        row: Values = {"id": str(block.id), "draft_id": values["id"], "position": position, "withdrawn_at": None}
        writer.insert(REPORT_BLOCK, {**row, **block_values(block)})


def write_changes(writer: Writer, before: ReportDraft, content: ReportRequest, at: datetime) -> None:
    """Write what ``content`` has otherwise than the draft; a block that it has no more is marked as withdrawn."""
    writer.update(REPORT_DRAFT, before.id, {**content_values(content), "changed_at": time_text(at)})
    mine = select(REPORT_BLOCK.c.id).where(REPORT_BLOCK.c.draft_id == str(before.id))
    known = {UUID(one) for one in writer.connection.scalars(mine)}
    for position, block in enumerate(written_blocks(content)):
        row: Values = {**block_values(block), "position": position, "withdrawn_at": None}
        if block.id in known:
            writer.update(REPORT_BLOCK, block.id, row)
        else:
            writer.insert(REPORT_BLOCK, {"id": str(block.id), "draft_id": str(before.id), **row})
    stood, stands = ({one.id for one in written_blocks(content)} for content in (before.content, content))
    for gone in stood - stands:
        writer.update(REPORT_BLOCK, gone, {"withdrawn_at": time_text(at)})


def signatures_of(connection: Connection, draft: ReportDraft) -> tuple[LedgerSignature, ...]:
    """The signatures under the newest submission of a draft and under its approval, while it is not changed again."""
    if draft.state in EDITABLE:
        return ()
    acts = [("report.submit", "submitted it as its author")]
    if draft.state is not DraftState.IN_REVIEW:
        acts.append(("report.approve", "approved it as its authoriser"))
    entries = [(newest_about(connection, str(draft.id), action), words) for action, words in acts]
    return tuple(_signature(entry, words) for entry, words in entries if entry is not None)


def _signature(entry: Entry, words: str) -> LedgerSignature:
    content = entry.content
    slot = content.signers[0]
    return LedgerSignature(
        name=slot.name,
        act=words,
        entry=content.sequence,
        entry_sha256=entry.digest,
        key_id=bytes.fromhex(slot.key),
        signature=entry.signatures[0],
        signed_at=content.recorded_at,
        content_sha256=bytes.fromhex(str(content.facts["content_sha256"])),
    )


def _drafts() -> Select[Any]:
    return select(REPORT_DRAFT, PERSON.c.name.label("author")).join(PERSON, PERSON.c.id == REPORT_DRAFT.c.author_id)


def _whole(row: Row, around: Around, known: dict[Drawn, Records]) -> ReportDraft:
    connection, draft_id = around.connection, row["id"]
    standing = (REPORT_BLOCK.c.draft_id == draft_id) & REPORT_BLOCK.c.withdrawn_at.is_(None)
    blocks = records(connection, select(REPORT_BLOCK).where(standing).order_by(REPORT_BLOCK.c.position), block_of)
    reviews = (
        select(REPORT_REVIEW, PERSON.c.name.label("reviewer"))
        .join(PERSON, PERSON.c.id == REPORT_REVIEW.c.reviewer_id)
        .where(REPORT_REVIEW.c.draft_id == draft_id)
        .order_by(REPORT_REVIEW.c.decided_at, REPORT_REVIEW.c.id)
    )
    draft = draft_of(row, blocks, records(connection, reviews, review_of), writers_of(connection, draft_id))
    return _with_records(draft, around, known)


def _with_records(draft: ReportDraft, around: Around, known: dict[Drawn, Records]) -> ReportDraft:
    if draft.state is DraftState.ISSUED:
        return replace(draft, content_sha256=draft.reviews[-1].content_sha256) if draft.reviews else draft
    if draft.state is DraftState.DISCARDED:
        return draft
    submission = submission_of(around.connection, draft.id, draft.state)
    drawn = records_of(draft.content, around, custody_until(submission), known)
    return replace(
        draft,
        content_sha256=content_sha256(draft.written_sha256, drawn),
        records=drawn,
        differs=() if draft.state in EDITABLE else _differs(around.connection, draft, submission, drawn),
    )


def as_submitted(connection: Connection, draft: ReportDraft, drawing: Drawing) -> ReportDraft:
    """A draft with what its submission freezes: its records, and custody up to the newest entry."""
    around = Around(drawing=drawing, connection=connection, case_id=draft.content.case_id)
    drawn = records_of(draft.content, around, around.head(None)[0], {})
    return replace(draft, records=drawn, content_sha256=content_sha256(draft.written_sha256, drawn))


def _differs(
    connection: Connection, draft: ReportDraft, submission: Entry | None, drawn: tuple[Records, ...]
) -> tuple[str, ...]:
    acts = [submission]
    if draft.state in (DraftState.APPROVED, DraftState.ISSUED):
        acts.append(newest_about(connection, str(draft.id), "report.approve"))
    named = [words for signed in acts if signed is not None for words in signer_changed(connection, signed)]
    return tuple(dict.fromkeys((*differences(connection, submission, drawn), *named)))


def as_issued(connection: Connection, draft: ReportDraft, drawing: Drawing) -> IssuedReport | None:
    """The report that was issued from a draft, where it can be drawn again as it was; None while none was.

    Raises:
        RefusedError: What it prints of the record changed since.
    """
    if draft.report_id is None:
        return None
    report = issued_with(connection, draft.report_id)
    around = Around(drawing=drawing, connection=connection, case_id=draft.content.case_id)
    submission = submission_of(connection, draft.id, draft.state)
    drawn = records_of(draft.content, around, custody_until(submission), {})
    if changed := _differs(connection, draft, submission, drawn):
        raise RefusedError(
            f"{report.number} was issued, and what it prints of the record is not known to be as it was. "
            f"{' '.join(changed)}",
            kept="Nothing was written; what was issued is kept as it is.",
            then="A copy of the signed report is written with: forensics-app report copy. What the record says now is "
            f"exported without a draft, or of a draft that replaces {report.number}.",
        )
    return report


def writers_of(connection: Connection, draft_id: str) -> frozenset[PersonId]:
    """Everybody who signed a change of a draft or its submission."""
    query = select(ENTRY.c.actor_id).where(ENTRY.c.object_id == draft_id, ENTRY.c.action.in_(WRITING))
    return frozenset(PersonId(UUID(actor)) for actor in connection.scalars(query))
