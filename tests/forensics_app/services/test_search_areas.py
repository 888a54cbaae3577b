"""Every byte of a volume belongs to one area that a search looks through: content, slack, unallocated, or the rest."""

from __future__ import annotations

import gzip
import struct
from collections import Counter
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

import pytest

from evidence.filesystems.ranges import Range
from forensics_app.model.image import EvidenceImage, IntakeRequest, WriteBlocker
from forensics_app.model.search import Missed, SearchHit, SearchRequest
from forensics_app.services.search_spaces import GAPS
from tests.builders import Bench, make_bench
from tests.evidence.documents import PlainImage
from tests.evidence.made_images import blank, need, run
from tests.forensics_app.services.area_images import CONTENTS, MAKERS, MARK, MIB, TIMES, made
from tests.forensics_app.services.counted_areas import Counted, Divided, all_of, bytes_in

CORPUS = Path(__file__).parents[4] / "shared" / "corpus" / "dev" / "images" / "filesystem"
_READINGS = {"iso trees": {"v0.rock_ridge"}, "bridge": {"v0.udf", "v0.rock_ridge"}, "apfs": {"v0.v1"}}
_OF_CORPUS = (
    "cs_img_fs_xfs.img.gz", "rb_test_btrfs.img.gz", "dftt_iso-dirtree1.iso", "dftt_iso-endian.iso", "du_apple-test.iso",
    "ul_hfs.img.gz", "dfvfs_apfs.raw.gz", "dissect_apfs_case_insensitive.bin.gz", "ul_udf-hdd-mkudffs-1.3-1.img.gz",
    "ul_iso-rr-joliet.img.gz", "ul_udf.img.gz", "rb_test_ufs1.img.gz", "dfvfs_hfsplus.raw.gz", "rb_test_ntfs.img.gz",
    "dfirntfs_exfat_win.raw.gz",
)  # fmt: skip


def common(one: list[Range], other: list[Range]) -> int:
    return bytes_in(one) + bytes_in(other) - bytes_in(one + other)


def clashes(found: Counted) -> dict[str, int]:
    """How many bytes two areas have in common."""
    areas = {"contents": found.contents, "slack": found.slack, "unallocated": found.free, "gaps": found.gaps}
    pairs = combinations(areas.items(), 2)
    return {f"{a} and {b}": shared for (a, one), (b, other) in pairs if (shared := common(one, other))}


def divided(path: Path, tmp_path: Path) -> Divided:
    return Divided(PlainImage(path), tmp_path / "catalogue.db")


@pytest.mark.req("REQ-57")
@pytest.mark.parametrize("kind", MAKERS)
def test_every_byte_of_a_volume_is_in_one_area_and_contents_lie_where_it_is_told(tmp_path: Path, kind: str) -> None:
    image = divided(made(tmp_path, kind), tmp_path)
    assert set(image.readings("v0")) >= _READINGS.get(kind, set())
    found = image.counted("v0")
    assert all_of(found) == [(0, found.size_bytes)]
    assert clashes(found) == {}
    assert image.wrongly_placed("v0") == []
    assert not [key for key, told in image.spaces.items() if isinstance(told, str)]
    assert [key for key in image.spaces if key.endswith(GAPS)] == [f"v0 {GAPS}"], "what readings share is told once"
    whole = sum(map(len, CONTENTS.values()))
    held = bytes_in(found.contents)
    if kind == "squashfs":
        assert 0 < held < whole
    elif kind.startswith("btrfs"):
        assert held == (whole - 1) * (1 + (kind == "btrfs twice")), "one byte stands in its record"
    elif kind in ("xfs", "hfs", "apfs"):
        assert held == whole
    else:
        assert held >= whole


@pytest.mark.parametrize("name", _OF_CORPUS)
def test_every_byte_of_a_published_image_is_in_one_area(tmp_path: Path, name: str) -> None:
    if not (CORPUS / name).is_file():
        pytest.skip("the corpus is not here")
    raw = (CORPUS / name).read_bytes()
    (tmp_path / "image").write_bytes(gzip.decompress(raw) if name.endswith(".gz") else raw)
    image = divided(tmp_path / "image", tmp_path)
    found = image.counted("v0")
    assert all_of(found) == [(0, found.size_bytes)]
    assert clashes(found) == {}
    assert image.wrongly_placed("v0") == []


_ON_DISK = ("iso", "bridge", "udf", "xfs", "btrfs", "apfs", "hfs", "squashfs")
_TAIL_BYTES = 64 * 1024


def planted(kind: str, data: bytes) -> Iterator[tuple[str, int]]:
    """Where marks are put in a partition: what it is, and its offset."""
    if kind != "hfs":
        yield "behind the file system", len(data) - 700
    match kind:
        case "iso" | "bridge":
            size, at = (struct.unpack_from("<I", data, 16 * 2048 + field)[0] for field in (132, 140))
            yield "system area", 3 * 2048 + 100
            yield "behind the path table", at * 2048 + size + 64
        case "udf":
            yield "reserved sectors", 10 * 2048
            yield "between the structures", 40 * 2048
        case "xfs":
            yield "rest of the first block", 2048 + 100
            yield "rest of the first block of the second group", struct.unpack_from(">I", data, 84)[0] * 4096 + 2148
        case "btrfs":
            yield "behind the superblock", 65536 + 4096 + 100
            yield "before the superblock", 65536 - 300
        case "hfs":
            yield "boot blocks", 100
            yield "last sector", len(data) - 300


class Disk:
    """A lab with a disk that has a partition of each kind."""

    def __init__(self, folder: Path) -> None:
        need("sfdisk", "grep")
        self.path, at, table, parts = folder / "disk.dd", MIB, ["label: gpt"], list[tuple[int, bytearray]]()
        self.places: dict[int, str] = {}
        for kind in _ON_DISK:
            data = bytearray(made(folder, kind).read_bytes())
            if kind != "hfs":  # its second master directory block lies at the end
                data += bytes(_TAIL_BYTES + -len(data) % 4096)
            for name, place in planted(kind, data):
                assert not any(data[place : place + len(MARK)]), (kind, name)
                data[place : place + len(MARK)] = MARK.encode()
                self.places[at + place] = f"{kind}: {name}"
            table.append(f"start={at // 512}, size={len(data) // 512}")
            parts.append((at, data))
            at += -(-len(data) // MIB) * MIB + MIB
        run("sfdisk", "-q", blank(self.path, at + MIB), text="\n".join(table) + "\n")
        with self.path.open("r+b") as disk:
            for start, data in parts:
                disk.seek(start)
                disk.write(data)
        self.bench: Bench = make_bench(folder / "lab")
        exhibit = self.bench.exhibit(self.bench.case())
        request = IntakeRequest(exhibit_id=exhibit.id, paths=(self.path,), write_blocker=WriteBlocker(device="T8u"))
        taken = self.bench.lab.intake.take_in(self.bench.examiner, request)
        self.image: EvidenceImage = self.bench.lab.catalogues.build(self.bench.examiner, taken.id)

    def search(self, request: SearchRequest) -> tuple[tuple[SearchHit, ...], tuple[Missed, ...]]:
        info = self.bench.lab.searching.begin(self.bench.examiner, self.image.id, request)
        with self.bench.lab.searching.open(self.image, info.id) as found:
            return tuple(found.all()), found.missed()


@pytest.fixture(scope="module")
def disk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Disk]:
    disk = Disk(tmp_path_factory.mktemp("areas"))
    yield disk
    disk.bench.lab.close()


@pytest.mark.req("REQ-57")
def test_every_mark_that_grep_finds_is_a_hit_in_content_or_with_its_place_and_is_told_once(disk: Disk) -> None:
    grepped = {int(line.split(":")[0]) for line in run("grep", "-abo", MARK, disk.path).splitlines()}
    assert set(disk.places) <= grepped
    hits, missed = disk.search(SearchRequest(terms=(MARK,)))
    at = Counter(hit.media_offset_bytes for hit in hits if hit.media_offset_bytes is not None)
    assert {disk.places.get(place, place) for place in at if place not in grepped} == set()
    assert {name for place, name in disk.places.items() if at[place] != 1} == set(), "each of them once"
    without = Counter(hit.volume_id for hit in hits if hit.media_offset_bytes is None)
    assert without == dict.fromkeys(("v0.p2.rock_ridge", "v0.p5", "v0.p6.v1", "v0.p8"), TIMES)
    stored_there = len(grepped - set(at))
    assert stored_there == 2 * TIMES, "in content of Btrfs and of APFS, whose places are not told"
    assert missed == ()
