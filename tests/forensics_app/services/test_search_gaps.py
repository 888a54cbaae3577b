"""Marks where no file, slack or unallocated space is, in file systems of many kinds: a search finds each, once."""

from __future__ import annotations

import re
import shutil
import sqlite3
import struct
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from evidence.filesystems.ranges import joined
from forensics_app.model.catalogue import CatalogueQuery
from forensics_app.model.filter_language.tree import Words
from forensics_app.model.image import EvidenceImage, IntakeRequest, WriteBlocker
from forensics_app.model.mark import MarkKind
from forensics_app.model.search import Missed, SearchHit, SearchInfo, SearchRequest, Space
from tests.builders import Bench, make_bench
from tests.evidence.documents import PlainImage
from tests.evidence.made_images import blank, need, run
from tests.forensics_app.services.counted_areas import Divided
from tests.forensics_app.services.searched_image import WALLET

MARK = f"zqmark {WALLET} end"
_SECTOR, _MIB = 512, 1 << 20
_SIZES_MIB = {"fat16": 10, "fat32": 35, "ext2": 3, "ext4": 5, "ntfs": 3, "exfat": 4}
_TAIL_BYTES = 64 * 1024
"""So much is left of a partition behind the end of its file system."""


def _made(folder: Path, kind: str, content: Path) -> bytearray:
    """A partition with a file system that ends before it does, with one file that holds a mark."""
    path, size = folder / kind, _SIZES_MIB[kind] * _MIB
    blank(path, size - _TAIL_BYTES)
    match kind:
        case "fat16":
            run("mkfs.vfat", "-F", "16", "-s", "2", "-R", "4", path)
        case "fat32":
            run("mkfs.vfat", "-F", "32", "-s", "1", path)
        case "ext2" | "ext4":
            run(f"mkfs.{kind}", "-q", "-b", "1024", "-I", "256", path)
        case "ntfs":
            run("mkntfs", "-q", "-F", "-Q", "-c", "4096", "-s", "512", "-p", "0", "-H", "0", "-S", "0", path)
        case _:
            run("mkfs.exfat", path)
    if kind.startswith("fat"):
        run("mcopy", "-i", path, content, "::ctrl.txt")
    elif kind.startswith("ext"):
        run("debugfs", "-w", "-R", f"write {content} ctrl.txt", path)
    elif kind == "ntfs":
        run("ntfscp", "-q", path, content, "ctrl.txt")
    return bytearray(path.read_bytes().ljust(size, b"\0"))


def _places(kind: str, data: bytearray, of_ext: str) -> Iterator[tuple[str, int]]:
    """Where marks are put: what it is, and its offset in the partition."""
    yield "behind the file system", len(data) - _TAIL_BYTES + 700
    yield "last sector of the partition", len(data) - _SECTOR + 100
    if kind.startswith("fat"):
        reserved, copies, entries = (*struct.unpack_from("<HB", data, 14), *struct.unpack_from("<H", data, 17))
        yield "last reserved sector", (20 if kind == "fat32" else reserved - 1) * _SECTOR + 64
        if kind == "fat16":
            root = (reserved + copies * struct.unpack_from("<H", data, 22)[0]) * _SECTOR
            yield "end of the root directory", root + entries * 32 - 128
    elif kind.startswith("ext"):
        yield "boot block", 100
        yield "tail of the superblock", 1024 + 0x320
        first, last = re.findall(r"Inode table at (\d+)-(\d+)", of_ext)[0]
        yield "unused inodes", int(last) * 1024 + 800
        assert int(first) < int(last)
        found = re.search(r"Reserved GDT blocks at (\d+)-(\d+)", of_ext)
        assert found
        yield "reserved group descriptors", int(found[2]) * 1024 + 900
        yield "behind the group descriptors", 2 * 1024 + 900
    elif kind == "ntfs":
        yield "last sector of NTFS", len(data) - _TAIL_BYTES - _SECTOR + 300
    else:
        table, length, heap = struct.unpack_from("<III", data, 80)
        yield "behind the second boot region", 30 * _SECTOR
        yield "second boot region", 22 * _SECTOR + 20
        assert table > 30
        yield "behind the table", (heap - 1) * _SECTOR if table + length < heap else 23 * _SECTOR


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A search of the disk."""

    info: SearchInfo
    hits: tuple[SearchHit, ...]
    missed: tuple[Missed, ...]


class Disk:
    """A lab with a disk that has a partition of each kind."""

    def __init__(self, folder: Path) -> None:
        need("mkfs.vfat", "mcopy", "mkfs.ext2", "mkfs.ext4", "debugfs", "dumpe2fs", "mkntfs", "ntfscp", "mkfs.exfat")
        need("sfdisk", "grep")
        (folder / "ctrl.txt").write_text(f"{MARK}\n" * 40)
        self.path, at, table, parts = folder / "disk.dd", _MIB, ["label: gpt"], []
        self.places: dict[int, str] = {}
        for kind, size_mib in _SIZES_MIB.items():
            data = _made(folder, kind, folder / "ctrl.txt")
            of_ext = run("dumpe2fs", folder / kind) if kind.startswith("ext") else ""
            for name, place in _places(kind, data, of_ext):
                assert not any(data[place : place + len(MARK)]) or name in ("behind the table",), (kind, name)
                data[place : place + len(MARK)] = MARK.encode()
                self.places[at + place] = f"{kind}: {name}"
            table.append(f"start={at // _SECTOR}, size={size_mib * _MIB // _SECTOR}")
            parts.append((at, data))
            at += size_mib * _MIB + _MIB
        run("sfdisk", "-q", blank(self.path, at + _MIB), text="\n".join(table) + "\n")
        with self.path.open("r+b") as disk:
            for start, data in parts:
                disk.seek(start)
                disk.write(data)
            for place, name in ((300, "code of the MBR"), (33 * _SECTOR, "table of the GPT"), (at - 2000, "gap")):
                disk.seek(place)
                disk.write(MARK.encode())
                self.places[place] = name
        self.bench: Bench = make_bench(folder / "lab")
        self.exhibit = self.bench.exhibit(self.bench.case())
        request = IntakeRequest(
            exhibit_id=self.exhibit.id, paths=(self.path,), write_blocker=WriteBlocker(device="T8u")
        )
        taken = self.bench.lab.intake.take_in(self.bench.examiner, request)
        self.image: EvidenceImage = self.bench.lab.catalogues.build(self.bench.examiner, taken.id)

    def search(self, request: SearchRequest) -> Found:
        info = self.bench.lab.searching.begin(self.bench.examiner, self.image.id, request)
        with self.bench.lab.searching.open(self.image, info.id) as found:
            return Found(info=info, hits=tuple(found.all()), missed=found.missed())


@pytest.fixture(scope="module")
def disk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Disk]:
    made = Disk(tmp_path_factory.mktemp("gaps"))
    yield made
    made.bench.lab.close()


@pytest.mark.req("REQ-57")
def test_every_mark_that_grep_finds_on_the_disk_is_a_hit_and_is_told_once(disk: Disk) -> None:
    grepped = {int(line.split(":")[0]) for line in run("grep", "-abo", MARK, disk.path).splitlines()}
    assert set(disk.places) <= grepped
    found = disk.search(SearchRequest(terms=(MARK,)))
    at = Counter(hit.media_offset_bytes for hit in found.hits)
    assert {disk.places.get(place, place) for place in grepped - set(at)} == set(), "not found"
    assert [disk.places.get(place or 0, place) for place, times in at.items() if times > 1] == []
    assert set(at) == grepped
    volumes = {hit.volume_id for hit in found.hits if hit.space == "volume"}
    assert {f"v0.p{number}" for number in range(1, 7)} <= volumes
    for hit in found.hits:
        if hit.space == "volume":
            area = hit.area()
            assert area is not None
            read = disk.bench.lab.examine.read_area(disk.image, area, hit.offset_bytes, hit.length_bytes)
            assert read == MARK.encode()
            assert hit.address == ""
    assert found.missed == (), "a list of bad clusters without any is not told as a stretch that was not searched"


@pytest.mark.req("REQ-57")
def test_detectors_find_the_wallets_there_too(disk: Disk) -> None:
    found = disk.search(SearchRequest(detect=True, spaces=(Space.UNALLOCATED, Space.GAPS)))
    wallets = {hit.media_offset_bytes for hit in found.hits if hit.text == WALLET}
    assert set(disk.places) <= {at - MARK.index(WALLET) for at in wallets if at is not None}


@pytest.mark.req("REQ-57")
def test_what_is_marked_is_not_found_among_metadata_and_gaps(disk: Disk) -> None:
    lab, examiner = disk.bench.lab, disk.bench.examiner
    with lab.catalogues.open(disk.image) as catalogue:
        ids = catalogue.ids(CatalogueQuery(filter=Words(column="path", text="ctrl.txt")))
        entries = list(catalogue.rows(ids))
    assert len(entries) == 5
    marks = [lab.examine.marks.add(examiner, disk.image.id, one, MarkKind.PRIVILEGED, "a lawyer's") for one in entries]
    try:
        found = disk.search(SearchRequest(terms=(MARK,)))
    finally:
        for mark in marks:
            lab.examine.marks.withdraw(disk.bench.supervisor, disk.image.id, mark, "done")
    assert sorted(hit.media_offset_bytes or 0 for hit in found.hits) == sorted(disk.places)
    assert {one.entry_id for one in found.missed} == {one.id for one in entries}


@pytest.mark.req("REQ-57")
def test_a_search_that_an_older_program_began_goes_on_as_it_was_divided_and_a_new_one_too(disk: Disk) -> None:
    lab, examiner = disk.bench.lab, disk.bench.examiner
    for spaces, division in (((Space.UNALLOCATED,), "2"), ((Space.UNALLOCATED, Space.GAPS), "3")):
        whole = disk.search(SearchRequest(terms=(MARK,), spaces=spaces))
        assert whole.hits
        path = lab.folder.searches(disk.image.case_id, disk.image.id) / f"{whole.info.id}.db"
        with sqlite3.connect(path) as db:
            assert db.execute("SELECT value FROM meta WHERE key = 'division'").fetchone() == ("4",)
            db.execute("UPDATE meta SET value = ? WHERE key = 'division'", (division,))
            db.execute("DELETE FROM units")
            db.execute("DELETE FROM hits")
        db.close()
        again = lab.searching.resume(examiner, disk.image.id, whole.info.id)
        assert (again.is_complete, again.units, again.hits) == (True, whole.info.units, whole.info.hits)
        with lab.searching.open(disk.image, whole.info.id) as found:
            places = {(hit.volume_id, hit.space, hit.offset_bytes) for hit in found.all()}
        assert places == {(hit.volume_id, hit.space, hit.offset_bytes) for hit in whole.hits}


def _borders(image: Divided) -> Iterator[tuple[str, int]]:
    """One border of each sort in each partition, where both areas go on for long enough."""
    for number, kind in enumerate(_SIZES_MIB, 1):
        volume = f"v0.p{number}"
        start, found = image.volumes[volume].start_bytes, image.counted(volume)
        areas = {"content": found.contents, "slack": found.slack, "free": found.free, "gap": found.gaps}
        begins = {
            first: name for name, ranges in areas.items() for first, length in joined(ranges) if length >= len(MARK)
        }
        for name, ranges in areas.items():
            for first, length in joined(ranges):
                behind = begins.get(first + length)
                if length >= len(MARK) and behind and {name, behind} != {"content"}:
                    yield f"{kind}: {name} | {behind}", start + first + length


@pytest.mark.req("REQ-57")
def test_what_stands_across_a_border_is_found_once_with_its_place(tmp_path: Path, disk: Disk) -> None:
    """Each border has a mark of its own, for the stretches of unallocated space are read one behind the other."""
    half, copy = 20, tmp_path / "copy.dd"
    shutil.copy(disk.path, copy)
    sorts = dict(_borders(Divided(PlainImage(copy), tmp_path / "catalogue.db")))
    assert {name.partition(": ")[2] for name in sorts} >= {"content | slack", "slack | free", "free | gap"}
    names, marks = dict[int, str](), dict[int, str]()
    with copy.open("r+b") as file:
        for number, (name, at) in enumerate(sorts.items(), 10):
            mark = f"zq{number} {WALLET} end{number}"
            if not any(abs(at - half - other) < len(mark) for other in names):
                file.seek(at - half)
                file.write(mark.encode())
                names[at - half], marks[at - half] = name, mark
    bench, blocker = disk.bench, WriteBlocker(device="T8u")
    request = IntakeRequest(exhibit_id=disk.exhibit.id, paths=(copy,), write_blocker=blocker)
    image = bench.lab.catalogues.build(bench.examiner, bench.lab.intake.take_in(bench.examiner, request).id)
    expressions = tuple(mark.replace(" ", ".") for mark in marks.values())
    for asked in (SearchRequest(terms=tuple(marks.values())), SearchRequest(expressions=expressions)):
        info = bench.lab.searching.begin(bench.examiner, image.id, asked)
        with bench.lab.searching.open(image, info.id) as found:
            hits = list(found.all())
        at = Counter(hit.media_offset_bytes or 0 for hit in hits)
        assert {name: at[place] for place, name in names.items() if at[place] != 1} == {}
        for hit in hits:
            area, mark = hit.area(), marks[hit.media_offset_bytes or 0]
            assert area is not None
            read = bench.lab.examine.read_area(image, area, hit.offset_bytes, hit.length_bytes)
            assert read == mark.encode() == hit.text.encode()
    with bench.lab.catalogues.open(image) as catalogue:
        of_name = CatalogueQuery(filter=Words(column="path", text="ctrl.txt"))
        entries = {(one.volume_id, one.address): one for one in catalogue.rows(catalogue.ids(of_name))}
    beside = {(hit.volume_id, hit.address) for hit in hits} & entries.keys()
    assert beside
    for key in beside:
        bench.lab.examine.marks.add(bench.examiner, image.id, entries[key], MarkKind.PRIVILEGED, "a lawyer's")
    with bench.lab.searching.open(image, info.id) as found:
        for hit in found.all():
            assert hit.is_hidden == ((hit.volume_id, hit.address) in beside)
            assert hit.is_hidden == (not hit.text)
    info = bench.lab.searching.begin(bench.examiner, image.id, SearchRequest(terms=tuple(marks.values())))
    with bench.lab.searching.open(image, info.id) as found:
        left = {hit.media_offset_bytes for hit in found.all()}
    assert left == {hit.media_offset_bytes for hit in hits if (hit.volume_id, hit.address) not in beside}
