"""Times that people tell: the service refuses those that cannot be, whatever window or command they come from."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from forensics_app.errors import RefusedError
from forensics_app.model.disposal import NewDisposal, Way
from forensics_app.model.exhibit import ExhibitType, NewExhibit, NewPhoto, PhotoView, Seizure
from forensics_app.model.note import NewNote
from forensics_app.model.offer import NewOffer
from forensics_app.model.scene import NewScene
from forensics_app.services.told_times import TOLERANCE, check_told
from resources import path as resource
from tests.builders import NOON, Bench
from tests.forensics_app.services.end_of_custody import stored

DATABASES = ("sqlite", "postgresql")

Tell = Callable[[Bench, datetime], object]


def seize(bench: Bench, at: datetime) -> object:
    new = NewExhibit(
        case_id=bench.case().id,
        number="LH/01",
        type=ExhibitType.STORAGE,
        description="Hard disk",
        seal_number="0048812",
        seizure=Seizure(seized_at=at, place="Desk", officer="Sgt. Duarte", witness="Insp. Haas"),
        no_photo_reason="Not photographed in this test",
    )
    return bench.lab.exhibits.add(bench.custodian, new)


def photograph(bench: Bench, at: datetime) -> object:
    photo = NewPhoto(path=resource("demo/exhibit-photo-drive.jpg"), view=PhotoView.WHOLE, taken_at=at)
    return bench.lab.exhibits.add_photo(bench.custodian, bench.exhibit(bench.case()).id, photo)


def move(bench: Bench, at: datetime) -> object:
    request = bench.request(stored(bench, bench.case()), "move", fields={"shelf": "B-1"})
    return bench.lab.custody.perform(bench.custodian, replace(request, occurred_at=at))


def accept(bench: Bench, at: datetime) -> object:
    new = NewOffer(
        exhibit_id=stored(bench, bench.case()).id,
        receiver_id=bench.examiner.person.id,
        event="check_out",
        due=NOON + timedelta(days=1),
        fields={"purpose": "Imaging", "expected_return": "2026-11-24T17:00:00+01:00"},
    )
    offer = bench.lab.offers.offer(bench.custodian, new)
    return bench.lab.offers.accept(bench.examiner, offer.id, at, {})


def propose(bench: Bench, at: datetime) -> object:
    exhibit = stored(bench, bench.case())
    new = NewDisposal(
        exhibit_id=exhibit.id, way=Way.DESTROY, method="Shredded", authority="Order", recipient="", occurred_at=at
    )
    return bench.lab.disposals.propose(bench.custodian, new)


def write(bench: Bench, at: datetime) -> object:
    return bench.lab.notes.add(bench.examiner, NewNote(case_id=bench.case().id, text="Seen", told_at=at))


def begin(bench: Bench, at: datetime) -> object:
    new = NewScene(
        case_id=bench.case().id, flow="live-box", subject="Office", place="Desk", led_by="Sgt. Duarte", started_at=at
    )
    return bench.lab.scenes.begin(bench.examiner, new)


@pytest.mark.req("REQ-13")
@pytest.mark.parametrize("tell", [seize, photograph, move, accept, propose, write, begin])
def test_a_time_that_has_not_come_is_refused_in_words(bench: Bench, tell: Tell) -> None:
    with pytest.raises(RefusedError, match="has not come yet by the clock of this computer") as refused:
        tell(bench, NOON + timedelta(hours=1))
    assert "clock" in refused.value.then


@pytest.mark.req("REQ-13")
def test_a_seizure_before_1990_is_refused_in_words(bench: Bench) -> None:
    with pytest.raises(RefusedError, match="The seizure of LH/01: 1926-11-19 12:00"):
        seize(bench, datetime(1926, 11, 19, 12, tzinfo=UTC))


def test_a_clock_that_runs_a_little_ahead_is_tolerated_and_a_time_without_a_zone_is_not() -> None:
    check_told("It", NOON + TOLERANCE, NOON)
    check_told("It", None, NOON)
    with pytest.raises(RefusedError):
        check_told("It", NOON + TOLERANCE + timedelta(seconds=1), NOON)
    with pytest.raises(RefusedError, match="in which zone"):
        check_told("It", NOON.replace(tzinfo=None), NOON)
