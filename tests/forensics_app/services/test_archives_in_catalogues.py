"""Archives opened while an image is catalogued: their members in the catalogue, the report and the record."""

from __future__ import annotations

import hashlib
import io
import tarfile
import zipfile
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from evidence.filesystems.archives import DOCUMENTS as ENGINE_DOCUMENTS
from evidence.filesystems.archives import KIND, MARK
from evidence.filesystems.archives import TYPES as ENGINE_TYPES
from forensics_app.db.catalogue_building import made_of
from forensics_app.errors import RefusedError
from forensics_app.model.catalogue import CatalogueEntry, CatalogueQuery, Volume
from forensics_app.model.image import EvidenceImage, IntakeRequest, WriteBlocker
from forensics_app.model.logical import is_members, volume_around
from forensics_app.model.report import ReportRequest
from forensics_app.model.search import SearchRequest
from forensics_app.services.dossier_evidence import not_examined
from forensics_app.services.volume_words import place_words
from tests.builders import NOON, Bench
from tests.evidence.made_images import need, run
from tests.forensics_app.reports.pdftools import Oracle
from ui.examine.words import ARCHIVES as SHOWN_TYPES
from ui.examine.words import DOCUMENTS as SHOWN_DOCUMENTS

LETTER = b"Dear Sirs,\n" * 40


def zipped(**members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in members.items():
            file.writestr(name.replace("__", "."), content)
    return out.getvalue()


def deep() -> bytes:
    """A ZIP in a ZIP in a ZIP in a ZIP: the innermost is beyond the limit."""
    made = zipped(last__txt=LETTER)
    for number in range(3):
        made = zipped(**{f"level{number}__zip": made})
    return made


@pytest.fixture(scope="module")
def disk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    need("mke2fs")
    base = tmp_path_factory.mktemp("disk")
    top = base / "tree"
    (top / "mail").mkdir(parents=True)
    (top / "mail" / "box.zip").write_bytes(zipped(letter__txt=LETTER, inner__zip=zipped(note__txt=b"note\n")))
    (top / "deep.zip").write_bytes(deep())
    with tarfile.open(top / "backup.tgz", "w:gz") as tar:
        tar.add(top / "mail", "mail", recursive=False)
        info = tarfile.TarInfo("mail/letter.txt")
        info.size, info.mtime = len(LETTER), 1_700_000_000
        tar.addfile(info, io.BytesIO(LETTER))
    run("mke2fs", "-q", "-t", "ext4", "-d", top, base / "disk.raw", "16M")
    return base / "disk.raw"


def taken_in(bench: Bench, path: Path) -> EvidenceImage:
    exhibit = bench.exhibit(bench.case())
    blocker = WriteBlocker(device="Tableau T8u")
    request = IntakeRequest(exhibit_id=exhibit.id, paths=(path,), write_blocker=blocker)
    return bench.lab.intake.take_in(bench.examiner, request)


def entries_of(bench: Bench, image: EvidenceImage) -> dict[str, CatalogueEntry]:
    with bench.lab.catalogues.open(image) as catalogue:
        return {entry.path: entry for entry in catalogue.page(CatalogueQuery(), None, 1000).entries}


def test_members_lie_beneath_their_archive_and_are_read_like_any_file(bench: Bench, disk: Path, tmp_path: Path) -> None:
    image = taken_in(bench, disk)
    built = bench.lab.catalogues.build(bench.examiner, image.id, archives=True)
    entries = entries_of(bench, built)
    letter, archive = entries["/mail/box.zip/letter.txt"], entries["/mail/box.zip"]
    assert letter.parent_id == archive.id
    assert letter.sha256 == hashlib.sha256(LETTER).digest()
    assert entries["/mail/box.zip/inner.zip/note.txt"].parent_id == entries["/mail/box.zip/inner.zip"].id
    assert entries["/backup.tgz/mail/letter.txt"].sha256 == letter.sha256
    bench.lab.examine.exporting.file(bench.examiner, image.id, letter, tmp_path / "letter.txt")
    assert (tmp_path / "letter.txt").read_bytes() == LETTER
    with bench.lab.catalogues.open(built) as catalogue:
        assert catalogue.header.archives_opened
        inside = catalogue.page(CatalogueQuery(folder_id=archive.id), None, 10).entries
        assert {entry.name for entry in inside} == {"letter.txt", "inner.zip"}
        below = catalogue.count(CatalogueQuery(folder_id=archive.id, recursive=True))
        assert below == 3
        said = [problem.what for problem in catalogue.problems()]
        assert any("lies in 3 others; it is not opened" in what for what in said)
    [event] = [one for one in bench.lab.custody.case_history(image.case_id) if one.action == "image.catalogue"]
    assert event.facts["archives"] is True


def test_what_was_packed_from_a_pipe_is_searched_and_exported(bench: Bench, tmp_path: Path) -> None:
    need("mke2fs", "zip", "7z", "sh")
    top, path = tmp_path / "tree", tmp_path / "disk.raw"
    top.mkdir()
    text = b"".join(f"{number} PIPEDWORD\n".encode() for number in range(30))
    (tmp_path / "text").write_bytes(text)
    run("sh", "-c", f"cd '{top}' && cat ../text | zip -q s.zip - && cat ../text | 7z a -bd -si seven.7z")
    run("mke2fs", "-q", "-t", "ext4", "-d", top, path, "16M")
    image = bench.lab.catalogues.build(bench.examiner, taken_in(bench, path).id, archives=True)
    entries = entries_of(bench, image)
    info = bench.lab.searching.begin(bench.examiner, image.id, SearchRequest(terms=("PIPEDWORD",)))
    with bench.lab.searching.open(image, info.id) as found:
        hits = Counter(hit.entry_id for hit in found.all())
    for number, name in enumerate(("/s.zip/-", "/seven.7z/seven")):
        entry, target = entries[name], tmp_path / f"out{number}"
        assert entry.sha256 == hashlib.sha256(text).digest()
        assert hits[entry.id] == 30
        bench.lab.examine.exporting.tree(bench.examiner, image.id, [entry], target)
        (copy,) = (target / "files").iterdir()
        assert copy.read_bytes() == text


def test_the_report_cites_a_member_by_its_volume_and_lists_no_archive_as_a_volume(
    bench: Bench, disk: Path, tmp_path: Path
) -> None:
    image = taken_in(bench, disk)
    built = bench.lab.catalogues.build(bench.examiner, image.id, archives=True)
    letter = entries_of(bench, built)["/mail/box.zip/letter.txt"]
    bench.lab.examine.choose(bench.examiner, image.id, letter)
    with bench.lab.catalogues.open(built) as catalogue:
        volumes = catalogue.volumes()
    members = [volume for volume in volumes if is_members(volume)]
    assert members
    assert [not_examined(volume) for volume in members] == [None] * len(members)
    assert place_words(volumes, letter.volume_id) == "v0 (in an archive)"
    pdf = bench.lab.reporting.preview(bench.examiner.person, ReportRequest(case_id=image.case_id))
    text = Oracle(tmp_path).flat(pdf)
    assert "/mail/box.zip/letter.txt" in text
    assert "archivesinitwereopened" in text
    assert "Lastitem.Volumesandareas:1." in text
    assert "thisversionlistsnofilesofit" not in text


def test_without_the_switch_archives_are_files_and_the_record_says_so(bench: Bench, disk: Path) -> None:
    image = taken_in(bench, disk)
    built = bench.lab.catalogues.build(bench.examiner, image.id)
    assert "/mail/box.zip/letter.txt" not in entries_of(bench, built)
    with bench.lab.catalogues.open(built) as catalogue:
        assert not catalogue.header.archives_opened
    [event] = [one for one in bench.lab.custody.case_history(image.case_id) if one.action == "image.catalogue"]
    assert event.facts["archives"] is False
    with pytest.raises(RefusedError, match="only where the content"):
        bench.lab.catalogues.build(bench.examiner, image.id, with_content=False, archives=True)


def test_a_building_without_archives_is_not_gone_on_with_when_they_are_asked_for(bench: Bench, disk: Path) -> None:
    """What was found before the switch has no members beneath its archives."""
    image = taken_in(bench, disk)
    with bench.lab.catalogues.open(bench.lab.catalogues.build(bench.examiner, image.id)) as catalogue:
        header = catalogue.header
    assert made_of(header, {}) == made_of(replace(header, created_at=NOON), {})
    assert made_of(header, {}) != made_of(replace(header, archives_opened=True), {})


def test_the_marks_of_the_engine_are_those_by_which_members_are_known() -> None:
    assert (ENGINE_TYPES, ENGINE_DOCUMENTS) == (SHOWN_TYPES, SHOWN_DOCUMENTS)
    volume = Volume(
        id=f"v0.p1{MARK}zip-local2s", parent="v0.p1", kind=KIND, start_bytes=0, length_bytes=0, description=""
    )
    assert is_members(volume)
    assert volume_around(volume.id) == "v0.p1"
    assert volume_around("v0.p1") == "v0.p1"
