"""Hits in bytes of volumes that are bytes of marked content: records of file systems, further devices, free space."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from forensics_app.bootstrap import Lab
from forensics_app.errors import HiddenContentError
from forensics_app.model.areas import Area, AreaKind
from forensics_app.model.catalogue import CatalogueEntry, CatalogueQuery
from forensics_app.model.filter_language.tree import Words
from forensics_app.model.image import EvidenceImage, IntakeRequest, WriteBlocker
from forensics_app.model.mark import Mark, MarkKind
from forensics_app.model.search import SearchHit, SearchRequest
from tests.builders import Bench, make_bench
from tests.evidence.filesystems.btrfs_images import made
from tests.evidence.filesystems.btrfs_spread import DEVICE_BYTES, Spread
from tests.evidence.made_images import blank, need, run

MIB = 1 << 20
SMALL, LARGE, OTHER, FAR = "zqprivileged", "zqlongletter", "zqopenwords", "zqfarstream"
FILES = {"small.txt": f"{SMALL} a".encode(), "large.txt": f"{LARGE}\n".encode() * 900, "other.txt": OTHER.encode()}


def _folder(path: Path) -> Path:
    path.mkdir()
    for name, content in FILES.items():
        (path / name).write_bytes(content)
    return path


def _ntfs(path: Path, folder: Path) -> bytes:
    run("mkntfs", "-q", "-F", "-Q", "-c", "4096", "-s", "512", "-p", "0", "-H", "0", "-S", "0", blank(path, 8 * MIB))
    for name in FILES:
        run("ntfscp", "-q", path, folder / name, name)
    run("ntfscp", "-q", path, folder / "other.txt", "wide")
    for number in range(12):  # more streams than one file record holds
        stream = path.with_name("stream")
        stream.write_text(f"{FAR if number == 11 else 'x'} {number:080}")
        run("ntfscp", "-q", "-N", f"s{number}", path, stream, "wide")
    return path.read_bytes()


class Disk:
    """NTFS with resident files, ext4 with inline data, Btrfs on two devices; and free words in unallocated space."""

    def __init__(self, folder: Path) -> None:
        need("mkntfs", "ntfscp", "mkfs.ext4", "mkfs.btrfs", "sfdisk", "grep")
        files = _folder(folder / "files")
        ext = blank(folder / "ext", 8 * MIB)
        run("mkfs.ext4", "-q", "-O", "inline_data", "-I", "512", "-d", files, ext)
        btrfs = made(folder / "btrfs", files, "-m", "single", "-d", "single", "-n", "4096")
        devices = Spread(btrfs, "raid1", 2).devices
        assert devices[1].count(SMALL.encode())
        assert devices[1].count(LARGE.encode())
        free = bytearray(_ntfs(folder / "ntfs", files))
        at = free.rindex(bytes(64 * 1024)) // 4096 * 4096
        free[at : at + len(OTHER)] = OTHER.encode()
        parts = [bytes(free), ext.read_bytes(), *map(bytes, devices)]
        self.path, start, table = folder / "disk.dd", MIB, ["label: gpt"]
        starts = list[int]()
        for part in parts:
            table.append(f"start={start // 512}, size={len(part) // 512}")
            starts.append(start)
            start += len(part) + MIB
        run("sfdisk", "-q", blank(self.path, start + MIB), text="\n".join(table) + "\n")
        with self.path.open("r+b") as disk:
            for place, part in zip(starts, parts, strict=True):
                disk.seek(place)
                disk.write(part)
        assert len(devices[0]) == DEVICE_BYTES
        self.bench: Bench = make_bench(folder / "lab")
        blocker = WriteBlocker(device="T8u")
        exhibit = self.bench.exhibit(self.bench.case())
        request = IntakeRequest(exhibit_id=exhibit.id, paths=(self.path,), write_blocker=blocker)
        taken = self.lab.intake.take_in(self.bench.examiner, request)
        self.image: EvidenceImage = self.lab.catalogues.build(self.bench.examiner, taken.id)
        search = SearchRequest(terms=(SMALL, LARGE, OTHER, FAR))
        self.search = self.lab.searching.begin(self.bench.examiner, self.image.id, search).id

    @property
    def lab(self) -> Lab:
        return self.bench.lab

    def first(self, type_: str) -> str:
        """The volume with a file system of this type."""
        with self.lab.catalogues.open(self.image) as catalogue:
            volumes = catalogue.volumes()
        return next(one.id for one in volumes if one.file_system is not None and one.file_system.type == type_)

    def grepped(self, word: str) -> set[int]:
        return {int(line.split(":")[0]) for line in run("grep", "-abo", word, self.path).splitlines()}

    def entries(self, name: str) -> Sequence[CatalogueEntry]:
        with self.lab.catalogues.open(self.image) as catalogue:
            return catalogue.rows(tuple(catalogue.ids(CatalogueQuery(filter=Words(column="path", text=name)))))

    def hits(self) -> tuple[SearchHit, ...]:
        with self.lab.searching.open(self.image, self.search) as found:
            return tuple(found.all())

    @contextmanager
    def marked(self, name: str, kind: MarkKind = MarkKind.PRIVILEGED) -> Iterator[Sequence[Mark]]:
        """All files of a name marked."""
        why = kind, "a lawyer's"
        marks = [
            self.lab.examine.marks.add(self.bench.examiner, self.image.id, one, *why) for one in self.entries(name)
        ]
        assert len(marks) == 3
        try:
            yield marks
        finally:
            self.lab.examine.marks.cover()
            for mark in marks:
                self.lab.examine.marks.withdraw(self.bench.supervisor, self.image.id, mark, "done")


@pytest.fixture(scope="module")
def disk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Disk]:
    found = Disk(tmp_path_factory.mktemp("hiding"))
    yield found
    found.lab.close()


def _shown(hits: Sequence[SearchHit], word: str) -> list[SearchHit]:
    return [hit for hit in hits if word.encode() in hit.before + hit.text.encode() + hit.after]


@pytest.mark.req("REQ-39", "REQ-40")
@pytest.mark.parametrize(("name", "word"), [("small.txt", SMALL), ("large.txt", LARGE)])
def test_no_hit_in_records_or_on_a_further_device_shows_what_is_marked(disk: Disk, name: str, word: str) -> None:
    before = disk.hits()
    told = {hit.media_offset_bytes for hit in _shown(before, word)}
    assert len(told & disk.grepped(word)) >= 3
    assert {"file", "volume"} <= {hit.space for hit in _shown(before, word)}
    with disk.marked(name) as marks:
        hidden = disk.hits()
        assert _shown(hidden, word) == []
        others = _shown(hidden, OTHER)
        assert {"file", "unallocated"} <= {hit.space for hit in others}
        assert any(hit.address.startswith("0-128-") for hit in others)
        for mark in marks:
            disk.lab.examine.marks.look(disk.bench.supervisor, disk.image.id, mark, "the court's order")
        assert {hit.space for hit in _shown(disk.hits(), word)} >= {"volume"}
    assert disk.hits() == before


@pytest.mark.req("REQ-39", "REQ-40")
def test_a_marked_stream_that_stands_in_a_further_record_of_its_file_is_hidden_in_the_table_of_files(
    disk: Disk,
) -> None:
    (stream,) = disk.entries("wide:s11")
    of_table = [hit for hit in _shown(disk.hits(), FAR) if hit.address.startswith("0-128-")]
    assert of_table
    own = int(stream.address.split("-")[0])
    assert all(hit.offset_bytes // 1024 != own for hit in of_table)
    why = MarkKind.PRIVILEGED, "a lawyer's"
    mark = disk.lab.examine.marks.add(disk.bench.examiner, disk.image.id, stream, *why)
    try:
        assert _shown(disk.hits(), FAR) == []
        assert any(hit.address.startswith("0-128-") for hit in _shown(disk.hits(), SMALL))
    finally:
        disk.lab.examine.marks.cover()
        disk.lab.examine.marks.withdraw(disk.bench.supervisor, disk.image.id, mark, "done")


@pytest.mark.req("REQ-39", "REQ-40")
def test_where_it_cannot_be_told_where_a_marked_content_lies_hits_beside_files_are_hidden(disk: Disk) -> None:
    with disk.marked("large.txt"):
        disk.lab.examine.readers.end_all()
        moved = disk.path.rename(disk.path.with_name("away.dd"))
        try:
            assert all(hit.is_hidden for hit in disk.hits() if hit.space == "volume")
        finally:
            moved.rename(disk.path)


@pytest.mark.req("REQ-39", "REQ-40")
def test_bytes_of_the_media_and_of_volumes_that_are_of_a_marked_file_are_not_read_without_a_reason(
    disk: Disk, tmp_path: Path
) -> None:
    examine = disk.lab.examine
    entries = [one for one in disk.entries("large.txt") if one.volume_id in (disk.first("ntfs"), disk.first("ext4"))]
    assert len(entries) == 2
    media, places = Area(kind=AreaKind.MEDIA), list[tuple[CatalogueEntry, Area, int]]()
    for entry in entries:
        start = sum(volume.start_bytes for volume in examine.volumes_around(disk.image, entry.volume_id))
        at = examine.viewing.place(disk.image, entry, 0)
        assert at is not None
        places += [(entry, Area(kind=AreaKind.VOLUME, volume_id=entry.volume_id), at), (entry, media, start + at)]
    for _, area, at in places:
        assert examine.read_area(disk.image, area, at, 12) == LARGE.encode()
    with disk.marked("large.txt") as marks:
        for entry, area, at in places:
            for first, size in ((at, 12), (at - 100, 101), (at + entry.size_bytes - 1, 4096), (at - 4096, 1 << 20)):
                with pytest.raises(HiddenContentError, match=r"large\.txt lie there, which is marked as privileged"):
                    examine.read_area(disk.image, area, first, size)
            assert len(examine.read_area(disk.image, area, at - 100, 100)) == 100
            with pytest.raises(HiddenContentError):
                examine.exporting.area(
                    disk.bench.examiner, disk.image.id, area, tmp_path / "part", offset_bytes=at, size_bytes=12
                )
            assert not (tmp_path / "part").exists()
            whole, hidden = tmp_path / "whole", {one.id for one in examine.exporting.hidden_in(disk.image, area)}
            assert hidden == {one.id for one in marks if area == media or one.volume_id == entry.volume_id}
            with pytest.raises(HiddenContentError, match=r"large\.txt.* in .*, marked as privileged"):
                examine.exporting.area(disk.bench.examiner, disk.image.id, area, whole)
            assert not whole.exists()
            own = next(one for one in marks if one.volume_id == entry.volume_id)
            examine.marks.look(disk.bench.supervisor, disk.image.id, own, "to describe it")
            assert examine.read_area(disk.image, area, at, 12) == LARGE.encode()
            assert disk.lab.custody.case_history(disk.image.case_id)[-1].action == "file.look"
            examine.marks.cover()
    for _, area, at in places:
        assert examine.read_area(disk.image, area, at, 12) == LARGE.encode()


@pytest.mark.req("REQ-39", "REQ-40")
def test_a_whole_volume_with_a_marked_file_is_exported_for_a_reason_that_is_recorded(
    disk: Disk, tmp_path: Path
) -> None:
    examine, person = disk.lab.examine, disk.bench.examiner
    area = Area(kind=AreaKind.VOLUME, volume_id=disk.first("ext4"))
    with disk.marked("large.txt", kind=MarkKind.SENSITIVE):
        examine.exporting.uncover_area(person, disk.image, area, "for the court's expert")
        made = examine.exporting.area(person, disk.image.id, area, tmp_path / "whole")
        looked, exported = disk.lab.custody.case_history(disk.image.case_id)[-2:]
        assert (looked.action, looked.reason) == ("file.look", "for the court's expert")
        assert (exported.action, exported.facts["marked"]) == ("file.export", ["sensitive"])
        assert exported.facts["looked_because"] == ["for the court's expert"]
        assert made.size_bytes == examine.area_facts(disk.image, area).size_bytes
        examine.marks.cover()
        with pytest.raises(HiddenContentError):
            examine.exporting.area(person, disk.image.id, area, tmp_path / "again")
    assert examine.exporting.hidden_in(disk.image, area) == ()
    examine.exporting.area(person, disk.image.id, area, tmp_path / "unmarked")
