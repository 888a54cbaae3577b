"""Storage media of the laboratory itself: what they are, whether they are blank, which case they work for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID, uuid5

from forensics_app.model.case import CaseId
from forensics_app.model.exhibit import Exhibit, ExhibitId


def media_case_id(lab_id: UUID) -> CaseId:
    """The id of the case that holds a lab's own media; the lab has at most one."""
    return CaseId(uuid5(lab_id, "media of the laboratory"))


class MediumUse(StrEnum):
    """What a medium is for."""

    WORKING = "working drive"
    TRANSPORT = "transport drive"
    ARCHIVE = "archive medium"


class Standing(StrEnum):
    """Whether a medium may be assigned to a case."""

    NOT_WIPED = "not wiped since its last use"
    NOT_BLANK = "the check found that it is not blank"
    READY = "wiped and verified"
    ASSIGNED = "assigned to a case"
    GONE = "not in the laboratory"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMedium:
    """What is asked when a medium is registered.

    Attributes:
        number: As it is written on it, such as ``WD-01``.
        size_bytes: As the device states it.
        place: Where it is now.
    """

    number: str
    use: MediumUse
    make: str
    model: str
    serial: str
    size_bytes: int
    place: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NewWipe:
    """How a medium was wiped, and what the check afterwards found.

    Attributes:
        method: Such as "overwritten once with zeros".
        is_blank: What the check found.
        check: The check in words: what was read, how much of it.
        blank_sha256: Digest of what was read in the check; None where none was taken.
        wiped_at: When it was done, aware.
    """

    method: str
    tool: str
    is_blank: bool
    check: str
    wiped_at: datetime
    blank_sha256: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wipe(NewWipe):
    """A wipe that is recorded; ``sequence`` is the number of its entry, ``by`` who signed it."""

    sequence: int
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MediumAssignment:
    """For which case a medium is used; ``ended_at`` is None while it is."""

    case_id: CaseId
    case_number: str
    purpose: str
    assigned_at: datetime
    by: str
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Medium:
    """A medium as it stands.

    Attributes:
        exhibit: The same as an item of custody: state, holder, place.
        wipe: The last one since its last use; None where there is none.
        assignments: Every case it was used for, oldest first; the last one may not have ended.
    """

    exhibit: Exhibit
    use: MediumUse
    size_bytes: int
    wipe: Wipe | None
    assignments: tuple[MediumAssignment, ...]
    is_here: bool

    @property
    def id(self) -> ExhibitId:
        """That of the item of custody."""
        return self.exhibit.id

    @property
    def assignment(self) -> MediumAssignment | None:
        """The case it is used for now."""
        last = self.assignments[-1] if self.assignments else None
        return last if last is not None and last.ended_at is None else None

    @property
    def standing(self) -> Standing:
        """Whether it may be assigned."""
        if self.assignment is not None:
            return Standing.ASSIGNED
        if not self.is_here:
            return Standing.GONE
        if self.wipe is None:
            return Standing.NOT_WIPED
        return Standing.READY if self.wipe.is_blank else Standing.NOT_BLANK
