"""Rows of the particulars of devices, of places and of people outside the lab, into records."""

from __future__ import annotations

from uuid import UUID

from forensics_app.db.mapping import Row, moment, of_table
from forensics_app.model.device import Particular
from forensics_app.model.exhibit import ExhibitId
from forensics_app.model.register import Outsider, OutsiderId, OutsiderKind, Place, PlaceId, PlaceKind


@of_table("exhibit_detail")
def particular_of(row: Row) -> Particular:
    """A particular of a device."""
    return Particular(
        id=UUID(row["id"]),
        exhibit_id=ExhibitId(UUID(row["exhibit_id"])),
        field=row["field"],
        value=row["value"],
        doubt=row["doubt"],
        recorded_at=moment(row["recorded_at"]),
    )


@of_table("place")
def place_of(row: Row) -> Place:
    """A place; its path is found by whoever has read the whole tree."""
    return Place(
        id=PlaceId(UUID(row["id"])),
        parent_id=PlaceId(UUID(row["parent_id"])) if row["parent_id"] else None,
        kind=PlaceKind(row["kind"]),
        code=row["code"],
        name=row["name"],
        recorded_at=moment(row["recorded_at"]),
        closed_at=moment(row["closed_at"]) if row["closed_at"] else None,
    )


@of_table("outsider")
def outsider_of(row: Row) -> Outsider:
    """A person who is no user."""
    return Outsider(
        id=OutsiderId(UUID(row["id"])),
        kind=OutsiderKind(row["kind"]),
        name=row["name"],
        function=row["function"],
        organisation=row["organisation"],
        identity=row["identity"],
        contact=row["contact"],
        recorded_at=moment(row["recorded_at"]),
        ended_at=moment(row["ended_at"]) if row["ended_at"] else None,
    )
