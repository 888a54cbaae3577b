"""What a report prints of kept photographs and of chosen files that are gone, changed, or cannot be read."""

from pathlib import Path

import pytest

from forensics_app.model.exhibit import NewPhoto, Photo, PhotoView
from forensics_app.model.report import ReportRequest
from forensics_app.services import reporting
from resources import path as resource
from tests.builders import Bench
from tests.forensics_app.reports.pdftools import Oracle

EQUAL = "thestoredfilehastherecordedSHA-256."


def photographed(bench: Bench, path: Path) -> Photo:
    exhibit = bench.exhibit(bench.case())
    return bench.lab.exhibits.add_photo(bench.custodian, exhibit.id, NewPhoto(path=path, view=PhotoView.WHOLE))


def report_on(bench: Bench, folder: Path) -> str:
    case = bench.lab.cases.list()[0]
    pdf = bench.lab.reporting.preview(bench.examiner.person, ReportRequest(case_id=case.id, zone="UTC"))
    return Oracle(folder).flat(pdf)


@pytest.mark.req("REQ-11")
def test_a_report_does_not_print_a_photograph_that_was_changed_and_says_so(bench: Bench, tmp_path: Path) -> None:
    photo = photographed(bench, resource("demo/exhibit-photo-drive.jpg"))
    path = bench.lab.exhibits.photo_path(photo)
    whole = report_on(bench, tmp_path)
    assert "DONOTAGREE" not in whole
    assert "doesnotverify" not in whole
    path.write_bytes(resource("demo/exhibit-photo-laptop.jpg").read_bytes())
    changed = report_on(bench, tmp_path)
    assert "Thephotographwaschanged:thestoredfiledoesnothavetherecordedSHA-256." in changed
    assert "Akeptfiledoesnotverify:AphotographofLH/01waschanged:" in changed
    assert "DONOTAGREE" in changed
    path.unlink()
    missing = report_on(bench, tmp_path)
    assert "Thephotographismissing:" in missing
    assert "Akeptfiledoesnotverify:AphotographofLH/01cannotberead:" in missing
    assert EQUAL not in changed + missing


def test_a_report_says_why_an_unchanged_photograph_is_not_printed(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(resource("demo/exhibit-photo-drive.jpg").read_bytes()[:40])
    photographed(bench, broken)
    assert "Thephotographcannotbedecoded;" + EQUAL in report_on(bench, tmp_path)
    monkeypatch.setattr(reporting, "MAX_PHOTO_BYTES", 20)
    large = report_on(bench, tmp_path)
    assert "Thephotographistoolargetobeprinted(40bytes);" + EQUAL in large
