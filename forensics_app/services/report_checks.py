"""A report checked against the standards before anybody submits or issues it (REQ-62)."""

from __future__ import annotations

from forensics_app.model.completeness import CheckedItem
from forensics_app.model.person import Person
from forensics_app.model.report import ReportRequest
from forensics_app.model.report_draft import ReportDraft
from forensics_app.services.reporting import Reporting


def check_against_standards(
    reporting: Reporting, author: Person, request: ReportRequest, draft: ReportDraft | None = None
) -> tuple[CheckedItem, ...]:
    """What the standards ask of such a report, and what of the record supplies it.

    Args:
        reporting: Gathers what it says.
        author: Who is named as its author.
        request: What is written in it.
        draft: The draft of which all of that is, if there is one.

    Raises:
        RefusedError: A zone is none, a section is missing or named twice, or it was issued and the record changed.
    """
    from forensics_app.reports.completeness import checked  # half a second that only a report should cost

    return checked(reporting.dossier(author, request, draft=draft))
