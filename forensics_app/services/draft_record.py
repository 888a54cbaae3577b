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
from forensics_app.model.case import CaseId
from forensics_app.model.dossier import LedgerSignature
from forensics_app.model.person import PersonId
from forensics_app.model.report import DraftId, ReportRequest
from forensics_app.model.report_draft import EDITABLE, DraftState, Drawn, Records, ReportDraft
from forensics_app.services.drawn_records import content_sha256, differences, records_of
from forensics_app.services.record import Writer

WRITING = ("report.draft", "report.edit", "report.submit")
"""Actions whose signers wrote a draft; none of them approves it (REQ-64)."""


def drafts_of(connection: Connection, case_id: CaseId) -> tuple[ReportDraft, ...]:
    """The drafts of a case, by number."""
    query = _drafts().where(REPORT_DRAFT.c.case_id == str(case_id)).order_by(REPORT_DRAFT.c.number)
    known: dict[Drawn, Records] = {}
    return records(connection, query, lambda row: _whole(connection, row, known))


def draft_with(connection: Connection, draft_id: DraftId) -> ReportDraft:
    """The draft with this id.

    Raises:
        NotFoundError: There is none.
    """
    query = _drafts().where(REPORT_DRAFT.c.id == str(draft_id))
    return record_with(
        connection, query, lambda row: _whole(connection, row, {}), f"draft of a report with the id {draft_id}"
    )


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


def _whole(connection: Connection, row: Row, known: dict[Drawn, Records]) -> ReportDraft:
    draft_id = row["id"]
    standing = (REPORT_BLOCK.c.draft_id == draft_id) & REPORT_BLOCK.c.withdrawn_at.is_(None)
    blocks = records(connection, select(REPORT_BLOCK).where(standing).order_by(REPORT_BLOCK.c.position), block_of)
    reviews = (
        select(REPORT_REVIEW, PERSON.c.name.label("reviewer"))
        .join(PERSON, PERSON.c.id == REPORT_REVIEW.c.reviewer_id)
        .where(REPORT_REVIEW.c.draft_id == draft_id)
        .order_by(REPORT_REVIEW.c.decided_at, REPORT_REVIEW.c.id)
    )
    draft = draft_of(row, blocks, records(connection, reviews, review_of), writers_of(connection, draft_id))
    return _with_records(connection, draft, known)


def _with_records(connection: Connection, draft: ReportDraft, known: dict[Drawn, Records]) -> ReportDraft:
    if draft.state is DraftState.ISSUED:
        return replace(draft, content_sha256=draft.reviews[-1].content_sha256) if draft.reviews else draft
    if draft.state is DraftState.DISCARDED:
        return draft
    drawn = records_of(connection, draft.content, known)
    is_reviewed = draft.state in (DraftState.IN_REVIEW, DraftState.APPROVED)
    return replace(
        draft,
        content_sha256=content_sha256(draft.written_sha256, drawn),
        records=drawn,
        differs=differences(connection, str(draft.id), draft.content.case_id, drawn) if is_reviewed else (),
    )


def writers_of(connection: Connection, draft_id: str) -> frozenset[PersonId]:
    """Everybody who signed a change of a draft or its submission."""
    query = select(ENTRY.c.actor_id).where(ENTRY.c.object_id == draft_id, ENTRY.c.action.in_(WRITING))
    return frozenset(PersonId(UUID(actor)) for actor in connection.scalars(query))
