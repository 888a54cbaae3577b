"""The quick way to the rows of regular files gives the rows of the slow one, also of what is damaged."""

from __future__ import annotations

import contextlib
import hashlib
import random
import re
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from evidence.errors import EvidenceError
from evidence.filesystems.base import FILE_COLUMNS
from evidence.filesystems.batches import Batches
from evidence.filesystems.content import ContentReader
from evidence.filesystems.signatures import Found
from evidence.filesystems.sleuthkit import SleuthKitFileSystem
from evidence.filesystems.walk import Walk
from evidence.filetype import TypeFinder
from evidence.images.opening import open_image
from evidence.shares import Share
from tests.evidence.documents import PlainImage
from tests.evidence.made_images import blank, ext, need, ntfs, run, source_tree

ROUNDS = 40
DEMO = Path(__file__).parents[3] / "resources" / "demo" / "demo.E01"
FILES = 30
MANY = 4_500


@pytest.fixture(scope="module", params=["ntfs", "ntfs as Windows writes it", "ntfs with folders", "ext4"])
def image(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, bytes, list[int]]:
    """Type, bytes and the offsets of what describes files, of a volume with many plain files."""
    folder = tmp_path_factory.mktemp("regular")
    tree = source_tree(folder / "tree")
    for number in range(FILES):
        (tree / f"plain-{number:02d}.txt").write_bytes(b"content %d\n" % number * 40 * (number % 7))
    (tree / "Ελληνικά.txt").write_bytes(b"not Latin")
    kind, _, form = str(request.param).partition(" ")
    if form == "with folders":
        with contextlib.closing(open_image([DEMO])) as shipped:
            raw = shipped.read_at(1 << 20, 32 << 20)
    else:
        raw = (ntfs if kind == "ntfs" else ext)(folder / "image", tree).read_bytes()
    if form == "as Windows writes it":
        raw = _with_long_standard_information(raw)
    return kind, raw, list(_described(kind, raw))


def _with_long_standard_information(raw: bytes) -> bytes:
    """An NTFS volume with the $STANDARD_INFORMATION of 72 bytes, which NTFS has since version 3."""
    whole = bytearray(raw)
    for at in range(0, len(raw), 1024):
        record = bytearray(raw[at : at + 1024])
        used = int.from_bytes(record[24:28], "little")
        if record[:8] != b"FILE\x30\0\3\0" or record[56:64] != b"\x10\0\0\0\x48\0\0\0" or used > 1000:
            continue
        record[510:512], record[1022:1024] = record[50:52], record[52:54]
        record[60], record[72], record[24:28] = 96, 72, (used + 24).to_bytes(4, "little")
        record[128:] = bytes(24) + record[128:-24]
        record[50:52], record[52:54] = record[510:512], record[1022:1024]
        record[510:512] = record[1022:1024] = record[48:50]
        whole[at : at + 1024] = record
    return bytes(whole)


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


@pytest.mark.parametrize("is_read", [False, True])
def test_no_row_is_lost_and_no_digest_moved_where_a_batch_ends_among_files_of_both_ways(
    many: Path, is_read: bool
) -> None:
    quick = rows("ext4", many, is_quick=True, is_read=is_read)
    assert quick == rows("ext4", many, is_quick=False, is_read=is_read)
    found = [row for batch in quick if isinstance(batch, tuple) for row in batch]
    files = {row[3]: row for row in found if row[7] == "file"}
    assert set(files) == {name_of(number) for number in range(MANY)}
    if is_read:
        digest = FILE_COLUMNS.index("sha256")
        for number in range(MANY):
            assert files[name_of(number)][digest] == hashlib.sha256(str(number).encode()).digest()


def name_of(number: int) -> str:
    """Every third name is such that its row is made the slow way."""
    return f"a{'$' if number % 3 == 0 else '_'}{number:05d}.txt"


def test_whoever_fills_a_batch_goes_on_with_the_same_list_after_it_was_handed_over(many: Path) -> None:
    made = next(item for item in rows("ext4", many, is_quick=True, is_read=False) if isinstance(item, tuple))
    batches = Batches(1 << 20, None, lambda _: None, Share())
    held = batches.rows
    held += made[:3]
    batches.read()
    assert list(batches.hand_over()) == [made[:3]]
    assert batches.rows is held
    assert not held


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A volume with a folder of more files than two batches hold."""
    need("mkfs.ext4")
    folder = tmp_path_factory.mktemp("many")
    (folder / "tree").mkdir()
    for number in range(MANY):
        (folder / "tree" / name_of(number)).write_bytes(str(number).encode())
    path = folder / "image"
    run("mkfs.ext4", "-q", "-b", "1024", "-N", "8192", "-d", folder / "tree", blank(path, 24 << 20))
    return path


def test_both_ways_find_the_deleted_files_that_no_directory_names(
    image: tuple[str, bytes, list[int]], tmp_path: Path
) -> None:
    kind, raw, _ = image
    if kind != "ntfs" or b"p\0l\0a\0i\0n\0" not in raw:
        pytest.skip("the volume is no NTFS with these files")
    whole = bytearray(raw)
    for name in ("plain-03.txt", "Ελληνικά.txt"):
        stored = name.encode("utf-16-le")
        for found in re.finditer(re.escape(stored), raw):
            record, entry = found.start() & ~1023, found.start() - 82
            if raw[record : record + 4] == b"FILE" and raw[record + 22] & 2 == 0:
                whole[record + 22] = 0
                parent = found.start() - 66
                whole[parent : parent + 8] = (5000).to_bytes(6, "little") + b"\1\0"
            else:
                whole[entry : entry + 8] = (30).to_bytes(6, "little") + b"\1\0"
    path = tmp_path / "image"
    path.write_bytes(whole)
    quick = rows(kind, path, is_quick=True, is_read=False)
    assert quick == rows(kind, path, is_quick=False, is_read=False)
    paths = {row[5] for batch in quick if isinstance(batch, tuple) for row in batch}
    assert {"/$OrphanFiles/plain-03.txt", "/$OrphanFiles/Ελληνικά.txt"} <= paths


@pytest.mark.parametrize("name", [".", ".."])
@pytest.mark.parametrize("kind", ["ntfs", "ext4"])
def test_a_file_is_not_hidden_by_the_name_of_its_directory_or_of_the_one_above(
    tmp_path: Path, kind: str, name: str
) -> None:
    tree = source_tree(tmp_path / "tree")
    letters = "q" * len(name)
    (tree / letters).write_bytes(b"hidden")
    made = (ntfs if kind == "ntfs" else ext)(tmp_path / "made", tree)
    of_name, shown = (letters.encode("utf-16-le"), name.encode("utf-16-le")) if kind == "ntfs" else (b"q", b".")
    head = bytes([len(name)]) + (b"[\0-\3]" if kind == "ntfs" else b"\1")
    raw, changed = re.subn(
        b"(" + head + b")" + (of_name if kind == "ntfs" else of_name * len(name)),
        lambda found: found[1] + (shown if kind == "ntfs" else shown * len(name)),
        made.read_bytes(),
    )
    assert changed >= 1
    path = tmp_path / "image"
    path.write_bytes(raw)
    for is_quick in (True, False):
        found = [
            row
            for batch in rows(kind, path, is_quick=is_quick, is_read=False)
            if isinstance(batch, tuple)
            for row in batch
        ]
        assert [row[5] for row in found if row[3] == name] == [f"/{name}"]


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
