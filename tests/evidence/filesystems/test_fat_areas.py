"""Boot sector and tables of FAT and exFAT, which stand in a listing without having an entry."""

from __future__ import annotations

import hashlib
import struct
from pathlib import Path

import pytest

from evidence.filesystems import signatures, sleuthkit
from evidence.filesystems.fat_areas import areas
from tests.evidence.documents import PlainImage, document
from tests.evidence.made_images import need, run


@pytest.mark.parametrize("sector_bytes", [512, 1024, 4096])
@pytest.mark.parametrize("copies", [1, 2])
def test_they_are_read_whatever_the_size_of_a_sector(tmp_path: Path, sector_bytes: int, copies: int) -> None:
    need("mkfs.fat")
    path = tmp_path / "fat"
    path.touch()
    with path.open("r+b") as file:
        file.truncate(6000 * sector_bytes)
    run("mkfs.fat", "-F", "16", "-s", "1", "-r", "512", "-S", str(sector_bytes), "-f", str(copies), path)
    raw = path.read_bytes()
    reserved, length = struct.unpack_from("<H", raw, 14)[0], struct.unpack_from("<H", raw, 22)[0] * sector_bytes
    first = reserved * sector_bytes
    expected = {"/$MBR": raw[:512], "/$FAT1": raw[first : first + length]}
    if copies == 2:
        expected["/$FAT2"] = raw[first + length : first + 2 * length]
    found = document(PlainImage(path))
    rows = {row["path"]: row for row in found["rows"] if row["kind"] == "virtual"}
    assert {name: row["sha256"] for name, row in rows.items()} == {
        name: hashlib.sha256(content).digest() for name, content in expected.items()
    }
    assert found["warnings"] == []
    image = PlainImage(path)
    seen = signatures.fat(image)
    assert seen is not None
    opened = sleuthkit.open_by_signature(image, seen)
    for name, content in expected.items():
        source = opened.content(rows[name]["address"])
        assert source.read(100, 200) == content[100:300]
        assert list(source.within(100, 200)) == [(100, raw.index(content[:64]) + 100, 200)] or name == "/$FAT2"
        assert opened.slack(rows[name]["address"]).size_bytes == 0


def test_the_table_of_an_exfat_is_where_its_boot_sector_says(tmp_path: Path) -> None:
    path = tmp_path / "exfat"
    boot = bytearray(512)
    struct.pack_into("<II", boot, 80, 5, 2)
    boot[108:111] = bytes((10, 0, 1))
    path.write_bytes(bytes(boot).ljust(5 * 1024, b"\1") + b"table".ljust(2048, b"\2") + b"behind")
    main, table = areas(PlainImage(path), exfat=True)
    assert (main.size_bytes, table.size_bytes) == (512, 2048)
    assert table.read(0, 9999) == b"table".ljust(2048, b"\2")
    path.write_bytes(path.read_bytes()[: 6 * 1024])
    with pytest.raises(OSError, match="ends before byte 7168"):
        areas(PlainImage(path), exfat=True)[1].read(0, 2048)


def test_an_exfat_of_few_clusters_has_nothing_that_cannot_be_read(tmp_path: Path) -> None:
    """Its table begins behind as many sectors as there are clusters, or more."""
    need("mkfs.exfat")
    path = tmp_path / "exfat"
    path.touch()
    with path.open("r+b") as file:
        file.truncate(20 << 20)
    run("mkfs.exfat", "-c", "128K", path)
    found = document(PlainImage(path))
    assert found["warnings"] == []
    (table,) = [row for row in found["rows"] if row["path"] == "/$FAT1"]
    boot = path.read_bytes()
    at, length = struct.unpack_from("<II", boot, 80)
    assert table["sha256"] == hashlib.sha256(boot[at << boot[108] :][: length << boot[108]]).digest()
