"""What guidance 2.2 asks for before a step: identified before seized, in hand before imaged, parties by signature."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from forensics_app.errors import PermissionRefusedError, RefusedError
from forensics_app.model.case import Case
from forensics_app.model.custody_form import FormEvent
from forensics_app.model.exhibit import (
    Exhibit,
    ExhibitType,
    NewDerived,
    NewExhibit,
    NewPhoto,
    PhotoView,
    Seizure,
    State,
)
from forensics_app.model.image import IntakeRequest, WriteBlocker
from forensics_app.model.incident import SealSeen
from resources import path as resource
from tests.builders import NOON, Bench
from tests.forensics_app.services.end_of_custody import stored

DATABASES = ("sqlite", "postgresql")

SEIZURE = Seizure(seized_at=NOON - timedelta(days=1), place="Desk", officer="Sgt. Duarte", witness="Insp. Haas")
SEIZING = {"seizing_officer": "Sgt. Duarte", "witness": "Insp. Haas", "seal_number": "0048812"}
PHOTO = NewPhoto(path=resource("demo/exhibit-photo-drive.jpg"), view=PhotoView.WHOLE)
TAKING = {"purpose": "Imaging", "expected_return": "2026-11-24T17:00:00+01:00", "place": "Bench 2"}


def new(case: Case, **more: object) -> NewExhibit:
    made = NewExhibit(case_id=case.id, number="LH/01", type=ExhibitType.STORAGE, description="Hard disk", place="Desk")
    return replace(made, **more)  # type: ignore[arg-type]


def identified(bench: Bench) -> Exhibit:
    return bench.lab.exhibits.add(bench.examiner, new(bench.case()))


def image_of(exhibit: Exhibit, folder: Path, *, on_scene: bool = False, seal: SealSeen | None = None) -> IntakeRequest:
    path = folder / "disk.dd"
    path.write_bytes(bytes(1 << 16))
    blocker = WriteBlocker(device="Tableau T8u")
    return IntakeRequest(exhibit_id=exhibit.id, paths=(path,), write_blocker=blocker, on_scene=on_scene, seal=seal)


@pytest.mark.req("REQ-17")
def test_an_exhibit_without_a_place_is_not_registered_and_a_part_lies_where_the_whole_does(bench: Bench) -> None:
    case = bench.case()
    with pytest.raises(RefusedError, match="state where it was found"):
        bench.lab.exhibits.add(bench.examiner, new(case, place=" "))
    whole = bench.lab.exhibits.add(bench.examiner, new(case))
    part = bench.lab.exhibits.add(bench.examiner, new(case, number="LH/02", place="", parent_id=whole.id))
    assert (whole.place, part.place) == ("Desk", "Desk")


@pytest.mark.req("REQ-11", "REQ-17")
def test_what_is_seized_was_identified_first_with_place_and_photograph(bench: Bench) -> None:
    case = bench.case()
    seized = new(case, seizure=SEIZURE, seal_number="0048812")
    with pytest.raises(RefusedError, match="where it was seized"):
        bench.lab.exhibits.add(bench.examiner, replace(seized, seizure=replace(SEIZURE, place=" ")))
    with pytest.raises(RefusedError, match="needs a photograph, or the reason"):
        bench.lab.exhibits.add(bench.examiner, seized)
    assert bench.lab.exhibits.list(case.id) == ()
    exhibit = bench.lab.exhibits.add(bench.examiner, seized, [PHOTO])
    assert exhibit.state is State.SEIZED
    assert len(bench.lab.exhibits.photos(exhibit.id)) == 1
    actions = [event.action for event in bench.lab.custody.history(exhibit.id)]
    assert actions == ["exhibit.add", "exhibit.photo", "custody.seize"]


def test_an_exhibit_whose_photograph_is_none_is_not_registered_and_leaves_no_file(bench: Bench, tmp_path: Path) -> None:
    case = bench.case()
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"no picture")
    photos = [PHOTO, replace(PHOTO, path=broken)]
    with pytest.raises(RefusedError, match="neither a JPEG nor a PNG"):
        bench.lab.exhibits.add(bench.examiner, new(case, seizure=SEIZURE, seal_number="1"), photos)
    assert bench.lab.exhibits.list(case.id) == ()
    assert list(bench.lab.folder.root.rglob("*.jpg")) == []


@pytest.mark.req("REQ-11", "REQ-17")
def test_the_step_of_seizing_waits_for_a_photograph_too(bench: Bench) -> None:
    exhibit = identified(bench)
    with pytest.raises(RefusedError, match="needs a photograph"):
        bench.lab.custody.perform(bench.examiner, bench.request(exhibit, "seize", fields=SEIZING))
    bench.lab.exhibits.add_photo(bench.examiner, exhibit.id, PHOTO)
    bench.lab.custody.perform(bench.examiner, bench.request(exhibit, "seize", fields=SEIZING))
    assert bench.lab.exhibits.get(exhibit.id).state is State.SEIZED


@pytest.mark.req("REQ-17")
def test_only_who_holds_the_checked_out_exhibit_takes_an_image_of_it_in(bench: Bench, tmp_path: Path) -> None:
    exhibit = stored(bench, bench.case())
    request = image_of(exhibit, tmp_path)
    with pytest.raises(RefusedError, match="is STORED, held by Tomasz Lis, place A-07-3") as in_store:
        bench.lab.intake.take_in(bench.examiner, request)
    assert in_store.value.then == "Check it out first."
    taking = bench.request(exhibit, "check_out", fields=TAKING)
    bench.lab.custody.hand_over(bench.custodian, bench.examiner, taking)
    with pytest.raises(RefusedError, match="held by Ana Kovač, not by Tomasz Lis"):
        bench.lab.intake.take_in(bench.custodian, request)
    bench.lab.intake.take_in(bench.examiner, image_of(exhibit, tmp_path, seal=SealSeen(condition="intact")))
    assert bench.lab.exhibits.get(exhibit.id).state is State.IMAGED
    assert bench.lab.verification.verify().ok


@pytest.mark.req("REQ-17")
def test_an_image_made_on_scene_leaves_the_exhibit_imaged_on_scene_and_with_nobody_of_the_lab(
    bench: Bench, tmp_path: Path
) -> None:
    exhibit = identified(bench)
    image = bench.lab.intake.take_in(bench.examiner, image_of(exhibit, tmp_path, on_scene=True))
    after = bench.lab.exhibits.get(exhibit.id)
    assert (after.state, after.holder_id, after.holder) == (State.IMAGED_ON_SCENE, None, "Nobody of the laboratory")
    assert image.number == "LH/01-I1"
    assert bench.lab.verification.verify().ok
    with pytest.raises(RefusedError, match="IMAGED ON SCENE; imaged on scene is only what was identified"):
        bench.lab.intake.take_in(bench.examiner, image_of(exhibit, tmp_path, on_scene=True))


@pytest.mark.req("REQ-17")
def test_what_is_left_in_place_is_held_by_nobody_of_the_lab(bench: Bench) -> None:
    exhibit = identified(bench)
    request = bench.request(exhibit, "leave_in_place", fields={"reason": "Built into the wall"})
    bench.lab.custody.perform(bench.examiner, request)
    after = bench.lab.exhibits.get(exhibit.id)
    assert (after.state, after.holder_id) == (State.LEFT_IN_PLACE, None)
    assert after.holder == "Nobody of the laboratory"
    assert bench.lab.verification.verify().ok


@pytest.mark.req("REQ-18")
@pytest.mark.parametrize("name", ["giver", "receiver", "Actor ", "offer", "incident", "receipt_sha256"])
def test_parties_and_what_the_program_writes_cannot_be_typed_in(bench: Bench, name: str) -> None:
    exhibit = stored(bench, bench.case())
    request = bench.request(exhibit, "move", fields={"shelf": "B-1", name: "Judge Noor"})
    with pytest.raises(RefusedError, match="cannot be typed in"):
        bench.lab.custody.perform(bench.custodian, request)
    assert bench.lab.exhibits.get(exhibit.id).place == "A-07-3"


@pytest.mark.req("REQ-18")
def test_the_parties_on_a_form_are_those_who_signed_and_who_signed_on_paper(bench: Bench) -> None:
    exhibit = stored(bench, bench.case())
    taking = bench.request(exhibit, "check_out", fields=TAKING)
    bench.lab.custody.hand_over(bench.custodian, bench.examiner, taking)
    (item,) = bench.lab.custody_forms.gather(exhibit.case_id, exhibit.id).items
    received, taken = (next(one for one in item.events if word in one.act) for word in ("eceive", "heck"))
    assert parties(received) == ("Sgt. Duarte (on paper)", "Tomasz Lis")
    assert parties(taken) == ("Tomasz Lis", "Ana Kovač")


def parties(event: FormEvent) -> tuple[str, str]:
    return (event.giver.name if event.giver else "", event.receiver.name if event.receiver else "")


@pytest.mark.req("REQ-17", "REQ-38")
def test_a_registration_or_intake_that_is_refused_for_role_state_or_gate_is_recorded(
    bench: Bench, tmp_path: Path
) -> None:
    case, auditor = bench.case(), bench.admin_as_auditor()
    exhibit = bench.lab.exhibits.add(bench.examiner, new(case))
    add, take_in = bench.lab.exhibits.add, bench.lab.intake.take_in
    in_place = bench.request(exhibit, "leave_in_place", fields={"reason": "Too large"})
    image = image_of(exhibit, tmp_path)
    part = NewDerived(parent_id=exhibit.id, number="LH/09", type=ExhibitType.STORAGE, description="Disk", tool="Driver")
    unsealed = new(case, number="LH/02", seizure=SEIZURE)
    acts: tuple[tuple[Callable[[], object], str, tuple[str, str], str], ...] = (
        (lambda: add(auditor, new(case, number="LH/02")), "needs the role", ("identify", "2026-0147"), "Olga Auditor"),
        (lambda: add(bench.examiner, unsealed), "number of the seal", ("seize", "2026-0147"), "Ana Kovač"),
        (lambda: add(bench.examiner, new(case)), "already in use", ("identify", "2026-0147"), "Ana Kovač"),
        (lambda: bench.lab.exhibits.derive(bench.examiner, part), "nothing can be taken", ("derive", "LH/01"),
         "Ana Kovač"),
        (lambda: take_in(auditor, image), "needs the role", ("image", "LH/01"), "Olga Auditor"),
        (lambda: take_in(bench.examiner, replace(image, write_blocker=WriteBlocker())), "write blocker",
         ("image", "LH/01"), "Ana Kovač"),
        (lambda: bench.lab.custody.perform(auditor, in_place), "needs the role", ("leave_in_place", "LH/01"),
         "Olga Auditor"),
    )  # fmt: skip
    for act, why, told, who in acts:
        with pytest.raises((RefusedError, PermissionRefusedError), match=why) as caught:
            act()
        assert caught.value.kept == "Nothing was changed; the attempt was recorded."
        entry = bench.lab.custody.case_history(case.id)[-1]
        assert (entry.action, entry.fact("event"), entry.object_label) == ("custody.refused", *told)
        assert (entry.fact("why"), entry.actor) == (str(caught.value), who)
    bench.lab.custody.perform(bench.examiner, in_place)
    with pytest.raises(RefusedError, match="LEFT IN PLACE; imaged on scene"):
        take_in(bench.examiner, replace(image, on_scene=True))
    last = bench.lab.custody.history(exhibit.id)[-1]
    assert (last.action, last.fact("event"), last.from_state) == ("custody.refused", "image_on_scene", "LEFT_IN_PLACE")
    assert bench.lab.verification.verify().ok
