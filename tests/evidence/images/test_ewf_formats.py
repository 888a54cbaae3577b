"""Images as other tools write them, held against what those tools say is in them."""

import hashlib
import random
import re
import shutil
import subprocess
import threading
from pathlib import Path

import pytest

from evidence.digest import hash_media
from tests.evidence.images.conftest import Open
from tests.evidence.images.ewf_builder import acquire, media_of

FORMATS = [
    "ewf",
    "smart",
    "ftk",
    "encase2",
    "encase3",
    "encase4",
    "encase5",
    "encase6",
    "encase7",
    "linen5",
    "linen6",
    "linen7",
    "ewfx",
]
SIZE = 3_001_344


@pytest.fixture(scope="module")
def raw(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("media") / "disk.raw"
    path.write_bytes(media_of(SIZE))
    return path


def output_of(*command: str) -> str:
    if not shutil.which(command[0]):
        pytest.skip(f"{command[0]} is not installed")
    return subprocess.run(command, check=True, capture_output=True, timeout=120).stdout.decode("utf-8", "replace")


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_that_ewfacquire_writes_gives_back_the_media(
    form: str, raw: Path, tmp_path: Path, opened: Open
) -> None:
    segments = acquire(raw, tmp_path / "disk", "-f", form, "-c", "fast", "-S", "1048576", "-d", "sha1")
    image = opened(segments[:1])
    media = raw.read_bytes()
    assert image.container == "ewf"
    assert (image.media_bytes, image.sector_bytes) == (SIZE, 512)
    assert image.container_bytes == sum(path.stat().st_size for path in segments)
    assert list(image.paths) == segments
    assert list(image.problems) == []
    assert image.read_at(0, SIZE) == media
    assert image.stored_digests["md5"] == hashlib.md5(media).digest()
    assert image.metadata["case_number"] == "case 7"
    assert image.metadata["evidence_number"] == "item 3"
    assert image.metadata["description"] == "a disk"
    assert image.metadata["examiner"] == "N. Jashi"
    assert image.metadata["notes"] == "some notes"


@pytest.mark.parametrize("compression", ["none", "empty-block", "fast", "best"])
@pytest.mark.parametrize("sectors_per_chunk", ["16", "64", "1024", "32768"])
def test_every_compression_and_chunk_size(
    compression: str, sectors_per_chunk: str, raw: Path, tmp_path: Path, opened: Open
) -> None:
    segments = acquire(raw, tmp_path / "disk", "-f", "encase5", "-c", compression, "-b", sectors_per_chunk)
    image = opened(segments)
    assert image.metadata["sectors_per_chunk"] == sectors_per_chunk
    assert image.read_at(0, SIZE) == raw.read_bytes()
    assert list(image.problems) == []


def test_many_segments_in_any_order(tmp_path: Path, opened: Open) -> None:
    source = tmp_path / "noise"
    source.write_bytes(random.Random(8).randbytes(6 << 20))
    segments = acquire(source, tmp_path / "disk", "-f", "encase5", "-c", "none", "-S", "1048576")
    assert len(segments) > 5
    for given in ([segments[3]], segments[::-1], segments):
        image = opened(given)
        assert list(image.paths) == segments
        assert image.read_at(0, 6 << 20) == source.read_bytes()
        assert list(image.problems) == []


@pytest.mark.parametrize("form", ["smart", "ftk", "encase4", "encase6", "encase7", "linen7"])
def test_the_metadata_agree_with_ewfinfo(form: str, raw: Path, tmp_path: Path, opened: Open) -> None:
    (segment, *_) = acquire(
        raw, tmp_path / "disk", "-f", form, "-c", "best", "-d", "sha1", "-m", "removable", "-M", "logical"
    )
    told = output_of("ewfinfo", "-d", "iso8601", str(segment))
    said = {key.strip(): value.strip() for key, value in re.findall(r"^\t([^:]+):\t+(.*)$", told, re.MULTILINE)}
    image = opened([segment])
    assert image.metadata["case_number"] == said["Case number"]
    assert image.metadata["examiner"] == said["Examiner name"]
    assert image.metadata["software"] == said["Software version used"]
    assert image.metadata["os"] == said["Operating system used"]
    assert image.metadata["acquired_at"][:19] == said["Acquisition date"][:19]
    assert image.metadata["sectors_per_chunk"] == said["Sectors per chunk"]
    assert image.stored_digests["md5"].hex() == said["MD5"]
    assert image.stored_digests.get("sha1", b"").hex() == said.get("SHA1", "")
    if "Set identifier" in said:
        assert image.metadata["set_identifier"] == said["Set identifier"]
    if "Media type" in said and form != "smart":
        assert image.metadata["media_type"] == said["Media type"].split()[0]


@pytest.mark.parametrize("form", ["smart", "encase6"])
def test_the_media_agree_with_ewfexport_and_img_cat(form: str, raw: Path, tmp_path: Path, opened: Open) -> None:
    segments = acquire(raw, tmp_path / "disk", "-f", form, "-c", "fast", "-S", "1048576")
    image = opened(segments[:1])
    ours = hash_media(image, algorithms=("md5",)).digests["md5"]
    output_of("ewfexport", "-q", "-u", "-f", "raw", "-t", str(tmp_path / "exported"), str(segments[0]))
    assert hashlib.md5((tmp_path / "exported.raw").read_bytes()).digest() == ours
    if not shutil.which("img_cat"):
        pytest.skip("img_cat (Debian: sleuthkit) is not installed")
    copied = subprocess.run(["img_cat", "-i", "ewf", *map(str, segments)], check=True, capture_output=True).stdout
    assert hashlib.md5(copied).digest() == ours


def test_ewfverify_finds_nothing_wrong_with_what_we_find_right(raw: Path, tmp_path: Path, opened: Open) -> None:
    (segment, *_) = acquire(raw, tmp_path / "disk", "-f", "encase6", "-d", "sha1")
    told = output_of("ewfverify", "-q", "-d", "sha1", str(segment))
    image = opened([segment])
    digests = hash_media(image, algorithms=("md5", "sha1")).digests
    assert re.search(r"MD5 hash calculated over data:\s+" + digests["md5"].hex(), told)
    assert re.search(r"SHA1 hash calculated over data:\s+" + digests["sha1"].hex(), told)
    assert dict(image.stored_digests) == dict(digests)


@pytest.mark.parametrize("sector_bytes", [512, 2048, 4096])
def test_media_with_other_sectors_and_a_partial_last_chunk(sector_bytes: int, tmp_path: Path, opened: Open) -> None:
    media = media_of(sector_bytes * 333, seed=9)
    raw = tmp_path / "odd.raw"
    raw.write_bytes(media)
    (segment, *_) = acquire(raw, tmp_path / "disk", "-f", "encase6", "-P", str(sector_bytes), "-c", "none")
    image = opened([segment])
    assert image.sector_bytes == sector_bytes
    assert image.read_at(0, len(media)) == media
    assert image.read_at(len(media) - 5, 100) == media[-5:]
    assert image.read_at(len(media), 1) == b""
    assert image.read_at(len(media) + 7, 1) == b""
    with pytest.raises(ValueError, match="before the media"):
        image.read_at(-1, 10)


def test_reads_at_any_place_and_of_any_size_agree(raw: Path, tmp_path: Path, opened: Open) -> None:
    image = opened(acquire(raw, tmp_path / "disk", "-f", "encase6", "-c", "fast")[:1])
    media, source = raw.read_bytes(), random.Random(1)
    for _ in range(300):
        start, size = source.randrange(SIZE), source.choice([0, 1, 511, 512, 4096, 32768, 70_000, 400_000])
        assert image.read_at(start, size) == media[start : start + size]


def test_threads_that_read_at_once_get_the_same(raw: Path, tmp_path: Path, opened: Open) -> None:
    image = opened(acquire(raw, tmp_path / "disk", "-f", "smart", "-c", "fast", "-S", "1048576")[:1])
    media, wrong = raw.read_bytes(), []

    def read(seed: int) -> None:
        source = random.Random(seed)
        for _ in range(150):
            start, size = source.randrange(SIZE), source.choice([100, 40_000, 200_000])
            if image.read_at(start, size) != media[start : start + size]:
                wrong.append((start, size))

    threads = [threading.Thread(target=read, args=(seed,)) for seed in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_names_in_lower_case_and_without_a_usual_suffix(raw: Path, tmp_path: Path, opened: Open) -> None:
    (segment, *_) = acquire(raw, tmp_path / "disk", "-f", "encase6")
    lower, bare = segment.with_suffix(".e01"), segment.with_name("evidence of the case.bin")
    segment.rename(lower)
    assert opened([lower]).read_at(0, 100) == raw.read_bytes()[:100]
    lower.rename(bare)
    image = opened([bare])
    assert image.container == "ewf"
    assert image.read_at(0, SIZE) == raw.read_bytes()
