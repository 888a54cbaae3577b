from pathlib import Path

import pytest

from evidence.errors import DamagedContainerError, UnreadableRegionError, UnsupportedContainerError
from tests.evidence.images.conftest import Open
from tests.evidence.images.qemu import converted, disk, needs_qemu

pytestmark = needs_qemu

SIZE = 1 << 20
CLUSTER = 1 << 16


def made(folder: Path, *options: str) -> tuple[Path, bytearray]:
    (folder / "disk.raw").write_bytes(b"evidence" * (SIZE // 8))
    path = converted(folder / "disk.raw", folder / "disk.qcow2", "qcow2", *options)
    return path, bytearray(path.read_bytes())


def put(data: bytearray, at: int, value: int, size: int) -> None:
    data[at : at + size] = value.to_bytes(size, "big")


def number(data: bytearray, at: int) -> int:
    return int.from_bytes(data[at : at + 8], "big")


def l2_of(data: bytearray) -> int:
    return number(data, number(data, 40)) & 0x00FFFFFFFFFFFE00


CLAIMS = [
    ("clusters of 2\\^8", 20, 8, 4),
    ("clusters of 2\\^22", 20, 22, 4),
    ("clusters of 2\\^4294967295", 20, 0xFFFFFFFF, 4),
    ("bytes of media", 24, (1 << 63) + 512, 8),
    ("L1 table has 1 entries", 24, 1 << 40, 8),
    ("L1 table has 0 entries", 36, 0, 4),
    ("L1 table does not lie inside", 40, 1 << 50, 8),
    ("L1 table does not lie inside", 40, 0, 8),
    ("name of the backing file would have", 8, (1 << 32 | 5) << 16, 12),
    ("header says that it has 4294967295 bytes", 100, 0xFFFFFFFF, 4),
    ("header says that it has 8 bytes", 100, 8, 4),
    ("header extension", 116, 0x7FFFFFFF, 4),
    ("feature bit that says otherwise", 104, 1, 1),
]


@pytest.mark.parametrize(("words", "at", "value", "size"), CLAIMS)
def test_a_header_that_says_what_cannot_be_is_refused(
    words: str, at: int, value: int, size: int, tmp_path: Path, opened: Open
) -> None:
    path, data = made(tmp_path)
    put(data, at, value, size)
    path.write_bytes(data)
    with pytest.raises(DamagedContainerError, match=words):
        opened([path])


def test_an_l1_table_larger_than_bearable_is_refused(tmp_path: Path, opened: Open) -> None:
    path, data = made(tmp_path)
    put(data, 24, 1 << 60, 8)
    put(data, 36, 0xFFFFFFFF, 4)
    path.write_bytes(data)
    with pytest.raises(DamagedContainerError, match="the L1 table would have"):
        opened([path])


@pytest.mark.parametrize("length", [4, 7, 71, 80, 103, 104, 110])
def test_a_header_that_is_cut_off_is_refused(length: int, tmp_path: Path, opened: Open) -> None:
    path, data = made(tmp_path)
    path.write_bytes(data[:length])
    with pytest.raises(DamagedContainerError):
        opened([path])


def test_unknown_features_versions_and_compressions_are_refused_by_name(tmp_path: Path, opened: Open) -> None:
    path, data = made(tmp_path)
    for at, value, words in ((7, 9, "version 9"), (72, 0x80, "bit 63"), (104, 7, "compression of type 7")):
        other = bytearray(data)
        other[at] = value
        path.write_bytes(other)
        with pytest.raises(UnsupportedContainerError, match=words):
            opened([path])


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        (1 << 40, "behind the end of the file"),
        (CLUSTER + 512, "leads to no cluster"),
        (CLUSTER | 1 << 60, "reserved bits"),
        (CLUSTER | 1 << 3, "reserved bits"),
    ],
)
def test_an_entry_of_an_l2_table_that_cannot_be_loses_its_cluster_only(
    entry: int, words: str, tmp_path: Path, opened: Open
) -> None:
    path, data = made(tmp_path)
    put(data, l2_of(data) + 8 * 5, entry, 8)
    path.write_bytes(data)
    image = opened([path])
    with pytest.raises(UnreadableRegionError, match=words) as caught:
        image.read_at(0, SIZE)
    assert (caught.value.offset_bytes, caught.value.length_bytes) == (5 * CLUSTER, CLUSTER)
    assert image.read_at(0, 5 * CLUSTER) == b"evidence" * (5 * CLUSTER // 8)
    assert image.read_at(6 * CLUSTER, SIZE) == b"evidence" * (10 * CLUSTER // 8)


@pytest.mark.parametrize("entry", [1 << 40, CLUSTER + 512, 1 << 62 | CLUSTER])
def test_an_entry_of_the_l1_table_that_cannot_be_is_told(entry: int, tmp_path: Path, opened: Open) -> None:
    path, data = made(tmp_path)
    put(data, number(data, 40), entry, 8)
    path.write_bytes(data)
    image = opened([path])
    (problem,) = image.problems
    assert "Entry 0 of the L1 table" in problem.what
    assert problem.offset_bytes == int.from_bytes(path.read_bytes()[40:48], "big")
    with pytest.raises(UnreadableRegionError):
        image.read_at(0, 1)


def test_the_zero_mark_means_nothing_in_version_2(tmp_path: Path, opened: Open) -> None:
    path, data = made(tmp_path, "-o", "compat=0.10")
    data[l2_of(data) + 7] |= 1
    path.write_bytes(data)
    with pytest.raises(UnreadableRegionError, match="reserved"):
        opened([path]).read_at(0, 1)


def test_a_cut_file_gives_what_it_has_and_no_zeros_for_the_rest(tmp_path: Path, opened: Open) -> None:
    path, data = made(tmp_path)
    path.write_bytes(data[: -3 * CLUSTER - 1000])
    image = opened([path])
    with pytest.raises(UnreadableRegionError, match="behind the end") as caught:
        image.read_at(0, SIZE)
    lost = caught.value.offset_bytes
    assert image.read_at(0, lost) == (b"evidence" * (SIZE // 8))[:lost]
    assert caught.value.length_bytes == SIZE - lost


@pytest.mark.parametrize("kind", ["zlib", "zstd"])
def test_a_damaged_compressed_cluster_is_unreadable_as_a_whole(kind: str, tmp_path: Path, opened: Open) -> None:
    disk(tmp_path / "noise.raw", SIZE, seed=4)
    path = converted(tmp_path / "noise.raw", tmp_path / "disk.qcow2", "qcow2", "-c", "-o", f"compression_type={kind}")
    data = bytearray(path.read_bytes())
    entries = [number(data, l2_of(data) + 8 * index) for index in range(16)]
    index, entry = next((i, e) for i, e in enumerate(entries) if e >> 62 & 1)
    place = entry & (1 << 54) - 1
    data[place : place + 600] = b"\xff" * 600
    path.write_bytes(data)
    with pytest.raises(UnreadableRegionError, match=r"cannot be|gives") as caught:
        opened([path]).read_at(index * CLUSTER + 100, 10)
    assert (caught.value.offset_bytes, caught.value.length_bytes) == (index * CLUSTER, CLUSTER)


def test_subclusters_that_contradict_each_other_are_unreadable(tmp_path: Path, opened: Open) -> None:
    path, data = made(tmp_path, "-o", "extended_l2=on")
    put(data, l2_of(data) + 8, 1 << 32 | 1, 8)
    put(data, l2_of(data) + 16, 0, 8)
    path.write_bytes(data)
    image = opened([path])
    with pytest.raises(UnreadableRegionError, match="contradict"):
        image.read_at(0, 1)
    with pytest.raises(UnreadableRegionError, match="no cluster"):
        image.read_at(CLUSTER, 1)


def test_a_snapshot_table_that_cannot_be_is_told(tmp_path: Path, opened: Open) -> None:
    path, data = made(tmp_path)
    put(data, 60, 0xFFFFFFFF, 4)
    put(data, 64, 1 << 63, 8)
    path.write_bytes(data)
    image = opened([path])
    assert "cut off" in image.problems[0].what
    assert image.read_at(0, SIZE) == b"evidence" * (SIZE // 8)
