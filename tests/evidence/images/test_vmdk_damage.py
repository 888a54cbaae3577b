import hashlib
import random
import struct
import zlib
from pathlib import Path

import pytest

from evidence.digest import hash_media
from evidence.errors import DamagedContainerError, SourceError, UnreadableRegionError, UnsupportedContainerError
from tests.evidence.images.conftest import Open
from tests.evidence.images.qemu import as_raw, converted, disk, needs_qemu
from tests.evidence.images.vmdk_builder import cowd, descriptor, sesparse

SIZE = 2 << 20
GRAIN = 65536
TEXT = b"evidence" * (SIZE // 8)


def made(folder: Path, form: str = "monolithicSparse") -> tuple[Path, bytearray]:
    (folder / "disk.raw").write_bytes(TEXT)
    path = converted(folder / "disk.raw", folder / "disk.vmdk", "vmdk", "-o", f"subformat={form}")
    return path, bytearray(path.read_bytes())


def table_at(data: bytearray, directory_field: int) -> int:
    (directory,) = struct.unpack_from("<Q", data, directory_field)
    (table,) = struct.unpack_from("<I", data, directory * 512)
    return int(table) * 512


@needs_qemu
@pytest.mark.parametrize(
    ("words", "at", "form", "value"),
    [
        ("grains of 100 sectors", 20, "<Q", 100),
        ("grains of 0 sectors", 20, "<Q", 0),
        ("grains of 1099511627776 sectors", 20, "<Q", 1 << 40),
        ("grain tables of 0 entries", 44, "<I", 0),
        ("grain tables of 4294967295 entries", 44, "<I", 0xFFFFFFFF),
        ("says an extent of", 12, "<Q", 1 << 60),
        ("grain directory lies behind", 12, "<Q", 1 << 36),
        ("grain directory lies behind", 56, "<Q", 1 << 50),
        ("names no grain directory", 56, "<Q", 0),
        ("the footer", 56, "<Q", (1 << 64) - 1),
        ("line ends", 73, "<I", 0x0D0A200A),
    ],
)
def test_a_header_that_says_what_cannot_be_is_refused(
    words: str, at: int, form: str, value: int, tmp_path: Path, opened: Open
) -> None:
    path, data = made(tmp_path)
    struct.pack_into(form, data, at, value)
    path.write_bytes(data)
    with pytest.raises(DamagedContainerError, match=words):
        opened([path])


@needs_qemu
def test_versions_and_compressions_that_are_not_known_are_refused_by_name(tmp_path: Path, opened: Open) -> None:
    path, data = made(tmp_path)
    for at, value, words in ((4, 9, "version 9"), (77, 7, "compression of type 7")):
        other = bytearray(data)
        other[at] = value
        path.write_bytes(other)
        with pytest.raises(UnsupportedContainerError, match=words):
            opened([path])


@needs_qemu
def test_the_copies_of_a_grain_table_are_held_against_each_other(tmp_path: Path, opened: Open) -> None:
    path, data = made(tmp_path)
    for field in (56, 48):
        other = bytearray(data)
        struct.pack_into("<I", other, table_at(data, field) + 4 * 3, 0)
        path.write_bytes(other)
        image = opened([path])
        with pytest.raises(UnreadableRegionError, match="disagree") as caught:
            image.read_at(0, SIZE)
        assert (caught.value.offset_bytes, caught.value.length_bytes) == (3 * GRAIN, GRAIN)
        assert image.read_at(4 * GRAIN, SIZE) == TEXT[4 * GRAIN :]


@needs_qemu
def test_the_second_copy_of_a_table_is_used_where_the_first_cannot_be(tmp_path: Path, opened: Open) -> None:
    path, data = made(tmp_path)
    (directory,) = struct.unpack_from("<Q", data, 56)
    struct.pack_into("<I", data, directory * 512, 0x7FFFFFFF)
    path.write_bytes(data)
    image = opened([path])
    assert "second copy is used" in image.problems[0].what
    assert image.read_at(0, SIZE) == TEXT
    struct.pack_into("<Q", data, 48, 0)
    path.write_bytes(data)
    lost = opened([path])
    assert "lost" in lost.problems[0].what
    with pytest.raises(UnreadableRegionError, match="grain table 0"):
        lost.read_at(0, 1)


@needs_qemu
@pytest.mark.parametrize("form", ["monolithicSparse", "streamOptimized"])
def test_a_cut_file_gives_no_zeros_for_what_is_missing(form: str, tmp_path: Path, opened: Open) -> None:
    disk(tmp_path / "noise.raw", SIZE, seed=9)
    whole = (tmp_path / "noise.raw").read_bytes()
    path = converted(tmp_path / "noise.raw", tmp_path / "cut.vmdk", "vmdk", "-o", f"subformat={form}")
    data = path.read_bytes()
    path.write_bytes(data[: len(data) * 2 // 3])
    try:
        image = opened([path])
    except DamagedContainerError:
        assert form == "streamOptimized"
        return
    result = hash_media(image)
    assert result.unreadable
    for region in result.unreadable:
        whole = (
            whole[: region.offset_bytes]
            + bytes(region.length_bytes)
            + whole[region.offset_bytes + region.length_bytes :]
        )
    assert hashlib.sha256(whole).digest() == result.digests["sha256"]


@needs_qemu
@pytest.mark.parametrize("how", ["sector", "size", "data", "sum"])
def test_a_damaged_compressed_grain_is_unreadable_as_a_whole(how: str, tmp_path: Path, opened: Open) -> None:
    path, data = made(tmp_path, "streamOptimized")
    place = struct.unpack_from("<I", data, table_at(data, 56) + 4 * 2)[0] * 512
    (size,) = struct.unpack_from("<I", data, place + 8)
    at = {"sector": place, "size": place + 10, "data": place + 12 + size // 2, "sum": place + 12 + size - 1}[how]
    data[at] ^= 0x55
    path.write_bytes(data)
    with pytest.raises(UnreadableRegionError) as caught:
        opened([path]).read_at(2 * GRAIN + 7, 9)
    assert (caught.value.offset_bytes, caught.value.length_bytes) == (2 * GRAIN, GRAIN)


@needs_qemu
def test_a_footer_that_knows_the_grain_directory_is_read(tmp_path: Path, opened: Open) -> None:
    path, data = made(tmp_path, "streamOptimized")
    data += bytes(-len(data) % 512)
    footer = bytes(data[:512])
    struct.pack_into("<Q", data, 56, (1 << 64) - 1)
    struct.pack_into("<Q", data, 48, 0)
    marker = struct.pack("<QII", 1, 0, 3).ljust(512, b"\0")
    path.write_bytes(bytes(data) + marker + footer + bytes(512))
    assert opened([path]).read_at(0, SIZE) == TEXT == as_raw(path, "vmdk")


@needs_qemu
def test_a_disk_that_was_in_use_is_told(tmp_path: Path, opened: Open) -> None:
    path, data = made(tmp_path)
    data[72] = 1
    path.write_bytes(data)
    assert "not closed properly" in opened([path]).problems[0].what


@needs_qemu
def test_extents_of_older_esx_are_read_as_qemu_reads_them(tmp_path: Path, opened: Open) -> None:
    rng, sectors = random.Random(3), 20_000
    base = disk(tmp_path / "base-flat.vmdk", sectors * 512)
    descriptor(tmp_path / "base.vmdk", sectors, "VMFS", base.name)
    for size in (1, 8):
        grains = {n: rng.randbytes(size * 512) for n in rng.sample(range(sectors // size), 200)}
        cowd(tmp_path / f"top{size}-delta.vmdk", sectors, grains, grain_sectors=size)
        name = f"top{size}-delta.vmdk"
        alone = descriptor(tmp_path / f"alone{size}.vmdk", sectors, "VMFSSPARSE", name)
        assert opened([alone]).read_at(0, sectors * 512) == as_raw(alone, "vmdk")
        top = descriptor(tmp_path / f"top{size}.vmdk", sectors, "VMFSSPARSE", name, parent="base.vmdk")
        wanted = bytearray(base.read_bytes())
        for number, data in grains.items():
            wanted[number * size * 512 : (number + 1) * size * 512] = data
        assert opened([top]).read_at(0, sectors * 512) == wanted == as_raw(top, "vmdk")
        assert opened([tmp_path / name]).paths[0] == top


@needs_qemu
def test_extents_of_newer_esxi_are_read_as_qemu_reads_them(tmp_path: Path, opened: Open) -> None:
    rng, sectors = random.Random(4), 300_000
    grains: dict[int, bytes | int] = {n: rng.randbytes(4096) for n in rng.sample(range(sectors // 8), 5000)}
    grains |= {7: 1 << 60, 8: 2 << 60}
    sesparse(tmp_path / "disk-sesparse.vmdk", sectors, grains)
    path = descriptor(tmp_path / "disk.vmdk", sectors, "SESPARSE", "disk-sesparse.vmdk")
    assert opened([path]).read_at(0, sectors * 512) == as_raw(path, "vmdk")


@pytest.mark.parametrize(("entry", "words"), [(5, "cannot be"), (4 << 60, "cannot be"), (3 << 60 | 1 << 40, "behind")])
def test_an_entry_of_newer_esxi_that_cannot_be_is_unreadable(
    entry: int, words: str, tmp_path: Path, opened: Open
) -> None:
    sesparse(tmp_path / "disk-sesparse.vmdk", 80, {3: entry, 4: b"x" * 4096})
    image = opened([descriptor(tmp_path / "disk.vmdk", 80, "SESPARSE", "disk-sesparse.vmdk")])
    with pytest.raises(UnreadableRegionError, match=words) as caught:
        image.read_at(0, 80 * 512)
    assert (caught.value.offset_bytes, caught.value.length_bytes) == (3 * 4096, 4096)
    assert image.read_at(4 * 4096, 4096) == b"x" * 4096


@pytest.mark.parametrize(("field", "words"), [("journal", "journal to replay"), ("flags", "not known")])
def test_what_is_not_known_of_newer_esxi_is_refused(field: str, words: str, tmp_path: Path, opened: Open) -> None:
    sesparse(tmp_path / "disk-sesparse.vmdk", 80, {}, **{field: 1})
    with pytest.raises(UnsupportedContainerError, match=words):
        opened([descriptor(tmp_path / "disk.vmdk", 80, "SESPARSE", "disk-sesparse.vmdk")])


def test_a_descriptor_of_too_many_parts_or_too_large_ones_is_refused(tmp_path: Path, opened: Open) -> None:
    path = descriptor(tmp_path / "disk.vmdk", 8, "ZERO", "")
    for more in ("RW 1 ZERO\n" * 10_001, f"RW {'9' * 19} ZERO\n", "# x\n" * 300_000):
        path.write_text(path.read_text("utf-8") + more, "utf-8")
        with pytest.raises(DamagedContainerError):
            opened([path])


def test_a_grain_that_would_unpack_to_much_more_is_unreadable(tmp_path: Path, opened: Open) -> None:
    bomb = zlib.compress(bytes(64 << 20))
    head = struct.pack("<4sIIQQQQIQQQB4sH", b"KDMV", 1, 0x30001, 128, 128, 0, 0, 512, 0, 1, 8, 0, b"\n \r\n", 1)
    data = bytearray(
        head.ljust(512, b"\0") + struct.pack("<I", 2).ljust(512, b"\0") + struct.pack("<I", 6).ljust(2048, b"\0")
    )
    path = tmp_path / "disk.bin"
    path.write_bytes(bytes(data) + struct.pack("<QI", 0, len(bomb)) + bomb)
    with pytest.raises(UnreadableRegionError, match=r"gives|would have"):
        opened([path]).read_at(0, 1)


@needs_qemu
@pytest.mark.parametrize(
    ("form", "options"),
    [
        ("vmdk", ["-o", "subformat=monolithicSparse"]),
        ("vmdk", ["-o", "subformat=streamOptimized"]),
        ("qcow2", []),
        ("qcow2", ["-c", "-o", "compression_type=zstd"]),
        ("qcow2", ["-o", "extended_l2=on"]),
        ("qcow", []),
        ("parallels", []),
    ],
)
def test_random_damage_ends_in_words_or_in_an_image(
    form: str, options: list[str], tmp_path: Path, opened: Open
) -> None:
    disk(tmp_path / "disk.raw", 1 << 20)
    path = converted(tmp_path / "disk.raw", tmp_path / "disk.img", form, *options)
    data, rng = path.read_bytes(), random.Random(11)
    tables = [at for at in range(0, min(len(data), 1 << 20), 512) if any(data[at : at + 512])][:40]
    for _ in range(150):
        other = bytearray(data)
        for _ in range(rng.choice((1, 1, 4, 30))):
            place = rng.randrange(128) if rng.random() < 0.4 else rng.choice(tables) + rng.randrange(512)
            other[min(place, len(other) - 1)] = rng.randrange(256)
        path.write_bytes(other[: rng.randrange(len(other))] if rng.random() < 0.2 else other)
        try:
            image = opened([path])
            for at in range(0, min(image.media_bytes, 2 << 20), 200_000):
                image.read_at(at, 200_000)
        except SourceError:
            continue
