"""Files whose maps of blocks have three levels are read, and impossible sizes do not hold up a listing."""

from __future__ import annotations

import hashlib
import struct
from pathlib import Path
from typing import Any

import pytest

from evidence.filesystems import signatures, sleuthkit
from evidence.filesystems.ext_maps import BoundedMaps, with_bounded_maps
from tests.evidence.documents import PlainImage, document
from tests.evidence.made_images import blank, need, run
from tests.evidence.volumes.media import Media

HUGE = 51_617_672_877_573_296
LARGE = bytes(range(256)) * 1_000
PLACES = (0, 11 << 10, 200 << 10, 9 << 20, 66 << 20, 69 << 20)
"""Behind a pointer of each level, with holes between."""


@pytest.fixture(scope="module", params=["ext2", "ext3"])
def image(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    need(f"mkfs.{request.param}", "debugfs")
    folder = tmp_path_factory.mktemp("maps")
    tree = folder / "tree"
    tree.mkdir()
    for name in ("damaged.bin", "large.bin"):
        (tree / name).write_bytes(LARGE)
    with (tree / "deep.bin").open("wb") as file:
        for place in PLACES:
            file.seek(place)
            file.write(LARGE[:3_000])
    path = blank(folder / "image", 80 << 20)
    run(f"mkfs.{request.param}", "-q", "-b", "1024", "-I", "256", "-N", "64", "-d", tree, path)
    run("debugfs", "-w", "-R", f"sif /damaged.bin size {HUGE}", path)
    return path


@pytest.fixture(scope="module")
def found(image: Path) -> dict[str, Any]:
    return document(PlainImage(image), hash_files=True)


def row(found: dict[str, Any], path: str) -> dict[str, Any]:
    (only,) = [row for row in found["rows"] if row["path"] == path]
    return only


def test_a_map_of_three_levels_is_read(found: dict[str, Any]) -> None:
    content = bytearray(PLACES[-1] + 3_000)
    for place in PLACES:
        content[place : place + 3_000] = LARGE[:3_000]
    deep = row(found, "/deep.bin")
    assert (deep["size_bytes"], deep["note"]) == (len(content), None)
    assert deep["sha256"] == hashlib.sha256(content).digest()


def test_its_slack_is_what_lies_behind_its_end(found: dict[str, Any], image: Path) -> None:
    address = row(found, "/deep.bin")["address"]
    last, used = divmod(PLACES[-1] + 3_000, 1024)
    block = int(run("debugfs", "-R", f"bmap /deep.bin {last}", image))
    with image.open("r+b") as file:
        file.seek(block * 1024 + used)
        file.write(b"left over")
    source = PlainImage(image)
    seen = signatures.ext(source)
    assert seen is not None
    opened = sleuthkit.open_by_signature(source, seen)
    assert opened.content(address).read(PLACES[-1], 9_000) == LARGE[:3_000]
    slack = opened.slack(address)
    assert slack.read(0, 2_000) == b"left over".ljust(1024 - used, b"\0")


def test_an_impossible_size_costs_the_content_of_its_file_only(found: dict[str, Any]) -> None:
    damaged = row(found, "/damaged.bin")
    assert (damaged["size_bytes"], damaged["sha256"]) == (HUGE, None)
    assert "not digested" in damaged["note"]
    assert row(found, "/large.bin")["sha256"] == hashlib.sha256(LARGE).digest()
    assert any(f"declares {HUGE} bytes" in problem.what for problem in found["warnings"])


def test_no_other_byte_is_shown_differently(image: Path) -> None:
    source = PlainImage(image)
    shown = with_bounded_maps(source)
    assert isinstance(shown, BoundedMaps)
    changed: set[int] = set()
    for at in range(0, source.media_bytes, 10_001):  # inodes cut by the ends of reads, too
        whole, seen = source.read_at(at, 10_001), shown.read_at(at, 10_001)
        if whole != seen:
            changed |= {at + place for place in range(len(whole)) if whole[place] != seen[place]}
    assert len(changed) == 2 * 4
    assert len(shown.told) == 1
    assert shown.content(3) is None


def test_a_superblock_that_makes_no_sense_is_left_alone() -> None:
    media = Media(1 << 20)
    for log_block, per_group, inodes in ((7, 1, 1), (0, 0, 1), (0, 1, 0), (0, 1, 1 << 31)):
        media.write(1024, struct.pack("<II12xIII4xI4xI", 9, 9, 1, log_block, 0, per_group, inodes))
        assert with_bounded_maps(media) is media
