import hashlib
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from forensics_app.errors import PermissionRefusedError, RefusedError
from forensics_app.model.custody import PaperKind
from forensics_app.model.exhibit import (
    Exhibit,
    ExhibitType,
    NewDerived,
    NewExhibit,
    NewPhoto,
    PhotoView,
    SealSeen,
    Seizure,
    State,
)
from forensics_app.model.image import IntakeRequest, WriteBlocker
from forensics_app.model.names import counting_key
from resources import path as resource
from tests.builders import NOON, Bench
from tests.forensics_app.services import end_of_custody
from tests.forensics_app.services.exports import exported

DATABASES = ("sqlite", "postgresql")
SEAL = {"seal_number": "0048812", "seal_check": "intact"}


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


@pytest.mark.req("REQ-09", "REQ-14")
def test_laptop_drive_image_and_export_each_have_a_custody_and_name_what_they_were_made_of(
    bench: Bench, tmp_path: Path
) -> None:
    case = bench.case()
    laptop = taken_into_hand(bench, bench.exhibit(case))
    part = NewDerived(
        parent_id=laptop.id, number="LH/01.1", type=ExhibitType.STORAGE, description="Drive out of the laptop",
        tool="Screwdriver T5", how="Bottom cover taken off", serial="S5H9", no_photo_reason="Not in this test",
        seal=SealSeen(condition="intact"),
    )  # fmt: skip
    drive = bench.lab.exhibits.derive(bench.examiner, part)
    assert (drive.parent_id, drive.root_id, drive.state) == (laptop.id, laptop.id, State.UNDER_EXAM)
    assert drive.holder_id == bench.examiner.person.id
    integrity = bench.lab.principles.of_case(case.id)[0]
    assert not [gap for gap in integrity.gaps if drive.number in gap.what], "what was never seized lacks no seal"
    source = resource("demo/demo.E01")
    blocker = WriteBlocker(device="Tableau T8u")
    image = bench.lab.intake.take_in(
        bench.examiner, IntakeRequest(exhibit_id=drive.id, paths=(source,), write_blocker=blocker)
    )
    made = bench.lab.exhibits.numbered(case.id, image.number)
    manifest = exported(bench, image, tmp_path / "out")
    handed_out = NewDerived(
        parent_id=made.id, number="LH/01.1-E1", type=ExhibitType.EXPORT, description="Two invoices on a USB stick",
        tool="forensics-app 0.1", manifest=manifest,
    )  # fmt: skip
    content = manifest.read_bytes()
    other = tmp_path / "another.json"
    for forged in (b"path,sha256\n", content + b" ", content.replace(b"left_out", b"left_in", 1), b"", b"{}"):
        other.write_bytes(forged)
        with pytest.raises(RefusedError, match=r"is not the manifest of an export of LH/01\.1-I1 that the record"):
            bench.lab.exhibits.derive(bench.examiner, replace(handed_out, manifest=other))
    with pytest.raises(RefusedError, match="is not the manifest"):  # the other list beside it is none, either
        bench.lab.exhibits.derive(bench.examiner, replace(handed_out, manifest=manifest.with_suffix(".csv")))
    with pytest.raises(RefusedError, match="is no image"):
        bench.lab.exhibits.derive(bench.examiner, replace(part, number="LH/01.2", manifest=manifest))
    other.write_bytes(content)
    export = bench.lab.exhibits.derive(bench.examiner, replace(handed_out, manifest=other))
    assert (export.parent_id, export.root_id) == (made.id, laptop.id)
    (born,) = bench.lab.custody.history(export.id)
    assert born.action == "exhibit.derive"
    assert born.fact("parent") == image.number
    assert born.fact("manifest_sha256") == hashlib.sha256(content).hexdigest()
    made_by = next(one for one in bench.lab.custody.case_history(case.id) if one.sequence == born.facts["export_entry"])
    assert (made_by.action, born.facts["files"]) == ("file.export", 1)
    assert made_by.fact("sha256") == born.fact("manifest_sha256")
    told = {"seal_number": "0048813", "seal_check": "intact", "place": "Court", "purpose": "Trial"}
    bench.lab.custody.hand_over(bench.examiner, bench.custodian, bench.request(export, "hand_over", fields=told))
    assert bench.lab.exhibits.get(export.id).holder == "Tomasz Lis"
    report = bench.lab.verification.verify()
    assert report.ok, report


@pytest.mark.req("REQ-09", "REQ-17")
@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"type": ExhibitType.IMAGE}, "no part has"),
        ({"type": ExhibitType.EXPORT}, "no part has"),
        ({"tool": " "}, "needs a number"),
        ({"number": "LH/01"}, "already in use"),
    ],
)
def test_what_is_no_part_is_not_derived(bench: Bench, changed: dict[str, object], words: str) -> None:
    laptop = taken_into_hand(bench, bench.exhibit(bench.case()))
    part = NewDerived(
        parent_id=laptop.id, number="LH/01.1", type=ExhibitType.STORAGE, description="Drive", tool="Screwdriver",
        seal=SealSeen(condition="intact"),
    )  # fmt: skip
    with pytest.raises(RefusedError, match="held by Ana"):
        bench.lab.exhibits.derive(bench.custodian, part)
    with pytest.raises(PermissionRefusedError):
        bench.lab.exhibits.derive(bench.supervisor, part)
    with pytest.raises(RefusedError, match=words):
        bench.lab.exhibits.derive(bench.examiner, replace(part, **changed))  # type: ignore[arg-type]
    assert [one.number for one in bench.lab.exhibits.list(laptop.case_id)] == ["LH/01"]


def taken_into_hand(bench: Bench, exhibit: Exhibit) -> Exhibit:
    """Received, and checked out by the examiner."""
    receive = bench.request(
        exhibit, "receive", fields=end_of_custody.RECEIVING, outside_party="Sgt. Duarte",
        papers={PaperKind.FORM: end_of_custody.RECEIPT[PaperKind.RECEIPT]},
    )  # fmt: skip
    bench.lab.custody.perform(bench.custodian, receive)
    told = {"purpose": "Imaging", "expected_return": "2026-11-24T17:00+01:00", "place": "Laboratory", **SEAL}
    bench.lab.custody.hand_over(bench.custodian, bench.examiner, bench.request(exhibit, "check_out", fields=told))
    return bench.lab.exhibits.get(exhibit.id)


@pytest.mark.req("REQ-09")
@pytest.mark.parametrize(
    "number", ["lh/01", "\uff2c\uff28/01", "LH\u204401", "L\u041d/01", "\uff4ch/01"], ids=ascii
)  # fmt: skip
def test_a_number_that_looks_like_another_on_paper_is_refused(bench: Bench, number: str) -> None:
    case = bench.case()
    bench.exhibit(case)
    with pytest.raises(RefusedError, match="looks on paper like 'LH/01'"):
        bench.exhibit(case, number)
    assert bench.exhibit(case, "LH/010").number == "LH/010"


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
        bench.lab.exhibits.correct(bench.custodian, exhibit.id, {"state": "STORED"}, "misread")


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


@pytest.mark.req("REQ-11")
def test_photographs_that_are_added_one_by_one_within_one_tick_of_the_clock_stay_in_their_order(
    bench: Bench, tmp_path: Path
) -> None:
    exhibit, at = bench.exhibit(bench.case()), bench.clock()
    content = resource("demo/exhibit-photo-laptop.jpg").read_bytes()
    exhibits = replace(bench.lab.exhibits, now=lambda: at)
    for number in range(8):
        (path := tmp_path / f"{number}.jpg").write_bytes(content + bytes([number]))
        exhibits.add_photo(bench.examiner, exhibit.id, NewPhoto(path=path, view=PhotoView.WHOLE))
    photos = bench.lab.exhibits.photos(exhibit.id)
    assert {one.recorded_at for one in photos} == {at}
    assert [one.sha256 for one in photos] == [hashlib.sha256(content + bytes([number])).digest() for number in range(8)]
    assert len({one.id for one in photos}) == 8
