"""Contemporaneous notes: what somebody wrote down of their work while they did it (REQ-36)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NewType
from uuid import UUID

from forensics_app.model.case import CaseId
from forensics_app.model.exhibit import ExhibitId
from forensics_app.model.person import PersonId

NoteId = NewType("NoteId", UUID)
LONGEST_NOTE_CHARACTERS = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class NewNote:
    """What is asked when a note is written.

    Attributes:
        told_at: When what it tells of was done or seen; aware, kept with the offset it was told in.
        exhibit_id: The exhibit or image that it is about; None for the case as a whole.
        addendum_to: The note that it adds to or corrects; it then is about the same thing as that note.
    """

    case_id: CaseId
    text: str
    told_at: datetime
    exhibit_id: ExhibitId | None = None
    addendum_to: NoteId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A note as it was written. It is never changed; what is to be added or corrected is an addendum.

    Attributes:
        number: From 1 within the case, in the order of recording.
        exhibit: Number of the exhibit or image; empty where the note is about the case.
        addendum_to: Number of the note that it adds to; None where it stands alone.
        author: Name of who wrote it.
    """

    id: NoteId
    case_id: CaseId
    number: int
    exhibit_id: ExhibitId | None
    exhibit: str
    addendum_to: int | None
    text: str
    author_id: PersonId
    author: str
    told_at: datetime
    recorded_at: datetime
