"""What no file of a Btrfs uses, as the free space tree tells it, and the slack of its files."""

from __future__ import annotations

import contextlib
import random
import re
import struct
from pathlib import Path

import pytest

from evidence.errors import UnreadableContentError
from evidence.examine import examine
from evidence.filesystems.btrfs_chunks import Chunk
from evidence.filesystems.ranges import merged
from evidence.filesystems.reading import FileReader
from evidence.images import open_image
from evidence.images.base import Image
from evidence.volumes.base import Volume
from tests.evidence.documents import PlainImage, document
from tests.evidence.filesystems.btrfs_images import BIG, Editor, made
from tests.evidence.filesystems.btrfs_spread import DEVICE_BYTES, MIB, Spread
from tests.evidence.made_images import need, run

SUPERBLOCKS = (65536, 1 << 26)
VARIANTS = {
    "one copy": ("-m", "single", "-d", "single"),
    "two copies": ("-m", "dup", "-d", "dup", "--csum", "sha256"),
    "mixed": ("-M", "-n", "4096"),
}
SINGLE = VARIANTS["one copy"]


def opened(image: Image) -> tuple[FileReader, dict[str, Volume]]:
    volumes = {seen.id: seen for seen in examine(image, hash_files=False) if isinstance(seen, Volume)}
    return FileReader(image), volumes


def lineage(volumes: dict[str, Volume], volume_id: str) -> list[Volume]:
    parts = volume_id.split(".")
    return [volumes[".".join(parts[: count + 1])] for count in range(len(parts))]


def free_on(image: Image, volume_id: str = "v0") -> list[tuple[int, int]]:
    reader, volumes = opened(image)
    return list(reader.unallocated(lineage(volumes, volume_id)).ranges)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    source = tmp_path_factory.mktemp("btrfs") / "source"
    (source / "many").mkdir(parents=True)
    for index in range(200):
        (source / "many" / f"{index}.txt").write_bytes(b"%d\n" % index * (index * 60))
    (source / "big").write_bytes(BIG)
    with (source / "sparse").open("wb") as file:
        file.seek(20_000_000)
        file.write(b"b" * 5000)
    return source


@pytest.fixture(scope="module")
def single(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return made(tmp_path_factory.mktemp("image") / "b.img", folder, *SINGLE).read_bytes()


@pytest.fixture
def image(single: bytes, tmp_path: Path) -> Path:
    path = tmp_path / "b.img"
    path.write_bytes(single)
    return path


def without(ranges: list[tuple[int, int]], holes: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Ranges without the parts of them that lie in ``holes``; all as begin and length."""
    for begin, size in holes:
        parts = [
            part
            for start, length in ranges
            for part in ((start, min(length, begin - start)), (max(start, begin + size), 0))
        ]
        ends = [start + length for start, length in ranges for _ in range(2)]
        ranges = [
            (start, length if index % 2 == 0 else end - start)
            for index, ((start, length), end) in enumerate(zip(parts, ends, strict=True))
        ]
        ranges = [(start, length) for start, length in ranges if length > 0]
    return ranges


def test_unallocated_space_is_what_the_free_space_tree_and_the_device_extents_leave(image: Path) -> None:
    need("btrfs")
    edit = Editor(image)
    told = run("btrfs", "inspect-internal", "dump-tree", "-t", "FREE_SPACE_TREE", image)
    free = re.findall(r"key \((\d+) FREE_SPACE_EXTENT (\d+)\)", told)
    wanted = [(edit.physical(int(start)), int(size)) for start, size in free]
    told = run("btrfs", "inspect-internal", "dump-tree", "-t", "dev", image)
    taken = [tuple(map(int, found)) for found in re.findall(r"DEV_EXTENT (\d+)\).*?length (\d+)", told, re.S)]
    wanted += without([(0, 128 * MIB)], [(start, size) for start, size in taken])
    assert free_on(PlainImage(image)) == list(merged(without(sorted(wanted), [(at, 65536) for at in SUPERBLOCKS])))


@pytest.mark.parametrize("options", VARIANTS.values(), ids=VARIANTS.keys())
def test_nothing_that_a_file_system_check_reads_is_unallocated_and_nothing_else_is_left_out(
    options: tuple[str, ...], folder: Path, tmp_path: Path
) -> None:
    path = made(tmp_path / "b.img", folder, *options)
    ranges = free_on(PlainImage(path))
    total = sum(length for _, length in ranges)
    with path.open("r+b") as file:
        for start, length in ranges:
            file.seek(start)
            file.write(b"\xa5" * length)
    run("btrfs", "check", "--check-data-csum", path)
    told = run("btrfs", "inspect-internal", "dump-tree", "-t", "2", path)
    used = 0
    for size, kind in re.findall(r"used (\d+) chunk_objectid \d+ flags ([A-Z|0-9a-z]+)", told):
        used += int(size) * (2 if "DUP" in kind else 1)
    assert path.stat().st_size - total - used == 2 * 65536


@pytest.mark.parametrize(("profile", "count"), [("single", 2), ("raid0", 3), ("raid10", 4)])
def test_each_partition_has_the_unallocated_space_of_its_own_device(
    profile: str, count: int, image: Path, tmp_path: Path
) -> None:
    used = 128 * MIB - 2 * 65536 - sum(length for _, length in free_on(PlainImage(image)))
    disk = Spread(image, profile, count).disk(tmp_path / "disk.img", list(range(count, 0, -1)))
    rows = document(PlainImage(disk))["rows"]
    total = 0
    for number in range(1, count + 1):
        ranges = free_on(PlainImage(disk), f"v0.p{number}")
        total += sum(length for _, length in ranges)
        with disk.open("r+b") as file:
            for start, length in ranges:
                file.seek((1 + 48 * (number - 1)) * MIB + start)
                file.write(b"\xa5" * length)
    copies = 2 if profile in ("raid1", "raid10") else 1
    assert total == count * (DEVICE_BYTES - 65536) - copies * used
    assert [row["sha256"] for row in document(PlainImage(disk))["rows"]] == [row["sha256"] for row in rows]


def test_devices_that_are_one_media_together_have_one_unallocated_space(image: Path, tmp_path: Path) -> None:
    used = 128 * MIB - 2 * 65536 - sum(length for _, length in free_on(PlainImage(image)))
    media = open_image(Spread(image, "raid0", 2).files(tmp_path))
    ranges = free_on(media)
    media.close()
    assert sum(length for _, length in ranges) == 2 * (DEVICE_BYTES - 65536) - used
    assert any(start > DEVICE_BYTES for start, _ in ranges)


@pytest.mark.parametrize(("profile", "parity"), [("raid5", 1), ("raid6", 2)])
def test_parity_is_in_use_where_something_of_its_row_is(profile: str, parity: int) -> None:
    size, count, rows = 4096, 5, 7
    data = count - parity
    stripes = tuple((index, 0) for index in range(count))
    chunk = Chunk(
        start=0, length=rows * data * size, profile=1 << (6 + parity), stripe_bytes=size, sub_stripes=1, stripes=stripes
    )
    chance = random.Random(parity)
    marks = sorted(chance.sample(range(chunk.length), 12))
    used = list(zip(marks[::2], marks[1::2], strict=True))
    wanted = [bytearray(rows * size) for _ in range(count)]
    for begin, end in used:
        for at in range(begin, end):
            _, ((device, offset),) = chunk.places(at)
            wanted[device][offset] = 1
            row = at // (data * size)
            for other in range(count):
                if (other - row) % count >= data:
                    wanted[other][row * size : (row + 1) * size] = b"\1" * size
    for index in range(count):
        found = bytearray(rows * size)
        for begin, end in chunk.on_stripe(index, used):
            found[begin:end] = b"\1" * (end - begin)
        assert found == wanted[index]


def test_slack_lies_behind_the_end_of_a_file_in_its_last_block_and_not_behind_inline_ones(image: Path) -> None:
    rows = {row["path"]: row for row in document(PlainImage(image), hash_files=False)["rows"]}
    reader, volumes = opened(PlainImage(image))
    assert reader.slack(lineage(volumes, "v0"), rows["/many/1.txt"]["address"]).size_bytes == 0
    for path, size in (("/big", 700_001), ("/sparse", 20_005_000)):
        slack = reader.slack(lineage(volumes, "v0"), rows[path]["address"])
        assert slack.size_bytes == -size % 4096
        ((start, length),) = slack.ranges
        raw = image.read_bytes()
        inside = size % 4096
        block = raw[start - inside : start + length]
        wanted = reader.content(lineage(volumes, "v0"), rows[path]["address"]).read(size - inside, inside)
        assert block[:inside] == wanted
        assert slack.read(0, slack.size_bytes) == block[inside:]


def slacks(path: Path, volume_id: str) -> tuple[list[bytes], set[bool]]:
    """The slack of each file, and whether it has a place in the volume."""
    image = PlainImage(path)
    reader, volumes = opened(image)
    rows = [row for row in document(image, hash_files=False)["rows"] if row["kind"] == "file"]
    found = [reader.slack(lineage(volumes, volume_id), row["address"]) for row in rows]
    return [slack.read(0, slack.size_bytes) for slack in found], {bool(list(s.ranges)) for s in found if s.size_bytes}


def test_slack_on_another_partition_is_read_and_has_no_place_in_the_first(image: Path, tmp_path: Path) -> None:
    raw = bytearray(image.read_bytes())
    reader, volumes = opened(PlainImage(image))
    for row in document(PlainImage(image), hash_files=False)["rows"]:
        for start, length in reader.slack(lineage(volumes, "v0"), row["address"]).ranges:
            raw[start : start + length] = random.Random(start).randbytes(length)
    image.write_bytes(raw)
    wanted, _ = slacks(image, "v0")
    placed: set[bool] = set()
    for order in ([1, 2, 3], [2, 3, 1], [3, 1, 2]):
        found, is_placed = slacks(Spread(image, "raid0", 3).disk(tmp_path / "disk.img", order), "v0.p1")
        assert found == wanted
        placed |= is_placed
    assert placed == {True, False}


def refusal(path: Path) -> str:
    with pytest.raises(UnreadableContentError) as caught:
        free_on(PlainImage(path))
    return str(caught.value)


def test_an_extent_tree_that_does_not_sum_up_to_its_block_groups_is_refused(image: Path) -> None:
    edit = Editor(image)
    edit.change(2, lambda key: key[1] == 192, 0, (4096).to_bytes(8, "little"))
    edit.save()
    assert "bytes in use in the chunk at" in refusal(image)


def test_a_damaged_extent_tree_is_refused_with_its_place(image: Path) -> None:
    edit = Editor(image)
    block = edit.blocks(2)[0]
    edit.raw[block + 200] ^= 1
    edit.save()
    assert f"the tree block at byte {block}" in refusal(image)


def test_an_empty_extent_tree_is_not_taken_for_an_empty_disk(image: Path) -> None:
    edit = Editor(image)
    for block in edit.blocks(2):
        edit.raw[block + 96 : block + 100] = bytes(4)
        edit.seal(block)
    edit.save()
    assert "no block group" in refusal(image) or "does not begin with" in refusal(image)


def write_leaf(edit: Editor, at: int, items: list[tuple[tuple[int, int, int], bytes]]) -> None:
    end = edit.node - 101
    struct.pack_into("<I", edit.raw, at + 96, len(items))
    for index, (key, data) in enumerate(items):
        end -= len(data)
        struct.pack_into("<QBQII", edit.raw, at + 101 + 25 * index, *key, end, len(data))
        edit.raw[at + 101 + end : at + 101 + end + len(data)] = data
    edit.seal(at)


def test_block_groups_in_a_tree_of_their_own_are_found(image: Path) -> None:
    free, edit = free_on(PlainImage(image)), Editor(image)
    (own,) = edit.blocks(10)
    known = {leaf: [(key, bytes(edit.raw[at : at + size])) for block, key, at, size in edit.items(2) if block == leaf]
             for leaf in edit.blocks(2)}  # fmt: skip
    groups = [item for items in known.values() for item in items if item[0][1] == 192]
    for leaf, items in known.items():
        write_leaf(edit, leaf, [item for item in items if item[0][1] != 192])
    write_leaf(edit, own, groups)
    (roots,) = edit.blocks(1)
    keys = [struct.unpack_from("<QB", edit.raw, roots + 101 + 25 * n) for n in range(edit.raw[roots + 96])]
    struct.pack_into("<Q", edit.raw, roots + 101 + 25 * keys.index((10, 132)), 11)
    edit.seal(roots)
    edit.save()
    assert free_on(PlainImage(image)) == free


@pytest.mark.parametrize("seed", range(5))
def test_any_damage_under_right_checksums_ends_in_ranges_or_words(seed: int, image: Path) -> None:
    chance, edit = random.Random(seed), Editor(image)
    leaf = chance.choice([*edit.blocks(2), *edit.blocks(3)])
    items = 101 + 25 * edit.raw[leaf + 96]
    for _ in range(3):
        at = chance.choice((chance.randrange(101, items), chance.randrange(items, edit.node)))
        edit.raw[leaf + at] = chance.choice((0, 0x80, 0xFF))
    edit.seal(leaf)
    edit.save()
    with contextlib.suppress(UnreadableContentError):
        assert all(start + length <= 128 * MIB for start, length in free_on(PlainImage(image)))
