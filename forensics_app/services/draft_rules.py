"""Which steps of a draft are open, and to whom (REQ-64, REQ-65)."""

from __future__ import annotations

from sqlalchemy import Connection, select

from forensics_app.db.mapping_report import report_of
from forensics_app.db.rows import record_with
from forensics_app.db.tables import REPORT
from forensics_app.errors import RefusedError
from forensics_app.model.case import CaseId
from forensics_app.model.person import Person
from forensics_app.model.report import DraftId, IssuedReport, ReportId
from forensics_app.model.report_draft import DraftState, DraftStep, ReportDraft

_OPEN = {
    DraftState.DRAFT: "It is a draft: it can be edited, submitted for review, or discarded.",
    DraftState.IN_REVIEW: "It is in review: a supervisor approves or returns it, or an examiner takes it back.",
    DraftState.RETURNED: "It was returned: it can be edited, submitted again, or discarded.",
    DraftState.APPROVED: "It is approved: it can be issued by its author with who approved it, or taken back.",
    DraftState.ISSUED: "It was issued and does not change any more; begin one that replaces it.",
    DraftState.DISCARDED: "It was discarded; begin another one.",
}
ACTS = {
    DraftStep.EDIT: "edited", DraftStep.SUBMIT: "submitted for review", DraftStep.RECALL: "taken back",
    DraftStep.RETURN: "returned", DraftStep.APPROVE: "approved", DraftStep.ISSUE: "issued",
    DraftStep.DISCARD: "discarded",
}  # fmt: skip


def check_open(draft: ReportDraft, step: DraftStep) -> None:
    """Refuse a step that is not open.

    Raises:
        RefusedError: It is not.
    """
    if not draft.allows(step):
        raise RefusedError(f"{upper(draft.label)} cannot be {ACTS[step]}.", then=_OPEN[draft.state])


def check_issue(draft: ReportDraft, author: Person, authoriser: Person) -> None:
    """Refuse an issue by others than the author and who approved the draft (REQ-64).

    Raises:
        RefusedError: It is.
    """
    approval = draft.approval
    if draft.differs:
        raise RefusedError(
            f"{upper(draft.label)} is not what was approved. {' '.join(draft.differs)}",
            then="Take it back, look at it, and submit it again: it is reviewed as it is now.",
        )
    if author.id != draft.author_id:
        raise RefusedError(f"{upper(draft.label)} is issued by its author, {draft.author}.")
    if approval is None:
        raise RefusedError(f"{upper(draft.label)} was not approved as it stands.")
    if authoriser.id != approval.reviewer_id:
        raise RefusedError(f"{approval.reviewer} approved {draft.label} and has to sign its issue.")
    if authoriser.id in draft.writers:
        raise RefusedError(f"{authoriser.name} wrote {draft.label}; nobody authorises what they wrote.")


def check_replaced(
    connection: Connection, case_id: CaseId, report_id: ReportId, by: DraftId | None = None
) -> IssuedReport:
    """The report that another one is to replace (REQ-65), or that the report of the draft ``by`` replaced.

    Raises:
        RefusedError: It is of another case, or was replaced by another one already.
        NotFoundError: There is none.
    """
    report = issued_with(connection, report_id)
    if report.case_id != case_id:
        raise RefusedError(f"{report.number} is a report of another case.")
    newer = connection.execute(select(REPORT.c.number, REPORT.c.draft_id).where(REPORT.c.replaces_id == str(report_id)))
    for number, draft_id in newer:
        if by is None or draft_id != str(by):
            raise RefusedError(f"{report.number} was replaced by {number} already.", then=f"Replace {number}.")
    return report


def issued_with(connection: Connection, report_id: ReportId) -> IssuedReport:
    """The issued report with this id.

    Raises:
        NotFoundError: There is none.
    """
    query = select(REPORT).where(REPORT.c.id == str(report_id))
    return record_with(connection, query, report_of, f"report with the id {report_id}")


def upper(words: str) -> str:
    """Words as a sentence begins with them."""
    return words[:1].upper() + words[1:]
