"""Asking for a part of the custody logs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from forensics_app.model.case import CaseId
from forensics_app.model.exhibit import ExhibitId
from forensics_app.model.person import PersonId


@dataclass(frozen=True, slots=True, kw_only=True)
class LogQuery:
    """Which entries are asked for; what is None is not asked.

    Attributes:
        case_id: Of this case's chain; None for all chains, the lab's too.
        person_id: Signed by this person, in whatever role.
        exhibit_id: About this exhibit or image.
        since: Recorded then or later; aware.
        until: Recorded before; aware.
        kind: ``custody`` for all actions that begin with ``custody.``, or one action, such as ``image.intake``.
        limit: At most so many, the newest.
    """

    case_id: CaseId | None = None
    person_id: PersonId | None = None
    exhibit_id: ExhibitId | None = None
    since: datetime | None = None
    until: datetime | None = None
    kind: str = ""
    limit: int = 1000
