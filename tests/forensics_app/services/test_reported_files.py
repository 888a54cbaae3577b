"""What a report prints of kept photographs and of chosen files that are gone, changed, or cannot be read."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from forensics_app.model.catalogue import CatalogueEntry, CatalogueQuery
from forensics_app.model.exhibit import NewPhoto, Photo, PhotoView
from forensics_app.model.image import ImageId, IntakeRequest, WriteBlocker
from forensics_app.model.report import ReportRequest
from forensics_app.services.reporting import MAX_PHOTO_BYTES
from resources import path as resource
from tests.builders import Bench
from tests.forensics_app.reports.pdftools import Oracle

EQUAL = "thestoredfilehastherecordedSHA-256."


def photographed(bench: Bench, path: Path) -> Photo:
    exhibit = bench.exhibit(bench.case())
    return bench.lab.exhibits.add_photo(bench.custodian, exhibit.id, NewPhoto(path=path, view=PhotoView.WHOLE))


def report_on(bench: Bench, folder: Path, *, max_photo_bytes: int = MAX_PHOTO_BYTES) -> str:
    case = bench.lab.cases.list()[0]
    reporting = replace(bench.lab.reporting, max_photo_bytes=max_photo_bytes)
    pdf = reporting.preview(bench.examiner.person, ReportRequest(case_id=case.id, zone="UTC"))
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


def test_a_report_says_why_an_unchanged_photograph_is_not_printed(bench: Bench, tmp_path: Path) -> None:
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(resource("demo/exhibit-photo-drive.jpg").read_bytes()[:40])
    photographed(bench, broken)
    assert "Thephotographcannotbedecoded;" + EQUAL in report_on(bench, tmp_path)
    large = report_on(bench, tmp_path, max_photo_bytes=20)
    assert "Thephotographistoolargetobeprinted(40bytes);" + EQUAL in large


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return Path(shutil.copy(resource("demo/demo.E01"), tmp_path / "demo.E01"))


def entry_of(bench: Bench, source: Path, *, with_content: bool) -> tuple[ImageId, CatalogueEntry]:
    """The first file of the image that has content."""
    lab, exhibit = bench.lab, bench.exhibit(bench.case())
    blocker = WriteBlocker(device="Tableau T8u")
    request = IntakeRequest(exhibit_id=exhibit.id, paths=(source,), write_blocker=blocker)
    image = lab.intake.take_in(bench.examiner, request)
    lab.catalogues.build(bench.examiner, image.id, with_content=with_content)
    with lab.catalogues.open(image) as catalogue:
        rows = catalogue.rows(catalogue.ids(CatalogueQuery(kinds=("file",)))[:200])
    entry = next(row for row in rows if 0 < row.size_bytes < 10_000 and (row.sha256 is not None) == with_content)
    return image.id, entry


def test_a_chosen_file_is_equal_differs_or_was_not_read(bench: Bench, source: Path, tmp_path: Path) -> None:
    image_id, entry = entry_of(bench, source, with_content=True)
    right = bench.lab.examine.choose(bench.examiner, image_id, entry)
    differs = "ThecontentreadforthisreportdoesNOThavethedigestthatwasrecorded."
    unread = "Thecontentwasnotreadforthisreport,soitwasnotcomparedwiththerecordeddigest:"
    equal = report_on(bench, tmp_path)
    assert differs not in equal
    assert unread not in equal
    assert "DONOTAGREE" not in equal
    bench.lab.examine.withdraw(bench.examiner, right.id, "recorded anew with a digest that its content does not have")
    bench.lab.examine.choose(bench.examiner, image_id, replace(entry, sha256=bytes(32)))
    other = report_on(bench, tmp_path)
    assert differs in other
    assert "1differingfromtherecordedSHA-256" in other
    source.rename(tmp_path / "elsewhere.E01")
    bench.lab.examine.close()
    gone = report_on(bench, tmp_path)
    assert unread in gone
    assert "1thatcouldnotberead" in gone
    assert differs not in gone


def test_a_file_of_which_no_digest_was_recorded_is_not_said_to_have_no_content(
    bench: Bench, source: Path, tmp_path: Path
) -> None:
    bench.lab.examine.choose(bench.examiner, *entry_of(bench, source, with_content=False))
    text = report_on(bench, tmp_path)
    assert "NoSHA-256ofthecontentwasrecordedwhenthefilewaschosen,soitwasnotcompared." in text
    assert "1withcontentofwhichnoSHA-256wasrecorded" in text
    assert "withoutcontent," not in text
