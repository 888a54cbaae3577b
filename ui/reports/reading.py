"""What the reports page reads of a case."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

if TYPE_CHECKING:
    from forensics_app.bootstrap import Lab
    from forensics_app.model.case import CaseId
    from forensics_app.model.finding import ChosenFile
    from forensics_app.model.person import Person
    from forensics_app.model.report import IssuedReport
    from forensics_app.model.report_draft import ReportDraft
    from forensics_app.services.upgraded_reports import UpgradedFile


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportsView:
    """What the page reads of a case."""

    files: tuple[ChosenFile, ...]
    images: dict[UUID, str]
    issued: tuple[IssuedReport, ...]
    drafts: tuple[ReportDraft, ...]
    people: dict[object, Person]
    upgraded: Mapping[str, UpgradedFile]


def read_reports(lab: Lab, case_id: CaseId) -> ReportsView:
    """Read the chosen files and the issued reports of a case."""
    return ReportsView(
        files=lab.examine.chosen(case_id),
        images={image.id: image.number for image in lab.intake.list(case_id)},
        issued=lab.reporting.list(case_id),
        drafts=lab.drafts.list(case_id),
        people={person.id: person for person in lab.people.list()},
        upgraded=lab.report_upgrades.of_case(case_id),
    )
