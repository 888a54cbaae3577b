"""A laptop with its particulars, the places of a lab, and people who are not its users."""

from __future__ import annotations

from dataclasses import replace

from forensics_app.model.case import Case
from forensics_app.model.exhibit import Exhibit, ExhibitType, NewExhibit
from forensics_app.model.register import NewOutsider, NewPlace, Outsider, OutsiderKind, Place, PlaceKind
from tests.builders import Bench

LAPTOP = {
    "marks": "Lid scratched",
    "power_state": "off",
    "find_spot": "Desk under the window",
    "drive_count": "1, M.2",
    "encryption": "not available: it was off",
    "power_off": "was off",
    "nic_macs": "00:1A:2B:3C:4D:5E",
}
"""Everything that must be told of a computer, and a MAC address."""


def laptop(case: Case, number: str = "LH/01", **more: object) -> NewExhibit:
    """A laptop that is to be registered with its particulars."""
    new = NewExhibit(
        case_id=case.id,
        number=number,
        type=ExhibitType.COMPUTER,
        description="Laptop",
        serial="PF-3X7K2M",
        place="Lindenhofstr. 12",
        particulars=LAPTOP,
    )
    return replace(new, **more)  # type: ignore[arg-type]


def told_of(bench: Bench, case: Case, number: str = "LH/01") -> Exhibit:
    """A laptop that is registered with its particulars."""
    return bench.lab.exhibits.add(bench.custodian, laptop(case, number))


def a_shelf(bench: Bench) -> tuple[Place, Place, Place, Place]:
    """A shelf, after the cabinet, the room and the site that it lies in."""
    add = bench.lab.places.add
    site = add(bench.admin, NewPlace(kind=PlaceKind.SITE, code="HQ", name="Hafenstr. 3"))
    room = add(bench.custodian, NewPlace(kind=PlaceKind.ROOM, code="R114", name="Store", parent_id=site.id))
    cabinet = add(bench.custodian, NewPlace(kind=PlaceKind.CABINET, code="A", parent_id=room.id))
    shelf = add(bench.custodian, NewPlace(kind=PlaceKind.SHELF, code="A-07", parent_id=cabinet.id))
    return site, room, cabinet, shelf


def a_courier(bench: Bench) -> Outsider:
    """Somebody who carries exhibits and has no key."""
    new = NewOutsider(
        kind=OutsiderKind.COURIER,
        name="Jan Novak",
        function="Driver",
        organisation="Secure Couriers",
        identity="Badge 4411",
        contact="+49 40 1234",
    )
    return bench.lab.outsiders.add(bench.custodian, new)
