"""Logical evidence from the intake to the export: copied folders, archives and L01, with real files throughout."""

from __future__ import annotations

import hashlib
import os
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from evidence.errors import NotAnImageError, SourceChangedError
from forensics_app.errors import RefusedError, explain
from forensics_app.model.acquisition import FolderRequest
from forensics_app.model.catalogue import CatalogueEntry, CatalogueQuery
from forensics_app.model.exhibit import Exhibit
from forensics_app.model.image import EvidenceImage, IntakeRequest, Integrity, WriteBlocker
from forensics_app.model.logical import digested_words, is_archive_file, is_logical
from forensics_app.model.report import ReportRequest
from tests.builders import Bench
from tests.evidence.images.l01_builder import tree_text, write_set
from tests.forensics_app.reports.pdftools import Oracle

BLOCKER = WriteBlocker(reason_for_none="Files handed over by the provider")
SUMMER_NS = 1_593_597_600_123_456_789
LETTER = b"Dear Sirs,\n"
LONG_AGO_NS = 1_500_000_000_000_000_000


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    top = tmp_path / "handed over"
    (top / "docs").mkdir(parents=True)
    (top / "docs" / "letter.txt").write_bytes(LETTER)
    (top / "docs" / "Ω größe.bin").write_bytes(bytes(range(256)) * 400)
    (top / "empty").write_bytes(b"")
    (top / "link").symlink_to("docs")
    os.utime(top / "docs" / "letter.txt", ns=(SUMMER_NS + 1, SUMMER_NS))
    return top


def copied(bench: Bench, exhibit: Exhibit, folder: Path, target: Path) -> Path:
    request = FolderRequest(exhibit_id=exhibit.id, folders=(folder,), target=target, write_blocker=BLOCKER)
    return bench.lab.acquisitions.acquire_folders(bench.examiner, request).path


def take_in(bench: Bench, exhibit: Exhibit, *paths: Path, logical: bool = True) -> EvidenceImage:
    request = IntakeRequest(exhibit_id=exhibit.id, paths=paths, write_blocker=BLOCKER, logical=logical)
    return bench.lab.intake.take_in(bench.examiner, request)


def catalogued(bench: Bench, image: EvidenceImage) -> dict[str, CatalogueEntry]:
    built = bench.lab.catalogues.build(bench.examiner, image.id)
    with bench.lab.catalogues.open(built) as catalogue:
        return {entry.path: entry for entry in catalogue.page(CatalogueQuery(), None, 1000).entries}


def exported(bench: Bench, image: EvidenceImage, entry: CatalogueEntry, target: Path) -> bytes:
    bench.lab.examine.exporting.file(bench.examiner, image.id, entry, target)
    return target.read_bytes()


def facts_of(bench: Bench, exhibit: Exhibit, action: str) -> dict[str, object]:
    events = bench.lab.custody.history(exhibit.id)
    return dict([event.facts for event in events if event.action == action][-1])


def repacked(path: Path, target: Path, change: Callable[[dict[str, bytes]], None]) -> Path:
    with zipfile.ZipFile(path) as archive:
        members = {info.filename: archive.read(info) for info in archive.infolist()}
    change(members)
    with zipfile.ZipFile(target, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return target


@pytest.mark.req("REQ-24", "REQ-26", "REQ-28")
def test_copied_folders_are_taken_in_verified_catalogued_and_exported(
    bench: Bench, folder: Path, tmp_path: Path
) -> None:
    exhibit = bench.exhibit(bench.case())
    container = copied(bench, exhibit, folder, tmp_path / "copied.zip")
    content = container.read_bytes()
    os.utime(container, ns=(LONG_AGO_NS, LONG_AGO_NS + 1))
    before = container.stat()
    image = take_in(bench, exhibit, container)
    assert image.integrity is Integrity.MATCH
    assert image.digests["sha256"] == hashlib.sha256(content).digest()
    assert image.digests["md5"] == hashlib.md5(content).digest()
    assert is_archive_file(image.source)
    assert digested_words(image.source) == "the file as it is"
    said = [problem.what for problem in image.source.problems]
    assert any(
        "3 of 3 files with digests in its manifest (manifest.jsonl) were read and equal them" in what for what in said
    )
    assert any("Its SHA-256 is the one in entry" in what for what in said)
    assert not any(problem.is_damage for problem in image.source.problems)
    entries = catalogued(bench, image)
    letter = entries["/1/docs/letter.txt"]
    assert letter.sha256 == hashlib.sha256(LETTER).digest()
    modified = letter.time("modified")
    assert modified is not None
    assert (modified.ns, modified.basis, modified.source) == (SUMMER_NS, "utc", "manifest")
    assert entries["/1/link"].link_target == "docs"
    assert exported(bench, image, letter, tmp_path / "letter.txt") == LETTER
    assert bench.lab.examine.read_media(image, 0, 4) == b"PK\x03\x04"
    after = container.stat()
    for field in ("st_atime_ns", "st_mtime_ns", "st_ctime_ns", "st_size", "st_mode", "st_ino"):
        assert getattr(after, field) == getattr(before, field), field
    facts = facts_of(bench, exhibit, "image.intake")
    assert (facts["contents_compared"], facts["contents_equal"], facts["contents_differing"]) == (3, 3, [])
    assert facts["digests_of"] == "the file as it is"
    assert bench.lab.intake.recheck(bench.examiner, image.id).agrees
    assert bench.lab.verification.verify().ok


def test_folders_are_copied_and_taken_in_by_one_act(bench: Bench, folder: Path, tmp_path: Path) -> None:
    exhibit = bench.exhibit(bench.case())
    request = FolderRequest(
        exhibit_id=exhibit.id, folders=(folder,), target=tmp_path / "copied.zip", write_blocker=BLOCKER
    )
    done = bench.lab.acquisitions.take_in_folders(bench.examiner, request)
    assert done.image.digests["sha256"] == done.acquisition.sha256
    assert (done.image.integrity, done.image.number) == (Integrity.MATCH, "LH/01-I1")


@pytest.mark.parametrize("logical", [False, True])
def test_a_folder_itself_is_refused_with_the_step_that_comes_before(
    bench: Bench, folder: Path, *, logical: bool
) -> None:
    exhibit = bench.exhibit(bench.case())
    with pytest.raises(RefusedError, match=r"is a folder\. It has no bytes of its own") as refused:
        take_in(bench, exhibit, folder, logical=logical)
    assert "acquire-folder" in refused.value.then
    assert "is a folder" in str(facts_of(bench, exhibit, "image.intake_refused")["result"])
    assert bench.lab.intake.list(exhibit.case_id) == ()


@pytest.mark.req("REQ-28")
def test_a_content_that_is_not_what_was_copied_stops_the_analysis(bench: Bench, folder: Path, tmp_path: Path) -> None:
    exhibit = bench.exhibit(bench.case())
    container = copied(bench, exhibit, folder, tmp_path / "copied.zip")
    other = repacked(container, tmp_path / "other.zip", lambda m: m.update({"1/docs/letter.txt": b"Dear Madam\n"}))
    image = take_in(bench, exhibit, other)
    assert image.integrity is Integrity.FAILED
    damage = [problem.what for problem in image.source.problems if problem.is_damage]
    assert len(damage) == 1
    assert damage[0].startswith("/1/docs/letter.txt is not what was copied: the MD5 of the content is")
    assert facts_of(bench, exhibit, "image.intake")["contents_equal"] == 2
    with pytest.raises(RefusedError, match="may not be examined"):
        bench.lab.catalogues.build(bench.examiner, image.id)
    bench.lab.intake.decide(bench.supervisor, image.id, release=True, reason="The other files are whole")
    assert "the MD5 of the content is" in (catalogued(bench, image)["/1/docs/letter.txt"].note or "")


def test_a_container_that_is_not_the_one_in_the_record_is_found_out(bench: Bench, folder: Path, tmp_path: Path) -> None:
    """Someone who changes a file and the manifest with it is betrayed by the digest that the record has."""
    exhibit = bench.exhibit(bench.case())
    container = copied(bench, exhibit, folder, tmp_path / "copied.zip")
    (folder / "docs" / "letter.txt").write_bytes(b"Dear Madam\n")
    container.unlink()
    forged = copied(bench, bench.exhibit(bench.lab.cases.list()[0], "LH/02"), folder, container)
    image = take_in(bench, exhibit, forged)
    assert image.integrity is Integrity.FAILED
    [damage] = [problem.what for problem in image.source.problems if problem.is_damage]
    assert "with another SHA-256: this is not that container, or it was changed" in damage


def tar_gz(folder: Path, target: Path) -> Path:
    with tarfile.open(target, "w:gz") as tar:
        tar.add(folder, "handed over")
    return target


def zipped(folder: Path, target: Path) -> Path:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.rglob("*")):
            archive.write(path, Path("handed over") / path.relative_to(folder))
    return target


@pytest.mark.parametrize(("pack", "name"), [(tar_gz, "files.tar.gz"), (zipped, "files.zip")])
def test_an_archive_is_taken_in_where_that_is_asked_for_and_refused_as_an_image(
    bench: Bench, folder: Path, tmp_path: Path, pack: Callable[[Path, Path], Path], name: str
) -> None:
    (folder / "link").unlink()
    exhibit = bench.exhibit(bench.case())
    source = pack(folder, tmp_path / name)
    with pytest.raises(NotAnImageError) as refused:
        take_in(bench, exhibit, source, logical=False)
    words = explain(refused.value)
    assert words is not None
    assert "--logical" in words.then
    image = take_in(bench, exhibit, source)
    assert image.integrity is Integrity.NONE_STORED
    assert any("It stores no digests of its files" in problem.what for problem in image.source.problems)
    assert image.digests["sha256"] == hashlib.sha256(source.read_bytes()).digest()
    letter = catalogued(bench, image)["/handed over/docs/letter.txt"]
    assert letter.sha256 == hashlib.sha256(LETTER).digest()
    assert exported(bench, image, letter, tmp_path / "out.txt") == LETTER


def test_an_l01_is_taken_in_and_each_of_its_files_compared(bench: Bench, tmp_path: Path) -> None:
    exhibit = bench.exhibit(bench.case())
    files = {"letter.txt": LETTER * 900, "other.bin": bytes(range(256)) * 70}
    paths, _ = write_set(files, tmp_path, name="whole")
    image = take_in(bench, exhibit, paths[0], logical=False)
    assert image.integrity is Integrity.MATCH
    assert is_logical(image.source)
    assert not is_archive_file(image.source)
    assert image.digests["sha256"] == hashlib.sha256(b"".join(files.values())).digest()
    assert digested_words(image.source) == "the contents of the files in it, one behind the other"
    letter = catalogued(bench, image)["/folder/letter.txt"]
    assert exported(bench, image, letter, tmp_path / "out.txt") == LETTER * 900
    text = tree_text(files).replace(hashlib.md5(files["other.bin"]).hexdigest(), "ab" * 16)
    broken, _ = write_set(files, tmp_path, name="broken", text=text)
    assert take_in(bench, exhibit, broken[0], logical=False).integrity is Integrity.FAILED


def test_another_archive_in_the_place_of_the_one_taken_in_is_refused(
    bench: Bench, folder: Path, tmp_path: Path
) -> None:
    exhibit = bench.exhibit(bench.case())
    source = zipped(folder, tmp_path / "files.zip")
    image = take_in(bench, exhibit, source)
    source.write_bytes(source.read_bytes() + b"\0")
    with pytest.raises(SourceChangedError):
        bench.lab.catalogues.build(bench.examiner, image.id)
    assert not bench.lab.intake.recheck(bench.examiner, image.id).agrees


def test_a_source_that_is_neither_image_nor_archive_is_refused(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_bytes(LETTER * 50)
    with pytest.raises(NotAnImageError):
        take_in(bench, bench.exhibit(bench.case()), tmp_path / "letter.txt")


def test_the_report_says_what_the_digests_are_of_and_how_the_files_compare(
    bench: Bench, folder: Path, tmp_path: Path
) -> None:
    case = bench.case()
    exhibit = bench.exhibit(case)
    image = take_in(bench, exhibit, copied(bench, exhibit, folder, tmp_path / "copied.zip"))
    catalogued(bench, image)
    pdf = bench.lab.reporting.preview(bench.examiner.person, ReportRequest(case_id=case.id))
    text = Oracle(tmp_path).flat(pdf)
    assert "Digestsofthefileasitis" in text
    assert "3of3fileswithdigestsinthecontainerwereread" in text
    assert "carriesnodigestofitsown" not in text
