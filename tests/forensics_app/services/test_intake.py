import hashlib
import json
import os
import shutil
import signal
import struct
import subprocess
import sys
import time
import uuid
from dataclasses import replace
from pathlib import Path

import pytest

from evidence.errors import MissingSegmentError, NotAnImageError, UnsupportedContainerError
from forensics_app.bootstrap import open_lab
from forensics_app.cli.intake import image_lines
from forensics_app.errors import CancelledError, PermissionRefusedError, RefusedError
from forensics_app.model.exhibit import Exhibit, State
from forensics_app.model.image import IntakeRequest, Integrity, Region, WriteBlocker, not_read
from forensics_app.model.incident import SealSeen
from forensics_app.model.lab import JobState
from forensics_app.services.program import TOOL
from resources import path as resource
from tests.builders import NOON, PASSPHRASE, QUICK, Bench
from tests.evidence.images import ewf_builder

DATABASES = ("sqlite", "postgresql")

DEMO = resource("demo/demo.E01")
BLOCKER = WriteBlocker(device="Tableau T8u")
MEDIA = ewf_builder.media_of(98_304)
EXPECTED = json.loads(resource("demo/expected.json").read_text())


def request(exhibit: Exhibit, *paths: Path, blocker: WriteBlocker = BLOCKER) -> IntakeRequest:
    return IntakeRequest(exhibit_id=exhibit.id, paths=paths or (DEMO,), write_blocker=blocker)


def with_a_flipped_byte(folder: Path, at_share: float = 0.5) -> Path:
    damaged = folder / "damaged.E01"
    content = bytearray(DEMO.read_bytes())
    content[int(len(content) * at_share)] ^= 0xFF
    damaged.write_bytes(content)
    return damaged


@pytest.mark.req("REQ-24", "REQ-25", "REQ-28")
def test_an_image_is_hashed_compared_and_becomes_a_derived_exhibit(bench: Bench) -> None:
    exhibit = bench.exhibit(bench.case())
    seen: list[tuple[int, int]] = []
    image = bench.lab.intake.take_in(
        bench.examiner, request(exhibit), on_progress=lambda done, total: seen.append((done, total))
    )
    media = EXPECTED["media"]
    assert {name: value.hex() for name, value in image.digests.items()} == {
        name: media[name] for name in ("md5", "sha1", "sha256")
    }
    assert image.integrity is Integrity.MATCH
    assert image.number == "LH/01-I1"
    assert seen[-1] == (media["bytes"], media["bytes"])
    assert [done for done, _ in seen] == sorted(done for done, _ in seen), "one pass: no byte is read twice"
    assert (image.source.media_bytes, image.tool) == (media["bytes"], TOOL)
    assert NOON <= image.started_at <= image.ended_at == bench.lab.intake.get(image.id).ended_at
    derived = next(one for one in bench.lab.exhibits.list(exhibit.case_id) if one.number == "LH/01-I1")
    assert (derived.parent_id, derived.root_id) == (exhibit.id, exhibit.id)
    assert bench.lab.verification.verify().ok


@pytest.mark.req("REQ-26")
def test_the_source_is_not_changed_by_an_intake(bench: Bench, tmp_path: Path) -> None:
    source = tmp_path / "source.E01"
    shutil.copyfile(DEMO, source)
    long_ago_ns = 1_500_000_000_000_000_000
    os.utime(source, ns=(long_ago_ns, long_ago_ns + 1))
    before = source.stat()
    bench.lab.intake.take_in(bench.examiner, request(bench.exhibit(bench.case()), source))
    after = source.stat()
    for field in ("st_atime_ns", "st_mtime_ns", "st_ctime_ns", "st_size", "st_mode", "st_ino"):
        assert getattr(after, field) == getattr(before, field), field
    assert source.read_bytes() == DEMO.read_bytes()


@pytest.mark.req("REQ-32")
def test_an_intake_needs_a_write_blocker_or_a_reason(bench: Bench) -> None:
    exhibit = bench.exhibit(bench.case())
    with pytest.raises(RefusedError, match="write blocker"):
        bench.lab.intake.take_in(bench.examiner, request(exhibit, blocker=WriteBlocker()))
    reason = WriteBlocker(reason_for_none="The image came on read-only optical media")
    assert bench.lab.intake.take_in(bench.examiner, request(exhibit, blocker=reason)).write_blocker == reason


@pytest.mark.req("REQ-27", "REQ-28")
def test_a_damaged_image_is_a_finding_and_waits_for_a_supervisor(bench: Bench, tmp_path: Path) -> None:
    exhibit = bench.exhibit(bench.case())
    image = bench.lab.intake.take_in(bench.examiner, request(exhibit, with_a_flipped_byte(tmp_path)))
    assert image.integrity is Integrity.FAILED
    assert image.unreadable
    assert bench.lab.exhibits.get(exhibit.id).integrity_failed
    with pytest.raises(RefusedError, match="may not be examined"):
        bench.lab.catalogues.build(bench.examiner, image.id)
    with pytest.raises(PermissionRefusedError):
        bench.lab.intake.decide(bench.examiner, image.id, release=True, reason="I want to go on")
    with pytest.raises(RefusedError, match="reason"):
        bench.lab.intake.decide(bench.supervisor, image.id, release=True, reason=" ")
    released = bench.lab.intake.decide(bench.supervisor, image.id, release=True, reason="No better copy exists")
    assert released.may_be_examined
    assert not bench.lab.exhibits.get(exhibit.id).integrity_failed
    assert bench.lab.catalogues.build(bench.examiner, image.id, with_content=False).catalogue_entries
    assert bench.lab.verification.verify().ok


@pytest.mark.req("REQ-27")
def test_every_region_that_the_acquisition_did_not_read_reaches_the_record(bench: Bench, tmp_path: Path) -> None:
    sectors = [(2 * number, 1) for number in range(20)]
    entries = b"".join(struct.pack("<II", *one) for one in sectors)
    body = ewf_builder.summed(struct.pack("<I512x", len(sectors))) + ewf_builder.summed(entries)
    source = ewf_builder.simple(MEDIA, tmp_path / "disk.E01", more=[("error2", body)])
    exhibit = bench.exhibit(bench.case())
    taken = bench.lab.intake.take_in(bench.examiner, request(exhibit, source))
    kept = bench.lab.intake.get(taken.id)
    regions = tuple(Region(offset_bytes=512 * start, length_bytes=512 * count) for start, count in sectors)
    assert not_read(kept.source.problems) == regions
    assert (kept.integrity, kept.unreadable) == (Integrity.MATCH, ())
    lines = image_lines(kept)
    assert "Not read at the acquisition: 512 bytes at 19,456 of the media" in lines
    assert bench.lab.verification.verify().ok


def md5_section(digest: bytes) -> tuple[str, bytes]:
    return "hash", ewf_builder.summed(digest.ljust(32, b"\0"))


@pytest.mark.req("REQ-28")
@pytest.mark.parametrize(
    ("sections", "words"),
    [
        ([("hash", bytes(35) + b"\1")], '"hash" are damaged'),
        ([("digest", bytes(79) + b"\1")], '"digest" are damaged'),
        ([md5_section(hashlib.md5(MEDIA).digest()), md5_section(bytes(range(16)))], "Two different MD5"),
        ([("volume", ewf_builder.long_volume(3, 192, identifier=uuid.UUID(int=7)))], "another set"),
        ([], "may have stood in what is damaged"),
    ],
)
def test_stored_digests_in_doubt_are_not_the_same_as_none(
    bench: Bench, tmp_path: Path, sections: list[tuple[str, bytes]], words: str
) -> None:
    segment = ewf_builder.Segment()
    segment.add("volume", ewf_builder.long_volume(3, 192))
    segment.add_chunks(ewf_builder.chunks_of(MEDIA))
    for kind, body in sections:
        segment.add(kind, body)
    if sections:
        segment.add("done")
    image = bench.lab.intake.take_in(
        bench.examiner, request(bench.exhibit(bench.case()), segment.write(tmp_path / "disk.E01"))
    )
    assert not image.unreadable
    assert image.integrity is Integrity.FAILED
    assert any(words in problem.what for problem in image.source.problems)
    with pytest.raises(RefusedError, match="may not be examined"):
        bench.lab.catalogues.build(bench.examiner, image.id)


def test_a_quarantined_image_stays_closed(bench: Bench, tmp_path: Path) -> None:
    exhibit = bench.exhibit(bench.case())
    image = bench.lab.intake.take_in(bench.examiner, request(exhibit, with_a_flipped_byte(tmp_path)))
    bench.lab.intake.decide(bench.supervisor, image.id, release=False, reason="Copy again")
    assert bench.lab.exhibits.get(exhibit.id).integrity_failed
    with pytest.raises(RefusedError, match="quarantined"):
        bench.lab.catalogues.build(bench.examiner, image.id)
    with pytest.raises(RefusedError, match="does not wait"):
        bench.lab.intake.decide(bench.supervisor, image.id, release=True, reason="changed my mind")
    other = bench.lab.intake.take_in(bench.examiner, request(exhibit, with_a_flipped_byte(tmp_path)))
    bench.lab.intake.decide(bench.supervisor, other.id, release=True, reason="This copy will do")
    assert bench.lab.exhibits.get(exhibit.id).integrity_failed
    assert bench.lab.verification.verify().ok


def test_a_checked_out_exhibit_becomes_imaged(bench: Bench) -> None:
    from tests.forensics_app.services.test_custody import checked_out

    exhibit = checked_out(bench)
    seen = replace(request(exhibit), seal=SealSeen(condition="intact"))
    bench.lab.intake.take_in(bench.examiner, seen)
    assert bench.lab.exhibits.get(exhibit.id).state is State.IMAGED


@pytest.mark.parametrize(
    ("name", "content", "error", "words"),
    [
        ("empty.E01", b"", NotAnImageError, "empty"),
        ("letter.dd", b"Dear Sir,\nplease find enclosed\n" * 400, NotAnImageError, "text"),
        ("disk.raw", b"QED\0" + bytes(5000), UnsupportedContainerError, "QED"),
        ("disk.dd", b"ADSEGMENTEDFILE\0" + bytes(5000), UnsupportedContainerError, "AD1"),
        ("disk.img", b"MSWIM\0\0\0" + bytes(70000), UnsupportedContainerError, "WIM"),
        ("disk.001", b"AFF10\r\n\0" + bytes(5000), UnsupportedContainerError, "AFF"),
    ],
)
def test_what_is_no_readable_image_is_refused_by_name_and_the_refusal_recorded(
    bench: Bench, tmp_path: Path, name: str, content: bytes, error: type[Exception], words: str
) -> None:
    exhibit = bench.exhibit(bench.case())
    source = tmp_path / name
    source.write_bytes(content)
    with pytest.raises(error, match=f"(?i){words}"):
        bench.lab.intake.take_in(bench.examiner, request(exhibit, source))
    assert bench.lab.intake.list(exhibit.case_id) == ()
    assert bench.lab.custody.history(exhibit.id)[-1].action == "image.intake_refused"
    assert bench.lab.journal.list()[0].state is JobState.FAILED


def test_a_folder_is_no_image(bench: Bench, tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match="is a folder") as refused:
        bench.lab.intake.describe([tmp_path])
    assert "acquire-folder" in refused.value.then


def test_a_missing_segment_is_named(bench: Bench, tmp_path: Path) -> None:
    for name in ("disk.001", "disk.002", "disk.004"):
        (tmp_path / name).write_bytes(os.urandom(4096))
    exhibit = bench.exhibit(bench.case())
    with pytest.raises(MissingSegmentError) as missing:
        bench.lab.intake.take_in(bench.examiner, request(exhibit, tmp_path / "disk.001"))
    assert missing.value.missing == ("disk.003",)


def test_a_cancelled_intake_leaves_only_the_entry_that_says_so(bench: Bench) -> None:
    exhibit = bench.exhibit(bench.case())

    def stop(done: int, total: int) -> None:
        raise CancelledError

    with pytest.raises(CancelledError):
        bench.lab.intake.take_in(bench.examiner, request(exhibit), on_progress=stop)
    assert bench.lab.intake.list(exhibit.case_id) == ()
    assert [event.action for event in bench.lab.custody.history(exhibit.id)][-1] == "image.intake_cancelled"
    assert bench.lab.journal.list()[0].state is JobState.CANCELLED
    assert bench.lab.verification.verify().ok


@pytest.mark.req("REQ-29")
def test_a_later_reading_that_differs_is_recorded_and_closes_the_image(bench: Bench, tmp_path: Path) -> None:
    source = tmp_path / "disk.dd"
    source.write_bytes(os.urandom(1 << 20))
    exhibit = bench.exhibit(bench.case())
    image = bench.lab.intake.take_in(bench.examiner, request(exhibit, source))
    assert image.integrity is Integrity.NONE_STORED
    assert bench.lab.intake.recheck(bench.examiner, image.id).agrees
    content = bytearray(source.read_bytes())
    content[1000] ^= 1
    source.write_bytes(content)
    check = bench.lab.intake.recheck(bench.examiner, image.id)
    assert not check.agrees
    assert "in MD5, SHA-1, SHA-256" in check.what
    assert bench.lab.intake.get(image.id).integrity is Integrity.FAILED
    assert [check.agrees for check in bench.lab.intake.checks(image.id)] == [True, True, False]


KILLED = """
import sys
from pathlib import Path
from forensics_app.bootstrap import open_lab
from forensics_app.model.image import IntakeRequest, WriteBlocker
from tests.builders import PASSPHRASE, QUICK

lab = open_lab(Path(sys.argv[1]), key_parameters=QUICK)
actor = lab.people.sign_in("Ana Kovač", PASSPHRASE)
exhibit = lab.exhibits.list(lab.cases.list()[0].id)[0]

def tell(done, total):
    print("at", done, flush=True)

if sys.argv[2] == "intake":
    request = IntakeRequest(exhibit_id=exhibit.id, paths=(Path(sys.argv[3]),), write_blocker=WriteBlocker(device="T8u"))
    lab.intake.take_in(actor, request, on_progress=tell)
else:
    lab.catalogues.build(actor, lab.intake.list(exhibit.case_id)[0].id, on_progress=tell)
"""


def killed_in_the_middle(bench: Bench, what: str, source: Path, after: int) -> None:
    """Run ``what`` in a program of its own and kill it (SIGKILL) at its ``after``-th sign of progress."""
    program = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(bench.lab.folder.root), what, str(source)],
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[3],
    )
    assert program.stdout is not None
    for _ in range(after):
        assert program.stdout.readline()
    program.send_signal(signal.SIGKILL)
    program.wait()
    program.stdout.close()
    time.sleep(0.2)


@pytest.mark.parametrize("after", [1, 3])
def test_an_intake_killed_in_the_middle_is_noticed_and_can_be_done_again(
    bench: Bench, tmp_path: Path, after: int
) -> None:
    source = tmp_path / "disk.dd"
    with source.open("wb") as file:
        file.write(os.urandom(1 << 20))
        file.truncate(3 << 30)
    exhibit = bench.exhibit(bench.case())
    killed_in_the_middle(bench, "intake", source, after)

    lab = open_lab(bench.lab.folder.root, key_parameters=QUICK)
    assert lab.verification.verify().ok
    (job,) = lab.journal.interrupted()
    assert (job.kind, job.subject, job.state) == ("intake", "LH/01", JobState.INTERRUPTED)
    assert lab.intake.list(exhibit.case_id) == ()
    actor = lab.people.sign_in("Ana Kovač", PASSPHRASE)
    lab.journal.settle(actor, job.id, again=True)
    assert lab.journal.interrupted() == ()
    with source.open("r+b") as file:
        file.truncate(2 << 20)
    assert lab.intake.take_in(actor, request(exhibit, source)).number == "LH/01-I1"
    assert lab.custody.case_history(exhibit.case_id)[-2].action == "job.interrupted"
    lab.close()


def test_a_catalogue_killed_in_the_middle_leaves_none_and_is_built_again(bench: Bench) -> None:
    exhibit = bench.exhibit(bench.case())
    image = bench.lab.intake.take_in(bench.examiner, request(exhibit))
    killed_in_the_middle(bench, "catalogue", DEMO, 1)

    (job,) = bench.lab.journal.interrupted()
    assert (job.kind, job.subject) == ("catalogue", "LH/01-I1")
    assert not bench.lab.catalogues.path(image).exists()
    built = bench.lab.catalogues.build(bench.examiner, image.id)
    again = bench.lab.catalogues.build(bench.examiner, image.id)
    assert built.catalogue_sha256 == again.catalogue_sha256
    assert bench.lab.verification.verify().ok


def test_a_running_operation_is_not_taken_for_an_interrupted_one(bench: Bench) -> None:
    case = bench.case()
    with bench.lab.journal.running("intake", "LH/01", case.id, {}):
        assert bench.lab.journal.interrupted() == ()
    assert bench.lab.journal.interrupted() == ()
    assert bench.lab.journal.list()[0].state is JobState.DONE
