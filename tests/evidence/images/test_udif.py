"""Apple disk images: every packing, both kinds of lists, held against qemu-img, and damage."""

import plistlib
import random
import shutil
import subprocess
import zlib
from pathlib import Path

import lzfse
import pytest

from evidence.digest import hash_media
from evidence.errors import DamagedContainerError, UnreadableRegionError, UnsupportedContainerError
from evidence.images import Image, open_image
from evidence.images.base import STORED_DIGESTS
from evidence.images.udif_check import CHECKED_AT_ONCE_BYTES
from evidence.images.udif_chunks import LZFSE as LZFSE_CHUNK
from evidence.images.udif_chunks import BadChunkError, unpack
from tests.evidence.images.conftest import Open
from tests.evidence.images.damage import hurt, outcome
from tests.evidence.images.udif_builder import ADC, BZIP2, IGNORE, LZFSE, PACKERS, RAW, SECTOR, XZ, ZERO, ZLIB, Udif

PACKED = {"adc": ADC, "zlib": ZLIB, "bzip2": BZIP2, "lzfse": LZFSE, "lzma": XZ}


def stuff(sectors: int, seed: int = 1) -> bytes:
    """Neither noise nor even: runs, repeats and noise."""
    chance = random.Random(seed)
    parts = [chance.choice((bytes([chance.randrange(256)]) * 64, chance.randbytes(64))) for _ in range(sectors * 4)]
    return b"".join(part if chance.random() < 0.5 else (part[:16] * 4) for part in parts for _ in (0, 1))


def whole(image: Image) -> bytes:
    return image.read_at(0, image.media_bytes)


def words(image: Image) -> str:
    return " ".join(problem.what for problem in image.problems)


def disk(kind: int) -> Udif:
    free = bytes(8 * SECTOR)
    return Udif(
        [
            ("Driver (MBR : 0)", [(kind, stuff(1, 1))]),
            ("disk (Apple_HFS : 1)", [(kind, stuff(64, 2)), (ZERO, free), (RAW, stuff(3, 3)), (kind, stuff(65, 4))]),
            ("(Apple_Free : 2)", [(IGNORE, free)]),
        ]
    )


@pytest.mark.parametrize("name", PACKED)
@pytest.mark.parametrize("in_fork", [False, True], ids=["property list", "resource fork"])
def test_every_packing_is_read_from_both_kinds_of_lists(name: str, in_fork: bool, tmp_path: Path, opened: Open) -> None:
    made = disk(PACKED[name])
    made.in_fork = in_fork
    image = opened([made.write(tmp_path / "a.dmg")])
    assert (image.container, image.problems) == ("udif", ())
    assert image.metadata["compression"] == name
    assert whole(image) == made.media
    assert image.read_at(70 * SECTOR - 9, 5000) == made.media[70 * SECTOR - 9 :][:5000]
    assert not hash_media(image, algorithms=("md5",)).unreadable


@pytest.mark.skipif(not shutil.which("qemu-img"), reason="qemu-img (Debian: qemu-utils) is not installed")
def test_qemu_reads_the_same_bytes(tmp_path: Path, opened: Open) -> None:
    made = disk(ZLIB)
    path, back = made.write(tmp_path / "a.dmg"), tmp_path / "back"
    subprocess.run(["qemu-img", "convert", "-f", "dmg", "-O", "raw", path, back], check=True, capture_output=True)
    assert whole(opened([path])) == back.read_bytes()


def test_bytes_that_fill_up_the_last_sector_do_no_harm(tmp_path: Path, opened: Open) -> None:
    made = disk(ZLIB)
    assert whole(opened([made.write(tmp_path / "a.dmg", behind=bytes(300))])) == made.media


def test_a_damaged_chunk_is_told_on_opening_and_never_zeros(tmp_path: Path, opened: Open) -> None:
    made = disk(ZLIB)
    path = made.write(tmp_path / "a.dmg")
    data = bytearray(path.read_bytes())
    data[len(made.data) // 4] ^= 0x55
    path.write_bytes(data)
    image = opened([path])
    assert "checksum over the stored data" in words(image)
    (region,) = hash_media(image, algorithms=("md5",)).unreadable
    assert (region.offset_bytes, region.length_bytes) == (SECTOR, 64 * SECTOR)
    assert image.read_at(0, SECTOR) == made.media[:SECTOR]


def test_a_damaged_list_of_checksums_is_told(tmp_path: Path, opened: Open) -> None:
    path = disk(ZLIB).write(tmp_path / "a.dmg")
    data = bytearray(path.read_bytes())
    data[-512 + 360] ^= 1
    path.write_bytes(data)
    assert "checksums of the tables" in words(opened([path]))


def changed_chunk(made: Udif, path: Path, *, is_sealed: bool) -> Path:
    """Another byte in a raw chunk, which nothing but checksums tells; sealed, that over the stored data is right."""
    made.write(path)
    data = bytearray(path.read_bytes())
    at = data.index(stuff(3, 3))
    data[at] ^= 1
    if is_sealed:
        data[-512 + 88 : -512 + 92] = zlib.crc32(data[: len(made.data)]).to_bytes(4, "big")
    path.write_bytes(data)
    return path


def test_hashing_compares_the_checksum_of_each_table(tmp_path: Path, opened: Open) -> None:
    assert hash_media(opened([disk(ZLIB).write(tmp_path / "good.dmg")]), algorithms=("md5",)).problems == ()
    image = opened([changed_chunk(disk(ZLIB), tmp_path / "bad.dmg", is_sealed=True)])
    assert not image.problems
    (problem,) = hash_media(image, algorithms=("md5",)).problems
    assert problem.what.startswith(
        "The bytes of the table 'disk (Apple_HFS : 1)' (media bytes 512 to 72192) have the CRC-32"
    )
    assert (problem.offset_bytes, problem.about, problem.is_damage) == (SECTOR, STORED_DIGESTS, True)


def test_where_bytes_cannot_be_read_the_checksum_of_their_table_says_nothing_more(tmp_path: Path, opened: Open) -> None:
    made = disk(ZLIB)
    path = made.write(tmp_path / "a.dmg")
    data = bytearray(path.read_bytes())
    data[len(made.data) // 4] ^= 0x55
    path.write_bytes(data)
    media = hash_media(opened([path]), algorithms=("md5",))
    assert (len(media.unreadable), media.problems) == (1, ())


def test_a_checksum_of_a_kind_that_is_not_known_is_said_to_be_left_out(tmp_path: Path, opened: Open) -> None:
    path = disk(ZLIB).write(tmp_path / "a.dmg")
    data = bytearray(path.read_bytes())
    data[-512 + 83] = 9
    data[-512 + 355] = 8
    path.write_bytes(data)
    image = opened([path])
    assert "checksum over the stored data is of the kind 9, which is not known: it is not compared" in words(image)
    assert "checksum over those of the tables is of the kind 8" in words(image)
    assert not any(problem.is_damage for problem in image.problems)


def test_chunks_in_another_order_are_said_not_to_be_compared(tmp_path: Path, opened: Open) -> None:
    made = Udif([("a", [(RAW, stuff(2, 1)), (RAW, stuff(2, 2))])])
    path = made.write(tmp_path / "a.dmg")
    listing = plistlib.loads(path.read_bytes()[len(made.data) : -512])
    table = listing["resource-fork"]["blkx"][0]["Data"]
    listing["resource-fork"]["blkx"][0]["Data"] = table[:204] + table[244:284] + table[204:244] + table[284:]
    text, trailer = plistlib.dumps(listing), bytearray(path.read_bytes()[-512:])
    trailer[224:232] = len(text).to_bytes(8, "big")
    path.write_bytes(bytes(made.data) + text + trailer)
    image = opened([path])
    assert whole(image) == made.media
    (problem,) = hash_media(image, algorithms=("md5",)).problems
    assert "not compared with their checksum: its chunks lie over each other or in another order" in problem.what
    assert not problem.is_damage


def test_more_than_a_gibibyte_of_stored_data_is_checked_while_hashing_only(tmp_path: Path, opened: Open) -> None:
    made = disk(ZLIB)
    path = made.write(tmp_path / "a.dmg")
    size = CHECKED_AT_ONCE_BYTES + 1
    whole_file = path.read_bytes()
    crc = zlib.crc32(made.data)
    for _ in range((size - len(made.data)) // (1 << 20)):
        crc = zlib.crc32(bytes(1 << 20), crc)
    crc = zlib.crc32(bytes((size - len(made.data)) % (1 << 20)), crc)
    trailer = bytearray(whole_file[-512:])
    trailer[32:40] = size.to_bytes(8, "big")
    trailer[216:224] = size.to_bytes(8, "big")
    trailer[88:92] = crc.to_bytes(4, "big")
    with path.open("r+b") as file:
        file.truncate(len(made.data))
        file.seek(size)
        file.write(whole_file[len(made.data) : -512] + trailer)
    image = opened([path])
    assert f"The checksum over the {size} stored bytes is compared only while the media is hashed." == words(image)
    assert not any(problem.is_damage for problem in image.problems)
    assert hash_media(image, algorithms=("md5",)).problems == ()
    with path.open("r+b") as file:
        file.seek(size - 5)
        file.write(b"x")
    (problem,) = hash_media(opened([path]), algorithms=("md5",)).problems
    assert "The checksum over the stored data is wrong" in problem.what


def test_what_no_table_has_is_unreadable(tmp_path: Path, opened: Open) -> None:
    path = disk(ZLIB).write(tmp_path / "a.dmg")
    data = bytearray(path.read_bytes())
    sectors = int.from_bytes(data[-20:-12], "big")
    data[-20:-12] = (sectors + 5).to_bytes(8, "big")
    path.write_bytes(data)
    (region,) = hash_media(opened([path]), algorithms=("md5",)).unreadable
    assert (region.offset_bytes, region.length_bytes) == (sectors * SECTOR, 5 * SECTOR)


def test_a_disk_image_in_segments_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(UnsupportedContainerError, match="in segments, of which this is 1 of 2"):
        open_image([Udif([("a", [(ZLIB, stuff(1))])], segments=2).write(tmp_path / "a.dmg")])


def test_a_property_list_that_is_none_is_refused(tmp_path: Path) -> None:
    path = disk(ZLIB).write(tmp_path / "a.dmg")
    data = path.read_bytes()
    path.write_bytes(data.replace(b"<key>blkx</key>", b"<key>none</key>"))
    with pytest.raises(DamagedContainerError, match="property list"):
        open_image([path])


@pytest.mark.parametrize("name", PACKED)
def test_a_chunk_that_unpacks_to_another_size_is_damaged(name: str) -> None:
    packed = PACKERS[PACKED[name]](stuff(4))
    assert unpack(PACKED[name], packed, 4 * SECTOR) == stuff(4)
    for size in (3 * SECTOR, 5 * SECTOR):
        if (name, size) == ("adc", 3 * SECTOR):
            continue  # has no end of its own
        with pytest.raises(BadChunkError):
            unpack(PACKED[name], packed, size)
    with pytest.raises(BadChunkError):
        unpack(PACKED[name], packed[: len(packed) // 2], 4 * SECTOR)


def test_blocks_of_lzfse_that_claim_more_than_the_chunk_are_not_unpacked() -> None:
    packed = lzfse.compress(bytes(1 << 24))
    with pytest.raises(BadChunkError):
        unpack(LZFSE_CHUNK, packed, SECTOR)


def test_a_chunk_of_a_huge_size_is_refused_without_unpacking(tmp_path: Path, opened: Open) -> None:
    made = Udif([("a", [(ZLIB, bytes(66 << 20))])])
    image = opened([made.write(tmp_path / "a.dmg")])
    with pytest.raises(UnreadableRegionError, match="claims"):
        image.read_at(0, SECTOR)


@pytest.mark.parametrize("seed", range(60))
def test_random_damage_gives_words_or_bytes(seed: int, tmp_path: Path) -> None:
    made = disk(list(PACKED.values())[seed % 5])
    made.in_fork = seed % 2 == 0
    path = made.write(tmp_path / "a.dmg")
    begin = len(made.data) if seed % 3 else 0
    hurt(path, seed, lambda chance, size: chance.randrange(begin, size))
    assert outcome(path, (0, 20 * SECTOR, 70 * SECTOR))
