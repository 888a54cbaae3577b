"""The registers of the lab: places as a tree, and people who are not users of the program."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NewType
from uuid import UUID

PlaceId = NewType("PlaceId", UUID)
OutsiderId = NewType("OutsiderId", UUID)


class PlaceKind(StrEnum):
    """Kinds of places, from the outermost to the innermost."""

    SITE = "site"
    ROOM = "room"
    CABINET = "cabinet"
    SHELF = "shelf"


LIES_IN: dict[PlaceKind, tuple[PlaceKind, ...]] = {
    PlaceKind.SITE: (),
    PlaceKind.ROOM: (PlaceKind.SITE,),
    PlaceKind.CABINET: (PlaceKind.ROOM,),
    PlaceKind.SHELF: (PlaceKind.CABINET, PlaceKind.ROOM),
}
"""In what a place of each kind lies; a site lies in nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPlace:
    """What is asked of a new place; its code stands on the label at the door or on the shelf."""

    kind: PlaceKind
    code: str
    name: str = ""
    parent_id: PlaceId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A site, room, cabinet or shelf of the lab.

    Attributes:
        code: Unique in the lab, also among places that are closed.
        closed_at: When nothing was to be put there any more; None while it is in use.
    """

    id: PlaceId
    parent_id: PlaceId | None
    kind: PlaceKind
    code: str
    name: str
    recorded_at: datetime
    closed_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceLine:
    """A place in the tree.

    Attributes:
        depth: How many places it lies in.
        path: The codes from the site down to it, such as "HQ / R114 / A / A-07".
    """

    place: Place
    depth: int
    path: str


class OutsiderKind(StrEnum):
    """What people outside the lab have to do with exhibits."""

    COURIER = "courier"
    OWNER = "owner"
    COUNSEL = "counsel"
    COURT = "court"
    INVESTIGATOR = "investigator"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewOutsider:
    """What is asked of a person who is no user.

    Attributes:
        identity: Kind and number of the document by which the person was identified.
        contact: Address, telephone, mail.
    """

    kind: OutsiderKind
    name: str
    function: str = ""
    organisation: str = ""
    identity: str = ""
    contact: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outsider:
    """A person who is no user, and signs on paper or on a screen of somebody else.

    Attributes:
        ended_at: When the person was taken off the list; the entries that name them stay.
    """

    id: OutsiderId
    kind: OutsiderKind
    name: str
    function: str
    organisation: str
    identity: str
    contact: str
    recorded_at: datetime
    ended_at: datetime | None

    @property
    def described(self) -> str:
        """Name, function and organisation on one line."""
        return ", ".join(part for part in (self.name, self.function, self.organisation) if part)
