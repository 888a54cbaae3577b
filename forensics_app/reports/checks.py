"""What a report lacks: items that block its issue, and items that are printed as not supplied (REQ-62 to REQ-64)."""

from __future__ import annotations

from forensics_app.errors import AppError
from forensics_app.model.dossier import Dossier, Exhibit, FindingKind


class IncompleteReportError(AppError):
    """The report cannot be issued as it is.

    Attributes:
        lacks: What is missing, one sentence each.
    """

    kept = "The draft is unchanged; nothing was issued."
    then = "Supply what the message names, then issue the report again. A draft can be printed at any time."

    def __init__(self, lacks: tuple[str, ...]) -> None:
        """Keep what is missing."""
        super().__init__("The report cannot be issued. " + " ".join(lacks))
        self.lacks = lacks


def blockers(dossier: Dossier) -> tuple[str, ...]:
    """What must be mended before this dossier can be issued, one sentence each."""
    lacks = [
        f"The opinion “{finding.heading}” states no basis."
        for finding in dossier.findings
        if finding.kind is FindingKind.OPINION and not (finding.basis or "").strip()
    ]
    if dossier.reviewer is None:
        lacks.append("No reviewer is named.")
    elif _same_person(dossier):
        lacks.append("The reviewer is the author.")
    return tuple(lacks)


def _same_person(dossier: Dossier) -> bool:
    author, reviewer = dossier.author, dossier.reviewer
    if reviewer is None:
        return False
    if author.key_id is not None and author.key_id == reviewer.key_id:
        return True
    return (author.name, author.id_number) == (reviewer.name, reviewer.id_number)


def not_supplied(dossier: Dossier) -> tuple[str, ...]:
    """Items that SWGDE 18-Q-002, ISO/IEC 17025 7.8.2.1 or CrimPR 19.4 ask for and that the record does not hold."""
    request, laboratory, head = dossier.request, dossier.laboratory, dossier.head
    items = (
        (laboratory.address, "address of the laboratory (ISO/IEC 17025 7.8.2.1 b)"),
        (laboratory.place_of_work, "place where the work was done (ISO/IEC 17025 7.8.2.1 c)"),
        (request.requested_at, "date of the request (SWGDE 18-Q-002)"),
        (request.questions, "questions asked (SWGDE 18-Q-002; CrimPR 19.4)"),
        (request.scope, "scope of the request (SWGDE 18-Q-002)"),
        (dossier.authorities, "legal basis (REQ-01)"),
        (dossier.exhibits, "items examined (ISO/IEC 17025 7.8.2.1 g)"),
        (head.activity_from and head.activity_to, "dates of the work (ISO/IEC 17025 7.8.2.1 i)"),
        (dossier.author.qualification, "qualification of the author (CrimPR 19.4 a)"),
        (dossier.reviewer, "reviewer (ISO/IEC 17025 7.8.1.1)"),
        (dossier.literature, "literature relied on (CrimPR 19.4 b)"),
        (dossier.tools, "tools used (SWGDE 18-Q-002)"),
        (dossier.findings, "findings (ISO/IEC 17025 7.8.2.1 m)"),
        (dossier.summary, "summary of conclusions (CrimPR 19.4 i)"),
        (dossier.ledger_heads, "heads of the custody ledger (REQ-16)"),
        (dossier.reconciliation, "reconciliation of what was selected, written and hashed again"),
    )
    missing = [label for value, label in items if not value]
    missing += [f"{thing} of exhibit {exhibit.number}" for exhibit in dossier.exhibits for thing in _bare(exhibit)]
    return tuple(missing)


def _bare(exhibit: Exhibit) -> list[str]:
    lacks = []
    if not exhibit.condition:
        lacks.append("condition")
    if not exhibit.photos and not exhibit.no_photo_reason and exhibit.parent is None:
        lacks.append("photograph, or the reason why there is none,")
    return lacks
