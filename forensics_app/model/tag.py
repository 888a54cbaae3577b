"""Tags: short names of the lab's own with a colour, put on files, bytes and hits of a search."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NewType
from uuid import UUID

from forensics_app.model.case import CaseId
from forensics_app.model.person import Role
from forensics_app.model.target import Target

TagId = NewType("TagId", UUID)
TaggingId = NewType("TaggingId", UUID)

TAGGERS = (Role.EXAMINER, Role.SUPERVISOR)
KEYS = range(1, 10)
LONGEST_NAME_CHARACTERS = 40
MOST_AT_ONCE = 5_000


class TagColour(StrEnum):
    """Colours that are none of a state's: not red, amber or green."""

    BLUE = "blue"
    VIOLET = "violet"
    TEAL = "teal"
    PINK = "pink"
    BROWN = "brown"
    GREY = "grey"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTag:
    """What is asked when a tag is made.

    Attributes:
        key: The digit that puts it, 1 to 9; None for none.
        conceals: Whether pictures that bear it are covered until somebody gives a reason to look (REQ-40).
    """

    name: str
    colour: TagColour
    key: int | None = None
    conceals: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Tag:
    """A tag of the lab; ``retired_at`` is when it was taken out of use, and what bore it still does."""

    id: TagId
    name: str
    colour: TagColour
    key: int | None
    conceals: bool
    recorded_at: datetime
    retired_at: datetime | None


FIRST_TAGS = (
    NewTag(name="Relevant", colour=TagColour.BLUE, key=1),
    NewTag(name="Look again", colour=TagColour.VIOLET, key=2),
    NewTag(name="Not relevant", colour=TagColour.GREY, key=3),
    NewTag(name="Sensitive", colour=TagColour.PINK, key=4, conceals=True),
)
"""What a lab without tags is offered to begin with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tagging:
    """A tag on a place; ``removed_at`` is when it was taken off, None while it is there."""

    id: TaggingId
    case_id: CaseId
    tag_id: TagId
    target: Target
    author: str
    tagged_at: datetime
    removed_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tagged:
    """What of an image bears tags, as its catalogue is now.

    Attributes:
        entries: By id of an entry, the tags on the whole of it, in the order in which they were put.
        parts: By id of an entry, the tags on bytes of it or of its slack.
        areas: Tags on bytes that are in no file: of the media, a volume, unallocated space.
        lost: What was not found again in the catalogue: the record has it, no list shows it.
    """

    entries: Mapping[int, tuple[Tagging, ...]]
    parts: Mapping[int, tuple[Tagging, ...]]
    areas: tuple[Tagging, ...] = ()
    lost: tuple[Tagging, ...] = ()
