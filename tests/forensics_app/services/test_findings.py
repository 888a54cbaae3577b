"""Findings: a place, what it held, and a sentence; never changed, taken back with a reason."""

from __future__ import annotations

import csv
import hashlib
import re
import zipfile
from dataclasses import replace
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from forensics_app.errors import NotFoundError, PermissionRefusedError, RefusedError
from forensics_app.model.areas import Area, AreaKind
from forensics_app.model.catalogue import CatalogueEntry, CatalogueQuery
from forensics_app.model.cited import CitedKind
from forensics_app.model.image import EvidenceImage
from forensics_app.model.report import ReportRequest
from forensics_app.model.report_format import ReportFormat
from forensics_app.model.target import area_target, entry_target
from tests.builders import Bench
from tests.forensics_app.reports.pdftools import Oracle
from tests.forensics_app.services.test_files_and_races import took_in

DATABASES = ("sqlite", "postgresql")
FINDING, BOOKMARK = CitedKind.FINDING, CitedKind.BOOKMARK


def begun(bench: Bench) -> tuple[EvidenceImage, CatalogueEntry]:
    image = bench.lab.catalogues.build(bench.examiner, took_in(bench).id)
    with bench.lab.catalogues.open(image) as catalogue:
        found = catalogue.rows(catalogue.ids(CatalogueQuery(kinds=("file",))))
    return image, next(one for one in found if one.sha256 and one.size_bytes > 100 and one.times)


@pytest.mark.req("REQ-63")
def test_a_finding_cites_exhibit_volume_path_address_offset_digest_and_times_with_their_basis(bench: Bench) -> None:
    image, entry = begun(bench)
    findings = bench.lab.findings
    whole = findings.add(bench.examiner, FINDING, entry_target(image, entry), " It names the payee. ")
    part = findings.add(bench.supervisor, FINDING, entry_target(image, entry, 16, 32), "The amount was altered.")
    assert (whole.number, part.number, whole.text) == (1, 2, "It names the payee.")
    assert (whole.exhibit, whole.image, whole.author) == ("LH/01", image.number, "Ana Kovač")
    cited = whole.target
    assert (cited.volume_id, cited.path, cited.address, cited.sha256) == (
        entry.volume_id,
        entry.path,
        entry.address,
        entry.sha256,
    )
    assert (whole.times, whole.state, whole.bytes_sha256) == (entry.times, "allocated", None)
    there = bench.lab.examine.read_file(image, entry.volume_id, entry.address, 16, 32)
    assert part.bytes_sha256 == hashlib.sha256(there).digest()
    assert (part.target.offset_bytes, part.target.length_bytes) == (16, 32)
    assert findings.list(image.case_id) == (whole, part)
    assert findings.entry_of(image, part.target) == entry.id
    last = bench.lab.custody.case_history(image.case_id)[-1]
    assert (last.action, last.fact("bytes_sha256")) == ("finding.add", hashlib.sha256(there).hexdigest())
    assert bench.lab.verification.verify().ok


def test_bytes_of_the_media_and_of_a_volume_are_cited_with_their_digest(bench: Bench) -> None:
    image, _ = begun(bench)
    media = area_target(image, Area(kind=AreaKind.MEDIA), image.source.media_bytes, 510, 2)
    one = bench.lab.findings.add(bench.examiner, FINDING, media, "The boot record is signed.")
    assert one.bytes_sha256 == hashlib.sha256(b"\x55\xaa").digest()
    assert (one.target.words, one.state, dict(one.times)) == ("the media, 2 bytes from byte 510", "", {})
    volume = area_target(image, Area(kind=AreaKind.VOLUME, volume_id="v0.p1"), 1 << 20, 0, 16, "NTFS")
    two = bench.lab.findings.add(bench.examiner, BOOKMARK, volume, "")
    assert (two.number, two.kind, two.target.term) == (2, BOOKMARK, "NTFS")
    assert bench.lab.findings.entry_of(image, volume) == 0
    assert bench.lab.findings.list(image.case_id, BOOKMARK) == (two,)


def test_a_finding_is_taken_back_with_a_reason_and_both_entries_stay(bench: Bench) -> None:
    image, entry = begun(bench)
    findings = bench.lab.findings
    one = findings.add(bench.examiner, FINDING, entry_target(image, entry), "It names the payee.")
    with pytest.raises(RefusedError, match="needs a reason"):
        findings.withdraw(bench.examiner, one.id, " ")
    findings.withdraw(bench.examiner, one.id, "Another person of that name")
    assert findings.list(image.case_id) == ()
    (kept,) = findings.list(image.case_id, withdrawn=True)
    assert kept.withdrawn_at is not None
    with pytest.raises(NotFoundError, match="already"):
        findings.withdraw(bench.examiner, one.id, "Again")
    mark = findings.add(bench.examiner, BOOKMARK, entry_target(image, entry), "")
    findings.withdraw(bench.examiner, mark.id, "")
    told = [event.action for event in bench.lab.custody.case_history(image.case_id)][-4:]
    assert told == ["finding.add", "finding.withdraw", "bookmark.add", "bookmark.withdraw"]
    assert bench.lab.verification.verify().ok


def test_what_cannot_stand_as_a_finding_is_refused_and_nothing_is_written(bench: Bench) -> None:
    image, entry = begun(bench)
    target = entry_target(image, entry)
    before = len(bench.lab.custody.case_history(image.case_id))
    for wrong, text, said in (
        (target, " ", "needs a sentence"),
        (target, "x" * 5001, "too many"),
        (replace(target, path="/gone"), "There", "not in its catalogue"),
        (replace(target, sha256=bytes(32)), "There", "not in its catalogue"),
        (entry_target(image, entry, 0, 0), "There", "can be cited"),
        (entry_target(image, entry, entry.size_bytes - 1, 2), "There", "beyond its end"),
    ):
        with pytest.raises(RefusedError, match=said):
            bench.lab.findings.add(bench.examiner, FINDING, wrong, text)
    with pytest.raises(PermissionRefusedError):
        bench.lab.findings.add(bench.custodian, FINDING, target, "There")
    assert len(bench.lab.custody.case_history(image.case_id)) == before


def test_a_report_prints_findings_with_what_they_cite_and_no_bookmark(bench: Bench, tmp_path: Path) -> None:
    image, entry = begun(bench)
    bench.lab.findings.add(bench.examiner, FINDING, entry_target(image, entry, 16, 32), "The amount was altered.")
    bench.lab.findings.add(bench.examiner, BOOKMARK, entry_target(image, entry), "Only a place")
    request = ReportRequest(case_id=image.case_id, zone="UTC")
    said = Oracle(tmp_path).flat(bench.lab.reporting.preview(bench.examiner.person, request))
    digest = bench.lab.findings.list(image.case_id)[0].bytes_sha256
    assert digest is not None
    for words in ("Finding1:", "Theamountwasaltered.", "32bytesfrombyte16", f"address{entry.address}", "UTC,"):
        assert words in said
    assert digest.hex()[:8] in said
    assert "Onlyaplace" not in said


def test_times_of_a_file_in_a_finding_are_printed_with_offset_utc_basis_and_resolution_in_every_format(
    bench: Bench, tmp_path: Path
) -> None:
    """The oracle is datetime with the zones of the system, not the clock of the report."""
    image = bench.lab.catalogues.build(bench.examiner, took_in(bench).id, with_content=False)
    with bench.lab.catalogues.open(image) as catalogue:
        entries = catalogue.rows(catalogue.ids(CatalogueQuery(kinds=("file",))))
    ntfs = next(one for one in entries if one.volume_id == "v0.p1" and one.size_bytes and "modified" in one.times)
    fat = next(one for one in entries if one.volume_id == "v0.p2" and one.size_bytes and "accessed" in one.times)
    assert (ntfs.times["modified"].basis, fat.times["modified"].basis) == ("utc", "local")
    for entry in (ntfs, fat):
        bench.lab.findings.add(bench.examiner, FINDING, entry_target(image, entry), "Says something.")
    media = area_target(image, Area(kind=AreaKind.MEDIA), image.source.media_bytes, 510, 2)
    bench.lab.findings.add(bench.examiner, FINDING, media, "Has no times.")
    request = ReportRequest(case_id=image.case_id, zone="Europe/Berlin", zone_of_local_times="Asia/Dubai")

    stored = datetime.fromtimestamp(ntfs.times["modified"].ns // 10**9, UTC)
    fraction = f".{ntfs.times['modified'].ns % 10**9 // 100:07d}"
    berlin = stored.astimezone(ZoneInfo("Europe/Berlin"))
    wall = datetime.fromtimestamp(fat.times["modified"].ns // 10**9, UTC).replace(tzinfo=ZoneInfo("Asia/Dubai"))
    expected = [
        f"{stored:%Y-%m-%d %H:%M:%S}{fraction} Z",
        f"{berlin:%Y-%m-%d %H:%M:%S}{fraction} {berlin:%z}",
        f"{wall:%Y-%m-%d %H:%M:%S}",
        f"{wall.astimezone(UTC):%Y-%m-%d %H:%M:%S} Z",
        f"{wall.astimezone(ZoneInfo('Europe/Berlin')):%Y-%m-%d %H:%M:%S %z}",
        "In UTC (stamps without a zone read as Asia/Dubai)",
        *("$SI, UTC, 100 ns", "directory entry, local, no zone stored, 2 s", "date only"),
    ]
    target = tmp_path / "out"
    bench.lab.report_exports.export(
        bench.examiner, request, [one for one in ReportFormat if one is not ReportFormat.CASE], target
    )
    (html,), (docx,) = target.glob("*.html"), target.glob("*.docx")
    with zipfile.ZipFile(docx) as document:
        said = {
            "pdf": Oracle(tmp_path).flat(bench.lab.reporting.preview(bench.examiner.person, request)),
            "html": flat(re.sub("<[^>]+>", "", unescape(html.read_text("utf-8")))),
            "docx": flat(re.sub("<[^>]+>", "", unescape(document.read("word/document.xml").decode()))),
        }
    for form, words in said.items():
        for one in expected:
            assert flat(re.sub(r"([+-]\d\d)(\d\d)$", r"\1:\2", one)) in words, (form, one)
        assert "zonethatisnotkept" not in words
    (body,) = target.glob("*.bodyfile")
    lines = [line.split("|") for line in body.read_text("utf-8").splitlines()]
    by_path = {line[1].partition("] ")[2]: line for line in lines}
    assert int(by_path[ntfs.path][8]) == ntfs.times["modified"].ns // 10**9
    assert int(by_path[fat.path][8]) == int(wall.timestamp())
    (files,), (digests,) = target.glob("*-files.csv"), target.glob("*-digests.csv")
    rows = list(csv.DictReader(files.read_text("utf-8").splitlines()))
    assert {row["cited_as"] for row in rows} == {"Finding 1", "Finding 2"}
    assert f"{stored:%Y-%m-%d %H:%M:%S}{fraction} Z" in {row["utc"] for row in rows if row["path"] == ntfs.path}
    told = {row["of"]: row["computed"] for row in csv.DictReader(digests.read_text("utf-8").splitlines())}
    assert told["Finding 3"] == hashlib.sha256(b"\x55\xaa").hexdigest()


def test_a_body_file_of_no_file_is_refused_alone_and_says_so_beside_other_formats(bench: Bench, tmp_path: Path) -> None:
    request = ReportRequest(case_id=bench.case().id)
    exports = bench.lab.report_exports
    with pytest.raises(RefusedError, match="cites no file"):
        exports.export(bench.examiner, request, [ReportFormat.BODYFILE], tmp_path / "alone")
    assert not (tmp_path / "alone").exists()
    exports.export(bench.examiner, request, [ReportFormat.BODYFILE, ReportFormat.HTML], tmp_path / "both")
    (body,) = (tmp_path / "both").glob("*.bodyfile")
    assert body.read_text("utf-8").startswith("# The report cites no file")


def flat(words: str) -> str:
    return "".join(words.split())
