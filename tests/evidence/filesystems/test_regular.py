"""The quick way to the rows of regular files gives the rows of the slow one, also of what is damaged."""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from evidence.errors import EvidenceError
from evidence.filesystems.content import ContentReader
from evidence.filesystems.signatures import Found
from evidence.filesystems.sleuthkit import SleuthKitFileSystem
from evidence.filesystems.walk import Walk
from evidence.filetype import TypeFinder
from evidence.shares import Share
from tests.evidence.documents import PlainImage
from tests.evidence.made_images import ext, ntfs, source_tree

ROUNDS = 60
FILES = 30


@pytest.fixture(scope="module", params=["ntfs", "ext4"])
def image(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, bytes, list[int]]:
    """Type, bytes and the offsets of what describes files, of a volume with many plain files."""
    folder = tmp_path_factory.mktemp("regular")
    tree = source_tree(folder / "tree")
    for number in range(FILES):
        (tree / f"plain-{number:02d}.txt").write_bytes(b"content %d\n" % number * 40 * (number % 7))
    (tree / "Ελληνικά.txt").write_bytes(b"not Latin")
    kind = str(request.param)
    path = (ntfs if kind == "ntfs" else ext)(folder / "image", tree)
    raw = path.read_bytes()
    return kind, raw, list(_described(kind, raw))


def _described(kind: str, raw: bytes) -> Iterator[int]:
    if kind == "ntfs":
        for at in range(0, len(raw), 1024):
            if raw[at : at + 4] == b"FILE":
                yield from range(at, at + 512)
        return
    block_bytes = 1024 << int.from_bytes(raw[1048:1052], "little")
    descriptors = max(2048, block_bytes)
    table = int.from_bytes(raw[descriptors + 8 : descriptors + 12], "little") * block_bytes
    yield from range(table + 10 * 256, table + (12 + FILES) * 256)


def rows(kind: str, path: Path, *, is_quick: bool, is_read: bool) -> list[object]:
    """Everything that a walk yields, or why there is none."""
    source = PlainImage(path)
    ids = count(1)
    try:
        opened = SleuthKitFileSystem(source, Found(type=kind))
        contents = ContentReader(TypeFinder(), lambda: None) if is_read else None
        walk = Walk(opened, "vol1", lambda: next(ids), contents, lambda _: None, Share(), is_quick=is_quick)
        return [*walk.run(), walk.counts]
    except EvidenceError as error:
        return [str(error)]


@pytest.mark.parametrize("is_read", [False, True])
def test_both_ways_give_the_same_rows(image: tuple[str, bytes, list[int]], tmp_path: Path, is_read: bool) -> None:
    kind, raw, _ = image
    path = tmp_path / "image"
    path.write_bytes(raw)
    quick = rows(kind, path, is_quick=True, is_read=is_read)
    assert quick == rows(kind, path, is_quick=False, is_read=is_read)
    assert sum(len(batch) for batch in quick if isinstance(batch, tuple)) > FILES


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_both_ways_give_the_same_rows_of_damaged_metadata(
    image: tuple[str, bytes, list[int]], tmp_path: Path, seed: int
) -> None:
    kind, raw, described = image
    chance = random.Random(seed)
    damaged = bytearray(raw)
    for at in chance.sample(described, 60):
        damaged[at] = chance.choice((0, 1, 0x10, 0x30, 0x80, 0xFF, chance.randrange(256), damaged[at] ^ 1))
    path = tmp_path / "image"
    path.write_bytes(damaged)
    assert rows(kind, path, is_quick=True, is_read=False) == rows(kind, path, is_quick=False, is_read=False)
