"""A catalogue that is not the one that was recorded: verifying names it, and opening it says so."""

import shutil
import sqlite3
import zipfile
from contextlib import closing
from pathlib import Path

import pytest

from forensics_app.model.catalogue import CatalogueMissingError, CatalogueNotRecordedError
from forensics_app.model.custody import LabReport
from forensics_app.model.exhibit import ExhibitId
from forensics_app.model.image import EvidenceImage, IntakeRequest, WriteBlocker
from tests.builders import Bench

DATABASES = ("sqlite", "postgresql")


@pytest.fixture
def image(bench: Bench, tmp_path: Path) -> EvidenceImage:
    """A ZIP with one file, taken in as evidence, and its catalogue."""
    path = tmp_path / "evidence.zip"
    with zipfile.ZipFile(path, "w") as made:
        made.writestr("letter.txt", "Dear Sir")
    taken = take_in(bench, bench.exhibit(bench.case()).id, path)
    return bench.lab.catalogues.build(bench.examiner, taken.id, with_content=False)


def take_in(bench: Bench, exhibit_id: ExhibitId, path: Path) -> EvidenceImage:
    blocker = WriteBlocker(device="Tableau T8u")
    request = IntakeRequest(exhibit_id=exhibit_id, paths=(path,), write_blocker=blocker, logical=True)
    return bench.lab.intake.take_in(bench.examiner, request)


def tell(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path)) as db, db:
        db.execute(statement)


def notices(report: LabReport) -> str:
    return " ".join(notice for chain in report.chains for notice in chain.notices)


@pytest.mark.req("REQ-15")
def test_a_changed_or_damaged_catalogue_is_found_by_verifying_and_a_missing_one_is_told(
    bench: Bench, image: EvidenceImage
) -> None:
    path, whole = bench.lab.catalogues.path(image), bench.lab.verification.verify()
    assert whole.ok
    tell(path, "UPDATE files SET name = 'other.txt' WHERE name = 'letter.txt'")
    report = bench.lab.verification.verify()
    assert (report.ok, report.files_compared) == (False, whole.files_compared)
    (finding,) = report.file_findings
    assert finding.startswith("The catalogue of LH/01-I1 is not the one that was recorded:")
    path.write_bytes(b"no catalogue")
    (finding,) = bench.lab.verification.verify().file_findings
    assert finding.startswith("The catalogue of LH/01-I1 cannot be used:")
    path.unlink()
    missing = bench.lab.verification.verify()
    assert missing.ok
    assert "The catalogue of LH/01-I1 is not on this computer" in notices(missing)
    with pytest.raises(CatalogueMissingError):
        bench.lab.catalogues.open(image)


def test_a_catalogue_built_again_is_told_and_the_older_one_put_back_is_not_opened(
    bench: Bench, image: EvidenceImage, tmp_path: Path
) -> None:
    path = bench.lab.catalogues.path(image)
    shutil.copy(path, tmp_path / "older.db")
    again = bench.lab.catalogues.build(bench.examiner, image.id, with_content=True)
    assert again.catalogue_sha256 != image.catalogue_sha256
    with bench.lab.catalogues.open(image) as catalogue:
        assert catalogue.header.content_examined
    report = bench.lab.verification.verify()
    assert report.ok
    assert "Entry 6: the catalogue of LH/01-I1 was built again and holds something else" in notices(report)
    shutil.copy(tmp_path / "older.db", path)
    with pytest.raises(CatalogueNotRecordedError, match="recorded is"):
        bench.lab.catalogues.open(image)
    assert not bench.lab.verification.verify().ok


def test_the_catalogue_of_another_image_and_one_without_an_entry_are_not_opened(
    bench: Bench, image: EvidenceImage
) -> None:
    path = bench.lab.catalogues.path(image)
    second = take_in(bench, image.exhibit_id, image.source.paths[0])
    shutil.copy(path, bench.lab.catalogues.path(second))
    with pytest.raises(CatalogueNotRecordedError, match="no entry tells"):
        bench.lab.catalogues.open(second)
    findings = bench.lab.verification.verify().file_findings
    assert [one for one in findings if "that no entry tells of" in one]
    tell(path, "UPDATE meta SET value = replace(value, 'sha256\": \"', 'sha256\": \"00') WHERE key = 'image_digests'")
    with pytest.raises(CatalogueNotRecordedError, match="other digests"):
        bench.lab.catalogues.open(image)
