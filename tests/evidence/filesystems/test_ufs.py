"""UFS made by FreeBSD's makefs, in both versions and byte orders, held against the files that went in."""

from __future__ import annotations

import hashlib
import os
import struct
from pathlib import Path
from typing import Any

import pytest

from evidence.filesystems.signatures import ufs, ufs_superblock
from evidence.filesystems.ufs import UfsTree, open_ufs
from evidence.filesystems.ufs_disk import UfsDisk, read_superblock
from tests.evidence.documents import PlainImage, document
from tests.evidence.filesystems.trees import Held, by_path, listed
from tests.evidence.made_images import need, run

S = 1_000_000_000
WRITTEN, FAR = 1_700_000_000, 4_102_444_801


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("ufs")
    (folder / "inner" / "deep").mkdir(parents=True)
    (folder / "small.txt").write_bytes(b"hello\n")
    (folder / "empty").write_bytes(b"")
    (folder / "large.bin").write_bytes(os.urandom(2_600_000))  # blocks of places of two levels, with blocks of 4 KiB
    with (folder / "holes").open("wb") as file:
        file.truncate(600_000)
        file.seek(300_000)
        file.write(b"between holes")
    (folder / "zażółć").write_bytes(b"name")
    (folder / "short").symlink_to("small.txt")
    (folder / "long").symlink_to("x" * 300)
    os.link(folder / "small.txt", folder / "inner" / "again")
    for number in range(60):
        (folder / "inner" / f"file {number} of many").write_bytes(b"%d" % number)
    for path in (*folder.rglob("*"),):
        if not path.is_symlink():
            os.utime(path, (WRITTEN, WRITTEN))
    os.utime(folder / "small.txt", (FAR, FAR))
    return folder


def made(path: Path, tree: Path, version: int, order: str, block: int = 4096) -> Path:
    need("makefs")
    options = f"version={version},bsize={block},fsize={block // 8}"
    run("makefs", "-t", "ffs", "-B", order, "-M", "16m", "-o", options, path, tree)
    return path


@pytest.mark.parametrize(
    ("version", "order", "block"), [(1, "le", 8192), (2, "le", 4096), (2, "be", 8192), (2, "le", 65536)]
)
def test_every_file_is_read_as_it_went_in(tmp_path: Path, tree: Path, version: int, order: str, block: int) -> None:
    path = made(tmp_path / "ufs.raw", tree, version, order, block)
    found = document(PlainImage(path))
    rows = {row["path"]: row for row in found["rows"]}
    (volume,) = found["volumes"]
    assert (volume["file_system"]["type"], volume["file_system"]["block_bytes"]) == (f"ufs{version}", block)
    assert not found["warnings"]
    for file in tree.rglob("*"):
        row = rows[f"/{file.relative_to(tree)}"]
        assert row["note"] is None
        if file.is_symlink():
            assert (row["kind"], row["link_target"]) == ("link", str(file.readlink()))
        elif file.is_file():
            assert (row["kind"], row["size_bytes"]) == ("file", file.stat().st_size)
            assert row["sha256"] == hashlib.sha256(file.read_bytes()).digest()
        else:
            assert row["kind"] == "directory"
    assert rows["/large.bin"]["modified_ns"] == WRITTEN * S
    assert rows["/small.txt"]["address"] == rows["/inner/again"]["address"]
    if version == 2:
        assert rows["/small.txt"]["modified_ns"] == FAR * S


@pytest.mark.parametrize("version", [1, 2])
def test_times_of_what_the_sleuth_kit_reads_are_as_fine_as_promised(tmp_path: Path, tree: Path, version: int) -> None:
    path = made(tmp_path / "ufs.raw", tree, version, "le", 8192)
    data = bytearray(path.read_bytes())
    inode = UfsDisk(Held(bytes(data)), read_superblock(bytes(data[8192:16384])))
    number = next(row["address"] for row in document(PlainImage(path))["rows"] if row["path"] == "/large.bin")
    at = inode.inode(int(number)).offset_bytes
    if version == 1:
        struct.pack_into("<iiiiii", data, at + 16, WRITTEN, 1, WRITTEN, 987_654_321, WRITTEN, 3)
    else:
        struct.pack_into("<4q4i", data, at + 32, *(WRITTEN,) * 3, WRITTEN - 5, 987_654_321, 1, 3, 4)
        superblock = data[8192:16384]
        struct.pack_into("<q", superblock, 1000, 65536)
        data[65536 : 65536 + 8192] = superblock
        data[8192:16384] = bytes(8192)
    path.write_bytes(data)
    found = document(PlainImage(path))
    row = next(row for row in found["rows"] if row["path"] == "/large.bin")
    times = [row[f"{field}_ns"] for field in ("modified", "accessed", "changed", "created")]
    created = (WRITTEN - 5) * S + 4 if version == 2 else None
    assert times == [WRITTEN * S + 987_654_321, WRITTEN * S + 1, WRITTEN * S + 3, created]
    rules = {field: rule.resolution_ns for (_, field), rule in found["rules"].items()}
    assert rules == dict.fromkeys(["modified", "accessed", "changed", "created"][: 2 + version], 1)


@pytest.fixture(scope="module")
def second(tmp_path_factory: pytest.TempPathFactory, tree: Path) -> bytes:
    return made(tmp_path_factory.mktemp("second") / "ufs.raw", tree, 2, "le").read_bytes()


def opened(data: bytes | bytearray) -> UfsTree:
    held = Held(data)
    found = ufs(held)
    assert found is not None
    tree = open_ufs(held, found)
    assert isinstance(tree, UfsTree)
    return tree


def test_contents_read_again_by_their_address(second: bytes) -> None:
    rows = by_path(opened(second))
    assert rows["/small.txt"]["modified_ns"] == FAR * S


def erased(data: bytes, name: bytes, *, is_freed: bool) -> bytearray:
    """Delete a name as FreeBSD does: the record before it grows over it; then the inode is cleared."""
    changed = bytearray(data)
    at = changed.index(bytes([len(name)]) + name + b"\0") - 7
    number, length = struct.unpack_from("<IH", changed, at)
    before = at - 4
    while struct.unpack_from("<H", changed, before + 4)[0] != at - before:
        before -= 4
    struct.pack_into("<H", changed, before + 4, at - before + length)
    if is_freed:
        disk = UfsDisk(Held(data), read_superblock(bytes(data[8192:16384])))
        inode = disk.inode(number)
        changed[inode.offset_bytes : inode.offset_bytes + 2] = b"\0\0"
    return changed


@pytest.mark.parametrize("is_freed", [True, False])
def test_a_deleted_name_is_found_behind_the_record_that_hides_it(second: bytes, *, is_freed: bool) -> None:
    rows, problems = listed(opened(erased(second, b"file 7 of many", is_freed=is_freed)))
    row = next(row for row in rows if row["name"] == "file 7 of many")
    assert (row["allocated"], row["realloc"], row["path"]) == (False, not is_freed, "/inner/file 7 of many")
    assert ("freed" if is_freed else "given to another file") in row["note"]
    assert sum(not row["allocated"] for row in rows) == 1
    assert not problems


def test_damage_is_told_and_the_rest_is_listed(second: bytes) -> None:
    data = bytearray(second)
    inode = UfsDisk(Held(data), read_superblock(second[8192:16384])).inode(row_number(opened(second), "/large.bin"))
    struct.pack_into("<q", data, inode.offset_bytes + 208, 1 << 40)  # the block of places is far outside
    at = data.index(b"file 3 of many\0") - 8
    struct.pack_into("<H", data, at + 4, 7)
    rows, problems = listed(opened(data))
    notes = {row["path"]: row["note"] for row in rows}
    assert "outside the volume" in str(notes["/large.bin"])
    assert notes["/small.txt"] is None
    (damaged,) = (problem for problem in problems if problem.what.startswith("The record at byte"))
    directory = UfsDisk(Held(data), read_superblock(second[8192:16384])).inode(row_number(opened(second), "/inner"))
    assert f"of the directory {directory.number} is damaged" in damaged.what
    assert damaged.offset_bytes == directory.offset_bytes


def row_number(tree: UfsTree, path: str) -> int:
    rows, _ = listed(tree, digested=False)
    return int(next(row["address"] for row in rows if row["path"] == path))


@pytest.mark.parametrize("offset", [16, 44, 48, 52, 184, 188, 1080])
def test_a_superblock_that_makes_no_sense_is_refused(second: bytes, offset: int) -> None:
    raw = bytearray(second[8192:16384])
    struct.pack_into("<i", raw, offset, -1)
    if offset == 1080:
        struct.pack_into("<q", raw, offset, -1)
    with pytest.raises(OSError, match="makes no sense"):
        read_superblock(bytes(raw))


def test_a_copy_of_the_superblock_is_not_taken_for_it(tmp_path: Path, tree: Path) -> None:
    path = made(tmp_path / "ufs.raw", tree, 2, "le", 65536)
    data: Any = Held(path.read_bytes())
    assert struct.unpack_from("<I", data.data, 65536 + 1372)[0] == 0x19540119
    assert ufs_superblock(data) == 8192
