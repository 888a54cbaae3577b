"""The registers of the lab: places as a tree, and people who are not users of the program."""

from __future__ import annotations

from collections.abc import Sequence
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


def is_part_of(code: str, of: str) -> bool:
    """Whether a place is another one or a part of it by its code: "A-07-3" is part of "A-07", "A-071" is not."""
    return code.startswith(of) and not code[len(of) :][:1].isalnum()


def why_no_place(code: str, places: Sequence[Place]) -> str:
    """Why nothing can be put at a place, a sentence; empty where it can, or where the lab keeps no register of places.

    A code that goes on behind that of a place is a part of it, unless the register itself says what lies in it.

    Args:
        code: Of the place.
        places: The whole register, also what is closed.
    """
    if not (code and places):
        return ""
    place = max((one for one in places if is_part_of(code, one.code)), key=lambda one: len(one.code), default=None)
    if place is None or (place.code != code and any(one.parent_id == place.id for one in places)):
        return f"{code} is no place of this laboratory."
    if place.closed_at is not None:
        return f"{place.code} was closed on {place.closed_at:%Y-%m-%d}; nothing is put there any more."
    return ""


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
