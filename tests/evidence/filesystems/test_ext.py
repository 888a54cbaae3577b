"""Layouts of ext4 that are easily read wrongly: scattered descriptors, and clusters of small blocks."""

from __future__ import annotations

import hashlib
import struct
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from evidence.filesystems.ext_descriptors import with_descriptors_together
from evidence.filesystems.ext_groups import Groups
from evidence.filesystems.ext_index import index_of
from tests.evidence.documents import PlainImage, document
from tests.evidence.filesystems.trees import Held
from tests.evidence.made_images import ENVIRONMENT, blank, need, run, source_tree

S = 1_000_000_000
FAR = datetime(2242, 3, 15, 12, 30, 15, tzinfo=UTC)
SCATTERED = ("-b", "1024", "-g", "512", "-O", "meta_bg,^resize_inode,64bit")


def made(folder: Path, *options: str, size_bytes: int = 24 << 20) -> Path:
    """A volume of mkfs.ext4 with known files, one of them dated into the third epoch of 32-bit seconds, one deleted."""
    need("mkfs.ext4", "debugfs")
    path = blank(folder / "ext4.raw", size_bytes)
    run("mkfs.ext4", "-q", "-I", "256", *options, "-d", source_tree(folder / "tree"), path)
    for request in (f"sif /hello.txt mtime @{int(FAR.timestamp())}", "rm /docs/gone.txt"):
        run("debugfs", "-w", "-R", request, path)
    return path


def live(path: Path) -> dict[str, dict[str, Any]]:
    return {row["path"]: row for row in document(PlainImage(path))["rows"] if row["allocated"]}


@pytest.mark.parametrize(
    "options",
    [
        SCATTERED,
        (*SCATTERED[:-1], "meta_bg,^resize_inode,^flex_bg,^64bit"),
        ("-b", "1024", "-C", "8192", "-O", "bigalloc"),
        ("-b", "1024", "-C", "8192", "-O", "bigalloc,meta_bg,^resize_inode"),
    ],
    ids=["scattered", "scattered without flexible groups", "clusters", "scattered clusters"],
)
def test_files_and_times_are_found_whatever_the_layout(tmp_path: Path, options: tuple[str, ...]) -> None:
    path = made(tmp_path, *options)
    rows = live(path)
    for file in (tmp_path / "tree").rglob("*"):
        row_path = f"/{file.relative_to(tmp_path / 'tree')}"
        if row_path == "/docs/gone.txt":
            continue
        row = rows[row_path]
        number = run("debugfs", "-R", f'stat "{row_path}"', path).split()[1]
        assert (row["address"], row["note"]) == (number, None)
        if file.is_file():
            assert row["sha256"] == hashlib.sha256(file.read_bytes()).digest()
    assert rows["/hello.txt"]["modified_ns"] // S == int(FAR.timestamp())
    assert rows["/hello.txt"]["created_ns"] > 0
    assert rows["/docs"]["kind"] == "directory"


def test_a_deleted_inode_of_scattered_groups_keeps_the_time_of_its_deletion(tmp_path: Path) -> None:
    path = made(tmp_path, *SCATTERED)
    deleted = [row["deleted_ns"] for row in document(PlainImage(path))["rows"] if row["deleted_ns"]]
    assert deleted == [row for row in deleted if row > 1_700_000_000 * S]
    assert deleted


def test_the_size_of_a_volume_does_not_count_what_is_shown_behind_its_end(tmp_path: Path) -> None:
    path = made(tmp_path, *SCATTERED)
    shown = with_descriptors_together(PlainImage(path), PlainImage(path))
    assert shown.media_bytes > path.stat().st_size
    assert not document(PlainImage(path), hash_files=False)["warnings"]
    assert shown.read_at(path.stat().st_size - 3, 10)[3:] == shown.read_at(path.stat().st_size, 7)


def test_scattered_descriptors_that_would_hide_a_file_are_refused(tmp_path: Path) -> None:
    path = made(tmp_path, "-b", "1024", "-g", "256", "-O", "meta_bg,^resize_inode,^flex_bg,64bit")
    data = bytearray(path.read_bytes())
    struct.pack_into("<I", data, 1024 + 40, 8)  # inode tables of two blocks, so that others in use lie behind them
    with pytest.raises(OSError, match="would hide block 7"):
        with_descriptors_together(Held(data), Held(data))


def test_a_hash_index_is_taken_for_no_erased_names(tmp_path: Path) -> None:
    need("mkfs.ext4", "e2fsck", "debugfs", "fls")
    path, seed = blank(tmp_path / "ext4.raw", 24 << 20), "00000003-0000-0000-0000-000000000001"
    for number in range(12):
        folder = tmp_path / "tree" / f"dir{number}"
        folder.mkdir(parents=True)
        for one in range(250):
            (folder / f"file{number}_{one:05d}.txt").touch()
    options = ("-q", "-b", "4096", "-O", "^has_journal", "-U", seed, "-E", f"hash_seed={seed}", "-N", "4000")
    run("mkfs.ext4", *options, "-d", tmp_path / "tree", path)
    subprocess.run(["e2fsck", "-fyD", path], capture_output=True, env=ENVIRONMENT, check=False)  # 1: it made indices
    run("debugfs", "-w", "-R", "rm /dir6/file6_00077.txt", path)
    erased = [row["path"] for row in document(PlainImage(path))["rows"] if not row["allocated"]]
    assert erased == ["/dir6/file6_00077.txt"]
    assert len(run("fls", "-r", "-d", path).splitlines()) > 1, "nothing in this index looks like a name"


def indexed(*, levels: int = 0) -> tuple[bytes, bytes]:
    """Block 0 and block 7 of a directory with an index, each of 64 bytes."""

    def name(number: int, text: bytes, length: int = 12) -> bytes:
        return struct.pack("<IHBB", number, length, len(text), 1) + text.ljust(4, b"\0")

    head = name(2, b".") + name(2, b"..", 52) + struct.pack("<IBBBB", 0, 1, 8, levels, 0)
    root = (head + struct.pack("<HHI", 4, 2, 7) + name(5, b"in")[:8] + name(6, b"out")).ljust(64, b"\0")
    node = (struct.pack("<IHH", 0, 64, 0) + struct.pack("<HHI", 7, 3, 8) + name(7, b"deep") + bytes(4)).ljust(64, b"\0")
    return root, node


@pytest.mark.parametrize("levels", [0, 1])
def test_names_behind_the_last_entry_of_an_index_stay(levels: int) -> None:
    root, node = indexed(levels=levels)
    found = index_of(lambda number: {0: root, 7: node}.get(number, b""))
    assert [(one.start, one.end) for one in found] == [(24, 48), (0, 32)][: 1 + levels]
    assert found[0].holds(5, b"\x06")
    assert not any(stretch.holds(6, b"out") for stretch in found)


@pytest.mark.parametrize(("at", "value"), [(16, 12), (24, 1), (29, 0), (29, 16), (30, 4), (32, 9), (34, 0), (34, 5)])
def test_a_block_that_is_not_formed_as_an_index_hides_no_name(at: int, value: int) -> None:
    root = bytearray(indexed()[0])
    root[at] = value
    assert index_of(lambda number: bytes(root)) == []


def test_a_leaf_is_not_taken_for_a_node_of_the_index() -> None:
    root, node = indexed(levels=1)
    leaf = struct.pack("<IHBB", 9, 64, 10, 1) + b"secret.jpg".ljust(56, b"\0")
    for block in (leaf, node[:6] + b"\x01" + node[7:], node[:10] + b"\x09\x00" + node[12:], node[:40]):
        assert len(index_of(lambda number, block=block: {0: root, 7: block}.get(number, b""))) == 1  # type: ignore[misc]


@pytest.mark.parametrize("options", [(), SCATTERED, ("-b", "1024", "-C", "8192", "-O", "bigalloc")])
def test_files_without_a_name_are_looked_for_where_an_inode_was_ever_given_back(
    tmp_path: Path, options: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    need("mkfs.ext4", "debugfs")
    path = blank(tmp_path / "ext4.raw", 24 << 20)
    run("mkfs.ext4", "-q", *options, "-d", source_tree(tmp_path / "tree"), path)
    assert not Groups(PlainImage(path)).has_deleted_files()
    found = document(PlainImage(path))
    with monkeypatch.context() as patched:
        patched.setattr(Groups, "has_deleted_files", lambda self: True)
        assert document(PlainImage(path)) == found
    number = run("debugfs", "-R", "stat /docs/gone.txt", path).split()[1]
    for request in ("unlink /docs/gone.txt", f"freei <{number}>"):
        run("debugfs", "-w", "-R", request, path)
    assert Groups(PlainImage(path)).has_deleted_files()
    assert number in {row["address"] for row in document(PlainImage(path))["rows"] if not row["allocated"]}
