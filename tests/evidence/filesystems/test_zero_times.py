"""The beginning of 1970 is a time: what was put to it says so, and is not shown as a time that was never set."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from tests.evidence.documents import PlainImage, document
from tests.evidence.filesystems import btrfs_images, test_ufs
from tests.evidence.made_images import ext, run, source_tree

FIELDS = ("modified_ns", "accessed_ns", "changed_ns", "created_ns")


def row_of(path: Path, name: str) -> dict[str, Any]:
    rows: list[dict[str, Any]] = document(PlainImage(path), hash_files=False)["rows"]
    return next(row for row in rows if row["path"].endswith(name))


def folder(tmp_path: Path) -> Path:
    tree = tmp_path / "tree"
    tree.mkdir()
    (tree / "old.txt").write_bytes(b"old")
    os.utime(tree / "old.txt", (0, 0))
    return tree


def test_times_of_ext_at_zero_are_those_of_debugfs_and_zero_is_no_deletion(tmp_path: Path) -> None:
    path = ext(tmp_path / "ext.raw", source_tree(tmp_path / "tree"))
    for field in ("mtime", "atime", "ctime", "crtime"):
        run("debugfs", "-w", "-R", f"sif /hello.txt {field} @0", path)
        run("debugfs", "-w", "-R", f"sif /hello.txt {field}_extra 0", path)
    assert run("debugfs", "-R", "stat /hello.txt", path).count("Thu Jan  1 00:00:00 1970") == 4
    row = row_of(path, "/hello.txt")
    assert [row[field] for field in FIELDS] == [0, 0, 0, 0]
    assert row["deleted_ns"] is None
    virtual = row_of(path, "/$OrphanFiles")
    assert [virtual[field] for field in FIELDS] == [None] * 4


def test_small_inodes_of_ext_have_no_time_of_creation(tmp_path: Path) -> None:
    tree = source_tree(tmp_path / "tree")
    path = ext(tmp_path / "ext.raw", tree, "ext2")
    (tmp_path / "small.raw").write_bytes(path.read_bytes())
    run("mkfs.ext2", "-q", "-F", "-I", "128", "-d", tree, tmp_path / "small.raw")
    run("debugfs", "-w", "-R", "sif /hello.txt mtime @0", tmp_path / "small.raw")
    row = row_of(tmp_path / "small.raw", "/hello.txt")
    assert (row["modified_ns"], row["created_ns"]) == (0, None)


@pytest.mark.parametrize("version", [1, 2])
def test_times_of_ufs_at_zero_are_times(tmp_path: Path, version: int) -> None:
    path = test_ufs.made(tmp_path / "ufs.raw", folder(tmp_path), version, "le")
    row = row_of(path, "/old.txt")
    assert (row["modified_ns"], row["accessed_ns"]) == (0, 0)


def test_times_of_btrfs_at_zero_are_times(tmp_path: Path) -> None:
    path = btrfs_images.made(tmp_path / "btrfs.raw", folder(tmp_path))
    assert row_of(path, "/old.txt")["modified_ns"] == 0
