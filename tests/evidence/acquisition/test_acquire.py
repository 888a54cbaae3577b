"""Images made by the program, held against ewf-tools, The Sleuth Kit and hashdeep."""

import hashlib
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from evidence.acquisition import Acquisition, Compression, Format, Labels, Settings, acquire
from evidence.acquisition.hashing import MediaHasher
from evidence.acquisition.identity import devices_below, lies_on
from evidence.errors import AcquisitionRefusedError, NotAnImageError, SourceAccessError
from evidence.images.ewf import open_ewf
from tests.evidence.acquisition.kill import media_in, opened
from tests.evidence.images.ewf_builder import media_of

MEDIA = media_of(6_000 * 512, seed=11) + bytes(1_000_000 // 512 * 512)
SMALL = replace(Settings(), segment_bytes=1 << 20, checkpoint_bytes=1_000_000)
RAW = Settings(format=Format.RAW, segment_bytes=None)
STARTED = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)


def source_of(folder: Path, media: bytes = MEDIA) -> Path:
    path = folder / "source.img"
    path.write_bytes(media)
    return path


def told(*command: object) -> str:
    if not shutil.which(str(command[0])):
        pytest.skip(f"{command[0]} is not installed")
    words = [str(word) for word in command]
    return subprocess.run(words, check=True, capture_output=True, text=True, timeout=120).stdout


def digests(media: bytes) -> dict[str, bytes]:
    return {name: hashlib.new(name, media).digest() for name in ("md5", "sha1", "sha256")}


@pytest.mark.parametrize("compression", list(Compression))
def test_an_e01_is_what_ewf_tools_and_the_sleuth_kit_expect(compression: Compression, tmp_path: Path) -> None:
    done = acquire(source_of(tmp_path), tmp_path / "disk.E01", replace(SMALL, compression=compression))
    assert done.verified
    assert not done.differing
    assert done.digests == digests(MEDIA)
    assert [path.name for path in done.paths] == [f"disk.E{n:02d}" for n in range(1, len(done.paths) + 1)]
    assert len(done.paths) > 1
    assert all(path.stat().st_size <= 1 << 20 for path in done.paths)
    assert media_in(done) == MEDIA
    verified = told("ewfverify", "-d", "sha256", done.paths[0])
    assert "SUCCESS" in verified
    assert hashlib.sha256(MEDIA).hexdigest() in verified
    info = told("ewfinfo", done.paths[0])
    assert "EnCase 6" in info
    assert f"({len(MEDIA)} bytes)" in info
    assert hashlib.sha1(MEDIA).hexdigest() in info
    assert f"Size of data in bytes:\t{len(MEDIA)}" in told("img_stat", done.paths[0])
    with closing(opened(done)) as image:
        assert not image.problems
        assert image.metadata["compression"] == compression.value
        assert image.stored_digests == {name: digests(MEDIA)[name] for name in ("md5", "sha1")}


def test_labels_of_any_script_come_back_from_an_e01(tmp_path: Path) -> None:
    labels = Labels(
        case_number="2026/14 Größe",
        evidence_number="ΛΜ/01",
        description="Жёсткий диск, 硬盘 \U0001f4be",
        examiner="Ana Kovač",
        notes="first line\nsecond\tcolumn",
    )
    settings = replace(Settings(), labels=labels, software="forensics-app 1")
    done = acquire(source_of(tmp_path), tmp_path / "disk", settings, started_at=STARTED)
    with closing(opened(done)) as image:
        said = dict(image.metadata)
    expected = {name: getattr(labels, name) for name in Labels.__slots__} | {"notes": "first line second column"}
    assert {name: said[name] for name in expected} == expected
    assert said["acquired_at"] == "2026-11-22T09:30:00Z"
    assert said["software"] == "forensics-app 1"
    info = told("env", "LC_ALL=C.UTF-8", "ewfinfo", done.paths[0])
    assert all(text in info for text in ("ΛΜ/01", "Ana Kovač", "2026/14 Größe", "first line second column"))


@pytest.mark.parametrize("size", [512, 1024, 32768 - 512, 32768, 32768 + 512, (1 << 20) - 512, (1 << 20) + 512])
@pytest.mark.parametrize("kind", list(Format))
def test_media_of_any_number_of_sectors_come_back(size: int, kind: Format, tmp_path: Path) -> None:
    media = MEDIA[:size]
    done = acquire(source_of(tmp_path, media), tmp_path / "disk", replace(SMALL, format=kind))
    assert media_in(done) == media
    assert done.verified
    if kind is Format.E01:
        assert "SUCCESS" in told("ewfverify", done.paths[0])


@pytest.mark.parametrize("step", [-4, -1, 0, 1, 4, 76, 32772])
def test_segments_of_any_size_hold_what_they_should(step: int, tmp_path: Path) -> None:
    noise = os.urandom(96 * 32768)
    settings = replace(SMALL, compression=Compression.NONE, segment_bytes=40 * 32772 + 5_000 + step)
    done = acquire(source_of(tmp_path, noise), tmp_path / "disk", settings)
    assert media_in(done) == noise
    assert max(path.stat().st_size for path in done.paths) <= (settings.segment_bytes or 0)
    assert "SUCCESS" in told("ewfverify", done.paths[0])


def test_the_closing_sections_get_a_file_of_their_own_where_the_last_has_no_room(tmp_path: Path) -> None:
    noise = os.urandom(64 * 32768)
    for spare in range(0, 2_000, 250):
        settings = replace(SMALL, compression=Compression.NONE, segment_bytes=64 * 32772 + 3_000 + spare)
        target = tmp_path / f"disk-{spare}"
        source = source_of(tmp_path, noise)
        done = acquire(source, target, settings)
        assert max(path.stat().st_size for path in done.paths) <= (settings.segment_bytes or 0)
        assert media_in(done) == noise
        assert "SUCCESS" in told("ewfverify", done.paths[0])


def test_more_than_99_segments_are_named_as_others_expect(tmp_path: Path) -> None:
    noise = os.urandom(1 << 20) * 103
    settings = replace(SMALL, compression=Compression.NONE)
    done = acquire(source_of(tmp_path, noise), tmp_path / "disk", settings)
    assert [path.suffix for path in done.paths[98:101]] == [".E99", ".EAA", ".EAB"]
    assert done.digests["sha256"] == hashlib.sha256(noise).digest()
    assert "SUCCESS" in told("ewfverify", done.paths[0])


def test_sectors_of_4096_bytes_are_told_by_a_gpt_and_kept(tmp_path: Path) -> None:
    media = bytearray(MEDIA[: 4096 * 100])
    media[4096:4104] = b"EFI PART"
    done = acquire(source_of(tmp_path, bytes(media)), tmp_path / "disk", SMALL)
    assert re.search(r"Bytes per sector:\s+4096\n", told("ewfinfo", done.paths[0]))
    with closing(open_ewf(done.paths)) as image:
        assert image.sector_bytes == 4096
        assert image.read_at(0, len(media)) == media


@pytest.mark.parametrize("size", [1, 511, 513, 40_001, (2 << 20) + 7])
def test_raw_keeps_media_that_end_within_a_sector_and_e01_refuses_them(size: int, tmp_path: Path) -> None:
    source = source_of(tmp_path, MEDIA[:size])
    done = acquire(source, tmp_path / "disk.raw", RAW)
    assert done.paths == (tmp_path / "disk.raw",)
    assert done.paths[0].read_bytes() == MEDIA[:size]
    with pytest.raises(AcquisitionRefusedError, match="whole sectors"):
        acquire(source, tmp_path / "disk", SMALL)
    assert not list(tmp_path.glob("*.E01"))


def test_a_split_raw_image_is_its_media_cut_in_pieces(tmp_path: Path) -> None:
    done = acquire(source_of(tmp_path), tmp_path / "disk.001", replace(RAW, segment_bytes=1_500_001))
    assert [path.name for path in done.paths] == ["disk.001", "disk.002", "disk.003"]
    assert b"".join(path.read_bytes() for path in done.paths) == MEDIA
    assert [path.stat().st_size for path in done.paths[:2]] == [1_500_001] * 2
    assert done.verified
    assert hashlib.md5(MEDIA).hexdigest() == done.digests["md5"].hex()


def test_hashdeep_finds_the_digests_of_the_source_in_the_result(tmp_path: Path) -> None:
    source = source_of(tmp_path)
    done = acquire(source, tmp_path / "disk", SMALL)
    line = told("hashdeep", "-c", "md5,sha1,sha256", source).splitlines()[-1]
    assert line.split(",")[1:4] == [done.digests[name].hex() for name in ("md5", "sha1", "sha256")]


@pytest.mark.parametrize("size", [1000, 4096, 10_001])
def test_parts_are_digested_on_their_own_wherever_blocks_end(size: int) -> None:
    with MediaHasher(part_bytes=4096) as hasher:
        for start in range(0, size, 700):
            fed = hasher.feed(memoryview(MEDIA)[start : min(size, start + 700)])
            for future in (*fed.digests, fed.parts):
                future.result()
        parts = tuple(hashlib.sha256(MEDIA[start : min(size, start + 4096)]).digest() for start in range(0, size, 4096))
        assert hasher.parts.digests() == parts
        assert hasher.digests() == digests(MEDIA[:size])


def test_a_sparse_source_becomes_small(tmp_path: Path) -> None:
    source = tmp_path / "sparse.img"
    with source.open("wb") as file:
        file.truncate(64 << 20)
        file.write(b"at the start")
    done = acquire(source, tmp_path / "disk", replace(Settings(), verify=False))
    assert done.verified is None
    assert done.digests["sha256"] == hashlib.sha256(source.read_bytes()).digest()
    assert done.paths[0].stat().st_size < 500_000


def test_the_source_is_left_as_it_was(tmp_path: Path) -> None:
    source = source_of(tmp_path)
    os.utime(source, ns=(1_000_000_000, 2_000_000_000))
    source.chmod(0o440)
    before = source.stat()
    acquire(source, tmp_path / "disk", SMALL)
    after = source.stat()
    for name in ("st_mtime_ns", "st_ctime_ns", "st_size", "st_ino", "st_mode"):
        assert getattr(before, name) == getattr(after, name)
    if hasattr(os, "O_NOATIME"):
        assert after.st_atime_ns == before.st_atime_ns
    assert source.read_bytes() == MEDIA


@pytest.fixture
def loop_device(tmp_path: Path) -> Iterator[Path]:
    """A block device that cannot be written to, over a file."""
    made = subprocess.run(
        ["losetup", "-r", "-f", "--show", str(source_of(tmp_path))], capture_output=True, text=True, check=False
    ) if shutil.which("losetup") else None  # fmt: skip
    if made is None or made.returncode:
        pytest.skip("this system gives no loop devices")
    yield Path(made.stdout.strip())
    subprocess.run(["losetup", "-d", made.stdout.strip()], check=True)


def test_a_block_device_is_described_and_copied(loop_device: Path, tmp_path: Path) -> None:
    done = acquire(loop_device, tmp_path / "disk", SMALL)
    assert (done.source.kind, done.source.size_bytes, done.source.read_only) == ("block device", len(MEDIA), True)
    assert (done.source.logical_sector_bytes, done.source.partition) == (512, False)
    assert media_in(done) == MEDIA


def test_what_lies_on_a_device_is_known(loop_device: Path, tmp_path: Path) -> None:
    below = devices_below(loop_device.stat().st_rdev)
    backing = (tmp_path / "source.img").stat()
    assert (backing.st_dev, backing.st_ino) in below
    assert backing.st_dev in below
    assert not lies_on(tmp_path, loop_device)


def test_nothing_is_overwritten_and_the_source_is_no_target(tmp_path: Path) -> None:
    source = source_of(tmp_path)
    hard_link = tmp_path / "link.001"
    hard_link.hardlink_to(source)
    with pytest.raises(AcquisitionRefusedError, match="source itself"):
        acquire(source, source, RAW)
    with pytest.raises(AcquisitionRefusedError, match="source itself"):
        acquire(source, tmp_path / "link", replace(RAW, segment_bytes=1 << 20))
    (tmp_path / "taken.E01").write_bytes(b"something")
    (tmp_path / "dangling.E01").symlink_to(tmp_path / "nowhere")
    acquire(source, tmp_path / "disk", SMALL)
    for name in ("taken", "disk", "dangling"):
        with pytest.raises(AcquisitionRefusedError, match="already exists"):
            acquire(source, tmp_path / name, SMALL)
    assert (tmp_path / "taken.E01").read_bytes() == b"something"
    assert source.read_bytes() == MEDIA


def test_what_cannot_be_acquired_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    empty = source_of(tmp_path, b"")
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    target = tmp_path / "disk"
    with pytest.raises(AcquisitionRefusedError, match="empty"):
        acquire(empty, target, SMALL)
    for odd in (tmp_path, pipe, Path("/dev/zero")):
        with pytest.raises(NotAnImageError):
            acquire(odd, target, SMALL)
    with pytest.raises(SourceAccessError):
        acquire(tmp_path / "missing", target, SMALL)
    source = source_of(tmp_path)
    with pytest.raises(AcquisitionRefusedError, match="no folder"):
        acquire(source, tmp_path / "missing" / "disk", SMALL)
    huge = tmp_path / "huge.img"
    with huge.open("wb") as file:
        file.truncate(1 << 43)
    with pytest.raises(AcquisitionRefusedError, match="larger ones"):
        acquire(huge, target, SMALL)
    with pytest.raises(AcquisitionRefusedError, match="are free"):
        acquire(huge, target, RAW)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["huge.img", "pipe", "source.img"]


@pytest.mark.parametrize(
    "wrong",
    [
        replace(SMALL, segment_bytes=1000),
        replace(SMALL, segment_bytes=None),
        replace(SMALL, retries=-1),
        replace(SMALL, sector_bytes=513),
        replace(SMALL, checkpoint_bytes=0),
    ],
)
def test_impossible_settings_are_refused(wrong: Settings, tmp_path: Path) -> None:
    with pytest.raises(AcquisitionRefusedError):
        acquire(source_of(tmp_path), tmp_path / "disk", wrong)


def test_damage_between_writing_and_reading_back_is_found(tmp_path: Path) -> None:
    source = source_of(tmp_path)
    target = tmp_path / "disk.raw"

    def spoil(done: int, total: int) -> None:
        if done == total // 2 and (tmp_path / "disk.raw.acquisition.json").exists():
            with target.open("r+b") as file:
                file.seek(100_000)
                file.write(b"\xff\x00")

    done: Acquisition = acquire(source, target, RAW, spoil)
    assert done.verified is False
    assert done.differing == ("md5", "sha1", "sha256", "part 0")
    assert done.digests == digests(MEDIA)


@pytest.mark.parametrize(
    ("name", "settings"),
    [("disk.E02", SMALL), ("disk.EAB", SMALL), ("disk.002", replace(RAW, segment_bytes=1 << 20))],
)
def test_a_segment_of_another_image_in_the_way_is_refused_and_left_alone(
    name: str, settings: Settings, tmp_path: Path
) -> None:
    source = source_of(tmp_path)
    target = tmp_path / "target"
    target.mkdir()
    (target / name).write_bytes(b"evidence of another case")
    with pytest.raises(AcquisitionRefusedError, match="already exists"):
        acquire(source, target / "disk", settings)
    assert [path.name for path in target.iterdir()] == [name]
    assert (target / name).read_bytes() == b"evidence of another case"
