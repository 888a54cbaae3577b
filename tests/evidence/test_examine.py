"""A whole examination: volumes in order, problems in words, nothing silent."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import pytest

from evidence.errors import ShortReadError, UnreadableRegionError
from evidence.examine import examine
from evidence.filesystems.base import TimeRule
from evidence.images.base import Problem
from evidence.timestamps import UnknownZoneError
from evidence.volumes.base import Volume
from tests.evidence.documents import PlainImage, document
from tests.evidence.made_images import blank, ext, fat, need, ntfs, run, source_tree


class HoledImage(PlainImage):
    """An image with a stretch that cannot be read."""

    def __init__(self, path: Path, hole: range) -> None:
        super().__init__(path)
        self.hole = hole

    def read_at(self, offset_bytes: int, size_bytes: int, /) -> bytes:
        if offset_bytes < self.hole.stop and self.hole.start < offset_bytes + size_bytes:
            raise UnreadableRegionError(self.hole.start, len(self.hole), "the checksum of a chunk is wrong")
        return super().read_at(offset_bytes, size_bytes)


class ShrinkingImage(PlainImage):
    """An image whose file becomes shorter while it is read."""

    reads = 0

    def read_at(self, offset_bytes: int, size_bytes: int, /) -> bytes:
        self.reads += 1
        if self.reads > 40:
            raise ShortReadError(0, size_bytes)
        return super().read_at(offset_bytes, size_bytes)


def words(found: dict[str, Any]) -> str:
    return "\n".join(problem.what for problem in found["warnings"])


@pytest.fixture(scope="module")
def disk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A GPT disk with FAT16 and ext4."""
    need("sgdisk")
    folder = tmp_path_factory.mktemp("disk")
    tree = source_tree(folder / "tree")
    parts = [fat(folder / "fat.raw", tree, 16), ext(folder / "ext.raw", tree)]
    path = blank(folder / "disk.raw", 40 << 20)
    run("sgdisk", "-n1:2048:+16M", "-n3:40960:+8M", path)
    with path.open("r+b") as file:
        for part, sector in zip(parts, (2048, 40960), strict=True):
            file.seek(sector * 512)
            file.write(part.read_bytes())
    return path


def test_volumes_come_in_the_order_of_the_media_with_gaps_and_tables(disk: Path) -> None:
    volumes = document(PlainImage(disk), hash_files=False)["volumes"]
    assert [(v["id"], v["parent"], v["kind"], v["file_system"] and v["file_system"]["type"]) for v in volumes] == [
        ("v0", None, "whole", None),
        ("v0.m0", "v0", "metadata", None),
        ("v0.u1", "v0", "unallocated", None),
        ("v0.m1", "v0", "metadata", None),
        ("v0.m1t", "v0", "metadata", None),
        ("v0.p1", "v0", "partition", "fat16"),
        ("v0.u2", "v0", "unallocated", None),
        ("v0.p3", "v0", "partition", "ext4"),
        ("v0.u3", "v0", "unallocated", None),
        ("v0.m2t", "v0", "metadata", None),
        ("v0.m2", "v0", "metadata", None),
    ]


def test_a_volume_comes_before_its_rules_and_rows_and_again_with_its_counts(disk: Path) -> None:
    order: list[str] = []
    for seen in examine(PlainImage(disk), hash_files=False):
        if isinstance(seen, Volume) and seen.id == "v0.p3":
            order.append("counts" if seen.file_system and seen.file_system.counts else "volume")
        elif isinstance(seen, TimeRule) and seen.volume_id == "v0.p3":
            order.append("rule")
        elif isinstance(seen, tuple) and seen[0][1] == "v0.p3":
            order.append("rows")
    assert order == ["volume", "rule", "rule", "rule", "rule", "rule", "rows", "counts"]


def test_ids_go_on_from_one_volume_to_the_next(disk: Path) -> None:
    ids = [row["id"] for row in document(PlainImage(disk), hash_files=False)["rows"]]
    assert ids == list(range(1, len(ids) + 1))


def test_two_examinations_give_the_same(disk: Path) -> None:
    first, second = (list(examine(PlainImage(disk), hash_files=True)) for _ in range(2))
    assert first == second


def test_progress_counts_entries_and_what_it_raises_ends_the_work(disk: Path) -> None:
    class Cancelled(Exception):  # noqa: N818 - it is no error
        pass

    seen: list[int] = []

    def cancel(done: int, total: int) -> None:
        seen.append(done)
        if done > 5:
            raise Cancelled

    with pytest.raises(Cancelled):
        list(examine(PlainImage(disk), hash_files=True, on_progress=cancel))
    assert seen[-1] > 5


def test_an_unknown_zone_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    with pytest.raises(UnknownZoneError):
        next(examine(PlainImage(blank(tmp_path / "x.raw", 1 << 20)), hash_files=False, zone="Mars/Base"))


def test_a_content_in_an_unreadable_region_has_no_digest_and_says_where(tmp_path: Path) -> None:
    path = fat(tmp_path / "fat.raw", source_tree(tmp_path / "tree"), 16)
    at = path.read_bytes().index(bytes(range(256)) * 4) + 8192
    rows = {row["path"]: row for row in document(HoledImage(path, range(at, at + 512)))["rows"]}
    large = rows["/docs/large.bin"]
    assert (large["md5"], large["sha256"]) == (None, None)
    assert str(at) in large["note"]
    assert "checksum of a chunk" in large["note"]
    assert rows["/hello.txt"]["md5"] is not None


def test_a_directory_in_an_unreadable_region_is_a_problem_with_its_offset(tmp_path: Path) -> None:
    path = fat(tmp_path / "fat.raw", source_tree(tmp_path / "tree"), 16)
    at = path.read_bytes().index(b".          \x10")
    found = document(HoledImage(path, range(at, at + 512)), hash_files=False)
    (problem,) = [problem for problem in found["warnings"] if "/docs cannot be read" in problem.what]
    assert problem.offset_bytes == at


@pytest.mark.parametrize(
    ("kind", "at", "magic"),
    [
        ("refs", 3, b"ReFS\0\0\0\0"),
        ("zfs", 0x20000, b"\x0c\xb1\xba\0\0\0\0\0"),
        ("swap", 4086, b"SWAPSPACE2"),
        ("linux_raid", 4096, b"\xfc\x4e\x2b\xa9"),
        ("linux_raid", (2 << 20) - 0x10000, b"\xfc\x4e\x2b\xa9"),
        ("f2fs", 1024, b"\x10\x20\xf5\xf2"),
        ("jfs", 32768, b"JFS1"),
        ("reiserfs", 65588, b"ReIsEr2Fs"),
        ("swap_suspend", 4086, b"LINHIB0001"),
        ("ddf_raid", (2 << 20) - 512, b"\xde\x11\xde\x11"),
        ("intel_raid", (2 << 20) - 1024, b"Intel Raid ISM Cfg Sig. "),
    ],
)
def test_a_file_system_without_a_reader_is_named_and_said(kind: str, at: int, magic: bytes, tmp_path: Path) -> None:
    path = blank(tmp_path / "x.raw", 2 << 20)
    with path.open("r+b") as file:
        file.seek(at)
        file.write(magic)
    found = document(PlainImage(path))
    assert found["volumes"][0]["file_system"]["type"] == kind
    assert found["volumes"][0]["file_system"]["counts"] is None
    assert f"{kind}: no reader for it" in words(found)


def test_names_without_a_reader_are_those_of_the_tools_that_made_the_volumes(tmp_path: Path) -> None:
    need("mke2fs", "mkfs.cramfs", "mkfs.ext4")
    tree = source_tree(tmp_path / "tree")
    run("mkfs.cramfs", tree, tmp_path / "cramfs")
    run("mke2fs", "-q", "-O", "journal_dev", blank(tmp_path / "jbd", 8 << 20))
    for kind in ("cramfs", "jbd"):
        found = document(PlainImage(tmp_path / kind))
        assert found["volumes"][0]["file_system"]["type"] == kind
        assert f"{kind}: no reader for it" in words(found)


@pytest.mark.parametrize("version", ["luks1", "luks2"])
def test_an_encrypted_volume_is_named_and_locked(version: str, tmp_path: Path) -> None:
    need("cryptsetup")
    path, key = blank(tmp_path / "x.raw", 32 << 20), tmp_path / "key"
    key.write_bytes(b"secret")
    run(
        "cryptsetup",
        "luksFormat",
        "-q",
        "--type",
        version,
        "--pbkdf-force-iterations",
        "1000" if version == "luks1" else "4",
        *(["--pbkdf", "argon2id", "--pbkdf-memory", "32", "--pbkdf-parallel", "1"] if version == "luks2" else []),
        "--key-file",
        key,
        path,
    )
    volumes = [seen for seen in examine(PlainImage(path), hash_files=False) if isinstance(seen, Volume)]
    assert [(volume.encryption, volume.locked) for volume in volumes] == [("luks", True)]


def test_bitlocker_is_told_from_the_fat_that_it_pretends_to_be(tmp_path: Path) -> None:
    path = blank(tmp_path / "x.raw", 1 << 20)
    with path.open("r+b") as file:
        file.write(b"\xebX\x90-FVE-FS-" + bytes(499) + b"\x55\xaa")
    found = document(PlainImage(path))
    assert found["volumes"][0]["encryption"] == "bitlocker"
    assert "BitLocker" in words(found)


def test_two_file_systems_that_claim_a_volume_are_both_listed(tmp_path: Path) -> None:
    tree = source_tree(tmp_path / "tree")
    path, other = ntfs(tmp_path / "ntfs.raw", tree), ext(tmp_path / "ext.raw", tree, "ext2")
    data = bytearray(other.read_bytes())
    data[:512] = path.read_bytes()[:512]
    path.write_bytes(data)
    found = document(PlainImage(path), hash_files=False)
    assert [(v["id"], v["file_system"]["type"]) for v in found["volumes"]] == [("v0", "ntfs"), ("v0.ext2", "ext2")]
    assert "/hello.txt" in {row["path"] for row in found["rows"] if row["volume_id"] == "v0.ext2"}
    assert "More than one file system claims this volume (ntfs, ext2)" in words(found)
    assert "ntfs is recognised but cannot be opened" in words(found)


def test_a_small_fat32_is_read_although_its_clusters_are_too_few(tmp_path: Path) -> None:
    need("mkfs.vfat")
    path = blank(tmp_path / "small.raw", 8 << 20)
    run("mkfs.vfat", "-F", "32", "-s", "8", "-n", "SMALL", path)
    found = document(PlainImage(path), hash_files=False)
    assert (found["volumes"][0]["file_system"]["type"], words(found)) == ("fat32", "")
    assert "/SMALL       (Volume Label Entry)" in {row["path"] for row in found["rows"]}


def test_a_file_system_that_is_cut_off_is_listed_and_said(tmp_path: Path) -> None:
    path = ext(tmp_path / "ext.raw", source_tree(tmp_path / "tree"))
    with path.open("r+b") as file:
        file.truncate(6 << 20)
    found = document(PlainImage(path))
    assert "/hello.txt" in {row["path"] for row in found["rows"]}
    assert "declares 8388608 bytes, but the media ends after 6291456" in words(found)


def test_a_directory_that_leads_back_into_its_parent_is_entered_once(tmp_path: Path) -> None:
    path = ext(tmp_path / "loop.raw", source_tree(tmp_path / "tree"))
    run("debugfs", "-w", "-R", "link /docs /docs/deep/up", path)
    found = document(PlainImage(path), hash_files=False)
    paths = [row["path"] for row in found["rows"]]
    assert "/docs/deep/up" in paths
    assert not [p for p in paths if p.startswith("/docs/deep/up/")]
    assert "/docs/deep/up leads back into one of its parents" in words(found)


def test_a_declared_size_far_beyond_the_volume_is_not_read(tmp_path: Path) -> None:
    path = ext(tmp_path / "huge.raw", source_tree(tmp_path / "tree"))
    run("debugfs", "-w", "-R", f"sif /hello.txt size {1 << 40}", path)
    rows = {row["path"]: row for row in document(PlainImage(path))["rows"]}
    assert rows["/hello.txt"]["size_bytes"] == 1 << 40
    assert rows["/hello.txt"]["md5"] is None
    assert "1099511627776 bytes are declared" in rows["/hello.txt"]["note"]


def test_noise_is_one_volume_without_a_file_system(tmp_path: Path) -> None:
    path = tmp_path / "noise.raw"
    path.write_bytes(bytes(range(1, 252)) * 9000)
    seen = list(examine(PlainImage(path), hash_files=True))
    assert [type(item) for item in seen] == [Volume]


def test_a_problem_says_where(tmp_path: Path) -> None:
    path = blank(tmp_path / "x.raw", 1 << 20)
    with path.open("r+b") as file:
        file.seek(446)
        file.write(struct.pack("<B3xB3xII", 0, 0x83, 63, 90_000))
        file.seek(510)
        file.write(b"\x55\xaa")
    (problem,) = [seen for seen in examine(PlainImage(path), hash_files=False) if isinstance(seen, Problem)]
    assert (problem.where, problem.offset_bytes) == ("DOS partition table", 63 * 512)


def test_an_image_that_breaks_off_ends_the_examination_with_its_error(tmp_path: Path) -> None:
    path = fat(tmp_path / "fat.raw", source_tree(tmp_path / "tree"), 16)
    with pytest.raises(ShortReadError):
        list(examine(ShrinkingImage(path), hash_files=True))
