"""XFS against mkfs.xfs and xfs_db, and against damage."""

from __future__ import annotations

import hashlib
import re
import struct
from pathlib import Path
from typing import Any

import pytest

from evidence.filesystems.content import UNREADABLE
from evidence.filesystems.formats import recognise
from evidence.filesystems.opened import OpenedFileSystem
from tests.evidence.documents import PlainImage, document
from tests.evidence.filesystems.xfs_images import (
    BIG,
    FOLDERS,
    LONG_NAME,
    LONG_TARGET,
    SMALL,
    asked,
    change,
    inode_at,
    made,
    read,
    seal,
)

VARIANTS = {
    "version 5": (),
    "version 5, small blocks, large counts": ("-b", "size=1024", "-n", "size=4096", "-i", "nrext64=1"),
    "version 5, old times, whole chunks": ("-m", "bigtime=0,reflink=0", "-i", "sparse=0,size=1024"),
    "version 4": ("-m", "crc=0,finobt=0", "-n", "ftype=0"),
    "version 4, types in directories": ("-m", "crc=0,finobt=0", "-n", "ftype=1", "-i", "size=256"),
}


def rows_of(path: Path, *, hash_files: bool = True) -> tuple[dict[str, dict[str, Any]], list[str]]:
    found = document(PlainImage(path), hash_files=hash_files)
    return {row["path"]: row for row in found["rows"]}, [problem.what for problem in found["warnings"]]


def opened(path: Path) -> OpenedFileSystem:
    image = PlainImage(path)
    ((found, format_),) = recognise(image)
    return format_.opened(image, found)


@pytest.mark.parametrize("options", VARIANTS.values(), ids=VARIANTS.keys())
def test_every_form_of_directory_and_file_is_listed_with_its_content(options: tuple[str, ...], tmp_path: Path) -> None:
    path = made(tmp_path, *options)
    rows, problems = rows_of(path)
    small = hashlib.sha256(SMALL).digest()
    for folder, count in FOLDERS.items():
        names = [f"/{folder}/{folder}-file-{index:05d}" for index in range(count)]
        assert sorted(name for name in rows if name.startswith(f"/{folder}/")) == names
        assert {rows[name]["sha256"] for name in names} == {small}
    assert rows["/big"]["sha256"] == hashlib.sha256(BIG).digest()
    assert rows[f"/{LONG_NAME}"]["sha256"] == small
    kinds = {name: rows[f"/{name}"]["kind"] for name in ("pipe", "chr", "blk", "near", "short")}
    assert kinds == {"pipe": "fifo", "chr": "character", "blk": "block", "near": "link", "short": "directory"}
    assert rows["/near"]["link_target"] == "small"
    assert not [problem for problem in problems if "checksum" in problem]


@pytest.mark.parametrize("options", VARIANTS.values(), ids=VARIANTS.keys())
def test_numbers_and_times_are_those_that_xfs_db_prints(options: tuple[str, ...], tmp_path: Path) -> None:
    path = made(tmp_path, *options)
    rows, _ = rows_of(path, hash_files=False)
    printed = asked(path, f"inode {rows['/big']['address']}", "p core.size core.mtime.nsec core.mtime.sec")
    assert f"core.size = {len(BIG)}" in printed
    nanoseconds = re.search(r"core\.mtime\.nsec = (\d+)", printed)
    assert nanoseconds is not None
    assert rows["/big"]["modified_ns"] % 1_000_000_000 == int(nanoseconds[1])
    assert abs(rows["/big"]["modified_ns"] / 1e9 - path.stat().st_mtime) < 600
    listed = asked(path, "path /leaf", "ls")
    numbers = {line.split()[5]: line.split()[1] for line in listed.splitlines() if "leaf-file" in line}
    assert len(numbers) == FOLDERS["leaf"]
    assert numbers == {row["name"]: row["address"] for name, row in rows.items() if name.startswith("/leaf/")}


def test_a_remote_target_of_version_4_is_read_whole(tmp_path: Path) -> None:
    rows, _ = rows_of(made(tmp_path, "-m", "crc=0,finobt=0"))
    assert rows["/far"]["link_target"] == LONG_TARGET


def test_a_remote_target_of_version_5_is_read_behind_its_header(image: Path) -> None:
    number = int(rows_of(image, hash_files=False)[0]["/far"]["address"])
    block = re.search(r"startblock (\d+) ", asked(image, f"inode {number}", "bmap"))
    assert block is not None
    place = int(block[1]) * 4096
    header = struct.pack(">4sIII16sQQQ", b"XSLM", 0, len(LONG_TARGET), 0, bytes(16), number, place // 512, 0)
    change(image, place, seal(bytearray((header + LONG_TARGET.encode()).ljust(4096, b"\0")), 12))
    rows, _ = rows_of(image, hash_files=False)
    assert rows["/far"]["link_target"] == LONG_TARGET
    change(image, place + 100, b"X")
    assert "checksum" in rows_of(image, hash_files=False)[0]["/far"]["note"]


def rewrite_as_tree(image: Path, *, unwritten: int | None = None) -> tuple[int, int]:
    """Let ``/big`` say by a tree of single blocks where it lies; its number, and where the block of the tree lies."""
    number = int(rows_of(image, hash_files=False)[0]["/big"]["address"])
    at = inode_at(image, number)
    raw = read(image, at, 512)
    start = (int.from_bytes(raw[176:184], "big") & 0x1FF) << 43 | int.from_bytes(raw[184:192], "big") >> 21
    count = -(-len(BIG) // 4096)
    leaf = 8_000  # at the end of the first group of 8192 blocks, behind everything
    head = struct.pack(
        ">4sHHQQQQ16sQII", b"BMA3", 0, count, 2**64 - 1, 2**64 - 1, leaf * 8, 0, bytes(raw[160:176]), number, 0, 0
    )
    records = bytearray()
    for index in range(count):
        high = (1 << 63 if index == unwritten else 0) | index << 9 | (start + index) >> 43
        records += struct.pack(">QQ", high, ((start + index) << 21 | 1) & (1 << 64) - 1)
    change(image, leaf * 4096, seal(bytearray((head + records).ljust(4096, b"\0")), 64))
    raw[5] = 3
    struct.pack_into(">I", raw, 76, count)
    end = 176 + raw[82] * 8 if raw[82] else 512
    most = (end - 176 - 4) // 16
    raw[176:end] = bytes(end - 176)
    struct.pack_into(">HHQ", raw, 176, 1, 1, 0)
    struct.pack_into(">Q", raw, 176 + 4 + most * 8, leaf)
    change(image, at, seal(raw, 100))
    return number, leaf * 4096


def test_a_tree_of_extents_gives_the_same_content_as_a_list(image: Path) -> None:
    number, _ = rewrite_as_tree(image)
    assert asked(image, f"inode {number}", "bmap").count("count 1 flag 0") == -(-len(BIG) // 4096)
    rows, _ = rows_of(image)
    assert rows["/big"]["sha256"] == hashlib.sha256(BIG).digest()


def test_extents_that_were_never_written_read_as_zeros(image: Path) -> None:
    number, _ = rewrite_as_tree(image, unwritten=3)
    assert "count 1 flag 1" in asked(image, f"inode {number}", "bmap")
    whole = BIG[: 3 * 4096] + bytes(4096) + BIG[4 * 4096 :]
    assert opened(image).content(str(number)).read(0, len(BIG)) == whole


def test_a_damaged_tree_of_extents_is_refused_with_its_place(image: Path) -> None:
    number, place = rewrite_as_tree(image)
    change(image, place + 80, b"\xff")
    with pytest.raises(OSError, match=f"checksum .* at byte {place}"):
        opened(image).content(str(number)).read(0, 10)
    assert "checksum" in rows_of(image)[0]["/big"]["note"]


def test_a_tree_of_extents_that_leads_in_a_circle_ends(image: Path) -> None:
    number, place = rewrite_as_tree(image)
    raw = read(image, place, 4096)
    struct.pack_into(">HH", raw, 4, 1, 1)
    struct.pack_into(">Q", raw, 72 + (4096 - 72) // 16 * 8, place // 4096)
    change(image, place, seal(raw, 64))
    at = inode_at(image, number)
    inode = read(image, at, 512)
    struct.pack_into(">H", inode, 176, 2)
    change(image, at, seal(inode, 100))
    with pytest.raises(OSError, match=r"circle|damaged"):
        opened(image).content(str(number)).read(0, 10)


def test_a_hole_and_a_tail_without_extents_read_as_zeros(image: Path) -> None:
    number = int(rows_of(image, hash_files=False)[0]["/big"]["address"])
    at = inode_at(image, number)
    raw = read(image, at, 512)
    struct.pack_into(">Q", raw, 56, 1 << 20)
    high = int.from_bytes(raw[176:184], "big")
    struct.pack_into(">Q", raw, 176, high + (10 << 9))
    change(image, at, seal(raw, 100))
    assert "data offset 10" in asked(image, f"inode {number}", "bmap")
    content = opened(image).content(str(number)).read(0, 1 << 20)
    allocated = -(-len(BIG) // 4096) * 4096
    assert content[:40960] == bytes(40960)
    assert content[40960 : 40960 + len(BIG)] == BIG
    assert content[40960 + allocated :] == bytes((1 << 20) - 40960 - allocated)


def test_content_on_the_realtime_device_is_refused_by_name(image: Path) -> None:
    number = int(rows_of(image, hash_files=False)[0]["/big"]["address"])
    at = inode_at(image, number)
    raw = read(image, at, 512)
    raw[91] |= 1
    change(image, at, seal(raw, 100))
    assert "realtime device" in rows_of(image)[0]["/big"]["note"]


def erase(image: Path, folder: str, name: str, *, links: int, mode: int | None) -> int:
    """Take a name out of a directory of one block, as the driver leaves it; the number of its inode."""
    rows, _ = rows_of(image, hash_files=False)
    number = int(rows[f"/{folder}/{name}"]["address"])
    block = re.search(r"startblock (\d+) ", asked(image, f"inode {rows[f'/{folder}']['address']}", "bmap"))
    assert block is not None
    place = int(block[1])
    place = ((place >> 13) * 8192 + (place & 8191)) * 4096
    raw = read(image, place, 4096)
    start = bytes(raw).index(name.encode()) - 9
    size = (9 + len(name) + 1 + 2 + 7) & ~7
    raw[start : start + 4] = b"\xff\xff" + size.to_bytes(2, "big")
    change(image, place, seal(raw, 4))
    at = inode_at(image, number)
    inode = read(image, at, 512)
    struct.pack_into(">I", inode, 16, links)
    if mode is not None:
        struct.pack_into(">H", inode, 2, mode)
    change(image, at, seal(inode, 100))
    return number


def test_an_erased_name_is_found_again_with_the_times_of_its_freed_inode(image: Path) -> None:
    number = erase(image, "block", "block-file-00007", links=0, mode=0)
    row = rows_of(image)[0]["/block/block-file-00007"]
    assert (row["allocated"], row["realloc"], row["address"], row["size_bytes"]) == (False, False, str(number), 0)
    assert row["changed_ns"] is not None
    assert row["sha256"] is None
    assert "freed" in row["note"]


def test_an_erased_name_whose_inode_has_another_name_is_reallocated(image: Path) -> None:
    erase(image, "block", "block-file-00007", links=1, mode=None)
    row = rows_of(image)[0]["/block/block-file-00007"]
    assert (row["allocated"], row["realloc"], row["sha256"]) == (False, True, None)


def test_a_file_deleted_while_open_keeps_its_content(image: Path) -> None:
    erase(image, "block", "block-file-00007", links=0, mode=None)
    row = rows_of(image)[0]["/block/block-file-00007"]
    assert (row["allocated"], row["sha256"]) == (False, hashlib.sha256(SMALL).digest())


def test_a_file_in_the_list_of_deleted_open_files_is_an_orphan(image: Path) -> None:
    number = int(rows_of(image, hash_files=False)[0]["/small"]["address"])
    raw = read(image, 1024, 512)
    struct.pack_into(">I", raw, 40 + number % 64 * 4, number)
    change(image, 1024, seal(raw, 312))
    row = rows_of(image)[0][f"/$OrphanFiles/OrphanFile-{number}"]
    assert (row["allocated"], row["orphan"], row["sha256"]) == (False, True, hashlib.sha256(SMALL).digest())


def test_wrong_checksums_are_problems_with_their_place(image: Path) -> None:
    number = int(rows_of(image, hash_files=False)[0]["/small"]["address"])
    at = inode_at(image, number)
    change(image, at + 35, b"\x11")
    change(image, 200, b"\x7f")
    found = document(PlainImage(image))
    told = {problem.offset_bytes: problem.what for problem in found["warnings"] if problem.is_damage}
    assert "inode" in told[at]
    assert "superblock" in told[224]
    assert "checksum" in next(row for row in found["rows"] if row["path"] == "/small")["note"]


def test_a_clean_log_is_silent_and_a_log_without_the_last_record_is_said(image: Path) -> None:
    assert not [problem for problem in rows_of(image, hash_files=False)[1] if "log" in problem]
    first = re.search(r"logstart = (\d+)", asked(image, "sb 0", "p logstart"))
    assert first is not None
    block = int(first[1])
    place = ((block >> 13) * 8192 + (block & 8191)) * 4096
    raw = read(image, place, 1024)
    raw[512 + 9] &= ~0x20 & 0xFF
    change(image, place, bytes(raw))
    found = [problem for problem in document(PlainImage(image))["warnings"] if "log" in problem.what]
    assert len(found) == 1
    assert not found[0].is_damage


def test_a_directory_with_an_impossible_block_says_so_and_lists_the_rest(image: Path) -> None:
    rows, _ = rows_of(image, hash_files=False)
    blocks = re.findall(r"data offset 0 startblock (\d+) ", asked(image, f"inode {rows['/node']['address']}", "bmap"))
    place = ((int(blocks[0]) >> 13) * 8192 + (int(blocks[0]) & 8191)) * 4096
    change(image, place, bytes(64))
    rows, problems = rows_of(image, hash_files=False)
    assert any("no block of names" in problem for problem in problems)
    assert 0 < len([name for name in rows if name.startswith("/node/")]) < FOLDERS["node"]


@pytest.mark.parametrize("size", [600, 70_000, 5 << 20, 30 << 20])
def test_a_truncated_image_is_listed_as_far_as_it_goes(image: Path, size: int) -> None:
    with image.open("r+b") as file:
        file.truncate(size)
    _, problems = rows_of(image)
    assert problems


def test_an_address_that_is_no_file_is_refused_in_words(image: Path) -> None:
    tree = opened(image)
    for address in ("", "x", "-1", "99999999999999999999", "18446744073709551615", "128", "5"):
        with pytest.raises(UNREADABLE):
            tree.content(address)
