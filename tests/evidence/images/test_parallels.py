import random
import struct
from pathlib import Path

import pytest

from evidence.digest import hash_media
from evidence.errors import DamagedContainerError, MissingSegmentError, UnreadableRegionError, UnsupportedContainerError
from tests.evidence.images.conftest import Open
from tests.evidence.images.qemu import as_raw, converted, disk, needs_qemu, run, written

CLUSTER = 4096
NOBODY = "{00000000-0000-0000-0000-000000000000}"


def expanding(
    path: Path, clusters: dict[int, bytes], *, count: int = 16, extended: bool = False, sectors: int | None = None
) -> Path:
    """Write an expanding image with clusters of 4 KiB, stored in the reverse of their order."""
    table, data, place = [0] * count, b"", 1
    for number in sorted(clusters, reverse=True):
        table[number] = place if extended else place * CLUSTER // 512
        data += clusters[number]
        place += 1
    signature = b"WithouFreSpacExt" if extended else b"WithoutFreeSpace"
    header = struct.pack("<16s5IQ2I", signature, 2, 16, 1, 8, count, count * 8 if sectors is None else sectors, 0, 8)
    path.write_bytes((header.ljust(64, b"\0") + struct.pack(f"<{count}I", *table)).ljust(CLUSTER, b"\0") + data)
    return path


def noise(*numbers: int) -> dict[int, bytes]:
    return {number: random.Random(number).randbytes(CLUSTER) for number in numbers}


def media(*layers: dict[int, bytes], count: int = 16) -> bytes:
    whole = {number: data for layer in layers for number, data in layer.items()}
    return b"".join(whole.get(number, bytes(CLUSTER)) for number in range(count))


@needs_qemu
def test_what_qemu_wrote_is_read_as_qemu_reads_it(tmp_path: Path, opened: Open) -> None:
    raw = disk(tmp_path / "disk.raw", 9 * 1024 * 1024 + 512)
    image = opened([converted(raw, tmp_path / "disk.hdd", "parallels")])
    assert image.container == "parallels"
    assert image.read_at(0, 1 << 30) == raw.read_bytes()
    assert not image.problems
    assert hash_media(image).digests == hash_media(opened([raw])).digests


@needs_qemu
@pytest.mark.parametrize("size", ["4k", "64k", "2M"])
def test_clusters_of_other_sizes_are_read(size: str, tmp_path: Path, opened: Open) -> None:
    path = tmp_path / "disk.hdd"
    run("qemu-img", "create", "-f", "parallels", "-o", f"cluster_size={size}", path, "20M")
    written(path, "parallels", "write -P 3 4k 4k", "write -P 4 9M 130k", "write -P 5 20967424 4k")
    assert opened([path]).read_at(0, 20 << 20) == as_raw(path, "parallels")


@needs_qemu
@pytest.mark.parametrize("extended", [False, True])
def test_both_kinds_are_read(extended: bool, tmp_path: Path, opened: Open) -> None:
    clusters = noise(0, 3, 4, 15)
    path = expanding(tmp_path / "disk.hdd", clusters, extended=extended)
    assert opened([path]).read_at(0, 1 << 20) == media(clusters) == as_raw(path, "parallels")


def test_the_older_kind_has_32_bits_for_its_sectors(tmp_path: Path, opened: Open) -> None:
    path = expanding(tmp_path / "disk.hdd", noise(1), sectors=1 << 40 | 100)
    assert opened([path]).media_bytes == 51_200


@pytest.mark.parametrize(
    ("words", "at", "value"),
    [
        ("clusters of 0 sectors", 28, 0),
        ("clusters of 4294967295 sectors", 28, 0xFFFFFFFF),
        ("table has 3 entries", 32, 3),
        ("behind the end", 36, 0x7FFFF000),
    ],
)
def test_a_header_that_says_what_cannot_be_is_refused(
    words: str, at: int, value: int, tmp_path: Path, opened: Open
) -> None:
    path = expanding(tmp_path / "disk.hdd", noise(1))
    data = bytearray(path.read_bytes())
    struct.pack_into("<I", data, at, value)
    if words == "behind the end":
        struct.pack_into("<I", data, 32, 0x7FFFFFFF)
        struct.pack_into("<I", data, 28, 1 << 10)
    path.write_bytes(data)
    with pytest.raises(DamagedContainerError, match=words):
        opened([path])


def test_a_version_that_is_not_known_and_a_cut_header_are_refused(tmp_path: Path, opened: Open) -> None:
    data = bytearray(expanding(tmp_path / "disk.hdd", noise(1)).read_bytes())
    (tmp_path / "disk.hdd").write_bytes(data[:40])
    with pytest.raises(DamagedContainerError, match="cut off"):
        opened([tmp_path / "disk.hdd"])
    data[16] = 7
    (tmp_path / "disk.hdd").write_bytes(data)
    with pytest.raises(UnsupportedContainerError, match="version 7"):
        opened([tmp_path / "disk.hdd"])


@pytest.mark.parametrize(("entry", "words"), [(0x1000, "behind the end"), (1, "table itself")])
def test_a_cluster_that_cannot_be_there_is_lost_and_told(entry: int, words: str, tmp_path: Path, opened: Open) -> None:
    path = expanding(tmp_path / "disk.hdd", noise(1, 2))
    data = bytearray(path.read_bytes())
    struct.pack_into("<II", data, 44, 0x746F6E59, 0)
    struct.pack_into("<I", data, 64 + 4, entry if entry > 1 else 0)
    if entry == 1:
        data[64 + 4 : 64 + 8] = b"\0\0\0\0"
        struct.pack_into("<Q", data, 36, 300 * 8)
        struct.pack_into("<I", data, 32, 300)
        struct.pack_into("<I", data, 64 + 4, 1)
    path.write_bytes(data)
    image = opened([path])
    assert 64 + 4 in [problem.offset_bytes for problem in image.problems if words in problem.what]
    assert any("in use" in problem.what for problem in image.problems)
    with pytest.raises(UnreadableRegionError, match=words) as caught:
        image.read_at(0, 3 * CLUSTER)
    assert (caught.value.offset_bytes, caught.value.length_bytes) == (CLUSTER, CLUSTER)
    assert image.read_at(2 * CLUSTER, CLUSTER) == noise(2)[2]


def bundle(folder: Path, images: list[tuple[str, str, str]], shots: list[tuple[str, str]], more: str = "") -> Path:
    folder.mkdir(exist_ok=True)
    parts = "".join(f"<Image><GUID>{g}</GUID><Type>{t}</Type><File>{f}</File></Image>" for g, t, f in images)
    line = "".join(f"<Shot><GUID>{g}</GUID><ParentGUID>{p}</ParentGUID></Shot>" for g, p in shots)
    (folder / "DiskDescriptor.xml").write_text(
        "<?xml version='1.0' encoding='UTF-8'?><Parallels_disk_image Version=\"1.0\"><Disk_Parameters>"
        f"<Disk_size>128</Disk_size>{more}</Disk_Parameters><StorageData><Storage><Start>0</Start><End>128</End>"
        f"{parts}</Storage></StorageData><Snapshots>{line}</Snapshots></Parallels_disk_image>",
        "utf-8",
    )
    return folder


def test_a_folder_is_opened_in_its_present_state(tmp_path: Path, opened: Open) -> None:
    images = [("{a}", "Compressed", "base.hds"), ("{b}", "Compressed", "top.hds")]
    folder = bundle(tmp_path / "disk.hdd", images, [("{a}", NOBODY), ("{b}", "{a}")])
    expanding(folder / "base.hds", noise(1, 2, 7))
    expanding(folder / "top.hds", noise(3) | {2: b"x" * CLUSTER}, extended=True)
    for path in (folder, folder / "DiskDescriptor.xml"):
        image = opened([path])
        assert image.container == "parallels"
        assert image.read_at(0, 1 << 20) == media(noise(1, 2, 7), noise(3), {2: b"x" * CLUSTER})
        assert [file.name for file in image.paths] == ["DiskDescriptor.xml", "top.hds", "base.hds"]
        assert [problem.is_damage for problem in image.problems] == [False]
    assert opened([folder / "top.hds"]).read_at(0, 1 << 20) == image.read_at(0, 1 << 20)
    assert opened([folder / "base.hds"]).read_at(0, 1 << 20) == media(noise(1, 2, 7))
    (folder / "base.hds").unlink()
    with pytest.raises(MissingSegmentError, match=r"base\.hds"):
        opened([folder])


def test_a_plain_disk_in_a_folder_is_read(tmp_path: Path, opened: Open) -> None:
    folder = bundle(tmp_path / "disk.hdd", [("{a}", "Plain", "disk.hds")], [])
    (folder / "disk.hds").write_bytes(media(noise(4)))
    image = opened([folder])
    assert image.read_at(0, 1 << 20) == media(noise(4))
    assert not image.problems


def test_what_is_not_simple_is_refused_by_name(tmp_path: Path, opened: Open) -> None:
    one = [("{a}", "Compressed", "../a.hds")]
    engine = "<Encryption><Engine>{11111111-0000-0000-0000-000000000000}</Engine></Encryption>"
    expanding(tmp_path / "a.hds", noise(1))
    folder = bundle(tmp_path / "disk.hdd", one, [], engine)
    with pytest.raises(UnsupportedContainerError, match="encrypted"):
        opened([folder])
    with pytest.raises(MissingSegmentError):
        opened([bundle(folder, one, [])])
    with pytest.raises(UnsupportedContainerError, match="2 present states"):
        opened([bundle(folder, [*one, ("{b}", "Plain", "b")], [])])
    with pytest.raises(UnsupportedContainerError, match="0 present states"):
        opened([bundle(folder, [*one, ("{b}", "Plain", "b")], [("{a}", "{b}"), ("{b}", "{a}")])])
    with pytest.raises(DamagedContainerError, match="lead to no image"):
        opened([bundle(folder, one, [("{a}", "{z}")])])
    bundle(folder, one, [])
    text = (folder / "DiskDescriptor.xml").read_text("utf-8")
    split = text.replace("</Storage></StorageData>", "</Storage><Storage/></StorageData>")
    (folder / "DiskDescriptor.xml").write_text(split, "utf-8")
    with pytest.raises(UnsupportedContainerError, match="split"):
        opened([folder])
    for bad in (text[:-30], text.replace("?>", '?><!DOCTYPE x [<!ENTITY a "b">]>'), text + " " * (1 << 20)):
        (folder / "DiskDescriptor.xml").write_text(bad, "utf-8")
        with pytest.raises(DamagedContainerError, match="descriptor"):
            opened([folder])
