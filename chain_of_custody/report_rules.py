"""Whether reports were written, reviewed and issued as they may be: by two people, and never changed afterwards."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from chain_of_custody.body import Change, Content
from chain_of_custody.canonical import Json
from chain_of_custody.hand_rules import FIFTH

DRAFT: Final = "report_draft"
BLOCK: Final = "report_block"
REVIEW: Final = "report_review"
REPORT: Final = "report"
OF_REPORTS: Final = (DRAFT, BLOCK, REVIEW, REPORT)
"""Tables whose rows tell how reports are made."""
BEGIN: Final = "report.draft"
ISSUE: Final = "report.issue"
SUBMIT: Final = "report.submit"
APPROVE: Final = "report.approve"
RECORDS: Final = "records"
"""Fact of a submission that freezes what the report draws from the record."""
_FROZEN: Final = (APPROVE, ISSUE)
WRITERS: Final = frozenset(("examiner",))
REVIEWERS: Final = frozenset(("supervisor",))
_ENDS_NOTHING: Final = ("draft", "returned")
STEPS: Final[dict[str, tuple[tuple[str, ...], str | None, frozenset[str]]]] = {
    SUBMIT: (_ENDS_NOTHING, "in review", frozenset(("state", "author_id", "submitted_at"))),
    "report.recall": (("in review", "approved"), "draft", frozenset(("state",))),
    "report.return": (("in review",), "returned", frozenset(("state",))),
    APPROVE: (("in review",), "approved", frozenset(("state",))),
    "report.discard": (_ENDS_NOTHING, "discarded", frozenset(("state",))),
    ISSUE: (("approved",), "issued", frozenset(("state", "report_id"))),
}
"""Where each step leads from which states, and which columns of the draft it changes."""
EDIT: Final = "report.edit"
_NOT_WRITTEN: Final = frozenset(("state", "author_id", "case_id", "number", "begun_at", "submitted_at", "report_id"))
"""Columns of a draft that writing does not change."""
_SINCE_DRAFTS: Final = frozenset(("kind", "draft_id", "authoriser_id", "replaces_id", "changes"))
"""Columns of a report since drafts are kept; a row with one of them has a draft, or nobody reviewed it."""
_DECIDED: Final = {APPROVE: 1, "report.return": 0}
_WRITING: Final = (BEGIN, EDIT, SUBMIT)
SIGNED_BY: Final = {
    **dict.fromkeys((BEGIN, EDIT, SUBMIT, "report.recall", "report.discard"), WRITERS),
    ISSUE: WRITERS,
    **dict.fromkeys(_DECIDED, REVIEWERS),
}
"""Which role a signer needs, but for who authorises an issue."""


@dataclass(slots=True)
class _Draft:
    """What is known of a draft: its columns, who wrote any of it, who approved it last, and what a submission froze."""

    row: dict[str, Json] = field(default_factory=dict)
    writers: set[str] = field(default_factory=set)
    approver: str | None = None
    is_frozen: bool = False
    frozen: Json = ""


class Reports:
    """The drafts and reports of a chain, as the entries so far add up to them."""

    def __init__(self) -> None:
        """Begin without any."""
        self._drafts: dict[str, _Draft] = {}
        self._owner: dict[str, Json] = {}  # of a block: its draft
        self._made: set[tuple[str, str]] = set()
        self._heads: set[str] = set()
        self._has_drafts = False

    def pass_by(self, head: str) -> None:
        """Count a head that the chain had: what an entry names as the digest of the one before it, judged or not."""
        self._heads.add(head)

    def take(self, content: Content, *, rules: int) -> Iterator[str]:
        """Say what was not allowed about the reports of an entry, and count it; `rules` is the number that holds."""
        if content.action == SUBMIT and rules >= FIFTH and not isinstance(content.facts.get(RECORDS), Mapping):
            yield f"{SUBMIT} does not say which records it freezes."
        by_table = {table: [one for one in content.changes if one.table == table] for table in OF_REPORTS}
        key = self._draft_of(content, by_table[REPORT])
        yield from self._of_draft(content, key, by_table[DRAFT])
        for change in by_table[BLOCK]:
            yield from self._of_block(content, key, change)
        yield from self._of_reviews(content, key, by_table[REVIEW])
        yield from self._of_reports(content, key, by_table[REPORT])
        self._count(content, key, by_table)

    def _draft_of(self, content: Content, reports: list[Change]) -> str | None:
        """The draft that an entry is about: its object, or what the report comes from that it issues."""
        if content.action == ISSUE:
            named = reports[0].after.get("draft_id") if len(reports) == 1 else None
            return named if type(named) is str else None
        is_step = content.action in (BEGIN, EDIT, *STEPS)
        return content.object.id if is_step and content.object.kind == DRAFT else None

    def _of_draft(self, content: Content, key: str | None, changes: list[Change]) -> Iterator[str]:
        action = content.action
        if any(change.id != key for change in changes):
            yield f"{action} changes a draft of a report that it is not about."
        of_it = next((change for change in changes if change.id == key), None)
        draft = self._drafts.get(key or "")
        if key is None:
            return
        if action == BEGIN:
            row = {} if of_it is None else of_it.after
            stated = (row.get("state"), row.get("author_id"), row.get("case_id"))
            if draft is not None or stated != ("draft", content.actor.id, content.chain):
                yield f"{action} brings a draft into being in a way in which none does."
        elif draft is None:
            yield f"{action} is about a draft that this chain never began."
            return
        elif action == EDIT:
            is_open = draft.row.get("state") in _ENDS_NOTHING
            if not is_open or (of_it is not None and _NOT_WRITTEN & set(of_it.set)):
                state = draft.row.get("state")
                yield f"{action} writes in a draft that is {state}, or changes more than what is written."
        else:
            yield from _of_step(content, draft, {} if of_it is None else of_it.after)
        yield from _of_signers(content, draft)
        if draft is not None and action in _FROZEN and draft.is_frozen:
            yield from _of_content(content, draft)

    def _of_block(self, content: Content, key: str | None, change: Change) -> Iterator[str]:
        told = change.after.get("draft_id")
        before = self._owner.get(change.id)
        owner = told if before is None else before
        if content.action not in (BEGIN, EDIT) or key is None or owner != key or told not in (None, key):
            yield f"{content.action} changes a block of a report, which only its own draft and edits do."

    def _of_reviews(self, content: Content, key: str | None, changes: list[Change]) -> Iterator[str]:
        action = content.action
        if action not in _DECIDED:
            if changes:
                yield f"{action} makes or changes a review, which only report.approve and report.return make."
            return
        rows = [change.after for change in changes if (REVIEW, change.id) not in self._made]
        stated = [(row.get("draft_id"), row.get("reviewer_id"), row.get("approved")) for row in rows]
        is_said = len(rows) == 1 and type(rows[0].get("approved")) is int
        if len(changes) != 1 or stated != [(key, content.actor.id, _DECIDED[action])] or not is_said:
            yield f"{action} states another review than its own."
        if key in self._drafts and content.actor.id in self._drafts[key].writers:
            yield f"{content.actor.name} reviews a report that they wrote."

    def _of_reports(self, content: Content, key: str | None, changes: list[Change]) -> Iterator[str]:
        for change in changes:
            row = change.after
            if (REPORT, change.id) in self._made:
                yield f"{content.action} changes a report that was issued."
            elif content.action != ISSUE:
                yield f"{content.action} issues a report, which only {ISSUE} does."
            elif "draft_id" in change.set and row["draft_id"] is not None:
                draft = self._drafts.get(key or "", _Draft())
                people = [slot.person for slot in content.signers]
                if [row.get("author_id"), row.get("authoriser_id")] != people or row.get("case_id") != content.chain:
                    yield f"{content.action} names other people than sign it, or another case."
                if draft.approver is None or draft.approver in draft.writers or draft.approver != people[-1]:
                    yield f"{content.action} is not signed by who approved the report."
            elif self._has_drafts or _tells_drafts(content, change):
                yield f"{content.action} issues a report that nobody reviewed."
            head = row.get("ledger_head")
            if head is not None and (type(head) is not str or head not in self._heads):
                yield f"{content.action} names a head that this chain did not have."

    def _count(self, content: Content, key: str | None, by_table: dict[str, list[Change]]) -> None:
        if key is not None and (key in self._drafts or content.action == BEGIN):
            draft = self._drafts.setdefault(key, _Draft())
            if content.action in _WRITING:
                draft.writers |= {slot.person for slot in content.signers}
            if content.action in STEPS:
                draft.approver = content.actor.id if content.action == APPROVE else draft.approver
            if content.action == SUBMIT:
                draft.is_frozen = isinstance(content.facts.get(RECORDS), Mapping)
                draft.frozen = content.facts.get("content_sha256", "")
        self._has_drafts |= any(by_table[table] for table in (DRAFT, BLOCK, REVIEW))
        self._has_drafts |= any(_tells_drafts(content, change) for change in by_table[REPORT])
        for change in by_table[DRAFT]:
            if change.id in self._drafts:
                self._drafts[change.id].row.update(change.after)
        for change in by_table[BLOCK]:
            if "draft_id" in change.set:
                self._owner[change.id] = change.after["draft_id"]
        self._made |= {(table, change.id) for table in (REVIEW, REPORT) for change in by_table[table]}


def _tells_drafts(content: Content, change: Change) -> bool:
    return bool(_SINCE_DRAFTS & set(change.set)) or "content_sha256" in content.facts


def _of_step(content: Content, draft: _Draft, after: dict[str, Json]) -> Iterator[str]:
    sources, leads, columns = STEPS[content.action]
    before = draft.row.get("state")
    if before not in sources or after.get("state") != leads or not set(after) <= columns:
        yield f"{content.action} takes a report from {before} to {after.get('state')}, which is no step."
    if content.action == SUBMIT and after.get("author_id", draft.row.get("author_id")) != content.actor.id:
        yield f"{content.action} names another author than who signs it."
    if content.action == ISSUE and after.get("report_id") != content.object.id:
        yield f"{content.action} does not say which report came from its draft."
    if content.action == ISSUE and draft.row.get("author_id") != content.actor.id:
        yield f"{content.action} is not signed by the author of the report."


def _of_content(content: Content, draft: _Draft) -> Iterator[str]:
    stated = [content.facts.get("content_sha256")]
    if content.action == APPROVE:
        stated += [change.after.get("content_sha256") for change in content.changes if change.table == REVIEW]
    if any(one != draft.frozen for one in stated):
        yield f"{content.action} is about other content than was submitted."


def _of_signers(content: Content, draft: _Draft | None) -> Iterator[str]:
    roles = tuple(slot.role for slot in content.signers)
    if roles != (("actor", "witness") if content.action == ISSUE else ("actor",)):
        yield f"{content.action} is signed by {len(roles)} in other roles than it needs."
