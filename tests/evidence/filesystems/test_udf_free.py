"""What no file of a UDF volume uses, as udftools count it, and the slack of files."""

from __future__ import annotations

import re
import struct
from pathlib import Path

import pytest

from evidence.filesystems.udf import UdfFileSystem
from tests.evidence.documents import document
from tests.evidence.filesystems.test_udf import PlainImage, opened
from tests.evidence.filesystems.udf_builder import LENGTH, START, Volume, long_ad, metadata_place, short_ad, tagged
from tests.evidence.made_images import blank, need, run

BLOCK = 2048
BITMAP_AT = 100


def free_in(volume: UdfFileSystem) -> list[tuple[int, int]]:
    """First block and number of blocks of each stretch of the media."""
    return [(at // BLOCK, size // BLOCK) for at, size in volume.unallocated()]


def bitmap(free: list[range], bits: int, location: int) -> bytes:
    """A space bitmap descriptor, in which a set bit is a free block."""
    whole = bytearray(-(-bits // 8))
    for block in (block for blocks in free for block in blocks):
        whole[block // 8] |= 1 << block % 8
    return tagged(264, location, struct.pack("<II", bits, len(whole)) + whole)


def with_bitmap(volume: Volume, free: list[range], *, bits: int = LENGTH) -> None:
    """Name a bitmap of the partition at block 100 of it."""
    raw = bitmap(free, bits, BITMAP_AT)
    volume.blocks[0, BITMAP_AT] = raw
    volume.header = (bytes(8) + struct.pack("<II", len(raw), BITMAP_AT)).ljust(128, b"\0")


def written(path: Path, volume: Volume) -> UdfFileSystem:
    root = volume.directory(volume.name("a.txt", volume.file(b"hello" * 500, extended=True)), at=1)
    return opened(volume.write(path, root))


@pytest.mark.parametrize(
    "options",
    [
        ("--media-type=hd", "--blocksize=512"),
        ("--media-type=hd", "--space=unalloctable"),
        ("--media-type=hd", "--space=freedbitmap"),
        ("--media-type=hd", "--space=freedtable"),
        ("--media-type=dvdram",),
        ("--media-type=cdrw", "--udfrev=1.50"),
    ],
)
def test_free_blocks_are_as_many_as_udfinfo_says_and_it_needs_none_of_them(
    options: tuple[str, ...], tmp_path: Path
) -> None:
    need("mkudffs", "udfinfo")
    path = blank(tmp_path / "x.raw", 32 << 20)
    run("mkudffs", "--new-file", *options, path, "8192")
    said = run("udfinfo", path)
    numbers = {key: int(number) for key, number in re.findall(r"^(freeblocks|blocksize)=(\d+)$", said, re.M)}
    content = opened(path).unallocated()
    assert content.size_bytes == numbers["freeblocks"] * numbers["blocksize"] > 0
    with path.open("r+b") as file:
        for start, length in content:
            file.seek(start)
            file.write(b"\xa5" * length)
    assert run("udfinfo", path) == said


def test_a_set_bit_is_a_free_block_of_the_partition(tmp_path: Path) -> None:
    volume = Volume()
    with_bitmap(volume, [range(3, 5), range(140, 160), range(LENGTH - 1, LENGTH)])
    assert free_in(written(tmp_path / "x.raw", volume)) == [
        (START + 3, 2),
        (START + 140, 20),
        (START + LENGTH - 1, 1),
    ]


def test_free_blocks_of_a_replaced_packet_lie_where_it_was_put(tmp_path: Path) -> None:
    volume = Volume(kind="sparable")
    with_bitmap(volume, [range(126, 131)])
    assert free_in(written(tmp_path / "x.raw", volume)) == [(START + 126, 2), (START + LENGTH + 20, 3)]


def test_free_blocks_of_a_metadata_partition_are_those_of_its_own_bitmap_and_of_the_mirror(tmp_path: Path) -> None:
    volume = Volume(kind="metadata", metadata_bitmap=110)
    with_bitmap(volume, [range(200, 210)])
    raw = bitmap([range(2, 4), range(20, 23)], 28, 0)
    volume.entry(252, len(raw), long_ad(len(raw), volume.data(raw), 0), 1, at=110, ref=0, extended=True)
    found = free_in(written(tmp_path / "x.raw", volume))
    runs = [(START + metadata_place(at), size) for at, size in ((2, 2), (20, 3))]
    assert found == [(START + 200, 10), *((at + shift, size) for at, size in runs for shift in (0, 40))]


def test_the_extents_of_an_unallocated_space_entry_are_free(tmp_path: Path) -> None:
    volume = Volume()
    extents = short_ad(10 * BLOCK, 140, 1) + short_ad(3 * BLOCK, 180, 1)
    icb = struct.pack("<IHHHBBIHH", 0, 4, 0, 1, 0, 1, 0, 0, 0)
    volume.blocks[0, BITMAP_AT] = tagged(263, BITMAP_AT, icb + struct.pack("<I", len(extents)) + extents)
    volume.header = struct.pack("<II", BLOCK, BITMAP_AT).ljust(128, b"\0")
    assert free_in(written(tmp_path / "x.raw", volume)) == [(START + 140, 10), (START + 180, 3)]


@pytest.mark.parametrize("kind", ["plain", "virtual"])
def test_a_volume_without_a_record_says_so(kind: str, tmp_path: Path) -> None:
    with pytest.raises(OSError, match="no partition of this UDF volume keeps a record of its free blocks"):
        written(tmp_path / "x.raw", Volume(kind=kind)).unallocated()


@pytest.mark.parametrize(
    ("at", "words"),
    [(20, "the CRC is wrong|its CRC is wrong"), (4, "the checksum of its tag is wrong")],
)
def test_a_damaged_bitmap_is_refused(at: int, words: str, tmp_path: Path) -> None:
    volume, path = Volume(), tmp_path / "x.raw"
    with_bitmap(volume, [range(140, 160)])
    written(path, volume)
    data = bytearray(path.read_bytes())
    data[(START + BITMAP_AT) * BLOCK + at] ^= 1
    path.write_bytes(data)
    with pytest.raises(OSError, match=words):
        opened(path).unallocated()


def test_a_bitmap_of_fewer_blocks_than_the_partition_has_is_refused(tmp_path: Path) -> None:
    volume = Volume()
    with_bitmap(volume, [], bits=LENGTH - 8)
    with pytest.raises(OSError, match=f"has {LENGTH - 8} bits for {LENGTH} blocks"):
        written(tmp_path / "x.raw", volume).unallocated()


def test_slack_is_the_rest_of_the_last_block_and_what_is_reserved_behind_it(tmp_path: Path) -> None:
    volume, path = Volume(), tmp_path / "x.raw"
    first = volume.data(b"x" * BLOCK + b"y" * 100 + b"was here".ljust(BLOCK - 100, b"."))
    more = volume.data(b"reserved".ljust(BLOCK, b"-"))
    extents = long_ad(BLOCK + 100, first, 0) + long_ad(BLOCK | 1 << 30, more, 0) + long_ad(BLOCK | 2 << 30, 0, 0)
    names = (
        volume.name("a", volume.entry(5, BLOCK + 100, extents, 1)),
        volume.name("inside", volume.entry(5, 3, b"abc")),
    )
    system = opened(volume.write(path, volume.directory(*names, at=1)))
    addresses = {row["path"]: row["address"] for row in document(PlainImage(path))["rows"]}
    slack = system.slack(addresses["/a"])
    assert slack.read(0, 1 << 20) == b"was here".ljust(BLOCK - 100, b".") + b"reserved".ljust(BLOCK, b"-")
    assert list(slack) == [((START + first + 1) * BLOCK + 100, 2 * BLOCK - 100)]
    assert system.slack(addresses["/inside"]).size_bytes == 0
