"""Contents that declare far more than was ever written are listed, typed, and not digested for ever."""

from __future__ import annotations

from typing import Any

import pytest

from evidence.filesystems.base import FILE_COLUMNS
from evidence.filesystems.batches import LARGE_RATIO, Batches
from evidence.filesystems.content import ALWAYS_BYTES, ContentReader
from evidence.filetype import TypeFinder
from evidence.shares import Share

GIB, TIB = 1 << 30, 1 << 40
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
    return ContentReader(16 * TIB, TypeFinder(), lambda: None, files_bytes)


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


def rows(sizes: list[int], share: Share) -> list[tuple[Any, ...]]:
    system = 2 * GIB
    contents = ContentReader(system, TypeFinder(), lambda: None, system)
    batches = Batches(system, contents, lambda count: None, share)
    empty: tuple[Any, ...] = (None,) * len(FILE_COLUMNS)
    for order, size in enumerate(sizes):
        batches.rows.append(empty)  # type: ignore[arg-type]
        batches.read_for_last_row(Sparse(size), -order, "")
    batches.read()
    return [row for batch in batches.hand_over() if isinstance(batch, tuple) for row in batch]


def test_large_files_of_one_file_system_are_digested_up_to_a_multiple_of_its_size_in_the_order_of_the_walk() -> None:
    sizes = [2 * GIB] * (LARGE_RATIO + 2) + [1000]
    notes = [row[NOTE] for row in rows(sizes, Share())]
    assert all("read too far" in note for note in notes[:LARGE_RATIO])
    assert all("the large files of this file system declare more than 16 times" in n for n in notes[LARGE_RATIO:-1])
    assert rows(sizes, Share())[-1][SHA256] is not None


def test_which_are_left_out_does_not_depend_on_who_reads() -> None:
    sizes = [2 * GIB] * (LARGE_RATIO + 2)
    first, second = rows(sizes, Share(0, 2)), rows(sizes, Share(1, 2))
    assert (first or second) == rows(sizes, Share())
