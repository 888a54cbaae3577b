"""Free fragments and slack of UFS against blkls of The Sleuth Kit, and against headers of groups that are damaged."""

from __future__ import annotations

import os
import struct
from pathlib import Path

import pytest

from evidence.filesystems.ranges import JoinedRanges
from evidence.filesystems.ufs import UfsTree
from evidence.filesystems.ufs_disk import UfsDisk, read_superblock
from evidence.filesystems.ufs_free_space import free_ranges
from tests.evidence.documents import PlainImage, document
from tests.evidence.filesystems.test_free_space import blkls
from tests.evidence.filesystems.test_free_space import opened as reader_of
from tests.evidence.filesystems.test_ufs import made, opened
from tests.evidence.filesystems.trees import Held

DIRECT_BYTES = 12 * 8192


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("ufs")
    (folder / "inner").mkdir()
    (folder / "large.bin").write_bytes(os.urandom(700_001))
    for size in (0, 1, 1023, 1024, 1025, 8191, 8192, 8193, DIRECT_BYTES - 1, DIRECT_BYTES + 1):
        (folder / "inner" / f"of {size}").write_bytes(os.urandom(size))
    (folder / "long").symlink_to("x" * 300)
    (folder / "short").symlink_to("near")
    return folder


def visible(path: Path, tree: Path, version: int, order: str) -> Path:
    """An image in which blkls finds the superblock, with something in every fragment that held nothing."""
    made(path, tree, version, order, 8192)
    data = bytearray(path.read_bytes())
    if version == 2:
        superblock = data[8192:16384]
        struct.pack_into(f"{'<' if order == 'le' else '>'}q", superblock, 1000, 65536)
        data[65536 : 65536 + 8192] = superblock
        data[8192:16384] = bytes(8192)
    for at in range(1 << 20, len(data), 512):
        if not any(data[at : at + 512]):
            data[at : at + 8] = at.to_bytes(8, "little")
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(("version", "order"), [(1, "le"), (1, "be"), (2, "le"), (2, "be")])
def test_unallocated_space_is_that_of_blkls(tmp_path: Path, tree: Path, version: int, order: str) -> None:
    path = visible(tmp_path / "ufs.raw", tree, version, order)
    reader, volumes = reader_of(path)
    content = reader.unallocated(volumes)
    assert content.size_bytes > 8 << 20
    assert content.read(0, content.size_bytes) == blkls(path)


@pytest.mark.parametrize("version", [1, 2])
def test_slack_is_that_of_blkls_and_the_rest_of_whole_blocks(tmp_path: Path, tree: Path, version: int) -> None:
    path = visible(tmp_path / "ufs.raw", tree, version, "le")
    data = bytearray(path.read_bytes())
    reader, volumes = reader_of(path)
    listed = [row for row in document(PlainImage(path), hash_files=False)["rows"] if row["allocated"]]
    root = {"name": "", "size_bytes": 512}  # not listed, but blkls tells its slack
    rows = {2: root, **{int(row["address"]): row for row in listed}}
    found = {}
    for address in rows:
        for start, length in reader.slack(volumes, str(address)).ranges:
            data[start : start + length] = os.urandom(length)
    path.write_bytes(data)
    for address, row in sorted(rows.items()):
        slack = reader.slack(volumes, str(address))
        assert slack.size_bytes == held(row["size_bytes"], row["name"] == "short")
        if row["name"] == "short":
            found[address] = bytes(1024)  # blkls has zeros for a target that stands in the inode
        elif slack.size_bytes:
            part = -row["size_bytes"] % 1024
            found[address] = bytes(row["size_bytes"] % 1024) * bool(part) + slack.read(0, part)
    assert len(found) > 8
    assert b"".join(found.values()) == blkls(path, "-s")


def held(size: int, is_inside: bool) -> int:
    """The slack by the rule of FreeBSD: fragments up to the twelfth block, whole blocks behind it."""
    return 0 if is_inside else -size % (8192 if size > DIRECT_BYTES else 1024)


@pytest.fixture(scope="module")
def second(tmp_path_factory: pytest.TempPathFactory, tree: Path) -> bytes:
    return made(tmp_path_factory.mktemp("second") / "ufs.raw", tree, 2, "le").read_bytes()


def test_a_superblock_at_another_place_makes_no_difference(second: bytes, tmp_path: Path, tree: Path) -> None:
    free = opened(second).unallocated()
    assert isinstance(free, JoinedRanges)
    (free_blocks, _, free_fragments) = struct.unpack_from("<3q", second, 8192 + 1016)
    assert free.size_bytes == (free_blocks * 8 + free_fragments) * 512
    assert sum(length for _, length in free) == free.size_bytes


def test_slack_of_what_is_no_file_is_nothing_and_of_a_bad_address_an_error(second: bytes) -> None:
    found: UfsTree = opened(second)
    assert found.slack("2").size_bytes == 0
    with pytest.raises(OSError, match="no address"):
        found.slack("-2")
    with pytest.raises(OSError, match="there is no inode"):
        found.slack("99999999")


@pytest.mark.parametrize(
    ("at", "value", "words"),
    [
        (4, 0, "no header of the cylinder group 1 at byte"),
        (12, 3, "no header of the cylinder group 1 at byte"),
        (20, 7, "contradicts the superblock"),
        (96, -1, "contradicts the superblock"),
        (96, 4095, "contradicts the superblock"),
    ],
)
def test_a_header_that_makes_no_sense_is_an_error_in_words(second: bytes, at: int, value: int, words: str) -> None:
    data = bytearray(second)
    block = read_superblock(second[8192:16384])
    offset = (block.group_start(1) + block.map_at) * block.fragment_bytes
    struct.pack_into("<i", data, offset + at, value)
    with pytest.raises(OSError, match=words):
        list(free_ranges(UfsDisk(Held(data), block)))


def test_groups_that_are_not_as_large_as_the_volume_are_told(second: bytes) -> None:
    data = bytearray(second)
    (groups,) = struct.unpack_from("<i", data, 8192 + 44)
    struct.pack_into("<i", data, 8192 + 44, groups + 1)
    with pytest.raises(OSError, match="cylinder groups of"):
        opened(data).unallocated()


def test_a_volume_that_ends_early_is_an_error_in_words(second: bytes) -> None:
    with pytest.raises(OSError, match="the volume ends before byte"):
        opened(second[: len(second) // 2]).unallocated()
