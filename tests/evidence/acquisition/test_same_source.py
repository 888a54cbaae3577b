"""What an acquisition is compared with before it is taken up again."""

import hashlib
import json
import os
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest

from evidence.acquisition import Labels, acquire, journal
from evidence.acquisition.identity import SourceIdentity
from evidence.acquisition.planning import plan
from evidence.acquisition.sameness import SAMPLE_BYTES, end_of
from evidence.errors import AcquisitionRefusedError, ResumeError
from tests.evidence.acquisition.kill import SETTINGS, media_in
from tests.evidence.acquisition.test_resume import MEDIA, source_of, stop_at

DISK = SourceIdentity(
    path=Path("/dev/sdb"),
    kind="block device",
    size_bytes=1 << 30,
    logical_sector_bytes=512,
    model="Ultra",
    wwn="0x5001",
)


def begun(source: SourceIdentity) -> journal.Entry:
    return journal.Entry(
        source=source, settings=SETTINGS["raw"], identifier=UUID(int=1), started_at=datetime(2026, 1, 31, tzinfo=UTC)
    )


def rewrite(source: Path, offset_bytes: int, data: bytes) -> None:
    """Change the content without changing size or time, as another disk of the same make would be."""
    status = source.stat()
    with source.open("r+b") as file:
        file.seek(offset_bytes)
        file.write(data)
    os.utime(source, ns=(status.st_atime_ns, status.st_mtime_ns))


@pytest.mark.parametrize(
    ("now", "words"),
    [
        (replace(DISK, wwn="0x5002"), "wwn"),
        (replace(DISK, partition=True), "partition"),
        (replace(DISK, serial="77"), "serial"),
    ],
)
def test_another_device_is_refused(now: SourceIdentity, words: str) -> None:
    with pytest.raises(ResumeError, match=words):
        journal.refuse_other_source(Path("j"), begun(DISK), now)


def test_a_device_that_is_plugged_in_elsewhere_is_the_same() -> None:
    moved = replace(DISK, path=Path("/dev/sdc"), wwn="", read_only=True, mounted_at=("/mnt (ro)",))
    journal.refuse_other_source(Path("j"), begun(DISK), moved)


@pytest.mark.parametrize("kind", ["raw", "e01"])
@pytest.mark.parametrize(
    ("at_bytes", "words"), [(len(MEDIA) - 512, "its last MiB"), (512, "at byte 0 "), (4_000_000, "at byte 3,")]
)
def test_a_source_that_reads_otherwise_is_refused(kind: str, at_bytes: int, words: str, tmp_path: Path) -> None:
    source = source_of(tmp_path)
    stop_at(0.5, source, tmp_path / "disk", kind)
    reached = json.loads((tmp_path / "disk.acquisition.json").read_text())["checkpoint"]["media_bytes"]
    at_bytes = reached - 600_000 if at_bytes == 4_000_000 else at_bytes
    words = f"at byte {reached - SAMPLE_BYTES:,} " if words == "at byte 3," else words
    rewrite(source, at_bytes, b"another disk")
    with pytest.raises(ResumeError, match=words):
        acquire(source, tmp_path / "disk", SETTINGS[kind], resume=True)


def test_what_could_not_be_read_then_is_not_compared(tmp_path: Path) -> None:
    source = source_of(tmp_path)
    stop_at(0.5, source, tmp_path / "disk", "raw")
    log = tmp_path / "disk.acquisition.json"
    with (tmp_path / "disk").open("r+b") as file:
        file.seek(1024)
        file.write(bytes(512))
    document = json.loads(log.read_text())
    document["bad"] = [{"offset_bytes": 1024, "length_bytes": 512, "why": "Input/output error"}]
    log.write_text(json.dumps(document))
    done = acquire(source, tmp_path / "disk", SETTINGS["raw"], resume=True)
    assert media_in(done) == MEDIA[:1024] + bytes(512) + MEDIA[1536:]


def test_an_acquisition_of_another_exhibit_is_refused(tmp_path: Path) -> None:
    source = source_of(tmp_path)
    mine = replace(SETTINGS["raw"], labels=Labels(case_number="7", evidence_number="A/1"))

    class StopError(Exception):
        pass

    def stop(done: int, total: int) -> None:
        raise StopError

    with pytest.raises(StopError):
        acquire(source, tmp_path / "disk", mine, stop)
    other = replace(mine, labels=Labels(case_number="7", evidence_number="A/2"))
    with pytest.raises(ResumeError, match="begun for the exhibit A/1, and is to go on for the exhibit A/2"):
        acquire(source, tmp_path / "disk", other, resume=True)
    assert acquire(source, tmp_path / "disk", mine, resume=True).verified


def test_a_journal_of_an_earlier_version_has_no_end_to_compare(tmp_path: Path) -> None:
    source = source_of(tmp_path)
    stop_at(0.5, source, tmp_path / "disk", "raw")
    log = tmp_path / "disk.acquisition.json"
    document = json.loads(log.read_text())
    assert bytes.fromhex(document.pop("end_sha256")) == hashlib.sha256(MEDIA[-SAMPLE_BYTES:]).digest()
    log.write_text(json.dumps(document))
    assert media_in(acquire(source, tmp_path / "disk", SETTINGS["raw"], resume=True)) == MEDIA


def test_the_end_of_a_source_that_is_shorter_than_declared_is_not_known(tmp_path: Path) -> None:
    assert end_of(source_of(tmp_path), len(MEDIA) + 512) is None


def test_a_plan_says_what_it_takes_and_writes_nothing(tmp_path: Path) -> None:
    source = source_of(tmp_path)
    made = plan(source, tmp_path / "disk", SETTINGS["e01"])
    assert made.first_file == tmp_path / "disk.E01"
    assert len(MEDIA) < made.needed_bytes < 1.1 * len(MEDIA)
    assert plan(source, tmp_path / "disk", SETTINGS["raw"]).needed_bytes == len(MEDIA)
    assert [path.name for path in tmp_path.iterdir()] == ["source.img"]
    done = acquire(source, tmp_path / "disk", SETTINGS["e01"])
    assert sum(path.stat().st_size for path in done.paths) <= made.needed_bytes
    with pytest.raises(AcquisitionRefusedError, match="already exists"):
        plan(source, tmp_path / "disk", SETTINGS["e01"])
