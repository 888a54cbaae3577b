"""Places as a tree, and people who are not users."""

from __future__ import annotations

import pytest

from forensics_app.errors import NotFoundError, PermissionRefusedError, RefusedError
from forensics_app.model.register import NewOutsider, NewPlace, OutsiderKind, PlaceKind
from tests.builders import Bench
from tests.forensics_app.services.registers import a_courier, a_shelf

DATABASES = ("sqlite", "postgresql")


def test_places_are_a_tree_with_codes(bench: Bench) -> None:
    site, room, cabinet, shelf = a_shelf(bench)
    second = NewPlace(kind=PlaceKind.SHELF, code="A-10", parent_id=cabinet.id)
    bench.lab.places.add(bench.custodian, second)
    assert [(line.depth, line.path) for line in bench.lab.places.tree()] == [
        (0, "HQ"), (1, "HQ / R114"), (2, "HQ / R114 / A"), (3, "HQ / R114 / A / A-07"), (3, "HQ / R114 / A / A-10"),
    ]  # fmt: skip
    assert bench.lab.places.coded(" A-07 ") == shelf
    entry = bench.lab.custody.lab_history()[-1]
    assert (entry.action, entry.object_label, entry.fact("in")) == ("place.add", "A-10", "A")
    assert bench.lab.verification.verify().ok
    assert room.parent_id == site.id


def test_a_place_lies_where_places_of_its_kind_lie(bench: Bench) -> None:
    site, room, _, shelf = a_shelf(bench)
    add = bench.lab.places.add
    for new, words in (
        (NewPlace(kind=PlaceKind.ROOM, code="R2"), "A room lies in a site; say in which"),
        (NewPlace(kind=PlaceKind.SHELF, code="S2"), "A shelf lies in a cabinet or a room"),
        (NewPlace(kind=PlaceKind.SHELF, code="S2", parent_id=site.id), "does not lie in a site"),
        (NewPlace(kind=PlaceKind.SITE, code="S2", parent_id=room.id), "does not lie in a room"),
        (NewPlace(kind=PlaceKind.SITE, code=" "), "needs a code"),
        (NewPlace(kind=PlaceKind.SITE, code="A-07"), "is or was that of a place"),
    ):
        with pytest.raises(RefusedError, match=words):
            add(bench.custodian, new)
    with pytest.raises(PermissionRefusedError):
        add(bench.examiner, NewPlace(kind=PlaceKind.SITE, code="S2"))
    with pytest.raises(NotFoundError, match="no place"):
        bench.lab.places.coded("Z")
    assert shelf.closed_at is None


def test_a_place_is_corrected_with_a_reason_and_closed_when_it_is_empty(bench: Bench) -> None:
    _, _, cabinet, shelf = a_shelf(bench)
    places = bench.lab.places
    with pytest.raises(RefusedError, match="needs a reason"):
        places.change(bench.custodian, shelf.id, {"code": "A-08"}, " ")
    with pytest.raises(RefusedError, match="Nothing differs"):
        places.change(bench.custodian, shelf.id, {"code": "A-07"}, "misread")
    with pytest.raises(RefusedError, match="is or was"):
        places.change(bench.custodian, shelf.id, {"code": "A"}, "misread")
    assert places.change(bench.custodian, shelf.id, {"code": "A-08", "name": "Top"}, "new plate").code == "A-08"
    with pytest.raises(RefusedError, match="A is not empty: A-08"):
        places.close(bench.custodian, cabinet.id, "sold")
    exhibit = bench.exhibit(bench.case())
    receiving = {
        "place": "Reception", "purpose": "Examination", "seal_check": "intact", "condition": "Undamaged",
        "seal_number": "0048812",
    }  # fmt: skip
    request = bench.request(exhibit, "receive", fields=receiving, outside_party="Sgt. Duarte")
    bench.lab.custody.perform(bench.custodian, request)
    bench.lab.custody.perform(bench.custodian, bench.request(exhibit, "store", fields={"shelf": "A-08"}))
    with pytest.raises(RefusedError, match="A-08 is not empty: LH/01"):
        places.close(bench.custodian, shelf.id, "broken")
    with pytest.raises(RefusedError, match="Exhibits are recorded in A-08: LH/01"):
        places.change(bench.custodian, shelf.id, {"code": "A-09"}, "newer plate")
    bench.lab.custody.perform(bench.custodian, bench.request(exhibit, "move", fields={"shelf": "R114"}))
    assert places.close(bench.custodian, shelf.id, "broken").closed_at is not None
    with pytest.raises(RefusedError, match="closed already"):
        places.close(bench.custodian, shelf.id, "again")
    assert bench.lab.verification.verify().ok


def test_people_outside_the_lab_are_a_register_of_their_own(bench: Bench) -> None:
    courier = a_courier(bench)
    outsiders = bench.lab.outsiders
    assert outsiders.named("Jan Novak") == courier
    assert courier.described == "Jan Novak, Driver, Secure Couriers"
    with pytest.raises(RefusedError, match="in the register already"):
        a_courier(bench)
    with pytest.raises(RefusedError, match="needs a name"):
        outsiders.add(bench.examiner, NewOutsider(kind=OutsiderKind.OWNER, name=" "))
    with pytest.raises(RefusedError, match="needs a reason"):
        outsiders.change(bench.examiner, courier.id, {"contact": "+49 40 9999"}, "")
    changed = outsiders.change(bench.examiner, courier.id, {"contact": "+49 40 9999"}, "new number")
    assert (changed.contact, outsiders.get(courier.id)) == ("+49 40 9999", changed)
    other = outsiders.add(bench.examiner, NewOutsider(kind=OutsiderKind.COUNSEL, name="Jan Novak"))
    with pytest.raises(NotFoundError, match="2 people"):
        outsiders.named("Jan Novak")
    ended = outsiders.end(bench.supervisor, courier.id, "left the company")
    assert [one.id for one in outsiders.list()] == [other.id, courier.id]
    assert ended.ended_at is not None
    assert [event.action for event in bench.lab.custody.lab_history()][-4:] == [
        "outsider.add", "outsider.change", "outsider.add", "outsider.end",
    ]  # fmt: skip
    with pytest.raises(PermissionRefusedError):
        outsiders.end(bench.admin_as_auditor(), other.id, "no")
    assert bench.lab.verification.verify().ok
