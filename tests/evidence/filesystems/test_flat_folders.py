"""One folder with more names than a batch has rows is handed over while it is read, not when it has been read."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from evidence.examine import examine
from evidence.filesystems.base import FILE_COLUMNS, FileRow, FileSystem, TimeRule
from evidence.filesystems.batches import BATCH_ROWS
from evidence.filesystems.content import ContentReader, ContentSource
from evidence.filesystems.formats import recognise
from evidence.filesystems.listing import Node, Tree
from evidence.filesystems.signatures import Found
from evidence.filesystems.sleuthkit import open_by_signature
from evidence.filetype import TypeFinder
from evidence.images import open_image
from evidence.images.base import Problem
from evidence.shares import Share
from evidence.volumes.base import Window
from tests.evidence.made_images import blank, need, run

FILES = 2 * BATCH_ROWS + 500
STRANGE = (
    b"$MFT", b"$of (mine)", b"set (Volume Label Entry)", b"up^here.TXT", b"caf\xe9.txt", b".hidden", b"no extension",
    b"tail.", b"two.dots.GZ",
)  # fmt: skip
BEFORE_CONTENT = FILE_COLUMNS.index("md5")


class FlatTree(Tree):
    """A file system of one folder; counts how many names it was asked for."""

    def __init__(self) -> None:
        self.facts = FileSystem(type="flat", block_bytes=None, label=None, serial=None)
        self.size_bytes = self.declared_bytes = 1
        self.root_address = "root"
        self.asked = 0

    def children(self, address: str) -> Iterator[Node | Problem]:
        for self.asked in range(1, FILES + 1):
            yield Node(name=f"f{self.asked}", kind="file", address=str(self.asked))

    def extra(self) -> Iterator[Node | Problem]:
        return (Node(name=f"o{n}", kind="file", address=f"o{n}", allocated=False) for n in range(FILES))

    def content(self, address: str) -> ContentSource:
        raise OSError("there is none")

    def time_rules(self, volume_id: str) -> Sequence[TimeRule]:
        return ()


@pytest.fixture(scope="module")
def flat_image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    need("mkfs.ext4")
    folder = tmp_path_factory.mktemp("flat")
    many = folder / "tree" / "many"
    many.mkdir(parents=True)
    for number in range(FILES):
        (many / f"file{number}.Txt").touch()
    for name in STRANGE:
        Path(os.fsdecode(os.fsencode(many) + b"/" + name)).write_bytes(b"x")
    image = blank(folder / "flat.raw", 16 << 20)
    run("mkfs.ext4", "-q", "-N", "8000", "-d", folder / "tree", image)
    return image


def batches_of(run: Iterator[tuple[FileRow, ...] | Problem]) -> Iterator[tuple[FileRow, ...]]:
    return (item for item in run if isinstance(item, tuple))


def test_a_tree_hands_over_a_batch_before_it_asks_for_the_rest_of_a_folder() -> None:
    tree, ids = FlatTree(), itertools.count(1)
    batches = batches_of(tree.lister("v0", ids.__next__, None, lambda count: None, Share()).run())
    assert len(next(batches)) == BATCH_ROWS
    assert tree.asked == BATCH_ROWS
    rest = list(batches)
    assert max(map(len, rest)) <= BATCH_ROWS
    assert BATCH_ROWS + sum(map(len, rest)) == 2 * FILES


@pytest.mark.parametrize("is_read", [False, True])
def test_a_folder_of_the_sleuth_kit_is_handed_over_while_it_is_walked(flat_image: Path, is_read: bool) -> None:
    image, ids = open_image([flat_image]), itertools.count(1)
    window = Window(image, 0, image.media_bytes)
    found: Found = recognise(window)[0][0]
    opened = open_by_signature(window, found)
    contents = ContentReader(TypeFinder(), lambda: None) if is_read else None
    batches = batches_of(opened.lister("v0", ids.__next__, contents, lambda count: None, Share()).run())
    assert len(next(batches)) == BATCH_ROWS
    assert next(ids) == BATCH_ROWS + 1
    image.close()


def test_a_listing_tells_of_every_entry_what_an_examination_with_contents_tells(flat_image: Path) -> None:
    image = open_image([flat_image])

    def rows(hash_files: bool) -> list[tuple[Any, ...]]:
        found = examine(image, hash_files=hash_files)
        return [(*row[:BEFORE_CONTENT], row[-1]) for item in found if isinstance(item, tuple) for row in item]

    listed, read = rows(False), rows(True)
    assert listed == read
    kinds = {row[3]: row[7] for row in listed}
    users = ("$MFT", "set (Volume Label Entry)", "$of (mine)", "up^here.TXT")
    assert {kinds[name] for name in users} == {"file"}
    assert {row[4] for row in listed} == {None, b"caf\xe9.txt"}
    assert len(listed) >= FILES + len(STRANGE)
    image.close()
