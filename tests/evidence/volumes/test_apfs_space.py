"""The free blocks of APFS containers, against the tools of apfsprogs and The Sleuth Kit; slack of files."""

from __future__ import annotations

import contextlib
import gzip
import random
import re
import struct
import subprocess
from pathlib import Path

import pytest

from evidence.errors import UnreadableContentError
from evidence.examine import examine
from evidence.filesystems.apfs_space import open_space
from evidence.filesystems.free_space import has_unallocated
from evidence.filesystems.reading import FileReader
from evidence.filesystems.signatures import Found
from evidence.keys import NO_KEYS, Keys
from evidence.volumes.apfs_objects import fletcher64
from evidence.volumes.base import Volume
from tests.evidence.documents import PlainImage, document
from tests.evidence.made_images import blank, need, run
from tests.evidence.volumes.apfs_writer import BLOCK, FileToWrite, encrypted, simple

CORPUS = Path(__file__).parents[4] / "shared" / "corpus" / "dev" / "images" / "filesystem"
MIB = 1 << 20


@pytest.fixture
def made(tmp_path: Path) -> Path:
    need("mkapfs")
    path = blank(tmp_path / "container.raw", 600 * MIB)
    run("mkapfs", path)
    return path


def opened(path: Path, keys: Keys = NO_KEYS) -> tuple[FileReader, dict[str, Volume]]:
    image = PlainImage(path)
    seen = examine(image, hash_files=False, keys=keys)
    return FileReader(image, keys), {volume.id: volume for volume in seen if isinstance(volume, Volume)}


def free_in(path: Path) -> list[tuple[int, int]]:
    """First block and number of blocks of each stretch of the container."""
    reader, volumes = opened(path)
    return [(at // BLOCK, size // BLOCK) for at, size in reader.unallocated([volumes["v0"]]).ranges]


def refusal(path: Path) -> str:
    with pytest.raises(UnreadableContentError) as caught:
        free_in(path)
    return str(caught.value)


def block_of(path: Path, address: int) -> bytes:
    return PlainImage(path).read_at(address * BLOCK, BLOCK)


def put(path: Path, address: int, block: bytes, *, sealed: bool = True) -> None:
    if sealed:
        block = struct.pack("<Q", fletcher64(block[8:])) + block[8:]
    with path.open("r+b") as file:
        file.seek(address * BLOCK)
        file.write(block)


def ephemeral(path: Path, kind: int) -> int:
    """The address of an object of the newest checkpoint, by its type, from the first map of checkpoints."""
    superblock = block_of(path, 0)
    (base,) = struct.unpack_from("<Q", superblock, 112)
    (first,) = struct.unpack_from("<I", superblock, 136)
    raw = block_of(path, base + first)
    rows = [struct.unpack_from("<IIII8xQQ", raw, 40 + 40 * index) for index in range(raw[36])]
    return next(place for type_, _, _, _, _, place in rows if type_ & 0xFFFF == kind)


def lists(path: Path) -> list[int]:
    """The addresses of the lists of chunks that the space manager names."""
    manager = block_of(path, ephemeral(path, 5))
    count, at = struct.unpack_from("<16xI12xI", manager, 48)
    return list(struct.unpack_from(f"<{count}Q", manager, at))


def test_free_blocks_are_as_many_as_pstat_says_and_where_blkls_has_them(made: Path) -> None:
    need("pstat", "blkls")
    free = free_in(made)
    told = run("pstat", made)
    (count,) = re.findall(r"Number of Free Blocks: (\d+)", told)
    assert sum(length for _, length in free) == int(count)
    (volume,) = re.findall(r"APSB Block Number: (\d+)", told)
    listed = subprocess.run(
        ["blkls", "-l", "-P", "apfs", "-B", volume, made, "0-40000"], capture_output=True, check=True
    ).stdout
    blocks = [int(line[:-2]) for line in listed.split(b"\n") if line.endswith(b"|f")]
    wanted = [
        first + inside for first, length in free for inside in range(1, length)
    ]  # it leaves out the first of each
    assert blocks == [block for block in wanted if block <= 40_000]


def test_a_container_whose_free_blocks_are_overwritten_is_whole(made: Path) -> None:
    need("apfsck")
    for first, length in free_in(made):
        with made.open("r+b") as file:
            for at in (first, first + length // 2, first + length - 1):
                file.seek(at * BLOCK)
                file.write(b"\xa5" * BLOCK)
    run("apfsck", made)


@pytest.mark.parametrize("name", ["dfvfs_apfs.raw.gz", "dissect_apfs_case_insensitive.bin.gz"])
def test_files_do_not_change_when_all_free_blocks_of_a_published_image_do(name: str, tmp_path: Path) -> None:
    if not CORPUS.is_dir():
        pytest.skip("the shared corpus is not here")
    path = tmp_path / "container"
    path.write_bytes(gzip.decompress((CORPUS / name).read_bytes()))
    before = document(PlainImage(path))
    free, data = free_in(path), bytearray(path.read_bytes())
    assert len(free) > 1
    for first, length in free:
        data[first * BLOCK : (first + length) * BLOCK] = b"\xa5" * (length * BLOCK)
    path.write_bytes(data)
    after = document(PlainImage(path))
    assert (after["rows"], after["warnings"]) == (before["rows"], before["warnings"])


def test_lists_of_lists_of_chunks_lead_to_the_same_blocks(made: Path) -> None:
    free, (only,) = free_in(made), lists(made)
    place, at = free[0][0] + 7, ephemeral(made, 5)
    raw = bytes(8) + struct.pack("<QQIIII", place, 1, 0x40000006, 0, 0, 1) + struct.pack("<Q", only)
    put(made, place, raw.ljust(BLOCK, b"\0"))
    manager = bytearray(block_of(made, at))
    struct.pack_into("<I", manager, 48 + 20, 1)
    struct.pack_into("<Q", manager, struct.unpack_from("<I", manager, 48 + 32)[0], place)
    put(made, at, bytes(manager))
    assert free_in(made) == free


def test_blocks_that_wait_to_be_free_are_unallocated(made: Path) -> None:
    free, manager = free_in(made), block_of(made, ephemeral(made, 5))
    (root,) = struct.unpack_from("<Q", manager, 248)
    superblock = block_of(made, 0)
    base, first = struct.unpack_from("<Q", superblock, 112)[0], struct.unpack_from("<I", superblock, 136)[0]
    rows = [struct.unpack_from("<IIII8xQQ", block_of(made, base + first), 40 + 40 * n) for n in range(8)]
    at = next(place for *_, oid, place in rows if oid == root)
    node, queued = bytearray(block_of(made, at)), free[1][0] - 3
    table_at, table_bytes = struct.unpack_from("<HH", node, 40)
    struct.pack_into("<I", node, 36, 2)
    struct.pack_into("<HHHH", node, 56 + table_at, 0, 8, 16, 0xFFFF)
    struct.pack_into("<QQQQ", node, 56 + table_at + table_bytes, 1, queued - 4, 1, queued)
    struct.pack_into("<Q", node, BLOCK - 40 - 8, 3)
    put(made, at, bytes(node))
    assert free_in(made) == [free[0], (queued - 4, 3), (queued, 1), *free[1:]]


def test_a_bitmap_that_differs_from_its_record_is_refused_with_its_place(made: Path) -> None:
    chunks = block_of(made, lists(made)[0])
    (bitmap,) = struct.unpack_from("<Q", chunks, 40 + 24)
    raw = bytearray(block_of(made, bitmap))
    raw[-1] ^= 1
    put(made, bitmap, bytes(raw), sealed=False)
    assert f"(at byte {bitmap * BLOCK} of the container)" in refusal(made)


def test_damage_of_the_space_manager_is_refused_in_words(made: Path) -> None:
    raw = bytearray(block_of(made, lists(made)[0]))
    raw[100] ^= 1
    put(made, lists(made)[0], bytes(raw), sealed=False)
    assert "the list 0 of chunks: the checksum" in refusal(made)
    manager = ephemeral(made, 5)
    raw = bytearray(block_of(made, manager))
    struct.pack_into("<I", raw, 48 + 16, 1 << 30)
    put(made, manager, bytes(raw))
    assert "has no room for its 1073741824 addresses" in refusal(made)


@pytest.mark.parametrize("seed", range(40))
def test_any_damage_under_right_checksums_ends_in_ranges_or_words(seed: int, made: Path) -> None:
    chance = random.Random(seed)
    at = chance.choice([ephemeral(made, 5), *lists(made)])
    raw = bytearray(block_of(made, at))
    for _ in range(3):
        raw[chance.choice((chance.randrange(24, 200), chance.randrange(24, BLOCK)))] = chance.choice((0, 0x80, 0xFF))
    put(made, at, bytes(raw))
    image = PlainImage(made)
    with contextlib.suppress(OSError):
        ranges = open_space(image, Found(type="apfs")).unallocated()
        assert all(start + length <= image.media_bytes for start, length in ranges)


def test_a_volume_in_a_container_says_whose_the_free_blocks_are(made: Path) -> None:
    reader, volumes = opened(made)
    with pytest.raises(UnreadableContentError, match="the volume that the container lies in"):
        reader.unallocated([volumes["v0"], volumes["v0.v1"]])
    shown = [volume.id for volume in volumes.values() if has_unallocated("apfs", volume.kind)]
    assert shown == ["v0"]


def test_slack_is_what_lies_behind_the_end_of_a_file_and_of_an_attribute(tmp_path: Path) -> None:
    files = [
        FileToWrite(inode=16, name=b"f", content=[b"a" * BLOCK, b"b" * 100 + b"was here"], size_bytes=BLOCK + 100),
        FileToWrite(inode=17, name=b"holes", content=[b"a" * BLOCK, None], size_bytes=BLOCK + 10),
        FileToWrite(inode=18, name=b"attribute", attributes={b"big": b"q" * 9000, b"small": b"s"}),
    ]
    path, data = tmp_path / "container", bytes(simple(files).data)
    path.write_bytes(data)
    reader, volumes = opened(path)
    slack = reader.slack([volumes["v0"], volumes["v0.v1"]], "16")
    ((at, size),) = slack.ranges
    assert (at, size) == (data.index(b"was here"), BLOCK - 100)
    assert slack.read(0, BLOCK) == data[at : at + size]
    sizes = {a: reader.slack([volumes["v0"], volumes["v0.v1"]], a).size_bytes for a in ("17", "18:big", "18:small")}
    assert sizes == {"17": 0, "18:big": 3 * BLOCK - 9000, "18:small": 0}


def test_slack_of_an_encrypted_volume_is_decrypted(tmp_path: Path) -> None:
    path = tmp_path / "container"
    path.write_bytes(encrypted(bytes(range(32)), bytes(range(32)), 0).data)
    reader, volumes = opened(path, Keys(passwords=("pässword",)))
    slack = reader.slack([volumes["v0"], volumes["v0.v1"]], "16")
    assert slack.read(0, BLOCK) == bytes(BLOCK - len(b"only with the key"))
    ((at, size),) = slack.ranges
    data = bytearray(path.read_bytes())
    assert data[at : at + size] != bytes(size)
    data[at + size - 3008 : at + size] = bytes(3008)  # as it is behind extended attributes: never encrypted
    path.write_bytes(data)
    reader, _ = opened(path, Keys(passwords=("pässword",)))
    assert reader.slack([volumes["v0"], volumes["v0.v1"]], "16").read(0, BLOCK) == bytes(size)
