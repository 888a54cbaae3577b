"""Bytes of an image that are no file's content: read, placed, and exported with an entry."""

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from evidence.errors import UnreadableContentError
from evidence.filesystems.reading import FileReader
from evidence.images import open_image
from evidence.timestamps import to_utc
from forensics_app.bootstrap import Lab
from forensics_app.errors import PermissionRefusedError, RefusedError
from forensics_app.model.areas import Area, AreaKind
from forensics_app.model.catalogue import CatalogueQuery
from forensics_app.model.image import EvidenceImage, IntakeRequest, WriteBlocker
from forensics_app.model.person import SignedIn
from forensics_app.services.copying_out import keep_times
from resources import path as resource
from tests.builders import make_bench

NTFS, EXT4 = "v0.p1", "v0.p3"


class Desk:
    """A lab with the demonstration disk, catalogued without contents; one for all tests, which change nothing."""

    def __init__(self, folder: Path) -> None:
        bench = make_bench(folder)
        exhibit = bench.exhibit(bench.case())
        demo = Path(str(resource("demo/demo.E01")))
        request = IntakeRequest(exhibit_id=exhibit.id, paths=(demo,), write_blocker=WriteBlocker(device="T8u"))
        self.image: EvidenceImage = bench.lab.intake.take_in(bench.examiner, request)
        bench.lab.catalogues.build(bench.examiner, self.image.id, with_content=False)
        self.lab: Lab = bench.lab
        self.examiner: SignedIn = bench.examiner
        self.custodian: SignedIn = bench.custodian
        self.demo = demo

    def start_of(self, volume_id: str) -> int:
        with self.lab.catalogues.open(self.image) as catalogue:
            return next(volume.start_bytes for volume in catalogue.volumes() if volume.id == volume_id)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    made = Desk(tmp_path_factory.mktemp("areas") / "lab")
    yield made
    made.lab.close()


def unallocated(volume_id: str = NTFS) -> Area:
    return Area(kind=AreaKind.UNALLOCATED, volume_id=volume_id)


@pytest.mark.parametrize("volume_id", [NTFS, EXT4])
def test_unallocated_space_reads_as_the_media_at_the_places_that_are_named(desk: Desk, volume_id: str) -> None:
    examine, image, area = desk.lab.examine, desk.image, unallocated(volume_id)
    size = examine.area_facts(image, area).size_bytes
    facts = examine.area_facts(image, area, 0, size)
    assert sum(one.length_bytes for one in facts.stretches) == size > 0
    start = desk.start_of(volume_id)
    for one in facts.stretches[:5]:
        count = min(one.length_bytes, 8192)
        wanted = examine.read_media(image, start + one.volume_offset_bytes, count)
        assert examine.read_area(image, area, one.at_bytes, count) == wanted


def test_a_part_in_the_middle_is_placed_by_itself(desk: Desk) -> None:
    examine, image, area = desk.lab.examine, desk.image, unallocated()
    whole = examine.area_facts(image, area, 0, 1 << 40).stretches
    last = whole[-1]
    (one,) = examine.area_facts(image, area, last.at_bytes + 3, 5).stretches
    assert (one.at_bytes, one.volume_offset_bytes, one.length_bytes) == (
        last.at_bytes + 3, last.volume_offset_bytes + 3, 5,
    )  # fmt: skip


def test_slack_is_what_the_engine_reads_behind_the_end_of_a_file(desk: Desk) -> None:
    with desk.lab.catalogues.open(desk.image) as catalogue:
        entries = catalogue.rows(catalogue.ids(CatalogueQuery(volume_id=EXT4, kinds=("file",))))
        volumes = catalogue.volumes()
    entry = next(one for one in entries if one.allocated and one.size_bytes % 1024)
    area = Area(kind=AreaKind.SLACK, volume_id=EXT4, file_address=entry.address, file_path=entry.path)
    size = desk.lab.examine.area_facts(desk.image, area).size_bytes
    opened = open_image([desk.demo])
    chain = [next(one for one in volumes if one.id == name) for name in ("v0", EXT4)]
    expected = FileReader(opened).slack(chain, entry.address)
    assert size == expected.size_bytes > 0
    assert desk.lab.examine.read_area(desk.image, area, 0, size) == expected.read(0, size)
    opened.close()


def test_a_volume_reads_as_the_media_from_its_start_on(desk: Desk) -> None:
    area = Area(kind=AreaKind.VOLUME, volume_id=NTFS)
    examine, image = desk.lab.examine, desk.image
    assert examine.read_area(image, area, 0, 512) == examine.read_media(image, desk.start_of(NTFS), 512)
    size = examine.area_facts(image, area).size_bytes
    assert len(examine.read_area(image, area, size - 10, 512)) == 10
    assert examine.read_area(image, Area(kind=AreaKind.MEDIA), 510, 2) == bytes.fromhex("55aa")


def test_what_is_not_there_is_refused_in_words(desk: Desk) -> None:
    area = Area(kind=AreaKind.SLACK, volume_id=NTFS, file_address="999999-128-1", file_path="/none")
    with pytest.raises(UnreadableContentError):
        desk.lab.examine.area_facts(desk.image, area)


def test_bytes_of_an_area_are_exported_with_an_entry(desk: Desk, tmp_path: Path) -> None:
    lab, image, area = desk.lab, desk.image, unallocated()
    made = lab.examine.exporting.area(
        desk.examiner, image.id, area, tmp_path / "part.bin", offset_bytes=512, size_bytes=3000
    )
    data = lab.examine.read_area(image, area, 512, 3000)
    assert (tmp_path / "part.bin").read_bytes() == data
    assert made.sha256 == hashlib.sha256(data).digest()
    assert made.path == "unallocated space of v0.p1, 3000 bytes from byte 512"
    event = lab.custody.case_history(image.case_id)[-1]
    assert event.action == "file.export"
    assert (event.facts["area"], event.facts["offset_bytes"], event.facts["size_bytes"]) == (
        "unallocated space", 512, 3000,
    )  # fmt: skip
    whole = lab.examine.exporting.area(desk.examiner, image.id, area, tmp_path / "whole.bin")
    assert whole.path == "unallocated space of v0.p1"
    assert (tmp_path / "whole.bin").stat().st_size == lab.examine.area_facts(image, area).size_bytes
    assert lab.verification.verify().ok


def test_more_bytes_than_there_are_and_people_who_may_not_are_refused(desk: Desk, tmp_path: Path) -> None:
    area, target = Area(kind=AreaKind.VOLUME, volume_id=NTFS), tmp_path / "x.bin"
    with pytest.raises(RefusedError, match=r"Volume v0\.p1 has"):
        desk.lab.examine.exporting.area(desk.examiner, desk.image.id, area, target, offset_bytes=0, size_bytes=1 << 50)
    with pytest.raises(PermissionRefusedError):
        desk.lab.examine.exporting.area(desk.custodian, desk.image.id, area, target)
    assert not target.exists()


@pytest.mark.parametrize("volume_id", [NTFS, "v0.p2", EXT4])
def test_an_exported_file_has_the_times_of_the_file(desk: Desk, volume_id: str, tmp_path: Path) -> None:
    with desk.lab.catalogues.open(desk.image) as catalogue:
        entries = catalogue.rows(catalogue.ids(CatalogueQuery(volume_id=volume_id, kinds=("file",), deleted=False)))
    entry = next(one for one in entries if one.size_bytes and one.time("modified"))
    desk.lab.examine.exporting.file(desk.examiner, desk.image.id, entry, tmp_path / "copy")
    modified = entry.times["modified"]
    expected = to_utc(modified.ns, modified.basis, desk.lab.info.zone).utc_ns
    assert (tmp_path / "copy").stat().st_mtime_ns == expected


def test_a_copy_whose_times_no_file_system_holds_keeps_its_own(desk: Desk, tmp_path: Path) -> None:
    with desk.lab.catalogues.open(desk.image) as catalogue:
        entry = catalogue.rows(catalogue.ids(CatalogueQuery(volume_id=EXT4, kinds=("file",))))[0]
    (tmp_path / "copy").write_bytes(b"")
    before = (tmp_path / "copy").stat().st_mtime_ns
    assert not keep_times(tmp_path / "copy", replace(entry, times={}), "UTC")
    date = replace(entry.times["modified"], basis="date")
    assert not keep_times(tmp_path / "copy", replace(entry, times={"modified": date}), "UTC")
    assert (tmp_path / "copy").stat().st_mtime_ns == before
