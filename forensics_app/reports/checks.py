"""What a report must have before it can be issued (REQ-63, REQ-64)."""

from __future__ import annotations

from forensics_app.errors import AppError
from forensics_app.model.dossier import Dossier, FindingKind


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
