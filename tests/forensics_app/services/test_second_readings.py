"""Two readers compared: what they say alike and differently of the demonstration disk, and what is recorded."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from evidence.second_reader.base import SecondEntry
from evidence.second_reader.listing import library_for
from forensics_app.bootstrap import Lab
from forensics_app.errors import CancelledError, PermissionRefusedError, RefusedError
from forensics_app.model.catalogue import CatalogueEntry, CatalogueQuery
from forensics_app.model.image import EvidenceImage, IntakeRequest, WriteBlocker
from forensics_app.model.second_reading import ONLY_OURS, ONLY_THEIRS, UNREADABLE
from forensics_app.services.second_comparing import Comparing
from forensics_app.services.second_readings import SecondReadings, words_of
from resources import path as resource
from tests.builders import Bench, make_bench
from tests.evidence.made_images import blank, need, run


class Desk:
    """A lab with the demonstration disk, catalogued with contents."""

    def __init__(self, folder: Path) -> None:
        self.bench: Bench = make_bench(folder)
        self.lab: Lab = self.bench.lab
        request = IntakeRequest(
            exhibit_id=self.bench.exhibit(self.bench.case()).id,
            paths=(Path(str(resource("demo/demo.E01"))),),
            write_blocker=WriteBlocker(device="T8u"),
        )
        taken = self.lab.intake.take_in(self.bench.examiner, request)
        self.image: EvidenceImage = self.lab.catalogues.build(self.bench.examiner, taken.id)

    @property
    def second(self) -> SecondReadings:
        return self.lab.second_readings

    def entries(self, volume_id: str) -> tuple[CatalogueEntry, ...]:
        with self.lab.catalogues.open(self.image) as catalogue:
            return catalogue.rows(catalogue.ids(CatalogueQuery(volume_id=volume_id, deleted=False)))


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    made = Desk(tmp_path_factory.mktemp("second") / "lab")
    yield made
    made.lab.close()


@pytest.mark.parametrize(
    ("volume_id", "reader"), [("v0.p1", "libfsntfs"), ("v0.p2", "libfsfat"), ("v0.p3", "libfsext")]
)
def test_the_volumes_of_the_demonstration_disk_are_the_same_for_a_second_reader(
    desk: Desk, volume_id: str, reader: str
) -> None:
    made = desk.second.compare(desk.bench.examiner, desk.image.id, volume_id)
    assert made.agrees, made.lines[:5]
    assert made.reader.startswith(reader)
    assert made.with_content
    assert made.both > 5
    assert "agree on names, sizes, times and contents" in words_of(made)
    assert desk.second.last(desk.image, volume_id) == made
    entry = desk.lab.custody.history(desk.image.exhibit_id)[-1]
    assert (entry.action, entry.facts["volume"], entry.facts["differing"]) == ("volume.compare", volume_id, {})
    assert entry.facts["names_in_both"] == made.both


def as_theirs(entry: CatalogueEntry) -> SecondEntry:
    """What a second reader would say that agrees."""
    is_sized = entry.kind in ("file", "stream")
    return SecondEntry(
        folder=entry.path.rpartition("/")[0],
        path=entry.path,
        number=entry.address.partition("-")[0],
        stream_of=entry.name.partition(":")[0] if entry.kind == "stream" else "",
        is_directory=entry.kind == "directory",
        size_bytes=entry.size_bytes if is_sized else None,
        md5=entry.md5 if is_sized else None,
        times={field: stamp.ns for field, stamp in entry.times.items()},
    )


def test_every_kind_of_difference_is_named_side_by_side(desk: Desk) -> None:
    entries = [one for one in desk.entries("v0.p3") if one.kind != "virtual"]
    files = [one for one in entries if one.kind == "file" and one.size_bytes]
    missing, larger, other, later = files[:4]
    with desk.lab.catalogues.open(desk.image) as catalogue:
        comparing = Comparing(catalogue, "v0.p3", "ext4", with_content=True)
        for entry in entries:
            theirs = as_theirs(entry)
            if entry.id == missing.id:
                continue
            if entry.id == larger.id:
                theirs = replace(theirs, size_bytes=entry.size_bytes + 1)
            if entry.id == other.id:
                theirs = replace(theirs, md5=bytes(16))
            if entry.id == later.id:
                theirs = replace(theirs, times={**theirs.times, "modified": 7})
            comparing.take(theirs)
        comparing.take(SecondEntry(folder="", path="/not there", is_directory=False, size_bytes=3))
        comparing.finish()
    found = {(line.what, line.path, line.ours, line.theirs) for line in comparing.lines}
    assert found == {
        (ONLY_OURS, missing.path, missing.size_bytes, None),
        ("size", larger.path, larger.size_bytes, larger.size_bytes + 1),
        ("md5", other.path, other.md5.hex() if other.md5 else None, bytes(16).hex()),
        ("modified", later.path, later.times["modified"].ns, 7),
        (ONLY_THEIRS, "/not there", None, 3),
    }
    assert comparing.both == len(entries) - 1


def compared_without(desk: Desk, left_out: set[str], *gaps: str) -> Comparing:
    """The volume of ext4 by a second reader that agrees but for names it leaves out, and names it cannot read."""
    agreeing = [as_theirs(one) for one in desk.entries("v0.p3") if one.kind != "virtual" and one.path not in left_out]
    for path in gaps:
        folder = path.rpartition("/")[0]
        at = next((index for index, one in enumerate(agreeing) if one.folder == folder), len(agreeing))
        gap = SecondEntry(folder=folder, path=path, is_directory=False, is_named=False, unread=("entry",))
        agreeing.insert(at, gap)
    with desk.lab.catalogues.open(desk.image) as catalogue:
        comparing = Comparing(catalogue, "v0.p3", "ext4", with_content=True)
        for one in agreeing:
            comparing.take(one)
        comparing.finish()
    return comparing


def test_a_name_that_the_second_reader_cannot_read_accuses_nobody_else_in_its_folder(desk: Desk) -> None:
    paths = {one.path for one in desk.entries("v0.p3") if one.kind == "file"}
    one = min(paths)
    folder = one.rpartition("/")[0]
    assert dict(compared_without(desk, {one}, f"{folder}/?0").counts) == {UNREADABLE: 1}


def test_a_folder_that_the_second_reader_cannot_read_takes_what_lies_below_it_along(desk: Desk) -> None:
    entries = desk.entries("v0.p3")
    folder = min(one.path for one in entries if one.kind == "file").rpartition("/")[0]
    below = {one.path for one in entries if one.path.startswith(f"{folder}/")}
    gap = f"{folder.rpartition('/')[0]}/?0"
    assert dict(compared_without(desk, {folder} | below, gap).counts) == {UNREADABLE: 1}


def test_more_names_that_are_missing_than_could_not_be_read_are_named(desk: Desk) -> None:
    around = Counter(one.path.rpartition("/")[0] for one in desk.entries("v0.p3") if one.kind == "file")
    folder, count = around.most_common(1)[0]
    assert count > 1
    paths = (one.path for one in desk.entries("v0.p3") if one.kind == "file")
    two = [path for path in paths if path.rpartition("/")[0] == folder][:2]
    comparing = compared_without(desk, set(two), f"{folder}/?0")
    assert dict(comparing.counts) == {UNREADABLE: 1, ONLY_OURS: 2}
    assert {line.path for line in comparing.lines if line.what == ONLY_OURS} == set(two)


def test_attributes_of_a_file_with_two_names_are_no_difference(tmp_path: Path) -> None:
    need("mkfs.ext4", "debugfs")
    tree = tmp_path / "tree"
    tree.mkdir()
    (tree / "one.txt").write_bytes(b"one")
    (tree / "two.txt").hardlink_to(tree / "one.txt")
    path = blank(tmp_path / "links.raw", 16 << 20)
    run("mkfs.ext4", "-q", "-d", tree, path)
    run("debugfs", "-w", "-R", "ea_set /one.txt user.origin scanner", path)
    bench = make_bench(tmp_path / "lab")
    request = IntakeRequest(
        exhibit_id=bench.exhibit(bench.case()).id, paths=(path,), write_blocker=WriteBlocker(device="T8u")
    )
    image = bench.lab.catalogues.build(bench.examiner, bench.lab.intake.take_in(bench.examiner, request).id)
    made = bench.lab.second_readings.compare(bench.examiner, image.id, "v0")
    bench.lab.close()
    assert made.agrees, made.lines
    assert dict(made.known) == {"libfsext tells the attributes of a file of several names at one of them": 1}


def test_who_may_not_compare_and_what_cannot_be_is_refused_in_words(desk: Desk) -> None:
    with pytest.raises(PermissionRefusedError):
        desk.second.compare(desk.bench.custodian, desk.image.id, "v0.p1")
    with pytest.raises(RefusedError, match="there is a second reader for NTFS, FAT, exFAT and ext only"):
        desk.second.compare(desk.bench.examiner, desk.image.id, "v0.u1")
    assert library_for("hfs+") is None


def test_a_comparison_that_is_stopped_keeps_and_records_nothing(desk: Desk) -> None:
    before = len(desk.lab.custody.history(desk.image.exhibit_id))
    kept = desk.second.last(desk.image, "v0.p1")

    def stop(done: int, total: int) -> None:
        raise CancelledError

    with pytest.raises(CancelledError):
        desk.second.compare(desk.bench.examiner, desk.image.id, "v0.p1", stop)
    assert len(desk.lab.custody.history(desk.image.exhibit_id)) == before
    assert desk.second.last(desk.image, "v0.p1") == kept


def test_what_was_kept_of_a_comparison_is_told_only_if_it_has_the_recorded_digest(desk: Desk) -> None:
    made = desk.second.compare(desk.bench.examiner, desk.image.id, "v0.p2")
    path = desk.lab.folder.second_reading(desk.image.case_id, desk.image.id, "v0.p2")
    whole = path.read_bytes()
    path.write_bytes(json.dumps({**json.loads(whole), "both": 999_999, "reader": "another"}).encode())
    with pytest.raises(RefusedError, match="does not have the SHA-256 that was recorded"):
        desk.second.last(desk.image, "v0.p2")
    path.write_bytes(whole)
    assert desk.second.last(desk.image, "v0.p2") == made
