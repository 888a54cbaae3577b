"""What an acquisition is compared with before it is taken up again."""

import hashlib
import json
import os
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest

from evidence.acquisition import Compression, Labels, acquire, journal
from evidence.acquisition.identity import SourceIdentity, identify
from evidence.acquisition.pipeline import BLOCK_BYTES
from evidence.acquisition.planning import plan
from evidence.acquisition.reading import SourceReader
from evidence.acquisition.sameness import SAMPLE_BYTES, end_of, refuse_other_parts
from evidence.acquisition.targets import Checkpoint
from evidence.errors import AcquisitionRefusedError, ResumeError, SourceChangedError, SourceEndedError
from tests.evidence.acquisition.kill import SETTINGS, STARTED, media_in
from tests.evidence.acquisition.test_resume import MEDIA, StopError, source_of, stop_at

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


def stop_behind(at_bytes: int) -> Callable[[int, int], None]:
    """A progress that cancels there."""

    def told(done: int, total: int) -> None:
        if done >= at_bytes:
            raise StopError

    return told


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
    ("at_bytes", "words"), [(len(MEDIA) - 512, "its last MiB"), (512, "from byte 0 on"), (4_000_000, "from byte 3,")]
)
def test_a_source_that_reads_otherwise_is_refused(kind: str, at_bytes: int, words: str, tmp_path: Path) -> None:
    source = source_of(tmp_path)
    stop_at(0.5, source, tmp_path / "disk", kind)
    reached = json.loads((tmp_path / "disk.acquisition.json").read_text())["checkpoint"]["media_bytes"]
    at_bytes = reached - 600_000 if at_bytes == 4_000_000 else at_bytes
    words = f"from byte {reached - SAMPLE_BYTES:,} on" if words == "from byte 3," else words
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
    written = (tmp_path / "disk").read_bytes()[: document["checkpoint"]["media_bytes"]]
    document["parts"] = [hashlib.sha256(written).hexdigest()]
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


def test_a_source_whose_end_could_not_be_read_has_no_end_to_compare(tmp_path: Path) -> None:
    source = source_of(tmp_path)
    stop_at(0.5, source, tmp_path / "disk", "raw")
    log = tmp_path / "disk.acquisition.json"
    document = json.loads(log.read_text())
    assert bytes.fromhex(document["end_sha256"]) == hashlib.sha256(MEDIA[-SAMPLE_BYTES:]).digest()
    document["end_sha256"] = None
    log.write_text(json.dumps(document))
    assert media_in(acquire(source, tmp_path / "disk", SETTINGS["raw"], resume=True)) == MEDIA


@pytest.mark.parametrize("kind", list(SETTINGS))
@pytest.mark.parametrize("at_bytes", [0, 1_500_000, 2_999_999])
def test_what_was_written_is_not_taken_for_what_was_copied(kind: str, at_bytes: int, tmp_path: Path) -> None:
    source, other = source_of(tmp_path), tmp_path / "other.img"
    changed = bytearray(MEDIA)
    changed[at_bytes] ^= 1
    other.write_bytes(changed)
    settings = replace(SETTINGS[kind], compression=Compression.NONE)  # checksums in an E01 are right then, and lengths
    reached = []
    for name, media in (("disk", source), ("forged", other)):
        with pytest.raises(StopError):
            acquire(media, tmp_path / name, settings, stop_behind(5_500_000), started_at=STARTED)
        reached.append(json.loads((tmp_path / f"{name}.acquisition.json").read_text())["checkpoint"])
    assert reached[0] == reached[1]
    for forged in tmp_path.glob("forged*"):
        if not forged.name.endswith(".json"):
            forged.replace(tmp_path / forged.name.replace("forged", "disk"))
    in_a_sample = at_bytes < SAMPLE_BYTES
    words = "from byte 0 on" if in_a_sample else r"not what was copied .* \(media bytes 0 to [456],\d{3},\d{3}\)"
    with pytest.raises(ResumeError, match=words):
        acquire(source, tmp_path / "disk", settings, resume=True)


@pytest.mark.parametrize("kind", list(SETTINGS))
def test_each_checkpoint_has_the_digest_of_what_was_read_before_it(kind: str, tmp_path: Path) -> None:
    source, log, seen = source_of(tmp_path), tmp_path / "disk.acquisition.json", set[int]()

    def look(done: int, total: int) -> None:
        document = json.loads(log.read_text())
        reached = document["checkpoint"]["media_bytes"]
        seen.add(reached)
        assert document["parts"] == ([hashlib.sha256(MEDIA[:reached]).hexdigest()] if reached else [])

    acquire(source, tmp_path / "disk", SETTINGS[kind], look)
    assert len(seen) > 3
    assert (kind == "e01") == any(one % BLOCK_BYTES for one in seen if one < len(MEDIA))


def test_the_stretch_that_differs_is_named() -> None:
    entry = replace(
        begun(DISK),
        checkpoint=Checkpoint(media_bytes=5 << 29, files=1, last_bytes=5 << 29),
        parts=(b"one", b"two", b"three"),
    )
    refuse_other_parts(Path("j"), entry, entry.parts)
    with pytest.raises(ResumeError, match=r"media bytes 1,073,741,824 to 2,147,483,647\)"):
        refuse_other_parts(Path("j"), entry, (b"one", b"2", b"3"))
    with pytest.raises(ResumeError, match=r"media bytes 2,147,483,648 to 2,684,354,559\)"):
        refuse_other_parts(Path("j"), entry, (b"one", b"two", b"3"))


@pytest.mark.parametrize("parts", [[], ["00" * 32, "00" * 32]])
def test_a_journal_of_an_earlier_version_shows_nothing_and_nothing_is_touched(parts: list[str], tmp_path: Path) -> None:
    source = source_of(tmp_path)
    stop_at(0.5, source, tmp_path / "disk", "raw")
    log = tmp_path / "disk.acquisition.json"
    document = json.loads(log.read_text()) | {"parts": parts}
    log.write_text(json.dumps(document))
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    with pytest.raises(ResumeError, match="earlier version of the program, has no digests"):
        acquire(source, tmp_path / "disk", SETTINGS["raw"], resume=True)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_a_source_that_grows_before_it_is_opened_is_not_cut_off(tmp_path: Path) -> None:
    source = source_of(tmp_path)
    described = identify(source)
    with source.open("ab") as file:
        file.write(b"late evidence")
    reader = SourceReader(source, sector_bytes=512, retries=0)
    with closing(reader), pytest.raises(SourceChangedError, match="size"):
        reader.refuse_other_than(described)
    rewrite(source, 0, MEDIA[:512])
    os.utime(source, ns=(0, 0))
    with closing(SourceReader(source, sector_bytes=512, retries=0)) as reader:
        with pytest.raises(SourceChangedError, match="time of modification"):
            reader.refuse_other_than(replace(described, size_bytes=len(MEDIA) + 13))
        reader.refuse_other_than(identify(source))


def test_a_source_that_ends_early_is_named(tmp_path: Path) -> None:
    source = source_of(tmp_path)
    with closing(SourceReader(source, sector_bytes=512, retries=0)) as reader:
        os.truncate(source, 700)
        with pytest.raises(SourceEndedError) as ended:
            reader.read(0, memoryview(bytearray(1024)))
    assert (ended.value.path, ended.value.read_bytes, ended.value.declared_bytes) == (source, 700, len(MEDIA))


def test_nothing_is_copied_of_a_source_that_grew_before_it_was_opened(tmp_path: Path) -> None:
    source, log = source_of(tmp_path), tmp_path / "disk.acquisition.json"
    stop_at(0.0, source, tmp_path / "disk", "raw")
    bad = {"offset_bytes": 0, "length_bytes": 512, "why": "Input/output error"}
    log.write_text(json.dumps(json.loads(log.read_text()) | {"bad": [bad]}))

    def grow(lost_bytes: int) -> None:  # told of before the source is opened
        with source.open("ab") as file:
            file.write(b"late evidence")

    with pytest.raises(SourceChangedError, match="size"):
        acquire(source, tmp_path / "disk", SETTINGS["raw"], resume=True, on_unreadable=grow)


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
