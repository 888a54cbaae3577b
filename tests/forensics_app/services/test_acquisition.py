import hashlib
import os
import signal
import subprocess
import sys
import time
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from evidence.errors import AcquisitionRefusedError, ResumeError, SourceAccessError
from forensics_app.bootstrap import open_lab
from forensics_app.errors import CancelledError, PermissionRefusedError, RefusedError
from forensics_app.model.acquisition import AcquisitionRequest, FolderRequest, Format, Stage, Standing
from forensics_app.model.acquisition_record import acquisition_of, acquisitions_of
from forensics_app.model.exhibit import Exhibit
from forensics_app.model.image import Integrity, WriteBlocker
from forensics_app.model.lab import JobState
from forensics_app.services.unfinished import request_again
from tests.builders import PASSPHRASE, QUICK, Bench
from tests.evidence.images.ewf_builder import media_of

ROOT = Path(__file__).parents[3]
MEDIA = media_of(9_000 * 512, seed=2)
BLOCKER = WriteBlocker(device="Tableau T8u, serial 12")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "disk.img"
    path.write_bytes(MEDIA)
    return path


def request(exhibit: Exhibit, source: Path, **more: Any) -> AcquisitionRequest:
    wanted = AcquisitionRequest(
        exhibit_id=exhibit.id, source=source, target=source.with_name("image"), write_blocker=BLOCKER
    )
    return replace(wanted, **more)


def acts_of(bench: Bench, exhibit: Exhibit) -> list[str]:
    return [event.action for event in bench.lab.custody.history(exhibit.id)]


def facts_of(bench: Bench, exhibit: Exhibit, action: str) -> dict[str, Any]:
    (event,) = [event for event in bench.lab.custody.history(exhibit.id) if event.action == action]
    return dict(event.facts)


@pytest.mark.req("REQ-24", "REQ-26", "REQ-32", "REQ-33")
def test_a_source_becomes_an_image_that_is_taken_in_and_the_record_says_how(bench: Bench, source: Path) -> None:
    exhibit = bench.exhibit(bench.case())
    before = source.stat()
    done = bench.lab.acquisitions.acquire(bench.examiner, request(exhibit, source, notes="Übergabe"))
    image = done.image
    assert image.integrity is Integrity.MATCH
    assert image.digests["sha256"] == hashlib.sha256(MEDIA).digest() == done.acquisition.digests["sha256"]
    assert image.source.metadata["case_number"] == "2026-0147"
    assert image.source.metadata["evidence_number"] == "LH/01"
    assert image.source.metadata["examiner"] == "Ana Kovač"
    assert image.source.metadata["notes"] == "Übergabe"
    assert "PF-3X7K2M" in image.source.metadata["description"]
    assert source.stat().st_mtime_ns == before.st_mtime_ns
    assert source.stat().st_atime_ns == before.st_atime_ns
    facts = facts_of(bench, exhibit, "image.acquire")
    assert facts["write_blocker"] == BLOCKER.device
    assert facts["source"]["path"] == str(source)
    assert facts["source"]["size_bytes"] == len(MEDIA)
    assert facts["settings"]["format"] == "e01"
    assert facts["media_sha256"] == hashlib.sha256(MEDIA).hexdigest()
    assert facts["files"] == ["image.E01"]
    assert facts["journal_sha256"] == hashlib.sha256(done.acquisition.journal.read_bytes()).hexdigest()
    assert (facts["unreadable_count"], facts["read_back"]) == (0, "by the intake")
    assert [job.kind for job in bench.lab.journal.list()] == ["intake", "acquisition"]
    assert bench.lab.verification.verify().ok


def test_raw_is_read_back_before_it_is_taken_in(bench: Bench, source: Path) -> None:
    exhibit = bench.exhibit(bench.case())
    wanted = request(exhibit, source, format=Format.RAW, segment_bytes=2_000_000)
    done = bench.lab.acquisitions.acquire(bench.custodian, wanted)
    assert done.acquisition.verified
    assert b"".join(path.read_bytes() for path in done.image.source.paths) == MEDIA
    assert facts_of(bench, exhibit, "image.acquire")["read_back"] == "equal"


def test_raw_that_is_not_what_was_copied_is_not_taken_in(bench: Bench, source: Path) -> None:
    exhibit = bench.exhibit(bench.case())
    target = source.with_name("image")

    def spoil(done: int, total: int) -> None:
        if done == total // 2:
            with target.open("r+b") as file:
                file.write(b"changed")

    wanted = request(exhibit, source, format=Format.RAW, segment_bytes=None)
    with pytest.raises(RefusedError, match="not what was copied"):
        bench.lab.acquisitions.acquire(bench.examiner, wanted, on_progress=spoil)
    assert bench.lab.intake.list(exhibit.case_id) == ()
    assert facts_of(bench, exhibit, "image.acquire")["read_back"] == "differs"


@pytest.mark.req("REQ-32")
def test_it_needs_a_role_a_write_blocker_and_an_exhibit_in_the_lab(bench: Bench, source: Path) -> None:
    exhibit = bench.exhibit(bench.case())
    with pytest.raises(PermissionRefusedError):
        bench.lab.acquisitions.acquire(bench.supervisor, request(exhibit, source))
    with pytest.raises(RefusedError, match="write blocker"):
        bench.lab.acquisitions.acquire(bench.examiner, request(exhibit, source, write_blocker=WriteBlocker()))
    image = bench.lab.acquisitions.acquire(bench.examiner, request(exhibit, source)).image
    derived = next(one for one in bench.lab.exhibits.list(exhibit.case_id) if one.number == image.number)
    with pytest.raises(RefusedError, match="itself an image"):
        bench.lab.acquisitions.acquire(bench.examiner, request(derived, source))
    expired = bench.exhibit(bench.case("2026-0200"), "LH/02")
    bench.clock.at = bench.clock.at.replace(year=2027, month=6)
    with pytest.raises(RefusedError):
        bench.lab.acquisitions.acquire(bench.examiner, request(expired, source))


def test_what_is_stopped_is_noted_and_can_be_taken_up_again(bench: Bench, source: Path) -> None:
    exhibit = bench.exhibit(bench.case())

    def stop(done: int, total: int) -> None:
        if done > total // 2:
            raise CancelledError

    with pytest.raises(CancelledError):
        bench.lab.acquisitions.acquire(bench.examiner, request(exhibit, source), on_progress=stop)
    assert acts_of(bench, exhibit)[-1] == "image.acquire_cancelled"
    assert bench.lab.intake.list(exhibit.case_id) == ()
    done = bench.lab.acquisitions.acquire(bench.examiner, request(exhibit, source, resume=True))
    assert done.image.integrity is Integrity.MATCH
    assert facts_of(bench, exhibit, "image.acquire")["resumed"] == 1
    assert bench.lab.verification.verify().ok


def test_what_fails_is_noted(bench: Bench, source: Path) -> None:
    exhibit = bench.exhibit(bench.case())
    with pytest.raises(SourceAccessError):
        bench.lab.acquisitions.acquire(bench.examiner, request(exhibit, source.with_name("missing")))
    with pytest.raises(AcquisitionRefusedError):
        bench.lab.acquisitions.acquire(bench.examiner, request(exhibit, source, segment_bytes=1))
    assert acts_of(bench, exhibit)[-2:] == ["image.acquire_failed"] * 2
    assert {job.state for job in bench.lab.journal.list()} == {JobState.FAILED}


KILLED = """
import sys, time
from pathlib import Path
from forensics_app.bootstrap import open_lab
from forensics_app.model.acquisition import AcquisitionRequest
from forensics_app.model.image import WriteBlocker
from tests.builders import PASSPHRASE, QUICK
lab = open_lab(Path(sys.argv[1]), key_parameters=QUICK)
case = lab.cases.list()[0]
exhibit = lab.exhibits.numbered(case.id, "LH/01")
def told(done, total):
    print("begun", flush=True)
    time.sleep(0.05)
lab.acquisitions.acquire(
    lab.people.sign_in("Ana Kovač", PASSPHRASE),
    AcquisitionRequest(
        exhibit_id=exhibit.id, source=Path(sys.argv[2]), target=Path(sys.argv[3]),
        write_blocker=WriteBlocker(device="T8u"), notes="begun",
    ),
    on_progress=told,
)
"""


def test_a_crash_is_noticed_at_the_next_start_and_the_work_offered_again(bench: Bench, source: Path) -> None:
    exhibit = bench.exhibit(bench.case())
    bench.lab.close()
    words = [sys.executable, "-c", KILLED, str(bench.lab.folder.root), str(source), str(source.with_name("image"))]
    with subprocess.Popen(words, stdout=subprocess.PIPE, cwd=ROOT) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"begun\n"
        time.sleep(0.1)
        os.kill(child.pid, signal.SIGKILL)
    lab = open_lab(bench.lab.folder.root, now=bench.clock, key_parameters=QUICK)
    try:
        (job,) = lab.journal.interrupted()
        assert (job.kind, job.subject) == ("acquisition", "LH/01")
        again = request_again(job)
        assert (again.source, again.notes, again.resume) == (source, "begun", True)
        examiner = lab.people.sign_in("Ana Kovač", PASSPHRASE)
        lab.journal.settle(examiner, job.id, again=True)
        done = lab.acquisitions.acquire(examiner, again)
        assert done.image.integrity is Integrity.MATCH
        assert done.image.digests["md5"] == hashlib.md5(MEDIA).digest()
        assert done.image.exhibit_id == exhibit.id
        assert lab.verification.verify().ok
    finally:
        lab.close()


def test_folders_are_copied_and_the_record_keeps_both_digests(bench: Bench, tmp_path: Path) -> None:
    exhibit = bench.exhibit(bench.case())
    folder = tmp_path / "share"
    folder.mkdir()
    (folder / "a.txt").write_text("a")
    wanted = FolderRequest(
        exhibit_id=exhibit.id, folders=(folder,), target=tmp_path / "share.zip", write_blocker=BLOCKER
    )
    made = bench.lab.acquisitions.acquire_folders(bench.examiner, wanted)
    assert made.verified
    facts = facts_of(bench, exhibit, "image.acquire_folders")
    assert facts["extended_attributes"] == ("not copied" if made.attributes is None else made.attributes)
    assert facts["manifest_sha256"] == made.manifest_sha256.hex()
    assert facts["container_sha256"] == hashlib.sha256(made.path.read_bytes()).hexdigest()
    with zipfile.ZipFile(made.path) as archive:
        assert b'"case_number":"2026-0147"' in archive.read("manifest.jsonl")
    with pytest.raises(AcquisitionRefusedError):
        bench.lab.acquisitions.acquire_folders(bench.examiner, wanted)
    assert acts_of(bench, exhibit)[-1] == "image.acquire_failed"
    assert bench.lab.verification.verify().ok


def test_what_it_is_doing_and_what_is_lost_is_told_while_it_runs(bench: Bench, source: Path) -> None:
    exhibit = bench.exhibit(bench.case())
    told: list[Standing] = []
    wanted = request(exhibit, source, format=Format.RAW, segment_bytes=None)
    bench.lab.acquisitions.acquire(bench.examiner, wanted, on_standing=told.append)
    assert [standing.stage for standing in told] == [Stage.READING_BACK, Stage.TAKING_IN]
    assert {standing.lost_bytes for standing in told} == {0}


def test_a_plan_says_what_it_takes_and_records_nothing(bench: Bench, source: Path) -> None:
    exhibit = bench.exhibit(bench.case())
    before = acts_of(bench, exhibit)
    made = bench.lab.acquisitions.plan(request(exhibit, source))
    assert (made.source.size_bytes, made.first_file) == (len(MEDIA), source.with_name("image.E01"))
    assert made.needed_bytes > len(MEDIA)
    assert acts_of(bench, exhibit) == before
    with pytest.raises(AcquisitionRefusedError, match="no folder"):
        bench.lab.acquisitions.plan(request(exhibit, source, target=source.parent / "none" / "image"))


def test_only_what_was_stopped_and_has_no_image_yet_is_offered_again(bench: Bench, source: Path) -> None:
    exhibit = bench.exhibit(bench.case())
    other = bench.exhibit(bench.lab.cases.list()[0], "LH/02")

    def stop(done: int, total: int) -> None:
        if done > total // 2:
            raise CancelledError

    wanted = request(exhibit, source, description="Disk of the kitchen laptop")
    with pytest.raises(CancelledError):
        bench.lab.acquisitions.acquire(bench.examiner, wanted, on_progress=stop)
    (one,) = bench.lab.acquisitions.unfinished(exhibit.id)
    assert one.request == replace(wanted, resume=True)
    assert (one.size_bytes, one.lost_bytes) == (len(MEDIA), 0)
    assert bench.lab.acquisitions.unfinished(other.id) == ()
    with pytest.raises(ResumeError, match="begun for the exhibit LH/01"):
        bench.lab.acquisitions.acquire(bench.examiner, replace(one.request, exhibit_id=other.id))
    done = bench.lab.acquisitions.acquire(bench.examiner, one.request)
    assert done.image.source.metadata["description"] == "Disk of the kitchen laptop"
    assert bench.lab.acquisitions.unfinished(exhibit.id) == ()


def test_an_image_that_was_written_and_not_taken_in_is_offered_again(bench: Bench, source: Path) -> None:
    exhibit = bench.exhibit(bench.case())
    stages: list[Stage] = []

    def stop(done: int, total: int) -> None:
        if stages and stages[-1] is Stage.TAKING_IN:
            raise CancelledError

    with pytest.raises(CancelledError):
        bench.lab.acquisitions.acquire(
            bench.examiner, request(exhibit, source), on_progress=stop, on_standing=lambda one: stages.append(one.stage)
        )
    (one,) = bench.lab.acquisitions.unfinished(exhibit.id)
    assert one.safe_bytes == one.size_bytes == len(MEDIA)
    assert bench.lab.acquisitions.acquire(bench.examiner, one.request).image.integrity is Integrity.MATCH


def test_the_record_tells_how_an_image_was_made(bench: Bench, source: Path) -> None:
    exhibit = bench.exhibit(bench.case())
    done = bench.lab.acquisitions.acquire(bench.examiner, request(exhibit, source))
    records = acquisitions_of(bench.lab.custody.history(exhibit.id))
    record = acquisition_of(done.image, records)
    assert record is not None
    assert (record.source, record.media_bytes, record.actor) == (str(source), len(MEDIA), "Ana Kovač")
    assert record.digests == done.acquisition.digests
    assert (record.bad, record.bad_count, record.read_back, record.resumed) == ((), 0, "by the intake", 0)
    assert not record.is_of_folders
