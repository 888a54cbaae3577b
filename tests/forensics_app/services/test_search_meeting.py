"""What begins in one file and ends in the next: found where they touch each other, left out where either is marked."""

from __future__ import annotations

from pathlib import Path

import pytest

from forensics_app.model.catalogue import CatalogueEntry, CatalogueQuery
from forensics_app.model.image import EvidenceImage, IntakeRequest, WriteBlocker
from forensics_app.model.mark import MarkKind
from forensics_app.model.search import SearchHit, SearchRequest, Space
from tests.builders import Bench
from tests.evidence.made_images import blank, need, run

CLUSTER = 512
FULL, SHORT, LAST = b"a" * 3 * CLUSTER, b"b" * (2 * CLUSTER + 100), b"c" * 2 * CLUSTER
TERMS = ("across two files", "out of the slack")


@pytest.fixture
def floppy(tmp_path: Path) -> tuple[Path, dict[str, int]]:
    """Three files of FAT one behind the other, and where words begin that stand across their borders."""
    need("mkfs.vfat", "mcopy", "grep")
    path = tmp_path / "floppy.dd"
    run("mkfs.vfat", "-F", "12", "-s", "1", blank(path, 1440 * 1024))
    for name, content in (("full.txt", FULL), ("short.txt", SHORT), ("last.txt", LAST)):
        (tmp_path / name).write_bytes(content)
        run("mcopy", "-i", path, tmp_path / name, f"::{name}")
    data = bytearray(path.read_bytes())
    ends = {TERMS[0]: data.index(FULL) + len(FULL), TERMS[1]: data.index(LAST)}
    for words, at in ends.items():
        data[at - 7 : at - 7 + len(words)] = words.encode()
    path.write_bytes(data)
    return path, {words: at - 7 for words, at in ends.items()}


def searched(bench: Bench, image: EvidenceImage, request: SearchRequest) -> list[SearchHit]:
    info = bench.lab.searching.begin(bench.examiner, image.id, request)
    with bench.lab.searching.open(image, info.id) as found:
        return list(found.all())


def entries_of(bench: Bench, image: EvidenceImage) -> dict[str, CatalogueEntry]:
    with bench.lab.catalogues.open(image) as catalogue:
        return {one.path.rpartition("/")[2]: one for one in catalogue.rows(catalogue.ids(CatalogueQuery()))}


@pytest.mark.req("REQ-39", "REQ-57")
def test_words_across_two_files_are_found_where_grep_finds_them_and_hidden_with_either(
    bench: Bench, floppy: tuple[Path, dict[str, int]]
) -> None:
    path, places = floppy
    exhibit = bench.exhibit(bench.case())
    asked = IntakeRequest(exhibit_id=exhibit.id, paths=(path,), write_blocker=WriteBlocker(device="T8u"))
    image = bench.lab.catalogues.build(bench.examiner, bench.lab.intake.take_in(bench.examiner, asked).id)
    for words, place in places.items():
        assert run("grep", "-abo", words, path).split(":")[0] == str(place)
    request = SearchRequest(terms=TERMS)
    assert Space.GAPS in request.spaces
    hits = searched(bench, image, request)
    assert {hit.text: hit.media_offset_bytes for hit in hits} == places
    assert [hit.space for hit in hits] == ["volume"] * 2
    assert searched(bench, image, SearchRequest(terms=TERMS, spaces=(Space.FILES, Space.SLACK))) == []
    info = bench.lab.searching.list(image)[0]
    lab, entry = bench.lab, entries_of(bench, image)["short.txt"]
    mark = lab.examine.marks.add(bench.examiner, image.id, entry, MarkKind.PRIVILEGED, "a lawyer's")
    for one in lab.searching.list(image):
        with lab.searching.open(image, one.id) as found:
            assert all(hit.is_hidden and not hit.text for hit in found.all())
    assert searched(bench, image, request) == []
    lab.examine.marks.withdraw(bench.supervisor, image.id, mark, "done")
    entry = entries_of(bench, image)["last.txt"]
    lab.examine.marks.add(bench.examiner, image.id, entry, MarkKind.PRIVILEGED, "a lawyer's")
    assert [hit.text for hit in searched(bench, image, request)] == [TERMS[0]]
    assert info.is_complete
