"""What the Cases page reads of the record."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from ui.cases.team import Team, read_team

if TYPE_CHECKING:
    from forensics_app.bootstrap import Lab
    from forensics_app.model.case import Case, CaseId
    from forensics_app.model.custody import CustodyEvent
    from forensics_app.model.person import Person


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseRow:
    """A case as the list shows it; ``today`` is the day in the lab's zone by which its authority is judged."""

    case: Case
    exhibits: int
    lead: Person | None
    supervisor: Person | None
    today: date
    shown_at_top: bool

    @property
    def lead_name(self) -> str:
        """Who examines."""
        return self.lead.name if self.lead else ""

    @property
    def supervisor_name(self) -> str:
        """Who reviews and closes."""
        return self.supervisor.name if self.supervisor else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CasesView:
    """All cases, newest first, and who can be put to work on a new one."""

    rows: tuple[CaseRow, ...]
    team: Team


def read_cases(lab: Lab, now: datetime, at_top: CaseId | None) -> CasesView:
    """Read the list; ``at_top`` is the case that the other pages show."""
    people = lab.people.list()
    known = {person.id: person for person in people}
    today = now.astimezone(ZoneInfo(lab.info.zone)).date()
    counts = lab.cases.exhibit_counts()
    rows = tuple(
        CaseRow(
            case=case,
            exhibits=counts.get(case.id, 0),
            lead=known.get(case.lead_examiner_id),
            supervisor=known.get(case.supervisor_id),
            today=today,
            shown_at_top=case.id == at_top,
        )
        for case in lab.cases.list()
    )
    return CasesView(rows=rows, team=Team(assignments=(), people=people, trainings=lab.competence.list()))


def read_chosen(lab: Lab, case_id: CaseId) -> tuple[tuple[CustodyEvent, ...], Team]:
    """The entries of the case's chain, oldest first, and who works on it."""
    return lab.custody.case_history(case_id), read_team(lab, case_id)
