import hashlib
from datetime import timedelta
from pathlib import Path

import pytest

from forensics_app.errors import RefusedError
from forensics_app.model.exhibit import ExhibitType, NewExhibit, NewPhoto, PhotoView, Seizure, State
from forensics_app.services.exhibits import counting_key
from resources import path as resource
from tests.builders import NOON, Bench

DATABASES = ("sqlite", "postgresql")


def test_an_exhibit_with_seal_and_officers_is_seized_at_once(bench: Bench) -> None:
    exhibit = bench.exhibit(bench.case())
    assert (exhibit.state, exhibit.holder, exhibit.holder_id) == (State.SEIZED, "Sgt. Duarte", None)
    events = bench.lab.custody.history(exhibit.id)
    assert [event.action for event in events] == ["exhibit.add", "custody.seize"]
    assert events[1].occurred_at == NOON - timedelta(days=1)


def test_an_exhibit_without_a_seal_is_only_identified(bench: Bench) -> None:
    case = bench.case()
    new = NewExhibit(case_id=case.id, number="LH/09", type=ExhibitType.MOBILE, description="Phone", place="Kitchen")
    assert bench.lab.exhibits.add(bench.custodian, new).state is State.IDENTIFIED


def test_the_seizing_officer_cannot_be_the_witness(bench: Bench) -> None:
    case = bench.case()
    new = NewExhibit(
        case_id=case.id,
        number="LH/09",
        type=ExhibitType.MOBILE,
        description="Phone",
        seal_number="1",
        seizure=Seizure(seized_at=NOON, place="there", officer="Sgt. Duarte", witness="Sgt. Duarte"),
        no_photo_reason="Not photographed in this test",
    )
    with pytest.raises(RefusedError, match="two different people"):
        bench.lab.exhibits.add(bench.custodian, new)
    assert bench.lab.exhibits.list(case.id) == ()


@pytest.mark.req("REQ-09")
def test_numbers_are_unique_in_a_case_and_parents_and_roots_are_kept(bench: Bench) -> None:
    case = bench.case()
    laptop = bench.exhibit(case)
    drive = bench.exhibit(case, "LH/01.1", parent=laptop)
    part = bench.exhibit(case, "LH/01.1.1", parent=drive)
    assert (drive.parent_id, drive.root_id) == (laptop.id, laptop.id)
    assert (part.parent_id, part.root_id) == (drive.id, laptop.id)
    with pytest.raises(RefusedError, match="already in use"):
        bench.exhibit(case, "LH/01.1")
    assert bench.exhibit(bench.case("2026-0148")).number == "LH/01"


@pytest.mark.req("REQ-09")
def test_the_number_of_what_was_refused_or_left_in_place_is_never_given_again(bench: Bench) -> None:
    case = bench.case()
    refused = bench.exhibit(case, "LH/07")
    told = {"purpose": "intake", "place": "Reception", "condition": "wet", "seal_number": "0048812"}
    taken = bench.request(refused, "receive", outside_party="Sgt. Duarte", fields=told | {"seal_check": "intact"})
    bench.lab.custody.perform(bench.custodian, taken)
    bench.lab.custody.perform(bench.custodian, bench.request(refused, "refuse", fields={"reason": "Not ours"}))
    assert bench.lab.exhibits.get(refused.id).state is State.REFUSED
    with pytest.raises(RefusedError, match="already in use"):
        bench.exhibit(case, "LH/07")
    with pytest.raises(RefusedError):
        bench.lab.exhibits.correct(bench.custodian, refused.id, {"number": "LH/08"}, "to free the number")


@pytest.mark.req("REQ-20")
def test_a_correction_is_a_new_entry_with_the_old_words(bench: Bench) -> None:
    exhibit = bench.exhibit(bench.case())
    bench.lab.exhibits.correct(bench.custodian, exhibit.id, {"serial": "PF-3X7K2N"}, "misread")
    event = bench.lab.custody.history(exhibit.id)[-1]
    assert event.changes[0].before == "PF-3X7K2M"
    assert event.changes[0].after == "PF-3X7K2N"
    with pytest.raises(RefusedError, match="reason"):
        bench.lab.exhibits.correct(bench.custodian, exhibit.id, {"serial": "X"}, " ")
    with pytest.raises(RefusedError, match="cannot be corrected"):
        bench.lab.exhibits.correct(bench.custodian, exhibit.id, {"state": "STORED"}, "no")


@pytest.mark.req("REQ-11")
def test_a_photograph_is_kept_under_its_digest_and_verified(bench: Bench) -> None:
    exhibit = bench.exhibit(bench.case())
    source = resource("demo/exhibit-photo-laptop.jpg")
    photo = bench.lab.exhibits.add_photo(
        bench.custodian, exhibit.id, NewPhoto(path=source, view=PhotoView.WHOLE, caption="front", taken_at=NOON)
    )
    kept = bench.lab.exhibits.photo_path(photo)
    assert kept.read_bytes() == source.read_bytes()
    assert bench.lab.exhibits.photos(exhibit.id) == (photo,)
    assert (photo.sha256, photo.view) == (hashlib.sha256(source.read_bytes()).digest(), PhotoView.WHOLE)
    assert (photo.taken_at, photo.author_id) == (NOON, bench.custodian.person.id)
    assert bench.lab.verification.verify().ok
    kept.write_bytes(kept.read_bytes() + b"x")
    assert "was changed" in bench.lab.verification.verify().file_findings[0]


def test_what_is_no_picture_is_refused(bench: Bench, tmp_path: Path) -> None:
    exhibit = bench.exhibit(bench.case())
    (tmp_path / "x.jpg").write_text("no picture")
    with pytest.raises(RefusedError, match="neither a JPEG nor a PNG"):
        bench.lab.exhibits.add_photo(
            bench.custodian, exhibit.id, NewPhoto(path=tmp_path / "x.jpg", view=PhotoView.SEAL)
        )


def test_numbers_sort_as_people_count() -> None:
    assert sorted(["LH/10", "LH/2", "LH/2-I1", "A"], key=counting_key) == ["A", "LH/2", "LH/2-I1", "LH/10"]


@pytest.mark.req("REQ-17")
def test_a_seizure_without_the_number_of_a_seal_is_not_registered(bench: Bench) -> None:
    case = bench.case()
    seizure = Seizure(seized_at=bench.clock(), place="Lindenhofstr. 12", officer="Sgt. Duarte", witness="Insp. Haas")
    new = NewExhibit(
        case_id=case.id,
        number="LH/07",
        type=ExhibitType.STORAGE,
        description="USB stick",
        seal_number=" ",
        seizure=seizure,
    )
    with pytest.raises(RefusedError, match="needs the number of the seal"):
        bench.lab.exhibits.add(bench.custodian, new)
    assert bench.lab.exhibits.list(case.id) == ()


def test_photographs_that_are_registered_together_stay_in_the_order_in_which_they_were_given(
    bench: Bench, tmp_path: Path
) -> None:
    content = resource("demo/exhibit-photo-laptop.jpg").read_bytes()
    paths = [tmp_path / f"{number}.jpg" for number in range(8)]
    for path in paths:
        path.write_bytes(content + path.name.encode())
    new = NewExhibit(
        case_id=bench.case().id, number="LH/01", type=ExhibitType.COMPUTER, description="Laptop", condition="Whole",
        place="Office",
    )  # fmt: skip
    exhibit = bench.lab.exhibits.add(bench.custodian, new, [NewPhoto(path=one, view=PhotoView.WHOLE) for one in paths])
    kept = [photo.sha256 for photo in bench.lab.exhibits.photos(exhibit.id)]
    assert kept == [hashlib.sha256(path.read_bytes()).digest() for path in paths]
