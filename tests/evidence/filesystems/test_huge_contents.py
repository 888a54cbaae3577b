"""Contents that declare far more than was ever written are listed, typed, and not digested for ever."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from evidence.examine import examine
from evidence.filesystems.base import FILE_COLUMNS
from evidence.filesystems.batches import LARGE_RATIO, Batches
from evidence.filesystems.content import ALWAYS_BYTES, ContentReader
from evidence.filetype import TypeFinder
from evidence.images.opening import open_image
from evidence.shares import Share

GIB, TIB = 1 << 30, 1 << 40
NAME = FILE_COLUMNS.index("name")
NOTE, SHA256 = FILE_COLUMNS.index("note"), FILE_COLUMNS.index("sha256")


class Sparse:
    """A short text and a hole behind it; where the hole is long, nobody may come to its end."""

    def __init__(self, size_bytes: int) -> None:
        self.size_bytes = size_bytes

    def read(self, offset_bytes: int, size_bytes: int, /) -> bytes:
        if offset_bytes >= 8 << 20:
            raise OSError("read too far")
        whole = b"%PDF-1.4 a text" + bytes(size_bytes)
        return whole[offset_bytes : offset_bytes + size_bytes] if offset_bytes < 15 else bytes(size_bytes)


def reader(files_bytes: int) -> ContentReader:
    return ContentReader(TypeFinder(), lambda: None, files_bytes)


def test_a_file_of_which_the_image_can_hold_next_to_nothing_is_typed_and_not_digested() -> None:
    found = reader(4096).examine(Sparse(16 * TIB), "a.pdf")
    assert (found.md5, found.sha256, found.mime) == (None, None, "application/pdf")
    assert found.note == (
        "not digested: 17592186044416 bytes are declared, and the files of the image have 4096 bytes: nearly all of it "
        "was never written"
    )


@pytest.mark.parametrize(("size_bytes", "files_bytes"), [(ALWAYS_BYTES, 4096), (16 * TIB, 16 << 30)])
def test_what_may_be_there_is_read(size_bytes: int, files_bytes: int) -> None:
    assert "read too far" in (reader(files_bytes).examine(Sparse(size_bytes), "").note or "")


def rows(sizes: list[int], share: Share, system: int = 2 * GIB) -> list[tuple[Any, ...]]:
    contents = ContentReader(TypeFinder(), lambda: None, system)
    batches = Batches(system, contents, lambda count: None, share)
    empty: tuple[Any, ...] = (None,) * len(FILE_COLUMNS)
    for order, size in enumerate(sizes):
        batches.rows.append(empty)
        batches.read_for_last_row(Sparse(size), partial(int, -order), "")
    batches.read()
    return [row for batch in batches.hand_over() if isinstance(batch, tuple) for row in batch]


def test_large_files_of_one_file_system_are_digested_up_to_a_multiple_of_its_size_in_the_order_of_the_walk() -> None:
    sizes = [2 * GIB] * (LARGE_RATIO + 2) + [1000]
    notes = [row[NOTE] for row in rows(sizes, Share())]
    assert all("read too far" in note for note in notes[:LARGE_RATIO])
    assert all(
        "the large files of this file system declare more than 34359738368 bytes" in n for n in notes[LARGE_RATIO:-1]
    )
    assert rows(sizes, Share())[-1][SHA256] is not None


def test_which_are_left_out_does_not_depend_on_who_reads() -> None:
    sizes = [2 * GIB] * (LARGE_RATIO + 2)
    first, second = rows(sizes, Share(0, 2)), rows(sizes, Share(1, 2))
    assert (first or second) == rows(sizes, Share())


def test_a_sparse_file_larger_than_its_file_system_is_digested_until_a_gib_is_declared() -> None:
    mib = 1 << 20
    first, second, third = rows([3 * mib, GIB - 3 * mib, 3 * mib], Share(), 2 * mib)
    assert first[SHA256] == hashlib.sha256(b"%PDF-1.4 a text" + bytes(mib - 15) + bytes(2 * mib)).digest()
    assert "read too far" in second[NOTE]
    assert third[SHA256] is None
    assert third[NOTE] == (
        "not digested: 3145728 bytes are declared, and the large files of this file system declare more than "
        "1073741824 bytes together, the limit for it"
    )


@pytest.mark.skipif(shutil.which("mkfs.ext4") is None, reason="mkfs.ext4 makes the image")
def test_a_sparse_file_in_an_ext4_that_is_smaller_has_the_digest_of_what_it_reads_as(tmp_path: Path) -> None:
    folder, image = tmp_path / "in", tmp_path / "ext4.raw"
    folder.mkdir()
    (folder / "sparse").write_bytes(b"begin")
    os.truncate(folder / "sparse", 40 << 20)
    with image.open("wb") as file:
        file.truncate(8 << 20)
    subprocess.run(["mkfs.ext4", "-q", "-d", folder, image], check=True)
    expected = hashlib.sha256((folder / "sparse").read_bytes()).digest()
    with closing(open_image([image])) as opened:
        found = [row for batch in examine(opened, hash_files=True) if isinstance(batch, tuple) for row in batch]
    assert [(row[SHA256], row[NOTE]) for row in found if row[NAME] == "sparse"] == [(expected, None)]
