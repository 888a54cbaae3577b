"""Rows of drafts of reports, their blocks and their reviews, into records and back."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from uuid import UUID

from forensics_app.db.mapping import Row, Values, bytes_or_none, json_text, moment, of_table, time_or_none
from forensics_app.model.case import CaseId
from forensics_app.model.person import PersonId
from forensics_app.model.report import (
    Block,
    DraftId,
    FindingKind,
    ListChoice,
    ReportId,
    ReportKind,
    ReportRequest,
    Section,
    Statement,
)
from forensics_app.model.report_draft import DraftState, ReportDraft, Review

_WRITTEN = ("section", "kind", "heading", "text", "basis")
"""Columns of a block that its author writes."""
_CONTENT = (
    "kind", "title", "zone", "zone_of_local_times", "sections", "summary", "limitations", "statements", "language",
    "replaces_id", "changes",
)  # fmt: skip
"""Columns of a draft that its author writes."""


_LIST = "list of files"
"""What a row of blocks is that holds a list: its title, its filter, and the id of its image where a basis stands."""


@of_table("report_block")
def block_of(row: Row) -> Block | ListChoice:
    """A block of the author's text, or a list of files that its author chose."""
    if row["kind"] == _LIST:
        return ListChoice(id=UUID(row["id"]), title=row["heading"], image_id=UUID(row["basis"]), filter=row["text"])
    return Block(
        id=UUID(row["id"]),
        kind=FindingKind(row["kind"]),
        heading=row["heading"],
        text=row["text"],
        basis=row["basis"],
        section=Section(row["section"]),
    )


@of_table("report_review")
def review_of(row: Row) -> Review:
    """A review, with ``reviewer`` of the row that it points at."""
    return Review(
        id=UUID(row["id"]),
        reviewer_id=PersonId(UUID(row["reviewer_id"])),
        reviewer=row["reviewer"],
        approved=bool(row["approved"]),
        comment=row["comment"],
        content_sha256=bytes.fromhex(row["content_sha256"]),
        decided_at=moment(row["decided_at"]),
    )


def draft_of(
    row: Row, blocks: Sequence[Block | ListChoice], reviews: Sequence[Review], writers: frozenset[PersonId]
) -> ReportDraft:
    """A draft, with ``author`` of the row that it points at; what it draws from the record is not looked at."""

    @of_table("report_draft")
    def read(row: Row) -> ReportDraft:
        return ReportDraft(
            id=DraftId(UUID(row["id"])),
            number=row["number"],
            content=_content_of(row, blocks),
            written_sha256=bytes_or_none(row["content_sha256"]) or b"",
            content_sha256=bytes_or_none(row["content_sha256"]) or b"",
            state=DraftState(row["state"]),
            author_id=PersonId(UUID(row["author_id"])),
            author=row["author"],
            writers=writers,
            begun_at=moment(row["begun_at"]),
            changed_at=moment(row["changed_at"]),
            submitted_at=time_or_none(row["submitted_at"]),
            reviews=tuple(reviews),
            report_id=None if row["report_id"] is None else ReportId(UUID(row["report_id"])),
        )

    return read(row)


def _content_of(row: Row, blocks: Sequence[Block | ListChoice]) -> ReportRequest:
    return ReportRequest(
        case_id=CaseId(UUID(row["case_id"])),
        kind=ReportKind(row["kind"]),
        title=row["title"],
        zone=row["zone"],
        zone_of_local_times=row["zone_of_local_times"],
        sections=tuple(Section(name) for name in json.loads(row["sections"])),
        summary=tuple(json.loads(row["summary"])),
        blocks=tuple(one for one in blocks if isinstance(one, Block)),
        lists=tuple(one for one in blocks if isinstance(one, ListChoice)),
        limitations=tuple(json.loads(row["limitations"])),
        statements=tuple(Statement(item=item, text=text) for item, text in json.loads(row["statements"])),
        language=row["language"],
        replaces=None if row["replaces_id"] is None else ReportId(UUID(row["replaces_id"])),
        changes=tuple(json.loads(row["changes"])),
    )


def content_values(content: ReportRequest) -> Values:
    """The columns of a draft that its author writes, with the digest of all of it and of the blocks."""
    values: Values = {
        "kind": content.kind.value,
        "title": content.title,
        "zone": content.zone,
        "zone_of_local_times": content.zone_of_local_times,
        "sections": json_text([section.value for section in content.printed]),
        "summary": json_text(content.summary),
        "limitations": json_text(content.limitations),
        "statements": json_text([[one.item, one.text] for one in content.statements]),
        "language": content.language,
        "replaces_id": None if content.replaces is None else str(content.replaces),
        "changes": json_text(content.changes),
    }
    blocks = [{"id": str(one.id), **block_values(one)} for one in written_blocks(content)]
    return {**values, "content_sha256": _digest_of(values, blocks).hex()}


def written_sha256(row: Mapping[str, object], blocks: Sequence[Mapping[str, object]]) -> bytes:
    """The digest of all that is written in a draft, by its row and those of the blocks that stand, in their order."""
    columns = [{name: one.get(name) for name in ("id", *_WRITTEN)} for one in blocks]
    return _digest_of({name: row.get(name) for name in _CONTENT}, columns)


def _digest_of(values: Mapping[str, object], blocks: Sequence[Mapping[str, object]]) -> bytes:
    return hashlib.sha256(json_text({**values, "blocks": blocks}).encode()).digest()


def written_blocks(content: ReportRequest) -> tuple[Block | ListChoice, ...]:
    """What stands in rows of its own, in their order: blocks, then lists."""
    return (*content.blocks, *content.lists)


def block_values(block: Block | ListChoice) -> dict[str, str]:
    """The columns of a block or list that its author writes."""
    if isinstance(block, ListChoice):
        chosen = (Section.LISTS.value, _LIST, block.title, block.filter, str(block.image_id))
        return dict(zip(_WRITTEN, chosen, strict=True))
    written = (block.section.value, block.kind.value, block.heading, block.text, block.basis)
    return dict(zip(_WRITTEN, written, strict=True))
