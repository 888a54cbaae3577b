"""Btrfs on several partitions, volumes or images: all of them, some, in any order; ``btrfs`` reads the same trees."""

from __future__ import annotations

import random
import re
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from evidence.errors import UnreadableContentError
from evidence.examine import examine
from evidence.filesystems.reading import FileReader
from evidence.images import Image, open_image
from evidence.volumes.base import Volume
from tests.evidence.documents import PlainImage, document
from tests.evidence.filesystems.btrfs_images import made
from tests.evidence.filesystems.btrfs_spread import MIB, Spread
from tests.evidence.made_images import need, run
from tests.evidence.volumes.lvm_images import EXTENT_BYTES, Physical, group, linear, segment, snapshot_store, volume

LAYOUTS = [("single", 2), ("raid0", 2), ("raid0", 3), ("raid1", 2), ("raid1", 3), ("raid10", 4)]
BIG = random.Random(8).randbytes(1_500_003)
Made = Callable[[str, int], Spread]


@pytest.fixture(scope="module")
def single(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    need("sfdisk")
    folder = tmp_path_factory.mktemp("btrfs")
    source = folder / "source"
    (source / "deep" / "er").mkdir(parents=True)
    (source / "big").write_bytes(BIG)
    for index in range(60):
        (source / "deep" / f"file-{index}.txt").write_bytes(b"%d\n" % index * (1 + index * 100))
    return made(folder / "b.img", source, "-m", "single", "-d", "single", "-n", "4096").read_bytes()


@pytest.fixture(scope="module")
def spread(single: bytes, tmp_path_factory: pytest.TempPathFactory) -> Made:
    path = tmp_path_factory.mktemp("spread") / "b.img"
    known: dict[tuple[str, int], Spread] = {}

    def give(profile: str, count: int) -> Spread:
        if (profile, count) not in known:
            path.write_bytes(single)
            known[profile, count] = Spread(path, profile, count)
        return known[profile, count]

    return give


@pytest.fixture(scope="module")
def expected(single: bytes, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    path = tmp_path_factory.mktemp("single") / "b.img"
    path.write_bytes(single)
    return contents(path)[0]


def contents(path: Path) -> tuple[dict[str, Any], list[tuple[str, str]], dict[str, Any]]:
    found = document(PlainImage(path))
    columns = ("address", "size_bytes", "modified_ns", "sha256")
    rows = {row["path"]: tuple(row[column] for column in columns) for row in found["rows"]}
    warnings = [(problem.where, problem.what) for problem in found["warnings"]]
    return rows, warnings, {volume["id"]: volume["file_system"] for volume in found["volumes"]}


def content_of(image: Image, volume_ids: list[str], address: str) -> bytes:
    """A content read again by its address, as viewers and export do."""
    seen = {item.id: item for item in examine(image, hash_files=False) if isinstance(item, Volume)}
    content = FileReader(image).content([seen[volume_id] for volume_id in volume_ids], address)
    return content.read(0, 2 * MIB)


@pytest.mark.parametrize(("profile", "count"), LAYOUTS)
def test_all_devices_together_give_every_file(
    profile: str, count: int, spread: Made, expected: dict[str, Any], tmp_path: Path
) -> None:
    path = spread(profile, count).disk(tmp_path / "disk.img", list(range(count, 0, -1)))
    rows, warnings, volumes = contents(path)
    assert rows == expected
    assert [where for where, _ in warnings] == [f"v0.p{number}" for number in range(2, count + 1)]
    assert all(
        "whose files are listed with the partition or volume of it that comes first" in what for _, what in warnings
    )
    assert all(volumes[f"v0.p{number}"]["type"] == "btrfs" for number in range(1, count + 1))


@pytest.mark.parametrize(("profile", "count"), LAYOUTS)
def test_btrfs_itself_finds_the_same_names_on_these_devices(
    profile: str, count: int, spread: Made, tmp_path: Path
) -> None:
    need("btrfs")
    said = run("btrfs", "inspect-internal", "dump-tree", "--noscan", "-t", "5", *spread(profile, count).files(tmp_path))
    assert len(re.findall(r"item \d+ key \(\d+ DIR_INDEX", said)) == 60 + 3
    assert "name: file-59" in said


@pytest.mark.parametrize(
    ("profile", "order"), [("raid1", [2]), ("raid1", [1]), ("raid10", [1, 3]), ("raid10", [4, 2, 3])]
)
def test_what_has_a_copy_elsewhere_is_read_without_a_device(
    profile: str, order: list[int], spread: Made, expected: dict[str, Any], tmp_path: Path
) -> None:
    count = 2 if profile == "raid1" else 4
    rows, warnings, _ = contents(spread(profile, count).disk(tmp_path / "disk.img", order))
    missing = ", ".join(str(number) for number in range(1, count + 1) if number not in order)
    assert rows == expected
    assert sum(f"missing here: device {missing}." in what for _, what in warnings) == 1
    assert not any("damaged" in what for _, what in warnings)


@pytest.mark.parametrize(("profile", "order"), [("raid0", [1]), ("raid0", [2]), ("single", [1]), ("single", [2])])
def test_what_has_no_copy_is_refused_in_words(
    profile: str, order: list[int], spread: Made, expected: dict[str, Any], tmp_path: Path
) -> None:
    found = document(PlainImage(spread(profile, 2).disk(tmp_path / "disk.img", order)))
    said = " ".join([*(problem.what for problem in found["warnings"]), *(row["note"] or "" for row in found["rows"])])
    assert f"device {3 - order[0]} of the file system is missing" in said
    wrong = [row["path"] for row in found["rows"] if row["sha256"] not in (None, expected[row["path"]][3])]
    assert not wrong


def test_a_device_that_was_left_behind_is_told_and_not_used(
    single: bytes, expected: dict[str, Any], tmp_path: Path
) -> None:
    path = tmp_path / "b.img"
    path.write_bytes(single)
    devices = Spread(path, "raid1", 2)
    devices.set_generation(1, -3)
    rows, warnings, _ = contents(devices.disk(tmp_path / "disk.img", [1, 2]))
    assert rows == expected
    assert any("Device 1 was last written" in what and "left out" in what for _, what in warnings)


def test_a_device_that_is_there_twice_is_told(spread: Made, expected: dict[str, Any], tmp_path: Path) -> None:
    rows, warnings, _ = contents(spread("raid1", 2).disk(tmp_path / "disk.img", [1, 2, 2]))
    assert rows == expected
    assert ("v0.p1", "Device 2 is there more than once; the first is used.") in warnings


@pytest.mark.parametrize(("profile", "order"), [("raid0", [1, 2, 3]), ("raid1", [2, 1])])
def test_raw_images_of_all_devices_given_together_are_read_as_one(
    profile: str, order: list[int], spread: Made, expected: dict[str, Any], tmp_path: Path
) -> None:
    files = spread(profile, len(order)).files(tmp_path)
    paths = [files[number - 1].rename(tmp_path / f"{name}.dd") for name, number in zip("bca", order, strict=False)]
    with paths[0].open("ab") as file:
        file.write(bytes(3 * 512))  # a device is used in whole blocks
    image = open_image(paths)
    found = document(image)
    columns = ("address", "size_bytes", "modified_ns", "sha256")
    assert {row["path"]: tuple(row[column] for column in columns) for row in found["rows"]} == expected
    assert [problem.what for problem in found["warnings"]] == [
        f"The media is {len(order)} devices of a Btrfs, one behind the other: they are read together."
    ]
    row = next(row for row in found["rows"] if row["path"] == "/big")
    assert content_of(image, ["v0"], row["address"]) == BIG
    image.close()


def test_a_media_that_partitions_divide_is_not_read_as_several_devices_nor_its_files_by_their_address(
    spread: Made, expected: dict[str, Any], tmp_path: Path
) -> None:
    first, second = map(bytearray, spread("raid0", 2).devices)
    first[446:462] = struct.pack("<B3xB3xII", 0, 0x83, 2048, 2048)
    first[510:512] = b"\x55\xaa"
    (tmp_path / "disk.dd").write_bytes(first + second)
    image = PlainImage(tmp_path / "disk.dd")
    found = document(image)
    assert {"v0", "v0.p1"} <= {volume["id"] for volume in found["volumes"]}
    assert not any("they are read together" in problem.what for problem in found["warnings"])
    assert not [row for row in found["rows"] if row["path"] == "/big" and row["sha256"]]
    with pytest.raises(UnreadableContentError):
        content_of(image, ["v0"], expected["/big"][0])


@pytest.mark.parametrize(
    ("profile", "words"),
    [("raid0", "spans 3 devices, and of them only these are here: 2."), ("raid1", "missing here: device 1.")],
)
def test_an_image_of_one_device_alone_tells_which_are_missing_and_how_to_read_all(
    profile: str, words: str, spread: Made, tmp_path: Path
) -> None:
    found = document(PlainImage(spread(profile, 3).files(tmp_path)[1]))
    said = [problem.what for problem in found["warnings"]]
    assert any(words in what and "give their files at once" in what for what in said), said


def test_devices_on_volumes_of_one_group_are_read_together_and_a_snapshot_of_one_is_not(
    spread: Made, expected: dict[str, Any], tmp_path: Path
) -> None:
    devices = spread("raid0", 2).devices
    size = len(devices[0]) // EXTENT_BYTES
    text = "".join(volume(f"d{n}", linear(0, size, "pv0", n * size)) for n in range(2))
    text += volume("store", linear(0, 4, "pv0", 2 * size))
    fields = 'chunk_size = 8\norigin = "d0"\ncow_store = "store"\n'
    text += volume("snapshot0", segment("snapshot", 0, size, fields), visible=False)
    media = Physical(0, group(text, extents=2 * size + 4), extents=2 * size + 4)
    for number, device in enumerate(devices):
        media.extent(number * size, bytes(device))
    media.extent(2 * size, snapshot_store(4096, {}, size_bytes=4 * EXTENT_BYTES))
    (tmp_path / "disk.dd").write_bytes(media.data)
    image = PlainImage(tmp_path / "disk.dd")
    found = document(image)
    rows = {row["path"]: row for row in found["rows"] if row["volume_id"] == "v0.lvd0"}
    assert {path: row["sha256"] for path, row in rows.items()} == {path: known[3] for path, known in expected.items()}
    assert any("device 2 of a Btrfs on 2 devices" in problem.what for problem in found["warnings"])
    assert content_of(image, ["v0", "v0.lvd0"], rows["/big"]["address"]) == BIG


def test_a_single_file_is_read_from_all_devices_by_its_address(spread: Made, tmp_path: Path) -> None:
    image = PlainImage(spread("raid0", 3).disk(tmp_path / "disk.img", [1, 2, 3]))
    row = next(row for row in document(image, hash_files=False)["rows"] if row["path"] == "/big")
    assert content_of(image, ["v0", "v0.p1"], row["address"]) == BIG
