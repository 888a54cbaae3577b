"""Drafts of reports in the record: what was written, how far the review is, and which step is open (REQ-64, REQ-65)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from forensics_app.model.person import PersonId
from forensics_app.model.report import DraftId, ReportId, ReportRequest, Section


class DraftState(StrEnum):
    """How far a draft is."""

    DRAFT = "draft"
    IN_REVIEW = "in review"
    RETURNED = "returned"
    APPROVED = "approved"
    ISSUED = "issued"
    DISCARDED = "discarded"


class DraftStep(StrEnum):
    """What is done to a draft; ``report.`` before it is the action of the entry."""

    EDIT = "edit"
    SUBMIT = "submit"
    RECALL = "recall"
    RETURN = "return"
    APPROVE = "approve"
    ISSUE = "issue"
    DISCARD = "discard"


_D = DraftState
ARROWS: Mapping[tuple[DraftState, DraftStep], DraftState] = {
    (_D.DRAFT, DraftStep.EDIT): _D.DRAFT,
    (_D.RETURNED, DraftStep.EDIT): _D.RETURNED,
    (_D.DRAFT, DraftStep.SUBMIT): _D.IN_REVIEW,
    (_D.RETURNED, DraftStep.SUBMIT): _D.IN_REVIEW,
    (_D.IN_REVIEW, DraftStep.RECALL): _D.DRAFT,
    (_D.APPROVED, DraftStep.RECALL): _D.DRAFT,
    (_D.IN_REVIEW, DraftStep.RETURN): _D.RETURNED,
    (_D.IN_REVIEW, DraftStep.APPROVE): _D.APPROVED,
    (_D.APPROVED, DraftStep.ISSUE): _D.ISSUED,
    (_D.DRAFT, DraftStep.DISCARD): _D.DISCARDED,
    (_D.RETURNED, DraftStep.DISCARD): _D.DISCARDED,
}
"""Where each step leads from each state; what is not here is not possible."""

EDITABLE = frozenset({_D.DRAFT, _D.RETURNED})
STANDING = frozenset({*EDITABLE, _D.IN_REVIEW, _D.APPROVED})
ENDED = frozenset({_D.ISSUED, _D.DISCARDED})


class Drawn(StrEnum):
    """What a report draws from the record, by kind; custody up to the submission, all else as it is."""

    CASE = "particulars of the case"
    EXHIBITS = "exhibits"
    PHOTOGRAPHS = "photographs"
    IMAGES = "images"
    FILES = "chosen files"
    FINDINGS = "findings"
    NOTES = "notes"
    TAGS = "tags, and hash sets of the laboratory"
    HIDDEN = "marks, concealing tags and alert sets"
    DEVIATIONS = "departures from the guidance"
    TOOLS = "entries of the register of tools"
    PEOPLE = "names and functions of people"
    STATIONERY = "files of stationery, and what the laboratory is called"
    CATALOGUES = "catalogues on this computer"
    TIMELINE = "timelines"
    CUSTODY = "entries of custody"


@dataclass(frozen=True, slots=True)
class Records:
    """The records of a kind that a report draws: how many, and the SHA-256 over their rows."""

    kind: Drawn
    count: int
    sha256: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """What a reviewer decided about a draft as it was submitted.

    Attributes:
        reviewer: Name of who decided.
        content_sha256: Of what the reviewer read, as `content_sha256` of the draft then.
    """

    id: UUID
    reviewer_id: PersonId
    reviewer: str
    approved: bool
    comment: str
    content_sha256: bytes
    decided_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportDraft:
    """A draft as it stands in the record.

    Attributes:
        number: Which draft of the case it is, from 1; it stays when the report gets its own number.
        content: What was written; everything else comes from the record when the report is printed.
        written_sha256: Of the canonical JSON of what was written.
        content_sha256: Of that and of the records that the report draws, as they are now; of an issued one, as they
            were approved. A submission, a review and an issue name it.
        records: What it draws from the record now; empty once it has ended.
        differs: What of the record is not as it was submitted, a sentence each; only in review or approved.
        author_id: Who began it, submits it and signs its issue.
        writers: Everybody who signed a change of it; none of them approves it (REQ-64).
        reviews: Oldest first.
        report_id: The report that was issued from it.
    """

    id: DraftId
    number: int
    content: ReportRequest
    written_sha256: bytes
    content_sha256: bytes
    state: DraftState
    author_id: PersonId
    author: str
    writers: frozenset[PersonId]
    begun_at: datetime
    changed_at: datetime
    submitted_at: datetime | None = None
    reviews: tuple[Review, ...] = ()
    report_id: ReportId | None = None
    records: tuple[Records, ...] = ()
    differs: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """What it is called: its number and title."""
        return f"draft {self.number}, {self.content.title}"

    @property
    def approval(self) -> Review | None:
        """The approval of what is written and drawn from the record now; None until there is one."""
        newest = self.reviews[-1] if self.reviews and self.state in (_D.APPROVED, _D.ISSUED) else None
        return newest if newest and newest.approved and newest.content_sha256 == self.content_sha256 else None

    def allows(self, step: DraftStep) -> bool:
        """Whether this step is open from its state."""
        return (self.state, step) in ARROWS


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocker:
    """What keeps a draft from being submitted and issued, a sentence; ``block_id`` is the block that it is about."""

    what: str
    block_id: UUID | None = None


def blockers_of(content: ReportRequest) -> tuple[Blocker, ...]:
    """What must be mended before a draft can be submitted; each opinion without a basis is named (REQ-63)."""
    found = []
    for block in content.blocks:
        name = block.heading.strip() or block.text.strip()[:60] or "without heading"
        if block.lacks_basis:
            what = f"The opinion “{name}” has no basis; state it in words before the report is issued."
            found.append(Blocker(what=what, block_id=block.id))
        if not block.text.strip():
            found.append(Blocker(what=f"The block “{name}” has no text.", block_id=block.id))
        if block.section not in content.printed:
            what = (
                f"The block “{name}” stands in a section that is not printed: {block.section}. Printed are: "
                f"{', '.join(content.printed)}."
            )
            found.append(Blocker(what=what, block_id=block.id))
    if content.lists and Section.LISTS not in content.printed:
        found.append(Blocker(what="It has lists of files, and the annex with them is not printed."))
    if content.replaces is not None and not content.changes:
        found.append(Blocker(what="It replaces an issued report and does not say what changed."))
    return tuple(found)
