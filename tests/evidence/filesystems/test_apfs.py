from __future__ import annotations

import contextlib
import gzip
import hashlib
import io
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from evidence.errors import UnreadableRegionError
from evidence.examine import examine
from evidence.filesystems.base import FILE_COLUMNS
from evidence.images.base import Problem
from evidence.keys import NO_KEYS, Keys
from evidence.volumes.apfs import open_apfs
from evidence.volumes.base import Volume
from evidence.volumes.layers import ALONE, Inner
from tests.evidence.documents import PlainImage
from tests.evidence.volumes.apfs_writer import (
    BLOCK,
    SNAPSHOT_NS,
    TIMES_NS,
    FileToWrite,
    Writer,
    encrypted,
    simple,
)
from tests.evidence.volumes.shadow_writer import MemoryImage

CORPUS = Path(__file__).parents[4] / "shared" / "corpus" / "dev" / "images"
PUBLISHED = {
    "filesystem/dfvfs_apfs.raw.gz": "",
    "filesystem/dissect_apfs_case_insensitive.bin.gz": "",
    "encrypted/dissect_apfs_encrypted.bin.gz": "password",
}


def content(number: int) -> bytes:
    """What is known by its start, for to ask libmagic of every file takes longer than all else."""
    return (b"%PDF-1." + bytes([number]) * (number * 300))[: number * 300 + 1]


MANY = [
    FileToWrite(inode=16, name=b"dir", mode=0o040755),
    *(FileToWrite(inode=20 + n, name=b"f%d" % n, parent=16 if n % 2 else 2, content=[content(n)]) for n in range(60)),
    FileToWrite(inode=100, name=b"sparse", content=[b"a" * BLOCK, None, b"z" * 5]),
    FileToWrite(inode=101, name=b"link", mode=0o120755, attributes={b"com.apple.fs.symlink": b"dir/f1\0"}),
    FileToWrite(inode=102, name=b"attributes", attributes={b"big": b"q" * 9000, b"com.apple.ResourceFork": b"fork"}),
    FileToWrite(inode=103, name=b"pipe", mode=0o010644),
]


class Found:
    """What an examination found."""

    def __init__(self, data: bytes, path: Path, keys: Keys = NO_KEYS) -> None:
        path.write_bytes(data)
        self.volumes: dict[str, Volume] = {}
        self.problems: list[Problem] = []
        self.rows: list[dict[str, Any]] = []
        for seen in examine(PlainImage(path), hash_files=True, keys=keys):
            if isinstance(seen, Volume):
                self.volumes[seen.id] = seen
            elif isinstance(seen, Problem):
                self.problems.append(seen)
            elif isinstance(seen, tuple):
                self.rows += [dict(zip(FILE_COLUMNS, row, strict=True)) for row in seen]

    def row(self, path: str, volume: str = "v0.v1") -> dict[str, Any]:
        (found,) = [row for row in self.rows if (row["path"], row["volume_id"]) == (path, volume)]
        return found

    @property
    def words(self) -> str:
        return " ".join(problem.what for problem in self.problems)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "container"


def by_libfsapfs(data: bytes, password: str) -> dict[str, tuple[int, str | None]]:
    """Size and SHA-256 of everything, as the second reader has it; None for what it refuses or what has none."""
    pyfsapfs: Any = pytest.importorskip("pyfsapfs", reason="libfsapfs-python, the second reader, is not installed")
    container = pyfsapfs.container()
    container.open_file_object(io.BytesIO(data))
    volume = container.get_volume(0)
    if password:
        volume.set_password(password)
        volume.unlock()

    def walk(entry: Any, above: str) -> Iterator[tuple[str, tuple[int, str | None]]]:
        for index in range(entry.number_of_sub_file_entries):
            inner = entry.get_sub_file_entry(index)
            name = f"{above}/{inner.name}"
            digest = None
            if inner.file_mode & 0o170000 == 0o100000:
                with contextlib.suppress(OSError):
                    digest = hashlib.sha256(inner.read_buffer(inner.size) if inner.size else b"").hexdigest()
            yield name, (inner.size if digest else 0, digest)
            yield from walk(inner, name)

    return dict(walk(volume.get_root_directory(), ""))


def by_us(found: Found) -> dict[str, tuple[int, str | None]]:
    return {
        row["path"]: (row["size_bytes"] if row["kind"] == "file" else 0, row["sha256"] and row["sha256"].hex())
        for row in found.rows
        if row["kind"] != "stream"
    }


def test_names_sizes_and_digests_are_those_of_libfsapfs(path: Path) -> None:
    data = bytes(simple(MANY, per_node=7).data)
    found = Found(data, path)
    assert by_us(found) == by_libfsapfs(data, "")
    assert found.problems == []


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus of published images is not beside the project")
@pytest.mark.parametrize("name", PUBLISHED)
def test_published_images_are_read_as_libfsapfs_reads_them(name: str, path: Path) -> None:
    data = gzip.decompress((CORPUS / name).read_bytes())
    password = PUBLISHED[name]
    ours = by_us(Found(data, path, Keys(passwords=(password,))))
    theirs = by_libfsapfs(data, password)
    refused = {name for name, (_, digest) in theirs.items() if digest is None and ours[name][1] is not None}
    assert refused <= {"/dir/compressed-lzfse-fork"}
    assert {name: ours[name] for name in ours if name not in refused} == {
        name: theirs[name] for name in theirs if name not in refused
    }


def test_each_sort_of_entry_is_told_with_its_content_and_times(path: Path) -> None:
    found = Found(bytes(simple(MANY).data), path)
    row = found.row("/dir/f1")
    assert row["sha256"] == hashlib.sha256(content(1)).digest()
    created, modified, changed, accessed = TIMES_NS
    assert (row["created_ns"], row["modified_ns"], row["changed_ns"], row["accessed_ns"]) == (
        created,
        modified,
        changed,
        accessed,
    )
    assert found.row("/link")["link_target"] == "dir/f1"
    assert found.row("/pipe")["kind"] == "fifo"
    assert found.row("/sparse")["sha256"] == hashlib.sha256(b"a" * BLOCK + bytes(BLOCK) + b"z" * 5).digest()
    assert found.row("/attributes:big")["sha256"] == hashlib.sha256(b"q" * 9000).digest()
    assert found.row("/attributes:com.apple.ResourceFork")["size_bytes"] == 4


def test_names_of_the_first_version_without_hashes_are_read(path: Path) -> None:
    found = Found(bytes(simple(MANY, is_hashed=False).data), path)
    assert found.row("/dir/f3")["sha256"] == hashlib.sha256(content(3)).digest()


def test_a_name_that_is_no_text_keeps_its_bytes(path: Path) -> None:
    files = [
        FileToWrite(inode=16, name=b"a\xff", attributes={b"plain": b"1"}),
        FileToWrite(inode=17, name=b"b", attributes={b"\xfe": b"2", b"plain": b"3"}),
    ]
    found = Found(bytes(simple(files).data), path)
    names = {row["path"]: row["name_bytes"] for row in found.rows}
    assert (names["/a\ufffd"], names["/a\ufffd:plain"]) == (b"a\xff", b"a\xff:plain")
    assert (names["/b"], names["/b:\ufffd"], names["/b:plain"]) == (None, b"b:\xfe", None)


def test_a_file_removed_while_in_use_is_listed_as_an_orphan(path: Path) -> None:
    files = [*MANY, FileToWrite(inode=200, name=b"c8-dead", parent=3, content=[b"still here"])]
    row = Found(bytes(simple(files).data), path).row("/$OrphanFiles/c8-dead")
    assert row["orphan"]
    assert not row["allocated"]
    assert row["sha256"] == hashlib.sha256(b"still here").digest()


def test_bytes_that_no_extent_has_are_an_error_and_not_zeros(path: Path) -> None:
    row = Found(bytes(simple([FileToWrite(inode=16, name=b"f", content=[b"x"], size_bytes=9000)]).data), path).row("/f")
    assert row["sha256"] is None
    assert "no extent says" in row["note"]


def test_a_directory_that_leads_back_to_its_parent_is_entered_once(path: Path) -> None:
    files = [FileToWrite(inode=16, name=b"a", mode=0o040755), FileToWrite(inode=2, name=b"b", parent=16, mode=0o040755)]
    found = Found(bytes(simple(files).data), path)
    assert [row["path"] for row in found.rows] == ["/a", "/a/b"]
    assert "leads back" in found.words


def with_snapshot() -> Writer:
    """A file that was changed, and one that was removed, after a snapshot."""
    writer = Writer()
    oid = writer.new_oid()
    old: dict[int, int] = {}
    before = [
        FileToWrite(inode=16, name=b"f", content=[b"before"]),
        FileToWrite(inode=17, name=b"gone", content=[b"g"]),
    ]
    root = writer.tree(writer.files(before), 0x0E, map_=old)
    first_map = writer.object_map([(number, 1, address, 0) for number, address in old.items()])
    kept = writer.volume(first_map, root, oid=oid)
    writer.checkpoint([(oid, kept)])
    writer.xid = 2
    new: dict[int, int] = {}
    root_now = writer.tree(writer.files([FileToWrite(inode=16, name=b"f", content=[b"after!"])]), 0x0E, map_=new)
    entries = [(number, 1, address, 0) for number, address in old.items()]
    entries += [(number, 2, address, 0) for number, address in new.items()]
    volume = writer.volume(writer.object_map(entries), root_now, oid=oid, snapshots=[(1, kept, b"yesterday")])
    writer.checkpoint([(oid, volume)])
    return writer


def test_a_snapshot_is_a_dated_volume_with_the_files_as_they_were(path: Path) -> None:
    found = Found(bytes(with_snapshot().data), path)
    snapshot = found.volumes["v0.v1.s1"]
    assert (snapshot.kind, snapshot.snapshot_time_ns) == ("snapshot", SNAPSHOT_NS)
    assert "yesterday" in snapshot.description
    assert found.row("/f", "v0.v1")["sha256"] == hashlib.sha256(b"after!").digest()
    assert found.row("/f", "v0.v1.s1")["sha256"] == hashlib.sha256(b"before").digest()
    assert {row["path"] for row in found.rows if row["volume_id"] == "v0.v1"} == {"/f"}
    assert found.row("/gone", "v0.v1.s1")["sha256"] == hashlib.sha256(b"g").digest()
    assert found.problems == []


def test_a_damaged_checkpoint_is_told_and_the_one_before_it_is_read(path: Path) -> None:
    writer = with_snapshot()
    for address in (4, 0):
        writer.data[address * BLOCK + 100] ^= 1
    found = Found(bytes(writer.data), path)
    assert found.row("/f", "v0.v1")["sha256"] == hashlib.sha256(b"before").digest()
    assert {problem.offset_bytes for problem in found.problems if problem.is_damage} >= {0, 4 * BLOCK}


def test_the_newest_checkpoint_is_read_although_the_copy_at_the_start_is_older(path: Path) -> None:
    writer = with_snapshot()
    writer.data[:BLOCK] = writer.data[2 * BLOCK : 3 * BLOCK]
    found = Found(bytes(writer.data), path)
    assert found.row("/f", "v0.v1")["sha256"] == hashlib.sha256(b"after!").digest()


@pytest.mark.parametrize("is_converted", [False, True])
def test_an_encrypted_volume_opens_with_its_password_and_with_no_other(path: Path, is_converted: bool) -> None:
    key, method = bytes(range(32)), 0
    cipher_key = key
    if is_converted:
        key, method = bytes(range(16)), 2
        cipher_key = key + hashlib.sha256(key + (0xBEEF).to_bytes(16, "big")).digest()[:16]
    data = bytes(encrypted(key, cipher_key, method).data)
    closed = Found(data, path, Keys(passwords=("wrong",)))
    assert (closed.volumes["v0.v1"].encryption, closed.volumes["v0.v1"].locked) == ("apfs", True)
    assert closed.rows == []
    assert "try it" in closed.words
    opened = Found(data, path, Keys(passwords=("wrong",), recovery_keys=("pässword",)))
    assert not opened.volumes["v0.v1"].locked
    assert opened.row("/secret")["sha256"] == hashlib.sha256(b"only with the key").digest()
    if not is_converted:
        assert by_us(opened) == by_libfsapfs(data, "pässword")


def test_a_sealed_volume_has_its_extents_apart_and_its_nodes_without_headers(path: Path) -> None:
    writer, map_ = Writer(), dict[int, int]()
    oid, content = writer.new_oid(), b"sealed" * 2000
    rows = writer.files([FileToWrite(inode=16, name=b"f", content=[content[:BLOCK], content[BLOCK:]])])
    apart = [(key[:7] + b"\0" + key[8:], value[:16]) for key, value in rows if key[7] >> 4 == 8]
    extents = writer.tree(apart, 0x1F)
    root = writer.tree([row for row in rows if row[0][7] >> 4 != 8], 0x0E, map_=map_, per_node=2)
    for address in map_.values():
        writer.data[address * BLOCK : address * BLOCK + 32] = bytes(32)
        writer.data[address * BLOCK + 32] |= 0x18
    map_address = writer.object_map([(number, 1, address, 8) for number, address in map_.items()])
    volume = writer.volume(map_address, root, oid=oid, incompatible=0x28, extents=extents, role=1)
    writer.checkpoint([(oid, volume)])
    found = Found(bytes(writer.data), path)
    assert found.row("/f")["sha256"] == hashlib.sha256(content).digest()
    assert found.volumes["v0.v1"].description == 'APFS volume "made", system'
    assert found.problems == []


def resealed(writer: Writer, seed: int) -> bytes:
    """Bytes changed at random in the objects, under checksums that are right again."""
    rng = random.Random(seed)
    objects = [at for at in range(0, len(writer.data), BLOCK) if any(writer.data[at : at + 8])]
    for at in rng.sample(objects, min(len(objects), rng.randint(1, 6))):
        block = bytearray(writer.data[at : at + BLOCK])
        for _ in range(rng.randint(1, 8)):
            where = rng.choice((rng.randrange(24, 200), rng.randrange(24, BLOCK), rng.randrange(BLOCK - 40, BLOCK)))
            block[where] = rng.choice((0, 0xFF, 0x80, rng.randrange(256)))
        writer.seal(at // BLOCK, bytes(block))
    return bytes(writer.data)


@pytest.mark.parametrize("seed", range(60))
def test_any_damage_under_right_checksums_ends_in_rows_or_words(seed: int, path: Path) -> None:
    data = resealed(with_snapshot() if seed % 2 else simple(MANY, per_node=6), seed)
    found = Found(data, path)
    assert found.volumes["v0"]
    assert all(row["size_bytes"] < 1 << 63 for row in found.rows)


@pytest.mark.parametrize("seed", range(20))
def test_flipped_bits_and_missing_ends_end_in_rows_or_words(seed: int, path: Path) -> None:
    rng = random.Random(seed)
    data = bytearray(simple(MANY, per_node=6).data)
    for _ in range(30):
        data[rng.randrange(len(data) // 2)] ^= 1 << rng.randrange(8)
    found = Found(bytes(data[: rng.choice((len(data), len(data) // 4, 40 * BLOCK))]), path)
    assert found.volumes["v0"]


def test_a_container_cut_off_says_how_much_is_missing(path: Path) -> None:
    found = Found(bytes(simple(MANY).data[: 300 * BLOCK]), path)
    assert "512 blocks, but only 300" in found.words


class Unreadable(MemoryImage):
    """Bytes of which one block cannot be read."""

    def __init__(self, data: bytes, block: int) -> None:
        super().__init__(data)
        self._start = block * BLOCK

    def read_at(self, offset_bytes: int, size_bytes: int, /) -> bytes:
        if offset_bytes < self._start + BLOCK and self._start < offset_bytes + size_bytes:
            raise UnreadableRegionError(self._start, BLOCK, "made for the test")
        return super().read_at(offset_bytes, size_bytes)


@pytest.mark.parametrize("block", range(16))
def test_an_unreadable_block_of_the_structures_is_told(block: int) -> None:
    data = bytes(simple([FileToWrite(inode=16, name=b"f")], blocks=64).data)
    used = [at for at in range(64) if any(data[at * BLOCK : (at + 1) * BLOCK])]
    chosen = used[block % len(used)]
    with contextlib.suppress(UnreadableRegionError):
        layer = open_apfs(Unreadable(data, chosen), NO_KEYS, ALONE)
        assert layer is None or chosen == 1 or layer.problems or any(told(inner) for inner in layer.volumes)


def told(inner: Inner) -> bool:
    return bool(inner.problems)
