"""Drafts of reports: written, submitted, returned with comments, approved (REQ-64); issued by `services.reporting`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar
from uuid import uuid4

from sqlalchemy import Connection

from chain_of_custody.ledger import Json
from forensics_app.db.engine import Database
from forensics_app.db.mapping import Values, time_text
from forensics_app.db.tables import REPORT_DRAFT, REPORT_REVIEW
from forensics_app.errors import NotFoundError, RefusedError
from forensics_app.model.case import CaseId
from forensics_app.model.image import OnProgress
from forensics_app.model.person import Role, SignedIn
from forensics_app.model.report import DraftId, ReportId, ReportRequest
from forensics_app.model.report_draft import ARROWS, DraftState, DraftStep, ReportDraft, blockers_of
from forensics_app.services.cases import case_with
from forensics_app.services.draft_record import (
    as_submitted,
    draft_subject,
    draft_with,
    drafts_of,
    next_number,
    write_changes,
    write_new,
)
from forensics_app.services.draft_rules import ACTS, check_open, check_replaced, issued_with, upper
from forensics_app.services.drawn_around import Drawing
from forensics_app.services.drawn_catalogues import Compared, compared
from forensics_app.services.drawn_records import facts_of
from forensics_app.services.permissions import require
from forensics_app.services.record import Writer, case_chain
from forensics_app.services.report_content import check_content

T = TypeVar("T")
REFUSED = "report.refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Drafts:
    """Use cases about drafts. A step that is not open is refused, and the attempt recorded."""

    db: Database
    drawing: Drawing
    now: Callable[[], datetime]

    def list(self, case_id: CaseId) -> tuple[ReportDraft, ...]:
        """The drafts of a case, by number, also those that ended."""
        with self.db.reading() as connection:
            return drafts_of(connection, case_id, self.drawing)

    def get(self, draft_id: DraftId) -> ReportDraft:
        """The draft with this id.

        Raises:
            NotFoundError: There is none.
        """
        with self.db.reading() as connection:
            return draft_with(connection, draft_id, self.drawing)

    def numbered(self, case_id: CaseId, number: int) -> ReportDraft:
        """The draft of a case with this number.

        Raises:
            NotFoundError: There is none.
        """
        found = next((draft for draft in self.list(case_id) if draft.number == number), None)
        if found is None:
            raise NotFoundError(f"There is no draft {number} of a report in this case.")
        return found

    def begin(self, actor: SignedIn, content: ReportRequest) -> ReportDraft:
        """Begin a draft.

        Raises:
            PermissionRefusedError: The actor is no examiner.
            RefusedError: A zone is none, a section is missing or named twice, a text is too long, or the report that it
                replaces is of another case or was replaced already.
        """
        require(actor, "write a report", Role.EXAMINER)
        check_content(content)
        with self.db.writing() as connection:
            case = case_with(connection, content.case_id)
            if content.replaces is not None:
                check_replaced(connection, content.case_id, content.replaces)
            writer, draft_id = Writer(connection, self.now()), DraftId(uuid4())
            at = time_text(writer.now)
            values: Values = {
                "id": str(draft_id),
                "case_id": str(case.id),
                "number": next_number(connection, case.id),
                "state": DraftState.DRAFT.value,
                "author_id": str(actor.person.id),
                "begun_at": at,
                "changed_at": at,
                "submitted_at": None,
                "report_id": None,
            }
            write_new(writer, values, content)
            draft = draft_with(connection, draft_id, self.drawing)
            writer.append(case_chain(case), "report.draft", draft_subject(draft), _facts(draft), [("actor", actor)])
            return draft_with(connection, draft_id, self.drawing)

    def replacing(self, actor: SignedIn, report_id: ReportId) -> ReportDraft:
        """Begin a draft of the report that is to replace an issued one, with what was written in that one (REQ-65).

        Raises:
            PermissionRefusedError: The actor is no examiner.
            RefusedError: It was replaced already.
            NotFoundError: There is no such report.
        """
        return self.begin(actor, self.content_replacing(report_id))

    def content_replacing(self, report_id: ReportId) -> ReportRequest:
        """What a report that replaces an issued one begins with; what changed is still to be said.

        Raises:
            NotFoundError: There is no such report.
        """
        with self.db.reading() as connection:
            report = issued_with(connection, report_id)
            old = None if report.draft_id is None else draft_with(connection, report.draft_id, self.drawing).content
        content = old or ReportRequest(case_id=report.case_id, title=report.title, zone=report.zone)
        blocks = tuple(replace(block, id=uuid4()) for block in content.blocks)
        lists = tuple(replace(one, id=uuid4()) for one in content.lists)
        return replace(content, replaces=report.id, changes=(), blocks=blocks, lists=lists)

    def edit(
        self, actor: SignedIn, draft_id: DraftId, content: ReportRequest, *, seen: bytes | None = None
    ) -> ReportDraft:
        """Write what changed of a draft; nothing is recorded where nothing changed.

        Args:
            actor: An examiner.
            draft_id: The draft.
            content: What is to stand in it.
            seen: The `written_sha256` of what was changed, so that nobody writes over what another has written since.

        Raises:
            PermissionRefusedError: The actor is no examiner.
            RefusedError: It is neither a draft nor returned, or as for :meth:`begin`.
        """
        require(actor, "write a report", Role.EXAMINER)
        check_content(content)

        def act(writer: Writer, draft: ReportDraft) -> None:
            if (content.case_id, content.replaces) != (draft.content.case_id, draft.content.replaces):
                raise RefusedError("A draft stays in its case, and replaces the report that it was begun for.")
            if seen not in (None, draft.written_sha256):
                raise RefusedError(
                    f"{upper(draft.label)} was changed meanwhile.",
                    then="Copy what you wrote, choose the draft anew, and write it into what stands there now.",
                )
            if replace(content, sections=content.printed) == draft.content:
                return
            write_changes(writer, draft, content, writer.now)
            after = draft_with(writer.connection, draft.id, self.drawing)
            self._append(writer, after, DraftStep.EDIT, actor, _facts(after))

        return self._step(actor, draft_id, DraftStep.EDIT, act)

    def submit(
        self, actor: SignedIn, draft_id: DraftId, *, on_progress: OnProgress = lambda done, total: None
    ) -> ReportDraft:
        """Submit a draft for review; who submits it is its author, and signs for what it says.

        What it draws from the record is frozen with it: chosen files, findings, notes, photographs, images, exhibits.

        Args:
            actor: An examiner.
            draft_id: The draft.
            on_progress: How much of a thousand is done of the catalogues and the timeline that are compared with the
                record first. What it raises stops it; nothing is recorded then.

        Raises:
            PermissionRefusedError: The actor is no examiner.
            RefusedError: It is in review, approved or ended; or something blocks it, such as an opinion without its
                basis (REQ-63).
        """
        require(actor, "submit a report for review", Role.EXAMINER)
        files = self._compared(draft_id, on_progress)

        def act(writer: Writer, draft: ReportDraft) -> None:
            if blockers := blockers_of(draft.content):
                raise RefusedError(" ".join(one.what for one in blockers), then="Mend the draft, then submit it again.")
            files.refuse(writer, draft)
            at = time_text(writer.now)
            values = {"state": DraftState.IN_REVIEW.value, "author_id": str(actor.person.id), "submitted_at": at}
            writer.update(REPORT_DRAFT, draft.id, values)
            draft = as_submitted(writer.connection, draft, self.drawing)
            frozen = facts_of(draft.written_sha256, draft.records)
            self._append(writer, draft, DraftStep.SUBMIT, actor, {**_content(draft), **frozen})

        return self._step(actor, draft_id, DraftStep.SUBMIT, act)

    def recall(self, actor: SignedIn, draft_id: DraftId, reason: str) -> ReportDraft:
        """Take a draft back from review, or one that was approved and not issued; it can be edited again.

        Raises:
            PermissionRefusedError: The actor is no examiner.
            RefusedError: It is not in review and not approved, or no reason is given.
        """
        require(actor, "take a report back", Role.EXAMINER)
        return self._end_or_back(actor, draft_id, DraftStep.RECALL, reason)

    def discard(self, actor: SignedIn, draft_id: DraftId, reason: str) -> ReportDraft:
        """Give a draft up; it stays in the record.

        Raises:
            PermissionRefusedError: The actor is no examiner.
            RefusedError: It is in review, approved or ended, or no reason is given.
        """
        require(actor, "discard a draft", Role.EXAMINER)
        return self._end_or_back(actor, draft_id, DraftStep.DISCARD, reason)

    def return_(self, actor: SignedIn, draft_id: DraftId, comment: str, *, seen: bytes) -> ReportDraft:
        """Return a draft to its author with what is to be mended; ``seen`` as for :meth:`approve`.

        Raises:
            PermissionRefusedError: The actor is no supervisor.
            RefusedError: It is not in review, was changed since, the actor wrote it, or there is no comment.
        """
        return self._review(actor, draft_id, DraftStep.RETURN, comment, seen)

    def approve(
        self,
        actor: SignedIn,
        draft_id: DraftId,
        comment: str = "",
        *,
        seen: bytes,
        on_progress: OnProgress = lambda done, total: None,
    ) -> ReportDraft:
        """Approve a draft as it was submitted.

        Args:
            actor: A supervisor.
            draft_id: The draft.
            comment: What the decision rests on.
            seen: The `content_sha256` of what the actor read, so that nobody approves what they have not seen.
            on_progress: As for :meth:`submit`.

        Raises:
            PermissionRefusedError: The actor is no supervisor.
            RefusedError: It is not in review, was changed since, or the actor wrote any of it (REQ-64).
        """
        require(actor, "review a report", Role.SUPERVISOR)
        return self._review(actor, draft_id, DraftStep.APPROVE, comment, seen, self._compared(draft_id, on_progress))

    def _compared(self, draft_id: DraftId, on_progress: OnProgress) -> Compared:
        return compared(self.db, self.drawing.folder, self.get(draft_id).content, on_progress=on_progress)

    def _review(
        self,
        actor: SignedIn,
        draft_id: DraftId,
        step: DraftStep,
        comment: str,
        seen: bytes,
        files: Compared | None = None,
    ) -> ReportDraft:
        require(actor, "review a report", Role.SUPERVISOR)
        words, approves = comment.strip(), step is DraftStep.APPROVE

        def act(writer: Writer, draft: ReportDraft) -> None:
            if actor.person.id in draft.writers:
                raise RefusedError(
                    f"{actor.person.name} wrote {draft.label}; nobody reviews what they wrote.",
                    then="Let another supervisor review it.",
                )
            if seen != draft.content_sha256:
                raise RefusedError(
                    f"{upper(draft.label)} is not what was read: it was changed since, or the records that it prints.",
                    then="Read it as it stands now, then decide.",
                )
            if approves and draft.differs:
                raise RefusedError(
                    f"{upper(draft.label)} is not what was submitted. {' '.join(draft.differs)}",
                    then="Return it to its author, who looks at it and submits it as it is now.",
                )
            if files is not None:
                files.refuse(writer, draft)
            if not words and not approves:
                raise RefusedError("To return a report takes a comment: what is to be mended.")
            values: Values = {
                "id": str(uuid4()),
                "draft_id": str(draft.id),
                "reviewer_id": str(actor.person.id),
                "approved": int(approves),
                "comment": words,
                "content_sha256": draft.content_sha256.hex(),
                "decided_at": time_text(writer.now),
            }
            writer.insert(REPORT_REVIEW, values)
            writer.update(REPORT_DRAFT, draft.id, {"state": ARROWS[draft.state, step].value})
            self._append(writer, draft, step, actor, reason=words)

        return self._step(actor, draft_id, step, act)

    def _end_or_back(self, actor: SignedIn, draft_id: DraftId, step: DraftStep, reason: str) -> ReportDraft:
        words = reason.strip()

        def act(writer: Writer, draft: ReportDraft) -> None:
            if not words:
                raise RefusedError(f"That a report is {ACTS[step]} needs a reason.")
            writer.update(REPORT_DRAFT, draft.id, {"state": ARROWS[draft.state, step].value})
            self._append(writer, draft, step, actor, reason=words)

        return self._step(actor, draft_id, step, act)

    def _append(
        self,
        writer: Writer,
        draft: ReportDraft,
        step: DraftStep,
        actor: SignedIn,
        facts: dict[str, Json] | None = None,
        reason: str = "",
    ) -> None:
        chain = case_chain(case_with(writer.connection, draft.content.case_id))
        told = facts or _content(draft)
        writer.append(chain, f"report.{step}", draft_subject(draft), told, [("actor", actor)], reason or None)

    def _step(
        self, actor: SignedIn, draft_id: DraftId, step: DraftStep, act: Callable[[Writer, ReportDraft], None]
    ) -> ReportDraft:
        def in_it(connection: Connection, draft: ReportDraft) -> ReportDraft:
            act(Writer(connection, self.now()), draft)
            return draft_with(connection, draft.id, self.drawing)

        return attempted(self.db, self.drawing, self.now, actor, draft_id, step, in_it)


def attempted(
    db: Database,
    drawing: Drawing,
    now: Callable[[], datetime],
    actor: SignedIn,
    draft_id: DraftId,
    step: DraftStep,
    act: Callable[[Connection, ReportDraft], T],
) -> T:
    """Take a step of a draft in one transaction; where it is refused, nothing of it stays but an entry about it.

    Args:
        db: The record.
        drawing: Reads what a draft draws.
        now: The clock.
        actor: Who tries it, and signs the entry about a refusal.
        draft_id: The draft.
        step: What is tried; it has to be open.
        act: Gets the connection and the draft as it is now.

    Raises:
        RefusedError: The step is not open, or what ``act`` raised.
    """
    try:
        with db.writing() as connection:
            draft = draft_with(connection, draft_id, drawing)
            check_open(draft, step)
            return act(connection, draft)
    except RefusedError as error:
        refusal = error
    with db.writing() as connection:
        draft = draft_with(connection, draft_id, drawing)
        facts: dict[str, Json] = {"event": step.value, "from_state": draft.state.value, "why": str(refusal)}
        chain = case_chain(case_with(connection, draft.content.case_id))
        Writer(connection, now()).append(chain, REFUSED, draft_subject(draft), facts, [("actor", actor)])
    refusal.kept = "Nothing was changed; the attempt was recorded."
    raise refusal


def _facts(draft: ReportDraft) -> dict[str, Json]:
    content = draft.content
    opinions = sum(block.kind.value == "opinion" for block in content.blocks)
    return {
        "kind": content.kind.value,
        "content_sha256": draft.written_sha256.hex(),
        "blocks": len(content.blocks),
        "opinions": opinions,
    }


def _content(draft: ReportDraft) -> dict[str, Json]:
    return {"content_sha256": draft.content_sha256.hex()}
