"""What reaches a disk: nothing is overwritten, and nothing stays that the record does not know."""

import contextlib
import json
import os
import sqlite3
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest

from evidence.acquisition import left_over
from evidence.errors import ShortReadError, SourceChangedError
from forensics_app.errors import LabUnusableError, PermissionRefusedError, RefusedError
from forensics_app.model.acquisition import FolderRequest
from forensics_app.model.catalogue import CatalogueDamagedError, CatalogueEntry, CatalogueQuery, CatalogueReplacedError
from forensics_app.model.exhibit import NewPhoto, PhotoView
from forensics_app.model.image import EvidenceImage, IntakeRequest, Integrity, WriteBlocker
from forensics_app.model.lab import JobState
from forensics_app.model.report import ReportRequest
from forensics_app.services.folder import write_whole
from resources import path as resource
from tests.builders import Bench


def took_in(bench: Bench, *paths: Path) -> EvidenceImage:
    exhibit = bench.exhibit(bench.case())
    request = IntakeRequest(
        exhibit_id=exhibit.id,
        paths=paths or (resource("demo/demo.E01"),),
        write_blocker=WriteBlocker(device="Tableau T8u"),
    )
    return bench.lab.intake.take_in(bench.examiner, request)


@pytest.fixture
def catalogued(bench: Bench) -> tuple[EvidenceImage, CatalogueEntry]:
    """An image with its catalogue, and a small file in it."""
    image = took_in(bench)
    image = bench.lab.catalogues.build(bench.examiner, image.id, with_content=False)
    with bench.lab.catalogues.open(image) as catalogue:
        rows = catalogue.rows(catalogue.ids(CatalogueQuery(kinds=("file",))))
    return image, next(row for row in rows if row.allocated and 0 < row.size_bytes < 10_000)


def refuse_new_rows(bench: Bench, table: str) -> None:
    """As a full disk does it: the transaction fails when a row of ``table`` is written."""
    with sqlite3.connect(bench.lab.folder.database) as connection:
        connection.execute(
            f"CREATE TRIGGER refuse BEFORE INSERT ON {table} BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END"
        )


def test_a_file_that_appears_while_another_is_written_is_not_overwritten(tmp_path: Path) -> None:
    target = tmp_path / "letter.txt"

    def chunks() -> Iterator[bytes]:
        yield b"new"
        target.write_bytes(b"somebody else's")

    with pytest.raises(RefusedError, match="already exists"):
        write_whole(target, chunks())
    assert target.read_bytes() == b"somebody else's"
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


def test_a_link_that_points_elsewhere_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(RefusedError, match="already exists"):
        write_whole(tmp_path / "link", [b"x"])
    assert not (tmp_path / "elsewhere").exists()


def test_a_file_bears_its_name_only_when_it_is_whole(tmp_path: Path) -> None:
    done = threading.Event()
    sizes: set[int] = set()

    def watch() -> None:
        while not done.is_set():
            for number in range(200):
                with contextlib.suppress(FileNotFoundError):
                    sizes.add((tmp_path / f"{number}.pdf").stat().st_size)

    watcher = threading.Thread(target=watch)
    watcher.start()
    for number in range(200):
        write_whole(tmp_path / f"{number}.pdf", [b"%PDF-"])
    done.set()
    watcher.join()
    assert sizes <= {5}
    assert len(list(tmp_path.iterdir())) == 200


def test_a_name_as_long_as_the_system_allows_is_written(tmp_path: Path) -> None:
    target = tmp_path / ("n" * 251 + ".txt")
    write_whole(target, [b"x"])
    assert target.read_bytes() == b"x"


def test_content_that_is_not_what_was_expected_gets_no_name(tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match="changed while it was copied"):
        write_whole(tmp_path / "photo.jpg", [b"x"], expected=bytes(32))
    assert not list(tmp_path.iterdir())


def test_an_exported_custody_folder_overwrites_nothing(bench: Bench, tmp_path: Path) -> None:
    case = bench.case()
    target = tmp_path / "custody"
    bench.lab.custody.export(case.id, target)
    before = (target / "ledger.jsonl").read_bytes()
    bench.exhibit(case)
    with pytest.raises(RefusedError, match="already exists"):
        bench.lab.custody.export(case.id, target)
    assert (target / "ledger.jsonl").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir() if path.name.endswith(".part")] == []


def test_an_export_that_cannot_be_recorded_leaves_no_file(
    bench: Bench, catalogued: tuple[EvidenceImage, CatalogueEntry], tmp_path: Path
) -> None:
    image, entry = catalogued
    refuse_new_rows(bench, "file_export")
    with pytest.raises(LabUnusableError, match="full"):
        bench.lab.examine.exporting.file(bench.examiner, image.id, entry, tmp_path / "copy.bin")
    assert not (tmp_path / "copy.bin").exists()


def test_a_file_that_ends_before_the_catalogue_says_is_not_exported(
    bench: Bench, catalogued: tuple[EvidenceImage, CatalogueEntry], tmp_path: Path
) -> None:
    image, entry = catalogued
    with pytest.raises(ShortReadError):
        bench.lab.examine.exporting.file(
            bench.examiner, image.id, replace(entry, size_bytes=entry.size_bytes + 1), tmp_path / "copy.bin"
        )
    assert not (tmp_path / "copy.bin").exists()


def test_a_report_that_cannot_be_recorded_leaves_no_file(bench: Bench) -> None:
    case = bench.case()
    refuse_new_rows(bench, "report")
    with pytest.raises(LabUnusableError, match="full"):
        bench.issued(ReportRequest(case_id=case.id, zone="UTC"))
    assert not list((bench.lab.folder.root / "cases" / str(case.id) / "reports").iterdir())


def test_a_kept_photograph_is_not_written_a_second_time(bench: Bench) -> None:
    case = bench.case()
    new = NewPhoto(path=resource("demo/exhibit-photo-laptop.jpg"), view=PhotoView.WHOLE)
    first = bench.lab.exhibits.add_photo(bench.custodian, bench.exhibit(case).id, new)
    before = bench.lab.exhibits.photo_path(first).stat()
    second = bench.lab.exhibits.add_photo(bench.custodian, bench.exhibit(case, "LH/02").id, new)
    assert bench.lab.exhibits.photo_path(second).stat().st_ino == before.st_ino
    assert bench.lab.verification.verify().ok


def test_a_photograph_that_cannot_be_recorded_leaves_no_file(bench: Bench) -> None:
    case = bench.case()
    exhibit = bench.exhibit(case)
    folder = bench.lab.folder.root / "cases" / str(case.id) / "photos"
    refuse_new_rows(bench, "photo")
    new = NewPhoto(path=resource("demo/exhibit-photo-laptop.jpg"), view=PhotoView.WHOLE)
    with pytest.raises(LabUnusableError, match="full"):
        bench.lab.exhibits.add_photo(bench.custodian, exhibit.id, new)
    assert list(folder.iterdir()) == []


def test_a_photograph_that_another_exhibit_has_stays_when_it_cannot_be_recorded_again(bench: Bench) -> None:
    case = bench.case()
    new = NewPhoto(path=resource("demo/exhibit-photo-laptop.jpg"), view=PhotoView.WHOLE)
    kept = bench.lab.exhibits.add_photo(bench.custodian, bench.exhibit(case).id, new)
    other = bench.exhibit(case, "LH/02")
    refuse_new_rows(bench, "photo")
    with pytest.raises(LabUnusableError, match="full"):
        bench.lab.exhibits.add_photo(bench.custodian, other.id, new)
    assert bench.lab.exhibits.photo_path(kept).read_bytes() == new.path.read_bytes()


def test_the_number_of_an_image_passes_over_a_number_that_is_taken(bench: Bench) -> None:
    case = bench.case()
    exhibit = bench.exhibit(case)
    bench.exhibit(case, "LH/01-I1")
    request = IntakeRequest(
        exhibit_id=exhibit.id, paths=(resource("demo/demo.E01"),), write_blocker=WriteBlocker(device="Tableau T8u")
    )
    assert bench.lab.intake.take_in(bench.examiner, request).number == "LH/01-I2"


def test_an_image_quarantined_meanwhile_is_not_read_by_a_window_that_was_open(
    bench: Bench, catalogued: tuple[EvidenceImage, CatalogueEntry]
) -> None:
    image, entry = catalogued
    assert bench.lab.examine.read_media(image, 0, 16)
    with sqlite3.connect(bench.lab.folder.database) as connection:
        connection.execute("UPDATE image SET integrity = ?", (Integrity.QUARANTINED.value,))
    with pytest.raises(RefusedError, match="quarantined"):
        bench.lab.examine.read_media(image, 0, 16)
    with pytest.raises(RefusedError, match="quarantined"):
        bench.lab.examine.read_file(image, entry.volume_id, entry.address, 0, 16)


def test_another_source_in_the_place_of_the_one_taken_in_is_refused(bench: Bench, tmp_path: Path) -> None:
    source = tmp_path / "disk.dd"
    source.write_bytes(bytes(1024 * 1024))
    image = took_in(bench, source)
    source.write_bytes(bytes(2 * 1024 * 1024))
    with pytest.raises(SourceChangedError, match="size of the media"):
        bench.lab.examine.read_media(image, 0, 16)
    with pytest.raises(SourceChangedError, match="size of the media"):
        bench.lab.catalogues.build(bench.examiner, image.id)


def test_a_volume_that_the_catalogue_does_not_know_is_told_in_words(
    bench: Bench, catalogued: tuple[EvidenceImage, CatalogueEntry]
) -> None:
    image, entry = catalogued
    with pytest.raises(CatalogueDamagedError, match="volume v9"):
        bench.lab.examine.read_file(image, "v9", entry.address, 0, 16)


def test_volumes_of_a_catalogue_that_lie_in_themselves_are_told_in_words(
    bench: Bench, catalogued: tuple[EvidenceImage, CatalogueEntry]
) -> None:
    image, entry = catalogued
    with sqlite3.connect(bench.lab.catalogues.path(image)) as connection:
        connection.execute("UPDATE volumes SET parent = id")
    with pytest.raises(CatalogueDamagedError, match="lies"):
        bench.lab.examine.read_file(image, entry.volume_id, entry.address, 0, 16)


def test_a_catalogue_built_anew_while_it_is_open_is_not_mixed_with_the_old_one(
    bench: Bench, catalogued: tuple[EvidenceImage, CatalogueEntry]
) -> None:
    image, entry = catalogued
    with bench.lab.catalogues.open(image) as catalogue, ThreadPoolExecutor(1) as other:
        bench.lab.catalogues.build(bench.examiner, image.id, with_content=False)
        assert catalogue.entry(entry.id) == entry
        with pytest.raises(CatalogueReplacedError):
            other.submit(catalogue.entry, entry.id).result()


def test_what_a_copying_of_folders_left_that_was_cut_off_is_named(bench: Bench, tmp_path: Path) -> None:
    folder, target, parts = tmp_path / "documents", tmp_path / "documents.zip", set[Path]()
    folder.mkdir()
    (folder / "letter.txt").write_text("Dear Sirs,")
    exhibit = bench.exhibit(bench.case())
    blocker = WriteBlocker(reason_for_none="A share of a server")
    request = FolderRequest(exhibit_id=exhibit.id, folders=(folder,), target=target, write_blocker=blocker)

    def while_it_is_written(*_: int) -> None:
        parts.update(tmp_path.glob(".*.part"))
        assert left_over(target) == (), "what is written now is nobody's to delete"

    bench.lab.acquisitions.acquire_folders(bench.examiner, request, on_progress=while_it_is_written)
    (part,) = parts
    part.touch()  # as a kill leaves it
    with sqlite3.connect(bench.lab.folder.database) as connection:
        connection.execute("UPDATE job SET state = 'running', ended_at = NULL")
    (job,) = bench.lab.journal.interrupted()
    assert job.message == (
        f"The program ended while this was running. It left {part}: no complete container, of no use, and yours to "
        "delete. Copy the folders once more."
    )


def test_an_operation_cut_off_before_the_computer_got_another_name_is_found(bench: Bench) -> None:
    with sqlite3.connect(bench.lab.folder.database) as connection:
        connection.execute(
            "INSERT INTO job VALUES (?, 'recheck', 'LH/01-I1', NULL, ?, ?, 'old-name', ?, NULL, '')",
            (str(uuid4()), json.dumps({}), JobState.RUNNING.value, "2026-11-19T08:00:00.000000Z"),
        )
    (job,) = bench.lab.journal.interrupted()
    assert (job.host, job.state) == ("old-name", JobState.INTERRUPTED)
    with pytest.raises(PermissionRefusedError):
        bench.lab.journal.settle(bench.admin_as_auditor(), job.id, again=False)
    bench.lab.journal.settle(bench.examiner, job.id, again=False)
    assert not bench.lab.journal.interrupted()


def test_a_source_that_goes_away_while_it_is_read_leaves_an_entry(bench: Bench, tmp_path: Path) -> None:
    source = tmp_path / "disk.dd"
    source.write_bytes(os.urandom(8 * 1024 * 1024))
    exhibit = bench.exhibit(bench.case())
    request = IntakeRequest(exhibit_id=exhibit.id, paths=(source,), write_blocker=WriteBlocker(device="Tableau T8u"))
    with pytest.raises(OSError, match="No such file"):
        bench.lab.intake.take_in(
            bench.examiner, request, on_progress=lambda done, total: source.unlink(missing_ok=True)
        )
    assert bench.lab.custody.case_history(exhibit.case_id)[-1].action == "image.intake_refused"
