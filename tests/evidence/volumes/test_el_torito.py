"""Boot images of optical discs against xorriso and genisoimage, and against damage."""

from __future__ import annotations

import random
import re
import struct
from pathlib import Path
from typing import Any

import pytest

from evidence.examine import examine
from evidence.filesystems.reading import FileReader
from evidence.volumes.base import Volume
from tests.evidence.documents import PlainImage, document
from tests.evidence.made_images import blank, need, run

LOADER = random.Random(5).randbytes(25_001)
SECTOR = 2048
_LINE = re.compile(r"boot img :\s+(\d+)\s+(\S+)\s+(\S)\s+(\S+)\s+\S+\s+\S+\s+(\d+)\s+(\d+)")


def diskette(path: Path, name: str) -> Path:
    """A FAT12 of 1.44 MB with one file."""
    need("mkfs.fat", "mcopy")
    run("mkfs.fat", blank(path, 1_474_560))
    (path.parent / name).write_bytes(name.encode())
    run("mcopy", "-i", path, path.parent / name, f"::{name}")
    return path


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("iso") / "source"
    folder.mkdir()
    (folder / "a.txt").write_bytes(b"a file of the disc\n")
    (folder / "loader.bin").write_bytes(LOADER)
    made = folder.parent / "made"
    made.mkdir()
    for name in ("EFI.TXT", "FLOPPY.TXT"):
        diskette(made / f"{name[:-4].lower()}.img", name).rename(folder / f"{name[:-4].lower()}.img")
    return folder


@pytest.fixture(scope="module")
def two(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A disc that boots by BIOS, whose loader is larger than what is loaded of it, and by EFI."""
    need("xorriso")
    path = tmp_path_factory.mktemp("two") / "two.iso"
    bios = ("-b", "loader.bin", "-c", "boot.cat", "-no-emul-boot", "-boot-load-size", "4")
    efi = ("-eltorito-alt-boot", "-e", "efi.img", "-no-emul-boot")
    run("xorriso", "-as", "mkisofs", "-quiet", "-J", "-R", "-o", path, *bios, *efi, source)
    return path


def volumes_of(path: Path) -> tuple[dict[str, Any], list[str], dict[str, list[str]]]:
    found = document(PlainImage(path))
    listed: dict[str, list[str]] = {}
    for row in found["rows"]:
        listed.setdefault(row["volume_id"], []).append(row["path"])
    volumes = {volume["id"]: volume for volume in found["volumes"]}
    return volumes, [problem.what for problem in found["warnings"]], listed


def bytes_of(path: Path, volume: dict[str, Any]) -> bytes:
    """What is on the disc where a volume is said to be."""
    (start,) = re.findall(r"from byte (\d+)", volume["description"])
    return path.read_bytes()[int(start) :][: volume["length"]]


def test_the_images_are_those_that_xorriso_reports(two: Path) -> None:
    volumes, warnings, listed = volumes_of(two)
    said = [match.groups() for match in _LINE.finditer(run("xorriso", "-indev", two, "-report_el_torito", "plain"))]
    assert len(said) == 2
    for number, platform, bootable, emulation, sectors, place in said:
        words = volumes[f"v0.boot{number}"]["description"]
        assert f"for {platform.removeprefix('U')}, " in words
        assert f"from byte {int(place) * SECTOR}" in words
        assert f"{int(sectors) * 512} bytes of it are loaded" in words
        assert ("not bootable" in words) == (bootable != "y")
        assert ("no emulation" in words) == (emulation == "none")
    assert not warnings
    assert [volume for volume in volumes if volume.startswith("v0.boot")] == ["v0.boot1", "v0.boot2"]
    assert volumes["v0.boot1"]["kind"] == "logical"
    assert volumes["v0.boot1"]["length"] == len(LOADER)
    assert bytes_of(two, volumes["v0.boot1"]) == LOADER
    assert volumes["v0.boot2"]["file_system"]["type"] == "fat12"
    assert "/EFI.TXT" in listed["v0.boot2"]


@pytest.mark.parametrize("hidden", [False, True])
def test_a_diskette_is_whole_and_its_files_are_listed(hidden: bool, source: Path, tmp_path: Path) -> None:
    need("genisoimage")
    path = tmp_path / "disc.iso"
    hide = ("-hide", "floppy.img") if hidden else ()
    run("genisoimage", "-quiet", "-R", "-o", path, "-b", "floppy.img", "-c", "boot.cat", *hide, source)
    volumes, warnings, listed = volumes_of(path)
    boot = volumes["v0.boot1"]
    assert boot["length"] == 1_474_560
    assert bytes_of(path, boot) == (source / "floppy.img").read_bytes()
    assert "diskette of 1.44 MB" in boot["description"]
    assert ("the file /" in boot["description"]) != hidden
    assert "/FLOPPY.TXT" in listed["v0.boot1"]
    assert not warnings


def test_a_hard_disk_is_as_large_as_its_partitions(source: Path, tmp_path: Path) -> None:
    need("genisoimage", "sfdisk")
    disk = source / "disk.img"
    run("sfdisk", "-q", blank(disk, 3 << 20), text="label: dos\nstart=63, size=2880, type=1, bootable\n")
    with disk.open("r+b") as file:
        file.seek(63 * 512)
        file.write((source / "floppy.img").read_bytes())
    path = tmp_path / "disc.iso"
    run("genisoimage", "-quiet", "-o", path, "-b", "disk.img", "-hard-disk-boot", "-c", "b.cat", source)
    disk.unlink()
    volumes, _, listed = volumes_of(path)
    assert volumes["v0.boot1"]["length"] == 3 << 20
    assert "hard disk" in volumes["v0.boot1"]["description"]
    assert volumes["v0.boot1.p1"]["start"] == 63 * 512
    assert "/FLOPPY.TXT" in listed["v0.boot1.p1"]


def test_a_file_of_a_boot_image_is_read_by_its_address(two: Path) -> None:
    image, volumes, address = PlainImage(two), dict[str, Volume](), ""
    for seen in examine(image, hash_files=False):
        if isinstance(seen, Volume):
            volumes[seen.id] = seen
        elif isinstance(seen, tuple):
            address = next((str(row[12]) for row in seen if row[5] == "/EFI.TXT"), address)
    assert FileReader(image).content([volumes["v0"], volumes["v0.boot2"]], address).read(0, 99) == b"EFI.TXT"


def catalogue(path: Path) -> tuple[bytearray, int]:
    """The bytes of a disc, and where its catalogue is."""
    data = bytearray(path.read_bytes())
    return data, struct.unpack_from("<I", data, 17 * SECTOR + 71)[0] * SECTOR


@pytest.mark.parametrize(
    ("at", "change", "words"),
    [
        (0, b"\7", "does not begin as one"),
        (28, b"\0\1", "checksum is wrong"),
        (32, b"\x42", "makes no sense"),
        (40, b"\xff\xff\xff\x7f", "0 are on the media"),
        (38, b"\xff\xff", "are on the media"),
        (66, b"\xff\xff", "makes no sense"),
    ],
)
def test_damage_of_the_catalogue_is_told(at: int, change: bytes, words: str, two: Path, tmp_path: Path) -> None:
    data, place = catalogue(two)
    data[place + at : place + at + len(change)] = change
    (tmp_path / "a.iso").write_bytes(data)
    _, warnings, listed = volumes_of(tmp_path / "a.iso")
    assert any(words in what for what in warnings), warnings
    assert "/A.TXT" in {path.upper() for path in listed["v0"]}


def test_a_catalogue_past_the_end_is_told(two: Path, tmp_path: Path) -> None:
    data, _ = catalogue(two)
    struct.pack_into("<I", data, 17 * SECTOR + 71, 0xFFFFFFFF)
    (tmp_path / "a.iso").write_bytes(data)
    assert any("past the end of the media" in what for what in volumes_of(tmp_path / "a.iso")[1])


def test_a_disc_that_does_not_boot_has_no_boot_images(source: Path, tmp_path: Path) -> None:
    need("genisoimage")
    run("genisoimage", "-quiet", "-o", tmp_path / "a.iso", source)
    volumes, warnings, _ = volumes_of(tmp_path / "a.iso")
    assert not any("boot" in volume for volume in volumes)
    assert not warnings


def test_a_boot_image_that_is_the_disc_itself_does_not_lead_on_without_end(two: Path, tmp_path: Path) -> None:
    data, place = catalogue(two)
    struct.pack_into("<HI", data, place + 32 + 6, 0xFFFF, 0)
    (tmp_path / "a.iso").write_bytes(data)
    volumes, warnings, _ = volumes_of(tmp_path / "a.iso")
    assert [volume for volume in volumes if volume.startswith("v0.boot1.boot")] == []
    assert any("was not looked for" in what for what in warnings)
