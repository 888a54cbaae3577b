"""VHD: fixed, dynamic, differencing and split, held against qemu-img and files written by the specification."""

import random
import shutil
import subprocess
from pathlib import Path

import pytest

from evidence.digest import hash_media
from evidence.errors import DamagedContainerError, MissingSegmentError, UnreadableRegionError
from evidence.images import Image, open_image
from tests.evidence.images.conftest import Open
from tests.evidence.images.damage import hurt, outcome
from tests.evidence.images.vhd_builder import BLOCK, FIXED, SECTOR, dynamic, fixed, footer, summed

SIZE = 5 * BLOCK + 8 * SECTOR


def noise(size: int, seed: int = 1) -> bytes:
    return random.Random(seed).randbytes(size)


def whole(image: Image) -> bytes:
    return image.read_at(0, image.media_bytes)


@pytest.mark.skipif(not shutil.which("qemu-img"), reason="qemu-img (Debian: qemu-utils) is not installed")
@pytest.mark.parametrize("form", ["dynamic", "fixed"])
@pytest.mark.parametrize("size", [9 << 20, 7_000_064])
def test_what_qemu_writes_reads_as_qemu_reads_it(form: str, size: int, tmp_path: Path, opened: Open) -> None:
    raw, disk, back = (tmp_path / name for name in ("raw", "disk.vhd", "back"))
    raw.write_bytes(noise(1 << 20) + bytes(size - (2 << 20)) + noise(1 << 20, 2))
    options = ["-f", "raw", "-O", "vpc", "-o", f"subformat={form}"]
    subprocess.run(["qemu-img", "convert", *options, raw, disk], check=True)
    subprocess.run(["qemu-img", "convert", "-f", "vpc", "-O", "raw", disk, back], check=True)
    image = opened([disk])
    assert (image.container, image.metadata["disk_type"], image.problems) == ("vhd", form, ())
    assert whole(image) == back.read_bytes()
    assert image.read_at(1234567, 1000) == back.read_bytes()[1234567:1235567]


def test_sectors_that_the_bitmap_calls_unwritten_are_zeros(tmp_path: Path, opened: Open) -> None:
    image = opened([dynamic(tmp_path / "a.vhd", SIZE, {3: b"x" * SECTOR, 5: b"y" * SECTOR, 400: b"z" * SECTOR})])
    expected = bytearray(SIZE)
    for sector, letter in ((3, b"x"), (5, b"y"), (400, b"z")):
        expected[sector * SECTOR : (sector + 1) * SECTOR] = letter * SECTOR
    assert whole(image) == bytes(expected)
    assert image.read_at(3 * SECTOR + 500, 600) == bytes(expected)[3 * SECTOR + 500 : 3 * SECTOR + 1100]


def test_a_fixed_disk_with_the_footer_of_511_bytes_is_read(tmp_path: Path, opened: Open) -> None:
    media = noise(SIZE)
    image = opened([fixed(tmp_path / "old.vhd", media, footer_bytes=511)])
    assert (image.container, whole(image), image.problems) == ("vhd", media, ())


def test_the_size_of_virtual_pc_is_that_of_the_geometry_and_is_told(tmp_path: Path, opened: Open) -> None:
    path = tmp_path / "pc.vhd"
    media = noise(SIZE)
    path.write_bytes(media + footer(FIXED, SIZE, creator=b"vpc ", geometry=(8, 4, 17)))
    image = opened([path])
    assert image.media_bytes == 8 * 4 * 17 * SECTOR
    assert whole(image) == media[: image.media_bytes]
    (problem,) = image.problems
    assert str(SIZE) in problem.what
    assert not problem.is_damage


@pytest.mark.parametrize(
    ("locators", "name"),
    [
        ({b"W2ru": ".\\base.vhd".encode("utf-16-le")}, ""),
        ({b"W2ku": "C:\\disks\\BASE.vhd".encode("utf-16-le")}, ""),
        ({b"MacX": b"file://localhost/Users/a/base.vhd"}, ""),
        ({b"W2ru": "..\\..\\elsewhere\\base.vhd".encode("utf-16-le")}, ""),
        ({}, "base.vhd"),
        ({}, "D:\\x\\base.vhd"),
    ],
)
def test_a_differencing_disk_finds_its_parent_by_every_name(
    locators: dict[bytes, bytes], name: str, tmp_path: Path, opened: Open
) -> None:
    media = noise(SIZE - BLOCK)
    base = fixed(tmp_path / "base.vhd", media, identifier=7)
    child = dynamic(
        tmp_path / "child.vhd", SIZE, {2: b"c" * SECTOR}, identifier=8, parent=7, parent_name=name, locators=locators
    )
    image = opened([child])
    expected = media[: 2 * SECTOR] + b"c" * SECTOR + media[3 * SECTOR :] + bytes(BLOCK)
    assert whole(image) == expected
    assert image.paths == (child, base)
    assert image.container_bytes == child.stat().st_size + base.stat().st_size
    assert image.metadata["parent_id"] == "00000000-0000-0000-0000-000000000007"


def test_a_chain_of_three_is_read_through(tmp_path: Path, opened: Open) -> None:
    media = noise(SIZE)
    fixed(tmp_path / "a.vhd", media, identifier=1)
    dynamic(tmp_path / "b.vhd", SIZE, {1: b"b" * SECTOR}, identifier=2, parent=1, parent_name="a.vhd")
    dynamic(tmp_path / "c.vhd", SIZE, {2: b"c" * SECTOR}, identifier=3, parent=2, parent_name="b.vhd")
    image = opened([tmp_path / "c.vhd"])
    assert whole(image) == media[:SECTOR] + b"b" * SECTOR + b"c" * SECTOR + media[3 * SECTOR :]


def test_a_missing_parent_is_named(tmp_path: Path) -> None:
    child = dynamic(tmp_path / "child.vhd", SIZE, {}, parent=7, parent_name="base.vhd")
    with pytest.raises(MissingSegmentError, match=r"base\.vhd.*00000007"):
        open_image([child])


def test_a_file_of_the_right_name_with_another_identifier_is_no_parent(tmp_path: Path) -> None:
    fixed(tmp_path / "base.vhd", noise(SIZE), identifier=6)
    child = dynamic(tmp_path / "child.vhd", SIZE, {}, parent=7, parent_name="base.vhd")
    with pytest.raises(MissingSegmentError, match="is another disk"):
        open_image([child])


def test_a_parent_elsewhere_is_taken_when_it_is_given(tmp_path: Path, opened: Open) -> None:
    (tmp_path / "far").mkdir()
    base = fixed(tmp_path / "far" / "other name.vhd", noise(SIZE), identifier=7)
    child = dynamic(tmp_path / "child.vhd", SIZE, {}, parent=7, parent_name="base.vhd")
    assert whole(opened([child, base])) == noise(SIZE)


def test_a_file_that_is_no_part_of_the_image_is_told(tmp_path: Path, opened: Open) -> None:
    paths = [fixed(tmp_path / name, noise(SIZE)) for name in ("a.vhd", "b.vhd")]
    (problem,) = opened(paths).problems
    assert "b.vhd" in problem.what


def test_disks_that_are_each_others_parents_are_refused(tmp_path: Path) -> None:
    dynamic(tmp_path / "a.vhd", SIZE, {}, identifier=1, parent=2, parent_name="b.vhd")
    dynamic(tmp_path / "b.vhd", SIZE, {}, identifier=2, parent=1, parent_name="a.vhd")
    with pytest.raises(DamagedContainerError, match="chain of parents"):
        open_image([tmp_path / "a.vhd"])


def test_a_split_disk_is_joined_by_any_of_its_parts(tmp_path: Path, opened: Open) -> None:
    data = fixed(tmp_path / "all", b"\xeb" + noise(SIZE - 1)).read_bytes()
    third = len(data) // 3
    pieces = (data[:third], data[third : 2 * third], data[2 * third :])
    for name, piece in zip(("disk.vhd", "disk.v01", "disk.v02"), pieces, strict=True):
        (tmp_path / name).write_bytes(piece)
    for name in ("disk.vhd", "disk.v01", "disk.v02"):
        image = opened([tmp_path / name])
        assert whole(image) == data[:SIZE]
        assert [path.name for path in image.paths] == ["disk.vhd", "disk.v01", "disk.v02"]
    (tmp_path / "disk.v01").unlink()
    with pytest.raises(MissingSegmentError, match=r"disk\.v01"):
        open_image([tmp_path / "disk.vhd"])


def test_the_footer_at_the_front_stands_in_for_a_damaged_one(tmp_path: Path, opened: Open) -> None:
    path = dynamic(tmp_path / "a.vhd", SIZE, {3: b"x" * SECTOR})
    before = whole(opened([path]))
    data = bytearray(path.read_bytes())
    data[-300] ^= 1
    path.write_bytes(data)
    image = opened([path])
    assert whole(image) == before
    assert "copy at the front" in image.problems[0].what


def test_a_wrong_checksum_is_told(tmp_path: Path, opened: Open) -> None:
    path = fixed(tmp_path / "a.vhd", noise(SIZE))
    data = bytearray(path.read_bytes())
    data[-300] ^= 1
    path.write_bytes(data)
    image = opened([path])
    assert whole(image) == noise(SIZE)
    assert "checksum of the footer" in image.problems[0].what


def test_a_cut_off_disk_is_told_and_what_is_missing_is_never_zeros(tmp_path: Path, opened: Open) -> None:
    path = dynamic(tmp_path / "a.vhd", SIZE, {0: b"x" * SECTOR, 10: b"y" * SECTOR, 350: b"z" * SECTOR})
    path.write_bytes(path.read_bytes()[: -512 - BLOCK // 2])
    image = opened([path])
    assert image.problems
    with pytest.raises(UnreadableRegionError):
        image.read_at(350 * SECTOR, SECTOR)
    assert image.read_at(10 * SECTOR, SECTOR) == b"y" * SECTOR
    unreadable = hash_media(image, algorithms=("md5",)).unreadable
    assert [(region.offset_bytes, region.length_bytes) for region in unreadable] == [(350 * SECTOR, SECTOR)]


def test_blocks_outside_the_file_and_on_each_other_are_told(tmp_path: Path, opened: Open) -> None:
    path = dynamic(tmp_path / "a.vhd", SIZE, {0: b"x" * SECTOR, 200: b"y" * SECTOR})
    data = bytearray(path.read_bytes())
    data[8192:8196] = (0x7FFFFFFF).to_bytes(4, "big")
    data[8200:8204] = data[8196:8200]
    path.write_bytes(data)
    image = opened([path])
    words = " ".join(problem.what for problem in image.problems)
    assert "past the end" in words
    assert "another block" in words
    with pytest.raises(UnreadableRegionError):
        image.read_at(0, 1)


def test_a_huge_size_is_refused_and_a_huge_table_too(tmp_path: Path) -> None:
    path = dynamic(tmp_path / "a.vhd", SIZE, {})
    data = bytearray(path.read_bytes())
    for at in (0, len(data) - 512):
        data[at + 48 : at + 56] = (1 << 45).to_bytes(8, "big")
        data[at : at + 512] = summed(data[at : at + 512], 64)
    data[512 + 28 : 512 + 32] = b"\xff" * 4
    data[512 + 32 : 512 + 36] = (512).to_bytes(4, "big")
    path.write_bytes(data)
    with pytest.raises(DamagedContainerError, match="table of blocks"):
        open_image([path])


@pytest.mark.parametrize("seed", range(60))
def test_random_damage_gives_words_or_bytes(seed: int, tmp_path: Path) -> None:
    path = dynamic(tmp_path / "a.vhd", SIZE, {0: noise(SECTOR), 300: noise(SECTOR)}, parent_name="x")
    hurt(path, seed, lambda chance, size: chance.choice((chance.randrange(8704), size - 1 - chance.randrange(512))))
    assert outcome(path, (0, 300 * SECTOR))
